//! Promises about whose user at the provider is whose.

use std::collections::BTreeMap;

use domain::{ParticipantId, ProviderUserId};
use futures_util::future::join_all;
use ports::teleconsultations::TeleconsultationStore;

use super::sample::{participant, user};

fn users<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<ParticipantId, ProviderUserId> {
    pairs.map(|(id, name)| (participant(id), user(name))).into()
}

/// Of those asked for, and of nobody else. Asking twice for one person gives them once.
pub async fn provider_users_are_given_for_those_who_have_one(store: &dyn TeleconsultationStore) {
    store.remember_users(&users([("a", "usr_a"), ("b", "usr_b"), ("c", "usr_c")])).await.unwrap();
    let asked = ["a", "stranger", "c", "a"].map(participant);
    assert_eq!(store.provider_users(&asked).await.unwrap(), users([("a", "usr_a"), ("c", "usr_c")]));
}

/// Whoever remembers another one is told, and told the users of all others they asked about.
pub async fn the_first_user_remembered_for_somebody_stays(store: &dyn TeleconsultationStore) {
    let first = users([("a", "usr_1")]);
    assert_eq!(store.remember_users(&first).await.unwrap(), first);
    assert_eq!(store.remember_users(&first).await.unwrap(), first);
    let in_force = users([("a", "usr_1"), ("b", "usr_2")]);
    assert_eq!(store.remember_users(&users([("a", "usr_2"), ("b", "usr_2")])).await.unwrap(), in_force);
    assert_eq!(store.provider_users(&["a", "b"].map(participant)).await.unwrap(), in_force);
}

/// Neither case nor composition nor trailing space is folded.
pub async fn ids_that_only_look_alike_are_different_people(store: &dyn TeleconsultationStore) {
    let alike = users([
        ("Rossi", "usr_1"),
        ("rossi", "usr_2"),
        ("rossi ", "usr_3"),
        ("Zoe\u{308}", "usr_4"),
        ("Zo\u{eb}", "usr_5"),
        ("1", "usr_6"),
        ("01", "usr_7"),
        ("1.0", "usr_8"),
        ("👩‍⚕️", "usr_9"),
        ("' OR 1=1 --", "usr_10"),
    ]);
    assert_eq!(store.remember_users(&alike).await.unwrap(), alike);
    let ids: Vec<_> = alike.keys().cloned().collect();
    assert_eq!(store.provider_users(&ids).await.unwrap(), alike);
}

/// One of those that were offered.
pub async fn of_concurrent_memories_of_one_person_all_give_the_same_user(store: &dyn TeleconsultationStore) {
    let offered: Vec<_> = (0..20).map(|number| [("a".to_owned(), format!("usr_{number}"))]).collect();
    let answers = join_all(offered.iter().map(async |[(id, name)]| {
        store.remember_users(&BTreeMap::from([(participant(id), user(name))])).await.unwrap()
    }))
    .await;
    let in_force = store.provider_users(&[participant("a")]).await.unwrap();
    assert_eq!(in_force.len(), 1);
    assert!(offered.iter().any(|[(_, name)]| in_force[&participant("a")] == user(name)));
    assert!(answers.iter().all(|answer| *answer == in_force));
}

/// Nothing in, nothing out.
pub async fn no_ids_and_no_changes_are_fine(store: &dyn TeleconsultationStore) {
    assert_eq!(store.provider_users(&[]).await.unwrap(), BTreeMap::new());
    assert_eq!(store.remember_users(&BTreeMap::new()).await.unwrap(), BTreeMap::new());
    store.change_cleanups(&[]).await.unwrap();
}
