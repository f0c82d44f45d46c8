//! A policy's document: its expiry, and the allowed fields of a form.

use core::ops::RangeInclusive;

use super::json::{self, Value};
use crate::fields::form as field;
use crate::time::SigningTime;
use crate::verify::policy_error::PolicyError;

/// The content of a policy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) expiration: SigningTime,
    pub(super) file_length: RangeInclusive<u64>,
    /// Sorted by field, so that many fields under many conditions are checked in `n log n`.
    conditions: Vec<Condition>,
}

/// A condition on one field, whose name is in lower case.
#[derive(Debug, PartialEq, Eq)]
struct Condition {
    field: String,
    test: Test,
}

#[derive(Debug, PartialEq, Eq)]
enum Test {
    Equals(String),
    StartsWith(String),
}

impl Document {
    pub(super) fn read(text: &str) -> Result<Self, PolicyError> {
        let Some(Value::Object(members)) = json::read(text) else {
            return Err(PolicyError::Malformed);
        };
        let (mut expiration, mut conditions) = (None, None);
        for (name, value) in members {
            let doubled = match (name.as_str(), value) {
                ("expiration", Value::Text(text)) => {
                    expiration.replace(read_expiration(&text)?).is_some()
                }
                ("conditions", Value::List(list)) => conditions.replace(list).is_some(),
                _ => true,
            };
            if doubled {
                return Err(PolicyError::Malformed);
            }
        }
        let mut document = Self {
            expiration: expiration.ok_or(PolicyError::Malformed)?,
            file_length: 0..=u64::MAX,
            conditions: Vec::new(),
        };
        for condition in conditions.ok_or(PolicyError::Malformed)? {
            document.add(condition).ok_or(PolicyError::Malformed)?;
        }
        document.conditions.sort_by(|a, b| a.field.cmp(&b.field));
        Ok(document)
    }

    fn add(&mut self, condition: Value) -> Option<()> {
        match condition {
            Value::Object(members) => {
                for (name, value) in members {
                    let Value::Text(value) = value else { return None };
                    self.push(&name, Test::Equals(value));
                }
            }
            Value::List(parts) => match <[Value; 3]>::try_from(parts).ok()? {
                [Value::Text(kind), Value::Number(least), Value::Number(most)]
                    if kind == "content-length-range" =>
                {
                    // If there are two ranges, both must hold.
                    let (start, end) = (*self.file_length.start(), *self.file_length.end());
                    self.file_length = least.max(start)..=most.min(end);
                }
                [Value::Text(kind), Value::Text(name), Value::Text(value)] => {
                    let test = match kind.as_str() {
                        "eq" => Test::Equals(value),
                        "starts-with" => Test::StartsWith(value),
                        _ => return None,
                    };
                    self.push(name.strip_prefix('$')?, test);
                }
                _ => return None,
            },
            Value::Text(_) | Value::Number(_) => return None,
        }
        Some(())
    }

    fn push(&mut self, name: &str, test: Test) {
        self.conditions.push(Condition { field: name.to_ascii_lowercase(), test });
    }

    /// Checks that every condition holds and that a condition allows every field. The fields are
    /// sorted by name, and names are in lower case.
    pub(super) fn check(&self, fields: &[(String, &str)]) -> Result<(), PolicyError> {
        for condition in &self.conditions {
            let found = fields.binary_search_by(|(name, _)| name.cmp(&condition.field));
            let value = found.ok().and_then(|at| fields.get(at)).map(|(_, value)| *value);
            if !condition.holds(value) {
                return Err(PolicyError::ConditionFailed { name: condition.field.clone() });
            }
        }
        let free = |name: &str| {
            matches!(name, field::POLICY | field::SIGNATURE | field::FILE)
                || name.starts_with("x-ignore-")
        };
        match fields.iter().find(|(name, _)| !free(name) && !self.names(name)) {
            Some((name, _)) => Err(PolicyError::FieldNotAllowed { name: name.clone() }),
            None => Ok(()),
        }
    }

    /// Whether a condition names this field, which is in lower case.
    fn names(&self, field: &str) -> bool {
        self.conditions.binary_search_by(|condition| condition.field.as_str().cmp(field)).is_ok()
    }

    /// The fields that conditions name, in lower case and sorted.
    pub(super) fn into_names(self) -> Vec<String> {
        self.conditions.into_iter().map(|condition| condition.field).collect()
    }
}

impl Condition {
    fn holds(&self, value: Option<&str>) -> bool {
        match (&self.test, value) {
            (Test::Equals(expected), Some(value)) => expected == value,
            // In a list of types, every type must begin so.
            (Test::StartsWith(prefix), Some(value)) if self.field == "content-type" => {
                value.split(',').all(|one| one.trim_start().starts_with(prefix.as_str()))
            }
            (Test::StartsWith(prefix), Some(value)) => value.starts_with(prefix.as_str()),
            (Test::StartsWith(prefix), None) => prefix.is_empty(),
            (Test::Equals(_), None) => false,
        }
    }
}

/// Reads `2015-12-30T12:00:00.000Z`, with or without milliseconds.
fn read_expiration(text: &str) -> Result<SigningTime, PolicyError> {
    let seconds = match text.split_once('.') {
        Some((seconds, fraction)) => {
            let digits = fraction.strip_suffix('Z').filter(|digits| {
                (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            });
            digits.map(|_| seconds)
        }
        None => text.strip_suffix('Z'),
    };
    let seconds = seconds.ok_or(PolicyError::Malformed)?;
    let shaped = seconds.len() == 19
        && seconds.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            10 => byte == b'T',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    let basic = format!("{}Z", seconds.replace(['-', ':'], ""));
    basic.parse().ok().filter(|_| shaped).ok_or(PolicyError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiration_is_read_with_and_without_milliseconds() {
        for text in ["2015-12-30T12:00:00.000Z", "2015-12-30T12:00:00Z"] {
            assert_eq!(read_expiration(text).unwrap().as_str(), "20151230T120000Z");
        }
        for text in [
            "20151230T120000Z",
            "2015-12-30T12:00:00",
            "2015-12-30T12:00:00.Z",
            "2015-12-30 12:00:00Z",
            "",
        ] {
            assert_eq!(read_expiration(text), Err(PolicyError::Malformed), "{text}");
        }
    }

    #[test]
    fn document_of_another_shape_is_refused() {
        for text in [
            "[]",
            "{\"conditions\":[]}",
            "{\"expiration\":\"2015-12-30T12:00:00Z\"}",
            "{\"expiration\":\"2015-12-30T12:00:00Z\",\"conditions\":[],\"more\":\"\"}",
            "{\"expiration\":\"2015-12-30T12:00:00Z\",\"conditions\":[],\"conditions\":[]}",
            "{\"expiration\":\"2015-12-30T12:00:00Z\",\"conditions\":[[\"eq\",\"key\",\"a\"]]}",
            "{\"expiration\":\"2015-12-30T12:00:00Z\",\"conditions\":[[\"ends-with\",\"$key\",\"a\"]]}",
            "{\"expiration\":\"2015-12-30T12:00:00Z\",\"conditions\":[[\"content-length-range\",1]]}",
            "{\"expiration\":\"2015-12-30T12:00:00Z\",\"conditions\":[{\"key\":1}]}",
            "{\"expiration\":\"2015-12-30T12:00:00Z\",\"conditions\":[\"key\"]}",
        ] {
            assert_eq!(Document::read(text), Err(PolicyError::Malformed), "{text}");
        }
    }
}
