//! The life of an order.

pub mod report;
