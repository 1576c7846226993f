//! The `join_request` parameter of `/rtc/v1`: base64 of a `WrappedJoinRequest`, which is a `JoinRequest`, perhaps compressed.

use std::io::Read as _;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use flate2::read::GzDecoder;
use prost::Message as _;

use crate::{
    proto::{JoinRequest, WrappedJoinRequest, wrapped_join_request::Compression},
    wire_shape,
};

/// The largest join request, unpacked: one offer and the tracks to be published. Compressed or not it came in an address, of
/// which servers take some 64 kB, so more than this is a bomb.
const JOIN_REQUEST_BYTES_MAX: usize = 512 * 1024;

/// Padding is optional because clients of different languages disagree.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Why a parameter is not a join request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinRequestError {
    /// Neither of the two base64 alphabets.
    #[error("join_request is not base64")]
    Base64,
    /// Not the protobuf messages they should be, or compressed in an unknown way.
    #[error("join_request cannot be decoded")]
    Malformed,
    /// More than anybody needs to say on joining.
    #[error("join_request is too large")]
    TooLarge,
}

/// Decodes the parameter.
pub fn decode(parameter: &str) -> Result<JoinRequest, JoinRequestError> {
    if parameter.len() > JOIN_REQUEST_BYTES_MAX {
        return Err(JoinRequestError::TooLarge);
    }
    let wrapped =
        STANDARD.decode(parameter).or_else(|_| URL_SAFE.decode(parameter)).map_err(|_| JoinRequestError::Base64)?;
    let wrapped = WrappedJoinRequest::decode(wrapped.as_slice()).map_err(|_| JoinRequestError::Malformed)?;
    let bytes = match Compression::try_from(wrapped.compression) {
        Ok(Compression::None) => wrapped.join_request,
        Ok(Compression::Gzip) => unpack(&wrapped.join_request)?,
        Err(_) => return Err(JoinRequestError::Malformed),
    };
    if !wire_shape::is_modest(&bytes) {
        return Err(JoinRequestError::TooLarge);
    }
    JoinRequest::decode(bytes.as_slice()).map_err(|_| JoinRequestError::Malformed)
}

/// Encodes a join request as a client does.
pub fn encode(request: &JoinRequest) -> String {
    let wrapped = WrappedJoinRequest { compression: Compression::None.into(), join_request: request.encode_to_vec() };
    URL_SAFE.encode(wrapped.encode_to_vec())
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, JoinRequestError> {
    let mut bytes = Vec::new();
    // One more than allowed, to tell "just fits" from "goes on".
    let limit = JOIN_REQUEST_BYTES_MAX as u64 + 1;
    GzDecoder::new(packed).take(limit).read_to_end(&mut bytes).map_err(|_| JoinRequestError::Malformed)?;
    if bytes.len() > JOIN_REQUEST_BYTES_MAX { Err(JoinRequestError::TooLarge) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::engine::general_purpose;
    use flate2::{Compression as Level, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;
    use crate::proto::{AddTrackRequest, SessionDescription};

    fn request(sdp: &str) -> JoinRequest {
        JoinRequest {
            publisher_offer: Some(SessionDescription { sdp: sdp.to_owned(), ..Default::default() }),
            ..Default::default()
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Level::best());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    fn wrapped(compression: i32, join_request: Vec<u8>) -> Vec<u8> {
        WrappedJoinRequest { compression, join_request }.encode_to_vec()
    }

    #[test]
    fn every_base64_that_clients_use_is_understood() {
        let bytes = wrapped(0, request("v=0 \u{fff}\u{ffff}???>>>").encode_to_vec());
        for parameter in [
            general_purpose::STANDARD.encode(&bytes),
            general_purpose::STANDARD_NO_PAD.encode(&bytes),
            general_purpose::URL_SAFE.encode(&bytes),
            general_purpose::URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            assert_eq!(decode(&parameter), Ok(request("v=0 \u{fff}\u{ffff}???>>>")));
        }
    }

    #[test]
    fn a_compressed_request_is_unpacked() {
        let parameter = URL_SAFE.encode(wrapped(1, gzip(&request("v=0").encode_to_vec())));
        assert_eq!(decode(&parameter), Ok(request("v=0")));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = gzip(&request(&"x".repeat(JOIN_REQUEST_BYTES_MAX)).encode_to_vec());
        assert!(bomb.len() < 4096);
        assert_eq!(decode(&URL_SAFE.encode(wrapped(1, bomb))), Err(JoinRequestError::TooLarge));
    }

    #[test]
    fn a_request_of_very_many_empty_tracks_is_refused() {
        let many = JoinRequest { add_track_requests: vec![AddTrackRequest::default(); 5000], ..Default::default() };
        assert_eq!(decode(&encode(&many)), Err(JoinRequestError::TooLarge));
    }

    #[test]
    fn what_is_no_request_is_named() {
        assert_eq!(decode("no base64!"), Err(JoinRequestError::Base64));
        assert_eq!(decode(&URL_SAFE.encode([0xff; 20])), Err(JoinRequestError::Malformed));
        assert_eq!(decode(&URL_SAFE.encode(wrapped(7, Vec::new()))), Err(JoinRequestError::Malformed));
        assert_eq!(decode(&URL_SAFE.encode(wrapped(1, vec![1, 2, 3]))), Err(JoinRequestError::Malformed));
    }

    proptest! {
        #[test]
        fn requests_survive_the_wire(sdp in ".{0,200}") {
            prop_assert_eq!(decode(&encode(&request(&sdp))), Ok(request(&sdp)));
        }

        #[test]
        fn anything_at_all_is_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), gzipped: bool) {
            drop(decode(&URL_SAFE.encode(&bytes)));
            drop(decode(&URL_SAFE.encode(wrapped(i32::from(gzipped), bytes))));
        }
    }
}
