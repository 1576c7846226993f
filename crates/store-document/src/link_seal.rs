//! Access links at rest: sealed, so that a copy of the database without the key lets nobody into a call.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{SHA256, digest},
    hmac,
};
use domain::{AccessLink, ProviderUserId, TeleconsultationId};

/// What the key is derived for, so that the same secret can have other uses.
const PURPOSE: &[u8] = b"teleconsultation: access links in stored teleconsultations";

/// Seals and opens access links with AES-256-GCM-SIV (RFC 8452).
///
/// The nonce is a hash of whose link it is and where, so writing needs no chance. This algorithm stays safe where a nonce comes again:
/// one that does tells at most that a link is still the same.
#[derive(Clone)]
pub struct LinkSeal(Arc<LessSafeKey>);

impl fmt::Debug for LinkSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSeal(..)")
    }
}

impl LinkSeal {
    /// Derives the key from a secret of the program. What was sealed with another secret cannot be opened.
    #[expect(clippy::missing_panics_doc, reason = "it never panics")]
    pub fn new(secret: &[u8; 32]) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), PURPOSE);
        // An HMAC-SHA256 has the 32 bytes that the key has.
        let key = UnboundKey::new(&AES_256_GCM_SIV, derived.as_ref()).expect("the key has the length of the algorithm");
        Self(Arc::new(LessSafeKey::new(key)))
    }

    /// The link as it is stored: of use only with the key, for this person in this teleconsultation.
    pub(crate) fn seal(&self, id: &TeleconsultationId, user: &ProviderUserId, link: &AccessLink) -> Option<String> {
        let owner = owner(id, user);
        let mut sealed = link.expose().as_bytes().to_vec();
        self.0.seal_in_place_append_tag(nonce(&owner), Aad::from(&owner), &mut sealed).ok()?;
        Some(hex::encode(sealed))
    }

    /// The link again; `None` if it was sealed with another key or for somebody else, or was changed since.
    pub(crate) fn open(&self, id: &TeleconsultationId, user: &ProviderUserId, sealed: &str) -> Option<AccessLink> {
        let owner = owner(id, user);
        let mut sealed = hex::decode(sealed).ok()?;
        let opened = self.0.open_in_place(nonce(&owner), Aad::from(&owner), &mut sealed).ok()?;
        std::str::from_utf8(opened).ok().map(AccessLink::new)
    }
}

/// Whose link and where. Ids of teleconsultations have one length, so no two pairs are the same text.
fn owner(id: &TeleconsultationId, user: &ProviderUserId) -> Vec<u8> {
    [id.as_str(), user.as_str()].concat().into_bytes()
}

fn nonce(owner: &[u8]) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&digest(&SHA256, owner).as_ref()[..NONCE_LEN]);
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(last: char) -> TeleconsultationId {
        TeleconsultationId::parse(&format!("65f0c0ffee0123456789abc{last}")).unwrap()
    }

    fn user(name: &str) -> ProviderUserId {
        ProviderUserId::parse(name).unwrap()
    }

    #[test]
    fn a_sealed_link_opens_for_its_owner_with_its_key_only() {
        let (seal, link) = (LinkSeal::new(&[7; 32]), AccessLink::new("https://video.example/token"));
        let sealed = seal.seal(&id('0'), &user("anna"), &link).unwrap();
        assert!(!sealed.contains(&hex::encode("token")));
        assert_eq!(seal.open(&id('0'), &user("anna"), &sealed), Some(link));
        assert_eq!(seal.open(&id('1'), &user("anna"), &sealed), None);
        assert_eq!(seal.open(&id('0'), &user("bert"), &sealed), None);
        assert_eq!(LinkSeal::new(&[8; 32]).open(&id('0'), &user("anna"), &sealed), None);
    }

    #[test]
    fn what_was_changed_does_not_open() {
        let (seal, link) = (LinkSeal::new(&[7; 32]), AccessLink::new("https://video.example/token"));
        let sealed = seal.seal(&id('0'), &user("anna"), &link).unwrap();
        let flipped = if sealed.starts_with('0') { "1" } else { "0" };
        for changed in ["", "0", "zz", &sealed[2..], &sealed[..sealed.len() - 2], &(flipped.to_owned() + &sealed[1..])]
        {
            assert_eq!(seal.open(&id('0'), &user("anna"), changed), None, "{changed}");
        }
    }

    #[test]
    fn the_key_never_shows_itself() {
        assert_eq!(format!("{:?}", LinkSeal::new(&[7; 32])), "LinkSeal(..)");
    }
}
