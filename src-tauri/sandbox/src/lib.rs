//! The stage: pretend gateways on loopback, for training mode and tests.
//!
//! The pretend gateways are opponents: as strict as their documents, with signing and wire code of their own, so that a
//! misunderstanding cannot hide on both sides. This crate therefore names neither `till-core` nor `till-engine`.
//!
//! A [`Sandbox`] serves on one address: each gateway under its name (`/pooul/...`), the customer's phone under `/phone`
//! (see [`phone`]), and the control surface under `/control` (see [`control`]). A further gateway is one folder like
//! `pooul`: a router nested in `server.rs`, an announcement, and credentials in `store.rs`.

mod clock;
mod connection;
pub mod control;
mod fault;
mod ids;
pub mod phone;
mod pooul;
mod received;
mod server;
mod stage;
mod store;
mod trade;

pub use control::{Control, ControlError, TradeView};
pub use fault::{Fault, Operation, PlannedFault, Scope};
pub use pooul::{CHANNELS, CurrencyWord, Dialect, TimeWord};
pub use received::Received;
pub use server::{Options, Sandbox, SandboxError};
pub use stage::{Down, Settings};
pub use trade::{Trade, TradeState};
