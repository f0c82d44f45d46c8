//! Host names that botocore's clients do not know, and the errors for names without a service.
//!
//! The names that they do know are tested against them in the package `tests`.

use super::Endpoint;

/// `service region`, or the error's text.
fn read(host: &str) -> String {
    match Endpoint::from_host(host) {
        Ok(endpoint) => format!("{} {}", endpoint.service(), endpoint.region()),
        Err(error) => error.to_string(),
    }
}

fn all_read_as(expected: &str, hosts: &[&str]) {
    for host in hosts {
        assert_eq!(read(host), expected, "{host}");
    }
}

#[test]
fn api_gateway_with_its_private_forms() {
    all_read_as(
        "execute-api eu-west-1",
        &[
            "abc123.execute-api.eu-west-1.amazonaws.com",
            "abc123.execute-api.eu-west-1.api.aws",
            "abc123-vpce-0a1b2c.execute-api.eu-west-1.amazonaws.com",
            "vpce-0a1b2c-xyz.execute-api.eu-west-1.vpce.amazonaws.com",
            "vpce-0a1b2c-xyz-eu-west-1a.execute-api.eu-west-1.vpce.amazonaws.com",
            "execute-api.eu-west-1.amazonaws.com",
        ],
    );
    assert_eq!(read("abc123.execute-api.cn-north-1.amazonaws.com.cn"), "execute-api cn-north-1");
}

#[test]
fn every_form_of_s3() {
    all_read_as(
        "s3 us-east-1",
        &[
            "s3.amazonaws.com",
            "bucket.s3.amazonaws.com",
            "my.dotted.bucket.s3.amazonaws.com",
            "s3-external-1.amazonaws.com",
            "bucket.s3-external-1.amazonaws.com",
            "s3.us-east-1.amazonaws.com",
            "s3-us-east-1.amazonaws.com",
        ],
    );
    all_read_as(
        "s3 eu-west-1",
        &[
            "s3.eu-west-1.amazonaws.com",
            "bucket.s3.eu-west-1.amazonaws.com",
            "my.dotted.bucket.s3.eu-west-1.amazonaws.com",
            "s3.us-west-2.s3.eu-west-1.amazonaws.com", // a bucket called s3.us-west-2
            "bucket.s3-eu-west-1.amazonaws.com",
            "s3.dualstack.eu-west-1.amazonaws.com",
            "bucket.s3.dualstack.eu-west-1.amazonaws.com",
            "ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com",
            "ap-123456789012.s3-accesspoint.dualstack.eu-west-1.amazonaws.com",
            "123456789012.s3-control.eu-west-1.amazonaws.com",
            "123456789012.s3-control.dualstack.eu-west-1.amazonaws.com",
            "bucket.vpce-1a2b3c4d-5e6f.s3.eu-west-1.vpce.amazonaws.com",
            "my.bucket.vpce-1a2b3c4d-5e6f.s3.eu-west-1.vpce.amazonaws.com",
            "ap-123456789012.accesspoint.vpce-1a2b3c4d-5e6f.s3.eu-west-1.vpce.amazonaws.com",
            "control.vpce-1a2b3c4d-5e6f.s3.eu-west-1.vpce.amazonaws.com",
        ],
    );
    all_read_as(
        "s3 us-gov-west-1",
        &[
            "bucket.s3-fips.us-gov-west-1.amazonaws.com",
            "bucket.s3-fips.dualstack.us-gov-west-1.amazonaws.com",
            "s3-fips-us-gov-west-1.amazonaws.com",
            "s3-us-gov-west-1.amazonaws.com",
        ],
    );
    assert_eq!(read("bucket.s3.cn-north-1.amazonaws.com.cn"), "s3 cn-north-1");
    assert_eq!(read("bucket.s3.us-iso-east-1.c2s.ic.gov"), "s3 us-iso-east-1");
}

#[test]
fn every_form_of_s3s_kin() {
    assert_eq!(
        read("ap-1.op-01ac5d28a6a232904.s3-outposts.us-west-2.amazonaws.com"),
        "s3-outposts us-west-2"
    );
    assert_eq!(read("s3-outposts.us-west-2.api.aws"), "s3-outposts us-west-2");
    assert_eq!(
        read("route.s3-object-lambda.us-west-2.amazonaws.com"),
        "s3-object-lambda us-west-2"
    );
    all_read_as(
        "s3express us-east-1",
        &[
            "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
            "b--use1-az4--x-s3.s3express-fips-use1-az4.us-east-1.amazonaws.com",
            "b--use1-az4--x-s3.s3express-use1-az4.dualstack.us-east-1.amazonaws.com",
            "s3express-control.us-east-1.amazonaws.com",
            "s3express-control-fips.dualstack.us-east-1.amazonaws.com",
        ],
    );
}

#[test]
fn hosts_of_resources() {
    for (host, expected) in [
        ("abc.lambda-url.eu-west-1.on.aws", "lambda eu-west-1"),
        ("search-logs-abc.us-west-2.es.amazonaws.com", "es us-west-2"),
        ("vpc-logs-abc.cn-north-1.es.amazonaws.com.cn", "es cn-north-1"),
        ("search-logs-abc.aos.us-west-2.on.aws", "es us-west-2"),
        ("abc.us-east-1.aoss.amazonaws.com", "aoss us-east-1"),
        ("dashboards.us-east-1.aoss.amazonaws.com", "aoss us-east-1"),
        ("abc.aoss.us-east-1.on.aws", "aoss us-east-1"),
        ("123456789012.aoss-fips.us-east-1.on.aws", "aoss us-east-1"),
        ("pipeline-abc.us-east-1.osis.amazonaws.com", "osis us-east-1"),
        ("abc.appsync-api.us-east-1.amazonaws.com", "appsync us-east-1"),
        ("abc.appsync-realtime-api.us-east-1.amazonaws.com", "appsync us-east-1"),
        ("svc-1.7d67968.vpc-lattice-svcs.us-west-2.on.aws", "vpc-lattice-svcs us-west-2"),
        ("c.cluster-x1.us-east-1.neptune.amazonaws.com", "neptune-db us-east-1"),
        ("c.cluster-x1.neptune.cn-north-1.amazonaws.com.cn", "neptune-db cn-north-1"),
        ("db.abc123.eu-central-1.rds.amazonaws.com", "rds-db eu-central-1"),
        ("db.proxy-abc123.eu-central-1.rds.amazonaws.com", "rds-db eu-central-1"),
        ("abc.dsql.us-east-2.on.aws", "dsql us-east-2"),
        ("s-1a2b3c4d.kinesisvideo.us-west-2.amazonaws.com", "kinesisvideo us-west-2"),
        ("m-1a2b3c4d.kinesisvideo.us-west-2.amazonaws.com", "kinesisvideo us-west-2"),
        ("abc.data.mediastore.us-west-2.amazonaws.com", "mediastore us-west-2"),
        ("abc.mediaconvert.us-west-2.amazonaws.com", "mediaconvert us-west-2"),
        ("abc.jobs.iot.us-west-2.amazonaws.com", "iot-jobs-data us-west-2"),
        ("doc-books-x1.us-east-1.cloudsearch.amazonaws.com", "cloudsearch us-east-1"),
        ("g-1.gateway.bedrock-agentcore.us-west-2.amazonaws.com", "bedrock-agentcore us-west-2"),
        ("nd-1.ethereum.managedblockchain.us-east-1.amazonaws.com", "managedblockchain us-east-1"),
        (
            "nd-1.wss.ethereum.managedblockchain.us-east-1.amazonaws.com",
            "managedblockchain us-east-1",
        ),
        (
            "mainnet.bitcoin.managedblockchain.us-east-1.amazonaws.com",
            "managedblockchain us-east-1",
        ),
    ] {
        assert_eq!(read(host), expected, "{host}");
    }
}

#[test]
fn hosts_of_services_that_botocore_has_no_client_for() {
    for (host, expected) in [
        ("transcribestreaming.us-west-2.amazonaws.com:8443", "transcribe us-west-2"),
        ("aps-workspaces.us-east-1.amazonaws.com", "aps us-east-1"),
        ("vpce-1-2.aps-workspaces.us-east-1.vpce.amazonaws.com", "aps us-east-1"),
        ("bedrock-mantle.us-east-1.api.aws", "bedrock-mantle us-east-1"),
        ("git-codecommit.us-east-1.amazonaws.com", "codecommit us-east-1"),
        ("vpce-1-2.api.ecr.us-east-1.vpce.amazonaws.com", "ecr us-east-1"),
        ("vpce-1-2.kms-fips.us-east-1.vpce.amazonaws.com", "kms us-east-1"),
    ] {
        assert_eq!(read(host), expected, "{host}");
    }
}

#[test]
fn region_that_opens_tomorrow_is_known_by_its_partition() {
    assert_eq!(read("dynamodb.eu-north-7.amazonaws.com"), "dynamodb eu-north-7");
    assert_eq!(read("b.s3.cn-south-1.amazonaws.com.cn"), "s3 cn-south-1");
    assert_eq!(read("sqs.eusc-de-west-1.api.amazonwebservices.eu"), "sqs eusc-de-west-1");
}

#[test]
fn capitals_port_user_and_the_final_dot_do_not_count() {
    all_read_as(
        "dynamodb us-east-1",
        &[
            "DynamoDB.US-EAST-1.AmazonAWS.com",
            "dynamodb.us-east-1.amazonaws.com:443",
            "user:password@dynamodb.us-east-1.amazonaws.com",
            "dynamodb.us-east-1.amazonaws.com.",
        ],
    );
}

#[test]
fn name_that_is_in_no_table_is_unknown_and_the_text_names_it() {
    for (host, name) in [
        ("comprehensive.us-east-1.amazonaws.com", "comprehensive.us-east-1"),
        ("dynamodb.us-east-1.on.aws", "dynamodb.us-east-1"),
        ("lambda-url.eu-west-1.on.aws", "lambda-url.eu-west-1"),
        ("a.b.c.execute-api.us-east-1.amazonaws.com", "a.b.c.execute-api.us-east-1"),
        ("bucket.dynamodb.us-east-1.amazonaws.com", "bucket.dynamodb.us-east-1"),
        ("12345.ddb.us-east-1.amazonaws.com", "12345.ddb.us-east-1"),
        ("dynamodb.cn-north-1.amazonaws.com", "dynamodb.cn-north-1"),
        ("dynamodb.us-east-1.amazonaws.com.cn", "dynamodb.us-east-1"),
        ("dynamodb.us-east-1a.amazonaws.com", "dynamodb.us-east-1a"),
        ("dynamodb.amazonaws.com", "dynamodb"),
        ("sts.amazonaws.com.cn", "sts"),
        ("s3.amazonaws.com.cn", "s3"),
        ("us-east-1.amazonaws.com", "us-east-1"),
        ("lb-1.us-east-1.elb.amazonaws.com", "lb-1.us-east-1.elb"),
        (
            "vpce-1-2.vpce-svc-0a1b2c.us-east-1.vpce.amazonaws.com",
            "vpce-1-2.vpce-svc-0a1b2c.us-east-1",
        ),
    ] {
        let text = Endpoint::from_host(host).unwrap_err().to_string();
        let expected = format!("no service and region by the name {name}: give both");
        assert!(text.contains(&expected) && text.contains("Signer::new"), "{host}: {text}");
        assert!(Endpoint::candidates(host).is_empty());
    }
}

#[test]
fn domain_that_is_not_of_aws_is_told_and_so_is_the_cure() {
    for host in [
        "api.example.com",
        "localhost:9000",
        "127.0.0.1",
        "amazonaws.com",
        "evilamazonaws.com",
        "s3.us-east-1.amazonaws.com.evil.com",
        "s3.us-east-1.amazonaws.example",
        "signin.aws.amazon.com",
        "x.signin.aws.amazon.com",
    ] {
        let text = read(host);
        assert!(text.contains("below no domain of AWS") && text.contains("Signer::new"), "{text}");
    }
}

#[test]
fn text_that_is_no_host_name_is_told() {
    let long = format!("{}s3.amazonaws.com", "a.".repeat(200));
    for host in [
        "",
        ".",
        ".amazonaws.com",
        "a..execute-api.us-east-1.amazonaws.com",
        ".execute-api.us-east-1.amazonaws.com",
        "[::1]:443",
        "bücher.example",
        "s3 .amazonaws.com",
        "evil\n\u{1b}[31m.amazonaws.com",
        long.as_str(),
    ] {
        let text = read(host);
        assert!(text.contains("not the name of a host") && text.contains("Signer::new"), "{text}");
        assert!(text.len() < 400 && !text.contains(['\n', '\u{1b}']), "{text:?}");
    }
}

#[test]
fn hosts_without_a_sigv4_signature_say_what_takes_its_place() {
    for (host, text) in [
        ("bucket.s3-website-us-east-1.amazonaws.com", "REST endpoint"),
        ("bucket.s3-website.eu-central-1.amazonaws.com", "REST endpoint"),
        ("abc.credentials.iot.us-east-1.amazonaws.com", "client certificate"),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "password"),
        ("0123ABCD.gr7.us-east-1.eks.amazonaws.com", "bearer token"),
        ("codecatalyst.global.api.aws", "bearer token"),
    ] {
        assert!(read(host).contains("are not signed with SigV4"), "{}", read(host));
        assert!(read(host).contains(text), "{}", read(host));
    }
}

#[test]
fn hosts_of_several_regions_say_that_they_take_sigv4a() {
    for host in [
        "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com",
        "abcde.xyz.endpoint.events.amazonaws.com",
        "abc123.endpoint.events.amazonaws.com",
        "abc123.endpoints.email.global.api.aws",
        "123456789012.cloudfront-kvs.global.api.aws",
    ] {
        assert_eq!(
            read(host).contains("SigV4a"),
            host != "abcde.xyz.endpoint.events.amazonaws.com",
            "{host}"
        );
    }
}

#[cfg(feature = "sigv4a")]
#[test]
fn signer_for_a_url_of_several_regions_is_for_all_of_them() {
    use crate::sign::signer::Signer;

    for (host, service) in [
        ("mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com", "s3"),
        ("abc123.endpoint.events.amazonaws.com", "events"),
        ("abc123.endpoints.email.global.api.aws", "ses"),
        ("123456789012.cloudfront-kvs.global.api.aws", "cloudfront-keyvaluestore"),
    ] {
        let signer = Signer::for_url(&format!("https://{host}/a")).unwrap();
        assert_eq!(signer.region_set().unwrap().as_str(), "*", "{host}");
        assert_eq!(signer.service().as_str(), service, "{host}");
        assert!(read(host).contains("Signer::for_url"), "{}", read(host));
    }
    let one = Signer::for_url("https://kms.us-east-2.amazonaws.com/").unwrap();
    assert_eq!(one.region_set(), None);
}

#[test]
fn accelerated_host_does_not_name_its_region() {
    for host in ["b.s3-accelerate.amazonaws.com", "b.s3-accelerate.dualstack.amazonaws.com"] {
        assert!(read(host).contains("(s3) does not name the region"), "{}", read(host));
    }
}

#[test]
fn several_services_under_one_name_are_all_listed() {
    for (host, expected) in [
        ("abc-ats.iot.us-east-1.amazonaws.com", ["iotdata", "iotdevicegateway"]),
        ("abc.iot.us-east-1.amazonaws.com", ["iotdata", "iotdevicegateway"]),
        ("abc.ats.iot.cn-north-1.amazonaws.com.cn", ["iotdata", "iotdevicegateway"]),
        ("maps.geo.us-east-1.amazonaws.com", ["geo", "geo-maps"]),
        ("places.geo-fips.us-east-1.amazonaws.com", ["geo", "geo-places"]),
    ] {
        let found = Endpoint::candidates(host);
        let names: Vec<&str> = found.iter().map(|found| found.service().as_str()).collect();
        assert_eq!(names, expected, "{host}");
        let text = read(host);
        assert!(text.contains(&expected.join(" and ")) && text.contains("candidates"), "{text}");
    }
    assert_eq!(Endpoint::candidates("sns.us-east-1.amazonaws.com").len(), 1);
}

#[test]
fn url_tells_services_apart_that_share_a_name() {
    const IOT: &str = "abc-ats.iot.us-east-1.amazonaws.com";
    const MAPS: &str = "maps.geo.us-east-1.amazonaws.com";
    for (url, service) in [
        (format!("wss://{IOT}/mqtt"), Some("iotdevicegateway")),
        (format!("WSS://{IOT}:443/mqtt?x=1"), Some("iotdevicegateway")),
        (format!("https://{IOT}/mqtt"), Some("iotdevicegateway")),
        (format!("https://{IOT}/topics/a%2Fb?qos=1"), Some("iotdata")),
        (format!("https://{IOT}/things/t/shadow"), Some("iotdata")),
        (format!("https://{IOT}/"), None),
        (format!("https://{IOT}"), None),
        (format!("https://{MAPS}/maps/v0/maps/m/tiles/1/1/1"), Some("geo")),
        (format!("https://{MAPS}/v2/tiles/t/1/1/1"), Some("geo-maps")),
        (format!("https://{MAPS}/v3"), None),
    ] {
        let found = Endpoint::from_url(&url).ok();
        assert_eq!(found.as_ref().map(|found| found.service().as_str()), service, "{url}");
    }
}

#[test]
fn url_given_as_host_and_host_given_as_url_are_told_apart() {
    let url = "https://user:secret@s3.us-east-1.amazonaws.com/b?X-Amz-Signature=secret";
    let text = read(url);
    assert!(text.contains("a URL was given") && text.contains("from_url"), "{text}");
    assert!(text.contains("s3.us-east-1.amazonaws.com") && !text.contains("secret"), "{text}");
    for host in ["s3.us-east-1.amazonaws.com/bucket", "//s3.us-east-1.amazonaws.com", "/path"] {
        assert!(read(host).contains("a URL was given"), "{host}");
    }
    for text in ["s3.us-east-1.amazonaws.com", "/path", "", "https://", "://x", "https:///path"] {
        let error = Endpoint::from_url(text).unwrap_err().to_string();
        assert!(error.contains("not a URL with a host"), "{text}: {error}");
    }
    for url in ["https://S3.us-east-1.amazonaws.com", "http://s3.us-east-1.amazonaws.com:80?x"] {
        assert_eq!(Endpoint::from_url(url).unwrap().service().as_str(), "s3", "{url}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_without_a_second_opinion(
        text in "(https?://)?([a-z0-9-]{0,9}[.]){0,4}(s3|es|iot|geo|ddb)?[.]?(us-east-1)?[.]?\\PC{0,3}(amazonaws[.]com|on[.]aws)?",
    ) {
        let (said, found) = (Endpoint::from_host(&text), Endpoint::candidates(&text));
        match said {
            Ok(endpoint) => proptest::prop_assert_eq!(found, [endpoint]),
            Err(error) => {
                proptest::prop_assert_ne!(found.len(), 1);
                proptest::prop_assert!(!error.to_string().contains('\n'));
            }
        }
        let _ = Endpoint::from_url(&text);
    }
}
