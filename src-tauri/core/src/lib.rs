//! What is true at a till: money, orders, rights and the gateways' wire formats.
//!
//! Pure. Nothing here reads a clock, a random source or a file, and nothing here knows of windows, sockets or databases.

#![deny(clippy::float_arithmetic)]

pub mod account;
pub mod catalogue;
pub mod error;
pub mod foreign;
pub mod gateway;
pub mod journal;
pub mod limits;
pub mod money;
pub mod number;
pub mod operator;
pub mod order;
pub mod rights;
pub mod time;
pub mod words;
