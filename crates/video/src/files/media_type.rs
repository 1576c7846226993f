//! What a file is, by its bytes: of a few types that people in a consultation send each other. Whatever else there is, is refused, so
//! that nothing which a browser or a system runs is passed on.

/// How much of a file is looked at.
pub const HEAD: usize = 8 * 1024;

/// A type that is taken.
#[derive(Debug, PartialEq, Eq)]
pub struct MediaType {
    /// Its name (IANA).
    pub name: &'static str,
    /// The extensions that belong to it, the usual one first.
    extensions: &'static [&'static str],
}

impl MediaType {
    /// Whether it is a picture that browsers may show.
    pub fn is_image(&self) -> bool {
        self.name.starts_with("image/")
    }
}

macro_rules! types {
    ($($name:literal: $($extension:literal)+),+ $(,)?) => { &[$(MediaType { name: $name, extensions: &[$($extension),+] }),+] };
}

/// Every type that is taken.
const TAKEN: &[MediaType] = types! {
    "image/jpeg": "jpg" "jpeg" "jpe" "jfif",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic" "heif",
    "image/bmp": "bmp",
    "image/tiff": "tiff" "tif",
    "application/pdf": "pdf",
    "application/dicom": "dcm" "dicom",
    "application/zip": "zip",
    "application/rtf": "rtf",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg" "oga" "opus",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "video/mp4": "mp4" "m4v",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
    "video/mpeg": "mpg" "mpeg",
    "video/3gpp": "3gp",
    "text/plain": "txt" "text" "log" "md",
    "text/csv": "csv" "tsv",
};

/// Containers whose contents are told apart by the name: what they are to a system is decided by that, too.
const IN_ZIP: [&str; 6] = ["docx", "xlsx", "pptx", "odt", "ods", "odp"];
const IN_OLE: [&str; 3] = ["doc", "xls", "ppt"];

/// The type of a file that begins with `head`, of which there are [`HEAD`] bytes or all. `None`: it is not taken.
pub fn of(head: &[u8], name: &str) -> Option<&'static MediaType> {
    let extension = extension_of(name);
    if head.get(4..8) == Some(b"ftyp") && head.get(8..11) == Some(b"3gp") {
        return named("video/3gpp");
    }
    let Some(found) = infer::get(head) else {
        return text(head, extension.as_deref());
    };
    match found.mime_type() {
        "image/heif" => named("image/heic"),
        "video/x-m4v" => named("video/mp4"),
        "audio/m4a" => named("audio/mp4"),
        "audio/opus" => named("audio/ogg"),
        "audio/x-flac" => named("audio/flac"),
        "audio/x-wav" => named("audio/wav"),
        container if is_zip(head) && container != "application/java-archive" => {
            inside(&IN_ZIP, extension.as_deref()).or_else(|| named("application/zip"))
        }
        _ if is_ole(head) => inside(&IN_OLE, extension.as_deref()),
        other => named(other),
    }
}

/// Whether a file of this type may have this extension.
pub fn belongs(extension: &str, media_type: &str) -> bool {
    named(media_type).is_some_and(|found| found.extensions.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// The usual extension of a type.
pub fn extension(media_type: &str) -> &'static str {
    named(media_type).and_then(|found| found.extensions.first()).copied().unwrap_or("bin")
}

fn named(name: &str) -> Option<&'static MediaType> {
    TAKEN.iter().find(|taken| taken.name == name)
}

fn inside(contents: &[&str], extension: Option<&str>) -> Option<&'static MediaType> {
    let extension = extension.filter(|extension| contents.contains(extension))?;
    TAKEN.iter().find(|taken| taken.extensions.contains(&extension))
}

fn extension_of(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty()).then(|| extension.to_ascii_lowercase())
}

/// APPNOTE.TXT §4.3.7: a local file header.
fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

/// [MS-CFB] §2.2: the header's signature.
fn is_ole(head: &[u8]) -> bool {
    head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
}

/// Text of a person's: none that some system runs, which is named otherwise.
fn text(head: &[u8], extension: Option<&str>) -> Option<&'static MediaType> {
    if head.is_empty() || !is_text(head) || is_markup(head) {
        return None;
    }
    match extension {
        None => named("text/plain"),
        Some(extension) => {
            ["text/plain", "text/csv"].into_iter().filter_map(named).find(|text| text.extensions.contains(&extension))
        }
    }
}

/// Whether it looks like HTML, XML or SVG, of which some tag or other would run.
fn is_markup(head: &[u8]) -> bool {
    let text = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head).trim_ascii_start();
    matches!(text, [b'<', b'!' | b'?' | b'/' | b'a'..=b'z' | b'A'..=b'Z', ..])
}

/// WHATWG MIME Sniffing §7.2: it begins with a byte order mark, or has no byte that text never has.
fn is_text(head: &[u8]) -> bool {
    let marked = [&[0xfe, 0xff][..], &[0xff, 0xfe], &[0xef, 0xbb, 0xbf]].into_iter().any(|mark| head.starts_with(mark));
    let is_binary = |byte: &u8| matches!(byte, 0x00..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    marked || !head.iter().any(is_binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(head: &[u8], name: &str) -> Option<&'static str> {
        of(head, name).map(|found| found.name)
    }

    #[test]
    fn bytes_say_what_a_file_is_and_not_its_name() {
        let mut dicom = vec![0; 128];
        dicom.extend_from_slice(b"DICM\x02\x00\x00\x00");
        let mut webm = b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f\x42\x82\x84webm".to_vec();
        webm.resize(300, 0);
        let cases: [(&[u8], &str, &str); 14] = [
            (b"\x89PNG\r\n\x1a\n....", "a.jpg", "image/png"),
            (b"\xff\xd8\xff\xe0....JFIF", "a", "image/jpeg"),
            (b"GIF89a....", "a.exe", "image/gif"),
            (b"RIFF....WEBPVP8 ", "a", "image/webp"),
            (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "IMG_1.HEIC", "image/heic"),
            (b"%PDF-1.7\n", "a.html", "application/pdf"),
            (&dicom, "a", "application/dicom"),
            (b"\x00\x00\x00\x18ftypisom....", "a", "video/mp4"),
            (b"\x00\x00\x00\x18ftypqt  ....", "a", "video/quicktime"),
            (b"\x00\x00\x00\x18ftyp3gp4....", "a", "video/3gpp"),
            (&webm, "a", "video/webm"),
            (b"ID3\x03....", "a", "audio/mpeg"),
            (b"OggS....", "a", "audio/ogg"),
            (b"{\\rtf1\\ansi", "a.rtf", "application/rtf"),
        ];
        for (head, name, expected) in cases {
            assert_eq!(name_of(head, name), Some(expected), "{name} {expected}");
        }
    }

    #[test]
    fn office_documents_are_told_apart_by_their_extension() {
        let zip = b"PK\x03\x04\x14\x00\x00\x00\x08\x00 something";
        assert_eq!(name_of(zip, "a.docx"), Some(TAKEN[15].name));
        assert_eq!(name_of(zip, "a.ODT"), Some("application/vnd.oasis.opendocument.text"));
        assert_eq!(name_of(zip, "a.zip"), Some("application/zip"));
        assert_eq!(name_of(zip, "a.jar"), Some("application/zip"));
        let ole = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat();
        assert_eq!(name_of(&ole, "a.doc"), Some("application/msword"));
        assert_eq!(name_of(&ole, "a.xls"), Some("application/vnd.ms-excel"));
        assert_eq!(name_of(&ole, "setup.msi"), None);
        assert_eq!(name_of(&ole, "a"), None);
    }

    #[test]
    fn text_is_taken_that_nobody_runs() {
        assert_eq!(name_of("Città;età\n".as_bytes(), "a.csv"), Some("text/csv"));
        assert_eq!(name_of(b"Citt\xe0;et\xe0\n", "a.CSV"), Some("text/csv"), "as older programs write it");
        assert_eq!(name_of(b"\xff\xfea\x00b\x00", "a.txt"), Some("text/plain"));
        assert_eq!(name_of(b"hello", "LEGGIMI"), Some("text/plain"));
        for (head, name) in [
            (&b""[..], "a.txt"),
            (b"\x00\x01\x02", "a.txt"),
            (b"alert(1)", "a.js"),
            (b"@echo off", "a.bat"),
            (b"Get-ChildItem", "a.ps1"),
            (b"hello", "a.html"),
        ] {
            assert_eq!(name_of(head, name), None, "{name}");
        }
    }

    #[test]
    fn what_browsers_and_systems_run_is_not_taken_under_any_name() {
        for head in [
            &b"<!DOCTYPE html><script>alert(1)</script>"[..],
            b"  \n<html ><body>",
            b"<script >alert(1)</script>",
            b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"#!/bin/sh\nrm -rf /\n",
            b"MZ\x90\x00\x03\x00\x00\x00",
            b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00..................................",
            b"\xcf\xfa\xed\xfe\x07\x00\x00\x01",
            b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
            b"\x00asm\x01\x00\x00\x00",
            b"dex\n035\x00",
            b"%!PS-Adobe-3.0",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
            b"\xef\xbb\xbf<svg/onload=alert(1)>",
        ] {
            for name in ["a.txt", "a.png", "a.pdf", "a"] {
                assert_eq!(name_of(head, name), None, "{} {name}", String::from_utf8_lossy(head));
            }
        }
        assert_eq!(name_of(b"1 < 2 <3", "a.txt"), Some("text/plain"));
    }
}
