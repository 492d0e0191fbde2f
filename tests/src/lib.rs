//! Shared parts of the journeys: a counter with a real till, a real journal, real HTTP and the sandbox behind it; a desktop
//! session in small; the real window; a customer's phone; and the simulation.

pub mod bench;
pub mod browser;
pub mod counter;
pub mod log;
pub mod rights;
pub mod session;
pub mod simulation;
pub mod window;
