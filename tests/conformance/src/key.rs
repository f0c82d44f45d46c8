//! Derived keys. `SigningKey` does not show its bytes, so keys are compared by the signatures they
//! make.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sigv4_core::{CredentialScope, Region, Service, SigningKey};
use support::vectors::SigningLine;

use crate::{Checked, Mismatch, refused, same};

pub(crate) fn signing_key(line: &SigningLine) -> Checked {
    let context = &line.context;
    let time =
        context.timestamp.replace(['-', ':'], "").parse().map_err(|error| refused(&error))?;
    let region = Region::new(context.region.clone()).map_err(|error| refused(&error))?;
    let service = Service::new(context.service.clone()).map_err(|error| refused(&error))?;
    let scope = CredentialScope::new(time, &region, &service);
    let ours = SigningKey::derive(&context.secret, &scope).sign(line.id.as_bytes());

    let expected = line.expect.signing_key.as_deref().unwrap_or_default();
    let key = hex::decode(expected).map_err(|error| refused(&error))?;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&key).map_err(|_| Mismatch::Differs("not a key".into()))?;
    mac.update(line.id.as_bytes());
    let theirs = hex::encode(mac.finalize().into_bytes());
    same("what the key signs", ours.to_string().as_bytes(), theirs.as_bytes())
}
