//! The hall as a whole: what is due is given to whom it concerns, step by step, until the history
//! is over or an invariant does not hold.

mod steps;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use hall_content::Shows;
use hall_core::plan::Plan;
use hall_core::view::HallView;

use crate::bookings::Registry;
use crate::broker::Broker;
use crate::controller::{Around, Controller};
use crate::equipment::Equipment;
use crate::history::{History, SECOND_US};
use crate::invariants::{Checked, Invariant, Ledger, violated};
use crate::line::FarEnd;
use crate::mutant::Mutant;
use crate::network::{CONTROLLER, Network, Packet, Topic};
use crate::plans::Names;
use crate::random::{Fates, Strike};
use crate::schedule::{Due, Sim};
use crate::screen::Screen;
use crate::standstill::Standstill;
use crate::store::Disk;

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
            topics.push(match name {
                hall_core::event::Device::Pad(window) => Topic::Window(*window),
                hall_core::event::Device::Kiosk(kiosk) => Topic::Menu(*kiosk),
            });
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
                controller.lost(sim);
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
