//! Tests of the texts that a beginner's mistakes print in each client. Each text states cause and
//! cure. Mistakes that a client cannot detect are listed as such.
//!
//! `cargo test -p tests --test mistakes -- --nocapture` prints the table.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sigv4_core::client::{AllowedHosts, Redirects, StreamPayload};
use sigv4_core::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, Endpoint, Region,
    Service, Signer,
};
use sigv4_hyper::{SignHeadLayer, SignLayer};
use sigv4_reqwest::SigningClient;
use sigv4_ureq::{Payload, SigningAgent};
use support::raw::{Answer, RawServer, Reply};
use tower::{Layer as _, ServiceExt as _};

const S3: Service = Service::from_static("s3");
const REGION: Region = Region::from_static("us-east-1");

/// A request with a mistake.
struct Mistake {
    name: &'static str,
    url: String,
    credentials: Credentials,
    signer: Signer,
    headers: &'static [(&'static str, &'static str)],
    clock: fn() -> SystemTime,
    body: Sent,
    hosts: Option<&'static str>,
    /// The texts that every message must contain: the cure.
    cure: &'static [&'static str],
    /// Clients that cannot make or detect this mistake, with the reason.
    unseen: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Bytes,
    Stream,
    StreamUnsigned,
}

fn good() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn mistake(name: &'static str, cure: &'static [&'static str]) -> Mistake {
    Mistake {
        name,
        url: "http://127.0.0.1:1/key".into(),
        credentials: good(),
        signer: Signer::new(REGION, S3),
        headers: &[],
        clock: SystemTime::now,
        body: Sent::Bytes,
        hosts: None,
        cure,
        unseen: &[],
    }
}

fn by_reqwest(it: &Mistake) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let plain = reqwest::Client::builder().no_proxy();
    let mut builder = SigningClient::builder(plain, it.signer.clone(), it.credentials.clone())
        .clock(it.clock)
        .redirects(Redirects::Refuse);
    if let Some(host) = it.hosts {
        builder = builder.allowed_hosts(AllowedHosts::new([host]).unwrap());
    }
    let mut request = builder.build().unwrap().put(&it.url);
    for (name, value) in it.headers {
        request = request.header(*name, *value);
    }
    let stream = || reqwest::Body::wrap(Full::<Bytes>::from("hello"));
    request = match it.body {
        Sent::Bytes => request.body("hello"),
        Sent::Stream => request.body(stream()),
        Sent::StreamUnsigned => request.body(stream()).stream_payload(StreamPayload::Unsigned),
    };
    runtime.block_on(request.send()).map_or_else(|error| error.to_string(), sent)
}

fn by_hyper(it: &Mistake) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut request = match Request::put(&it.url).body(Full::<Bytes>::from("hello")) {
        Ok(request) => request,
        Err(error) => return error.to_string(),
    };
    request.headers_mut().extend(headers(it));
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let hosts = it.hosts.map(|host| AllowedHosts::new([host]).unwrap());
    if it.body == Sent::Bytes {
        let mut layer = SignLayer::new(it.signer.clone(), it.credentials.clone())
            .with_clock(it.clock)
            .with_redirects(Redirects::Refuse);
        if let Some(hosts) = hosts {
            layer = layer.with_allowed_hosts(hosts);
        }
        let response = runtime.block_on(layer.layer(client).oneshot(request));
        return response.map_or_else(|error| error.to_string(), sent);
    }
    let mut layer = SignHeadLayer::new(it.signer.clone(), it.credentials.clone());
    if it.body == Sent::StreamUnsigned {
        layer = layer.with_payload(sigv4_core::PayloadHash::Unsigned);
    }
    let response = runtime.block_on(layer.layer(client).oneshot(request));
    response.map_or_else(|error| error.to_string(), sent)
}

fn by_ureq(it: &Mistake) -> String {
    let config = ureq::Agent::config_builder().proxy(None).build();
    let mut builder =
        SigningAgent::builder(config.new_agent(), it.signer.clone(), it.credentials.clone())
            .clock(it.clock)
            .redirects(Redirects::Refuse);
    if it.body == Sent::StreamUnsigned {
        builder = builder.stream_payload(StreamPayload::Unsigned);
    }
    if let Some(host) = it.hosts {
        builder = builder.allowed_hosts(AllowedHosts::new([host]).unwrap());
    }
    let agent = builder.build();
    let body = match it.body {
        Sent::Bytes => Payload::from("hello"),
        _ => Payload::reader(&b"hello"[..]),
    };
    let mut request = match Request::put(&it.url).body(body) {
        Ok(request) => request,
        Err(error) => return error.to_string(),
    };
    request.headers_mut().extend(headers(it));
    agent.run(request).map_or_else(|error| error.to_string(), sent)
}

fn headers(it: &Mistake) -> HeaderMap {
    it.headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

fn sent<R: Into<http::Response<B>>, B>(response: R) -> String {
    format!("no error: {}", response.into().status())
}

#[test]
fn every_mistake_prints_its_cause_and_its_cure_in_every_client() {
    let redirecting =
        RawServer::start(|_| Answer::Reply(Reply::new(302).header("location", "http://h/x")))
            .unwrap();
    let skewed = RawServer::start(|_| {
        let reply = Reply::new(403).header("date", "Thu, 01 Jan 2099 00:00:00 GMT");
        Answer::Reply(reply.body("<Error><Code>RequestTimeTooSkewed</Code></Error>"))
    })
    .unwrap();
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    let table = [
        Mistake {
            credentials: Credentials::new("AKIDEXAMPLE", ""),
            ..mistake("empty secret", &["variable is set"])
        },
        Mistake {
            credentials: Credentials::new("AKIDEXAMPLE", format!("{secret}\n")),
            ..mistake("line break in the secret", &["line break"])
        },
        Mistake {
            credentials: Credentials::new("AKIDEXAMPLE\n", secret),
            ..mistake("line break in the key id", &["line break"])
        },
        Mistake {
            credentials: good().with_session_token("token\n"),
            ..mistake("line break in the token", &["line break"])
        },
        Mistake {
            url: "/pets".into(),
            unseen: &[("reqwest", "reqwest's own builder refuses it: relative URL without a base")],
            ..mistake("relative URL", &["absolute URI"])
        },
        Mistake {
            credentials: good().with_expiry(yesterday),
            ..mistake("expired credentials", &["fetch new ones"])
        },
        Mistake {
            url: "http://127.0.0.1:1/?X-Amz-Signature=0".into(),
            ..mistake("two signatures", &["before it was presigned"])
        },
        Mistake {
            url: "http://user:pass@127.0.0.1:1/".into(),
            unseen: &[(
                "reqwest",
                "reqwest turns it into Basic auth, which the signature replaces",
            )],
            ..mistake("user information", &["remove it"])
        },
        Mistake {
            headers: &[("host", "other.example.com")],
            ..mistake("Host mismatch", &["with_host_from_header"])
        },
        Mistake {
            clock: || SystemTime::UNIX_EPOCH - Duration::from_secs(1),
            ..mistake("clock before 1970", &["check the clock"])
        },
        Mistake {
            url: skewed.endpoint(),
            ..mistake("clock off by years", &["clock that is right"])
        },
        Mistake { body: Sent::Stream, ..mistake("stream without a choice", &["S3"]) },
        Mistake {
            url: "http://example.com/key".into(),
            body: Sent::StreamUnsigned,
            ..mistake("unsigned over http", &["https"])
        },
        Mistake {
            url: redirecting.endpoint(),
            ..mistake("redirect", &["http://h", "Redirects::SameOrigin"])
        },
        Mistake {
            hosts: Some("search.example.com"),
            ..mistake("wrong order: a redirect followed above", &["allowed_hosts"])
        },
        Mistake {
            headers: &[("content-length", "4")],
            ..mistake("body longer than declared", &["true length"])
        },
        Mistake {
            url: "http://127.0.0.1:1/a%zz?b=%zz".into(),
            ..mistake("malformed escape", &["%25"])
        },
        Mistake {
            url: "https://127.0.0.1:1/".into(),
            unseen: &[
                ("hyper", "the connector decides: hyper says that the scheme is not http"),
                ("ureq", "ureq's own error names its TLS feature"),
            ],
            ..mistake("https without TLS", &["enable its feature"])
        },
        Mistake {
            url: "http://127.0.0.1:1/a b".into(),
            unseen: &[
                ("reqwest", "reqwest sends %20, which is signed"),
                ("hyper", "http::Uri refuses it: invalid uri character"),
                ("ureq", "http::Uri refuses it: invalid uri character"),
            ],
            ..mistake("raw space", &[])
        },
    ];
    for it in &table {
        for (client, text) in
            [("reqwest", by_reqwest(it)), ("hyper", by_hyper(it)), ("ureq", by_ureq(it))]
        {
            let unseen = it.unseen.iter().find(|(name, _)| *name == client);
            println!(
                "{} | {client} | {text}{}",
                it.name,
                unseen.map_or(String::new(), |(_, why)| format!(" ({why})"))
            );
            if unseen.is_none() {
                for part in it.cure {
                    assert!(text.contains(part), "{} in {client}: {text}", it.name);
                }
            }
            assert!(!text.contains(secret), "{text}");
        }
    }
}

/// A provider that fails as a chain without sources does.
#[derive(Debug)]
struct Nothing;

impl CredentialsProvider for Nothing {
    fn credentials(&self) -> CredentialsFuture {
        CredentialsFuture::ready(Err(CredentialsError::new("no source has any: run aws configure")))
    }
}

#[test]
fn error_text_of_a_provider_without_credentials_is_shown_in_every_client() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let signer = || Signer::new(REGION, S3);
    let url = "http://127.0.0.1:1/";
    let client = SigningClient::builder(reqwest::Client::builder().no_proxy(), signer(), Nothing);
    let error = runtime.block_on(client.build().unwrap().get(url).send()).unwrap_err();
    assert!(error.to_string().contains("aws configure"), "{error}");
    let plain = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let request = Request::get(url).body(Full::<Bytes>::default()).unwrap();
    let layer = SignLayer::new(signer(), Nothing);
    let error = runtime.block_on(layer.layer(plain).oneshot(request)).unwrap_err();
    assert!(error.to_string().contains("aws configure"), "{error}");
    let agent = SigningAgent::new(ureq::agent(), signer(), Nothing);
    let error = agent.run(Request::get(url).body(()).unwrap()).unwrap_err();
    assert!(error.to_string().contains("aws configure"), "{error}");
}

#[test]
fn mistakes_before_any_client_print_their_cure() {
    let presign = |seconds| {
        let request = Request::get("https://b.s3.amazonaws.com/k").body(()).unwrap();
        let life = Duration::from_secs(seconds);
        Signer::new(REGION, S3).presign(&request, life, &good(), SystemTime::now()).unwrap_err()
    };
    let no_variable = Credentials::from_vars(|_| None).unwrap_err();
    for (name, text, cure) in [
        (
            "availability zone as region",
            Region::new("us-east-1a").unwrap_err().to_string(),
            "Region::custom",
        ),
        ("wrong service name", Service::new("opensearch").unwrap_err().to_string(), "es"),
        ("a table's name in capitals", Service::new("S3").unwrap_err().to_string(), "s3"),
        (
            "URL given as host",
            Endpoint::from_host("https://sts.amazonaws.com/").unwrap_err().to_string(),
            "from_url",
        ),
        (
            "custom domain",
            Signer::for_url("https://api.example.com/").unwrap_err().to_string(),
            "Signer::new",
        ),
        ("presign 0 s", presign(0).to_string(), "1 to 604800"),
        ("presign 8 days", presign(8 * 86_400).to_string(), "1 to 604800"),
        ("no credentials", no_variable.to_string(), "AWS_ACCESS_KEY_ID"),
    ] {
        println!("{name} | - | {text}");
        assert!(text.contains(cure), "{name}: {text}");
    }
}
