//! The explanation: the finding in words.

use core::fmt;

use http::StatusCode;
use sigv4_core::SigningTime;

use crate::cause::{Rank, RefusalCause};
use crate::checks;
use crate::decide::{Case, unreadable};
use crate::difference::LineDifference;
use crate::evidence::Evidence;
use crate::finding::{Finding, Hint};
use crate::read::{ErrorResponse, Expected, Family, sender};
use crate::secrets::Secrets;
use crate::sigv4a::Algorithm;
use crate::subject::Subject;
use crate::text::clean;
use crate::words::Words;

/// The most differing lines that are shown. The others are only counted.
const SHOWN_LINES: usize = 8;

/// Advice for a reader who has no transcript to compare with.
const KEEP_TRANSCRIPTS: &str = "the service shows what it computed: keep the signature's transcript \
     (the HTTP clients have a setting for it) and explain with it, to see the lines that differ";

/// Says that the request as sent was compared, because there was no transcript.
const AS_SENT: &str = "compared with the request as it was sent, which may differ from what was signed: \
     the signature's transcript would show that";

/// Why a request was refused, how that is known, and what to do about it. Contains no secret.
///
/// `Display` is for people and can be logged alone. It shows the code, the cause and the cure,
/// hints, the lines that differ, and finally the request that was signed. [`Explanation::to_json`]
/// is for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    status: Option<StatusCode>,
    error: Option<ErrorResponse>,
    cause: RefusalCause,
    rank: Rank,
    says: String,
    cure: String,
    hints: Vec<Hint>,
    agrees: Vec<String>,
    differences: Vec<LineDifference>,
    advice: Option<&'static str>,
    sender: Option<String>,
    request: String,
}

impl Explanation {
    pub(crate) fn of(evidence: &Evidence<'_>) -> Self {
        let secrets = evidence.secrets();
        let subject = Subject::of(evidence.transcript, evidence.request.as_ref());
        let subject = subject.as_ref();
        match ErrorResponse::read(evidence) {
            Ok(mut error) => {
                let case = Case { evidence, subject, secrets: &secrets, error: &error };
                let finding = case.decide();
                let expected = error.expected_mut();
                expected.region = finding.region.clone().or_else(|| expected.region.take());
                expected.service = finding.service.clone().or_else(|| expected.service.take());
                Self::new(evidence, subject, &secrets, Some(error), finding)
            }
            Err(reason) => {
                let finding = unreadable(evidence, subject, reason);
                Self::new(evidence, subject, &secrets, None, finding)
            }
        }
    }

    fn new(
        evidence: &Evidence<'_>,
        subject: Option<&Subject>,
        secrets: &Secrets,
        error: Option<ErrorResponse>,
        mut finding: Finding,
    ) -> Self {
        if !finding.hints.is_empty()
            && let Some(subject) = subject
        {
            let time = error.as_ref().and_then(|error| error.expected().server_time);
            finding.agrees = checks::agreements(subject, time);
        }
        let words = Words { subject, error: error.as_ref(), finding: &finding, secrets };
        let (says, cure) = (words.fill(finding.cause.says()), words.fill(finding.cause.cure()));
        let shown = error.as_ref().is_some_and(|error| error.dump.is_shown());
        let mismatch = finding.cause == RefusalCause::SignatureMismatch;
        let comparable = shown && mismatch && evidence.transcript.is_none();
        let advice =
            if finding.as_sent { Some(AS_SENT) } else { comparable.then_some(KEEP_TRANSCRIPTS) };
        let by_another = [RefusalCause::Unknown, RefusalCause::NotReached].contains(&finding.cause)
            || error.as_ref().is_some_and(|error| error.family() == Family::Html);
        let mask = |text: &str| secrets.by_value(&clean(text, 400));
        Self {
            status: Some(evidence.status),
            cause: finding.cause,
            rank: rank_of(&finding),
            says,
            cure,
            hints: finding.hints.into_iter().map(|hint| hint.map(mask)).collect(),
            agrees: finding.agrees,
            differences: finding.lines,
            advice,
            sender: by_another.then(|| sender(evidence)).flatten().map(|it| mask(&it)),
            request: request_line(subject, secrets),
            error,
        }
    }

    pub(crate) fn of_host(host: &str) -> Self {
        let host = host.rsplit('@').next().unwrap_or_default();
        let finding = Finding::seen(RefusalCause::HostNotFound).named(host);
        let secrets = Secrets::default();
        let words = Words { subject: None, error: None, finding: &finding, secrets: &secrets };
        Self {
            status: None,
            error: None,
            cause: finding.cause,
            rank: finding.rank,
            says: words.fill(finding.cause.says()),
            cure: words.fill(finding.cause.cure()),
            hints: Vec::new(),
            agrees: Vec::new(),
            differences: Vec::new(),
            advice: None,
            sender: None,
            request: format!("request: to {}, which was not sent", clean(host, 255)),
        }
    }

    /// The cause. Programs can match on it; [`RefusalCause::code`] is its stable name.
    pub fn cause(&self) -> RefusalCause {
        self.cause
    }

    /// How the explanation is known.
    ///
    /// [`Rank::Likely`] means that the cause is not proven. The cause is then the general one that
    /// the service states, such as [`RefusalCause::SignatureMismatch`], and the
    /// [hints](Self::hints) are possible reasons.
    pub fn rank(&self) -> Rank {
        self.rank
    }

    /// The cause in one sentence.
    pub fn says(&self) -> &str {
        &self.says
    }

    /// The cure in one sentence.
    pub fn cure(&self) -> &str {
        &self.cure
    }

    /// Possible reasons, the most likely first. Empty if the cause is proven.
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// The checks that passed. Empty if there are no hints.
    pub fn agrees(&self) -> &[String] {
        &self.agrees
    }

    /// How to learn more, if more evidence could be provided.
    pub fn advice(&self) -> Option<&str> {
        self.advice
    }

    /// The status; `None` if no response came.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The format of the response; `None` if it could not be read.
    pub fn family(&self) -> Option<Family> {
        self.error.as_ref().map(ErrorResponse::family)
    }

    /// The service's code; `None` if it sent none.
    pub fn code(&self) -> Option<&str> {
        self.error.as_ref()?.code()
    }

    /// The values that the service expected; `None` if the response could not be read.
    pub fn expected(&self) -> Option<&Expected> {
        self.error.as_ref().map(ErrorResponse::expected)
    }

    /// The error response; `None` if it could not be read.
    pub fn error_response(&self) -> Option<&ErrorResponse> {
        self.error.as_ref()
    }

    /// The lines that differ, if the service sent its own texts and the transcript or the request
    /// is known.
    pub fn differences(&self) -> &[LineDifference] {
        &self.differences
    }

    /// The headers that show who sent the response, if it may not be the service.
    pub fn sender(&self) -> Option<&str> {
        self.sender.as_deref()
    }

    /// The last line: method, host, path, key id, time and scope of the request.
    pub fn request(&self) -> &str {
        &self.request
    }
}

/// Returns the rank. If a check found something and the cause is general, it is only `Likely`.
fn rank_of(finding: &Finding) -> Rank {
    let found = finding.hints.iter().any(Hint::is_found);
    if found && finding.cause.is_general() { Rank::Likely } else { finding.rank }
}

/// Method, host, path, key id, time and scope, so that the text can be logged alone.
pub(crate) fn request_line(subject: Option<&Subject>, secrets: &Secrets) -> String {
    let Some(subject) = subject else {
        return "request: not given; with its head or its transcript, more can be told".to_owned();
    };
    let shown = |text: &str| secrets.by_value(&clean(text, 300));
    let or = |text: &Option<String>| shown(text.as_deref().unwrap_or("?"));
    let mut line = format!(
        "request: {} {} {}",
        shown(&subject.method),
        or(&subject.host),
        shown(&subject.path)
    );
    if subject.key.is_none() && subject.time.is_none() {
        line.push_str(", without a signature of version 4");
        return line;
    }
    let time = subject.time.as_ref().map_or("?", SigningTime::as_str);
    let (date, region, service) = (or(&subject.date), or(&subject.region), or(&subject.service));
    let scope = match subject.algorithm {
        Some(Algorithm::Ecdsa) => format!("{date}/{service}/aws4_request in the regions {region}"),
        _ => format!("{date}/{region}/{service}/aws4_request"),
    };
    line.push_str(&format!(", key {}, signed at {time} for {scope}", or(&subject.key)));
    if let Some(expires) = subject.expires {
        line.push_str(&format!(", presigned for {expires} s"));
    }
    line
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(status) = self.status {
            write!(f, "{} {}", status.as_u16(), self.code().unwrap_or("no code"))?;
            if let Some(family) = self.family() {
                write!(f, " ({family})")?;
            }
            writeln!(f)?;
        }
        // Only the hints are likely. The general cause is stated by the service.
        let rank = if self.rank == Rank::Likely { Rank::Said } else { self.rank };
        if self.cause == RefusalCause::Unknown {
            writeln!(f, "cause (unknown): {}\ncure: {}", self.says, self.cure)?;
        } else {
            writeln!(f, "cause ({rank}): {}\ncure: {}", self.says, self.cure)?;
        }
        for hint in &self.hints {
            writeln!(f, "hint ({}): {}", Rank::Likely, hint.text)?;
        }
        if !self.agrees.is_empty() {
            writeln!(f, "checked, and agrees: {}", self.agrees.join("; "))?;
        }
        for difference in self.differences.iter().take(SHOWN_LINES) {
            writeln!(f, "{difference}")?;
        }
        if let Some(more) = self.differences.len().checked_sub(SHOWN_LINES).filter(|it| *it > 0) {
            writeln!(f, "and {more} more lines that differ")?;
        }
        if let Some(advice) = self.advice {
            writeln!(f, "more: {advice}")?;
        }
        self.fmt_response(f)?;
        f.write_str(&self.request)
    }
}

impl Explanation {
    /// The other facts in the response.
    fn fmt_response(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sender) = &self.sender {
            writeln!(f, "answered by: {sender}")?;
        }
        let Some(error) = &self.error else { return Ok(()) };
        if let Some(hashes) = &error.expected().payload_hashes {
            writeln!(f, "hash signed:  {}\nhash arrived: {}", hashes.signed, hashes.arrived)?;
        }
        // If our text is general, the service's own message helps.
        let general = matches!(
            self.cause,
            RefusalCause::NotAboutSignatures
                | RefusalCause::UnknownCode
                | RefusalCause::AccessDenied
                | RefusalCause::NotAuthorized
                | RefusalCause::MalformedAuthorization
                | RefusalCause::NotReached
                | RefusalCause::ServiceFailure
                | RefusalCause::NotImplemented
                | RefusalCause::OtherAuthentication
        );
        if let Some(message) = error.message().filter(|text| general && !text.is_empty()) {
            writeln!(f, "service says: {}", clean(message, 300))?;
        }
        if let Some(id) = error.request_id() {
            writeln!(f, "request id: {id}")?;
        }
        Ok(())
    }
}
