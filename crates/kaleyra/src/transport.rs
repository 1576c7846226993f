//! One attempt at one request: sent, and its answer read within the bounds.

use bytes::{Bytes, BytesMut};
use reqwest::{
    Certificate, Client, ClientBuilder, Method, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};

use crate::{BaseUrl, Effect, Failure, Oddity, Settings, Trust};

/// The header with the api key (contract §2.3).
const API_KEY: HeaderName = HeaderName::from_static("apikey");

/// How much of an answer that is no success is read: ample for a sentence. The connection of a longer one is closed.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// A request, ready to be sent as often as needed.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) body: Option<Body>,
}

/// A body with its content type.
pub(crate) struct Body {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// An answer, read whole.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
pub(crate) enum Unanswered {
    /// Not reachable, or broken off.
    Failure(Failure),
    /// There is one, but not one that can be read.
    Oddity(Oddity),
}

impl Failure {
    /// Returns whether the request may have arrived.
    pub(crate) fn effect(&self) -> Effect {
        match self {
            Failure::Connect(_) => Effect::None,
            Failure::Timeout(_) | Failure::Broken(_) | Failure::Status(_) => Effect::Possible,
        }
    }
}

/// The connections to the service.
pub(crate) struct Transport {
    http: Client,
    api_key: HeaderValue,
    answer_bytes_max: usize,
}

impl Transport {
    /// Makes a transport; `api_key` must be marked as sensitive.
    pub(crate) fn new(base: &BaseUrl, api_key: HeaderValue, settings: &Settings) -> Result<Transport, reqwest::Error> {
        let builder = builder(settings)
            .pool_idle_timeout(settings.idle_timeout)
            .pool_max_idle_per_host(settings.idle_connections_max);
        let http = trusting(builder, base.as_str().starts_with("https:"), &settings.trust)?.build()?;
        Ok(Transport { http, api_key, answer_bytes_max: settings.answer_bytes_max })
    }

    /// Sends the request once and reads its answer.
    pub(crate) async fn attempt(&self, request: &Request) -> Result<Response, Unanswered> {
        let mut builder = self
            .http
            .request(request.method.clone(), &request.url)
            .header(API_KEY, self.api_key.clone())
            .header(ACCEPT, "application/json");
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, &body.content_type).body(body.bytes.clone());
        }
        let answer = builder.send().await.map_err(unanswered)?;
        self.read(answer).await
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Response, Unanswered> {
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = BytesMut::new();
        if !status.is_success() {
            // The status says enough, whatever becomes of the words.
            while let Ok(Some(chunk)) = answer.chunk().await {
                let room = REFUSAL_BYTES_MAX - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if body.len() == REFUSAL_BYTES_MAX {
                    break;
                }
            }
            return Ok(Response { status, headers, body: body.freeze() });
        }
        while let Some(chunk) = answer.chunk().await.map_err(unanswered)? {
            if body.len() + chunk.len() > self.answer_bytes_max {
                return Err(Unanswered::Oddity(Oddity::TooLong(self.answer_bytes_max)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body: body.freeze() })
    }
}

/// What every connection has in common.
pub(crate) fn builder(settings: &Settings) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        // A redirection would carry the api key to another address.
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        // Repeating is decided in one place, which knows what is safe.
        .retry(reqwest::retry::never())
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .timeout(settings.total_timeout)
}

/// Whose certificates connections trust.
pub(crate) fn trusting(builder: ClientBuilder, tls: bool, trust: &Trust) -> Result<ClientBuilder, reqwest::Error> {
    Ok(match trust {
        // Without TLS, nothing needs to be trusted, and a system without certificates is no obstacle.
        _ if !tls => builder.tls_certs_only([]),
        Trust::System => builder,
        Trust::Bundled => builder.tls_certs_only(bundled_certificates()?),
        Trust::BundledAndPem(pem) => {
            builder.tls_certs_only(bundled_certificates()?.into_iter().chain(Certificate::from_pem_bundle(pem)?))
        }
        Trust::OnlyPem(pem) => builder.tls_certs_only(Certificate::from_pem_bundle(pem)?),
    })
}

fn unanswered(error: reqwest::Error) -> Unanswered {
    Unanswered::Failure(failure(error))
}

/// Sorts a failure. Its text loses the address, which may name a person.
pub(crate) fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let kind = if error.is_connect() {
        Failure::Connect
    } else if error.is_timeout() {
        Failure::Timeout
    } else {
        Failure::Broken
    };
    kind(Box::new(error))
}

fn bundled_certificates() -> Result<Vec<Certificate>, reqwest::Error> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der)).collect()
}
