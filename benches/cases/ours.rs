//! sigv4-core in every row: each function returns the work, on the shared inputs.

use bytes::Bytes;
use http::{Request, Uri};
use sigv4_core::stream::{ChunkSigner, EventEncoder, EventSigner, Message};
use sigv4_core::verify::{Verified, Verifier};
use sigv4_core::{
    CredentialScope, PayloadHash, Presigned, Region, Service, Signature, SigningKey, SigningTime,
};

use super::inputs::{self, EXPIRES, REGION, SECRET, SEED, SERVICE, credentials, now, signer};

/// Hashes a body and computes the signature. Rows a, b, c and e.
pub(crate) fn computed<B: AsRef<[u8]>>(
    request: Request<B>,
    service: &'static str,
) -> impl FnMut() -> Signature {
    let (signer, credentials) = (signer(service), credentials());
    move || {
        let payload = PayloadHash::of(request.body().as_ref());
        signer.compute(&request, payload, &credentials, now()).unwrap().signature()
    }
}

/// Row a': copies the request of row a and signs the copy.
pub(crate) fn applied() -> impl FnMut() -> Request<&'static [u8]> {
    let (signer, credentials, request) = (signer(SERVICE), credentials(), inputs::get());
    move || {
        let mut request = request.clone();
        signer.sign(&mut request, &credentials, now()).unwrap();
        request
    }
}

/// Row a+: computes the signature of row a with a prepared signer.
pub(crate) fn prepared() -> impl FnMut() -> Signature {
    let mut prepared = signer(SERVICE).prepared(&credentials(), now()).unwrap();
    let request = inputs::get();
    move || {
        let payload = PayloadHash::of(request.body());
        prepared.compute(&request, payload, now()).unwrap().signature()
    }
}

/// Row d': presigns the URLs of many paths, each used as soon as it is there.
pub(crate) fn presigned_many(paths: usize, mut each: impl FnMut(Presigned)) -> impl FnMut() {
    let (signer, credentials, template) = (signer("s3"), credentials(), inputs::object());
    let paths: Vec<_> = (0..paths).map(inputs::object_path).collect();
    move || {
        let urls = signer.presign_many(&template, &paths, EXPIRES, &credentials, now());
        urls.unwrap().for_each(|url| each(url.unwrap()));
    }
}

/// Row d: presigns the URL of a GET, as text.
pub(crate) fn presigned() -> impl FnMut() -> Presigned {
    let (signer, credentials, request) = (signer("s3"), credentials(), inputs::object());
    move || signer.presign(&request, EXPIRES, &credentials, now()).unwrap()
}

/// Row d: the same URL, as a `Uri`.
pub(crate) fn presigned_uri() -> impl FnMut() -> Uri {
    let mut presigned = presigned();
    move || presigned().uri().unwrap()
}

/// Row h: verifies the request of row a by a key that is at hand.
pub(crate) fn verified() -> impl FnMut() -> Verified {
    let (request, credentials) = (inputs::signed_get(), credentials());
    let verifier = Verifier::new(Region::from_static(REGION), Service::from_static(SERVICE));
    move || {
        let claim = verifier.read(&request, now()).unwrap();
        claim.verify_hashed(Some(&credentials), PayloadHash::EMPTY).unwrap()
    }
}

/// Row i: signs and frames a message.
pub(crate) fn event() -> impl FnMut() -> Bytes {
    let message = Message::new(inputs::event_payload());
    let (region, service) = (Region::from_static(REGION), Service::from_static(SERVICE));
    let mut encoder = EventEncoder::new(EventSigner::new(credentials(), region, service, SEED));
    move || encoder.encode(&message, now()).unwrap()
}

/// Row j: signs a chunk.
pub(crate) fn chunk() -> impl FnMut() -> Signature {
    let (region, service) = (Region::from_static(REGION), Service::from_static(SERVICE));
    let time = SigningTime::try_from(now()).unwrap();
    let key = SigningKey::derive(SECRET, &CredentialScope::new(time, &region, &service));
    let mut signer = ChunkSigner::new(key, time, region, service, SEED);
    let chunk = inputs::chunk();
    move || signer.sign(&chunk)
}
