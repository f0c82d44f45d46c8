//! The one table: every error code, what it means, its cause and its cure.
//!
//! To add a code: a line in [`CODES`]. To add a cause: a variant of [`Cause`] and a row in [`CAUSES`]. The
//! README's tables are compared with these by a test that prints what is missing.
//!
//! Sentences may hold `{key}`, `{signed-region}`, `{signed-service}`, `{region}`, `{service}`,
//! `{clock}`, `{name}`, `{code}`, `{signed}` and `{arrived}`, which `explanation.rs` fills in.

use crate::cause::Cause;

/// A cause, its sentence and its cure.
pub(crate) struct Row {
    pub(crate) cause: Cause,
    pub(crate) says: &'static str,
    pub(crate) cure: &'static str,
}

const fn row(cause: Cause, says: &'static str, cure: &'static str) -> Row {
    Row { cause, says, cure }
}

/// The row of a cause.
pub(crate) fn of_cause(cause: Cause) -> &'static Row {
    const UNKNOWN: Row = row(Cause::CannotTell, "", "");
    CAUSES.iter().find(|row| row.cause == cause).unwrap_or(&UNKNOWN)
}

/// What a code means by itself, with or without `Exception` at its end.
pub(crate) fn of_code(code: &str) -> Option<Cause> {
    let bare = bare(code);
    CODES.iter().find(|(known, _)| *known == bare).map(|(_, cause)| *cause)
}

/// A code without the suffix that some services add.
pub(crate) fn bare(code: &str) -> &str {
    code.strip_suffix("Exception").unwrap_or(code)
}

/// Codes as services send them, without `Exception`.
///
/// Sources: Amazon S3 API Reference, "Error responses"; AWS General Reference and each service's
/// "Common errors"; Amazon EC2 API Reference, "Error codes"; the answers of live services.
pub(crate) const CODES: &[(&str, Cause)] = &[
    ("SignatureDoesNotMatch", Cause::SignatureMismatch),
    ("InvalidSignature", Cause::SignatureMismatch),
    ("XAmzContentSHA256Mismatch", Cause::PayloadChanged),
    ("AuthorizationHeaderMalformed", Cause::MalformedAuthorization),
    ("AuthorizationQueryParametersError", Cause::MalformedAuthorization),
    ("IncompleteSignature", Cause::MalformedAuthorization),
    ("InvalidAccessKeyId", Cause::KeyUnknown),
    ("InvalidClientTokenId", Cause::KeyUnknown),
    ("UnrecognizedClient", Cause::KeyUnknown),
    ("AuthFailure", Cause::CredentialsRefused),
    ("InvalidToken", Cause::TokenInvalid),
    ("ExpiredToken", Cause::TokenExpired),
    ("TokenRefreshRequired", Cause::TokenExpired),
    ("RequestTimeTooSkewed", Cause::ClockSkew),
    ("RequestExpired", Cause::RequestExpired),
    ("MissingAuthenticationToken", Cause::NotSigned),
    ("MissingSecurityHeader", Cause::NotSigned),
    ("AccessDenied", Cause::AccessRefused),
    ("NotAuthorized", Cause::NotAuthorized),
    ("UnauthorizedOperation", Cause::NotAuthorized),
    ("security_exception", Cause::NotAuthorized),
    ("Forbidden", Cause::Forbidden),
    ("gw-helper-deny", Cause::DataPolicy),
    ("network-policy-deny", Cause::NetworkPolicy),
    ("PermanentRedirect", Cause::WrongEndpoint),
    ("TemporaryRedirect", Cause::WrongEndpoint),
    ("NotSignedUp", Cause::NotSubscribed),
    ("OptInRequired", Cause::NotSubscribed),
    ("InvalidRequest", Cause::AnotherReason),
    ("BadRequest", Cause::AnotherReason),
];

/// Causes in the words that a reader sees.
pub(crate) const CAUSES: &[Row] = &[
    row(
        Cause::SignatureMismatch,
        "The service computed another signature than the one sent, and does not say where the two part.",
        "Check the secret access key first, then what arrived against what was signed: method, path, query, host, signed headers and body.",
    ),
    row(
        Cause::WrongSecret,
        "The service signed the very same text with another key: the secret is not the one that belongs to {key}.",
        "Take the key id and the secret from one place, and look for a missing character or white space at the secret's ends.",
    ),
    row(
        Cause::MethodChanged,
        "The method {signed} was signed, but {arrived} arrived.",
        "Sign after the method is settled; a redirect or a proxy that turns one method into another needs a new signature.",
    ),
    row(
        Cause::PathEncodedTwice,
        "The path was signed percent-encoded twice, but this service encodes it once, as S3 does.",
        "Sign with S3's rules: service s3, or Service::with_rules and Rules::S3 where it has another name; pass the path encoded once.",
    ),
    row(
        Cause::PathEncodedOnce,
        "The path was signed percent-encoded once, but this service encodes it twice, as all but S3 do.",
        "Sign with the default rules, under the service's own name instead of s3.",
    ),
    row(
        Cause::PathReencoded,
        "The path arrived with other percent-escapes than were signed.",
        "Encode the path before signing and let nothing rewrite the URL afterwards: neither the client nor a proxy.",
    ),
    row(
        Cause::PathNormalized,
        "One side resolved dots and doubled slashes of the path, and the other did not.",
        "Send the path without `.`, `..` and `//`; where they belong to an S3 key, sign with S3's rules and a client that keeps them.",
    ),
    row(
        Cause::PathChanged,
        "Another path arrived than was signed.",
        "Sign the path that the service sees: look for a proxy, a stage name or a base path that is added or removed on the way.",
    ),
    row(
        Cause::QueryReencoded,
        "The query arrived with other percent-escapes, or in another order, than was signed; often a + that stood for a space.",
        "Write a space as %20 and a plus sign as %2B before signing, and let nothing rewrite the query afterwards.",
    ),
    row(
        Cause::QueryChanged,
        "The query arrived changed after signing: parameter {name}.",
        "Add every parameter before signing, and look for a proxy that adds or drops some.",
    ),
    row(
        Cause::HostPort,
        "The port in the host differs: {signed} was signed, but the service reads {arrived}.",
        "Sign the host as it is sent, without :443 or :80; behind a tunnel or a port mapping, sign the name and port that the service sees.",
    ),
    row(
        Cause::HostChanged,
        "The host {signed} was signed, but {arrived} arrived.",
        "Sign the host that the service sees, or make the proxy, tunnel or custom domain in between keep the Host header.",
    ),
    row(
        Cause::HeaderChanged,
        "The header {name} arrived with another value than was signed.",
        "Set it before signing, or leave it out of the signed headers where a client default or a proxy changes it.",
    ),
    row(
        Cause::HeaderMissing,
        "The header {name} was signed but did not arrive.",
        "Leave it out of the signed headers, or find what drops it: clients drop empty values, proxies drop what they do not know.",
    ),
    row(
        Cause::SignedHeadersChanged,
        "The headers that count differ between the two sides, from {name} on.",
        "Send the Authorization header as it was computed, and each header once.",
    ),
    row(
        Cause::PayloadChanged,
        "The body that arrived is not the one that was hashed.",
        "Hash the very bytes that are sent, after compression and serialisation, and let nothing change the body afterwards.",
    ),
    row(
        Cause::BodyNotSigned,
        "The signature covers an empty body, but a body arrived.",
        "Sign when the body is set, and give its bytes or its hash to the signer.",
    ),
    row(
        Cause::UnsignedPayloadRefused,
        "The body was signed as UNSIGNED-PAYLOAD, which {signed-service} does not take.",
        "Give the signer the body's bytes or its hash; UNSIGNED-PAYLOAD is for S3.",
    ),
    row(
        Cause::PayloadHeaderMissing,
        "The header x-amz-content-sha256 is missing or not signed, and this service asks for it.",
        "Sign under the service's own name, so that the header is added, or set it before signing.",
    ),
    row(
        Cause::ChunkMismatch,
        "A chunk of the streamed body does not match its signature; the head of the request was accepted.",
        "Send the chunks unchanged and in order, each signed after the one before, starting from the head's signature.",
    ),
    row(
        Cause::WrongRegion,
        "The request was signed for region {signed-region}, but the service expects {region}.",
        "Sign for {region}, or send the request to the endpoint of {signed-region}.",
    ),
    row(
        Cause::WrongService,
        "The request was signed for service {signed-service}, but the service expects {service}.",
        "Sign for {service}: the signing name, which is not always the first part of the host name.",
    ),
    row(
        Cause::WrongDate,
        "The date in the credential scope is not the date of x-amz-date.",
        "Take both from one reading of the clock, in UTC, and derive the signing key anew each day.",
    ),
    row(
        Cause::ClockSkew,
        "The time of the signature is {clock} the service's clock, more than the service allows.",
        "Set the clock, sign each attempt anew just before it is sent, or sign with the time of the response's Date header.",
    ),
    row(
        Cause::KeyUnknown,
        "The service does not know the access key {key}: it is deleted, inactive, or of another partition or system.",
        "Look the key up in the account's IAM console, and check that the endpoint belongs to the same partition as the key.",
    ),
    row(
        Cause::TokenMissing,
        "The access key {key} is temporary, and no session token was sent with it.",
        "Give the signer the session token too: key id, secret and token belong together.",
    ),
    row(
        Cause::TokenMismatch,
        "The session token was not issued with the access key {key}, or that session no longer exists.",
        "Take key id, secret and token from one answer of STS or of the metadata service, all three anew.",
    ),
    row(
        Cause::TokenUnexpected,
        "The access key {key} is a long-term key, but a session token of other credentials was sent with it.",
        "Sign without a token: look for an AWS_SESSION_TOKEN left in the environment.",
    ),
    row(
        Cause::TokenInvalid,
        "The session token cannot be read by the service.",
        "Pass the token whole and unchanged: no line breaks, no quotes, not percent-encoded again.",
    ),
    row(
        Cause::TokenExpired,
        "The session of these temporary credentials has expired.",
        "Fetch new credentials before the old ones end; a provider that refreshes them does so ahead of time.",
    ),
    row(
        Cause::UnsignedHeaders,
        "Headers arrived that have to be signed and are not: {name}.",
        "Set them before signing: every x-amz-* header and content-md5 has to be covered.",
    ),
    row(
        Cause::HostNotSigned,
        "The host is not among the signed headers.",
        "Sign the host; this library always does, so look for code that rewrites the Authorization header.",
    ),
    row(
        Cause::MalformedAuthorization,
        "The authorization arrived incomplete or in a form that the service cannot read.",
        "Let no other code set, split or re-encode it, send one kind of authorization only, and look for white space in the key id.",
    ),
    row(
        Cause::AlgorithmRefused,
        "The service wants the algorithm AWS4-HMAC-SHA256 and was sent another.",
        "Remove other authorization, such as signature version 2, Basic or Bearer, and sign with version 4.",
    ),
    row(
        Cause::TwoSignatures,
        "The request is signed twice: in the Authorization header and in the query.",
        "Keep one: send a presigned URL without an Authorization header.",
    ),
    row(
        Cause::NotSigned,
        "The service saw no signature: it was removed on the way, or the path and method lead to no resource that asks for one.",
        "Check path, stage and method first, as API Gateway answers so to unknown routes, then look for a redirect or a proxy that drops Authorization.",
    ),
    row(
        Cause::NotAuthorized,
        "The signature was accepted; a policy does not allow this action to these credentials.",
        "Leave the signer alone and change the policy: of the identity, the resource, the endpoint or the organisation.",
    ),
    row(
        Cause::AccessRefused,
        "The service refused access without a reason; most often the signature was accepted and a policy refused.",
        "Check who the credentials are (sts:GetCallerIdentity) and what the policies allow them on this resource.",
    ),
    row(
        Cause::PresignedExpired,
        "The presigned URL has expired.",
        "Make a new one shortly before it is used, with a longer expiry if need be; temporary credentials end it earlier.",
    ),
    row(
        Cause::PresignedTooEarly,
        "The presigned URL is not valid yet: it was made with a clock that is ahead.",
        "Set the clock of the machine that presigns.",
    ),
    row(
        Cause::PresignedExpiry,
        "The presigned URL's X-Amz-Expires is missing or out of bounds.",
        "Presign for 1 to 604,800 seconds.",
    ),
    row(
        Cause::PostPolicy,
        "The form does not fulfil the policy that was signed for it.",
        "Send every field that the policy names with a value it allows, and no other.",
    ),
    row(
        Cause::RequestExpired,
        "The service takes the request for expired: its time is too far off, or its session has ended.",
        "Set the clock, and fetch new credentials where they are temporary.",
    ),
    row(
        Cause::CredentialsRefused,
        "The service cannot validate the credentials of {key}: the key, the secret or the clock is wrong.",
        "Check that the key is active, that the secret belongs to it, that a temporary key has its token, and that the clock is right.",
    ),
    row(
        Cause::NotSubscribed,
        "The account of {key} has not signed up for this service or region.",
        "Enable the service or the region in the account's console.",
    ),
    row(
        Cause::WrongEndpoint,
        "The resource is served by another endpoint, in {region}.",
        "Send the request to that endpoint, signed anew for its region.",
    ),
    row(
        Cause::NetworkPolicy,
        "A network policy of the collection refuses this network.",
        "Allow the network or the VPC endpoint in the collection's network policy; the signature is not the reason.",
    ),
    row(
        Cause::DataPolicy,
        "The collection refuses the request: most often its data-access policy does not name this identity.",
        "Name the identity in the data-access policy, and sign for service aoss with x-amz-content-sha256 covered and the host without a port.",
    ),
    row(
        Cause::Forbidden,
        "The gateway refuses: an API key, a firewall rule, a resource policy or a permission to invoke is missing.",
        "Check the API key and usage plan, the firewall, the resource policy and the invoke permission; the signature is rarely the reason.",
    ),
    row(
        Cause::HostNotFound,
        "No service was reached: the host name {name} does not resolve.",
        "Check the spelling of the host, its region and the account's identifiers in it, then the DNS of this network.",
    ),
    row(
        Cause::NoBody,
        "The answer has no body, as after HEAD, and its headers do not tell the reason.",
        "Send the same request with GET and explain that answer.",
    ),
    row(
        Cause::ServiceFailure,
        "The service failed on its own side; the signature is not the reason.",
        "Try again after a pause, signed anew.",
    ),
    row(
        Cause::NotRefused,
        "The request was not refused.",
        "Nothing to do: explain is for answers that refuse.",
    ),
    row(
        Cause::AnotherReason,
        "The code {code} is not about signatures: the request was refused for what it asks.",
        "Read the service's message and its documentation of this code.",
    ),
    row(
        Cause::CannotTell,
        "Cannot tell: the answer is not in a form that a signing service sends ({name}).",
        "Look at the raw answer: it may come from a proxy, a load balancer or another server.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_one_row_and_every_code_one_line() {
        for (at, row) in CAUSES.iter().enumerate() {
            assert!(CAUSES[..at].iter().all(|other| other.cause != row.cause), "{:?}", row.cause);
            assert!(row.says.ends_with('.') && row.cure.ends_with('.'), "{:?}", row.cause);
        }
        for (at, (code, cause)) in CODES.iter().enumerate() {
            assert!(CODES[..at].iter().all(|(other, _)| other != code), "{code}");
            assert!(CAUSES.iter().any(|row| row.cause == *cause), "{code}");
            assert_eq!(bare(code), *code);
        }
    }

    #[test]
    fn code_is_known_with_and_without_its_suffix() {
        for code in ["InvalidSignature", "InvalidSignatureException"] {
            assert_eq!(of_code(code), Some(Cause::SignatureMismatch));
        }
        assert_eq!(of_code("NoSuchKey"), None);
    }

    #[test]
    fn readme_shows_the_whole_table() {
        let readme = include_str!("../README.md");
        let codes = CODES.iter().map(|(code, cause)| {
            let Row { says, cure, .. } = of_cause(*cause);
            format!("| `{code}` | {says} | {cure} |")
        });
        let found = CAUSES.iter().filter(|row| CODES.iter().all(|(_, cause)| *cause != row.cause));
        let causes =
            found.map(|row| format!("| `{:?}` | {} | {} |", row.cause, row.says, row.cure));
        let missing: Vec<String> =
            codes.chain(causes).filter(|line| !readme.contains(line)).collect();
        assert!(missing.is_empty(), "the README lacks:\n{}", missing.join("\n"));
    }
}
