//! The tests of every S3 server with every adapter: keys, streams, parts, clocks, regions.

use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Method;
use sigv4_core::{Credentials, Region, Service, Signer};
use support::s3::{ACCESS_KEY, BUCKET, S3Server, SECRET_KEY};

use crate::adapter::{Adapter, Answer, Call};
use crate::matrix::{Direction, Matrix, Outcome};
use crate::streams::Streaming;
use crate::swift::{content, streams};

/// Keys as they stand in a URL; each is another key once decoded.
pub(crate) const KEYS: [&str; 20] = [
    "a%20b",
    "a+b",
    "c%2Bd",
    "caf%C3%A9",
    "%E6%97%A5%E6%9C%AC",
    "a//b",
    "folder/sub/",
    "$&,:;=@",
    "~-._",
    "100%25",
    "!'()*",
    "what%3F",
    "%23hash",
    "%3Ctag%3E%22%5C%7C%5E%60%7B%7D",
    "..hidden",
    "e%CC%81",
    "%F0%9F%A6%80",
    "tab%09here",
    "%5Bone%5D",
    "UPPER%c3%a9lower",
];

/// The smallest part that S3 takes, unless it is the last one.
const PART: usize = 5 * 1024 * 1024;

/// A bucket on a server, and who may use it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) system: &'static str,
    pub(crate) bucket: String,
    pub(crate) signer: Signer,
    pub(crate) credentials: Credentials,
    /// The keys for which the server is wrong and refuses every signature.
    pub(crate) wrong_on: &'static [&'static str],
}

/// Runs all modes against the embedded server.
pub(crate) fn s3s(matrix: &mut Matrix) {
    let server = match S3Server::start() {
        Ok(server) => server,
        Err(error) => {
            return matrix.record("s3s", Direction::WeSign, "a server", Err(error.to_string()));
        }
    };
    let place = Place {
        system: "s3s",
        bucket: format!("{}/{BUCKET}", server.endpoint()),
        signer: Signer::new(Region::from_static("us-east-1"), Service::from_static("s3")),
        credentials: Credentials::new(ACCESS_KEY, SECRET_KEY),
        wrong_on: &[],
    };
    place.keys(matrix);
    place.streams(matrix);
    place.wrong_clock(matrix);
    place.region_is_not_checked(matrix);
}

impl Place {
    fn record(&self, matrix: &mut Matrix, mode: String, outcome: Outcome) {
        matrix.record(self.system, Direction::WeSign, mode, outcome);
    }

    fn send(
        &self,
        adapter: Adapter,
        method: Method,
        target: &str,
        body: Bytes,
    ) -> Result<Answer, String> {
        let call = Call::new(method, format!("{}/{target}", self.bucket), body);
        adapter.send(&self.signer, &self.credentials, &call)
    }

    /// Puts, reads and deletes the twenty keys.
    pub(crate) fn keys(&self, matrix: &mut Matrix) {
        for adapter in Adapter::ALL {
            let mode = format!("{}: {} awkward keys", adapter.name(), KEYS.len());
            self.record(matrix, mode, self.put_and_read(adapter));
        }
    }

    fn put_and_read(&self, adapter: Adapter) -> Outcome {
        let (wrong, right): (Vec<&str>, Vec<&str>) =
            KEYS.into_iter().partition(|key| self.wrong_on.contains(key));
        for key in &right {
            let body = content(key.len());
            expect(&self.send(adapter, Method::PUT, key, body.clone())?, &[200], key)?;
            let read = self.send(adapter, Method::GET, key, Bytes::new())?;
            expect(&read, &[200], key)?;
            check(read.body == body, || format!("{key}: another body came back"))?;
        }
        for key in &right {
            expect(&self.send(adapter, Method::DELETE, key, Bytes::new())?, &[204], key)?;
        }
        for key in &wrong {
            expect(&self.send(adapter, Method::PUT, key, content(1))?, &[403], key)?;
        }
        if wrong.is_empty() {
            return Ok("put, read, deleted".into());
        }
        Ok(format!("put, read, deleted; {} is wrong on {}", self.system, wrong.join(" ")))
    }

    /// Streams in every mode with every adapter.
    pub(crate) fn streams(&self, matrix: &mut Matrix) {
        for (mode, plan) in streams() {
            for streaming in Streaming::ALL {
                let put = || {
                    for length in [0, 1, 65_536, 200_000] {
                        let target = format!("{}/streamed", self.bucket);
                        let put = Call::new(Method::PUT, target, content(length));
                        let put = streaming.send(&self.signer, &self.credentials, &put, plan)?;
                        expect(&put, &[200], "PUT")?;
                        let read =
                            self.send(Adapter::Core, Method::GET, "streamed", Bytes::new())?;
                        let same = read.body == content(length);
                        check(same, || format!("{length} bytes: another body came back"))?;
                    }
                    Ok("0, 1, 65536, 200000 bytes".into())
                };
                self.record(matrix, format!("{}: {mode}", streaming.name()), put());
            }
        }
    }

    /// Uploads one object in parts that are sent at the same time.
    pub(crate) fn multipart(&self, matrix: &mut Matrix) {
        for adapter in Adapter::ALL {
            let mode = format!("{}: multipart, 4 parts in parallel", adapter.name());
            self.record(matrix, mode, self.in_parts(adapter));
        }
    }

    fn in_parts(&self, adapter: Adapter) -> Outcome {
        let parts = [PART, PART, PART, 1000].map(content);
        let started = self.send(adapter, Method::POST, "parts?uploads", Bytes::new())?;
        expect(&started, &[200], "the start")?;
        let text = started.text();
        let id = between(&text, "<UploadId>", "</UploadId>")?;
        let sent = thread::scope(|scope| {
            let upload = |(number, part): (usize, &Bytes)| {
                let target = format!("parts?partNumber={}&uploadId={id}", number + 1);
                let part = part.clone();
                scope.spawn(move || self.send(adapter, Method::PUT, &target, part))
            };
            let threads: Vec<_> = parts.iter().enumerate().map(upload).collect();
            let answers = threads.into_iter().map(ScopedJoinHandle::join);
            answers.collect::<Result<Vec<_>, _>>().map_err(|_| "a thread panicked".to_owned())
        })?;
        for answer in sent {
            expect(&answer?, &[200], "a part")?;
        }
        let list =
            self.send(adapter, Method::GET, &format!("parts?uploadId={id}"), Bytes::new())?;
        expect(&list, &[200], "the parts")?;
        let text = list.text();
        let etags: Vec<&str> =
            text.split("<ETag>").skip(1).filter_map(|rest| rest.split("</ETag>").next()).collect();
        check(etags.len() == parts.len(), || format!("{} parts: {text}", etags.len()))?;
        let all: String = etags
            .iter()
            .zip(1..)
            .map(|(etag, number)| {
                format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
            })
            .collect();
        let all = format!("<CompleteMultipartUpload>{all}</CompleteMultipartUpload>");
        let target = format!("parts?uploadId={id}");
        expect(&self.send(adapter, Method::POST, &target, all.into())?, &[200], "the end")?;
        let read = self.send(adapter, Method::GET, "parts", Bytes::new())?;
        check(read.body == parts.concat(), || "another body came back".into())?;
        Ok(format!("{} bytes", read.body.len()))
    }

    /// With a clock an hour behind, an adapter that holds its body signs again; the others are
    /// refused.
    pub(crate) fn wrong_clock(&self, matrix: &mut Matrix) {
        for adapter in Adapter::ALL {
            let late = || SystemTime::now() - Duration::from_secs(3600);
            let call = Call::new(Method::PUT, format!("{}/clock", self.bucket), "hello");
            let answer = adapter.send_at(&self.signer, &self.credentials, &call, late);
            let mode = format!("{}: a clock an hour behind", adapter.name());
            self.record(matrix, mode, corrected(adapter, answer, "RequestTimeTooSkewed"));
        }
    }

    /// With another region, an adapter that holds its body signs again for the region in the
    /// response.
    pub(crate) fn wrong_region(&self, matrix: &mut Matrix) {
        for adapter in Adapter::ALL {
            let other = Signer::new(Region::from_static("eu-west-1"), Service::from_static("s3"));
            let call = Call::new(Method::PUT, format!("{}/region", self.bucket), "hello");
            let answer = adapter.send(&other, &self.credentials, &call);
            let mode = format!("{}: another region", adapter.name());
            self.record(matrix, mode, corrected(adapter, answer, "AuthorizationHeaderMalformed"));
        }
    }
}

impl Place {
    /// A server that takes a signature for any region is wrong, and the matrix says so.
    fn region_is_not_checked(&self, matrix: &mut Matrix) {
        let other = Signer::new(Region::from_static("eu-west-1"), Service::from_static("s3"));
        let call = Call::new(Method::PUT, format!("{}/region", self.bucket), "hello");
        let answer = Adapter::Core.send(&other, &self.credentials, &call);
        let outcome = answer.and_then(|answer| expect(&answer, &[200], "another region"));
        let outcome = outcome.map(|()| format!("accepted: {} is wrong", self.system));
        self.record(matrix, "sigv4-core: another region".into(), outcome);
    }
}

/// Checks that an adapter that can sign again did, and that one that cannot was refused with this.
fn corrected(adapter: Adapter, answer: Result<Answer, String>, code: &str) -> Outcome {
    let answer = answer?;
    match adapter {
        Adapter::Core | Adapter::HyperHead | Adapter::UreqMiddleware => {
            expect(&answer, &[400, 403], "the refusal")?;
            check(answer.text().contains(code), || answer.describe())?;
            Ok(format!("refused: {code}"))
        }
        _ => expect(&answer, &[200], "corrected").map(|()| "signed again, accepted".into()),
    }
}

/// The text between two texts.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str, String> {
    let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.map(|(found, _)| found).ok_or_else(|| format!("no {before} in {text}"))
}

/// Checks that the response has one of these statuses.
pub(crate) fn expect(answer: &Answer, statuses: &[u16], what: &str) -> Result<(), String> {
    check(statuses.contains(&answer.status), || format!("{what}: {}", answer.describe()))
}

/// Checks a condition; otherwise fails with the given text.
pub(crate) fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
