//! The trailers of a received stream: declared by `x-amz-trailer`, collected, checked.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::fields::{X_AMZ_TRAILER, X_AMZ_TRAILER_SIGNATURE};
use crate::sign::signature::Signature;
use crate::stream::checksum::{Checksum, Hasher};
use crate::stream::decode_error::DecodeError;

/// The maximum number of trailers.
const MAX_FIELDS: usize = 100;

/// The declared trailers, and those received so far.
pub(super) struct Trailers {
    declared: Vec<HeaderName>,
    checksums: Vec<(HeaderName, Hasher)>,
    received: HeaderMap,
    signature: Option<Signature>,
}

impl Trailers {
    /// Reads the declaration, a list of names in `x-amz-trailer`.
    pub(super) fn declared_by(headers: &HeaderMap) -> Result<Self, DecodeError> {
        let mut declared: Vec<HeaderName> = Vec::new();
        let values = headers.get_all(X_AMZ_TRAILER).iter();
        for name in values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')) {
            let name = HeaderName::from_bytes(name.trim_ascii())
                .map_err(|_| DecodeError::InvalidTrailerDeclaration)?;
            if name == X_AMZ_TRAILER_SIGNATURE || declared.contains(&name) {
                return Err(DecodeError::InvalidTrailerDeclaration);
            }
            if declared.len() >= MAX_FIELDS {
                return Err(DecodeError::TrailersTooLarge);
            }
            declared.push(name);
        }
        let mut checksums = Vec::new();
        for name in declared.iter().filter(|name| Checksum::is_trailer(name)) {
            let checksum = Checksum::of_trailer(name).ok_or(DecodeError::UnsupportedChecksum)?;
            checksums.push((name.clone(), checksum.start()));
        }
        Ok(Self { declared, checksums, received: HeaderMap::new(), signature: None })
    }

    pub(super) fn are_declared(&self) -> bool {
        !self.declared.is_empty()
    }

    pub(super) fn have_checksum(&self) -> bool {
        !self.checksums.is_empty()
    }

    /// Adds plain bytes to the checksums.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        for (_, hasher) in &mut self.checksums {
            hasher.update(bytes);
        }
    }

    /// Takes one `name:value` line.
    pub(super) fn take_line(&mut self, line: &[u8]) -> Result<(), DecodeError> {
        // Nothing may follow the signature, because it would be unsigned.
        if self.signature.is_some() {
            return Err(DecodeError::InvalidTrailer);
        }
        let at = line.iter().position(|byte| *byte == b':').ok_or(DecodeError::InvalidTrailer)?;
        let (name, value) = line.split_at(at);
        let value = value.strip_prefix(b":").unwrap_or_default();
        let value = without_blanks(value);
        let name = HeaderName::from_bytes(name).map_err(|_| DecodeError::InvalidTrailer)?;
        if name == X_AMZ_TRAILER_SIGNATURE {
            let signature = Signature::from_chunk(value).ok_or(DecodeError::InvalidTrailer)?;
            self.signature = Some(signature);
            return Ok(());
        }
        if !self.declared.contains(&name) {
            return Err(DecodeError::UndeclaredTrailer);
        }
        let value = HeaderValue::from_bytes(value).map_err(|_| DecodeError::InvalidTrailer)?;
        match self.received.insert(name, value) {
            None => Ok(()),
            Some(_) => Err(DecodeError::DuplicateTrailer),
        }
    }

    /// The signature that came with them.
    pub(super) fn signature(&self) -> Option<Signature> {
        self.signature
    }

    pub(super) fn received(&self) -> &HeaderMap {
        &self.received
    }

    /// Checks that all declared trailers arrived and that the checksums match the bytes.
    pub(super) fn check_complete(&mut self) -> Result<(), DecodeError> {
        if self.received.len() != self.declared.len() {
            return Err(DecodeError::MissingTrailer);
        }
        for (name, hasher) in self.checksums.drain(..) {
            let stated = self.received.get(name).map(HeaderValue::as_bytes);
            if stated != Some(hasher.finish().as_bytes()) {
                return Err(DecodeError::ChecksumMismatch);
            }
        }
        Ok(())
    }

    pub(super) fn into_received(self) -> HeaderMap {
        self.received
    }
}

/// A value without surrounding spaces and tabs.
fn without_blanks(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
