//! `Upload-Metadata`: what somebody says of a file before it arrives (tus, "Creation").

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::ProviderUserId;
use ports::content::{File, FileKind};
use video::files::{NAME_MAX, NewFile};

use super::refusal::Refusal;

/// The longest header looked at, in bytes: a name of [`NAME_MAX`] characters of four bytes each, and some ids.
const HEADER_MAX: usize = 4096;

/// The longest id of a request, in bytes.
const REQUEST_MAX: usize = 64;

/// Reads what a new file is.
pub fn read(headers: &HeaderMap) -> Result<NewFile, Refusal> {
    let size = length(headers)?;
    let mut members = members(headers)?;
    let mut text = |name: &'static str| match members.remove(name) {
        None => Ok(None),
        Some(value) => String::from_utf8(value).map(Some).map_err(|_| Refusal::invalid(name, "must be text in UTF-8")),
    };
    let name = text("filename")?.ok_or_else(|| Refusal::invalid("filename", "must be there"))?;
    if name.trim().is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        let message = format!("must have 1 to {NAME_MAX} characters, none of them a control character");
        return Err(Refusal::invalid("filename", &message));
    }
    let kind = text("kind")?.ok_or_else(|| Refusal::invalid("kind", "must be there"))?;
    let kind =
        FileKind::parse(&kind).ok_or_else(|| Refusal::invalid("kind", "must be file, snapshot or board_image"))?;
    let request = text("request")?.filter(|request| !request.is_empty());
    if request.as_ref().is_some_and(|request| request.len() > REQUEST_MAX) {
        return Err(Refusal::invalid("request", "is none that was ever made"));
    }
    let of = text("of")?.filter(|of| !of.is_empty()).map(|of| ProviderUserId::parse(&of));
    let of = of.transpose().map_err(|_| Refusal::invalid("of", "must be the id of somebody in the room"))?;
    Ok(NewFile { name, kind, size, request, of })
}

/// What was said of a file, for whoever goes on with it.
pub fn write(file: &File) -> String {
    let member = |name: &str, value: &str| format!("{name} {}", STANDARD.encode(value));
    let mut members = vec![member("filename", &file.name), member("kind", file.kind.as_str())];
    members.extend(file.of.as_ref().map(|of| member("of", of.as_str())));
    members.join(",")
}

/// How many bytes the file has.
fn length(headers: &HeaderMap) -> Result<u64, Refusal> {
    const LENGTH: &str = "Upload-Length";
    if headers.contains_key("upload-defer-length") {
        return Err(Refusal::invalid("Upload-Defer-Length", "is not supported: say the length at once"));
    }
    let length = headers.get(LENGTH).ok_or_else(|| Refusal::invalid(LENGTH, "must be there"))?;
    let length = length.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = length.and_then(|text| text.parse().ok());
    length.filter(|length| *length > 0).ok_or_else(|| Refusal::invalid(LENGTH, "must be a whole number of at least 1"))
}

fn members(headers: &HeaderMap) -> Result<BTreeMap<String, Vec<u8>>, Refusal> {
    const METADATA: &str = "Upload-Metadata";
    let mut found = BTreeMap::new();
    let Some(header) = headers.get(METADATA) else { return Ok(found) };
    let header = header.to_str().ok().filter(|text| text.len() <= HEADER_MAX);
    let header = header.ok_or_else(|| Refusal::invalid(METADATA, "must be 4096 characters of ASCII at most"))?;
    for member in header.split(',').map(str::trim).filter(|member| !member.is_empty()) {
        let (name, value) = member.split_once(' ').unwrap_or((member, ""));
        let value = STANDARD
            .decode(value.trim())
            .map_err(|_| Refusal::invalid(METADATA, "must be a comma list of names with values in base64"))?;
        if found.insert(name.to_owned(), value).is_some() {
            return Err(Refusal::invalid(METADATA, "must have each name once"));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(length: &str, metadata: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("Upload-Length", HeaderValue::from_str(length).unwrap());
        headers.insert("Upload-Metadata", HeaderValue::from_str(metadata).unwrap());
        headers
    }

    fn metadata(members: &[(&str, &str)]) -> String {
        let member = |(name, value): &(&str, &str)| format!("{name} {}", STANDARD.encode(value));
        members.iter().map(member).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn what_is_said_of_a_file_is_read() {
        let said = metadata(&[
            ("filename", "Zoë's «referto».pdf"),
            ("filetype", "application/pdf"),
            ("kind", "snapshot"),
            ("request", "snap_1"),
            ("of", "user_1"),
        ]);
        let read = read(&headers("12", &said)).unwrap();
        assert_eq!((read.name.as_str(), read.kind, read.size), ("Zoë's «referto».pdf", FileKind::Snapshot, 12));
        assert_eq!(read.request.as_deref(), Some("snap_1"));
        assert_eq!(read.of.map(|of| of.to_string()).as_deref(), Some("user_1"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good = metadata(&[("filename", "a.pdf"), ("kind", "file")]);
        let long = "a".repeat(NAME_MAX + 1);
        for (length, said, field) in [
            ("0", good.as_str(), "Upload-Length"),
            ("-1", &good, "Upload-Length"),
            ("+1", &good, "Upload-Length"),
            ("18446744073709551616", &good, "Upload-Length"),
            ("1", "filename ~", "Upload-Metadata"),
            ("1", "kind,kind", "Upload-Metadata"),
            ("1", &metadata(&[("kind", "file")]), "filename"),
            ("1", &metadata(&[("filename", " "), ("kind", "file")]), "filename"),
            ("1", &metadata(&[("filename", "a\nb"), ("kind", "file")]), "filename"),
            ("1", &metadata(&[("filename", &long), ("kind", "file")]), "filename"),
            ("1", "filename /w==,kind ZmlsZQ==", "filename"),
            ("1", &metadata(&[("filename", "a")]), "kind"),
            ("1", &metadata(&[("filename", "a"), ("kind", "virus")]), "kind"),
            ("1", &metadata(&[("filename", "a"), ("kind", "file"), ("request", &long)]), "request"),
            ("1", &metadata(&[("filename", "a"), ("kind", "file"), ("of", "a\nb")]), "of"),
        ] {
            let Err(Refusal::Coded { field: named, .. }) = read(&headers(length, said)) else { panic!("{said}") };
            assert_eq!(named, Some(field), "{length} {said}");
        }
        let mut deferred = headers("1", &good);
        deferred.insert("Upload-Defer-Length", HeaderValue::from_static("1"));
        assert!(read(&deferred).is_err());
        assert!(read(&HeaderMap::new()).is_err());
    }
}
