//! Around every request: its id, its log line, its count, and a panic turned into an answer (`mia-platform.md` §5.2).
//!
//! The line never shows what came from people: of the path only ids that we made, nothing of the query, no address.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::TeleconsultationId;
use futures_util::FutureExt;
use http_body::Body as _;
use tracing::Instrument;

use super::{App, error::ApiError, request_id};
use crate::telemetry::spans;

/// The most of a user agent that is logged, in characters.
const USER_AGENT_MAX: usize = 256;

/// What the log line says of a request.
struct Line {
    method: axum::http::Method,
    /// The route's pattern; what does not match one has none.
    route: Option<String>,
    path: String,
    room_id: Option<String>,
    user_agent: Option<String>,
    hostname: Option<String>,
    forwarded_host: Option<String>,
}

/// Runs one request.
pub async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id::of(request.headers(), &*app.ctx.chance);
    if app.forwards {
        // An id that we made travels on too.
        set_id(request.headers_mut(), &id);
    }
    let line = Line::of(&request);
    let trace = if line.is_status() {
        tracing::Span::none()
    } else {
        spans::request(&line.method, line.route.as_deref(), request.headers())
    };
    let observed = Observed {
        started: Instant::now(),
        span: tracing::error_span!("request", reqId = id, trace.id = spans::trace_id(&trace)),
        trace,
        line,
        app,
        answered: false,
    };

    let mut response = async {
        if !observed.line.is_status() {
            observed.line.incoming();
        }
        AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("a request handler panicked; the lines before say where");
            ApiError::internal().into_response()
        })
    }
    .instrument(observed.span.clone())
    .instrument(observed.trace.clone())
    .await;

    observed.answered_with(&response);
    finish_headers(response.headers_mut(), &id);
    response
}

/// A request under way. One that is dropped before it is answered was given up by its client.
struct Observed {
    started: Instant,
    line: Line,
    /// Says on every log line which request it belongs to.
    span: tracing::Span,
    trace: tracing::Span,
    app: App,
    answered: bool,
}

impl Observed {
    fn answered_with(mut self, response: &Response) {
        self.answered = true;
        let elapsed = self.started.elapsed();
        self.app.metrics.observe(&self.line.method, self.line.route.as_deref(), response.status(), elapsed);
        spans::request_answered(&self.trace, response.status().as_u16());
        self.span.in_scope(|| self.line.completed(response, elapsed));
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if !self.answered {
            self.app.metrics.observe_aborted();
            spans::request_aborted(&self.trace);
            self.span.in_scope(|| self.line.aborted(self.started.elapsed()));
        }
    }
}

fn set_id(headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(request_id::HEADER, id);
    }
}

fn finish_headers(headers: &mut HeaderMap, id: &str) {
    set_id(headers, id);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Answers are about people: nothing keeps them unless a route says otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

impl Line {
    fn of(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let (path, room_id) = match &route {
            Some(route) => shown(route, request.uri().path()),
            None => ("[unmatched]".to_owned(), None),
        };
        let headers = request.headers();
        let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Self {
            method: request.method().clone(),
            route,
            path,
            room_id,
            user_agent: user_agent.map(|text| text.chars().take(USER_AGENT_MAX).collect()),
            hostname: host(headers, &header::HOST),
            forwarded_host: host(headers, &HeaderName::from_static("x-forwarded-host")),
        }
    }

    /// Status routes are asked every few seconds; only their failures are logged, where they are found.
    fn is_status(&self) -> bool {
        self.route.as_deref().is_some_and(|route| route.starts_with("/-/"))
    }

    fn incoming(&self) {
        tracing::trace!(
            http.request.method = self.method.as_str(),
            http.request.userAgent.original = self.user_agent,
            url.path = self.path,
            url.params.roomId = self.room_id,
            host.hostname = self.hostname,
            host.forwardedHost = self.forwarded_host,
            "incoming request"
        );
    }

    /// There is no answer, so there is no status: whatever the request began is on disk or not, as if the program had been killed.
    fn aborted(&self, elapsed: Duration) {
        tracing::info!(
            http.request.method = self.method.as_str(),
            http.request.userAgent.original = self.user_agent,
            url.path = self.path,
            url.params.roomId = self.room_id,
            host.hostname = self.hostname,
            host.forwardedHost = self.forwarded_host,
            responseTime = elapsed.as_secs_f64() * 1000.0,
            "request aborted"
        );
    }

    fn completed(&self, response: &Response, elapsed: Duration) {
        let status = response.status().as_u16();
        let bytes = response.body().size_hint().exact();
        let response_time = elapsed.as_secs_f64() * 1000.0;
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    http.request.method = self.method.as_str(),
                    http.request.userAgent.original = self.user_agent,
                    http.response.statusCode = status,
                    http.response.body.bytes = bytes,
                    url.path = self.path,
                    url.params.roomId = self.room_id,
                    host.hostname = self.hostname,
                    host.forwardedHost = self.forwarded_host,
                    responseTime = response_time,
                    "request completed"
                )
            };
        }
        match (self.is_status(), status) {
            (true, 0..500) => {}
            (true, _) => line!(error),
            (false, _) => line!(info),
        }
    }
}

/// The path with what people put into it left as the route's pattern, and the teleconsultation's id.
fn shown(route: &str, path: &str) -> (String, Option<String>) {
    let segments = || route.split('/').zip(path.split('/'));
    let room_id = segments()
        .find(|(pattern, _)| *pattern == "{roomId}")
        .filter(|(_, given)| TeleconsultationId::parse(given).is_ok())
        .map(|(_, given)| given.to_owned());
    let path = match &room_id {
        Some(id) => route.replace("{roomId}", id),
        None => route.to_owned(),
    };
    (path, room_id)
}

/// A host name without its port, if it looks like one.
fn host(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    let host =
        text.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(text, |it| it.0);
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'[' | b']' | b':');
    (!host.is_empty() && host.len() <= 253 && host.bytes().all(allowed)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_we_made_are_shown_of_a_path() {
        let id = "65f0c0ffee0123456789abcd";
        assert_eq!(
            shown("/teleconsultation/{roomId}", &format!("/teleconsultation/{id}")),
            (format!("/teleconsultation/{id}"), Some(id.to_owned()))
        );
        assert_eq!(
            shown("/teleconsultation/{roomId}", "/teleconsultation/mario.rossi"),
            ("/teleconsultation/{roomId}".to_owned(), None)
        );
        assert_eq!(
            shown("/{region}/direct-rest-call-handler/{token}", "/eu/direct-rest-call-handler/secret"),
            ("/{region}/direct-rest-call-handler/{token}".to_owned(), None)
        );
    }
}
