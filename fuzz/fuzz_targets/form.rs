//! Reads any form with any policy. It must never verify without the secret.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use sigv4_core::{Credentials, Region, Service, Signer, SigningTime};
use sigv4_core::verify::{Verifier, VerifyError};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    document: &'a [u8],
    bucket: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

fuzz_target!(|input: Input<'_>| {
    let (region, service) = (Region::from_static("us-east-1"), Service::from_static("s3"));
    let time: SigningTime = "20151229T000000Z".parse().unwrap();
    let key = Credentials::new("AKIDEXAMPLE", "secret");
    let signer = Signer::new(region.clone(), service.clone());
    let form = signer.sign_post_document(input.document, &key, time).unwrap();
    let mut fields: Vec<(&str, &str)> = input.fields.clone();
    for (name, value) in form.fields() {
        fields.push((name, value));
    }
    let verifier = Verifier::new(region, service);
    if let Ok(claim) = verifier.read_form(input.bucket, fields.iter().copied(), time) {
        // The document was signed, so the right key verifies it whatever its contents.
        claim.verify(Some(&key)).unwrap();
        let unknown = verifier.read_form(input.bucket, fields, time).unwrap().verify(None);
        assert_eq!(unknown, Err(VerifyError::UnknownKey));
    }
});
