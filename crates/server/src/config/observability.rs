//! The settings of metrics and traces. Those of traces have the names that OpenTelemetry gives them.

use axum::http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

use crate::telemetry::traces::{Sampling, TraceSettings};

/// What the program tells of itself beside its log.
#[derive(Debug)]
pub struct ObservabilityConfig {
    /// Whether `/-/metrics` is served.
    pub expose_metrics: bool,
    /// Where traces go; `None`: nowhere.
    pub traces: Option<TraceSettings>,
}

/// The path under a collector's address that takes traces (OTLP specification, "OTLP/HTTP Request").
const TRACES_PATH: &str = "/v1/traces";

/// Where spans are posted to, for the address of a collector.
pub fn endpoint(text: &str) -> Result<Url, String> {
    let mut url =
        Url::parse(text).map_err(|error| format!("must be a URL such as http://otel-collector:4318: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("must begin with http:// or https:// and a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not have a user or password in it: OTEL_EXPORTER_OTLP_HEADERS can have a key".to_owned());
    }
    let path = format!("{}{TRACES_PATH}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

/// Headers, as `name=value,name=value` with values that are percent-encoded where need be. What is wrong is not shown: it is secret.
pub fn headers(text: &str) -> Result<Vec<(String, SecretString)>, String> {
    let header = |(name, value): (String, String)| {
        let valid = HeaderName::try_from(&name).is_ok() && HeaderValue::try_from(&value).is_ok();
        valid.then(|| (name, SecretString::from(value)))
    };
    let headers = pairs(text).and_then(|pairs| pairs.into_iter().map(header).collect());
    headers.ok_or_else(|| "must be a comma list of header=value".to_owned())
}

/// Attributes of the service, in the same form.
pub fn attributes(text: &str) -> Result<Vec<(String, String)>, String> {
    pairs(text).ok_or_else(|| format!("must be a comma list of name=value, not {text:?}"))
}

fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |entry: &str| {
        let (name, value) = entry.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        (!name.trim().is_empty()).then(|| (name.trim().to_owned(), value.into_owned()))
    };
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(pair).collect()
}

/// Which traces are sent; `part` is what `OTEL_TRACES_SAMPLER_ARG` says.
pub fn sampling(sampler: &str, part: f64) -> Result<Sampling, String> {
    let (part, caller_decides) = match sampler {
        "always_on" => (1.0, false),
        "always_off" => (0.0, false),
        "traceidratio" => (part, false),
        "parentbased_always_on" => (1.0, true),
        "parentbased_always_off" => (0.0, true),
        "parentbased_traceidratio" => (part, true),
        _ => return Err(format!("is {sampler:?}, which is no sampler of OpenTelemetry")),
    };
    Ok(Sampling { part, caller_decides })
}

/// A part of the whole.
pub fn part(text: &str) -> Result<f64, String> {
    let part = text.parse().ok().filter(|part| (0.0..=1.0).contains(part));
    part.ok_or_else(|| format!("must be a number from 0 to 1, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn spans_go_below_the_collectors_address() {
        for (given, posted) in [
            ("http://otel:4318", "http://otel:4318/v1/traces"),
            ("https://traces.example.org/tenant/", "https://traces.example.org/tenant/v1/traces"),
        ] {
            assert_eq!(endpoint(given).unwrap().as_str(), posted);
        }
        for wrong in ["otel:4318", "ftp://otel", "http://user:hunter2@otel"] {
            assert!(!endpoint(wrong).unwrap_err().contains("hunter2"), "{wrong}");
        }
    }

    #[test]
    fn lists_are_read_as_opentelemetry_writes_them() {
        let headers = headers("authorization=Basic%20aGk=, x-tenant=clinic,").unwrap();
        let shown: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
        assert_eq!(shown, [("authorization", "Basic aGk="), ("x-tenant", "clinic")]);
        let attributes = attributes("deployment.environment.name=test").unwrap();
        assert_eq!(attributes, [("deployment.environment.name".to_owned(), "test".to_owned())]);
        for wrong in ["hunter2", "=hunter2", "x=hunter2%0a", "a b=hunter2"] {
            assert!(!super::headers(wrong).unwrap_err().contains("hunter2"), "{wrong}");
        }
    }

    #[test]
    fn samplers_have_the_names_of_the_specification() {
        assert_eq!(sampling("parentbased_always_on", 0.1), Ok(Sampling::default()));
        assert_eq!(sampling("traceidratio", 0.1), Ok(Sampling { part: 0.1, caller_decides: false }));
        assert!(sampling("xray", 1.0).is_err());
        assert_eq!(part("0.25"), Ok(0.25));
        assert!(part("2").is_err() && part("NaN").is_err() && part("all").is_err());
    }
}
