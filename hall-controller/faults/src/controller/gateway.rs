//! Between the broker and the engine, and out to the signs: presses in, replies and pictures out,
//! an acknowledgement when what a press did is durable.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hall_core::command::Command;
use hall_core::wire;

use super::{Around, Controller, Done, Outcome, Waiting};
use crate::bookings;
use crate::history::{CrashPoint, SECOND_US};
use crate::line::Driver;
use crate::mutant::Mutant;
use crate::network::{CONTROLLER, Message, Packet, Topic, Way};
use crate::random::Usual;
use crate::schedule::{Due, Sim};

const REPLY_EXPIRES_US: u64 = 10 * SECOND_US;

impl Controller {
    /// A packet of the broker's.
    pub(crate) fn take(&mut self, around: &mut Around, epoch: u32, packet: Packet) {
        let Around { sim, network, .. } = &mut *around;
        match packet {
            Packet::Accepted => {
                self.standstill.look(sim.instant());
                self.standstill.connected(sim.instant());
                self.link.connected(sim, epoch);
            }
            Packet::PubAck { id } => self.link.answered(id),
            Packet::Publish { id, publication } => {
                if let Message::Press(press) = publication.message {
                    if sim.is(Mutant::AcksBeforeCommit) {
                        network.send(sim, CONTROLLER, Way::Up, epoch, Packet::PubAck { id });
                    }
                    let command = press.command.clone();
                    let came = self.came(sim);
                    self.submit(sim, command, came, Done::Device { press, epoch, id });
                }
            }
            Packet::Connect => {}
        }
        self.link.pump(sim, network);
    }

    /// The earliest moment at which what is taken in now may have come.
    fn came(&mut self, sim: &Sim) -> Instant {
        self.standstill.look(sim.instant());
        if sim.is(Mutant::IgnoresStandstills) { sim.instant() } else { self.standstill.came(sim.instant()) }
    }

    /// A request of the booking system.
    pub(crate) fn ask(&mut self, sim: &mut Sim, ask: u32, command: Command) {
        let came = sim.instant();
        self.submit(sim, command, came, Done::Client { ask });
    }

    /// The manager orders something at a page, which says what came of it.
    pub(crate) fn order(&mut self, sim: &mut Sim, command: Command) {
        if self.open {
            let came = sim.instant();
            self.submit(sim, command, came, Done::Nobody);
        }
    }

    /// The connection to the broker is no more.
    pub(crate) fn lost(&mut self, sim: &Sim) {
        self.standstill.look(sim.instant());
        self.standstill.disconnected(sim.instant());
        self.link.lost();
    }

    /// Outcomes are durable: tell everybody.
    pub(super) fn release(&mut self, around: &mut Around, waiting: Vec<Waiting>) {
        for Waiting { outcome, done, .. } in waiting {
            match done {
                Done::Nobody => {}
                Done::Client { ask } => {
                    let checked = around.sim.ledger.client_answered(&outcome);
                    around.sim.check(checked);
                    if let Some(after_us) = bookings::way_us(&mut around.sim) {
                        around.sim.after(after_us, Due::Hears { ask, outcome });
                    }
                }
                Done::Opening => self.open_doors(around, &outcome),
                Done::Device { press, epoch, id } => {
                    let Around { sim, network, .. } = &mut *around;
                    if let Outcome::Refused(refusal) = &outcome {
                        let checked = sim.ledger.refused_without_trace(press.id, refusal);
                        sim.check(checked);
                    }
                    let reply = Message::Reply((press.id, outcome).into());
                    let expires_us = sim.now_us + REPLY_EXPIRES_US;
                    self.link.put_message(Topic::Reply(press.client), reply, expires_us);
                    self.link.pump(sim, network);
                    if sim.dies(CrashPoint::AfterReply) {
                        return;
                    }
                    network.send(sim, CONTROLLER, Way::Up, epoch, Packet::PubAck { id });
                }
            }
        }
    }

    /// The hall works by its plan: connect, and wake the signs. While the plan cannot be written
    /// the doors stay closed, and the next tick tries again.
    fn open_doors(&mut self, around: &mut Around, outcome: &Outcome) {
        if !matches!(outcome, Outcome::Done) {
            return;
        }
        self.open = true;
        self.driver = Some(Driver::new(&mut around.sim, self.life, &around.far));
        for window in self.view.windows.iter().map(Arc::clone) {
            self.link.put_state(Topic::Window(window.id), Message::Window(window));
        }
        for zone in self.view.zones.iter().map(Arc::clone) {
            self.link.put_state(Topic::Board(zone.id), Message::Board(zone));
        }
        self.shown = Some(self.view.clone());
        self.offer_menus(around);
        if let Some(driver) = &mut self.driver {
            driver.show(&mut around.sim, &mut around.far, &self.view);
        }
        let after_us = around.sim.between(Usual::Turn, 0, 100, 5_000);
        around.sim.after(after_us, Due::Dial { client: CONTROLLER });
    }

    /// Publish what changed since the last picture, and hand it to the signs.
    pub(super) fn show(&mut self, around: &mut Around) {
        if !self.open {
            return;
        }
        let checked = around.sim.ledger.shown(self.view.seq);
        around.sim.check(checked);
        let old = self.shown.replace(self.view.clone());
        let same_plan = old.as_ref().is_some_and(|old| Arc::ptr_eq(&old.plan, &self.view.plan));
        let old = old.filter(|_| same_plan);
        for (i, window) in self.view.windows.iter().enumerate() {
            let shown = old.as_ref().and_then(|old| old.windows.get(i));
            if !shown.is_some_and(|shown| Arc::ptr_eq(shown, window)) {
                self.link.put_state(Topic::Window(window.id), Message::Window(Arc::clone(window)));
            }
        }
        for (i, zone) in self.view.zones.iter().enumerate() {
            let shown = old.as_ref().and_then(|old| old.zones.get(i));
            if !shown.is_some_and(|shown| Arc::ptr_eq(shown, zone)) {
                self.link.put_state(Topic::Board(zone.id), Message::Board(Arc::clone(zone)));
            }
        }
        let Around { sim, network, far, .. } = around;
        self.link.pump(sim, network);
        if let Some(driver) = &mut self.driver {
            driver.show(sim, far, &self.view);
        }
    }

    /// Publish the menus that have changed.
    pub(super) fn offer_menus(&mut self, around: &mut Around) {
        if !self.open {
            return;
        }
        let now = around.sim.wall();
        for kiosk in self.view.plan.kiosks() {
            let menu = Rc::new(wire::menu(kiosk, &self.view, now));
            if self.menus.get(&kiosk.id).is_none_or(|shown| shown.services != menu.services) {
                self.link.put_state(Topic::Menu(kiosk.id), Message::Menu(Rc::clone(&menu)));
                self.menus.insert(kiosk.id, menu);
            }
        }
        self.link.pump(&mut around.sim, &mut around.network);
    }

    pub(crate) fn driver(&mut self) -> Option<&mut Driver> {
        self.driver.as_mut()
    }
}
