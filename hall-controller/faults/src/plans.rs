//! Small halls to play in.

use std::str::FromStr;

use hall_core::event::Device;
use hall_core::plan::{
    Calendar, FourDigits, Hours, Kiosk, Limits, Name, Plan, PlanError, PlanParts, Policy, Service, Slot,
    WeeklyHours, Window, Zone, only_ordinary,
};
use hall_protocol::appointment::DayMinute;
use hall_protocol::id::{DeviceId, HallId, IdError, ServiceId, WindowId, ZoneId};
use hall_protocol::payload::Class;

use crate::history::Shape;
use crate::kiosk::LEASE;

/// When slots begin: in the first minutes of the days as they are played.
const SLOTS: [u16; 17] = [0, 1, 2, 3, 4, 363, 364, 540, 541, 542, 543, 901, 902, 903, 904, 905, 1_439];

/// When a service is open, if it closes: from minute to minute, each ending within a day as it is played.
const OPEN: [(u16, u16); 5] = [(0, 2), (362, 364), (530, 541), (895, 903), (1_430, 1_440)];

/// The names of a hall's parts.
pub(crate) struct Names {
    pub(crate) hall: HallId,
    pub(crate) zones: Vec<ZoneId>,
    pub(crate) services: Vec<ServiceId>,
    pub(crate) windows: Vec<WindowId>,
    pub(crate) kiosks: Vec<DeviceId>,
    shape: Shape,
}

fn named<T: FromStr>(names: &[&str], count: u8) -> Vec<T> {
    names.iter().take(usize::from(count)).filter_map(|name| name.parse().ok()).collect()
}

impl Names {
    /// The names of a hall of this shape.
    pub(crate) fn of(shape: Shape) -> Result<Self, IdError> {
        Ok(Self {
            hall: HallId::new("county")?,
            zones: named(&["east", "west"], shape.zones),
            services: named(&["social", "tax", "property"], shape.services),
            windows: named(&["1", "2", "3"], shape.windows),
            kiosks: named(&["K1", "K2"], shape.kiosks),
            shape,
        })
    }

    /// Kiosks and then pads: every window has one, and the first may have two.
    pub(crate) fn devices(&self) -> Vec<Device> {
        let kiosks = self.kiosks.iter().map(|id| Device::Kiosk(*id));
        let second = self.windows.iter().take(usize::from(self.shape.second_pad));
        kiosks.chain(self.windows.iter().chain(second).map(|id| Device::Pad(*id))).collect()
    }

    /// The plan the hall opens with, and another: with a longer guard, windows that arm, kiosks that
    /// leave classes to the staff, one place in each slot, other policies, its services in another order, and one
    /// less if there are several.
    pub(crate) fn plans(&self) -> Result<[Plan; 2], PlanError> {
        let mut fewer = self.services.clone();
        if fewer.len() > 1 {
            fewer.pop();
        }
        fewer.reverse();
        let (queueing, [groups, other_groups]) = (self.shape.rules.queueing, self.shape.rules.groups);
        let (mut first, mut other) = (self.parts(&self.services, 2_000), self.parts(&fewer, 3_000));
        first.policy = queueing.rule(false, first.policy);
        other.policy = queueing.rule(true, other.policy);
        first.policy.groups = groups.groups(&self.services, &self.services);
        other.policy.groups = other_groups.groups(&self.services, &fewer);
        other.policy.armed_next = true;
        other.policy.defer_no_show_calls = other.policy.defer_no_show_calls.min(1);
        for service in &mut other.services {
            service.slots.iter_mut().for_each(|slot| slot.capacity = 1);
        }
        for kiosk in &mut other.kiosks {
            kiosk.classes = only_ordinary();
            kiosk.classes_to_confirm = vec![Class::Elderly];
        }
        Ok([Plan::new(first)?, Plan::new(other)?])
    }

    fn parts(&self, services: &[ServiceId], guard_ms: u32) -> PlanParts {
        let name = |text: &str, zh: &str| Name { zh: zh.to_owned(), en: text.to_owned() };
        let zone_of = |at: usize| self.zones[at % self.zones.len()];
        let kept = |at: usize, service: &ServiceId| {
            // The first window serves all, the others leave one out each.
            at == 0 || services.len() == 1 || services.iter().position(|s| s == service) != Some(at - 1)
        };
        PlanParts {
            hall: self.hall,
            name: name("county", "县政务大厅"),
            zones: self.zones.iter().map(|id| Zone { id: *id, name: name(id.as_str(), "等候区") }).collect(),
            services: services
                .iter()
                .enumerate()
                .filter_map(|(at, id)| {
                    let letters = ["A", "B", "C"][self.services.iter().position(|s| s == id)?];
                    Some(Service {
                        id: *id,
                        name: name(id.as_str(), ["社保", "税务", "房产"][at]),
                        prefix: letters.parse().ok()?,
                        digits: FourDigits(false),
                        zone: zone_of(at),
                        hours: self.hours(),
                        limits: Limits::default(),
                        slots: self.slots(),
                        target_minutes: 15,
                        usual_seconds: None,
                    })
                })
                .collect(),
            windows: self
                .windows
                .iter()
                .enumerate()
                .map(|(at, id)| Window {
                    id: *id,
                    label: id.to_string(),
                    services: services.iter().filter(|service| kept(at, service)).copied().collect(),
                    backup: Vec::new(),
                    hours: WeeklyHours::Always,
                })
                .collect(),
            kiosks: self
                .kiosks
                .iter()
                .map(|id| Kiosk {
                    id: *id,
                    services: services.to_vec(),
                    classes: vec![Class::Ordinary, Class::Elderly],
                    classes_to_confirm: Vec::new(),
                    lease: LEASE,
                })
                .collect(),
            clerks: Vec::new(),
            calendar: Calendar::default(),
            policy: Policy {
                double_press_guard_ms: guard_ms,
                defer_no_show_calls: self.shape.rules.defers.into(),
                check_in_early_minutes: 1,
                check_in_late_minutes: 1,
                ..Policy::default()
            },
        }
    }

    fn hours(&self) -> WeeklyHours {
        let open = OPEN.into_iter().filter(|_| self.shape.rules.closes);
        open.map(|(from_minute, until_minute)| Hours { from_minute, until_minute }).collect::<Vec<_>>().into()
    }

    fn slots(&self) -> Vec<Slot> {
        let begins = SLOTS.into_iter().filter(|_| self.shape.rules.books).filter_map(DayMinute::new);
        begins.map(|minute| Slot { minute, capacity: 1 + minute.get() % 2 }).collect()
    }
}
