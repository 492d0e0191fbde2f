//! Tencent Dingdang 叮当, the payment interfaces of document 004 (gateways.md section 3). The customer orders and pays by
//! voice in the gateway's own place: the till takes such orders in, asks about them and gives money back.

mod answer;
mod offer;
mod partner;
mod request;
mod signing;

use super::call::{HttpAnswer, HttpCall};
use super::descriptor::Descriptor;
use super::partner::{Call, Interface, NotTaken, Partnering, Reply, SignedReply};
use super::refund::{RefundIntent, RefundReport, RefundSubject};
use super::{
    AdoptBy, Adopted, Adopting, Closing, Creating, Dealing, Gateway, Notifying, Read, Refunding, Reversing, Subject,
    Unbuildable,
};
use crate::account::Account;
use crate::order::report::TradeReport;
pub use signing::SKEW_LIMIT_S;

/// Tencent Dingdang 叮当.
pub struct Dingdang;

impl Gateway for Dingdang {
    fn descriptor(&self) -> &'static Descriptor {
        &offer::DESCRIPTOR
    }

    fn creating(&self) -> Option<&dyn Creating> {
        None
    }

    fn query(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        request::query(dealing, subject)
    }

    fn read_query(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<TradeReport> {
        answer::read_query(dealing, subject, answer)
    }

    fn signature_reading(&self, dealing: Dealing<'_>, answer: &HttpAnswer) -> Option<&'static str> {
        signing::reading(dealing, answer)
    }

    fn time_stated(&self, answer: &HttpAnswer) -> Option<i64> {
        signing::time_stated(answer)
    }

    fn skew_limit_s(&self) -> Option<i64> {
        Some(SKEW_LIMIT_S)
    }

    fn closing(&self) -> Option<&dyn Closing> {
        None
    }

    fn reversing(&self) -> Option<&dyn Reversing> {
        None
    }

    fn refunding(&self) -> Option<&dyn Refunding> {
        Some(self)
    }

    fn adopting(&self) -> Option<&dyn Adopting> {
        Some(self)
    }

    fn notifying(&self) -> Option<&dyn Notifying> {
        None
    }

    fn partnering(&self) -> Option<&dyn Partnering> {
        Some(self)
    }
}

impl Refunding for Dingdang {
    fn refund(&self, dealing: Dealing<'_>, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
        request::refund(dealing, intent)
    }

    fn read_refund(&self, dealing: Dealing<'_>, intent: &RefundIntent<'_>, answer: &HttpAnswer) -> Read<RefundReport> {
        answer::read_refund(dealing, intent, answer)
    }

    fn query_refund(&self, dealing: Dealing<'_>, subject: &RefundSubject<'_>) -> Result<HttpCall, Unbuildable> {
        request::query_refund(dealing, subject)
    }

    fn read_query_refund(
        &self,
        dealing: Dealing<'_>,
        subject: &RefundSubject<'_>,
        answer: &HttpAnswer,
    ) -> Read<RefundReport> {
        answer::read_query_refund(dealing, subject, answer)
    }
}

impl Adopting for Dingdang {
    fn look(&self, dealing: Dealing<'_>, by: AdoptBy<'_>) -> Result<HttpCall, Unbuildable> {
        request::look(dealing, by)
    }

    fn read_look(&self, dealing: Dealing<'_>, by: AdoptBy<'_>, answer: &HttpAnswer) -> Read<Adopted> {
        answer::read_look(dealing, by, answer)
    }
}

impl Partnering for Dingdang {
    fn read_call(
        &self,
        dealing: Dealing<'_>,
        interface: Interface,
        authorization: Option<&str>,
        body: &[u8],
    ) -> Result<Call, NotTaken> {
        partner::read_call(dealing, interface, authorization, body)
    }

    fn merchant<'a>(&self, account: &'a Account) -> Option<&'a str> {
        account.field("skill_id")
    }

    fn reply(&self, dealing: Dealing<'_>, reply: &Reply<'_>) -> Result<SignedReply, Unbuildable> {
        partner::reply(dealing, reply)
    }

    fn turned_away(&self) -> &'static str {
        partner::TURNED_AWAY
    }
}
