//! The message frame of `application/vnd.amazon.eventstream`, written and read.
//!
//! ```text
//! total length u32 | headers length u32 | CRC-32 of these | headers | payload | CRC-32 of all before
//! ```
//!
//! Source: Amazon Transcribe Developer Guide, "Event stream encoding"; Smithy specification,
//! "Amazon Event Stream Specification".

use core::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};

const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;
const MAX_HEADERS: usize = 128 * 1024;
const MAX_PAYLOAD: usize = 16 * 1024 * 1024;

/// One message: headers and a payload.
///
/// ```
/// use sigv4_core::stream::{Message, MessageDecoder, MessageValue};
///
/// let message = Message::new("audio bytes")
///     .with_header(":event-type", MessageValue::String("AudioEvent".into()));
/// let wire = message.encode()?;
/// let mut decoder = MessageDecoder::new();
/// assert_eq!(decoder.decode(&mut &wire[..])?, Some(message));
/// # Ok::<(), sigv4_core::stream::InvalidMessage>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    headers: Vec<MessageHeader>,
    payload: Bytes,
}

/// A header of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// The name: 1 to 255 bytes.
    pub name: String,
    /// The value.
    pub value: MessageValue,
}

/// The value of a message's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageValue {
    /// True or false.
    Bool(bool),
    /// 8 bits.
    Byte(i8),
    /// 16 bits.
    Int16(i16),
    /// 32 bits.
    Int32(i32),
    /// 64 bits.
    Int64(i64),
    /// At most 65,535 bytes.
    Bytes(Bytes),
    /// At most 65,535 bytes of UTF-8.
    String(String),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A UUID.
    Uuid([u8; 16]),
}

/// An error in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidMessage {
    /// A header's name is empty, over 255 bytes, or not UTF-8.
    HeaderName,
    /// A header's value is over 65,535 bytes, of an unknown type, or not UTF-8.
    HeaderValue,
    /// The headers are over 128 KiB.
    HeadersTooLong,
    /// The payload is over 16 MiB, or over the decoder's bound.
    PayloadTooLong,
    /// The lengths contradict each other.
    Length,
    /// The CRC-32 of the lengths does not match.
    PreludeChecksum,
    /// The CRC-32 of the message does not match.
    MessageChecksum,
    /// The input ended within a message.
    Truncated,
}

impl Message {
    /// Creates a message without headers.
    pub fn new(payload: impl Into<Bytes>) -> Self {
        Self { headers: Vec::new(), payload: payload.into() }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: MessageValue) -> Self {
        self.headers.push(MessageHeader { name: name.into(), value });
        self
    }

    /// The headers, in order.
    pub fn headers(&self) -> &[MessageHeader] {
        &self.headers
    }

    /// The value of the first header of this name.
    pub fn header(&self, name: &str) -> Option<&MessageValue> {
        self.headers.iter().find(|header| header.name == name).map(|header| &header.value)
    }

    /// The payload.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Encodes the message as it goes on the wire.
    ///
    /// # Errors
    /// An [`InvalidMessage`] if a part of it is longer than the format allows.
    pub fn encode(&self) -> Result<Bytes, InvalidMessage> {
        let mut out = BytesMut::with_capacity(frame_length(128, &self.payload));
        self.encode_to(&mut out)?;
        Ok(out.freeze())
    }

    /// Encodes the message into an empty buffer.
    pub(super) fn encode_to(&self, out: &mut BytesMut) -> Result<(), InvalidMessage> {
        let put_headers = |out: &mut BytesMut| {
            self.headers.iter().try_for_each(|header| put_header(out, &header.name, &header.value))
        };
        frame(out, put_headers, &self.payload)
    }
}

/// The length of a message whose headers have this length.
pub(super) const fn frame_length(headers: usize, payload: &[u8]) -> usize {
    PRELUDE + headers + payload.len() + CHECKSUM
}

/// Writes a message into an empty buffer, as it goes on the wire.
pub(super) fn frame(
    out: &mut BytesMut,
    put_headers: impl FnOnce(&mut BytesMut) -> Result<(), InvalidMessage>,
    payload: &[u8],
) -> Result<(), InvalidMessage> {
    if payload.len() > MAX_PAYLOAD {
        return Err(InvalidMessage::PayloadTooLong);
    }
    out.put_bytes(0, PRELUDE);
    put_headers(out)?;
    let headers = out.len() - PRELUDE;
    if headers > MAX_HEADERS {
        return Err(InvalidMessage::HeadersTooLong);
    }
    let total = out.len() + payload.len() + CHECKSUM;
    if let Some(prelude) = out.first_chunk_mut() {
        *prelude = prelude_of(total, headers)?;
    }
    out.extend_from_slice(payload);
    out.put_u32(crc32fast::hash(out));
    Ok(())
}

fn prelude_of(total: usize, headers: usize) -> Result<[u8; PRELUDE], InvalidMessage> {
    let mut prelude = [0; PRELUDE];
    let length = |length| u32::try_from(length).map_err(|_| InvalidMessage::PayloadTooLong);
    let lengths = [length(total)?.to_be_bytes(), length(headers)?.to_be_bytes()];
    let checksum = crc32fast::hash(lengths.as_flattened()).to_be_bytes();
    for (to, from) in prelude.iter_mut().zip(lengths.as_flattened().iter().chain(&checksum)) {
        *to = *from;
    }
    Ok(prelude)
}

/// Appends one header: length of the name, name, type, value.
pub(super) fn put_header(
    out: &mut BytesMut,
    name: &str,
    value: &MessageValue,
) -> Result<(), InvalidMessage> {
    put_name(out, name)?;
    match value {
        MessageValue::Bool(true) => out.put_u8(0),
        MessageValue::Bool(false) => out.put_u8(1),
        MessageValue::Byte(value) => put(out, 2, &value.to_be_bytes()),
        MessageValue::Int16(value) => put(out, 3, &value.to_be_bytes()),
        MessageValue::Int32(value) => put(out, 4, &value.to_be_bytes()),
        MessageValue::Int64(value) => put(out, 5, &value.to_be_bytes()),
        MessageValue::Bytes(value) => put_long(out, BYTES, value)?,
        MessageValue::String(value) => put_long(out, 7, value.as_bytes())?,
        MessageValue::Timestamp(value) => put(out, 8, &value.to_be_bytes()),
        MessageValue::Uuid(value) => put(out, 9, value),
    }
    Ok(())
}

/// Appends one header whose value is bytes.
pub(super) fn put_bytes_header(
    out: &mut BytesMut,
    name: &str,
    value: &[u8],
) -> Result<(), InvalidMessage> {
    put_name(out, name)?;
    put_long(out, BYTES, value)
}

/// The type of a value that is bytes.
const BYTES: u8 = 6;

fn put_name(out: &mut BytesMut, name: &str) -> Result<(), InvalidMessage> {
    let length = u8::try_from(name.len()).ok().filter(|length| *length > 0);
    out.put_u8(length.ok_or(InvalidMessage::HeaderName)?);
    out.extend_from_slice(name.as_bytes());
    Ok(())
}

fn put(out: &mut BytesMut, kind: u8, value: &[u8]) {
    out.put_u8(kind);
    out.extend_from_slice(value);
}

fn put_long(out: &mut BytesMut, kind: u8, value: &[u8]) -> Result<(), InvalidMessage> {
    out.put_u8(kind);
    out.put_u16(u16::try_from(value.len()).map_err(|_| InvalidMessage::HeaderValue)?);
    out.extend_from_slice(value);
    Ok(())
}

/// Decodes messages from slices of any length.
///
/// Lengths are trusted only once their checksum matches. Memory grows with the bytes received.
/// After an error every call returns that error.
#[derive(Debug)]
pub struct MessageDecoder {
    buffer: BytesMut,
    max_payload: usize,
    failed: Option<InvalidMessage>,
}

impl Default for MessageDecoder {
    fn default() -> Self {
        Self { buffer: BytesMut::new(), max_payload: MAX_PAYLOAD, failed: None }
    }
}

impl MessageDecoder {
    /// Creates a decoder for the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lowers the bound on the length of payloads, in bytes. The default is 16 MiB.
    #[must_use]
    pub fn with_max_payload(self, bytes: usize) -> Self {
        Self { max_payload: bytes.min(MAX_PAYLOAD), ..self }
    }

    /// Takes bytes from `input` until a message is complete, or none is left.
    ///
    /// # Errors
    /// An [`InvalidMessage`], from then on at every call.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Message>, InvalidMessage> {
        match self.failed {
            Some(error) => Err(error),
            None => self.run(input).inspect_err(|error| self.failed = Some(*error)),
        }
    }

    /// Ends the input.
    ///
    /// # Errors
    /// [`InvalidMessage::Truncated`] if a message is incomplete; or an earlier error of a message.
    pub fn finish(self) -> Result<(), InvalidMessage> {
        match self.failed {
            Some(error) => Err(error),
            None if self.buffer.is_empty() => Ok(()),
            None => Err(InvalidMessage::Truncated),
        }
    }

    fn run(&mut self, input: &mut &[u8]) -> Result<Option<Message>, InvalidMessage> {
        if !self.fill(input, PRELUDE) {
            return Ok(None);
        }
        let (total, headers) = self.lengths()?;
        if !self.fill(input, total) {
            return Ok(None);
        }
        let mut message = self.buffer.split().freeze();
        let mut checksum = message.split_off(total - CHECKSUM);
        if crc32fast::hash(&message) != checksum.get_u32() {
            return Err(InvalidMessage::MessageChecksum);
        }
        message.advance(PRELUDE);
        let headers = read_headers(message.split_to(headers))?;
        Ok(Some(Message { headers, payload: message }))
    }

    /// Buffers up to `wanted` bytes; returns whether all of them are there.
    fn fill(&mut self, input: &mut &[u8], wanted: usize) -> bool {
        let count = wanted.saturating_sub(self.buffer.len()).min(input.len());
        let (part, rest) = input.split_at(count);
        self.buffer.extend_from_slice(part);
        *input = rest;
        self.buffer.len() >= wanted
    }

    /// The lengths of the message and of its headers, checked against each other.
    fn lengths(&self) -> Result<(usize, usize), InvalidMessage> {
        let prelude = self.buffer.get(..PRELUDE).ok_or(InvalidMessage::Truncated)?;
        let (lengths, mut checksum) = prelude.split_at(8);
        if crc32fast::hash(lengths) != checksum.get_u32() {
            return Err(InvalidMessage::PreludeChecksum);
        }
        let mut lengths = lengths;
        let mut next = || usize::try_from(lengths.get_u32()).map_err(|_| InvalidMessage::Length);
        let (total, headers) = (next()?, next()?);
        if headers > MAX_HEADERS {
            return Err(InvalidMessage::HeadersTooLong);
        }
        let payload = total.checked_sub(PRELUDE + headers + CHECKSUM);
        if payload.ok_or(InvalidMessage::Length)? > self.max_payload {
            return Err(InvalidMessage::PayloadTooLong);
        }
        Ok((total, headers))
    }
}

fn read_headers(mut bytes: Bytes) -> Result<Vec<MessageHeader>, InvalidMessage> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let length = usize::from(bytes.get_u8());
        let name = text(take(&mut bytes, length)?).ok_or(InvalidMessage::HeaderName)?;
        if name.is_empty() {
            return Err(InvalidMessage::HeaderName);
        }
        let value = read_value(&mut bytes)?;
        headers.push(MessageHeader { name, value });
    }
    Ok(headers)
}

fn read_value(bytes: &mut Bytes) -> Result<MessageValue, InvalidMessage> {
    Ok(match take(bytes, 1)?.get_u8() {
        0 => MessageValue::Bool(true),
        1 => MessageValue::Bool(false),
        2 => MessageValue::Byte(take(bytes, 1)?.get_i8()),
        3 => MessageValue::Int16(take(bytes, 2)?.get_i16()),
        4 => MessageValue::Int32(take(bytes, 4)?.get_i32()),
        5 => MessageValue::Int64(take(bytes, 8)?.get_i64()),
        6 => MessageValue::Bytes(take_long(bytes)?),
        7 => MessageValue::String(text(take_long(bytes)?).ok_or(InvalidMessage::HeaderValue)?),
        8 => MessageValue::Timestamp(take(bytes, 8)?.get_i64()),
        9 => MessageValue::Uuid(take(bytes, 16)?.get_u128().to_be_bytes()),
        _ => return Err(InvalidMessage::HeaderValue),
    })
}

fn take(bytes: &mut Bytes, count: usize) -> Result<Bytes, InvalidMessage> {
    if bytes.len() < count {
        return Err(InvalidMessage::Length);
    }
    Ok(bytes.split_to(count))
}

fn take_long(bytes: &mut Bytes) -> Result<Bytes, InvalidMessage> {
    let length = take(bytes, 2)?.get_u16();
    take(bytes, usize::from(length))
}

fn text(bytes: Bytes) -> Option<String> {
    String::from_utf8(bytes.into()).ok()
}

impl fmt::Display for InvalidMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HeaderName => "a message header's name is not 1 to 255 bytes of UTF-8",
            Self::HeaderValue => {
                "a message header's value is over 65535 bytes, not UTF-8 or of an unknown type"
            }
            Self::HeadersTooLong => "a message's headers are over 128 KiB",
            Self::PayloadTooLong => "a message's payload is longer than allowed",
            Self::Length => "the lengths in a message contradict one another",
            Self::PreludeChecksum => "the checksum of a message's lengths does not match",
            Self::MessageChecksum => "the checksum of a message does not match",
            Self::Truncated => "the stream ended within a message",
        })
    }
}

impl core::error::Error for InvalidMessage {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of aws-c-event-stream's and Smithy's specification example.
    #[test]
    fn smithy_example_is_encoded_and_decoded() {
        let wire = [
            &b"\0\0\0\x3d\0\0\0\x20\x07\xfd\x83\x96"[..],
            b"\x0ccontent-type\x07\0\x10application/json",
            b"{'foo':'bar'}\x8d\x9c\x08\xb1",
        ]
        .concat();
        let message = Message::new("{'foo':'bar'}")
            .with_header("content-type", MessageValue::String("application/json".into()));
        assert_eq!(message.encode().unwrap(), wire);
        assert_eq!(MessageDecoder::new().decode(&mut &wire[..]), Ok(Some(message)));
    }

    fn every_type() -> Message {
        Message::new("payload")
            .with_header("t", MessageValue::Bool(true))
            .with_header("f", MessageValue::Bool(false))
            .with_header("b", MessageValue::Byte(-1))
            .with_header("s", MessageValue::Int16(-2))
            .with_header("i", MessageValue::Int32(-3))
            .with_header("l", MessageValue::Int64(-4))
            .with_header("y", MessageValue::Bytes(Bytes::from_static(b"\0\xff")))
            .with_header("é", MessageValue::String("ü".into()))
            .with_header(":date", MessageValue::Timestamp(1_360_000_000_123))
            .with_header("u", MessageValue::Uuid([7; 16]))
    }

    #[test]
    fn every_type_survives_whatever_the_split() {
        let message = every_type();
        let wire = [message.encode().unwrap(), message.encode().unwrap()].concat();
        for size in 1..=wire.len() {
            let mut decoder = MessageDecoder::new();
            let mut messages = Vec::new();
            for mut part in wire.chunks(size) {
                while let Some(message) = decoder.decode(&mut part).unwrap() {
                    messages.push(message);
                }
            }
            assert_eq!(messages, [message.clone(), message.clone()], "parts of {size}");
            decoder.finish().unwrap();
        }
    }

    #[test]
    fn flipped_bit_anywhere_is_refused_and_a_cut_is_truncated() {
        let wire = every_type().encode().unwrap();
        for bit in 0..wire.len() * 8 {
            let mut flipped = wire.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let mut decoder = MessageDecoder::new();
            let error = decoder.decode(&mut &flipped[..]).unwrap_err();
            assert_eq!(decoder.decode(&mut &wire[..]), Err(error));
            assert_eq!(decoder.finish(), Err(error));
        }
        for cut in 1..wire.len() {
            let mut decoder = MessageDecoder::new();
            assert_eq!(decoder.decode(&mut &wire[..cut]), Ok(None));
            assert_eq!(decoder.finish(), Err(InvalidMessage::Truncated));
        }
    }

    /// A frame with right checksums around the given lengths and content.
    fn framed(total: u32, headers: u32, content: &[u8]) -> Vec<u8> {
        let mut wire = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        wire.extend_from_slice(&crc32fast::hash(&wire).to_be_bytes());
        wire.extend_from_slice(content);
        wire.extend_from_slice(&crc32fast::hash(&wire).to_be_bytes());
        wire
    }

    #[test]
    fn lengths_that_lie_are_refused_before_anything_is_buffered() {
        let decode = |wire: Vec<u8>| MessageDecoder::new().decode(&mut &wire[..]).unwrap_err();
        assert_eq!(decode(framed(0, 0, b"")), InvalidMessage::Length);
        assert_eq!(decode(framed(15, 0, b"")), InvalidMessage::Length);
        assert_eq!(decode(framed(20, 5, b"")), InvalidMessage::Length);
        assert_eq!(decode(framed(u32::MAX, 0, b"")), InvalidMessage::PayloadTooLong);
        assert_eq!(decode(framed(u32::MAX, u32::MAX, b"")), InvalidMessage::HeadersTooLong);
        let mut bounded = MessageDecoder::new().with_max_payload(4);
        let wire = Message::new("12345").encode().unwrap();
        assert_eq!(bounded.decode(&mut &wire[..]), Err(InvalidMessage::PayloadTooLong));
    }

    #[test]
    fn malformed_headers_are_refused() {
        for (headers, error) in [
            (&b"\0\0"[..], InvalidMessage::HeaderName),
            (b"\x01\xff\0", InvalidMessage::HeaderName),
            (b"\x05a", InvalidMessage::Length),
            (b"\x01a", InvalidMessage::Length),
            (b"\x01a\x0a", InvalidMessage::HeaderValue),
            (b"\x01a\x07\0\x01\xff", InvalidMessage::HeaderValue),
            (b"\x01a\x07\xff\xff", InvalidMessage::Length),
            (b"\x01a\x08\0", InvalidMessage::Length),
        ] {
            let length = u32::try_from(headers.len()).unwrap();
            let wire = framed(16 + length, length, headers);
            assert_eq!(MessageDecoder::new().decode(&mut &wire[..]), Err(error), "{headers:?}");
        }
    }

    #[test]
    fn message_that_the_format_cannot_hold_is_an_error() {
        let of = |name: &str, value| Message::new("").with_header(name, value).encode();
        let long = "a".repeat(65_536);
        assert_eq!(of("", MessageValue::Bool(true)), Err(InvalidMessage::HeaderName));
        let name = of(&"a".repeat(256), MessageValue::Bool(true));
        assert_eq!(name, Err(InvalidMessage::HeaderName));
        assert_eq!(of("a", MessageValue::String(long)), Err(InvalidMessage::HeaderValue));
        let payload = Message::new(vec![0; MAX_PAYLOAD + 1]).encode();
        assert_eq!(payload, Err(InvalidMessage::PayloadTooLong));
        let mut headers = Message::new("");
        for _ in 0..3 {
            headers = headers.with_header("a", MessageValue::String("a".repeat(65_535)));
        }
        assert_eq!(headers.encode(), Err(InvalidMessage::HeadersTooLong));
    }
}
