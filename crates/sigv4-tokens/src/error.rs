//! The error type of this crate. Its texts name the problem, the value, the rule and the cure.

use core::fmt;
use std::error::Error;

use sigv4_core::{CredentialsError, Region, SignError};

/// Why a token was not made. Its text says what to do and contains no secret.
#[derive(Clone)]
#[non_exhaustive]
pub enum TokenError {
    /// A URL was given as the host.
    HostIsUrl {
        /// The URL, without user information or query.
        url: String,
    },
    /// A port was given with the host.
    HostHasPort {
        /// The host without the port.
        host: String,
        /// The port.
        port: String,
    },
    /// A text that is neither a host name nor an address.
    InvalidHost {
        /// The text, without user information or query.
        host: String,
    },
    /// Port 0 for a product that signs the port.
    MissingPort {
        /// The host.
        host: String,
    },
    /// An endpoint was given instead of the name of a cache or cluster.
    NameIsEndpoint {
        /// The text given.
        name: String,
    },
    /// A cache or cluster name with upper-case letters.
    UpperCaseName {
        /// The name given.
        name: String,
        /// The name in lower case, as AWS stores it.
        lower_case: String,
    },
    /// A text that cannot be the name of a cache or cluster.
    InvalidCacheName {
        /// The text given.
        name: String,
    },
    /// A value that must not be empty.
    Empty {
        /// The name of the empty value.
        what: &'static str,
    },
    /// A value that no HTTP header can carry unchanged.
    InvalidHeaderValue {
        /// The name of the value.
        what: &'static str,
    },
    /// An expiry of less than a second, or over the service's limit.
    InvalidExpiry {
        /// The product.
        product: &'static str,
        /// The expiry asked for, in whole seconds.
        seconds: u64,
        /// The longest that the service accepts, in seconds.
        limit: u64,
    },
    /// Aurora DSQL's user `admin` with the action `DbConnect`.
    AdminWithConnect,
    /// Another user than `admin` with Aurora DSQL's action `DbConnectAdmin`.
    UserWithConnectAdmin {
        /// The user.
        user: String,
    },
    /// A region in no known partition, so the host of STS is unknown.
    UnknownPartition {
        /// The region.
        region: Region,
    },
    /// The STS host that a MongoDB server named is not one that a driver may sign for.
    InvalidStsHost {
        /// The host.
        host: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// A MongoDB server's nonce that does not continue the client's.
    InvalidServerNonce {
        /// Its length in bytes.
        length: usize,
    },
    /// A Keyspaces challenge without `nonce=` and 32 characters.
    InvalidChallenge,
    /// A path that is not the path of a CodeCommit repository.
    InvalidPath {
        /// The path.
        path: String,
    },
    /// A token that is longer than the service reads.
    TooLong {
        /// The product.
        product: &'static str,
        /// The token's length in bytes.
        length: usize,
        /// The longest that the service reads, in bytes.
        limit: usize,
    },
    /// A `KUBERNETES_EXEC_INFO` without a known `apiVersion`.
    InvalidExecInfo {
        /// The `apiVersion` found, if there is one.
        api_version: Option<String>,
    },
    /// Signing failed.
    Sign(SignError),
    /// The provider returned no credentials.
    Credentials(CredentialsError),
}

impl fmt::Display for TokenError {
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostIsUrl { url } => {
                write!(f, "{url} is a URL: give the host name alone, without scheme and path")
            }
            Self::HostHasPort { host, port } => write!(
                f,
                "the host holds {host} and port {port}: give the host name alone, and the port, \
                 if the product signs one, as its own argument"
            ),
            Self::MissingPort { host } => write!(
                f,
                "port 0 of {host} is no port: give the one that the client connects to, such as \
                 5432 or 3306, because it is part of what is signed"
            ),
            Self::InvalidHost { host } => write!(
                f,
                "\"{host}\" is not a host name: give the endpoint as AWS names it, made of \
                 letters, digits, dots and hyphens"
            ),
            Self::NameIsEndpoint { name } => write!(
                f,
                "{name} is an endpoint: give the name of the cache or cluster, which is what is \
                 signed, and connect to the endpoint"
            ),
            Self::UpperCaseName { name, lower_case } => write!(
                f,
                "the name {name} has upper-case letters: AWS keeps cache and cluster names in \
                 lower case, so give {lower_case}"
            ),
            Self::InvalidCacheName { name } => write!(
                f,
                "\"{name}\" is not the name of a cache or cluster: it is made of lower-case \
                 letters, digits and hyphens"
            ),
            Self::Empty { what } => write!(f, "the {what} is empty: give one"),
            Self::InvalidHeaderValue { what } => write!(
                f,
                "the {what} has a control character, or white space that signing would change: it \
                 is signed as a header, so give it as the service knows it"
            ),
            Self::InvalidExpiry { product, seconds, limit } => write!(
                f,
                "a token for {product} cannot live for {seconds} s: ask for 1 to {limit} s"
            ),
            Self::UnknownPartition { region } => write!(
                f,
                "the partition of the region {region} is not known, so neither is its STS host: \
                 check the region's spelling"
            ),
            Self::InvalidPath { path } => write!(
                f,
                "{path} is not the path of a Git repository: give it from the slash on, without \
                 query, such as /v1/repos/my-repository"
            ),
            Self::TooLong { product, length, limit } => write!(
                f,
                "the token for {product} has {length} bytes, and the service reads at most {limit}: \
                 sign with a shorter session token (fewer session tags, a smaller session policy)"
            ),
            Self::AdminWithConnect => f.write_str(
                "Aurora DSQL refuses the action DbConnect for the user admin: use dsql_admin, \
                 which signs DbConnectAdmin",
            ),
            Self::UserWithConnectAdmin { user } => write!(
                f,
                "Aurora DSQL takes the action DbConnectAdmin for the user admin alone, not for \
                 {user}: use dsql, which signs DbConnect"
            ),
            Self::InvalidStsHost { host, rule } => write!(
                f,
                "the server names the STS host \"{host}\", and {rule}: check that this is the \
                 MongoDB server you mean to reach, and do not sign for it"
            ),
            Self::InvalidServerNonce { length } => write!(
                f,
                "the server's nonce has {length} bytes and should be 64 that begin with the \
                 client's 32: end the connection, the server did not answer this client"
            ),
            Self::InvalidChallenge => f.write_str(
                "the challenge has no nonce= followed by 32 characters: send INITIAL_RESPONSE \
                 first, and pass on what the server answers as it is",
            ),
            Self::InvalidExecInfo { api_version: Some(version) } => write!(
                f,
                "KUBERNETES_EXEC_INFO asks for the apiVersion {version}: known are \
                 client.authentication.k8s.io/v1, v1beta1 and v1alpha1, so set one of them in the \
                 kubeconfig"
            ),
            Self::InvalidExecInfo { api_version: None } => f.write_str(
                "KUBERNETES_EXEC_INFO is not a JSON object with an apiVersion: pass the variable \
                 on as the Kubernetes client set it, or pass None",
            ),
            Self::Sign(error) => error.fmt(f),
            Self::Credentials(error) => error.fmt(f),
        }
    }
}

/// Writes the text and its causes, because `main` prints a returned error with `Debug`.
impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenError({self}")?;
        let mut source = self.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        f.write_str(")")
    }
}

impl Error for TokenError {
    /// Returns the source of the credentials' error, as this error's text already includes its
    /// text.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Credentials(error) => error.source(),
            _ => None,
        }
    }
}

impl From<SignError> for TokenError {
    fn from(error: SignError) -> Self {
        Self::Sign(error)
    }
}

impl From<CredentialsError> for TokenError {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_debug_and_sources_each_tell_the_whole_story_once() {
        let cause = std::io::Error::other("connection refused");
        let error =
            TokenError::from(CredentialsError::with_source("no answer from the vault", cause));
        assert_eq!(error.to_string(), "no answer from the vault");
        assert_eq!(
            format!("{error:?}"),
            "TokenError(no answer from the vault: connection refused)"
        );
        assert_eq!(error.source().unwrap().to_string(), "connection refused");
        let error = TokenError::from(SignError::TimeOutOfRange);
        assert_eq!(error.to_string(), SignError::TimeOutOfRange.to_string());
        assert!(error.source().is_none());
    }

    #[test]
    fn every_text_names_the_value_and_a_cure() {
        let text = |value: &str| value.to_owned();
        for (error, value, cure) in [
            (TokenError::HostIsUrl { url: text("http://a") }, "http://a", "host name alone"),
            (
                TokenError::HostHasPort { host: text("a"), port: text("1") },
                "port 1",
                "own argument",
            ),
            (TokenError::InvalidHost { host: text("a b") }, "a b", "give the endpoint"),
            (TokenError::MissingPort { host: text("db") }, "db", "5432"),
            (TokenError::NameIsEndpoint { name: text("a.b") }, "a.b", "give the name"),
            (
                TokenError::UpperCaseName { name: text("Ab"), lower_case: text("ab") },
                "Ab",
                "give ab",
            ),
            (TokenError::InvalidCacheName { name: text("a b") }, "a b", "lower-case"),
            (TokenError::Empty { what: "user name" }, "user name", "give one"),
            (TokenError::InvalidHeaderValue { what: "audience" }, "audience", "give it"),
            (
                TokenError::InvalidExpiry { product: "Bedrock", seconds: 50_000, limit: 43_200 },
                "50000 s",
                "1 to 43200 s",
            ),
            (TokenError::AdminWithConnect, "admin", "use dsql_admin"),
            (TokenError::UserWithConnectAdmin { user: text("app") }, "app", "use dsql"),
            (
                TokenError::UnknownPartition { region: Region::from_static("xx-new-1") },
                "xx-new-1",
                "spelling",
            ),
            (
                TokenError::InvalidStsHost { host: text("a..b"), rule: "no label is empty" },
                "a..b",
                "do not sign",
            ),
            (TokenError::InvalidServerNonce { length: 63 }, "63 bytes", "end the connection"),
            (TokenError::InvalidChallenge, "nonce=", "INITIAL_RESPONSE"),
            (TokenError::InvalidPath { path: text("a") }, "a is not", "/v1/repos/"),
            (
                TokenError::TooLong { product: "EKS", length: 5000, limit: 4096 },
                "5000 bytes",
                "shorter session token",
            ),
            (TokenError::InvalidExecInfo { api_version: Some(text("v9")) }, "v9", "kubeconfig"),
            (TokenError::InvalidExecInfo { api_version: None }, "KUBERNETES_EXEC_INFO", "None"),
        ] {
            let shown = error.to_string();
            assert!(shown.contains(value) && shown.contains(cure), "{shown}");
        }
    }
}
