//! Reads a service's message by its fixed opening. The canonical request in it is cut off first.

use sigv4_core::SigningTime;

use crate::cause::RefusalCause as Cause;
use crate::text::{clean, read_time};

/// The separators between the sentence, the canonical request and the string to sign.
const BEFORE_CANONICAL: &str = "The Canonical String for this request should have been\n'";
const BEFORE_STRING: &str = "'\n\nThe String-to-Sign should have been\n'";

/// The openings of services' sentences, and the cause of each. The first match counts.
const OPENINGS: &[(&str, Cause)] = &[
    ("The request signature we calculated does not match ", Cause::SignatureMismatch),
    ("Forbidden: Invalid signature", Cause::SignatureMismatch), // Garage
    ("Forbidden: No such key", Cause::KeyUnknown),
    ("Signature expired: ", Cause::ClockSkew),
    ("Signature not yet current: ", Cause::ClockSkew),
    ("Date in Credential scope does not match ", Cause::WrongDate),
    ("Invalid credential date ", Cause::WrongDate),
    ("AWS authentication requires a valid Date ", Cause::DateMissing),
    ("missing header: x-amz-date", Cause::DateMissing), // s3s
    ("The security token included in the request is invalid", Cause::KeyUnknown),
    ("The security token included in the request is expired", Cause::TokenExpired),
    ("Malformed Access Key Id", Cause::KeyMalformed), // Backblaze B2
    ("Credential access key has length ", Cause::KeyMalformed), // Cloudflare R2
    ("Missing Authentication Token", Cause::NotSigned),
    ("Request is missing Authentication Token", Cause::NotSigned),
    ("No AWSAccessKey was presented.", Cause::NotSigned),
    ("Signature is required", Cause::NotSigned), // s3s
    ("Authorization header is missing", Cause::NotSigned), // Bedrock
    ("Valid authorization header not provided", Cause::NotSigned), // AppSync
    ("User: anonymous is not authorized ", Cause::NotSigned),
    ("User: ", Cause::NotAuthorized),
    ("Not Authorized to access ", Cause::NotAuthorized), // AppSync
    ("no permissions for ", Cause::NotAuthorized),       // OpenSearch
    ("Only one auth mechanism allowed", Cause::TwoSignatures),
    ("Found both 'X-Amz-Algorithm' as a query-string param ", Cause::TwoSignatures),
    ("Unsupported AWS 'algorithm': ", Cause::AlgorithmRefused),
    ("Unsupported Authorization Type", Cause::AlgorithmRefused),
    ("The authorization mechanism you have provided is not supported.", Cause::AlgorithmRefused),
    ("'Host' must be a 'SignedHeader' ", Cause::HostNotSigned),
    ("'Host' or ':authority' must be a 'SignedHeader' ", Cause::HostNotSigned),
    ("There were headers present in the request which were not signed", Cause::UnsignedHeaders),
    ("Authorization header requires ", Cause::MalformedAuthorization),
    ("Authorization header is invalid ", Cause::MalformedAuthorization),
    ("invalid header: authorization", Cause::MalformedAuthorization), // s3s
    ("AWS query-string parameters must include ", Cause::MalformedAuthorization),
    ("Query-string authentication version 4 requires ", Cause::MalformedAuthorization),
    ("Date must be in ISO-8601 'basic format'.", Cause::MalformedAuthorization),
    ("Credential must have exactly 5 slash-delimited elements", Cause::MalformedAuthorization),
    ("Missing required header for this request: x-amz-content-sha256", Cause::PayloadHeaderMissing),
    ("missing header: x-amz-content-sha256", Cause::PayloadHeaderMissing), // s3s
    ("X-Amz-Expires ", Cause::PresignedExpiry),
    ("Invalid according to Policy: ", Cause::PostPolicy),
    // Amazon Cognito: a user's sign-in.
    ("Incorrect username or password", Cause::UserCredentials),
    ("Password attempts exceeded", Cause::UserCredentials),
    ("User is disabled", Cause::UserCredentials),
    ("Invalid Access Token", Cause::UserCredentials),
    ("Access Token has ", Cause::UserCredentials),
    ("Invalid Refresh Token", Cause::UserCredentials),
    ("Refresh Token has ", Cause::UserCredentials),
    ("Invalid login token", Cause::UserCredentials),
    ("Token expired: current date/time ", Cause::UserCredentials), // a web identity's
    ("Unable to verify secret hash ", Cause::UserCredentials),
    ("Forbidden", Cause::Forbidden),
];

/// The values that a service says were in the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) region: Option<String>,
    pub(crate) service: Option<String>,
}

/// A message split into its parts.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// Everything before the texts that the service computed.
    pub(super) sentence: String,
    pub(super) canonical_request: Option<String>,
    pub(super) string_to_sign: Option<String>,
    pub(super) said: Option<Cause>,
    pub(super) region: Option<String>,
    pub(super) service: Option<String>,
    pub(super) server_time: Option<SigningTime>,
    pub(super) request_time: Option<SigningTime>,
    /// The region and the service that the request named.
    pub(super) given: Given,
    pub(super) name: Option<String>,
    /// The scope of the request that Garage did not expect.
    pub(super) unexpected_scope: Option<String>,
}

impl Message {
    pub(super) fn read(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let text = text.trim_start().trim_start_matches("Invalid Argument: ");
        let (sentence, canonical_request, string_to_sign) = split_dump(text);
        let sentence = sentence.trim();
        let mut message = Self {
            sentence: sentence.to_owned(),
            canonical_request,
            string_to_sign,
            ..Self::default()
        };
        message.read_s3_scope(sentence);
        message.read_scope(sentence);
        message.read_missing_header(sentence);
        if let Some(scope) =
            sentence.strip_prefix("Authorization header malformed, unexpected scope: ")
        {
            message.unexpected_scope = Some(clean(scope, 200));
        }
        if message.said.is_none() {
            let known = OPENINGS.iter().find(|(opening, _)| sentence.starts_with(opening));
            message.said = known.map(|(_, cause)| *cause);
        }
        if message.said == Some(Cause::ClockSkew) {
            message.server_time = server_time(sentence);
            message.request_time = sentence.split(' ').find_map(read_time);
        }
        message
    }

    /// `Credential should be scoped to a valid region, not 'c'. Credential should be scoped to
    /// correct service: 'dynamodb'. ...`
    fn read_scope(&mut self, sentence: &str) {
        let mut rest = sentence;
        while let Some(after) = rest.strip_prefix("Credential should be scoped ") {
            if after.starts_with("to a valid region") {
                self.said = Some(Cause::WrongRegion);
                let given = after.strip_prefix("to a valid region, not '");
                self.given.region = given.and_then(|region| until(region, '\''));
            } else if let Some(service) = after.strip_prefix("to correct service: '") {
                self.service = until(service, '\'');
                self.said.get_or_insert(Cause::WrongService);
            } else {
                self.said.get_or_insert(Cause::MalformedAuthorization);
            }
            rest = after.split_once(". ").map_or("", |(_, rest)| rest.trim_start());
        }
    }

    /// S3's `...; the region 'a' is wrong; expecting 'b'`, MinIO's `...; the region is wrong; expecting
    /// 'b'.`, and `...; incorrect service "sts". This endpoint belongs to "s3".`
    fn read_s3_scope(&mut self, sentence: &str) {
        const HEADS: [&str; 2] = [
            "The authorization header is malformed; ",
            "Error parsing the X-Amz-Credential parameter; ",
        ];
        let Some(rest) = HEADS.iter().find_map(|head| sentence.strip_prefix(head)) else { return };
        if rest.starts_with("the region ") {
            self.said = Some(Cause::WrongRegion);
            let expected = rest.split_once(" is wrong; expecting '");
            self.region = expected.and_then(|(_, region)| until(region, '\''));
            let given = rest.strip_prefix("the region '");
            self.given.region = given.and_then(|region| until(region, '\''));
        } else if rest.starts_with("a non-empty region ") {
            self.said = Some(Cause::RegionMissing);
        } else if let Some(service) = rest.strip_prefix("incorrect service \"") {
            self.said = Some(Cause::WrongService);
            self.given.service = until(service, '"');
            let expected = service.split_once("\". This endpoint belongs to \"");
            self.service = expected.and_then(|(_, service)| until(service, '"'));
        } else {
            self.said = Some(Cause::MalformedAuthorization);
        }
    }

    /// `'x-amz-security-token' is named as a SignedHeader, but it does not exist in the HTTP request.`
    fn read_missing_header(&mut self, sentence: &str) {
        let Some((name, rest)) = sentence.strip_prefix('\'').and_then(|rest| rest.split_once('\''))
        else {
            return;
        };
        if rest.starts_with(" is named as a SignedHeader, but it does not exist") {
            self.said = Some(Cause::HeaderMissing);
            self.name = Some(clean(name, 100));
        } else if rest.starts_with(" not a valid key=value pair") {
            self.said = Some(Cause::MalformedAuthorization);
        }
    }
}

/// Returns the text up to a quote, at most 100 characters.
fn until(text: &str, quote: char) -> Option<String> {
    text.split_once(quote).map(|(inside, _)| clean(inside, 100)).filter(|inside| !inside.is_empty())
}

/// Splits a message into the sentence, the canonical request and the string to sign.
fn split_dump(text: &str) -> (&str, Option<String>, Option<String>) {
    let Some((sentence, rest)) = text.split_once(BEFORE_CANONICAL) else {
        return (text, None, None);
    };
    let Some((canonical, rest)) = rest.split_once(BEFORE_STRING) else {
        return (sentence, None, None);
    };
    let string = rest.rsplit_once('\'').map(|(string, _)| string.to_owned());
    (sentence, Some(canonical.to_owned()), string)
}

/// Returns the last time in `A is now earlier than B (C - 15 min.)`: the service's clock.
fn server_time(sentence: &str) -> Option<SigningTime> {
    let (_, inside) = sentence.rsplit_once('(')?;
    read_time(inside.split_ascii_whitespace().next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_and_service_that_a_service_expects_are_read() {
        let message = Message::read(
            "Credential should be scoped to a valid region, not 'c'. Credential should be scoped to \
             correct service: 'dynamodb'. Credential should be scoped with a valid terminator: \
             'aws4_request', not 'e'. ",
        );
        assert_eq!(message.said, Some(Cause::WrongRegion));
        assert_eq!(message.service.as_deref(), Some("dynamodb"));
        let message = Message::read(
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting \
             'eu-west-1'",
        );
        assert_eq!(message.region.as_deref(), Some("eu-west-1"));
        let message = Message::read(
            "Error parsing the X-Amz-Credential parameter; incorrect service \"sts\". This endpoint \
             belongs to \"s3\".",
        );
        assert_eq!(message.service.as_deref(), Some("s3"));
    }

    #[test]
    fn server_clock_is_the_time_in_brackets() {
        let message = Message::read(
            "Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z \
             (20220127T015928Z - 15 min.)",
        );
        assert_eq!(message.server_time.unwrap().as_str(), "20220127T015928Z");
    }

    #[test]
    fn words_inside_a_dump_are_never_read() {
        let message = Message::read(
            "The request signature we calculated does not match the signature you provided. \
             Check.\n\nThe Canonical String for this request should have been\n'POST\n/Signature \
             expired: a\n\nx:Forbidden\n\nx\nhash'\n\nThe String-to-Sign should have \
             been\n'AWS4-HMAC-SHA256\nb'\n",
        );
        assert_eq!(message.said, Some(Cause::SignatureMismatch));
        assert!(message.sentence.ends_with("Check."));
        assert!(message.canonical_request.unwrap().ends_with("\nx\nhash"));
        assert_eq!(message.string_to_sign.as_deref(), Some("AWS4-HMAC-SHA256\nb"));
    }
}
