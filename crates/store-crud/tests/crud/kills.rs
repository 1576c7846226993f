//! Killed between any two calls, whatever was begun comes to an end: one room for each complete teleconsultation, and none for others.

use app::{
    Change, ChangeError, Ctx, DeleteError, Expected, People, ScheduleTeleconsultationError, add_participant, change,
    delete, finish_due_cleanups, schedule,
};
use crud_service_fake::Waiting;
use domain::TeleconsultationId;
use jiff::SignedDuration;
use platform::Outbound;

use crate::world::{ROOMS, World, booking, outbound, person};

/// What somebody does while they are killed.
#[derive(Debug, Clone, Copy)]
enum Deed {
    ScheduleComplete,
    ScheduleIncomplete,
    AddTheLast,
    ReplaceTheList,
    ShortenTheList,
    DeleteOneWithRoom,
    DeleteOneWithout,
    /// Of a room that nobody took: its guard is due.
    CleanUp,
}

const DEEDS: [Deed; 8] = [
    Deed::ScheduleComplete,
    Deed::ScheduleIncomplete,
    Deed::AddTheLast,
    Deed::ReplaceTheList,
    Deed::ShortenTheList,
    Deed::DeleteOneWithRoom,
    Deed::DeleteOneWithout,
    Deed::CleanUp,
];

#[derive(Debug)]
#[expect(dead_code, reason = "they are printed when a test fails")]
enum Failure {
    Schedule(ScheduleTeleconsultationError),
    Change(ChangeError),
    Delete(DeleteError),
}

impl Deed {
    /// What there is before: the teleconsultation that it is about, if it is about one.
    async fn prepared(self, world: &World) -> Option<TeleconsultationId> {
        match self {
            Self::ScheduleComplete | Self::ScheduleIncomplete => None,
            Self::AddTheLast | Self::DeleteOneWithout => Some(world.schedule(&booking(2, &["doctor 1"])).await),
            Self::ReplaceTheList | Self::ShortenTheList | Self::DeleteOneWithRoom => {
                Some(world.schedule(&booking(2, &["doctor 1", "anna"])).await)
            }
            Self::CleanUp => {
                let booking = booking(2, &["doctor 1", "anna"]);
                // The room is there, and the teleconsultation is not.
                let is_insert = |call: &Waiting| call.seen.line.ends_with("/schema") && call.seen.line.contains(ROOMS);
                assert!(is_killed(world, is_insert, false, schedule(&world.ctx, &booking)).await);
                assert_eq!(world.provider.rooms().len(), 1);
                world.clock.advance(SignedDuration::from_mins(2));
                None
            }
        }
    }

    async fn done(self, ctx: &Ctx, id: Option<&TeleconsultationId>) -> Result<(), Failure> {
        let people = |expected, known: &[&str]| {
            let people =
                People { expected: Expected::Number(expected), known: known.iter().copied().map(person).collect() };
            Change { people: Some(people), ..Change::default() }
        };
        match (self, id) {
            (Self::AddTheLast, Some(id)) => add_participant(ctx, id, &person("anna")).await.map_err(Failure::Change),
            (Self::ReplaceTheList, Some(id)) => {
                change(ctx, id, &people(2, &["doctor 2", "anna"])).await.map_err(Failure::Change)
            }
            (Self::ShortenTheList, Some(id)) => change(ctx, id, &people(3, &["anna"])).await.map_err(Failure::Change),
            (Self::DeleteOneWithRoom | Self::DeleteOneWithout, Some(id)) => {
                delete(ctx, id).await.map_err(Failure::Delete)
            }
            (Self::ScheduleIncomplete, _) => {
                schedule(ctx, &booking(2, &["doctor 1"])).await.map(drop).map_err(Failure::Schedule)
            }
            (Self::CleanUp, _) => {
                finish_due_cleanups(ctx).await.unwrap();
                Ok(())
            }
            (_, _) => schedule(ctx, &booking(2, &["doctor 1", "anna"])).await.map(drop).map_err(Failure::Schedule),
        }
    }
}

/// Kills somebody at a call: it is lost, or carried out and never answered. Returns `false` if they make no such call.
async fn is_killed<T>(
    world: &World,
    mut is_last: impl FnMut(&Waiting) -> bool,
    is_carried_out: bool,
    deed: impl Future<Output = T>,
) -> bool {
    let mut calls = world.fake.hold();
    let killing = async {
        loop {
            let call = calls.next().await;
            if is_last(&call) {
                if is_carried_out {
                    call.swallow().await;
                }
                return;
            }
            call.answer().await;
        }
    };
    tokio::select! {
        _ = deed => false,
        () = killing => true,
    }
}

async fn killed_at_each_call(deed: Deed, is_carried_out: bool, outbound: &Outbound) -> usize {
    for number in 0.. {
        let told = format!("{deed:?}, killed at call {number}, carried out: {is_carried_out}");
        let mut world = World::start(outbound).await;
        let id = deed.prepared(&world).await;
        let mut earlier = 0;
        let is_last = |_: &Waiting| {
            earlier += 1;
            earlier > number
        };
        if !is_killed(&world, is_last, is_carried_out, deed.done(&world.ctx, id.as_ref())).await {
            return number;
        }
        world.restart(outbound);
        world.mend().await;
        world.assert_tidy(&told).await;
        // And whoever asks again gets what they want.
        deed.done(&world.ctx, id.as_ref()).await.unwrap_or_else(|failure| panic!("{told}: {failure:?}"));
        world.mend().await;
        world.assert_tidy(&told).await;
    }
    unreachable!("every deed comes to an end")
}

#[tokio::test]
async fn lost_at_any_call_everything_is_tidied_up() {
    let outbound = outbound();
    for deed in DEEDS {
        assert!(killed_at_each_call(deed, false, &outbound).await >= 3, "{deed:?}");
    }
}

#[tokio::test]
async fn unanswered_at_any_call_everything_is_tidied_up() {
    let outbound = outbound();
    for deed in DEEDS {
        assert!(killed_at_each_call(deed, true, &outbound).await >= 3, "{deed:?}");
    }
}
