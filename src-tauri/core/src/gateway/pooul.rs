//! Pooul v1.

use super::call::{HttpAnswer, HttpCall};
use super::descriptor::{DEFAULT_PLAN, Descriptor};
use super::{Closing, CreateIntent, Created, Dealing, Gateway, Read, Subject, Unbuildable, Unreadable};
use crate::money::Currency;
use crate::order::report::TradeReport;
use crate::words::Label;

/// Pooul 普尔, API v1.
pub struct Pooul;

static DESCRIPTOR: Descriptor = Descriptor {
    name: "pooul",
    label: Label::new("普尔", "普爾", "Pooul"),
    base_url: "https://gateway.pooulcloud.cn",
    fields: &[],
    channels: &[],
    currencies: &[Currency::Cny],
    plan: DEFAULT_PLAN,
    close_floor_s: Some(300),
    reverse_floor_s: None,
    asked_by_our_number: true,
};

impl Gateway for Pooul {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }
    fn create(&self, _: Dealing<'_>, _: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
        Err(Unbuildable::BadValue("pay_type"))
    }
    fn read_create(&self, _: Dealing<'_>, _: &CreateIntent<'_>, _: &HttpAnswer) -> Read<Created> {
        Read::Unreadable(Unreadable::Empty)
    }
    fn query(&self, _: Dealing<'_>, _: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
        Err(Unbuildable::BadValue("pay_type"))
    }
    fn read_query(&self, _: Dealing<'_>, _: &Subject<'_>, _: &HttpAnswer) -> Read<TradeReport> {
        Read::Unreadable(Unreadable::Empty)
    }
    fn closing(&self) -> Option<&dyn Closing> {
        None
    }
}
