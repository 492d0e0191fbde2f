//! What happens at a till: the journal file, HTTP, the keyring, the clock and the poller.
//!
//! The engine runs without a window. It holds no rule about money or rights: it asks `till_core`.

pub mod backup;
pub mod bundle;
pub mod clock;
pub mod day_head;
pub mod doctor;
pub mod export;
pub mod journal;
pub mod keyring;
pub mod lock;
pub mod log;
mod off_thread;
pub mod randomness;
pub mod reading;
pub mod received;
pub mod receiver;
pub mod request;
pub mod seal;
pub mod settings;
pub mod socket;
pub mod storage;
pub mod till;
pub mod transport;
pub mod view;
mod whole_file;
