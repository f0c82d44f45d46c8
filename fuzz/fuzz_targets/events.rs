//! Decodes any bytes as a signed event stream. The result must not depend on how the stream is
//! split, and no unsigned event may come out.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sigv4_core::stream::{EventDecoder, EventEncoder, EventError, Message, MessageDecoder};
use sigv4_core::{Credentials, Region, Service, SigningTime};
use sigv4_core::stream::EventSigner;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Signed events, so that the fuzzer gets past the first signature.
    honest: Vec<&'a [u8]>,
    ended: bool,
    tail: &'a [u8],
    cut: u8,
}

fn signer() -> EventSigner {
    let (region, service) = (Region::from_static("us-east-1"), Service::from_static("transcribe"));
    EventSigner::new(Credentials::new("AKIDEXAMPLE", "secret"), region, service, &"0".repeat(64))
}

fn decode(body: &[u8], cut: usize) -> (Vec<Vec<u8>>, Result<(), EventError>) {
    let mut decoder = EventDecoder::new(signer());
    let mut events = Vec::new();
    for mut part in body.chunks(cut.max(1)) {
        loop {
            match decoder.decode(&mut part) {
                Ok(Some(event)) => events.push(event.message().payload().to_vec()),
                Ok(None) => break,
                Err(error) => return (events, Err(error)),
            }
        }
    }
    (events, decoder.finish())
}

fuzz_target!(|input: Input<'_>| {
    // Decodes the frame alone, without signatures, from any bytes.
    let mut rest = input.tail;
    let mut frames = MessageDecoder::new();
    while let Ok(Some(message)) = frames.decode(&mut rest) {
        let encoded = message.encode().unwrap();
        assert_eq!(MessageDecoder::new().decode(&mut &encoded[..]), Ok(Some(message)));
    }

    let time: SigningTime = "20150830T123600Z".parse().unwrap();
    let mut encoder = EventEncoder::new(signer());
    let mut body = Vec::new();
    for payload in &input.honest {
        let event = Message::new(bytes::Bytes::copy_from_slice(payload));
        body.extend_from_slice(&encoder.encode(&event, time).unwrap());
    }
    if input.ended {
        body.extend_from_slice(&encoder.finish(time).unwrap());
    }
    body.extend_from_slice(input.tail);
    let whole = decode(&body, body.len());
    assert!(whole.0.len() <= input.honest.len());
    assert!(whole.0.iter().zip(&input.honest).all(|(read, sent)| read == sent));
    assert_eq!(whole.1.is_ok(), input.ended && input.tail.is_empty());
    let cut = decode(&body, usize::from(input.cut));
    assert_eq!(whole.0, cut.0);
    assert_eq!(whole.1.is_ok(), cut.1.is_ok());
});
