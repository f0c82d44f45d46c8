//! OpenStack Swift and moto from PyPI: two servers by others that verify signatures.
//!
//! `tests/support/servers/install.sh` installs them into `.tools` at the root of the repository, or
//! into the folder that `SIGV4_TOOLS` names. This module starts them on free ports of 127.0.0.1. If
//! they are not installed, `start` prints a message on stderr and returns `None`. If
//! `SIGV4_REQUIRE_SERVERS` is set, as in CI, they are installed if necessary and a missing server
//! is a failure, so that no test is skipped silently.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;

/// Swift with its S3 interface and path-style addresses. It stops when dropped.
#[derive(Debug)]
pub struct Swift {
    running: Running,
}

impl Swift {
    /// The access key id.
    pub const ACCESS_KEY: &str = "test:tester";
    /// The secret access key.
    pub const SECRET_KEY: &str = "swift-test-secret";
    /// The region that it expects.
    pub const REGION: &str = "us-east-1";

    /// Starts a Swift without buckets, which takes about ten seconds.
    #[must_use]
    pub fn start() -> Option<Self> {
        Running::start("swift").map(|running| Self { running })
    }

    /// Returns `http://127.0.0.1:PORT`, without a final slash.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.running.endpoint
    }
}

/// moto, an imitation of many AWS services, with its IAM checks on. It stops when dropped.
#[derive(Debug)]
pub struct Moto {
    running: Running,
    identities: Identities,
}

/// A key pair, with a session token if it is temporary.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Identity {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
    /// The session token.
    pub token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Identities {
    admin: Identity,
    nobody: Identity,
    role: Identity,
}

impl Moto {
    /// The region that its identities use.
    pub const REGION: &str = "us-east-1";

    /// Starts an empty moto, which takes a few seconds.
    ///
    /// # Panics
    /// The start script left no keys.
    #[must_use]
    pub fn start() -> Option<Self> {
        let running = Running::start("moto")?;
        let keys = fs::read(running.folder.join("keys.json")).expect("the script leaves keys.json");
        let identities = serde_json::from_slice(&keys).expect("keys.json holds three identities");
        Some(Self { running, identities })
    }

    /// Returns `http://127.0.0.1:PORT`, without a final slash. All services share this address.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.running.endpoint
    }

    /// Returns a user who may do everything.
    #[must_use]
    pub fn admin(&self) -> &Identity {
        &self.identities.admin
    }

    /// Returns a user who may do nothing.
    #[must_use]
    pub fn nobody(&self) -> &Identity {
        &self.identities.nobody
    }

    /// Returns temporary credentials of a role that may do everything.
    #[must_use]
    pub fn role(&self) -> &Identity {
        &self.identities.role
    }
}

/// A server started by a script, and the folder where the script keeps what it needs to stop it.
#[derive(Debug)]
struct Running {
    endpoint: String,
    folder: PathBuf,
}

impl Running {
    fn start(name: &str) -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let tools = tools();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = tools.join("run").join(format!("{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("the tools folder can be written");
        // Only one process starts a server at a time, because the first start installs it.
        let lock = File::create(tools.join(format!("{name}.lock")))
            .expect("the tools folder can be written");
        lock.lock().expect("the file system has locks");
        let script = scripts().join(format!("start-{name}.sh"));
        let mut command = Command::new("bash");
        command.arg(script).arg(&folder).env("SIGV4_TOOLS", &tools);
        if !are_required() {
            command.env("SIGV4_OFFLINE", "1");
        }
        let output = command.output();
        drop(lock);
        let output = match output {
            Ok(output) => output,
            Err(error) => return absent(&folder, &format!("{name} is not there: bash: {error}")),
        };
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => {}
            Some(3) => return absent(&folder, said.trim()),
            _ => panic!("start-{name}.sh: {}\n{said}", output.status),
        }
        let endpoint = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Some(Self { endpoint, folder })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("bash").arg(scripts().join("stop.sh")).arg(&self.folder).status();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Reports that a server is missing. Fails if servers are required.
fn absent<T>(folder: &Path, why: &str) -> Option<T> {
    let _ = fs::remove_dir_all(folder);
    assert!(!are_required(), "{why}");
    eprintln!("{why}");
    None
}

fn are_required() -> bool {
    std::env::var_os("SIGV4_REQUIRE_SERVERS").is_some()
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers")
}

fn tools() -> PathBuf {
    match std::env::var_os("SIGV4_TOOLS") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Rules;
    use crate::test_client::Client;

    #[test]
    fn swift_accepts_a_right_signature_and_refuses_a_wrong_one() {
        let Some(swift) = Swift::start() else { return };
        let client = Client {
            endpoint: swift.endpoint(),
            access_key: Swift::ACCESS_KEY,
            secret_key: Swift::SECRET_KEY,
            token: None,
            service: "s3",
            rules: Rules::S3,
        };
        assert_eq!(client.send("PUT", "/bucket", b"").0, 200);
        assert_eq!(client.send("PUT", "/bucket/a%20b", b"hello").0, 200);
        assert_eq!(client.send("GET", "/bucket/a%20b", b""), (200, "hello".into()));
        let (status, body) = Client { secret_key: "another", ..client }.send("GET", "/bucket", b"");
        assert_eq!(status, 403, "{body}");
        assert!(body.contains("SignatureDoesNotMatch"), "{body}");
    }

    #[test]
    fn moto_knows_a_user_a_stranger_and_a_role() {
        let Some(moto) = Moto::start() else { return };
        let who = |identity: &Identity| caller(&moto, identity);
        assert!(who(moto.admin()).contains(":user/admin"));
        assert!(who(moto.nobody()).contains(":user/nobody"));
        assert!(who(moto.role()).contains(":assumed-role/role/"));
        let wrong = Identity { secret_key: "another".into(), ..moto.admin().clone() };
        assert!(who(&wrong).contains("SignatureDoesNotMatch"));
    }

    /// Asks STS who signs.
    fn caller(moto: &Moto, identity: &Identity) -> String {
        let client = Client {
            endpoint: moto.endpoint(),
            access_key: &identity.access_key,
            secret_key: &identity.secret_key,
            token: identity.token.as_deref(),
            service: "sts",
            rules: Rules::DEFAULT,
        };
        client.send("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", b"").1
    }
}
