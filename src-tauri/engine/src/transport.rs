//! The transport seam: one POST, one answer, no retry.

use async_trait::async_trait;
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};

/// Sends a call once.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `call` exactly once and reads the whole answer; any status is an answer.
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer>;
}
