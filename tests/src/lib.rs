//! Shared parts of the journeys: a counter with a real till, a real journal, real HTTP and the sandbox behind it.

pub mod counter;
