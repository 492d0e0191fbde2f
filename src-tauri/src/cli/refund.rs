//! Giving money back: a line at each change.

use super::arguments::Refund;
use super::engine::{self, Followed};
use super::exit::Exit;
use super::{Session, order, trouble};
use till_core::error::{Code, Refusal};
use till_core::foreign::one_line;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::money::{Currency, Money};
use till_core::order::event;
use till_core::order::refund::RefundState;
use till_core::order::sale::lines_minor;
use till_core::words::{Label, Language};
use till_engine::request::{Reply, Request};
use till_engine::view::refunds::{RefundRequest, RefundView};
use till_engine::view::{Item, Trouble};

const LEFT_OPEN: Label = Label::new(
    "不再等待。退款仍在进行：正在运行的收银台会继续查询；没有的话，下次启动时继续。",
    "不再等候。退款仍在進行：運行中的收銀台會繼續查詢；如沒有，下次啟動時繼續。",
    "No longer waiting. The refund goes on: a till that is running goes on asking about it, or else the next one that is started.",
);

const NOT_SEEN_TO_BEGIN: Label = Label::new(
    "不再等待。还没有看到退款开始；再试之前，请用 order show 看这张订单有没有这笔退款。",
    "不再等候。尚未看到退款開始；再試之前，請用 order show 看這張訂單有沒有這筆退款。",
    "No longer waiting. No refund was seen to begin: before you try again, see with order show whether the order has one.",
);

const NOT_SEEN_TO_GO_AGAIN: Label = Label::new(
    "不再等待。退款 {refund_no} 有没有再次发出，还不知道：请用 refunds --number {refund_no} 看它的状态和最近一次提出的时间\
     （加 --json 还有最近一次发出的时间 sent_at）。看清之前，不要用别的办法退这笔钱。",
    "不再等候。退款 {refund_no} 有否再次送出，尚未知道：請用 refunds --number {refund_no} 看它的狀態和最近一次提出的時間\
     （加 --json 亦有最近一次送出的時間 sent_at）。看清之前，切勿以其他方式退這筆款項。",
    "No longer waiting. Whether refund {refund_no} goes out again is not known: see with refunds --number {refund_no} how it stands and when \
     it was last asked for (with --json also when it last left, sent_at). Do not give this money back another way meanwhile.",
);

const NOT_SEEN_TO_BE_TAKEN_BACK: Label = Label::new(
    "不再等待。退款 {refund_no} 有没有撤回，还不知道：请用 refunds --number {refund_no} 看它的状态。",
    "不再等候。退款 {refund_no} 有否撤回，尚未知道：請用 refunds --number {refund_no} 看它的狀態。",
    "No longer waiting. Whether refund {refund_no} was taken back is not known: see with refunds --number {refund_no} how it stands.",
);

const UNKNOWN_THERE: Label =
    Label::new("网关说没有这笔退款。", "網關表示沒有這筆退款。", "The gateway says that it does not know this refund.");

const REFUSED_AND_UNKNOWN_THERE: Label = Label::new(
    "这次发送，网关回答了错误 {code}；查询时，它说没有这笔退款。",
    "這次送出，網關回覆了錯誤 {code}；查詢時，它表示沒有這筆退款。",
    "The gateway answered this sending with error {code}, and then says that it does not know this refund.",
);

/// Of a gateway with one word for every error.
const ERROR_THERE: Label = Label::new(
    "查询这笔退款时，网关回答了错误 {code}。它的错误都是这个词，所以不知道它有没有这笔退款。",
    "查詢這筆退款時，網關回覆了錯誤 {code}。它的錯誤都是這個字，所以不知道它有否這筆退款。",
    "The gateway answers the question about this refund with error {code}, its word for every error: whether it knows the refund is not \
     known.",
);

const AGAIN: Label = Label::new(
    "可以用 --again 以同一编号再发一次：会记住编号的网关，同一编号只退一次。",
    "可以用 --again 以同一編號再送一次：會記住編號的網關，同一編號只退一次。",
    "--again sends it once more under the same number, which a gateway that keeps its numbers carries out once.",
);

const FAILED_AGAIN: Label = Label::new(
    "这笔钱没有退成。--again {refund_no} 以同一编号再发一次。",
    "這筆款項未能退回。--again {refund_no} 以同一編號再送一次。",
    "This money did not go back. --again {refund_no} sends it once more under its number.",
);

const FAILED_ANEW: Label = Label::new(
    "这笔钱没有退成。这个网关的编号只能用一次：请重新做一笔退款，编号是新的。",
    "這筆款項未能退回。這個網關的編號只可用一次：請重新做一筆退款，編號是新的。",
    "This money did not go back. This gateway takes no number twice: refund it anew, under a new number.",
);

const NOT_FINAL: Label = Label::new(
    "网关说没有退成，还不算数：更早发出的一次没有应答，{time} 之前还可能退成。金额先留着，收银台继续查询。",
    "網關表示未能退成，尚未作準：較早送出的一次沒有回應，{time} 之前仍可能退成。金額先留著，收銀台會繼續查詢。",
    "The gateway says that it failed, which is not final: an earlier sending was never answered and could still go through until \
     {time}. The amount stays set aside, and the till goes on asking.",
);

const NOT_KNOWN: Label = Label::new(
    "网关说没有这笔退款（代码 {code}）。",
    "網關表示沒有這筆退款（代碼 {code}）。",
    "The gateway says that it does not know this refund (code {code}).",
);

const OUTCOME_UNKNOWN: Label = Label::new(
    "退款 {refund_no} 有没有退成，还不知道：不要用别的办法退这笔钱。正在运行的收银台会继续查询；没有的话，下次启动时继续。\
     用 refunds --number {refund_no} 看它的状态。",
    "退款 {refund_no} 有否退成，尚未知道：切勿以其他方式退這筆款項。運行中的收銀台會繼續查詢；如沒有，下次啟動時繼續。\
     用 refunds --number {refund_no} 看它的狀態。",
    "Whether refund {refund_no} went through is not known: do not give this money back another way. A till that is running goes on \
     asking about it, or else the next one that is started. See with refunds --number {refund_no} how it stands.",
);

/// What is wanted of a refund; one that is there already is named.
enum Wish {
    New,
    Again(String),
    Withdrawal(String),
}

/// Gives money back, and watches unless told not to.
pub(super) async fn refund(session: &Session, asked: Refund) -> Result<Exit, Refusal> {
    let (wait, order_no) = (!asked.no_wait, order::full(&asked.order_no));
    let number = |refund_no: String| refund_no.trim().to_uppercase();
    let wish = match (asked.again, asked.withdraw) {
        (Some(refund_no), _) => Wish::Again(number(refund_no)),
        (None, Some(refund_no)) => Wish::Withdrawal(number(refund_no)),
        (None, None) => Wish::New,
    };
    let request = match &wish {
        Wish::Again(refund_no) => Request::RefundAgain { order_no, refund_no: refund_no.clone(), wait },
        Wish::Withdrawal(refund_no) => Request::WithdrawRefund { order_no, refund_no: refund_no.clone() },
        Wish::New => {
            let (amount, reason, items) = (amount(asked.amount, &asked.items)?, asked.reason, asked.items);
            Request::Refund { refund: RefundRequest { order_no, amount, reason, items }, wait }
        }
    };
    let (mut last, mut raised): (Option<RefundView>, bool) = (None, false);
    let output = &session.output;
    let followed = engine::ask(session, request, |reply| {
        if let Reply::Refund(refund) = reply {
            output.line(&refund, || line(&refund, output.language));
            last = Some(*refund);
        } else if let Reply::Raised(attention) = reply
            && !raised
        {
            raised = true;
            output.aside(&format!("  {} {}", output.words(attention.label()), output.words(attention.next())));
        }
    })
    .await?;
    if followed == Followed::Stopped {
        if let Some(said) = no_longer_waiting(&wish, last.as_ref().map(|refund| refund.state), output.language) {
            output.aside(&said);
        }
    } else if let Some(said) = last.as_ref().and_then(|refund| without_outcome(refund, wait, output.language)) {
        output.aside(&said);
    }
    Ok(match last {
        Some(refund) if matches!(wish, Wish::Withdrawal(_)) && refund.state == RefundState::Withdrawn => Exit::Done,
        Some(refund) if wait => Exit::refunded(refund.state),
        Some(refund) => Exit::accepted(refund.state),
        None => Exit::NotYet,
    })
}

/// What whoever stops waiting is told, by what they wanted and the state that was seen last; nothing of one that was seen to end.
fn no_longer_waiting(wish: &Wish, seen: Option<RefundState>, language: Language) -> Option<String> {
    let (label, refund_no) = match (wish, seen) {
        (_, Some(state)) if state.has_ended() => return None,
        (Wish::New | Wish::Again(_), Some(_)) => (LEFT_OPEN, ""),
        (Wish::New, None) => (NOT_SEEN_TO_BEGIN, ""),
        (Wish::Again(refund_no), None) => (NOT_SEEN_TO_GO_AGAIN, refund_no.as_str()),
        (Wish::Withdrawal(refund_no), _) => (NOT_SEEN_TO_BE_TAKEN_BACK, refund_no.as_str()),
    };
    Some(label.in_language(language).replace("{refund_no}", &one_line(refund_no)))
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

/// What is told of a refund that was seen last without an outcome: that it may be sent again or, where nobody waits for it, who asks on.
fn without_outcome(refund: &RefundView, wait: bool, language: Language) -> Option<String> {
    if did_not_arrive(refund) {
        return Some(may_be_sent_again(refund, language));
    }
    let left = !wait && refund.state == RefundState::Unknown;
    left.then(|| OUTCOME_UNKNOWN.in_language(language).replace("{refund_no}", &refund.refund_no))
}

/// The gateway knows nothing of it: of one that it says failed another sentence is told.
fn did_not_arrive(refund: &RefundView) -> bool {
    refund.can_send_again == Some(true) && !refund.state.has_ended() && refund.may_succeed_until.is_none()
}

/// Why a refund without an outcome may be sent again, and what that does: no more than the gateway said.
fn may_be_sent_again(refund: &RefundView, language: Language) -> String {
    let words = |label: Label, code: &str| label.in_language(language).replace("{code}", &one_line(code));
    let why = match (&refund.trouble, &refund.said) {
        (Some(Trouble::Said(said)), _) if said.reaction != Reaction::NoSuchOrder => words(ERROR_THERE, &said.code),
        (_, Some(said)) => words(REFUSED_AND_UNKNOWN_THERE, &said.code),
        (_, None) => words(UNKNOWN_THERE, ""),
    };
    let gap = if language == Language::En { " " } else { "" };
    format!("{why}{gap}{}", AGAIN.in_language(language))
}

/// How a refund that failed is tried once more, where it can be now.
fn after_a_failure(refund: &RefundView, language: Language) -> Option<String> {
    let again = refund.state == RefundState::Failed && refund.can_send_again == Some(true);
    let label = again.then_some(FAILED_AGAIN).or(refund.can_be_made_anew.then_some(FAILED_ANEW))?;
    Some(label.in_language(language).replace("{refund_no}", &refund.refund_no))
}

/// What the last question about a refund brought instead of an answer.
fn met(trouble: &Trouble, language: Language) -> String {
    if let Trouble::Said(Said { reaction: Reaction::NoSuchOrder, code, text: _ }) = trouble {
        return NOT_KNOWN.in_language(language).replace("{code}", &one_line(code));
    }
    trouble::text(trouble, language)
}

/// A refund on one line, and below it what its gateway said of it.
pub(super) fn line(refund: &RefundView, language: Language) -> String {
    let line = format!(
        "{}  {:>10} {}  {}  {}",
        refund.refund_no,
        refund.amount,
        refund.currency,
        refund.state.label().in_language(language),
        one_line(&refund.reason)
    );
    with_said(line, refund, language)
}

/// A line with what the gateway said of the refund below it.
pub(super) fn with_said(line: String, refund: &RefundView, language: Language) -> String {
    let not_final = |until: &String| NOT_FINAL.in_language(language).replace("{time}", until);
    let in_doubt = !refund.state.has_ended();
    let quoted =
        |said| if in_doubt { trouble::quoted_in_doubt(said, language) } else { trouble::quoted(said, language) };
    let said = refund.said.iter().map(quoted);
    let met = refund.trouble.iter().map(|trouble| met(trouble, language));
    let below = said.chain(met).chain(refund.may_succeed_until.iter().map(not_final));
    let below = below.chain(after_a_failure(refund, language));
    below.fold(line, |line, below| format!("{line}\n{below}"))
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

    #[test]
    fn below_a_refund_stands_whether_the_last_question_was_answered_and_with_what() {
        let unknown_there = Trouble::Said(Said::new(Reaction::NoSuchOrder, "301", Some("order {code} not found")));
        let busy = Trouble::Said(Said::new(Reaction::Busy, "999", None));
        let in_english = "The gateway says that it does not know this refund (code 301).";
        for (trouble, language, expected) in [
            (None, Language::En, None),
            (Some(&unknown_there), Language::En, Some(in_english)),
            (Some(&unknown_there), Language::ZhCn, Some("网关说没有这笔退款（代码 301）。")),
            (Some(&unknown_there), Language::ZhHk, Some("網關表示沒有這筆退款（代碼 301）。")),
            (Some(&Trouble::TimedOut), Language::En, Some(trouble::TIMED_OUT.en)),
            (Some(&busy), Language::En, Some(trouble::text(&busy, Language::En).as_str())),
        ] {
            let refund = serde_json::json!({
                "refund_no": "TR1", "order_no": "TK1", "account": "main", "channel": "wechat.scan", "amount": "2.50",
                "amount_minor": 250, "currency": "CNY", "state": "unknown", "reason": "", "by": "Lin", "items": [],
                "requested_at": "2026-01-05T10:42:00+08:00", "unanswered": 1, "trouble": trouble,
                "can_be_made_anew": false, "can_withdraw": false, "can_be_marked": false,
            });
            let refund: RefundView = serde_json::from_value(refund).unwrap();
            assert_eq!(line(&refund, language).lines().nth(1), expected);
        }
    }

    const LANGUAGES: [Language; 3] = [Language::En, Language::ZhCn, Language::ZhHk];

    fn refund_that(state: RefundState, said: Option<&Said>, trouble: Option<&Trouble>) -> RefundView {
        let refund = serde_json::json!({
            "refund_no": "TR1", "order_no": "TK1", "account": "main", "channel": "wechat.scan", "amount": "2.50",
            "amount_minor": 250, "currency": "CNY", "state": state, "reason": "", "by": "Lin", "items": [],
            "requested_at": "2026-01-05T10:42:00+08:00", "unanswered": 1, "said": said, "trouble": trouble,
            "can_be_made_anew": false, "can_withdraw": false, "can_be_marked": false,
        });
        serde_json::from_value(refund).unwrap()
    }

    #[test]
    fn whoever_stops_waiting_is_told_of_what_they_wanted_and_of_no_refund_that_did_not_begin() {
        let (again, withdrawal) = (Wish::Again("TR1".to_owned()), Wish::Withdrawal("TR1".to_owned()));
        for language in LANGUAGES {
            let told = |wish: &Wish, seen| no_longer_waiting(wish, seen, language);
            let (open, unseen) = (LEFT_OPEN.in_language(language), NOT_SEEN_TO_BEGIN.in_language(language));
            assert_eq!(told(&Wish::New, None).as_deref(), Some(unseen));
            let named = |label: Label| Some(label.in_language(language).replace("{refund_no}", "TR1"));
            assert_eq!(told(&again, None), named(NOT_SEEN_TO_GO_AGAIN));
            for wish in [&Wish::New, &again] {
                assert_eq!(told(wish, Some(RefundState::Sent)).as_deref(), Some(open));
            }
            for seen in [None, Some(RefundState::Requested)] {
                assert_eq!(told(&withdrawal, seen), named(NOT_SEEN_TO_BE_TAKEN_BACK), "{seen:?}");
            }
            for wish in [&again, &withdrawal] {
                let said = told(wish, None).unwrap();
                assert!(said.contains("refunds --number TR1") && !said.contains(['{', '}']), "{said}");
            }
            assert_eq!(told(&withdrawal, Some(RefundState::Withdrawn)), None);
            assert_eq!(told(&again, Some(RefundState::Succeeded)), None);
        }
        let said = no_longer_waiting(&again, None, Language::En).unwrap();
        for part in ["how it stands and when it was last asked for", "Do not give this money back another way"] {
            assert!(said.contains(part) && !said.contains("No refund"), "{said}");
        }
    }

    #[test]
    fn that_a_refund_may_be_sent_again_is_said_with_what_the_gateway_said_and_promises_no_more() {
        let unknown_there = Trouble::Said(Said::new(Reaction::NoSuchOrder, "301", None));
        let fail = Trouble::Said(Said::new(Reaction::Ask, "FAIL", None));
        let refused = Said::new(Reaction::Upstream, "600", None);
        for (said, met, told) in [
            (None, &unknown_there, "The gateway says that it does not know this refund."),
            (Some(&refused), &unknown_there, "answered this sending with error 600"),
            (None, &fail, "with error FAIL, its word for every error"),
        ] {
            let refund = refund_that(RefundState::Unknown, said, Some(met));
            for language in LANGUAGES {
                let text = may_be_sent_again(&refund, language);
                assert!(text.ends_with(AGAIN.in_language(language)) && !text.contains('{'), "{text}");
                let promises = ["give back twice", "不会退两次", "不會退兩次", "没有收到", "沒有收到"];
                assert!(promises.iter().all(|promise| !text.contains(promise)), "{text}");
            }
            assert!(may_be_sent_again(&refund, Language::En).contains(told), "{told}");
        }
    }

    #[test]
    fn whoever_does_not_wait_for_a_refund_is_told_who_asks_on_about_one_without_an_outcome() {
        for language in LANGUAGES {
            let told = |state, wait| without_outcome(&refund_that(state, None, None), wait, language);
            let said = told(RefundState::Unknown, false).unwrap();
            assert!(said.contains("refunds --number TR1") && !said.contains('{'), "{said}");
            assert_eq!(told(RefundState::Unknown, true), None);
            assert_eq!(told(RefundState::Processing, false), None);
            let again = RefundView { can_send_again: Some(true), ..refund_that(RefundState::Unknown, None, None) };
            assert_eq!(without_outcome(&again, false, language), Some(may_be_sent_again(&again, language)));
        }
    }

    #[test]
    fn below_a_refund_that_failed_stands_how_it_is_tried_once_more_where_it_can_be() {
        let failed = || refund_that(RefundState::Failed, None, None);
        let again = RefundView { can_send_again: Some(true), ..failed() };
        let anew = RefundView { can_send_again: Some(false), can_be_made_anew: true, ..failed() };
        let gone = RefundView { can_send_again: Some(false), ..failed() };
        let below = |refund: &RefundView, language| line(refund, language).lines().nth(1).map(str::to_owned);
        for language in LANGUAGES {
            assert!(below(&again, language).is_some_and(|told| told.contains("--again TR1")));
            assert_eq!(below(&anew, language).as_deref(), Some(FAILED_ANEW.in_language(language)));
            assert_eq!(below(&gone, language), None, "its money went back another way");
        }
    }
}
