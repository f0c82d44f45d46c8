//! Tests against s3s, an S3 server written by others.

use futures_util::stream;
use sigv4_reqwest::{
    AwsChunked, Credentials, Region, Service, Signer, SigningClient, StreamPayload,
};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};

use crate::plain;

const SIGNER: Signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("s3"));

fn client(secret: &str) -> SigningClient {
    let credentials = Credentials::new(ACCESS_KEY, secret);
    SigningClient::builder(plain(), SIGNER, credentials).build().unwrap()
}

#[tokio::test]
async fn objects_are_put_read_listed_and_deleted() {
    let server = S3Server::start().unwrap();
    let client = client(SECRET_KEY);
    let payloads = [StreamPayload::Unsigned, StreamPayload::AwsChunked(AwsChunked::signed)];
    for key in ["plain", "a%20space", "%E2%98%83", "a+b", "a/b//c", "~-_.", "100%25"] {
        let url = format!("{}/{BUCKET}/{key}", server.endpoint());
        assert_eq!(client.put(&url).body("hello").send().await.unwrap().status(), 200, "{key}");
        let read = client.get(&url).send().await.unwrap();
        assert_eq!(read.text().await.unwrap(), "hello", "{key}");
        for payload in payloads {
            let chunks = stream::iter(["hel", "lo, again"].map(Ok::<_, std::io::Error>));
            let request = client.put(&url).header("content-length", "12").stream_payload(payload);
            let request = request.body(reqwest::Body::wrap_stream(chunks));
            assert_eq!(request.send().await.unwrap().status(), 200, "{key}, {payload:?}");
            let read = client.get(&url).send().await.unwrap();
            assert_eq!(read.text().await.unwrap(), "hello, again", "{key}, {payload:?}");
        }
    }
    let list = format!("{}/{BUCKET}?list-type=2&prefix=a+space", server.endpoint());
    let listed = client.get(list).send().await.unwrap();
    assert_eq!(listed.status(), 200);
    let listed = listed.text().await.unwrap();
    assert!(listed.contains("<Key>a space</Key>"), "{listed}");
    let url = format!("{}/{BUCKET}/plain", server.endpoint());
    assert_eq!(client.delete(&url).send().await.unwrap().status(), 204);
    assert_eq!(client.get(&url).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn wrong_secret_is_refused() {
    let server = S3Server::start().unwrap();
    let url = format!("{}/{BUCKET}/key", server.endpoint());
    let refused = client("wrong").put(url).body("hello").send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.unwrap().contains("SignatureDoesNotMatch"));
    assert!(server.object(BUCKET, "key").is_none());
}

#[cfg(feature = "blocking")]
#[test]
fn object_is_put_from_a_reader_and_read_by_the_blocking_client() {
    use sigv4_reqwest::{Checksum, blocking};
    let server = S3Server::start().unwrap();
    let plain = reqwest::blocking::Client::builder().no_proxy();
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let client = blocking::SigningClient::builder(plain, SIGNER, credentials).build().unwrap();
    let url = format!("{}/{BUCKET}/a%20key", server.endpoint());
    for payload in [
        StreamPayload::Buffer(100),
        StreamPayload::Unsigned,
        StreamPayload::AwsChunked(|length| {
            AwsChunked::signed(length).with_checksum(Checksum::Sha256)
        }),
    ] {
        let text = format!("sent as {payload:?}");
        let reader = std::io::Cursor::new(text.clone());
        let request = client.put(&url).sized_reader(reader, text.len() as u64);
        assert_eq!(request.stream_payload(payload).send().unwrap().status(), 200, "{text}");
        assert_eq!(client.get(&url).send().unwrap().text().unwrap(), text);
    }
}
