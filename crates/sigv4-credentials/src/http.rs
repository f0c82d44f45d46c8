//! The HTTP client of the chain: TLS where a feature gives it, plain http always.

#[cfg(feature = "rustls-ring")]
pub(crate) use with_tls::client;

#[cfg(not(feature = "rustls-ring"))]
pub(crate) use plain::client;

#[cfg(feature = "rustls-ring")]
mod with_tls {
    use aws_smithy_http_client::Builder;
    use aws_smithy_http_client::tls::Provider;
    use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
    use aws_smithy_runtime_api::client::http::SharedHttpClient;

    /// rustls over ring, with the system's root certificates.
    pub(crate) fn client() -> SharedHttpClient {
        Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    }
}

#[cfg(any(not(feature = "rustls-ring"), test))]
#[cfg_attr(feature = "rustls-ring", allow(dead_code, reason = "its tests run in any case"))]
mod plain {
    use std::time::Duration;

    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use hyper_util::client::legacy::Client;
    use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
    use hyper_util::rt::TokioExecutor;

    /// Plain http, which is all that container endpoints and IMDS speak.
    pub(crate) fn client() -> SharedHttpClient {
        http_client_fn(|settings, _| {
            let mut tcp = TcpConnector::new();
            tcp.set_nodelay(true);
            tcp.set_connect_timeout(settings.connect_timeout());
            SharedHttpConnector::new(Plain {
                client: Client::builder(TokioExecutor::new()).build(tcp),
                read_timeout: settings.read_timeout().unwrap_or(Duration::from_secs(5)),
            })
        })
    }

    #[derive(Debug)]
    struct Plain {
        client: Client<TcpConnector, SdkBody>,
        read_timeout: Duration,
    }

    impl HttpConnector for Plain {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            if !request.uri().starts_with("http://") {
                return HttpConnectorFuture::ready(Err(needs_tls(request.uri())));
            }
            let request = match request.try_into_http1x() {
                Ok(request) => request,
                Err(error) => {
                    return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
                }
            };
            let response = self.client.request(request);
            let read_timeout = self.read_timeout;
            HttpConnectorFuture::new(async move {
                let response = tokio::time::timeout(read_timeout, response)
                    .await
                    .map_err(|late| ConnectorError::timeout(late.into()))?
                    .map_err(|error| ConnectorError::io(error.into()))?;
                HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                    .map_err(|error| ConnectorError::other(error.into(), None))
            })
        }
    }

    fn needs_tls(uri: &str) -> ConnectorError {
        let host = uri.split('/').nth(2).unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let text = format!(
            "https to {host} needs TLS: enable the feature `rustls-ring` of sigv4-credentials, or \
             give a client to DefaultProvider::builder().http_client()"
        );
        ConnectorError::user(text.into())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[tokio::test]
        async fn https_without_tls_is_an_error_that_names_the_feature() {
            let plain = Plain {
                client: Client::builder(TokioExecutor::new()).build(TcpConnector::new()),
                read_timeout: Duration::from_secs(1),
            };
            let request = HttpRequest::get("https://user:pw@sts.amazonaws.com/?x").unwrap();
            let error = plain.call(request).await.unwrap_err();
            let text = crate::reason::reason(&error);
            assert!(text.contains("https to sts.amazonaws.com needs TLS"), "{text}");
            assert!(text.contains("rustls-ring"), "{text}");
        }
    }
}
