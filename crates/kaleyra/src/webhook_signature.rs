//! Proving that a webhook or a request for names comes from the service (contract §10.4, §10.5).

use std::{fmt::Write as _, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header with the signature over the whole body: payloads of version 1, and requests for names.
pub const SIGNATURE_HEADER: &str = "bandyer-signature";

/// The header with the signature over the room's id alone: payloads of version 0. The rest of such a body is not protected.
pub const ROOM_ID_SIGNATURE_HEADER: &str = "room-id-hmac";

/// How old a signature may be, as advised (contract §10.5).
pub const SIGNATURE_AGE_ADVISED: Duration = Duration::from_mins(5);

/// Why a message is not from the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is not `t=<timestamp>,v0=<hex>`.
    #[error("the signature header is malformed")]
    Malformed,
    /// The signature is another.
    #[error("the signature does not match")]
    Mismatch,
    /// The signature matches and was made too long ago, or too far ahead: the message may be a repetition.
    #[error("the signature is too old")]
    Stale,
}

/// A signature over a whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'a> {
    t: &'a str,
    hmac: [u8; 32],
}

impl<'a> Signature<'a> {
    /// Reads the header's value. Parts other than `t` and `v0` are ignored.
    pub fn parse(header: &'a str) -> Result<Signature<'a>, SignatureError> {
        let part = |name: &str| {
            let mut parts = header.split(',').filter_map(|part| part.trim().split_once('='));
            parts.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let (t, v0) = part("t").zip(part("v0")).ok_or(SignatureError::Malformed)?;
        if t.is_empty() {
            return Err(SignatureError::Malformed);
        }
        Ok(Signature { t, hmac: hmac_of_hex(v0)? })
    }

    /// Checks, in constant time, that the service signed this body as it came, and says when it did, if that can be read.
    pub fn verify(&self, api_key: &SecretString, body: &[u8]) -> Result<Option<Timestamp>, SignatureError> {
        let mac = mac(api_key).chain_update(self.t).chain_update(b".").chain_update(body);
        mac.verify_slice(&self.hmac).map_err(|_| SignatureError::Mismatch)?;
        Ok(moment(self.t))
    }

    /// Checks the same, and that the signature was made within `age_max` of `now`: one whose time cannot be read was not.
    pub fn verify_fresh(
        &self,
        api_key: &SecretString,
        body: &[u8],
        now: Timestamp,
        age_max: Duration,
    ) -> Result<Timestamp, SignatureError> {
        let signed_at = self.verify(api_key, body)?.ok_or(SignatureError::Stale)?;
        let age = now.duration_since(signed_at).unsigned_abs();
        if age > age_max { Err(SignatureError::Stale) } else { Ok(signed_at) }
    }
}

/// Writes the header's value for a body, as the service does; `t` goes into it as it is.
pub fn sign(api_key: &SecretString, t: &str, body: &[u8]) -> String {
    let mac = mac(api_key).chain_update(t).chain_update(b".").chain_update(body);
    let mut header = format!("t={t},v0=");
    for byte in mac.finalize().into_bytes() {
        // Writing to a string cannot fail.
        let _ = write!(header, "{byte:02x}");
    }
    header
}

/// Checks, in constant time, the header of a payload of version 0: that the service knows this room (contract §10.4).
pub fn verify_room_id(api_key: &SecretString, header: &str, room_id: &str) -> Result<(), SignatureError> {
    let hmac = hmac_of_hex(header.trim())?;
    mac(api_key).chain_update(room_id).verify_slice(&hmac).map_err(|_| SignatureError::Mismatch)
}

fn mac(api_key: &SecretString) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length: RFC 2104 §2")]
    Hmac::new_from_slice(api_key.expose_secret().as_bytes()).expect("HMAC takes keys of every length")
}

fn hmac_of_hex(text: &str) -> Result<[u8; 32], SignatureError> {
    let mut hmac = [0; 32];
    hex::decode_to_slice(text, &mut hmac).map_err(|_| SignatureError::Malformed)?;
    Ok(hmac)
}

/// The documentation shows seconds in one place and milliseconds in another (contract §10.5).
fn moment(t: &str) -> Option<Timestamp> {
    const SECONDS_MAX: i64 = 100_000_000_000;
    match t.parse().ok()? {
        seconds @ 0..=SECONDS_MAX => Timestamp::from_second(seconds).ok(),
        milliseconds => Timestamp::from_millisecond(milliseconds).ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The documentation's own vector.
    const HEADER: &str = "t=1554193902,v0=6841e55cb12f2d9d1216c47097c75fd737a22a3a00c8d8f8d3d35fb2b613ce5b";
    const BODY: &[u8] = br#"{"event":"test"}"#;

    fn key() -> SecretString {
        "ak_live_123456".into()
    }

    fn seconds(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn the_documented_vector_verifies() {
        let signature = Signature::parse(HEADER).unwrap();
        assert_eq!(signature.verify(&key(), BODY), Ok(Some(seconds(1_554_193_902))));
        assert_eq!(sign(&key(), "1554193902", BODY), HEADER);
    }

    #[test]
    fn anything_else_does_not() {
        let signature = Signature::parse(HEADER).unwrap();
        assert_eq!(signature.verify(&key(), br#"{"event": "test"}"#), Err(SignatureError::Mismatch));
        assert_eq!(signature.verify(&"ak_live_123457".into(), BODY), Err(SignatureError::Mismatch));
        let later = HEADER.replace("1554193902", "1554193903");
        assert_eq!(Signature::parse(&later).unwrap().verify(&key(), BODY), Err(SignatureError::Mismatch));
    }

    #[test]
    fn spaces_order_and_unknown_parts_do_not_matter() {
        let (t, v0) = HEADER.split_once(',').unwrap();
        let header = format!("v1=abc, {v0}, {t}");
        assert!(Signature::parse(&header).unwrap().verify(&key(), BODY).is_ok());
    }

    #[test]
    fn malformed_headers_are_refused() {
        for header in ["", "t=1", "v0=00", "t=1,v0=zz", "t=,v0=", "t=1,v0=6841e5", &HEADER.replace("6841", "68418")] {
            assert_eq!(Signature::parse(header), Err(SignatureError::Malformed), "{header}");
        }
    }

    #[test]
    fn an_old_signature_is_stale() {
        let signature = Signature::parse(HEADER).unwrap();
        let at = |now| signature.verify_fresh(&key(), BODY, seconds(now), SIGNATURE_AGE_ADVISED);
        assert!(at(1_554_193_902 + 300).is_ok());
        assert!(at(1_554_193_902 - 300).is_ok());
        assert_eq!(at(1_554_193_902 + 301), Err(SignatureError::Stale));
        assert_eq!(at(1_554_193_902 - 301), Err(SignatureError::Stale));
    }

    #[test]
    fn milliseconds_are_understood_and_signed_as_they_are() {
        let header = sign(&key(), "1554193902500", BODY);
        let signature = Signature::parse(&header).unwrap();
        let expected = Timestamp::from_millisecond(1_554_193_902_500).unwrap();
        assert_eq!(signature.verify(&key(), BODY), Ok(Some(expected)));
        let header = sign(&key(), "soon", BODY);
        let signature = Signature::parse(&header).unwrap();
        assert_eq!(signature.verify(&key(), BODY), Ok(None));
        let fresh = signature.verify_fresh(&key(), BODY, seconds(0), SIGNATURE_AGE_ADVISED);
        assert_eq!(fresh, Err(SignatureError::Stale));
    }

    #[test]
    fn a_room_id_signature_is_over_the_id_alone() {
        // HMAC-SHA256("ak_live_123456", "room_0123456789ab"), computed with Python's hmac module.
        let hmac = "9c1957eae15f92cfa2f4d71f0f2a2106306d244526451ce0a740bf4595fbfe2a";
        assert_eq!(verify_room_id(&key(), hmac, "room_0123456789ab"), Ok(()));
        assert_eq!(verify_room_id(&key(), hmac, "room_0123456789ac"), Err(SignatureError::Mismatch));
        assert_eq!(verify_room_id(&key(), "", "room_0123456789ab"), Err(SignatureError::Malformed));
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies_and_nothing_else(t in "[0-9]{1,20}", body: Vec<u8>, other: Vec<u8>) {
            let header = sign(&key(), &t, &body);
            let signature = Signature::parse(&header).unwrap();
            prop_assert!(signature.verify(&key(), &body).is_ok());
            prop_assert_eq!(signature.verify(&key(), &other).is_ok(), body == other);
        }

        #[test]
        fn any_header_is_read_or_refused(header in ".*") {
            if let Ok(signature) = Signature::parse(&header) {
                let _ = signature.verify(&key(), b"");
            }
        }
    }
}
