//! What every gateway of the registry must hold, over recorded exchanges and what an opponent makes of them.
//!
//! A new gateway adds a folder of recorded exchanges, a [`kit::Kit`] and a line in [`kit::KITS`]; every test of
//! `offers`, `rules`, `forms` and `mutation` then runs for it. One that notifies is among [`notifications::senders::SENDERS`], too.
//! Signing is written here a second time, so that a misunderstanding cannot hide on both sides.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::as_conversions)]

mod blueocean;
mod chance;
mod changes;
mod dingdang;
mod exchange;
mod forms;
mod given;
mod jubao;
mod kit;
mod mutation;
mod mutation_of_notifications;
mod notifications;
mod offers;
mod pooul;
mod reading;
mod rules;
