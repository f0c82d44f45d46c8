//! Properties that hold for every input: no call panics, each token is one line of ASCII, and a
//! verifier accepts exactly the signed URL.

use std::time::{Duration, SystemTime};

use http::Request;
use proptest::prelude::*;
use sigv4_core::verify::{Verifier, VerifyError};
use sigv4_tokens::{
    Credentials, PayloadHash, Recipe, Region, Service, bedrock, codecommit, dsql, dsql_admin, eks,
    elasticache, google, iot, keyspaces, memorydb, mongodb, msk, rds, vault,
};

const REGION: Region = Region::from_static("eu-west-1");

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret").with_session_token("a/b+c=")
}

/// Verifies this URL, a token with a scheme before it, as a service would.
fn verified(url: &str, service: &'static str) -> Result<(), VerifyError> {
    let request = Request::get(url).body(()).map_err(|_| VerifyError::UnsupportedTarget)?;
    let verifier = Verifier::new(REGION, Service::from_static(service));
    verifier.read(&request, now())?.verify_hashed(Some(&credentials()), PayloadHash::EMPTY)?;
    Ok(())
}

proptest! {
    #[test]
    fn nothing_panics_and_every_token_is_one_line_of_ascii(
        a in any::<String>(), b in any::<String>(), nonce in any::<Vec<u8>>(), port in any::<u16>(),
        life in any::<u64>(), region in "[a-z]{2,4}(-[a-z]{1,5}){0,3}(-[0-9])?", time in any::<u64>(),
    ) {
        let Ok(region) = &Region::new(region) else { return Ok(()) };
        let life = Duration::from_millis(life);
        let recipes: [Box<dyn Recipe>; 16] = [
            Box::new(rds(&*a, port, &*b, region)),
            Box::new(dsql(&*a, region).for_user(&*b).valid_for(life)),
            Box::new(dsql_admin(&*a, region).for_user(&*b).valid_for(life)),
            Box::new(eks(&*a, region)),
            Box::new(msk(region)),
            Box::new(elasticache(&*a, &*b, region)),
            Box::new(elasticache(&*a, &*b, region).serverless()),
            Box::new(memorydb(&*a, &*b, region)),
            Box::new(bedrock(region).valid_for(life)),
            Box::new(keyspaces(nonce.clone(), region)),
            Box::new(mongodb(nonce.clone(), &*a)),
            Box::new(mongodb(nonce.clone(), &*a).with_client_nonce(&*nonce)),
            Box::new(vault(region).server_id(&*a).role(&*b)),
            Box::new(google(&*a, region)),
            Box::new(iot(&*a, region)),
            Box::new(codecommit(&*a, &*b, region)),
        ];
        let times = [now(), SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(time)).unwrap_or(now())];
        for (recipe, time) in recipes.iter().flat_map(|recipe| times.map(|time| (recipe, time))) {
            match recipe.token(&credentials(), time) {
                Ok(token) => {
                    prop_assert!(token.as_str().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
                    prop_assert!(token.renew_at() <= token.expires_at());
                }
                Err(error) => prop_assert!(!error.to_string().contains('\n'), "{error}"),
            }
        }
    }

    #[test]
    fn verifier_accepts_the_password_of_a_database_and_no_other(
        host in "[a-zA-Z0-9]([a-zA-Z0-9.-]{0,30}[a-zA-Z0-9])?", port in 1..=u16::MAX,
        user in "\\PC{1,20}", at in any::<prop::sample::Index>(),
    ) {
        let token = rds(&*host, port, &*user, &REGION).token(&credentials(), now()).unwrap();
        let url = format!("https://{}", token.as_str());
        prop_assert_eq!(verified(&url, "rds-db"), Ok(()));
        prop_assert!(verified(&url, "dsql").is_err());
        // One letter or digit changed, anywhere after the host (whose case is not signed).
        let mut bytes = url.clone().into_bytes();
        let behind_host = "https://".len() + host.len();
        let at = behind_host + at.index(bytes.len() - behind_host);
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        prop_assert!(verified(&String::from_utf8(bytes).unwrap(), "rds-db").is_err());
    }

    #[test]
    fn verifier_accepts_the_password_of_a_cache(name in "[a-z][a-z0-9-]{0,39}", user in "\\PC{1,20}") {
        let cache = elasticache(&*name, &*user, &REGION);
        let token = cache.token(&credentials(), now()).unwrap();
        prop_assert_eq!(verified(&format!("http://{}", token.as_str()), "elasticache"), Ok(()));
        let token = cache.serverless().token(&credentials(), now()).unwrap();
        prop_assert_eq!(verified(&format!("http://{}", token.as_str()), "elasticache"), Ok(()));
    }
}
