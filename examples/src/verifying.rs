//! A server on loopback that serves correctly signed requests and refuses all others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::oracle::{Oracle, Rules};
use support::raw::{Answer, RawServer, Received, Reply};

use crate::Outcome;

/// The access key id that the server knows.
pub const ACCESS_KEY: &str = "ASIADEMONSTRATION";
/// The secret access key that the server knows.
pub const SECRET_KEY: &str = "demonstration/secret+key/EXAMPLE";
/// The session token that the server knows, because the key is temporary.
pub const TOKEN: &str = "demonstration-session-token/+=";
/// The server's region.
pub const REGION: &str = "us-east-1";

/// Checks a service's requests. It shares no code with the crates that signed them.
#[must_use]
pub fn judge(service: &str) -> Oracle {
    let rules = if service == "s3" { Rules::S3 } else { Rules::DEFAULT };
    Oracle::new(REGION, service, rules, ACCESS_KEY, SECRET_KEY).with_token(TOKEN)
}

/// A server that recomputes each signature from the received bytes. It stops when dropped.
#[derive(Debug)]
pub struct VerifyingServer {
    server: RawServer,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    verified: AtomicUsize,
    refused: AtomicUsize,
}

impl VerifyingServer {
    /// Starts a service in [`REGION`]. Any request that is not correctly signed gets 403 and the
    /// reason.
    ///
    /// # Errors
    /// No port is available.
    pub fn start(
        service: &str,
        answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Outcome<Self> {
        let (judge, counts) = (judge(service), Arc::<Counts>::default());
        let kept = Arc::clone(&counts);
        let server = RawServer::start(move |received| {
            Answer::Reply(match received.check(&judge) {
                Ok(_) => {
                    counts.verified.fetch_add(1, Ordering::SeqCst);
                    answer(received)
                }
                Err(reason) => {
                    counts.refused.fetch_add(1, Ordering::SeqCst);
                    Reply::new(403).body(reason)
                }
            })
        })?;
        Ok(Self { server, counts: kept })
    }

    /// Returns the underlying server, which knows its address and the received requests.
    #[must_use]
    pub fn server(&self) -> &RawServer {
        &self.server
    }

    /// Prints how many requests were verified.
    ///
    /// # Errors
    /// Fewer than `least` requests were verified, or one was refused.
    pub fn expect(&self, least: usize) -> Outcome {
        let verified = self.counts.verified.load(Ordering::SeqCst);
        let refused = self.counts.refused.load(Ordering::SeqCst);
        println!("The server verified {verified} requests and refused {refused}.");
        if verified >= least && refused == 0 {
            Ok(())
        } else {
            Err(format!("expected at least {least} verified requests and no refusal").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use bytes::Bytes;
    use http::Request;
    use http_body_util::Full;
    use sigv4_core::{Credentials, Region, Service, Signer};

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn request_with_another_body_than_signed_is_refused() {
        let server = VerifyingServer::start("es", |_| Reply::new(200)).unwrap();
        let signer = Signer::new(Region::from_static(REGION), Service::from_static("es"));
        let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN);
        let url = format!("{}/index/_doc/1", server.server().endpoint());
        for (body, status, fine) in [("{}", 200, true), ("[]", 403, false)] {
            let mut request = Request::put(&url).body("{}").unwrap();
            signer.sign(&mut request, &credentials, SystemTime::now()).unwrap();
            let request = request.map(|_| Full::from(Bytes::from(body)));
            assert_eq!(crate::send(request).await.unwrap().status(), status);
            assert_eq!(server.expect(1).is_ok(), fine);
        }
    }
}
