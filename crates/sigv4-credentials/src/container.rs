//! The container endpoint of ECS, EKS Pod Identity and Greengrass, called as AWS documents it.
//!
//! aws-config's own provider treats an empty variable as set, and prints the URI with its query.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use aws_credential_types::Credentials as AwsCredentials;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::Error as ContextError;
use aws_smithy_runtime_api::client::orchestrator::{
    HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput,
};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Uri};
use serde_json::Value;

use crate::environment;
use crate::http::{bare_host, host_and_port};
use crate::reason::{masked, reason};

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// The ECS endpoint, the base of relative URIs.
const ECS: &str = "http://169.254.170.2";

/// The addresses that may be called over plain http: those of ECS and EKS Pod Identity.
const CLEAR: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

/// Returns the credentials, or `None` if no variable names an endpoint.
pub(crate) async fn credentials(http: &SharedHttpClient) -> Result<Option<AwsCredentials>, String> {
    let Some(uri) = uri()? else { return Ok(None) };
    check_in_clear(&uri).await?;
    let authorization = authorization().await?;
    let host = host_and_port(&uri).to_owned();
    let found = operation(http, &uri).invoke(authorization).await;
    match found {
        Ok(found) => Ok(Some(found)),
        Err(SdkError::ServiceError(refused)) => Err(format!("{host} {}", refused.err())),
        Err(other) => Err(reason(&other)),
    }
}

/// Returns the endpoint that the variables name. An empty variable counts as not set.
fn uri() -> Result<Option<Uri>, String> {
    let (variable, text) = match (environment::value(RELATIVE), environment::value(FULL)) {
        (Some(path), _) if !path.starts_with('/') => {
            return Err(format!("{RELATIVE} is not a path: it must start with /"));
        }
        (Some(path), _) => (RELATIVE, format!("{ECS}{path}")),
        (None, Some(full)) => (FULL, full),
        (None, None) => return Ok(None),
    };
    let uri: Uri = text.parse().map_err(|_| format!("{variable} is not a valid URI"))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(_)) => Ok(Some(uri)),
        _ => Err(format!("{variable} must be a URI with http:// or https:// and a host")),
    }
}

/// Checks the endpoint: over plain http, a token is sent only to this machine or AWS's own
/// addresses.
async fn check_in_clear(uri: &Uri) -> Result<(), String> {
    if uri.scheme_str() == Some("https") {
        return Ok(());
    }
    let host = bare_host(uri);
    let is_allowed = |address: &IpAddr| {
        address.is_loopback() || CLEAR.iter().any(|clear| clear.parse() == Ok(*address))
    };
    let refused = || {
        format!(
            "{FULL} names {host} in clear, which is neither a loopback address nor an allowed IP \
             address of AWS ({}): use https",
            CLEAR.join(", ")
        )
    };
    if let Ok(address) = host.parse::<IpAddr>() {
        return if is_allowed(&address) { Ok(()) } else { Err(refused()) };
    }
    let found = tokio::net::lookup_host((host, uri.port_u16().unwrap_or(80))).await;
    let found = found.map_err(|error| format!("{host} of {FULL} was not found: {error}"))?;
    let addresses: Vec<_> = found.map(|address| address.ip()).collect();
    match !addresses.is_empty() && addresses.iter().all(is_allowed) {
        true => Ok(()),
        false => Err(refused()),
    }
}

/// Returns the authorization header. The token file takes precedence over the variable.
async fn authorization() -> Result<Option<HeaderValue>, String> {
    let (place, token) = match (environment::value(TOKEN_FILE), environment::value(TOKEN)) {
        (Some(path), _) => {
            let read = path.clone();
            let token = tokio::task::spawn_blocking(move || std::fs::read_to_string(read)).await;
            match token {
                Ok(Ok(token)) => (format!("the token file {path}"), token),
                Ok(Err(error)) => {
                    return Err(format!("the token file {path} cannot be read: {error}"));
                }
                Err(_) => return Err(format!("reading the token file {path} was broken off")),
            }
        }
        (None, Some(token)) => (TOKEN.to_owned(), token),
        (None, None) => return Ok(None),
    };
    let mut value = HeaderValue::from_str(&token).map_err(|_| {
        format!("{place} holds no valid auth token: a newline or a control character is in it")
    })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn operation(
    http: &SharedHttpClient,
    uri: &Uri,
) -> Operation<Option<HeaderValue>, AwsCredentials, Refused> {
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned();
    let authority = uri.authority().map_or("", Authority::as_str);
    let endpoint = format!("{}://{authority}", uri.scheme_str().unwrap_or("http"));
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(Duration::from_secs(5))
        .build();
    // Marked sensitive, so that no log of a lower layer shows the response.
    let mut sensitive = Layer::new("SensitiveOutput");
    sensitive.store_put(SensitiveOutput);
    Operation::builder()
        .service_name("ContainerCredentials")
        .operation_name("GetCredentials")
        .endpoint_url(&endpoint)
        .no_auth()
        .timeout_config(timeouts)
        .http_client(http.clone())
        .runtime_plugin(StaticRuntimePlugin::new().with_config(sensitive.freeze()))
        .standard_retry(&RetryConfig::standard())
        .retry_classifier(TransientErrorClassifier::<ContextError>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .sleep_impl(TokioSleep::new())
        .serializer(move |authorization: Option<HeaderValue>| {
            let mut request =
                http::Request::get(path.as_str()).header("accept", "application/json");
            if let Some(value) = authorization {
                request = request.header("authorization", value);
            }
            Ok(HttpRequest::try_from(request.body(SdkBody::empty())?)?)
        })
        .deserializer(|response: &HttpResponse| {
            read(response).map_err(|why| OrchestratorError::operation(Refused(why)))
        })
        .build()
}

/// Why a response gives no credentials. The response itself is not shown.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

fn read(response: &HttpResponse) -> Result<AwsCredentials, String> {
    let status = response.status().as_u16();
    let body = response.body().bytes().unwrap_or_default();
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let field = |names: &[&str]| {
        let found =
            |name: &&str| json.as_ref()?.get(name)?.as_str().filter(|text| !text.is_empty());
        names.iter().find_map(found)
    };
    let code = field(&["Code", "code"]).filter(|code| *code != "Success");
    if !(200..300).contains(&status) || code.is_some() {
        let said = match (code, field(&["Message", "message"])) {
            (Some(code), Some(message)) => format!(": {code}: {message}"),
            (Some(text), None) | (None, Some(text)) => format!(": {text}"),
            (None, None) => String::new(),
        };
        return Err(masked(&format!("refused with status {status}{said}")));
    }
    if json.is_none() {
        return Err("sent a response that is not JSON".to_owned());
    }
    let need = |name: &str| field(&[name]).ok_or_else(|| format!("sent a response without {name}"));
    let (id, secret) = (need("AccessKeyId")?, need("SecretAccessKey")?);
    let end = need("Expiration")?;
    let end = DateTime::from_str(end, Format::DateTime)
        .ok()
        .and_then(|end| std::time::SystemTime::try_from(end).ok())
        .ok_or("sent an Expiration that is not a time in RFC 3339")?;
    Ok(AwsCredentials::new(id, secret, Some(need("Token")?.to_owned()), Some(end), "container"))
}
