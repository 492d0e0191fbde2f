//! The stage: pretend gateways on loopback, for training mode and tests.
