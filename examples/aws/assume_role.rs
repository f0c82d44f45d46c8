//! A role assumed at STS, without an AWS SDK: AssumeRole is a signed request like any other. Its
//! temporary credentials are cached and refreshed, and sign the next request with their token.
//!
//! Without arguments STS is moto, on loopback. With a role, real STS is called with whatever
//! credentials the machine has:
//! `cargo run --example assume_role -- arn:aws:iam::123456789012:role/reader`

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::error::CredentialsError as AwsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use examples::{Outcome, send};
use http::{Request, StatusCode};
use http_body_util::Full;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sigv4_core::{Credentials, CredentialsProvider, Region, Service, Signer};
use sigv4_credentials::DefaultProvider;
use support::servers::Moto;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<ExitCode> {
    let Some(role) = std::env::args().nth(1) else {
        let Some(moto) = Moto::start() else {
            eprintln!("Install it with tests/support/servers/install.sh, or name a role of yours.");
            return Ok(ExitCode::FAILURE);
        };
        let admin = moto.admin();
        let base = Credentials::new(admin.access_key.as_str(), admin.secret_key.as_str());
        let sts = Sts::new(moto.endpoint().to_owned(), Region::from_static(Moto::REGION));
        return show(sts, Arc::new(base), "arn:aws:iam::123456789012:role/role".to_owned()).await;
    };
    let base = DefaultProvider::new();
    let region = base.region().await?;
    let sts = Sts::new(format!("https://sts.{region}.amazonaws.com"), region);
    show(sts, Arc::new(base), role).await
}

async fn show(sts: Sts, base: Arc<dyn CredentialsProvider>, role: String) -> Outcome<ExitCode> {
    println!("Before: {}", sts.caller(&base.credentials().await?).await?);
    let assumed = AssumedRole { sts: sts.clone(), base, role };
    let provider = DefaultProvider::builder().provider(assumed).build();
    let credentials = provider.credentials().await?;
    println!("After:  {}", sts.caller(&credentials).await?);
    println!("{}.", provider.held().map(|held| held.to_string()).unwrap_or_default());
    Ok(ExitCode::SUCCESS)
}

/// Where STS is, and how requests to it are signed.
#[derive(Clone, Debug)]
struct Sts {
    url: String,
    signer: Signer,
}

impl Sts {
    fn new(url: String, region: Region) -> Self {
        Self { url, signer: Signer::new(region, Service::from_static("sts")) }
    }

    /// Who it is that signs.
    async fn caller(&self, credentials: &Credentials) -> Outcome<String> {
        let answer = self.call("Action=GetCallerIdentity", credentials).await?;
        Ok(element(&answer, "Arn")?.to_owned())
    }

    /// One call in STS's form encoding, signed; a session token goes along as a signed header.
    async fn call(&self, form: &str, credentials: &Credentials) -> Outcome<String> {
        let mut request = Request::post(format!("{}/", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("{form}&Version=2011-06-15")))?;
        self.signer.sign(&mut request, credentials, SystemTime::now())?;
        let response = send(request.map(Full::from)).await?;
        let answer = String::from_utf8(response.body().to_vec())?;
        match response.status() {
            StatusCode::OK => Ok(answer),
            status => Err(format!("STS: {status}: {}", element(&answer, "Message")?).into()),
        }
    }
}

/// A source for `DefaultProvider`, which caches it and asks it again before the end.
#[derive(Debug)]
struct AssumedRole {
    sts: Sts,
    base: Arc<dyn CredentialsProvider>,
    role: String,
}

impl AssumedRole {
    async fn assume(&self) -> Outcome<AwsCredentials> {
        let role = utf8_percent_encode(&self.role, NON_ALPHANUMERIC);
        let form = format!("Action=AssumeRole&RoleSessionName=example&RoleArn={role}");
        let answer = self.sts.call(&form, &self.base.credentials().await?).await?;
        let end: DateTime<Utc> = element(&answer, "Expiration")?.parse()?;
        Ok(AwsCredentials::new(
            element(&answer, "AccessKeyId")?,
            element(&answer, "SecretAccessKey")?,
            Some(element(&answer, "SessionToken")?.to_owned()),
            Some(end.into()),
            "AssumedRole",
        ))
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.assume().await.map_err(AwsError::provider_error)
        })
    }
}

/// The text of the first element with this name; STS's answers nest none of those wanted.
fn element<'a>(xml: &'a str, name: &str) -> Result<&'a str, Box<dyn Error + Send + Sync>> {
    let after = xml.split_once(&format!("<{name}>")).map(|(_, after)| after);
    let text = after.and_then(|after| after.split_once('<')).map(|(text, _)| text);
    text.ok_or_else(|| format!("no {name} in the answer of STS").into())
}
