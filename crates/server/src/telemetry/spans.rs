//! The spans of traces: a request, the use case that it asks for, and the calls to the store and the video provider in it.
//!
//! They have a target of their own, so log lines know nothing of them and a program that sends no traces makes none. Their names and
//! attributes are methods, routes, operations and outcomes: nothing that a caller chose, nobody's id.

use axum::http::{HeaderMap, Method};
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator as _},
    trace::TraceContextExt as _,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::http::metrics::method_label;

/// The target of every span that is exported, and of nothing else.
pub const TARGET: &str = "trace";

/// The header in which a caller says which trace a request belongs to (W3C Trace Context §3.2).
const TRACEPARENT: &str = "traceparent";

/// The span of a request, in the caller's trace if there is one. Nobody's, if traces are not sent.
pub fn request(method: &Method, route: Option<&str>, headers: &HeaderMap) -> Span {
    let (method, route) = (method_label(method), route.unwrap_or("unmatched"));
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        error.type = Empty,
    );
    if !span.is_disabled() {
        let caller = TraceContextPropagator::new().extract(&Traceparent(headers));
        if caller.span().span_context().is_valid()
            && let Err(error) = span.set_parent(caller)
        {
            tracing::debug!(error = &error as &dyn std::error::Error, "a request's trace begins anew");
        }
    }
    span
}

/// The request was answered.
pub fn request_answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The request's client did not wait for the answer.
pub fn request_aborted(span: &Span) {
    span.record("error.type", "aborted");
    span.record("otel.status_code", "ERROR");
}

/// The id of the trace that the span belongs to, as 32 hexadecimal digits; `None` if traces are not sent.
pub fn trace_id(span: &Span) -> Option<String> {
    if span.is_disabled() {
        return None;
    }
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

/// What a call to another service of the platform says of the trace that it belongs to; `None` if traces are not sent.
pub fn traceparent() -> Option<String> {
    let context = Span::current().context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| format!("00-{}-{}-{:02x}", context.trace_id(), context.span_id(), context.trace_flags()))
}

/// The span of a use case.
pub fn use_case(name: &'static str) -> Span {
    tracing::info_span!(target: TARGET, "use case", otel.name = name)
}

/// The span of a call to another part of the system, inside of what is being traced. What no request asked for is not traced.
pub fn call(part: &'static str, operation: &'static str) -> Span {
    if !tracing::span_enabled!(target: TARGET, tracing::Level::INFO) || Span::current().is_none() {
        return Span::none();
    }
    tracing::info_span!(
        target: TARGET,
        "call",
        otel.name = format_args!("{part} {operation}"),
        otel.kind = "client",
        otel.status_code = Empty,
        peer.service = part,
        operation,
        outcome = Empty,
    )
}

/// The call ended.
pub fn call_ended(span: &Span, outcome: &'static str, is_fault: bool) {
    span.record("outcome", outcome);
    if is_fault {
        span.record("otel.status_code", "ERROR");
    }
}

/// Finds only the header that names the trace. What else a caller may say of it is text of their own.
struct Traceparent<'a>(&'a HeaderMap);

impl Extractor for Traceparent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        if key == TRACEPARENT { self.0.get(key)?.to_str().ok() } else { None }
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}
