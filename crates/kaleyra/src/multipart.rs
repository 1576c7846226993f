//! Multipart bodies (RFC 7578), built whole in memory: the largest file is 16 MB (contract §12.3).

use bytes::Bytes;

use crate::Chance;

/// A file to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, for the service's records.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl std::fmt::Debug for File {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "File({}, {} bytes)", self.media_type.escape_debug(), self.bytes.len())
    }
}

/// A form of texts and files, in order.
#[derive(Clone, Default)]
pub struct Form {
    parts: Vec<Part>,
}

#[derive(Clone)]
struct Part {
    name: String,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Text(String),
    File(File),
}

impl Form {
    /// Adds a text.
    #[must_use]
    pub fn text(self, name: impl Into<String>, text: impl Into<String>) -> Form {
        self.part(name.into(), Content::Text(text.into()))
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, name: impl Into<String>, file: File) -> Form {
        self.part(name.into(), Content::File(file))
    }

    fn part(mut self, name: String, content: Content) -> Form {
        self.parts.push(Part { name, content });
        self
    }

    /// Writes the body and the content type that announces its boundary.
    pub(crate) fn encode(&self, chance: &dyn Chance) -> (String, Bytes) {
        let boundary = self.boundary(chance);
        let mut body = Vec::new();
        for Part { name, content } in &self.parts {
            let name = quoted(name);
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
            );
            match content {
                Content::Text(text) => {
                    body.extend_from_slice(b"\r\n\r\n");
                    body.extend_from_slice(text.as_bytes());
                }
                Content::File(file) => {
                    let (file_name, media_type) = (quoted(&file.name), media_type(&file.media_type));
                    let head = format!("; filename=\"{file_name}\"\r\nContent-Type: {media_type}\r\n\r\n");
                    body.extend_from_slice(head.as_bytes());
                    body.extend_from_slice(&file.bytes);
                }
            }
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body.into())
    }

    /// Returns a boundary that occurs in no content: chance makes that likely, and lengthening it makes it sure.
    fn boundary(&self, chance: &dyn Chance) -> String {
        let mut boundary = format!("kaleyra-{:016x}{:016x}", chance.number(), chance.number());
        while self.parts.iter().any(|part| part.content.contains(&boundary)) {
            boundary.push('-');
        }
        boundary
    }
}

impl Content {
    fn contains(&self, boundary: &str) -> bool {
        let bytes = match self {
            Content::Text(text) => text.as_bytes(),
            Content::File(file) => &file.bytes,
        };
        bytes.windows(boundary.len()).any(|window| window == boundary.as_bytes())
    }
}

/// Escapes what would end a quoted name, as browsers do (RFC 7578 §4.2 and the HTML standard's form encoding).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// Keeps a media type that is one and replaces any other text, which could end the header.
fn media_type(text: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/+-.;= ".contains(&byte);
    if text.bytes().all(plain) && text.contains('/') { text } else { "application/octet-stream" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn image(name: &str, media_type: &str) -> File {
        File { name: name.to_owned(), media_type: media_type.to_owned(), bytes: Bytes::from_static(b"\x89PNG\r\n") }
    }

    #[test]
    fn a_form_is_written_as_the_standard_says() {
        let form = Form::default().text("theme", "dark").file("logo", image("logo.png", "image/png"));
        let (content_type, body) = form.encode(&|| 1);
        assert_eq!(content_type, "multipart/form-data; boundary=kaleyra-00000000000000010000000000000001");
        let expected = b"--kaleyra-00000000000000010000000000000001\r\n\
            Content-Disposition: form-data; name=\"theme\"\r\n\r\ndark\r\n\
            --kaleyra-00000000000000010000000000000001\r\n\
            Content-Disposition: form-data; name=\"logo\"; filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n\
            \x89PNG\r\n\r\n\
            --kaleyra-00000000000000010000000000000001--\r\n";
        assert_eq!(body, &expected[..]);
    }

    #[test]
    fn names_and_types_cannot_end_their_header() {
        let form = Form::default().file("logo", image("a\"\r\nX: y", "image/png\r\nX: y"));
        let (_, body) = form.encode(&|| 1);
        let text = String::from_utf8_lossy(&body);
        assert!(
            text.contains("filename=\"a%22%0D%0AX: y\"\r\nContent-Type: application/octet-stream\r\n\r\n"),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn the_boundary_is_in_no_content(dashes in 0_usize..5) {
            let text = format!("kaleyra-00000000000000010000000000000001{}", "-".repeat(dashes));
            let (content_type, _) = Form::default().text("name", text.clone()).encode(&|| 1);
            let boundary = content_type.split_once("boundary=").unwrap().1;
            prop_assert!(!text.contains(boundary));
        }
    }
}
