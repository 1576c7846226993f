//! Where a picture begins that needs no other one, and VP8's numbering of pictures.

use str0m::{
    format::Codec,
    rtp::{Vp8Descriptor, Vp8Patch},
};

/// Whether a payload begins a keyframe, so that a decoder may start with it. Codecs other than VP8 and H264 say yes: for
/// audio every packet is a start.
pub(crate) fn starts_keyframe(codec: Codec, payload: &[u8]) -> bool {
    if codec == Codec::Vp8 {
        return Vp8Descriptor::parse(payload).is_ok_and(|descriptor| descriptor.starts_keyframe(payload));
    }
    if codec == Codec::H264 {
        return starts_h264_keyframe(payload);
    }
    true
}

/// NAL unit types of H.264 (ITU-T H.264, table 7-1) and of its RTP payload (RFC 6184, 5.2).
const IDR: u8 = 5;
const SEQUENCE_PARAMETERS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

fn starts_h264_keyframe(payload: &[u8]) -> bool {
    let Some(first) = payload.first() else { return false };
    match first & 0x1f {
        IDR | SEQUENCE_PARAMETERS => true,
        FU_A => payload.get(1).is_some_and(|header| header & 0x80 != 0 && header & 0x1f == IDR),
        STAP_A => {
            let mut rest = &payload[1..];
            while let [high, low, unit @ ..] = rest {
                let size = usize::from(u16::from_be_bytes([*high, *low]));
                let Some(kind) = unit.first().map(|header| header & 0x1f) else { return false };
                if kind == IDR || kind == SEQUENCE_PARAMETERS {
                    return true;
                }
                let Some(next) = unit.get(size..) else { return false };
                rest = next;
            }
            false
        }
        _ => false,
    }
}

/// Continues VP8's picture ids over switches between layers and tracks, as decoders expect (RFC 7741, 4.2).
#[derive(Debug, Default)]
pub(crate) struct PictureIds {
    picture: Continued,
    base_layer: Continued,
}

/// A wrapping counter that goes on from another start.
#[derive(Debug, Default)]
struct Continued {
    last: Option<u16>,
    offset: Option<u16>,
}

impl Continued {
    fn place(&mut self, value: u16, mask: u16) -> u16 {
        let offset =
            *self.offset.get_or_insert_with(|| self.last.map_or(0, |last| last.wrapping_add(1).wrapping_sub(value)));
        let placed = value.wrapping_add(offset) & mask;
        // Only a newer value moves the last one: packets may come late.
        let ahead = placed.wrapping_sub(self.last.unwrap_or(placed)) & mask;
        if ahead <= mask / 2 {
            self.last = Some(placed);
        }
        placed
    }
}

impl PictureIds {
    /// Forgets the source: the next picture follows the last one that was sent.
    pub fn detach(&mut self) {
        self.picture.offset = None;
        self.base_layer.offset = None;
    }

    /// The change that gives this payload its place. `None` if it has no picture id of the long form, which every browser
    /// sends, or is malformed.
    pub fn patch(&mut self, payload: &[u8]) -> Option<Vp8Patch> {
        let descriptor = Vp8Descriptor::parse(payload).ok()?;
        let mut patch = descriptor.patch();
        patch = patch.picture_id(self.picture.place(descriptor.picture_id()?, 0x7fff));
        if let Some(index) = descriptor.tl0_pic_idx() {
            let placed = self.base_layer.place(u16::from(index), 0xff);
            #[expect(clippy::cast_possible_truncation, reason = "masked to eight bits")]
            let placed = placed as u8;
            patch = patch.tl0_pic_idx(placed);
        }
        patch.build().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start of partition, with a picture id of 15 bits and a base layer index.
    fn vp8(picture: u16, base_layer: u8, key: bool) -> Vec<u8> {
        let [high, low] = picture.to_be_bytes();
        vec![0x90, 0xe0, 0x80 | high, low, base_layer, 0, u8::from(!key), 0, 0]
    }

    #[test]
    fn vp8_keyframes_are_found() {
        assert!(starts_keyframe(Codec::Vp8, &vp8(1, 1, true)));
        assert!(!starts_keyframe(Codec::Vp8, &vp8(1, 1, false)));
        assert!(!starts_keyframe(Codec::Vp8, &[]));
    }

    #[test]
    fn h264_keyframes_are_found_in_every_packing() {
        assert!(starts_keyframe(Codec::H264, &[0x65, 1, 2]));
        assert!(starts_keyframe(Codec::H264, &[0x7c, 0x85, 1]));
        assert!(!starts_keyframe(Codec::H264, &[0x7c, 0x05, 1]));
        assert!(starts_keyframe(Codec::H264, &[0x78, 0, 2, 0x09, 0xf0, 0, 1, 0x67]));
        assert!(!starts_keyframe(Codec::H264, &[0x78, 0, 9, 0x09]));
        assert!(!starts_keyframe(Codec::H264, &[0x61, 1]));
    }

    #[test]
    fn picture_ids_go_on_over_a_switch_and_wrap() {
        let mut ids = PictureIds::default();
        assert!(ids.patch(&vp8(0x7fff, 0xff, true)).is_some());
        ids.detach();
        assert!(ids.patch(&vp8(500, 40, true)).is_some());
        assert_eq!(ids.picture.last, Some(0));
        assert_eq!(ids.base_layer.last, Some(0));
        assert!(ids.patch(&vp8(501, 41, false)).is_some());
        assert_eq!(ids.picture.last, Some(1));
    }
}
