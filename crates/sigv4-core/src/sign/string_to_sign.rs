//! The string to sign: algorithm, time, scope, and the hash of what is signed.

use sha2::{Digest, Sha256};

use crate::scope::CredentialScope;
use crate::text::Text;
use crate::text::hex::hex_of;
use crate::time::SigningTime;

/// Appends the string to sign of a request.
pub(crate) fn request<const N: usize>(
    out: &mut Text<N>,
    time: SigningTime,
    scope: &CredentialScope<'_>,
    canonical_request: &[u8],
) {
    hashed(out, time, scope, &Sha256::digest(canonical_request).into());
}

/// Appends the string to sign of a request whose canonical text is known by its hash.
pub(crate) fn hashed<const N: usize>(
    out: &mut Text<N>,
    time: SigningTime,
    scope: &CredentialScope<'_>,
    canonical_hash: &[u8; 32],
) {
    write_scoped(out, scope.algorithm.name(), time, scope);
    out.extend_from_slice(&hex_of(canonical_hash));
}

/// Appends the string to sign of a chunk, or of an event.
///
/// `context` is the hash of nothing for a chunk, of the encoded `:date` header for an event.
/// Source: Amazon S3 API Reference, "Signature calculations: transferring payload in multiple
/// chunks"; Amazon Transcribe Developer Guide, "Event stream encoding".
pub(crate) fn chunk<const N: usize>(
    out: &mut Text<N>,
    time: SigningTime,
    scope: &CredentialScope<'_>,
    previous: &[u8],
    [context, data]: [&[u8; 32]; 2],
) {
    write_scoped(out, scope.algorithm.chunk_name(), time, scope);
    out.extend_from_slice(previous);
    for hash in [context, data] {
        out.push(b'\n');
        out.extend_from_slice(&hex_of(hash));
    }
}

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

/// Appends the three lines that every string to sign begins with.
pub(crate) fn write_scoped<const N: usize>(
    out: &mut Text<N>,
    algorithm: &str,
    time: SigningTime,
    scope: &CredentialScope<'_>,
) {
    out.extend_from_slice(algorithm.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(time.as_bytes());
    out.push(b'\n');
    scope.write(out);
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let mut out = Text::<512>::new();
        request(&mut out, time, &scope, canonical.as_bytes());
        assert_eq!(
            str::from_utf8(&out).unwrap(),
            "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
             f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
        );
    }
}
