//! Chance that is the same in every run.

use std::sync::Mutex;

use super::locked;
use crate::Chance;

/// Gives the same bytes for the same seed, and other bytes each time it is asked.
#[derive(Debug)]
pub struct FakeChance(Mutex<u64>);

impl FakeChance {
    /// The sequence of this seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Default for FakeChance {
    fn default() -> Self {
        Self::seeded(1)
    }
}

impl Chance for FakeChance {
    fn fill(&self, bytes: &mut [u8]) {
        let mut counter = locked(&self.0);
        for chunk in bytes.chunks_mut(8) {
            *counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&mixed(*counter).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// `SplitMix64` (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014): every counter gives another value.
fn mixed(counter: u64) -> u64 {
    let value = (counter ^ (counter >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_sequence_and_another_seed_another() {
        let draw = |chance: &dyn Chance| [chance.bytes::<12>(), chance.bytes::<12>()];
        let first = draw(&FakeChance::seeded(7));
        assert_eq!(first, draw(&FakeChance::seeded(7)));
        assert_ne!(first, draw(&FakeChance::seeded(8)));
        assert_ne!(first[0], first[1]);
    }
}
