//! The string to sign: algorithm, time, scope, and the hash of what is signed.

use core::ops::Range;

use crate::algorithm::Algorithm;
use crate::scope::CredentialScope;
use crate::text::Text;
use crate::text::hex::hex_of;
use crate::time::SigningTime;

/// A string to sign, in which the scope can be found again.
#[derive(Clone)]
pub(crate) struct StringToSign {
    text: Text<256>,
    scope: Range<usize>,
}

impl StringToSign {
    pub(crate) const fn new() -> Self {
        Self { text: Text::new(), scope: 0..0 }
    }

    /// Writes the first three lines, which are the same for all that is signed in one second.
    pub(crate) fn begin(
        &mut self,
        algorithm: &str,
        time: SigningTime,
        scope: &CredentialScope<'_>,
    ) {
        self.scope = write_scoped(&mut self.text, algorithm, time, scope);
    }

    /// Appends the last line of a request's: the hash of the canonical request.
    pub(crate) fn end(&mut self, canonical_hash: &[u8; 32]) {
        self.text.extend_from_slice(&hex_of(canonical_hash));
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// The credential scope, such as `20150830/us-east-1/iam/aws4_request`.
    pub(crate) fn scope(&self) -> &[u8] {
        self.text.get(self.scope.clone()).unwrap_or_default()
    }
}

/// Returns the last lines of the string to sign of a chunk, or of an event.
///
/// `context` is the hash of nothing for a chunk, of the encoded `:date` header for an event.
/// Source: Amazon S3 API Reference, "Signature calculations: transferring payload in multiple
/// chunks"; Amazon Transcribe Developer Guide, "Event stream encoding".
pub(crate) fn chunk_rest(previous: &[u8], [context, data]: [&[u8; 32]; 2]) -> Text<CHUNK_REST> {
    let mut out = Text::new();
    out.extend_from_slice(previous);
    for hash in [context, data] {
        out.push(b'\n');
        out.extend_from_slice(&hex_of(hash));
    }
    out
}

/// Room for three lines of hex digits; the first is longer for SigV4a.
const CHUNK_REST: usize = Algorithm::MAX_CHUNK_SIGNATURE + 2 * 65;

/// Appends the string to sign of the trailers that follow the final chunk.
///
/// Source: Amazon S3 API Reference, "Signature calculations: including trailing headers".
pub(crate) fn trailer<const N: usize>(
    out: &mut Text<N>,
    time: SigningTime,
    scope: &CredentialScope<'_>,
    previous: &[u8],
    trailers: &[u8; 32],
) {
    write_scoped(out, scope.algorithm.trailer_name(), time, scope);
    out.extend_from_slice(previous);
    out.push(b'\n');
    out.extend_from_slice(&hex_of(trailers));
}

/// Appends the three lines that every string to sign begins with. Returns the place of the scope.
pub(crate) fn write_scoped<const N: usize>(
    out: &mut Text<N>,
    algorithm: &str,
    time: SigningTime,
    scope: &CredentialScope<'_>,
) -> Range<usize> {
    out.extend_from_slice(algorithm.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(time.as_bytes());
    out.push(b'\n');
    let start = out.len();
    scope.write(out);
    let end = out.len();
    out.push(b'\n');
    start..end
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::fields;
    use crate::scope::{Region, Service};

    #[test]
    fn aws_example_string_to_sign() {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("iam"));
        let time = "20150830T123600Z".parse().unwrap();
        let scope = CredentialScope::new(time, &region, &service);
        let canonical = "GET\n/\nAction=ListUsers&Version=2010-05-08\n\
            content-type:application/x-www-form-urlencoded; charset=utf-8\n\
            host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n\
            content-type;host;x-amz-date\n\
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let mut text = StringToSign::new();
        text.begin(fields::ALGORITHM, time, &scope);
        text.end(&Sha256::digest(canonical).into());
        assert_eq!(text.scope(), b"20150830/us-east-1/iam/aws4_request");
        assert_eq!(
            str::from_utf8(text.as_bytes()).unwrap(),
            "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
             f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
        );
    }
}
