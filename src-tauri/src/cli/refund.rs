//! Giving money back: a line at each change.

use super::arguments::Refund;
use super::engine::{self, Followed};
use super::exit::Exit;
use super::{Session, order, trouble};
use till_core::error::{Code, Refusal};
use till_core::money::{Currency, Money};
use till_core::order::event;
use till_core::order::refund::RefundState;
use till_core::order::sale::lines_minor;
use till_core::words::{Label, Language};
use till_engine::request::{Reply, Request};
use till_engine::view::Item;
use till_engine::view::refunds::{RefundRequest, RefundView};

const LEFT_OPEN: Label = Label::new(
    "不再等待。退款仍在进行：正在运行的收银台会继续查询；没有的话，下次启动时继续。",
    "不再等候。退款仍在進行：運行中的收銀台會繼續查詢；如沒有，下次啟動時繼續。",
    "No longer waiting. The refund goes on: a till that is running goes on asking about it, or else the next one that is started.",
);

const AGAIN: Label = Label::new(
    "网关没有收到这次发送：可以用 --again 以同一编号重发，不会退两次。",
    "網關沒有收到這次發送：可以用 --again 以同一編號重發，不會退兩次。",
    "The gateway shows no sign of this sending: --again sends it once more under its own number, and cannot give back twice.",
);

const NOT_FINAL: Label = Label::new(
    "网关说没有退成，还不算数：更早发出的一次没有应答，{time} 之前还可能退成。金额先留着，收银台继续查询。",
    "網關表示未能退成，尚未作準：較早送出的一次沒有回應，{time} 之前仍可能退成。金額先留著，收銀台會繼續查詢。",
    "The gateway says that it failed, which is not final: an earlier sending was never answered and could still go through until \
     {time}. The amount stays set aside, and the till goes on asking.",
);

/// Gives money back, and watches unless told not to.
pub(super) async fn refund(session: &Session, asked: Refund) -> Result<Exit, Refusal> {
    let (wait, order_no) = (!asked.no_wait, order::full(&asked.order_no));
    let number = |refund_no: String| refund_no.trim().to_uppercase();
    let withdraws = asked.withdraw.is_some();
    let request = match (asked.again, asked.withdraw) {
        (Some(refund_no), _) => Request::RefundAgain { order_no, refund_no: number(refund_no), wait },
        (None, Some(refund_no)) => Request::WithdrawRefund { order_no, refund_no: number(refund_no) },
        (None, None) => {
            let (amount, reason, items) = (amount(asked.amount, &asked.items)?, asked.reason, asked.items);
            Request::Refund { refund: RefundRequest { order_no, amount, reason, items }, wait }
        }
    };
    let mut last: Option<RefundView> = None;
    let output = &session.output;
    let followed = engine::ask(session, request, |reply| {
        if let Reply::Refund(refund) = reply {
            output.line(&refund, || line(&refund, output.language));
            last = Some(*refund);
        }
    })
    .await?;
    if followed == Followed::Stopped {
        output.note(LEFT_OPEN);
    } else if last.as_ref().is_some_and(did_not_arrive) {
        output.note(AGAIN);
    }
    Ok(match last {
        Some(refund) if withdraws && refund.state == RefundState::Withdrawn => Exit::Done,
        Some(refund) if wait => Exit::refunded(refund.state),
        Some(refund) => Exit::accepted(refund.state),
        None => Exit::NotYet,
    })
}

/// How much goes back. Left out, it is what the lines come to, or without any everything that is left; given without a digit in
/// it, it is a mistake.
fn amount(given: Option<String>, lines: &[Item]) -> Result<String, Refusal> {
    match given {
        Some(amount) if amount.trim().is_empty() => Err(Refusal::of(Code::AmountEmpty)),
        Some(amount) => Ok(amount),
        None if lines.is_empty() => Ok(String::new()),
        None => {
            let lines: Vec<event::Item> = lines.iter().map(Into::into).collect();
            let minor = lines_minor(&lines).ok_or_else(|| Refusal::of(Code::RefundLinesDoNotAddUp))?;
            // An amount is written alike in every currency.
            Ok(Money { minor, currency: Currency::Cny }.to_string())
        }
    }
}

/// The gateway knows nothing of it: of one that it says failed another sentence is told.
fn did_not_arrive(refund: &RefundView) -> bool {
    refund.can_send_again == Some(true) && !refund.state.has_ended() && refund.may_succeed_until.is_none()
}

/// A refund on one line, and below it what its gateway said of it.
pub(super) fn line(refund: &RefundView, language: Language) -> String {
    let line = format!(
        "{}  {:>10} {}  {}  {}",
        refund.refund_no,
        refund.amount,
        refund.currency,
        refund.state.label().in_language(language),
        refund.reason
    );
    let not_final = |until: &String| NOT_FINAL.in_language(language).replace("{time}", until);
    let below = refund.said.iter().map(|said| trouble::quoted(said, language));
    below.chain(refund.may_succeed_until.iter().map(not_final)).fold(line, |line, below| format!("{line}\n{below}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_amount_the_lines_say_how_much_and_without_lines_everything_goes_back() {
        let line = |amount_minor| Item { id: "tea".to_owned(), quantity: 1, amount_minor };
        let of = |given: Option<&str>, lines: &[Item]| {
            amount(given.map(str::to_owned), lines).map_err(|refusal| refusal.code)
        };
        assert_eq!(of(None, &[line(1_000), line(250)]), Ok("12.50".to_owned()));
        assert_eq!(of(None, &[]), Ok(String::new()));
        assert_eq!(of(Some("2.50"), &[line(1_000)]), Ok("2.50".to_owned()), "the engine adds up");
        assert_eq!(of(Some(" "), &[line(250)]), Err(Code::AmountEmpty));
        assert_eq!(of(None, &[line(i64::MAX), line(1)]), Err(Code::RefundLinesDoNotAddUp));
    }
}
