//! A role to assume, and the function that returns the code of an MFA device.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A role for [`Builder::assume_role`](crate::Builder::assume_role).
///
/// ```
/// use std::time::Duration;
/// use sigv4_credentials::{DefaultProvider, Role};
///
/// let role = Role::new("arn:aws:iam::123456789012:role/reader")
///     .session_name("nightly")
///     .external_id("customer-7")
///     .duration(Duration::from_secs(3600));
/// let provider = DefaultProvider::builder().assume_role(role).build();
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use = "give it to Builder::assume_role"]
pub struct Role {
    pub(crate) arn: String,
    pub(crate) session_name: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) duration: Option<Duration>,
    pub(crate) policy: Option<String>,
    pub(crate) mfa_serial: Option<String>,
}

impl Role {
    /// Creates a role with this ARN, `arn:aws:iam::ACCOUNT:role/NAME`.
    pub fn new(arn: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            session_name: None,
            external_id: None,
            duration: None,
            policy: None,
            mfa_serial: None,
        }
    }

    /// Sets the name of the session, which CloudTrail shows. The default is `sigv4-credentials-`
    /// and the time in seconds.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// Sets the external id that the role's trust policy requires.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Sets how long the session lasts: 15 minutes to the role's maximum, in whole seconds. STS's
    /// default is one hour.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Sets a session policy in JSON. The session may do only what both this policy and the role
    /// allow.
    pub fn policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// Sets the serial number or ARN of the MFA device that the role's trust policy requires. Its
    /// code comes from [`Builder::mfa`](crate::Builder::mfa).
    pub fn mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.mfa_serial = Some(serial.into());
        self
    }
}

/// An external id is not a secret to AWS, but some treat it as one.
impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Role")
            .field("arn", &self.arn)
            .field("session_name", &self.session_name)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

/// The function that returns the code of an MFA device, given its serial number.
#[derive(Clone)]
pub(crate) struct Mfa(Arc<AskForCode>);

type AskForCode = dyn Fn(&str) -> Result<String, Box<dyn Error + Send + Sync>> + Send + Sync;

impl Mfa {
    pub(crate) fn new(
        ask: impl Fn(&str) -> Result<String, Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(ask))
    }

    /// Returns the code. It is not asked for on the loader's thread, because somebody may have to
    /// type it.
    pub(crate) async fn code(&self, serial: &str) -> Result<String, String> {
        let (ask, asked) = (Arc::clone(&self.0), serial.to_owned());
        let code = tokio::task::spawn_blocking(move || ask(&asked)).await;
        match code {
            Ok(Ok(code)) => Ok(code.trim().to_owned()),
            Ok(Err(error)) => Err(format!("no MFA code for {serial}: {error}")),
            Err(_) => {
                Err(format!("no MFA code for {serial}: the function given to mfa() panicked"))
            }
        }
    }
}

impl fmt::Debug for Mfa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mfa")
    }
}
