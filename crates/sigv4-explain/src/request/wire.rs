//! Splits a request so that it can be signed again, as it was sent and as it may have been signed.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sigv4_core::service::{
    PathEncoding, PathNormalization, PayloadHeader, PresignedPayload, Rules,
};
use sigv4_core::{
    CredentialScope, Credentials, HeaderSelection, PayloadHash, Region, RequestHead, Service,
    Signature, Signer, SigningKey, SigningTime, Transcript,
};

use crate::cause::RefusalCause as Cause;
use crate::checks::signed_headers;
use crate::sigv4a::Algorithm;
use crate::subject::{Query, Subject, text_of};

/// The header with the signed payload hash.
const PAYLOAD: &str = "x-amz-content-sha256";

/// The most parameters and headers that are varied one by one.
const MOST: usize = 64;

/// The parameters that presigning adds to a URL.
const SIGNATURE_PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// The input of a signature. Only signed headers are kept.
#[derive(Clone)]
pub(crate) struct Wire {
    method: Method,
    scheme: Option<String>,
    authority: Option<String>,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    rules: Rules,
    payload: PayloadHash,
    expires: Option<Duration>,
    key: String,
    token: Option<String>,
    region: String,
    service: String,
    time: SigningTime,
}

impl Wire {
    /// Splits a signed request. Returns `None` if it has no scope, no time or no signed headers, or
    /// if it is presigned with SigV4a.
    pub(crate) fn of(head: &RequestHead<'_>, body: Option<&[u8]>) -> Option<Self> {
        let subject = Subject::of(None, Some(head))?;
        let query = Query(head.query.unwrap_or_default());
        let signed = signed_headers(head)?;
        let mut headers = HeaderMap::new();
        for (name, value) in head.headers {
            if signed.split(';').any(|known| known == name.as_str()) || *name == http::header::HOST
            {
                headers.try_append(name.clone(), value.clone()).ok()?;
            }
        }
        let region = match subject.algorithm {
            // Its parameters differ from those of a signer for one region.
            Some(Algorithm::Ecdsa) if subject.is_presigned => return None,
            // The canonical request is the same for every region; its signature is not used.
            Some(Algorithm::Ecdsa) => "us-east-1".to_owned(),
            _ => subject.region?,
        };
        let service = subject.service?;
        let mut rules = Rules::of(&service);
        if !headers.contains_key(PAYLOAD) {
            rules = rules.with_payload_header(PayloadHeader::WhenNeeded);
        }
        let stated = text_of(&headers, PAYLOAD).and_then(|value| value.parse().ok());
        let of_body = body.map_or(PayloadHash::EMPTY, PayloadHash::of);
        let presigned =
            subject.is_presigned && rules.presigned_payload == PresignedPayload::Unsigned;
        let payload = if presigned { PayloadHash::Unsigned } else { stated.unwrap_or(of_body) };
        let expires = subject.expires.and_then(|seconds| u64::try_from(seconds).ok());
        let of_headers = || text_of(&headers, "x-amz-security-token").map(str::to_owned);
        let token = query.get("X-Amz-Security-Token").or_else(of_headers);
        Some(Self {
            method: head.method.clone(),
            scheme: head.scheme.map(str::to_owned),
            authority: head.authority.map(str::to_owned),
            path: head.path.to_owned(),
            query: without_signature(head.query),
            rules,
            payload,
            expires: if subject.is_presigned { Some(Duration::from_secs(expires?)) } else { None },
            key: subject.key?,
            token,
            region,
            service,
            time: subject.time?,
            headers,
        })
    }

    /// Signs it with a secret. Returns the signature and its texts.
    pub(crate) fn sign(&self, secret: &str) -> Option<(Signature, Transcript)> {
        let region = Region::new(self.region.as_str()).ok()?;
        let service = Service::with_rules(self.service.as_str(), self.rules).ok()?;
        let names: Vec<HeaderName> =
            self.headers.keys().filter(|name| *name != http::header::HOST).cloned().collect();
        let signer =
            Signer::new(region, service).with_signed_headers(HeaderSelection::Listed(names.into()));
        let mut credentials = Credentials::new(self.key.as_str(), secret);
        if let Some(token) = &self.token {
            credentials = credentials.with_session_token(token.as_str());
        }
        let head = RequestHead {
            method: &self.method,
            scheme: self.scheme.as_deref(),
            authority: self.authority.as_deref(),
            path: &self.path,
            query: self.query.as_deref(),
            headers: &self.headers,
        };
        let Some(expires) = self.expires else {
            let signed = signer.compute_transcript(head, self.payload, &credentials, self.time);
            return signed.ok().map(|(signed, transcript)| (signed.signature(), transcript));
        };
        let (presigned, transcript) =
            signer.presign_transcript(head, self.payload, expires, &credentials, self.time).ok()?;
        let (_, query) = presigned.as_str().split_once('?')?;
        let signature = Query(query).get("X-Amz-Signature")?.parse().ok()?;
        Some((signature, transcript))
    }

    /// Signs a canonical request that another signer may have written.
    pub(crate) fn sign_text(&self, secret: &str, canonical: &str) -> Option<Signature> {
        let region = Region::new(self.region.as_str()).ok()?;
        let service = Service::new(self.service.as_str()).ok()?;
        let scope = CredentialScope::new(self.time, &region, &service);
        let hash = PayloadHash::of(canonical.as_bytes());
        let string = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}", self.time);
        Some(SigningKey::derive(secret, &scope).sign(string.as_bytes()))
    }

    /// Canonical requests of signers that omit a step: the query not sorted, the query or the path
    /// as sent, no payload.
    pub(super) fn texts(&self, sent: &Transcript) -> Vec<(Cause, String)> {
        let text = String::from_utf8_lossy(sent.canonical_request());
        let lines: Vec<&str> = text.split('\n').collect();
        let with = |at: usize, line: &str| {
            let lines = lines.iter().enumerate();
            let lines = lines.map(|(place, old)| if place == at { line } else { old });
            lines.collect::<Vec<_>>().join("\n")
        };
        let query = self.query.as_deref().filter(|_| self.expires.is_none()).unwrap_or_default();
        // A parameter without a value has its `=` in the canonical query.
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs =
            pairs.map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") });
        let unsorted = pairs.collect::<Vec<_>>().join("&");
        let last = lines.len().saturating_sub(1);
        vec![
            (Cause::QueryReencoded, with(2, &unsorted)),
            (Cause::QueryReencoded, with(2, query)),
            (Cause::PathReencoded, with(1, &self.path)),
            (Cause::BodyNotSigned, with(last, "")),
        ]
    }

    /// The requests that may have been signed instead, each with the cause that it would prove.
    pub(super) fn variants(&self, body: Option<&[u8]>) -> Vec<(Cause, String, Self)> {
        let mut all = Vec::new();
        self.vary_path(&mut all);
        self.vary_query(&mut all);
        self.vary_host(&mut all);
        self.vary_payload(&mut all, body);
        self.vary_headers(&mut all);
        for method in ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"] {
            if let Ok(method) = method.parse::<Method>()
                && method != self.method
            {
                let name = method.to_string();
                all.push((Cause::MethodChanged, name, Self { method, ..self.clone() }));
            }
        }
        all
    }

    fn vary_path(&self, all: &mut Vec<(Cause, String, Self)>) {
        let (encoding, cause) = match self.rules.path_encoding {
            PathEncoding::Double => (PathEncoding::Single, Cause::PathEncodedOnce),
            _ => (PathEncoding::Double, Cause::PathEncodedTwice),
        };
        let rules = self.rules.with_path_encoding(encoding);
        all.push((cause, String::new(), Self { rules, ..self.clone() }));
        let normalization = match self.rules.path_normalization {
            PathNormalization::Normalize => PathNormalization::Verbatim,
            _ => PathNormalization::Normalize,
        };
        let rules = self.rules.with_path_normalization(normalization);
        all.push((Cause::PathNormalized, String::new(), Self { rules, ..self.clone() }));
        let mut with = |cause, path: String| {
            if path != self.path && path.starts_with('/') {
                all.push((cause, String::new(), Self { path, ..self.clone() }));
            }
        };
        let decoded = percent_encoding::percent_decode_str(&self.path).decode_utf8_lossy();
        with(Cause::PathReencoded, decoded.replace(' ', "%20"));
        with(Cause::PathReencoded, encoded(&self.path));
        with(Cause::PathReencoded, self.path.replace('+', "%20"));
        with(Cause::PathReencoded, self.path.replace('+', "%2B"));
        with(Cause::PathReencoded, self.path.replace("%20", "+"));
        with(Cause::PathChanged, self.path.trim_end_matches('/').to_owned());
        with(Cause::PathChanged, format!("{}/", self.path));
        // A base path or a stage that was prepended on the way.
        let shorter = self.path.match_indices('/').skip(1).take(MOST);
        let shorter: Vec<String> =
            shorter.filter_map(|(at, _)| self.path.get(at..).map(str::to_owned)).collect();
        for path in shorter {
            with(Cause::PathChanged, path);
        }
    }

    fn vary_query(&self, all: &mut Vec<(Cause, String, Self)>) {
        let Some(query) = self.query.as_deref().filter(|query| !query.is_empty()) else { return };
        let mut with = |cause, name: &str, query: String| {
            if Some(query.as_str()) != self.query.as_deref() {
                let query = Some(query).filter(|query| !query.is_empty());
                all.push((cause, name.to_owned(), Self { query, ..self.clone() }));
            }
        };
        with(Cause::EscapedTarget, "", query.replace("&amp;", "&"));
        with(Cause::QueryReencoded, "", query.replace('+', "%20"));
        with(Cause::QueryReencoded, "", query.replace('+', "%2B"));
        with(Cause::QueryReencoded, "", query.replace("%20", "+"));
        let pairs: Vec<&str> = query.split('&').collect();
        for (at, pair) in pairs.iter().enumerate().take(MOST) {
            let rest = pairs.iter().enumerate().filter(|(other, _)| *other != at);
            let rest: Vec<&str> = rest.map(|(_, pair)| *pair).collect();
            with(Cause::QueryChanged, pair.split('=').next().unwrap_or_default(), rest.join("&"));
        }
        with(Cause::QueryChanged, "all of them", String::new());
    }

    fn vary_host(&self, all: &mut Vec<(Cause, String, Self)>) {
        let Some(host) = text_of(&self.headers, "host").or(self.authority.as_deref()) else {
            return;
        };
        let bare = crate::compare::without_port(host);
        let named =
            [bare.to_owned(), format!("{bare}:443"), format!("{bare}:80"), host.to_lowercase()];
        for other in named {
            if other != host
                && let Ok(value) = HeaderValue::from_str(&other)
            {
                let mut variant = Self { authority: None, ..self.clone() };
                variant.headers.insert(http::header::HOST, value);
                all.push((Cause::HostPort, other, variant));
            }
        }
    }

    fn vary_payload(&self, all: &mut Vec<(Cause, String, Self)>, body: Option<&[u8]>) {
        let of_body = body.map(PayloadHash::of);
        let others = [Some(PayloadHash::EMPTY), Some(PayloadHash::Unsigned), of_body];
        for payload in others.into_iter().flatten().filter(|other| *other != self.payload) {
            let cause = match payload {
                PayloadHash::EMPTY => Cause::BodyNotSigned,
                _ => Cause::PayloadChanged,
            };
            let mut variant = Self { payload, ..self.clone() };
            if variant.headers.contains_key(PAYLOAD)
                && let Ok(value) = HeaderValue::from_str(&payload.to_string())
            {
                variant.headers.insert(PAYLOAD, value);
            }
            all.push((cause, String::new(), variant));
        }
    }

    fn vary_headers(&self, all: &mut Vec<(Cause, String, Self)>) {
        for (name, value) in self.headers.iter().take(MOST) {
            let name_text = name.as_str();
            if matches!(name_text, "host" | "x-amz-date" | PAYLOAD) {
                continue;
            }
            let value = value.to_str().unwrap_or_default();
            let media_type = value.split(';').next().unwrap_or_default();
            let others = [
                String::new(),
                media_type.to_owned(),
                format!("{media_type}; charset=utf-8"),
                format!("{media_type}; charset=UTF-8"),
                format!("{media_type};charset=UTF-8"),
            ];
            let count = if name_text == "content-type" { others.len() } else { 1 };
            for other in others.iter().take(count).filter(|other| *other != value) {
                if let Ok(value) = HeaderValue::from_str(other) {
                    let mut variant = self.clone();
                    variant.headers.insert(name.clone(), value);
                    all.push((Cause::HeaderChanged, name_text.to_owned(), variant));
                }
            }
        }
    }
}

/// Escapes every byte of a path that may be escaped in a URL but need not be.
fn encoded(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let decoded: Vec<u8> = percent_encoding::percent_decode_str(segment).collect();
        percent_encoding::percent_encode(&decoded, crate::secrets::UNRESERVED).to_string()
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Removes the parameters that the signature added to a query.
fn without_signature(query: Option<&str>) -> Option<String> {
    let own = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !SIGNATURE_PARAMETERS.contains(&name)
    };
    let rest: Vec<&str> = query?.split('&').filter(own).collect();
    (!rest.is_empty()).then(|| rest.join("&"))
}
