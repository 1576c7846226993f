//! Chance that need not be secret: ids that only have to be different.

/// A small generator (`SplitMix64`, Steele, Lea and Flood 2014). Not for secrets.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Starts the sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// `prefix` and twelve letters or digits, like the ids of the protocol.
    pub fn sid(&mut self, prefix: &str) -> String {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut sid = String::with_capacity(prefix.len() + 12);
        sid.push_str(prefix);
        for _ in 0..12 {
            let index = (self.next() % 62) as usize;
            sid.push(char::from(LETTERS[index]));
        }
        sid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_one_seed_gives_different_ones() {
        let mut a = Random::new(7);
        let mut b = Random::new(7);
        let first = a.sid("PA_");
        assert_eq!(first, b.sid("PA_"));
        assert_ne!(first, a.sid("PA_"));
        assert_eq!(first.len(), 15);
    }
}
