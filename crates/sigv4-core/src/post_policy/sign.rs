//! Writes and signs a policy.

use core::fmt;
use core::fmt::Write as _;
use core::ops::RangeInclusive;

use super::json;
use crate::credentials::Credentials;
use crate::error::SignError;
use crate::fields::{ALGORITHM, form as field};
use crate::sign::signer::Signer;
use crate::text::base64;
use crate::time::SigningTime;

/// The uploads that a form allows, and their expiry.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use sigv4_core::{Credentials, Region, Service, Signer};
/// use sigv4_core::post_policy::PostPolicy;
///
/// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let now = SystemTime::now();
/// let policy = PostPolicy::new(now + Duration::from_secs(900))?
///     .with_equal("bucket", "examplebucket")
///     .with_prefix("key", "user/ann/")
///     .with_file_length(1..=1_048_576);
/// let form = signer.sign_post_policy(&policy, &credentials, now)?;
/// for (name, value) in form.fields() {
///     println!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
/// }
/// # Ok::<(), sigv4_core::SignError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostPolicy {
    expiration: SigningTime,
    /// The conditions in JSON, with commas between them.
    conditions: String,
}

impl PostPolicy {
    /// Creates a policy that expires at `expiration` and allows nothing yet.
    ///
    /// # Errors
    /// [`SignError::TimeOutOfRange`] if the time is before 1970 or after 9999.
    pub fn new(
        expiration: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Self, SignError> {
        let expiration = expiration.try_into().map_err(Into::into)?;
        Ok(Self { expiration, conditions: String::new() })
    }

    /// Requires that a field has exactly this value.
    #[must_use]
    pub fn with_equal(self, field: &str, value: &str) -> Self {
        self.with_test("eq", field, value)
    }

    /// Requires that a field begins with a prefix. With `""` it may have any value.
    #[must_use]
    pub fn with_prefix(self, field: &str, prefix: &str) -> Self {
        self.with_test("starts-with", field, prefix)
    }

    /// Limits the file's length, in bytes.
    #[must_use]
    pub fn with_file_length(mut self, bytes: RangeInclusive<u64>) -> Self {
        self.separate();
        let (start, end) = bytes.into_inner();
        let _ = write!(self.conditions, "[\"content-length-range\",{start},{end}]");
        self
    }

    fn with_test(mut self, test: &str, field: &str, value: &str) -> Self {
        self.separate();
        let _ = write!(self.conditions, "[\"{test}\",");
        json::push_text(&mut self.conditions, &format!("${field}"));
        self.conditions.push(',');
        json::push_text(&mut self.conditions, value);
        self.conditions.push(']');
        self
    }

    fn separate(&mut self) {
        if !self.conditions.is_empty() {
            self.conditions.push(',');
        }
    }

    fn document(&self) -> String {
        let [year, month, day, hour, minute, second] = [0..4, 4..6, 6..8, 9..11, 11..13, 13..15]
            .map(|part| self.expiration.as_str().get(part).unwrap_or_default());
        format!(
            "{{\"expiration\":\"{year}-{month}-{day}T{hour}:{minute}:{second}Z\",\
             \"conditions\":[{}]}}",
            self.conditions
        )
    }
}

/// The fields of a form that carry its policy and signature.
#[derive(Clone, PartialEq, Eq)]
pub struct PostForm {
    fields: Vec<(&'static str, String)>,
}

impl PostForm {
    /// Returns the fields' names and values. Put them into the form, before `file`.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl fmt::Debug for PostForm {
    /// Prints only the names, because the policy holds the session token too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.fields.iter().map(|(name, _)| name)).finish()
    }
}

impl Signer {
    /// Signs a policy. Adds the conditions on the signature's own fields to it.
    ///
    /// # Errors
    /// A [`SignError`] that says what is wrong with credentials or time.
    pub fn sign_post_policy(
        &self,
        policy: &PostPolicy,
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<PostForm, SignError> {
        let time = time.try_into().map_err(Into::into)?;
        let mut policy = policy.clone();
        let fields = self.own_fields(credentials, time);
        for (name, value) in &fields {
            policy = policy.with_equal(name, value);
        }
        self.sign_form(fields, policy.document().as_bytes(), credentials, time)
    }

    /// Signs a finished policy document, unchanged.
    ///
    /// # Errors
    /// As [`Signer::sign_post_policy`].
    pub fn sign_post_document(
        &self,
        document: &[u8],
        credentials: &Credentials,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<PostForm, SignError> {
        let time = time.try_into().map_err(Into::into)?;
        self.sign_form(self.own_fields(credentials, time), document, credentials, time)
    }

    fn own_fields(
        &self,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Vec<(&'static str, String)> {
        let credential = format!("{}/{}", credentials.access_key_id(), self.scope(time));
        let mut fields = vec![
            (field::ALGORITHM, ALGORITHM.to_owned()),
            (field::CREDENTIAL, credential),
            (field::DATE, time.to_string()),
        ];
        fields.extend(credentials.session_token().map(|token| (field::TOKEN, token.to_owned())));
        fields
    }

    fn sign_form(
        &self,
        mut fields: Vec<(&'static str, String)>,
        document: &[u8],
        credentials: &Credentials,
        time: SigningTime,
    ) -> Result<PostForm, SignError> {
        #[cfg(feature = "sigv4a")]
        if self.region_set().is_some() {
            return Err(SignError::FormForRegionSet);
        }
        credentials.check(time)?;
        let policy = base64::encode(document);
        let signature = credentials.signing_key(&self.scope(time)).sign(policy.as_bytes());
        fields.push((field::POLICY, policy));
        fields.push((field::SIGNATURE, signature.to_string()));
        Ok(PostForm { fields })
    }
}
