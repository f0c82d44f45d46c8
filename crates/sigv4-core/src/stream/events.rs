//! Signed event streams, written and read: each event is a message with its own date and signature.

use core::fmt;

use bytes::{Bytes, BytesMut};

use crate::error::SignError;
use crate::sign::signature::Signature;
use crate::stream::event_signer::EventSigner;
use crate::stream::message::{
    InvalidMessage, Message, MessageDecoder, MessageHeader, MessageValue, frame, frame_length,
    put_bytes_header,
};
use crate::time::SigningTime;

const DATE: &str = ":date";
const CHUNK_SIGNATURE: &str = ":chunk-signature";

/// Writes a signed event stream: the body of a request signed with
/// `PayloadHash::StreamingEvents`.
///
/// ```
/// use std::time::SystemTime;
/// use sigv4_core::stream::{EventEncoder, Message};
/// use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};
///
/// let signer =
///     Signer::new(Region::from_static("us-east-1"), Service::from_static("transcribe"));
/// let request =
///     http::Request::post("https://transcribestreaming.us-east-1.amazonaws.com/").body(())?;
/// let credentials = Credentials::new("AKIDEXAMPLE", "secret");
/// let payload = PayloadHash::StreamingEvents;
/// let signed = signer.compute(&request, payload, &credentials, SystemTime::now())?;
/// let mut events = EventEncoder::new(signed.into_events()?);
/// let first = events.encode(&Message::new("audio"), SystemTime::now())?; // send it, and so on
/// let end = events.finish(SystemTime::now())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct EventEncoder {
    signer: EventSigner,
    /// The event before it is signed. Kept, to be allocated once.
    event: BytesMut,
}

/// Reads a signed event stream. No event is returned before its signature is verified.
///
/// The outcome does not depend on how the stream is split. After an error every call gives an
/// error. The caller must check that an event's date is close to the clock ([`Event::time`]).
#[derive(Debug)]
pub struct EventDecoder {
    signer: EventSigner,
    messages: MessageDecoder,
    state: State,
}

#[derive(Debug)]
enum State {
    Open,
    Ended,
    Failed(EventError),
}

/// A verified event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    time: SigningTime,
    message: Message,
}

/// Why an event was not written, or a stream of them refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventError {
    /// A message is malformed or too long.
    Message(InvalidMessage),
    /// The credentials cannot sign at the event's date, or it is out of range.
    Sign(SignError),
    /// A message does not consist of a `:date`, a `:chunk-signature` and an event.
    NotSigned,
    /// An event was changed, moved, dropped, repeated or taken from another stream.
    SignatureMismatch,
    /// The stream ended without its final event.
    Truncated,
    /// There are bytes after the final event.
    DataAfterEnd,
}

impl EventEncoder {
    /// Creates an encoder whose chain starts from the request's signature.
    pub fn new(signer: EventSigner) -> Self {
        Self { signer, event: BytesMut::new() }
    }

    /// Encodes the next event as it goes on the wire.
    ///
    /// # Errors
    /// An [`EventError`] if the message is too long or the credentials have expired.
    pub fn encode(
        &mut self,
        event: &Message,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Bytes, EventError> {
        let time = time.try_into().map_err(|error| EventError::Sign(error.into()))?;
        self.event.clear();
        event.encode_to(&mut self.event)?;
        envelope(&mut self.signer, &self.event, time)
    }

    /// Encodes the final event, which has no payload, as it goes on the wire.
    ///
    /// # Errors
    /// [`EventError::Sign`] if the credentials have expired.
    pub fn finish(
        mut self,
        time: impl TryInto<SigningTime, Error: Into<SignError>>,
    ) -> Result<Bytes, EventError> {
        let time = time.try_into().map_err(|error| EventError::Sign(error.into()))?;
        envelope(&mut self.signer, &[], time)
    }
}

impl fmt::Debug for EventEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEncoder").field("signer", &self.signer).finish_non_exhaustive()
    }
}

/// Signs an event and wraps it in its date and signature.
fn envelope(
    signer: &mut EventSigner,
    event: &[u8],
    time: SigningTime,
) -> Result<Bytes, EventError> {
    const HEADERS: usize = 1 + DATE.len() + 1 + 8 + 1 + CHUNK_SIGNATURE.len() + 1 + 2 + 32;
    let date = date_header(time.unix().saturating_mul(1000));
    let signature = signer.sign(&date, event, time)?;
    let mut out = BytesMut::with_capacity(frame_length(HEADERS, event));
    let put_headers = |out: &mut BytesMut| {
        out.extend_from_slice(&date);
        put_bytes_header(out, CHUNK_SIGNATURE, signature.as_bytes())
    };
    frame(&mut out, put_headers, event)?;
    Ok(out.freeze())
}

/// The `:date` header as it is signed: length of the name, name, type 8 (a timestamp), value.
fn date_header(milliseconds: i64) -> [u8; 15] {
    let mut header = *b"\x05:date\x08\0\0\0\0\0\0\0\0";
    if let Some(value) = header.last_chunk_mut() {
        *value = milliseconds.to_be_bytes();
    }
    header
}

impl Event {
    /// The event's own date, in whole seconds.
    pub fn time(&self) -> SigningTime {
        self.time
    }

    /// The event.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The event, owned.
    pub fn into_message(self) -> Message {
        self.message
    }
}

impl EventDecoder {
    /// Creates a decoder whose chain starts from the request's signature.
    pub fn new(signer: EventSigner) -> Self {
        Self { signer, messages: MessageDecoder::new(), state: State::Open }
    }

    /// Lowers the bound on the length of events, in bytes. The default is 16 MiB.
    #[must_use]
    pub fn with_max_event(self, bytes: usize) -> Self {
        Self { messages: self.messages.with_max_payload(bytes), ..self }
    }

    /// Takes bytes from `input` until an event is complete and verified, or none is left.
    ///
    /// # Errors
    /// An [`EventError`], from then on at every call.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Event>, EventError> {
        match &self.state {
            State::Failed(error) => return Err(error.clone()),
            State::Ended if !input.is_empty() => return self.fail(EventError::DataAfterEnd),
            State::Ended => return Ok(None),
            State::Open => {}
        }
        match self.next(input) {
            Ok(event) => Ok(event),
            Err(error) => self.fail(error),
        }
    }

    /// Ends the body. Only this shows that the stream is complete.
    ///
    /// # Errors
    /// [`EventError::Truncated`] if the final event is missing; or an earlier error of the stream.
    pub fn finish(self) -> Result<(), EventError> {
        match self.state {
            State::Ended => Ok(()),
            State::Failed(error) => Err(error),
            State::Open => Err(EventError::Truncated),
        }
    }

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<Event>, EventError> {
        let Some(envelope) = self.messages.decode(input)? else {
            return Ok(None);
        };
        let (date, claimed) = signed_fields(&envelope)?;
        let time = SigningTime::from_unix(date.div_euclid(1000))?;
        if self.signer.sign(&date_header(date), envelope.payload(), time)? != claimed {
            return Err(EventError::SignatureMismatch);
        }
        if envelope.payload().is_empty() {
            self.state = State::Ended;
            let more = !input.is_empty();
            return if more { Err(EventError::DataAfterEnd) } else { Ok(None) };
        }
        let mut inner = MessageDecoder::new();
        let mut payload = &envelope.payload()[..];
        let message = inner.decode(&mut payload)?.ok_or(InvalidMessage::Truncated)?;
        if payload.is_empty() {
            Ok(Some(Event { time, message }))
        } else {
            Err(InvalidMessage::Length.into())
        }
    }

    fn fail<T>(&mut self, error: EventError) -> Result<T, EventError> {
        self.state = State::Failed(error.clone());
        Err(error)
    }
}

/// The date and the signature: the two headers of a signed event, and no others.
fn signed_fields(message: &Message) -> Result<(i64, Signature), EventError> {
    let (mut date, mut signature) = (None, None);
    for MessageHeader { name, value } in message.headers() {
        match (name.as_str(), value) {
            (DATE, MessageValue::Timestamp(value)) if date.is_none() => date = Some(*value),
            (CHUNK_SIGNATURE, MessageValue::Bytes(value)) if signature.is_none() => {
                let bytes = <[u8; 32]>::try_from(&value[..]).map_err(|_| EventError::NotSigned)?;
                signature = Some(Signature::new(bytes));
            }
            _ => return Err(EventError::NotSigned),
        }
    }
    date.zip(signature).ok_or(EventError::NotSigned)
}

impl From<InvalidMessage> for EventError {
    fn from(error: InvalidMessage) -> Self {
        Self::Message(error)
    }
}

impl From<SignError> for EventError {
    fn from(error: SignError) -> Self {
        Self::Sign(error)
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(error) => error.fmt(f),
            Self::Sign(error) => error.fmt(f),
            Self::NotSigned => {
                f.write_str("an event does not have :date and :chunk-signature, and these alone")
            }
            Self::SignatureMismatch => f.write_str("an event does not match its signature"),
            Self::Truncated => f.write_str("the stream ended before its final event"),
            Self::DataAfterEnd => f.write_str("bytes follow the final event"),
        }
    }
}

impl core::error::Error for EventError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Message(error) => Some(error),
            Self::Sign(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Credentials;
    use crate::scope::{Region, Service};
    use crate::stream::message::put_header;

    fn signer() -> EventSigner {
        signer_with(Credentials::new("access", "secret"))
    }

    fn signer_with(credentials: Credentials) -> EventSigner {
        let (region, service) = (Region::from_static("us-east-1"), Service::from_static("demo"));
        EventSigner::new(credentials, region, service, &"a".repeat(64))
    }

    fn time(text: &str) -> SigningTime {
        text.parse().unwrap()
    }

    fn late() -> SigningTime {
        time("20150830T235959Z")
    }

    fn early() -> SigningTime {
        time("20150831T000001Z")
    }

    /// Two events on either side of midnight, and the final one.
    fn parts() -> [Bytes; 3] {
        let mut encoder = EventEncoder::new(signer());
        let first = encoder.encode(&Message::new("one"), late()).unwrap();
        let second = encoder.encode(&Message::new("two"), early()).unwrap();
        [first, second, encoder.finish(early()).unwrap()]
    }

    type Outcome = (Vec<Event>, Result<(), EventError>);

    fn run<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
        let mut decoder = EventDecoder::new(signer());
        let mut events = Vec::new();
        for mut part in parts {
            while !part.is_empty() {
                match decoder.decode(&mut part) {
                    Ok(event) => events.extend(event),
                    Err(error) => {
                        assert_eq!(decoder.decode(&mut &b""[..]), Err(error.clone()));
                        assert_eq!(decoder.finish(), Err(error.clone()));
                        return (events, Err(error));
                    }
                }
            }
        }
        (events, decoder.finish())
    }

    #[test]
    fn events_survive_midnight_and_any_split() {
        let wire = parts().concat();
        let expected = vec![
            Event { time: late(), message: Message::new("one") },
            Event { time: early(), message: Message::new("two") },
        ];
        for size in 1..=wire.len() {
            assert_eq!(run(wire.chunks(size)), (expected.clone(), Ok(())), "parts of {size}");
        }
    }

    #[test]
    fn flipped_byte_anywhere_is_refused() {
        let wire = parts().concat();
        for at in 0..wire.len() {
            let mut flipped = wire.clone();
            flipped[at] ^= 1;
            assert!(run([&flipped[..]]).1.is_err(), "byte {at}");
        }
    }

    /// With right checksums, so that only the signature speaks.
    #[test]
    fn changed_payload_date_or_signature_with_right_checksums_is_refused() {
        let [first, ..] = parts();
        let good = MessageDecoder::new().decode(&mut &first[..]).unwrap().unwrap();
        let [date, signature] = good.headers() else { panic!("two headers") };
        let with = |payload: Bytes, date: MessageValue, signature: MessageValue| {
            Message::new(payload)
                .with_header(DATE, date)
                .with_header(CHUNK_SIGNATURE, signature)
                .encode()
                .unwrap()
        };
        let payload = || good.payload().clone();
        let (date, signature) = (&date.value, &signature.value);
        assert_eq!(with(payload(), date.clone(), signature.clone()), first);
        let MessageValue::Timestamp(at) = date else { panic!("a time") };
        let other_time = MessageValue::Timestamp(at + 1);
        let other_signature = MessageValue::Bytes(Bytes::from_static(&[0; 32]));
        for changed in [
            with(Message::new("two").encode().unwrap(), date.clone(), signature.clone()),
            with(payload(), other_time, signature.clone()),
            with(payload(), date.clone(), other_signature),
            with(Bytes::new(), date.clone(), signature.clone()),
        ] {
            assert_eq!(run([&changed[..]]), (vec![], Err(EventError::SignatureMismatch)));
        }
    }

    #[test]
    fn events_swapped_dropped_or_replayed_are_refused() {
        let [first, second, end] = parts();
        for order in [[&second, &first], [&second, &end], [&first, &first], [&first, &end]] {
            let wire = [&order[0][..], &order[1][..]].concat();
            assert_eq!(run([&wire[..]]).1, Err(EventError::SignatureMismatch));
        }
    }

    #[test]
    fn stream_without_its_final_event_or_with_more_behind_it_is_refused() {
        let [first, second, end] = parts();
        assert_eq!(run([&first[..], &second[..]]).1, Err(EventError::Truncated));
        let more = [&first[..], &second[..], &end[..], b"x"];
        assert_eq!(run(more).1, Err(EventError::DataAfterEnd));
        assert_eq!(run([&more.concat()[..]]).1, Err(EventError::DataAfterEnd));
        assert_eq!(run([]).1, Err(EventError::Truncated));
    }

    #[test]
    fn message_without_its_two_headers_or_with_a_third_is_refused() {
        let signature = || MessageValue::Bytes(Bytes::from_static(&[0; 32]));
        let dated = || Message::new("").with_header(DATE, MessageValue::Timestamp(0));
        for message in [
            Message::new("plain"),
            dated(),
            Message::new("").with_header(CHUNK_SIGNATURE, signature()),
            dated().with_header(CHUNK_SIGNATURE, MessageValue::String("0".repeat(32))),
            dated().with_header(CHUNK_SIGNATURE, MessageValue::Bytes(Bytes::new())),
            dated().with_header(CHUNK_SIGNATURE, signature()).with_header("x", signature()),
            dated().with_header(CHUNK_SIGNATURE, signature()).with_header(DATE, signature()),
            dated()
                .with_header(DATE, MessageValue::Timestamp(0))
                .with_header(CHUNK_SIGNATURE, signature()),
            dated()
                .with_header(CHUNK_SIGNATURE, signature())
                .with_header(CHUNK_SIGNATURE, signature()),
        ] {
            let wire = message.encode().unwrap();
            assert_eq!(run([&wire[..]]), (vec![], Err(EventError::NotSigned)));
        }
    }

    #[test]
    fn date_header_is_that_of_a_message() {
        for milliseconds in [0, 1, -1, 1_440_938_160_000, i64::MAX] {
            let mut expected = BytesMut::new();
            put_header(&mut expected, DATE, &MessageValue::Timestamp(milliseconds)).unwrap();
            assert_eq!(date_header(milliseconds), *expected);
        }
    }

    #[test]
    fn expired_credentials_sign_no_event() {
        let credentials = Credentials::new("access", "secret").with_expiry(late().into());
        let signer = signer_with(credentials);
        let outcome = EventEncoder::new(signer).encode(&Message::new("one"), early());
        let expired = EventError::Sign(SignError::CredentialsExpired { at: late() });
        assert_eq!(outcome, Err(expired));
    }
}
