//! The fields of a verified form.

use core::fmt;

use sigv4_core::post_policy::{PolicyError, VerifiedForm};
use sigv4_core::verify::VerifyError;

use crate::form::error::FormError;

/// The variable that stands for the file's name.
const FILE_NAME: &str = "${filename}";

/// The fields that prove a form. The inner service does not need them, and one is the session
/// token.
const OF_THE_PROOF: [&str; 3] = ["policy", "x-amz-security-token", "x-amz-signature"];

/// A verified form: who signed it, and where its file belongs. It is in the extensions of a request
/// behind a `VerifyFormLayer`.
#[derive(Clone)]
pub struct Upload {
    form: VerifiedForm,
    bucket: String,
    key: String,
    fields: Vec<(String, String)>,
    file_name: Option<String>,
}

impl Upload {
    pub(crate) fn new(
        form: VerifiedForm,
        bucket: String,
        mut fields: Vec<(String, String)>,
        file_name: Option<String>,
    ) -> Result<Self, FormError> {
        for (name, _) in &mut fields {
            name.make_ascii_lowercase();
        }
        fields.retain(|(name, _)| !OF_THE_PROOF.contains(&name.as_str()));
        // Some browsers send a path: S3 takes what follows the last slash or backslash.
        let file_name =
            file_name.map(|path| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned());
        let key = fields.iter().find(|(name, _)| name == "key").map(|(_, value)| value.as_str());
        let key = key.unwrap_or_default().replace(FILE_NAME, file_name.as_deref().unwrap_or(""));
        if key.is_empty() {
            return Err(VerifyError::Policy(PolicyError::MissingField("key")).into());
        }
        Ok(Self { form, bucket, key, fields, file_name })
    }

    /// The verified form: the access key id that signed its policy, when, and the signature.
    pub fn form(&self) -> &VerifiedForm {
        &self.form
    }

    /// The bucket that the URL names.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key to store the file under, with the file's name in place of `${filename}`.
    ///
    /// The policy was checked before the name was put in, and nothing signs the name.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value of a field, such as `acl` or `success_action_status`, as it was sent.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The fields, names in lower case, without policy, session token and signature.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The name that the browser gives the file, without a path. Nothing signs it.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("form", &self.form)
            .field("bucket", &self.bucket)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
