//! `v4a-ours MODE ROUNDS`: signs or verifies ROUNDS times. See ../../instructions/run.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run has failed")]

#[path = "../../inputs.rs"]
mod inputs;

use std::hint::black_box;

use http::Request;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use sigv4_core::verify::Verifier;
use sigv4_core::{
    Credentials, PayloadHash, Region, RegionSet, Service, Signer, SigningKey, SigningTime,
};

use inputs::{ACCESS_KEY_ID, REGION_SET, SECRET, SERVICE, URI, now};

fn main() {
    let (mode, rounds) = inputs::arguments();
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET);
    let signer =
        Signer::for_regions(RegionSet::from_static(REGION_SET), Service::from_static(SERVICE));
    let mut request = Request::get(URI).body("").unwrap();
    signer.sign(&mut request, &credentials, now()).unwrap();
    match mode.as_str() {
        "sign" => {
            let bare = Request::get(URI).body(()).unwrap();
            for _ in 0..rounds {
                let signed = signer.compute(&bare, PayloadHash::EMPTY, &credentials, now());
                black_box(signed.unwrap());
            }
        }
        "verify" => verify(&request, &credentials, rounds),
        "verify-p256" => verify_p256(rounds),
        other => unreachable!("{other}: sign, verify or verify-p256"),
    }
}

fn verify(request: &Request<&str>, credentials: &Credentials, rounds: usize) {
    let region = Region::from_static("eu-west-1");
    let verifier = Verifier::new(region, Service::from_static(SERVICE)).accepting_region_sets();
    let time = SigningTime::try_from(now()).unwrap();
    for _ in 0..rounds {
        let claim = verifier.read(black_box(request), time).unwrap();
        black_box(claim.verify_hashed(Some(credentials), PayloadHash::EMPTY).unwrap());
    }
}

/// p256's own verification, from the signature's bytes.
fn verify_p256(rounds: usize) {
    let key = SigningKey::derive_for_regions(ACCESS_KEY_ID, SECRET);
    let public = VerifyingKey::from_sec1_bytes(&key.public_key().unwrap()).unwrap();
    let text = b"AWS4-ECDSA-P256-SHA256\n20260101T000000Z\n20260101/events/aws4_request\n";
    let signature = key.sign(text);
    for _ in 0..rounds {
        let signature = Signature::from_der(black_box(signature.as_bytes())).unwrap();
        let hash = Sha256::digest(black_box(text));
        public.verify_prehash(&hash, black_box(&signature)).unwrap();
    }
}
