//! A small hall whose commands are decided and written down, for the tests around the journal.

use std::path::Path;
use std::sync::mpsc;

use hall_core::Hall;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, PressId, Stamped};
use hall_core::plan::Plan;
use hall_core::ticket::TicketState;
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_journal::{Head, Journal, JournalReader};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key};
use serde_json::{Value, json};

use crate::records;

const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// 2026-03-02, 10:00 in China.
const BEGIN_MS: i64 = 20_514 * DAY_MS + 2 * HOUR_MS;

/// Decides commands one after the other and keeps what happened.
pub(crate) struct Scribe {
    pub(crate) hall: Hall,
    pub(crate) journal: Vec<Stamped>,
    wall_ms: i64,
    presses: u32,
}

/// Two zones, three services, three windows, two kiosks, as JSON: fields that plans get later have
/// their defaults.
pub(crate) fn parts() -> Value {
    let named = |zh: &str, en: &str| json!({ "zh": zh, "en": en });
    let service = |id: &str, zh: &str, en: &str, prefix: &str, zone: &str| {
        json!({
            "id": id, "name": named(zh, en), "prefix": prefix, "digits": false,
            "zone": zone, "hours": [], "target_minutes": 15
        })
    };
    let all = ["social", "tax", "property"];
    json!({
        "hall": "county",
        "name": named("县政务服务大厅", "County hall"),
        "zones": [{ "id": "A", "name": named("A区", "Zone A") }, { "id": "B", "name": named("B区", "Zone B") }],
        "services": [
            service("social", "社会保险", "Social insurance", "A", "A"),
            service("tax", "税务", "Tax", "B", "A"),
            service("property", "不动产登记", "Property", "C", "B"),
        ],
        "windows": [
            { "id": "1", "label": "1", "services": ["social", "tax"] },
            { "id": "2", "label": "2", "services": all },
            { "id": "3", "label": "3", "services": ["property"] },
        ],
        "kiosks": [{ "id": "K1", "services": all }, { "id": "K2", "services": ["social"] }],
        "policy": { "double_press_guard_ms": 2_000, "press_age_max_ms": 10_000 }
    })
}

/// The whole plan.
pub(crate) fn plan() -> Plan {
    plan_of(parts())
}

/// The plan without window 2 and without tax.
pub(crate) fn smaller_plan() -> Plan {
    plan_of(without_tax(parts()))
}

pub(crate) fn plan_of(parts: Value) -> Plan {
    serde_json::from_value(parts).unwrap()
}

pub(crate) fn without_tax(mut parts: Value) -> Value {
    parts["services"].as_array_mut().unwrap().remove(1);
    parts["windows"].as_array_mut().unwrap().remove(1);
    parts["windows"][0]["services"] = json!(["social"]);
    parts["kiosks"][0]["services"] = json!(["social", "property"]);
    parts
}

impl Scribe {
    /// A hall of which nothing is known.
    pub(crate) fn new() -> Self {
        let hall = Hall::new("county".parse().unwrap());
        Self { hall, journal: Vec::new(), wall_ms: BEGIN_MS, presses: 0 }
    }

    /// Decide, apply and note.
    pub(crate) fn give(&mut self, command: &Command) {
        // The hall's day begins at midnight in China, eight hours ahead of UTC.
        let local_ms = self.wall_ms + 8 * HOUR_MS;
        let now = Now {
            at: HallTime::from_unix_ms(self.wall_ms),
            day: BusinessDay::from_days(i32::try_from(local_ms.div_euclid(DAY_MS)).unwrap()),
            minute: u16::try_from(local_ms.rem_euclid(DAY_MS) / 60_000).unwrap(),
        };
        let Ok(decision) = self.hall.decide(command, now) else { return };
        decision.events.iter().for_each(|stamped| self.hall.apply(stamped));
        self.journal.extend(decision.events);
    }

    pub(crate) fn adopt(&mut self, plan: Plan) {
        self.give(&Command::AdoptPlan(Box::new(plan)));
    }

    pub(crate) fn wait_ms(&mut self, ms: i64) {
        self.wall_ms += ms;
    }

    pub(crate) fn take(&mut self, kiosk: &str, service: &str) {
        let press = self.press(Device::Kiosk(kiosk.parse().unwrap()));
        let service = service.parse().unwrap();
        self.give(&Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() });
    }

    pub(crate) fn key(&mut self, window: &str, key: Key) {
        self.key_because(window, key, None);
    }

    pub(crate) fn key_because(&mut self, window: &str, key: Key, reason: Option<&str>) {
        self.key_for(window, key, reason, Details::default());
    }

    pub(crate) fn key_with(&mut self, window: &str, key: Key, details: Details) {
        self.key_for(window, key, None, details);
    }

    pub(crate) fn sign_on(&mut self, window: &str, clerk: &str) {
        self.key_with(window, Key::SignOn, Details { clerk: clerk.parse().ok(), ..Details::default() });
    }

    pub(crate) fn key_for(&mut self, window: &str, key: Key, reason: Option<&str>, details: Details) {
        let press = self.press(Device::Pad(window.parse().unwrap()));
        let reason = reason.map(str::to_owned);
        self.give(&Command::Key { press, age_ms: 0, key, ticket: None, reason, details });
    }

    /// The ticket longest parked at a window.
    pub(crate) fn parked_at(&self, window: &str) -> Option<TicketNumber> {
        let there = TicketState::Parked { window: window.parse().unwrap() };
        Some(self.hall.tickets().find(|ticket| ticket.state == there)?.number)
    }

    pub(crate) fn press(&mut self, device: Device) -> PressId {
        self.presses += 1;
        self.wall_ms += 3_000;
        PressId { device, session: 7, seq: self.presses }
    }

    /// Write all that happened into a new journal in `directory`; its heads, one a record.
    pub(crate) fn write(&self, directory: &Path) -> Vec<Head> {
        let nothing = |_| Ok::<(), std::convert::Infallible>(());
        let journal = Journal::open(directory, "county").unwrap().replay(nothing).unwrap();
        let writer = journal.start().unwrap();
        let (answer, answered) = mpsc::channel();
        let entries = self.journal.iter().map(|stamped| records::entry(stamped).unwrap()).collect();
        writer.reserve().unwrap().append(entries, move |result| answer.send(result).unwrap());
        answered.recv().unwrap().unwrap();
        writer.close().unwrap();
        let mut heads = Vec::new();
        JournalReader::open(directory)
            .unwrap()
            .read(|record| {
                heads.push(record.head());
                Ok::<(), std::convert::Infallible>(())
            })
            .unwrap();
        heads
    }

    /// The hall after the first `seq` events.
    pub(crate) fn hall_after(&self, seq: usize) -> Hall {
        let mut hall = Hall::new("county".parse().unwrap());
        self.journal[..seq].iter().for_each(|stamped| hall.apply(stamped));
        hall
    }
}
