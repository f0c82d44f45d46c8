//! A small S3 in memory, enough for common clients: objects, lists and multipart uploads.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use md5::{Digest, Md5};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The response to a client.
pub(crate) type Reply = Response<Full<Bytes>>;

const DATE: &str = "Wed, 21 Oct 2015 07:28:00 GMT";
const ISO_DATE: &str = "2015-10-21T07:28:00.000Z";

/// The objects, by bucket and key, and the uploads that are under way.
#[derive(Debug, Default)]
pub(crate) struct Store(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, BTreeMap<String, Object>>,
    uploads: BTreeMap<String, BTreeMap<u32, Bytes>>,
    started: usize,
}

#[derive(Clone, Debug)]
struct Object {
    content: Bytes,
    headers: HeaderMap,
    etag: String,
}

impl Object {
    fn new(content: Bytes, head: &HeaderMap) -> Self {
        let kept = |name: &HeaderName| {
            *name == header::CONTENT_TYPE || name.as_str().starts_with("x-amz-meta-")
        };
        let headers = head.iter().filter(|(name, _)| kept(name));
        let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        let etag = format!("\"{}\"", hex::encode(Md5::digest(&content)));
        Self { content, headers, etag }
    }
}

impl Store {
    /// Stores the file of a form.
    pub(crate) fn put(&self, bucket: &str, key: &str, content: Bytes, head: &HeaderMap) -> Reply {
        let object = Object::new(content, head);
        let etag = object.etag.clone();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.objects.entry(bucket.to_owned()).or_default().insert(key.to_owned(), object);
        with(reply(StatusCode::OK, ""), &[("etag", &etag)])
    }

    /// Runs a verified request.
    pub(crate) fn answer(&self, head: &Parts, body: Bytes) -> Reply {
        let path = head.uri.path().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let key = percent_decode_str(key).decode_utf8_lossy().into_owned();
        let query = Query::read(head.uri.query().unwrap_or_default());
        match (&head.method, key.is_empty()) {
            (_, true) => self.of_bucket(&head.method, bucket, &query),
            (&Method::PUT, _) if query.get("uploadId").is_none() => {
                self.put(bucket, &key, body, &head.headers)
            }
            (&Method::GET | &Method::HEAD, _) => self.read(head, bucket, &key),
            (&Method::DELETE, _) if query.get("uploadId").is_none() => {
                let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                state.objects.entry(bucket.to_owned()).or_default().remove(&key);
                reply(StatusCode::NO_CONTENT, "")
            }
            _ => self.multipart(head, bucket, &key, &query, body),
        }
    }

    fn of_bucket(&self, method: &Method, bucket: &str, query: &Query) -> Reply {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *method != Method::GET {
            return reply(StatusCode::OK, "");
        }
        if bucket.is_empty() {
            return reply(
                StatusCode::OK,
                "<ListAllMyBucketsResult><Owner><ID>o</ID></Owner><Buckets/></ListAllMyBucketsResult>",
            );
        }
        if query.get("location").is_some() {
            let namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
            let region = "us-east-1";
            return reply(
                StatusCode::OK,
                &format!("<LocationConstraint xmlns=\"{namespace}\">{region}</LocationConstraint>"),
            );
        }
        let prefix = query.get("prefix").unwrap_or_default();
        let encoded = query.get("encoding-type").as_deref() == Some("url");
        let mut entries = String::new();
        let objects = state.objects.get(bucket);
        for (key, object) in objects.into_iter().flatten().filter(|(k, _)| k.starts_with(&prefix)) {
            let key = if encoded {
                utf8_percent_encode(key, NON_ALPHANUMERIC).to_string()
            } else {
                escape(key)
            };
            entries += &format!(
                "<Contents><Key>{key}</Key><LastModified>{ISO_DATE}</LastModified><ETag>{}</ETag>\
                 <Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
                escape(&object.etag),
                object.content.len()
            );
        }
        let encoding = if encoded { "<EncodingType>url</EncodingType>" } else { "" };
        let body = format!(
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{bucket}</Name>\
             <Prefix>{}</Prefix><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{encoding}\
             {entries}</ListBucketResult>",
            escape(&prefix)
        );
        reply(StatusCode::OK, &body)
    }

    fn read(&self, head: &Parts, bucket: &str, key: &str) -> Reply {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(object) = state.objects.get(bucket).and_then(|objects| objects.get(key)) else {
            return reply(StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>");
        };
        let range = head.headers.get(header::RANGE).and_then(|value| value.to_str().ok());
        let length = object.content.len();
        let range = range.and_then(|range| bytes_of(range, length));
        let (status, (first, last)) = match range {
            Some(range) => (StatusCode::PARTIAL_CONTENT, range),
            None => (StatusCode::OK, (0, length)),
        };
        let part = object.content.slice(first..last);
        let size = part.len().to_string();
        let body = if head.method == Method::HEAD { Bytes::new() } else { part };
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = status;
        response.headers_mut().extend(object.headers.clone());
        let mut response = with(
            response,
            &[("etag", &object.etag), ("last-modified", DATE), ("accept-ranges", "bytes")],
        );
        if range.is_some() {
            let text = format!("bytes {first}-{}/{length}", last.saturating_sub(1));
            response = with(response, &[("content-range", &text)]);
        }
        with(response, &[("content-length", &size)])
    }

    fn multipart(
        &self,
        head: &Parts,
        bucket: &str,
        key: &str,
        query: &Query,
        body: Bytes,
    ) -> Reply {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(id) = query.get("uploadId") else {
            state.started += 1;
            let id = format!("upload-{}", state.started);
            state.uploads.insert(id.clone(), BTreeMap::new());
            let body = format!(
                "<InitiateMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{}</Key>\
                 <UploadId>{id}</UploadId></InitiateMultipartUploadResult>",
                escape(key)
            );
            return reply(StatusCode::OK, &body);
        };
        let number = query.get("partNumber").and_then(|number| number.parse().ok());
        if let (&Method::PUT, Some(number)) = (&head.method, number) {
            let etag = Object::new(body.clone(), &HeaderMap::new()).etag;
            state.uploads.entry(id).or_default().insert(number, body);
            return with(reply(StatusCode::OK, ""), &[("etag", &etag)]);
        }
        let parts = state.uploads.remove(&id).unwrap_or_default();
        if head.method == Method::DELETE {
            return reply(StatusCode::NO_CONTENT, "");
        }
        let content: Vec<u8> = parts.into_values().flatten().collect();
        drop(state);
        let _ = self.put(bucket, key, content.into(), &HeaderMap::new());
        let body = format!(
            "<CompleteMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{}</Key>\
             <ETag>\"0123456789abcdef0123456789abcdef-2\"</ETag></CompleteMultipartUploadResult>",
            escape(key)
        );
        reply(StatusCode::OK, &body)
    }
}

/// `bytes=FIRST-LAST`, as a range whose end is not in it.
fn bytes_of(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first: usize = first.parse().ok()?;
    let last = last.parse().map_or(length, |last: usize| last + 1).min(length);
    (first < last).then_some((first, last))
}

fn reply(status: StatusCode, body: &str) -> Reply {
    let mut response = Response::new(Full::from(body.to_owned()));
    *response.status_mut() = status;
    if body.is_empty() { response } else { with(response, &[("content-type", "application/xml")]) }
}

fn with(mut reply: Reply, headers: &[(&'static str, &str)]) -> Reply {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            reply.headers_mut().insert(*name, value);
        }
    }
    reply
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

/// The parameters of a query, decoded.
struct Query(Vec<(String, String)>);

impl Query {
    fn read(query: &str) -> Self {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
        )
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}
