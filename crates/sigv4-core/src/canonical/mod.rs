//! The canonical request: six lines that signer and verifier must write alike, byte for byte.
//!
//! ```text
//! method          GET
//! path            /                                       path.rs
//! query           Action=ListUsers&Version=2010-05-08     query.rs
//! headers         host:iam.amazonaws.com                  headers.rs
//!                 x-amz-date:20150830T123600Z
//!                 (an empty line)
//! signed headers  host;x-amz-date                         headers.rs
//! payload         e3b0c44298fc1c14...                     payload.rs
//! ```
//!
//! Nothing outside this folder writes any of it.

pub(crate) mod headers;
pub(crate) mod path;
pub(crate) mod query;

use core::ops::Range;

use crate::canonical::headers::Lines;
use crate::canonical::query::{LonePercent, Overlay};
use crate::service::Rules;
use crate::text::Text;

/// The parts of a request from which the lines are written.
pub(crate) struct CanonicalRequest<'a, 'h> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// Parameters that count as part of the query but are not in it (yet).
    pub(crate) query_overlay: Option<&'a Overlay>,
    pub(crate) headers: &'a Lines<'h>,
    pub(crate) rules: &'a Rules,
}

impl CanonicalRequest<'_, '_> {
    /// Appends all lines. Returns the place of the list of signed headers.
    #[inline]
    pub(crate) fn write(
        &self,
        out: &mut Text,
        payload: &[u8],
    ) -> Result<Range<usize>, LonePercent> {
        let names = self.write_to_payload(out)?;
        out.extend_from_slice(payload);
        Ok(names)
    }

    /// Appends all lines but the last. A verifier may learn the last one only from the body.
    pub(crate) fn write_to_payload(&self, out: &mut Text) -> Result<Range<usize>, LonePercent> {
        out.extend_from_slice(self.method.as_bytes());
        out.push(b'\n');
        path::write(out, self.path, self.rules);
        out.push(b'\n');
        query::write(out, self.query, self.query_overlay, self.rules.session_token)?;
        out.push(b'\n');
        self.headers.write(out);
        out.push(b'\n');
        let start = out.len();
        self.headers.write_names(out);
        let names = start..out.len();
        out.push(b'\n');
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::payload::PayloadHash;

    #[test]
    fn aws_example_request_in_six_lines() {
        let headers = HeaderMap::from_iter([(
            http::header::CONTENT_TYPE,
            "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap(),
        )]);
        let mut lines = Lines::default();
        lines.push("host", b"iam.amazonaws.com");
        lines.push("x-amz-date", b"20150830T123600Z");
        lines.collect(&headers, |_| true);
        let request = CanonicalRequest {
            method: "GET",
            path: "/",
            query: "Action=ListUsers&Version=2010-05-08",
            query_overlay: None,
            headers: &lines,
            rules: &Rules::DEFAULT,
        };
        let mut out = Text::new();
        request.write(&mut out, PayloadHash::EMPTY.line().as_bytes()).unwrap();
        assert_eq!(
            str::from_utf8(&out).unwrap(),
            "GET\n/\nAction=ListUsers&Version=2010-05-08\n\
             content-type:application/x-www-form-urlencoded; charset=utf-8\n\
             host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n\
             content-type;host;x-amz-date\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
