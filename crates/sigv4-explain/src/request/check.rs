//! Verifies a pasted request with the secret, at the request's own time.

use core::fmt;

use sigv4_core::verify::{BodyRule, Exemption, Verifier, VerifyError};
use sigv4_core::{Credentials, PayloadHash, Region, Service, Signature, Transcript};

use super::RequestText;
use super::wire::Wire;
use crate::cause::RefusalCause;
use crate::checks;
use crate::compare::differing_lines;
use crate::difference::LineDifference;
use crate::explanation::request_line;
use crate::finding::Finding;
use crate::secrets::Secrets;
use crate::sigv4a::Algorithm;
use crate::subject::{Canonical, Subject};
use crate::text::clean;
use crate::words::Words;

/// The result of verifying a pasted request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckOutcome {
    /// The request is correctly signed with this secret.
    Right,
    /// The signature is right, but for a request that differs from the one that was sent.
    Differs,
    /// The signature is right, but not for this body.
    BodyChanged,
    /// With this secret, the signature matches neither this request nor one that differs from it in
    /// one of the usual ways.
    Wrong,
    /// The signature covers the body's hash, but the body is not known.
    BodyNeeded,
    /// The request was signed with another access key than that of the credentials.
    OtherKey,
    /// The request is not signed with SigV4.
    NotSigned,
    /// The request is signed with SigV4a, which is not verified here.
    OtherAlgorithm,
    /// The signature's fields are malformed, or break the protocol's rules.
    Malformed,
}

impl CheckOutcome {
    /// The outcome's code, which is stable across versions.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Differs => "differs",
            Self::BodyChanged => "body_changed",
            Self::Wrong => "wrong",
            Self::BodyNeeded => "body_needed",
            Self::OtherKey => "other_key",
            Self::NotSigned => "not_signed",
            Self::OtherAlgorithm => "other_algorithm",
            Self::Malformed => "malformed",
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::Right => {
                "what you sent is rightly signed with this secret: it was changed on the way, or the \
                 service holds another secret"
            }
            Self::Differs => "signer and wire differ",
            Self::BodyChanged => {
                "the head is rightly signed with this secret, but for another body"
            }
            Self::Wrong => {
                "the signature is not made with this secret for what is here: the secret is another \
                 one, or more than one thing was changed after signing"
            }
            Self::BodyNeeded => "the signature covers the body's hash: give the body too",
            Self::OtherKey => "the request is signed with another access key than the one given",
            Self::NotSigned => "the request carries no signature of version 4",
            Self::OtherAlgorithm => "the request is signed with SigV4a, which is not verified here",
            Self::Malformed => "the signature cannot be verified",
        }
    }
}

/// Whether the body was verified too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyCheck {
    /// The body is the one that was signed.
    Checked,
    /// The body is not known, or is sent in chunks.
    NotChecked,
    /// The signature does not cover the body.
    NotCovered,
}

/// The outcome of verifying a pasted request, with the lines that differ. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureCheck {
    outcome: CheckOutcome,
    cause: Option<RefusalCause>,
    reason: Option<String>,
    body: BodyCheck,
    differences: Vec<LineDifference>,
    request: String,
}

impl SignatureCheck {
    fn new(request: &RequestText, outcome: CheckOutcome) -> Self {
        let secrets = request.secrets();
        let subject = Subject::of(None, Some(&request.head()));
        Self {
            outcome,
            cause: None,
            reason: None,
            body: BodyCheck::NotChecked,
            differences: Vec::new(),
            request: request_line(subject.as_ref(), &secrets),
        }
    }

    fn reason(self, reason: &str) -> Self {
        Self { reason: Some(clean(reason, 400)), ..self }
    }

    /// The outcome.
    pub fn outcome(&self) -> CheckOutcome {
        self.outcome
    }

    /// Why the signed request and the sent one differ, if that is proven.
    pub fn cause(&self) -> Option<RefusalCause> {
        self.cause
    }

    /// Whether the body was verified too.
    pub fn body(&self) -> BodyCheck {
        self.body
    }

    /// The lines that differ between the signed request and the sent one.
    pub fn differences(&self) -> &[LineDifference] {
        &self.differences
    }
}

impl RequestText {
    /// Verifies the signature with a secret, at the request's own time.
    ///
    /// If it is wrong, tries the usual changes that requests undergo after signing (path, query,
    /// host, payload, headers, method). If the signature is right for one of these variants, that
    /// variant is the request that was signed. A session token is taken from the request.
    ///
    /// ```
    /// use sigv4_core::{Credentials, Region, Service, Signer};
    /// use sigv4_explain::{CheckOutcome, read_request};
    ///
    /// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    /// let signer = Signer::new(Region::from_static("us-east-1"), Service::from_static("iam"));
    /// let mut request = http::Request::get("https://iam.amazonaws.com/users").body("")?;
    /// signer.sign(&mut request, &credentials, std::time::SystemTime::now())?;
    ///
    /// let mut pasted = "GET /users/ HTTP/1.1\nHost: iam.amazonaws.com\n".to_owned();
    /// for (name, value) in request.headers() {
    ///     pasted.push_str(&format!("{name}: {}\n", value.to_str()?));
    /// }
    /// let check = read_request(&pasted)?.check(&credentials);
    /// assert_eq!(check.outcome(), CheckOutcome::Differs);
    /// assert!(check.to_string().starts_with("signer and wire differ: line 2"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, credentials: &Credentials) -> SignatureCheck {
        if let Some(finding) = checks::head_finding(&self.head()) {
            let reason = finding.cause.says();
            let check = SignatureCheck::new(self, CheckOutcome::Malformed).reason(reason);
            return SignatureCheck { cause: Some(finding.cause), ..check };
        }
        let head = self.head();
        let subject = Subject::of(None, Some(&head));
        let Some((subject, key)) = subject.and_then(|subject| {
            let key = subject.key.clone()?;
            Some((subject, key))
        }) else {
            return SignatureCheck::new(self, CheckOutcome::NotSigned);
        };
        if key != credentials.access_key_id() {
            return SignatureCheck::new(self, CheckOutcome::OtherKey);
        }
        if subject.algorithm == Some(Algorithm::Ecdsa) {
            return SignatureCheck::new(self, CheckOutcome::OtherAlgorithm);
        }
        match self.verify(&subject, &key, credentials.secret_access_key()) {
            Ok(body) => {
                let check = SignatureCheck::new(self, CheckOutcome::Right);
                SignatureCheck { body, ..check }
            }
            Err(VerifyError::PayloadMismatch) => {
                let cause = Some(RefusalCause::PayloadChanged);
                let check = SignatureCheck::new(self, CheckOutcome::BodyChanged);
                SignatureCheck { cause, ..check }
            }
            Err(VerifyError::BodyHashNeeded) => SignatureCheck::new(self, CheckOutcome::BodyNeeded),
            Err(VerifyError::WrongSignature) => {
                self.find_what_differs(credentials.secret_access_key())
            }
            Err(VerifyError::NoSignature) => SignatureCheck::new(self, CheckOutcome::NotSigned),
            Err(other) => {
                let reason = self.secrets().by_value(&other.to_string());
                let check = SignatureCheck::new(self, CheckOutcome::Malformed).reason(&reason);
                SignatureCheck { cause: cause_of(&other), ..check }
            }
        }
    }

    /// Compares the request as sent with the transcript of its signature.
    ///
    /// Returns `None` if the request is not signed in a form that can be compared.
    pub fn compare(&self, transcript: &Transcript) -> Option<SignatureCheck> {
        // The texts do not depend on the secret.
        let (_, sent) = Wire::of(&self.head(), self.body())?.sign("none")?;
        let differences = self.lines(transcript, &sent);
        let outcome =
            if differences.is_empty() { CheckOutcome::Right } else { CheckOutcome::Differs };
        Some(SignatureCheck { differences, ..SignatureCheck::new(self, outcome) })
    }

    fn verify(&self, subject: &Subject, key: &str, secret: &str) -> Result<BodyCheck, VerifyError> {
        let invalid = |error| VerifyError::Credentials(error);
        let region = Region::new(subject.region.as_deref().unwrap_or_default()).map_err(invalid)?;
        let service =
            Service::new(subject.service.as_deref().unwrap_or_default()).map_err(invalid)?;
        let time = subject.time.ok_or(VerifyError::MissingDate)?;
        let mut verifier = Verifier::new(region, service);
        // Only check that the signature is right, not that these headers had to be signed.
        for name in self.headers.keys().filter(|name| name.as_str().starts_with("x-amz-")) {
            verifier = verifier.with_exemption(Exemption::AnyoneMayChangeHeader(name.clone()));
        }
        let mut known = Credentials::new(key, secret);
        if let Some(token) = self.token() {
            known = known.with_session_token(token);
        }
        let claim = verifier.read(self.head(), time)?;
        let known = Some(&known);
        match (claim.body_rule(), &self.body) {
            (BodyRule::Hashed | BodyRule::HashFirst, Some(body)) => {
                claim.verify_hashed(known, PayloadHash::of(body)).map(|_| BodyCheck::Checked)
            }
            (BodyRule::HashFirst, None) => {
                let empty = claim.verify_hashed(known, PayloadHash::EMPTY);
                match empty {
                    Err(VerifyError::WrongSignature) if self.may_have_body() => {
                        Err(VerifyError::BodyHashNeeded)
                    }
                    other => other.map(|_| BodyCheck::NotChecked),
                }
            }
            (BodyRule::Unsigned, _) => claim.verify(known).map(|_| BodyCheck::NotCovered),
            _ => match claim.verify(known) {
                // The head was verified before the kind of the stream was checked.
                Ok(_) | Err(VerifyError::UnsupportedStream) => Ok(BodyCheck::NotChecked),
                Err(error) => Err(error),
            },
        }
    }

    /// Whether a body was sent, according to the head.
    fn may_have_body(&self) -> bool {
        let length = crate::subject::text_of(&self.headers, "content-length");
        length.is_some_and(|length| length != "0")
            || self.headers.contains_key(http::header::TRANSFER_ENCODING)
            || (length.is_none() && matches!(self.method.as_str(), "PUT" | "POST" | "PATCH"))
    }

    /// Searches for the variant for which the signature is right.
    fn find_what_differs(&self, secret: &str) -> SignatureCheck {
        let Some((cause, name, differences)) = self.find_variant(secret) else {
            return SignatureCheck::new(self, CheckOutcome::Wrong);
        };
        let first = differences.first();
        let value = |line: Option<&str>| {
            let line = line.unwrap_or_default();
            line.strip_prefix("host:").unwrap_or(line).to_owned()
        };
        let finding = Finding::compared(cause).named(&name).between(
            &first.map(|line| value(line.signed())).unwrap_or_default(),
            &first.map(|line| value(line.service())).unwrap_or_default(),
        );
        let secrets = self.secrets();
        let subject = Subject::of(None, Some(&self.head()));
        let words =
            Words { subject: subject.as_ref(), error: None, finding: &finding, secrets: &secrets };
        let reason = words.fill(cause.says());
        let check = SignatureCheck::new(self, CheckOutcome::Differs).reason(&reason);
        SignatureCheck { cause: Some(cause), differences, ..check }
    }

    /// The cause, its subject, and the lines that differ.
    fn find_variant(&self, secret: &str) -> Option<(RefusalCause, String, Vec<LineDifference>)> {
        let signature = self.signature()?;
        let wire = Wire::of(&self.head(), self.body())?;
        let (_, sent) = wire.sign(secret)?;
        let is_it = |made: Signature| made.to_string() == signature;
        for (cause, name, variant) in wire.variants(self.body()) {
            if let Some((made, signed)) = variant.sign(secret)
                && is_it(made)
            {
                return Some((cause, name, self.lines(&signed, &sent)));
            }
        }
        let mut texts = wire.texts(&sent).into_iter();
        let (cause, text) =
            texts.find(|(_, text)| wire.sign_text(secret, text).is_some_and(is_it))?;
        let lines = self.text_lines(text.as_bytes(), sent.canonical_request());
        Some((cause, String::new(), lines))
    }

    fn text_lines(&self, signed: &[u8], sent: &[u8]) -> Vec<LineDifference> {
        let (signed, sent) = (Canonical::read(signed), Canonical::read(sent));
        differing_lines(&signed, &sent, &self.secrets(), LineDifference::sent)
    }

    fn lines(&self, signed: &Transcript, sent: &Transcript) -> Vec<LineDifference> {
        self.text_lines(signed.canonical_request(), sent.canonical_request())
    }

    fn secrets(&self) -> Secrets {
        Secrets::of(None, Some(&self.headers), self.query())
    }

    fn token(&self) -> Option<String> {
        let query = crate::subject::Query(self.query().unwrap_or_default());
        let names = ["x-amz-security-token", "x-amz-s3session-token"];
        let of_header =
            || names.iter().find_map(|name| crate::subject::text_of(&self.headers, name));
        query
            .get("X-Amz-Security-Token")
            .or_else(|| query.get("X-Amz-S3session-Token"))
            .or_else(|| of_header().map(str::to_owned))
    }

    /// The signature in the request.
    fn signature(&self) -> Option<String> {
        let of_query =
            crate::subject::Query(self.query().unwrap_or_default()).get("X-Amz-Signature");
        of_query.or_else(|| {
            let value = crate::subject::text_of(&self.headers, "authorization")?;
            let (_, rest) = value.split_once("Signature=")?;
            rest.split([',', ' ']).next().map(str::to_owned)
        })
    }
}

/// Returns the cause for a broken rule of the protocol, as a service would report it; `None` if
/// there is no specific one.
fn cause_of(error: &VerifyError) -> Option<RefusalCause> {
    Some(match error {
        VerifyError::MissingPayloadHeader => RefusalCause::PayloadHeaderMissing,
        VerifyError::HeadersNotSigned { .. } => RefusalCause::UnsignedHeaders,
        VerifyError::SignedHeaderMissing { .. } => RefusalCause::HeaderMissing,
        VerifyError::WrongScopeDate { .. } => RefusalCause::WrongDate,
        VerifyError::InvalidExpires { .. } => RefusalCause::PresignedExpiry,
        VerifyError::MissingDate | VerifyError::DateNotSigned | VerifyError::InvalidDate => {
            RefusalCause::DateMissing
        }
        VerifyError::Authorization { .. } => RefusalCause::MalformedAuthorization,
        VerifyError::TwoMechanisms => RefusalCause::TwoSignatures,
        _ => return None,
    })
}

impl fmt::Display for SignatureCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outcome.says())?;
        let mut separator = ": line";
        for difference in &self.differences {
            write!(f, "{separator} {}", difference.line())?;
            separator = ",";
        }
        writeln!(f)?;
        if let Some(reason) = &self.reason {
            writeln!(f, "cause: {reason}")?;
        }
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        let verified = matches!(self.outcome, CheckOutcome::Right | CheckOutcome::Differs);
        match self.body {
            BodyCheck::NotChecked if verified => writeln!(f, "body: not checked")?,
            BodyCheck::NotCovered => writeln!(f, "body: not covered by the signature")?,
            BodyCheck::Checked => writeln!(f, "body: the one that was signed")?,
            BodyCheck::NotChecked => {}
        }
        f.write_str(&self.request)
    }
}
