//! Amazon Aurora DSQL: a presigned URL without its scheme is the password.
//!
//! Source: Amazon Aurora DSQL User Guide, "Generating an authentication token".

use std::time::{Duration, SystemTime};

use http::Method;
use sigv4_core::{Credentials, Region, Service};

use crate::error::TokenError;
use crate::host::{check_host, check_user, shown};
use crate::presign::PresignedRequest;
use crate::recipe::recipe;
use crate::token::Token;

const DEFAULT_LIFE: Duration = Duration::from_secs(900);

/// The longest expiry: one week, according to AWS's guide.
const LONGEST_LIFE: Duration = Duration::from_secs(604_800);

/// The user that needs its own action, `DbConnectAdmin`.
const ADMIN: &str = "admin";

/// An Aurora DSQL cluster, and the action used to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dsql {
    host: String,
    region: Region,
    action: Action,
    user: Option<String>,
    life: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Connect,
    ConnectAdmin,
}

/// Prepares the password of any user except `admin` for the cluster at `host`, in its region.
///
/// `host` is the cluster's own endpoint; the TLS connection must send it as SNI. The user is not
/// part of the token: [`Dsql::for_user`] checks that it matches the action.
pub fn dsql(host: impl Into<String>, region: &Region) -> Dsql {
    Dsql::new(host.into(), region, Action::Connect)
}

/// Prepares the password of the user `admin` for the cluster at `host`, in the cluster's region.
pub fn dsql_admin(host: impl Into<String>, region: &Region) -> Dsql {
    Dsql::new(host.into(), region, Action::ConnectAdmin)
}

impl Dsql {
    fn new(host: String, region: &Region, action: Action) -> Self {
        Self { host, region: region.clone(), action, user: None, life: DEFAULT_LIFE }
    }

    /// Names the user who will connect. Making the token then fails if the action is wrong for it.
    #[must_use]
    pub fn for_user(self, user: impl Into<String>) -> Self {
        Self { user: Some(user.into()), ..self }
    }

    /// Sets how long the token opens connections: 1 s to 604,800 s. The default is 900 s.
    #[must_use]
    pub fn valid_for(self, life: Duration) -> Self {
        Self { life, ..self }
    }

    /// Makes the password.
    ///
    /// # Errors
    /// Fails if the host is a URL or has a port, if the user needs the other action, if the expiry
    /// is out of bounds, or if the credentials cannot sign.
    pub fn token(&self, credentials: &Credentials, now: SystemTime) -> Result<Token, TokenError> {
        check_host(&self.host)?;
        self.check_user()?;
        let life = check_life("Aurora DSQL", self.life, LONGEST_LIFE)?;
        let action = match self.action {
            Action::Connect => "DbConnect",
            Action::ConnectAdmin => "DbConnectAdmin",
        };
        let url = PresignedRequest {
            method: Method::GET,
            scheme: "https",
            authority: &self.host,
            path: "/",
            query: &[("Action", action)],
            header: None,
            service: Service::from_static("dsql"),
            region: &self.region,
            expires: life,
        }
        .sign(credentials, now)?;
        Ok(Token::new(url.without_scheme_and(""), url.time, life, credentials))
    }

    fn check_user(&self) -> Result<(), TokenError> {
        let Some(user) = &self.user else {
            return Ok(());
        };
        check_user(user)?;
        match self.action {
            Action::Connect if user == ADMIN => Err(TokenError::AdminWithConnect),
            Action::ConnectAdmin if user != ADMIN => {
                Err(TokenError::UserWithConnectAdmin { user: shown(user) })
            }
            _ => Ok(()),
        }
    }
}

/// Checks a lifetime: whole seconds, from one to the service's limit.
pub(crate) fn check_life(
    product: &'static str,
    life: Duration,
    longest: Duration,
) -> Result<Duration, TokenError> {
    let (seconds, limit) = (life.as_secs(), longest.as_secs());
    if (1..=limit).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(TokenError::InvalidExpiry { product, seconds, limit })
    }
}

recipe!(Dsql);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, signature_of};

    const HOST: &str = "test.dsql.us-east-1.on.aws";

    fn here() -> Region {
        Region::from_static("us-east-1")
    }

    fn made(dsql: &Dsql) -> Result<Token, TokenError> {
        let credentials =
            Credentials::new("ACCESS_KEY", "SECRET_KEY").with_session_token("SESSION_TOKEN");
        dsql.token(&credentials, at("20241107T173933Z"))
    }

    #[test]
    fn botocores_known_answers() {
        for (dsql, action, signature) in [
            (
                dsql(HOST, &here()),
                "DbConnect",
                "57fe03e060348aaa21405c239bf02572bbc911076e94dcd65c12ae569dd8fcf4",
            ),
            (
                dsql_admin(HOST, &here()),
                "DbConnectAdmin",
                "5ac084bc7cabccc19a52a5d1b5c24b50d3ce143f43b659bd484c91aaf555e190",
            ),
        ] {
            let token = made(&dsql).unwrap();
            assert!(
                token.as_str().starts_with(&format!("{HOST}/?Action={action}&X-Amz-Algorithm="))
            );
            assert_eq!(signature_of(&token), signature);
        }
    }

    #[test]
    fn admin_takes_the_admin_action_and_no_one_else_does() {
        let error = made(&dsql(HOST, &here()).for_user("admin")).unwrap_err();
        assert!(matches!(error, TokenError::AdminWithConnect), "{error}");
        assert!(error.to_string().contains("dsql_admin"));
        let error = made(&dsql_admin(HOST, &here()).for_user("app")).unwrap_err();
        assert!(matches!(error, TokenError::UserWithConnectAdmin { .. }), "{error}");
        assert!(made(&dsql_admin(HOST, &here()).for_user("admin")).is_ok());
        assert!(made(&dsql(HOST, &here()).for_user("app")).is_ok());
    }

    #[test]
    fn week_is_the_longest_life() {
        let week = Duration::from_secs(604_800);
        let token = made(&dsql(HOST, &here()).valid_for(week)).unwrap();
        assert!(token.as_str().contains("&X-Amz-Expires=604800&"));
        assert_eq!(token.expires_at(), at("20241107T173933Z") + week);
        for life in [week + Duration::from_secs(1), Duration::ZERO, Duration::from_millis(999)] {
            let error = made(&dsql(HOST, &here()).valid_for(life)).unwrap_err();
            assert!(matches!(error, TokenError::InvalidExpiry { limit: 604_800, .. }), "{error}");
        }
    }
}
