//! Streamed bodies: the chain of signatures, and the framing around it.

use http::{HeaderMap, HeaderName, HeaderValue};
use sigv4_core::stream::{ChunkSigner, EventSigner};
use sigv4_core::stream::{Decoder, Framing};
use sigv4_core::{CredentialScope, Credentials, Region, Service, SigningKey, SigningTime};
use support::vectors::{Pair, SigningLine, decode_base64};

use crate::{Checked, Mismatch, refused, request, same};

/// Checks chunks, and trailers if there are any: signs them one by one, then decodes them again.
pub(crate) fn chunked(line: &SigningLine) -> Checked {
    if line.expect.signature.is_some() {
        request::header(line)?;
    }
    let start = chain(line)?;
    let trailers = trailers(&line.trailers)?;
    let (mut chain, mut wire, mut plain) = (start.clone(), Vec::new(), Vec::new());
    for chunk in &line.chunks {
        let data = decode_base64(&chunk.data_b64).map_err(|error| refused(&error))?;
        let signature = chain.sign(&data).to_string();
        same("chunk signature", signature.as_bytes(), chunk.signature.as_bytes())?;
        let head = format!("{:x};chunk-signature={signature}\r\n", data.len());
        wire.extend_from_slice(head.as_bytes());
        wire.extend_from_slice(&data);
        wire.extend_from_slice(if data.is_empty() { b"" } else { b"\r\n" });
        plain.extend_from_slice(&data);
    }
    for (name, value) in &line.trailers {
        wire.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
    }
    let framing = match &line.expect.trailer_signature {
        Some(theirs) => {
            let signature = chain.sign_trailers(&trailers).to_string();
            same("trailer signature", signature.as_bytes(), theirs.as_bytes())?;
            wire.extend_from_slice(format!("x-amz-trailer-signature:{signature}\r\n").as_bytes());
            Framing::SignedTrailer(start)
        }
        None => Framing::Signed(start),
    };
    wire.extend_from_slice(b"\r\n");
    // A line may be an excerpt, without its chunks or with an empty list of trailers.
    let whole = !line.chunks.is_empty()
        && (matches!(framing, Framing::Signed(_)) || !line.trailers.is_empty());
    if whole { read_back(framing, &trailers, &wire, &plain) } else { Ok(()) }
}

/// Checks events, signed one by one.
pub(crate) fn event(line: &SigningLine) -> Checked {
    let context = &line.context;
    let credentials = Credentials::new(&context.access_key, &context.secret);
    let (region, service) = scope(line)?;
    let mut chain = EventSigner::new(credentials, region, service, seed(line));
    for event in &line.events {
        let header = decode_base64(&event.headers_b64).map_err(|error| refused(&error))?;
        let payload = decode_base64(&event.payload_b64).map_err(|error| refused(&error))?;
        let signature = chain
            .sign(&header, &payload, time(&event.timestamp)?)
            .map_err(|error| refused(&error))?;
        let theirs = event.signature.as_bytes();
        same("event signature", signature.to_string().as_bytes(), theirs)?;
    }
    Ok(())
}

fn chain(line: &SigningLine) -> Result<ChunkSigner, Mismatch> {
    let time = time(&line.context.timestamp)?;
    let (region, service) = scope(line)?;
    let key = match &line.context.signing_key_hex {
        Some(key) => SigningKey::from_bytes(&hex::decode(key).map_err(|error| refused(&error))?),
        None => {
            let scope = CredentialScope::new(time, &region, &service);
            SigningKey::derive(&line.context.secret, &scope)
        }
    };
    Ok(ChunkSigner::new(key, time, region, service, seed(line)))
}

fn seed(line: &SigningLine) -> &str {
    line.seed_signature.as_deref().unwrap_or_default()
}

fn time(text: &str) -> Result<SigningTime, Mismatch> {
    text.replace(['-', ':'], "").parse().map_err(|error| refused(&error))
}

fn scope(line: &SigningLine) -> Result<(Region, Service), Mismatch> {
    let region = Region::new(line.context.region.clone()).map_err(|error| refused(&error))?;
    let service = Service::new(line.context.service.clone()).map_err(|error| refused(&error))?;
    Ok((region, service))
}

fn trailers(pairs: &[Pair]) -> Result<HeaderMap, Mismatch> {
    let mut trailers = HeaderMap::new();
    for (name, value) in pairs {
        let name: HeaderName = name.parse().map_err(|error| refused(&error))?;
        trailers.append(name, HeaderValue::from_str(value).map_err(|error| refused(&error))?);
    }
    Ok(trailers)
}

/// Checks that the decoder returns the plain bytes and the framed trailers.
fn read_back(framing: Framing, trailers: &HeaderMap, wire: &[u8], plain: &[u8]) -> Checked {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-decoded-content-length", HeaderValue::from(plain.len()));
    for name in trailers.keys() {
        headers.append("x-amz-trailer", HeaderValue::from(name.clone()));
    }
    let mut decoder = Decoder::new(framing, &headers).map_err(|error| refused(&error))?;
    let (mut input, mut decoded) = (wire, Vec::new());
    while let Some(bytes) = decoder.decode(&mut input).map_err(|error| refused(&error))? {
        decoded.extend_from_slice(&bytes);
    }
    same("decoded body", &decoded, plain)?;
    let received = decoder.finish().map_err(|error| refused(&error))?;
    if received == *trailers {
        Ok(())
    } else {
        Err(Mismatch::Differs(format!("trailers: ours {received:?}, theirs {trailers:?}")))
    }
}
