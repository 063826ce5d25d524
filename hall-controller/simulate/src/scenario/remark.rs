//! What is odd about a scenario that can be simulated all the same.

use std::collections::BTreeMap;
use std::fmt;

use hall_protocol::id::ServiceId;
use serde_json::Value;

use super::Scenario;

/// The keys of the form, by the object they stand in.
const SCENARIO: &[&str] =
    &["name", "opens", "closes", "slot_minutes", "changeover_minutes", "services", "windows"];
const SERVICE: &[&str] =
    &["id", "arrivals_per_slot", "service_minutes", "target_minutes", "patience_minutes", "classes"];
const REQUIREMENT: &[&str] = &["distribution", "mean", "cv"];
const WINDOW: &[&str] = &["id", "primary", "skills", "open", "speed"];

/// Something odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// A key that the form does not have, so that nobody reads it.
    UnknownKey {
        /// Where it stands first, such as `windows[0].colour`.
        path: String,
        /// In how many other objects of this kind it stands, too.
        more: usize,
        /// The keys such an object may have.
        known: &'static [&'static str],
    },
    /// Citizens come for the service, but no window that opens has it among its skills.
    NobodyCan {
        /// Which.
        service: ServiceId,
    },
    /// Citizens come for the service, but no window that opens has it as primary, so that nobody calls them
    /// as long as no window is moved.
    NobodyIsGiven {
        /// Which.
        service: ServiceId,
    },
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey { path, more, known } => {
                write!(f, "{path} ")?;
                match more {
                    0 => Ok(()),
                    1 => f.write_str("(and one more like it) "),
                    more => write!(f, "(and {more} more like it) "),
                }?;
                write!(f, "is no key of the form and is passed over; keys there: {}", known.join(", "))
            }
            Self::NobodyCan { service } => write!(
                f,
                "citizens come for service {service}, but no window that opens has it among its skills: nobody \
                 will call them"
            ),
            Self::NobodyIsGiven { service } => write!(
                f,
                "citizens come for service {service}, but no window that opens has it as primary: nobody calls \
                 them unless the balancer moves a window"
            ),
        }
    }
}

/// All there is to say of a scenario, and of the value it was read from.
pub(super) fn remarks(scenario: &Scenario, value: &Value) -> Vec<Remark> {
    let mut remarks = unknown_keys(value);
    for (place, service) in scenario.services.iter().enumerate() {
        if service.arrivals_per_slot.iter().all(|expected| *expected <= 0.0) {
            continue;
        }
        let mut windows = scenario.windows.iter().filter(|window| !window.open.is_empty());
        if !windows.clone().any(|window| window.skills.contains(&place)) {
            remarks.push(Remark::NobodyCan { service: service.id });
        } else if !windows.any(|window| window.primary.contains(&place)) {
            remarks.push(Remark::NobodyIsGiven { service: service.id });
        }
    }
    remarks
}

/// One remark a key and kind of object: a file may have thousands of windows.
fn unknown_keys(scenario: &Value) -> Vec<Remark> {
    let mut found = Found::default();
    found.look(scenario, SCENARIO, String::new);
    for (place, service) in list(scenario, "services") {
        found.look(service, SERVICE, || format!("services[{place}]."));
        let requirement = service.get("service_minutes").unwrap_or(&Value::Null);
        found.look(requirement, REQUIREMENT, || format!("services[{place}].service_minutes."));
    }
    for (place, window) in list(scenario, "windows") {
        found.look(window, WINDOW, || format!("windows[{place}]."));
    }
    found.remarks
}

fn list<'a>(scenario: &'a Value, key: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    scenario.get(key).and_then(Value::as_array).into_iter().flatten().enumerate()
}

/// The remarks so far, and which of them is about a key of a kind of object.
#[derive(Default)]
struct Found<'a> {
    remarks: Vec<Remark>,
    places: BTreeMap<(&'static [&'static str], &'a str), usize>,
}

impl<'a> Found<'a> {
    fn look(&mut self, object: &'a Value, known: &'static [&'static str], path: impl Fn() -> String) {
        let keys = object.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        for key in keys.filter(|key| !known.contains(key)) {
            let place = *self.places.entry((known, key)).or_insert(self.remarks.len());
            if let Some(Remark::UnknownKey { more, .. }) = self.remarks.get_mut(place) {
                *more += 1;
            } else {
                let path = format!("{}{key}", path());
                self.remarks.push(Remark::UnknownKey { path, more: 0, known });
            }
        }
    }
}
