//! What an order's state means to whoever sells: what became of the money, and what to do. The window says the same.

use super::trouble;
use till_core::gateway::descriptor::Presented;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::order::{Attention, State};
use till_core::words::{Label, Language};
use till_engine::reading::Background;
use till_engine::view::{LiveOrder, OrderView};

const NEVER_CREATED: Label = Label::new(
    "网关一直说没有这张订单，目前没有得知付款。",
    "網關一直表示沒有這張訂單，目前沒有得知付款。",
    "The gateway went on saying that it has no such order; no payment is known.",
);
const FAILED: Label = Label::new(
    "网关说这张订单不会再成功：没有收款。",
    "網關表示這張訂單不會再成功：沒有收款。",
    "The gateway says that this order will not succeed: no money moved.",
);
const SELL_AGAIN: Label = Label::new(
    "可以再收一次，或换一种付款方式。",
    "可以再收一次，或改用其他付款方式。",
    "Sell again, or use another channel.",
);
const SCAN_AGAIN: Label = Label::new(
    "请顾客刷新付款码，再收一次，或换一种付款方式。",
    "請顧客更新付款碼，再收一次，或改用其他付款方式。",
    "Ask for a fresh payment code and sell again, or use another channel.",
);
const REVERSED: Label = Label::new(
    "网关确认已撤销：没有扣的不会再扣，已扣的款项会退回顾客。",
    "網關確認已撤銷：沒有扣的不會再扣，已扣的款項會退回顧客。",
    "The gateway confirmed the reverse: nothing more is taken, and what was taken goes back to the customer.",
);
const CREATE_UNKNOWN: Label = Label::new(
    "正在查网关是否收到这张订单。这里没有出示过它的二维码，所以不会有顾客付它；网关答复之后自动结束。其间可以再收一次。",
    "正在查明網關有否收到這張訂單。這裏沒有出示過它的二維碼，所以不會有顧客付它；網關回覆後自動完結。期間可以再收一次。",
    "Whether the order reached the gateway is being found out. No code of it was shown here, so no customer pays it; it ends by \
     itself once the gateway has answered. You can sell again meanwhile.",
);
const CODE_UNKNOWN: Label = Label::new(
    "正在查顾客是否付款。顾客可能已经付了：不要再扫一次付款码，等结果。",
    "正在查顧客是否已付款。顧客可能已經付款：切勿再掃一次付款碼，請等候結果。",
    "Whether the customer paid is being found out. They may have: wait for the result, and do not scan another payment code.",
);
const CODE_REFUSED: Label = Label::new(
    "网关没有接受这个付款码。先结束这一次；网关确认结束之后，再扫下一个。",
    "網關沒有接受這個付款碼。先完結這一次；網關確認完結後，再掃下一個。",
    "The gateway did not take this payment code. This attempt ends first; scan the next code once the gateway has confirmed that.",
);
const CONFIRMING: Label = Label::new(
    "等待顾客在手机上确认，可能要输入密码或指纹。还没有收款。不要再扫一次付款码。",
    "等候顧客在手機上確認，可能要輸入密碼或指紋。尚未收款。切勿再掃一次付款碼。",
    "The customer has to confirm on the phone, perhaps with a password or a fingerprint. Nothing is paid yet. Do not scan another payment code.",
);
const PAYING: Label = Label::new(
    "请等一会，不要让顾客再付一次。",
    "請稍候，不要叫顧客再付一次。",
    "Wait a moment; do not ask the customer to pay again.",
);
const LINK_LOST: Label = Label::new(
    "二维码丢失，没有人能付这张订单。它会自己查明并关闭；可以再收一次。",
    "二維碼遺失，沒有人能付這張訂單。它會自行查明並關閉；可以再收一次。",
    "The code was lost: nobody can pay this order. It is asked about and closed by itself; sell again.",
);
const NO_CODE: Label = Label::new(
    "网关受理了这张订单，但没有给能用的二维码：没有人能付。它会自己关闭；请换一种付款方式。",
    "網關受理了這張訂單，但沒有給予可用的二維碼：沒有人能付。它會自行關閉；請改用其他付款方式。",
    "The gateway took this order and gave no usable code for it: nobody can pay it. It is closed by itself; use another channel.",
);
const CREATE_REFUSED: Label = Label::new(
    "网关拒绝了这张订单，没有给付款用的码或参数：没有人能付。收银台会继续查询，直到它结束。请换一种付款方式，或先把账户设好再收。",
    "網關拒絕了這張訂單，沒有給予付款用的碼或參數：沒有人能付。收銀台會繼續查詢，直到它完結。請改用其他付款方式，或先把帳戶設定妥當再收。",
    "The gateway refused this order and gave nothing to pay it with: nobody can pay it. It is asked about until it has ended. \
     Use another channel, or set the account right first.",
);
const CREATE_REFUSED_UNASKED: Label = Label::new(
    "网关拒绝了这张订单，没有给付款用的码或参数：没有人能付。收银台无法查询它，要等网关通知或输入平台的订单号才会有变化，所以它一直开着，不用处理。请换一种付款方式，或先把账户设好再收。",
    "網關拒絕了這張訂單，沒有給予付款用的碼或參數：沒有人能付。收銀台無法查詢它，要待網關通知或輸入平台的訂單編號才會有變化，所以它一直未完結，毋須處理。請改用其他付款方式，或先把帳戶設定妥當再收。",
    "The gateway refused this order and gave nothing to pay it with: nobody can pay it. It cannot be asked about, and nothing changes \
     before the gateway notifies or the platform's number is entered: it stays open, and there is nothing to do about it. \
     Use another channel, or set the account right first.",
);
const LINK_LOST_NO_CLOSE: Label = Label::new(
    "二维码丢失，没有人能付这张订单。这个网关不能关闭订单：会继续查询，到期时在这里按过期结束；可以再收一次。",
    "二維碼遺失，沒有人能付這張訂單。這個網關不能關閉訂單：會繼續查詢，到期時在這裏按過期完結；可以再收一次。",
    "The code was lost: nobody can pay this order. This gateway has no close: it is asked about, and ends here as expired when \
     its time is up; sell again.",
);
const NO_CODE_NO_CLOSE: Label = Label::new(
    "网关受理了这张订单，但没有给能用的二维码：没有人能付。这个网关不能关闭订单：到期时在这里按过期结束；请换一种付款方式。",
    "網關受理了這張訂單，但沒有給予可用的二維碼：沒有人能付。這個網關不能關閉訂單：到期時在這裏按過期完結；請改用其他付款方式。",
    "The gateway took this order and gave no usable code for it: nobody can pay it. This gateway has no close: the order ends here as \
     expired when its time is up; use another channel.",
);
const DECLINED: Label = Label::new(
    "顾客这次没有付成，可以再试。还没有收款。",
    "顧客今次未能付款，可以再試。尚未收款。",
    "The payment did not go through; the customer may try again. Nothing is paid yet.",
);
const TAKEN_OFF: Label = Label::new("二维码已收起。", "二維碼已收起。", "The code is off the screen.");
const STAYS: Label = Label::new(
    "这里的输出不是终端，上面的二维码收不回来：请把显示它的东西收起来。在网关结束这张订单之前，它还能扫，还能付款。",
    "這裏的輸出不是終端機，上面的二維碼無法收回：請收起顯示它的東西。在網關完結這張訂單之前，它仍可以掃，仍可以付款。",
    "This output is no terminal, so the code above cannot be taken off it. Put away whatever shows it: until the order has ended at \
     the gateway it can still be scanned and paid.",
);
const NOT_HERE: Label = Label::new(
    "收银台不再出示它的二维码。别的终端或纸上还有的话，请收起来。",
    "收銀台不再出示它的二維碼。如其他終端機或紙上仍有，請收起。",
    "The till shows its code no longer. Put away one that stands in another terminal or on paper.",
);
const CLOSING: Label = Label::new(
    "关闭之前继续查询：顾客可能已经扫过。",
    "關閉之前會繼續查詢：顧客可能已經掃過。",
    "It is asked about until it is closed: the customer may have scanned the code.",
);
const END_ANSWERED: Label = Label::new(
    "网关回答过，这张订单已撤销或已关闭，但查询还没有显示。",
    "網關曾回覆，這張訂單已撤銷或已關閉，但查詢仍未顯示。",
    "The gateway answered that the order is reversed or closed, but its query does not show that yet.",
);
const ENDING: Label = Label::new(
    "结束之前继续查询：顾客可能刚好付款成功，有结果会马上显示。",
    "完結之前會繼續查詢：顧客可能剛好付款成功，有結果會即時顯示。",
    "It is asked about until it has ended: the customer may just have paid. A result shows at once.",
);
const NO_CLOSE: Label = Label::new(
    "这个网关不能关闭订单，顾客仍可能付款：继续查询，到期时按过期结束，之后付的款也会显示。",
    "這個網關不能關閉訂單，顧客仍可能付款：會繼續查詢，到期時按過期完結，其後付的款亦會顯示。",
    "This gateway has no close, and the customer may still pay: asking goes on, the order ends here as expired when its time is up, \
     and a payment after that shows too.",
);

/// Who asks about an open order, where it is not known that anybody does.
const WHO_ASKS: Label = Label::new(
    "查询要由正在运行、取得到账户密钥的收银台来做；没有的话不会发出任何请求。",
    "查詢須由運行中、能取得帳戶密鑰的收銀台進行；如沒有，不會發出任何請求。",
    "Asking takes a running till that has the account's key; without one nothing is sent.",
);

const ELSEWHERE: Label = Label::new(
    "这张订单在别处下单，这里没有它的二维码。",
    "這張訂單在別處下單，這裏沒有它的二維碼。",
    "The order was made elsewhere; there is no code of it here.",
);

const OF_PARAMETERS_UNKNOWN: Label = Label::new(
    "正在查网关是否收到这张订单。它的支付参数没有到达这里，没有人能付；网关答复之后自动结束。其间可以再收一次。",
    "正在查明網關有否收到這張訂單。它的支付參數沒有送達這裏，沒有人能付；網關回覆後自動完結。期間可以再收一次。",
    "Whether the order reached the gateway is being found out. No payment parameters of it came here, so nobody can pay it; it ends \
     by itself once the gateway has answered. You can sell again meanwhile.",
);
const PARAMETERS_LOST: Label = Label::new(
    "支付参数丢失，没有人能付这张订单。它会自己查明并关闭；可以再收一次。",
    "支付參數遺失，沒有人能付這張訂單。它會自行查明並關閉；可以再收一次。",
    "The payment parameters were lost: nobody can pay this order. It is asked about and closed by itself; sell again.",
);
const NO_PARAMETERS: Label = Label::new(
    "网关受理了这张订单，但没有给能用的支付参数：没有人能付。它会自己关闭；请换一种付款方式。",
    "網關受理了這張訂單，但沒有給予可用的支付參數：沒有人能付。它會自行關閉；請改用其他付款方式。",
    "The gateway took this order and gave no usable payment parameters for it: nobody can pay it. It is closed by itself; use another \
     channel.",
);
const PARAMETERS_AWAY: Label = Label::new(
    "支付参数已收起。关闭之前继续查询：拿到参数的应用可能还会付款。",
    "支付參數已收起。關閉之前會繼續查詢：取得參數的應用程式可能仍會付款。",
    "The payment parameters are put away. It is asked about until it is closed: the app that has them may still pay.",
);
const PARAMETERS_GIVEN: Label = Label::new(
    "收银台不再给出它的支付参数。结束之前继续查询：已经拿到参数的，还可能付款。",
    "收銀台不再給出它的支付參數。完結之前會繼續查詢：已取得參數的，仍可能付款。",
    "The till gives its payment parameters out no longer. It is asked about until it has ended: whoever has them may still pay.",
);

/// What became of what this process printed for the customer: the code, or the parameters that an app pays with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    /// It printed none of it; another process may have.
    Nothing,
    /// It stands where it was printed.
    Stays,
    /// It was taken off the terminal.
    TakenOff,
}

/// As much of an order as its sentences need.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that a sentence goes by")]
pub(super) struct Standing<'a> {
    state: State,
    reason: Option<&'a str>,
    attentions: &'a [Attention],
    presented: Presented,
    link_lost: bool,
    gave_no_code: bool,
    create_refused: bool,
    by_parameters: bool,
    declined: bool,
    said: Option<&'a Said>,
    end_said: Option<&'a Said>,
    /// Whether a close or a reverse was answered with its end; of an order that an engine watches, what needs a person says it.
    end_answered: bool,
    closes: bool,
    /// Whether a till runs that is not known to lack the key.
    asked: bool,
    printed: Printed,
}

impl<'a> Standing<'a> {
    /// Of an order that an engine watches, and of what was `printed` of it here. `asked`: the engine is not known to lack the
    /// key.
    pub(super) fn of_live(live: &'a LiveOrder, printed: Printed, asked: bool) -> Self {
        let LiveOrder { order, presented, link_lost, gave_no_code, create_refused, .. } = live;
        let LiveOrder { by_parameters, declined, said, closes, closing, .. } = live;
        let OrderView { state, reason, attentions, .. } = order;
        Self {
            state: *state,
            reason: reason.as_deref(),
            attentions,
            presented: *presented,
            link_lost: *link_lost,
            gave_no_code: *gave_no_code,
            create_refused: *create_refused,
            by_parameters: *by_parameters,
            declined: *declined,
            said: said.as_ref(),
            end_said: closing.as_ref().and_then(|closing| closing.said.as_ref()),
            end_answered: false,
            closes: *closes,
            asked,
            printed,
        }
    }

    /// Of an order as the journal tells it. `asked`: a till that runs answers.
    pub(super) fn of_journal(order: &'a OrderView, background: &'a Background, asked: bool) -> Self {
        let Background { presented, link_lost, gave_no_code, create_refused, .. } = background;
        let Background { by_parameters, declined, said, end_said, end_answered, closes, .. } = background;
        let OrderView { state, reason, attentions, .. } = order;
        Self {
            state: *state,
            reason: reason.as_deref(),
            attentions,
            presented: *presented,
            link_lost: *link_lost,
            gave_no_code: *gave_no_code,
            create_refused: *create_refused,
            by_parameters: *by_parameters,
            declined: *declined,
            said: said.as_ref(),
            end_said: end_said.as_ref(),
            end_answered: *end_answered,
            closes: *closes,
            asked,
            printed: Printed::Nothing,
        }
    }

    /// That nobody can pay an open order for want of a code, and how it ends. Nothing where a person must look: that says more,
    /// but not that the gateway refused the order.
    pub(super) fn lack(&self) -> Option<Label> {
        let open = self.link_lost && !self.state.has_ended();
        let refused = self.refusal().filter(|_| open);
        let lacks = open && self.attentions.is_empty();
        let label = match (self.gave_no_code, self.by_parameters, self.closes) {
            (true, true, _) => NO_PARAMETERS,
            (false, true, _) => PARAMETERS_LOST,
            (true, false, true) => NO_CODE,
            (true, false, false) => NO_CODE_NO_CLOSE,
            (false, false, true) => LINK_LOST,
            (false, false, false) => LINK_LOST_NO_CLOSE,
        };
        refused.or(lacks.then_some(label))
    }

    /// That the gateway refused the order, and what becomes of it.
    fn refusal(&self) -> Option<Label> {
        let unasked = self.attentions.contains(&Attention::CannotBeAsked);
        self.create_refused.then_some(if unasked { CREATE_REFUSED_UNASKED } else { CREATE_REFUSED })
    }

    /// The lines below the order's own; none where that says everything.
    pub(super) fn lines(&self, language: Language) -> Vec<String> {
        let mut lines = self.told(language);
        if !lines.is_empty() && !self.asked && self.is_to_be_asked() {
            lines.push(WHO_ASKS.in_language(language).to_owned());
        }
        lines
    }

    /// Whether the lines go by what the gateway will answer.
    fn is_to_be_asked(&self) -> bool {
        let open = !self.state.has_ended() && self.state != State::Disputed;
        open && !self.attentions.contains(&Attention::CannotBeAsked)
    }

    fn told(&self, language: Language) -> Vec<String> {
        let words = |labels: &[Label]| labels.iter().map(|label| label.in_language(language).to_owned()).collect();
        let quoted = || self.said.map(|said| trouble::quoted(said, language)).into_iter();
        let by_code = self.presented == Presented::Consumer;
        // What a person must do about an open order is said already, but for its refusal and for a code that still stands here.
        if !self.attentions.is_empty() && !self.state.has_ended() {
            let refused = words(self.refusal().or_else(|| self.stays()).as_slice());
            return self.said_of_its_end(language).into_iter().chain(refused).collect();
        }
        match self.state {
            State::Failed => quoted().chain(words(&[FAILED, if by_code { SCAN_AGAIN } else { SELL_AGAIN }])).collect(),
            State::Closed if self.reason == Some("never_created") => words(&[NEVER_CREATED]),
            State::Reversed => words(&[REVERSED]),
            State::CreateUnknown if by_code => words(&[self.of_payment_code()]),
            State::CreateUnknown if self.create_refused => words(self.refusal().as_slice()),
            State::CreateUnknown if self.presented == Presented::Merchant => {
                words(&[if self.by_parameters { OF_PARAMETERS_UNKNOWN } else { CREATE_UNKNOWN }])
            }
            State::AwaitingPayment | State::Expiring if self.link_lost => {
                self.lack().into_iter().flat_map(|lack| words(&[lack])).collect()
            }
            State::AwaitingPayment if self.declined => {
                let said = self.said.filter(|said| by_code && said.reaction != Reaction::AwaitsCustomer);
                let said = said.map(|said| trouble::quoted_in_doubt(said, language));
                words(&[DECLINED]).into_iter().chain(said).collect()
            }
            State::AwaitingPayment | State::Paying if by_code => words(&[CONFIRMING]),
            State::Paying => words(&[PAYING]),
            State::Expiring if by_code => self.said_of_its_end(language).into_iter().chain(words(&[ENDING])).collect(),
            State::Expiring if self.by_parameters => {
                words(&[if self.printed == Printed::TakenOff { PARAMETERS_AWAY } else { PARAMETERS_GIVEN }])
            }
            State::Expiring => {
                let standing = words(&[self.of_code(), if self.closes { CLOSING } else { NO_CLOSE }]);
                self.said_of_its_end(language).into_iter().chain(standing).collect()
            }
            State::Disputed => words(self.stays().as_slice()),
            State::Drafted
            | State::Creating
            | State::CreateUnknown
            | State::AwaitingPayment
            | State::Paid
            | State::Closed => Vec::new(),
        }
    }

    /// What asking for its end has brought: that the gateway called it ended, and the error code that came last.
    fn said_of_its_end(&self, language: Language) -> Vec<String> {
        let answered = self.end_answered.then(|| END_ANSWERED.in_language(language).to_owned());
        let said = self.end_said.map(|said| trouble::quoted_in_doubt(said, language));
        answered.into_iter().chain(said).filter(|_| self.state == State::Expiring).collect()
    }

    /// Where the code of an order is that is not to be paid by it any more.
    fn of_code(&self) -> Label {
        match self.presented {
            Presented::Elsewhere => ELSEWHERE,
            Presented::Merchant | Presented::Consumer => match self.printed {
                Printed::Nothing => NOT_HERE,
                Printed::Stays => STAYS,
                Printed::TakenOff => TAKEN_OFF,
            },
        }
    }

    /// That what was printed here stands here still, though the order is not to be paid by it any more.
    fn stays(&self) -> Option<Label> {
        let off = matches!(self.state, State::Expiring | State::Disputed);
        let label = if self.by_parameters { PARAMETERS_GIVEN } else { STAYS };
        (off && self.printed == Printed::Stays).then_some(label)
    }

    /// A payment code was sent, and its answer does not say what became of it.
    fn of_payment_code(&self) -> Label {
        let said = self.said.map(|said| said.reaction);
        if said == Some(Reaction::AwaitsCustomer) {
            CONFIRMING
        } else if matches!(said, Some(Reaction::FreshCode | Reaction::Refused)) {
            CODE_REFUSED
        } else {
            CODE_UNKNOWN
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 3] = [Language::ZhCn, Language::ZhHk, Language::En];

    fn awaited() -> Standing<'static> {
        Standing {
            state: State::AwaitingPayment,
            reason: None,
            attentions: &[],
            presented: Presented::Merchant,
            link_lost: false,
            gave_no_code: false,
            create_refused: false,
            by_parameters: false,
            declined: false,
            said: None,
            end_said: None,
            end_answered: false,
            closes: true,
            asked: true,
            printed: Printed::TakenOff,
        }
    }

    #[test]
    fn an_order_without_a_code_is_told_by_what_became_of_the_code_and_by_how_it_ends() {
        let lack = |gave_no_code, closes| Standing { link_lost: true, gave_no_code, closes, ..awaited() };
        for language in LANGUAGES {
            for (standing, label) in [
                (lack(false, true), LINK_LOST),
                (lack(false, false), LINK_LOST_NO_CLOSE),
                (lack(true, true), NO_CODE),
                (lack(true, false), NO_CODE_NO_CLOSE),
            ] {
                assert_eq!(standing.lines(language), [label.in_language(language)]);
                let asked_for = Standing { attentions: &[Attention::CannotBeAsked], ..standing };
                assert!(asked_for.lines(language).is_empty() && asked_for.lack().is_none());
            }
        }
    }

    #[test]
    fn what_a_reverse_was_answered_with_is_told_until_the_order_has_ended() {
        let by_code = Standing { presented: Presented::Consumer, end_answered: true, ..awaited() };
        let ending = Standing { state: State::Expiring, ..by_code };
        let in_vain = Standing { attentions: &[Attention::EndRefused], ..ending };
        for language in LANGUAGES {
            let [answered, asked] = [END_ANSWERED, ENDING].map(|label| label.in_language(language));
            assert_eq!(ending.lines(language), [answered, asked]);
            assert_eq!(in_vain.lines(language), [answered]);
            let reversed = Standing { state: State::Reversed, ..by_code };
            assert_eq!(reversed.lines(language), [REVERSED.in_language(language)]);
        }
    }

    #[test]
    fn an_order_that_an_app_pays_is_told_by_its_parameters() {
        let by_app = Standing { by_parameters: true, ..awaited() };
        let lost = Standing { link_lost: true, ..by_app };
        for language in LANGUAGES {
            for (standing, label) in [
                (lost, PARAMETERS_LOST),
                (Standing { gave_no_code: true, ..lost }, NO_PARAMETERS),
                (Standing { state: State::Expiring, ..by_app }, PARAMETERS_AWAY),
                (Standing { state: State::Expiring, printed: Printed::Stays, ..by_app }, PARAMETERS_GIVEN),
                (Standing { state: State::Expiring, printed: Printed::Nothing, ..by_app }, PARAMETERS_GIVEN),
                (Standing { state: State::CreateUnknown, ..by_app }, OF_PARAMETERS_UNKNOWN),
            ] {
                assert_eq!(standing.lines(language), [label.in_language(language)]);
            }
        }
    }

    #[test]
    fn an_order_that_the_gateway_refused_has_lost_no_code_and_is_not_to_be_sold_again_as_it_is() {
        let refused = Standing { link_lost: true, create_refused: true, ..awaited() };
        for language in LANGUAGES {
            for state in [State::CreateUnknown, State::Expiring] {
                for by_parameters in [false, true] {
                    let standing = Standing { state, by_parameters, ..refused };
                    assert_eq!(standing.lines(language), [CREATE_REFUSED.in_language(language)]);
                    assert_eq!(standing.lack(), Some(CREATE_REFUSED));
                }
            }
        }
        for told in [CREATE_REFUSED.en, CREATE_REFUSED_UNASKED.en] {
            assert!(!told.contains("lost") && !told.contains("ell again"), "{told}");
        }
    }

    #[test]
    fn an_order_that_the_gateway_refused_and_cannot_be_asked_about_is_not_said_to_be_asked_about() {
        let state = State::CreateUnknown;
        let attentions = &[Attention::CannotBeAsked];
        let refused = Standing { state, attentions, link_lost: true, create_refused: true, closes: false, ..awaited() };
        for language in LANGUAGES {
            assert_eq!(refused.lines(language), [CREATE_REFUSED_UNASKED.in_language(language)]);
        }
        assert_eq!(refused.lack(), Some(CREATE_REFUSED_UNASKED));
        let ended = Standing { state: State::Closed, ..refused };
        assert_eq!(ended.lack(), None);
        assert!(!CREATE_REFUSED_UNASKED.en.contains("asked about until"));
    }

    #[test]
    fn an_order_made_elsewhere_has_no_code_to_take_off() {
        let ending = Standing { state: State::Expiring, closes: false, ..awaited() };
        let elsewhere = Standing { presented: Presented::Elsewhere, ..ending };
        for language in LANGUAGES {
            let expected = [ELSEWHERE, NO_CLOSE].map(|label| label.in_language(language));
            assert_eq!(elsewhere.lines(language), expected);
        }
        assert_eq!(ending.lines(Language::En), [TAKEN_OFF.en, NO_CLOSE.en]);
    }

    #[test]
    fn an_order_that_perhaps_nobody_asks_about_is_told_with_who_would() {
        let ending = Standing { state: State::Expiring, asked: false, printed: Printed::Nothing, ..awaited() };
        let by_code = Standing { presented: Presented::Consumer, ..ending };
        let unknown = Standing { state: State::CreateUnknown, ..ending };
        for language in LANGUAGES {
            for (standing, labels) in [
                (ending, vec![NOT_HERE, CLOSING, WHO_ASKS]),
                (by_code, vec![ENDING, WHO_ASKS]),
                (unknown, vec![CREATE_UNKNOWN, WHO_ASKS]),
                (Standing { asked: true, ..by_code }, vec![ENDING]),
                (Standing { state: State::AwaitingPayment, ..ending }, vec![]),
                (Standing { state: State::Reversed, ..ending }, vec![REVERSED]),
                (Standing { attentions: &[Attention::CannotBeAsked], ..unknown }, vec![]),
            ] {
                let expected: Vec<&str> = labels.into_iter().map(|label| label.in_language(language)).collect();
                assert_eq!(standing.lines(language), expected);
            }
        }
    }

    #[test]
    fn a_code_is_off_the_screen_only_where_it_was_taken_off_and_one_that_stays_is_to_be_put_away() {
        for (closes, goes_on) in [(true, CLOSING), (false, NO_CLOSE)] {
            let ending = Standing { state: State::Expiring, closes, ..awaited() };
            for (printed, code) in
                [(Printed::TakenOff, TAKEN_OFF), (Printed::Stays, STAYS), (Printed::Nothing, NOT_HERE)]
            {
                let standing = Standing { printed, ..ending };
                for language in LANGUAGES {
                    assert_eq!(standing.lines(language), [code, goes_on].map(|label| label.in_language(language)));
                }
            }
        }
    }

    #[test]
    fn a_code_that_stays_is_to_be_put_away_whatever_else_a_person_is_to_do() {
        let stays = Standing { printed: Printed::Stays, ..awaited() };
        let attentions = &[Attention::CannotBeAsked][..];
        assert_eq!(Standing { state: State::Expiring, attentions, ..stays }.lines(Language::En), [STAYS.en]);
        for attentions in [awaited().attentions, attentions] {
            assert_eq!(Standing { state: State::Disputed, attentions, ..stays }.lines(Language::En), [STAYS.en]);
            let off = Standing { state: State::Disputed, attentions, ..awaited() };
            assert!(off.lines(Language::En).is_empty());
        }
        assert!(Standing { attentions, ..stays }.lines(Language::En).is_empty(), "it may still be paid");
    }

    #[test]
    fn a_declined_try_is_said_and_quoted_where_the_payment_code_was_refused() {
        let said = Said::new(Reaction::Refused, "40500", Some("余额不足"));
        for language in LANGUAGES {
            let by_screen = Standing { declined: true, said: Some(&said), ..awaited() };
            assert_eq!(by_screen.lines(language), [DECLINED.in_language(language)]);
            let by_code = Standing { presented: Presented::Consumer, ..by_screen };
            let expected = [DECLINED.in_language(language).to_owned(), trouble::quoted_in_doubt(&said, language)];
            assert_eq!(by_code.lines(language), expected);
            let not_yet = Standing { declined: false, ..by_code };
            assert_eq!(not_yet.lines(language), [CONFIRMING.in_language(language)]);
        }
        let confirm = Said::new(Reaction::AwaitsCustomer, "USERPAYING", None);
        let standing = Standing { declined: true, presented: Presented::Consumer, said: Some(&confirm), ..awaited() };
        assert_eq!(standing.lines(Language::En), [DECLINED.en]);
    }
}
