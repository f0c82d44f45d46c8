//! The `Authorization` header, parsed strictly.

use core::fmt;

use crate::algorithm::Algorithm;
use crate::fields;
use crate::scope::{CredentialScope, TERMINATOR};
use crate::sign::signature::Signature;
use crate::text::hex::signature_from_hex;
use crate::text::split;
use crate::time::ScopeDate;
#[cfg(feature = "sigv4a")]
use crate::v4a::EcdsaSignature;

/// An `Authorization` header, parsed strictly: each field once, spelt exactly.
///
/// ```
/// use sigv4_core::verify::Authorization;
///
/// let header = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
///     SignedHeaders=host;x-amz-date, \
///     Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
/// let authorization = Authorization::parse(header)?;
/// assert_eq!(authorization.access_key_id(), "AKIDEXAMPLE");
/// assert_eq!(authorization.scope().region(), "us-east-1");
/// # Ok::<(), sigv4_core::verify::AuthorizationError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Authorization<'a> {
    access_key_id: &'a str,
    scope: CredentialScope<'a>,
    signed_headers: &'a str,
    signature: Signature,
}

/// An error in an `Authorization` header or in a presigned URL's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// It does not name `AWS4-HMAC-SHA256`, exactly.
    Algorithm,
    /// A part between commas is not `name=value`.
    NotAField,
    /// There is a field other than Credential, SignedHeaders and Signature.
    UnknownField,
    /// A field occurs twice.
    DuplicateField(&'static str),
    /// A field is missing.
    MissingField(&'static str),
    /// The credential is not `keyid/date/region/service/aws4_request`.
    Credential,
    /// The list is empty, unsorted, doubled, or not in lower case.
    SignedHeaders,
    /// The signature is not 64 lower-case hex digits.
    Signature,
}

/// The algorithms that a verifier accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepts {
    Hmac,
    #[cfg(feature = "sigv4a")]
    Both,
}

impl Accepts {
    /// The algorithm of this name, if it is accepted.
    pub(crate) fn algorithm(self, name: &str) -> Option<Algorithm> {
        match (self, name) {
            (_, fields::ALGORITHM) => Some(Algorithm::Hmac),
            #[cfg(feature = "sigv4a")]
            (Self::Both, fields::ECDSA_ALGORITHM) => Some(Algorithm::Ecdsa),
            _ => None,
        }
    }
}

impl<'a> Authorization<'a> {
    /// Parses the header's value for SigV4.
    ///
    /// # Errors
    /// An [`AuthorizationError`] that names the part that is wrong.
    pub fn parse(header: &'a str) -> Result<Self, AuthorizationError> {
        Self::parse_as(header, Accepts::Hmac)
    }

    /// Parses the header's value for the accepted algorithms.
    pub(crate) fn parse_as(header: &'a str, accepts: Accepts) -> Result<Self, AuthorizationError> {
        let (name, fields) = split::once(header, b' ').ok_or(AuthorizationError::Algorithm)?;
        let algorithm = accepts.algorithm(name).ok_or(AuthorizationError::Algorithm)?;
        let [mut credential, mut signed_headers, mut signature] = [None; 3];
        for field in split::parts(fields, b',') {
            let field = split::trim(field);
            let (slot, name, value) = if let Some(value) = field.strip_prefix("Credential=") {
                (&mut credential, "Credential", value)
            } else if let Some(value) = field.strip_prefix("SignedHeaders=") {
                (&mut signed_headers, "SignedHeaders", value)
            } else if let Some(value) = field.strip_prefix("Signature=") {
                (&mut signature, "Signature", value)
            } else if field.contains('=') {
                return Err(AuthorizationError::UnknownField);
            } else {
                return Err(AuthorizationError::NotAField);
            };
            if slot.replace(value).is_some() {
                return Err(AuthorizationError::DuplicateField(name));
            }
        }
        Self::from_fields(
            algorithm,
            credential.ok_or(AuthorizationError::MissingField("Credential"))?,
            signed_headers.ok_or(AuthorizationError::MissingField("SignedHeaders"))?,
            signature.ok_or(AuthorizationError::MissingField("Signature"))?,
        )
    }

    /// Reads the three fields, whether they came from the header, the query or a form.
    pub(crate) fn from_fields(
        algorithm: Algorithm,
        credential: &'a str,
        signed_headers: &'a str,
        signature: &str,
    ) -> Result<Self, AuthorizationError> {
        let (access_key_id, scope) =
            read_credential(credential, algorithm).ok_or(AuthorizationError::Credential)?;
        if !is_header_list(signed_headers) {
            return Err(AuthorizationError::SignedHeaders);
        }
        let signature =
            read_signature(signature, algorithm).ok_or(AuthorizationError::Signature)?;
        Ok(Self { access_key_id, scope, signed_headers, signature })
    }

    /// Adds the region set, which SigV4a carries in another header or parameter.
    #[cfg(feature = "sigv4a")]
    pub(crate) fn with_region_set(self, set: &'a str) -> Self {
        Self { scope: CredentialScope { region: set, ..self.scope }, ..self }
    }

    /// The access key id.
    pub fn access_key_id(&self) -> &'a str {
        self.access_key_id
    }

    /// The credential scope.
    pub fn scope(&self) -> CredentialScope<'a> {
        self.scope
    }

    /// The names of the signed headers: lower case, sorted, `;` between them.
    pub fn signed_headers(&self) -> &'a str {
        self.signed_headers
    }

    /// The signature.
    pub fn signature(&self) -> Signature {
        self.signature
    }
}

/// Splits `keyid/date/region/service/aws4_request`; a SigV4a scope has no region.
fn read_credential(credential: &str, algorithm: Algorithm) -> Option<(&str, CredentialScope<'_>)> {
    let (access_key_id, rest) = split::once(credential, b'/')?;
    let (date, rest) = split::once(rest, b'/')?;
    let (region, rest) = match algorithm {
        Algorithm::Hmac => split::once(rest, b'/').filter(|(region, _)| !region.is_empty())?,
        #[cfg(feature = "sigv4a")]
        Algorithm::Ecdsa => ("", rest),
    };
    let (service, terminator) = split::once(rest, b'/')?;
    let date = ScopeDate::read_date(date)?;
    let visible = credential.bytes().fold(true, |all, byte| all & byte.is_ascii_graphic());
    let is_whole = visible && !access_key_id.is_empty() && !service.is_empty();
    (is_whole && terminator == TERMINATOR)
        .then_some((access_key_id, CredentialScope { date, region, service, algorithm }))
}

fn read_signature(text: &str, algorithm: Algorithm) -> Option<Signature> {
    match algorithm {
        Algorithm::Hmac => signature_from_hex(text.as_bytes()).map(Signature::new),
        #[cfg(feature = "sigv4a")]
        Algorithm::Ecdsa => EcdsaSignature::from_hex(text.as_bytes()).map(Signature::ecdsa),
    }
}

/// Lower-case names, sorted, none twice, none empty.
fn is_header_list(list: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() & !byte.is_ascii_uppercase();
    let mut names = split::parts(list, b';');
    // Not an empty literal: see `Lines::mark_repeats`.
    let mut last = names.next().unwrap_or_default();
    list.bytes().fold(true, |all, byte| all & fits(byte))
        && !last.is_empty()
        && names.all(|name| name > core::mem::replace(&mut last, name))
}

impl fmt::Display for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, scope, signed_headers, signature } = self;
        write!(
            f,
            "{} Credential={access_key_id}/{scope}, SignedHeaders={signed_headers}, \
             Signature={signature}",
            scope.algorithm.name()
        )
    }
}

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for AuthorizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm => f.write_str("the algorithm is not AWS4-HMAC-SHA256"),
            Self::NotAField => f.write_str("a part between commas is not name=value"),
            Self::UnknownField => {
                f.write_str("there is a field other than Credential, SignedHeaders and Signature")
            }
            Self::DuplicateField(name) => write!(f, "{name} is there twice"),
            Self::MissingField(name) => write!(f, "{name} is missing"),
            Self::Credential => f.write_str(
                "the credential is not keyid/date/region/service/aws4_request: check the key id \
                 for slashes, spaces and line breaks",
            ),
            Self::SignedHeaders => {
                f.write_str("SignedHeaders is not a list of lower-case names, sorted, each once")
            }
            Self::Signature => f.write_str("the signature is not 64 lower-case hex digits"),
        }
    }
}

impl core::error::Error for AuthorizationError {}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIAL: &str = "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request";
    const HEADERS: &str = "SignedHeaders=content-type;host;x-amz-date";
    const SIGNATURE: &str =
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

    #[test]
    fn aws_example_header_is_parsed_and_printed_alike() {
        let text = format!("AWS4-HMAC-SHA256 {CREDENTIAL}, {HEADERS}, {SIGNATURE}");
        let parsed = Authorization::parse(&text).unwrap();
        assert_eq!(parsed.access_key_id(), "AKIDEXAMPLE");
        assert_eq!(parsed.scope().to_string(), "20150830/us-east-1/iam/aws4_request");
        assert_eq!(parsed.signed_headers(), "content-type;host;x-amz-date");
        assert_eq!(parsed.to_string(), text);
        let tight = format!("AWS4-HMAC-SHA256 {CREDENTIAL},{SIGNATURE},{HEADERS}");
        assert_eq!(Authorization::parse(&tight), Ok(parsed));
    }

    #[test]
    fn debug_shows_everything_but_the_signature() {
        let text = format!("AWS4-HMAC-SHA256 {CREDENTIAL}, {HEADERS}, {SIGNATURE}");
        let shown = format!("{:?}", Authorization::parse(&text).unwrap());
        for part in ["AKIDEXAMPLE", "20150830/us-east-1/iam", "content-type;host;x-amz-date"] {
            assert!(shown.contains(part), "{shown}");
        }
        assert!(!shown.contains("5d672d79"), "{shown}");
    }

    #[test]
    fn doubled_missing_and_unknown_fields_are_told_apart() {
        for (fields, expected) in [
            (format!("{CREDENTIAL},{HEADERS}"), AuthorizationError::MissingField("Signature")),
            (
                format!("{CREDENTIAL},{HEADERS},{SIGNATURE},{SIGNATURE}"),
                AuthorizationError::DuplicateField("Signature"),
            ),
            (format!("{CREDENTIAL},{HEADERS},{SIGNATURE},a=b"), AuthorizationError::UnknownField),
            (format!("{CREDENTIAL},{HEADERS},{SIGNATURE},"), AuthorizationError::NotAField),
            (format!("c{CREDENTIAL},{HEADERS},{SIGNATURE}"), AuthorizationError::UnknownField),
            (format!("Credentials=a,{HEADERS},{SIGNATURE}"), AuthorizationError::UnknownField),
            (format!("Credential =a,{HEADERS},{SIGNATURE}"), AuthorizationError::UnknownField),
            (format!("=a,{HEADERS},{SIGNATURE}"), AuthorizationError::UnknownField),
            (format!("Credential,{HEADERS},{SIGNATURE}"), AuthorizationError::NotAField),
        ] {
            let text = format!("AWS4-HMAC-SHA256 {fields}");
            assert_eq!(Authorization::parse(&text), Err(expected), "{text}");
        }
    }

    #[test]
    fn algorithm_is_matched_exactly() {
        for algorithm in ["AWS4-HMAC-SHA25", "aws4-hmac-sha256", "AWS4-HMAC-SHA2567", "", "AWS"] {
            let text = format!("{algorithm} {CREDENTIAL},{HEADERS},{SIGNATURE}");
            assert_eq!(Authorization::parse(&text), Err(AuthorizationError::Algorithm), "{text}");
        }
    }

    #[test]
    fn credential_has_exactly_five_parts() {
        for credential in [
            "AKID/20150830/us-east-1/iam",
            "AKID/20150830/us-east-1/iam/aws4_request/x",
            "AKID/20150830/us-east-1/iam/aws4_reques",
            "/20150830/us-east-1/iam/aws4_request",
            "AKID/2015083/us-east-1/iam/aws4_request",
            "AKID/2015083x/us-east-1/iam/aws4_request",
            "AKID/20150830//iam/aws4_request",
            "A KID/20150830/us-east-1/iam/aws4_request",
            "AKID/20150830/us-east-1/iam/aws4_request/",
        ] {
            assert_eq!(read_credential(credential, Algorithm::Hmac), None, "{credential}");
        }
    }

    #[test]
    fn signed_headers_are_lower_case_sorted_and_each_once() {
        for list in ["", "host;", ";host", "host;a", "host;host", "Host", "a b", "a;;b"] {
            assert!(!is_header_list(list), "{list}");
        }
        assert!(is_header_list("a;b;host"));
    }
}
