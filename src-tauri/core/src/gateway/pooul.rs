//! Pooul v1, the MD5 API of documents 000, 001 and 003; what those leave out is in the gateway's public documents
//! (gateways.md section 1). Each part says where its facts come from.

mod answer;
mod offer;
mod request;
mod signing;

use super::call::{HttpAnswer, HttpCall};
use super::descriptor::Descriptor;
use super::{CloseOutcome, Closing, CreateIntent, Created, Dealing, Gateway, Read, Subject, Unbuildable};
use crate::order::report::TradeReport;

/// Pooul 普尔, API v1.
pub struct Pooul;

impl Gateway for Pooul {
    fn descriptor(&self) -> &'static Descriptor {
        &offer::DESCRIPTOR
    }

    fn create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
        request::create(dealing, intent)
    }

    fn read_create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Read<Created> {
        answer::read_create(dealing, intent, answer)
    }

    fn query(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        request::query(dealing, subject)
    }

    fn read_query(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<TradeReport> {
        answer::read_query(dealing, subject, answer)
    }

    fn closing(&self) -> Option<&dyn Closing> {
        Some(self)
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
