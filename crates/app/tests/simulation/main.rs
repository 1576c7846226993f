//! Use cases that run at the same moment, in every order that a seed gives, over a store and a provider that fail: in the end each
//! complete teleconsultation has one room, others have none, and no change that was answered with success is lost.
//!
//! Whoever waits is woken in an order that the seed decides, and everything waits before and after each call of a port. So a seed is
//! an interleaving. Callers are cut off in the middle too, as when a process is killed or a client hangs up.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

extern crate teleconsultation_app as app;

mod schedule;
mod world;

use std::collections::BTreeSet;

use app::{Booking, Change, Expected, People};
use domain::{Length, Stage, TeleconsultationId};
use jiff::SignedDuration;
use schedule::{Task, run_in_random_order};
use world::{World, person};

/// Seeds of every run. One that found a defect is added here.
const SEEDS: std::ops::Range<u64> = 0..300;

fn booking(people: People) -> Booking {
    Booking {
        people,
        start: "2026-01-01T12:00:00Z".parse().unwrap(),
        length: Length::For(SignedDuration::from_mins(30)),
    }
}

fn people(names: &[&str], expected: u64) -> People {
    People { expected: Expected::Number(expected), known: names.iter().map(|name| person(name)).collect() }
}

fn scheduled(world: &World, people: People) -> TeleconsultationId {
    let ctx = world.calm_ctx();
    run_in_random_order(0, vec![Task::new(async move { app::schedule(&ctx, &booking(people)).await })])
        .remove(0)
        .unwrap()
        .unwrap()
}

#[test]
fn concurrent_changes_of_different_things_are_all_there_in_the_end() {
    for seed in SEEDS {
        let world = World::new(seed);
        let id = scheduled(&world, people(&["doctor", "patient"], 2));
        let start = "2026-01-02T12:00:00Z".parse().unwrap();
        let length = Length::For(SignedDuration::from_mins(45));
        let changes = [
            Change { start: Some(start), ..Change::default() },
            Change { length: Some(length), ..Change::default() },
            Change { people: Some(people(&["doctor", "relative"], 2)), ..Change::default() },
        ];
        let tasks = changes.map(|change| {
            let (ctx, id) = (world.ctx(), id.clone());
            Task::new(async move { app::change(&ctx, &id, &change).await })
        });
        for outcome in run_in_random_order(seed, tasks.into()) {
            outcome.unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        let kept = world.kept(&id);
        assert_eq!((kept.schedule.start(), kept.schedule.length()), (start, length), "seed {seed}");
        let names: Vec<_> = kept.roster.known().iter().map(|it| it.id.as_str()).collect();
        assert_eq!(names, ["doctor", "relative"], "seed {seed}");
        world.settle();
        world.assert_one_room_for_each_complete_teleconsultation(seed);
    }
}

#[test]
fn everyone_who_is_added_at_the_same_moment_is_there_in_the_end() {
    for seed in SEEDS {
        let world = World::new(seed);
        let id = scheduled(&world, people(&[], 6));
        let names = ["doctor", "a", "b", "c", "d", "e"];
        let tasks = names.map(|name| {
            let (ctx, id) = (world.ctx(), id.clone());
            Task::new(async move { app::add_participant(&ctx, &id, &person(name)).await })
        });
        for outcome in run_in_random_order(seed, tasks.into()) {
            outcome.unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        let kept = world.kept(&id);
        let known: BTreeSet<_> = kept.roster.known().iter().map(|it| it.id.as_str()).collect();
        assert_eq!(known, BTreeSet::from(names), "seed {seed}");
        assert!(matches!(kept.stage, Stage::Ready(_)), "seed {seed}");
        world.settle();
        world.assert_one_room_for_each_complete_teleconsultation(seed);
    }
}

#[test]
fn the_largest_list_can_be_filled_by_everybody_at_once() {
    let names: Vec<_> = (1..25).map(|number| format!("p{number}")).chain(["doctor".to_owned()]).collect();
    for seed in 0..20 {
        let world = World::new(seed);
        let id = scheduled(&world, people(&[], 25));
        let tasks = names.iter().map(|name| {
            let (ctx, id, person) = (world.ctx(), id.clone(), person(name));
            Task::new(async move { app::add_participant(&ctx, &id, &person).await })
        });
        for outcome in run_in_random_order(seed, tasks.collect()) {
            outcome.unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        assert_eq!(world.kept(&id).roster.known().len(), 25, "seed {seed}");
        world.settle();
        world.assert_one_room_for_each_complete_teleconsultation(seed);
    }
}

#[test]
fn whatever_fails_or_is_cut_off_one_room_is_left_for_each_complete_teleconsultation() {
    for seed in SEEDS {
        let world = World::with_faults(seed);
        let ids = [scheduled(&world, people(&["doctor", "patient"], 2)), scheduled(&world, people(&["patient"], 2))];
        let mut tasks = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            let change = |change: Change| {
                let (ctx, id) = (world.ctx(), id.clone());
                Task::new(async move { app::change(&ctx, &id, &change).await.map_err(|error| error.to_string()) })
            };
            tasks.push(change(Change { people: Some(people(&["doctor", "relative"], 2)), ..Change::default() }));
            tasks.push(
                change(Change { people: Some(people(&["doctor"], 3)), ..Change::default() }).cut_off_at(seed % 23),
            );
            tasks.push(
                change(Change { people: Some(people(&["doctor", "friend"], 2)), ..Change::default() })
                    .cut_off_at(seed % 31),
            );
            let (ctx, id) = (world.ctx(), id.clone());
            tasks.push(Task::new(async move {
                app::add_participant(&ctx, &id, &person("nurse")).await.map_err(|error| error.to_string())
            }));
            let ctx = world.ctx();
            tasks.push(
                Task::new(async move {
                    let booked = app::schedule(&ctx, &booking(people(&["doctor", "patient"], 2))).await;
                    booked.map(drop).map_err(|error| error.to_string())
                })
                .cut_off_at(seed % 17),
            );
            if (seed + index as u64).is_multiple_of(5) {
                let (ctx, id) = (world.ctx(), ids[index].clone());
                tasks.push(Task::new(async move { app::delete(&ctx, &id).await.map_err(|error| error.to_string()) }));
            }
            let ctx = world.ctx();
            tasks.push(Task::new(async move {
                app::finish_due_cleanups(&ctx).await.map(drop).map_err(|error| error.to_string())
            }));
        }
        // What each of them answers depends on the faults; what is left does not.
        drop(run_in_random_order(seed, tasks));
        world.settle();
        world.assert_one_room_for_each_complete_teleconsultation(seed);
    }
}

#[test]
fn a_change_that_was_answered_with_success_is_there_whatever_failed_around_it() {
    for seed in SEEDS {
        let world = World::with_faults(seed);
        let id = scheduled(&world, people(&[], 5));
        let names = ["doctor", "a", "b", "c", "d"];
        let tasks = names.map(|name| {
            let (ctx, id) = (world.ctx(), id.clone());
            Task::new(async move { app::add_participant(&ctx, &id, &person(name)).await })
        });
        let outcomes = run_in_random_order(seed, tasks.into());
        let kept = world.kept(&id);
        for (name, outcome) in names.iter().zip(outcomes) {
            let there = kept.roster.known().iter().any(|it| it.id.as_str() == *name);
            assert!(there || outcome.unwrap().is_err(), "seed {seed}: {name} was answered with success and is lost");
        }
    }
}

#[test]
fn a_clock_that_jumps_while_rooms_are_made_takes_no_room_away() {
    for seed in SEEDS {
        let world = World::new(seed);
        let id = scheduled(&world, people(&["doctor", "patient"], 2));
        let (ctx, changed) = (world.ctx(), id.clone());
        let change = Change { people: Some(people(&["doctor", "relative"], 2)), ..Change::default() };
        let mut tasks =
            vec![Task::new(
                async move { app::change(&ctx, &changed, &change).await.map_err(|error| error.to_string()) },
            )];
        let ctx = world.ctx();
        tasks.push(Task::new(async move {
            let booked = app::schedule(&ctx, &booking(people(&["doctor", "patient"], 2))).await;
            booked.map(drop).map_err(|error| error.to_string())
        }));
        for _ in 0..3 {
            let (ctx, jump) = (world.ctx(), world.jump(app::ROOM_GUARD));
            tasks.push(Task::new(async move {
                jump.await;
                app::finish_due_cleanups(&ctx).await.map(drop).map_err(|error| error.to_string())
            }));
        }
        for outcome in run_in_random_order(seed, tasks) {
            outcome.unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        world.settle();
        world.assert_one_room_for_each_complete_teleconsultation(seed);
    }
}

#[test]
fn a_change_that_took_until_the_links_were_shown_is_refused() {
    let world = World::new(1);
    let id = scheduled(&world, people(&["doctor", "patient"], 2));
    let before = world.kept(&id);
    // The change begins two hours before the start, and the start comes while its room is made.
    let ctx = world.ctx_with_slow_rooms(SignedDuration::from_hours(2));
    let change = Change { people: Some(people(&["doctor", "relative"], 2)), ..Change::default() };
    let changing = {
        let id = id.clone();
        Task::new(async move { app::change(&ctx, &id, &change).await })
    };
    let outcome = run_in_random_order(1, vec![changing]).remove(0).unwrap();
    assert!(matches!(outcome, Err(app::ChangeError::Frozen)), "{outcome:?}");
    assert_eq!(world.kept(&id), before);
    world.settle();
    world.assert_one_room_for_each_complete_teleconsultation(1);
}
