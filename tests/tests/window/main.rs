//! The real window through WebDriver: what a cashier and a customer see, and what they must never see.

mod appearance;
mod customer;
mod expiry;
mod gateways;
mod leaving;
mod matters;
mod monitors;
mod orders;
mod people;
mod pictures;
mod refunds;
mod restart;
mod rights;
mod scanner;
mod secrets;
mod selling;
mod settings;
mod training;
mod trouble;
