//! What `eventful` lets happen nowhere: a window serves what it has as a backup, and hours pause one.

use hall_core::command::{Command, Order};
use hall_protocol::payload::Key;
use serde_json::json;

use super::super::scribe::{Scribe, parts, plan_of};

/// Half an hour at two windows, of which the second has a break from 10:30.
pub(crate) fn relieved() -> Scribe {
    let mut parts = parts();
    parts["windows"][1]["hours"] =
        json!([{ "from_minute": 480, "until_minute": 630 }, { "from_minute": 690, "until_minute": 1_020 }]);
    let mut scribe = Scribe::new();
    scribe.adopt(plan_of(parts));
    scribe.key("1", Key::Open);
    scribe.key("2", Key::Open);
    let [primary, backup] = ["social", "tax"].map(|service| vec![service.parse().unwrap()]);
    let order = Order::Allocate { window: "1".parse().unwrap(), primary, backup };
    scribe.give(&Command::Manage { by: "chief".parse().unwrap(), order });
    scribe.take("K1", "tax");
    scribe.key("1", Key::Next);
    scribe.wait_ms(31 * 60_000);
    scribe.give(&Command::Tick);
    scribe
}
