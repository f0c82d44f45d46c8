//! Every intermediate text of a signature, to be shown, or compared with a service's own.

use core::fmt;

use crate::algorithm::Algorithm;
use crate::credentials::Credentials;
use crate::scope::CredentialScope;
use crate::time::{ScopeDate, SigningTime};

/// The texts that led to a signature.
///
/// `Display` shows them with the session token masked; the accessors give them whole.
///
/// ```
/// use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("es"));
/// let request = http::Request::get("https://search.example.com/_search?q=a").body(())?;
/// let time = std::time::SystemTime::now();
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let (_, transcript) =
///     signer.compute_transcript(&request, PayloadHash::EMPTY, &credentials, time)?;
/// assert!(transcript.canonical_request().starts_with(b"GET\n/_search\nq=a\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Transcript {
    canonical_request: Vec<u8>,
    string_to_sign: Vec<u8>,
    access_key_id: String,
    date: ScopeDate,
    region: String,
    service: String,
    algorithm: Algorithm,
    time: SigningTime,
    has_session_token: bool,
}

impl Transcript {
    pub(crate) fn new(
        canonical_request: &[u8],
        string_to_sign: &[u8],
        scope: CredentialScope<'_>,
        time: SigningTime,
        credentials: &Credentials,
    ) -> Self {
        Self {
            canonical_request: canonical_request.to_vec(),
            string_to_sign: string_to_sign.to_vec(),
            access_key_id: credentials.access_key_id().to_owned(),
            date: scope.date,
            region: scope.region.to_owned(),
            service: scope.service.to_owned(),
            algorithm: scope.algorithm,
            time,
            has_session_token: credentials.token_header().is_some(),
        }
    }

    /// Replaces the session tokens in a canonical request, a URL or another text by `***`.
    pub fn mask(text: &str) -> String {
        mask_tokens(text)
    }

    /// The canonical request. It may hold a session token: show it through [`Transcript::mask`].
    pub fn canonical_request(&self) -> &[u8] {
        &self.canonical_request
    }

    /// The string to sign.
    pub fn string_to_sign(&self) -> &[u8] {
        &self.string_to_sign
    }

    /// The access key id that signed.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The scope that was signed for.
    pub fn scope(&self) -> CredentialScope<'_> {
        let Self { date, region, service, algorithm, .. } = self;
        CredentialScope { date: *date, region, service, algorithm: *algorithm }
    }

    /// The time that was signed.
    pub fn time(&self) -> SigningTime {
        self.time
    }

    /// Whether the credentials had a session token.
    pub fn has_session_token(&self) -> bool {
        self.has_session_token
    }

    /// The first line in which another canonical request differs, such as a service's own.
    pub fn compare_canonical_request(&self, theirs: &[u8]) -> Option<Difference> {
        Difference::first(&self.canonical_request, theirs)
    }

    /// The first line in which another string to sign differs.
    pub fn compare_string_to_sign(&self, theirs: &[u8]) -> Option<Difference> {
        Difference::first(&self.string_to_sign, theirs)
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [canonical, string] = [&self.canonical_request, &self.string_to_sign]
            .map(|text| mask_tokens(&String::from_utf8_lossy(text)));
        write!(f, "canonical request:\n{canonical}\n\nstring to sign:\n{string}")
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript")
            .field(
                "canonical_request",
                &mask_tokens(&String::from_utf8_lossy(&self.canonical_request)),
            )
            .field("string_to_sign", &String::from_utf8_lossy(&self.string_to_sign))
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// The first line in which two texts differ. Tokens in it are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    line: usize,
    ours: Option<String>,
    theirs: Option<String>,
}

impl Difference {
    /// Compares two texts line by line.
    pub fn first(ours: &[u8], theirs: &[u8]) -> Option<Self> {
        let lines = |text| <[u8]>::split(text, |byte| *byte == b'\n');
        let (mut ours, mut theirs) = (lines(ours), lines(theirs));
        let shown =
            |line: Option<&[u8]>| line.map(|line| mask_tokens(&String::from_utf8_lossy(line)));
        for line in 1.. {
            match (ours.next(), theirs.next()) {
                (None, None) => break,
                (a, b) if a == b => {}
                (a, b) => {
                    return Some(Self { line, ours: shown(a), theirs: shown(b) });
                }
            }
        }
        None
    }

    /// The line's number, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The line as it was signed; none where the text had ended.
    pub fn ours(&self) -> Option<&str> {
        self.ours.as_deref()
    }

    /// The line as the other side has it; none where its text had ended.
    pub fn theirs(&self) -> Option<&str> {
        self.theirs.as_deref()
    }
}

/// The names of session tokens, in lower case. `:` or `=` and the token follow.
const TOKEN_NAMES: [&str; 2] = ["x-amz-security-token", "x-amz-s3session-token"];

/// A canonical request, a URL or another text with its session tokens replaced by `***`.
fn mask_tokens(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    // Each part of the text is read once, so the work grows with the text and not with its tokens.
    while let Some(end) = rest.find([':', '=']) {
        let (before, after) = rest.split_at(end);
        let (mark, value) = after.split_at(1);
        masked.push_str(before);
        masked.push_str(mark);
        rest = value;
        if TOKEN_NAMES.iter().any(|name| ends_with(before, name)) {
            masked.push_str("***");
            let length = value.find(['&', '\n', '\r', ' ', '"', '\'', '<']).unwrap_or(value.len());
            rest = value.split_at(length).1;
        }
    }
    masked.push_str(rest);
    masked
}

/// Whether a text ends with a name, in whatever case.
fn ends_with(text: &str, name: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .len()
        .checked_sub(name.len())
        .and_then(|start| bytes.get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_differing_line_is_numbered_and_shown_from_both_sides() {
        let difference = Difference::first(b"GET\n/a\nq=1", b"GET\n/b\nq=2").unwrap();
        assert_eq!(difference.line(), 2);
        assert_eq!((difference.ours(), difference.theirs()), (Some("/a"), Some("/b")));
        assert_eq!(Difference::first(b"a\nb", b"a\nb"), None);
        let longer = Difference::first(b"a", b"a\nb").unwrap();
        assert_eq!((longer.line(), longer.ours(), longer.theirs()), (2, None, Some("b")));
    }

    #[test]
    fn tokens_are_masked_in_headers_and_queries_wherever_they_stand() {
        assert_eq!(
            mask_tokens("host:a\nx-amz-security-token:abc/+=\nx-amz-z:1"),
            "host:a\nx-amz-security-token:***\nx-amz-z:1"
        );
        assert_eq!(
            mask_tokens("https://a/?X-Amz-Security-Token=abc&b=1&X-Amz-S3session-Token=def"),
            "https://a/?X-Amz-Security-Token=***&b=1&X-Amz-S3session-Token=***"
        );
        assert_eq!(mask_tokens("Content-Type: a"), "Content-Type: a");
        assert_eq!(mask_tokens("é=X-Amz-S3session-Token:é=é'ü"), "é=X-Amz-S3session-Token:***'ü");
        assert_eq!(mask_tokens("x-amz-security-token="), "x-amz-security-token=***");
        assert_eq!(mask_tokens("x-amz-security-token"), "x-amz-security-token");
    }

    #[test]
    fn text_of_a_mebibyte_of_tokens_is_masked() {
        for (one, shown) in [
            ("x-amz-security-token:a\n", "x-amz-security-token:***\n"),
            ("X-Amz-S3session-Token=a&", "X-Amz-S3session-Token=***&"),
            ("x-amz-security-token&", "x-amz-security-token&"),
            ("=", "="),
        ] {
            let count = (1 << 20) / one.len();
            assert!(mask_tokens(&one.repeat(count)) == shown.repeat(count), "{one:?}");
        }
    }
}
