//! The randomness seam.

/// The system's random source did not answer. Nothing may go on with bytes that are not random.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes from the system: {0}")]
pub struct RandomnessFault(pub String);

/// A source of random bytes.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` whole. After a fault their content must not be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFault>;
}

/// The operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineRandomness;

impl Randomness for MachineRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFault> {
        getrandom::fill(bytes).map_err(|error| RandomnessFault(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fillings_of_the_same_buffer_differ_in_every_quarter() {
        let (mut first, mut second) = ([0_u8; 64], [0_u8; 64]);
        MachineRandomness.fill(&mut first).unwrap();
        MachineRandomness.fill(&mut second).unwrap();
        for quarter in 0..4 {
            let part = quarter * 16..(quarter + 1) * 16;
            assert_ne!(first[part.clone()], [0; 16]);
            assert_ne!(first[part.clone()], second[part]);
        }
    }
}
