//! Reads a form's claim and verifies it.

use core::fmt;
use core::ops::RangeInclusive;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::conditions::Document;
use crate::algorithm::Algorithm;
use crate::credentials::Credentials;
use crate::error::SignError;
use crate::fields::{ALGORITHM, form as field};
use crate::sign::signature::Signature;
use crate::text::base64;
use crate::time::SigningTime;
use crate::verify::authorization::{Authorization, AuthorizationError};
use crate::verify::policy_error::PolicyError;
use crate::verify::proof::Proof;
use crate::verify::realm::Realm;
use crate::verify::{Form, Verifier, VerifyError};

/// The maximum length of a form's fields together, which is S3's own bound.
const MAX_FIELDS: usize = 20_000;

/// A form that satisfies the policy it carries. The author of that policy is not proven yet.
#[must_use = "nothing is verified yet"]
pub struct FormClaim {
    access_key_id: String,
    token: Option<Zeroizing<String>>,
    policy: String,
    signature: Signature,
    file_length: RangeInclusive<u64>,
    named_fields: Vec<String>,
    time: SigningTime,
    now: SigningTime,
    realm: Arc<Realm>,
}

/// A form whose policy was signed by a known key, and that satisfies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedForm {
    access_key_id: String,
    signature: Signature,
    time: SigningTime,
    file_length: RangeInclusive<u64>,
    named_fields: Vec<String>,
}

impl Verifier {
    /// Reads a form: the bucket that its URL names, and its fields before `file`, in any order and
    /// with names in any case.
    ///
    /// A policy has to name the bucket. Browsers send no field `bucket`, but some SDKs write one
    /// into the form; it must then be the bucket of the URL. The value of `key` is checked as it
    /// was sent, with `${filename}` in it.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use sigv4_core::post_policy::PostPolicy;
    /// use sigv4_core::verify::Verifier;
    /// use sigv4_core::{Credentials, Region, Service, Signer};
    ///
    /// let (region, service) = (Region::from_static("us-east-1"), Service::from_static("s3"));
    /// let key = Credentials::new("AKIDEXAMPLE", "secret");
    /// let now = SystemTime::now();
    /// # let policy = PostPolicy::new(now + Duration::from_secs(60))?
    /// #     .with_equal("bucket", "photos").with_equal("key", "cat.jpg");
    /// # let signer = Signer::new(region.clone(), service.clone());
    /// # let form = signer.sign_post_policy(&policy, &key, now)?;
    /// # let mut fields: Vec<(&str, &str)> = form.fields().collect();
    /// # fields.push(("key", "cat.jpg"));
    /// // POST /photos
    /// let claim = Verifier::new(region, service).read_form("photos", fields, now)?;
    /// let verified = claim.verify(Some(&key))?; // the key of claim.access_key_id()
    /// assert_eq!(verified.access_key_id(), "AKIDEXAMPLE");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A [`VerifyError`] if the form is malformed, out of scope or time, or breaks its policy.
    pub fn read_form<'a>(
        &self,
        bucket: &'a str,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
        now: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<FormClaim, VerifyError> {
        let now = now.try_into().map_err(|error| VerifyError::Clock(error.into()))?;
        let fields = Fields::read(fields)?;
        if fields.required(field::ALGORITHM)? != ALGORITHM {
            return Err(malformed(AuthorizationError::Algorithm));
        }
        let authorization = Authorization::from_fields(
            Algorithm::Hmac,
            fields.required(field::CREDENTIAL)?,
            "host", // a form has no headers to sign
            fields.required(field::SIGNATURE)?,
        )
        .map_err(malformed)?;
        let date = fields.required(field::DATE)?;
        let time: SigningTime = date.parse().map_err(|_| VerifyError::InvalidDate)?;
        self.check_scope(authorization.scope(), Form::Post, time)?;
        let encoded = fields.required(field::POLICY)?;
        let document = read_policy(encoded)?;
        self.check_form_clock(time, document.expiration, now)?;
        let fields = fields.with_bucket(bucket)?;
        document.check(&fields.0).map_err(VerifyError::Policy)?;
        Ok(FormClaim {
            access_key_id: authorization.access_key_id().to_owned(),
            token: fields.get(field::TOKEN).map(|token| Zeroizing::new(token.to_owned())),
            policy: encoded.to_owned(),
            signature: authorization.signature(),
            file_length: document.file_length.clone(),
            named_fields: document.into_names(),
            time,
            now,
            realm: Arc::clone(self.realm()),
        })
    }

    /// A form is valid until its policy expires, and at most as long as a presigned URL.
    fn check_form_clock(
        &self,
        time: SigningTime,
        expiration: SigningTime,
        now: SigningTime,
    ) -> Result<(), VerifyError> {
        let skew = i64::try_from(self.max_skew).unwrap_or(i64::MAX);
        let life = i64::try_from(self.max_expires).unwrap_or(i64::MAX);
        let age = now.unix() - time.unix();
        if age < -skew {
            return Err(VerifyError::NotYetValid { time, now });
        }
        if age > life || now > expiration {
            return Err(VerifyError::Policy(PolicyError::Expired));
        }
        Ok(())
    }
}

fn read_policy(encoded: &str) -> Result<Document, VerifyError> {
    let document = base64::decode(encoded).ok_or(PolicyError::NotBase64);
    let text =
        document.and_then(|bytes| String::from_utf8(bytes).map_err(|_| PolicyError::Malformed));
    text.and_then(|text| Document::read(&text)).map_err(VerifyError::Policy)
}

fn malformed(error: AuthorizationError) -> VerifyError {
    VerifyError::Authorization { error, form: Form::Post }
}

/// A form's fields, sorted by name, names in lower case, each once.
struct Fields<'a>(Vec<(String, &'a str)>);

impl<'a> Fields<'a> {
    fn read(given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, VerifyError> {
        let mut room = MAX_FIELDS;
        let mut fields = Vec::new();
        for (name, value) in given {
            room = room
                .checked_sub(name.len() + value.len() + 1)
                .ok_or(VerifyError::Policy(PolicyError::TooLarge))?;
            fields.push((name.to_ascii_lowercase(), value));
        }
        fields.sort_unstable();
        let doubled = fields.windows(2).find_map(|pair| match pair {
            [(a, _), (b, _)] if a == b => Some(a.clone()),
            _ => None,
        });
        match doubled {
            Some(name) => Err(VerifyError::Policy(PolicyError::DuplicateField { name })),
            None => Ok(Self(fields)),
        }
    }

    /// Adds the bucket of the URL to the fields. A field that names another bucket is refused.
    fn with_bucket(mut self, bucket: &'a str) -> Result<Self, VerifyError> {
        match self.find(field::BUCKET) {
            Ok(_) if self.get(field::BUCKET) == Some(bucket) => Ok(self),
            Ok(_) => {
                let name = field::BUCKET.to_owned();
                Err(VerifyError::Policy(PolicyError::ConditionFailed { name }))
            }
            Err(place) => {
                self.0.insert(place, (field::BUCKET.to_owned(), bucket));
                Ok(self)
            }
        }
    }

    /// The position of a field, or where to insert it.
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.find(name).ok().and_then(|at| self.0.get(at)).map(|(_, value)| *value)
    }

    fn required(&self, name: &'static str) -> Result<&'a str, VerifyError> {
        self.get(name).ok_or(VerifyError::Policy(PolicyError::MissingField(name)))
    }
}

impl FormClaim {
    /// The access key id that the form names. Look its key up.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Verifies the policy's signature under the key that was looked up. Pass `None` if it is
    /// unknown.
    ///
    /// # Errors
    /// A [`VerifyError`]; an unknown key and a wrong signature look the same to the client.
    pub fn verify(self, credentials: Option<&Credentials>) -> Result<VerifiedForm, VerifyError> {
        Proof {
            access_key_id: &self.access_key_id,
            token: self.token.as_deref().map(String::as_str),
            signature: self.signature,
            scope: self.realm.scope(self.time),
            text: self.policy.as_bytes(),
            now: self.now,
        }
        .check(credentials, &self.realm.stand_in)?;
        Ok(VerifiedForm {
            access_key_id: self.access_key_id,
            signature: self.signature,
            time: self.time,
            file_length: self.file_length,
            named_fields: self.named_fields,
        })
    }
}

impl VerifiedForm {
    /// The access key id whose secret signed the policy.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The policy's signature. A form can be sent again until its policy expires.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// When the policy was signed.
    pub fn time(&self) -> SigningTime {
        self.time
    }

    /// The allowed lengths of the file, in bytes. Stop reading it past the end of this range.
    pub fn file_length(&self) -> RangeInclusive<u64> {
        self.file_length.clone()
    }

    /// Whether the policy has a condition on this field, in any case. S3 ignores fields that follow
    /// the file, but one that the policy names was meant to have an effect.
    pub fn names_field(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.named_fields.binary_search(&name).is_ok()
    }

    /// Checks the length of the file. Call it once the length is known.
    ///
    /// # Errors
    /// [`PolicyError::FileLength`] if it is outside `content-length-range`.
    pub fn check_file_length(&self, bytes: u64) -> Result<(), VerifyError> {
        if self.file_length.contains(&bytes) {
            Ok(())
        } else {
            Err(VerifyError::Policy(PolicyError::FileLength))
        }
    }
}

impl fmt::Debug for FormClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormClaim")
            .field("access_key_id", &self.access_key_id)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
