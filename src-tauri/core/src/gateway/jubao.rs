//! Jubao 聚宝, the `mch_id` protocol of document 002; what that leaves out is in the vendor's later document and demonstrations
//! (gateways.md 2.1 to 2.5). The `appid` examples of the document are another gateway's.
//!
//! It makes orders and answers about them by its own number. It closes, reverses and refunds nothing: that is done in the
//! merchant's back office.

mod answer;
mod notification;
mod offer;
mod request;
mod signing;

use super::call::{HttpAnswer, HttpCall};
use super::descriptor::Descriptor;
use super::notification::Told;
use super::partner::Partnering;
use super::{
    Adopting, Closing, CreateIntent, Created, Creating, Dealing, Gateway, Notifying, Read, Refunding, Reversing,
    Subject, Unbuildable, Unreadable,
};
use crate::order::report::TradeReport;

/// Jubao 聚宝 (002:1).
pub struct Jubao;

impl Gateway for Jubao {
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
        None
    }

    fn reversing(&self) -> Option<&dyn Reversing> {
        None
    }

    fn refunding(&self) -> Option<&dyn Refunding> {
        None
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

impl Creating for Jubao {
    fn create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
        request::create(dealing, intent)
    }

    fn read_create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Read<Created> {
        answer::read_create(dealing, intent, answer)
    }
}

impl Notifying for Jubao {
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
