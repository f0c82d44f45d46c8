//! Fills in the placeholders in a cause's sentence.

use crate::finding::Finding;
use crate::read::ErrorResponse;
use crate::secrets::Secrets;
use crate::subject::Subject;
use crate::text::clean;

/// The values for the placeholders.
pub(crate) struct Words<'a> {
    pub(crate) subject: Option<&'a Subject>,
    pub(crate) error: Option<&'a ErrorResponse>,
    pub(crate) finding: &'a Finding,
    pub(crate) secrets: &'a Secrets,
}

impl Words<'_> {
    /// Returns the sentence with every `{place}` replaced.
    pub(crate) fn fill(&self, sentence: &str) -> String {
        let mut filled = String::with_capacity(sentence.len() + 64);
        let mut rest = sentence;
        while let Some((before, after)) = rest.split_once('{') {
            let (place, behind) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            filled.push_str(&self.secrets.by_value(&self.word(place)));
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }

    fn word(&self, place: &str) -> String {
        let expected = self.error.map(ErrorResponse::expected);
        let subject = self.subject;
        let (word, otherwise) = match place {
            "key" => (self.key(), "in use"),
            "signed-region" => {
                let said = self.error.and_then(|error| error.given.region.clone());
                let signed = said.or_else(|| subject.and_then(|it| it.region.clone()));
                (signed.filter(|it| *it != self.word("region")), "another region")
            }
            "signed-service" => {
                let said = self.error.and_then(|error| error.given.service.clone());
                let signed = said.or_else(|| subject.and_then(|it| it.service.clone()));
                (signed.filter(|it| *it != self.word("service")), "another service")
            }
            "region" => {
                let said = || expected.and_then(|it| it.region.clone());
                (self.finding.region.clone().or_else(said), "another region")
            }
            "service" => {
                let said = || expected.and_then(|it| it.service.clone());
                (self.finding.service.clone().or_else(said), "another service")
            }
            "endpoint" => (self.endpoint(), "which it does not name"),
            "name" => (self.finding.name.clone(), "one that it does not name"),
            "code" => {
                let code = self.error.and_then(ErrorResponse::code);
                (code.map(str::to_owned), "of the response")
            }
            "clock" => (self.clock(), "too far from"),
            "signed" => (self.finding.values.as_ref().map(|(it, _)| it.clone()), "one"),
            "arrived" => (self.finding.values.as_ref().map(|(_, it)| it.clone()), "another"),
            _ => (None, ""),
        };
        clean(&word.unwrap_or_else(|| otherwise.to_owned()), 400)
    }

    fn key(&self) -> Option<String> {
        let named = || self.error.and_then(|error| error.access_key.clone());
        let key = self.subject.and_then(|subject| subject.key.clone()).or_else(named)?;
        Some(clean(&key, 128))
    }

    /// The endpoint named by the service, with its region if known.
    fn endpoint(&self) -> Option<String> {
        let expected = self.error?.expected();
        match (&expected.endpoint, &expected.region) {
            (Some(endpoint), Some(region)) => Some(format!("{endpoint}, in {region}")),
            (Some(endpoint), None) => Some(endpoint.clone()),
            (None, Some(region)) => Some(format!("in {region}")),
            (None, None) => None,
        }
    }

    /// Describes a clock difference, such as `20 minutes behind`.
    fn clock(&self) -> Option<String> {
        let expected = self.error?.expected();
        let server = expected.server_time?.unix();
        let signed = expected.request_time.or(self.subject.and_then(|it| it.time))?.unix();
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
