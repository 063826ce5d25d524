//! The hall as a whole: what is due is given to whom it concerns, step by step, until the history
//! is over or an invariant does not hold.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use hall_core::command::Command;
use hall_core::plan::Plan;
use hall_core::view::HallView;
use hall_protocol::payload::{Class, Key};

use crate::bookings::Registry;
use crate::broker::Broker;
use crate::content::Shows;
use crate::controller::{Around, Controller};
use crate::device::Wish;
use crate::equipment::Equipment;
use crate::history::{Act, CrashPoint, History, SECOND_US};
use crate::invariants::{Checked, Invariant, Ledger, violated};
use crate::line::FarEnd;
use crate::mutant::Mutant;
use crate::network::{CONTROLLER, Network, Packet, Topic};
use crate::plans::Names;
use crate::random::{Fates, Strike};
use crate::schedule::{Due, Sim};
use crate::screen::Screen;
use crate::standstill::{SILENCE_US, Standstill};
use crate::store::Disk;
use crate::wishes;

/// A supervisor starts a controller that stopped by itself after this long.
const SUPERVISOR_US: u64 = SECOND_US;

/// More events than any history has: a run that comes here goes round in circles.
const EVENTS_MAX: u64 = 3_000_000;

/// A hall being played.
pub(crate) struct World {
    history: History,
    around: Around,
    broker: Broker,
    devices: Vec<Equipment>,
    screens: Vec<Screen>,
    registry: Registry,
    controller: Option<Controller>,
    standstill: Standstill,
    life: u32,
    names: Names,
    plans: [Plan; 2],
    plan: usize,
    /// How long the controller stays away when it dies next.
    down_us: u64,
    presses: u32,
    events: u64,
    over: bool,
}

impl World {
    pub(crate) fn new(
        history: History,
        mutant: Mutant,
        only: Option<BTreeSet<Strike>>,
        tells: bool,
    ) -> Option<Self> {
        let shape = history.shape;
        let names = Names::of(shape).ok()?;
        let plans = names.plans().ok()?;
        let fates = Fates::new(history.seed, only);
        let mut sim = Sim::new(fates, mutant, Ledger::new(names.hall), shape.opens_ms, tells);
        let mut subscriptions = vec![vec![Topic::Requests]];
        let mut devices = Vec::new();
        let all = names.devices();
        for (at, name) in all.iter().enumerate() {
            let client = subscriptions.len();
            let mut topics = vec![Topic::Reply(client)];
            if let hall_core::event::Device::Pad(window) = name {
                topics.push(Topic::Window(*window));
            }
            subscriptions.push(topics);
            let stubborn = shape.stubborn_pad && at + 1 == all.len();
            devices.push(Equipment::new(&mut sim, &names, history.seed, at, client, *name, stubborn));
        }
        let mut screens = Vec::new();
        for zone in &names.zones {
            let client = subscriptions.len();
            subscriptions.push(vec![Topic::Board(*zone)]);
            screens.push(Screen::new(client, *zone));
        }
        if let Some(first) = history.steps.first() {
            sim.at(first.at_us, Due::Step(0));
        }
        sim.after(0, Due::Start);
        for client in 1..subscriptions.len() {
            sim.after(1_000, Due::Dial { client });
        }
        let windows = names.windows.iter().map(|id| Shows::Window(*id));
        let far = FarEnd::new(windows.chain(names.zones.iter().map(|id| Shows::Zone(*id))), history.seed);
        let disk = Disk::new(names.hall.as_str(), mutant == Mutant::LetsGhostsReturn);
        let network = Network::new(subscriptions.len());
        Some(Self {
            over: history.steps.is_empty(),
            history,
            around: Around { sim, network, far, disk: Rc::new(RefCell::new(disk)) },
            broker: Broker::new(subscriptions),
            devices,
            screens,
            registry: Registry::default(),
            controller: None,
            standstill: Standstill::default(),
            life: 0,
            names,
            plans,
            plan: 0,
            down_us: 0,
            presses: 0,
            events: 0,
        })
    }

    pub(crate) fn sim(&self) -> &Sim {
        &self.around.sim
    }

    pub(crate) fn into_sim(self) -> Sim {
        self.around.sim
    }

    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Records in the journal so far.
    pub(crate) fn records(&self) -> usize {
        self.around.disk.borrow().records().len()
    }

    /// Play to the end, or to the first violation.
    pub(crate) fn run(&mut self) {
        while !self.over
            && !self.around.sim.over()
            && let Some(due) = self.around.sim.next()
        {
            self.events += 1;
            if self.events > EVENTS_MAX {
                let circles = || "the simulation goes round in circles".to_owned();
                self.around.sim.check(violated(Invariant::EverybodyIsAnswered, circles));
            }
            self.happen(due);
            if self.around.sim.crashed {
                self.kill();
            }
        }
    }

    fn happen(&mut self, due: Due) {
        let Some(due) = self.standstill.pass(due) else { return };
        let Self { around, controller, broker, devices, registry, .. } = self;
        let Around { sim, network, far, .. } = around;
        let alive = |life: u32| move |controller: &&mut Controller| controller.is(life);
        match due {
            Due::Step(at) => self.step(at),
            Due::Up { client, epoch, packet } => {
                if broker.up && network.holds(client, epoch) {
                    broker.take(sim, network, client, epoch, packet);
                    let bounded = broker.bounded();
                    sim.check(bounded);
                }
            }
            Due::Down { client, epoch, packet } => {
                if network.holds(client, epoch) {
                    self.deliver(client, epoch, packet);
                }
            }
            Due::Broken { client, epoch } => {
                if network.holds(client, epoch) {
                    broker.lost(client);
                    self.disconnect(client);
                }
            }
            Due::Asks { ask } => {
                if let Some(controller) = controller.as_mut().filter(|controller| controller.is_open())
                    && let Some(command) = registry.command(ask)
                {
                    controller.ask(sim, ask, command);
                }
            }
            Due::AsksAgain { ask } => registry.send(sim, ask),
            Due::Hears { ask, outcome } => registry.hears(sim, ask, &outcome),
            Due::GoesOn { life } => {
                if controller.as_mut().is_some_and(|controller| controller.is(life)) {
                    sim.tell(|| "the controller goes on".to_owned());
                    self.standstill.end(sim);
                }
            }
            Due::Dial { client } => {
                // A controller connects once its doors are open.
                if client != CONTROLLER || controller.as_ref().is_some_and(Controller::is_open) {
                    network.dial(sim, client, broker.up);
                }
            }
            Due::BrokerUp => broker.up = true,
            Due::Start => self.start(),
            Due::Turn { life } => {
                if let Some(controller) = controller.as_mut().filter(alive(life)) {
                    controller.turn(around);
                }
            }
            Due::Tick { life } => {
                if let Some(controller) = controller.as_mut().filter(alive(life)) {
                    controller.tick(around);
                }
            }
            Due::Written { life } => {
                if let Some(controller) = controller.as_mut().filter(alive(life)) {
                    controller.written(sim);
                }
            }
            Due::Told { life } => {
                if let Some(controller) = controller.as_mut().filter(alive(life)) {
                    controller.hear(around);
                }
            }
            Due::Repeat { device, .. }
            | Due::GiveUp { device, .. }
            | Due::Look { device, .. }
            | Due::LookAgain { device }
            | Due::Tend { device } => devices[device].happen(sim, network, &due),
            Due::LineTimer { life } => {
                let controller = controller.as_mut().filter(alive(life));
                if let Some(driver) = controller.and_then(|controller| controller.driver()) {
                    driver.timer(sim);
                }
            }
            Due::LineOpens { life } => {
                let controller = controller.as_mut().filter(alive(life));
                if let Some(driver) = controller.and_then(|controller| controller.driver()) {
                    driver.opens(sim, far);
                }
            }
            // The signs hear what was sent even if its sender has died since.
            Due::ToSigns { life, bytes } => far.hear(sim, life, &bytes),
            Due::ToHost { life, bytes } => {
                let controller = controller.as_mut().filter(alive(life));
                if let Some(driver) = controller.and_then(|controller| controller.driver()) {
                    driver.hear(sim, far, &bytes);
                }
            }
        }
    }

    fn deliver(&mut self, client: usize, epoch: u32, packet: Packet) {
        let Around { sim, network, .. } = &mut self.around;
        if client == CONTROLLER {
            if let Some(controller) = &mut self.controller {
                controller.take(&mut self.around, epoch, packet);
            }
        } else if let Some(device) = self.devices.get_mut(client - 1) {
            device.take(sim, network, epoch, packet);
        } else if let Some(screen) = self.screens.get_mut(client - 1 - self.devices.len()) {
            screen.take(sim, network, epoch, packet);
        }
    }

    /// The client's connection is no more: it notices, and dials again.
    fn disconnect(&mut self, client: usize) {
        let Around { sim, network, .. } = &mut self.around;
        if client == CONTROLLER && self.standstill.stands() {
            // It reads what has come before, and then that nothing more does.
            if let Some(epoch) = network.epoch(client) {
                self.standstill.pile(Due::Broken { client, epoch });
            }
            return;
        }
        if !network.close(client) {
            return;
        }
        if client == CONTROLLER {
            if let Some(controller) = &mut self.controller {
                controller.lost();
            }
        } else if let Some(device) = self.devices.get_mut(client - 1) {
            device.lost(sim);
        } else if let Some(screen) = self.screens.get_mut(client - 1 - self.devices.len()) {
            screen.link.lost();
        }
        let pause_us = network.pause_us(sim, client);
        sim.after(pause_us, Due::Dial { client });
    }

    fn start(&mut self) {
        if self.controller.is_none() {
            self.life += 1;
            let plan = &self.plans[self.plan];
            self.controller = Controller::start(&mut self.around, self.life, self.names.hall, plan);
        }
    }

    /// The controller's process dies.
    fn kill(&mut self) {
        let Around { sim, network, .. } = &mut self.around;
        sim.crashed = false;
        let Some(controller) = self.controller.take() else { return };
        sim.tell(|| "the controller is dead".to_owned());
        self.standstill.killed();
        controller.die(sim);
        network.close(CONTROLLER);
        self.broker.lost(CONTROLLER);
        let down_us = std::mem::replace(&mut self.down_us, SUPERVISOR_US);
        sim.after(down_us, Due::Start);
    }

    fn step(&mut self, at: usize) {
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
                    let wish = Wish::Return(number);
                    self.devices[usize::from(kiosk)].press(sim, network, self.presses, wish);
                }
            }
            Act::CheckIn { kiosk, nth } => {
                if let Some(code) = wishes::code(&sim.ledger.hall, nth) {
                    self.presses += 1;
                    let wish = Wish::CheckIn(code);
                    self.devices[usize::from(kiosk)].press(sim, network, self.presses, wish);
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
                if let (Some(command), Some(controller)) = (order, &mut self.controller) {
                    controller.order(sim, command);
                }
            }
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
            Act::ClockJump { ms } | Act::Night { ms } => {
                sim.jump_clock(ms);
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

    /// Links have been up and quiet for long enough: everything shows what the journal says.
    fn look(&mut self) -> Checked {
        let Around { sim, far, .. } = &mut self.around;
        let Some(controller) = &self.controller else {
            return violated(Invariant::EverybodyIsAnswered, || "the controller is away".to_owned());
        };
        controller.settled(sim)?;
        self.registry.settled()?;
        sim.ledger.keeps_its_promises()?;
        let view: HallView = sim.ledger.view();
        for device in &self.devices {
            device.settled(sim, &view)?;
        }
        for screen in &self.screens {
            screen.settled(&view)?;
        }
        far.shows(sim, &view)
    }
}
