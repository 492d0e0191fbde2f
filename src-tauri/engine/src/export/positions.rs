//! Which events go out, where only those of some orders do.

/// Positions in the journal, one bit each: five million of them are less than a megabyte.
#[derive(Default)]
pub(super) struct Positions(Vec<u64>);

impl Positions {
    fn place(seq: u64) -> (usize, u64) {
        (usize::try_from(seq / 64).unwrap_or(usize::MAX), 1 << (seq % 64))
    }

    pub(super) fn insert(&mut self, seq: u64) {
        let (word, bit) = Self::place(seq);
        if word >= self.0.len() {
            self.0.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    pub(super) fn contains(&self, seq: u64) -> bool {
        let (word, bit) = Self::place(seq);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_held_from_when_it_was_put_there() {
        let mut positions = Positions::default();
        for seq in [1, 63, 64, 65, 5_000_000] {
            assert!(!positions.contains(seq));
            positions.insert(seq);
            assert!(positions.contains(seq));
        }
        let held = (0..6_000_000).filter(|seq| positions.contains(*seq)).count();
        assert_eq!(held, 5);
        assert!(!positions.contains(u64::MAX));
    }
}
