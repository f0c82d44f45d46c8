//! OpenStack Swift with its S3 interface: keys, presigned URLs, streamed bodies.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;
use sigv4_core::stream::{AwsChunked, Checksum};
use sigv4_core::{Credentials, Region, Service, Signer};
use support::servers::Swift;

use crate::adapter::{Adapter, Call, send_chunked, send_presigned};
use crate::matrix::{Direction, Matrix, Need, Outcome};
use crate::objects::{KEYS, Place, check, expect};
use crate::streams::{Plan, Streaming};

const SYSTEM: &str = "Swift";
const SIGNER: Signer = Signer::new(Region::from_static(Swift::REGION), Service::from_static("s3"));

/// Runs every mode, if Swift is on this machine.
pub(crate) fn run(matrix: &mut Matrix) {
    let Some(swift) = Swift::start() else {
        let why = "tests/support/servers/install.sh installs it";
        return matrix.not_there(SYSTEM, Direction::WeSign, Need::WhereServersAre, why);
    };
    let mut record = |mode: String, outcome| {
        matrix.record(SYSTEM, Direction::WeSign, mode, outcome);
    };
    for (number, adapter) in Adapter::ALL.into_iter().enumerate() {
        let bucket = format!("{}/bucket-{number}", swift.endpoint());
        let keys = format!("{}: {} awkward keys", adapter.name(), KEYS.len());
        record(keys, awkward_keys(adapter, &bucket));
        let slash = format!("{}: an escaped slash is the slash of a key", adapter.name());
        record(slash, escaped_slash(adapter, &bucket));
        record(format!("{}: a wrong secret is refused", adapter.name()), wrong(adapter, &bucket));
    }
    let bucket = format!("{}/bucket-0", swift.endpoint());
    record(format!("presigned PUT, GET, HEAD, DELETE of {} keys", KEYS.len()), presigned(&bucket));
    record("presigned for another region, by another secret".into(), presigned_wrongly(&bucket));
    for (mode, plan) in streams() {
        for streaming in Streaming::ALL {
            record(format!("{}: {mode}", streaming.name()), streamed(&bucket, streaming, plan));
        }
        record(format!("{mode}: a changed byte is refused"), spoilt(&bucket, plan));
    }
    let place =
        Place { system: SYSTEM, bucket, signer: SIGNER, credentials: credentials(), wrong_on: &[] };
    place.multipart(matrix);
    place.wrong_clock(matrix);
    place.wrong_region(matrix);
}

fn credentials() -> Credentials {
    Credentials::new(Swift::ACCESS_KEY, Swift::SECRET_KEY)
}

/// The body's bytes, which are not valid text.
pub(crate) fn content(length: usize) -> Bytes {
    (0..length).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect()
}

/// The modes of a streamed body that Swift knows.
pub(crate) fn streams() -> [(&'static str, Plan); 5] {
    [
        ("signed chunks", AwsChunked::signed),
        ("signed chunks and trailer, CRC32", |length| {
            AwsChunked::signed(length).with_checksum(Checksum::Crc32)
        }),
        ("signed chunks and trailer, SHA-256", |length| {
            AwsChunked::signed(length).with_checksum(Checksum::Sha256)
        }),
        ("unsigned chunks with trailer, CRC32C", |length| {
            AwsChunked::unsigned(length, Checksum::Crc32c)
        }),
        ("unsigned chunks with trailer, SHA-1", |length| {
            AwsChunked::unsigned(length, Checksum::Sha1)
        }),
    ]
}

fn awkward_keys(adapter: Adapter, bucket: &str) -> Outcome {
    let send = |method: Method, target: &str, body: Bytes| {
        let call = Call::new(method, format!("{bucket}{target}"), body);
        adapter.send(&SIGNER, &credentials(), &call)
    };
    expect(&send(Method::PUT, "", Bytes::new())?, &[200], "the bucket")?;
    for key in KEYS {
        let target = format!("/{key}");
        expect(&send(Method::PUT, &target, content(key.len()))?, &[200], key)?;
        let read = send(Method::GET, &target, Bytes::new())?;
        expect(&read, &[200], key)?;
        check(read.body == content(key.len()), || format!("{key}: another body came back"))?;
    }
    let list = send(Method::GET, "?list-type=2&encoding-type=url&max-keys=100", Bytes::new())?;
    expect(&list, &[200], "the list")?;
    same_keys(&list.text())?;
    for key in KEYS {
        expect(&send(Method::DELETE, &format!("/{key}"), Bytes::new())?, &[204], key)?;
    }
    Ok("put, read, listed under the same names, deleted".into())
}

/// An object written as `a%2Fb` is read, listed and deleted as `a/b`.
fn escaped_slash(adapter: Adapter, bucket: &str) -> Outcome {
    let send = |method: Method, target: &str, body: Bytes| {
        let call = Call::new(method, format!("{bucket}/{target}"), body);
        adapter.send(&SIGNER, &credentials(), &call)
    };
    expect(&send(Method::PUT, "a%2Fb", content(7))?, &[200], "PUT a%2Fb")?;
    let read = send(Method::GET, "a/b", Bytes::new())?;
    expect(&read, &[200], "GET a/b")?;
    check(read.body == content(7), || "a/b: another body came back".into())?;
    expect(&send(Method::GET, "a%2fb", Bytes::new())?, &[200], "GET a%2fb")?;
    let list = send(Method::GET, "?list-type=2", Bytes::new())?.text();
    check(list.contains("<Key>a/b</Key>"), || format!("the list: {list}"))?;
    expect(&send(Method::DELETE, "a%2Fb", Bytes::new())?, &[204], "DELETE a%2Fb")?;
    expect(&send(Method::GET, "a/b", Bytes::new())?, &[404], "GET a/b, deleted")?;
    Ok("written as a%2Fb, read as a/b".into())
}

/// The server lists the expected keys.
fn same_keys(list: &str) -> Result<(), String> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let listed: BTreeSet<String> = list
        .split("<Key>")
        .skip(1)
        .filter_map(|rest| rest.split("</Key>").next())
        .map(|key| decode(&key.replace('+', " ")))
        .collect();
    let meant: BTreeSet<String> = KEYS.iter().map(|key| decode(key)).collect();
    check(listed == meant, || format!("listed {listed:?} instead of {meant:?}"))
}

fn wrong(adapter: Adapter, bucket: &str) -> Outcome {
    let wrong = Credentials::new(Swift::ACCESS_KEY, "another");
    let answer = adapter.send(&SIGNER, &wrong, &Call::new(Method::GET, bucket, ""))?;
    expect(&answer, &[403], "a wrong secret")?;
    check(answer.text().contains("SignatureDoesNotMatch"), || answer.describe())?;
    Ok("SignatureDoesNotMatch".into())
}

fn presigned(bucket: &str) -> Outcome {
    for key in KEYS {
        let send = |method: Method, body: Bytes| {
            let call = Call::new(method, format!("{bucket}/{key}"), body);
            send_presigned(&SIGNER, &credentials(), &call)
        };
        expect(&send(Method::PUT, content(100))?, &[200], key)?;
        let read = send(Method::GET, Bytes::new())?;
        expect(&read, &[200], key)?;
        check(read.body == content(100), || format!("{key}: another body came back"))?;
        expect(&send(Method::HEAD, Bytes::new())?, &[200], key)?;
        expect(&send(Method::DELETE, Bytes::new())?, &[204], key)?;
    }
    Ok("without another header".into())
}

/// If the scope or the key is not the server's, the URL is refused.
fn presigned_wrongly(bucket: &str) -> Outcome {
    let other = Signer::new(Region::from_static("eu-west-1"), Service::from_static("s3"));
    let call = Call::new(Method::GET, format!("{bucket}/key"), "");
    let answer = send_presigned(&other, &credentials(), &call)?;
    expect(&answer, &[400, 403], "another region")?;
    let wrong = Credentials::new(Swift::ACCESS_KEY, "another");
    let answer = send_presigned(&SIGNER, &wrong, &call)?;
    expect(&answer, &[403], "a wrong secret")?;
    Ok("refused".into())
}

fn streamed(bucket: &str, streaming: Streaming, plan: Plan) -> Outcome {
    let mut lengths = Vec::new();
    for length in [0, 1, 65_536, 200_000] {
        let put = Call::new(Method::PUT, format!("{bucket}/streamed"), content(length));
        expect(&streaming.send(&SIGNER, &credentials(), &put, plan)?, &[200], "PUT")?;
        let get = Call::new(Method::GET, format!("{bucket}/streamed"), "");
        let read = Adapter::Core.send(&SIGNER, &credentials(), &get)?;
        expect(&read, &[200], "GET")?;
        check(read.body == content(length), || format!("{length} bytes: another body came back"))?;
        lengths.push(length.to_string());
    }
    Ok(format!("{} bytes", lengths.join(", ")))
}

/// One byte in the middle of the content.
fn spoilt(bucket: &str, plan: Plan) -> Outcome {
    let put = Call::new(Method::PUT, format!("{bucket}/spoilt"), content(200_000));
    let flip = |framed: &mut Vec<u8>| {
        let middle = framed.len() / 2;
        if let Some(byte) = framed.get_mut(middle) {
            *byte ^= 1;
        }
    };
    let answer = send_chunked(&SIGNER, &credentials(), &put, &plan(200_000), flip)?;
    expect(&answer, &[400, 403], "a changed byte")?;
    let get = Call::new(Method::GET, format!("{bucket}/spoilt"), "");
    expect(&Adapter::Core.send(&SIGNER, &credentials(), &get)?, &[404], "what was refused")?;
    Ok(format!("{}, nothing stored", answer.status))
}
