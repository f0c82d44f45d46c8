//! The opensearch crate with its own signer, and credentials from our provider.
//!
//! The crate asks its provider at each request and caches nothing. Ours caches: credentials are
//! found once and refreshed before they expire.

use std::env;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::region::Region;
use examples::Outcome;
use examples_aws::{environment, search};
use opensearch::auth::Credentials;
use opensearch::http::Url;
use opensearch::http::transport::{SingleNodeConnectionPool, TransportBuilder};
use opensearch::{IndexParts, OpenSearch, SearchParts};
use serde_json::{Value, json};
use sigv4_credentials::DefaultProvider;

fn main() -> Outcome {
    match env::var("SEARCH_URL") {
        Ok(url) => index(&url),
        Err(_) => {
            let service = search::start()?;
            environment::run_again_with(&[("SEARCH_URL", &service.server().endpoint())])?;
            service.expect(2)
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn index(url: &str) -> Outcome {
    let provider = DefaultProvider::new();
    let region = Region::new(provider.region().await?.as_str().to_owned());
    let auth = Credentials::AwsSigV4(SharedCredentialsProvider::new(provider), region);
    let pool = SingleNodeConnectionPool::new(Url::parse(url)?);
    let client = OpenSearch::new(TransportBuilder::new(pool).auth(auth).build()?);

    let book = json!({ "title": "Moby Dick", "year": 1851 });
    let put = client.index(IndexParts::IndexId("books", "moby dick")).body(&book);
    println!("index: {}", put.send().await?.error_for_status_code()?.status_code());

    let query = json!({ "query": { "match_all": {} } });
    let search = client.search(SearchParts::Index(&["books"])).body(query);
    let found: Value = search.send().await?.error_for_status_code()?.json().await?;
    assert_eq!(found.pointer("/hits/hits/0/_source"), Some(&book), "{found}");
    println!("search: {found}");
    Ok(())
}
