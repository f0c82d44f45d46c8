//! How to sign a body that cannot be hashed beforehand.

use core::fmt;
use std::error::Error;
use std::net::IpAddr;

use crate::payload::PayloadHash;
use crate::stream::AwsChunked;

/// How to sign a body that is not in memory: a stream, a file, a multipart form.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum StreamPayload {
    /// Fails with an error that names the other choices.
    #[default]
    Refuse,
    /// Reads it into memory, at most this many bytes, and signs its hash. Every service accepts it.
    Buffer(usize),
    /// Sends it unchanged, with `UNSIGNED-PAYLOAD`: the signature does not cover the body. For S3,
    /// over https or to this machine only.
    Unsigned,
    /// Frames it as `aws-chunked`. The function returns the plan for a given length in bytes, which
    /// must be known. [`AwsChunked::signed`] signs each chunk as it is sent. For S3.
    AwsChunked(fn(u64) -> AwsChunked),
    /// Like `Unsigned`, but also over plain http. Anyone on the way can then change the body
    /// unnoticed.
    UnsignedOverPlainHttp,
}

impl StreamPayload {
    /// Checks whether this choice may be used on this connection.
    ///
    /// # Errors
    /// [`UnsignableBody::Stream`] for [`StreamPayload::Refuse`]; [`UnsignableBody::PlainHttp`] for
    /// an unsigned body or unsigned chunks over http to another machine.
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

/// Returns whether a host is this machine itself: `localhost`, `127.0.0.0/8` or `[::1]`.
fn is_loopback(authority: &str) -> bool {
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let host = bracketed
        .map_or_else(|| authority.split(':').next().unwrap_or_default(), |(address, _)| address);
    let address = host.parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |it| it.is_loopback())
}

/// Why a body cannot be signed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsignableBody {
    /// It is a stream, and no choice was made for streams. Choose a [`StreamPayload`].
    Stream,
    /// It is longer than the buffering limit.
    TooLong {
        /// The buffering limit in bytes.
        limit: usize,
    },
    /// It would be sent unsigned over plain http to another machine.
    PlainHttp,
    /// It is to be sent in chunks, but its length is not known.
    UnknownLength,
    /// Its length differs from the declared one.
    WrongLength {
        /// The length that `content-length` declares.
        declared: u64,
    },
    /// `content-length` is not a number.
    InvalidLength,
    /// It ends with trailers, which a signature over a buffered body does not cover.
    Trailers,
    /// Signed chunks were requested, but nothing frames the body.
    NotFramed,
    /// It is passed on unread, and nothing specifies its payload hash.
    PayloadUnknown,
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
                "the body is to be sent as aws-chunked, which declares its length, but the length \
                 is not known: set content-length to the length of the plain body",
            ),
            Self::WrongLength { declared } => write!(
                f,
                "the body is longer or shorter than the {declared} bytes that content-length \
                 declares: declare its true length, or none"
            ),
            Self::InvalidLength => f.write_str(
                "content-length is not a number: give the body's length in bytes, or leave the \
                 header out",
            ),
            Self::Trailers => f.write_str(
                "the body ends with trailers, which a signature over a buffered body does not \
                 cover: send it without them, or in signed chunks (S3)",
            ),
            Self::NotFramed => f.write_str(
                "the payload asked for has signed chunks, but the body is sent as it is: choose \
                 StreamPayload::AwsChunked, or another payload",
            ),
            Self::PayloadUnknown => f.write_str(
                "the body is passed on unread, and no payload hash is given for it: put a \
                 PayloadHash in the request's extensions (the body's SHA-256, or \
                 PayloadHash::Unsigned for S3 over https), set one for all requests with \
                 with_payload, buffer the body with SignLayer, or sign its chunks with \
                 SignStreamLayer (S3)",
            ),
            Self::PlainHttp => f.write_str(
                "the body would be sent as UNSIGNED-PAYLOAD over plain http, where anyone on the \
                 way can change it: use https or StreamPayload::Buffer(limit). To accept that risk, \
                 choose StreamPayload::UnsignedOverPlainHttp",
            ),
        }
    }
}

/// Prints the text of `Display`, so that an error returned from `main` shows cause and cure.
impl fmt::Debug for UnsignableBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for UnsignableBody {}

#[cfg(test)]
mod tests {
    use super::*;

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
}
