//! A scenario from recorded days: who came when, how long services took, who lost patience, and which
//! windows were open.
//!
//! [`Learner`] watches the events of a journal, oldest first, and keeps what `learn/fit.rs` needs to make a
//! [`Scenario`] of it. It reads no clock: whoever calls says what time of the day an event was.
//! `learn/waits.rs` keeps how waits ended, as far as that is known.

mod fit;
mod opening;
mod record;
mod waits;

use std::collections::BTreeMap;

use hall_core::event::{Cause, Event, Rule, Stamped};
use hall_core::plan::Plan;
use hall_core::ticket::TicketId;
use hall_core::time::HallTime;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::local::LocalDate;

use crate::scenario::Scenario;
use record::{Day, Done};
use waits::Waits;

/// Longer is no service but a forgotten FINISH.
const SERVICE_MINUTES_MAX: f64 = 120.0;

/// Why no scenario could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LearnError {
    /// Nobody came.
    #[error("no ticket was issued in this journal; let the hall run for a day first, or check the directory")]
    NobodyCame,
    /// Nobody was served.
    #[error(
        "no service was finished in this journal, so how long services take is not known; let the hall run for \
         a day first"
    )]
    NobodyServed,
    /// Windows were not open.
    #[error("no window was open for long enough to learn its hours; let the hall run for a whole day first")]
    NoWindow,
}

/// What a scenario was learnt from.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// The scenario.
    pub scenario: Scenario,
    /// From so many days.
    pub days: usize,
    /// Services finished on them.
    pub served: usize,
}

/// Watches a journal.
#[derive(Debug)]
pub struct Learner<L> {
    /// The minute of the local day.
    local: L,
    plan: Option<Box<Plan>>,
    day: Day,
    days: Vec<Day>,
    /// What each ticket of the day is for.
    services: BTreeMap<TicketId, ServiceId>,
    waits: Waits,
    hands: BTreeMap<WindowId, Hand>,
    /// What each window served last.
    last: BTreeMap<WindowId, ServiceId>,
}

/// A ticket at a window.
#[derive(Debug, Clone, Copy)]
struct Hand {
    ticket: TicketId,
    service: ServiceId,
    since: HallTime,
    /// Whether the window served something else before.
    changed: bool,
}

impl<L: Fn(HallTime) -> f64> Learner<L> {
    /// Knows nothing yet. `local` is the minute of the local day of a moment.
    pub fn new(local: L) -> Self {
        Self {
            local,
            plan: None,
            day: Day::default(),
            days: Vec::new(),
            services: BTreeMap::new(),
            waits: Waits::default(),
            hands: BTreeMap::new(),
            last: BTreeMap::new(),
        }
    }

    /// The next event of the journal.
    pub fn watch(&mut self, stamped: &Stamped) {
        let at = stamped.at;
        let minute = (self.local)(at);
        match &stamped.event {
            Event::PlanAdopted { plan, .. } => self.plan = Some(plan.clone()),
            Event::DayBegan { day, queue_kept } => {
                self.end_day(*queue_kept);
                self.day.date = Some(LocalDate::from_days(day.days()));
            }
            Event::Issued { ticket, service, class, printed_at, .. } => {
                let came = printed_at.unwrap_or(at);
                if class.is_priority() {
                    self.day.priority.push((*service, *class));
                }
                self.day.arrivals.push((*service, (self.local)(came)));
                self.services.insert(*ticket, *service);
                self.waits.begin(*ticket, *service, came);
            }
            Event::WalkedIn { ticket, service, window, .. } => {
                self.day.arrivals.push((*service, minute));
                self.services.insert(*ticket, *service);
                self.begin(*window, *ticket, at);
            }
            Event::Called { ticket, window, .. } => {
                self.waits.called(*ticket, at);
                self.begin(*window, *ticket, at);
            }
            Event::Started { ticket, .. } => self.waits.came(*ticket),
            Event::Finished { ticket, window, .. } => {
                self.waits.came(*ticket);
                self.finish(*window, at);
            }
            Event::MatterFinished { ticket, window, next, .. } => {
                self.finish(*window, at);
                self.goes_on(*ticket, *next, at);
            }
            Event::MatterWithdrawn { ticket, next: Some(next), .. } => {
                self.hands.retain(|_, hand| hand.ticket != *ticket);
                self.goes_on(*ticket, *next, at);
            }
            Event::Transferred { ticket, window, service, .. } => {
                self.hands.remove(window);
                self.goes_on(*ticket, *service, at);
            }
            Event::ServiceCorrected { ticket, window, service, in_hand, .. } => {
                self.services.insert(*ticket, *service);
                let hand = window.and_then(|window| self.hands.get_mut(&window));
                match hand.filter(|hand| hand.ticket == *ticket) {
                    Some(hand) if *in_hand => hand.service = *service,
                    Some(_) => {
                        self.waits.begin(*ticket, *service, at);
                        self.hands.retain(|_, hand| hand.ticket != *ticket);
                    }
                    None => {}
                }
            }
            Event::Missed { ticket, window, .. } | Event::Deferred { ticket, window, .. } => {
                self.hands.remove(window);
                self.waits.missed(*ticket);
            }
            Event::Requeued { ticket, window, .. } => {
                self.hands.remove(window);
                self.waits_again(*ticket, at);
            }
            Event::Returned { ticket, .. } => self.waits_again(*ticket, at),
            // How long the service took altogether is not known.
            Event::Parked { ticket, window, .. } => {
                self.hands.remove(window);
                self.waits.came(*ticket);
            }
            Event::Cancelled { ticket, replaced_by: None, .. } => self.waits.gave_up(*ticket, at),
            Event::Cancelled { ticket, .. } => self.waits.is_nobodys(*ticket),
            Event::Expired { ticket, .. } => self.hands.retain(|_, hand| hand.ticket != *ticket),
            Event::Allocated { window, primary, backup, .. } => {
                let seen = self.day.skills.entry(*window).or_default();
                seen.extend(primary.iter().chain(backup));
            }
            Event::ClerkSignedOn { window, clerk, .. } => {
                if let Some(plan) = &self.plan {
                    self.day.skills.entry(*window).or_default().extend(plan.clerk_services(*clerk));
                }
            }
            Event::WindowOpened { window } | Event::WindowResumed { window } => {
                self.day.open(*window, minute);
            }
            // Nobody closed it: the day ended, at midnight or later, and until then it was open.
            Event::WindowClosed { .. } if stamped.cause == Cause::Rule(Rule::DayBegan) => {}
            Event::WindowPaused { window, .. } | Event::WindowClosed { window } => {
                self.day.shut(*window, minute);
            }
            _ => {}
        }
    }

    /// The scenario of the days seen. A last day that has not ended counts only when there is no other.
    ///
    /// # Errors
    /// [`LearnError`].
    pub fn finish_lesson(mut self) -> Result<Lesson, LearnError> {
        let ended = self.days.len();
        self.end_day(false);
        if ended > 0 {
            self.days.truncate(ended);
        }
        let plan = self.plan.ok_or(LearnError::NobodyCame)?;
        fit::scenario(&plan, &self.days)
    }

    fn end_day(&mut self, queue_kept: bool) {
        let mut day = std::mem::take(&mut self.day);
        day.patience = self.waits.end_day();
        day.end();
        if !day.arrivals.is_empty() {
            self.days.push(day);
        }
        self.hands.clear();
        self.last.clear();
        if !queue_kept {
            self.services.clear();
        }
    }

    fn waits_again(&mut self, ticket: TicketId, at: HallTime) {
        if let Some(service) = self.services.get(&ticket) {
            self.waits.begin(ticket, *service, at);
        }
    }

    /// The citizen is here for something else from now on: as if another came for it.
    fn goes_on(&mut self, ticket: TicketId, service: ServiceId, at: HallTime) {
        self.day.arrivals.push((service, (self.local)(at)));
        self.services.insert(ticket, service);
        self.waits.begin(ticket, service, at);
    }

    fn begin(&mut self, window: WindowId, ticket: TicketId, at: HallTime) {
        let Some(service) = self.services.get(&ticket).copied() else { return };
        let planned = self.plan.as_ref().and_then(|plan| plan.window(window)?.services.first().copied());
        let before = self.last.insert(window, service).or(planned);
        let changed = before.is_some_and(|before| before != service);
        self.hands.insert(window, Hand { ticket, service, since: at, changed });
    }

    fn finish(&mut self, window: WindowId, at: HallTime) {
        let Some(Hand { service, since, changed, .. }) = self.hands.remove(&window) else { return };
        let minutes = minutes(since, at);
        if minutes <= SERVICE_MINUTES_MAX {
            self.day.done.push(Done { service, window, minutes, changed });
        }
    }
}

fn minutes(since: HallTime, at: HallTime) -> f64 {
    // A day in milliseconds is far below what a float counts exactly.
    #[allow(clippy::cast_precision_loss)]
    let ms = at.ms_since(since) as f64;
    ms / 60_000.0
}
