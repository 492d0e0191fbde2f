//! The stage: pretend gateways on loopback, for training mode and tests.
//!
//! The pretend gateways are opponents: as strict as their documents, with signing and wire code of their own, so that a
//! misunderstanding cannot hide on both sides. This crate therefore names neither `till-core` nor `till-engine`.
//!
//! A [`Sandbox`] serves on one address: each gateway under its name (`/pooul/...`), the customer's phone under `/phone`
//! (see [`phone`]), and the control surface under `/control` (see [`control`]). A further gateway is one folder like
//! `pooul`: how it speaks (a `Gateway` of `exchange.rs`), a router nested in `server.rs`, an announcement, and credentials
//! in `store.rs`.

mod answer;
mod blueocean;
mod clock;
mod connection;
pub mod control;
mod dialect;
mod dingdang;
mod exchange;
mod fault;
mod fields;
mod ids;
mod jubao;
mod notify;
mod official_account;
pub mod phone;
mod pooul;
mod received;
mod refund;
mod server;
mod stage;
mod store;
mod trade;
mod wallet;

pub use control::{Control, ControlError, TradeView};
pub use dialect::{CurrencyWord, Dialect, TimeWord};
pub use dingdang::Speech;
pub use fault::{Fault, Operation, PlannedFault, Scope};
pub use notify::{Notifications, Notified};
pub use pooul::CHANNELS;
pub use received::Received;
pub use refund::{Refund, RefundState};
pub use server::{Options, Sandbox, SandboxError};
pub use stage::{Down, Settings};
pub use store::{Merchants, Remembered};
pub use trade::{Item, Trade, TradeState};
pub use wallet::{Manner, PaymentCode, Purse};
