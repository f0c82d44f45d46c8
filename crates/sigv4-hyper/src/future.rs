//! The future that every service of this crate returns.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use http::Response;

use crate::error::BoxError;

/// Resolves to a response with a body of type `B`.
#[must_use = "a future does nothing until it is awaited"]
pub struct ResponseFuture<B>(Pin<Box<dyn Future<Output = Result<Response<B>, BoxError>> + Send>>);

impl<B> ResponseFuture<B> {
    pub(crate) fn new(
        future: impl Future<Output = Result<Response<B>, BoxError>> + Send + 'static,
    ) -> Self {
        Self(Box::pin(future))
    }
}

impl<B> Future for ResponseFuture<B> {
    type Output = Result<Response<B>, BoxError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<B> fmt::Debug for ResponseFuture<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
