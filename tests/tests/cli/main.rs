//! The command line as a real program: real processes, real folders, real signals, the stage as the gateway.

mod backup;
mod beside;
mod bundle;
mod evidence;
mod exporting;
mod gateways;
mod journal;
mod keyring;
mod kill;
mod latency;
mod machine;
mod people;
mod receiver;
mod rights;
mod selling;
mod shop;
mod steps;
mod terminal;
mod unwritten;
mod wording;
