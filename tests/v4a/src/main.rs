//! Reads requests that awscrt signed, one JSON object a line; verifies each, verifies it again with
//! bytes changed, signs the unsigned request, and prints the results. See README.md.

mod changed;

use std::io::{self, BufRead, Write};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde::{Deserialize, Serialize};
use sigv4_core::verify::{BodyRule, Verifier};
use sigv4_core::{
    Credentials, PayloadHash, Region, RegionSet, Service, Signer, SigningKey, SigningTime,
};
use support::vectors::decode_base64;

/// An unsigned request, how it is signed, and awscrt's result.
#[derive(Deserialize)]
struct Case {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    access_key: String,
    secret: String,
    token: Option<String>,
    service: String,
    region_set: String,
    time: String,
    expires: Option<u64>,
    signed: Sent,
}

#[derive(Deserialize)]
struct Sent {
    target: String,
    headers: Vec<(String, String)>,
}

/// The result of a case.
#[derive(Serialize)]
struct Answer {
    error: Option<String>,
    refused: usize,
    string_to_sign: String,
    signature: String,
    public_key: String,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for (nth, line) in io::stdin().lock().lines().enumerate() {
        let case: Case = serde_json::from_str(&line?)?;
        let answer = answer(&case, nth)?;
        writeln!(out, "{}", serde_json::to_string(&answer)?)?;
    }
    Ok(())
}

fn answer(case: &Case, nth: usize) -> Result<Answer, Failure> {
    let key = credentials(case);
    let request = request(case, &case.signed.target, &case.signed.headers)?;
    let (mut error, mut refused) = (verify(case, &key, &request).err().map(|it| it.to_string()), 0);
    for (what, changed) in changed::all(&request, nth) {
        match verify(case, &key, &changed) {
            Ok(()) => error = error.or(Some(format!("accepted with another {what}"))),
            Err(_) => refused += 1,
        }
    }
    let (string_to_sign, signature) = sign(case, &key)?;
    let key = SigningKey::derive_for_regions(&case.access_key, &case.secret);
    let public_key = key.public_key().ok_or("no public key")?;
    let public_key = public_key.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Answer { error, refused, string_to_sign, signature, public_key })
}

fn request(
    case: &Case,
    target: &str,
    headers: &[(String, String)],
) -> Result<Request<Bytes>, Failure> {
    let body = Bytes::from(decode_base64(&case.body)?);
    let mut request = Request::builder().method(&*case.method).uri(target).body(body)?;
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        // As a parser of the wire does.
        let value = HeaderValue::from_bytes(value.trim_matches(' ').as_bytes())?;
        all.append(name.parse::<HeaderName>()?, value);
    }
    *request.headers_mut() = all;
    Ok(request)
}

/// Our verdict, with the body read.
fn verify(case: &Case, key: &Credentials, request: &Request<Bytes>) -> Result<(), Failure> {
    let region = Region::from_static("us-east-1"); // which every set of parity.py covers
    let service = Service::new(case.service.clone())?;
    let verifier = Verifier::new(region, service).accepting_region_sets();
    let claim = verifier.read(request, case.time.parse::<SigningTime>()?)?;
    let known = (claim.access_key_id() == case.access_key).then_some(key);
    if claim.body_rule() == BodyRule::HashFirst {
        claim.verify_hashed(known, PayloadHash::of(request.body()))?;
        return Ok(());
    }
    let (verified, mut reading) = claim.verify(known)?;
    reading.update(request.body())?;
    reading.finish()?;
    match verified.region_set() {
        Some(set) if set.as_str() == case.region_set => Ok(()),
        other => Err(format!("the region set is {other:?}").into()),
    }
}

/// Our string to sign and signature of the unsigned request.
fn sign(case: &Case, key: &Credentials) -> Result<(String, String), Failure> {
    let request = request(case, &case.target, &case.headers)?;
    let set = RegionSet::new(case.region_set.clone())?;
    let signer = Signer::for_regions(set, Service::new(case.service.clone())?);
    let time: SigningTime = case.time.parse()?;
    let (transcript, signature) = match case.expires {
        None => {
            let payload = PayloadHash::of(request.body());
            let (signed, transcript) = signer.compute_transcript(&request, payload, key, time)?;
            (transcript, signed.signature().to_string())
        }
        Some(seconds) => {
            let expires = Duration::from_secs(seconds);
            let s3 = case.service == "s3";
            let payload = if s3 { PayloadHash::Unsigned } else { PayloadHash::EMPTY };
            let (presigned, transcript) =
                signer.presign_transcript(&request, payload, expires, key, time)?;
            let signature = presigned
                .as_str()
                .split('&')
                .find_map(|pair| pair.strip_prefix("X-Amz-Signature="));
            (transcript, signature.ok_or("no signature")?.to_owned())
        }
    };
    Ok((String::from_utf8(transcript.string_to_sign().to_vec())?, signature))
}

fn credentials(case: &Case) -> Credentials {
    Credentials::new(&case.access_key, &case.secret)
        .with_session_token(case.token.clone().unwrap_or_default())
}
