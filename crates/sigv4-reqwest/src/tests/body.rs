use std::io;

use futures_util::stream;

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use sigv4_core::client::{CallError, ExactBody, UnsignableBody};

use crate::body::{buffer, read_error};

fn of_chunks(chunks: &'static [&'static str]) -> reqwest::Body {
    reqwest::Body::wrap_stream(stream::iter(chunks.iter().copied().map(Ok::<_, io::Error>)))
}

async fn collect(mut body: impl Body<Data = Bytes> + Unpin) -> (Vec<u8>, bool) {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => read.extend_from_slice(&frame.into_data().unwrap()),
            Err(_) => return (read, false),
        }
    }
    (read, true)
}

#[tokio::test]
async fn stream_is_buffered_up_to_its_limit() {
    assert_eq!(buffer(of_chunks(&["ab", "", "cde"]), 5).await.unwrap(), "abcde");
    assert_eq!(buffer(of_chunks(&[]), 0).await.unwrap(), "");
    let error = buffer(of_chunks(&["ab", "", "cde"]), 4).await.unwrap_err();
    assert!(matches!(error, CallError::Body(UnsignableBody::TooLong { limit: 4 })));
}

#[tokio::test]
async fn stream_whose_declared_size_is_over_the_limit_is_not_read() {
    let endless = reqwest::Body::wrap(ExactBody::new(of_chunks(&[]), 9).await.unwrap());
    let error = buffer(endless, 8).await.unwrap_err();
    assert!(matches!(error, CallError::Body(UnsignableBody::TooLong { limit: 8 })));
}

#[tokio::test]
async fn stream_that_fails_is_an_error_of_reading() {
    let failing = stream::iter([Ok("ab"), Err(io::Error::other("disk"))]);
    let error = buffer(reqwest::Body::wrap_stream(failing), 100).await.unwrap_err();
    assert!(matches!(error, CallError::ReadBody(_)));
}

#[tokio::test]
async fn body_of_the_declared_length_passes_whole() {
    for (chunks, length) in [(&["ab", "cde"][..], 5), (&["abcde", ""], 5), (&[], 0), (&["", ""], 0)]
    {
        let (read, whole) = collect(ExactBody::new(of_chunks(chunks), length).await.unwrap()).await;
        assert!(whole, "{chunks:?}");
        assert_eq!(read, chunks.concat().as_bytes());
    }
}

#[tokio::test]
async fn body_longer_or_shorter_than_declared_fails_before_its_last_byte() {
    for (chunks, length) in
        [(&["ab", "cde"][..], 4_u64), (&["abcd", "e"], 4), (&["ab"], 3), (&[], 1)]
    {
        let (read, whole) = collect(ExactBody::new(of_chunks(chunks), length).await.unwrap()).await;
        assert!(!whole, "{chunks:?}");
        assert!((read.len() as u64) < length, "{chunks:?}");
    }
}

#[tokio::test]
async fn body_declared_empty_that_is_not_is_refused_before_it_is_sent() {
    let error = read_error(ExactBody::new(of_chunks(&["a"]), 0).await.unwrap_err());
    assert!(matches!(error, CallError::Body(UnsignableBody::WrongLength { declared: 0 })));
}
