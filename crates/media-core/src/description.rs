//! Session descriptions as text: what an offer proposes per media section, and what our side of one says.
//!
//! str0m neither tells a section's remote `msid` nor lets us choose the local one of a section that the other side made, so
//! both are read from and written into the text (contract `livekit-engine.md`, gotcha 3). RFC 8866, RFC 8829.

use str0m::media::{MediaKind, Mid};

use crate::limits::{
    DESCRIPTION_BYTES_MAX, DESCRIPTION_LINE_BYTES_MAX, SECTION_LINES_MAX, SECTIONS_MAX, SSRC_LINES_MAX,
};

/// A description that is not handled: too large, or not well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session description is too large or not well formed")]
pub(crate) struct BadDescription;

/// A media section of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfferedSection {
    /// Its name.
    pub mid: Mid,
    /// Audio or video.
    pub kind: MediaKind,
    /// Whether the offerer wants to send.
    pub sends: bool,
    /// Whether the offerer wants to receive.
    pub receives: bool,
    /// The track of `a=msid:<stream> <track>`.
    pub track: Option<String>,
    /// The names of the layers that the offerer sends, in its order.
    pub rids: Vec<String>,
}

/// Reads the audio and video sections of an offer, stopped ones left out.
pub(crate) fn offered_sections(description: &str) -> Result<Vec<OfferedSection>, BadDescription> {
    if description.len() > DESCRIPTION_BYTES_MAX {
        return Err(BadDescription);
    }
    let mut sections: Vec<OfferedSection> = Vec::new();
    let (mut count, mut section_lines, mut ssrc_lines) = (0, 0, 0);
    // Attributes before the first media line, and of sections that are not ours to look at, are passed over.
    let mut reading = None;
    for line in description.lines() {
        if line.len() > DESCRIPTION_LINE_BYTES_MAX {
            return Err(BadDescription);
        }
        section_lines += 1;
        ssrc_lines += usize::from(line.starts_with("a=ssrc"));
        if section_lines > SECTION_LINES_MAX || ssrc_lines > SSRC_LINES_MAX {
            return Err(BadDescription);
        }
        if let Some(media) = line.strip_prefix("m=") {
            (count, section_lines) = (count + 1, 0);
            if count > SECTIONS_MAX {
                return Err(BadDescription);
            }
            sections.extend(reading.take().and_then(Reading::finish));
            reading = Some(Reading::start(media));
        } else if let (Some(reading), Some(attribute)) = (&mut reading, line.strip_prefix("a=")) {
            reading.attribute(attribute.trim_end());
        }
    }
    sections.extend(reading.and_then(Reading::finish));
    let names: std::collections::BTreeSet<Mid> = sections.iter().map(|section| section.mid).collect();
    if names.len() < sections.len() {
        return Err(BadDescription);
    }
    Ok(sections)
}

struct Reading {
    kind: Option<MediaKind>,
    mid: Option<String>,
    sends: bool,
    receives: bool,
    track: Option<String>,
    rids: Vec<String>,
}

/// More layers than any encoder makes.
const RIDS_MAX: usize = 8;

impl Reading {
    fn start(media: &str) -> Self {
        let kind = match media.split(' ').next() {
            Some("audio") => Some(MediaKind::Audio),
            Some("video") => Some(MediaKind::Video),
            _ => None,
        };
        // RFC 8866, 6.7: both ways unless said otherwise.
        Self { kind, mid: None, sends: true, receives: true, track: None, rids: Vec::new() }
    }

    fn attribute(&mut self, attribute: &str) {
        match attribute {
            "sendrecv" => (self.sends, self.receives) = (true, true),
            "sendonly" => (self.sends, self.receives) = (true, false),
            "recvonly" => (self.sends, self.receives) = (false, true),
            "inactive" => (self.sends, self.receives) = (false, false),
            _ => {
                if let Some(mid) = attribute.strip_prefix("mid:") {
                    self.mid.get_or_insert_with(|| mid.to_owned());
                } else if let Some(msid) = attribute.strip_prefix("msid:") {
                    self.track = msid.split(' ').nth(1).map(str::to_owned);
                } else if let Some(rid) = attribute.strip_prefix("rid:") {
                    let mut words = rid.split(' ');
                    if let (Some(id), Some("send")) = (words.next(), words.next())
                        && self.rids.len() < RIDS_MAX
                    {
                        self.rids.push(id.to_owned());
                    }
                }
            }
        }
    }

    fn finish(self) -> Option<OfferedSection> {
        let mid = self.mid.filter(|mid| !mid.is_empty() && mid.len() <= 16)?;
        Some(OfferedSection {
            mid: Mid::from(mid.as_str()),
            kind: self.kind?,
            sends: self.sends,
            receives: self.receives,
            track: self.track,
            rids: self.rids,
        })
    }
}

/// The description without those candidates that are not to be taken.
pub(crate) fn with_candidates(description: &str, mut takes: impl FnMut(&str) -> bool) -> String {
    let is_kept = |line: &&str| line.strip_prefix("a=").filter(|a| a.starts_with("candidate:")).is_none_or(&mut takes);
    description.split_inclusive('\n').filter(is_kept).collect()
}

/// What our side says about a media section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Which.
    pub mid: Mid,
    /// Whether we take what the other side sends.
    pub receives: bool,
    /// Stream and track of what we send, if we send.
    pub sends: Option<(String, String)>,
}

impl Statement {
    fn direction(&self) -> &'static str {
        match (self.sends.is_some(), self.receives) {
            (true, true) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (false, false) => "inactive",
        }
    }
}

/// Writes the statements into one of str0m's descriptions. Sections without a statement are left as they are.
pub(crate) fn stated(description: &str, statements: &[Statement]) -> String {
    let mut written = String::with_capacity(description.len() + 64 * statements.len());
    let mut section = String::new();
    let mut in_media = false;
    for line in description.split_inclusive('\n') {
        if line.starts_with("m=") {
            flush(&mut written, &section, in_media, statements);
            section.clear();
            in_media = true;
        }
        section.push_str(line);
    }
    flush(&mut written, &section, in_media, statements);
    written
}

fn flush(written: &mut String, section: &str, in_media: bool, statements: &[Statement]) {
    let mid = section.lines().find_map(|line| line.strip_prefix("a=mid:")).map(|mid| Mid::from(mid.trim_end()));
    let statement = mid.and_then(|mid| statements.iter().find(|statement| statement.mid == mid));
    let Some(statement) = statement.filter(|_| in_media) else {
        written.push_str(section);
        return;
    };
    for line in section.lines().map(str::trim_end) {
        match line {
            "a=sendrecv" | "a=sendonly" | "a=recvonly" | "a=inactive" => {
                push_line(written, &format!("a={}", statement.direction()));
                if let Some((stream, track)) = &statement.sends {
                    push_line(written, &format!("a=msid:{stream} {track}"));
                }
            }
            _ if line.starts_with("a=msid:") => {}
            _ if line.starts_with("a=ssrc") => {
                if let Some((stream, track)) = &statement.sends {
                    match line.split_once(" msid:") {
                        Some((ssrc, _)) => push_line(written, &format!("{ssrc} msid:{stream} {track}")),
                        None => push_line(written, line),
                    }
                }
            }
            _ => push_line(written, line),
        }
    }
}

fn push_line(written: &mut String, line: &str) {
    written.push_str(line);
    written.push_str("\r\n");
}

/// Puts the payload types of `codec` first in the section `mid`, which is how an answer asks for it (RFC 3264, 6.1).
pub(crate) fn with_codec_first(description: &str, mid: Mid, codec: &str) -> String {
    let mut written = String::with_capacity(description.len());
    let mut section = String::new();
    for line in description.split_inclusive('\n').chain([""]) {
        if line.starts_with("m=") || line.is_empty() {
            match reordered(&section, mid, codec) {
                Some(changed) => written.push_str(&changed),
                None => written.push_str(&section),
            }
            section.clear();
        }
        section.push_str(line);
    }
    written
}

fn reordered(section: &str, mid: Mid, codec: &str) -> Option<String> {
    let own = section.lines().find_map(|line| line.strip_prefix("a=mid:"))?;
    if Mid::from(own.trim_end()) != mid {
        return None;
    }
    let (media, rest) = section.split_once("\r\n")?;
    let mut words = media.split(' ');
    let head: Vec<&str> = words.by_ref().take(3).collect();
    let is_wanted = |payload_type: &&str| {
        let map = format!("a=rtpmap:{payload_type} ");
        section.lines().any(|line| {
            line.strip_prefix(&map)
                .and_then(|name| name.split('/').next())
                .is_some_and(|n| n.eq_ignore_ascii_case(codec))
        })
    };
    let (first, others): (Vec<&str>, Vec<&str>) = words.partition(is_wanted);
    Some(format!("{} {}\r\n{rest}", head.join(" "), [first, others].concat().join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\na=group:BUNDLE 0 1 2\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 98\r\na=mid:1\r\na=sendonly\r\na=msid:stream cid-1\r\na=rtpmap:96 VP8/90000\r\n\
        a=rtpmap:98 H264/90000\r\na=rid:q send\r\na=rid:h send\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:2\r\n\
        a=recvonly\r\n";

    #[test]
    fn sections_are_read_with_their_track_and_layers() {
        let sections = offered_sections(OFFER).expect("a small description");
        assert_eq!(sections.len(), 2);
        assert_eq!(sections[0].track.as_deref(), Some("cid-1"));
        assert_eq!(sections[0].rids, ["q", "h"]);
        assert!(sections[0].sends && !sections[0].receives);
        assert!(!sections[1].sends && sections[1].receives);
    }

    #[test]
    fn too_many_sections_are_refused() {
        let many = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(SECTIONS_MAX + 1);
        assert_eq!(offered_sections(&many), Err(BadDescription));
    }

    #[test]
    fn sections_that_bear_one_name_long_sections_and_very_many_streams_are_refused() {
        let section = |attributes: &str| format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n{attributes}");
        assert!(offered_sections(&section("a=ssrc:1 cname:x\r\n")).is_ok());
        assert_eq!(offered_sections(&section("").repeat(2)), Err(BadDescription));
        assert_eq!(offered_sections(&section(&"a=x\r\n".repeat(SECTION_LINES_MAX))), Err(BadDescription));
        assert_eq!(offered_sections(&section(&"a=ssrc:1 cname:x\r\n".repeat(SSRC_LINES_MAX + 1))), Err(BadDescription));
    }

    #[test]
    fn candidates_that_are_not_taken_are_left_out() {
        let description = "m=audio 9 X 111\r\na=candidate:1\r\na=mid:0\r\na=candidate:2\r\na=end-of-candidates\r\n";
        assert_eq!(
            with_candidates(description, |candidate| candidate.trim_end() == "candidate:2"),
            "m=audio 9 X 111\r\na=mid:0\r\na=candidate:2\r\na=end-of-candidates\r\n"
        );
    }

    #[test]
    fn a_statement_replaces_direction_and_names() {
        let answer = "v=0\r\nm=audio 9 X 111\r\na=mid:2\r\na=sendonly\r\na=msid:x y\r\na=ssrc:1 cname:c\r\n\
            a=ssrc:1 msid:x y\r\nm=audio 9 X 111\r\na=mid:3\r\na=sendonly\r\na=msid:x z\r\na=ssrc:2 cname:c\r\n";
        let statements = [
            Statement { mid: Mid::from("2"), receives: false, sends: Some(("PA_a|TR_b".into(), "TR_b".into())) },
            Statement { mid: Mid::from("3"), receives: false, sends: None },
        ];
        assert_eq!(
            stated(answer, &statements),
            "v=0\r\nm=audio 9 X 111\r\na=mid:2\r\na=sendonly\r\na=msid:PA_a|TR_b TR_b\r\na=ssrc:1 cname:c\r\n\
            a=ssrc:1 msid:PA_a|TR_b TR_b\r\nm=audio 9 X 111\r\na=mid:3\r\na=inactive\r\n"
        );
    }

    #[test]
    fn a_codec_is_put_first_in_its_section_only() {
        let changed = with_codec_first(OFFER, Mid::from("1"), "h264");
        assert!(changed.contains("m=video 9 UDP/TLS/RTP/SAVPF 98 96\r\n"));
        assert_eq!(changed.len(), OFFER.len());
    }
}
