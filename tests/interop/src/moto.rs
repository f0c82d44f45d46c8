//! moto with its IAM checks on: services of every protocol, roles, and a policy that denies.

use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sigv4_core::{Credentials, Region, Service, Signer};
use support::servers::{Identity, Moto};

use crate::adapter::{Adapter, Answer, Call};
use crate::matrix::{Direction, Matrix, Need, Outcome};
use crate::objects::{Place, between, check};

const SYSTEM: &str = "moto";

/// moto verifies a form in its own encoding, so this one uses that encoding and has no space.
const FORM: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One call of a service, and the expected text of its response.
struct Operation {
    service: &'static str,
    kind: Kind,
    answer: &'static str,
}

/// How the call is written.
enum Kind {
    /// A form that names the action.
    Query(&'static str),
    /// A header that names the action, and a JSON body.
    Json { target: &'static str, body: &'static str },
    /// A path, and a JSON body in which `{unique}` becomes a number.
    Rest { path: &'static str, body: &'static str },
}

/// moto uses the path as it was sent as the canonical path, but AWS encodes it anew. Swift and s3s
/// accept the same signatures.
const WRONG_ON: [&str; 4] = ["a+b", "$&,:;=@", "!'()*", "UPPER%c3%a9lower"];

/// A function has a body: without one, moto hashes the parameters of the path in its place.
const FUNCTION: &str = r#"{"FunctionName":"function-{unique}","PackageType":"Image",
    "Role":"arn:aws:iam::123456789012:role/role",
    "Code":{"ImageUri":"123456789012.dkr.ecr.us-east-1.amazonaws.com/image:1"}}"#;

const OPERATIONS: [Operation; 9] = [
    query("sts", "Action=GetCallerIdentity&Version=2011-06-15", "<Arn>"),
    query("iam", "Action=ListUsers&Version=2010-05-08", "<UserName>nobody</UserName>"),
    query("sqs", "Action=CreateQueue&QueueName=a-queue&Version=2012-11-05", "a-queue"),
    query("sns", "Action=CreateTopic&Name=a-topic&Version=2010-03-31", "Topic"),
    json("dynamodb", "DynamoDB_20120810.ListTables", "{}", "TableNames"),
    json("kms", "TrentService.ListKeys", "{}", "Keys"),
    json("secretsmanager", "secretsmanager.ListSecrets", r#"{"MaxResults":10}"#, "SecretList"),
    json("logs", "Logs_20140328.DescribeLogGroups", r#"{"limit":10}"#, "logGroups"),
    Operation {
        service: "lambda",
        kind: Kind::Rest { path: "/2015-03-31/functions", body: FUNCTION },
        answer: "FunctionArn",
    },
];

const fn query(service: &'static str, form: &'static str, answer: &'static str) -> Operation {
    Operation { service, kind: Kind::Query(form), answer }
}

const fn json(
    service: &'static str,
    target: &'static str,
    body: &'static str,
    answer: &'static str,
) -> Operation {
    Operation { service, kind: Kind::Json { target, body }, answer }
}

/// Runs every mode, if moto is on this machine.
pub(crate) fn run(matrix: &mut Matrix) {
    let Some(moto) = Moto::start() else {
        let why = "tests/support/servers/install.sh installs it";
        return matrix.not_there(SYSTEM, Direction::WeSign, Need::WhereServersAre, why);
    };
    let mut record = |mode: String, outcome| {
        matrix.record(SYSTEM, Direction::WeSign, mode, outcome);
    };
    for (number, adapter) in Adapter::ALL.into_iter().enumerate() {
        let (name, endpoint) = (adapter.name(), moto.endpoint());
        record(
            format!("{name}: query, JSON, REST, a user"),
            allowed(adapter, endpoint, moto.admin()),
        );
        record(
            format!("{name}: the same, a role's token"),
            allowed(adapter, endpoint, moto.role()),
        );
        let bucket = format!("{endpoint}/bucket-{number}");
        record(format!("{name}: S3"), objects(adapter, &bucket, moto.role()));
        record(format!("{name}: no policy allows"), not_allowed(adapter, endpoint, moto.nobody()));
        record(format!("{name}: a wrong secret"), wrong_secret(adapter, &moto));
    }
    record("AssumeRole, then a call with what it gave".into(), assume_role(&moto));
    record("a policy that denies one service".into(), denied(&moto));
    let bucket = format!("{}/bucket-0", moto.endpoint());
    let place = Place {
        system: SYSTEM,
        bucket,
        signer: signer("s3"),
        credentials: credentials(moto.role()),
        wrong_on: &WRONG_ON,
    };
    place.keys(matrix);
    place.multipart(matrix);
    place.streams(matrix);
}

fn signer(service: &'static str) -> Signer {
    Signer::new(Region::from_static(Moto::REGION), Service::from_static(service))
}

fn credentials(identity: &Identity) -> Credentials {
    let credentials = Credentials::new(&identity.access_key, &identity.secret_key);
    match &identity.token {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    }
}

impl Operation {
    fn call(&self, endpoint: &str) -> Call {
        match self.kind {
            Kind::Query(form) => form_call(endpoint, form.to_owned()),
            Kind::Json { target, body } => {
                let call = Call::new(Method::POST, format!("{endpoint}/"), body);
                call.header("content-type", "application/x-amz-json-1.1")
                    .header("x-amz-target", target)
            }
            Kind::Rest { path, body } => {
                static COUNT: AtomicUsize = AtomicUsize::new(0);
                let unique = COUNT.fetch_add(1, Ordering::Relaxed).to_string();
                let body = body.replace("{unique}", &unique);
                Call::new(Method::POST, format!("{endpoint}{path}"), body)
                    .header("content-type", "application/json")
            }
        }
    }
}

fn form_call(endpoint: &str, form: String) -> Call {
    let call = Call::new(Method::POST, format!("{endpoint}/"), form);
    call.header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
}

fn allowed(adapter: Adapter, endpoint: &str, identity: &Identity) -> Outcome {
    let mut services = Vec::new();
    for operation in &OPERATIONS {
        let (signer, credentials) = (signer(operation.service), credentials(identity));
        let answer = adapter.send(&signer, &credentials, &operation.call(endpoint))?;
        let fits = is_success(&answer) && answer.text().contains(operation.answer);
        check(fits, || format!("{}: {}", operation.service, answer.describe()))?;
        services.push(operation.service);
    }
    Ok(services.join(", "))
}

fn objects(adapter: Adapter, bucket: &str, identity: &Identity) -> Outcome {
    let send = |method: Method, target: &str, body: &'static str| {
        let call = Call::new(method, format!("{bucket}{target}"), body);
        adapter.send(&signer("s3"), &credentials(identity), &call)
    };
    expect(&send(Method::PUT, "", "")?, 200, "the bucket")?;
    for key in ["plain.txt", "a%20b", "caf%C3%A9/x", "100%25"] {
        let target = format!("/{key}");
        expect(&send(Method::PUT, &target, "hello")?, 200, key)?;
        let read = send(Method::GET, &target, "")?;
        expect(&read, 200, key)?;
        check(read.text() == "hello", || format!("{key}: another body came back"))?;
    }
    let list = send(Method::GET, "?list-type=2&prefix=caf%C3%A9%2F", "")?;
    expect(&list, 200, "the list")?;
    check(list.text().contains("café/x"), || list.describe())?;
    Ok("put, read, listed".into())
}

/// A valid signature of a user without permissions is denied, but not because of the signature.
fn not_allowed(adapter: Adapter, endpoint: &str, identity: &Identity) -> Outcome {
    let mut denied = 0;
    for operation in OPERATIONS.iter().filter(|operation| operation.service != "sts") {
        let (signer, credentials) = (signer(operation.service), credentials(identity));
        let answer = adapter.send(&signer, &credentials, &operation.call(endpoint))?;
        is_denied(&answer).map_err(|error| format!("{}: {error}", operation.service))?;
        denied += 1;
    }
    Ok(format!("AccessDenied from {denied} services"))
}

fn wrong_secret(adapter: Adapter, moto: &Moto) -> Outcome {
    let wrong = Credentials::new(&moto.admin().access_key, "another");
    for operation in &OPERATIONS {
        let call = operation.call(moto.endpoint());
        let answer = adapter.send(&signer(operation.service), &wrong, &call)?;
        let fits = answer.status == 403 && says_bad_signature(&answer);
        check(fits, || format!("{}: {}", operation.service, answer.describe()))?;
    }
    Ok("refused for its signature, everywhere".into())
}

fn assume_role(moto: &Moto) -> Outcome {
    let form = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=interop\
        &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Frole";
    let call = form_call(moto.endpoint(), form.to_owned());
    let answer = Adapter::Core.send(&signer("sts"), &credentials(moto.admin()), &call)?;
    expect(&answer, 200, "AssumeRole")?;
    let text = answer.text();
    let field = |name: &str| between(&text, &format!("<{name}>"), &format!("</{name}>"));
    let role = Credentials::new(field("AccessKeyId")?, field("SecretAccessKey")?)
        .with_session_token(field("SessionToken")?);
    for adapter in Adapter::ALL {
        let who = "Action=GetCallerIdentity&Version=2011-06-15".to_owned();
        let answer = adapter.send(&signer("sts"), &role, &form_call(moto.endpoint(), who))?;
        let fits = answer.status == 200 && answer.text().contains("assumed-role/role/interop");
        check(fits, || format!("{}: {}", adapter.name(), answer.describe()))?;
    }
    Ok(format!("{} adapters are assumed-role/role/interop", Adapter::ALL.len()))
}

/// Everything is allowed except one service: its calls are denied, others are not.
fn denied(moto: &Moto) -> Outcome {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"dynamodb:*","Resource":"*"}]}"#;
    let policy = utf8_percent_encode(policy, &FORM);
    let form = format!(
        "Action=PutUserPolicy&Version=2010-05-08&UserName=nobody&PolicyName=deny\
         &PolicyDocument={policy}"
    );
    let call = form_call(moto.endpoint(), form);
    let answer = Adapter::Core.send(&signer("iam"), &credentials(moto.admin()), &call)?;
    expect(&answer, 200, "PutUserPolicy")?;
    for operation in &OPERATIONS {
        let call = operation.call(moto.endpoint());
        let who = credentials(moto.nobody());
        let answer = Adapter::Core.send(&signer(operation.service), &who, &call)?;
        match operation.service {
            "dynamodb" => is_denied(&answer)?,
            other => check(is_success(&answer), || format!("{other}: {}", answer.describe()))?,
        }
    }
    Ok("AccessDenied there, success elsewhere".into())
}

fn is_success(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

fn is_denied(answer: &Answer) -> Result<(), String> {
    let denied = answer.text().contains("AccessDenied") && !says_bad_signature(answer);
    check(matches!(answer.status, 400 | 403) && denied, || answer.describe())
}

/// The codes that the protocols have for it.
fn says_bad_signature(answer: &Answer) -> bool {
    let text = answer.text();
    text.contains("SignatureDoesNotMatch") || text.contains("InvalidSignatureException")
}

fn expect(answer: &Answer, status: u16, what: &str) -> Result<(), String> {
    check(answer.status == status, || format!("{what}: {}", answer.describe()))
}
