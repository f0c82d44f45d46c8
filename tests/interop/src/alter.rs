//! Changes a received request in one place.

use support::raw::Received;

/// The request with one thing changed, and the thing's name.
#[must_use]
pub(crate) fn alterations(received: &Received) -> Vec<(&'static str, Received)> {
    let mut all = if is_form(received) { of_form(received) } else { of_signed(received) };
    all.retain(|(_, altered)| altered != received);
    all
}

fn alter(received: &Received, change: impl FnOnce(&mut Received)) -> Received {
    let mut altered = received.clone();
    change(&mut altered);
    altered
}

fn of_signed(received: &Received) -> Vec<(&'static str, Received)> {
    let alter = |change: &dyn Fn(&mut Received)| alter(received, change);
    let mut all = vec![
        ("the method", alter(&|it| it.method = b"PATCH".to_vec())),
        ("the path", alter(&|it| it.target.insert(1, b'x'))),
        ("the query", alter(&|it| it.target.extend(query_addition(&it.target)))),
        ("the host", alter(&|it| set(it, "host", b"example.com"))),
        ("the signature", alter(&flip_signature)),
    ];
    if !received.header("authorization").is_empty() {
        all.push(("the date", alter(&|it| set(it, "x-amz-date", b"20150830T123600Z"))));
        all.push(("a header", alter(&|it| it.headers.push((b"x-amz-acl".into(), b"a".into())))));
        all.push(("the token", alter(&|it| set(it, "x-amz-security-token", b"another"))));
    }
    if !received.body.is_empty() && covers_body(received) {
        all.push(("the body", alter(&|it| it.body.push(b'x'))));
        all.push((
            "the body's middle",
            alter(&|it| {
                let middle = it.body.len() / 2;
                it.body.get_mut(middle).into_iter().for_each(|byte| *byte ^= 1);
            }),
        ));
        all.push((
            "the body's end",
            alter(&|it| it.body.truncate(it.body.len().saturating_sub(1))),
        ));
    }
    all
}

fn is_form(received: &Received) -> bool {
    received.header("content-type").concat().starts_with("multipart/form-data")
}

/// A form has nothing that is signed in its head; its file is not signed either, only its length.
fn of_form(received: &Received) -> Vec<(&'static str, Received)> {
    let body = |from: &[u8], to: &[u8]| alter(received, |it| replace(&mut it.body, from, to));
    let boundary = received.body.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let field = |name: &str, value: &str| {
        let head =
            format!("\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        [boundary, head.as_bytes(), boundary].concat()
    };
    vec![
        ("the bucket", alter(received, |it| it.target.insert(1, b'x'))),
        ("the query", alter(received, |it| it.target.extend(b"?acl"))),
        (
            "the boundary",
            alter(received, |it| set(it, "content-type", b"multipart/form-data; boundary=x")),
        ),
        ("the key", body(b"up/", b"uq/")),
        ("the file's length", body(b"a picture", &[b'x'; 101])),
        ("the file, left empty", body(b"a picture", b"")),
        ("a field added", body(boundary, &field("acl", "public-read"))),
        ("a field doubled", body(boundary, &field("Key", "up/a"))),
        ("the bucket in a field", body(boundary, &field("bucket", "other"))),
        ("the file's name", body(b"name=\"file\"", b"name=\"fine\"")),
        ("the policy", body(b"eyJ", b"eyK")),
        ("the signature", alter(received, flip_form_signature)),
        ("the end", alter(received, |it| it.body.truncate(it.body.len() / 2))),
        ("the last boundary", alter(received, |it| it.body.truncate(it.body.len() - 5))),
        ("data behind the end", alter(received, |it| it.body.extend(b"more"))),
    ]
}

/// Replaces the first of these texts.
fn replace(body: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    if let Some(at) = body.windows(from.len()).position(|window| window == from) {
        body.splice(at..at + from.len(), to.iter().copied());
    }
}

fn flip_form_signature(received: &mut Received) {
    let name = b"x-amz-signature\"";
    let position =
        received.body.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name));
    let Some(at) = position else { return };
    // Headers of the part may stand between its name and its value.
    let rest = received.body.get(at..).unwrap_or_default();
    let Some(gap) = rest.windows(4).position(|window| window == b"\r\n\r\n") else { return };
    if let Some(digit) = received.body.get_mut(at + gap + 4 + 63) {
        *digit = if *digit == b'0' { b'1' } else { b'0' };
    }
}

fn query_addition(target: &[u8]) -> &'static [u8] {
    if target.contains(&b'?') { b"&added=1" } else { b"?added=1" }
}

/// Neither a presigned S3 URL nor `UNSIGNED-PAYLOAD` covers the body.
fn covers_body(received: &Received) -> bool {
    !received.header("authorization").is_empty()
        && received.header("x-amz-content-sha256").concat() != "UNSIGNED-PAYLOAD"
}

fn set(received: &mut Received, name: &str, value: &[u8]) {
    for (other, old) in &mut received.headers {
        if other.eq_ignore_ascii_case(name.as_bytes()) {
            *old = value.to_vec();
        }
    }
}

/// Changes the last digit of the signature.
fn flip_signature(received: &mut Received) {
    let turn = |text: &mut Vec<u8>, mark: &[u8]| {
        let Some(at) = text.windows(mark.len()).position(|window| window == mark) else { return };
        if let Some(digit) = text.get_mut(at + mark.len() + 63) {
            *digit = if *digit == b'0' { b'1' } else { b'0' };
        }
    };
    turn(&mut received.target, b"X-Amz-Signature=");
    for (name, value) in &mut received.headers {
        if name.eq_ignore_ascii_case(b"authorization") {
            turn(value, b"Signature=");
        }
    }
}
