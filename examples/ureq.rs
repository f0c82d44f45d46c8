//! Uses a blocking, signing ureq client, with the embedded server or a URL of your own.
//!
//! `cargo run --example ureq --features https -- https://abc.execute-api.us-east-1.amazonaws.com/pets`

use examples::{Outcome, Target};
use http::Request;
use sigv4_core::stream::AwsChunked;
use sigv4_ureq::{Payload, SigningAgent};

fn main() -> Outcome {
    let target = Target::from_args()?;
    let agent = SigningAgent::new(ureq::agent(), target.signer.clone(), target.credentials.clone());
    if !target.is_embedded() {
        let mut response = agent.run(Request::get(&target.url).body(())?)?;
        println!("{} from {}", response.status(), target.url);
        println!("{}", response.body_mut().read_to_string()?);
        return Ok(());
    }
    let put = |key: &str, body: Payload<'_>| -> Outcome {
        let url = format!("{}/{key}", target.url);
        let response = agent.run(Request::put(url).body(body)?)?;
        println!("PUT {key}: {}, verified by s3s", response.status());
        Ok(())
    };
    put("hello.txt", "hello".into())?;
    let file = vec![b'x'; 200_000];
    put("signed%20chunks", Payload::aws_chunked(&*file, AwsChunked::signed(200_000)))?;
    let got = agent.run(Request::get(format!("{}/hello.txt", target.url)).body(())?)?;
    let text = got.into_body().read_to_string()?;
    println!("GET hello.txt: {text}");
    if text == "hello" { Ok(()) } else { Err("another text came back".into()) }
}
