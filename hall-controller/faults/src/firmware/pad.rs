//! A call pad that runs the firmware's code: levels of keys and payloads of MQTT in, presses out.
//!
//! It has one key each for what a clerk does all day; what needs more than a key is done at other pads.

use std::sync::Arc;

use hall_core::event::PressId;
use hall_core::refusal::Refusal;
use hall_core::view::{HallView, WindowView};
use hall_core::wire;
use hall_device::pad::screen::Note;
use hall_device::pad::{Pad, PadKey, Settings};
use hall_protocol::id::{HallId, WindowId};
use hall_protocol::json::{self, Version};
use hall_protocol::payload::{Key, Press as Pressed, PressOutcome, WindowMode, WindowReply, WindowTicket};
use hall_protocol::topic::Channel;

use super::{Flash, GOOD_FOR_US, Keyed, Linked, Said, look_at_touch};
use crate::invariants::{Checked, Invariant, violated};
use crate::mutant::Mutant;
use crate::network::{Message, Network, Outcome, Packet, Press};
use crate::schedule::{Due, Sim};

/// The keys, the first at bit 0 of the levels.
const KEYS: [PadKey; 11] = [
    PadKey::Always(Key::Next),
    PadKey::StartOrFinish,
    PadKey::Always(Key::Recall),
    PadKey::Always(Key::NoShow),
    PadKey::Always(Key::Pause),
    PadKey::Always(Key::Resume),
    PadKey::Always(Key::Open),
    PadKey::Always(Key::Close),
    PadKey::Always(Key::Park),
    PadKey::Always(Key::Disarm),
    PadKey::Always(Key::SignOff),
];

/// How often a pad looks at the time while its press is under way.
const LOOK_US: u64 = 100_000;

/// And while its display shows what came of it.
const SHOWN_LOOK_US: u64 = 1_000_000;

/// A finger on a key.
#[derive(Debug, Clone, Copy)]
struct Finger {
    /// Of this press of this person among all.
    number: u32,
    key: Key,
    since_us: u64,
}

/// One pad.
pub(crate) struct FirmwarePad {
    at: usize,
    window: WindowId,
    linked: Linked<Board>,
    flash: Flash,
    levels: u16,
    finger: Option<Finger>,
    /// What the press under way, or the last one, is of.
    asked: Option<Finger>,
    /// The press that was said last, and how often again.
    said: Option<(PressId, u32)>,
    /// The latest picture of its window that it was sent.
    heard: Option<Arc<WindowView>>,
    /// Defective, what it presses by itself when it has started.
    presses_again: Option<Finger>,
    look_due: bool,
}

impl FirmwarePad {
    /// A pad whose flash can be written so many times.
    pub(crate) fn new(
        sim: &mut Sim,
        at: usize,
        client: usize,
        hall: HallId,
        window: WindowId,
        writes: u32,
    ) -> Self {
        let flash = Flash::new(sim, writes);
        let linked = Linked::switched_on(sim, at, client, hall, board(window, &flash));
        Self {
            at,
            window,
            linked,
            flash,
            levels: 0,
            finger: None,
            asked: None,
            said: None,
            heard: None,
            presses_again: None,
            look_due: false,
        }
    }

    /// A clerk puts a finger on a key for a moment, unless there is one.
    pub(crate) fn press(&mut self, sim: &mut Sim, network: &mut Network, number: u32, key: Key) {
        let does = |has: &PadKey| match has {
            PadKey::Always(always) => *always == key,
            _ => matches!(key, Key::Start | Key::Finish),
        };
        let Some(bit) = KEYS.iter().position(does).filter(|_| self.levels == 0) else { return };
        self.levels = 1 << bit;
        self.finger = Some(Finger { number, key, since_us: sim.now_us });
        self.look(sim, network);
        look_at_touch(sim, self.at);
    }

    /// It is time to look at the keys; the finger may go.
    pub(crate) fn looks(&mut self, sim: &mut Sim, network: &mut Network, lets_go: bool) {
        if lets_go {
            self.levels = 0;
        }
        self.look(sim, network);
        if let Some(Finger { number, key, .. }) = self.presses_again.take() {
            self.press(sim, network, number, key);
        }
    }

    /// It is time to look again, because of a press.
    pub(crate) fn looks_again(&mut self, sim: &mut Sim, network: &mut Network) {
        self.look_due = false;
        self.look(sim, network);
    }

    fn look(&mut self, sim: &mut Sim, network: &mut Network) {
        let was_asking = self.linked.device.is_asking();
        self.linked.device.look(self.levels, self.linked.now_ms(sim));
        if !was_asking && self.linked.device.is_asking() {
            self.asked = self.finger;
        }
        let again_us = if self.linked.device.is_asking() {
            Some(LOOK_US)
        } else {
            self.shows_a_note(sim).then_some(SHOWN_LOOK_US)
        };
        if let (Some(again_us), false) = (again_us, self.look_due) {
            self.look_due = true;
            sim.after(again_us, Due::LookAgain { device: self.at });
        }
        self.pump(sim, network);
    }

    /// Whether it says something that it takes away by itself.
    fn shows_a_note(&self, sim: &Sim) -> bool {
        let screen = self.linked.device.screen(self.linked.now_ms(sim));
        matches!(screen.note, Note::Sentence(_) | Note::NoAnswer)
    }

    fn pump(&mut self, sim: &mut Sim, network: &mut Network) {
        let Some(Said { payload, expires_us }) = self.linked.poll(sim) else { return };
        let (Ok(mut pressed), Some(asked)) = (json::decode::<Pressed>(&payload), self.asked) else {
            return sim.check(violated(Invariant::EverybodyIsAnswered, || "a press of nobody".to_owned()));
        };
        let again = self.said.map_or(0, |(said, again)| {
            if (said.session, said.seq) == (pressed.session, pressed.seq) { again + 1 } else { 0 }
        });
        let (said, _) = wire::pressed(self.window, pressed.clone());
        self.said = Some((said, again));
        if sim.is(Mutant::NumbersRepetitions) {
            pressed.seq += again;
        }
        let (id, command) = wire::pressed(self.window, pressed);
        sim.tell(|| format!("{id} on the firmware's pad: {command:?}"));
        let named = sim.ledger.pressed(id, asked.number);
        sim.check(named);
        let (client, pressed_us) = (self.linked.client, asked.since_us);
        let press = Press { id, command, client, pressed_us, good_for_us: GOOD_FOR_US };
        self.linked.send(sim, network, press, expires_us);
    }

    pub(crate) fn take(&mut self, sim: &mut Sim, network: &mut Network, epoch: u32, packet: Packet) {
        match self.linked.take(sim, network, epoch, packet) {
            Some(Message::Reply(reply)) => self.replied(sim, reply.0, &reply.1),
            Some(Message::Window(window)) => {
                let state = wire::window_state(&window, 0);
                self.linked.hear(sim, Channel::WindowState(self.window), &state);
                self.heard = Some(window);
            }
            Some(Message::Press(_) | Message::Board(_) | Message::Menu(_)) | None => {}
        }
        self.pump(sim, network);
    }

    fn replied(&mut self, sim: &mut Sim, press: PressId, outcome: &Outcome) {
        sim.tell(|| format!("{press} hears {outcome:?}"));
        let checked = sim.ledger.told(press, outcome);
        sim.check(checked);
        let plan = &Arc::clone(sim.ledger.hall.plan());
        let outcome = match outcome {
            Outcome::Answered(answer) => wire::press_outcome(plan, answer),
            Outcome::Refused(refusal) => PressOutcome::Refused(wire::refused(plan, refusal)),
            Outcome::Done => PressOutcome::Refused(wire::refused(plan, &Refusal::OutOfOrder)),
        };
        let reply = WindowReply { v: Version, session: Some(press.session), seq: Some(press.seq), outcome };
        let before = self.shows(sim);
        self.linked.hear(sim, Channel::WindowReply(self.window), &reply);
        let checked = self.is_not_set_back(sim, press, before);
        sim.check(checked);
    }

    fn shows(&self, sim: &Sim) -> (Option<WindowMode>, Option<WindowTicket>) {
        let screen = self.linked.device.screen(self.linked.now_ms(sim));
        (screen.mode, screen.hand)
    }

    /// An answer that comes after a later picture of the window changes nothing of that.
    fn is_not_set_back(
        &self,
        sim: &Sim,
        answered: PressId,
        before: (Option<WindowMode>, Option<WindowTicket>),
    ) -> Checked {
        let heard = self.heard.as_ref().map_or(0, |window| window.seq);
        let is_older = sim.ledger.record_of(answered).is_some_and(|record| record < heard);
        let after = self.shows(sim);
        if is_older && before != after {
            return violated(Invariant::ShowsTheJournal, || {
                format!("the answer to {answered} sets pad {} back from {before:?} to {after:?}", self.window)
            });
        }
        Ok(())
    }

    pub(crate) fn lost(&mut self, sim: &Sim) {
        self.linked.lost(sim);
    }

    /// It is switched off and on.
    pub(crate) fn reboot(&mut self, sim: &mut Sim, keeps_flash: bool) {
        let under_way = self.asked.filter(|_| self.linked.device.is_asking());
        if !keeps_flash {
            self.flash.erase();
        }
        self.linked.switch_off_and_on(sim, self.at, board(self.window, &self.flash));
        (self.levels, self.finger, self.asked, self.said, self.heard) = (0, None, None, None, None);
        self.presses_again = under_way.filter(|_| sim.is(Mutant::PressesAgainAfterReboot));
    }

    /// No press is under way, and its display shows what the journal says.
    pub(crate) fn settled(&self, sim: &Sim, view: &HallView) -> Checked {
        let pad = &self.linked.device;
        if pad.is_asking() {
            return violated(Invariant::EverybodyIsAnswered, || format!("pad {} still asks", self.window));
        }
        let Some(window) = view.windows.iter().find(|window| window.id == self.window) else { return Ok(()) };
        let (wanted, shown) = (wire::window_state(window, 0), pad.screen(self.linked.now_ms(sim)));
        let same = (shown.mode, shown.hand, shown.waiting)
            == (Some(wanted.mode), wanted.ticket, wanted.waiting)
            && (&shown.label, &shown.why, &shown.note) == (&wanted.label, &wanted.why, &Note::None);
        if !same {
            return violated(Invariant::ShowsTheJournal, || {
                format!("the firmware's pad {} shows {shown:?} instead of {window:?}", self.window)
            });
        }
        Ok(())
    }
}

type Board = Pad<Flash, { KEYS.len() }>;

impl Keyed for Board {
    fn look(&mut self, levels: u16, now_ms: u64) {
        Pad::look(self, levels, now_ms);
    }
}

/// The pad of a window, with this memory.
fn board(window: WindowId, flash: &Flash) -> impl FnOnce(HallId, u32) -> Board {
    let flash = flash.clone();
    move |hall, session| Pad::new(Settings { hall, window, keys: KEYS }, flash, session)
}
