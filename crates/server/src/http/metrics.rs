//! Counts and times of requests, in Prometheus' text format (`mia-platform.md` §3.3).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::App;

/// Upper bounds in seconds: reads take well under a millisecond, durable writes a few, a stuck request up to the timeout.
const BUCKETS_S: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0];

/// Writes further families into the text.
pub type Source = Box<dyn Fn(&mut String) + Send + Sync>;

/// Counts requests by method, route and status. Routes are patterns, so there are few.
#[derive(Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<Labels, Histogram>>,
    sources: Mutex<Vec<Source>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Labels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Default)]
struct Histogram {
    /// How many were at most as long as each of [`BUCKETS_S`], without those of smaller buckets.
    buckets: [u64; BUCKETS_S.len()],
    count: u64,
    sum_s: f64,
}

impl Metrics {
    /// Counts one request.
    pub fn observe(&self, method: &Method, route: Option<&str>, status: StatusCode, elapsed: Duration) {
        let labels =
            Labels { method: label(method), route: route.unwrap_or("unmatched").to_owned(), status: status.as_u16() };
        let seconds = elapsed.as_secs_f64();
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = requests.entry(labels).or_default();
        histogram.count += 1;
        histogram.sum_s += seconds;
        if let Some(bucket) = BUCKETS_S.iter().position(|bound| seconds <= *bound) {
            histogram.buckets[bucket] += 1;
        }
    }

    /// Adds a part of the program that has families of its own.
    pub fn add(&self, source: Source) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).push(source);
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# HELP http_request_duration_seconds How long requests took.\n# TYPE http_request_duration_seconds histogram\n",
        );
        for (labels, histogram) in &*self.requests.lock().unwrap_or_else(PoisonError::into_inner) {
            histogram.write(labels, &mut text);
        }
        for source in &*self.sources.lock().unwrap_or_else(PoisonError::into_inner) {
            source(&mut text);
        }
        text
    }
}

impl Histogram {
    fn write(&self, labels: &Labels, text: &mut String) {
        let Labels { method, route, status } = labels;
        let labels = format!("method=\"{method}\",route=\"{route}\",status_code=\"{status}\"");
        let mut line = |suffix: &str, more: &str, value: &dyn std::fmt::Display| {
            // Writing to a `String` never fails.
            let _ = writeln!(text, "http_request_duration_seconds{suffix}{{{labels}{more}}} {value}");
        };
        let mut below = 0;
        for (bound, count) in BUCKETS_S.iter().zip(self.buckets) {
            below += count;
            line("_bucket", &format!(",le=\"{bound}\""), &below);
        }
        line("_bucket", ",le=\"+Inf\"", &self.count);
        line("_sum", "", &self.sum_s);
        line("_count", "", &self.count);
    }
}

/// Callers can make up methods; a label must not grow with them.
fn label(method: &Method) -> &'static str {
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

/// `GET /-/metrics`
pub async fn show(State(app): State<App>) -> Response {
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type)], app.metrics.text()).into_response()
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
        let text = metrics.text();
        let labels = "method=\"other\",route=\"unmatched\",status_code=\"404\"";
        for line in [
            format!("http_request_duration_seconds_bucket{{{labels},le=\"0.001\"}} 1"),
            format!("http_request_duration_seconds_bucket{{{labels},le=\"0.0025\"}} 2"),
            format!("http_request_duration_seconds_bucket{{{labels},le=\"20\"}} 2"),
            format!("http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} 3"),
            format!("http_request_duration_seconds_count{{{labels}}} 3"),
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
