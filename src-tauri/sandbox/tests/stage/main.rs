//! The stage over real HTTP, as a till and a customer meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the shop's own functions are tests too"
)]

mod blueocean;
mod dingdang;
mod faults;
mod journey;
mod jubao;
mod keeping;
mod notifications;
mod payment_codes;
mod phone;
mod refunds;
mod shop;
mod strictness;
