//! The numbers that the stage gives out, and its throw-away credentials.

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

/// The WeChat app of every merchant here.
pub(crate) const PRETEND_APP: &str = "wx0000000000000000";

/// The root of all ids of one stage. Without it nobody can guess a phone page's address; with a fixed seed
/// every run gives the same ids.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Ids(String);

impl Ids {
    /// A root from the operating system's random source.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex(&bytes)))
    }

    /// A root that gives the same ids in every run.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(format!("seed {seed}"))
    }

    /// 32 lower-case hex digits, always the same for the same kind and count.
    pub(crate) fn draw(&self, kind: &str, count: u64) -> String {
        hex(&Md5::digest(format!("{}/{kind}/{count}", self.0)))
    }

    /// 24 lower-case hex digits, the shape of the gateway's own numbers in the documents' samples (000:233).
    pub(crate) fn short(&self, kind: &str, count: u64) -> String {
        self.draw(kind, count).chars().take(24).collect()
    }

    /// Decimal digits, the shape of a wallet's own number.
    pub(crate) fn digits(&self, kind: &str, count: u64) -> String {
        self.draw(kind, count).chars().map(|digit| if digit.is_ascii_digit() { digit } else { '7' }).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
