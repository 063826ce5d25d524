//! What the history says, done: people come and press, and things break.

use hall_core::command::Command;
use hall_protocol::payload::{Class, Key};

use super::World;
use crate::controller::{Around, Controller};
use crate::device::Wish;
use crate::equipment::Equipment;
use crate::history::{Act, CrashPoint};
use crate::network::CONTROLLER;
use crate::schedule::Due;
use crate::standstill::SILENCE_US;
use crate::wishes;

impl World {
    /// The step at this place of the history.
    #[expect(clippy::too_many_lines, reason = "a row for each act, so that none is forgotten")]
    pub(super) fn step(&mut self, at: usize) {
        let Some(step) = self.history.steps.get(at).copied() else { return };
        let Around { sim, network, far, .. } = &mut self.around;
        match self.history.steps.get(at + 1) {
            Some(next) => sim.at(next.at_us, Due::Step(at + 1)),
            None => self.over = true,
        }
        let clients = 1 + self.devices.len() + self.screens.len();
        sim.tell(|| format!("*** {}", step.act));
        match step.act {
            Act::Take { kiosk, service, also, elderly } => {
                let named = |service: u8| self.names.services[usize::from(service)];
                let class = if elderly { Class::Elderly } else { Class::Ordinary };
                let wish = Wish::Take { service: named(service), also: also.map(named), class };
                self.presses += 1;
                self.devices[usize::from(kiosk)].press(sim, network, self.presses, wish);
            }
            Act::Return { kiosk, nth } => {
                if let Some(number) = wishes::number(&sim.ledger.hall, Key::Return, nth) {
                    self.presses += 1;
                    let kiosk = with_a_screen(&self.devices[..self.history.shape.kiosks.into()], kiosk);
                    self.devices[kiosk].press(sim, network, self.presses, Wish::Return(number));
                }
            }
            Act::CheckIn { kiosk, nth } => {
                if let Some(code) = wishes::code(&sim.ledger.hall, nth) {
                    self.presses += 1;
                    let kiosk = with_a_screen(&self.devices[..self.history.shape.kiosks.into()], kiosk);
                    self.devices[kiosk].press(sim, network, self.presses, Wish::CheckIn(code));
                }
            }
            Act::Book { appointment, service, nth } => self.book(appointment, service, nth),
            Act::Unbook { appointment } => {
                if let Some((client, appointment)) = wishes::booking(appointment) {
                    self.registry.wants(sim, appointment, Command::Unbook { client, appointment });
                }
            }
            Act::Import { rows, nth } => {
                for row in 0..rows {
                    // The same list again has the same rows.
                    self.book(row, nth.wrapping_add(row), nth.wrapping_mul(row + 1));
                }
            }
            Act::Allocate { window, nth } => {
                let order = wishes::allocation(&sim.ledger.hall, &self.names, window, nth);
                self.order(order);
            }
            Act::WriteOff { kiosk } => self.order(wishes::write_off(&self.names, kiosk)),
            Act::SetRouting { group, nth } => self.order(wishes::routing(group, nth)),
            Act::Press { pad, key, names_ticket, nth } => {
                let details = wishes::details(&sim.ledger.hall, &self.names, key, nth);
                let device = &mut self.devices[usize::from(self.history.shape.kiosks + pad)];
                let ticket = device.number().filter(|_| names_ticket);
                self.presses += 1;
                device.press(sim, network, self.presses, Wish::Key { key, ticket, details });
            }
            Act::Weather { weather, place, percent, for_us } => {
                sim.begin_weather(weather, usize::from(place), percent, for_us);
            }
            Act::Partition { client, for_us } => {
                network.partition(sim, usize::from(client) % clients, for_us);
            }
            Act::BrokerRestart { down_us, keeps_sessions, keeps_retained } => {
                self.broker.stop(keeps_sessions, keeps_retained);
                sim.after(down_us, Due::BrokerUp);
                (0..clients).for_each(|client| self.disconnect(client));
            }
            Act::Crash { point, down_us, other_plan } => {
                if self.controller.is_some() {
                    self.down_us = down_us;
                    self.plan = usize::from(other_plan);
                    sim.armed = Some(point);
                    sim.dies(CrashPoint::Now);
                }
            }
            Act::Standstill { for_us } => self.stand_still(for_us),
            Act::ClockJump { ms } => {
                sim.jump_clock(ms);
                sim.ledger.clock_jumped();
            }
            Act::Night { ms } => {
                sim.night(ms);
                sim.ledger.clock_jumped();
            }
            Act::Reboot { device, keeps_sequence, keeps_store } => {
                let client = usize::from(device) + 1;
                self.devices[usize::from(device)].reboot(sim, keeps_sequence, keeps_store);
                self.broker.lost(client);
                self.disconnect(client);
            }
            Act::LineCut { for_us } => {
                far.cut(sim, for_us);
                if let Some(driver) = self.controller.as_mut().and_then(Controller::driver) {
                    driver.lost(sim);
                }
            }
            Act::SignRestart { sign } => far.restart(sim, usize::from(sign)),
            Act::SignDark { sign, for_us } => far.darken(sim, usize::from(sign), for_us),
            Act::Calm => sim.armed = None,
            Act::Look => {
                let looked = self.look();
                self.around.sim.check(looked);
            }
        }
    }

    /// The city books a slot of a service, or changes what it booked by this id.
    fn book(&mut self, appointment: u8, service: u8, nth: u8) {
        let sim = &mut self.around.sim;
        let service = self.names.services[usize::from(service) % self.names.services.len()];
        let slot = wishes::slot(&self.plans[self.plan], service, sim.wall(), nth);
        if let (Some(slot), Some((client, appointment))) = (slot, wishes::booking(appointment)) {
            let command = Command::Book { client, appointment, service, slot };
            self.registry.wants(sim, appointment, command);
        }
    }

    /// The manager orders something of the controller, if there is one.
    fn order(&mut self, order: Option<Command>) {
        if let (Some(command), Some(controller)) = (order, &mut self.controller) {
            controller.order(&mut self.around.sim, command);
        }
    }

    /// The controller's process stops for a while.
    fn stand_still(&mut self, for_us: u64) {
        let Around { sim, network, .. } = &mut self.around;
        if self.controller.is_none() || self.standstill.stands() {
            return;
        }
        self.standstill.begin();
        sim.after(for_us, Due::GoesOn { life: self.life });
        if let (true, Some(epoch)) = (for_us > SILENCE_US, network.epoch(CONTROLLER)) {
            sim.after(SILENCE_US, Due::Broken { client: CONTROLLER, epoch });
        }
    }
}

/// The kiosk, or another where one can do more than press a button, if there is one.
fn with_a_screen(kiosks: &[Equipment], kiosk: u8) -> usize {
    let others = (0..kiosks.len()).map(|other| (usize::from(kiosk) + other) % kiosks.len());
    others.into_iter().find(|other| !kiosks[*other].has_only_buttons()).unwrap_or(kiosk.into())
}
