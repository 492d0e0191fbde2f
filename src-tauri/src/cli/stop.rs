//! Being asked to end: Ctrl-C, or the system's word for it.

use tokio::sync::watch;

/// Becomes true when somebody asks the process to end. From the first call on, being asked no longer ends it at once.
pub(super) fn asked() -> watch::Receiver<bool> {
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        if signal().await.is_ok() {
            tell.send_replace(true);
        }
        // A system without signals never asks; the receiver must not take that for an end.
        tell.closed().await;
    });
    told
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Returns when it has become true.
pub(super) async fn wait(mut asked: watch::Receiver<bool>) {
    if asked.wait_for(|asked| *asked).await.is_err() {
        std::future::pending::<()>().await;
    }
}
