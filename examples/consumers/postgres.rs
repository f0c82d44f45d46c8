//! sqlx with IAM passwords of Amazon RDS, renewed while the pool is in use.
//!
//! A front on loopback stands in for RDS: it takes the password, verifies it as RDS would and as botocore
//! makes it, and passes the connection on to PostgreSQL, which trusts the front. A server whose
//! password was set to the token would prove nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use consumers::token_judge::{TokenJudge, credentials};
use examples::Outcome;
use examples::verifying::REGION;
use sigv4_tokens::{Recipe, Region, Renewing, Service, rds};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};

#[path = "postgres/server.rs"]
mod server;

/// The database's own name and port, which are signed although the connection goes to the front.
const HOST: &str = "db.abc123.us-east-1.rds.amazonaws.com";
const PORT: u16 = 5432;
const USER: &str = "app";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let Some(server) = server::Postgres::start(USER)? else {
        println!("NOT RUN: there is no PostgreSQL server; on Debian, apt-get install postgresql");
        return Ok(());
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let front = listener.local_addr()?.port();
    let accepted = Arc::<AtomicUsize>::default();
    tokio::spawn(serve(listener, server.socket().to_owned(), Arc::clone(&accepted)));

    let database = rds(HOST, PORT, USER, &Region::from_static(REGION));
    // A deployment connects to HOST and PORT, with PgSslMode::VerifyFull.
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(front)
        .username(USER)
        .database("postgres")
        .ssl_mode(PgSslMode::Disable);

    let mut passwords = Renewing::new(database.clone(), credentials());
    let first = passwords.next(SystemTime::now, tokio::time::sleep).await?;
    let pool = PgPoolOptions::new().connect_with(options.clone().password(first.as_str())).await?;
    tokio::spawn(keep_password_fresh(pool.clone(), options.clone(), passwords));

    let (user,): (String,) = sqlx::query_as("select current_user::text").fetch_one(&pool).await?;
    println!(
        "PostgreSQL answers {user}; the front verified {} password",
        accepted.load(Ordering::SeqCst)
    );
    if user != USER || accepted.load(Ordering::SeqCst) != 1 {
        return Err(format!("expected the answer {USER} and one verified password").into());
    }

    let late = SystemTime::now() - Duration::from_secs(20 * 60);
    let expired = database.token(&credentials(), late)?;
    let elsewhere = rds(HOST, PORT, "admin", &Region::from_static(REGION));
    let of_another_user = elsewhere.token(&credentials(), SystemTime::now())?;
    for (what, password) in [
        ("an expired token", expired.as_str()),
        ("a token of another user", of_another_user.as_str()),
        ("a changed token", &first.as_str().replace("Expires=900", "Expires=901")),
    ] {
        let refused = PgPool::connect_with(options.clone().password(password)).await;
        println!("{what}: {}", refused.err().ok_or("it was accepted")?);
    }
    Ok(())
}

/// Gives the pool each new password, for the connections that it opens from then on.
async fn keep_password_fresh<R: Recipe>(
    pool: PgPool,
    options: PgConnectOptions,
    mut passwords: Renewing<R>,
) {
    while !pool.is_closed() {
        match passwords.next(SystemTime::now, tokio::time::sleep).await {
            Ok(password) => pool.set_connect_options(options.clone().password(password.as_str())),
            Err(error) => {
                eprintln!("no new password: {error}");
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    }
}

async fn serve(listener: TcpListener, socket: std::path::PathBuf, accepted: Arc<AtomicUsize>) {
    while let Ok((client, _)) = listener.accept().await {
        let (socket, accepted) = (socket.clone(), Arc::clone(&accepted));
        tokio::spawn(async move {
            if let Err(error) = pass_on(client, &socket, &accepted).await {
                eprintln!("front: {error}");
            }
        });
    }
}

/// Asks for the password in clear text, verifies it, and connects the client with the server.
async fn pass_on(
    mut client: TcpStream,
    socket: &std::path::Path,
    accepted: &AtomicUsize,
) -> Outcome {
    let startup = read_message(&mut client).await?;
    client.write_all(b"R\0\0\0\x08\0\0\0\x03").await?; // AuthenticationCleartextPassword
    if client.read_u8().await? != b'p' {
        return Err("the client sent no password".into());
    }
    let message = read_message(&mut client).await?;
    let password = message.get(4..).and_then(|text| text.strip_suffix(b"\0")).unwrap_or_default();
    let judge = TokenJudge {
        kind: "rds",
        arguments: vec![HOST.to_owned(), PORT.to_string(), user_of(&startup)],
        service: Service::from_static("rds-db"),
        begins_with: format!("{HOST}:{PORT}/?Action=connect&DBUser={}&", user_of(&startup)),
    };
    let password = String::from_utf8(password.to_vec())?;
    if let Err(reason) = tokio::task::spawn_blocking(move || judge.check(&password)).await? {
        let fields = format!("SFATAL\0VFATAL\0C28P01\0MPAM authentication failed: {reason}\0\0");
        let length = u32::try_from(fields.len() + 4)?;
        client.write_all(&[b"E", &length.to_be_bytes()[..], fields.as_bytes()].concat()).await?;
        return Ok(());
    }
    accepted.fetch_add(1, Ordering::SeqCst);
    let mut server = UnixStream::connect(socket).await?;
    server.write_all(&startup).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// A message from its length on, which counts itself.
async fn read_message(client: &mut TcpStream) -> Outcome<Vec<u8>> {
    let length = usize::try_from(client.read_u32().await?)?;
    if !(4..65_536).contains(&length) {
        return Err("a message of an impossible length".into());
    }
    let mut message = u32::try_from(length)?.to_be_bytes().to_vec();
    message.resize(length, 0);
    client.read_exact(message.get_mut(4..).unwrap_or_default()).await?;
    Ok(message)
}

/// The parameter `user` of a StartupMessage: names and values, each ended by a zero.
fn user_of(startup: &[u8]) -> String {
    let mut texts = startup.get(8..).unwrap_or_default().split(|byte| *byte == 0);
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        if name == b"user" {
            return String::from_utf8_lossy(value).into_owned();
        }
    }
    String::new()
}
