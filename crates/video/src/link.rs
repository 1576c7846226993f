//! Personal access links.
//!
//! A token is the first 160 bits of HMAC-SHA256 (RFC 2104) over the room's id, the user's id and 128 bits of chance, with a secret
//! of the service. Room ids have one length and the chance has one length, so no two triples are the same text. Only the SHA-256 of
//! the token is stored, as what it is looked up by, together with the chance, so that the same link can be made again while a copy
//! of the database lets nobody in. (The store of teleconsultations keeps the links that people get; how, is its own matter.)
//!
//! A look-up compares hashes in an index, which takes an attacker nowhere: they cannot choose the hash of a guess. The token itself
//! is compared in constant time.

use domain::{AccessLink, ProviderUserId, RoomRef};
use hmac::{Hmac, KeyInit, Mac};
use ports::{
    Chance,
    rooms::{Link, LinkHash, LinkNonce},
};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

/// Bytes of a token: 160 bits, so that guessing is out of the question and the URL stays short.
const TOKEN_LEN: usize = 20;

/// The secret that every link is made with. Whoever has it and the database can make every link; changing it ends all of them.
pub struct LinkSecret(SecretBox<[u8; 32]>);

impl LinkSecret {
    /// Takes 256 bits of chance, kept by the operator.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    fn mac(&self, room: &RoomRef, user: &ProviderUserId, nonce: &LinkNonce) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret())
            .expect("HMAC takes keys of every length (RFC 2104 §2)");
        mac.update(room.as_str().as_bytes());
        mac.update(user.as_str().as_bytes());
        mac.update(&nonce.0);
        mac
    }
}

impl std::fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkSecret(..)")
    }
}

/// The token at the end of a link. Whoever holds it is that person.
pub struct LinkToken([u8; TOKEN_LEN]);

impl LinkToken {
    /// Reads a token from a URL: 40 lower-case hexadecimal digits; anything else is nobody's.
    pub fn parse(text: &str) -> Option<Self> {
        let lowercase = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut bytes = [0; TOKEN_LEN];
        if !lowercase || hex::decode_to_slice(text, &mut bytes).is_err() {
            return None;
        }
        Some(Self(bytes))
    }

    /// What the token is looked up by.
    pub fn hash(&self) -> LinkHash {
        LinkHash(Sha256::digest(self.0).into())
    }

    /// Whether this is the token of this person's link, compared in constant time.
    pub fn opens(&self, secret: &LinkSecret, room: &RoomRef, user: &ProviderUserId, nonce: &LinkNonce) -> bool {
        secret.mac(room, user, nonce).verify_truncated_left(&self.0).is_ok()
    }
}

fn token(secret: &LinkSecret, room: &RoomRef, user: &ProviderUserId, nonce: &LinkNonce) -> LinkToken {
    let mac = secret.mac(room, user, nonce).finalize().into_bytes();
    let mut bytes = [0; TOKEN_LEN];
    bytes.copy_from_slice(&mac[..TOKEN_LEN]);
    LinkToken(bytes)
}

/// Makes a link with new chance.
pub fn issue(secret: &LinkSecret, chance: &dyn Chance, room: &RoomRef, user: &ProviderUserId) -> Link {
    let nonce = LinkNonce(chance.bytes());
    Link { nonce, hash: token(secret, room, user, &nonce).hash() }
}

/// The URL of a link: `{public_url}/{region}/direct-rest-call-handler/{token}` (`kaleyra-video-api.md` §8.1).
pub fn url(
    secret: &LinkSecret,
    public_url: &str,
    region: &str,
    room: &RoomRef,
    user: &ProviderUserId,
    link: &Link,
) -> AccessLink {
    let token = hex::encode(token(secret, room, user, &link.nonce).0);
    AccessLink::new(format!("{}/{region}/direct-rest-call-handler/{token}", public_url.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use ports::fake::FakeChance;

    use super::*;

    fn room(n: u8) -> RoomRef {
        RoomRef::new(format!("room_{n:024x}"))
    }

    fn user(name: &str) -> ProviderUserId {
        ProviderUserId::parse(name).unwrap()
    }

    fn token_of(link: &AccessLink) -> LinkToken {
        LinkToken::parse(link.expose().rsplit('/').next().unwrap()).unwrap()
    }

    #[test]
    fn the_same_link_gives_the_same_url_and_opens_for_its_owner_only() {
        let (secret, chance) = (LinkSecret::new([7; 32]), FakeChance::seeded(1));
        let link = issue(&secret, &chance, &room(1), &user("anna"));
        let made = url(&secret, "https://example.org/", "eu", &room(1), &user("anna"), &link);
        assert_eq!(made, url(&secret, "https://example.org", "eu", &room(1), &user("anna"), &link));
        assert!(made.expose().starts_with("https://example.org/eu/direct-rest-call-handler/"));

        let token = token_of(&made);
        assert_eq!(token.hash(), link.hash);
        assert!(token.opens(&secret, &room(1), &user("anna"), &link.nonce));
        assert!(!token.opens(&secret, &room(2), &user("anna"), &link.nonce));
        assert!(!token.opens(&secret, &room(1), &user("bert"), &link.nonce));
        assert!(!token.opens(&secret, &room(1), &user("anna"), &LinkNonce([0; 16])));
        assert!(!token.opens(&LinkSecret::new([8; 32]), &room(1), &user("anna"), &link.nonce));
    }

    #[test]
    fn a_link_issued_again_is_another_one() {
        let (secret, chance) = (LinkSecret::new([7; 32]), FakeChance::seeded(1));
        let first = issue(&secret, &chance, &room(1), &user("anna"));
        let second = issue(&secret, &chance, &room(1), &user("anna"));
        assert_ne!(first.hash, second.hash);
        assert_ne!(first.nonce, second.nonce);
    }

    #[test]
    fn texts_that_are_no_tokens_are_refused() {
        let good = "0123456789abcdef0123456789abcdef01234567";
        assert!(LinkToken::parse(good).is_some());
        let upper = good.to_uppercase();
        for text in
            ["", "0", &good[1..], &format!("{good}0"), upper.as_str(), &good.replace('0', "é"), "../../../../etc"]
        {
            assert!(LinkToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nothing_secret_shows_itself_in_debug_output() {
        let (secret, chance) = (LinkSecret::new([7; 32]), FakeChance::seeded(1));
        let link = issue(&secret, &chance, &room(1), &user("anna"));
        assert_eq!(format!("{secret:?}"), "LinkSecret(..)");
        assert_eq!(format!("{link:?}"), "Link { nonce: LinkNonce(..), hash: LinkHash(..) }");
    }
}
