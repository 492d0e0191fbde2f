//! The life of an order: the table, the fixed points, the plan, and every event as it is kept.

#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

mod any;
mod events;
mod fixed_points;
mod further;
mod given;
mod golden;
mod life;
mod notified;
mod one_payment;
mod page;
mod payment_codes;
mod plan;
mod proof;
mod refunds;
mod replay;
mod restored;
mod rights;
mod table;
