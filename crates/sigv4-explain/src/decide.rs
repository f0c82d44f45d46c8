//! Derives one finding from all the evidence.
//!
//! ```text
//! what the service says -> its texts compared -> what can be seen in the request -> hints
//!   (read)                  (compare.rs)         (checks.rs)                         (checks.rs)
//! ```
//!
//! A cause is named only if one of the first three steps shows it.

use http::StatusCode;
use sigv4_core::PayloadHash;

use crate::cause::{Rank, RefusalCause as Cause};
use crate::checks;
use crate::compare::compare;
use crate::evidence::Evidence;
use crate::finding::{Finding, Hint};
use crate::read::{ErrorResponse, Family, Unreadable, other_authentication, stands_between};
use crate::request::Wire;
use crate::secrets::Secrets;
use crate::sigv4a;
use crate::subject::{Canonical, Subject};

/// All the evidence.
pub(crate) struct Case<'a> {
    pub(crate) evidence: &'a Evidence<'a>,
    pub(crate) subject: Option<&'a Subject>,
    pub(crate) secrets: &'a Secrets,
    pub(crate) error: &'a ErrorResponse,
}

impl Case<'_> {
    /// The cause that the service's response states.
    pub(crate) fn decide(&self) -> Finding {
        // A successful response has no cause, whatever its body says. There are two exceptions with
        // status 200: GraphQL's errors, and S3's errors after it has begun its response.
        let success = self.error.status().is_success();
        if success && !matches!(self.error.family(), Family::AppSync | Family::S3) {
            return Finding::said(Cause::NotRefused);
        }
        let finding = match self.error.cause() {
            Some(cause) => self.of_cause(cause),
            None => self.uncoded(),
        };
        // A compared or seen cause is proven, and needs no hint.
        let open = finding.rank == Rank::Said && sigv4a::may_be_algorithm(finding.cause);
        let needed = self.subject.filter(|_| open).and_then(sigv4a::needed_hint);
        Finding { hints: needed.into_iter().chain(finding.hints).collect(), ..finding }
    }

    fn of_cause(&self, cause: Cause) -> Finding {
        match cause {
            Cause::SignatureMismatch => self.mismatch(),
            Cause::KeyUnknown => self.key_unknown(),
            Cause::TokenInvalid => {
                self.seen(checks::token_unexpected).unwrap_or_else(|| self.said(cause))
            }
            Cause::CredentialsRefused => self.credentials_refused(),
            Cause::RequestExpired => self.request_expired(),
            Cause::ClockSkew => self.clock_skew(),
            Cause::WrongRegion => self.wrong_region(),
            Cause::WrongService => self.wrong_service(),
            Cause::NotSigned | Cause::PresignedExpiry => {
                self.head_finding().unwrap_or_else(|| self.said(cause))
            }
            Cause::MalformedAuthorization => {
                let scheme = || checks::other_scheme(self.evidence.request.as_ref()?);
                self.head_finding().or_else(scheme).unwrap_or_else(|| self.said(cause))
            }
            Cause::AccessDenied => self.access_denied(),
            Cause::DataPolicy => self.data_policy(),
            // A cluster's own errors say Forbidden too, but only the serverless service makes these
            // checks.
            Cause::Forbidden if self.error.family() == Family::OpenSearch => self.data_policy(),
            Cause::UnsignedHeaders => self.unsigned_headers(),
            Cause::PayloadChanged => self.payload_changed(),
            Cause::OtherAuthentication => {
                self.said(cause).named(&other_authentication(self.evidence).unwrap_or_default())
            }
            Cause::NotReached => {
                self.said(cause).named(stands_between(self.evidence).unwrap_or_default())
            }
            Cause::ServiceFailure => self.service_failure(),
            other => self.said(other),
        }
    }

    /// Returns the cause that the service states, and the header or other name that it is about.
    fn said(&self, cause: Cause) -> Finding {
        Finding { name: self.error.name.clone(), ..Finding::said(cause) }
    }

    fn seen(&self, check: impl Fn(&Subject) -> Option<Finding>) -> Option<Finding> {
        check(self.subject?)
    }

    fn clock_finding(&self) -> Option<Finding> {
        checks::clock_finding(self.subject?, self.error.expected().server_time)
    }

    fn head_finding(&self) -> Option<Finding> {
        checks::head_finding(self.evidence.request.as_ref()?)
    }

    /// Uses the request as it was sent, because there is no transcript.
    fn not_signed(&self) -> Option<Finding> {
        let request = self.evidence.request.as_ref().filter(|_| self.evidence.transcript.is_none());
        checks::not_signed(request?)
    }

    fn method_finding(&self) -> Option<Finding> {
        self.evidence.transcript?;
        checks::method_changed(self.subject?, self.evidence.request.as_ref()?)
    }

    fn mismatch(&self) -> Finding {
        let seen = || {
            self.head_finding()
                .or_else(|| self.method_finding())
                .or_else(|| self.seen(checks::token_missing))
                .or_else(|| self.clock_finding())
        };
        self.compared().or_else(|| self.compared_as_sent()).or_else(seen).unwrap_or_else(|| {
            let hints = self.subject.map(checks::mismatch_hints).unwrap_or_default();
            Finding { hints, ..self.said(Cause::SignatureMismatch) }
        })
    }

    /// Compares the transcript with the service's texts.
    fn compared(&self) -> Option<Finding> {
        let (transcript, rules) = (self.evidence.transcript?, self.subject?.rules());
        compare(transcript, &self.error.dump, rules, self.secrets)
    }

    /// Without a transcript, compares the request as it was sent with the service's texts.
    fn compared_as_sent(&self) -> Option<Finding> {
        let request =
            self.evidence.request.as_ref().filter(|_| self.evidence.transcript.is_none())?;
        let theirs = self.error.dump.canonical_request.as_ref()?;
        // The canonical request does not depend on the secret.
        let (_, sent) = Wire::of(request, None)?.sign("none")?;
        let (ours, theirs) = (Canonical::read(sent.canonical_request()), Canonical::read(theirs));
        // If the head does not mention a body, it is not known here.
        let payload_alone = ours.payload() != theirs.payload()
            && request.headers.get("x-amz-content-sha256").is_none();
        if sent.canonical_request() == self.error.dump.canonical_request.as_deref()? {
            let text = "what arrived is what was sent: the secret is another one, or the signer \
                        signed something else than was sent";
            let hints = vec![Hint::new(Cause::WrongSecret, text)];
            return Some(Finding { hints, ..self.said(Cause::SignatureMismatch) });
        }
        let rules = self.subject?.rules();
        let found = compare(&sent, &self.error.dump, rules, self.secrets)?;
        let found = Finding { as_sent: true, ..found };
        let payload = matches!(found.cause, Cause::BodyNotSigned | Cause::PayloadChanged);
        (!(payload && payload_alone)).then_some(found)
    }

    fn key_unknown(&self) -> Finding {
        let refused = |subject: &Subject| {
            let temporary = subject.key.as_deref().is_some_and(checks::is_temporary);
            (temporary && subject.has_token).then(|| Finding::seen(Cause::TokenRefused))
        };
        let found = self
            .seen(checks::token_missing)
            .or_else(|| self.seen(checks::token_unexpected))
            .or_else(|| self.seen(refused));
        found.unwrap_or_else(|| {
            let named = self.error.access_key.as_deref().filter(|_| self.subject.is_none());
            let hint = named.filter(|key| checks::is_temporary(key)).map(|_| {
                let text = "the key is a temporary one: it is unknown without its session token";
                Hint::new(Cause::TokenMissing, text)
            });
            self.said(Cause::KeyUnknown).with_hint(hint)
        })
    }

    fn credentials_refused(&self) -> Finding {
        let found = self
            .clock_finding()
            .or_else(|| self.seen(checks::token_missing))
            .or_else(|| self.seen(checks::token_unexpected));
        found.unwrap_or_else(|| {
            let hints = self.subject.map(checks::mismatch_hints).unwrap_or_default();
            Finding { hints, ..self.said(Cause::CredentialsRefused) }
        })
    }

    fn request_expired(&self) -> Finding {
        self.clock_finding().unwrap_or_else(|| {
            let hint = self.subject.filter(|subject| subject.has_token).map(|_| {
                let text = "the session of the temporary credentials may have expired";
                Hint::new(Cause::TokenExpired, text)
            });
            self.said(Cause::RequestExpired).with_hint(hint)
        })
    }

    fn clock_skew(&self) -> Finding {
        // A presigned URL is late because of its own expiry, not because of the clock.
        let presigned = self.subject.is_some_and(|subject| subject.is_presigned);
        let found = presigned.then(|| self.clock_finding()).flatten();
        // The time that the service reports is more reliable.
        let read = self.error.expected().request_time.is_some();
        let found = found.filter(|found| !read || found.cause == Cause::PresignedExpired);
        found.unwrap_or_else(|| self.said(Cause::ClockSkew))
    }

    /// Returns the service's region: the stated one, otherwise the bucket's, otherwise the endpoint
    /// table's.
    fn wrong_region(&self) -> Finding {
        let said = self.error.expected().region.clone();
        let of_host = || {
            let endpoint = checks::endpoint(self.subject?)?;
            Some(endpoint.region().as_str().to_owned())
        };
        let region = said.or_else(of_host);
        let covered = |region: &&str| self.subject?.covers(region).filter(|covers| *covers);
        let hint = region.as_deref().filter(|region| covered(region).is_some()).map(contradiction);
        Finding { region, ..self.said(Cause::WrongRegion).with_hint(hint) }
    }

    fn wrong_service(&self) -> Finding {
        let expected = self.error.expected().service.as_deref();
        let signed = self.subject.and_then(|subject| subject.service.as_deref());
        let same = expected.filter(|expected| Some(*expected) == signed);
        self.said(Cause::WrongService).with_hint(same.map(contradiction))
    }

    fn access_denied(&self) -> Finding {
        let unsigned = || checks::unsigned_headers(self.evidence.request.as_ref()?);
        let found = self
            .head_finding()
            .or_else(|| self.not_signed())
            .or_else(|| self.seen(checks::token_missing))
            .or_else(unsigned);
        found.unwrap_or_else(|| {
            // A service that checks the time has its own code for that.
            let hint = self.clock_finding().map(|found| {
                let text = "the time of the request is outside of what the service's clock allows";
                Hint::new(found.cause, text)
            });
            self.said(Cause::AccessDenied).with_hint(hint)
        })
    }

    fn data_policy(&self) -> Finding {
        let found = self
            .clock_finding()
            .or_else(|| self.seen(checks::token_missing))
            .or_else(|| self.seen(checks::scope_finding))
            .or_else(|| self.seen(checks::port_finding))
            .or_else(|| self.seen(checks::payload_header_missing));
        found.unwrap_or_else(|| self.said(Cause::DataPolicy))
    }

    fn unsigned_headers(&self) -> Finding {
        let names = self.error.expected().unsigned_headers.join(", ");
        if !names.is_empty() {
            return self.said(Cause::UnsignedHeaders).named(&names);
        }
        let seen = self.evidence.request.as_ref().and_then(checks::unsigned_headers);
        let name = seen.and_then(|finding| finding.name);
        Finding { name, ..self.said(Cause::UnsignedHeaders) }
    }

    fn payload_changed(&self) -> Finding {
        let empty = PayloadHash::EMPTY.to_string();
        let hashes = self.error.expected().payload_hashes.as_ref();
        let forgotten = hashes.is_some_and(|hashes| hashes.signed == empty);
        self.said(if forgotten { Cause::BodyNotSigned } else { Cause::PayloadChanged })
    }

    fn service_failure(&self) -> Finding {
        let hint = self.subject.and_then(sigv4a::token_hint);
        self.said(Cause::ServiceFailure).with_hint(hint)
    }

    /// Handles a code that is missing or not in the table: uses the status, the headers and the
    /// request.
    fn uncoded(&self) -> Finding {
        let status = self.error.status();
        if self.error.family() == Family::Headers && self.moved() {
            return self.wrong_region();
        }
        if let Some(finding) = of_status(self.evidence, self.subject) {
            return match finding.cause {
                Cause::ServiceFailure => self.service_failure(),
                _ => finding,
            };
        }
        if self.error.code().is_some() {
            return self.said(Cause::UnknownCode);
        }
        let refused = matches!(status.as_u16(), 400 | 401 | 403);
        match self.error.family() {
            Family::Headers => self.without_body(refused),
            Family::Html | Family::PlainText => self.unknown("is no error of a signing service"),
            _ if refused => self.access_denied(),
            _ => self.unknown("holds no error code"),
        }
    }

    /// Describes a response whose cause is unknown, in its own words.
    fn unknown(&self, what: &str) -> Finding {
        self.head_finding().unwrap_or_else(|| {
            let shown = self.error.message().unwrap_or_default();
            let text = format!("the answer {what}, but says {shown:?}");
            Finding::said(Cause::Unknown).named(&text)
        })
    }

    fn without_body(&self, refused: bool) -> Finding {
        let seen = || {
            self.head_finding()
                .or_else(|| self.not_signed())
                .or_else(|| self.method_finding())
                .or_else(|| self.seen(checks::token_missing))
                .or_else(|| self.clock_finding())
        };
        refused.then(seen).flatten().unwrap_or_else(|| {
            let subject = self.subject.filter(|_| refused);
            let token = subject.filter(|_| self.error.status() == StatusCode::BAD_REQUEST);
            let mut hints: Vec<Hint> = token.and_then(sigv4a::token_hint).into_iter().collect();
            hints.extend(subject.map(checks::mismatch_hints).unwrap_or_default());
            Finding { hints, ..Finding::said(Cause::NoBody) }
        })
    }

    /// Whether this is S3's response to HEAD for a bucket in another region.
    fn moved(&self) -> bool {
        let Some(region) = self.error.expected().region.as_deref() else { return false };
        let covers = self.subject.and_then(|subject| subject.covers(region));
        matches!(self.error.status().as_u16(), 301 | 307 | 400) && covers != Some(true)
    }
}

/// Hints at a changed scope: the service expects the value that was signed, so it read another one.
fn contradiction(same: &str) -> Hint {
    let text = format!("{same} was signed: the scope that arrived is not the one that was signed");
    Hint::new(Cause::MalformedAuthorization, text)
}

/// Returns the cause of a response whose body cannot be read.
pub(crate) fn unreadable(
    evidence: &Evidence<'_>,
    subject: Option<&Subject>,
    reason: Unreadable,
) -> Finding {
    if let Some(who) = stands_between(evidence) {
        return Finding::said(Cause::NotReached).named(who);
    }
    if let Some(scheme) = other_authentication(evidence) {
        return Finding::said(Cause::OtherAuthentication).named(&scheme);
    }
    of_status(evidence, subject)
        .or_else(|| checks::head_finding(evidence.request.as_ref()?))
        .unwrap_or_else(|| Finding::said(Cause::Unknown).named(&reason.to_string()))
}

/// Returns the cause that a status alone shows.
fn of_status(evidence: &Evidence<'_>, subject: Option<&Subject>) -> Option<Finding> {
    match evidence.status {
        StatusCode::NOT_IMPLEMENTED => Some(Finding::said(Cause::NotImplemented)),
        status if status.is_server_error() => Some(Finding::said(Cause::ServiceFailure)),
        status if status.is_redirection() => {
            let elsewhere = redirected_to(evidence, subject);
            let found = elsewhere.map(|host| Finding::said(Cause::Redirected).named(&host));
            Some(found.unwrap_or_else(|| Finding::said(Cause::NotRefused)))
        }
        status if status.as_u16() < 400 => Some(Finding::said(Cause::NotRefused)),
        _ => None,
    }
}

/// Returns the host in `Location` if it is not the requested one.
fn redirected_to(evidence: &Evidence<'_>, subject: Option<&Subject>) -> Option<String> {
    let location: http::Uri = evidence.header("location")?.parse().ok()?;
    let host = location.host()?;
    let asked = subject.and_then(|subject| subject.host.as_deref()).unwrap_or_default();
    let same = crate::compare::without_port(asked).eq_ignore_ascii_case(host);
    (!same).then(|| host.to_owned())
}
