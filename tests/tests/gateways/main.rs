//! Journeys through every gateway of the product: the real engine on a real journal, over real HTTP, against the stage.

mod blueocean;
mod desk;
mod dingdang;
mod hong_kong;
mod jubao;
mod notifications;
mod outside;
mod pages;
mod partner;
mod phones;
mod pooul;
mod refunds;
mod strangers;
