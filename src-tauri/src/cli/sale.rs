//! Selling: the code in the terminal, and a line at each change.

use super::arguments::{Sale, fields};
use super::engine::{self, Followed};
use super::exit::Exit;
use super::output::Output;
use super::standing::{Printed, Standing};
use super::{Session, bad_request, input, order, qr, trouble};
use crate::premises;
use serde::de::IgnoredAny;
use std::path::Path;
use std::time::Duration;
use till_core::error::Refusal;
use till_core::foreign::is_seen;
use till_core::order::State;
use till_core::words::Label;
use till_engine::reading::Reading;
use till_engine::request::{Hidden, Reply, Request};
use till_engine::view::{LiveOrder, OrderView, SaleRequest, Trouble};
use till_sandbox::Control;

/// When the played customer pays.
const CUSTOMER: Duration = Duration::from_secs(3);

const PLAYS_IN_TRAINING: Label = Label::new(
    "--play-customer 只在练习里扮演顾客，请加上 --training",
    "--play-customer 只在練習內扮演顧客，請加上 --training",
    "--play-customer plays the customer in training only: add --training",
);

const PLAYED: Label = Label::new(
    "练习：三秒后由本程序扮演顾客付款。",
    "練習：三秒後由本程式扮演顧客付款。",
    "Training: in three seconds this program plays the customer and pays.",
);

const PHONE: Label = Label::new(
    "练习：在浏览器打开 {url}，扮演顾客付款。这个命令、serve 或窗口运行时才打得开。",
    "練習：在瀏覽器開啟 {url}，扮演顧客付款。這個命令、serve 或視窗執行時才能開啟。",
    "Training: to play the customer, open {url} in a browser. It is there while this command, serve or a window runs.",
);

/// Beside an order that another process of this till has the page of.
const PHONE_OF_RUNNING: Label = Label::new(
    "练习：在浏览器打开 {url}，扮演顾客付款。正在运行的 serve 或窗口结束之前都打得开。",
    "練習：在瀏覽器開啟 {url}，扮演顧客付款。運行中的 serve 或視窗結束之前都能開啟。",
    "Training: to play the customer, open {url} in a browser. It is there as long as the serve or window that is running.",
);

/// Beside an order that this command does not wait for: with it the page goes.
const PHONE_LATER: Label = Label::new(
    "练习：要扮演顾客付款，请先运行 serve 或打开窗口，再在浏览器打开 {url}。",
    "練習：要扮演顧客付款，請先運行 serve 或開啟視窗，再在瀏覽器開啟 {url}。",
    "Training: to play the customer, first have serve or a window run, then open {url} in a browser.",
);

const NOT_PLAYED: Label = Label::new(
    "练习：这个账户不通往练习用的网关，本程序不能扮演顾客付款。",
    "練習：這個帳戶不通往練習用的網關，本程式不能扮演顧客付款。",
    "Training: this account does not lead to the practice gateway, so this program cannot play the customer.",
);

/// What stands before the parameters that an integrator's app pays with.
const PARAMETERS: Label = Label::new(
    "支付参数，给集成方的应用使用，不是可以扫的码：",
    "支付參數，供整合方的應用程式使用，不是可以掃的碼：",
    "Payment parameters, for an integrator's app; not a code to scan:",
);

const SCAN_IT: Label = Label::new(
    "请扫顾客的付款码，或输入后按 Enter（不显示）。",
    "請掃顧客的付款碼，或輸入後按 Enter（不顯示）。",
    "Scan the customer's payment code, or type it and press Enter (it is not shown).",
);

/// What becomes of an order that nobody waits for here any more.
const LEFT_OPEN: Label = Label::new(
    "不再等待。订单仍然开着：正在运行的收银台会继续查询；没有的话，下次启动时继续。",
    "不再等候。訂單仍未結束：運行中的收銀台會繼續查詢；如沒有，下次啟動時繼續。",
    "No longer waiting. The order stays open: a till that is running goes on asking about it, or else the next one that is started.",
);

/// Prints an order's pictures, each once, and beside them why it is not known for certain.
pub(super) struct Watcher<'a> {
    output: &'a Output,
    last: Option<OrderView>,
    below: Vec<String>,
    trouble: Option<Trouble>,
    printed: Printed,
    /// That nobody can pay is said once.
    lack_told: Option<&'static str>,
}

impl<'a> Watcher<'a> {
    pub(super) fn new(output: &'a Output) -> Self {
        let printed = Printed::Nothing;
        Self { output, last: None, below: Vec::new(), trouble: None, printed, lack_told: None }
    }

    /// Prints what differs from what was printed. `asked`: see [`Standing::of_live`].
    pub(super) fn see(&mut self, now: &LiveOrder, asked: bool) {
        let payable = now.order.qr.is_some() || now.order.parameters.is_some();
        // What is paid nobody can pay again: only what could still be paid has to go, and all that stands above goes with it.
        let goes = !payable && now.order.state != State::Paid;
        if self.printed == Printed::Stays && goes && self.output.wipe() {
            self.printed = Printed::TakenOff;
        }
        let standing = Standing::of_live(now, self.printed, asked);
        let below = standing.lines(self.output.language);
        let lack = standing.lack().map(|lack| self.output.words(lack));
        // For programs the lines below say nothing: that nobody can pay is said to whoever reads beside them.
        let said_below = below.iter().any(|line| Some(line.as_str()) == lack);
        self.see_order(&now.order, below);
        if let Some(lack) = lack.filter(|_| self.lack_told.is_none() && (self.output.json || said_below)) {
            if self.output.json {
                self.output.aside(lack);
            }
            self.lack_told = Some(lack);
        }
        let met = &now.asking.trouble;
        if let Some(met) = met.as_ref().filter(|met| self.trouble.as_ref() != Some(*met)) {
            self.output.aside(&format!("  {}", trouble::text(met, self.output.language)));
        }
        self.trouble.clone_from(met);
    }

    fn see_order(&mut self, now: &OrderView, below: Vec<String>) {
        let plain = OrderView { next_query_at: None, ..now.clone() };
        // For programs the lines below say nothing.
        if self.last.as_ref() == Some(&plain) && (self.output.json || self.below == below) {
            return;
        }
        if let Some(drawn) = now.qr.as_deref().filter(|_| self.prints_code()).and_then(qr::draw) {
            self.output.draw(&drawn);
            self.printed = Printed::Stays;
        }
        if let Some(parameters) = now.parameters.as_deref().filter(|_| self.prints_code()) {
            self.output.line(&(), || parameters_line(self.output, parameters));
            self.printed = Printed::Stays;
        }
        let news = below.iter().filter(|line| Some(line.as_str()) != self.lack_told).cloned().collect::<Vec<_>>();
        self.output.line(now, || order::with_below(order::line(now, self.output.language), &news));
        self.below = below;
        self.last = Some(plain);
    }

    /// Whether the code, or what an app pays with, is to be printed: for people, and where it does not stand already.
    fn prints_code(&self) -> bool {
        !self.output.json && self.printed != Printed::Stays
    }

    /// What a process ends with that watched the order: `of` says it of what was seen last. People are told what becomes of an
    /// order that is left open.
    pub(super) fn end(&self, followed: Followed, of: impl FnOnce(&OrderView) -> Exit) -> Exit {
        match followed {
            Followed::Answered => {}
            Followed::Stopped => self.output.note(LEFT_OPEN),
            Followed::WithoutKeyring => {
                self.output.note(order::ASKED_LATER);
                return Exit::Machine;
            }
        }
        self.last.as_ref().map_or(Exit::NotYet, of)
    }
}

/// What an integrator's app pays with, on one line of its own.
pub(super) fn parameters_line(output: &Output, parameters: &str) -> String {
    format!("{} {}", output.words(PARAMETERS), to_copy(parameters))
}

/// Parameters that mean the same where they are copied to. What a terminal would obey, or not show, is escaped as JSON does it;
/// breaks between the lines of a JSON text mean nothing in it, and are spaces.
fn to_copy(parameters: &str) -> String {
    let is_json = serde_json::from_str::<IgnoredAny>(parameters).is_ok();
    let mut text = String::with_capacity(parameters.len());
    for letter in parameters.chars() {
        if is_seen(letter) {
            text.push(letter);
        } else if is_json && letter.is_ascii_whitespace() {
            text.push(' ');
        } else {
            text.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

/// Sells, and watches unless told not to.
pub(super) async fn sell(session: &Session, sale: Sale) -> Result<Exit, Refusal> {
    if sale.play_customer && !session.place.training {
        return Err(bad_request(session.output.words(PLAYS_IN_TRAINING)));
    }
    let wait = !sale.no_wait;
    let account = sale.account.clone();
    let mut watcher = Watcher::new(&session.output);
    let request = SaleRequest {
        account: sale.account,
        channel: sale.channel,
        amount: sale.amount,
        currency: None,
        body: sale.body,
        extra: fields(sale.fields, session.output.language)?,
        items: sale.items,
        expire_s: sale.expire,
        sale: None,
    };
    let scanned = sale.payment_code.is_some();
    let payment_code = match sale.payment_code.as_deref() {
        Some("-") => Some(input::secret(session, session.output.words(SCAN_IT))?),
        Some(code) => Some(Hidden::new(code.as_bytes().to_vec())),
        None => None,
    };
    let mut customer = session.place.training.then(|| (session.place.folder(), account));
    let running = !wait && premises::is_running(&session.place).await;
    let phone = match (wait, running) {
        (true, _) => PHONE,
        (false, true) => PHONE_OF_RUNNING,
        (false, false) => PHONE_LATER,
    };
    let mut at_work = None;
    let output = &session.output;
    let followed = engine::ask(session, Request::Sell { sale: request, payment_code, wait }, |reply| {
        let Reply::Order(order) = reply else { return };
        if (order.order.qr.is_some() || order.order.parameters.is_some())
            && let Some((folder, account)) = customer.take()
        {
            let (output, order_no) = (output.clone(), order.order.order_no.clone());
            at_work = Some(tokio::spawn(async move {
                match stage_of(&folder, &account).await {
                    Ok(Some(stage)) if sale.play_customer => {
                        if let Err(why) = play_customer(&output, &stage, &order_no).await {
                            output.aside(&why);
                        }
                    }
                    Ok(Some(stage)) => {
                        output.aside(&output.words(phone).replace("{url}", &format!("{stage}/phone")));
                    }
                    Ok(None) if sale.play_customer => output.note(NOT_PLAYED),
                    Ok(None) => {}
                    Err(refusal) => output.tell(&refusal),
                }
            }));
        }
        watcher.see(&order, wait || scanned || running);
    })
    .await?;
    if let Some(at_work) = at_work.filter(|_| followed == Followed::Answered && !sale.play_customer) {
        // It has said where the phone is, or will in a moment.
        let _told = at_work.await;
    }
    let waited = wait || scanned;
    let of = |order: &OrderView| if waited { Exit::paid(order.state) } else { Exit::created(order.state) };
    Ok(watcher.end(followed, of))
}

/// The address of the stage that the account leads to; none where it leads elsewhere.
async fn stage_of(folder: &Path, account: &str) -> Result<Option<String>, Refusal> {
    let account = Reading::open(folder).await?.account(account).await?;
    Ok(account.base_url.strip_suffix(&format!("/{}", account.gateway)).map(str::to_owned))
}

/// Pays on the stage, as the customer's phone would.
async fn play_customer(output: &Output, stage: &str, order_no: &str) -> Result<(), String> {
    output.note(PLAYED);
    tokio::time::sleep(CUSTOMER).await;
    let control = Control::at(&format!("{stage}/control")).map_err(|error| error.to_string())?;
    control.pay(order_no).await.map_err(|error| error.to_string())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn parameters_stand_on_one_line_and_mean_the_same_where_they_are_copied_to() {
        let given = "{\r\n\t\"appId\": \"wx1\u{9b}\u{202e}\",\n  \"package\": \"a\\nb 余\"\n}";
        let told = to_copy(given);
        assert_eq!(told, r#"{   "appId": "wx1\u009b\u202e",   "package": "a\nb 余" }"#);
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&told), read(given));
        let ready = "app_id=2015&biz_content=%7B%22subject%22%3A%22tea%22%7D&sign=a%2Bb%3D";
        assert_eq!(to_copy(ready), ready);
        assert_eq!(to_copy("a=1\r\n\u{1b}[2JTK1  Paid\u{e0041}"), r"a=1\u000d\u000a\u001b[2JTK1  Paid\udb40\udc41");
    }
}
