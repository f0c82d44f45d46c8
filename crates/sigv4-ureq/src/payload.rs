//! The body of a request, as the signing agent takes it.

use core::fmt;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri, header, request};
use sigv4_core::PayloadHash;
use sigv4_core::client::{StreamPayload, UnsignableBody};
use sigv4_core::stream::AwsChunked;
use ureq::SendBody;

use crate::error::Error;

/// A request's body: bytes that are hashed, or a reader that needs a choice.
///
/// Made with `into` from `()`, bytes, text, files and ureq's own [`SendBody`], so that a request
/// takes them as they are:
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
    /// A reader of unknown length. What becomes of it is the agent's
    /// [`StreamPayload`], by default an error that names the choices.
    pub fn reader(reader: impl Read + 'a) -> Self {
        Self(Kind::Reader(Box::new(reader), None))
    }

    /// A reader of `length` bytes. A body of another length is an error, before its last byte is sent.
    pub fn sized_reader(reader: impl Read + 'a, length: u64) -> Self {
        Self(Kind::Reader(Box::new(reader), Some(length)))
    }

    /// A reader sent as `aws-chunked`: signed or checked chunk by chunk, one of them in memory. For S3.
    pub fn aws_chunked(reader: impl Read + 'a, plan: AwsChunked) -> Self {
        Self(Kind::AwsChunked(Box::new(reader), plan))
    }
}

/// A body for which it is settled how it is signed.
pub(crate) enum Settled<'a> {
    /// At hand, and as often as it takes.
    Bytes(Cow<'a, [u8]>),
    /// Sent once, unsigned.
    Unsigned(Box<dyn Read + 'a>, Option<u64>),
    /// Sent once, in chunks.
    AwsChunked(Box<dyn Read + 'a>, AwsChunked),
    /// Sent.
    Used,
}

impl<'a> Payload<'a> {
    /// Applies the choice for readers.
    pub(crate) fn settle(
        self,
        choice: StreamPayload,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Settled<'a>, Error> {
        let (reader, length) = match self.0 {
            Kind::Bytes(bytes) => return hold(bytes, headers),
            Kind::AwsChunked(reader, plan) => {
                check_plan(&plan, choice, uri)?;
                return Ok(Settled::AwsChunked(reader, plan));
            }
            Kind::Reader(reader, length) => (reader, length.or_else(|| declared_length(headers))),
        };
        choice.check(uri.scheme_str(), authority(uri))?;
        match choice {
            StreamPayload::Buffer(limit) => hold(Cow::Owned(buffer(reader, limit)?), headers),
            StreamPayload::AwsChunked(plan) => {
                let length = length.ok_or(UnsignableBody::UnknownLength)?;
                Ok(Settled::AwsChunked(reader, plan(length)))
            }
            _ => Ok(Settled::Unsigned(reader, length)),
        }
    }
}

/// Chunks without signatures are held to the same rule as a body without one.
fn check_plan(plan: &AwsChunked, choice: StreamPayload, uri: &Uri) -> Result<(), UnsignableBody> {
    let signed = plan.payload() != PayloadHash::StreamingUnsignedTrailer;
    if signed || matches!(choice, StreamPayload::UnsignedOverPlainHttp) {
        return Ok(());
    }
    StreamPayload::Unsigned.check(uri.scheme_str(), authority(uri))
}

fn authority(uri: &Uri) -> &str {
    uri.authority().map_or("", |authority| authority.as_str())
}

/// Bytes, whose length is what the request says of it.
fn hold<'a>(bytes: Cow<'a, [u8]>, headers: &HeaderMap) -> Result<Settled<'a>, Error> {
    check_length(&bytes, headers)?;
    Ok(Settled::Bytes(bytes))
}

/// # Errors
/// [`UnsignableBody::WrongLength`] where `content-length` says something else.
pub(crate) fn check_length(bytes: &[u8], headers: &HeaderMap) -> Result<(), Error> {
    match declared_length(headers) {
        Some(declared) if declared != bytes.len() as u64 => {
            Err(UnsignableBody::WrongLength { declared }.into())
        }
        _ => Ok(()),
    }
}

pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads at most `limit` bytes.
pub(crate) fn buffer(reader: impl Read, limit: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let most = (limit as u64).saturating_add(1);
    reader.take(most).read_to_end(&mut bytes).map_err(Error::ReadBody)?;
    if bytes.len() > limit {
        return Err(UnsignableBody::TooLong { limit }.into());
    }
    Ok(bytes)
}

/// How a body's length is told.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    /// No body is sent.
    NoBody,
    /// In `content-length`.
    Known,
    /// Not beforehand: ureq sends chunks.
    Unknown,
}

/// Sets or removes `content-length` as ureq would for bytes: left to itself it sends whatever comes
/// from a reader chunked, even where there is nothing.
pub(crate) fn set_length(parts: &mut request::Parts, length: Option<u64>) -> Length {
    let takes_body = [Method::POST, Method::PUT, Method::PATCH].contains(&parts.method);
    match length {
        None => Length::Unknown,
        Some(0) if !takes_body => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Length::NoBody
        }
        Some(length) => {
            parts.headers.remove(header::TRANSFER_ENCODING);
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            Length::Known
        }
    }
}

impl Settled<'_> {
    pub(crate) fn set_length(&self, parts: &mut request::Parts) -> Length {
        match self {
            Self::Bytes(bytes) => set_length(parts, Some(bytes.len() as u64)),
            Self::Unsigned(_, Some(length)) if *length > 0 => set_length(parts, Some(*length)),
            // An encoded body has set it already.
            Self::Unsigned(..) | Self::AwsChunked(..) | Self::Used => Length::Unknown,
        }
    }

    /// What to sign.
    pub(crate) fn hash(&self) -> PayloadHash {
        match self {
            Self::Bytes(bytes) => PayloadHash::of(bytes),
            Self::AwsChunked(_, plan) => plan.payload(),
            Self::Unsigned(..) | Self::Used => PayloadHash::Unsigned,
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

/// A reader whose length is the file's. An error of the file system comes when it is read.
impl TryFrom<File> for Payload<'_> {
    type Error = io::Error;

    fn try_from(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self(Kind::Reader(Box::new(file), metadata.is_file().then_some(metadata.len()))))
    }
}

/// Whatever ureq can send. It does not tell its length, so this is a reader.
impl<'a> From<SendBody<'a>> for Payload<'a> {
    fn from(body: SendBody<'a>) -> Self {
        Self::reader(body.into_reader())
    }
}
