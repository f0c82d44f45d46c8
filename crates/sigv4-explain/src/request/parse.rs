//! Splits a text into its parts. Nothing is guessed: a line that is not a header is an error with
//! its number.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

use super::{RequestText, ResponseText, UnreadableRequest};

pub(super) fn read(text: &str) -> Result<RequestText, UnreadableRequest> {
    let text = text.trim_start_matches('\u{feff}');
    if text.lines().any(is_sent) {
        return read_curl(text);
    }
    let bare = text.trim().trim_matches(['\'', '"', '<', '>', '`']);
    if bare.starts_with("http://") || bare.starts_with("https://") {
        return read_url(bare);
    }
    read_raw(text)
}

/// Whether a line is a request line that `curl -v` marks as sent.
fn is_sent(line: &str) -> bool {
    line.strip_prefix("> ").is_some_and(|line| request_line(line.trim_end()).is_some())
}

fn read_url(text: &str) -> Result<RequestText, UnreadableRequest> {
    let malformed = UnreadableRequest::Target { line: 1 };
    if text.contains(char::is_whitespace) {
        return Err(malformed);
    }
    let target = Target::read(text).ok_or(malformed)?;
    Ok(RequestText { method_is_known: false, ..target.into_request(Method::GET) })
}

/// Parses a request line, headers, an empty line and a body.
fn read_raw(text: &str) -> Result<RequestText, UnreadableRequest> {
    let mut lines = Lines { rest: text, number: 0 };
    let first = loop {
        let line = lines.next().ok_or(UnreadableRequest::NoRequest)?;
        if !line.trim().is_empty() {
            break line;
        }
    };
    let Some((method, target)) = request_line(first) else {
        // It is meant as a request line if it begins with a method.
        let word = first.split(' ').next().unwrap_or_default();
        let method = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
        return Err(if method {
            UnreadableRequest::Target { line: lines.number }
        } else {
            UnreadableRequest::NoRequest
        });
    };
    let target = Target::read(target).ok_or(UnreadableRequest::Target { line: lines.number })?;
    let mut headers = HeaderMap::new();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            break;
        }
        add_header(&mut headers, line, lines.number)?;
    }
    let body = cut_to_length(lines.rest, &headers);
    Ok(RequestText { headers, body, ..target.into_request(method) })
}

/// Parses the lines that `curl -v` marks with `>` and `<`. The unmarked lines after them are the
/// body.
fn read_curl(text: &str) -> Result<RequestText, UnreadableRequest> {
    let mut request: Option<RequestText> = None;
    let mut lines = Lines { rest: text, number: 0 };
    let mut in_body = false;
    while let Some(line) = lines.next() {
        let number = lines.number;
        if let Some(sent) = line.strip_prefix('>').filter(|it| it.is_empty() || it.starts_with(' '))
        {
            let sent = sent.trim();
            in_body = false;
            if let Some((method, target)) = request_line(sent) {
                let target =
                    Target::read(target).ok_or(UnreadableRequest::Target { line: number })?;
                request = Some(target.into_request(method));
            } else if let Some(request) = request.as_mut()
                && !sent.is_empty()
            {
                add_header(&mut request.headers, sent, number)?;
            }
        } else if let Some(got) =
            line.strip_prefix('<').filter(|it| it.is_empty() || it.starts_with(' '))
        {
            let Some(request) = request.as_mut() else { continue };
            in_body = got.trim().is_empty();
            add_received(request, got.trim(), number)?;
        } else if in_body
            && !is_told(line)
            && let Some(response) = request.as_mut().and_then(|it| it.response.as_mut())
        {
            response.body.extend_from_slice(line.as_bytes());
            response.body.push(b'\n');
        }
    }
    request.ok_or(UnreadableRequest::NoRequest)
}

/// Whether a line is one of curl's messages about itself: `* ...`, `{ [n bytes data]`, or its
/// progress.
fn is_told(line: &str) -> bool {
    ["* ", "{ [", "} ["].iter().any(|mark| line.starts_with(mark))
        || line.trim_start().starts_with("% Total")
        || line.contains("--:--:--")
}

/// A line of a response: its status, or a header.
fn add_received(
    request: &mut RequestText,
    line: &str,
    number: usize,
) -> Result<(), UnreadableRequest> {
    if let Some(rest) = line.strip_prefix("HTTP/") {
        let status = rest.split(' ').nth(1).and_then(|word| word.parse::<u16>().ok());
        let status = status.and_then(|it| StatusCode::from_u16(it).ok());
        let status = status.ok_or(UnreadableRequest::Header { line: number })?;
        // 100 Continue is followed by the response itself.
        request.response =
            Some(ResponseText { status, headers: HeaderMap::new(), body: Vec::new() });
    } else if let Some(response) = request.response.as_mut()
        && !line.is_empty()
    {
        add_header(&mut response.headers, line, number)?;
    }
    Ok(())
}

/// Lines that end in LF or CRLF, with their numbers from 1, and the text after them.
struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.number += 1;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

/// `METHOD target HTTP/1.1`.
fn request_line(line: &str) -> Option<(Method, &str)> {
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let upper = method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    let whole = version.starts_with("HTTP/") && words.next().is_none();
    (upper && whole)
        .then(|| Method::from_bytes(method.as_bytes()).ok())
        .flatten()
        .map(|it| (it, target))
}

fn add_header(headers: &mut HeaderMap, line: &str, number: usize) -> Result<(), UnreadableRequest> {
    let malformed = || UnreadableRequest::Header { line: number };
    let (name, value) = line.split_once(':').ok_or_else(malformed)?;
    let name: HeaderName = name.parse().map_err(|_| malformed())?;
    let value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_| malformed())?;
    headers.try_append(name, value).map_err(|_| malformed())?;
    Ok(())
}

/// The body. Text beyond Content-Length does not belong to it.
fn cut_to_length(rest: &str, headers: &HeaderMap) -> Option<Vec<u8>> {
    let length = headers.get("content-length").and_then(|it| it.to_str().ok()?.parse().ok());
    let body = match length {
        Some(length) if rest.len() >= length => rest.as_bytes().get(..length)?,
        _ => rest.as_bytes(),
    };
    (!body.is_empty() || length == Some(0)).then(|| body.to_vec())
}

/// The parts of a request's target.
struct Target {
    scheme: Option<&'static str>,
    authority: Option<String>,
    path: String,
    query: Option<String>,
}

impl Target {
    /// `/path?query`, or an absolute URL.
    fn read(text: &str) -> Option<Self> {
        let text = text.split('#').next().unwrap_or_default();
        let absolute = |scheme: &'static str, rest: &str| {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, target) = rest.split_at_checked(end)?;
            // Drop a password in the URL.
            authority.parse::<Uri>().ok().filter(|_| !authority.contains('@'))?;
            let target =
                if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
            let authority = Some(authority.to_owned());
            Some(Self { scheme: Some(scheme), authority, ..Self::relative(&target)? })
        };
        match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => absolute("https", rest),
            (None, Some(rest)) => absolute("http", rest),
            (None, None) => Self::relative(text),
        }
    }

    fn relative(text: &str) -> Option<Self> {
        let visible = |byte: u8| byte > b' ' && byte != 0x7f;
        if !text.starts_with('/') || !text.bytes().all(visible) {
            return None;
        }
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (text, None),
        };
        Some(Self { scheme: None, authority: None, path: path.to_owned(), query })
    }

    fn into_request(self, method: Method) -> RequestText {
        let Self { scheme, authority, path, query } = self;
        RequestText {
            method,
            method_is_known: true,
            scheme,
            authority,
            path,
            query,
            headers: HeaderMap::new(),
            body: None,
            response: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_curl_is_read_with_its_response_and_body() {
        let text = "*   Trying 127.0.0.1:80...\n* Connected to a (127.0.0.1) port 80\n> GET /old HTTP/1.1\n\
            > Host: a\n>\n< HTTP/1.1 302 Found\n< Location: /new\n<\n* Connection #0 left intact\n\
            > PUT /new?x=1 HTTP/2\r\n> Host: b\r\n> X-Amz-Date: 1\r\n>\r\n} [5 bytes data]\n\
            < HTTP/2 100\r\n<\r\n< HTTP/2 403\r\n< content-type: application/xml\r\n<\r\n\
            { [9 bytes data]\n<?xml version=\"1.0\"?>\n<Error><Code>A</Code></Error>\n* Closing connection 0\n";
        let request = read(text).unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("PUT", "/new"));
        assert_eq!(request.query.as_deref(), Some("x=1"));
        assert_eq!(request.headers["host"], "b");
        let response = request.response.unwrap();
        assert_eq!(response.status, 403);
        let body = String::from_utf8(response.body).unwrap();
        assert_eq!(body, "<?xml version=\"1.0\"?>\n<Error><Code>A</Code></Error>\n");
    }

    #[test]
    fn raw_request_is_read_with_its_body_to_its_length() {
        let text = "\nPOST https://a.example:8443/p%20q?x=1&y HTTP/1.1\r\nContent-Length: 5\r\nX: a: b \r\n\r\nhello\n";
        let request = read(text).unwrap();
        assert_eq!(request.authority.as_deref(), Some("a.example:8443"));
        assert_eq!((request.scheme, request.path.as_str()), (Some("https"), "/p%20q"));
        assert_eq!(request.body.as_deref(), Some(b"hello".as_slice()));
        assert_eq!(request.headers["x"], "a: b");
        assert_eq!(read("GET / HTTP/1.1\nhost: a").unwrap().body, None);
    }

    #[test]
    fn url_is_read_out_of_quotes_and_names_no_method() {
        let request = read(" 'https://b.example?X-Amz-Date=1#frag'\n").unwrap();
        assert_eq!((request.path.as_str(), request.query.as_deref()), ("/", Some("X-Amz-Date=1")));
        assert!(!request.method_is_known);
    }

    #[test]
    fn what_is_no_request_is_an_error_that_names_the_line() {
        use UnreadableRequest::{Header, NoRequest, Target};
        for (text, error) in [
            ("", NoRequest),
            ("hello world", NoRequest),
            ("GET nothing HTTP/1.1\n\n", Target { line: 1 }),
            ("GET /a b HTTP/1.1\n\n", Target { line: 1 }),
            ("GET / HTTP/1.1\nhost: a\nnot a header\n\n", Header { line: 3 }),
            ("> GET / HTTP/1.1\n> bad header\n", Header { line: 2 }),
            ("https://user:secret@a/", Target { line: 1 }),
            ("https://a b/", Target { line: 1 }),
        ] {
            assert_eq!(read(text).unwrap_err(), error, "{text}");
            assert!(!read(text).unwrap_err().to_string().contains("secret"));
        }
    }
}
