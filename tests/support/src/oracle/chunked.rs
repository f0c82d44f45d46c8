//! Reads a body in `aws-chunked` framing and recomputes every signature in it.
//!
//! ```text
//! SIZE;chunk-signature=SIG\r\n DATA \r\n ... 0;chunk-signature=SIG\r\n NAME:VALUE\r\n ... \r\n
//! ```

use super::{sha256_hex, signature};

/// The values that all signatures of a stream share, and the start of their chain.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) key: Vec<u8>,
    pub(crate) timestamp: String,
    pub(crate) scope: String,
    pub(crate) seed_signature: String,
}

/// A decoded stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) data: Vec<u8>,
    /// Names in lower case, in the order received, without the trailer signature.
    pub(crate) trailers: Vec<(String, Vec<u8>)>,
}

/// The three kinds of stream that `x-amz-content-sha256` may announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Signed,
    SignedTrailer,
    UnsignedTrailer,
}

impl Kind {
    pub(super) fn of(payload_line: &[u8]) -> Option<Self> {
        match payload_line {
            b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Some(Self::Signed),
            b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Some(Self::SignedTrailer),
            b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Some(Self::UnsignedTrailer),
            _ => None,
        }
    }
}

/// Splits the whole stream. Bytes that the grammar does not allow, anywhere, are an error.
pub(crate) fn decode(body: &[u8], kind: Kind, chain: &Chain) -> Result<Decoded, String> {
    let mut rest = body;
    let mut previous = chain.seed_signature.clone();
    let mut data = Vec::new();
    loop {
        let head = take_line(&mut rest)?;
        let (size, claimed) = chunk_head(&head)?;
        let is_hex = size.len() <= 16 && size.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = usize::from_str_radix(&size, 16).ok().filter(|_| is_hex);
        let size = number.ok_or_else(|| format!("chunk size `{size}`"))?;
        let chunk = take(&mut rest, size)?;
        match (kind, claimed) {
            (Kind::UnsignedTrailer, None) => {}
            (Kind::UnsignedTrailer, Some(_)) => {
                return Err("a signed chunk in an unsigned stream".into());
            }
            (_, None) => return Err("a chunk without chunk-signature".into()),
            (_, Some(claimed)) => {
                let computed = chunk_signature(chain, &previous, &chunk);
                compare("chunk signature", &claimed, &computed)?;
                previous = computed;
            }
        }
        data.extend_from_slice(&chunk);
        if size == 0 {
            break;
        }
        if take(&mut rest, 2)? != b"\r\n" {
            return Err("a chunk is not followed by CRLF".into());
        }
    }
    let trailers = trailers(&mut rest, kind, chain, &previous)?;
    if rest.is_empty() {
        Ok(Decoded { data, trailers })
    } else {
        Err("bytes after the stream's end".into())
    }
}

/// Frames and signs chunks, and adds the final empty one.
#[cfg(test)]
pub(crate) fn encode(chunks: &[&[u8]], chain: &Chain) -> Vec<u8> {
    let mut framed = Vec::new();
    let mut previous = chain.seed_signature.clone();
    for chunk in chunks.iter().chain([&b"".as_slice()]) {
        previous = chunk_signature(chain, &previous, chunk);
        framed.extend(format!("{:x};chunk-signature={previous}\r\n", chunk.len()).into_bytes());
        framed.extend([chunk, b"\r\n".as_slice()].concat());
    }
    framed
}

/// Parses `SIZE` or `SIZE;chunk-signature=SIG`.
fn chunk_head(line: &[u8]) -> Result<(String, Option<String>), String> {
    let line = String::from_utf8(line.to_vec()).map_err(|_| "a chunk head that is not text")?;
    match line.split_once(';') {
        None => Ok((line, None)),
        Some((size, extension)) => match extension.strip_prefix("chunk-signature=") {
            Some(claimed) => Ok((size.to_owned(), Some(claimed.to_owned()))),
            None => Err(format!("chunk extension `{extension}`")),
        },
    }
}

fn chunk_signature(chain: &Chain, previous: &str, chunk: &[u8]) -> String {
    let lines = [
        "AWS4-HMAC-SHA256-PAYLOAD",
        &chain.timestamp,
        &chain.scope,
        previous,
        &sha256_hex(b""),
        &sha256_hex(chunk),
    ];
    signature(&chain.key, lines.join("\n").as_bytes())
}

/// Parses the lines after the final chunk, up to the empty one. In a signed stream the last one is
/// their signature.
fn trailers(
    rest: &mut &[u8],
    kind: Kind,
    chain: &Chain,
    previous: &str,
) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut trailers = Vec::new();
    let mut is_last = false;
    loop {
        let mut line = take_to_crlf(rest)?;
        if line.is_empty() && !is_last {
            break;
        }
        // minio-go ends the last trailer with a line feed, and starts the signature's line with
        // CRLF.
        let is_minio_go = kind == Kind::SignedTrailer && line.last() == Some(&b'\n');
        if is_minio_go {
            line.pop();
        }
        refuse_line_ends(&line)?;
        let at = line.iter().position(|byte| *byte == b':').ok_or("a trailer without a colon")?;
        let name = String::from_utf8_lossy(&line[..at]).to_ascii_lowercase();
        let is_signature = name == "x-amz-trailer-signature";
        if is_last && !is_signature || is_minio_go && is_signature {
            return Err("a line feed that is not the one before the trailers' signature".into());
        }
        trailers.push((name, super::fold(&line[at + 1..])));
        is_last = is_minio_go;
    }
    if kind == Kind::SignedTrailer {
        let (name, claimed) = trailers.pop().ok_or("a signed stream without trailers")?;
        if name != "x-amz-trailer-signature" {
            return Err(format!("the last trailer is `{name}`, not x-amz-trailer-signature"));
        }
        let computed = trailer_signature(chain, previous, &trailers);
        compare("trailer signature", &String::from_utf8_lossy(&claimed), &computed)?;
    }
    match kind {
        Kind::Signed if !trailers.is_empty() => Err("trailers that were not announced".into()),
        _ => Ok(trailers),
    }
}

fn trailer_signature(chain: &Chain, previous: &str, trailers: &[(String, Vec<u8>)]) -> String {
    let mut sorted = trailers.to_vec();
    sorted.sort_by(|left, right| left.0.cmp(&right.0));
    let lines: Vec<Vec<u8>> =
        sorted.iter().map(|(name, value)| [name.as_bytes(), b":", value, b"\n"].concat()).collect();
    let lines = [
        "AWS4-HMAC-SHA256-TRAILER",
        &chain.timestamp,
        &chain.scope,
        previous,
        &sha256_hex(&lines.concat()),
    ];
    signature(&chain.key, lines.join("\n").as_bytes())
}

fn compare(what: &str, claimed: &str, computed: &str) -> Result<(), String> {
    if claimed == computed {
        Ok(())
    } else {
        Err(format!("{what}: claimed {claimed}, computed {computed}"))
    }
}

fn take_line(rest: &mut &[u8]) -> Result<Vec<u8>, String> {
    let line = take_to_crlf(rest)?;
    refuse_line_ends(&line)?;
    Ok(line)
}

fn refuse_line_ends(line: &[u8]) -> Result<(), String> {
    let stray = line.iter().any(|byte| b"\r\n".contains(byte));
    if stray { Err("a line with half a line end in it".into()) } else { Ok(()) }
}

fn take_to_crlf(rest: &mut &[u8]) -> Result<Vec<u8>, String> {
    let at =
        rest.windows(2).position(|pair| pair == b"\r\n").ok_or("the stream ends within a line")?;
    let line = take(rest, at)?;
    take(rest, 2)?;
    Ok(line)
}

fn take(rest: &mut &[u8], count: usize) -> Result<Vec<u8>, String> {
    let (taken, after) = rest.split_at_checked(count).ok_or("the stream ends within a chunk")?;
    *rest = after;
    Ok(taken.to_vec())
}
