//! The causes, as a program sees them; `table.rs` has the words.

/// What went wrong, for a program to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// Signatures differ, and the answer does not tell why.
    SignatureMismatch,
    /// Both sides signed the same text, with different secrets.
    WrongSecret,
    /// The method arrived changed.
    MethodChanged,
    /// The path was signed encoded twice; the service encodes it once.
    PathEncodedTwice,
    /// The path was signed encoded once; the service encodes it twice.
    PathEncodedOnce,
    /// The path arrived with other percent-escapes.
    PathReencoded,
    /// One side resolved dots and doubled slashes, the other did not.
    PathNormalized,
    /// Another path arrived.
    PathChanged,
    /// The query arrived with other percent-escapes or in another order.
    QueryReencoded,
    /// Parameters of the query were added, dropped or changed.
    QueryChanged,
    /// The host arrived with another port, or one that the service leaves out.
    HostPort,
    /// Another host arrived.
    HostChanged,
    /// A signed header arrived with another value.
    HeaderChanged,
    /// A signed header did not arrive.
    HeaderMissing,
    /// The list of signed headers arrived changed.
    SignedHeadersChanged,
    /// The body that arrived is not the one that was hashed.
    PayloadChanged,
    /// An empty body was signed and another arrived.
    BodyNotSigned,
    /// The service does not take `UNSIGNED-PAYLOAD`.
    UnsignedPayloadRefused,
    /// `x-amz-content-sha256` is missing or not signed.
    PayloadHeaderMissing,
    /// A chunk of a streamed body does not match its signature.
    ChunkMismatch,
    /// Signed for another region.
    WrongRegion,
    /// Signed for another service.
    WrongService,
    /// The scope's date is not the date of the request.
    WrongDate,
    /// The signer's clock is off, or the signature is old.
    ClockSkew,
    /// The service does not know the access key.
    KeyUnknown,
    /// A temporary key came without its session token.
    TokenMissing,
    /// The session token belongs to another key or to a session that is gone.
    TokenMismatch,
    /// A long-term key came with a session token.
    TokenUnexpected,
    /// The session token cannot be read.
    TokenInvalid,
    /// The session has expired.
    TokenExpired,
    /// Headers arrived that have to be signed and were not.
    UnsignedHeaders,
    /// The host is not among the signed headers.
    HostNotSigned,
    /// The Authorization header or the query's fields cannot be read.
    MalformedAuthorization,
    /// Not `AWS4-HMAC-SHA256`.
    AlgorithmRefused,
    /// Signed in the header and in the query at once.
    TwoSignatures,
    /// The service saw no signature.
    NotSigned,
    /// The signature is good; a policy refuses.
    NotAuthorized,
    /// Refused without a reason.
    AccessRefused,
    /// A presigned URL is past its end.
    PresignedExpired,
    /// A presigned URL is before its start.
    PresignedTooEarly,
    /// `X-Amz-Expires` is missing or out of bounds.
    PresignedExpiry,
    /// A POST policy does not allow the form.
    PostPolicy,
    /// EC2: the request or its credentials have expired.
    RequestExpired,
    /// EC2: the credentials do not validate.
    CredentialsRefused,
    /// The account has not signed up for the service.
    NotSubscribed,
    /// Another endpoint serves this resource.
    WrongEndpoint,
    /// A network policy of the collection refuses.
    NetworkPolicy,
    /// The collection refuses: data-access policy, service name or payload header.
    DataPolicy,
    /// The gateway refuses: API key, firewall, resource policy or permission.
    Forbidden,
    /// No server was reached: the host name does not resolve.
    HostNotFound,
    /// The answer has no body, and the headers tell nothing.
    NoBody,
    /// The service failed on its own side.
    ServiceFailure,
    /// The request was not refused.
    NotRefused,
    /// The code is not about signatures.
    AnotherReason,
    /// The answer cannot be read.
    CannotTell,
}
