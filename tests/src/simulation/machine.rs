//! The machine's clocks and its source of chance, as seams.

use super::world::Stage;
use async_trait::async_trait;
use till_core::time::Moment;
use till_engine::clock::Clock;
use till_engine::randomness::{Randomness, RandomnessFault};

/// Both clocks of the simulated machine: in China, where no clock is set twice a year.
pub struct SimClock(pub Stage);

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> Moment {
        let world = self.0.now();
        Moment { wall: world.wall(), boot: world.boot() }
    }

    fn offset_minutes(&self, _wall: i64) -> i16 {
        480
    }

    async fn sleep_until(&self, boot: i64) {
        let at = {
            let world = self.0.now();
            let left = boot.saturating_sub(world.boot());
            if left <= 0 {
                return;
            }
            world.now.saturating_add(left.min(400 * super::world::D))
        };
        self.0.until(at).await;
    }
}

/// The simulated machine's random bytes.
pub struct SimChance(pub Stage);

impl Randomness for SimChance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFault> {
        let mut world = self.0.still();
        for chunk in bytes.chunks_mut(8) {
            let number = world.drawn.number().to_be_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}
