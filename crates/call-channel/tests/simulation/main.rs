//! Rooms in which people with all kinds of permissions do all kinds of things at random, while stores fail, connections break and the
//! program is restarted. Everything that is told is looked at from outside, by what `docs/call-channel.md` promises.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod mirror;
mod store;
mod world;

use world::{Plan, World};

/// Seeds that are always tried; one that found a defect is added here.
const SEEDS: std::ops::Range<u64> = 0..40;

const STEPS: usize = 1000;

#[test]
fn whoever_is_not_admitted_or_lacks_a_tool_is_told_nothing_of_it_and_nothing_that_is_kept_is_lost() {
    for seed in SEEDS {
        let mut world =
            World::new(seed, Plan { failures: seed % 3 == 1, restarts: seed % 2 == 0, waiting_room: seed % 5 != 0 });
        for _ in 0..STEPS {
            world.step();
        }
        world.settle_and_compare();
    }
}
