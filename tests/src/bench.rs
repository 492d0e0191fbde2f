//! Measurements beside their limits: polling, PINs, the ways from Enter to a painted code, from a scan to the gateway and from a
//! notification to the screen, many notifications, a siege of the receiver, the start and the memory of the window, a year's
//! journal.
//!
//! Nothing is measured by the code that is measured: times come from the gateway's side, from the seams of the engine, and
//! from the page's own marks; CPU and memory come from the system.

pub mod burst;
pub mod gateway;
pub mod inbound;
pub mod journal;
pub mod launch;
pub mod memory;
pub mod parts;
pub mod people;
mod place;
pub mod polling;
pub mod proxy;
pub mod report;
pub mod sale;
pub mod scan;
pub mod siege;
pub mod start;
pub mod supervise;
pub mod till;
