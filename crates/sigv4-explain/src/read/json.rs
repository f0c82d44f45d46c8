//! JSON errors: AWS JSON, REST-JSON, API Gateway, AppSync, Neptune and OpenSearch.

use serde_json::Value;

use super::{Family, Raw, Unreadable, header_code, hint_code};
use crate::evidence::Evidence;

pub(super) fn read(text: &str, evidence: &Evidence<'_>) -> Result<Raw, Unreadable> {
    let body: Value = serde_json::from_str(text).map_err(|_| Unreadable::Malformed)?;
    let raw = app_sync(&body)
        .or_else(|| open_search(&body, evidence))
        .or_else(|| neptune(&body))
        .or_else(|| aws_json(&body, evidence))
        .or_else(|| rest_json(&body, evidence));
    raw.ok_or(Unreadable::Malformed)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

/// Reads the message: `message` in most responses, `Message` if IAM or a validator wrote it.
fn message(value: &Value) -> Option<String> {
    text(value, "message").or_else(|| text(value, "Message"))
}

fn app_sync(body: &Value) -> Option<Raw> {
    let error = body.get("errors")?.get(0)?;
    Some(Raw {
        family: Some(Family::AppSync),
        code: text(error, "errorType").or_else(|| text(error, "code")),
        message: Some(message(error)?),
        ..Raw::default()
    })
}

fn open_search(body: &Value, evidence: &Evidence<'_>) -> Option<Raw> {
    let error = body.get("error")?;
    let reason = text(error, "reason")?;
    Some(Raw {
        family: Some(Family::OpenSearch),
        code: hint_code(evidence).or_else(|| text(error, "type")),
        message: Some(reason),
        request_id: text(body, "request-id"),
        ..Raw::default()
    })
}

fn neptune(body: &Value) -> Option<Raw> {
    let message = text(body, "detailedMessage")?;
    Some(Raw {
        family: Some(Family::Neptune),
        code: text(body, "code"),
        message: Some(message),
        request_id: text(body, "requestId"),
        ..Raw::default()
    })
}

fn aws_json(body: &Value, evidence: &Evidence<'_>) -> Option<Raw> {
    let content_type = evidence.header("content-type").unwrap_or_default().trim();
    let family = match content_type {
        kind if kind.starts_with("application/x-amz-json-1.0") => Family::AwsJson10,
        kind if kind.starts_with("application/x-amz-json-1.1") => Family::AwsJson11,
        _ if body.get("__type").is_some() => Family::AwsJson10,
        _ => return None,
    };
    let code = text(body, "__type").or_else(|| text(body, "Code")).or_else(|| text(body, "code"));
    let bare = |code: String| code.rsplit('#').next().unwrap_or_default().to_owned();
    Some(Raw {
        family: Some(family),
        code: code.map(bare),
        message: message(body),
        ..Raw::default()
    })
}

fn rest_json(body: &Value, evidence: &Evidence<'_>) -> Option<Raw> {
    let gateway = ["x-amz-apigw-id", "apigw-requestid"].map(|name| evidence.header(name).is_some());
    let family = if gateway.contains(&true) { Family::ApiGateway } else { Family::RestJson };
    let has_message = body.get("message").or_else(|| body.get("Message")).is_some();
    let code = header_code(evidence).or_else(|| text(body, "code"));
    (has_message || code.is_some()).then(|| Raw {
        family: Some(family),
        code,
        message: message(body),
        ..Raw::default()
    })
}
