//! Streams: one event message, one chunk.

use aws_sigv4::event_stream::sign_message;
use aws_sigv4::sign::v4::sign_chunk;
use aws_smithy_eventstream::frame::write_message_to;
use benches::{Case, Contender};

use super::inputs::{self, SEED, SERVICE};
use super::{OURS, aws, floor, ours};

/// Row i: signs and frames a message of 1 KiB.
pub(crate) fn event() -> Case {
    let mut ours = ours::event();
    let identity = aws::identity();
    let message = aws_smithy_types::event_stream::Message::new(inputs::event_payload());
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
            Contender::new(OURS, ours),
            Contender::new(aws::NAME, theirs).with_target(3.4),
            floor::blocks(24).with_multiple(1.33),
        ],
    }
}

/// Row j: signs a chunk of 64 KiB.
pub(crate) fn chunk() -> Case {
    let mut ours = ours::chunk();
    let (identity, chunk) = (aws::identity(), inputs::chunk());
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
            Contender::new(OURS, ours),
            Contender::new(aws::NAME, theirs),
            floor::body(body).with_multiple(1.01),
        ],
    }
}
