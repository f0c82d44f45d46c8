//! The explanation: what the code says, what the texts show, and the words for it.

use core::fmt;

use http::StatusCode;
use sigv4_core::Transcript;

use crate::answer::Answer;
use crate::cause::Cause;
use crate::checks;
use crate::compare::{Finding, compare};
use crate::difference::LineDifference;
use crate::read::{ErrorResponse, Expected, Family, Unreadable};
use crate::table;
use crate::text::clean;

/// Why a request was refused, and what to do about it. Holds no secret.
///
/// `Display` is for people: the code, cause and cure in a sentence each, and the two lines that
/// differ under each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    status: Option<StatusCode>,
    error: Option<ErrorResponse>,
    kind: Cause,
    cause: String,
    cure: String,
    difference: Option<LineDifference>,
}

/// Explains a service's answer to the request that the transcript is of.
///
/// Never fails: an answer that cannot be read is explained as such ([`Cause::CannotTell`]).
pub fn explain<'a>(transcript: &Transcript, answer: impl Into<Answer<'a>>) -> Explanation {
    let answer = answer.into();
    match ErrorResponse::read(&answer) {
        Ok(error) => Explanation::of_error(transcript, error),
        Err(reason) => Explanation::unreadable(transcript, answer.status, reason),
    }
}

impl Explanation {
    fn of_error(transcript: &Transcript, mut error: ErrorResponse) -> Self {
        let finding = find(transcript, &error);
        let kind = finding.cause.unwrap_or(Cause::CannotTell);
        let expected = error.expected_mut();
        expected.region = finding.region.clone().or_else(|| expected.region.take());
        expected.service = finding.service.clone().or_else(|| expected.service.take());
        if expected.region.is_none() && kind == Cause::WrongRegion {
            expected.region = checks::host_region(transcript);
        }
        let words = Words { transcript: Some(transcript), error: Some(&error), finding: &finding };
        let row = table::of_cause(kind);
        let (cause, cure) = (words.fill(row.says), words.fill(row.cure));
        let status = Some(error.status());
        Self { status, kind, cause, cure, difference: finding.difference, error: Some(error) }
    }

    fn unreadable(transcript: &Transcript, status: StatusCode, reason: Unreadable) -> Self {
        let kind = status_cause(status).unwrap_or(Cause::CannotTell);
        let name = Some(reason.to_string());
        Self::plain(Some(status), Some(transcript), &Finding { name, ..Finding::of(kind) })
    }

    pub(crate) fn of_host(host: &str) -> Self {
        let host = host.rsplit('@').next().unwrap_or_default();
        let name = Some(clean(host, 255));
        Self::plain(None, None, &Finding { name, ..Finding::of(Cause::HostNotFound) })
    }

    fn plain(
        status: Option<StatusCode>,
        transcript: Option<&Transcript>,
        finding: &Finding,
    ) -> Self {
        let kind = finding.cause.unwrap_or(Cause::CannotTell);
        let words = Words { transcript, error: None, finding };
        let row = table::of_cause(kind);
        let (cause, cure) = (words.fill(row.says), words.fill(row.cure));
        Self { status, error: None, kind, cause, cure, difference: None }
    }

    /// The cause, for a program to match on.
    pub fn kind(&self) -> Cause {
        self.kind
    }

    /// The cause in one sentence.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// The cure in one sentence.
    pub fn cure(&self) -> &str {
        &self.cure
    }

    /// The status; none where no answer came.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The form of the answer; none where it could not be read.
    pub fn family(&self) -> Option<Family> {
        self.error.as_ref().map(ErrorResponse::family)
    }

    /// The service's code; none where it sent none.
    pub fn code(&self) -> Option<&str> {
        self.error.as_ref()?.code()
    }

    /// What the service expected; none where the answer could not be read.
    pub fn expected(&self) -> Option<&Expected> {
        self.error.as_ref().map(ErrorResponse::expected)
    }

    /// The answer as it was read; none where it could not be.
    pub fn error_response(&self) -> Option<&ErrorResponse> {
        self.error.as_ref()
    }

    /// The first line that differs, where the service gave its own texts.
    pub fn difference(&self) -> Option<&LineDifference> {
        self.difference.as_ref()
    }
}

/// What the code says, made sharper by the service's texts and by the transcript.
fn find(transcript: &Transcript, error: &ErrorResponse) -> Finding {
    let server_time = error.expected().server_time;
    let clock = || checks::clock(transcript, server_time);
    let token = || checks::token(transcript);
    let check = || checks::check(transcript, server_time);
    let Some(cause) = error.cause() else { return uncoded(transcript, error) };
    let plain = || Finding { name: error.name.clone(), ..Finding::of(cause) };
    match cause {
        Cause::SignatureMismatch => {
            compare(transcript, &error.dump).or_else(check).unwrap_or_else(plain)
        }
        Cause::KeyUnknown => {
            let temporary = transcript.has_session_token().then_some(Cause::TokenMismatch);
            token().or(temporary).map_or_else(plain, Finding::of)
        }
        Cause::TokenInvalid => token().map_or_else(plain, Finding::of),
        Cause::CredentialsRefused => {
            clock().or_else(|| token().map(Finding::of)).unwrap_or_else(plain)
        }
        Cause::RequestExpired => clock().unwrap_or_else(|| {
            let session = transcript.has_session_token().then_some(Cause::TokenExpired);
            session.map_or_else(plain, Finding::of)
        }),
        Cause::DataPolicy => check().unwrap_or_else(plain),
        // One cluster's own errors say Forbidden too; only the serverless kind has the checks.
        Cause::Forbidden if error.family() == Family::OpenSearch => {
            check().unwrap_or_else(|| Finding::of(Cause::DataPolicy))
        }
        Cause::UnsignedHeaders => {
            let names = clean(&error.expected().unsigned_headers.join(", "), 300);
            Finding { name: Some(names), ..plain() }
        }
        Cause::PayloadChanged => {
            let empty = sigv4_core::PayloadHash::EMPTY.to_string();
            let hashes = error.expected().payload_hashes.as_ref();
            let forgotten = hashes.is_some_and(|hashes| hashes.signed == empty);
            if forgotten { Finding::of(Cause::BodyNotSigned) } else { plain() }
        }
        _ => plain(),
    }
}

/// No code that the table knows: the status, the headers and the transcript are all there is.
fn uncoded(transcript: &Transcript, error: &ErrorResponse) -> Finding {
    let expected = error.expected();
    let other_region =
        expected.region.as_deref().is_some_and(|region| region != transcript.scope().region());
    if error.family() == Family::Headers && other_region && moved(error.status()) {
        return Finding::of(Cause::WrongRegion);
    }
    if let Some(cause) = status_cause(error.status()) {
        return Finding::of(cause);
    }
    if error.code().is_some() {
        return Finding::of(Cause::AnotherReason);
    }
    let refused = matches!(error.status().as_u16(), 400 | 401 | 403);
    let check = || checks::check(transcript, expected.server_time);
    match error.family() {
        Family::Headers => {
            let found = refused.then(check).flatten();
            found.unwrap_or_else(|| Finding::of(Cause::NoBody))
        }
        _ if refused => Finding::of(Cause::AccessRefused),
        _ => Finding { name: Some("no error code".to_owned()), ..Finding::of(Cause::CannotTell) },
    }
}

/// How S3 answers HEAD for a bucket of another region.
fn moved(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 307 | 400)
}

/// What a status says by itself.
fn status_cause(status: StatusCode) -> Option<Cause> {
    match status.as_u16() {
        100..=399 => Some(Cause::NotRefused),
        500..=599 => Some(Cause::ServiceFailure),
        _ => None,
    }
}

/// What the places in a sentence stand for.
struct Words<'a> {
    transcript: Option<&'a Transcript>,
    error: Option<&'a ErrorResponse>,
    finding: &'a Finding,
}

impl Words<'_> {
    fn fill(&self, sentence: &str) -> String {
        let mut filled = String::with_capacity(sentence.len() + 64);
        let mut rest = sentence;
        while let Some((before, after)) = rest.split_once('{') {
            let (place, behind) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            filled.push_str(&self.word(place));
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }

    fn word(&self, place: &str) -> String {
        let scope = self.transcript.map(Transcript::scope);
        let expected = self.error.map(ErrorResponse::expected);
        let line = |line: Option<&str>| line.map(|line| clean(value_of(line), 100));
        let difference = self.finding.difference.as_ref();
        let host = || {
            let canonical = crate::compare::Canonical::read(self.transcript?.canonical_request());
            canonical.header("host").map(|host| clean(host, 100))
        };
        let (word, otherwise) = match place {
            "key" => (self.transcript.map(|it| clean(it.access_key_id(), 128)), "in use"),
            "signed-region" => (scope.map(|it| it.region().to_owned()), "another"),
            "signed-service" => (scope.map(|it| it.service().to_owned()), "this service"),
            "region" => (expected.and_then(|it| it.region.clone()), "another region"),
            "service" => (expected.and_then(|it| it.service.clone()), "another service"),
            "name" => (self.finding.name.clone(), "one of them"),
            "code" => {
                (self.error.and_then(ErrorResponse::code).map(str::to_owned), "of the answer")
            }
            "clock" => (self.clock(), "too far from"),
            "signed" => {
                let line = difference.and_then(|it| line(it.signed()));
                (line.or_else(host), "one")
            }
            "arrived" => (difference.and_then(|it| line(it.service())), "another one"),
            _ => (None, ""),
        };
        word.unwrap_or_else(|| otherwise.to_owned())
    }

    /// `20 minutes behind`.
    fn clock(&self) -> Option<String> {
        let server = self.error?.expected().server_time?.unix();
        let signed = self.transcript?.time().unix();
        let side = if signed < server { "behind" } else { "ahead of" };
        let seconds = signed.abs_diff(server);
        let (count, unit) = match seconds {
            0..=119 => (seconds, "seconds"),
            120..=7199 => (seconds / 60, "minutes"),
            7200..=172_799 => (seconds / 3600, "hours"),
            _ => (seconds / 86_400, "days"),
        };
        Some(format!("{count} {unit} {side}"))
    }
}

/// What stands behind the name in a header's line; other lines whole.
fn value_of(line: &str) -> &str {
    line.strip_prefix("host:").unwrap_or(line)
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(status) = self.status {
            let code = self.code().unwrap_or("no code");
            write!(f, "{} {code}", status.as_u16())?;
            if let Some(family) = self.family() {
                write!(f, " ({family})")?;
            }
            writeln!(f)?;
        }
        write!(f, "cause: {}\ncure: {}", self.cause, self.cure)?;
        if let Some(difference) = &self.difference {
            write!(f, "\n{difference}")?;
        }
        let Some(error) = &self.error else { return Ok(()) };
        if let Some(hashes) = &error.expected().payload_hashes {
            write!(f, "\nhash signed:  {}\nhash arrived: {}", hashes.signed, hashes.arrived)?;
        }
        // The service's own words help where ours are general.
        let general = matches!(self.kind, Cause::AnotherReason | Cause::AccessRefused)
            || matches!(self.kind, Cause::NotAuthorized | Cause::MalformedAuthorization);
        if let Some(message) = error.message().filter(|text| general && !text.is_empty()) {
            write!(f, "\nservice says: {}", clean(message, 300))?;
        }
        if let Some(id) = error.request_id() {
            write!(f, "\nrequest id: {id}")?;
        }
        Ok(())
    }
}
