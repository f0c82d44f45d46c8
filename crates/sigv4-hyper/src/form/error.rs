//! Why a form was refused, and S3's error response for it.

use core::fmt;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use sigv4_core::post_policy::PolicyError;
use sigv4_core::verify::{Protocol, VerifyError};

/// Why a form was refused. This is for the log; the caller gets S3's error response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormError {
    /// The request is not a `POST` to a bucket without a query.
    Target,
    /// Not `multipart/form-data` with a boundary of 1 to 70 characters.
    NotMultipart,
    /// Cut off, or not in the format of RFC 7578, which includes data after the closing boundary.
    Malformed,
    /// The body could not be read to its end.
    Interrupted,
    /// The fields on one side of the file are longer than 64 KiB with their headers.
    FieldsTooLong,
    /// There is no file, or more than one.
    FileCount,
    /// A field that the policy names, or that was also before the file, follows the file.
    FieldBehindFile {
        /// The field, in lower case.
        name: String,
    },
    /// The file is shorter than the policy allows.
    FileTooShort {
        /// The file's length in bytes.
        length: u64,
        /// The shortest that is allowed.
        min: u64,
    },
    /// The file is longer than the policy allows. Reading stopped there.
    FileTooLong {
        /// The longest that is allowed.
        max: u64,
    },
    /// The policy, its signature, or a field that does not keep to it.
    Verify(VerifyError),
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target => f.write_str("a form is a POST to a bucket, without a query"),
            Self::NotMultipart => f.write_str(
                "the content is not multipart/form-data with a boundary of 1 to 70 characters",
            ),
            Self::Malformed => f.write_str("the form is cut off or not well formed"),
            Self::Interrupted => f.write_str("the form could not be read to its end"),
            Self::FieldsTooLong => {
                f.write_str("the fields on one side of the file are longer than 65536 bytes")
            }
            Self::FileCount => f.write_str("the form does not have exactly one file"),
            Self::FieldBehindFile { name } => {
                write!(f, "the field {name:?} follows the file, and must stand before it")
            }
            Self::FileTooShort { length, min } => {
                write!(f, "the file has {length} bytes, and the policy asks for at least {min}")
            }
            Self::FileTooLong { max } => {
                write!(f, "the file is longer than the {max} bytes that the policy allows")
            }
            Self::Verify(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FormError {}

impl From<VerifyError> for FormError {
    fn from(error: VerifyError) -> Self {
        Self::Verify(error)
    }
}

impl From<multer::Error> for FormError {
    fn from(error: multer::Error) -> Self {
        match error {
            // An error of the stream under the parser is already one of these errors.
            multer::Error::StreamReadFailed(error) => {
                error.downcast().map_or(Self::Interrupted, |error| *error)
            }
            _ => Self::Malformed,
        }
    }
}

impl FormError {
    /// The refusal, with this error in its extensions.
    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = match self.answer() {
            Ok(answer) => answer.into_response(),
            Err(error) => error.refusal(Protocol::S3).into_response::<String>().map(Full::from),
        };
        response.extensions_mut().insert(self);
        response
    }

    /// S3's code and message. Returns the error if forms share it with other requests.
    fn answer(&self) -> Result<Answer, &VerifyError> {
        Ok(match self {
            Self::Target => bad(
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            )
            .with_status(StatusCode::METHOD_NOT_ALLOWED),
            Self::NotMultipart => bad(
                "PreconditionFailed",
                "Bucket POST must be of the enclosure-type multipart/form-data",
            )
            .with_status(StatusCode::PRECONDITION_FAILED),
            Self::Malformed => bad(
                "MalformedPOSTRequest",
                "The body of your POST request is not well-formed multipart/form-data.",
            ),
            Self::Interrupted => bad("IncompleteBody", "The request body terminated unexpectedly"),
            Self::FieldsTooLong => bad(
                "MaxPostPreDataLengthExceeded",
                "Your POST request fields preceding the upload file were too large.",
            ),
            Self::FileCount => bad(
                "IncorrectNumberOfFilesInPostRequest",
                "POST requires exactly one file upload per request.",
            ),
            Self::FieldBehindFile { .. } => bad("InvalidArgument", FIELD_ORDER),
            Self::FileTooShort { length, min } => bad(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
            )
            .with_details(format!(
                "<ProposedSize>{length}</ProposedSize><MinSizeAllowed>{min}</MinSizeAllowed>"
            )),
            Self::FileTooLong { max } => {
                bad("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
                    .with_details(format!("<MaxSizeAllowed>{max}</MaxSizeAllowed>"))
            }
            Self::Verify(error) => return policy_answer(error).ok_or(error),
        })
    }
}

const FIELD_ORDER: &str = "Bucket POST must contain a field that is missing. If it is specified, \
                           please check the order of the fields.";

/// The errors for which S3's message differs between a form and a header.
fn policy_answer(error: &VerifyError) -> Option<Answer> {
    let VerifyError::Policy(error) = error else { return None };
    Some(match error {
        PolicyError::MissingField(_) => bad("InvalidArgument", FIELD_ORDER),
        PolicyError::TooLarge => return FormError::FieldsTooLong.answer().ok(),
        PolicyError::NotBase64 | PolicyError::Malformed => {
            bad("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.")
        }
        _ => return None,
    })
}

/// S3's error response.
struct Answer {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    details: String,
}

fn bad(code: &'static str, message: &'static str) -> Answer {
    Answer { status: StatusCode::BAD_REQUEST, code, message, details: String::new() }
}

impl Answer {
    fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    fn with_details(self, details: String) -> Self {
        Self { details, ..self }
    }

    /// The response. It holds no text of the request, so nothing needs escaping.
    fn into_response(self) -> Response<Full<Bytes>> {
        let Self { status, code, message, details } = self;
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Error><Code>{code}</Code><Message>{message}</Message>{details}</Error>"
        );
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = status;
        let xml = HeaderValue::from_static("application/xml");
        response.headers_mut().insert(header::CONTENT_TYPE, xml);
        response
    }
}
