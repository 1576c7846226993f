//! Rooms to be deleted of which one cannot be.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

extern crate teleconsultation_app as app;

use std::sync::Arc;

use app::{CleanupProgress, Ctx, Policy, UserIdKey, finish_due_cleanups};
use domain::{Privileges, RolePrivileges, RoomKey, TeleconsultationId, Tools};
use jiff::{SignedDuration, Timestamp};
use ports::{
    fake::{FakeChance, FakeClock, FakeTeleconsultationStore, FakeVideoProvider},
    provider::Recording,
    teleconsultations::{CleanupChange, RoomCleanup, TeleconsultationStore},
};

fn ctx(store: Arc<FakeTeleconsultationStore>, now: Timestamp) -> Ctx {
    let nobody = || RolePrivileges { groups: vec![], tools: Tools::none() };
    Ctx {
        store,
        provider: Arc::new(FakeVideoProvider::new()),
        clock: Arc::new(FakeClock::new(now)),
        chance: Arc::new(FakeChance::default()),
        policy: Arc::new(Policy {
            privileges: Privileges { basic: nobody(), plus: nobody() },
            immutable_period: SignedDuration::ZERO,
            unlimited: true,
            live: true,
            recording: Recording::None,
        }),
        user_id_key: UserIdKey::new(b"ak_live_0123456789abcdef01234567"),
    }
}

#[tokio::test]
async fn one_that_cannot_be_read_does_not_hold_up_the_others() {
    let store = Arc::new(FakeTeleconsultationStore::new());
    let now: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
    let cleanup = |number: u8| RoomCleanup {
        key: RoomKey::new([number; 16]),
        room: None,
        teleconsultation: TeleconsultationId::new(now, [number; 8]),
        due: now,
        attempts: 0,
    };
    let changes: Vec<_> = (1..=3).map(|number| CleanupChange::Record(cleanup(number))).collect();
    store.change_cleanups(&changes).await.unwrap();
    store.damage(&cleanup(1).teleconsultation);

    let progress = finish_due_cleanups(&ctx(store.clone(), now)).await.unwrap();
    assert_eq!(progress, CleanupProgress { finished: 2, postponed: 1 });
    let left = store.cleanups();
    assert_eq!((left.len(), &left[0].key, left[0].attempts), (1, &cleanup(1).key, 1));
    assert!(left[0].due > now);
}
