//! The client redis with IAM passwords of Amazon ElastiCache, renewed while connected.
//!
//! A front on loopback stands in for ElastiCache: it answers `AUTH`, `HELLO` and a few commands, and
//! verifies each password as ElastiCache would and as botocore makes it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use consumers::token_judge::{TokenJudge, credentials};
use examples::Outcome;
use examples::verifying::REGION;
use futures_util::stream::{self, Stream};
use redis::{
    AsyncConnectionConfig, BasicAuth, RedisError, RedisResult, StreamingCredentialsProvider,
};
use sigv4_tokens::{ElastiCache, Region, Renewing, Service, elasticache};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The cache's own name, which is signed although the connection goes to the front.
const CACHE: &str = "my-cache";
const USER: &str = "app";

/// Passwords for the client `redis`, which authenticates anew with each.
struct ForRedis(Renewing<ElastiCache>);

impl StreamingCredentialsProvider for ForRedis {
    fn subscribe(&self) -> Pin<Box<dyn Stream<Item = RedisResult<BasicAuth>> + Send + 'static>> {
        Box::pin(stream::unfold(self.0.clone(), async |mut passwords| {
            let next = passwords.next(SystemTime::now, tokio::time::sleep).await;
            let auth = next
                .map(|password| BasicAuth::new(USER.to_owned(), password.as_str().to_owned()))
                .map_err(|error| RedisError::from(std::io::Error::other(error)));
            Some((auth, passwords))
        }))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    // A deployment connects to the cache's endpoint, with rediss:// for TLS.
    let url = format!("redis://{}", listener.local_addr()?);
    let accepted = Arc::<AtomicUsize>::default();
    tokio::spawn(serve(listener, Arc::clone(&accepted)));
    let cache = elasticache(CACHE, USER, &Region::from_static(REGION));
    let passwords = Renewing::new(cache.clone(), credentials());

    let patient = AsyncConnectionConfig::new() // the front takes a second to ask botocore
        .set_connection_timeout(Some(Duration::from_secs(60)))
        .set_response_timeout(Some(Duration::from_secs(60)));
    let config = patient.clone().set_credentials_provider(ForRedis(passwords));
    let client = redis::Client::open(url.as_str())?;
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    let pong: String = redis::cmd("PING").query_async(&mut connection).await?;
    let by_redis = accepted.load(Ordering::SeqCst); // it may send AUTH once more at any time
    println!("redis: {pong}; AUTH verified: {by_redis}");

    if pong != "PONG" || by_redis == 0 {
        return Err("expected the answer PONG and a verified AUTH".into());
    }

    let late = SystemTime::now() - Duration::from_secs(20 * 60);
    let expired = cache.token(&credentials(), late)?;
    let mut info = redis::Client::open(url.as_str())?.get_connection_info().clone();
    let settings = info.redis_settings().clone().set_username(USER).set_password(expired.as_str());
    info = info.set_redis_settings(settings);
    let refused =
        redis::Client::open(info)?.get_multiplexed_async_connection_with_config(&patient).await;
    println!("an expired token: {}", refused.err().ok_or("it was accepted")?);
    Ok(())
}

async fn serve(listener: TcpListener, accepted: Arc<AtomicUsize>) {
    while let Ok((client, _)) = listener.accept().await {
        let accepted = Arc::clone(&accepted);
        tokio::spawn(async move { talk(client, &accepted).await });
    }
}

/// Answers commands; nothing but `AUTH` and `HELLO` before a verified password.
async fn talk(client: TcpStream, accepted: &AtomicUsize) -> Outcome {
    let mut client = BufReader::new(client);
    let mut is_known = false;
    loop {
        let words = read_command(&mut client).await?;
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        let name = words.first().map(|name| name.to_ascii_uppercase()).unwrap_or_default();
        if let Some(at) = words.iter().position(|word| word.eq_ignore_ascii_case("AUTH"))
            && (name == "AUTH" || name == "HELLO")
        {
            let login: Vec<String> = words.split_off(at).into_iter().map(str::to_owned).collect();
            if let Err(reason) = tokio::task::spawn_blocking(move || check(&login)).await? {
                let answer = format!("-WRONGPASS {reason}\r\n");
                client.write_all(answer.as_bytes()).await?;
                continue;
            }
            accepted.fetch_add(1, Ordering::SeqCst);
            is_known = true;
        }
        let answer = match name.as_str() {
            _ if !is_known => "-NOAUTH Authentication required.\r\n",
            "HELLO" => "*2\r\n$5\r\nproto\r\n:2\r\n",
            "PING" => "+PONG\r\n",
            "GET" => "$5\r\nvalue\r\n",
            _ => "+OK\r\n",
        };
        client.write_all(answer.as_bytes()).await?;
    }
}

/// Verifies `AUTH user password`.
fn check(login: &[String]) -> Result<(), String> {
    let [_, user, password, ..] = login else {
        return Err("AUTH needs a user and a password".to_owned());
    };
    let judge = TokenJudge {
        kind: "elasticache",
        arguments: vec![CACHE.to_owned(), user.clone()],
        service: Service::from_static("elasticache"),
        begins_with: format!("{CACHE}/?Action=connect&User={user}&"),
    };
    judge.check(password)
}

/// A command: an array of texts, each with its length.
async fn read_command(client: &mut BufReader<TcpStream>) -> Outcome<Vec<String>> {
    let count = read_number(client, '*').await?;
    let mut words = Vec::new();
    for _ in 0..count {
        let length = read_number(client, '$').await?;
        let mut word = vec![0; length + 2];
        client.read_exact(&mut word).await?;
        word.truncate(length);
        words.push(String::from_utf8(word)?);
    }
    Ok(words)
}

async fn read_number(client: &mut BufReader<TcpStream>, sign: char) -> Outcome<usize> {
    let mut line = String::new();
    client.read_line(&mut line).await?;
    let number: usize = line.strip_prefix(sign).ok_or("not a command")?.trim_end().parse()?;
    if number > 65_536 { Err("too long".into()) } else { Ok(number) }
}
