//! What must hold in the end, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use app::Ctx;
use domain::{ParticipantId, Stage, Teleconsultation, TeleconsultationId};

use crate::world::{PEOPLE, Room, World};

/// Checks it, and returns what is stored.
pub async fn check(world: &World, ctx: &Ctx, what: &str) -> BTreeMap<TeleconsultationId, Teleconsultation> {
    let stored = world.teleconsultations().await;
    let mut wanted = Vec::new();
    for it in stored.values() {
        let Some(open) = it.room() else {
            let needs_none = !it.roster.is_complete() || it.stage == Stage::Trashed;
            assert!(needs_none, "{what}: a complete teleconsultation has no room");
            continue;
        };
        assert!(it.roster.is_complete(), "{what}: an incomplete teleconsultation has a room");
        wanted.push(Room { key: open.key.clone(), room: open.room.clone() });
        for participant in it.roster.known() {
            let link = participant.access_link.as_ref().map_or("", |link| link.expose());
            let opens = world.opens(link, &participant.provider_user, &open.room).await;
            assert!(opens, "{what}: a link does not lead its owner into the room");
        }
    }
    let mut there = world.rooms().await;
    wanted.sort_by(|a, b| a.key.cmp(&b.key));
    there.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(there, wanted, "{what}: the provider's rooms are not those of the teleconsultations");
    assert_eq!(world.cleanups_left().await, 0, "{what}: something is left to be done");

    let people = PEOPLE.map(|name| ParticipantId::parse(name).unwrap());
    for (person, user) in ctx.store.provider_users(&people).await.unwrap() {
        assert_eq!(user, ctx.user_id_key.provider_user(&person), "{what}: somebody has another user");
    }
    if let Some(users) = world.users() {
        let derived: BTreeSet<_> = people.iter().map(|person| ctx.user_id_key.provider_user(person)).collect();
        let distinct: BTreeSet<_> = users.iter().cloned().collect();
        assert_eq!(distinct.len(), users.len(), "{what}: somebody was made twice");
        assert!(distinct.is_subset(&derived), "{what}: there is a user whom nobody named");
    }
    stored
}
