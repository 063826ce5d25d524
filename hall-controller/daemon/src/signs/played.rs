//! The demo's hall at work, for tests of what signs make of it.

use std::path::Path;

use hall_core::Hall;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, PressId};
use hall_core::view::HallView;
use hall_protocol::payload::{Class, Key};

use crate::clock::Clock;
use crate::config::Config;

/// A hall and its picture after every command.
pub(super) struct Played {
    hall: Hall,
    clock: Clock,
    presses: u32,
    seq: u64,
    pub(super) view: HallView,
}

impl Played {
    /// The demo's hall before anybody came.
    pub(super) fn new() -> Self {
        let text = include_str!("../../../../deploy/demo/hall.toml");
        let config = Config::parse(text, Path::new("hall.toml")).unwrap();
        let clock = Clock::new(config.time_zone.clone(), config.day_starts());
        let hall = Hall::new(config.plan.hall());
        let view = HallView::of(&hall, 0);
        let mut played = Self { hall, clock, presses: 0, seq: 0, view };
        // Open around the clock: a test may run at night.
        played.give(&Command::AdoptPlan(Box::new(config.plan.with_double_press_guard(|_| 0))));
        played
    }

    /// Do it; gives whether the hall did.
    pub(super) fn give(&mut self, command: &Command) -> bool {
        let Ok(decision) = self.hall.decide(command, self.clock.now()) else { return false };
        for event in &decision.events {
            self.hall.apply(event);
        }
        if !decision.events.is_empty() {
            self.seq += u64::try_from(decision.events.len()).unwrap();
            self.view = self.view.after(&self.hall, &decision.events, self.seq);
        }
        true
    }

    /// The picture tells how long people wait, as it does in a hall that runs.
    pub(super) fn estimate(&mut self) {
        if let Some(view) = self.view.estimated(&self.hall, self.clock.now()) {
            self.view = view;
        }
    }

    /// A citizen takes a number.
    pub(super) fn take(&mut self, service: &str) -> bool {
        let press = self.press_of(Device::Kiosk("K1".parse().unwrap()));
        let (service, class) = (service.parse().unwrap(), Class::Ordinary);
        self.give(&Command::Take { press, age_ms: 0, service, class, also: vec![] })
    }

    /// A clerk presses a key.
    pub(super) fn press(&mut self, window: &str, key: Key) -> bool {
        let press = self.press_of(Device::Pad(window.parse().unwrap()));
        let details = Details::default();
        self.give(&Command::Key { press, age_ms: 0, key, ticket: None, reason: None, details })
    }

    fn press_of(&mut self, device: Device) -> PressId {
        self.presses += 1;
        PressId { device, session: 1, seq: self.presses }
    }
}
