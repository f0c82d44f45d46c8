//! `ExecCredential`: the JSON that a kubeconfig's `exec` plugin prints.
//!
//! Source: Kubernetes, "Authenticating", section "client-go credential plugins".

use sigv4_core::SigningTime;

use crate::error::TokenError;
use crate::text::{extended_time, json_with_room, push_json};
use crate::token::{Secret, Token};

const GROUP: &str = "client.authentication.k8s.io/";

/// The API versions whose `status` has the format written here.
const VERSIONS: [&str; 3] = ["v1", "v1beta1", "v1alpha1"];

/// The version for clients that name none, such as kubectl before 1.20.
const DEFAULT_VERSION: &str = "v1beta1";

/// Writes an EKS token as the JSON of a kubeconfig's `exec` plugin.
///
/// `exec_info` is the variable `KUBERNETES_EXEC_INFO`, which Kubernetes clients set for the plugin.
/// The output has the same `apiVersion`. `None` or an empty text means v1beta1. The client asks
/// for the next token when this one is due for renewal.
///
/// ```
/// use std::time::SystemTime;
/// use sigv4_tokens::{Credentials, Region};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let cluster = sigv4_tokens::eks("my-cluster", &Region::from_static("eu-west-1"));
/// let token = cluster.token(&credentials, SystemTime::now())?;
/// let json = sigv4_tokens::exec_credential(&token, None)?;
/// assert!(json.as_str().starts_with(r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1""#));
/// # Ok::<(), sigv4_tokens::TokenError>(())
/// ```
///
/// # Errors
/// Fails with [`TokenError::InvalidExecInfo`] if `exec_info` is not JSON or its `apiVersion` is
/// unknown.
pub fn exec_credential(token: &Token, exec_info: Option<&str>) -> Result<Secret, TokenError> {
    let version = version(exec_info.unwrap_or_default())?;
    // The client runs the plugin again at this time, so write the renewal time, as AWS's own tools
    // do.
    let due: SigningTime = token.renew_at().try_into()?;
    let mut json = json_with_room([token.as_str()]);
    json.push_str(r#"{"kind":"ExecCredential","apiVersion":""#);
    json.push_str(GROUP);
    json.push_str(version);
    json.push_str(r#"","spec":{},"status":{"expirationTimestamp":""#);
    json.push_str(&extended_time(due));
    json.push_str(r#"Z","token":"#);
    push_json(&mut json, token.as_str());
    json.push_str("}}");
    Ok(Secret::new(json))
}

/// The version that the client asks for.
fn version(exec_info: &str) -> Result<&'static str, TokenError> {
    if exec_info.is_empty() {
        return Ok(DEFAULT_VERSION);
    }
    let read: Option<serde_json::Value> = serde_json::from_str(exec_info).ok();
    let asked = read.as_ref().and_then(|info| info.get("apiVersion")?.as_str());
    let name = asked.and_then(|asked| asked.strip_prefix(GROUP));
    name.and_then(|name| VERSIONS.into_iter().find(|known| *known == name))
        .ok_or_else(|| TokenError::InvalidExecInfo { api_version: asked.map(crate::host::shown) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;
    use sigv4_core::{Credentials, Region};

    fn token() -> Token {
        let cluster = crate::eks("my-cluster", &Region::from_static("us-east-1"));
        cluster.token(&Credentials::new("AKID", "secret"), at("20260102T030405Z")).unwrap()
    }

    #[test]
    fn json_is_what_the_aws_cli_prints() {
        let token = token();
        let json = exec_credential(&token, None).unwrap();
        let read: serde_json::Value = serde_json::from_str(json.as_str()).unwrap();
        assert_eq!(
            read,
            serde_json::json!({
                "kind": "ExecCredential",
                "apiVersion": "client.authentication.k8s.io/v1beta1",
                "spec": {},
                "status": {
                    "expirationTimestamp": "2026-01-02T03:18:05Z",
                    "token": token.as_str(),
                },
            })
        );
    }

    #[test]
    fn version_is_the_one_that_the_client_asks_for() {
        let info = |version: &str| {
            format!(
                r#"{{"kind":"ExecCredential","apiVersion":"{version}","spec":{{"interactive":false}}}}"#
            )
        };
        for name in VERSIONS {
            let asked = format!("{GROUP}{name}");
            let json = exec_credential(&token(), Some(&info(&asked))).unwrap();
            assert!(json.as_str().contains(&format!(r#""apiVersion":"{asked}""#)));
        }
        assert!(exec_credential(&token(), Some("")).unwrap().as_str().contains("/v1beta1"));
        for wrong in ["{", "{}", "[]", "1", &info("v1"), &info("client.authentication.k8s.io/v2")] {
            let error = exec_credential(&token(), Some(wrong)).unwrap_err();
            assert!(matches!(error, TokenError::InvalidExecInfo { .. }), "{wrong}: {error}");
        }
    }
}
