//! A merchant's WeChat official account: the ticket that its own server gives, and what a page is signed with by it (ruling 27).
//!
//! Where the ticket comes from is a convention of this till (docs/receiver.md). How a page is signed is WeChat's, in its
//! documents on JS-SDK, "JS-SDK使用权限签名算法".

use super::Unreadable;
use super::call::HttpAnswer;
use super::json::Object;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// The longest ticket, in bytes. Those that WeChat's documents print have 86.
const TICKET_LIMIT: usize = 512;

/// The longest time that a ticket is believed to hold, in seconds: what WeChat's own holds.
const HOLDS_AT_MOST_S: u32 = 7_200;

/// What pages of an official account are signed with, for a while. Whoever has it can sign pages in the account's name.
#[derive(Debug, Clone)]
pub struct Ticket {
    secret: SecretString,
    /// How long it holds from now on, in seconds.
    pub holds_s: u32,
}

/// What a page tells `wx.config`, by its own names (002:725-735).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageSignature {
    /// The official account.
    pub app_id: String,
    /// UTC seconds.
    pub timestamp: i64,
    /// A text that is used once.
    pub nonce_str: String,
    /// SHA-1 over these, the ticket and the page's address, in lower-case hex.
    pub signature: String,
}

impl Ticket {
    /// Reads what the account's server answers: `ticket` and `expires_in` as WeChat's own `ticket/getticket` has them. An
    /// `errcode` besides must be 0.
    pub fn read(answer: &HttpAnswer) -> Result<Self, Unreadable> {
        if answer.status != 200 {
            return Err(Unreadable::Status(answer.status));
        }
        let fields = Object::read(&answer.body)?;
        let bad = |name: &str| Unreadable::BadField(name.to_owned());
        if fields.text("errcode")?.is_some_and(|code| code != "0") {
            return Err(bad("errcode"));
        }
        let fits = |text: &&str| text.len() <= TICKET_LIMIT && text.bytes().all(|byte| byte.is_ascii_graphic());
        let ticket = fields.text("ticket")?.filter(fits).ok_or_else(|| bad("ticket"))?;
        let expires_in = fields.text("expires_in")?.and_then(|text| text.parse::<u32>().ok());
        let holds_s = expires_in.filter(|seconds| *seconds > 0).ok_or_else(|| bad("expires_in"))?;
        Ok(Self { secret: ticket.into(), holds_s: holds_s.min(HOLDS_AT_MOST_S) })
    }

    /// Signs the page at `address`, which is all of its address but what follows a `#`. `seconds`: UTC.
    #[must_use]
    pub fn sign(&self, app_id: &str, nonce: &str, seconds: i64, address: &str) -> PageSignature {
        let ticket = self.secret.expose_secret();
        let text = format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={seconds}&url={address}");
        let signature = HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref());
        PageSignature { app_id: app_id.to_owned(), timestamp: seconds, nonce_str: nonce.to_owned(), signature }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<Ticket, Unreadable> {
        Ticket::read(&HttpAnswer { status, body: body.into(), date: None, retry_after: None, authorization: None })
    }

    #[test]
    fn ruling_27_a_page_is_signed_as_wechats_documents_print_it() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        let ticket = read(200, &format!(r#"{{"ticket":"{ticket}","expires_in":7200}}"#)).unwrap();
        for (address, signature) in [
            ("http://mp.weixin.qq.com?params=value", "0f9de62fce790f9a083d5c99e95740ceb90c27ed"),
            ("http://mp.weixin.qq.com", "f4d90daf4b3bca3078ab155816175ba34c443a7b"),
        ] {
            let signed = ticket.sign("wx6f", "Wm3WZYTPz0wzccnW", 1_414_587_457, address);
            assert_eq!(signed.signature, signature, "{address}");
            assert_eq!((signed.app_id.as_str(), signed.timestamp), ("wx6f", 1_414_587_457));
        }
    }

    #[test]
    fn a_ticket_is_read_from_wechats_own_answer_or_one_like_it() {
        let wechats = r#"{"errcode":0,"errmsg":"ok","ticket":"bxLdikRXVbTPdHSM05e5u5sUoXNKd8","expires_in":7200}"#;
        assert_eq!(read(200, wechats).unwrap().holds_s, 7_200);
        assert_eq!(read(200, r#"{"ticket":"b","expires_in":"60"}"#).unwrap().holds_s, 60);
        assert_eq!(
            read(200, r#"{"ticket":"b","expires_in":999999}"#).unwrap().holds_s,
            7_200,
            "no longer than WeChat's"
        );
        for (status, body) in [
            (404, wechats),
            (302, wechats),
            (200, ""),
            (200, "<html>"),
            (200, r#"{"errcode":40001,"errmsg":"invalid credential"}"#),
            (200, r#"{"errcode":40001,"ticket":"b","expires_in":7200}"#),
            (200, r#"{"expires_in":7200}"#),
            (200, r#"{"ticket":"","expires_in":7200}"#),
            (200, r#"{"ticket":"a b","expires_in":7200}"#),
            (200, r#"{"ticket":{"of":"b"},"expires_in":7200}"#),
            (200, r#"{"ticket":"a","ticket":"b","expires_in":7200}"#),
            (200, r#"{"ticket":"b"}"#),
            (200, r#"{"ticket":"b","expires_in":0}"#),
            (200, r#"{"ticket":"b","expires_in":-1}"#),
            (200, r#"{"ticket":"b","expires_in":1.5}"#),
        ] {
            assert!(read(status, body).is_err(), "{status} {body}");
        }
        let long = format!(r#"{{"ticket":"{}","expires_in":7200}}"#, "b".repeat(TICKET_LIMIT + 1));
        assert!(read(200, &long).is_err());
    }

    #[test]
    fn a_ticket_is_never_printed() {
        let ticket = read(200, r#"{"ticket":"bxLdikRXVbTP","expires_in":7200}"#).unwrap();
        assert!(!format!("{ticket:?}").contains("bxLdikRXVbTP"));
    }
}
