//! Sizes as people write them: `50MB`.

/// The largest size accepted: a gigabyte. Some of what has a size here is held in memory.
const BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Reads a size: a whole number of bytes, or of `B`, `KB`, `MB` or `GB`, each 1024 times the one before, in any case (contract §8.1).
pub fn bytes(text: &str) -> Result<usize, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => Some(1),
        "KB" => Some(1024),
        "MB" => Some(1024 * 1024),
        "GB" => Some(1024 * 1024 * 1024),
        _ => None,
    };
    let size = unit.zip(number.parse().ok()).and_then(|(unit, number): (usize, usize)| number.checked_mul(unit));
    let size = size.filter(|size| (1..=BYTES_MAX).contains(size));
    size.ok_or_else(|| format!("must be a size from 1B to 1GB, such as 50MB, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_any_case_or_none() {
        for (text, size) in [
            ("50MB", 50 * 1024 * 1024),
            ("50mb", 50 * 1024 * 1024),
            ("1 Gb", 1024 * 1024 * 1024),
            ("3kB", 3072),
            ("7B", 7),
            ("123456", 123_456),
        ] {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        for wrong in
            ["", "0", "MB", "-1MB", "1.5MB", "2GB", "50 MiB", "99999999999999999999GB", "18446744073709551615KB"]
        {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
        assert_eq!(bytes("lots").unwrap_err(), "must be a size from 1B to 1GB, such as 50MB, not \"lots\"");
    }
}
