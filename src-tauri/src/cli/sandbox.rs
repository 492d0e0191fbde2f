//! The pretend gateways alone.

use super::exit::Exit;
use super::{Session, bad_request, stop};
use crate::premises::practice::fault_of;
use std::net::SocketAddr;
use till_core::error::Refusal;
use till_core::words::Label;
use till_sandbox::{Options, Sandbox, SandboxError};

const PLAYING: Label = Label::new(
    "练习用的网关已启动，不会有真钱。按 Ctrl-C 结束。",
    "練習用的網關已啟動，不涉及真錢。按 Ctrl-C 結束。",
    "The pretend gateways are running; no real money is involved. Press Ctrl-C to end.",
);

const HERE_ALONE: Label = Label::new(
    "--listen {listen}：练习用的网关只供这台电脑使用，请用 127.0.0.1:端口。",
    "--listen {listen}：練習用的網關只供這部電腦使用，請用 127.0.0.1:埠號。",
    "--listen {listen}: the pretend gateways are for this computer alone; take 127.0.0.1:PORT.",
);

const TAKEN: Label = Label::new(
    "--listen {listen}：这个端口不能用（{cause}）。请换一个，或用 0 由系统挑选。",
    "--listen {listen}：這個埠號不能使用（{cause}）。請換一個，或用 0 由系統挑選。",
    "--listen {listen}: this port cannot be had ({cause}). Take another one, or 0 for any that is free.",
);

/// Plays until it is asked to end.
pub(super) async fn play(session: &Session, listen: SocketAddr) -> Result<Exit, Refusal> {
    if !listen.ip().is_loopback() {
        return Err(bad_request(session.output.words(HERE_ALONE).replace("{listen}", &listen.to_string())));
    }
    let asked = stop::asked();
    let started = Sandbox::start(Options { listen, ..Options::default() }).await;
    let sandbox = started.map_err(|error| match error {
        SandboxError::Listen { addr, source } => {
            let said = session.output.words(TAKEN).replace("{listen}", &addr.to_string());
            bad_request(said.replace("{cause}", &source.to_string()))
        }
        other => fault_of(&other),
    })?;
    session.output.announce(&sandbox.announcement());
    if !session.output.json {
        session.output.note(PLAYING);
    }
    stop::wait(asked).await;
    sandbox.stop().await.map_err(|error| fault_of(&error))?;
    Ok(Exit::Done)
}
