//! Reads the settings of metrics and traces.

use std::time::Duration;

use super::Reader;
use crate::{
    config::observability::{ObservabilityConfig, attributes, endpoint, headers, part, sampling},
    telemetry::traces::{Sampling, TraceSettings},
};

/// The longest that one request to the collector may take: a minute. Longer would keep spans waiting until they are lost.
const TIMEOUT_MAX_MS: u64 = 60_000;

/// The service's name in traces if none is set.
const SERVICE_NAME: &str = "teleconsultation";

impl Reader<'_> {
    pub(super) fn observability(&mut self) -> ObservabilityConfig {
        ObservabilityConfig { expose_metrics: self.flag("EXPOSE_METRICS", true), traces: self.traces() }
    }

    /// Everything is read, so that what is wrong is said also where no traces are sent.
    fn traces(&mut self) -> Option<TraceSettings> {
        let enabled = self.flag("ENABLE_TRACING", true) && !self.flag("OTEL_SDK_DISABLED", false);
        let endpoint = self.read("OTEL_EXPORTER_OTLP_ENDPOINT", None, |text| endpoint(text).map(Some));
        let headers = self.read("OTEL_EXPORTER_OTLP_HEADERS", Vec::new(), headers);
        let timeout = self.number("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000, 1, TIMEOUT_MAX_MS);
        let attributes = self.read("OTEL_RESOURCE_ATTRIBUTES", Vec::new(), attributes);
        let service_name = self.text("OTEL_SERVICE_NAME").unwrap_or(SERVICE_NAME).to_owned();
        let part = self.read("OTEL_TRACES_SAMPLER_ARG", 1.0, part);
        let sampling = self.read("OTEL_TRACES_SAMPLER", Sampling::default(), |text| sampling(text, part));
        let endpoint = endpoint.filter(|_| enabled)?;
        if let Some(protocol) = self.text("OTEL_EXPORTER_OTLP_PROTOCOL").filter(|protocol| *protocol != "http/protobuf")
        {
            let note = format!(
                "OTEL_EXPORTER_OTLP_PROTOCOL is {protocol:?}; only http/protobuf is spoken, so no traces are sent"
            );
            self.notes.push(note);
            return None;
        }
        let timeout = Duration::from_millis(timeout);
        Some(TraceSettings { endpoint, headers, timeout, service_name, attributes, sampling })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn load(settings: &[(&str, &str)]) -> Config {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Config::load(settings.iter().map(owned)).unwrap()
    }

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4318");

    #[test]
    fn traces_go_to_an_endpoint_and_nowhere_without_one() {
        assert!(load(&[("ENABLE_TRACING", "true"), ("OTEL_SERVICE_NAME", "x")]).observability.traces.is_none());
        let traces = load(&[ENDPOINT, ("OTEL_EXPORTER_OTLP_TIMEOUT", "500")]).observability.traces.unwrap();
        assert_eq!((traces.service_name.as_str(), traces.timeout.as_millis()), ("teleconsultation", 500));
        for off in [("ENABLE_TRACING", "false"), ("OTEL_SDK_DISABLED", "true")] {
            assert!(load(&[ENDPOINT, off]).observability.traces.is_none(), "{off:?}");
        }
    }

    #[test]
    fn a_protocol_that_is_not_spoken_turns_traces_off_and_is_noted() {
        let config = load(&[ENDPOINT, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
        assert!(config.observability.traces.is_none());
        assert!(config.notes[0].starts_with("OTEL_EXPORTER_OTLP_PROTOCOL is \"grpc\""), "{:?}", config.notes);
    }
}
