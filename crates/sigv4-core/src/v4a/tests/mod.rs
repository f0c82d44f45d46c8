//! All of SigV4a: signed requests verify, and no others.

mod signing;
mod streams;
mod verifying;

use http::{Request, request};

use crate::credentials::Credentials;
use crate::scope::{Region, Service};
use crate::sign::signer::Signer;
use crate::time::SigningTime;
use crate::v4a::RegionSet;
use crate::verify::{Verified, Verifier, VerifyError};

const REGION: Region = Region::from_static("us-east-1");
const S3: Service = Service::from_static("s3");
const SIGNER: Signer = Signer::for_regions(RegionSet::ALL, S3);

fn now() -> SigningTime {
    "20150830T123600Z".parse().unwrap()
}

fn key() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn verifier() -> Verifier {
    Verifier::new(REGION, S3).accepting_region_sets()
}

/// A request signed by `signer`.
fn signed(signer: &Signer) -> request::Parts {
    let mut request = Request::put("https://mrap.example.com/a/b?c=d").body("body").unwrap();
    signer.sign(&mut request, &key(), now()).unwrap();
    request.into_parts().0
}

/// The result of verifying a request with the body `body`.
fn verify(verifier: &Verifier, parts: &request::Parts) -> Result<Verified, VerifyError> {
    let (verified, mut reading) = verifier.read(parts, now())?.verify(Some(&key()))?;
    reading.update(&"body".into())?;
    reading.finish()?;
    Ok(verified)
}
