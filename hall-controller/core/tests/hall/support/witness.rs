//! Looks at a hall from outside, keeps its own books of what was promised and what happened, and
//! complains of every broken invariant. It believes no count the hall keeps.

mod appointments;
mod boards;
mod calendar;
mod calls;
mod leases;
mod life;
mod presses;

use std::collections::{BTreeMap, BTreeSet};

use hall_core::answer::Answer;
use hall_core::appointment::Appointment;
use hall_core::command::Command;
use hall_core::event::{Device, Event, PressId, Stamped};
use hall_core::plan::{Plan, Seniority};
use hall_core::refusal::Refusal;
use hall_core::ticket::{TicketId, TicketState};
use hall_core::time::{HallTime, Now};
use hall_core::view::{HallView, Totals};
use hall_core::{Decision, Hall};
use hall_protocol::appointment::{AppointmentId, DayMinute};
use hall_protocol::id::{ClerkId, ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Class;

use super::rehearsal::Onlooker;
use super::{id, replayed};

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
    WrongPlace,
    LeftWaiting,
    Overbooked,
    AppointmentLost,
    OutOfHours,
    OverQuota,
    TurnedAway,
    NoBreak,
    NotKept,
    Unaccounted,
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
    number_of: BTreeMap<TicketId, TicketNumber>,
    last_id: Option<TicketId>,
    service_of: BTreeMap<TicketId, ServiceId>,
    /// Where and since when who waits counts as waiting; without a window, for their service.
    waiting: BTreeMap<TicketId, (Option<WindowId>, HallTime)>,
    class_of: BTreeMap<TicketId, Class>,
    /// Calls by seniority since a priority ticket last passed others.
    since_pass: BTreeMap<ServiceId, u16>,
    booked: BTreeMap<AppointmentId, Appointment>,
    /// Of tickets of appointments, until their first call.
    slot_of: BTreeMap<TicketId, DayMinute>,
    /// Calls by seniority since an appointment last passed others.
    since_appointment: BTreeMap<ServiceId, u16>,
    issued_at: BTreeMap<TicketId, HallTime>,
    standing: BTreeMap<TicketId, HallTime>,
    parked: BTreeMap<TicketId, WindowId>,
    matters: BTreeMap<TicketId, Vec<ServiceId>>,
    leases: leases::Leases,
    /// Calls still to come, and since when.
    deferred: BTreeMap<TicketId, (u16, HallTime)>,
    had_another_call: BTreeSet<TicketId>,
    /// The longest armed first.
    armed: Vec<WindowId>,
    /// Who is signed on.
    clerks: BTreeMap<WindowId, ClerkId>,
    hands: BTreeMap<WindowId, TicketId>,
    just_called: BTreeMap<WindowId, JustCalled>,
    heard: BTreeMap<Device, Heard>,
    boards: Vec<Vec<TicketId>>,
    books: calendar::Books,
    /// Kept up with every decision since the process started; none before its first.
    view: Option<HallView>,
}

impl Onlooker for Witness {
    fn clock_jumped(&mut self) {
        for call in self.just_called.values_mut() {
            *call = JustCalled::BeforeAJump { refused_since: None };
        }
    }

    fn decided(&mut self, command: &Command, _: Now, decision: &Result<Decision, Refusal>, moment: Moment) {
        self.heard_of(command, decision, moment);
    }

    fn happened(&mut self, stamped: &Stamped, hall: &Hall, moment: Moment) {
        self.saw(stamped, hall, moment);
    }

    fn looked(
        &mut self,
        command: &Command,
        decision: &Result<Decision, Refusal>,
        hall: &Hall,
        moment: Moment,
    ) {
        let events = decision.as_ref().map(|decision| &decision.events[..]).unwrap_or_default();
        let view = match self.view.take() {
            Some(view) => view.after(hall, events, view.seq + 1),
            None => HallView::of(hall, 0),
        };
        if let Ok(decision) = decision {
            self.answered(command, decision, hall);
        }
        self.look(hall, &view);
        if *command == Command::Tick {
            self.ticked(&view, moment);
        }
        self.view = Some(view);
    }

    fn stopped(&mut self, hall: &Hall, journal: &[Stamped]) {
        self.journal(hall, journal);
        self.view = Some(HallView::of(hall, 0));
    }
}

impl Witness {
    fn complain(&mut self, fault: Fault, what: String) {
        self.complaints.push((fault, what));
    }

    fn saw(&mut self, stamped: &Stamped, hall: &Hall, moment: Moment) {
        self.keeps_hours(stamped, moment);
        self.told_of_its_appointment(&stamped.event);
        match &stamped.event {
            Event::PlanAdopted { plan, .. } => {
                self.since_pass.retain(|service, _| plan.service(*service).is_some());
                self.since_appointment.retain(|service, _| plan.service(*service).is_some());
                self.plan = Some((**plan).clone());
                self.armed.clear();
                self.clerks.retain(|window, _| plan.window(*window).is_some());
            }
            Event::DayBegan { day, queue_kept } => {
                self.leases_of_the_day_end(*day, *queue_kept);
                self.day_began(*day, *queue_kept);
                self.appointments_of_yesterday(*day);
            }
            event if Self::is_of_an_appointment(event) => self.appointed(stamped),
            Event::NumbersLeased { .. } | Event::LeaseEnded { .. } => self.leased(&stamped.event, stamped.at),
            Event::Issued {
                ticket, number, service, class, also, kiosk, half, printed_at, check_in, ..
            } => {
                let is_late = printed_at.is_some() && self.is_late(*number);
                if check_in.is_none() && !is_late {
                    let ago_ms = printed_at.map(|at| stamped.at.ms_since(at));
                    let services: Vec<_> = also.iter().chain([service]).copied().collect();
                    self.gave(*ticket, &services, *half, ago_ms, moment);
                }
                let printed_at = self.waits_since(*number, *kiosk, stamped.at, *printed_at);
                self.entered(*ticket, *number, *service, printed_at.unwrap_or(stamped.at));
                self.class_of.insert(*ticket, *class);
                self.matters.insert(*ticket, also.clone());
                if let Some(check_in) = check_in {
                    self.checked_in(stamped, *check_in);
                    return self.checked(stamped, hall);
                }
                let same = |(other, (at, _)): &(&TicketId, &(Option<WindowId>, HallTime))| {
                    at.is_none() && self.service_of.get(other) == Some(service) && !self.has_a_slot(**other)
                };
                let last = self.waiting.iter().filter(same).map(|(_, (_, since))| *since).max();
                let behind_all = stamped.at.max(last.unwrap_or(stamped.at));
                self.waits(*ticket, None, printed_at.unwrap_or(behind_all));
            }
            Event::Called { ticket, window, why, .. } => {
                self.called(*ticket, *window, why, stamped.at);
                self.counts_a_call(*ticket);
                self.just_called.insert(*window, JustCalled::At(moment.real_ms));
            }
            Event::Recalled { window, .. } | Event::Started { window, .. } => {
                self.just_called.remove(window);
            }
            Event::Requeued { ticket, window, .. } => {
                self.let_go(*ticket, *window);
                let standing = self.standing.get(ticket).copied().unwrap_or_default();
                self.waits(*ticket, None, standing);
            }
            Event::Finished { window, .. } | Event::Missed { window, .. } => {
                self.ends_rightly(&stamped.event);
                self.freed(*window);
            }
            event if Self::is_of_its_life(event) => self.lives_on(event, stamped.at),
            Event::Parked { ticket, window, .. } => {
                self.freed(*window);
                self.parked.insert(*ticket, *window);
            }
            Event::Unparked { ticket, window, .. } => {
                if self.parked.remove(ticket) != Some(*window) {
                    self.complain(Fault::TwoAtOnce, format!("{ticket} was not parked at {window}"));
                }
                self.takes(*ticket, *window);
            }
            Event::Transferred { ticket, window, service, to_window, standing, .. } => {
                self.freed(*window);
                self.service_of.insert(*ticket, *service);
                self.matters.entry(*ticket).or_default().retain(|matter| matter != service);
                let seniority = self.plan.as_ref().map(|plan| plan.policy().transfer_seniority);
                self.stands(*ticket, *to_window, *standing, seniority);
                self.waits(*ticket, *to_window, *standing);
            }
            Event::Returned { ticket, standing, .. } => {
                self.parked.remove(ticket);
                let seniority = self.plan.as_ref().map(|plan| plan.policy().return_seniority);
                self.stands(*ticket, None, *standing, seniority);
                self.waits(*ticket, None, *standing);
            }
            Event::Cancelled { ticket, window, replaced_by, .. } => {
                self.cancelled(*ticket, *window, replaced_by.is_some());
            }
            Event::Expired { ticket, window, .. } => {
                self.waiting.remove(ticket);
                self.deferred.remove(ticket);
                if let Some(window) = window {
                    self.let_go(*ticket, *window);
                }
            }
            event => self.saw_of_a_window(event),
        }
        self.checked(stamped, hall);
    }

    fn cancelled(&mut self, ticket: TicketId, window: Option<WindowId>, was_nobodys: bool) {
        if was_nobodys {
            self.was_nobodys(ticket);
        }
        let waited = self.waiting.remove(&ticket).is_some() || self.deferred.remove(&ticket).is_some();
        let parked = self.parked.remove(&ticket);
        let was_parked = parked.is_some() && parked == window && !was_nobodys;
        if !waited && !was_parked {
            self.complain(Fault::TwoAtOnce, format!("{ticket} neither waited nor was parked"));
        }
    }

    fn saw_of_a_window(&mut self, event: &Event) {
        match event {
            Event::WindowArmed { window } => self.armed.push(*window),
            Event::WindowPaused { window, .. } | Event::WindowDisarmed { window } => {
                self.armed.retain(|armed| armed != window);
            }
            Event::WindowClosed { window } => {
                self.armed.retain(|armed| armed != window);
                self.clerks.remove(window);
            }
            Event::ClerkSignedOn { window, clerk, .. } => drop(self.clerks.insert(*window, *clerk)),
            Event::ClerkSignedOff { window, .. } => drop(self.clerks.remove(window)),
            _ => {}
        }
    }

    fn checked(&mut self, stamped: &Stamped, hall: &Hall) {
        for violation in hall.violations() {
            self.complain(Fault::DoesNotAddUp, violation);
        }
        self.place(stamped, hall);
    }

    fn waits(&mut self, ticket: TicketId, window: Option<WindowId>, since: HallTime) {
        self.standing.insert(ticket, since);
        self.waiting.insert(ticket, (window, since));
    }

    /// A ticket comes to a queue by this rule.
    fn stands(
        &mut self,
        ticket: TicketId,
        window: Option<WindowId>,
        since: HallTime,
        seniority: Option<Seniority>,
    ) {
        let service = self.service_of.get(&ticket);
        let there = |(other, (at, _)): &(&TicketId, &(Option<WindowId>, HallTime))| {
            *at == window
                && (window.is_some() || self.service_of.get(other) == service)
                && !self.has_a_slot(**other)
        };
        let mut others = self.waiting.iter().filter(there).map(|(other, (_, since))| (*since, *other));
        let right = match seniority {
            Some(Seniority::Front) => {
                others.all(|other| (since, ticket) < other)
                    && self.issued_at.get(&ticket).is_some_and(|issued_at| since <= *issued_at)
            }
            Some(Seniority::Back) => others.all(|other| (since, ticket) > other),
            Some(Seniority::IssueTime) | None => self.issued_at.get(&ticket) == Some(&since),
        };
        if !right {
            self.complain(Fault::WrongPlace, format!("{ticket} stands since {since:?}: {seniority:?}"));
        }
    }

    fn let_go(&mut self, ticket: TicketId, window: WindowId) {
        if self.hands.get(&window) == Some(&ticket) {
            self.freed(window);
        }
        self.parked.remove(&ticket);
    }

    fn freed(&mut self, window: WindowId) {
        self.hands.remove(&window);
        self.just_called.remove(&window);
    }

    fn takes(&mut self, ticket: TicketId, window: WindowId) {
        self.armed.retain(|armed| *armed != window);
        if let Some((at, _)) = self.hands.iter().find(|(_, held)| **held == ticket) {
            self.complain(Fault::TwoAtOnce, format!("{ticket} is called to {window} and at {at}"));
        }
        if let Some(held) = self.hands.insert(window, ticket) {
            self.complain(Fault::TwoAtOnce, format!("{window} has {held} and calls {ticket}"));
        }
    }

    /// All events of a command happened and it was answered.
    fn answered(&mut self, command: &Command, decision: &Decision, hall: &Hall) {
        self.asked_about_appointment(command, decision.answer.as_ref(), hall);
        self.hand_in_answered(command, decision);
        if let (Command::Take { .. } | Command::CheckIn { .. }, Some(Answer::Ticket { number, .. }), false) =
            (command, &decision.answer, decision.repeated)
            && !self.promised.insert(*number)
        {
            self.complain(Fault::NumberTwice, format!("{number} was promised twice"));
        }
    }

    /// Nothing is under way; `view` was kept up with all events.
    fn look(&mut self, hall: &Hall, view: &HallView) {
        let mut counted = Totals::default();
        let mut found = BTreeMap::<TicketNumber, u32>::new();
        for ticket in hall.tickets() {
            *found.entry(ticket.number).or_default() += 1;
            let held_at = self.hands.iter().find(|(_, held)| **held == ticket.id).map(|(window, _)| *window);
            let at = match ticket.state {
                TicketState::AtWindow { window } => Some(window),
                _ => None,
            };
            let parked_at = match ticket.state {
                TicketState::Parked { window } => Some(window),
                _ => None,
            };
            let waits = match ticket.state {
                TicketState::Waiting => Some(None),
                TicketState::WaitingFor { window } => Some(Some(window)),
                _ => None,
            };
            let calls_left = match ticket.state {
                TicketState::Deferred { calls_left } => Some(calls_left),
                _ => None,
            };
            if at != held_at
                || calls_left != self.deferred.get(&ticket.id).map(|(left, _)| *left)
                || self.matters.get(&ticket.id).is_some_and(|matters| **matters != *ticket.matters)
                || parked_at != self.parked.get(&ticket.id).copied()
                || waits != self.waiting.get(&ticket.id).map(|(at, _)| *at)
            {
                self.complain(Fault::TwoAtOnce, format!("{ticket:?} was seen at {held_at:?}"));
            }
            counted.issued += 1;
            match ticket.state {
                TicketState::Waiting | TicketState::WaitingFor { .. } | TicketState::Deferred { .. } => {
                    counted.waiting += 1;
                }
                TicketState::Parked { .. } => counted.parked += 1,
                TicketState::Cancelled => counted.cancelled += 1,
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
        self.looked_at_appointments(hall);
        self.lease_totals(hall.lease_totals());
        let lost = self.promised.iter().find(|number| found.get(number) != Some(&1)).copied();
        if let Some(number) = lost {
            self.complain(
                Fault::TicketLost,
                format!("{number} was promised and is there {:?} times", found.get(&number)),
            );
        }
        for window in &self.armed.clone() {
            let left = self
                .waiting
                .keys()
                .chain(self.deferred.keys())
                .copied()
                .find(|ticket| self.may_call(*window, *ticket));
            if let Some(ticket) = left {
                self.complain(Fault::LeftWaiting, format!("{ticket} waits, and {window} is armed"));
            }
        }
        let fresh = HallView::of(hall, view.seq);
        let picture = |view: &HallView| {
            let windows: Vec<_> = view
                .windows
                .iter()
                .map(|w| (w.id, w.label.clone(), w.mode, w.reason.clone(), w.ticket, w.waiting))
                .zip(view.windows.iter().map(|w| (w.parked.clone(), w.armed, w.clerk)))
                .collect();
            let zones: Vec<_> = view.zones.iter().map(|zone| (zone.id, zone.calls.clone())).collect();
            (windows, zones, view.services.clone(), view.totals, view.leases, view.at)
        };
        if picture(view) != picture(&fresh) {
            self.complain(
                Fault::WrongPicture,
                format!("{:?} instead of {:?}", picture(view), picture(&fresh)),
            );
        }
    }

    /// The journal gives the state, and so does its text.
    fn journal(&mut self, hall: &Hall, journal: &[Stamped]) {
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
