//! A small shop that trades with the stage over real HTTP, with signing of its own.

use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use till_sandbox::{Control, Options, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// One request on one connection; nothing if it is closed without a byte.
pub(crate) async fn http(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Reply> {
    let (authority, path) = url.strip_prefix("http://").expect("http").split_once('/').expect("a path");
    let mut stream = TcpStream::connect(authority).await.expect("somebody listens");
    let length = body.len();
    let mut request =
        format!("{method} /{path} HTTP/1.1\r\nHost: {authority}\r\nContent-Length: {length}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.push_str("\r\n");
    let mut bytes = request.into_bytes();
    bytes.extend_from_slice(body);
    // The other side may hang up before it has read everything.
    drop(stream.write_all(&bytes).await);
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    if answer.is_empty() {
        return None;
    }
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head");
    let head = String::from_utf8(answer[..end].to_vec()).expect("UTF-8");
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
    Some(Reply { status, head, body: answer[end + 4..].to_vec() })
}

pub(crate) async fn get(url: &str, headers: &[(&str, &str)]) -> Reply {
    http("GET", url, headers, b"").await.expect("an answer")
}

pub(crate) fn signature(fields: &Map<String, Value>, key: &str) -> String {
    let mut line = String::new();
    for (name, value) in fields {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        if name != "sign" && !text.is_empty() {
            line.extend([name, "=", &text, "&"]);
        }
    }
    line.extend(["key=", key]);
    data_encoding::HEXUPPER.encode(&Md5::digest(line))
}

pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Control,
    pub(crate) merchant: String,
    pub(crate) key: String,
    pub(crate) agent: String,
    pub(crate) agent_key: String,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(Options { close_floor_s: 0, ..Options::default() }).await
    }

    pub(crate) async fn open_with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.expect("it starts");
        let announced = sandbox.announcement();
        let credentials = &announced["gateways"]["pooul"]["credentials"];
        let text = |name: &str| credentials[name].as_str().expect("a text").to_owned();
        Self {
            control: Control::at(announced["control"].as_str().expect("a text")).expect("a control URL"),
            merchant: text("merchant_id"),
            key: text("key"),
            agent: text("sign_agentno"),
            agent_key: text("agent_key"),
            sandbox,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/paygate/merchant_info/{path}", self.sandbox.base_url())
    }

    /// Where another gateway is, and one of its credentials.
    pub(crate) fn gateway(&self, name: &str, credential: &str) -> (String, String) {
        let offered = self.sandbox.announcement()["gateways"][name].clone();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&offered["base_url"]), text(&offered["credentials"][credential]))
    }

    /// A create's fields, with what the channel needs, unsigned.
    pub(crate) fn order(&self, order_no: &str, channel: &str) -> Map<String, Value> {
        let mut fields = json!({
            "merchant_id": self.merchant, "pay_type": channel, "mch_trade_id": order_no, "body": "Tea & <cake>",
            "total_fee": 1250, "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/notify",
            "sign_type": "MD5", "nonce_str": "0123456789abcdef",
        });
        let further = match channel {
            "alipay.scan" => json!({ "subject": "Tea" }),
            "qq.scan" => json!({ "device_info": "till 1" }),
            "wechat.jsurl" => json!({ "sub_appid": "wx1", "sub_openid": "o1" }),
            "alipay.jsapi" => json!({ "buyer_id": "2088" }),
            _ => json!({}),
        };
        let fields = fields.as_object_mut().expect("an object");
        fields.extend(further.as_object().expect("an object").clone());
        std::mem::take(fields)
    }

    pub(crate) fn signed(&self, mut fields: Map<String, Value>) -> Map<String, Value> {
        let sign = signature(&fields, &self.key);
        fields.insert("sign".to_owned(), json!(sign));
        fields
    }

    pub(crate) async fn send(&self, path: &str, fields: Map<String, Value>) -> Option<Reply> {
        let body = Value::Object(fields).to_string();
        http("POST", &self.url(path), &[("Content-Type", "application/json")], body.as_bytes()).await
    }

    pub(crate) async fn create(&self, order_no: &str, channel: &str) -> Value {
        let fields = self.signed(self.order(order_no, channel));
        self.send("pay", fields).await.expect("an answer").json()
    }

    pub(crate) fn about(&self, order_no: &str) -> Map<String, Value> {
        let fields = json!({ "merchant_id": self.merchant, "mch_trade_id": order_no, "sign_type": "MD5" });
        self.signed(fields.as_object().expect("an object").clone())
    }

    /// A create with a customer's payment code.
    pub(crate) fn micro(&self, order_no: &str, channel: &str, code: &str) -> Map<String, Value> {
        let mut fields = self.order(order_no, channel);
        fields.remove("notify_url");
        fields.insert("auth_code".to_owned(), json!(code));
        fields.insert("device_info".to_owned(), json!("till 1"));
        if channel == "alipay.micro" {
            fields.insert("subject".to_owned(), json!("Tea"));
        }
        fields
    }

    pub(crate) async fn present(&self, order_no: &str, channel: &str, code: &str) -> Value {
        self.send("pay", self.signed(self.micro(order_no, channel, code))).await.expect("an answer").json()
    }

    pub(crate) async fn refund(&self, order_no: &str, refund_no: &str, fen: i64) -> Value {
        let fields = json!({
            "merchant_id": self.merchant, "mch_trade_id": order_no, "mch_refund_id": refund_no, "refund_fee": fen,
            "sign_type": "MD5",
        });
        let fields = self.signed(fields.as_object().expect("an object").clone());
        self.send("refund", fields).await.expect("an answer").json()
    }

    pub(crate) async fn refund_query(&self, refund_no: &str) -> Value {
        let fields = json!({ "merchant_id": self.merchant, "mch_refund_id": refund_no, "sign_type": "MD5" });
        let fields = self.signed(fields.as_object().expect("an object").clone());
        self.send("refund_query", fields).await.expect("an answer").json()
    }

    pub(crate) async fn query(&self, order_no: &str) -> Value {
        self.send("query", self.about(order_no)).await.expect("an answer").json()
    }

    pub(crate) async fn close(&self, order_no: &str) -> Value {
        self.send("order_close", self.about(order_no)).await.expect("an answer").json()
    }

    /// Whether an answer's signature covers its data, and nothing but its data, with the merchant's key.
    pub(crate) fn verifies(&self, answer: &Value) -> bool {
        let data = answer["data"].as_object().expect("data");
        answer["sign"] == json!(signature(data, &self.key))
    }
}
