//! Gateways: what each one speaks, as pure functions.

pub mod call;
