//! Determines from the headers who sent a response: the service or an intermediary.

use crate::evidence::Evidence;
use crate::text::clean;

/// Headers that identify the sender of a response.
const NAMED: [&str; 6] = ["server", "via", "x-cache", "x-squid-error", "cf-ray", "cf-mitigated"];

/// Headers added by a product, each with the product's name.
const PRODUCTS: [(&str, &str); 4] = [
    ("x-amz-apigw-id", "API Gateway"),
    ("apigw-requestid", "API Gateway"),
    ("x-amz-cf-id", "CloudFront"),
    ("x-amzn-waf-action", "AWS WAF"),
];

/// Returns the headers that show who sent the response: `server: squid/3.1.10, via: 1.0 localhost`.
pub(crate) fn sender(evidence: &Evidence<'_>) -> Option<String> {
    let named = NAMED.iter().filter_map(|name| {
        let value = evidence.header(name)?;
        Some(format!("{name}: {}", clean(value, 60)))
    });
    let there = |header: &str| evidence.headers.contains_key(header);
    let products = PRODUCTS.iter().filter(|(header, _)| there(header));
    let products = products.map(|(header, product)| format!("{header} of {product}"));
    let all: Vec<String> = named.chain(products).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Returns the intermediary that sent the response, if the response shows it.
///
/// Sources: Cloudflare, "cf-mitigated header"; AWS, "Troubleshoot your Application Load Balancers"
/// and "Troubleshooting error responses from CloudFront"; Squid, `err_page` headers.
pub(crate) fn stands_between(evidence: &Evidence<'_>) -> Option<&'static str> {
    let server = evidence.header("server").unwrap_or_default().to_ascii_lowercase();
    let start = evidence.body.get(..evidence.body.len().min(4096)).unwrap_or_default();
    let page = String::from_utf8_lossy(start);
    let challenge = ["<title>Attention Required!", "<title>Just a moment"];
    let challenged =
        server.starts_with("cloudflare") && challenge.iter().any(|title| page.contains(title));
    if evidence.headers.contains_key("x-squid-error") {
        Some("the proxy Squid")
    } else if challenged || evidence.headers.contains_key("cf-mitigated") {
        Some("Cloudflare's firewall")
    } else if evidence.headers.contains_key("x-amzn-waf-action") {
        Some("AWS WAF")
    } else if server.starts_with("cloudfront") {
        Some("CloudFront")
    } else if server.starts_with("awselb") {
        Some("the load balancer")
    } else {
        None
    }
}

/// Returns the scheme that `WWW-Authenticate` asks for, if it is not SigV4.
pub(crate) fn other_authentication(evidence: &Evidence<'_>) -> Option<String> {
    let scheme = evidence.header("www-authenticate")?.split_whitespace().next()?;
    let name = scheme.trim_end_matches(',');
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_name && !name.starts_with("AWS4")).then(|| clean(name, 40))
}
