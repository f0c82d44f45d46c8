//! Forms signed and verified, and every way in which one can break its policy.

use crate::credentials::Credentials;
use crate::post_policy::{PolicyError, PostForm, PostPolicy};
use crate::scope::{Region, Service};
use crate::sign::signer::Signer;
use crate::time::SigningTime;
use crate::verify::{Verifier, VerifyError};

const REGION: Region = Region::from_static("us-east-1");
const S3: Service = Service::from_static("s3");
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The AWS documentation's example, with its line breaks.
const AWS_EXAMPLE: &str = "{ \"expiration\": \"2015-12-30T12:00:00.000Z\",\r\n  \"conditions\": [\r\n    \
    {\"bucket\": \"sigv4examplebucket\"},\r\n    [\"starts-with\", \"$key\", \"user/user1/\"],\r\n    \
    {\"acl\": \"public-read\"},\r\n    {\"success_action_redirect\": \
    \"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},\r\n    \
    [\"starts-with\", \"$Content-Type\", \"image/\"],\r\n    {\"x-amz-meta-uuid\": \"14365123651274\"},\
    \r\n    {\"x-amz-server-side-encryption\": \"AES256\"},\r\n    [\"starts-with\", \
    \"$x-amz-meta-tag\", \"\"],\r\n\r\n    {\"x-amz-credential\": \
    \"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request\"},\r\n    {\"x-amz-algorithm\": \
    \"AWS4-HMAC-SHA256\"},\r\n    {\"x-amz-date\": \"20151229T000000Z\" }\r\n  ]\r\n}";

fn at(text: &str) -> SigningTime {
    text.parse().unwrap()
}

fn key() -> Credentials {
    Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET)
}

fn signer() -> Signer {
    Signer::new(REGION, S3)
}

fn signature(form: &PostForm) -> &str {
    form.fields().find(|(name, _)| *name == "x-amz-signature").unwrap().1
}

/// The fields that a browser sends, some replaced, added or (with no value) left out.
fn sent<'a>(form: &'a PostForm, changes: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> = form.fields().collect();
    fields.extend([("key", "user/ann/${filename}"), ("x-ignore-this", "1")]);
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.extend(value.map(|value| (*name, value)));
    }
    fields
}

fn form(credentials: &Credentials) -> PostForm {
    let policy = PostPolicy::new(at("20151230T120000Z"))
        .unwrap()
        .with_equal("bucket", "b")
        .with_prefix("key", "user/ann/")
        .with_prefix("Content-Type", "image/")
        .with_prefix("x-amz-meta-tag", "")
        .with_file_length(1..=10);
    signer().sign_post_policy(&policy, credentials, at("20151229T000000Z")).unwrap()
}

fn verify(
    fields: &[(&str, &str)],
    now: &str,
    key: Option<&Credentials>,
) -> Result<crate::post_policy::VerifiedForm, VerifyError> {
    Verifier::new(REGION, S3).read_form("b", fields.iter().copied(), at(now))?.verify(key)
}

const NOW: &str = "20151229T060000Z";
const TYPE: (&str, Option<&str>) = ("content-type", Some("image/png"));

#[test]
fn aws_example_policy_has_the_published_signature() {
    let time = at("20151229T000000Z");
    let form = signer().sign_post_document(AWS_EXAMPLE.as_bytes(), &key(), time).unwrap();
    assert_eq!(
        signature(&form),
        "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
    );
    let mut fields: Vec<_> = form.fields().collect();
    fields.extend([
        ("key", "user/user1/${filename}"),
        ("acl", "public-read"),
        (
            "success_action_redirect",
            "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html",
        ),
        ("Content-Type", "image/jpeg"),
        ("x-amz-meta-uuid", "14365123651274"),
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-meta-tag", ""),
    ]);
    let claim = Verifier::new(REGION, S3).read_form("sigv4examplebucket", fields, at(NOW)).unwrap();
    let verified = claim.verify(Some(&key())).unwrap();
    assert_eq!(verified.access_key_id(), "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(verified.file_length(), 0..=u64::MAX);
}

#[test]
fn form_that_keeps_to_its_policy_is_verified() {
    for credentials in [key(), key().with_session_token("TOKEN")] {
        let form = form(&credentials);
        let verified = verify(&sent(&form, &[TYPE]), NOW, Some(&credentials)).unwrap();
        assert!(verified.check_file_length(10).is_ok());
        for length in [0, 11] {
            let refused = verified.check_file_length(length);
            assert_eq!(refused, Err(VerifyError::Policy(PolicyError::FileLength)));
        }
    }
}

#[test]
fn form_that_breaks_its_policy_is_refused() {
    let form = form(&key());
    for change in [
        ("bucket", Some("other")),
        ("bucket", Some("B")),
        ("bucket", Some("")),
        ("key", Some("user/bob/a")),
        ("key", None),
        ("content-type", Some("text/html")),
        ("content-type", Some("image/png,text/html")),
        ("acl", Some("public-read")),
        ("x-amz-meta-other", Some("1")),
        ("x-amz-date", Some("20151229T000001Z")),
    ] {
        let fields = sent(&form, &[TYPE, change]);
        let refused = verify(&fields, NOW, Some(&key()));
        assert!(matches!(refused, Err(VerifyError::Policy(_))), "{change:?}: {refused:?}");
    }
}

#[test]
fn bucket_of_the_url_is_checked_and_a_field_must_equal_it() {
    let form = form(&key());
    let fields = sent(&form, &[TYPE]);
    let named = sent(&form, &[TYPE, ("bucket", Some("b"))]);
    let upper = sent(&form, &[TYPE, ("Bucket", Some("b"))]);
    let failed = VerifyError::Policy(PolicyError::ConditionFailed { name: "bucket".into() });
    for fields in [fields, named, upper] {
        let verify = |bucket| {
            let claim = Verifier::new(REGION, S3).read_form(bucket, fields.clone(), at(NOW))?;
            claim.verify(Some(&key()))
        };
        assert!(verify("b").is_ok());
        assert_eq!(verify("other").unwrap_err(), failed);
        assert_eq!(verify("").unwrap_err(), failed);
    }
    let both = sent(&form, &[TYPE, ("bucket", Some("b")), ("BUCKET", Some("b"))]);
    let doubled = VerifyError::Policy(PolicyError::DuplicateField { name: "bucket".into() });
    assert_eq!(verify(&both, NOW, Some(&key())), Err(doubled));
}

#[test]
fn policy_that_does_not_name_the_bucket_is_refused() {
    let policy = PostPolicy::new(at("20151230T120000Z")).unwrap().with_prefix("key", "");
    let form = signer().sign_post_policy(&policy, &key(), at("20151229T000000Z")).unwrap();
    let mut fields: Vec<_> = form.fields().collect();
    fields.push(("key", "a"));
    let expected = VerifyError::Policy(PolicyError::FieldNotAllowed { name: "bucket".into() });
    assert_eq!(verify(&fields, NOW, Some(&key())), Err(expected));
}

#[test]
fn fields_that_the_policy_names_are_known_after_the_signature() {
    let form = form(&key());
    let verified = verify(&sent(&form, &[TYPE]), NOW, Some(&key())).unwrap();
    for (name, expected) in
        [("key", true), ("X-Amz-Meta-Tag", true), ("x-amz-date", true), ("submit", false)]
    {
        assert_eq!(verified.names_field(name), expected, "{name}");
    }
}

/// As many fields as fit into S3's 20,000 bytes. Conditions and fields are found without linear
/// search.
#[test]
fn many_fields_under_many_conditions_are_all_checked() {
    let mut policy = PostPolicy::new(at("20151230T120000Z")).unwrap().with_equal("bucket", "b");
    let names: Vec<String> = (0..400).rev().map(|number| format!("f{number}")).collect();
    for name in &names {
        policy = policy.with_equal(name, "v");
    }
    let form = signer().sign_post_policy(&policy, &key(), at("20151229T000000Z")).unwrap();
    let mut fields: Vec<_> = form.fields().collect();
    fields.extend(names.iter().map(|name| (name.as_str(), "v")));
    assert!(verify(&fields, NOW, Some(&key())).is_ok());
    for at in 0..fields.len() {
        let mut changed = fields.clone();
        changed[at].1 = "w";
        assert!(verify(&changed, NOW, Some(&key())).is_err(), "{:?}", fields[at]);
        changed.remove(at);
        assert!(verify(&changed, NOW, Some(&key())).is_err(), "without {:?}", fields[at]);
    }
}

#[test]
fn field_of_the_signature_that_is_missing_changed_or_doubled_is_refused() {
    let form = form(&key());
    for (name, value) in form.fields() {
        let fields = sent(&form, &[TYPE, (name, None)]);
        assert!(verify(&fields, NOW, Some(&key())).is_err(), "{name} missing");
        let changed = format!("{value}0");
        let fields = sent(&form, &[TYPE, (name, Some(&changed))]);
        assert!(verify(&fields, NOW, Some(&key())).is_err(), "{name} changed");
        let mut fields = sent(&form, &[TYPE]);
        let upper = name.to_uppercase();
        fields.push((&upper, value));
        let refused = verify(&fields, NOW, Some(&key()));
        let expected = PolicyError::DuplicateField { name: name.to_owned() };
        assert_eq!(refused, Err(VerifyError::Policy(expected)), "{name} doubled");
    }
}

#[test]
fn form_is_bound_to_time_scope_key_and_token() {
    let form = form(&key());
    let fields = sent(&form, &[TYPE]);
    for (now, accepted) in [
        ("20151228T234500Z", true),
        ("20151228T234459Z", false),
        ("20151230T120000Z", true),
        ("20151230T120001Z", false),
    ] {
        assert_eq!(verify(&fields, now, Some(&key())).is_ok(), accepted, "{now}");
    }
    let elsewhere = Verifier::new(Region::from_static("eu-west-1"), S3);
    let read = elsewhere.read_form("b", fields.iter().copied(), at(NOW));
    assert!(matches!(read.err(), Some(VerifyError::WrongRegion { .. })));
    assert_eq!(verify(&fields, NOW, None), Err(VerifyError::UnknownKey));
    let wrong = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wrong");
    assert_eq!(verify(&fields, NOW, Some(&wrong)), Err(VerifyError::WrongSignature));
    let token = key().with_session_token("TOKEN");
    assert_eq!(verify(&fields, NOW, Some(&token)), Err(VerifyError::MissingToken));
}

#[test]
fn form_is_no_longer_good_than_a_presigned_url_may_be() {
    let form = form(&key());
    let fields = sent(&form, &[TYPE]);
    let verifier = Verifier::new(REGION, S3).with_max_expires(60);
    for (now, expected) in [
        ("20151229T000100Z", None),
        ("20151229T000101Z", Some(VerifyError::Policy(PolicyError::Expired))),
    ] {
        let read = verifier.read_form("b", fields.iter().copied(), at(now));
        assert_eq!(read.err(), expected, "{now}");
    }
}

#[test]
fn form_longer_than_s3_takes_is_refused_before_it_is_read() {
    let form = form(&key());
    let long = "a".repeat(20_001);
    let fields = sent(&form, &[TYPE, ("x-amz-meta-tag", Some(&long))]);
    let refused = verify(&fields, NOW, Some(&key()));
    assert_eq!(refused, Err(VerifyError::Policy(PolicyError::TooLarge)));
}

#[test]
fn debug_of_a_form_hides_the_token() {
    let form = form(&key().with_session_token("CANARYTOKEN"));
    assert!(!format!("{form:?}").contains("CANARYTOKEN"));
}
