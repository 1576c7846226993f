//! Counts and times of requests, in Prometheus' text format (`mia-platform.md` §3.3).

mod process;
mod quantiles;

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use quantiles::Quantiles;

use super::App;

/// Upper bounds in seconds: reads take well under a millisecond, durable writes a few, a stuck request up to the timeout.
const BUCKETS_S: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0];

/// The quantiles of a summary: the usual ones of the platform's services.
const QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// Writes further families into the text.
pub type Source = Box<dyn Fn(&mut String) + Send + Sync>;

/// Counts requests by method, route and status. Routes are patterns, so there are few.
#[derive(Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<Labels, Times>>,
    aborted: AtomicU64,
    sources: Mutex<Vec<Source>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Labels {
    method: &'static str,
    route: String,
    status: u16,
}

/// How long the requests of one kind took, since the program began.
#[derive(Default)]
struct Times {
    /// How many were at most as long as each of [`BUCKETS_S`], without those of smaller buckets.
    buckets: [u64; BUCKETS_S.len()],
    count: u64,
    sum_s: f64,
    quantiles: Quantiles,
}

impl Metrics {
    /// Counts one request.
    pub fn observe(&self, method: &Method, route: Option<&str>, status: StatusCode, elapsed: Duration) {
        let labels =
            Labels { method: label(method), route: route.unwrap_or("unmatched").to_owned(), status: status.as_u16() };
        let seconds = elapsed.as_secs_f64();
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let times = requests.entry(labels).or_default();
        times.count += 1;
        times.sum_s += seconds;
        times.quantiles.observe(seconds);
        if let Some(bucket) = BUCKETS_S.iter().position(|bound| seconds <= *bound) {
            times.buckets[bucket] += 1;
        }
    }

    /// Counts one request whose client did not wait for the answer.
    pub fn observe_aborted(&self) {
        self.aborted.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds a part of the program that has families of its own.
    pub fn add(&self, source: Source) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).push(source);
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write_requests(&mut text);
        let aborted = self.aborted.load(Ordering::Relaxed);
        // Writing to a `String` never fails.
        let _ = write!(
            text,
            "# HELP http_requests_aborted_total Requests whose client did not wait for the answer.\n\
             # TYPE http_requests_aborted_total counter\nhttp_requests_aborted_total {aborted}\n"
        );
        process::write(&mut text);
        for source in &*self.sources.lock().unwrap_or_else(PoisonError::into_inner) {
            source(&mut text);
        }
        text
    }
}

impl Metrics {
    /// All lines of a family are together, as the format wants it.
    fn write_requests(&self, text: &mut String) {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str("# HELP http_request_duration_seconds How long requests took.\n");
        text.push_str("# TYPE http_request_duration_seconds histogram\n");
        for (labels, times) in &*requests {
            times.write_histogram(labels, text);
        }
        text.push_str("# HELP http_request_summary_seconds How long requests took, since the program began.\n");
        text.push_str("# TYPE http_request_summary_seconds summary\n");
        for (labels, times) in &*requests {
            times.write_summary(labels, text);
        }
    }
}

impl Times {
    fn write_histogram(&self, labels: &Labels, text: &mut String) {
        let mut line = |suffix: &str, more: &str, value: &dyn fmt::Display| {
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

    fn write_summary(&self, labels: &Labels, text: &mut String) {
        let mut line = |suffix: &str, more: &str, value: &dyn fmt::Display| {
            // Writing to a `String` never fails.
            let _ = writeln!(text, "http_request_summary_seconds{suffix}{{{labels}{more}}} {value}");
        };
        for quantile in QUANTILES {
            if let Some(seconds) = self.quantiles.at(quantile) {
                line("", &format!(",quantile=\"{quantile}\""), &seconds);
            }
        }
        line("_sum", "", &self.sum_s);
        line("_count", "", &self.count);
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, route, status } = self;
        write!(f, "method=\"{method}\",route=\"{route}\",status_code=\"{status}\"")
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
            format!("http_request_summary_seconds_count{{{labels}}} 3"),
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
        let median = format!("http_request_summary_seconds{{{labels},quantile=\"0.5\"}} 0.002");
        assert!(text.lines().any(|it| it.starts_with(&median)), "{median}\n{text}");
    }
}
