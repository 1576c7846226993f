//! What the company whose rooms these are has set for its calls.

use jiff::Timestamp;

use super::ProviderError;

/// What kind of image it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageType {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
}

impl ImageType {
    /// The type that an image's first bytes say; `None`: none of these. What a caller says of an image counts for nothing.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// Its name among media types.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// The usual end of a file's name.
    pub fn file_ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }
}

/// An image that people can have behind them in calls.
#[derive(Clone, PartialEq, Eq)]
pub struct BackgroundImage {
    image_type: ImageType,
    bytes: Vec<u8>,
}

impl BackgroundImage {
    /// Takes an image; `None`: it is none.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        Some(Self { image_type: ImageType::of(&bytes)?, bytes })
    }

    /// What its bytes say it is.
    pub fn image_type(&self) -> ImageType {
        self.image_type
    }

    /// The image itself.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl std::fmt::Debug for BackgroundImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BackgroundImage({:?}, {} bytes)", self.image_type, self.bytes.len())
    }
}

/// A background that the provider has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Background {
    /// The provider's name for it. Opaque.
    pub alias: String,
    /// Where it is; `None` if the provider does not say.
    pub url: Option<String>,
    /// When it was added; `None` if the provider does not say.
    pub created: Option<Timestamp>,
}

/// Why a background was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddBackgroundError {
    /// There are as many as there may be.
    #[error("the company has as many backgrounds as it may have")]
    Full,
    /// The provider takes no such image: its type, its size, or it is broken.
    #[error("the provider does not take this image")]
    Unfit,
    /// The provider did not answer.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// The company (`kaleyra-video-api.md` §6.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Company {
    /// Its name.
    pub name: Option<String>,
    /// The language of pages for people without one.
    pub default_language: Option<String>,
    /// The background that people in calls can use.
    pub default_background: Option<Background>,
    /// Where browsers go after a call.
    pub end_call_redirect_url: Option<String>,
    /// How long after it, in milliseconds.
    pub end_call_redirect_timeout_ms: Option<u64>,
    /// Whom the provider asks for people's names.
    pub user_details_provider_url: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_what_its_bytes_say() {
        let jpeg = BackgroundImage::new(vec![0xff, 0xd8, 0xff, 0xe0, 0]).unwrap();
        assert_eq!((jpeg.image_type().media_type(), jpeg.image_type().file_ending()), ("image/jpeg", "jpg"));
        assert_eq!(format!("{jpeg:?}"), "BackgroundImage(Jpeg, 5 bytes)");
        assert_eq!(ImageType::of(b"\x89PNG\r\n\x1a\n\0\0"), Some(ImageType::Png));
        assert_eq!(ImageType::of(b"RIFF\x10\0\0\0WEBPVP8 "), Some(ImageType::WebP));
        for other in [&b""[..], b"\xff\xd8", b"GIF89a", b"RIFF\x10\0\0\0WAVE", b"<svg/>", b"\x89PNG\n"] {
            assert_eq!(ImageType::of(other), None, "{other:?}");
        }
    }
}
