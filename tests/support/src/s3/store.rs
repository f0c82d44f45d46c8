//! The objects in memory, and the S3 operations on them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use s3s::dto::{
    CommonPrefix, CreateBucketInput, CreateBucketOutput, DeleteObjectInput, DeleteObjectOutput,
    ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, Object, PutObjectInput,
    PutObjectOutput, StreamingBlob, Timestamp,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};
use sha2::{Digest, Sha256};

/// The part of an object that a server keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Everything.
    Content,
    /// Size and hash. The content is dropped as it arrives, so memory does not grow with it.
    Digest,
}

/// An object as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// The length of the content, in bytes.
    pub size: u64,
    /// SHA-256 of the content, in lower-case hexadecimal. It is also the object's `ETag`.
    pub sha256: String,
    /// The content, if the server keeps it.
    pub content: Option<Bytes>,
    /// The `content-type` that it was stored with.
    pub content_type: Option<String>,
    modified: SystemTime,
}

type Buckets = BTreeMap<String, BTreeMap<String, StoredObject>>;

#[derive(Debug)]
pub(super) struct Store {
    kept: Kept,
    buckets: Mutex<Buckets>,
}

impl Store {
    pub(super) fn new(kept: Kept, bucket: &str) -> Self {
        let buckets = BTreeMap::from([(bucket.to_owned(), BTreeMap::new())]);
        Self { kept, buckets: Mutex::new(buckets) }
    }

    pub(super) fn object(&self, bucket: &str, key: &str) -> Option<StoredObject> {
        self.buckets().get(bucket)?.get(key).cloned()
    }

    pub(super) fn keys(&self, bucket: &str) -> Vec<String> {
        self.buckets()
            .get(bucket)
            .map(|objects| objects.keys().cloned().collect())
            .unwrap_or_default()
    }

    fn buckets(&self) -> std::sync::MutexGuard<'_, Buckets> {
        self.buckets.lock().expect("no holder of this lock panics")
    }

    fn require(&self, bucket: &str, key: &str) -> S3Result<StoredObject> {
        let buckets = self.buckets();
        let objects = buckets.get(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        objects.get(key).cloned().ok_or_else(|| s3_error!(NoSuchKey))
    }

    /// Reads a body to its end. If the stream fails (a wrong hash or chunk), nothing is stored.
    async fn receive(&self, body: Option<StreamingBlob>) -> S3Result<StoredObject> {
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut content = Vec::new();
        if let Some(mut body) = body {
            while let Some(frame) = body.next().await {
                let frame = frame.map_err(|error| body_error(&error.to_string()))?;
                hash.update(&frame);
                size += frame.len() as u64;
                if self.kept == Kept::Content {
                    content.extend_from_slice(&frame);
                }
            }
        }
        Ok(StoredObject {
            size,
            sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            content: (self.kept == Kept::Content).then(|| content.into()),
            content_type: None,
            modified: SystemTime::now(),
        })
    }
}

/// Tells a wrong chunk from a short one by the error's text, because s3s keeps its stream error
/// types private.
fn body_error(text: &str) -> S3Error {
    if text.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "a chunk's signature is wrong")
    } else if text.contains("Sha256Mismatch") {
        s3_error!(BadDigest, "the payload is not what x-amz-content-sha256 says")
    } else {
        s3_error!(IncompleteBody, "{text}")
    }
}

/// The S3 operations, for s3s.
pub(super) struct Handler(pub(super) Arc<Store>);

#[async_trait]
impl S3 for Handler {
    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let bucket = request.input.bucket;
        self.0.buckets().entry(bucket.clone()).or_default();
        Ok(S3Response::new(CreateBucketOutput { location: Some(format!("/{bucket}")) }))
    }

    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        if !self.0.buckets().contains_key(&input.bucket) {
            return Err(s3_error!(NoSuchBucket));
        }
        let mut object = self.0.receive(input.body).await?;
        object.content_type = input.content_type;
        let e_tag = Some(ETag::Strong(object.sha256.clone()));
        self.0.buckets().entry(input.bucket).or_default().insert(input.key, object);
        Ok(S3Response::new(PutObjectOutput { e_tag, ..Default::default() }))
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let object = self.0.require(&input.bucket, &input.key)?;
        let content = object
            .content
            .ok_or_else(|| s3_error!(InvalidObjectState, "this server keeps digests only"))?;
        let whole = 0..object.size;
        let range = match &input.range {
            Some(range) => range.check(object.size)?,
            None => whole.clone(),
        };
        let content_range = input.range.map(|_| {
            format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), object.size)
        });
        let part = content.slice(index(range.start)..index(range.end));
        Ok(S3Response::new(GetObjectOutput {
            content_length: Some(length(range.end - range.start)),
            content_range,
            content_type: object.content_type,
            e_tag: Some(ETag::Strong(object.sha256)),
            last_modified: Some(Timestamp::from(object.modified)),
            body: Some(StreamingBlob::from(s3s::Body::from(part))),
            ..Default::default()
        }))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.0.require(&request.input.bucket, &request.input.key)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: Some(length(object.size)),
            content_type: object.content_type,
            e_tag: Some(ETag::Strong(object.sha256)),
            last_modified: Some(Timestamp::from(object.modified)),
            ..Default::default()
        }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let mut buckets = self.0.buckets();
        let objects =
            buckets.get_mut(&request.input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        objects.remove(&request.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let buckets = self.0.buckets();
        let input = request.input;
        let objects = buckets.get(&input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        let page = list(
            ListObjectsV2Input {
                bucket: input.bucket,
                delimiter: input.delimiter,
                max_keys: input.max_keys,
                prefix: input.prefix,
                start_after: input.marker,
                ..ListObjectsV2Input::default()
            },
            objects,
        );
        Ok(S3Response::new(ListObjectsOutput {
            name: page.name,
            prefix: page.prefix,
            delimiter: page.delimiter,
            max_keys: page.max_keys,
            is_truncated: page.is_truncated,
            next_marker: page.next_continuation_token,
            contents: page.contents,
            common_prefixes: page.common_prefixes,
            ..ListObjectsOutput::default()
        }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let buckets = self.0.buckets();
        let objects = buckets.get(&request.input.bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        Ok(S3Response::new(list(request.input, objects)))
    }
}

/// Returns one page of keys. The continuation token is the last key or prefix of the previous page.
fn list(
    input: ListObjectsV2Input,
    objects: &BTreeMap<String, StoredObject>,
) -> ListObjectsV2Output {
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = input.continuation_token.clone().or_else(|| input.start_after.clone());
    let limit = usize::try_from(input.max_keys.unwrap_or(1000)).unwrap_or(0);
    let mut contents = Vec::new();
    let mut prefixes = BTreeSet::new();
    let mut last = None;
    let mut is_truncated = false;
    for (key, object) in objects.iter().filter(|(key, _)| key.starts_with(&prefix)) {
        let group = common_prefix(key, &prefix, input.delimiter.as_deref());
        let entry = group.as_ref().unwrap_or(key);
        if after.as_ref().is_some_and(|after| entry <= after) || prefixes.contains(entry) {
            continue;
        }
        if contents.len() + prefixes.len() == limit {
            is_truncated = true;
            break;
        }
        last = Some(entry.clone());
        match group {
            Some(group) => {
                prefixes.insert(group);
            }
            None => contents.push(listed(key, object)),
        }
    }
    ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: input.prefix,
        delimiter: input.delimiter,
        max_keys: Some(input.max_keys.unwrap_or(1000)),
        key_count: i32::try_from(contents.len() + prefixes.len()).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(is_truncated),
        next_continuation_token: last.filter(|_| is_truncated),
        contents: Some(contents),
        common_prefixes: Some(
            prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(prefix) }).collect(),
        ),
        start_after: input.start_after,
        ..Default::default()
    }
}

/// Returns the part of a key up to and including the first delimiter after the prefix.
fn common_prefix(key: &str, prefix: &str, delimiter: Option<&str>) -> Option<String> {
    let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let rest = key.strip_prefix(prefix)?;
    let at = rest.find(delimiter)?;
    Some([prefix, &rest[..at], delimiter].concat())
}

fn listed(key: &str, object: &StoredObject) -> Object {
    Object {
        key: Some(key.to_owned()),
        size: Some(length(object.size)),
        e_tag: Some(ETag::Strong(object.sha256.clone())),
        last_modified: Some(Timestamp::from(object.modified)),
        ..Default::default()
    }
}

fn length(size: u64) -> i64 {
    i64::try_from(size).expect("no object is as long as that")
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).expect("the content is in memory")
}
