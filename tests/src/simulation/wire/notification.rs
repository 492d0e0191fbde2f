//! What a gateway sends by itself about an order.

use super::{Dress, Fields, Kind, Proof, Request, Saying, signed_text};
use crate::simulation::chance::Chance;
use crate::simulation::world::World;
use serde_json::Value;

/// What the gateway sends by itself about an order as it stands now, and what that proves.
pub fn notification(world: &mut World, order_no: &str, dress: Dress) -> Option<(Vec<u8>, Vec<Proof>)> {
    let trade = world.platform.trades.get(order_no)?.clone();
    let merchant = world.platform.merchants[trade.place].clone();
    let request = Request {
        dialect: merchant.dialect,
        kind: Kind::Query,
        merchant: merchant.id,
        order_no: order_no.to_owned(),
        named: order_no.to_owned(),
        refund_no: String::new(),
        minor: None,
        code: None,
        left: world.now,
        fields: Fields::new(),
        authorization: None,
        body: vec![],
    };
    let saying = Saying {
        request: &request,
        known: true,
        refuses_unsigned: merchant.refuses_unsigned,
        currency: merchant.currency,
        seconds: world.gateway_seconds(),
        data: Fields::new(),
        proofs: vec![],
        key: merchant.key,
        others: (dress == Dress::OthersPayment).then(|| world.book.payment_of_another(order_no)).flatten(),
        dress,
    };
    let said = merchant.dialect.speaker().notification(&mut world.chance, &trade, saying)?;
    Some((said.text.into_bytes(), said.proofs))
}

/// A notification's fields as JSON or as a form.
pub(super) fn written(chance: &mut Chance, data: &Fields) -> String {
    if chance.permille(500) {
        return Value::Object(data.clone()).to_string();
    }
    let encoded = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        text.bytes()
            .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let pair = |(name, value): (&String, &Value)| {
        format!("{}={}", encoded(name), encoded(&signed_text(value).unwrap_or_default()))
    };
    data.iter().map(pair).collect::<Vec<_>>().join("&")
}
