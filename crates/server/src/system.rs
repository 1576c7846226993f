//! The real clock and the real chance: the only ones in the program.

use jiff::Timestamp;
use ports::{Chance, Clock};

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The system's source of chance.
pub struct SystemChance;

impl Chance for SystemChance {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for chance")]
    fn fill(&self, bytes: &mut [u8]) {
        // A system without chance cannot make secrets. Going on would make guessable ones, so the request ends here.
        getrandom::fill(bytes).expect("the system gives chance");
    }
}
