//! Who somebody is in a media room: the user, and how often the user's link to the room was replaced.
//!
//! The engine tells [`Admission`](ports::media::Admission) nothing of a media token but the room and the identity. With the count in
//! the identity, a token that was given for a link admits nobody once that link was taken back, also when there is a new one, and also
//! if the engine has renewed it meanwhile.

use domain::ProviderUserId;
use ports::{media::Identity, rooms::Member};

/// Between the user and the count. No user's id has it.
const SEPARATOR: char = ':';

/// The identity of a member: the user's id as long as the link is the first one, then `user:1`, `user:2` and so on.
pub fn of(member: &Member) -> Identity {
    named(&member.user, member.links_replaced)
}

/// The user, and how often their link had been replaced; `None` if this is nobody's identity.
pub fn read(identity: &Identity) -> Option<(ProviderUserId, u32)> {
    let (user, count) = match identity.0.split_once(SEPARATOR) {
        Some((user, count)) => (user, count.parse().ok()?),
        None => (identity.0.as_str(), 0),
    };
    let user = ProviderUserId::parse(user).ok()?;
    // One person has one identity at a time: `user:0` and `user:01` are nobody's.
    (named(&user, count) == *identity).then_some((user, count))
}

/// The user alone.
pub fn user(identity: &Identity) -> Option<ProviderUserId> {
    read(identity).map(|(user, _)| user)
}

fn named(user: &ProviderUserId, replaced: u32) -> Identity {
    match replaced {
        0 => Identity(user.as_str().to_owned()),
        _ => Identity(format!("{user}{SEPARATOR}{replaced}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, member};

    #[test]
    fn an_identity_reads_back_and_the_first_is_the_users_id() {
        for (replaced, text) in [(0, "anna"), (1, "anna:1"), (u32::MAX, "anna:4294967295")] {
            let identity = of(&Member { links_replaced: replaced, ..member("anna") });
            assert_eq!(identity.0, text);
            assert_eq!(read(&identity), Some((id("anna"), replaced)));
        }
    }

    #[test]
    fn what_is_nobodys_identity_is_refused() {
        for text in ["", ":", ":1", "anna:", "anna:0", "anna:01", "anna:+1", "anna:4294967296", "anna:1:1", "an na"] {
            assert_eq!(read(&Identity(text.to_owned())), None, "{text}");
        }
    }
}
