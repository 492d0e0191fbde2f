//! Work that blocks, on a thread that may.

use tokio::task::{JoinError, JoinHandle};

/// Does `work` on a thread that may block. An error says that it panicked.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    heard(tokio::task::spawn_blocking(work)).await
}

/// Nobody takes back what was begun here but a runtime that ends, and whoever waits ends with it: that is no fault.
async fn heard<T>(work: JoinHandle<T>) -> Result<T, JoinError> {
    match work.await {
        Err(ended) if ended.is_cancelled() => std::future::pending().await,
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::runtime::Builder;

    #[test]
    fn work_that_an_ended_runtime_did_not_begin_is_no_fault() {
        let ended = Builder::new_current_thread().build().unwrap();
        let handle = ended.handle().clone();
        ended.shutdown_background();
        let work = handle.spawn_blocking(|| 1);
        assert!(heard(work).now_or_never().is_none(), "whoever waits is told nothing");
    }

    #[tokio::test]
    async fn a_panic_is_a_fault_and_what_was_done_is_given_back() {
        assert_eq!(off_thread(|| 1).await.unwrap(), 1);
        assert!(off_thread(|| panic!("on purpose")).await.unwrap_err().is_panic());
    }
}
