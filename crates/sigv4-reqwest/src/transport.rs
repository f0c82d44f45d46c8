//! The attempt loop of async code. It stands above a sender: a client, or the rest of a middleware
//! chain.

use core::future::Future;
use std::sync::Arc;

use reqwest::{Request, Response};
use sigv4_core::client::{CallError, Overrides, ServiceError, Settings};

use crate::body::{peek, settle};
use crate::error::Error;
use crate::exchange::{Exchange, start};

/// Sends one signed request.
pub(crate) trait Transport: Send {
    type Error: From<Error> + Send;

    fn send(
        &mut self,
        request: Request,
    ) -> impl Future<Output = Result<Response, Self::Error>> + Send;
}

impl Transport for &reqwest::Client {
    type Error = Error;

    async fn send(&mut self, request: Request) -> Result<Response, Error> {
        Ok(self.execute(request).await?)
    }
}

/// Signs and sends. Repeats this if a response requires it.
pub(crate) async fn exchange<T: Transport>(
    settings: &Arc<Settings>,
    overrides: Overrides,
    mut request: Request,
    mut transport: T,
) -> Result<Response, T::Error> {
    let mut call = start(settings, overrides, &mut request)?;
    let stream = settle(&mut call, &mut request).await?;
    let mut exchange = Exchange::new(call, request, stream);
    loop {
        let credentials = exchange.provider().credentials().await;
        let credentials =
            credentials.map_err(|error| Error::Call(CallError::Credentials(error)))?;
        let mut response = transport.send(exchange.sign(&credentials)?).await?;
        let mut error = None;
        if exchange.reads_body(response.status(), response.headers()) {
            error = ServiceError::read(&peek(&mut response, ServiceError::MAX_BODY).await);
        }
        if exchange.is_done(response.status(), response.headers(), error.as_ref())? {
            exchange.keep_transcript(response.extensions_mut());
            return Ok(response);
        }
    }
}
