//! Two at once, one call at a time, in an order that the test chooses.

use std::{
    cell::Cell,
    collections::{BTreeMap, VecDeque},
};

use crud_service_fake::{CrudServiceFake, Waiting};
use futures_util::future::join3;
use ports::{Chance, fake::FakeChance};
use tokio::sync::Notify;

/// Set to anything, it has every order tried where there is a choice: minutes in place of seconds.
const EVERY_ORDER: &str = "STORE_CRUD_EVERY_ORDER";

/// Whose turn it is, whenever both could go on.
#[derive(Debug)]
pub enum Turns {
    /// One order after the other, until there is none left: which way was taken at each choice.
    Every { taken: Vec<bool>, at: usize, has_begun: bool },
    /// By chance: one seed after the other. Whoever had the last turn mostly has the next one too, because what goes wrong does so when
    /// somebody does much between two calls of somebody else.
    Seeded { chance: FakeChance, seed: u64, seeds: u64, was_seconds: bool },
}

impl Turns {
    /// So many orders, the same in every run; or all that there are, if the environment says so.
    pub fn some(seeds: u64) -> Self {
        let is_every = std::env::var_os(EVERY_ORDER).is_some();
        if is_every { Self::every() } else { Self::seeds(seeds) }
    }

    /// So many orders, the same in every run.
    pub fn seeds(seeds: u64) -> Self {
        Self::Seeded { chance: FakeChance::seeded(0), seed: 0, seeds, was_seconds: false }
    }

    fn every() -> Self {
        Self::Every { taken: Vec::new(), at: 0, has_begun: false }
    }

    fn is_seconds(&mut self) -> bool {
        match self {
            Self::Seeded { chance, was_seconds, .. } => {
                let mut byte = [0];
                chance.fill(&mut byte);
                *was_seconds ^= byte[0] % 4 == 0;
                *was_seconds
            }
            Self::Every { taken, at, .. } => {
                if *at == taken.len() {
                    taken.push(false);
                }
                *at += 1;
                taken[*at - 1]
            }
        }
    }

    /// Goes on to the next order, or begins with the first. Returns whether there is one.
    pub fn next(&mut self) -> bool {
        match self {
            Self::Seeded { chance, seed, seeds, was_seconds } => {
                *seed += 1;
                (*chance, *was_seconds) = (FakeChance::seeded(*seed), *seed % 2 == 0);
                seed <= seeds
            }
            Self::Every { taken, at, has_begun } => {
                *at = 0;
                if !std::mem::replace(has_begun, true) {
                    return true;
                }
                while taken.pop_if(|second| *second).is_some() {}
                let last = taken.last_mut();
                last.map(|last| *last = true).is_some()
            }
        }
    }
}

/// Runs both to their ends. Every call of each bears the name of one of them as its request's id.
pub async fn interleaved<A, B>(
    fake: &CrudServiceFake,
    turns: &mut Turns,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> (A, B) {
    let mut calls = fake.hold();
    let (finished, has_finished) = (Cell::new(0), Notify::new());
    let finish = || {
        finished.set(finished.get() + 1);
        has_finished.notify_one();
    };
    let first = async {
        let outcome = first.await;
        finish();
        outcome
    };
    let second = async {
        let outcome = second.await;
        finish();
        outcome
    };
    let turning = async {
        // Whoever makes several calls at once has them done in the order in which they come.
        let mut waiting: BTreeMap<String, VecDeque<Waiting>> = BTreeMap::new();
        loop {
            while waiting.len() + finished.get() < 2 {
                tokio::select! {
                    call = calls.next() => {
                        let name = request_id(&call).expect("every call bears a name");
                        waiting.entry(name).or_default().push_back(call);
                    }
                    () = has_finished.notified() => {}
                }
            }
            let is_seconds = waiting.len() == 2 && turns.is_seconds();
            let entry = if is_seconds { waiting.last_entry() } else { waiting.first_entry() };
            let Some(mut entry) = entry else { return };
            if let Some(call) = entry.get_mut().pop_front() {
                call.answer().await;
            }
            if entry.get().is_empty() {
                entry.remove();
            }
        }
    };
    let (first, second, ()) = join3(first, second, turning).await;
    (first, second)
}

fn request_id(call: &Waiting) -> Option<String> {
    call.seen.headers.iter().find(|(name, _)| name == "x-request-id").map(|(_, value)| value.clone())
}

#[test]
fn every_order_is_taken_once() {
    let mut turns = Turns::every();
    let mut orders = Vec::new();
    while turns.next() {
        // Two calls each.
        let (mut left, mut order) = ([2, 2], Vec::new());
        while left != [0, 0] {
            let goes =
                if left[0] > 0 && left[1] > 0 { usize::from(turns.is_seconds()) } else { usize::from(left[0] == 0) };
            left[goes] -= 1;
            order.push(goes);
        }
        orders.push(order);
    }
    orders.sort();
    orders.dedup();
    assert_eq!(orders.len(), 6);
}
