//! The latency ledger, a line for each account and business day.

use super::Session;
use super::exit::Exit;
use till_core::error::Refusal;
use till_core::words::Label;
use till_engine::reading::{LatencyLine, SpanLine};

const NONE: Label = Label::new("这些天没有订单。", "這些日子沒有訂單。", "No orders were made on these days.");
const ORDERS: Label = Label::new("{orders} 单", "{orders} 張訂單", "orders: {orders}");
const ANSWERED: Label = Label::new("请求到回复", "請求至回覆", "request to answer");
const PAINTED: Label = Label::new("请求到出码", "請求至出碼", "request to code");
const PAID: Label = Label::new("出码到付款", "出碼至付款", "code to payment");
const KNOWN: Label = Label::new("付款到收银台得知", "付款至收銀台得知", "payment to till");
const HALF: Label = Label::new(
    "一半在 {p50} 内，95% 在 {p95} 内（{orders} 单）",
    "一半在 {p50} 內，95% 在 {p95} 內（{orders} 張）",
    "half within {p50}, 95% within {p95} ({orders})",
);

pub(super) async fn perform(session: &Session, from: Option<&str>, to: Option<&str>) -> Result<Exit, Refusal> {
    let reading = session.reading().await?;
    let mut lines = 0_u64;
    reading
        .latencies((from, to), |line| {
            lines = lines.saturating_add(1);
            session.output.line(&line, || text(session, &line))
        })
        .await?;
    if lines == 0 && !session.output.json {
        session.output.note(NONE);
    }
    Ok(Exit::Done)
}

fn text(session: &Session, line: &LatencyLine) -> String {
    let words = |label| session.output.words(label);
    let orders = words(ORDERS).replace("{orders}", &line.orders.to_string());
    let mut lines = vec![format!("{}  {}  {orders}", line.day, line.account)];
    for (label, span) in [(ANSWERED, line.answered), (PAINTED, line.painted), (PAID, line.paid), (KNOWN, line.known)] {
        let SpanLine { orders, p50_ms: Some(p50), p95_ms: Some(p95) } = span else { continue };
        let said = words(HALF)
            .replace("{p50}", &seconds(p50))
            .replace("{p95}", &seconds(p95))
            .replace("{orders}", &orders.to_string());
        lines.push(format!("    {}  {said}", words(label)));
    }
    lines.join("\n")
}

/// `0.412 s`.
fn seconds(ms: i64) -> String {
    format!("{}.{:03} s", ms / 1_000, ms % 1_000)
}
