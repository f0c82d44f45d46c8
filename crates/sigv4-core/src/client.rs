//! What every client needs around a signature: a clock's offset, a wire form of the URI, and a
//! choice for bodies that cannot be hashed beforehand.

use core::fmt;
use core::sync::atomic::{AtomicI64, Ordering};
use std::borrow::Cow;
use std::error::Error;
use std::net::IpAddr;
use std::time::SystemTime;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::error::SignError;
use crate::head::normal_authority;
use crate::payload::PayloadHash;
use crate::stream::AwsChunked;
use crate::time::SigningTime;

/// The seconds by which a client's clock is behind its service's, learnt from an answer.
///
/// Shared by all the requests of a client: `ClockOffset` is one atomic number.
#[derive(Debug, Default)]
pub struct ClockOffset(AtomicI64);

impl ClockOffset {
    /// A clock that is taken to be right.
    pub const fn new() -> Self {
        Self(AtomicI64::new(0))
    }

    /// Seconds to add to the clock; negative where it is ahead.
    pub fn seconds(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Keeps what `Cause::ClockSkew` says, in place of what was known before.
    pub fn learn(&self, seconds: i64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

/// The time to sign with: the clock, and the offset that was learnt.
///
/// # Errors
/// [`SignError::TimeOutOfRange`] where the sum is before 1970 or after 9999.
pub fn corrected_time(clock: SystemTime, offset: i64) -> Result<SigningTime, SignError> {
    SigningTime::try_from(clock)?.offset(offset)
}

/// A query with each `+` written as `%20`.
///
/// Form encoders write a space as `+`; AWS reads a `+` in a query as itself.
pub fn plus_as_space(query: &str) -> Cow<'_, str> {
    if query.contains('+') { Cow::Owned(query.replace('+', "%20")) } else { Cow::Borrowed(query) }
}

/// A URI as it is signed: host in lower case, no default port, no `+` in the query.
///
/// Clients send `Host` as the URI has it, so a request is signed and sent with this form.
///
/// # Errors
/// [`SignError::UserInfo`], [`SignError::InvalidHost`]; [`SignError::UriTooLong`] where it would
/// outgrow `Uri`.
pub fn normal_uri(uri: &Uri) -> Result<Cow<'_, Uri>, SignError> {
    let scheme = uri.scheme().map(Scheme::as_str);
    let authority =
        uri.authority().map(|raw| normal_authority(raw.as_str(), scheme)).transpose()?;
    let query = uri.query().map(plus_as_space);
    let is_normal = authority.as_deref() == uri.authority().map(Authority::as_str)
        && query.as_deref() == uri.query();
    if is_normal {
        return Ok(Cow::Borrowed(uri));
    }
    let mut parts = uri.clone().into_parts();
    if let Some(authority) = authority {
        parts.authority = Some(authority.parse().map_err(|_| SignError::InvalidHost)?);
    }
    if let Some(query) = query {
        let target = format!("{}?{query}", uri.path());
        let target = target.parse::<PathAndQuery>().map_err(|_| SignError::UriTooLong)?;
        parts.path_and_query = Some(target);
    }
    Uri::from_parts(parts).map(Cow::Owned).map_err(|_| SignError::UriTooLong)
}

/// How a body is signed that is not at hand as bytes: a stream, a file, a form with parts.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum StreamPayload {
    /// Not at all: an error that names the other choices.
    #[default]
    Refuse,
    /// Read into memory first, at most this many bytes, and hashed. Every service takes it.
    Buffer(usize),
    /// `UNSIGNED-PAYLOAD`: sent as it comes, the body not covered by the signature. For S3, over
    /// https or to this machine itself.
    Unsigned,
    /// Framed as `aws-chunked` by the plan that this makes of its length in bytes, which has to be
    /// known: [`AwsChunked::signed`] signs each chunk as it is sent. For S3.
    AwsChunked(fn(u64) -> AwsChunked),
    /// As `Unsigned`, over plain http too: whoever sits on the way can change the body unseen.
    UnsignedOverPlainHttp,
}

impl StreamPayload {
    /// Whether this choice may be used on this connection.
    ///
    /// # Errors
    /// [`UnsignableBody::Stream`] for [`StreamPayload::Refuse`], [`UnsignableBody::PlainHttp`] for
    /// an unsigned body, or unsigned chunks, over http to another machine.
    pub fn check(self, scheme: Option<&str>, authority: &str) -> Result<(), UnsignableBody> {
        let unsigned = match self {
            Self::Refuse => return Err(UnsignableBody::Stream),
            Self::Unsigned => true,
            Self::AwsChunked(plan) => plan(0).payload() == PayloadHash::StreamingUnsignedTrailer,
            Self::Buffer(_) | Self::UnsignedOverPlainHttp => false,
        };
        if unsigned && scheme != Some("https") && !is_loopback(authority) {
            return Err(UnsignableBody::PlainHttp);
        }
        Ok(())
    }
}

/// Whether a host is this machine itself: `localhost`, `127.0.0.0/8` or `[::1]`.
fn is_loopback(authority: &str) -> bool {
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let host = bracketed
        .map_or_else(|| authority.split(':').next().unwrap_or_default(), |(address, _)| address);
    let address = host.parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |it| it.is_loopback())
}

/// Why a body cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsignableBody {
    /// It is a stream, and no choice was made for streams. Make one of [`StreamPayload`].
    Stream,
    /// It is longer than what may be buffered.
    TooLong {
        /// The most bytes that may be.
        limit: usize,
    },
    /// It would go unsigned over plain http to another machine.
    PlainHttp,
    /// It is to be sent in chunks, and nobody knows its length.
    UnknownLength,
    /// It is a stream that does not give as many bytes as were declared.
    WrongLength {
        /// The length that `content-length` declares.
        declared: u64,
    },
}

impl fmt::Display for UnsignableBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream => f.write_str(
                "the body is a stream, whose hash is not known before it is sent: choose \
                 StreamPayload::Buffer(limit) to read it into memory and hash it, \
                 StreamPayload::AwsChunked(AwsChunked::signed) to sign each chunk of it (S3), or \
                 StreamPayload::Unsigned to send it as UNSIGNED-PAYLOAD (S3, https)",
            ),
            Self::TooLong { limit } => write!(
                f,
                "the body is longer than the {limit} bytes that may be buffered: raise the limit \
                 of StreamPayload::Buffer, or send it with StreamPayload::AwsChunked (S3)"
            ),
            Self::UnknownLength => f.write_str(
                "the body is to be sent as aws-chunked, which declares its length, and that is not \
                 known: set content-length to the length of the plain body",
            ),
            Self::WrongLength { declared } => write!(
                f,
                "the body is longer or shorter than the {declared} bytes that content-length \
                 declares: declare its true length, or none"
            ),
            Self::PlainHttp => f.write_str(
                "the body would go as UNSIGNED-PAYLOAD over plain http, where anyone on the way \
                 can change it: use https, StreamPayload::Buffer(limit), or, knowing that, \
                 StreamPayload::UnsignedOverPlainHttp",
            ),
        }
    }
}

impl Error for UnsignableBody {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_in_a_query_becomes_an_escaped_space() {
        assert_eq!(plus_as_space("q=a+b&c=%2B+"), "q=a%20b&c=%2B%20");
        assert!(matches!(plus_as_space("q=a%20b"), Cow::Borrowed(_)));
    }

    #[test]
    fn uri_is_brought_to_the_form_that_is_signed() {
        for (uri, expected) in [
            ("https://EXAMPLE.com:443/A//b?x=1+2", "https://example.com/A//b?x=1%202"),
            ("http://Example.COM:80", "http://example.com/"),
            ("http://example.com:443/", "http://example.com:443/"),
            ("https://[2001:DB8::1]:443/%7e", "https://[2001:db8::1]/%7e"),
            ("http://h/?", "http://h/?"),
            ("/relative?a+b", "/relative?a%20b"),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(normal_uri(&uri).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn uri_in_normal_form_is_not_copied() {
        let uri = Uri::from_static("https://example.com/a?b=c");
        assert!(matches!(normal_uri(&uri), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn uri_with_user_information_is_refused() {
        let uri = Uri::from_static("https://user:secret@example.com/");
        assert_eq!(normal_uri(&uri).err(), Some(SignError::UserInfo));
    }

    #[test]
    fn stream_is_refused_until_a_choice_is_made() {
        let refused = StreamPayload::default().check(Some("https"), "example.com");
        assert_eq!(refused, Err(UnsignableBody::Stream));
        let text = UnsignableBody::Stream.to_string();
        for choice in ["Buffer", "AwsChunked", "Unsigned"] {
            assert!(text.contains(choice), "{text}");
        }
    }

    #[test]
    fn unsigned_payload_needs_https_or_loopback_or_a_name_that_says_the_risk() {
        let check = |payload: StreamPayload, scheme, host| payload.check(Some(scheme), host);
        assert_eq!(check(StreamPayload::Unsigned, "https", "example.com"), Ok(()));
        for host in ["example.com", "127.0.0.1.example.com", "10.0.0.1:80", "[::2]", "localhost.x"]
        {
            let refused = check(StreamPayload::Unsigned, "http", host);
            assert_eq!(refused, Err(UnsignableBody::PlainHttp), "{host}");
        }
        for host in ["127.0.0.1:9000", "127.9.9.9", "[::1]:80", "localhost:1", "LOCALHOST"] {
            assert_eq!(check(StreamPayload::Unsigned, "http", host), Ok(()), "{host}");
        }
        let chunks = StreamPayload::AwsChunked(|length| {
            AwsChunked::unsigned(length, crate::stream::Checksum::Sha256)
        });
        assert_eq!(check(chunks, "http", "example.com"), Err(UnsignableBody::PlainHttp));
        let signed = StreamPayload::AwsChunked(AwsChunked::signed);
        assert_eq!(check(signed, "http", "example.com"), Ok(()));
        let allowed = check(StreamPayload::UnsignedOverPlainHttp, "http", "example.com");
        assert_eq!(allowed, Ok(()));
        assert_eq!(check(StreamPayload::Buffer(1), "http", "example.com"), Ok(()));
    }

    #[test]
    fn clock_offset_is_replaced_not_summed() {
        let offset = ClockOffset::new();
        offset.learn(1200);
        offset.learn(1200);
        let clock = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_440_936_960);
        let time = corrected_time(clock, offset.seconds()).unwrap();
        assert_eq!(time.as_str(), "20150830T123600Z");
    }
}
