//! `Renewing`: one renewal for all callers, and never a token that services would refuse.

#![allow(clippy::unwrap_used, reason = "tests may fail here")]

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, SystemTime};

use sigv4_tokens::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, Msk, Region, Renewing,
    Token, TokenError, msk,
};

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

/// The behaviour of a provider.
#[derive(Clone, Copy, Debug)]
enum Mood {
    /// Gives credentials without an expiry.
    Lasting,
    /// Gives credentials that expire the given number of seconds after the start.
    Until(u64),
    Failing,
    /// Is not ready until the test says so.
    Waiting,
}

/// A provider with a chosen behaviour. It counts its calls and gives a different key each time.
#[derive(Clone, Debug)]
struct Fickle(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mood: Mutex<Mood>,
    asked: AtomicUsize,
    rejected: AtomicUsize,
    waker: Mutex<Vec<Waker>>,
    on_rejection: OnRejection,
}

/// The effect of rejecting credentials.
#[derive(Default)]
struct OnRejection(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl std::fmt::Debug for OnRejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnRejection")
    }
}

impl Fickle {
    fn new(mood: Mood) -> Self {
        let (asked, rejected, waker, on_rejection) = Default::default();
        Self(Arc::new(Inner { mood: Mutex::new(mood), asked, rejected, waker, on_rejection }))
    }

    fn on_rejection(&self, act: impl FnOnce() + Send + 'static) {
        *self.0.on_rejection.0.lock().unwrap() = Some(Box::new(act));
    }

    fn set(&self, mood: Mood) {
        *self.0.mood.lock().unwrap() = mood;
        let wakers: Vec<_> = self.0.waker.lock().unwrap().drain(..).collect();
        wakers.into_iter().for_each(Waker::wake);
    }

    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    fn rejected(&self) -> usize {
        self.0.rejected.load(Ordering::SeqCst)
    }

    fn has_waiters(&self) -> bool {
        !self.0.waker.lock().unwrap().is_empty()
    }
}

impl CredentialsProvider for Fickle {
    fn credentials(&self) -> CredentialsFuture {
        let nth = self.0.asked.fetch_add(1, Ordering::SeqCst);
        let inner = Arc::clone(&self.0);
        CredentialsFuture::new(poll_fn(move |context| {
            let credentials = Credentials::new(format!("AKID{nth}"), "secret");
            let mood = *inner.mood.lock().unwrap();
            match mood {
                Mood::Lasting => Poll::Ready(Ok(credentials)),
                Mood::Until(end) => Poll::Ready(Ok(credentials.with_expiry(at(end)))),
                Mood::Failing => Poll::Ready(Err(CredentialsError::new("the vault is closed"))),
                Mood::Waiting => {
                    inner.waker.lock().unwrap().push(context.waker().clone());
                    Poll::Pending
                }
            }
        }))
    }

    fn rejected(&self, _: &Credentials) {
        self.0.rejected.fetch_add(1, Ordering::SeqCst);
        let act = self.0.on_rejection.0.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
    }
}

fn renewing(mood: Mood) -> (Fickle, Renewing<Msk>) {
    let provider = Fickle::new(mood);
    let renewing = Renewing::new(msk(&Region::from_static("eu-west-1")), provider.clone());
    (provider, renewing)
}

#[test]
fn token_is_kept_until_it_is_due_and_then_renewed() {
    let (provider, renewing) = renewing(Mood::Lasting);
    let first = renewing.current(at(0)).unwrap();
    assert_eq!((first.renew_at(), first.expires_at()), (at(840), at(900)));
    assert_eq!(renewing.current(at(839)).unwrap().as_str(), first.as_str());
    assert_eq!(provider.asked(), 1);
    let second = renewing.clone().current(at(840)).unwrap();
    assert_eq!(second.expires_at(), at(1740));
    assert_eq!(renewing.current(at(841)).unwrap().as_str(), second.as_str());
    assert_eq!(provider.asked(), 2);
}

#[test]
fn one_load_and_one_token_serve_a_hundred_threads() {
    let (provider, renewing) = renewing(Mood::Waiting);
    let barrier = Barrier::new(101);
    let tokens: Vec<Token> = thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            renewing.current(at(0)).unwrap()
        };
        let threads: Vec<_> = (0..100).map(|_| scope.spawn(ask)).collect();
        barrier.wait();
        while !provider.has_waiters() {
            thread::yield_now();
        }
        provider.set(Mood::Lasting);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(provider.asked(), 1);
    assert!(tokens.iter().all(|token| token.as_str() == tokens[0].as_str()));
}

#[test]
fn due_token_is_renewed_once_whoever_sees_it_first() {
    for _ in 0..200 {
        let (provider, renewing) = renewing(Mood::Lasting);
        renewing.current(at(0)).unwrap();
        let barrier = Barrier::new(8);
        let ask = || {
            barrier.wait();
            renewing.current(at(840)).unwrap().expires_at()
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            for thread in threads {
                // The new one, or the old one while another thread makes the new one.
                assert!([at(900), at(1740)].contains(&thread.join().unwrap()));
            }
        });
        assert_eq!(provider.asked(), 2);
        assert_eq!(renewing.current(at(840)).unwrap().expires_at(), at(1740));
    }
}

#[test]
fn due_token_serves_while_the_provider_is_not_ready_and_no_caller_waits() {
    let (provider, renewing) = renewing(Mood::Lasting);
    let old = renewing.current(at(0)).unwrap();
    provider.set(Mood::Waiting);
    for seconds in [840, 850, 899] {
        assert_eq!(renewing.current(at(seconds)).unwrap().as_str(), old.as_str());
    }
    // The load that had begun is continued, so there was only one.
    assert_eq!(provider.asked(), 2);
    provider.set(Mood::Lasting);
    assert_eq!(renewing.current(at(899)).unwrap().expires_at(), at(1799));
    assert_eq!(provider.asked(), 2);
}

#[test]
fn failed_renewal_leaves_the_old_token_until_it_expires_and_pauses_between_attempts() {
    let (provider, renewing) = renewing(Mood::Lasting);
    let old = renewing.current(at(0)).unwrap();
    provider.set(Mood::Failing);
    for seconds in [840, 841, 844] {
        assert_eq!(renewing.current(at(seconds)).unwrap().as_str(), old.as_str());
    }
    assert_eq!(provider.asked(), 2, "one attempt in five seconds");
    assert_eq!(renewing.current(at(845)).unwrap().as_str(), old.as_str());
    assert_eq!(provider.asked(), 3);
    let error = renewing.current(at(900)).unwrap_err();
    assert_eq!(error.to_string(), "the vault is closed");
    provider.set(Mood::Lasting);
    assert_eq!(renewing.current(at(900)).unwrap().expires_at(), at(1800));
}

#[test]
fn token_never_outlives_its_credentials() {
    let (provider, renewing) = renewing(Mood::Until(100));
    let token = renewing.current(at(0)).unwrap();
    assert_eq!((token.renew_at(), token.expires_at()), (at(80), at(100)));
    // The provider has no newer credentials yet. The old token is used, and not every call asks
    // again.
    for seconds in [80, 81, 82] {
        assert_eq!(renewing.current(at(seconds)).unwrap().as_str(), token.as_str());
    }
    assert_eq!(provider.asked(), 2);
    // After their expiry there is no token. The provider was notified and asked once more.
    let error = renewing.current(at(100)).unwrap_err();
    assert!(matches!(error, TokenError::Sign(_)), "{error}");
    assert_eq!((provider.asked(), provider.rejected()), (4, 2));
}

#[test]
fn load_that_was_left_until_its_credentials_expired_is_made_anew() {
    let (provider, mut renewing) = renewing(Mood::Lasting);
    renewing.current(at(0)).unwrap();
    provider.set(Mood::Waiting);
    renewing.current(at(850)).unwrap(); // begins a load without waiting for it
    provider.set(Mood::Until(1000));
    // An hour later, that load gives expired credentials. Once notified, the provider has newer
    // ones.
    let better = provider.clone();
    provider.on_rejection(move || better.set(Mood::Until(9000)));
    assert_eq!(renewing.current(at(4450)).unwrap().expires_at(), at(5350));
    assert_eq!((provider.asked(), provider.rejected()), (3, 1));

    provider.set(Mood::Until(9000));
    let now = || at(9001);
    let better = provider.clone();
    provider.on_rejection(move || better.set(Mood::Lasting));
    let token = block_on(renewing.next(now, |_| std::future::ready(()))).unwrap();
    assert_eq!((token.expires_at(), provider.rejected()), (at(9901), 2));
}

#[test]
fn next_ends_when_the_provider_fails_after_it_gave_what_had_expired() {
    let (provider, mut renewing) = renewing(Mood::Until(10));
    let worse = provider.clone();
    provider.on_rejection(move || worse.set(Mood::Failing));
    let error = block_on(renewing.next(|| at(20), |_| std::future::ready(()))).unwrap_err();
    assert!(matches!(error, TokenError::Credentials(_)), "{error}");
    assert_eq!(provider.asked(), 2);
}

#[test]
fn rotated_credentials_are_taken_at_the_next_renewal() {
    let (provider, renewing) = renewing(Mood::Until(600));
    assert_eq!(renewing.current(at(0)).unwrap().expires_at(), at(600));
    provider.set(Mood::Until(4200));
    assert_eq!(renewing.current(at(539)).unwrap().expires_at(), at(600));
    assert_eq!(renewing.current(at(540)).unwrap().expires_at(), at(1440));
}

/// Polls a future that needs no external wake-up.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

#[test]
fn next_gives_the_first_at_once_and_then_sleeps_until_each_is_due() {
    let (_, mut renewing) = renewing(Mood::Lasting);
    let clock = AtomicU64::new(0);
    let now = || at(clock.load(Ordering::SeqCst));
    // Wakes a second early each time, as timers may.
    let sleep = |pause: Duration| {
        clock.fetch_add(pause.as_secs().saturating_sub(1).max(1), Ordering::SeqCst);
        std::future::ready(())
    };
    for nth in 0..4 {
        let token = block_on(renewing.next(now, sleep)).unwrap();
        assert_eq!(clock.load(Ordering::SeqCst), nth * 840);
        assert_eq!(token.expires_at(), at(nth * 840 + 900));
    }
    // A clone has not returned a token yet, so it gets the current one at once.
    let token = block_on(renewing.clone().next(now, sleep)).unwrap();
    assert_eq!(token.expires_at(), at(3 * 840 + 900));
}

#[test]
fn next_goes_on_after_failures_and_fails_only_without_a_token() {
    let (provider, mut renewing) = renewing(Mood::Lasting);
    let clock = AtomicU64::new(0);
    let now = || at(clock.load(Ordering::SeqCst));
    let sleep = |pause: Duration| {
        clock.fetch_add(pause.as_secs().max(1), Ordering::SeqCst);
        std::future::ready(())
    };
    block_on(renewing.next(now, sleep)).unwrap();
    provider.set(Mood::Failing);
    let error = block_on(renewing.next(now, sleep)).unwrap_err();
    assert!(matches!(error, TokenError::Credentials(_)));
    assert_eq!(clock.load(Ordering::SeqCst), 900, "it went on as long as the token served");
    assert_eq!(provider.asked(), 1 + 12 + 1, "every five seconds, and once at the end");
    provider.set(Mood::Lasting);
    assert_eq!(block_on(renewing.next(now, sleep)).unwrap().expires_at(), at(1800));
}

#[test]
fn waiter_that_gives_up_leaves_the_load_to_the_others() {
    let (provider, renewing) = renewing(Mood::Waiting);
    let never = |_| std::future::pending::<()>();
    let (mut first, mut second) = (renewing.clone(), renewing.clone());
    let waiter = thread::spawn(move || renewing.current(at(0)));
    while !provider.has_waiters() {
        thread::yield_now();
    }
    let mut context = Context::from_waker(Waker::noop());
    {
        let mut given_up = pin!(first.next(|| at(0), never));
        assert!(given_up.as_mut().poll(&mut context).is_pending());
    } // the last poller has been dropped
    provider.set(Mood::Lasting);
    let token = waiter.join().unwrap().unwrap();
    let other = block_on(second.next(|| at(0), never)).unwrap();
    assert_eq!(other.as_str(), token.as_str());
    assert_eq!(provider.asked(), 1);
}

#[test]
fn renewing_is_shared_between_threads_and_its_future_moves_between_them() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    fn is_send<T: Send>(_: &T) {}
    let (_, mut renewing) = renewing(Mood::Lasting);
    is_send_and_sync(&renewing);
    is_send(&renewing.next(|| at(0), |_| std::future::ready(())));
}
