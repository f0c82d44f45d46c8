//! Lines that contradict a rule of this project.

use support::vectors::SigningLine;

/// Returns the rule that a line contradicts, if there is one.
pub(crate) fn rule(line: &SigningLine) -> Option<&'static str> {
    let target = line.request.as_ref().map(|request| request.target.as_str());
    let query = target.and_then(|target| target.split_once('?')).map(|(_, query)| query);
    match line.id.as_str() {
        "java-v2/path-8" => Some("path rule: `..` at the root is dropped"),
        "curl/unit1979-test-equals-noencode" => Some("path and query rules: `=` is escaped"),
        "mhart-aws4/presign-dynamodb" => Some("presigning rule: a presigned URL has an expiry"),
        "rusty-s3/mod-2" | "aws-c-auth/fail-date-header" => {
            Some("header rule: an x-amz-date on the request is replaced")
        }
        id if line.expect.error.is_some() && id.starts_with("aws-c-auth/fail-") => {
            Some("nothing: a policy of aws-c-auth's interface, not of the protocol")
        }
        _ if query.is_some_and(|query| query.contains('+')) => {
            Some("query rule: a raw + is signed as %20")
        }
        _ => None,
    }
}
