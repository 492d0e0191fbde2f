//! One HTTP exchange, as data. Core builds calls and reads answers; it never sends.

use std::fmt;

/// A request that is ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpCall {
    /// Absolute address, `https` or, to loopback only, `http`.
    pub url: String,
    /// Media type of the body. The method is always POST.
    pub content_type: &'static str,
    /// Further headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The exact bytes that were signed.
    pub body: Vec<u8>,
}

/// A body can hold a customer's data: it is counted, never printed.
impl fmt::Debug for HttpCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCall").field("url", &self.url).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// What came back, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body, at most [`BODY_LIMIT`] bytes.
    pub body: Vec<u8>,
    /// The gateway's `Date` header as UTC seconds since 1970.
    pub date: Option<i64>,
    /// `Retry-After` in seconds, from now.
    pub retry_after: Option<u32>,
    /// The `Authorization` header, where a gateway signs its replies in it.
    pub authorization: Option<String>,
}

impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAnswer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("date", &self.date)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

/// The largest body that is read, in bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// Why no answer came. Whether the request arrived is unknown in every case but [`NoAnswer::NotSent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// Refused before a byte left: a bad address, or plain `http` to a host that is not loopback.
    NotSent,
    /// No connection, or it was lost.
    Unreachable,
    /// The deadline passed, of the answer or of the connection.
    TimedOut,
    /// The body was larger than [`BODY_LIMIT`].
    TooLarge,
    /// The certificate was not accepted.
    Untrusted,
}
