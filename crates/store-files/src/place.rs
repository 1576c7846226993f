//! Where files lie.

use std::path::PathBuf;

/// Where files lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket of S3, or of a service that speaks as S3 does.
    S3 {
        /// The bucket.
        bucket: String,
        /// What the names of objects begin with; without slashes at its ends, and empty if there is nothing.
        prefix: String,
    },
}

/// Why a text names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the path of a folder, or s3://bucket or s3://bucket/prefix")]
pub struct InvalidPlace;

/// The longest prefix, so that keys stay far below the 1024 bytes that S3 takes.
const PREFIX_MAX: usize = 512;

impl Place {
    /// Reads a place: the path of a folder, `s3://bucket` or `s3://bucket/prefix`.
    pub fn parse(text: &str) -> Result<Self, InvalidPlace> {
        let Some(place) = text.strip_prefix("s3://") else {
            let is_path = !text.is_empty() && !text.contains("://");
            return if is_path { Ok(Self::Folder(PathBuf::from(text))) } else { Err(InvalidPlace) };
        };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        // Amazon S3's user guide, "Bucket naming rules".
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_bucket = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|byte| letter(byte) || matches!(byte, b'.' | b'-'))
            && bucket.bytes().next().is_some_and(letter)
            && bucket.bytes().last().is_some_and(letter);
        let prefix = prefix.trim_matches('/');
        let segment = |segment: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            !segment.is_empty() && !matches!(segment, "." | "..") && segment.bytes().all(plain)
        };
        let is_prefix = prefix.is_empty() || (prefix.len() <= PREFIX_MAX && prefix.split('/').all(segment));
        if !is_bucket || !is_prefix {
            return Err(InvalidPlace);
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        for path in ["/var/lib/teleconsultation/files", "data/files", "files"] {
            assert_eq!(Place::parse(path), Ok(Place::Folder(PathBuf::from(path))));
        }
        let s3 = |bucket: &str, prefix: &str| Ok(Place::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() });
        assert_eq!(Place::parse("s3://clinic-files"), s3("clinic-files", ""));
        assert_eq!(Place::parse("s3://clinic-files/"), s3("clinic-files", ""));
        assert_eq!(Place::parse("s3://clinic.files/visits/2026/"), s3("clinic.files", "visits/2026"));
        for wrong in [
            "",
            "s3://",
            "s3://ab",
            "s3://Clinic",
            "s3://clinic_files",
            "s3://-clinic",
            "s3://clinic/../other",
            "s3://clinic/a//b",
            "s3://clinic/a b",
            "https://clinic.example/files",
        ] {
            assert_eq!(Place::parse(wrong), Err(InvalidPlace), "{wrong}");
        }
    }
}
