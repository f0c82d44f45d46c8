//! Loads once by the default chain, with the variables of this process. Prints the result as JSON.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use sigv4_credentials::{CredentialsProvider, DefaultProvider, RefreshPolicy};

fn main() -> ExitCode {
    let policy = RefreshPolicy { load_timeout: Duration::from_secs(8), ..RefreshPolicy::default() };
    let mut builder = DefaultProvider::builder().refresh_policy(policy);
    if let Ok(profile) = std::env::var("PROBE_PROFILE") {
        builder = builder.profile(profile);
    }
    if let Ok(code) = std::env::var("PROBE_MFA") {
        builder = builder.mfa(move |_| Ok(code.clone()));
    }
    let provider = builder.build();
    let answer = match std::env::var_os("PROBE_REGION") {
        Some(_) => match provider.signer_blocking(sigv4_credentials::Service::from_static("s3")) {
            Ok(signer) => json!({ "region": signer.region().to_string() }),
            Err(error) => json!({ "error": error.to_string() }),
        },
        None => match provider.credentials().wait() {
            Ok(credentials) => json!({
                "id": credentials.access_key_id(),
                "secret": credentials.secret_access_key(),
                "token": credentials.session_token(),
            }),
            Err(error) => json!({ "error": error.to_string() }),
        },
    };
    println!("{answer}");
    ExitCode::SUCCESS
}
