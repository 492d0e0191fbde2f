//! The accounts that every world begins with, and their keys.

use super::gateway::HOUSES;
use super::staff::{boss, wait_for_a_boss};
use super::wire::{self, Dialect};
use super::world::{S, Stage};
use secrecy::SecretSlice;
use till_core::account::AccountChange;
use till_engine::till::Till;

/// Adds every account of the houses, with its keys.
pub async fn open_accounts(stage: &Stage, till: &Till) {
    for (place, (name, dialect)) in HOUSES.into_iter().enumerate() {
        let merchant = stage.still().platform.merchants[place].clone();
        let mut fields = vec![(dialect.merchant_field(), merchant.id)];
        let mut set = |name: &'static str, value: &str| fields.push((name, value.to_owned()));
        if dialect != Dialect::Dingdang {
            set("notify_url", "https://shop.example.com/notify");
        }
        match (dialect, name) {
            (Dialect::Pooul, _) => {
                set("sub_appid", "wx0123456789abcdef");
                set("micro_reverse", if merchant.reverses { "yes" } else { "no" });
            }
            (Dialect::Jubao, _) => {
                set("channels", "304");
                set("encoding", if name == "corner" { "form" } else { "json" });
            }
            (Dialect::BlueOcean, _) => {
                set("sub_appid", "wx0123456789abcdef");
                set("currency", merchant.currency);
            }
            (Dialect::Dingdang, _) => {
                set("tsk_public_key", &wire::tsk_public_key());
                set("unsigned_replies", if merchant.refuses_unsigned { "refuse" } else { "accept" });
            }
        }
        let change = AccountChange {
            base_url: Some(dialect.base_url()),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        till.add_account(&boss(stage, till), dialect.gateway(), name, &change).await.unwrap();
    }
    give_keys(stage, till).await;
}

/// Gives the till the keys that are valid now.
pub async fn give_keys(stage: &Stage, till: &Till) {
    for (place, (name, dialect)) in HOUSES.into_iter().enumerate() {
        let (field, key) = match dialect {
            Dialect::Dingdang => ("skill_private_key", wire::skill_key_pem()),
            Dialect::Pooul | Dialect::Jubao | Dialect::BlueOcean => {
                ("key", stage.still().platform.merchants[place].key.clone())
            }
        };
        let secret = SecretSlice::from(key.into_bytes());
        // Somebody may be at the same account, or guess the managers' PINs: then once more.
        for again in 0..10 {
            let given = till.set_secret(&boss(stage, till), name, field, &secret).await;
            let Err(refusal) = given else { break };
            assert!(again < 9, "{name}: {refusal:?}");
            let at = stage.now().now + S;
            stage.until(at).await;
            wait_for_a_boss(stage, till).await;
        }
    }
}
