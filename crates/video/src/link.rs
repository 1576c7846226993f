//! Personal access links.
//!
//! A token is its place, then the first 160 bits of HMAC-SHA256 (RFC 2104) over the room's id, the user's id and 128 bits of chance,
//! with a secret of the service. Room ids have one length and the chance has one length, so no two triples are the same text. Only
//! a hash of the token is stored, as what it is looked up by, together with the chance, so that the same link can be made again while
//! a copy of the database lets nobody in. (The store of teleconsultations keeps the links that people get; how, is its own matter.)
//!
//! The place is when the room was made, and nothing secret. Hashes begin with it, so that links of one time stand together in an
//! index: else each new link would change a page of its own, and all of these would have to be written to the disk twice. Links made
//! before there were places have none and work on.
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

/// Bytes of a token's secret part: 160 bits, so that guessing is out of the question and the URL stays short.
const SECRET_LEN: usize = 20;

/// Bytes of a place: 32 bits of milliseconds. That they begin anew every 49 days harms nothing.
const PLACE_LEN: usize = 4;

/// The secret that every link is made with. Whoever has it and the database can make every link; changing it ends all of them.
pub struct LinkSecret(SecretBox<[u8; 32]>);

impl LinkSecret {
    /// Takes 256 bits of chance, kept by the operator.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// A key for one purpose. No purpose is a text that a link is made of: those begin with the id of a room.
    pub(crate) fn derived(&self, purpose: &str) -> SecretBox<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret())
            .expect("HMAC takes keys of every length (RFC 2104 §2)");
        mac.update(purpose.as_bytes());
        SecretBox::new(Box::new(mac.finalize().into_bytes().into()))
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
pub struct LinkToken {
    place: Option<[u8; PLACE_LEN]>,
    secret: [u8; SECRET_LEN],
}

impl LinkToken {
    /// Reads a token from a URL: 48 lower-case hexadecimal digits, or the 40 of one without a place; anything else is nobody's.
    pub fn parse(text: &str) -> Option<Self> {
        let lowercase = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let (place, secret) = text.split_at_checked(text.len().checked_sub(2 * SECRET_LEN)?)?;
        let mut token = Self { place: None, secret: [0; SECRET_LEN] };
        if !lowercase || hex::decode_to_slice(secret, &mut token.secret).is_err() {
            return None;
        }
        if !place.is_empty() {
            hex::decode_to_slice(place, token.place.insert([0; PLACE_LEN])).ok()?;
        }
        Some(token)
    }

    /// What the token is looked up by: its SHA-256, after its place if it has one.
    pub fn hash(&self) -> LinkHash {
        let place = self.place.as_ref().map_or(&[][..], |place| place);
        let digest = Sha256::new().chain_update(place).chain_update(self.secret).finalize();
        let mut hash = [0; 32];
        let (first, rest) = hash.split_at_mut(place.len());
        first.copy_from_slice(place);
        rest.copy_from_slice(&digest[..rest.len()]);
        LinkHash(hash)
    }

    /// Whether this is the token of this person's link, compared in constant time.
    pub fn opens(&self, secret: &LinkSecret, room: &RoomRef, user: &ProviderUserId, nonce: &LinkNonce) -> bool {
        secret.mac(room, user, nonce).verify_truncated_left(&self.secret).is_ok()
    }

    fn of(secret: &LinkSecret, room: &RoomRef, user: &ProviderUserId, nonce: &LinkNonce) -> Self {
        let mac = secret.mac(room, user, nonce).finalize().into_bytes();
        let mut token = Self { place: place(room), secret: [0; SECRET_LEN] };
        token.secret.copy_from_slice(&mac[..SECRET_LEN]);
        token
    }

    /// As it stands in a URL.
    fn text(&self) -> String {
        self.place.map(hex::encode).unwrap_or_default() + &hex::encode(self.secret)
    }
}

/// Where links into this room stand: the last bytes of the moment at which the room was made, which its id begins with.
fn place(room: &RoomRef) -> Option<[u8; PLACE_LEN]> {
    let digits = room.as_str().strip_prefix("room_")?.as_bytes().get(4..12)?;
    let mut place = [0; PLACE_LEN];
    hex::decode_to_slice(digits, &mut place).ok()?;
    Some(place)
}

/// Makes a link with new chance.
pub fn issue(secret: &LinkSecret, chance: &dyn Chance, room: &RoomRef, user: &ProviderUserId) -> Link {
    let nonce = LinkNonce(chance.bytes());
    Link { nonce, hash: LinkToken::of(secret, room, user, &nonce).hash() }
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
    let mut token = LinkToken::of(secret, room, user, &link.nonce);
    if token.hash() != link.hash {
        token.place = None;
    }
    AccessLink::new(format!("{}/{region}/direct-rest-call-handler/{}", public_url.trim_end_matches('/'), token.text()))
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
    fn links_of_one_time_stand_together_in_the_order_of_their_rooms() {
        let (secret, chance) = (LinkSecret::new([7; 32]), FakeChance::seeded(1));
        let made_at = |ms: u64, n: u8| RoomRef::new(format!("room_{ms:012x}{n:012x}"));
        let hash = |room| issue(&secret, &chance, &room, &user("anna")).hash;
        let (early, late) = (0x0198_7654_3210, 0x0198_7654_3211);
        for n in 0..50 {
            assert!(hash(made_at(early, n)) < hash(made_at(late, n)));
        }
        assert_ne!(hash(made_at(early, 1)), hash(made_at(early, 2)));
    }

    #[test]
    fn a_link_from_before_there_were_places_works_on() {
        let secret = LinkSecret::new([7; 32]);
        let (nonce, owner) = (LinkNonce([9; 16]), user("anna"));
        let stored = LinkToken { place: None, ..LinkToken::of(&secret, &room(1), &owner, &nonce) };
        let link = Link { nonce, hash: stored.hash() };
        assert_eq!(link.hash, LinkHash(Sha256::digest(stored.secret).into()), "the plain SHA-256 of the token");

        let given = token_of(&url(&secret, "https://example.org", "eu", &room(1), &owner, &link));
        assert_eq!(given.text().len(), 40);
        assert_eq!(given.hash(), link.hash);
        assert!(given.opens(&secret, &room(1), &owner, &nonce));
    }

    #[test]
    fn texts_that_are_no_tokens_are_refused() {
        let good = "0123456789abcdef0123456789abcdef0123456789abcdef";
        let old = &good[..40];
        for token in [good, old] {
            assert_eq!(LinkToken::parse(token).unwrap().text(), token);
        }
        let mut wrong: Vec<_> = (0..40).chain(41..48).map(|length| good[..length].to_owned()).collect();
        wrong.extend([format!("{good}0"), good.repeat(2), good.to_uppercase(), good.replace('0', "é")]);
        wrong.extend([old.replace('a', "é"), "../../../../etc".to_owned()]);
        for text in wrong {
            assert!(LinkToken::parse(&text).is_none(), "{text}");
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
