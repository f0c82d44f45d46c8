//! Amazon RDS, Aurora and RDS Proxy: the password is a presigned URL without its scheme.
//!
//! Source: Amazon RDS User Guide, "IAM database authentication for MariaDB, MySQL, and PostgreSQL".

use std::time::{Duration, SystemTime};

use http::Method;
use sigv4_core::{Credentials, Region, Service};

use crate::error::TokenError;
use crate::host::{check_host, check_user};
use crate::presign::PresignedRequest;
use crate::recipe::recipe;
use crate::token::Token;

/// The fixed expiry. RDS refuses a longer one.
const LIFE: Duration = Duration::from_secs(900);

/// A database on Amazon RDS, Aurora or behind RDS Proxy, and one of its users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rds {
    host: String,
    port: u16,
    user: String,
    region: Region,
}

/// Prepares the password of `user` for the database at `host` and `port`, in the database's region.
///
/// Give the endpoint's own name and port even if the client connects through a CNAME, a tunnel or a
/// port mapping: both are signed. The connection must use TLS. The token has to be
/// percent-encoded in a connection URL and quoted in a libpq string. MySQL clients need the
/// cleartext plugin.
///
/// ```
/// use std::time::SystemTime;
/// use sigv4_tokens::{Credentials, Region};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let region = Region::from_static("eu-west-1");
/// let database = sigv4_tokens::rds("db.abc.eu-west-1.rds.amazonaws.com", 5432, "app", &region);
/// let password = database.token(&credentials, SystemTime::now())?;
/// assert!(password.as_str().starts_with("db.abc.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app&"));
/// # Ok::<(), sigv4_tokens::TokenError>(())
/// ```
pub fn rds(host: impl Into<String>, port: u16, user: impl Into<String>, region: &Region) -> Rds {
    Rds { host: host.into(), port, user: user.into(), region: region.clone() }
}

impl Rds {
    /// Makes the password, which opens connections for 900 s. An open connection stays open.
    ///
    /// # Errors
    /// Fails if the host is a URL or has a port, if the port is 0, if the user is empty, or if the
    /// credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        check_host(&self.host)?;
        check_user(&self.user)?;
        if self.port == 0 {
            return Err(TokenError::MissingPort { host: self.host.clone() });
        }
        let url = PresignedRequest {
            method: Method::GET,
            scheme: "https",
            authority: &format!("{}:{}", self.host, self.port),
            path: "/",
            query: &[("Action", "connect"), ("DBUser", &self.user)],
            header: None,
            service: Service::from_static("rds-db"),
            region: &self.region,
            expires: LIFE,
        }
        .sign(credentials, now)?;
        Ok(Token::new(url.without_scheme_and(""), url.time, LIFE, credentials))
    }
}

recipe!(Rds);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, signature_of};

    #[test]
    fn botocores_known_answer() {
        let database = rds(
            "prod-instance.us-east-1.rds.amazonaws.com",
            3306,
            "someusername",
            &Region::from_static("us-east-1"),
        );
        let token =
            database.token(&Credentials::new("akid", "skid"), at("20161107T173933Z")).unwrap();
        assert_eq!(
            token.as_str(),
            "prod-instance.us-east-1.rds.amazonaws.com:3306/?Action=connect&DBUser=someusername\
             &X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Frds-db%2Faws4_request\
             &X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=d1138cdbc0ca63eec012ec0fc6c2267e03642168f5884a7795320d4c18374c61"
        );
    }

    #[test]
    fn port_is_signed_and_user_is_encoded() {
        let region = Region::from_static("us-east-1");
        let token = |port, user| {
            let database = rds("db.example.com", port, user, &region);
            database.token(&Credentials::new("a", "b"), at("20161107T173933Z")).unwrap()
        };
        assert_ne!(signature_of(&token(3306, "u")), signature_of(&token(5432, "u")));
        assert!(token(5432, "a@b+c/d%é").as_str().contains("&DBUser=a%40b%2Bc%2Fd%25%C3%A9&"));
    }

    #[test]
    fn url_port_in_host_missing_port_and_empty_user_are_errors() {
        let region = Region::from_static("us-east-1");
        let error = |host: &str, port, user: &str| {
            let database = rds(host, port, user, &region);
            let made = database.token(&Credentials::new("a", "b"), at("20161107T173933Z"));
            made.unwrap_err()
        };
        assert!(matches!(error("https://db", 5432, "u"), TokenError::HostIsUrl { .. }));
        assert!(matches!(error("db:5432", 5432, "u"), TokenError::HostHasPort { .. }));
        assert!(matches!(error("db", 0, "u"), TokenError::MissingPort { .. }));
        assert!(matches!(error("db", 5432, ""), TokenError::Empty { .. }));
    }
}
