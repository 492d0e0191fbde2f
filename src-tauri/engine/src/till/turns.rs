//! Turns by a key: of two that are about the same thing, the second waits for the first; different ones do not wait for each other.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use tokio::sync::OwnedMutexGuard;

#[derive(Debug)]
pub(super) struct Turns<Key>(Mutex<BTreeMap<Key, Weak<tokio::sync::Mutex<()>>>>);

impl<Key> Default for Turns<Key> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Key: Ord> Turns<Key> {
    /// The turn of `key`, until it is dropped.
    pub(super) async fn of(&self, key: Key) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock();
            turns.retain(|_, turn| turn.strong_count() > 0);
            let taken = turns.get(&key).and_then(Weak::upgrade);
            taken.unwrap_or_else(|| {
                let turn = Arc::new(tokio::sync::Mutex::new(()));
                turns.insert(key, Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn one_of_a_key_at_a_time_and_none_is_kept_that_nobody_has() {
        let turns = Turns::default();
        let first = turns.of("a").await;
        let mut second = Box::pin(turns.of("a"));
        assert!((&mut second).now_or_never().is_none(), "it waits for the first");
        assert!(turns.of("b").now_or_never().is_some(), "another key does not");
        drop(first);
        drop(second.await);
        drop(turns.of("c").await);
        assert_eq!(turns.0.lock().keys().collect::<Vec<_>>(), [&"c"]);
    }
}
