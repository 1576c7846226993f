//! How much a protobuf message would grow in memory, seen before it is decoded.

/// The most fields, counted in the outer message and in each message right inside it. A join with a camera, a microphone and a
/// screen has fewer than 50, a resume in a room of 25 about 300. Without this limit two bytes on the wire, an empty message in
/// a list, would become hundreds of bytes in memory.
const FIELDS_MAX: usize = 4096;

/// How deep messages are looked into. Further down, what a list can hold is small.
const DEPTH: u8 = 2;

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
        // What has a length may also be text; then the count is of no message and comes out a little too high.
        if depth > 1 {
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
