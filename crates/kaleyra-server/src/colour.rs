//! Colours as they are written: `#RRGGBB` (`kaleyra-video-api.md` §3.1).

use ports::company::Colour;

/// Reads a colour.
pub fn read(text: &str) -> Option<Colour> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let mut colour = [0; 3];
    hex::decode_to_slice(digits, &mut colour).ok()?;
    Some(Colour(colour))
}

/// Writes a colour.
pub fn write(colour: Colour) -> String {
    format!("#{}", hex::encode(colour.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_has_six_hexadecimal_digits() {
        assert_eq!(read("#009fE3").map(write).as_deref(), Some("#009fe3"));
        for text in ["", "009fe3", "#09f", "#009fe", "#009fe33", "#009fg3", "#00é3a"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
