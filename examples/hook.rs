//! Signs in the hook over `&mut reqwest::Request` that generated clients, such as progenitor's,
//! offer.

use std::time::SystemTime;

use examples::{Outcome, Target, reqwest_builder};
use reqwest::{Request, redirect::Policy};
use sigv4_core::{Credentials, Signer};

/// The state that a generated client holds. Its `pre` is called just before a request is sent.
struct Hooks {
    signer: Signer,
    credentials: Credentials,
}

impl Hooks {
    fn pre(&self, request: &mut Request) -> Result<(), sigv4_reqwest::Error> {
        sigv4_reqwest::sign(request, &self.signer, &self.credentials, SystemTime::now())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let target = Target::from_args()?;
    let hooks = Hooks { signer: target.signer.clone(), credentials: target.credentials.clone() };
    let client = reqwest_builder().redirect(Policy::none()).build()?;

    // The generated code would do this: build the request, call the hook, and send.
    let mut request =
        client.get(&target.url).query(&[("list-type", "2"), ("prefix", "a b")]).build()?;
    hooks.pre(&mut request)?;
    let url = request.url().clone();
    let response = client.execute(request).await?;
    println!("GET {url}: {}, verified by the server", response.status());
    if response.status().is_success() { Ok(()) } else { Err("the server refused".into()) }
}
