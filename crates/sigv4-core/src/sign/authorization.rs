//! The text of the `Authorization` header, as a signer writes it.

use core::ops::Range;

use crate::algorithm::Algorithm;
use crate::sign::signature::Signature;
use crate::text::Text;

/// A header's text written without `fmt`, with the places of the parts that are asked for later.
#[derive(Clone)]
pub(crate) struct HeaderText {
    text: Text<320>,
    access_key_id: Range<usize>,
    signed_headers: Range<usize>,
}

impl HeaderText {
    pub(crate) const fn new() -> Self {
        Self { text: Text::new(), access_key_id: 0..0, signed_headers: 0..0 }
    }

    /// Writes `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`, in place: it is
    /// long enough for a move to be felt.
    pub(crate) fn write(
        &mut self,
        algorithm: Algorithm,
        access_key_id: &str,
        scope: &[u8],
        signed_headers: &[u8],
        signature: &Signature,
    ) {
        let text = &mut self.text;
        text.extend_from_slice(algorithm.name().as_bytes());
        text.extend_from_slice(b" Credential=");
        self.access_key_id = push_range(text, access_key_id.as_bytes());
        text.push(b'/');
        text.extend_from_slice(scope);
        text.extend_from_slice(b", SignedHeaders=");
        self.signed_headers = push_range(text, signed_headers);
        text.extend_from_slice(b", Signature=");
        text.extend_from_slice(&signature.to_hex());
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    pub(crate) fn as_str(&self) -> &str {
        self.part(0..self.text.len())
    }

    pub(crate) fn access_key_id(&self) -> &str {
        self.part(self.access_key_id.clone())
    }

    pub(crate) fn signed_headers(&self) -> &str {
        self.part(self.signed_headers.clone())
    }

    fn part(&self, range: Range<usize>) -> &str {
        self.text.get(range).and_then(|part| str::from_utf8(part).ok()).unwrap_or_default()
    }
}

/// Appends a part and returns its place.
fn push_range<const N: usize>(text: &mut Text<N>, part: &[u8]) -> Range<usize> {
    let start = text.len();
    text.extend_from_slice(part);
    start..text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_written_with_its_parts_to_be_found_again() {
        let credential = "AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request";
        let (id, scope) = credential.split_once('/').unwrap();
        let (names, signature) = (b"host;x-amz-date", Signature::new([0xab; 32]));
        let mut text = HeaderText::new();
        text.write(Algorithm::Hmac, id, scope.as_bytes(), names, &signature);
        assert_eq!(
            (text.access_key_id(), text.signed_headers()),
            ("AKIDEXAMPLE", "host;x-amz-date")
        );
        let signature = "ab".repeat(32);
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature={signature}"
        );
        assert_eq!((text.as_str(), text.as_bytes()), (&*expected, expected.as_bytes()));
    }
}
