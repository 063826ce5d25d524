//! A button kiosk that runs the firmware's code: levels of buttons and payloads of MQTT in, requests and slips of
//! paper out.
//!
//! It has a button for each service and nothing else: who comes for an appointment, is back or has a further
//! matter goes to another kiosk. What it leases and prints is in memory that a restart keeps or loses.

mod paper;

use std::rc::Rc;

use hall_core::event::PressId;
use hall_core::refusal::Refusal;
use hall_core::time::BusinessDay;
use hall_core::view::HallView;
use hall_core::wire;
use hall_device::kiosk::{Kiosk, Settings};
use hall_protocol::id::{DeviceId, HallId, ServiceId};
use hall_protocol::json::{self, Version};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{
    HandedIn, KioskAction, KioskOutcome, KioskReply, KioskRequest, Menu, UNANSWERED_MAX,
};
use hall_protocol::topic::Channel;

use self::paper::{Fram, Slip};
use super::{Flash, GOOD_FOR_US, Keyed, Linked, Said, look_at_touch};
use crate::device::chore_number;
use crate::invariants::{Checked, Invariant, violated};
use crate::mutant::Mutant;
use crate::network::{Message, Network, Outcome, Packet, Press};
use crate::schedule::{Due, Sim};

/// How often a kiosk looks at the time while a citizen waits, and while nobody does.
const WAITING_LOOK_US: u64 = 100_000;
const IDLE_LOOK_US: u64 = 1_000_000;

/// The controller looks once a second what is to be offered, and a menu needs a moment to come: a service that has
/// just opened or closed may not be seen.
const MENU_AGE_MS: i64 = 2_000;

/// Who pressed a button: the number of this press of this person among all, and when the finger came down.
#[derive(Debug, Clone, Copy)]
struct Citizen {
    number: u32,
    since_us: u64,
}

/// The request that was said last.
#[derive(Debug, Clone, Copy)]
struct Asked {
    press: PressId,
    by: Citizen,
    takes: bool,
    /// The hall has said that it can keep nothing now, and so has given nothing.
    troubled: bool,
}

/// One kiosk.
pub(crate) struct FirmwareKiosk {
    at: usize,
    kiosk: DeviceId,
    linked: Linked<Board>,
    flash: Flash,
    fram: Fram,
    levels: u16,
    /// Whose finger is, or was last, on a button.
    finger: Option<Citizen>,
    /// Who waits for a slip.
    citizen: Option<Citizen>,
    said: Option<Asked>,
    /// What it has asked by itself so far.
    chores: u32,
    menu: Option<Rc<Menu>>,
    /// The numbers of its own that citizens hold.
    papers: Vec<(BusinessDay, TicketNumber)>,
    /// Takes whose citizens got such a number because no answer came, as long as the kiosk knows of them.
    unanswered: Vec<(PressId, BusinessDay, TicketNumber)>,
}

impl FirmwareKiosk {
    /// A kiosk whose flash can be written so many times.
    pub(crate) fn new(
        sim: &mut Sim,
        at: usize,
        client: usize,
        hall: HallId,
        kiosk: DeviceId,
        writes: u32,
    ) -> Self {
        let (flash, fram) = (Flash::new(sim, writes), Fram::new());
        let linked = Linked::switched_on(sim, at, client, hall, board(kiosk, &flash, &fram));
        sim.after(IDLE_LOOK_US, Due::LookAgain { device: at });
        Self {
            at,
            kiosk,
            linked,
            flash,
            fram,
            levels: 0,
            finger: None,
            citizen: None,
            said: None,
            chores: 0,
            menu: None,
            papers: Vec::new(),
            unanswered: Vec::new(),
        }
    }

    /// A citizen presses the button of a service for a moment, unless somebody does.
    pub(crate) fn press(&mut self, sim: &mut Sim, network: &mut Network, number: u32, service: ServiceId) {
        let mut services = self.menu.iter().flat_map(|menu| menu.services.iter());
        let button = services.position(|offered| offered.service == service);
        let Some(bit) = button.filter(|_| self.levels == 0) else { return };
        self.levels = 1 << bit;
        self.finger = Some(Citizen { number, since_us: sim.now_us });
        self.look(sim, network);
        look_at_touch(sim, self.at);
    }

    /// It is time to look at the buttons; the finger may go.
    pub(crate) fn looks(&mut self, sim: &mut Sim, network: &mut Network, lets_go: bool) {
        if lets_go {
            self.levels = 0;
        }
        self.look(sim, network);
    }

    /// It is time to look again, as it does all day.
    pub(crate) fn looks_again(&mut self, sim: &mut Sim, network: &mut Network) {
        self.look(sim, network);
        let again_us = if self.linked.device.is_busy() { WAITING_LOOK_US } else { IDLE_LOOK_US };
        sim.after(again_us, Due::LookAgain { device: self.at });
    }

    fn look(&mut self, sim: &mut Sim, network: &mut Network) {
        let was_busy = self.linked.device.is_busy();
        self.linked.device.look(self.levels, self.linked.now_ms(sim));
        if !was_busy && self.linked.device.is_busy() {
            self.citizen = self.finger;
        }
        self.print(sim);
        self.pump(sim, network);
    }

    /// A slip of paper may come out.
    fn print(&mut self, sim: &mut Sim) {
        let Some(receipt) = self.linked.device.poll_print() else { return };
        let Some(citizen) = self.citizen.take() else {
            let nobody = || format!("{} prints a slip for nobody", self.kiosk);
            return sim.check(violated(Invariant::ExactlyOnce, nobody));
        };
        let checked = match Slip::read(&receipt) {
            Slip::Sentences => Ok(()),
            Slip::Ticket { number } => sim.ledger.paper_of(self.said.map(|said| said.press), number),
            Slip::Own { day, number } => {
                sim.tell(|| format!("{} prints {number}", self.kiosk));
                self.papers.push((day, number));
                let asked = self.said.filter(|said| said.by.number == citizen.number && said.takes);
                if let Some(Asked { press, troubled: false, .. }) = asked {
                    self.unanswered.push((press, day, number));
                }
                sim.ledger.printed(day, number)
            }
        };
        sim.check(checked);
    }

    fn pump(&mut self, sim: &mut Sim, network: &mut Network) {
        let Some(Said { payload, expires_us }) = self.linked.poll(sim) else { return };
        let Ok(mut request) = json::decode::<KioskRequest>(&payload) else {
            let unread = || format!("{} asks what cannot be read", self.kiosk);
            return sim.check(violated(Invariant::EverybodyIsAnswered, unread));
        };
        match &mut request.request {
            KioskAction::HandIn { tickets, .. } if sim.is(Mutant::CountsHandInsWhenSent) => {
                let told = |number| HandedIn { number, refused: None };
                let told = tickets.iter().map(|ticket| told(ticket.number)).collect();
                let (session, seq) = (Some(request.session), Some(request.seq));
                let outcome = KioskOutcome::HandedIn(told);
                return self.hears(
                    sim,
                    &KioskReply { v: Version, session, seq, outcome, why: std::iter::empty().collect() },
                );
            }
            KioskAction::HandIn { unanswered, .. } if sim.is(Mutant::HidesUnansweredTakes) => {
                unanswered.clear();
            }
            _ => {}
        }
        let takes = matches!(request.request, KioskAction::Take { .. });
        let age_us = u64::from(request.age_ms) * 1_000;
        let (press, command) = wire::requested(self.kiosk, request);
        let repeats = self.said.filter(|said| said.press == press).map(|said| said.by);
        let Some(by) = repeats.or_else(|| self.who_asks(sim, takes, age_us)) else {
            let nobody = || format!("{press} takes a number for nobody");
            return sim.check(violated(Invariant::ExactlyOnce, nobody));
        };
        self.said = Some(Asked { press, by, takes, troubled: false });
        sim.tell(|| format!("{press} on the firmware's kiosk: {command:?}"));
        let named = sim.ledger.pressed(press, by.number);
        sim.check(named);
        let (client, pressed_us) = (self.linked.client, by.since_us);
        let press = Press { id: press, command, client, pressed_us, good_for_us: GOOD_FOR_US };
        self.linked.send(sim, network, press, expires_us);
    }

    /// The citizen, or the kiosk by itself.
    fn who_asks(&mut self, sim: &Sim, takes: bool, age_us: u64) -> Option<Citizen> {
        if takes {
            return self.citizen;
        }
        self.chores += 1;
        Some(Citizen { number: chore_number(self.at, self.chores), since_us: sim.now_us - age_us })
    }

    pub(crate) fn take(&mut self, sim: &mut Sim, network: &mut Network, epoch: u32, packet: Packet) {
        match self.linked.take(sim, network, epoch, packet) {
            Some(Message::Reply(reply)) => self.replied(sim, reply.0, &reply.1),
            Some(Message::Menu(menu)) => {
                self.linked.hear(sim, Channel::KioskMenu(self.kiosk), &*menu);
                self.menu = Some(menu);
            }
            Some(Message::Press(_) | Message::Window(_) | Message::Board(_)) | None => {}
        }
        self.print(sim);
        self.look(sim, network);
    }

    fn replied(&mut self, sim: &mut Sim, press: PressId, outcome: &Outcome) {
        sim.tell(|| format!("{press} hears {outcome:?}"));
        let checked = sim.ledger.told(press, outcome);
        sim.check(checked);
        if let (Outcome::Refused(Refusal::StorageTrouble), Some(said)) = (outcome, &mut self.said)
            && said.press == press
        {
            said.troubled = true;
        }
        let plan = sim.ledger.hall.plan();
        let answer = match outcome {
            Outcome::Answered(answer) => Ok(answer),
            Outcome::Refused(refusal) => Err(wire::refused(plan, refusal)),
            Outcome::Done => Err(wire::refused(plan, &Refusal::OutOfOrder)),
        };
        let reply = wire::kiosk_reply(plan, Some(press.session), Some(press.seq), answer);
        self.hears(sim, &reply);
    }

    fn hears(&mut self, sim: &mut Sim, reply: &KioskReply) {
        self.linked.hear(sim, Channel::KioskReply(self.kiosk), reply);
    }

    pub(crate) fn lost(&mut self, sim: &Sim) {
        self.linked.lost(sim);
    }

    /// It is switched off and on. Whoever stood there goes; what was printed is known as long as its memory is.
    pub(crate) fn reboot(&mut self, sim: &mut Sim, keeps_flash: bool, keeps_store: bool) {
        if !keeps_flash {
            self.flash.erase();
        }
        if !keeps_store {
            self.fram.erase();
            self.papers.clear();
        }
        if sim.is(Mutant::CachesTheStore) {
            self.fram.lose_the_last_write();
        }
        self.linked.switch_off_and_on(sim, self.at, board(self.kiosk, &self.flash, &self.fram));
        (self.levels, self.finger, self.citizen, self.said, self.menu) = (0, None, None, None, None);
        self.unanswered.clear();
    }

    /// Nobody waits for a slip, it knows what the hall offers, and the hall knows all that it printed.
    pub(crate) fn settled(&self, sim: &Sim, view: &HallView) -> Checked {
        let kiosk = &self.linked.device;
        if kiosk.is_busy() || self.citizen.is_some() {
            return violated(Invariant::EverybodyIsAnswered, || {
                format!("somebody still waits at {}", self.kiosk)
            });
        }
        for (day, number) in &self.papers {
            sim.ledger.knows_of(*day, *number)?;
        }
        for (press, day, number) in self.unanswered.iter().take(UNANSWERED_MAX) {
            sim.ledger.nobody_is_waited_for(*press, *day, *number)?;
        }
        let Some(planned) = view.plan.kiosks().iter().find(|planned| planned.id == self.kiosk) else {
            return Ok(());
        };
        let lines = |menu: &Menu| -> Vec<_> {
            menu.services.iter().map(|line| (line.service, line.waiting, line.open)).collect()
        };
        let shown = self.menu.as_deref().map(lines);
        let wanted = [0, MENU_AGE_MS].map(|ago_ms| lines(&wire::menu(planned, view, sim.wall_ago(ago_ms))));
        if !kiosk.is_online() || wanted.iter().all(|wanted| shown.as_ref() != Some(wanted)) {
            return violated(Invariant::ShowsTheJournal, || {
                format!("{} offers {shown:?} instead of {wanted:?}", self.kiosk)
            });
        }
        Ok(())
    }
}

type Board = Kiosk<Flash, Fram>;

impl Keyed for Board {
    fn look(&mut self, levels: u16, now_ms: u64) {
        Kiosk::look(self, levels, now_ms);
    }
}

/// The kiosk of this name, with these memories.
fn board(kiosk: DeviceId, flash: &Flash, fram: &Fram) -> impl FnOnce(HallId, u32) -> Board {
    let (flash, fram) = (flash.clone(), fram.clone());
    move |hall, session| Kiosk::new(Settings { hall, kiosk, utc_offset_minutes: 0 }, flash, fram, session)
}
