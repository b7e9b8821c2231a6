//! Decisions out of bytes: the same bytes always decide the same, fewer bytes decide for something simpler, and when none are
//! left every decision is the plainest. So a random generator, a fuzzer and a shrinking test can all decide through it.

pub struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// A number below `limit`; 0 is the plainest.
    pub fn below(&mut self, limit: usize) -> usize {
        let mut take = || match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                usize::from(*first)
            }
            None => 0,
        };
        let mut number = take();
        if limit > 256 {
            number = number << 16 | take() << 8 | take();
        }
        number % limit.max(1)
    }

    /// A number from `lowest` on to `highest`.
    pub fn between(&mut self, lowest: usize, highest: usize) -> usize {
        lowest + self.below(highest - lowest + 1)
    }

    /// True in one of so many cases.
    pub fn one_in(&mut self, cases: usize) -> bool {
        self.below(cases) == cases - 1
    }

    /// One of these, of which the first is the plainest.
    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// As many bytes as a spec needs, from a seed: SplitMix64, the same on every machine.
pub fn bytes_of(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}
