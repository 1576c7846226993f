//! One service and the calls to it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, StatusCode, Uri,
    body::Incoming,
    header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT},
};
use serde::Deserialize;

use crate::{ANSWER_BYTES_MAX, Address, Answer, Failure, Outbound, PlatformError, Request, error::Words};

/// How often a call is tried at most, the first time included (`mia-platform.md` §4).
pub const ATTEMPTS_MAX: u32 = 3;

/// The wait before the second attempt; it doubles before the third. Long enough for a restarted pod to be taken out.
const WAIT_FIRST: Duration = Duration::from_millis(100);

/// What we call ourselves.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("teleconsultation/", env!("CARGO_PKG_VERSION")));

/// How much of a refusal is read: ample for a sentence.
const REFUSAL_BYTES_MAX: usize = 16 * 1024;

/// One service of the platform.
#[derive(Debug, Clone)]
pub struct Service {
    name: &'static str,
    address: Address,
    outbound: Outbound,
}

impl Service {
    /// The service at this address, called `name` in errors.
    pub fn new(name: &'static str, address: Address, outbound: Outbound) -> Self {
        Self { name, address, outbound }
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Makes the call, as often as needed and allowed.
    pub async fn call(&self, request: Request) -> Result<Answer, PlatformError> {
        let sent = Sent {
            uri: self.uri(&request).map_err(|failure| self.unavailable(&request, false, failure))?,
            headers: self.headers(&request),
            body: request.body.as_ref().map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
        };
        let mut wait = WAIT_FIRST;
        let mut may_be_done = false;
        for attempt in 1.. {
            let failure = match self.attempt(&request.method, &sent).await {
                Ok(Outcome::Success(body)) => return Ok(Answer { service: self.name, doing: request.doing, body }),
                Ok(Outcome::Refused(status, message)) => return Err(self.refused(&request, status, message)),
                Ok(Outcome::Odd(oddity)) => return Err(self.odd(&request, oddity)),
                Err(failure) => failure,
            };
            may_be_done |= request.method != Method::GET && !matches!(failure, Failure::Connect(_));
            if attempt == ATTEMPTS_MAX || (may_be_done && !request.repeatable) {
                return Err(self.unavailable(&request, may_be_done, failure));
            }
            tracing::debug!(service = self.name, doing = request.doing, attempt, "a call failed and is made again");
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        unreachable!("the last attempt returns")
    }

    fn uri(&self, request: &Request) -> Result<Uri, Failure> {
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        let mut url = if segments.is_empty() { self.address.url().clone() } else { self.address.below(&segments) };
        // An address with a query of its own is taken as it is.
        if segments.is_empty() && url.query().is_none() && !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        // One that is too long is none.
        url.as_str().parse().map_err(|error| Failure::Broken(Box::new(error)))
    }

    fn headers(&self, request: &Request) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in request.caller.headers() {
            // What is no header was none when it arrived, so nothing is lost that anybody sent.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        headers.entry(USER_AGENT).or_insert(AGENT);
        if let Some(traceparent) = (self.outbound.traceparent)()
            && let Ok(traceparent) = HeaderValue::try_from(traceparent)
        {
            headers.append("traceparent", traceparent);
        }
        if request.body.is_some() {
            headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
        }
        headers
    }

    /// One attempt, within its time.
    async fn attempt(&self, method: &Method, sent: &Sent) -> Result<Outcome, Failure> {
        let most = self.outbound.attempt_timeout;
        tokio::time::timeout(most, self.exchange(method, sent)).await.unwrap_or(Err(Failure::Timeout(most)))
    }

    async fn exchange(&self, method: &Method, sent: &Sent) -> Result<Outcome, Failure> {
        let mut request = hyper::Request::new(Full::new(sent.body.clone()));
        *request.method_mut() = method.clone();
        *request.uri_mut() = sent.uri.clone();
        *request.headers_mut() = sent.headers.clone();
        let answer = self.outbound.connections.request(request).await.map_err(|error| {
            if error.is_connect() { Failure::Connect(Box::new(error)) } else { Failure::Broken(Box::new(error)) }
        })?;
        let status = answer.status();
        if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT || status == StatusCode::TOO_MANY_REQUESTS
        {
            return Err(Failure::Status(status.as_u16()));
        }
        let bytes_max = if status.is_success() { ANSWER_BYTES_MAX } else { REFUSAL_BYTES_MAX };
        let Some(body) = read(answer.into_body(), bytes_max).await.map_err(|error| Failure::Broken(Box::new(error)))?
        else {
            return Ok(Outcome::Odd(format!("more than {bytes_max} bytes")));
        };
        Ok(match status {
            _ if status.is_success() => Outcome::Success(body),
            _ if status.is_client_error() => Outcome::Refused(status.as_u16(), words(&body)),
            _ => Outcome::Odd(format!("status {}", status.as_u16())),
        })
    }

    fn refused(&self, request: &Request, status: u16, message: Option<Words>) -> PlatformError {
        PlatformError::Refused { service: self.name, doing: request.doing, status, message }
    }

    fn odd(&self, request: &Request, oddity: String) -> PlatformError {
        PlatformError::Unexpected { service: self.name, doing: request.doing, oddity }
    }

    fn unavailable(&self, request: &Request, may_be_done: bool, source: Failure) -> PlatformError {
        PlatformError::Unavailable { service: self.name, doing: request.doing, may_be_done, source }
    }
}

/// What each attempt sends.
struct Sent {
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// What came of an attempt that was answered.
enum Outcome {
    Success(Bytes),
    Refused(u16, Option<Words>),
    Odd(String),
}

/// A body, copied only if it comes in several parts; `None` if it is longer than this.
async fn read(mut incoming: Incoming, bytes_max: usize) -> Result<Option<Bytes>, hyper::Error> {
    let mut whole = Bytes::new();
    while let Some(frame) = incoming.frame().await {
        // Trailers say nothing here.
        let Ok(part) = frame?.into_data() else { continue };
        if whole.len() + part.len() > bytes_max {
            return Ok(None);
        }
        whole = if whole.is_empty() { part } else { joined(whole, &part) };
    }
    Ok(Some(whole))
}

fn joined(first: Bytes, second: &[u8]) -> Bytes {
    // Copies nothing again while it is the only one that has it.
    let mut whole = first.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&*shared));
    whole.extend_from_slice(second);
    whole.freeze()
}

/// A refusal's text: `message`, else `error` (`mia-platform.md` §9.8). The body may be no JSON at all.
fn words(body: &[u8]) -> Option<Words> {
    #[derive(Deserialize)]
    struct Body {
        message: Option<String>,
        error: Option<String>,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    body.message.or(body.error).map(Words::new)
}
