//! BlueOcean 蓝海, the dialect of document 002 that speaks of `appid` and `payment`; what the document leaves out is in the
//! gateway's public documents (gateways.md 2.6). Each part says where its facts come from.

mod answer;
mod notification;
mod offer;
mod request;
mod signing;

use super::call::{HttpAnswer, HttpCall};
use super::descriptor::Descriptor;
use super::notification::Told;
use super::partner::Partnering;
use super::refund::{RefundIntent, RefundReport, RefundSubject};
use super::{
    Adopting, CloseOutcome, Closing, CreateIntent, Created, Creating, Dealing, Gateway, Notifying, Read, Refunding,
    ReverseOutcome, Reversing, Subject, Unbuildable, Unreadable,
};
use crate::account::Account;
use crate::order::report::TradeReport;

/// BlueOcean 蓝海支付.
pub struct BlueOcean;

impl Gateway for BlueOcean {
    fn descriptor(&self) -> &'static Descriptor {
        &offer::DESCRIPTOR
    }

    fn base_url(&self, account: &Account) -> String {
        request::base_url(account)
    }

    fn creating(&self) -> Option<&dyn Creating> {
        Some(self)
    }

    fn query(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        request::about_order(dealing, subject, "/order/query")
    }

    fn read_query(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<TradeReport> {
        answer::read_query(dealing, subject, answer)
    }

    fn signature_reading(&self, dealing: Dealing<'_>, answer: &HttpAnswer) -> Option<&'static str> {
        answer::reading(dealing, answer)
    }

    fn closing(&self) -> Option<&dyn Closing> {
        Some(self)
    }

    fn reversing(&self) -> Option<&dyn Reversing> {
        Some(self)
    }

    fn refunding(&self) -> Option<&dyn Refunding> {
        Some(self)
    }

    fn adopting(&self) -> Option<&dyn Adopting> {
        None
    }

    fn notifying(&self) -> Option<&dyn Notifying> {
        Some(self)
    }

    fn partnering(&self) -> Option<&dyn Partnering> {
        None
    }
}

impl Creating for BlueOcean {
    fn create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
        request::create(dealing, intent)
    }

    fn read_create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Read<Created> {
        answer::read_create(dealing, intent, answer)
    }
}

impl Closing for BlueOcean {
    fn close(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        request::about_order(dealing, subject, "/order/close")
    }

    fn read_close(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<CloseOutcome> {
        answer::read_close(dealing, subject, answer)
    }
}

impl Reversing for BlueOcean {
    fn reverse(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        request::about_order(dealing, subject, "/order/reverse")
    }

    fn read_reverse(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<ReverseOutcome> {
        answer::read_reverse(dealing, subject, answer)
    }
}

impl Refunding for BlueOcean {
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

impl Notifying for BlueOcean {
    fn order_named(&self, dealing: Dealing<'_>, body: &[u8]) -> Result<String, Unreadable> {
        notification::order_named(dealing, body)
    }

    fn read_notification(&self, dealing: Dealing<'_>, subject: &Subject<'_>, body: &[u8]) -> Result<Told, Unreadable> {
        notification::read(dealing, subject, body)
    }

    fn accepted(&self) -> &'static str {
        "SUCCESS"
    }
}
