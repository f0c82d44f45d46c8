//! Tests of the slow implementation against known answers made by other signers.

use std::path::{Path, PathBuf};

use super::*;
use crate::vectors::{
    SigningLine, SigningRequest, Verdict, decode_base64, read_signing, read_verifying,
};

#[test]
fn slow_signer_agrees_with_botocore_and_awscrt() {
    let mut checked = 0;
    for path in own_files() {
        for line in read_signing(&path).unwrap() {
            check_line(&line);
            checked += 1;
        }
    }
    assert!(checked >= 400, "{checked} lines");
}

#[test]
fn every_target_fits_an_http_uri_unchanged() {
    for path in own_files() {
        for request in read_signing(&path).unwrap().into_iter().filter_map(|line| line.request) {
            let uri =
                format!("{}://{}{}", request.scheme, request.authority.unwrap(), request.target);
            let parsed: http::Uri = uri.parse().unwrap_or_else(|error| panic!("{uri}: {error}"));
            let target = parsed.path_and_query().unwrap().as_str();
            let expected = if request.target.is_empty() { "/" } else { &request.target };
            assert_eq!(target, expected);
        }
    }
}

/// Checks further known answers, if the variable names a folder with some.
#[test]
fn slow_signer_agrees_with_published_answers() {
    let Some(folder) = std::env::var_os("SIGV4_VECTORS") else {
        return;
    };
    for name in ["differential-sample.jsonl", "aws-docs.jsonl", "signing-keys.jsonl"] {
        for line in read_signing(&Path::new(&folder).join(name)).unwrap() {
            check_line(&line);
        }
    }
}

/// Checks real uploads of minio-go, and the same uploads after a change.
#[test]
fn uploads_of_minio_go_are_accepted_and_altered_ones_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    for line in read_verifying(&folder.join("minio-go.jsonl")).unwrap() {
        let known = &line.credentials[0];
        let (id, secret) = (&known.access_key, &known.secret_key);
        let mut oracle = Oracle::new(&line.region, &line.service, Rules::S3, id, secret);
        if let Some(token) = &known.session_token {
            oracle = oracle.with_token(token);
        }
        let (path, query) = Request::split_target(line.request.uri.as_bytes());
        let bytes = |text: &String| text.clone().into_bytes();
        let request = Request {
            method: bytes(&line.request.method),
            path,
            query,
            headers: line.request.headers.iter().map(|(n, v)| (bytes(n), bytes(v))).collect(),
            body: decode_base64(&line.request.body_b64).unwrap(),
        };
        let checked = oracle.check(&request);
        // The oracle does not recompute checksums of the content. It checks everything else.
        assert_eq!(checked.is_ok(), line.expect == Verdict::Accept, "{}: {checked:?}", line.id);
    }
}

/// Returns the files of signing lines. The two files for verifiers have another format.
fn own_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let is_jsonl = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jsonl");
    let is_other =
        |path: &PathBuf| ["verify.jsonl", "minio-go.jsonl"].iter().any(|n| path.ends_with(n));
    entries.filter(|path| is_jsonl(path) && !is_other(path)).collect()
}

fn check_line(line: &SigningLine) {
    let context = &line.context;
    let timestamp = context.timestamp.replace(['-', ':'], "");
    match line.kind.as_str() {
        "signing-key" => {
            let key =
                signing_key(&context.secret, &timestamp[..8], &context.region, &context.service);
            assert_eq!(Some(hex(&key)), line.expect.signing_key, "{}", line.id);
        }
        "header" | "query" => check_signature(line, &timestamp),
        _ => {}
    }
}

/// Checks the three texts one by one, then the whole request with the oracle.
fn check_signature(line: &SigningLine, timestamp: &str) {
    let (context, expect) = (&line.context, &line.expect);
    let received = received(line, timestamp);
    let rules = rules(line);
    let names: Vec<String> =
        expect.signed_headers.clone().unwrap().split(';').map(str::to_owned).collect();
    let payload = context.payload_hash.clone().unwrap();

    let signed = without_unsigned_token(&received, line);
    let canonical = canonical_request(&signed, &names, payload.as_bytes(), rules).unwrap();
    let scope = format!("{}/{}/{}/aws4_request", &timestamp[..8], context.region, context.service);
    let to_sign = string_to_sign(timestamp, &scope, &canonical);
    assert_eq!(
        Some(String::from_utf8(canonical).unwrap()),
        expect.canonical_request,
        "{}",
        line.id
    );
    assert_eq!(Some(&to_sign), expect.string_to_sign.as_ref(), "{}", line.id);

    // Rule 15's token is outside the signature, which no verifier accepts. Streams have no body
    // here.
    if context.omit_session_token || payload.starts_with("STREAMING-") {
        return;
    }
    let mut oracle =
        Oracle::new(&context.region, &context.service, rules, &context.access_key, &context.secret);
    if let Some(token) = &context.token {
        oracle = oracle.with_token(token);
    }
    let checked = oracle.check(&received).unwrap_or_else(|error| panic!("{}: {error}", line.id));
    assert_eq!(Some(checked.signature), expect.signature, "{}", line.id);
}

/// Removes the token that rule 15 leaves outside the signature.
fn without_unsigned_token(received: &Request, line: &SigningLine) -> Request {
    let mut signed = received.clone();
    if line.context.omit_session_token {
        let query = String::from_utf8(signed.query).unwrap();
        let token = |pair: &&str| pair.starts_with("X-Amz-Security-Token=");
        let kept: Vec<&str> = query.split('&').filter(|pair| !token(pair)).collect();
        signed.query = kept.join("&").into_bytes();
    }
    signed
}

/// Builds the request that a server would receive if the signer that made the line had sent it.
fn received(line: &SigningLine, timestamp: &str) -> Request {
    let request = line.request.as_ref().unwrap();
    let (path, mut query) = Request::split_target(request.target.as_bytes());
    let mut headers: Vec<BytePair> = request.headers.iter().map(pair).collect();
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        headers.push((b"host".to_vec(), host(request).into_bytes()));
    }
    headers.extend(line.expect.added_headers.iter().map(pair));
    match (&line.expect.authorization, &line.expect.signed_query) {
        (Some(value), _) => headers.push((b"authorization".to_vec(), value.as_bytes().to_vec())),
        (None, Some(signed)) => query = signed.as_bytes().to_vec(),
        (None, None) => {
            let context = &line.context;
            let value = format!(
                "AWS4-HMAC-SHA256 Credential={}/{}/{}/{}/aws4_request, SignedHeaders={}, Signature={}",
                context.access_key,
                &timestamp[..8],
                context.region,
                context.service,
                line.expect.signed_headers.as_ref().unwrap(),
                line.expect.signature.as_ref().unwrap()
            );
            headers.push((b"authorization".to_vec(), value.into_bytes()));
        }
    }
    let body = decode_base64(&request.body_b64).unwrap();
    Request { method: request.method.as_bytes().to_vec(), path, query, headers, body }
}

/// Returns the host by rule 11: lower case, without the scheme's default port.
fn host(request: &SigningRequest) -> String {
    let authority = request.authority.clone().unwrap().to_ascii_lowercase();
    let default = if request.scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(default).unwrap_or(&authority).to_owned()
}

fn rules(line: &SigningLine) -> Rules {
    let context = &line.context;
    Rules {
        encoding: if context.double_encode { PathEncoding::Double } else { PathEncoding::Single },
        segments: if context.normalize_path {
            PathSegments::Normalized
        } else {
            PathSegments::Kept
        },
        presigned_payload: if context.unsigned_payload {
            PresignedPayload::Unsigned
        } else {
            PresignedPayload::Hashed
        },
    }
}

fn pair((name, value): &(String, String)) -> BytePair {
    (name.as_bytes().to_vec(), value.as_bytes().to_vec())
}
