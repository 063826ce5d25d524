//! Looks at a hall from outside, keeps its own books of what was promised and what happened, and
//! complains of every broken invariant. It believes no count the hall keeps.

use std::collections::{BTreeMap, BTreeSet};

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Cause, Device, Event, PressId, Stamped};
use hall_core::plan::Plan;
use hall_core::refusal::{Language, Refusal};
use hall_core::ticket::{TicketId, TicketState};
use hall_core::view::{HallView, Totals};
use hall_core::{Decision, Hall};
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Key;

use super::{GUARD_MS, id, replayed};

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    TicketLost,
    NumberTwice,
    IdentityTwice,
    TwoAtOnce,
    Overtaken,
    NotReplayed,
    DoesNotAddUp,
    DoneTwice,
    DoneLate,
    RefusedAndDone,
    RefusedWithoutWords,
    KeptWaiting,
    Skipped,
    OpenAfterDayEnd,
    BoardReordered,
    WrongPicture,
}

pub type Complaint = (Fault, String);

/// True time, which only ever runs on, and what the clock says.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub real_ms: i64,
    pub wall_ms: i64,
}

/// A device's last press that was answered.
#[derive(Clone)]
struct Heard {
    last: PressId,
    answer: Answer,
    /// The last press of each session left, with its answer.
    left: Vec<(PressId, Answer)>,
}

impl Heard {
    fn last(&self) -> (PressId, Answer) {
        (self.last, self.answer.clone())
    }
}

/// A call nobody touched since, in true time. After a jump of the clock nobody can tell how long
/// ago it was; then the guard may hold once more, but never longer than its time.
enum JustCalled {
    At(i64),
    BeforeAJump { refused_since: Option<i64> },
}

#[derive(Default)]
pub struct Witness {
    pub complaints: Vec<Complaint>,
    pub refusals: Vec<&'static str>,
    plan: Option<Plan>,
    /// Acknowledged this business day.
    promised: BTreeSet<TicketNumber>,
    numbers: BTreeSet<TicketNumber>,
    last_id: Option<TicketId>,
    service_of: BTreeMap<TicketId, ServiceId>,
    waiting: BTreeSet<TicketId>,
    hands: BTreeMap<WindowId, TicketId>,
    just_called: BTreeMap<WindowId, JustCalled>,
    heard: BTreeMap<Device, Heard>,
    boards: Vec<Vec<TicketId>>,
}

impl Witness {
    fn complain(&mut self, fault: Fault, what: String) {
        self.complaints.push((fault, what));
    }

    pub fn clock_jumped(&mut self) {
        for call in self.just_called.values_mut() {
            *call = JustCalled::BeforeAJump { refused_since: None };
        }
    }

    /// A command was decided; its events come next.
    pub fn decided(&mut self, command: &Command, decision: &Result<Decision, Refusal>, moment: Moment) {
        let refusal = match decision {
            Err(refusal) | Ok(Decision { answer: Some(Answer::Refused(refusal)), .. }) => Some(refusal),
            Ok(_) => None,
        };
        if let Some(refusal) = refusal {
            self.refusals.push(refusal.code());
            if !has_words(refusal) {
                self.complain(Fault::RefusedWithoutWords, format!("{refusal:?}"));
            }
        }
        if let Ok(Decision { answer: Some(Answer::Refused(_)), events, repeated: false }) = decision {
            let done = events.iter().filter(|stamped| caused_by_a_press(stamped));
            if !done.clone().all(|stamped| matches!(stamped.event, Event::Refused { .. }))
                || done.count() != 1
            {
                self.complain(Fault::RefusedAndDone, format!("{events:?}"));
            }
        }
        if let Command::Key { press, key: Key::Next, .. } = command
            && let Device::Pad(window) = press.device
        {
            self.guard(window, decision, moment);
        }
        if let Command::Key { press, age_ms, .. } | Command::Take { press, age_ms, .. } = command {
            self.once(*press, *age_ms, decision);
        }
    }

    fn guard(&mut self, window: WindowId, decision: &Result<Decision, Refusal>, moment: Moment) {
        let Ok(Decision { answer: Some(answer), repeated: false, .. }) = decision else { return };
        let refused = matches!(answer, Answer::Refused(Refusal::JustCalled { .. }));
        let real_ms = moment.real_ms;
        let fault = match (self.just_called.get_mut(&window), refused) {
            (None, true) => Some(Fault::KeptWaiting),
            (Some(JustCalled::At(called)), true) if real_ms - *called >= GUARD_MS => Some(Fault::KeptWaiting),
            (Some(JustCalled::BeforeAJump { refused_since }), true) => {
                let since = *refused_since.get_or_insert(real_ms);
                (real_ms - since >= GUARD_MS).then_some(Fault::KeptWaiting)
            }
            (Some(JustCalled::At(called)), false) => {
                let done = matches!(answer, Answer::Window { .. });
                (done && real_ms - *called < GUARD_MS).then_some(Fault::Skipped)
            }
            _ => None,
        };
        if let Some(fault) = fault {
            self.complain(fault, format!("window {window} at {moment:?}"));
        }
    }

    fn once(&mut self, press: PressId, age_ms: u32, decision: &Result<Decision, Refusal>) {
        let heard = self.heard.get(&press.device).cloned();
        let heard = heard.as_ref();
        let last = heard.map(|heard| heard.last);
        let left_last = heard.and_then(|heard| heard.left.iter().find(|(of, _)| *of == press));
        let again = heard.filter(|heard| heard.last == press).map(|heard| &heard.answer);
        let again = again.or(left_last.map(|(_, answer)| answer));
        let over = heard.is_some_and(|heard| heard.left.iter().any(|(of, _)| of.session == press.session))
            || last.is_some_and(|last| last.session == press.session && last.seq > press.seq);
        let mut left = heard.map(|heard| heard.left.clone()).unwrap_or_default();
        match decision {
            Ok(decision) if again.is_some() => {
                let same = decision.answer.as_ref() == again;
                if !same || !decision.repeated || decision.events.iter().any(caused_by_a_press) {
                    self.complain(Fault::DoneTwice, format!("{press}: {decision:?}"));
                }
            }
            Err(refusal) if again.is_some() => {
                self.complain(Fault::DoneTwice, format!("{press} had an answer, now {refusal:?}"));
            }
            Ok(_) if over => self.complain(Fault::DoneTwice, format!("{press}, long after {last:?}")),
            Ok(decision) => {
                if decision.repeated {
                    self.complain(Fault::DoneTwice, format!("{press} was never heard, but is repeated"));
                }
                if age_ms > 10_000 {
                    self.complain(Fault::DoneLate, format!("{press} is {age_ms} ms old"));
                }
                let answer = decision.answer.clone().expect("a press is answered");
                left.extend(heard.filter(|heard| heard.last.session != press.session).map(Heard::last));
                let kept = left.split_off(left.len().saturating_sub(32));
                self.heard.insert(press.device, Heard { last: press, answer, left: kept });
            }
            Err(_) => {}
        }
    }

    /// An event happened, and `hall` took it over.
    pub fn happened(&mut self, stamped: &Stamped, hall: &Hall, moment: Moment) {
        match &stamped.event {
            Event::PlanAdopted { plan } => self.plan = Some((**plan).clone()),
            Event::DayBegan { .. } => self.day_began(),
            Event::Issued { ticket, number, service, .. } => {
                if !self.numbers.insert(*number) {
                    self.complain(Fault::NumberTwice, format!("{number} was issued twice"));
                }
                if self.last_id.replace(*ticket) >= Some(*ticket) {
                    self.complain(Fault::IdentityTwice, format!("{ticket}"));
                }
                self.service_of.insert(*ticket, *service);
                self.waiting.insert(*ticket);
            }
            Event::Called { ticket, window, .. } => {
                self.called(*ticket, *window);
                self.just_called.insert(*window, JustCalled::At(moment.real_ms));
            }
            Event::Recalled { window, .. } | Event::Started { window, .. } => {
                self.just_called.remove(window);
            }
            Event::Requeued { ticket, window, .. } => {
                self.freed(*window);
                self.waiting.insert(*ticket);
            }
            Event::Finished { window, .. } | Event::Missed { window, .. } => self.freed(*window),
            Event::Expired { ticket, window, .. } => {
                self.waiting.remove(ticket);
                if let Some(window) = window {
                    self.freed(*window);
                }
            }
            Event::WindowOpened { .. }
            | Event::WindowPaused { .. }
            | Event::WindowResumed { .. }
            | Event::WindowClosed { .. }
            | Event::Refused { .. } => {}
        }
        for violation in hall.violations() {
            self.complain(Fault::DoesNotAddUp, violation);
        }
        self.place(stamped, hall);
    }

    fn day_began(&mut self) {
        if !self.waiting.is_empty() || !self.hands.is_empty() {
            self.complain(Fault::OpenAfterDayEnd, format!("{:?} {:?}", self.waiting, self.hands));
        }
        self.waiting.clear();
        self.hands.clear();
        self.just_called.clear();
        self.numbers.clear();
        self.promised.clear();
        self.service_of.clear();
    }

    fn freed(&mut self, window: WindowId) {
        self.hands.remove(&window);
        self.just_called.remove(&window);
    }

    fn called(&mut self, ticket: TicketId, window: WindowId) {
        let services = self.plan.as_ref().and_then(|plan| plan.window(window)).map(|w| w.services.clone());
        let served = |t: &&TicketId| {
            let service = self.service_of.get(t);
            service.is_some_and(|service| services.as_ref().is_some_and(|list| list.contains(service)))
        };
        // Time and identities both only grow, so who came first has the smallest identity.
        let first = self.waiting.iter().find(served).copied();
        if first != Some(ticket) {
            self.complain(Fault::Overtaken, format!("{ticket} called to {window} before {first:?}"));
        }
        self.waiting.remove(&ticket);
        if let Some((at, _)) = self.hands.iter().find(|(_, held)| **held == ticket) {
            self.complain(Fault::TwoAtOnce, format!("{ticket} is called to {window} and at {at}"));
        }
        if let Some(held) = self.hands.insert(window, ticket) {
            self.complain(Fault::TwoAtOnce, format!("{window} has {held} and calls {ticket}"));
        }
    }

    /// Keep the boards' order by its own books and compare.
    fn place(&mut self, stamped: &Stamped, hall: &Hall) {
        let view = HallView::of(hall, 0);
        let shown: Vec<Vec<TicketId>> = view
            .zones
            .iter()
            .map(|zone| zone.calls.iter().filter_map(|call| self.hands.get(&call.window).copied()).collect())
            .collect();
        let zone_of = |ticket: &TicketId| {
            let plan = self.plan.as_ref()?;
            plan.zone_index(plan.service(*self.service_of.get(ticket)?)?.zone)
        };
        match &stamped.event {
            Event::PlanAdopted { .. } => {
                let kept = |a: &TicketId, b: &TicketId| {
                    let old = self.boards.iter().find(|board| board.contains(a) && board.contains(b));
                    old.is_none_or(|board| {
                        let at = |ticket| board.iter().position(|other| other == ticket);
                        at(a) < at(b)
                    })
                };
                let in_order = |board: &Vec<TicketId>| board.windows(2).all(|pair| kept(&pair[0], &pair[1]));
                let by_time =
                    view.zones.iter().all(|zone| zone.calls.is_sorted_by_key(|c| -c.called_at.unix_ms()));
                if !shown.iter().all(in_order) || !by_time {
                    self.complain(Fault::BoardReordered, format!("{:?} became {shown:?}", self.boards));
                }
                self.boards.clone_from(&shown);
            }
            Event::Called { ticket, .. } | Event::Recalled { ticket, .. } => {
                let zone = zone_of(ticket);
                self.boards.iter_mut().for_each(|board| board.retain(|other| other != ticket));
                if let Some(board) = zone.and_then(|zone| self.boards.get_mut(zone)) {
                    board.insert(0, *ticket);
                }
            }
            _ => {
                let held: BTreeSet<TicketId> = self.hands.values().copied().collect();
                self.boards.iter_mut().for_each(|board| board.retain(|ticket| held.contains(ticket)));
            }
        }
        if self.boards != shown {
            self.complain(Fault::BoardReordered, format!("{:?} is shown as {shown:?}", self.boards));
            self.boards = shown;
        }
    }

    /// All events of a command happened and it was answered.
    pub fn answered(&mut self, decision: &Decision) {
        if let (Some(Answer::Ticket { number, .. }), false) = (&decision.answer, decision.repeated)
            && !self.promised.insert(*number)
        {
            self.complain(Fault::NumberTwice, format!("{number} was promised twice"));
        }
    }

    /// Nothing is under way; `view` was kept up with all events.
    pub fn looked(&mut self, hall: &Hall, view: &HallView) {
        let mut counted = Totals::default();
        let mut found = BTreeMap::<TicketNumber, u32>::new();
        for ticket in hall.tickets() {
            *found.entry(ticket.number).or_default() += 1;
            let held_at = self.hands.iter().find(|(_, held)| **held == ticket.id).map(|(window, _)| *window);
            let at = match ticket.state {
                TicketState::AtWindow { window } => Some(window),
                _ => None,
            };
            if at != held_at || self.waiting.contains(&ticket.id) != (ticket.state == TicketState::Waiting) {
                self.complain(Fault::TwoAtOnce, format!("{ticket:?} was seen at {held_at:?}"));
            }
            counted.issued += 1;
            match ticket.state {
                TicketState::Waiting => counted.waiting += 1,
                TicketState::AtWindow { .. } => counted.called += 1,
                TicketState::Finished => counted.finished += 1,
                TicketState::Missed => counted.missed += 1,
                TicketState::Expired => counted.expired += 1,
            }
        }
        let told = hall.totals();
        let told = Totals { called: told.called + told.serving, serving: 0, ..told };
        if told != counted {
            self.complain(Fault::DoesNotAddUp, format!("{told:?} is told, {counted:?} counted"));
        }
        let lost = self.promised.iter().find(|number| found.get(number) != Some(&1)).copied();
        if let Some(number) = lost {
            self.complain(
                Fault::TicketLost,
                format!("{number} was promised and is there {:?} times", found.get(&number)),
            );
        }
        let fresh = HallView::of(hall, view.seq);
        let picture = |view: &HallView| {
            let windows: Vec<_> = view
                .windows
                .iter()
                .map(|w| (w.id, w.label.clone(), w.mode, w.reason.clone(), w.ticket, w.waiting))
                .collect();
            let zones: Vec<_> = view.zones.iter().map(|zone| (zone.id, zone.calls.clone())).collect();
            (windows, zones, view.services.clone(), view.totals, view.at)
        };
        if picture(view) != picture(&fresh) {
            self.complain(
                Fault::WrongPicture,
                format!("{:?} instead of {:?}", picture(view), picture(&fresh)),
            );
        }
    }

    /// The journal gives the state, and so does its text.
    pub fn journal(&mut self, hall: &Hall, journal: &[Stamped]) {
        let text = serde_json::to_string(journal).unwrap();
        let read: Vec<Stamped> = serde_json::from_str(&text).unwrap();
        if read != journal {
            self.complain(Fault::NotReplayed, "the journal reads differently than it was written".into());
        }
        let again = replayed(id("county"), &read);
        let (again_bytes, bytes) = (serde_json::to_vec(&again).unwrap(), serde_json::to_vec(hall).unwrap());
        if again != *hall || again_bytes != bytes {
            self.complain(Fault::NotReplayed, format!("{again:?} instead of {hall:?}"));
        }
    }
}

fn has_words(refusal: &Refusal) -> bool {
    let code = refusal.code();
    let sentences = [Language::Zh, Language::En].map(|language| refusal.sentence(language));
    (1..=24).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && sentences.iter().all(|sentence| (1..=144).contains(&sentence.len()))
        && !sentences[0].is_ascii()
        && sentences[1].is_ascii()
}

fn caused_by_a_press(stamped: &Stamped) -> bool {
    matches!(stamped.cause, Cause::Press(_))
}
