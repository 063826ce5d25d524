//! Emergency texts: what everybody must know at once. While one stands, signs and screens show it and
//! nothing else; tickets and calls go on behind it.
//!
//! One text stands for the whole hall, and one for each zone that has its own. A zone's own is nearer
//! to whoever reads it and is shown there instead of the hall's; a newer text for the whole hall takes
//! the place of all.

use std::collections::BTreeMap;

use hall_protocol::id::{ClientId, ZoneId};
use hall_protocol::text::plain;
use serde::{Deserialize, Serialize};

use crate::event::{Cause, Event};
use crate::plan::{Plan, Window};
use crate::time::HallTime;

/// The longest text in one language, in bytes: 200 Chinese characters.
pub const EMERGENCY_TEXT_BYTES_MAX: usize = 600;

/// What is said, in Chinese and, if somebody wrote it, in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyText {
    zh: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    en: String,
}

/// Why a text cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmergencyTextError {
    /// It says nothing.
    Empty,
    /// It has so many bytes, more than [`EMERGENCY_TEXT_BYTES_MAX`].
    TooLong(usize),
    /// It has a control character, such as a tab; line breaks are fine.
    Control,
}

impl EmergencyText {
    /// The text, without blanks around it; `en` may be empty.
    ///
    /// # Errors
    /// When nothing can be shown of it, or not all of it.
    pub fn new(zh: &str, en: &str) -> Result<Self, EmergencyTextError> {
        let seen = |text: &str| {
            let lines: Vec<String> = text.split('\n').map(|line| plain(line).collect()).collect();
            lines.join("\n").trim().to_owned()
        };
        let (zh, en) = (zh.trim(), en.trim());
        if seen(zh).is_empty() {
            return Err(EmergencyTextError::Empty);
        }
        for text in [zh, en] {
            if text.len() > EMERGENCY_TEXT_BYTES_MAX {
                return Err(EmergencyTextError::TooLong(text.len()));
            }
            if text.chars().any(|character| character.is_control() && character != '\n') {
                return Err(EmergencyTextError::Control);
            }
        }
        Ok(Self { zh: seen(zh), en: seen(en) })
    }

    /// In Chinese.
    pub fn zh(&self) -> &str {
        &self.zh
    }

    /// In English; may be empty.
    pub fn en(&self) -> &str {
        &self.en
    }
}

/// Who wanted it, by name, and why, as far as they said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Grounds {
    /// Who, such as a badge number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A text that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// What it says.
    pub text: EmergencyText,
    /// Since when; until it is cleared.
    pub since: HallTime,
    /// The program through which it was put up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// Who wanted it and why.
    #[serde(flatten)]
    pub grounds: Grounds,
}

/// All texts that stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Emergencies {
    everywhere: Option<Emergency>,
    zones: BTreeMap<ZoneId, Emergency>,
}

impl Emergencies {
    /// Whether none stands.
    pub fn is_empty(&self) -> bool {
        self.everywhere.is_none() && self.zones.is_empty()
    }

    /// All of them: the whole hall's first, then each zone's own.
    pub fn all(&self) -> impl Iterator<Item = (Option<ZoneId>, &Emergency)> {
        let zones = self.zones.iter().map(|(zone, emergency)| (Some(*zone), emergency));
        self.everywhere.iter().map(|emergency| (None, emergency)).chain(zones)
    }

    /// What whoever waits in any of `zones` must know: each zone's own, the newest first, and the whole
    /// hall's unless every zone has its own.
    pub fn in_zones(&self, zones: impl IntoIterator<Item = ZoneId>) -> Vec<(Option<ZoneId>, &Emergency)> {
        let (mut own, mut without) = (BTreeMap::new(), false);
        for zone in zones {
            match self.zones.get(&zone) {
                Some(emergency) => drop(own.insert(zone, emergency)),
                None => without = true,
            }
        }
        let hall = self.everywhere.iter().filter(|_| without || own.is_empty());
        let mut found: Vec<_> = hall.map(|emergency| (None, emergency)).collect();
        found.extend(own.into_iter().map(|(zone, emergency)| (Some(zone), emergency)));
        found.sort_by_key(|(_, emergency)| std::cmp::Reverse(emergency.since));
        found
    }

    /// What stands for just these zones, or for the whole hall if there are none.
    pub fn of<'a>(
        &'a self,
        zones: &'a [ZoneId],
    ) -> impl Iterator<Item = (Option<ZoneId>, &'a Emergency)> + 'a {
        self.all().filter(move |(zone, _)| zone.map_or(zones.is_empty(), |zone| zones.contains(&zone)))
    }

    /// What must be known at a window: as for the zones of its services.
    pub fn at_window(&self, plan: &Plan, window: &Window) -> Vec<(Option<ZoneId>, &Emergency)> {
        let services = window.services.iter().filter_map(|id| plan.service(*id));
        self.in_zones(services.map(|service| service.zone))
    }

    /// Whether `text` stands just so for `zones`, or for the whole hall if there are none.
    pub(crate) fn says(&self, text: &EmergencyText, zones: &[ZoneId]) -> bool {
        let same = |emergency: Option<&Emergency>| emergency.is_some_and(|emergency| emergency.text == *text);
        match zones {
            [] => self.zones.is_empty() && same(self.everywhere.as_ref()),
            zones => zones.iter().all(|zone| same(self.zones.get(zone))),
        }
    }

    /// Whether clearing `zones`, or everything if there are none, would change anything.
    pub(crate) fn has_any(&self, zones: &[ZoneId]) -> bool {
        match zones {
            [] => !self.is_empty(),
            zones => zones.iter().any(|zone| self.zones.contains_key(zone)),
        }
    }

    /// What an event changes, if it is about an emergency.
    pub(crate) fn take_over(&mut self, event: &Event, cause: &Cause, at: HallTime) {
        match event {
            Event::EmergencyDeclared { text, zones, grounds } => {
                let client = match cause {
                    Cause::Client(client) => Some(*client),
                    Cause::Press(_) | Cause::Rule(_) => None,
                };
                let (text, grounds) = (text.clone(), grounds.clone());
                self.declare(&Emergency { text, since: at, client, grounds }, zones);
            }
            Event::EmergencyCleared { zones, .. } => self.clear(zones),
            _ => {}
        }
    }

    fn declare(&mut self, emergency: &Emergency, zones: &[ZoneId]) {
        if zones.is_empty() {
            *self = Self { everywhere: Some(emergency.clone()), zones: BTreeMap::new() };
        } else {
            self.zones.extend(zones.iter().map(|zone| (*zone, emergency.clone())));
        }
    }

    fn clear(&mut self, zones: &[ZoneId]) {
        if zones.is_empty() {
            *self = Self::default();
        } else {
            self.zones.retain(|zone, _| !zones.contains(zone));
        }
    }
}
