//! What a database does with an IAM token, on loopback: a judge for the fronts of the examples.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use http::Request;
use serde_json::json;
use sigv4_core::verify::Verifier;
use sigv4_core::{Credentials, PayloadHash, Region, Service, SigningTime};

use examples::Outcome;
use examples::verifying::{ACCESS_KEY, REGION, SECRET_KEY, TOKEN};

/// The temporary credentials that the judge knows.
#[must_use]
pub fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY).with_session_token(TOKEN)
}

/// Verifies tokens that are presigned URLs without their scheme.
#[derive(Clone, Debug)]
pub struct TokenJudge {
    /// The product, as `tests/tokens/reference.py` names it.
    pub kind: &'static str,
    /// What the reference library is asked for: the product's own arguments.
    pub arguments: Vec<String>,
    /// The signing name.
    pub service: Service,
    /// What the token begins with: host, path and parameters of the product.
    pub begins_with: String,
}

impl TokenJudge {
    /// Accepts a token that our verifier accepts, and that the reference library makes too.
    ///
    /// # Errors
    /// Why the token is refused.
    pub fn check(&self, token: &str) -> Result<(), String> {
        if !token.starts_with(&self.begins_with) {
            return Err(format!("the token is not for {}", self.begins_with));
        }
        // http or https does not matter: the host is signed with its port.
        let request = Request::get(format!("http://{token}")).body(());
        let request = request.map_err(|_| "the token is no URL")?;
        let verifier = Verifier::new(Region::from_static(REGION), self.service.clone());
        let claim =
            verifier.read(&request, SystemTime::now()).map_err(|error| error.to_string())?;
        let known = credentials();
        let key = (claim.access_key_id() == ACCESS_KEY).then_some(&known);
        // The request has no body, because it is never sent.
        claim.verify_hashed(key, PayloadHash::EMPTY).map_err(|error| error.to_string())?;
        match self.reference(token) {
            Ok(Some(reference)) if reference == token => Ok(()),
            Ok(Some(_)) => Err("the reference library makes another token".to_owned()),
            Ok(None) => Ok(()), // `reference` has said so
            Err(error) => Err(error.to_string()),
        }
    }

    /// Returns what the reference library makes at the token's time; `None` if it is not installed.
    fn reference(&self, token: &str) -> Outcome<Option<String>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let tools = std::env::var_os("SIGV4_TOOLS").map_or(root.join(".tools"), PathBuf::from);
        let python = tools.join("venv-tokens/bin/python");
        if !python.exists() {
            println!("NOT COMPARED: tests/tokens/install.sh installs the reference libraries.");
            return Ok(None);
        }
        let (_, date) = token.split_once("&X-Amz-Date=").ok_or("the token has no date")?;
        let time: SigningTime = date.get(..16).unwrap_or_default().parse()?;
        let case = json!({
            "kind": self.kind, "args": self.arguments, "region": REGION, "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY, "session_token": TOKEN, "time_millis": time.unix() * 1_000,
        });
        let mut child = Command::new(python)
            .args(["-W", "ignore"])
            .arg(root.join("tests/tokens/reference.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        child.stdin.take().ok_or("no stdin")?.write_all(case.to_string().as_bytes())?;
        Ok(serde_json::from_slice(&child.wait_with_output()?.stdout)?)
    }
}
