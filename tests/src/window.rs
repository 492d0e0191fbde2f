//! The real window on a stage of its own, driven through WebDriver.
//!
//! A [`Stage`] is a machine in small: a screen without a monitor (Xvfb, or Xorg with two pretended ones), a session bus
//! with an unlocked keyring, a home folder, and the sandbox as the gateway and the customer. Nothing of it is shared
//! with another stage, and nothing of it outlives the test. [`Window`] is the app on that stage under WebKit's own
//! driver; the page objects say what can be seen and done on its screens. They name elements by `data-testid` and read
//! states from `data-` attributes, so that words may change; a test that is about words asks for the words.

mod checkout;
mod customer;
mod driver;
mod frame;
mod monitors;
mod orders;
mod people;
pub mod picture;
mod process;
mod refunds;
mod scanner;
mod settings;
mod stage;

pub use checkout::{Checkout, Panel};
pub use customer::CustomerWindow;
pub use driver::{Key, Window};
pub use orders::Orders;
pub use people::People;
pub(crate) use process::Part;
pub use process::Running;
pub use refunds::{RefundCard, RefundedOrder, Refunds};
pub use scanner::Pace;
pub use settings::SettingsScreen;
pub use stage::{Bench, Said, Stage, built};
