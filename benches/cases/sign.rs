//! Requests signed in their headers.

use aws_sigv4::http_request::{SignableBody, SigningSettings};
use benches::{Case, Contender};
use http::Request;

use super::inputs::{self, SERVICE};
use super::{OURS, aws, floor, ours, peers};

/// Row a: computes the signature of a small GET.
pub(crate) fn get() -> Case {
    let [ours, theirs] = computed(inputs::get(), SERVICE, SigningSettings::default);
    Case {
        row: "a",
        title: "GET with one parameter: signature computed",
        contenders: vec![ours, theirs.with_target(8.7), floor::blocks(7).with_multiple(2.4)],
    }
}

/// Row a+: the same signature by a prepared signer.
pub(crate) fn get_prepared() -> Case {
    let [mut computed, theirs] = computed(inputs::get(), SERVICE, SigningSettings::default);
    computed.name = "sigv4-core, not prepared";
    assert_eq!(ours::prepared()(), ours::computed(inputs::get(), SERVICE)());
    Case {
        row: "a+",
        title: "the same, by a prepared signer",
        contenders: vec![
            Contender::new(OURS, ours::prepared()),
            computed,
            theirs.with_target(9.5),
            floor::blocks(7).with_multiple(2.1),
        ],
    }
}

/// Row a': applies the same signature to a copy of the request.
pub(crate) fn get_applied() -> Case {
    let mut ours = ours::applied();
    let (identity, request) = (aws::identity(), inputs::get());
    let uri = request.uri().to_string();
    let theirs = move || {
        let mut request = request.clone();
        let settings = SigningSettings::default();
        let body = SignableBody::Bytes(b"");
        let (instructions, _) =
            aws::sign_request(&identity, SERVICE, settings, (&request, &uri), body);
        instructions.apply_to_request_http1x(&mut request);
        request
    };
    assert_eq!(ours().headers()["authorization"], theirs().headers()["authorization"]);
    Case {
        row: "a'",
        title: "the same, applied to a copy of the request",
        contenders: vec![
            Contender::new(OURS, ours),
            Contender::new(aws::NAME, theirs).with_target(6.4),
            peers::reqsign(inputs::get()),
            floor::blocks(7).with_multiple(3.3),
        ],
    }
}

/// Row b: hashes and signs a JSON body of 1 KiB.
pub(crate) fn post_json() -> Case {
    let [ours, theirs] = computed(inputs::post_json(), SERVICE, SigningSettings::default);
    Case {
        row: "b",
        title: "POST of 1 KiB of JSON: signature computed",
        contenders: vec![ours, theirs.with_target(4.8), floor::blocks(25).with_multiple(1.4)],
    }
}

/// Row c: hashes and signs an S3 body of 64 KiB.
pub(crate) fn put_64_kib() -> Case {
    let [ours, theirs] = computed(inputs::put_64_kib(), "s3", aws::s3);
    Case {
        row: "c",
        title: "S3 PUT of 64 KiB: signature computed",
        contenders: vec![
            ours,
            theirs,
            floor::body(inputs::put_64_kib().into_body()).with_multiple(1.03),
        ],
    }
}

/// Row e: signs thirty headers, thirty parameters and a path in three scripts.
pub(crate) fn thirty_headers_and_parameters() -> Case {
    let [ours, theirs] =
        computed(inputs::thirty_of_each("value"), SERVICE, SigningSettings::default);
    Case {
        row: "e",
        title: "30 headers, 30 parameters, a path that is not ASCII",
        contenders: vec![ours, theirs.with_target(6.4), floor::blocks(36).with_multiple(3.8)],
    }
}

/// sigv4-core and aws-sigv4. Each hashes the body and computes the signature.
fn computed<B>(
    request: Request<B>,
    service: &'static str,
    settings: fn() -> SigningSettings,
) -> [Contender; 2]
where
    B: AsRef<[u8]> + Clone + 'static,
{
    let mut ours = ours::computed(request.clone(), service);
    let identity = aws::identity();
    let uri = request.uri().to_string();
    let theirs = move || {
        let body = SignableBody::Bytes(request.body().as_ref());
        aws::sign_request(&identity, service, settings(), (&request, &uri), body).1
    };
    assert_eq!(ours().to_string(), theirs());
    [Contender::new(OURS, ours), Contender::new(aws::NAME, theirs)]
}
