//! The pretend gateways alone.

use super::exit::Exit;
use super::{Session, bad_request, stop};
use crate::premises::practice::fault_of;
use std::net::SocketAddr;
use till_core::error::Refusal;
use till_core::words::Label;
use till_sandbox::{Options, Sandbox};

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

/// Plays until it is asked to end.
pub(super) async fn play(session: &Session, listen: SocketAddr) -> Result<Exit, Refusal> {
    if !listen.ip().is_loopback() {
        return Err(bad_request(session.output.words(HERE_ALONE).replace("{listen}", &listen.to_string())));
    }
    let asked = stop::asked();
    let sandbox = Sandbox::start(Options { listen, ..Options::default() }).await.map_err(|error| fault_of(&error))?;
    session.output.announce(&sandbox.announcement());
    if !session.output.json {
        session.output.note(PLAYING);
    }
    stop::wait(asked).await;
    sandbox.stop().await.map_err(|error| fault_of(&error))?;
    Ok(Exit::Done)
}
