//! Why a form or its policy is refused.

use core::fmt;

/// Why a form's fields or its policy were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// A field of the signature is missing.
    MissingField(&'static str),
    /// A field occurs twice, ignoring case.
    DuplicateField {
        /// The field, in lower case.
        name: String,
    },
    /// The fields exceed S3's limit of 20,000 bytes in all.
    TooLarge,
    /// The policy is not base64.
    NotBase64,
    /// The policy is not JSON of the form that S3 describes.
    Malformed,
    /// The policy's `expiration` has passed.
    Expired,
    /// No condition allows this field.
    FieldNotAllowed {
        /// The field, in lower case.
        name: String,
    },
    /// A condition does not hold for this field.
    ConditionFailed {
        /// The field, in lower case.
        name: String,
    },
    /// The file is shorter or longer than `content-length-range` allows.
    FileLength,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingField(name) => write!(f, "the form has no field {name}"),
            Self::DuplicateField { name } => write!(f, "the field {name} is there twice"),
            Self::TooLarge => f.write_str("the form's fields are longer than 20000 bytes"),
            Self::NotBase64 => f.write_str("the policy is not base64"),
            Self::Malformed => f.write_str("the policy is not of the form that S3 describes"),
            Self::Expired => f.write_str("Policy expired."),
            Self::FieldNotAllowed { name } => write!(f, "Extra input fields: {name}"),
            Self::ConditionFailed { name } => write!(f, "Policy Condition failed: {name}"),
            Self::FileLength => f.write_str("the file's length is outside content-length-range"),
        }
    }
}

impl core::error::Error for PolicyError {}
