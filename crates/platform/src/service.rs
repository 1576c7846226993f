//! One service and the calls to it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::Deserialize;
use url::Url;

use crate::{ANSWER_BYTES_MAX, Address, Answer, Failure, Outbound, PlatformError, Request, error::Words};

/// How often a call is tried at most, the first time included (`mia-platform.md` §4).
pub const ATTEMPTS_MAX: u32 = 3;

/// The wait before the second attempt; it doubles before the third. Long enough for a restarted pod to be taken out.
const WAIT_FIRST: Duration = Duration::from_millis(100);

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
        let url = self.url(&request);
        let body = request.body.as_ref().map(|body| Bytes::from(body.to_string()));
        let mut wait = WAIT_FIRST;
        let mut may_be_done = false;
        for attempt in 1.. {
            let failure = match self.attempt(&request, url.clone(), body.clone()).await {
                Ok(Outcome::Success(body)) => return Ok(Answer { service: self.name, doing: request.doing, body }),
                Ok(Outcome::Refused(status, message)) => return Err(self.refused(&request, status, message)),
                Ok(Outcome::Odd(oddity)) => return Err(self.odd(&request, oddity)),
                Err(failure) => failure,
            };
            may_be_done |= request.method != reqwest::Method::GET && !matches!(failure, Failure::Connect(_));
            if attempt == ATTEMPTS_MAX || (may_be_done && !request.repeatable) {
                return Err(self.unavailable(&request, may_be_done, failure));
            }
            tracing::debug!(service = self.name, doing = request.doing, attempt, "a call failed and is made again");
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        unreachable!("the last attempt returns")
    }

    fn url(&self, request: &Request) -> Url {
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
        url
    }

    async fn attempt(&self, request: &Request, url: Url, body: Option<Bytes>) -> Result<Outcome, Failure> {
        let mut builder = self.outbound.client.request(request.method.clone(), url);
        for (name, value) in request.caller.headers() {
            // What is no header was none when it arrived, so nothing is lost that anybody sent.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                builder = builder.header(name, value);
            }
        }
        if let Some(traceparent) = (self.outbound.traceparent)() {
            builder = builder.header("traceparent", traceparent);
        }
        if let Some(body) = body {
            builder = builder.header(CONTENT_TYPE, "application/json;charset=utf-8").body(body);
        }
        let mut answer = builder.send().await.map_err(|error| self.sorted(error))?;
        let status = answer.status();
        if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT || status == StatusCode::TOO_MANY_REQUESTS
        {
            return Err(Failure::Status(status.as_u16()));
        }
        let bytes_max = if status.is_success() { ANSWER_BYTES_MAX } else { REFUSAL_BYTES_MAX };
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.sorted(error))? {
            if body.len() + chunk.len() > bytes_max {
                return Ok(Outcome::Odd(format!("more than {bytes_max} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(match status {
            _ if status.is_success() => Outcome::Success(body.freeze()),
            _ if status.is_client_error() => Outcome::Refused(status.as_u16(), words(&body)),
            _ => Outcome::Odd(format!("status {}", status.as_u16())),
        })
    }

    /// Sorts a failure. Its text loses the address, which may name a person.
    fn sorted(&self, error: reqwest::Error) -> Failure {
        let error = error.without_url();
        if error.is_connect() {
            Failure::Connect(Box::new(error))
        } else if error.is_timeout() {
            Failure::Timeout(self.outbound.attempt_timeout)
        } else {
            Failure::Broken(Box::new(error))
        }
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

/// What came of an attempt that was answered.
enum Outcome {
    Success(Bytes),
    Refused(u16, Option<Words>),
    Odd(String),
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
