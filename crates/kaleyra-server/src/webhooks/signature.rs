//! What shows a receiver that a letter comes from the service (`kaleyra-video-api.md` §10.4, §10.5).

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The newer signature: of the moment in seconds and the body.
pub fn of_body(key: &SecretString, now: Timestamp, body: &[u8]) -> (&'static str, String) {
    let seconds = now.as_second();
    let mut mac = mac(key);
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    ("bandyer-signature", format!("t={seconds},v0={}", hex::encode(mac.finalize().into_bytes())))
}

/// The older signature: of the room's id.
pub fn of_room(key: &SecretString, room: &str) -> (&'static str, String) {
    let mut mac = mac(key);
    mac.update(room.as_bytes());
    ("room-id-hmac", hex::encode(mac.finalize().into_bytes()))
}

fn mac(key: &SecretString) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .expect("HMAC takes keys of every length (RFC 2104 §2)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_vector_comes_out() {
        let now = Timestamp::from_second(1_554_193_902).unwrap();
        let (name, value) = of_body(&"ak_live_123456".into(), now, br#"{"event":"test"}"#);
        let expected = "t=1554193902,v0=6841e55cb12f2d9d1216c47097c75fd737a22a3a00c8d8f8d3d35fb2b613ce5b";
        assert_eq!((name, value.as_str()), ("bandyer-signature", expected));
    }
}
