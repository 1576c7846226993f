//! Counts and times of requests (`mia-platform.md` §3.3), and `/-/metrics`, which shows all figures of the program.

mod process;
mod quantiles;

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use quantiles::Quantiles;

use super::App;
use crate::observability::{
    self,
    exposition::{CONTENT_TYPE, Exposition, Family, Kind, Source},
    histogram::Histogram,
};

/// The quantiles of a summary: the usual ones of the platform's services.
const QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// Counts requests by method, route and status. Routes are patterns, so there are few.
#[derive(Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<Request, Times>>,
    aborted: AtomicU64,
    sources: Mutex<Vec<Source>>,
}

/// A kind of request and answer.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

/// How long the requests of one kind took, since the program began.
#[derive(Default)]
struct Times {
    histogram: Histogram,
    quantiles: Quantiles,
}

impl Metrics {
    /// Counts one request.
    pub fn observe(&self, method: &Method, route: Option<&str>, status: StatusCode, elapsed: Duration) {
        let request = Request {
            method: method_label(method),
            route: route.unwrap_or("unmatched").to_owned(),
            status: status.as_u16(),
        };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let times = requests.entry(request).or_default();
        times.histogram.observe(elapsed);
        times.quantiles.observe(elapsed.as_secs_f64());
    }

    /// Counts one request whose client did not wait for the answer.
    pub fn observe_aborted(&self) {
        self.aborted.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds parts of the program that have families of their own.
    pub fn add(&self, sources: impl IntoIterator<Item = Source>) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).extend(sources);
    }

    /// Writes everything that is counted.
    pub fn write(&self, text: &mut Exposition) {
        self.write_requests(text);
        text.single(
            "teleconsultation_http_requests_aborted_total",
            Kind::Counter,
            "Requests whose client did not wait for the answer.",
            self.aborted.load(Ordering::Relaxed),
        );
        process::write(text);
        for source in &*self.sources.lock().unwrap_or_else(PoisonError::into_inner) {
            source(text);
        }
    }

    /// The two families have the names and labels of the platform's services, hence no prefix.
    fn write_requests(&self, text: &mut Exposition) {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let mut family = text.family("http_request_duration_seconds", Kind::Histogram, "How long requests took.");
        for (request, times) in &*requests {
            times.histogram.write(&mut family, &request.labels());
        }
        let help = "How long requests took, since the program began.";
        let mut family = text.family("http_request_summary_seconds", Kind::Summary, help);
        for (request, times) in &*requests {
            times.write_summary(&mut family, &request.labels());
        }
    }
}

impl Request {
    fn labels(&self) -> [(&str, &dyn Display); 3] {
        [("method", &self.method), ("route", &self.route), ("status_code", &self.status)]
    }
}

impl Times {
    fn write_summary(&self, family: &mut Family<'_>, labels: &[(&str, &dyn Display); 3]) {
        let [method, route, status] = *labels;
        for quantile in QUANTILES {
            if let Some(seconds) = self.quantiles.at(quantile) {
                family.sample("", &[method, route, status, ("quantile", &quantile)], seconds);
            }
        }
        self.histogram.write_total(family, labels);
    }
}

/// Callers can make up methods; a label must not grow with them.
pub fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// `/-/metrics`
pub fn routes() -> Router<App> {
    Router::new().route("/-/metrics", get(show))
}

async fn show(State(app): State<App>) -> Response {
    let mut text = Exposition::default();
    app.metrics.write(&mut text);
    observability::write_state(&app.ctx, &mut text).await;
    ([(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE))], text.into_text()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_made_up_methods_share_a_label() {
        let metrics = Metrics::default();
        let made_up = Method::from_bytes(b"BREW").unwrap();
        for milliseconds in [0, 2, 30_000] {
            metrics.observe(&made_up, None, StatusCode::NOT_FOUND, Duration::from_millis(milliseconds));
        }
        let mut text = Exposition::default();
        metrics.write(&mut text);
        let text = text.into_text();
        let labels = "method=\"other\",route=\"unmatched\",status_code=\"404\"";
        for line in [
            format!("http_request_duration_seconds_bucket{{{labels},le=\"0.001\"}} 1"),
            format!("http_request_duration_seconds_bucket{{{labels},le=\"0.0025\"}} 2"),
            format!("http_request_duration_seconds_bucket{{{labels},le=\"20\"}} 2"),
            format!("http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} 3"),
            format!("http_request_duration_seconds_count{{{labels}}} 3"),
            format!("http_request_summary_seconds_count{{{labels}}} 3"),
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
        let median = format!("http_request_summary_seconds{{{labels},quantile=\"0.5\"}} 0.002");
        assert!(text.lines().any(|it| it.starts_with(&median)), "{median}\n{text}");
    }
}
