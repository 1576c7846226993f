//! Paths with ids in them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is escaped in a path segment: all but the unreserved characters of RFC 3986 §2.3. Upload keys contain `/` (contract §14.7).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why an id cannot be in a path.
pub(crate) const UNFIT: &str = "an id must not be empty, `.` or `..`";

/// Puts each segment where the next `{}` is. Returns `None` for a segment that would lead to another path: an empty one, or one that
/// URLs understand as "here" or "above" even when it is escaped.
pub(crate) fn fill(template: &str, segments: &[&str]) -> Option<String> {
    let mut path = String::with_capacity(template.len() + 32);
    let mut segments = segments.iter();
    for (index, piece) in template.split("{}").enumerate() {
        if index > 0 {
            let segment = segments.next().filter(|segment| !matches!(**segment, "" | "." | ".."))?;
            path.extend(utf8_percent_encode(segment, ESCAPED));
        }
        path.push_str(piece);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    #[test]
    fn slashes_and_the_like_are_escaped() {
        let path = fill("/uploads/{}", &["sandbox/acme/usr_1/1-a?b#c%2f é"]).unwrap();
        assert_eq!(path, "/uploads/sandbox%2Facme%2Fusr_1%2F1-a%3Fb%23c%252f%20%C3%A9");
        assert_eq!(fill("/rooms/{}/participants/{}", &["r", "u"]).unwrap(), "/rooms/r/participants/u");
        assert_eq!(fill("/users", &[]).unwrap(), "/users");
    }

    #[test]
    fn a_segment_that_leads_elsewhere_is_refused() {
        for segment in ["", ".", ".."] {
            assert_eq!(fill("/users/{}", &[segment]), None);
        }
        assert_eq!(fill("/users/{}", &[]), None);
    }

    proptest! {
        #[test]
        fn any_id_stays_one_segment(id in ".*") {
            if let Some(path) = fill("/users/{}/avatar", &[&id]) {
                let url = Url::parse(&format!("http://host/v2{path}")).unwrap();
                let segments: Vec<&str> = url.path_segments().unwrap().collect();
                prop_assert_eq!(segments.len(), 4);
                prop_assert_eq!((segments[1], segments[3]), ("users", "avatar"));
                let decoded = percent_encoding::percent_decode_str(segments[2]).decode_utf8().unwrap();
                prop_assert_eq!(decoded.as_ref(), id.as_str());
                prop_assert!(url.query().is_none() && url.fragment().is_none());
            }
        }
    }
}
