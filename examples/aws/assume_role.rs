//! A role in code: assumed at STS with whatever credentials AWS tools would find here, kept and
//! refreshed, and asked who it is.
//!
//! Without arguments STS is moto, on loopback. With a role, real STS is called with the machine's
//! own credentials:
//! `cargo run --example assume_role -- arn:aws:iam::123456789012:role/reader`

use std::env;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use examples::{Outcome, send};
use examples_aws::environment::run_again_with;
use http::{Request, StatusCode};
use http_body_util::Full;
use sigv4_credentials::{Credentials, CredentialsProvider, DefaultProvider, Role, Service, Signer};
use support::servers::Moto;

/// Names the role to the second run of this program, beside moto.
const ROLE: &str = "EXAMPLE_ROLE";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<ExitCode> {
    match env::args().nth(1).or_else(|| env::var(ROLE).ok()) {
        Some(role) => show(&role).await,
        None => beside_moto(),
    }
}

/// Runs this program again, where STS is moto and the environment has its administrator's keys.
fn beside_moto() -> Outcome<ExitCode> {
    let Some(moto) = Moto::start() else {
        eprintln!("Install it with tests/support/servers/install.sh, or name a role of yours.");
        return Ok(ExitCode::FAILURE);
    };
    let admin = moto.admin();
    run_again_with(&[
        (ROLE, "arn:aws:iam::123456789012:role/role"),
        ("AWS_ENDPOINT_URL_STS", moto.endpoint()),
        ("AWS_ACCESS_KEY_ID", &admin.access_key),
        ("AWS_SECRET_ACCESS_KEY", &admin.secret_key),
        ("AWS_SESSION_TOKEN", ""),
        ("AWS_REGION", Moto::REGION),
    ])?;
    Ok(ExitCode::SUCCESS)
}

async fn show(arn: &str) -> Outcome<ExitCode> {
    let base = DefaultProvider::new();
    let role = Role::new(arn).session_name("example").duration(Duration::from_secs(15 * 60));
    let provider = DefaultProvider::builder().assume_role(role).build();

    let signer = base.signer(Service::from_static("sts")).await?;
    println!("Before: {}", caller(&signer, &base.credentials().await?).await?);
    let credentials = match provider.credentials().await {
        Ok(credentials) => credentials,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("After:  {}", caller(&signer, &credentials).await?);
    println!("{}.", provider.held().map(|held| held.to_string()).unwrap_or_default());
    Ok(ExitCode::SUCCESS)
}

/// Who it is that signs, as STS sees it.
async fn caller(signer: &Signer, credentials: &Credentials) -> Outcome<String> {
    let endpoint = env::var("AWS_ENDPOINT_URL_STS")
        .unwrap_or_else(|_| format!("https://sts.{}.amazonaws.com", signer.region()));
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let mut request = Request::post(format!("{endpoint}/"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form))?;
    signer.sign(&mut request, credentials, SystemTime::now())?;
    let response = send(request.map(Full::from)).await?;
    let answer = String::from_utf8(response.body().to_vec())?;
    match response.status() {
        StatusCode::OK => element(&answer, "Arn"),
        status => Err(format!("STS: {status}: {}", element(&answer, "Message")?).into()),
    }
}

/// The text of the first element with this name.
fn element(xml: &str, name: &str) -> Outcome<String> {
    let after = xml.split_once(&format!("<{name}>")).map(|(_, after)| after);
    let text = after.and_then(|after| after.split_once('<')).map(|(text, _)| text);
    Ok(text.ok_or_else(|| format!("no {name} in the answer of STS"))?.to_owned())
}
