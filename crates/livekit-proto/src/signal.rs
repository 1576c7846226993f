//! The frames of a signalling connection: one protobuf message in each binary WebSocket message.

use prost::Message as _;

use crate::{
    proto::{self, signal_request, signal_response},
    wire_shape,
};

/// The largest frame that a client may send. The largest honest one is an offer in a room of 25 with screens shared: about 60
/// sections of up to 7 kB.
pub const REQUEST_BYTES_MAX: usize = 512 * 1024;

/// Why a frame is not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// More than [`REQUEST_BYTES_MAX`], or too many fields.
    #[error("the signal is too large")]
    TooLarge,
    /// Not the protobuf message it should be.
    #[error("the signal cannot be decoded")]
    Malformed,
}

/// Decodes what a client sent. `None`: a message of a kind that this version of the protocol does not have, to be ignored.
pub fn decode_request(frame: &[u8]) -> Result<Option<signal_request::Message>, SignalError> {
    if frame.len() > REQUEST_BYTES_MAX || !wire_shape::is_modest(frame) {
        return Err(SignalError::TooLarge);
    }
    let request = proto::SignalRequest::decode(frame).map_err(|_| SignalError::Malformed)?;
    Ok(request.message)
}

/// Encodes what a server says.
pub fn encode_response(message: signal_response::Message) -> Vec<u8> {
    proto::SignalResponse { message: Some(message) }.encode_to_vec()
}

/// Encodes what a client says.
pub fn encode_request(message: signal_request::Message) -> Vec<u8> {
    proto::SignalRequest { message: Some(message) }.encode_to_vec()
}

/// Decodes what a server sent, which a client trusts to be of a fit size.
pub fn decode_response(frame: &[u8]) -> Result<Option<signal_response::Message>, SignalError> {
    let response = proto::SignalResponse::decode(frame).map_err(|_| SignalError::Malformed)?;
    Ok(response.message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_frame_over_the_limit_is_not_decoded() {
        let offer = proto::SessionDescription { sdp: "x".repeat(REQUEST_BYTES_MAX), ..Default::default() };
        let frame = encode_request(signal_request::Message::Offer(offer));
        assert_eq!(decode_request(&frame), Err(SignalError::TooLarge));
    }

    #[test]
    fn a_message_of_an_unknown_kind_is_no_error() {
        // Field 1000, a varint.
        assert_eq!(decode_request(&[0xc0, 0x3e, 0x01]), Ok(None));
    }

    proptest! {
        #[test]
        fn requests_survive_the_wire(sdp in ".{0,200}", id in any::<u32>(), timestamp in any::<i64>()) {
            let offer = proto::SessionDescription { sdp, id, ..Default::default() };
            for message in [signal_request::Message::Offer(offer), signal_request::Message::Ping(timestamp)] {
                prop_assert_eq!(decode_request(&encode_request(message.clone())), Ok(Some(message)));
            }
        }

        #[test]
        fn responses_survive_the_wire(token in ".{0,200}") {
            let message = signal_response::Message::RefreshToken(token);
            prop_assert_eq!(decode_response(&encode_response(message.clone())), Ok(Some(message)));
        }

        #[test]
        fn anything_at_all_is_decoded_or_refused(frame in prop::collection::vec(any::<u8>(), 0..300)) {
            drop(decode_request(&frame));
        }
    }
}
