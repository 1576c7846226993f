//! Traces: spans sent to a collector by OTLP over HTTP, in the background.
//!
//! Sending never holds up a request. Spans wait in a queue of fixed length, which a thread of the exporter empties; when the collector
//! is too slow or away, further spans are lost.

mod courier;

use std::{collections::HashMap, time::Duration};

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider},
};
use platform::Authorities;
use secrecy::{ExposeSecret as _, SecretString};
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use url::Url;

use super::spans;
use crate::http::SERVICE_VERSION;
use courier::Courier;

/// Spans that may wait to be sent: some hundred requests, 2 MiB at most. More only helps where a collector is too slow anyway.
const WAITING_SPANS_MAX: usize = 2048;

/// Spans sent at once, the usual number of the protocol's clients.
const BATCH_SPANS_MAX: usize = 512;

/// How long a span waits for others to be sent with it.
const GATHER: Duration = Duration::from_secs(2);

/// How long the end of the program waits for what is still to be sent.
pub const STOP_MAX: Duration = Duration::from_secs(2);

/// Where traces go, and which.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// Where spans are posted to.
    pub endpoint: Url,
    /// Headers of each request to the collector, such as a key.
    pub headers: Vec<(String, SecretString)>,
    /// How long one request to it may take.
    pub timeout: Duration,
    /// What the service is called in traces.
    pub service_name: String,
    /// What else is to be known of the service.
    pub attributes: Vec<(String, String)>,
    /// Which traces are sent.
    pub sampling: Sampling,
}

/// Which traces are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// The part of all traces, from 0 to 1.
    pub part: f64,
    /// Whether a caller who began the trace has decided already.
    pub caller_decides: bool,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { part: 1.0, caller_decides: true }
    }
}

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The HTTP client could not be made.
    #[error("the HTTP client for traces could not be made")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The exporter does not take the settings.
    #[error("traces cannot be sent with these settings")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Sends the spans of this process.
pub struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Starts the exporter's thread. The collector is trusted by the authorities of the system and these.
    pub fn start(settings: &TraceSettings, authorities: &Authorities) -> Result<Self, TraceError> {
        let headers = settings.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned()));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Courier::new(settings.timeout, authorities).map_err(TraceError::Http)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(settings.endpoint.as_str())
            .with_headers(headers.collect::<HashMap<_, _>>())
            .with_timeout(settings.timeout)
            .build()?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(WAITING_SPANS_MAX)
            .with_max_export_batch_size(BATCH_SPANS_MAX)
            .with_scheduled_delay(GATHER)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_sampler(sampler(settings.sampling))
            .with_resource(resource(settings))
            .build();
        let tracer = provider.tracer("teleconsultation");
        Ok(Self { provider, tracer })
    }

    /// The layer that takes the spans of [`spans`] from what the program does.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.tracer.clone())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(
                filter_fn(|metadata| metadata.is_span() && metadata.target() == spans::TARGET)
                    .with_max_level_hint(LevelFilter::INFO),
            )
    }

    /// Sends what waits, but tries no longer than `patience`. Blocks, so it is not for a task.
    pub fn stop(self, patience: Duration) {
        if let Err(error) = self.provider.shutdown_with_timeout(patience) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last traces were not all sent");
        }
    }
}

fn sampler(sampling: Sampling) -> Sampler {
    let Sampling { part, caller_decides } = sampling;
    let own = Sampler::TraceIdRatioBased(part);
    if caller_decides { Sampler::ParentBased(Box::new(own)) } else { own }
}

fn resource(settings: &TraceSettings) -> Resource {
    let given = settings.attributes.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
    Resource::builder_empty()
        .with_attribute(KeyValue::new("service.version", SERVICE_VERSION))
        .with_attributes(given)
        .with_service_name(settings.service_name.clone())
        .build()
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, time::Instant};

    use tracing_subscriber::{Registry, layer::SubscriberExt as _};

    use super::*;

    #[test]
    fn a_collector_that_never_answers_holds_up_nobody() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = TraceSettings {
            endpoint: format!("http://{}/v1/traces", silent.local_addr().unwrap()).parse().unwrap(),
            headers: Vec::new(),
            timeout: Duration::from_mins(10),
            service_name: "test".to_owned(),
            attributes: Vec::new(),
            sampling: Sampling::default(),
        };
        let traces = Traces::start(&settings, &Authorities::default()).unwrap();
        let begun = Instant::now();
        tracing::subscriber::with_default(Registry::default().with(traces.layer()), || {
            for _ in 0..3 * WAITING_SPANS_MAX {
                spans::use_case("test").in_scope(|| {});
            }
        });
        traces.stop(Duration::from_millis(50));
        assert!(begun.elapsed() < Duration::from_mins(1), "what cannot be sent is lost");
    }
}
