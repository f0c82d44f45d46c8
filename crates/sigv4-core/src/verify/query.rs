//! The parameters of a signature in a query, decoded: each at most once, spelt exactly.

use zeroize::Zeroizing;

use super::authorization::{Accepts, Authorization, AuthorizationError};
use super::error::VerifyError;
use crate::encode::{Piece, Pieces};
use crate::fields::query::{ALL, CONTENT_SHA256};
use crate::fields::{self, X_AMZ};
use crate::text::split::raw_pairs;

/// The parameters found. All of a query is signed, so these are covered.
///
/// Filled in place, because it is slow to move.
#[derive(Default)]
pub(crate) struct QueryFields<'a> {
    values: [Option<Value<'a>>; ALL.len()],
    is_presigned: bool,
    payload: Option<Value<'a>>,
    #[cfg(feature = "sigv4a")]
    region_set: Option<Value<'a>>,
}

/// A decoded value. It may be a session token, so a copy is wiped.
enum Value<'a> {
    Standing(&'a str),
    Decoded(Zeroizing<String>),
}

impl Value<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Standing(text) => text,
            Self::Decoded(text) => text,
        }
    }
}

impl<'a> QueryFields<'a> {
    /// Reads a query of at most `limit` parameters.
    pub(crate) fn read(&mut self, query: &'a str, limit: usize) -> Result<(), VerifyError> {
        let mut names = Vec::new();
        for (nth, (raw, value)) in raw_pairs(query).enumerate() {
            if nth >= limit {
                return Err(VerifyError::TooManyParameters { limit });
            }
            let Some(name) = amz_name(raw)? else {
                continue;
            };
            if let Some(at) = ALL.iter().position(|known| known.eq_ignore_ascii_case(&name)) {
                self.set(at, raw, value)?;
            } else if raw == CONTENT_SHA256 {
                self.payload = Some(decode(value)?);
            }
            #[cfg(feature = "sigv4a")]
            if raw == fields::query::REGION_SET {
                self.region_set = Some(decode(value)?);
            }
            names.push(name);
        }
        // A repeated name is ambiguous, and no signer of URLs writes one.
        if self.is_presigned() {
            names.sort_unstable();
            if let Some(name) = names.windows(2).find_map(|pair| match pair {
                [a, b] if a == b => Some(a),
                _ => None,
            }) {
                return Err(VerifyError::DuplicateParameter { name: name.clone() });
            }
        }
        Ok(())
    }

    fn set(&mut self, at: usize, raw: &str, value: &'a str) -> Result<(), VerifyError> {
        let (Some(slot), Some(known)) = (self.values.get_mut(at), ALL.get(at)) else {
            return Ok(());
        };
        if raw != *known {
            return Err(VerifyError::MisspeltParameter { name: known });
        }
        self.is_presigned = true;
        if slot.replace(decode(value)?).is_some() {
            return Err(VerifyError::DuplicateParameter { name: (*known).to_owned() });
        }
        Ok(())
    }

    /// Whether there is any parameter of a signature.
    pub(crate) fn is_presigned(&self) -> bool {
        self.is_presigned
    }

    /// The value of one of the signature's parameters.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        if !self.is_presigned {
            return None;
        }
        let at = ALL.iter().position(|known| *known == name)?;
        self.values.get(at)?.as_ref().map(Value::as_str)
    }

    /// The value of `X-Amz-Region-Set`.
    #[cfg(feature = "sigv4a")]
    pub(crate) fn region_set(&self) -> Option<&str> {
        self.region_set.as_ref().map(Value::as_str)
    }

    /// The value of `X-Amz-Content-Sha256`.
    pub(crate) fn payload(&self) -> Option<&str> {
        self.payload.as_ref().map(Value::as_str)
    }
}

impl<'a> Authorization<'a> {
    /// Parses the parameters of a presigned URL.
    pub(crate) fn from_query(
        query: &'a QueryFields<'a>,
        accepts: Accepts,
    ) -> Result<Self, AuthorizationError> {
        let get = |name| query.get(name).ok_or(AuthorizationError::MissingField(name));
        let algorithm = accepts.algorithm(get(fields::query::ALGORITHM)?);
        Self::from_fields(
            algorithm.ok_or(AuthorizationError::Algorithm)?,
            get(fields::query::CREDENTIAL)?,
            get(fields::query::SIGNED_HEADERS)?,
            get(fields::query::SIGNATURE)?,
        )
    }
}

/// A parameter's name in lower case, if it begins with `x-amz-` once it is decoded.
fn amz_name(raw: &str) -> Result<Option<String>, VerifyError> {
    if !raw.starts_with(['x', 'X', '%']) {
        return Ok(None);
    }
    let Ok(decoded) = decode(raw) else {
        // Not UTF-8, so not a signature's parameter. The canonicaliser detects a lone percent sign.
        return Ok(None);
    };
    let name = decoded.as_str();
    let is_ours = name.get(..X_AMZ.len()).is_some_and(|start| start.eq_ignore_ascii_case(X_AMZ));
    Ok(is_ours.then(|| name.to_ascii_lowercase()))
}

/// Decodes escapes, and `+` as a space, which is how it is signed.
fn decode(raw: &str) -> Result<Value<'_>, VerifyError> {
    if !raw.contains(['%', '+']) {
        return Ok(Value::Standing(raw));
    }
    let mut bytes = Vec::with_capacity(raw.len()); // never moved: decoding does not lengthen a text
    for piece in Pieces(raw.as_bytes()) {
        match piece {
            Piece::Plain(run) => {
                bytes.extend(run.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }));
            }
            Piece::Escape(byte) => bytes.push(byte),
            Piece::LonePercent => return Err(VerifyError::InvalidQuery),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| VerifyError::InvalidQuery)?;
    Ok(Value::Decoded(Zeroizing::new(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, limit: usize) -> Result<QueryFields<'_>, VerifyError> {
        let mut fields = QueryFields::default();
        fields.read(query, limit).map(|()| fields)
    }

    #[test]
    fn parameters_are_decoded_whatever_the_order() {
        let signed = read("a=1&X-Amz-Credential=k%2F20150830&X-Amz-Date=d", 9).unwrap();
        assert_eq!(signed.get("X-Amz-Credential"), Some("k/20150830"));
        assert_eq!(signed.get("X-Amz-Date"), Some("d"));
        assert_eq!(signed.get("X-Amz-Signature"), None);
        assert!(signed.is_presigned());
        assert!(!read("a=1&X-Amz-Meta=2", 9).unwrap().is_presigned());
    }

    #[test]
    fn misspelt_or_doubled_parameters_are_refused() {
        for query in ["x-amz-signature=0", "X%2DAmz-Date=1", "X-Amz-Signedheaders=host"] {
            let refused = read(query, 9).err();
            assert!(matches!(refused, Some(VerifyError::MisspeltParameter { .. })), "{query}");
        }
        for query in [
            "X-Amz-Date=1&X-Amz-Date=1",
            "X-Amz-Date=1&X-Amz-Meta-A=1&x-amz-meta-a=2",
            "X-Amz-Date=1&X-Amz-Content-Sha256=a&X-Amz-Content-Sha256=a",
        ] {
            let refused = read(query, 9).err();
            assert!(matches!(refused, Some(VerifyError::DuplicateParameter { .. })), "{query}");
        }
    }

    #[test]
    fn parameters_are_counted_before_they_are_decoded() {
        let limit = Some(VerifyError::TooManyParameters { limit: 2 });
        assert_eq!(read("a&b&c", 2).err(), limit);
        assert_eq!(read("a&&b", 2).err(), None);
    }
}
