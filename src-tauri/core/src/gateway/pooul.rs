//! Pooul v1, the MD5 API of documents 000, 001 and 003; what those leave out is in the gateway's public documents
//! (gateways.md section 1). Each part says where its facts come from.

mod answer;
mod micro;
mod notification;
mod offer;
mod refund;
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
use crate::order::report::TradeReport;

/// Pooul 普尔, API v1.
pub struct Pooul;

impl Gateway for Pooul {
    fn descriptor(&self) -> &'static Descriptor {
        &offer::DESCRIPTOR
    }

    fn creating(&self) -> Option<&dyn Creating> {
        Some(self)
    }

    fn query(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        request::query(dealing, subject)
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

impl Creating for Pooul {
    fn create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
        request::create(dealing, intent)
    }

    fn read_create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Read<Created> {
        answer::read_create(dealing, intent, answer)
    }
}

impl Closing for Pooul {
    fn close(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        request::close(dealing, subject)
    }

    fn read_close(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<CloseOutcome> {
        answer::read_close(dealing, subject, answer)
    }
}

/// A guess (gateways.md 1.1): offered only where the account's `micro_reverse` says yes.
impl Reversing for Pooul {
    fn reverse(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        request::reverse(dealing, subject)
    }

    fn read_reverse(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<ReverseOutcome> {
        micro::read_reverse(dealing, subject, answer)
    }
}

impl Refunding for Pooul {
    fn refund(&self, dealing: Dealing<'_>, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
        request::refund(dealing, intent)
    }

    fn read_refund(&self, dealing: Dealing<'_>, intent: &RefundIntent<'_>, answer: &HttpAnswer) -> Read<RefundReport> {
        refund::read_refund(dealing, intent, answer)
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
        refund::read_query_refund(dealing, subject, answer)
    }
}

impl Notifying for Pooul {
    fn order_named(&self, dealing: Dealing<'_>, body: &[u8]) -> Result<String, Unreadable> {
        notification::order_named(dealing, body)
    }

    fn read_notification(&self, dealing: Dealing<'_>, subject: &Subject<'_>, body: &[u8]) -> Result<Told, Unreadable> {
        notification::read(dealing, subject, body)
    }

    fn accepted(&self) -> &'static str {
        "success"
    }
}
