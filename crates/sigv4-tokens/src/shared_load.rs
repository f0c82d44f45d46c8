//! One load of credentials for any number of callers, on any runtime or none.

use core::future::poll_fn;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;

use sigv4_core::{Credentials, CredentialsError, CredentialsFuture, CredentialsProvider};

/// Asks a provider, and shares the result with all concurrent callers.
#[derive(Debug)]
pub(crate) struct SharedLoad {
    provider: Arc<dyn CredentialsProvider>,
    current: Mutex<Option<Arc<Load>>>,
}

impl SharedLoad {
    pub(crate) fn new(provider: Arc<dyn CredentialsProvider>) -> Self {
        Self { provider, current: Mutex::new(None) }
    }

    /// Tells the provider that these credentials have expired.
    pub(crate) fn reject(&self, credentials: &Credentials) {
        self.provider.rejected(credentials);
    }

    /// Returns the load that is in progress or was made for this round, or starts a new one.
    ///
    /// A round ends when a renewal finishes. Callers in one round share one load, even if it has
    /// already completed.
    pub(crate) fn join(&self, round: u64) -> Arc<Load> {
        let mut current = locked(&self.current);
        match &*current {
            Some(load) if load.round == round || !load.is_done() => Arc::clone(load),
            _ => {
                let load = Arc::new(Load::new(round, self.provider.credentials()));
                *current = Some(Arc::clone(&load));
                load
            }
        }
    }
}

/// One load, in progress or completed.
#[derive(Debug)]
pub(crate) struct Load {
    round: u64,
    state: Mutex<State>,
    waiters: Arc<Waiters>,
}

#[derive(Debug)]
enum State {
    Pending(CredentialsFuture),
    Done(Result<Credentials, CredentialsError>),
}

/// All waiters. A future wakes only its last poller, which may have been dropped by then.
#[derive(Debug, Default)]
struct Waiters(Mutex<Vec<Waker>>);

impl Load {
    fn new(round: u64, future: CredentialsFuture) -> Self {
        Self { round, state: Mutex::new(State::Pending(future)), waiters: Arc::default() }
    }

    fn is_done(&self) -> bool {
        matches!(*locked(&self.state), State::Done(_))
    }

    /// Returns the result if it is available without waiting.
    pub(crate) fn now(&self) -> Option<Result<Credentials, CredentialsError>> {
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }

    /// Returns a future of the result.
    pub(crate) fn result(self: Arc<Self>) -> CredentialsFuture {
        CredentialsFuture::new(poll_fn(move |context| self.poll(context)))
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Credentials, CredentialsError>> {
        // Registered first, so that no wake-up is missed.
        self.waiters.add(context.waker());
        let mut state = locked(&self.state);
        let future = match &mut *state {
            State::Done(result) => return Poll::Ready(result.clone()),
            State::Pending(future) => future,
        };
        let waker = Waker::from(Arc::clone(&self.waiters));
        let Poll::Ready(result) = Pin::new(future).poll(&mut Context::from_waker(&waker)) else {
            return Poll::Pending;
        };
        *state = State::Done(result.clone());
        drop(state);
        waker.wake();
        Poll::Ready(result)
    }
}

impl Waiters {
    fn add(&self, waker: &Waker) {
        let mut waiters = locked(&self.0);
        if !waiters.iter().any(|known| known.will_wake(waker)) {
            waiters.push(waker.clone());
        }
    }
}

impl Wake for Waiters {
    fn wake(self: Arc<Self>) {
        let all = mem::take(&mut *locked(&self.0));
        all.into_iter().for_each(Waker::wake);
    }
}

/// Locks even if another thread panicked while holding the lock. No guarded value is ever half
/// written.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
