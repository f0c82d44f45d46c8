//! Any request as it was signed, then one change anywhere in its bytes: refused, or the signed text
//! and what is read of the body are the same.
#![no_main]

#[path = "../../tests/signed.rs"]
mod signed;
mod support;

use arbitrary::Arbitrary;
use http::{HeaderName, HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use sigv4_core::verify::Form;

use crate::signed::{SERVICES, Stream, key, read, send};
use crate::support::edit;

#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Replace(u8),
    Insert(&'a [u8]),
    Remove(u8),
    /// Some bytes once more, elsewhere.
    Copy {
        length: u8,
        to: u16,
    },
    /// A header line, or one of the query's pairs, at the place where it fits.
    Header(&'a str, &'a [u8]),
    Parameter(&'a str),
    /// Lines swapped.
    Swap(u8, u8),
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    service: u8,
    token: bool,
    form: u8,
    method: u8,
    target: &'a str,
    headers: Vec<(&'a str, &'a [u8])>,
    body: &'a [u8],
    at: u16,
    change: Change<'a>,
}

fn request(input: &Input<'_>) -> Option<Request<Vec<u8>>> {
    let method = ["GET", "PUT", "POST", "DELETE", "PATCH"][usize::from(input.method) % 5];
    let uri = format!("http://example.com/{}", input.target);
    let mut request = Request::builder().method(method).uri(uri).body(input.body.to_vec()).ok()?;
    for (name, value) in &input.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        // What the signer has a say in is not for the fuzzer to set.
        if name == "host" || name.as_str().starts_with("x-amz-") && !name.as_str().contains("meta")
        {
            return None;
        }
        request.headers_mut().append(name, HeaderValue::from_bytes(value).ok()?);
    }
    Some(request)
}

fn changed(wire: &[u8], at: usize, change: &Change<'_>) -> Vec<u8> {
    let (before, after) = wire.split_at(at);
    let line_end = |nth: usize| {
        let ends = wire.windows(2).enumerate().filter(|(_, two)| *two == b"\r\n");
        ends.map(|(at, _)| at + 2).nth(nth)
    };
    match change {
        Change::Replace(byte) => [before, &[*byte], after.get(1..).unwrap_or_default()].concat(),
        Change::Insert(bytes) => [before, bytes, after].concat(),
        Change::Remove(length) => {
            [before, after.get(usize::from(*length).max(1)..).unwrap_or_default()].concat()
        }
        Change::Copy { length, to } => {
            let piece = after.get(..usize::from(*length)).unwrap_or(after);
            let (start, end) = wire.split_at(usize::from(*to) % (wire.len() + 1));
            [start, piece, end].concat()
        }
        Change::Header(name, value) => {
            let (start, end) = wire.split_at(line_end(0).unwrap_or(0));
            [start, name.as_bytes(), b":", value, b"\r\n", end].concat()
        }
        Change::Parameter(pair) => {
            let target = wire.windows(9).position(|nine| nine == b" HTTP/1.1").unwrap_or(0);
            let (start, end) = wire.split_at(target);
            let mark = if start.contains(&b'?') { b"&" } else { b"?" };
            [start, mark, pair.as_bytes(), end].concat()
        }
        Change::Swap(one, other) => {
            let (first, second) = (usize::from(*one.min(other)), usize::from(*one.max(other)));
            let ends = [first, first + 1, second, second + 1].map(line_end);
            let [Some(a), Some(b), Some(c), Some(d)] = ends else { return wire.to_vec() };
            if b > c {
                return wire.to_vec();
            }
            [&wire[..a], &wire[c..d], &wire[b..c], &wire[a..b], &wire[d..]].concat()
        }
    }
}

fuzz_target!(|input: Input<'_>| {
    let service = SERVICES[usize::from(input.service) % SERVICES.len()];
    let (form, stream) = match input.form % 5 {
        0 => (Form::Header, None),
        1 => (Form::Query, None),
        2 => (Form::Header, Some(Stream::Signed)),
        3 => (Form::Header, Some(Stream::SignedTrailer)),
        _ => (Form::Header, Some(Stream::UnsignedTrailer)),
    };
    let Some(request) = request(&input) else { return };
    let key = key(input.token);
    let Ok((parts, body)) = send(service, form, stream, request, &key) else { return };
    let wire = edit::to_wire(&parts, &body);
    // What only a server minds (a parameter that is there twice) it refuses before any change.
    let Some(original) = read(service, &key, &wire) else { return };
    let at = usize::from(input.at) % (wire.len() + 1);
    let changed = changed(&wire, at, &input.change);
    if let Some(read) = read(service, &key, &changed) {
        assert_eq!(read, original, "{}", String::from_utf8_lossy(&changed));
    }
});
