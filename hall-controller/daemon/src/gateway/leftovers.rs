//! Pictures the broker has kept of windows, zones and kiosks that are no more in the plan: an old pad would show
//! them for ever, so they are taken away.
//!
//! Only what the plan does not have is touched. To take a picture away is to publish that there is nothing, as a
//! state like any other: it comes anew with every connection, should the broker have been put back to a copy.

use std::collections::BTreeSet;

use bytes::Bytes;
use hall_core::plan::Plan;
use hall_protocol::topic::{Channel, Topic};
use tracing::info;

use super::Gateway;
use crate::mqtt::link::Incoming;

/// Pictures taken away at most: more than any hall ever had things.
const LEFTOVERS_MAX: usize = 4_096;

/// What was taken away since this process came.
#[derive(Debug, Default)]
pub(super) struct Leftovers {
    cleared: BTreeSet<Topic>,
    /// How many were so at the last look, and how many are in the log.
    seen: usize,
    told: usize,
}

impl Leftovers {
    /// Whether `topic` is to be cleared of the `payload` the broker keeps.
    fn take(&mut self, plan: &Plan, topic: Topic, payload: &[u8]) -> bool {
        let gone = match topic.channel {
            Channel::WindowState(id) => plan.window(id).is_none(),
            Channel::ZoneBoard(id) => plan.zone(id).is_none(),
            Channel::KioskMenu(id) => plan.kiosk(id).is_none(),
            _ => false,
        };
        let ours = gone && topic.hall == plan.hall() && !payload.is_empty();
        ours && self.cleared.len() < LEFTOVERS_MAX && self.cleared.insert(topic)
    }

    /// The names of all, once no more have come since the last look; `None` when there is nothing to tell.
    fn settled(&mut self) -> Option<String> {
        let count = self.cleared.len();
        let settled = count == self.seen && count > self.told;
        self.seen = count;
        settled.then(|| {
            self.told = count;
            self.cleared.iter().map(Topic::to_string).collect::<Vec<_>>().join(", ")
        })
    }
}

impl Gateway {
    /// Judge what the broker has kept from before.
    pub(super) fn hear_kept(&mut self, incoming: &Incoming) {
        let Ok(topic) = incoming.topic else { return };
        let plan = self.engine.view().borrow().plan.clone();
        if self.leftovers.take(&plan, topic, &incoming.payload) {
            self.metrics.count("cleared", "picture_of_what_is_gone");
            self.link.retain(topic, Bytes::new());
        }
    }

    /// Log what was taken away, in one line.
    pub(super) fn tell_leftovers(&mut self) {
        if let Some(topics) = self.leftovers.settled() {
            let count = self.leftovers.told;
            info!(
                count,
                topics, "what the MQTT broker kept of things that are not in the configuration is gone"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::tests::scribe::plan;

    fn topic(text: &str) -> Topic {
        Topic::parse(text).unwrap()
    }

    #[test]
    fn only_pictures_of_what_is_not_in_the_plan_are_taken_away() {
        let plan = plan();
        let mut leftovers = Leftovers::default();
        for (text, payload, gone) in [
            ("hall/v1/county/window/1/state", "{}", false),
            ("hall/v1/county/window/9/state", "{}", true),
            ("hall/v1/county/window/9/state", "{}", false),
            ("hall/v1/county/window/8/state", "", false),
            ("hall/v1/county/zone/A/board", "{}", false),
            ("hall/v1/county/zone/1/board", "{}", true),
            ("hall/v1/county/kiosk/K1/menu", "{}", false),
            ("hall/v1/county/kiosk/1/menu", "{}", true),
            ("hall/v1/county/kiosk/9/reply", "{}", false),
            ("hall/v1/county/window/9/status", "{}", false),
            ("hall/v1/county/controller/status", "{}", false),
            ("hall/v1/elsewhere/window/9/state", "{}", false),
        ] {
            assert_eq!(leftovers.take(&plan, topic(text), payload.as_bytes()), gone, "{text} {payload}");
        }
    }

    #[test]
    fn they_are_told_in_one_line_once_no_more_come() {
        let plan = plan();
        let mut leftovers = Leftovers::default();
        assert_eq!(leftovers.settled(), None);
        for window in ["8", "9"] {
            leftovers.take(&plan, topic(&format!("hall/v1/county/window/{window}/state")), b"{}");
            assert_eq!(leftovers.settled(), None, "another may be on its way");
        }
        let told = leftovers.settled();
        assert_eq!(told.as_deref(), Some("hall/v1/county/window/8/state, hall/v1/county/window/9/state"));
        assert_eq!(leftovers.settled(), None);
    }
}
