//! The HTTP client that carries spans to the collector.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use axum::body::Bytes;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use platform::Authorities;
use reqwest::{Client, redirect::Policy};
use tokio::runtime::{Builder, Runtime};

/// Carries requests on a runtime of its own, since the exporter's thread has none, and sends what is left when the program's is gone.
#[derive(Debug)]
pub struct Courier {
    runtime: Runtime,
    http: Client,
    /// Whether the last request failed: the log is told when that changes, not with each batch.
    failing: AtomicBool,
}

impl Courier {
    /// A client each of whose requests may take so long, and which trusts the authorities of the system and these.
    pub fn new(timeout: Duration, authorities: &Authorities) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let http = Client::builder()
            .user_agent(concat!("teleconsultation/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .timeout(timeout)
            .tls_certs_merge(authorities.certificates())
            .build()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, http, failing: AtomicBool::new(false) })
    }

    /// The answer's body is not read: it may be of any length, and there is nothing to do about what it says.
    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.http.execute(request.try_into()?).await.map_err(reqwest::Error::without_url)?;
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        Ok(response)
    }

    fn tell(&self, carried: &Result<Response<Bytes>, HttpError>) {
        let failed = !carried.as_ref().is_ok_and(|answer| answer.status().is_success());
        if self.failing.swap(failed, Ordering::Relaxed) == failed {
            return;
        }
        match carried {
            Ok(_) if !failed => tracing::info!("traces are taken again"),
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::warn!(status, "the collector refuses traces; they are lost until it takes them again");
            }
            Err(error) => tracing::warn!(
                error = &**error as &dyn std::error::Error,
                "the collector cannot be reached; traces are lost until it can"
            ),
        }
    }
}

#[async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // This runs on the exporter's thread, which does nothing else and on which no runtime is entered.
        let carried = self.runtime.block_on(self.carry(request));
        self.tell(&carried);
        carried
    }
}
