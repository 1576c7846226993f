//! Moments on the wire: RFC 3339 in, UTC with milliseconds out (contract §4.2).

use jiff::{Timestamp, Unit};

/// The first moment accepted: before it, a date would have a year that no store can write.
const EARLIEST: &str = "0001-01-01T00:00:00Z";

/// The digits of a fraction of a second that are read; the rest are below what is kept.
const FRACTION_DIGITS_MAX: usize = 9;

/// Reads a `date-time` of RFC 3339 §5.6, down to the millisecond. `None`: it is none, or no moment that can be written.
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim_ascii();
    if !text.is_ascii() || text.len() < "2026-01-01T00:00:00Z".len() {
        return None;
    }
    let (date, rest) = text.split_at(10);
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = clock.split_at_checked(8)?;
    if !has_shape(date, b"dddd-dd-dd") || !has_shape(clock, b"dd:dd:dd") {
        return None;
    }
    let (fraction, offset) = match rest.strip_prefix('.') {
        None => ("0", rest),
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
    };
    if fraction.is_empty() {
        return None;
    }
    let offset_ok = match offset.as_bytes() {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', clock @ ..] => {
            has_shape(&offset[1..], b"dd:dd") && clock[..2] <= b"23"[..] && clock[3..] <= b"59"[..]
        }
        _ => false,
    };
    if !offset_ok {
        return None;
    }
    let fraction = &fraction[..fraction.len().min(FRACTION_DIGITS_MAX)];
    let moment: Timestamp = format!("{date}T{clock}.{fraction}{}", offset.to_ascii_uppercase()).parse().ok()?;
    let moment =
        moment.round(jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Floor)).ok()?;
    let earliest: Timestamp = EARLIEST.parse().ok()?;
    (moment >= earliest).then_some(moment)
}

/// Writes a moment in UTC with three digits of a second.
pub fn format(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// Whether `text` has a digit wherever `shape` has a `d`, and `shape`'s own characters elsewhere.
fn has_shape(text: &str, shape: &[u8]) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape).all(|(c, shape)| if *shape == b'd' { c.is_ascii_digit() } else { c == *shape })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_and_fraction_is_accepted_and_written_in_utc_with_milliseconds() {
        let read = |text| parse(text).map(format).unwrap_or_default();
        assert_eq!(read("2026-01-01T10:00:00Z"), "2026-01-01T10:00:00.000Z");
        assert_eq!(read("2026-01-01t10:00:00.5z"), "2026-01-01T10:00:00.500Z");
        assert_eq!(read("2026-01-01T10:00:00.123999+02:00"), "2026-01-01T08:00:00.123Z");
        assert_eq!(read("2026-01-01T10:00:00.1234567890123456789-23:59"), "2026-01-02T09:59:00.123Z");
        assert_eq!(read("2026-06-30T23:59:60Z"), "2026-06-30T23:59:59.000Z");
        assert_eq!(read("1969-12-31T23:59:59.9999Z"), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-01-01",
            "2026-01-01T10:00Z",
            "2026-01-01T10:00:00",
            "2026-01-01T10:00:00.Z",
            "2026-01-01T10:00:00+0200",
            "2026-01-01T10:00:00+24:00",
            "2026-01-01T10:00:00Z[Europe/Rome]",
            "20260101T100000Z",
            "2026-02-30T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "+002026-01-01T10:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "2026-01-01T10:00:00é",
            "２０２６-01-01T10:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
