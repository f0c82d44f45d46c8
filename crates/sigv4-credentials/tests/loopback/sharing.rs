//! Many callers share one load, on any executor or none, despite rotations, failures and panics.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::error::CredentialsError as AwsError;
use aws_credential_types::provider::{ProvideCredentials, Result as AwsResult, future};
use sigv4_core::{Credentials, CredentialsError, CredentialsProvider};
use sigv4_credentials::{DefaultProvider, RefreshPolicy};

const HOUR: Duration = Duration::from_secs(3600);

/// A source that counts its calls and returns a chosen result for each.
struct Counted<F> {
    calls: Arc<AtomicUsize>,
    answer: F,
}

impl<F> std::fmt::Debug for Counted<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Counted")
    }
}

impl<F, A> ProvideCredentials for Counted<F>
where
    F: Fn(usize) -> A + Send + Sync,
    A: Future<Output = AwsResult> + Send,
{
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        future::ProvideCredentials::new(async move { (self.answer)(call).await })
    }
}

fn counted<F, A>(answer: F) -> (Arc<AtomicUsize>, Counted<F>)
where
    F: Fn(usize) -> A + Send + Sync,
    A: Future<Output = AwsResult> + Send,
{
    let calls = Arc::new(AtomicUsize::new(0));
    let source = Counted { calls: Arc::clone(&calls), answer };
    (calls, source)
}

/// The n-th triple. Its three parts contain n, so that a mixed triple is detected.
fn triple(n: usize, life: Duration) -> AwsCredentials {
    let end = SystemTime::now() + life;
    AwsCredentials::new(
        format!("ID{n}"),
        format!("secret{n}"),
        Some(format!("token{n}")),
        Some(end),
        "test",
    )
}

fn number(credentials: &Credentials) -> usize {
    let of = |text: &str, prefix| text.strip_prefix(prefix).unwrap().parse::<usize>().unwrap();
    let n = of(credentials.access_key_id(), "ID");
    assert_eq!(of(credentials.secret_access_key(), "secret"), n);
    assert_eq!(of(credentials.session_token().unwrap(), "token"), n);
    n
}

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(5), "not in time: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_waiters_on_a_slow_source_make_one_call() {
    let (calls, source) = counted(|n| async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(triple(n, HOUR))
    });
    let provider = DefaultProvider::builder().provider(source).build();
    let waiters: Vec<_> = (0..10_000).map(|_| tokio::spawn(provider.credentials())).collect();
    for waiter in waiters {
        assert_eq!(number(&waiter.await.unwrap().unwrap()), 0);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn threads_without_a_runtime_share_one_load() {
    let (calls, source) = counted(|n| async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(triple(n, HOUR))
    });
    let provider = DefaultProvider::builder().provider(source).build();
    let barrier = Barrier::new(50);
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                barrier.wait();
                number(&provider.credentials().wait().unwrap())
            });
        }
    });
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn one_value_serves_inside_and_outside_of_runtimes() {
    let (calls, source) = counted(|n| async move { Ok(triple(n, HOUR)) });
    let provider = DefaultProvider::builder().provider(source).build();
    let single = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    // The runtime of the load has been dropped when the next caller asks.
    assert!(single().block_on(provider.credentials()).is_ok());
    assert!(single().block_on(provider.credentials()).is_ok());
    assert!(single().block_on(async { provider.credentials().wait() }).is_ok());
    assert!(provider.credentials().wait().is_ok());
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn first_load_by_a_blocking_call_within_a_runtime_does_not_panic() {
    let (_, source) = counted(|n| async move { Ok(triple(n, HOUR)) });
    let provider = DefaultProvider::builder().provider(source).build();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(runtime.block_on(async { provider.credentials().wait() }).is_ok());
}

#[test]
fn providers_for_an_sdk_share_the_cache() {
    let (calls, source) = counted(|n| async move { Ok(triple(n, HOUR)) });
    let provider = DefaultProvider::builder().provider(source).build();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..50 {
        let given = runtime.block_on(provider.provide_credentials()).unwrap();
        assert_eq!(given.session_token(), Some("token0"));
        assert!(given.expiry().is_some());
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn rotations_20_ms_apart_at_load_give_no_ended_and_no_mixed_triple() {
    let (calls, source) = counted(|n| async move { Ok(triple(n, Duration::from_millis(40))) });
    let policy = RefreshPolicy {
        minimum_interval: Duration::ZERO,
        first_retry: Duration::ZERO,
        ..RefreshPolicy::default()
    };
    let provider = DefaultProvider::builder().provider(source).refresh_policy(policy).build();
    let start = Instant::now();
    let late = AtomicUsize::new(0);
    let done = || calls.load(Ordering::SeqCst) >= 200 || start.elapsed() > Duration::from_secs(20);
    let served = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done() {
                    let asked_at = SystemTime::now();
                    let credentials = match provider.credentials().wait() {
                        Ok(credentials) => credentials,
                        // A loaded machine may take 40 ms from the source to the cache.
                        Err(error) if error.to_string().contains("already expired") => {
                            late.fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                        Err(error) => panic!("{error}"),
                    };
                    number(&credentials);
                    assert!(
                        credentials.expires_at().unwrap() > asked_at,
                        "ended before it was asked"
                    );
                    served.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_micros(200));
                }
            });
        }
    });
    let calls = calls.load(Ordering::SeqCst);
    let late = late.load(Ordering::Relaxed);
    assert!(calls >= 200, "{calls} rotations");
    assert!(late < calls / 4, "{late} loads came late");
    assert!(served.load(Ordering::Relaxed) > 10 * calls, "calls share rotations");
}

/// A source that is slow from its second call on, until told to go on.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut open = self.open.lock().unwrap();
        while !*open {
            open = self.opened.wait(open).unwrap();
        }
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

#[test]
fn refresh_behind_delays_no_call() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let (calls, source) = counted(move |n| {
        let gate = Arc::clone(&held);
        async move {
            if n > 0 {
                gate.pass();
            }
            Ok(triple(n, HOUR))
        }
    });
    let policy = RefreshPolicy {
        advisory: HOUR,
        mandatory: Duration::ZERO,
        minimum_interval: Duration::ZERO,
        ..RefreshPolicy::default()
    };
    static CLOCK: AtomicU64 = AtomicU64::new(0);
    let provider = DefaultProvider::builder()
        .provider(source)
        .refresh_policy(policy)
        .clock(|| SystemTime::now() + Duration::from_secs(CLOCK.load(Ordering::SeqCst)))
        .build();
    assert_eq!(number(&provider.credentials().wait().unwrap()), 0);
    CLOCK.store(1801, Ordering::SeqCst); // after half of their lifetime
    for _ in 0..100 {
        let start = Instant::now();
        assert_eq!(number(&provider.credentials().wait().unwrap()), 0);
        assert!(start.elapsed() < Duration::from_millis(500));
    }
    eventually("one refresh", || calls.load(Ordering::SeqCst) == 2);
    gate.open();
    eventually("the new ones serve", || number(&provider.credentials().wait().unwrap()) == 1);
}

#[test]
fn provider_frozen_for_hours_wakes_to_new_credentials() {
    static CLOCK: AtomicU64 = AtomicU64::new(0);
    let clock = || SystemTime::now() + Duration::from_secs(CLOCK.load(Ordering::SeqCst));
    let (calls, source) = counted(move |n| async move {
        let life = HOUR + Duration::from_secs(CLOCK.load(Ordering::SeqCst));
        Ok(triple(n, life))
    });
    let provider = DefaultProvider::builder().provider(source).clock(clock).build();
    assert_eq!(number(&provider.credentials().wait().unwrap()), 0);
    CLOCK.store(5 * 3600, Ordering::SeqCst);
    assert_eq!(number(&provider.credentials().wait().unwrap()), 1);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn refusal_seen_by_many_makes_one_load() {
    let (calls, source) = counted(|n| async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(triple(n, HOUR))
    });
    let provider = DefaultProvider::builder().provider(source).build();
    let refused = provider.credentials().wait().unwrap();
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                provider.rejected(&refused);
                assert_eq!(number(&provider.credentials().wait().unwrap()), 1);
            });
        }
    });
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn failure_answers_all_who_waited_and_is_remembered_briefly() {
    let (calls, source) = counted(|_| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(AwsError::provider_error("the vault is sealed"))
    });
    let provider = DefaultProvider::builder().provider(source).build();
    let ask = || provider.credentials().wait().unwrap_err();
    let errors: Vec<CredentialsError> = thread::scope(|scope| {
        let asking: Vec<_> = (0..50).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    for error in errors.into_iter().chain([ask()]) {
        let text = error.to_string();
        assert!(text.contains("the given provider failed"), "{text}");
        assert!(text.contains("the vault is sealed"), "{text}");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn panic_in_a_source_is_an_error_and_the_next_call_asks_again() {
    let (_, source) = counted(|n| async move {
        assert!(n > 0, "a source's bug");
        Ok(triple(n, HOUR))
    });
    let policy = RefreshPolicy { first_retry: Duration::ZERO, ..RefreshPolicy::default() };
    let provider = DefaultProvider::builder().provider(source).refresh_policy(policy).build();
    let error = provider.credentials().wait().unwrap_err().to_string();
    assert!(error.contains("without an answer"), "{error}");
    assert_eq!(number(&provider.credentials().wait().unwrap()), 1);
}

#[test]
fn source_that_never_answers_ends_with_the_load_timeout() {
    let (_, source) = counted(|_| std::future::pending());
    let policy =
        RefreshPolicy { load_timeout: Duration::from_millis(100), ..RefreshPolicy::default() };
    let provider = DefaultProvider::builder().provider(source).refresh_policy(policy).build();
    let error = provider.credentials().wait().unwrap_err().to_string();
    assert!(error.contains("no answer within 100ms"), "{error}");
}

#[test]
fn source_that_blocks_its_thread_does_not_defeat_the_load_timeout() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let (calls, source) = counted(move |n| {
        let gate = Arc::clone(&held);
        async move {
            if n == 0 {
                gate.pass(); // blocks without awaiting
            }
            Ok(triple(n, HOUR))
        }
    });
    let policy = RefreshPolicy {
        load_timeout: Duration::from_millis(100),
        first_retry: Duration::ZERO,
        ..RefreshPolicy::default()
    };
    let provider = DefaultProvider::builder().provider(source).refresh_policy(policy).build();
    let error = provider.credentials().wait().unwrap_err().to_string();
    assert!(error.contains("the given provider failed: no answer within 100ms"), "{error}");
    // The next load has its own thread, although the first is still blocked.
    assert_eq!(number(&provider.credentials().wait().unwrap()), 1);
    gate.open();
    assert_eq!(number(&provider.credentials().wait().unwrap()), 1);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn limit_without_end_is_no_panic() {
    let (_, source) = counted(|n| async move { Ok(triple(n, HOUR)) });
    let policy = RefreshPolicy { load_timeout: Duration::MAX, ..RefreshPolicy::default() };
    let provider = DefaultProvider::builder().provider(source).refresh_policy(policy).build();
    assert_eq!(number(&provider.credentials().wait().unwrap()), 0);
}

#[test]
fn hundred_requests_that_are_always_refused_make_two_loads() {
    let (calls, source) = counted(|n| async move { Ok(triple(n, HOUR)) });
    let provider = DefaultProvider::builder().provider(source).build();
    for _ in 0..100 {
        let credentials = provider.credentials().wait().unwrap();
        provider.rejected(&credentials); // ExpiredToken, each time
        provider.rejected(&provider.credentials().wait().unwrap());
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn refresh_loads_at_once_and_returns_its_own_failure() {
    let (calls, source) = counted(|n| async move {
        match n {
            1 => Err(AwsError::provider_error("the vault is sealed")),
            n => Ok(triple(n, HOUR)),
        }
    });
    let provider = DefaultProvider::builder().provider(source).build();
    assert_eq!(number(&provider.credentials().wait().unwrap()), 0);
    let error = provider.refresh().wait().unwrap_err().to_string();
    assert!(error.contains("the vault is sealed"), "{error}");
    let held = provider.held().unwrap();
    assert!(held.last_failure.is_some() && held.to_string().contains("sealed"), "{held}");
    assert_eq!(number(&provider.credentials().wait().unwrap()), 0);
    assert_eq!(number(&provider.refresh().wait().unwrap()), 2);
    assert!(provider.last_failure().is_none());
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[test]
fn failure_of_the_first_load_is_told_with_the_next_try() {
    let (_, source) = counted(|_| async { Err(AwsError::provider_error("the vault is sealed")) });
    let provider = DefaultProvider::builder().provider(source).build();
    assert!(provider.last_failure().is_none());
    provider.credentials().wait().unwrap_err();
    let failure = provider.last_failure().unwrap();
    assert_eq!(failure.next_try, failure.at + Duration::from_secs(1));
}

#[test]
fn waiter_that_gives_up_takes_nothing_from_the_others() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let (calls, source) = counted(move |n| {
        let gate = Arc::clone(&held);
        async move {
            gate.pass();
            Ok(triple(n, HOUR))
        }
    });
    let provider = DefaultProvider::builder().provider(source).build();
    drop(provider.credentials()); // it had started the load
    let waiting = provider.credentials();
    gate.open();
    assert_eq!(number(&waiting.wait().unwrap()), 0);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn waiter_is_answered_though_the_provider_is_dropped_and_then_the_thread_ends() {
    struct Flag(Arc<AtomicBool>);
    impl Drop for Flag {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let ended = Arc::new(AtomicBool::new(false));
    let flag = Flag(Arc::clone(&ended));
    let (_, source) = counted(move |n| {
        let _kept = &flag;
        async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(triple(n, HOUR))
        }
    });
    let provider = DefaultProvider::builder().provider(source).build();
    let waiting = provider.credentials();
    drop(provider);
    assert_eq!(number(&waiting.wait().unwrap()), 0);
    eventually("the source is dropped", || ended.load(Ordering::SeqCst));
}

#[test]
fn debug_shows_what_is_held_and_no_secret() {
    let (_, source) = counted(|n| async move { Ok(triple(n, HOUR)) });
    let provider = DefaultProvider::builder().provider(source).build();
    provider.credentials().wait().unwrap();
    let text = format!("{provider:?} {}", provider.held().unwrap());
    assert!(text.contains("ID0"), "{text}");
    assert!(!text.contains("secret0") && !text.contains("token0"), "{text}");
}
