//! The signs' serial line: the real bus at the controller's end, signs at the other, and between them a
//! wire with noise that can be cut. Some signs are the emulator's, the others run the firmware's code.

use std::sync::Arc;

use hall_content::Shows;
use hall_core::view::HallView;
use hall_protocol::sign::{PictureId, SignAddress};
use hall_signs::bus::{Bus, SignSetup};
use hall_signs::emulator::{VirtualLine, VirtualSign, built_in_page};
use hall_signs::page::Page;
use hall_signs::{Frame, Panel};

use crate::board::Board;
use crate::content::{drawn, panel};
use crate::invariants::{Checked, Invariant, violated};
use crate::mutant::Mutant;
use crate::random::{Usual, Weather, mix};
use crate::schedule::{Due, Sim};

const BAUD: u32 = 115_200;
const REOPEN_EVERY_US: u64 = 250_000;

/// One sign in the hall, which outlives every controller.
struct Place {
    shows: Shows,
    address: SignAddress,
    panel: Panel,
    /// It has no power until then.
    dark_until_us: Option<u64>,
    /// Every picture it may show.
    given: Vec<PictureId>,
    seen: Frame,
    /// The firmware, of a sign that is not the emulator's.
    board: Option<Board>,
}

impl Place {
    /// It shows another picture; whether that was given to it.
    fn shows_now(&mut self, seen: Frame) -> Checked {
        let picture = seen.id();
        self.seen = seen;
        if self.given.contains(&picture) || (self.board.is_some() && Board::is_notice(picture)) {
            return Ok(());
        }
        violated(Invariant::NeverTorn, || format!("sign {:?}", self.shows))
    }
}

/// The far end of the line, and the wire.
pub(crate) struct FarEnd {
    places: Vec<Place>,
    /// The emulator's signs that have power.
    line: VirtualLine,
    cut_until_us: u64,
}

impl FarEnd {
    /// A line of signs for these; `seed` says which run the firmware's code.
    pub(crate) fn new(shows: impl Iterator<Item = Shows>, seed: u64) -> Self {
        let places = shows.enumerate().filter_map(|(at, shows)| {
            let address = SignAddress::new(u8::try_from(at + 1).ok()?).ok()?;
            let panel = panel(shows)?;
            let dark = Frame::dark(panel);
            let is_board = mix(seed, 0x516E, u64::from(address.get())).is_multiple_of(2);
            let board = if is_board { Board::new(address, panel, 0) } else { None };
            Some(Place {
                board,
                shows,
                address,
                panel,
                dark_until_us: None,
                given: vec![dark.id(), built_in_page(panel).id()],
                seen: dark,
            })
        });
        let mut far = Self { line: VirtualLine::new(Vec::new()), places: places.collect(), cut_until_us: 0 };
        far.rewire();
        far
    }

    pub(crate) fn cut(&mut self, sim: &Sim, for_us: u64) {
        self.cut_until_us = self.cut_until_us.max(sim.now_us + for_us);
    }

    fn is_cut(&self, sim: &Sim) -> bool {
        sim.now_us < self.cut_until_us
    }

    pub(crate) fn restart(&mut self, sim: &Sim, sign: usize) {
        let count = self.places.len();
        let Place { address, panel, board, .. } = &mut self.places[sign % count];
        if board.is_some() {
            *board = Board::new(*address, *panel, now_ms(sim));
        } else if let Some(sign) = self.line.sign_mut(*address) {
            sign.restart();
        }
    }

    /// A sign loses its power, and is new when it has it again.
    pub(crate) fn darken(&mut self, sim: &Sim, sign: usize, for_us: u64) {
        let count = self.places.len();
        self.places[sign % count].dark_until_us = Some(sim.now_us + for_us);
        self.rewire();
    }

    /// Signs whose power is back are on the line again.
    fn power_up(&mut self, sim: &Sim) {
        let mut some = false;
        for place in &mut self.places {
            if place.dark_until_us.take_if(|until_us| *until_us <= sim.now_us).is_some() {
                some = true;
                if place.board.is_some() {
                    place.board = Board::new(place.address, place.panel, now_ms(sim));
                }
            }
        }
        if some {
            self.rewire();
        }
    }

    fn rewire(&mut self) {
        let powered = |place: &&Place| place.dark_until_us.is_none() && place.board.is_none();
        let powered: Vec<_> = self.places.iter().filter(powered).collect();
        let signs = powered.into_iter().map(|place| {
            let on = self.line.sign_mut(place.address).map(|sign| sign.clone());
            on.unwrap_or_else(|| VirtualSign::new(place.address, place.panel))
        });
        self.line = VirtualLine::new(signs.collect());
    }

    /// Bytes reach the signs; their answers start on their way back.
    pub(crate) fn hear(&mut self, sim: &mut Sim, life: u32, bytes: &[u8]) {
        if self.is_cut(sim) {
            return;
        }
        self.power_up(sim);
        let mut replies = self.line.receive(bytes, sim.instant());
        let checked = self.boards_hear(sim, bytes, &mut replies).and_then(|()| self.whole());
        sim.check(checked);
        if replies.is_empty() {
            return;
        }
        let mut thinks_us = sim.between(Usual::Think, 0, 500, 8_000);
        if let Some(hard) = sim.strikes(Weather::SerialSlow, 0) {
            thinks_us += hard % 400_000;
        }
        let after_us = thinks_us + wire_us(&replies);
        if let Some(bytes) = spoilt(sim, replies) {
            sim.after(after_us, Due::ToHost { life, bytes });
        }
    }

    /// The boards take the bytes one by one, and none shows half a picture in between.
    fn boards_hear(&mut self, sim: &Sim, bytes: &[u8], replies: &mut Vec<u8>) -> Checked {
        let now_ms = now_ms(sim);
        for place in self.places.iter_mut().filter(|place| place.dark_until_us.is_none()) {
            let Some(board) = &mut place.board else { continue };
            let mut looks = Vec::new();
            for byte in bytes {
                replies.extend(board.receive(*byte, now_ms).unwrap_or_default());
                looks.extend(board.new_look(now_ms));
            }
            for look in looks {
                place.shows_now(look)?;
            }
        }
        Ok(())
    }

    /// Every picture seen was given.
    fn whole(&mut self) -> Checked {
        for place in &mut self.places {
            let Some(seen) = self.line.picture(place.address) else { continue };
            if *seen != place.seen {
                place.shows_now(seen.clone())?;
            }
        }
        Ok(())
    }

    /// Every sign shows what the journal says.
    pub(crate) fn shows(&mut self, sim: &Sim, view: &HallView) -> Checked {
        self.power_up(sim);
        self.line.pass_time(sim.instant());
        let silence = self.boards_hear(sim, &[0], &mut Vec::new());
        silence.and_then(|()| self.whole())?;
        for place in &self.places {
            let (page, _) = hall_content::page(view, place.shows, 0);
            if *drawn(&page, place.panel) != place.seen {
                return violated(Invariant::ShowsTheJournal, || {
                    format!("the sign of {:?} does not show {page:?}", place.shows)
                });
            }
        }
        Ok(())
    }
}

fn now_ms(sim: &Sim) -> u64 {
    sim.now_us / 1_000
}

fn wire_us(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(0) * 10_000_000 / u64::from(BAUD)
}

/// What the wire makes of bytes.
fn spoilt(sim: &mut Sim, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    if sim.strikes(Weather::SerialLose, 0).is_some() {
        return None;
    }
    if let Some(hard) = sim.strikes(Weather::SerialChange, 0) {
        let count = u64::try_from(bytes.len()).unwrap_or(1);
        let at = usize::try_from(hard % count).unwrap_or(0);
        bytes[at] ^= 1 << (hard >> 32 & 7);
    }
    if let Some(hard) = sim.strikes(Weather::SerialNoise, 0) {
        let mut noise = hard.to_le_bytes()[..usize::try_from(hard % 8).unwrap_or(0)].to_vec();
        noise.append(&mut bytes);
        bytes = noise;
    }
    Some(bytes)
}

/// The controller's end of the line.
pub(crate) struct Driver {
    life: u32,
    bus: Bus,
    open: bool,
    pages: Vec<Option<Page>>,
    tag: u64,
    timer_us: Option<u64>,
    /// For a mutant: signs that always answer.
    yes_men: VirtualLine,
}

impl Driver {
    pub(crate) fn new(sim: &mut Sim, life: u32, far: &FarEnd) -> Self {
        let setups = far.places.iter().map(|place| SignSetup { address: place.address, panel: place.panel });
        let yes_men = far.places.iter().map(|place| VirtualSign::new(place.address, place.panel));
        sim.after(0, Due::LineOpens { life });
        Self {
            life,
            bus: Bus::new(BAUD, setups.collect(), sim.instant()),
            open: false,
            pages: far.places.iter().map(|_| None).collect(),
            tag: 0,
            timer_us: None,
            yes_men: VirtualLine::new(yes_men.collect()),
        }
    }

    pub(crate) fn opens(&mut self, sim: &mut Sim, far: &FarEnd) {
        if far.is_cut(sim) {
            sim.after(REOPEN_EVERY_US, Due::LineOpens { life: self.life });
            return;
        }
        self.open = true;
        self.bus.link_up(sim.instant());
        self.pump(sim);
    }

    /// The port is found to be away.
    pub(crate) fn lost(&mut self, sim: &mut Sim) {
        if std::mem::take(&mut self.open) {
            self.bus.link_down(sim.instant());
            sim.after(REOPEN_EVERY_US, Due::LineOpens { life: self.life });
        }
    }

    pub(crate) fn hear(&mut self, sim: &mut Sim, far: &FarEnd, bytes: &[u8]) {
        if self.open && !far.is_cut(sim) && !sim.is(Mutant::TrustsSignsBlindly) {
            for portion in bytes.chunks(7) {
                self.bus.handle_input(portion, sim.instant());
            }
        }
        self.pump(sim);
    }

    pub(crate) fn timer(&mut self, sim: &mut Sim) {
        // Late, if the process stood still.
        if self.timer_us.is_some_and(|timer_us| timer_us <= sim.now_us) {
            self.timer_us = None;
            self.bus.handle_timeout(sim.instant());
            self.pump(sim);
        }
    }

    /// Hand the bus every sign whose content changed.
    pub(crate) fn show(&mut self, sim: &mut Sim, far: &mut FarEnd, view: &HallView) {
        for (place, old) in far.places.iter_mut().zip(&mut self.pages) {
            let (page, _) = hall_content::page(view, place.shows, 0);
            if old.as_ref() == Some(&page) {
                continue;
            }
            let mut frame = drawn(&page, place.panel);
            place.given.push(frame.id());
            if let (true, Some(old)) = (sim.is(Mutant::MixesPictures), &*old) {
                frame = mixed(&frame, &drawn(old, place.panel));
            }
            self.tag += 1;
            if self.open || !sim.is(Mutant::DropsPagesWhileCut) {
                self.bus.show(place.address, frame, self.tag, hall_content::urgency(&page), sim.instant());
            }
            *old = Some(page);
        }
        self.pump(sim);
    }

    fn pump(&mut self, sim: &mut Sim) {
        while let Some(bytes) = self.bus.poll_transmit(sim.instant()) {
            let replies = if sim.is(Mutant::TrustsSignsBlindly) {
                self.yes_men.receive(&bytes, sim.instant())
            } else {
                Vec::new()
            };
            let after_us = wire_us(&bytes);
            if let Some(bytes) = spoilt(sim, bytes) {
                sim.after(after_us, Due::ToSigns { life: self.life, bytes });
            }
            self.bus.handle_input(&replies, sim.instant());
        }
        let mut events = 0;
        while self.bus.poll_event().is_some() {
            events += 1;
        }
        if events > 8 * self.pages.len() {
            sim.check(violated(Invariant::Bounded, || format!("{events} events of the bus at once")));
        }
        let Some(due) = self.bus.poll_timeout() else { return };
        let due_us = sim.time_us(due).max(sim.now_us + 1);
        if self.timer_us.is_none_or(|timer_us| due_us < timer_us) {
            self.timer_us = Some(due_us);
            sim.at(due_us, Due::LineTimer { life: self.life });
        }
    }
}

/// The upper half of one picture over the lower half of another.
fn mixed(upper: &Arc<Frame>, lower: &Frame) -> Arc<Frame> {
    let mut frame = lower.clone();
    for y in 0..frame.panel().height_px() / 2 {
        for x in 0..frame.panel().width_px() {
            frame.set(x, y, upper.light(x, y));
        }
    }
    Arc::new(frame)
}
