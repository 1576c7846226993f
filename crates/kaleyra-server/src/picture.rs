//! What an uploaded picture must be, found out from its bytes: what a caller says about it counts for nothing
//! (`kaleyra-video-api.md` §12.2, §12.3).

use crate::refusal::Refusal;

/// What a picture must be.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// How long, in bytes.
    pub bytes_max: usize,
    /// How wide and how high at least, in pixels.
    pub side_min: Option<u32>,
    /// Whether PNG is refused.
    pub jpeg_only: bool,
}

/// The widest and highest picture, in pixels: a browser that has to show it needs four bytes for each.
const SIDE_MAX: u32 = 16_384;

/// A picture's kind and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    media_type: &'static str,
    width: u32,
    height: u32,
}

/// Returns the picture's media type, if it is as it must be.
pub fn check(bytes: &[u8], rule: Rule) -> Result<&'static str, Refusal> {
    let wrong_kind = || {
        let kinds = if rule.jpeg_only { "JPEG" } else { "JPEG or PNG" };
        Refusal::invalid(
            "invalid_file",
            format!("The file must be a {kinds} picture of at most {} bytes.", rule.bytes_max),
        )
    };
    if bytes.len() > rule.bytes_max {
        return Err(wrong_kind());
    }
    let look = match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, rest @ ..] if !rule.jpeg_only => png(rest),
        [0xff, 0xd8, 0xff, ..] => jpeg(bytes),
        _ => return Err(wrong_kind()),
    };
    let unreadable = || Refusal::invalid("error_processing_image", "The picture cannot be read.");
    let look = look.ok_or_else(unreadable)?;
    let sides = rule.side_min.unwrap_or(1)..=SIDE_MAX;
    if !sides.contains(&look.width) || !sides.contains(&look.height) {
        let message = format!("The picture must be {} to {SIDE_MAX} pixels wide and high.", sides.start());
        return Err(Refusal::invalid("wrong_file_dimension", message));
    }
    Ok(look.media_type)
}

/// The first chunk has the size (PNG specification §11.2.2).
fn png(chunks: &[u8]) -> Option<Look> {
    let header = chunks.get(4..16)?.strip_prefix(b"IHDR")?;
    let number = |bytes: &[u8]| Some(u32::from_be_bytes(bytes.try_into().ok()?));
    Some(Look { media_type: "image/png", width: number(&header[..4])?, height: number(&header[4..])? })
}

/// The start of the frame has the size (ITU-T T.81 §B.2.2); segments before it are passed over by their lengths.
fn jpeg(bytes: &[u8]) -> Option<Look> {
    let mut rest = bytes.get(2..)?;
    loop {
        let (marker, after) = match rest {
            // Fill bytes before a marker.
            [0xff, 0xff, ..] => {
                rest = &rest[1..];
                continue;
            }
            [0xff, marker, after @ ..] => (*marker, after),
            _ => return None,
        };
        match marker {
            // Frames of all kinds; the three left out are tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let size = after.get(3..7)?;
                let number = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
                let (width, height) = (number(size[2], size[3]), number(size[0], size[1]));
                return Some(Look { media_type: "image/jpeg", width, height });
            }
            // The picture itself, or its end, without a frame before it.
            0xd9 | 0xda => return None,
            // Markers that stand alone.
            0x01 | 0xd0..=0xd8 => rest = after,
            _ => {
                let length = u16::from_be_bytes([*after.first()?, *after.get(1)?]);
                rest = after.get(usize::from(length).max(2)..)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Rule = Rule { bytes_max: 1024, side_min: Some(200), jpeg_only: false };

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0]);
        bytes
    }

    fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc4, 0, 2, 0xff, 0xc2, 0, 11, 8];
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([1, 1, 0x11, 0]);
        bytes
    }

    #[test]
    fn a_picture_is_known_by_its_bytes() {
        assert_eq!(check(&png_of(200, 300), ANY), Ok("image/png"));
        assert_eq!(check(&jpeg_of(300, 200), ANY), Ok("image/jpeg"));
        let jpeg_only = Rule { jpeg_only: true, ..ANY };
        assert_eq!(check(&jpeg_of(300, 200), jpeg_only), Ok("image/jpeg"));
        for (bytes, rule) in
            [(png_of(200, 200), jpeg_only), (b"GIF89a".to_vec(), ANY), (b"<svg/>".to_vec(), ANY), (vec![], ANY)]
        {
            assert!(check(&bytes, rule).is_err());
        }
    }

    #[test]
    fn a_picture_is_neither_too_small_nor_too_large() {
        for bytes in [png_of(199, 200), jpeg_of(200, 199), png_of(0, 0), png_of(u32::MAX, 300), jpeg_of(20_000, 300)] {
            assert!(check(&bytes, ANY).is_err());
        }
        let mut long = png_of(300, 300);
        long.resize(1025, 0);
        assert!(check(&long, ANY).is_err());
    }

    #[test]
    fn a_picture_that_is_cut_short_is_refused_at_every_byte() {
        for whole in [png_of(300, 300), jpeg_of(300, 300)] {
            for length in 0..whole.len() {
                let _ = check(&whole[..length], ANY);
            }
        }
        assert!(check(&png_of(300, 300)[..20], ANY).is_err());
        assert!(check(&jpeg_of(300, 300)[..14], ANY).is_err());
    }
}
