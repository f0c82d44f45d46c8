//! Streams: one event message, one chunk.

use aws_sigv4::event_stream::sign_message;
use aws_sigv4::sign::v4::sign_chunk;
use aws_smithy_eventstream::frame::write_message_to;
use benches::{Case, Contender};
use bytes::Bytes;
use sigv4_core::stream::{ChunkSigner, EventSigner};
use sigv4_core::stream::{EventEncoder, Message};
use sigv4_core::{CredentialScope, Region, Service, SigningKey, SigningTime};

use super::inputs::{REGION, SECRET, SERVICE, credentials, now};
use super::{aws, floor};

/// The signature from which the streams start.
const SEED: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

/// Row i: signs and frames a message of 1 KiB.
pub(crate) fn event() -> Case {
    let payload = Bytes::from(vec![0x5a; 1024]);
    let message = Message::new(payload.clone());
    let (region, service) = (Region::from_static(REGION), Service::from_static(SERVICE));
    let mut encoder = EventEncoder::new(EventSigner::new(credentials(), region, service, SEED));
    let mut ours = move || encoder.encode(&message, now()).unwrap();

    let identity = aws::identity();
    let message = aws_smithy_types::event_stream::Message::new(payload);
    let mut previous = SEED.to_owned();
    let mut theirs = move || {
        let parameters = aws::parameters(&identity, SERVICE, ());
        let (signed, signature) =
            sign_message(&message, &previous, &parameters).unwrap().into_parts();
        previous = signature;
        let mut frame = Vec::new();
        write_message_to(&signed, &mut frame).unwrap();
        frame
    };
    // The headers are in different orders, so only the lengths of the frames are equal.
    assert_eq!(ours().len(), theirs().len());
    Case {
        row: "i",
        title: "event-stream message of 1 KiB, framed",
        contenders: vec![
            Contender::new("sigv4-core", ours),
            Contender::new(aws::NAME, theirs).with_target(3.0),
            floor::blocks(25),
        ],
    }
}

/// Row j: signs a chunk of 64 KiB.
pub(crate) fn chunk() -> Case {
    let chunk = Bytes::from(vec![0x5a; 65_536]);
    let (region, service) = (Region::from_static(REGION), Service::from_static(SERVICE));
    let time = SigningTime::try_from(now()).unwrap();
    let key = SigningKey::derive(SECRET, &CredentialScope::new(time, &region, &service));
    let mut signer = ChunkSigner::new(key, time, region, service, SEED);
    let same = chunk.clone();
    let mut ours = move || signer.sign(&same);

    let identity = aws::identity();
    let body = chunk.to_vec();
    let mut previous = SEED.to_owned();
    let mut theirs = move || {
        let parameters = aws::parameters(&identity, SERVICE, ());
        let (_, signature) = sign_chunk(&chunk, &previous, &parameters).unwrap().into_parts();
        previous.clone_from(&signature);
        signature
    };
    assert_eq!(ours().to_string(), theirs());
    Case {
        row: "j",
        title: "chunk of 64 KiB: signature",
        contenders: vec![
            Contender::new("sigv4-core", ours),
            Contender::new(aws::NAME, theirs),
            floor::body(body).with_target(0.97),
        ],
    }
}
