//! What one request is called in logs and answers (`mia-platform.md` §3.4).

use axum::http::{HeaderMap, HeaderName};
use ports::Chance;

/// Carries the id in both directions.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id taken from a caller.
const LEN_MAX: usize = 128;

/// The caller's id if it is printable and not too long, else a new one.
pub fn of(headers: &HeaderMap, chance: &dyn Chance) -> String {
    let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
    match given {
        Some(given) if !given.is_empty() && given.len() <= LEN_MAX => given.to_owned(),
        Some(_) | None => version_4(chance.bytes()),
    }
}

/// A random UUID (RFC 9562 §5.4).
fn version_4(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Chance for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xff);
        }
    }

    #[test]
    fn a_printable_id_is_kept_and_any_other_replaced() {
        let of = |id: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, axum::http::HeaderValue::from_bytes(id).unwrap());
            super::of(&headers, &Fixed)
        };
        assert_eq!(of(b"req-1 a"), "req-1 a");
        let made = "ffffffff-ffff-4fff-bfff-ffffffffffff";
        assert_eq!(of(b""), made);
        assert_eq!(of(&[b'x'; 129]), made);
        assert_eq!(of("é".as_bytes()), made);
        assert_eq!(super::of(&HeaderMap::new(), &Fixed), made);
    }
}
