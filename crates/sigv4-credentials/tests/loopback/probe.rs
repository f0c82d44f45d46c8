//! A `DefaultProvider` in a separate process, with its own variables and home directory. The
//! process is the test binary, started again and controlled line by line.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use sigv4_core::{CredentialsProvider, Service};
use sigv4_credentials::{DefaultProvider, RefreshPolicy, Role, Source};

/// Part of every secret and token of these tests. No error may contain it.
pub(crate) const CANARY: &str = "hush";

/// The prefix of each answer on stdout, because the test harness also writes there.
const MARK: &str = "@probe ";

/// A home directory with variables, removed when dropped.
pub(crate) struct Home {
    path: PathBuf,
    variables: Vec<(String, std::ffi::OsString)>,
}

/// The process, ended when dropped.
pub(crate) struct Probe {
    child: Child,
    answers: BufReader<ChildStdout>,
}

/// The result of a load.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) origin: String,
}

impl Home {
    /// Nothing is configured, and IMDS is switched off.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("sigv4-credentials-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join(".aws")).unwrap();
        let home = Self { path, variables: Vec::new() };
        let folder = home.path.clone();
        home.set("HOME", folder).set("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// Sets a variable, in place of an earlier value.
    pub(crate) fn set(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Switches IMDS on, at this URL.
    pub(crate) fn with_imds(self, url: &str) -> Self {
        self.set("AWS_EC2_METADATA_DISABLED", "false").set("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
    }

    /// Writes a file below the home folder.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(name, content);
        self
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn start(&self) -> Probe {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "probe::process", "--nocapture", "--test-threads=1"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("SIGV4_PROBE", "1")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(self.log())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Probe { child, answers }
    }

    /// Redirects the process' standard error to the file `log`, if it logs everything.
    fn log(&self) -> Stdio {
        match self.variables.iter().any(|(name, _)| name == "PROBE_LOG") {
            true => fs::File::create(self.path.join("log")).unwrap().into(),
            false => Stdio::null(),
        }
    }

    /// Loads once in a new process.
    pub(crate) fn load(&self) -> Result<Loaded, String> {
        self.start().load()
    }

    /// Loads once. The load must fail within `limit`, without a secret in its error.
    pub(crate) fn error_within(&self, limit: Duration) -> String {
        let mut probe = self.start();
        let _ = probe.ask("held"); // the process is up
        let start = Instant::now();
        let error = probe.load().expect_err("credentials where none should be");
        assert!(start.elapsed() < limit, "{:?}: {error}", start.elapsed());
        assert!(!error.contains(CANARY), "a secret in: {error}");
        error
    }

    pub(crate) fn error(&self) -> String {
        self.error_within(Duration::from_secs(5))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Probe {
    /// Returns the credentials of the process' provider.
    pub(crate) fn load(&mut self) -> Result<Loaded, String> {
        let line = self.ask("load")?;
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next().unwrap();
        Ok(Loaded { id: next(), secret: next(), token: next(), origin: next() })
    }

    /// The default region.
    pub(crate) fn region(&mut self) -> Result<String, String> {
        self.ask("region")
    }

    /// The default region set, or `none`.
    pub(crate) fn region_set(&mut self) -> Result<String, String> {
        self.ask("region_set")
    }

    /// Returns the text of `held`.
    pub(crate) fn held(&mut self) -> String {
        self.ask("held").unwrap()
    }

    /// Reports that the last credentials were refused.
    pub(crate) fn reject(&mut self) {
        self.ask("reject").unwrap();
    }

    fn ask(&mut self, command: &str) -> Result<String, String> {
        writeln!(self.child.stdin.as_mut().unwrap(), "{command}").unwrap();
        loop {
            let mut line = String::new();
            let read = self.answers.read_line(&mut line).unwrap();
            assert!(read > 0, "the probe ended");
            let Some((_, answer)) = line.trim_end().split_once(MARK) else {
                continue;
            };
            let (kind, text) = answer.split_once(' ').unwrap();
            let text = text.replace("\\n", "\n");
            return if kind == "ok" { Ok(text) } else { Err(text) };
        }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process' side: answers the lines on stdin. Does nothing in an ordinary test run.
#[test]
fn process() {
    if std::env::var_os("SIGV4_PROBE").is_none() {
        return;
    }
    #[cfg(feature = "tracing")]
    if std::env::var_os("PROBE_LOG").is_some() {
        crate::tracing::log_everything();
    }
    let provider = provider();
    let mut last = None;
    for command in std::io::stdin().lines() {
        let answer = match command.unwrap().as_str() {
            "load" => provider.credentials().wait().map_or_else(
                |error| Err(error.to_string()),
                |credentials| {
                    last = Some(credentials.clone());
                    let origin = provider.held().unwrap().origin.to_string();
                    let fields = [
                        credentials.access_key_id(),
                        credentials.secret_access_key(),
                        credentials.session_token().unwrap_or_default(),
                        &origin,
                    ];
                    Ok(fields.join("\t"))
                },
            ),
            "region_set" => block_on(provider.region_set())
                .map(|set| set.unwrap_or_else(|| "none".to_owned()))
                .map_err(|error| error.to_string()),
            "region" => provider
                .signer_blocking(Service::from_static("s3"))
                .map(|signer| signer.region().to_string())
                .map_err(|error| error.to_string()),
            "reject" => {
                provider.rejected(last.as_ref().unwrap());
                Ok("rejected".to_owned())
            }
            _ => Ok(provider.held().map_or("nothing".to_owned(), |held| held.to_string())),
        };
        let (kind, text) = match &answer {
            Ok(text) => ("ok", text),
            Err(text) => ("error", text),
        };
        println!("\n{MARK}{kind} {}", text.replace('\n', "\\n"));
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn provider() -> DefaultProvider {
    let millis = |name: &str, default| {
        let value = std::env::var(name).map_or(default, |value| value.parse().unwrap());
        Duration::from_millis(value)
    };
    let policy = RefreshPolicy {
        load_timeout: millis("PROBE_LOAD_TIMEOUT", 4000),
        first_retry: Duration::ZERO, // a failure is not remembered
        minimum_interval: millis("PROBE_INTERVAL", 60_000),
        ..RefreshPolicy::default()
    };
    let mut builder = DefaultProvider::builder().refresh_policy(policy);
    if let Ok(arn) = std::env::var("PROBE_ROLE") {
        let role = Role::new(arn).session_name("nightly").external_id("customer-7");
        let role = role.duration(Duration::from_secs(1800)).policy("{}");
        builder = builder.assume_role(role);
    }
    if let Ok(code) = std::env::var("PROBE_MFA") {
        builder = builder.mfa(move |_| Ok(code.clone()));
    }
    if std::env::var_os("PROBE_METADATA_TIMEOUT").is_some() {
        let limit = millis("PROBE_METADATA_TIMEOUT", 0);
        builder = builder.source_timeout(Source::InstanceMetadata, limit);
    }
    if let Ok(profile) = std::env::var("PROBE_PROFILE") {
        builder = builder.profile(profile);
    }
    builder.build()
}

/// An expiry in AWS's format, the given number of seconds from now.
pub(crate) fn end(seconds: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let unix = i64::try_from(now.as_secs()).unwrap() + seconds;
    let text = sigv4_core::SigningTime::from_unix(unix).unwrap().to_string();
    let part = |from: usize, to: usize| &text[from..to];
    format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    )
}

/// The response of IMDS and container endpoints.
pub(crate) fn credentials_json(id: &str, end: &str) -> String {
    format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"{id}","SecretAccessKey":"{CANARY}-secret","Token":"{CANARY}-token","Expiration":"{end}"}}"#
    )
}
