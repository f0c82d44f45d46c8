//! A request's body, and how it is signed.

use core::fmt;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;
use http::{HeaderValue, header, request};
use sigv4_core::PayloadHash;
use sigv4_core::client::{
    BodyPlan, Call, CallError, ExactReader, UnsignableBody, expects_content, settle_length,
};
use sigv4_core::stream::AwsChunked;
use ureq::SendBody;

/// A request's body: bytes that are hashed, or a reader that needs a choice.
///
/// Convert to it with `into` from `()`, bytes, text, files and ureq's own [`SendBody`]. A request
/// takes all of these directly:
///
/// ```no_run
/// # use sigv4_ureq::{Payload, SigningAgent};
/// # fn run(agent: &SigningAgent) -> Result<(), Box<dyn std::error::Error>> {
/// use sigv4_core::stream::AwsChunked;
///
/// agent.run(http::Request::put("https://b.s3.amazonaws.com/a").body("text")?)?;
///
/// let file = std::fs::File::open("backup.tar")?;
/// let plan = AwsChunked::signed(file.metadata()?.len());
/// let body = Payload::aws_chunked(file, plan);
/// agent.run(http::Request::put("https://b.s3.amazonaws.com/backup.tar").body(body)?)?;
/// # Ok(())
/// # }
/// ```
pub struct Payload<'a>(Kind<'a>);

enum Kind<'a> {
    Bytes(Cow<'a, [u8]>),
    Reader(Box<dyn Read + 'a>, Option<u64>),
    AwsChunked(Box<dyn Read + 'a>, AwsChunked),
}

impl<'a> Payload<'a> {
    /// Creates a body from a reader of unknown length. The agent's [`StreamPayload`](crate::StreamPayload) decides how it
    /// is sent. By default it is an error that names the choices.
    pub fn reader(reader: impl Read + 'a) -> Self {
        Self(Kind::Reader(Box::new(reader), None))
    }

    /// Creates a body from a reader of `length` bytes. Any other length fails before the last byte
    /// is sent.
    pub fn sized_reader(reader: impl Read + 'a, length: u64) -> Self {
        Self(Kind::Reader(Box::new(reader), Some(length)))
    }

    /// Creates a body that is sent as `aws-chunked`, for S3. Chunks are signed or checked one by
    /// one, with one chunk in memory.
    pub fn aws_chunked(reader: impl Read + 'a, plan: AwsChunked) -> Self {
        Self(Kind::AwsChunked(Box::new(reader), plan))
    }
}

/// A body for which the way of signing is decided.
pub(crate) enum Content<'a> {
    /// In memory. Can be sent as often as needed.
    Bytes(Cow<'a, [u8]>),
    /// Sent once, unsigned.
    Unsigned(Box<dyn Read + 'a>),
    /// Sent once, in chunks.
    Chunked(Box<dyn Read + 'a>, AwsChunked),
}

impl<'a> Payload<'a> {
    /// Applies the choice for readers, and sets the headers that declare the body's length.
    pub(crate) fn settle(
        self,
        call: &mut Call,
        parts: &mut request::Parts,
    ) -> Result<Content<'a>, CallError> {
        let (reader, length) = match self.0 {
            Kind::Bytes(bytes) => return hold(bytes, parts),
            Kind::AwsChunked(reader, plan) => {
                let plan = call.framed_by(plan);
                plan.set_headers(&mut parts.headers);
                return Ok(Content::Chunked(reader, plan));
            }
            Kind::Reader(reader, length) => (reader, length),
        };
        match call.plan(&(&*parts).into(), length)? {
            BodyPlan::Buffer { limit } => hold(Cow::Owned(buffer(reader, limit)?), parts),
            BodyPlan::Chunked(plan) => {
                plan.set_headers(&mut parts.headers);
                Ok(Content::Chunked(reader, plan))
            }
            BodyPlan::Unsigned { length: Some(length) } => {
                let exact = ExactReader::new(reader, length).map_err(read_error)?;
                set_length(parts, length);
                Ok(Content::Unsigned(Box::new(exact)))
            }
            _ => Ok(Content::Unsigned(reader)),
        }
    }
}

/// Keeps bytes in memory, after checking their length against the declared one.
fn hold<'a>(bytes: Cow<'a, [u8]>, parts: &mut request::Parts) -> Result<Content<'a>, CallError> {
    settle_length(&parts.method, &mut parts.headers, bytes.len() as u64)?;
    Ok(Content::Bytes(bytes))
}

/// Reads a body of at most `limit` bytes.
pub(crate) fn buffer(reader: impl Read, limit: usize) -> Result<Vec<u8>, CallError> {
    let mut bytes = Vec::new();
    let most = (limit as u64).saturating_add(1);
    reader.take(most).read_to_end(&mut bytes).map_err(read_error)?;
    if bytes.len() > limit {
        return Err(UnsignableBody::TooLong { limit }.into());
    }
    Ok(bytes)
}

fn read_error(error: io::Error) -> CallError {
    CallError::ReadBody(error.into())
}

/// How a body of known length is sent.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    /// No body is sent.
    NoBody,
    /// Its length is in `content-length`.
    Declared,
}

/// Sets or removes `content-length` as ureq would for bytes. Without it, ureq sends every reader
/// chunked, even an empty one.
pub(crate) fn set_length(parts: &mut request::Parts, length: u64) -> Length {
    if length == 0 && !expects_content(&parts.method) {
        parts.headers.remove(header::CONTENT_LENGTH);
        return Length::NoBody;
    }
    parts.headers.remove(header::TRANSFER_ENCODING);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    Length::Declared
}

impl Content<'_> {
    /// Returns the payload to sign.
    pub(crate) fn payload(&self) -> PayloadHash {
        match self {
            Self::Bytes(bytes) => PayloadHash::of(bytes),
            Self::Chunked(_, plan) => plan.payload(),
            Self::Unsigned(_) => PayloadHash::Unsigned,
        }
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bytes(bytes) => write!(f, "Payload({} bytes)", bytes.len()),
            Kind::Reader(_, Some(length)) => write!(f, "Payload(reader of {length} bytes)"),
            Kind::Reader(_, None) => f.write_str("Payload(reader)"),
            Kind::AwsChunked(_, plan) => write!(f, "Payload({plan:?})"),
        }
    }
}

impl From<()> for Payload<'_> {
    fn from((): ()) -> Self {
        Self(Kind::Bytes(Cow::Borrowed(&[])))
    }
}

macro_rules! from_bytes {
    ($($source:ty => $bytes:expr),* $(,)?) => {
        $(impl<'a> From<$source> for Payload<'a> {
            fn from(source: $source) -> Self {
                let bytes: fn($source) -> Cow<'a, [u8]> = $bytes;
                Self(Kind::Bytes(bytes(source)))
            }
        })*
    };
}

from_bytes! {
    &'a [u8] => Cow::Borrowed,
    &'a str => |text| Cow::Borrowed(text.as_bytes()),
    &'a String => |text| Cow::Borrowed(text.as_bytes()),
    &'a Vec<u8> => |bytes| Cow::Borrowed(bytes),
    &'a Bytes => |bytes| Cow::Borrowed(bytes),
    Vec<u8> => Cow::Owned,
    String => |text| Cow::Owned(text.into_bytes()),
    Bytes => |bytes| Cow::Owned(bytes.into()),
}

impl<'a, const N: usize> From<&'a [u8; N]> for Payload<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self(Kind::Bytes(Cow::Borrowed(bytes)))
    }
}

/// A reader with the length of the file. A file system error is reported when the body is read.
impl TryFrom<File> for Payload<'_> {
    type Error = io::Error;

    fn try_from(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self(Kind::Reader(Box::new(file), metadata.is_file().then_some(metadata.len()))))
    }
}

/// Anything that ureq can send. Its length is unknown, so it is treated as a reader.
impl<'a> From<SendBody<'a>> for Payload<'a> {
    fn from(body: SendBody<'a>) -> Self {
        Self::reader(body.into_reader())
    }
}
