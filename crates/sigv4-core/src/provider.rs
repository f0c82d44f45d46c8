//! Sources of credentials: one trait for static values, caches and the default chain.

use core::fmt;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::error::Error;
use std::sync::Arc;
use std::task::Wake;
use std::thread::{self, Thread};

use crate::credentials::Credentials;

/// Provides the credentials for signing the next request.
///
/// It is called once for each signature, so an implementation should cache what it fetches.
/// [`Credentials`] is itself a provider, which always returns itself.
///
/// ```
/// use sigv4_core::{Credentials, CredentialsFuture, CredentialsProvider};
///
/// #[derive(Debug)]
/// struct FromVault;
///
/// impl CredentialsProvider for FromVault {
///     fn credentials(&self) -> CredentialsFuture {
///         CredentialsFuture::new(async { Ok(Credentials::new("AKIDEXAMPLE", "secret")) })
///     }
/// }
/// assert_eq!(FromVault.credentials().wait()?.access_key_id(), "AKIDEXAMPLE");
/// # Ok::<(), sigv4_core::CredentialsError>(())
/// ```
pub trait CredentialsProvider: fmt::Debug + Send + Sync {
    /// Returns the credentials to use now.
    fn credentials(&self) -> CredentialsFuture;

    /// Reports that a service refused these credentials as expired or invalid. The provider should
    /// fetch others before the next call.
    ///
    /// The default does nothing. Do nothing, too, if the provider already holds other credentials.
    fn rejected(&self, _rejected: &Credentials) {}
}

impl CredentialsProvider for Credentials {
    fn credentials(&self) -> CredentialsFuture {
        CredentialsFuture::ready(Ok(self.clone()))
    }
}

impl<P: CredentialsProvider + ?Sized> CredentialsProvider for Arc<P> {
    fn credentials(&self) -> CredentialsFuture {
        (**self).credentials()
    }

    fn rejected(&self, rejected: &Credentials) {
        (**self).rejected(rejected);
    }
}

/// Credentials, now or later. Can be awaited on any executor, or without one through [`wait`].
///
/// [`wait`]: CredentialsFuture::wait
#[must_use = "a future does nothing until it is awaited"]
pub struct CredentialsFuture(State);

enum State {
    Ready(Option<Result<Credentials, CredentialsError>>),
    Pending(Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send>>),
}

impl CredentialsFuture {
    /// Wraps credentials that are already known. Allocates nothing.
    pub fn ready(result: Result<Credentials, CredentialsError>) -> Self {
        Self(State::Ready(Some(result)))
    }

    /// Wraps a future that fetches credentials. It must not need a particular runtime.
    pub fn new(
        future: impl Future<Output = Result<Credentials, CredentialsError>> + Send + 'static,
    ) -> Self {
        Self(State::Pending(Box::pin(future)))
    }

    /// Returns the result if it is already known.
    #[cfg(feature = "stream")]
    pub(crate) fn into_ready(self) -> Option<Result<Credentials, CredentialsError>> {
        match self.0 {
            State::Ready(result) => result,
            State::Pending(_) => None,
        }
    }

    /// Blocks this thread until the credentials arrive. Needs no runtime.
    ///
    /// # Errors
    /// The provider's error if it has no credentials.
    pub fn wait(self) -> Result<Credentials, CredentialsError> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(self);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(result) => return result,
                Poll::Pending => thread::park(),
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Future for CredentialsFuture {
    type Output = Result<Credentials, CredentialsError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(result) => Poll::Ready(result.take().unwrap_or_else(|| {
                Err(CredentialsError::new("the credentials were already taken from this future"))
            })),
            State::Pending(future) => future.as_mut().poll(context),
        }
    }
}

impl fmt::Debug for CredentialsFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "CredentialsFuture(ready)",
            State::Pending(_) => "CredentialsFuture(pending)",
        })
    }
}

/// Why there are no credentials. Cheap to clone, so that one failed load can be reported to many
/// waiters.
#[derive(Clone)]
pub struct CredentialsError(Arc<Failure>);

struct Failure {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CredentialsError {
    /// Creates an error from a text, which must not contain a secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Arc::new(Failure { message: message.into(), source: None }))
    }

    /// Creates an error from a text and its cause. Neither may print a secret.
    pub fn with_source(
        message: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self(Arc::new(Failure { message: message.into(), source: Some(source.into()) }))
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// Prints the text of `Display`, then the cause, so that an error returned from `main` shows both.
impl fmt::Debug for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let mut source = self.source();
        while let Some(error) = source {
            write!(f, "\n  caused by: {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl Error for CredentialsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::future::poll_fn;

    #[test]
    fn wait_blocks_until_another_thread_wakes_the_future() {
        let mut started = false;
        let future = CredentialsFuture::new(poll_fn(move |context| {
            if started {
                return Poll::Ready(Ok(Credentials::new("AKID", "secret")));
            }
            started = true;
            let waker = context.waker().clone();
            thread::spawn(move || waker.wake());
            Poll::Pending
        }));
        assert_eq!(future.wait().unwrap().access_key_id(), "AKID");
    }

    #[test]
    fn future_polled_after_completion_is_an_error_not_a_panic() {
        let mut future = pin!(Credentials::new("a", "b").credentials());
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(future.as_mut().poll(&mut context), Poll::Ready(Ok(_))));
        assert!(matches!(future.as_mut().poll(&mut context), Poll::Ready(Err(_))));
    }
}
