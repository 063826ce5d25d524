//! The hall as it was planned: zones, services, windows, kiosks and the rules for calling.
//!
//! A [`Plan`] is checked once, when it is made; everything else may rely on its promises. It comes
//! from configuration and is journaled when it changes, so that a replay needs no configuration.

mod balancing;
mod calendar;
mod clerks;
mod policy;
mod service_set;
mod window;

use std::collections::BTreeMap;

use hall_protocol::appointment::DayMinute;
use hall_protocol::id::{ClerkId, DeviceId, HallId, ServiceId, WindowId, ZoneId};
use hall_protocol::number::{Digits, Prefix};
use hall_protocol::payload::Class;
use serde::{Deserialize, Serialize};

pub use self::balancing::{Group, GuardRails};
pub use self::calendar::{Calendar, Half, Hours, SpecialDay, WeeklyHours};
pub use self::clerks::Clerk;
pub(crate) use self::clerks::Skills;
pub use self::policy::{Balance, Policy, Routing, Seniority};
pub(crate) use self::service_set::ServiceSet;
pub use self::window::Window;

/// A name for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A seating area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Its id.
    pub id: ZoneId,
    /// Its name.
    pub name: Name,
}

/// What a citizen comes for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: Name,
    /// The letters of its numbers; no other service has them.
    pub prefix: Prefix,
    /// The width of its numbers.
    pub digits: FourDigits,
    /// Where its citizens wait.
    pub zone: ZoneId,
    /// When tickets are issued, while the hall is open.
    pub hours: WeeklyHours,
    /// How many, and up to when.
    #[serde(default)]
    pub limits: Limits,
    /// The slots of each day that can be booked, the earliest first; none means no appointments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<Slot>,
    /// Citizens should be called within this many minutes.
    pub target_minutes: u16,
    /// How long a service usually takes, in seconds; live times take its place as they come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual_seconds: Option<u32>,
}

/// A time of each day for which citizens book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// When it begins.
    pub minute: DayMinute,
    /// How many may book it.
    pub capacity: u16,
}

impl Service {
    /// The slot that begins at this minute of each day.
    pub fn slot(&self, minute: DayMinute) -> Option<Slot> {
        self.slots.iter().find(|slot| slot.minute == minute).copied()
    }
}

/// What bounds the numbers kiosks give of one service. Clerks are not bound by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// The last ticket is issued so many minutes before the service closes for the day.
    pub last_ticket_minutes: u16,
    /// So many a business day, at most.
    pub daily_quota: Option<u32>,
    /// So many in its morning, at most.
    pub morning_quota: Option<u32>,
    /// So many in its afternoon, at most.
    pub afternoon_quota: Option<u32>,
}

/// Whether numbers are printed with four digits instead of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FourDigits(pub bool);

impl FourDigits {
    /// As the wire's type.
    pub const fn digits(self) -> Digits {
        if self.0 { Digits::Four } else { Digits::Three }
    }
}

/// A kiosk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kiosk {
    /// Its id.
    pub id: DeviceId,
    /// The services it offers, in the order of its screen.
    pub services: Vec<ServiceId>,
    /// The classes it may grant by itself; others need the staff.
    #[serde(default = "only_ordinary")]
    pub classes: Vec<Class>,
    /// The classes it may grant until the staff has confirmed them: the ticket waits as an ordinary
    /// one meanwhile.
    #[serde(default)]
    pub classes_to_confirm: Vec<Class>,
    /// So many numbers of each service it keeps to print while the line is down; 0 means none.
    #[serde(default)]
    pub lease: u16,
}

impl Kiosk {
    /// As what a ticket of this class is given, and which class the staff has still to confirm;
    /// `None` when the kiosk may not.
    pub(crate) fn grants(&self, class: Class) -> Option<(Class, Option<Class>)> {
        if self.classes.contains(&class) {
            return Some((class, None));
        }
        self.classes_to_confirm.contains(&class).then_some((Class::Ordinary, Some(class)))
    }
}

/// What a kiosk may grant that was planned before there were classes.
pub fn only_ordinary() -> Vec<Class> {
    vec![Class::Ordinary]
}

/// What a plan is made of, before it is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanParts {
    /// The hall.
    pub hall: HallId,
    /// Its name.
    pub name: Name,
    /// Its seating areas.
    pub zones: Vec<Zone>,
    /// Its services.
    pub services: Vec<Service>,
    /// Its windows.
    pub windows: Vec<Window>,
    /// Its kiosks.
    pub kiosks: Vec<Kiosk>,
    /// Its clerks; none means that anybody may sign on.
    #[serde(default)]
    pub clerks: Vec<Clerk>,
    /// When it is open.
    #[serde(default)]
    pub calendar: Calendar,
    /// Its rules.
    pub policy: Policy,
}

/// A checked plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PlanParts", into = "PlanParts")]
pub struct Plan {
    parts: PlanParts,
    zones: BTreeMap<ZoneId, usize>,
    services: BTreeMap<ServiceId, usize>,
    windows: BTreeMap<WindowId, usize>,
    kiosks: BTreeMap<DeviceId, usize>,
    clerks: BTreeMap<ClerkId, usize>,
    /// One for each clerk.
    skills: Vec<Skills>,
    /// One for each service: the place of its group, if it is in one.
    groups: Vec<Option<usize>>,
}

/// Why parts do not make a plan. Names are of the parts concerned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No zone, service or window at all.
    #[error("the hall has no {0}: a plan needs at least one zone, one service and one window")]
    Nothing(&'static str),
    /// Two parts of a kind share an id.
    #[error("two {kind}s are called {id}")]
    DuplicateId {
        /// `zone`, `service`, `window`, `kiosk` or `clerk`.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// Two services share their letters.
    #[error("services {first} and {second} both use the letters {prefix}: their numbers would be the same")]
    DuplicatePrefix {
        /// The one that came first.
        first: ServiceId,
        /// The other.
        second: ServiceId,
        /// The letters.
        prefix: Prefix,
    },
    /// A service waits in a zone that is not there.
    #[error("service {service} waits in zone {zone}, which does not exist")]
    UnknownZone {
        /// The service.
        service: ServiceId,
        /// The zone named.
        zone: ZoneId,
    },
    /// A window, kiosk or group names a service that is not there.
    #[error("{place} names service {service}, which does not exist")]
    UnknownService {
        /// Such as `window 3`.
        place: String,
        /// The service named.
        service: ServiceId,
    },
    /// A window, kiosk or group names a service twice, or none.
    #[error("{place} {what}")]
    Services {
        /// Such as `window 3`.
        place: String,
        /// What is wrong with its list.
        what: String,
    },
    /// A backup who is not there, or the clerk too.
    #[error("clerk {clerk} has the backup {backup}, who must be another clerk of the plan")]
    Backup {
        /// Whose.
        clerk: ClerkId,
        /// The one named.
        backup: ClerkId,
    },
    /// Hours that end before they begin, or after midnight.
    #[error("{0}: hours must begin before they end, within one day")]
    Hours(String),
    /// Slots out of order, at the same minute, or for nobody.
    #[error("service {0}: slots must follow each other, each for one citizen at least")]
    Slots(ServiceId),
}

impl Plan {
    /// Check the parts: ids and prefixes are unique, every name resolves, hours make sense.
    pub fn new(parts: PlanParts) -> Result<Self, PlanError> {
        let zones = index("zone", parts.zones.iter().map(|zone| zone.id))?;
        let services = index("service", parts.services.iter().map(|service| service.id))?;
        let windows = index("window", parts.windows.iter().map(|window| window.id))?;
        let kiosks = index("kiosk", parts.kiosks.iter().map(|kiosk| kiosk.id))?;
        for (what, empty) in
            [("zone", zones.is_empty()), ("service", services.is_empty()), ("window", windows.is_empty())]
        {
            if empty {
                return Err(PlanError::Nothing(what));
            }
        }
        let mut prefixes = BTreeMap::new();
        for service in &parts.services {
            if let Some(first) = prefixes.insert(service.prefix, service.id) {
                return Err(PlanError::DuplicatePrefix { first, second: service.id, prefix: service.prefix });
            }
            if !zones.contains_key(&service.zone) {
                return Err(PlanError::UnknownZone { service: service.id, zone: service.zone });
            }
            if !service.hours.are_right() {
                return Err(PlanError::Hours(format!("service {}", service.id)));
            }
            let follow = service.slots.is_sorted_by(|slot, next| slot.minute < next.minute);
            if !follow || service.slots.iter().any(|slot| slot.capacity == 0) {
                return Err(PlanError::Slots(service.id));
            }
        }
        if let Some(window) = parts.windows.iter().find(|window| !window.hours.are_right()) {
            return Err(PlanError::Hours(format!("window {}", window.id)));
        }
        if !parts.calendar.is_right() {
            return Err(PlanError::Hours("the hall".into()));
        }
        for window in &parts.windows {
            let place = || format!("window {}", window.id);
            if window.services.is_empty() {
                return Err(PlanError::Services { place: place(), what: "has no services".into() });
            }
            check_services(place(), &window.all_services().collect::<Vec<_>>(), &services)?;
        }
        for kiosk in &parts.kiosks {
            check_services(format!("kiosk {}", kiosk.id), &kiosk.services, &services)?;
        }
        let clerks = clerks::check(&parts.clerks, &services)?;
        let skills = clerks::skills(&parts.clerks, &services);
        balancing::check(&parts.policy.groups, &services)?;
        let groups = balancing::places(&parts.policy.groups, &parts.services);
        Ok(Self { parts, zones, services, windows, kiosks, clerks, skills, groups })
    }

    /// The plan of a hall nothing is known of yet, before its first event.
    pub(crate) fn unknown(hall: HallId) -> Self {
        let nowhere = Name { zh: String::new(), en: String::new() };
        let parts = PlanParts {
            hall,
            name: nowhere,
            zones: Vec::new(),
            services: Vec::new(),
            windows: Vec::new(),
            kiosks: Vec::new(),
            clerks: Vec::new(),
            calendar: Calendar::default(),
            policy: Policy::default(),
        };
        Self {
            parts,
            zones: BTreeMap::new(),
            services: BTreeMap::new(),
            windows: BTreeMap::new(),
            kiosks: BTreeMap::new(),
            clerks: BTreeMap::new(),
            skills: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// The hall.
    pub fn hall(&self) -> HallId {
        self.parts.hall
    }

    /// The hall's name.
    pub fn name(&self) -> &Name {
        &self.parts.name
    }

    /// The rules.
    pub fn policy(&self) -> &Policy {
        &self.parts.policy
    }

    /// The same plan with its double-press guard changed from `ms` to `change(ms)`.
    #[must_use]
    pub fn with_double_press_guard(mut self, change: impl FnOnce(u32) -> u32) -> Self {
        let guard = &mut self.parts.policy.double_press_guard_ms;
        *guard = change(*guard);
        self
    }

    /// All zones, in the plan's order.
    pub fn zones(&self) -> &[Zone] {
        &self.parts.zones
    }

    /// All services, in the plan's order.
    pub fn services(&self) -> &[Service] {
        &self.parts.services
    }

    /// All windows, in the plan's order.
    pub fn windows(&self) -> &[Window] {
        &self.parts.windows
    }

    /// All kiosks, in the plan's order.
    pub fn kiosks(&self) -> &[Kiosk] {
        &self.parts.kiosks
    }

    /// The zone's place in [`Plan::zones`].
    pub fn zone_index(&self, id: ZoneId) -> Option<usize> {
        self.zones.get(&id).copied()
    }

    /// The service's place in [`Plan::services`].
    pub fn service_index(&self, id: ServiceId) -> Option<usize> {
        self.services.get(&id).copied()
    }

    /// The window's place in [`Plan::windows`].
    pub fn window_index(&self, id: WindowId) -> Option<usize> {
        self.windows.get(&id).copied()
    }

    /// The zone called `id`.
    pub fn zone(&self, id: ZoneId) -> Option<&Zone> {
        self.parts.zones.get(self.zone_index(id)?)
    }

    /// The service called `id`.
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.parts.services.get(self.service_index(id)?)
    }

    /// The window called `id`.
    pub fn window(&self, id: WindowId) -> Option<&Window> {
        self.parts.windows.get(self.window_index(id)?)
    }

    /// The kiosk called `id`.
    pub fn kiosk(&self, id: DeviceId) -> Option<&Kiosk> {
        self.parts.kiosks.get(*self.kiosks.get(&id)?)
    }
}

/// The serde form of the plan within a hall's state: unlike a plan from outside it may be
/// [`Plan::unknown`], since a hall may be kept before it has adopted one.
pub(crate) mod of_a_hall {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Plan, PlanParts};

    pub(crate) fn serialize<S: Serializer>(plan: &Arc<Plan>, serializer: S) -> Result<S::Ok, S::Error> {
        plan.parts.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Plan>, D::Error> {
        let parts = PlanParts::deserialize(deserializer)?;
        let unknown = Plan::unknown(parts.hall);
        if parts == unknown.parts {
            return Ok(Arc::new(unknown));
        }
        Plan::new(parts).map(Arc::new).map_err(serde::de::Error::custom)
    }
}

impl TryFrom<PlanParts> for Plan {
    type Error = PlanError;
    fn try_from(parts: PlanParts) -> Result<Self, PlanError> {
        Self::new(parts)
    }
}

impl From<Plan> for PlanParts {
    fn from(plan: Plan) -> Self {
        plan.parts
    }
}

fn index<K: Ord + std::fmt::Display + Copy>(
    kind: &'static str,
    ids: impl Iterator<Item = K>,
) -> Result<BTreeMap<K, usize>, PlanError> {
    let mut places = BTreeMap::new();
    for (place, id) in ids.enumerate() {
        if places.insert(id, place).is_some() {
            return Err(PlanError::DuplicateId { kind, id: id.to_string() });
        }
    }
    Ok(places)
}

fn check_services(
    place: String,
    list: &[ServiceId],
    known: &BTreeMap<ServiceId, usize>,
) -> Result<(), PlanError> {
    if list.is_empty() {
        return Err(PlanError::Services { place, what: "has no services".into() });
    }
    for (i, service) in list.iter().enumerate() {
        if !known.contains_key(service) {
            return Err(PlanError::UnknownService { place, service: *service });
        }
        if list[..i].contains(service) {
            return Err(PlanError::Services { place, what: format!("names service {service} twice") });
        }
    }
    Ok(())
}
