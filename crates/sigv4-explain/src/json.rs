//! The explanation as JSON, for programs and for logs.

use serde_json::{Value, json};

use crate::explanation::Explanation;
use crate::text::clean;

/// The most characters that are kept of an external text.
const LONGEST: usize = 8 * 1024;

/// Escapes an external text. JSON alone would keep some control characters.
fn visible(text: &str) -> String {
    clean(text, LONGEST)
}

impl Explanation {
    /// Returns the explanation as a JSON object on one line. It contains no secret.
    ///
    /// | key | value |
    /// | --- | --- |
    /// | `cause`, `rank` | their stable codes |
    /// | `says`, `cure`, `request` | sentences |
    /// | `status`, `code`, `family`, `message`, `request_id` | of the response; `null` if it has none |
    /// | `hints` | objects with `cause` and `text` |
    /// | `agrees` | sentences |
    /// | `differences` | objects with `text`, `line`, `signed`, `service` |
    /// | `expected` | object with `region`, `service`, `endpoint`, `server_time`, `unsigned_headers` |
    /// | `sender`, `advice` | sentences; `null` if there are none |
    ///
    /// ```
    /// use sigv4_explain::Evidence;
    ///
    /// let response = http::Response::builder().status(403).body("<Error><Code>AccessDenied</Code></Error>")?;
    /// let json = Evidence::from(&response).explain().to_json();
    /// assert!(json.starts_with(r#"{"advice":null,"agrees":[],"cause":"access_denied","code":"AccessDenied""#));
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        let hints = self.hints().iter();
        let lines = self.differences().iter();
        let error = self.error_response();
        json!({
            "cause": self.cause().code(),
            "rank": self.rank().code(),
            "says": self.says(),
            "cure": self.cure(),
            "request": self.request(),
            "status": self.status().map(|status| status.as_u16()),
            "code": self.code(),
            "family": self.family().map(|family| family.to_string()),
            "message": error.and_then(|error| error.message()).map(visible),
            "request_id": error.and_then(|error| error.request_id()),
            "hints": hints.map(|hint| json!({ "cause": hint.cause().code(), "text": hint.text() })).collect::<Value>(),
            "agrees": self.agrees(),
            "differences": lines.map(|line| json!({
                "text": line.text(),
                "line": line.line(),
                "signed": line.signed().map(visible),
                "service": line.service().map(visible),
            })).collect::<Value>(),
            "expected": self.expected().map(|expected| json!({
                "region": expected.region,
                "service": expected.service,
                "endpoint": expected.endpoint,
                "server_time": expected.server_time.map(|time| time.as_str().to_owned()),
                "unsigned_headers": expected.unsigned_headers,
            })),
            "sender": self.sender(),
            "advice": self.advice(),
        })
        .to_string()
    }
}
