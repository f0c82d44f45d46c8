//! A PostgreSQL server on a socket in a folder of its own, which trusts whoever reaches it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use examples::Outcome;

/// The server; it stops when dropped.
pub(crate) struct Postgres {
    child: Child,
    folder: PathBuf,
    socket: PathBuf,
}

impl Postgres {
    /// Starts a server with one superuser and no TCP port. Returns `None` if PostgreSQL is not
    /// installed.
    pub(crate) fn start(user: &str) -> Outcome<Option<Self>> {
        let Some(programs) = programs() else {
            return Ok(None);
        };
        // A socket's path is short: about 100 bytes.
        let folder = std::env::temp_dir().join(format!("sigv4-postgres-{}", std::process::id()));
        fs::create_dir(&folder)?;
        let owner = owner(&folder)?;
        let data = folder.join("data");
        let mut make = command(&programs.join("initdb"), owner);
        make.arg("-D").arg(&data).args(["-A", "trust", "-U", user, "--no-sync", "-E", "UTF8"]);
        let made = make.output()?;
        if !made.status.success() {
            let _ = fs::remove_dir_all(&folder);
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        let mut run = command(&programs.join("postgres"), owner);
        run.arg("-D").arg(&data).arg("-k").arg(&folder);
        run.args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        let child = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let socket = folder.join(".s.PGSQL.5432");
        let mut server = Self { child, folder, socket };
        server.wait()?;
        Ok(Some(server))
    }

    /// The socket that it listens on.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    fn wait(&mut self) -> Outcome {
        for _ in 0..300 {
            if std::os::unix::net::UnixStream::connect(&self.socket).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("postgres ended: {status}").into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("postgres does not answer".into())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A fast shutdown; SIGKILL would leave its helpers behind.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The newest server of Debian's, or the one on the path.
fn programs() -> Option<PathBuf> {
    let debians = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = debians.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// Returns the user and group to run the server as, if this is root: PostgreSQL refuses to run as root.
fn owner(folder: &Path) -> Outcome<Option<(u32, u32)>> {
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let fields: Vec<&str> = line.ok_or("there is no user postgres")?.split(':').collect();
    let id = |at: usize| fields.get(at).copied().unwrap_or_default().parse::<u32>();
    let (user, group) = (id(2)?, id(3)?);
    chown(folder, Some(user), Some(group))?;
    Ok(Some((user, group)))
}

fn command(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}
