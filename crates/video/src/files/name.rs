//! What files are called.

use super::media_type;

/// The longest name of a file, in characters: the longest that file systems take.
pub const NAME_MAX: usize = 255;

/// The longest name of a file that is fetched, in characters: with an extension, and in any encoding, file systems still take it.
const DOWNLOAD_NAME_MAX: usize = 80;

/// What a file is called where it is saved: without what has a meaning to file systems or turns text around, and with an extension that
/// belongs to its media type, so that no system takes it for something that it runs.
pub fn download_name(name: &str, media_type: &str) -> String {
    let safe = |character: char| match character {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' => '_',
        other => other,
    };
    let name: String = name.chars().filter(|character| is_visible(*character)).map(safe).collect();
    let name = name.trim_matches(|character: char| character == '.' || character.is_whitespace());
    let name = if name.is_empty() { "file" } else { name };
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if media_type::belongs(extension, media_type) && !stem.is_empty() => (stem, extension),
        Some(_) | None => (name, media_type::extension(media_type)),
    };
    let stem: String = stem.chars().take(DOWNLOAD_NAME_MAX).collect();
    format!("{stem}.{extension}")
}

/// Whether a character is something to see: no control, and none that only turns what stands beside it around (UAX #9).
fn is_visible(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !character.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_an_extension_that_belongs_to_its_type_and_gets_one_otherwise() {
        for (name, media_type, expected) in [
            ("Referto di Zoë.pdf", "application/pdf", "Referto di Zoë.pdf"),
            ("scan.JPG", "image/jpeg", "scan.JPG"),
            ("scan.jpg", "image/heic", "scan.jpg.heic"),
            ("setup.exe", "application/pdf", "setup.exe.pdf"),
            ("app.jar", "application/zip", "app.jar.zip"),
            ("notes", "text/plain", "notes.txt"),
            (".htaccess", "text/plain", "htaccess.txt"),
            ("..", "text/plain", "file.txt"),
            ("../../etc/passwd", "text/plain", "_.._etc_passwd.txt"),
            ("a\"b\r\nSet-Cookie: x.png", "image/png", "a_bSet-Cookie_ x.png"),
            ("invoice\u{202e}fdp.exe", "application/pdf", "invoicefdp.exe.pdf"),
            ("x.png", "application/of-an-older-version", "x.png.bin"),
        ] {
            assert_eq!(download_name(name, media_type), expected, "{name}");
        }
        assert_eq!(download_name(&"ä".repeat(10_000), "image/png").chars().count(), 84);
    }
}
