//! Uploads in signed chunks, from plain bytes to the bytes on the wire: one chunk at a time, or several hashed
//! at once, beside aws-sigv4.
//!
//! Run `cargo bench -p benches --bench uploads`; `-- --quick` runs a short form.
#![allow(clippy::unwrap_used, reason = "a bench that cannot do its work must stop")]

#[path = "cases/aws.rs"]
#[expect(dead_code, reason = "shared with the other benches")]
mod aws;
#[path = "cases/inputs.rs"]
#[expect(dead_code, reason = "shared with the other benches")]
mod inputs;

use std::hint::black_box;

use aws_sigv4::sign::v4::sign_chunk;
use benches::{Case, Contender, Effort, Outcome, race};
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, Request};
use sha2::{Digest, Sha256};
use sigv4_core::Signed;
use sigv4_core::stream::AwsChunked;

use inputs::{credentials, now};

const SERVICE: &str = "s3";
const LENGTH: usize = 8 << 20;

fn main() {
    let effort = Effort::from_arguments();
    if !sigv4_lanes::interleaves() {
        println!("This processor lacks the instructions: all lanes are one.");
    }
    println!("| chunks of | who | GB/s | times one lane | times aws-sigv4 |");
    println!("| --- | --- | ---: | ---: | ---: |");
    for size in [64 << 10, 1 << 20] {
        print(size, &race(&mut case(size), effort));
    }
}

/// Prints how many times faster each is. The ratio to aws-sigv4 is that of two ratios to one lane.
fn print(size: usize, outcomes: &[Outcome]) {
    let theirs = outcomes.iter().find(|outcome| outcome.name == aws::NAME).unwrap().ratio;
    for (nth, Outcome { name, nanoseconds, ratio, .. }) in outcomes.iter().enumerate() {
        let label = if nth == 0 { format!("{} KiB", size >> 10) } else { String::new() };
        let speed = 8_388_608.0 / nanoseconds;
        let (one, peer) = (1.0 / ratio, theirs / ratio);
        println!("| {label} | {name} | {speed:.2} | {one:.2} | {peer:.2} |");
    }
}

/// All contenders, which write the same bytes.
fn case(size: usize) -> Case {
    let body: Bytes = (0..LENGTH).map(|at| (at / 7).to_le_bytes()[0]).collect();
    let plan = AwsChunked::signed(LENGTH as u64).with_chunk_size(size).unwrap();
    let seed = signed(&plan).signature().to_string();
    let mut expected = Vec::new();
    frame_with_peer(&body, size, &seed, |bytes| expected.extend_from_slice(&bytes));
    let mut contenders: Vec<_> = [("one lane", 1), ("two lanes", 2), ("four lanes", 4)]
        .into_iter()
        .map(|(name, lanes)| {
            let (plan, body) = (plan.clone().with_lanes(lanes), body.clone());
            let mut wire = Vec::new();
            encode(&plan, &body, |bytes| wire.extend_from_slice(&bytes));
            assert!(wire == expected, "{name}");
            Contender::new(name, move || encode(&plan, &body, |bytes| drop(black_box(bytes))))
        })
        .collect();
    let same = body.clone();
    contenders.push(Contender::new(aws::NAME, move || {
        frame_with_peer(&same, size, &seed, |bytes| drop(black_box(bytes)));
    }));
    contenders.push(Contender::new("hashing alone, one chunk at a time", move || {
        for chunk in body.chunks(size) {
            black_box(Sha256::digest(chunk));
        }
    }));
    Case { row: "", title: "", contenders }
}

fn signed(plan: &AwsChunked) -> Signed {
    let uri = "https://bucket.s3.us-east-1.amazonaws.com/key";
    let mut request = Request::put(uri).body(()).unwrap();
    plan.set_headers(request.headers_mut());
    inputs::signer(SERVICE).compute(&request, plan.payload(), &credentials(), now()).unwrap()
}

/// Signs the request and encodes the body.
fn encode(plan: &AwsChunked, mut body: &[u8], mut send: impl FnMut(Bytes)) {
    let mut encoder = plan.encoder(signed(plan)).unwrap();
    while let Some(bytes) = encoder.encode(&mut body).unwrap() {
        send(bytes);
    }
    send(encoder.finish(&HeaderMap::new()).unwrap());
}

/// Encodes the body with the chunk signatures of aws-sigv4, which does not frame: that is done here,
/// with one allocation and one copy a chunk, as ours does. The request is signed already.
fn frame_with_peer(body: &Bytes, size: usize, seed: &str, mut send: impl FnMut(Bytes)) {
    let identity = aws::identity();
    let mut previous = seed.to_owned();
    let starts = (0..body.len()).step_by(size);
    for start in starts.chain([body.len()]) {
        let chunk = body.slice(start..body.len().min(start + size));
        let parameters = aws::parameters(&identity, SERVICE, ());
        previous = sign_chunk(&chunk, &previous, &parameters).unwrap().into_parts().1;
        let head = format!("{:x};chunk-signature={previous}\r\n", chunk.len());
        let mut framed = BytesMut::with_capacity(head.len() + chunk.len() + 2);
        framed.put_slice(head.as_bytes());
        framed.put_slice(&chunk);
        framed.put_slice(b"\r\n");
        send(framed.freeze());
    }
}
