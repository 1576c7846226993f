//! The key of the reception desk: whoever has it sees everybody's names and links.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The fewest characters of a key: with 62 different ones that is 95 bits.
pub const KEY_CHARACTERS_MIN: usize = 16;

/// The most characters of a key; it travels in a header.
const KEY_CHARACTERS_MAX: usize = 256;

/// What a fragment may not have as it is (WHATWG URL §1.3), and what means something in ours.
const IN_FRAGMENT: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'%').add(b'&').add(b'#');

/// The key. It never shows itself but in the link that [`Self::link`] makes.
pub struct DeskKey {
    key: SecretString,
    digest: [u8; 32],
}

impl DeskKey {
    /// Takes a key; the error is a sentence about it.
    pub fn new(key: SecretString) -> Result<Self, String> {
        let text = key.expose_secret();
        let is_long_enough = (KEY_CHARACTERS_MIN..=KEY_CHARACTERS_MAX).contains(&text.len());
        if !is_long_enough || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "must have {KEY_CHARACTERS_MIN} to {KEY_CHARACTERS_MAX} letters, digits and signs without blanks, such as \
                 `openssl rand -hex 32` prints"
            ));
        }
        let digest = Sha256::digest(text.as_bytes()).into();
        Ok(Self { key, digest })
    }

    /// Whether this is the key, in a time that does not tell where they differ: of hashes, so that it does not tell the length either.
    pub fn is(&self, given: &[u8]) -> bool {
        bool::from(Sha256::digest(given).ct_eq(&self.digest))
    }

    /// The address that opens the desk. The key is in its fragment, which browsers send to nobody.
    pub fn link(&self, public_url: &str) -> String {
        let key = utf8_percent_encode(self.key.expose_secret(), IN_FRAGMENT);
        format!("{}/desk#key={key}", public_url.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<DeskKey, String> {
        DeskKey::new(SecretString::from(text))
    }

    #[test]
    fn only_the_whole_key_is_the_key() {
        let desk = key("0123456789abcdef").unwrap();
        assert!(desk.is(b"0123456789abcdef"));
        for other in ["", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF"] {
            assert!(!desk.is(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_key_that_can_be_guessed_or_sent_in_no_header_is_none() {
        for text in ["", "0123456789abcde", "0123456789 abcdef", "0123456789abcdeé", &"x".repeat(257)] {
            assert!(key(text).is_err(), "{text}");
        }
        assert!(key(&"x".repeat(256)).is_ok());
    }

    #[test]
    fn the_link_has_the_key_where_browsers_send_it_to_nobody() {
        let link = |text: &str| key(text).unwrap().link("https://visits.example.org/");
        assert_eq!(link("0123456789abcdef"), "https://visits.example.org/desk#key=0123456789abcdef");
        assert_eq!(link("a&b#c%d<e>f\"g`h+i"), "https://visits.example.org/desk#key=a%26b%23c%25d%3Ce%3Ef%22g%60h+i");
    }
}
