//! The till among seams of the test's own, on a clock that jumps.

mod accounts;
mod asking;
mod clock;
mod customers;
mod finding;
mod leaving;
mod machine;
mod notified;
mod pacing;
mod payment_codes;
mod people;
mod receiving;
mod refunds;
mod refusing;
mod restored;
mod retention;
mod rights;
mod signing;
mod storing;
mod today;
mod unreadable;
