//! The causes, each with its variant, its stable code and its texts.
//!
//! To add a cause, add a line here and to the README's table; a test compares the two. Sentences
//! may contain `{key}`, `{signed-region}`, `{signed-service}`, `{region}`, `{service}`, `{clock}`,
//! `{name}`, `{code}`, `{signed}`, `{arrived}` and `{endpoint}`: `words.rs` fills them in.

/// Writes the enum and its methods, whose matches have no catch-all arm.
macro_rules! causes {
    ($($(#[doc = $doc:literal])* $variant:ident = $code:literal, $says:literal, $cure:literal;)*) => {
        /// Why a request was refused. Programs can match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RefusalCause {
            $($(#[doc = $doc])* $variant,)*
        }

        impl RefusalCause {
            /// Every cause, in the order of the README's table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The cause's code, which is stable across versions.
            ///
            /// ```
            /// assert_eq!(sigv4_explain::RefusalCause::WrongRegion.code(), "wrong_region");
            /// ```
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The cause in one sentence, with placeholders in braces.
            pub(crate) const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says,)* }
            }

            /// The cure in one sentence, with placeholders in braces.
            pub(crate) const fn cure(self) -> &'static str {
                match self { $(Self::$variant => $cure,)* }
            }
        }
    };
}

causes! {
    /// The signatures differ, and the evidence does not show why.
    SignatureMismatch = "signature_mismatch",
        "The service computed another signature than the one sent, and nothing shows where the two part.",
        "Check that the secret belongs to the key, then what arrived against what was signed: method, path, query, host, signed headers and body.";
    /// Both sides signed the same text, with different secrets.
    WrongSecret = "wrong_secret",
        "The service signed the very same text with another secret than the one used for {key}, or does not know that key.",
        "Take the key id and the secret from one place, and look for a missing character or white space at the secret's ends.";
    /// The method that arrived differs from the signed one.
    MethodChanged = "method_changed",
        "The method {signed} was signed, but {arrived} arrived.",
        "Sign the method that is sent: a redirect, a proxy or a presigned URL used with another method needs a signature of its own.";
    /// The path was signed encoded twice; the service encodes it once.
    PathEncodedTwice = "path_encoded_twice",
        "The path was signed percent-encoded twice, but this service encodes it once, as S3 does.",
        "Sign with the rules of S3 (Rules::S3), and pass the path encoded once.";
    /// The path was signed encoded once; the service encodes it twice.
    PathEncodedOnce = "path_encoded_once",
        "The path was signed percent-encoded once, but this service encodes it twice, as all but S3 do.",
        "Sign with the default rules (Rules::DEFAULT) and under the service's own name.";
    /// The path arrived with other percent-escapes.
    PathReencoded = "path_reencoded",
        "The path arrived with other percent-escapes than were signed.",
        "Encode the path before signing, and let neither the client nor a proxy rewrite the URL afterwards.";
    /// Only one side resolved dots and doubled slashes in the path.
    PathNormalized = "path_normalized",
        "One side resolved dots and doubled slashes of the path, and the other did not.",
        "Send the path without `.`, `..` and `//`; if they belong to an object's key, sign with the rules of S3 and use a client that keeps them.";
    /// The path that arrived differs from the signed one.
    PathChanged = "path_changed",
        "Another path arrived than was signed.",
        "Sign the path that the service sees: look for a proxy, a stage name, a base path or a final slash that is added or removed on the way.";
    /// The bucket is in the host on one side and in the path on the other.
    AddressingStyle = "addressing_style",
        "The bucket stands in the host on one side and in the path on the other: {signed} was signed, but {arrived} arrived.",
        "Use one addressing style for signing and for sending: virtual-host style or path style.";
    /// The query arrived with other percent-escapes or in another order.
    QueryReencoded = "query_reencoded",
        "The query arrived with other percent-escapes, or in another order, than was signed; often a + stood for a space.",
        "Write a space as %20 and a plus sign as %2B before signing, and let nothing rewrite the query afterwards.";
    /// Parameters of the query were added, dropped or changed.
    QueryChanged = "query_changed",
        "The query arrived changed after signing: parameter {name}.",
        "Add every parameter before signing, and look for a proxy that adds or drops some.";
    /// The host arrived with another port, or was signed with a port that the service omits.
    HostPort = "host_port",
        "The port in the host differs: {signed} was signed, but the service reads {arrived}.",
        "Sign the host as it is sent, without :443 or :80; behind a tunnel or a port mapping, sign the name and port that the service sees.";
    /// The host that arrived differs from the signed one.
    HostChanged = "host_changed",
        "The host {signed} was signed, but {arrived} arrived.",
        "Sign the host that the service sees, or make the proxy, tunnel or custom domain in between keep the Host header.";
    /// A signed header arrived with another value.
    HeaderChanged = "header_changed",
        "The header {name} arrived with another value than was signed.",
        "Set it before signing, or leave it out of the signed headers if a client default or a proxy changes it.";
    /// A signed header did not arrive.
    HeaderMissing = "header_missing",
        "The header {name} was signed but did not arrive.",
        "Leave it out of the signed headers, or find what drops it: clients drop empty values, proxies drop what they do not know.";
    /// The list of signed headers differs between the two sides.
    SignedHeadersChanged = "signed_headers_changed",
        "The headers that count differ between the two sides, from {name} on.",
        "Send the Authorization header as it was computed, and each header once.";
    /// The body that arrived is not the one that was hashed.
    PayloadChanged = "payload_changed",
        "The body that arrived is not the one that was hashed.",
        "Hash the very bytes that are sent, after compression and serialisation, and let nothing change the body or x-amz-content-sha256 afterwards.";
    /// An empty body was signed, but a body arrived.
    BodyNotSigned = "body_not_signed",
        "The signature covers an empty body, but a body arrived.",
        "Sign when the body is set, and give its bytes or its hash to the signer.";
    /// The service does not accept `UNSIGNED-PAYLOAD`.
    UnsignedPayloadRefused = "unsigned_payload_refused",
        "The body was signed as UNSIGNED-PAYLOAD, but the service hashes it.",
        "Give the signer the body's bytes or its hash.";
    /// `x-amz-content-sha256` is missing or not signed.
    PayloadHeaderMissing = "payload_header_missing",
        "The header x-amz-content-sha256 is missing or not signed, and this service asks for it.",
        "Sign under the service's own name, so that the header is added, or set it before signing.";
    /// A chunk of a streamed body does not match its signature.
    ChunkMismatch = "chunk_mismatch",
        "A chunk of the streamed body does not match its signature; the head of the request was accepted.",
        "Send the chunks unchanged and in order, each signed after the one before, starting from the head's signature.";
    /// `Content-MD5` or another checksum does not match the body.
    ChecksumMismatch = "checksum_mismatch",
        "A checksum sent with the body (Content-MD5 or x-amz-checksum-*) is not that of the body that arrived.",
        "Compute the checksum over the very bytes that are sent, and look for what changes them on the way.";
    /// The request was signed for another region.
    WrongRegion = "wrong_region",
        "The request was signed for {signed-region}, but the service expects {region}.",
        "Sign for {region}, or send the request to an endpoint of the region that was signed.";
    /// The scope names no region.
    RegionMissing = "region_missing",
        "The credential scope names no region.",
        "Give the signer the endpoint's region; look for an empty setting or variable.";
    /// The account has not enabled the region.
    RegionDisabled = "region_disabled",
        "The region is not enabled for the account of {key}.",
        "Enable the region for the account, or use a region that is.";
    /// The request was signed for another service.
    WrongService = "wrong_service",
        "The request was signed for {signed-service}, but the endpoint belongs to {service}.",
        "Sign for {service}: the signing name, which is not always the first part of the host name.";
    /// The scope's date is not the date of the request.
    WrongDate = "wrong_date",
        "The date in the credential scope is not the date of x-amz-date.",
        "Take both from one reading of the clock, in UTC, and derive the signing key anew each day.";
    /// No date arrived, or its format is unknown.
    DateMissing = "date_missing",
        "The service found no date that it can read: neither x-amz-date nor Date.",
        "Send x-amz-date in the form 20250830T123600Z, in UTC, and let nothing drop or rewrite it.";
    /// The signer's clock is off, or the signature is old.
    ClockSkew = "clock_skew",
        "The time of the signature is {clock} the service's clock, more than the service allows.",
        "Set the clock, sign each attempt anew just before it is sent, or sign with the time of the response's Date header.";
    /// The service considers the request expired: its date, its presigned expiry or its session.
    RequestExpired = "request_expired",
        "The service takes the request for expired: its date, its presigned life or the session of its credentials.",
        "Sign anew with the clock set, and fetch new credentials if they are temporary.";
    /// The service does not know the access key.
    KeyUnknown = "key_unknown",
        "The service does not know the access key {key}: it is deleted, inactive, of another account system, or of another partition.",
        "Look the key up where it was issued, and check that it belongs to this endpoint; a temporary key needs its session token too.";
    /// The access key id does not have the format of this service's keys.
    KeyMalformed = "key_malformed",
        "The access key id {key} does not have the form of this service's keys.",
        "Check that the key id and the secret are not swapped, not of another vendor, and free of quotes and white space.";
    /// A temporary key was sent without its session token.
    TokenMissing = "token_missing",
        "The access key {key} is temporary, and no session token was sent with it.",
        "Give the signer the session token too: key id, secret and token belong together.";
    /// A temporary key and its token are not accepted together.
    TokenRefused = "token_refused",
        "The service does not accept the temporary key {key} with its session token: the token is of another session, the session is gone, or this region or partition does not take it.",
        "Take key id, secret and token from one answer, all three anew; for a region that the account had to enable, from that region's STS endpoint.";
    /// A long-term key was sent with a session token.
    TokenUnexpected = "token_unexpected",
        "The access key {key} is a long-term key, but a session token of other credentials was sent with it.",
        "Sign without a token: look for an AWS_SESSION_TOKEN left in the environment.";
    /// The service cannot read the session token.
    TokenInvalid = "token_invalid",
        "The service cannot read the session token, or does not take it in this region.",
        "Pass the token whole and unchanged; for a region that the account had to enable, use one of that region's STS endpoint.";
    /// The session has expired.
    TokenExpired = "token_expired",
        "The session of these temporary credentials has expired.",
        "Fetch new credentials before the old ones expire; a provider that refreshes them does so ahead of time.";
    /// The session token of a SigV4a request was issued by the global STS endpoint.
    TokenNotForSigV4a = "token_not_for_sigv4a",
        "The session token may come from the global STS endpoint, whose tokens a multi-region endpoint does not take; it then fails with a bare 500.",
        "Fetch the credentials from a regional STS endpoint.";
    /// The service cannot validate the credentials, and does not say which part is wrong.
    CredentialsRefused = "credentials_refused",
        "The service cannot validate the credentials of {key}, and does not say whether the key, the secret, the token or the clock is wrong.",
        "Check that the key is active, that the secret belongs to it, that a temporary key has its token, and that the clock is right.";
    /// Headers arrived that must be signed but were not.
    UnsignedHeaders = "unsigned_headers",
        "Headers arrived that have to be signed and are not: {name}.",
        "Set them before signing: every x-amz-* header and content-md5 has to be covered.";
    /// The host is not among the signed headers.
    HostNotSigned = "host_not_signed",
        "The host is not among the signed headers.",
        "Sign the host; this library always does, so look for code that rewrites the Authorization header.";
    /// The Authorization header or the query's fields cannot be read.
    MalformedAuthorization = "malformed_authorization",
        "The authorization arrived incomplete or in a form that the service cannot read.",
        "Let no other code set, split or re-encode it, send one kind of authorization only, and look for white space in the key id.";
    /// The algorithm is not `AWS4-HMAC-SHA256`.
    AlgorithmRefused = "algorithm_refused",
        "The service wants the algorithm AWS4-HMAC-SHA256 and was sent another.",
        "Remove other authorization, such as signature version 2, Basic or Bearer, and sign with version 4.";
    /// The request was signed with SigV4, but the endpoint accepts only SigV4a.
    SigV4aNeeded = "sigv4a_needed",
        "The host is an S3 Multi-Region Access Point, which takes SigV4a, and the request was signed with SigV4 for one region.",
        "Turn on the feature sigv4a and sign with Signer::for_regions(RegionSet::ALL, ..).";
    /// The request has a signature both in the header and in the query.
    TwoSignatures = "two_signatures",
        "The request carries two authorizations at once: an Authorization header and a signature in the query.",
        "Send a presigned URL without an Authorization header; after a redirect to one, drop the header.";
    /// The target was copied from HTML or XML: `&amp;` stands for `&`.
    EscapedTarget = "escaped_target",
        "The target holds &amp; where & belongs, so its parameters are not read: the URL was copied from HTML or XML.",
        "Unescape the URL before it is sent.";
    /// The service saw no signature.
    NotSigned = "not_signed",
        "The service saw no signature: it was removed on the way, or the path and method lead to no resource that asks for one.",
        "Check path, stage and method first, then look for a redirect or a proxy that drops Authorization.";
    /// The response asks for another kind of authentication, such as Basic.
    OtherAuthentication = "other_authentication",
        "The answer asks for authentication of another kind: {name}.",
        "Find out who asks: a proxy, a registry, or a service that is set up for passwords; a signature does not help there.";
    /// The service refused access without a reason.
    AccessDenied = "access_denied",
        "The service refused access and does not say whether the credentials, the token or a permission is the reason.",
        "Check who the credentials are and what the policies allow them on this resource; a wrong signature usually gets a code of its own.";
    /// The signature is valid, but a policy denies the action.
    NotAuthorized = "not_authorized",
        "The signature was accepted; a policy does not allow this action to these credentials.",
        "Leave the signer alone and change the policy: of the identity, the resource, the endpoint or the organisation.";
    /// A user's password or login token is wrong, not the signature.
    UserCredentials = "user_credentials",
        "A user's name, password or login token was refused; the signature is not the reason.",
        "Check what the user typed or the token that the request carries in its body.";
    /// The gateway refuses the request because of an API key, firewall, resource policy or
    /// permission.
    Forbidden = "forbidden",
        "The service says Forbidden and no reason: at a gateway, an API key, a firewall rule, a resource policy or the permission to invoke may be missing.",
        "Check the API key and usage plan, the firewall, the resource policy and the invoke permission.";
    /// A network policy of the collection refuses the request.
    NetworkPolicy = "network_policy",
        "A network policy of the collection refuses this network.",
        "Allow the network or the VPC endpoint in the collection's network policy; the signature is not the reason.";
    /// The collection refuses the request because of its data-access policy, the service name or
    /// the payload header.
    DataPolicy = "data_policy",
        "The collection refuses the request: its data-access policy does not name this identity, or the signature is not in the form it asks for.",
        "Name the identity in the data-access policy, and sign for service aoss with x-amz-content-sha256 covered and the host without a port.";
    /// The presigned URL has expired.
    PresignedExpired = "presigned_expired",
        "The presigned URL has expired.",
        "Make a new one shortly before it is used, with a longer expiry if need be; temporary credentials end it earlier.";
    /// The presigned URL is not valid yet.
    PresignedTooEarly = "presigned_too_early",
        "The presigned URL is not valid yet: it was made with a clock that is ahead.",
        "Set the clock of the machine that presigns.";
    /// `X-Amz-Expires` is missing or out of bounds.
    PresignedExpiry = "presigned_expiry",
        "The presigned URL's X-Amz-Expires is missing or out of bounds.",
        "Presign for 1 to 604,800 seconds.";
    /// The form does not satisfy its POST policy.
    PostPolicy = "post_policy",
        "The form does not fulfil the policy that was signed for it.",
        "Send every field that the policy names with a value it allows, and no other.";
    /// The account has not signed up for the service.
    NotSubscribed = "not_subscribed",
        "The service says that the account of {key} has not signed up for it; some servers say so of a key that they do not know.",
        "Enable the service or the region for the account, and check that the key belongs to this server.";
    /// The account or the resource is blocked.
    AccountBlocked = "account_blocked",
        "The account or the resource is blocked; the signature is not the reason.",
        "Ask the vendor's support, and name the request id.";
    /// Another endpoint serves this resource.
    WrongEndpoint = "wrong_endpoint",
        "The resource is served by another endpoint: {endpoint}.",
        "Send the request to that endpoint, signed anew for its region.";
    /// The response redirects to another host.
    Redirected = "redirected",
        "The response redirects to the host {name}: a login page, a proxy or a moved service.",
        "Look at where it leads; a signature is for one host, so a request to another needs one of its own.";
    /// No server was reached: the host name does not resolve.
    HostNotFound = "host_not_found",
        "No service was reached: the host name {name} does not resolve.",
        "Check the spelling of the host, its region and the account's identifiers in it, then the DNS of this network.";
    /// An intermediary, such as a proxy, sent the response.
    NotReached = "not_reached",
        "The request did not reach the service: {name} answered in its place.",
        "Change the rules of what stands in between, or go around it; the signature was not looked at.";
    /// The response has no body, and its headers do not show the cause.
    NoBody = "no_body",
        "The answer has no body, as after HEAD, and its headers do not tell the reason.",
        "Send the same request with GET and explain that answer.";
    /// The service does not implement the requested feature.
    NotImplemented = "not_implemented",
        "The service does not implement what was asked for; trying again does not help.",
        "Leave out the feature or the header that it names, or use a service that has it.";
    /// The service failed on its own side.
    ServiceFailure = "service_failure",
        "The service failed on its own side; the answer does not blame the signature.",
        "Try again after a pause, signed anew.";
    /// The request was not refused.
    NotRefused = "not_refused",
        "The request was not refused.",
        "Nothing to do: explain is for answers that refuse.";
    /// The code is known and is not about signatures.
    NotAboutSignatures = "not_about_signatures",
        "The code {code} is not about signatures: the request was refused for what it asks.",
        "Read the service's message and its documentation of this code.";
    /// The code is not known to this library.
    UnknownCode = "unknown_code",
        "The code {code} is not known to this library: it may or may not be about the signature.",
        "Read the service's message and its documentation of this code.";
    /// The response cannot be read.
    Unknown = "unknown",
        "It cannot be told: {name}.",
        "Look at the raw answer and at who sent it: the service, a proxy, a load balancer or another server.";
}

impl RefusalCause {
    /// Whether the cause is so general that a hint is more specific.
    pub(crate) const fn is_general(self) -> bool {
        matches!(
            self,
            Self::SignatureMismatch
                | Self::CredentialsRefused
                | Self::AccessDenied
                | Self::RequestExpired
                | Self::NoBody
                | Self::ServiceFailure
        )
    }
}

/// How a finding is known. The first three ranks prove a cause; the last is a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rank {
    /// The service's code, message, fields or headers state the cause.
    Said,
    /// A comparison of the service's texts with the transcript shows the cause.
    Compared,
    /// The signed text or the request as sent shows the cause.
    Seen,
    /// A check found a possible cause, but it is not proven to be the reason for the refusal.
    Likely,
}

impl Rank {
    /// The rank's code, which is stable across versions.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Compared => "compared",
            Self::Seen => "seen",
            Self::Likely => "likely",
        }
    }
}

impl core::fmt::Display for Rank {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Said => "said by the service",
            Self::Compared => "compared with the service's texts",
            Self::Seen => "seen in the request",
            Self::Likely => "likely, not proven",
        })
    }
}

impl core::fmt::Display for RefusalCause {
    /// Writes the code.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}
