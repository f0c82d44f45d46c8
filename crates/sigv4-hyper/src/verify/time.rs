//! The time limit for a body, by a timer that the server supplies.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use sigv4_core::verify::VerifyError;

type Sleep = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// Creates a future that is ready when the time of one body is up.
#[derive(Clone)]
pub(crate) struct Timer(Arc<dyn Fn() -> Sleep + Send + Sync>);

impl Timer {
    pub(crate) fn new<T, F>(timer: T) -> Self
    where
        T: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + Sync + 'static,
    {
        Self(Arc::new(move || Box::pin(timer())))
    }
}

/// The end of one body's time, if it has one.
#[derive(Default)]
pub(crate) struct Deadline(Option<Sleep>);

impl Deadline {
    /// Starts the time.
    pub(crate) fn start(timer: Option<&Timer>) -> Self {
        Self(timer.map(|timer| (timer.0)()))
    }

    /// Registers the task to be woken when the time is up.
    ///
    /// # Errors
    /// [`VerifyError::BodyTooSlow`] once the time is up, at every call.
    pub(crate) fn check(&mut self, context: &mut Context<'_>) -> Result<(), VerifyError> {
        let Some(sleep) = &mut self.0 else {
            return Ok(());
        };
        match sleep.as_mut().poll(context) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => {
                *self = Self(Some(Box::pin(core::future::ready(()))));
                Err(VerifyError::BodyTooSlow)
            }
        }
    }
}
