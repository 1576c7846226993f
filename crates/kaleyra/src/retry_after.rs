//! How long the service asks to wait: `Retry-After` (RFC 9110 §10.2.3).

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Reads `Retry-After`: whole seconds, or a date, which is compared with the answer's own `Date` so that no clock need agree.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = date(headers, &RETRY_AFTER)?;
    let from = date(headers, &DATE)?;
    Some(Duration::try_from(until.duration_since(from)).unwrap_or(Duration::ZERO))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<jiff::Timestamp> {
    DateTimeParser::new().parse_timestamp(headers.get(name)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(retry_after: &'static str, date: &'static str) -> HeaderMap {
        HeaderMap::from_iter([
            (RETRY_AFTER, HeaderValue::from_static(retry_after)),
            (DATE, HeaderValue::from_static(date)),
        ])
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        let noon = "Tue, 24 Nov 2026 12:00:00 GMT";
        assert_eq!(retry_after(&headers("7", noon)), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers("Tue, 24 Nov 2026 12:01:30 GMT", noon)), Some(Duration::from_secs(90)));
        assert_eq!(retry_after(&headers("Tue, 24 Nov 2026 11:00:00 GMT", noon)), Some(Duration::ZERO));
    }

    #[test]
    fn nonsense_is_no_answer() {
        for text in ["", "-1", "soon", "1e9", "99999999999999999999999"] {
            assert_eq!(retry_after(&headers(text, "Tue, 24 Nov 2026 12:00:00 GMT")), None, "{text}");
        }
        assert_eq!(retry_after(&headers("Tue, 24 Nov 2026 12:00:00 GMT", "whenever")), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_ignored(text in "[ -~]{0,40}") {
            let value = HeaderValue::from_str(&text).unwrap();
            let _ = retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.clone()), (DATE, value)]));
        }
    }
}
