//! What each payload type of a connection means: the same in every section and every description.
//!
//! All sections are bundled, so a number that means two things cannot be told apart in packets (RFC 9143 §9.1), and it may not change
//! its meaning as long as the connection lives (RFC 3264 §8.3.2). str0m relies on both: it panics if a number is claimed twice.

use std::collections::BTreeMap;

use crate::description::BadDescription;

/// The parameters of a format that decide which codec it is. Others, such as bit rates, clients set for each section.
const DECIDING: [&str; 3] = ["apt", "packetization-mode", "profile-level-id"];

/// What may stand around a parameter.
const BLANKS: [char; 2] = [' ', '\t'];

/// What one payload type means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Meaning {
    /// `VP8/90000`
    codec: String,
    /// Those of [`DECIDING`] that are given; or the whole text under an empty name, if str0m takes it for no list of parameters.
    parameters: BTreeMap<String, String>,
    has_format: bool,
}

/// The payload types that the other side has used so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct PayloadTypes(BTreeMap<u8, Meaning>);

impl PayloadTypes {
    /// Takes those of a description; if one contradicts itself, another section or an earlier description, none.
    pub fn agree(&mut self, description: &str) -> Result<(), BadDescription> {
        let mut agreed = self.0.clone();
        let mut section = BTreeMap::new();
        for line in description.lines() {
            // Where a line ends that has one in its middle, not everybody agrees on.
            if line.contains('\r') {
                return Err(BadDescription);
            }
            if line.starts_with("m=") {
                merge(&mut agreed, std::mem::take(&mut section))?;
            } else if let Some((number, codec)) = attribute(line, "a=rtpmap:") {
                let meaning: &mut Meaning = section.entry(number).or_default();
                if !meaning.codec.is_empty() {
                    return Err(BadDescription);
                }
                codec.clone_into(&mut meaning.codec);
            } else if let Some((number, format)) = attribute(line, "a=fmtp:") {
                let meaning: &mut Meaning = section.entry(number).or_default();
                // RFC 8866 §6.15: at most one for each format.
                if std::mem::replace(&mut meaning.has_format, true) {
                    return Err(BadDescription);
                }
                meaning.parameters = deciding(format)?;
            }
        }
        merge(&mut agreed, section)?;
        self.0 = agreed;
        Ok(())
    }
}

/// The number and the rest of `<prefix><number> <rest>`. What has no number, str0m does not read either.
fn attribute<'a>(line: &'a str, prefix: &str) -> Option<(u8, &'a str)> {
    let (number, rest) = line.strip_prefix(prefix)?.split_once(' ')?;
    Some((number.parse().ok()?, rest.trim_matches(BLANKS)))
}

fn deciding(format: &str) -> Result<BTreeMap<String, String>, BadDescription> {
    let list = format.strip_suffix(';').unwrap_or(format);
    let Some(list) = list.split(';').map(parameter).collect::<Option<Vec<_>>>() else {
        return Ok(BTreeMap::from([(String::new(), format.to_owned())]));
    };
    let mut parameters = BTreeMap::new();
    for (name, value) in list {
        let name = name.to_ascii_lowercase();
        if DECIDING.contains(&name.as_str()) && parameters.insert(name, value.to_owned()).is_some() {
            return Err(BadDescription);
        }
    }
    Ok(parameters)
}

/// `<name>=<value>` with blanks around it at most; `None`: str0m reads it in some other way, or not.
fn parameter(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.trim_matches(BLANKS).split_once('=')?;
    let is_word = |text: &str| !text.is_empty() && !text.contains(BLANKS);
    (is_word(name) && is_word(value)).then_some((name, value))
}

/// A format without a codec says nothing.
fn merge(agreed: &mut BTreeMap<u8, Meaning>, section: BTreeMap<u8, Meaning>) -> Result<(), BadDescription> {
    for (number, mut meaning) in section {
        if meaning.codec.is_empty() {
            continue;
        }
        meaning.has_format = false;
        let known = agreed.entry(number).or_insert_with(|| meaning.clone());
        if *known != meaning {
            return Err(BadDescription);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(lines: &[&str]) -> String {
        format!("m=video 9 UDP/TLS/RTP/SAVPF 39 40 96\r\na={}\r\n", lines.join("\r\na="))
    }

    const H264: &str = "rtpmap:39 H264/90000";

    #[test]
    fn sections_that_agree_are_taken_and_bit_rates_may_differ() {
        let mut types = PayloadTypes::default();
        let first = section(&[
            H264,
            "fmtp:39 packetization-mode=1;profile-level-id=42e01f",
            "rtpmap:40 rtx/90000",
            "fmtp:40 apt=39",
        ]);
        let second =
            section(&[H264, "fmtp:39 x-google-start-bitrate=900; profile-level-id=42e01f;Packetization-Mode=1;"]);
        // A section that was stopped names a number without a word about it.
        types.agree(&(first.clone() + &second + "m=video 0 UDP/TLS/RTP/SAVPF 39\r\n")).unwrap();
        types.agree(&first).unwrap();
    }

    #[test]
    fn a_number_that_means_two_things_in_one_section_is_refused() {
        for lines in [
            &[H264, "rtpmap:39 VP8/90000"][..],
            &[H264, "fmtp:39 packetization-mode=1", "fmtp:39 packetization-mode=0"],
            &["rtpmap:40 rtx/90000", "fmtp:40 apt=39;APT=96"],
            &["rtpmap:40 rtx/90000\rx"],
        ] {
            assert!(PayloadTypes::default().agree(&section(lines)).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn a_number_that_means_another_thing_in_another_section_or_later_is_refused_and_leaves_what_was_agreed() {
        let known = section(&[H264, "fmtp:39 profile-level-id=4d001f", "rtpmap:96 VP8/90000"]);
        for lines in [
            &[H264, "fmtp:39 profile-level-id=42001f"][..],
            // Without a profile it is the one that is meant by default.
            &[H264, "fmtp:39 profile-minptime=4d001f"],
            &[H264],
            // str0m finds no profile in any of these.
            &[H264, "fmtp:39 level asymmetry=1;profile-level-id=4d001f"],
            &[H264, "fmtp:39 x;profile-level-id=4d001f"],
            &[H264, "fmtp:39 x=1;;profile-level-id=4d001f"],
            &[H264, "fmtp:39 profile-level-id=4d001f\u{a0}"],
            &["rtpmap:39 VP8/90000", "fmtp:39 profile-level-id=4d001f"],
            &["rtpmap:39 rtx/90000", "fmtp:39 apt=96"],
        ] {
            let other = section(lines);
            assert!(PayloadTypes::default().agree(&(known.clone() + &other)).is_err(), "{lines:?}");
            let mut types = PayloadTypes::default();
            types.agree(&known).unwrap();
            assert!(types.agree(&(section(&["rtpmap:97 VP8/90000"]) + &other)).is_err(), "{lines:?}");
            types.agree(&section(&["rtpmap:97 H264/90000"])).unwrap();
        }
    }
}
