//! How much a protobuf message would grow in memory, seen before it is decoded.

/// The most fields, counted in the outer message and in those inside it. A join with a camera, a microphone and a screen has fewer
/// than 50, a resume in a room of 25 some thousand. Without this limit two bytes on the wire, an empty message in a list, would
/// become hundreds of bytes in memory.
const FIELDS_MAX: usize = 4096;

/// How deep messages are looked into: as deep as any of a client's goes.
const DEPTH: u8 = 6;

/// No text has a character below this, the tab. A list of many short messages has, in their lengths and tags.
const TEXT_BYTE_MIN: u8 = 0x09;

/// Whether `bytes` are few enough fields to be decoded. Bytes that are no protobuf message are left to the decoder to refuse.
pub(crate) fn is_modest(bytes: &[u8]) -> bool {
    let mut left = FIELDS_MAX;
    count(bytes, DEPTH, &mut left).is_some()
}

/// Takes every field of `bytes` off `left`; `None` when there is nothing left to take from.
fn count(mut bytes: &[u8], depth: u8, left: &mut usize) -> Option<()> {
    while !bytes.is_empty() {
        *left = left.checked_sub(1)?;
        let Some(inner) = skip_field(&mut bytes) else { return Some(()) };
        // What has a length may also be text, in which there are no fields to be counted.
        if depth > 1 && inner.iter().any(|byte| *byte < TEXT_BYTE_MIN) {
            count(inner, depth - 1, left)?;
        }
    }
    Some(())
}

/// Moves behind one field and gives what is inside of it, if it has a length; `None` where this is no protobuf.
fn skip_field<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let tag = varint(bytes)?;
    match tag & 7 {
        0 => varint(bytes).map(|_| &[][..]),
        1 => skip(bytes, 8).map(|_| &[][..]),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            skip(bytes, length)
        }
        5 => skip(bytes, 4).map(|_| &[][..]),
        // Groups: no message of ours has them.
        _ => None,
    }
}

fn skip<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (skipped, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(skipped)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::proto;

    #[test]
    fn a_large_but_honest_message_is_modest() {
        let offer = proto::SessionDescription { sdp: "a=mid:0\r\n".repeat(40_000), ..Default::default() };
        let request = proto::SignalRequest { message: Some(proto::signal_request::Message::Offer(offer)) };
        assert!(is_modest(&request.encode_to_vec()));
    }

    #[test]
    fn a_long_text_is_modest_whatever_it_says() {
        for text in ["x ", "h1", "\"a\":1,", "ab\r\n\t"] {
            let update = proto::UpdateParticipantMetadata { metadata: text.repeat(20_000), ..Default::default() };
            let request =
                proto::SignalRequest { message: Some(proto::signal_request::Message::UpdateMetadata(update)) };
            assert!(is_modest(&request.encode_to_vec()), "{text}");
        }
    }

    #[test]
    fn a_list_of_very_many_empty_messages_far_inside_is_not_modest() {
        let codecs = vec![proto::SimulcastCodecInfo::default(); 5000];
        let track = proto::TrackInfo { codecs, ..Default::default() };
        let published = proto::TrackPublishedResponse { track: Some(track), ..Default::default() };
        let state = proto::SyncState { publish_tracks: vec![published], ..Default::default() };
        let request = proto::SignalRequest { message: Some(proto::signal_request::Message::SyncState(state)) };
        assert!(!is_modest(&request.encode_to_vec()));
    }

    #[test]
    fn a_list_of_very_many_empty_messages_is_not() {
        let state = proto::SyncState {
            publish_tracks: vec![proto::TrackPublishedResponse::default(); 5000],
            ..Default::default()
        };
        let request = proto::SignalRequest { message: Some(proto::signal_request::Message::SyncState(state.clone())) };
        assert!(!is_modest(&request.encode_to_vec()));
        assert!(!is_modest(&state.encode_to_vec()));
    }
}
