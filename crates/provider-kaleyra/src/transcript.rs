//! Writing a transcription in the format that was asked for. In which one Kaleyra keeps it is not documented (`kaleyra-video-api.md`
//! Q23), so it is told by its content: `SubRip`, `WebVTT`, or words alone.

use std::fmt::Write as _;

use ports::provider::TranscriptionFormat;

/// What is between the two moments of a cue in both formats.
const ARROW: &str = "-->";

/// A piece of what was said.
#[derive(Debug, PartialEq, Eq)]
struct Cue<'a> {
    start_ms: u64,
    end_ms: u64,
    lines: Vec<&'a str>,
}

/// The file as `format`; `None` if words alone are to be given times.
pub(crate) fn written(file: &str, format: TranscriptionFormat) -> Option<String> {
    let file = file.strip_prefix('\u{feff}').unwrap_or(file);
    let cues = cues(file);
    match format {
        TranscriptionFormat::Text if cues.is_empty() => Some(file.to_owned()),
        TranscriptionFormat::Srt if cues.is_empty() => None,
        TranscriptionFormat::Text => {
            let lines: Vec<_> = cues.into_iter().flat_map(|cue| cue.lines).collect();
            Some(lines.join("\n"))
        }
        TranscriptionFormat::Srt => Some(srt(&cues)),
    }
}

/// The cues of a file, in its order. Blocks without times, such as a title or a remark, are none.
fn cues(file: &str) -> Vec<Cue<'_>> {
    let mut cues: Vec<Cue<'_>> = Vec::new();
    let mut is_open = false;
    for line in file.lines() {
        if let Some((start_ms, end_ms)) = times(line) {
            cues.push(Cue { start_ms, end_ms, lines: Vec::new() });
            is_open = true;
        } else if line.trim().is_empty() {
            is_open = false;
        } else if let Some(cue) = cues.last_mut().filter(|_| is_open) {
            cue.lines.push(line);
        }
    }
    cues
}

/// `00:01:02,345 --> 00:01:04,000`, where `WebVTT` writes a dot and may leave the hours out and add settings.
fn times(line: &str) -> Option<(u64, u64)> {
    let (start, end) = line.split_once(ARROW)?;
    Some((moment_ms(start.trim())?, moment_ms(end.split_whitespace().next()?)?))
}

fn moment_ms(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once([',', '.'])?;
    let mut fields = clock.rsplit(':').map(number);
    let (seconds, minutes, hours) = (fields.next()??, fields.next()??, fields.next().unwrap_or(Some(0))?);
    let milliseconds = number(fraction).filter(|_| fraction.len() == 3)?;
    let is_clock = seconds < 60 && minutes < 60 && hours < 1000 && fields.next().is_none();
    is_clock.then(|| ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds)
}

fn number(digits: &str) -> Option<u64> {
    let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

fn srt(cues: &[Cue<'_>]) -> String {
    let mut text = String::new();
    for (index, cue) in cues.iter().enumerate() {
        let (start, end) = (Moment(cue.start_ms), Moment(cue.end_ms));
        // Writing to a `String` never fails.
        let _ = writeln!(text, "{}\n{start} {ARROW} {end}\n{}\n", index + 1, cue.lines.join("\n"));
    }
    text
}

/// Shows a moment as `SubRip` does.
struct Moment(u64);

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, milliseconds) = (self.0 / 1000, self.0 % 1000);
        write!(f, "{:02}:{:02}:{:02},{milliseconds:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SRT: &str =
        "1\n00:00:01,000 --> 00:00:02,500\nBuongiorno,\ncome sta?\n\n2\n01:02:03,004 --> 01:02:04,000\nBene.\n\n";
    const VTT: &str = "WEBVTT - visit\n\nNOTE made by a machine\n\n00:01.000 --> 00:02.500 align:start\nBuongiorno,\ncome sta?\n\n\
                       second\n01:02:03.004 --> 01:02:04.000\nBene.\n";
    const WORDS: &str = "Buongiorno,\ncome sta?\nBene.";

    #[test]
    fn what_has_times_is_written_both_ways() {
        for file in [SRT, VTT, &format!("\u{feff}{SRT}"), &SRT.replace('\n', "\r\n")] {
            assert_eq!(written(file, TranscriptionFormat::Srt).as_deref(), Some(SRT));
            assert_eq!(written(file, TranscriptionFormat::Text).as_deref(), Some(WORDS));
        }
    }

    #[test]
    fn words_alone_stay_as_they_are_and_get_no_times() {
        for file in [WORDS, "", "a --> b", "99:99:99,999 --> 99:99:99,999"] {
            assert_eq!(written(file, TranscriptionFormat::Text).as_deref(), Some(file));
            assert_eq!(written(file, TranscriptionFormat::Srt), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_as_srt_reads_back(file in "([0-9]{2}:[0-9]{2}:[0-5][0-9],[0-9]{3} --> [0-9]{2}:[0-5][0-9].[0-9]{3}\n[a-z\n]{0,9}\n){0,5}") {
            let cues = cues(&file);
            let text = srt(&cues);
            prop_assert_eq!(super::cues(&text), cues);
        }

        #[test]
        fn no_file_makes_it_panic(file in "[0-9:,. \n>-]{0,99}", other in ".{0,99}") {
            let _ = (written(&file, TranscriptionFormat::Srt), written(&other, TranscriptionFormat::Text));
        }
    }
}
