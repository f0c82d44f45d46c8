//! Requests signed in their headers.

use benches::{Case, Contender};
use http::Request;
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signer};

use super::inputs::{ACCESS_KEY_ID, GET_URI, REGION, SECRET, now};
use super::{aws, floor};

/// Row a: the signature of a small GET, computed.
pub(crate) fn get() -> Case {
    let signer = signer("service");
    let credentials = credentials();
    let request = Request::get(GET_URI).body(()).unwrap();
    let ours = move || {
        let signed = signer.compute(&request, PayloadHash::EMPTY, &credentials, now()).unwrap();
        signed.signature()
    };
    let identity = aws::identity();
    let theirs = move || aws::signature(&identity, "GET", GET_URI, b"", "service");
    assert_eq!(ours().to_string(), theirs());
    Case {
        row: "a",
        title: "GET with one parameter: the signature computed",
        contenders: vec![
            Contender::new("sigv4-core", ours),
            Contender::new(aws::NAME, theirs).with_target(9.5),
            floor::blocks(7),
        ],
    }
}

fn signer(service: &'static str) -> Signer {
    Signer::new(Region::from_static(REGION), Service::from_static(service))
}

fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY_ID, SECRET)
}
