//! Policies of browser forms. The signature covers the document in base64.

use sigv4_core::{Credentials, Region, Service, Signer};
use support::vectors::{SigningLine, decode_base64};

use crate::{Checked, Mismatch, refused, same};

pub(crate) fn form(line: &SigningLine) -> Checked {
    let context = &line.context;
    let time = context.timestamp.replace(['-', ':'], "").parse::<sigv4_core::SigningTime>();
    let time = time.map_err(|error| refused(&error))?;
    let region = Region::new(context.region.clone()).map_err(|error| refused(&error))?;
    let service = Service::new(context.service.clone()).map_err(|error| refused(&error))?;
    let key = Credentials::new(&context.access_key, &context.secret)
        .with_session_token(context.token.clone().unwrap_or_default());
    let policy = line.policy_b64.as_deref().unwrap_or_default();
    let document = decode_base64(policy).map_err(|error| refused(&error))?;
    let form = Signer::new(region, service)
        .sign_post_document(&document, &key, time)
        .map_err(|error| refused(&error))?;
    let field = |name: &str| {
        let found = form.fields().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_bytes()).ok_or(Mismatch::Differs(format!("no {name}")))
    };
    let expected = |text: &Option<String>| text.clone().unwrap_or_default().into_bytes();
    same("policy", field("policy")?, &expected(&line.expect.string_to_sign))?;
    same("signature", field("x-amz-signature")?, &expected(&line.expect.signature))
}
