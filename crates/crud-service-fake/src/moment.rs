//! Moments as the service takes and gives them (`mia-platform.md` §9.1).

use jiff::Timestamp;

/// The moment that a text names: `YYYY-MM-DD`, alone or with `THH:MM:SS`, up to three digits of fraction, and `Z` or an offset.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape == "0000-00-00" {
        return format!("{text}T00:00:00Z").parse().ok();
    }
    let rest = shape.strip_prefix("0000-00-00T00:00:00")?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(|byte| *byte == b'0').count();
            if !(1..=3).contains(&digits) {
                return None;
            }
            &fraction[digits..]
        }
        None => rest,
    };
    matches!(zone, "Z" | "+00:00" | "-00:00").then(|| text.parse().ok())?
}

/// As documents have it.
pub(crate) fn text(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_at_most_three_digits_of_fraction() {
        for (given, read) in [
            ("2026-01-01", Some("2026-01-01T00:00:00.000Z")),
            ("2026-01-01T10:00:00Z", Some("2026-01-01T10:00:00.000Z")),
            ("2026-01-01T10:00:00.5+02:00", Some("2026-01-01T08:00:00.500Z")),
            ("2026-01-01T10:00:00.123Z", Some("2026-01-01T10:00:00.123Z")),
            ("2026-01-01T10:00:00.1234Z", None),
            ("2026-01-01T10:00Z", None),
            ("2026-13-01T10:00:00Z", None),
            ("tomorrow", None),
        ] {
            assert_eq!(parse(given).map(text).as_deref(), read, "{given}");
        }
    }
}
