/// The choices of a run, from one number: `FAULT_SEED`, or a random one. Printed when the test
/// that holds it fails.
#[derive(Debug)]
pub struct Seed {
    start: u64,
    at: u64,
}

impl Seed {
    /// The one in the environment, or a new one.
    ///
    /// # Panics
    /// When `FAULT_SEED` is no number.
    pub fn new() -> Self {
        let start = match std::env::var("FAULT_SEED") {
            Ok(text) => text.parse().expect("FAULT_SEED is a number"),
            Err(_) => {
                let mut bytes = [0; 8];
                #[expect(clippy::disallowed_methods, reason = "a test's seed is nobody's secret, and is printed")]
                getrandom::fill(&mut bytes).expect("randomness");
                u64::from_le_bytes(bytes)
            }
        };
        Self { start, at: start }
    }

    /// Another sequence of choices, decided by this one.
    pub fn fork(&mut self) -> Self {
        let start = self.next();
        Self { start: self.start, at: start }
    }

    /// One of `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or_default()
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// Any order.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for left in (1..all.len()).rev() {
            all.swap(left, self.below(left + 1));
        }
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.at = self.at.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.at;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Default for Seed {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("again with FAULT_SEED={}", self.start);
        }
    }
}
