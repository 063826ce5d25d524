//! What the witness asks of opening hours, quotas, breaks and a queue that is kept overnight. It goes
//! through days minute by minute instead of computing with hours.

use std::collections::{BTreeMap, BTreeSet};

use hall_core::Decision;
use hall_core::command::Command;
use hall_core::event::{Event, Stamped};
use hall_core::plan::{Half, SpecialDay, WeeklyHours};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketId;
use hall_core::time::{BusinessDay, HallTime};
use hall_core::view::HallView;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::WindowMode;

use super::{Fault, Moment, Witness};

const MINUTES: i64 = 24 * 60;

/// What the witness knows of the day and its numbers.
#[derive(Default)]
pub(super) struct Books {
    day: BusinessDay,
    given: BTreeMap<(ServiceId, Option<Half>), u32>,
    /// What each ticket counts for.
    gave: BTreeMap<TicketId, (Vec<ServiceId>, Half)>,
    opened: BTreeMap<WindowId, HallTime>,
}

/// A minute since the epoch, by the wall.
fn minute_of(wall_ms: i64) -> i64 {
    wall_ms.div_euclid(60_000)
}

impl Witness {
    /// Whether something with these hours is open in this minute.
    fn is_open(&self, hours: &WeeklyHours, minute: i64) -> bool {
        let Some(plan) = &self.plan else { return false };
        let day = minute.div_euclid(MINUTES);
        // Day 0 was a Thursday.
        let mut weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap();
        let date = i32::try_from(day).unwrap();
        match plan.calendar().special.iter().find(|(special, _)| special.days() == date) {
            Some((_, SpecialDay::Closed)) => return false,
            Some((_, SpecialDay::WorksLike(like))) => weekday = *like as usize,
            None => {}
        }
        let WeeklyHours::Weekly(week) = hours else { return true };
        let minute = u16::try_from(minute.rem_euclid(MINUTES)).unwrap();
        week[weekday].iter().any(|hours| hours.from_minute <= minute && minute < hours.until_minute)
    }

    /// Whether kiosks give numbers of the service in this minute, quotas apart.
    fn gives(&self, service: ServiceId, minute: i64) -> bool {
        let Some(plan) = &self.plan else { return false };
        let Some(planned) = plan.service(service) else { return false };
        let open =
            |minute| self.is_open(&plan.calendar().hours, minute) && self.is_open(&planned.hours, minute);
        let last_ticket = i64::from(planned.limits.last_ticket_minutes);
        let midnight = (minute.div_euclid(MINUTES) + 1) * MINUTES;
        let closes_soon = || {
            let goes_on = (minute + last_ticket..midnight).any(open);
            !goes_on && (midnight > minute + last_ticket || !open(midnight - 1))
        };
        open(minute) && (last_ticket == 0 || !closes_soon())
    }

    fn half(&self, minute: i64) -> Half {
        let day = i64::from(self.books.day.days());
        let afternoon = minute.rem_euclid(MINUTES) >= MINUTES / 2 || minute.div_euclid(MINUTES) > day;
        if afternoon { Half::Afternoon } else { Half::Morning }
    }

    /// Whether the quotas leave a number of the service in this half.
    fn is_left(&self, service: ServiceId, half: Half) -> bool {
        let Some(limits) = self.plan.as_ref().and_then(|plan| plan.service(service)).map(|s| s.limits) else {
            return false;
        };
        let of_half = match half {
            Half::Morning => limits.morning_quota,
            Half::Afternoon => limits.afternoon_quota,
        };
        [(None, limits.daily_quota), (Some(half), of_half)].into_iter().all(|(half, quota)| {
            let given = self.books.given.get(&(service, half)).copied().unwrap_or(0);
            quota.is_none_or(|quota| given < quota)
        })
    }

    /// A kiosk gave a number for these services, now or, from a lease, so many milliseconds ago: a
    /// kiosk without the hall asks for no hours and quotas, but its numbers count.
    pub(super) fn gave(
        &mut self,
        ticket: TicketId,
        services: &[ServiceId],
        half: Option<Half>,
        ago_ms: Option<u64>,
        moment: Moment,
    ) {
        let minute = minute_of(moment.wall_ms - i64::try_from(ago_ms.unwrap_or(0)).unwrap());
        let now = self.half(minute);
        self.books.gave.insert(ticket, (services.to_vec(), now));
        for service in services.iter().copied() {
            if ago_ms.is_none() && !self.gives(service, minute) {
                self.complain(Fault::OutOfHours, format!("{service} at {moment:?}"));
            }
            if half != Some(now) || ago_ms.is_none() && !self.is_left(service, now) {
                self.complain(Fault::OverQuota, format!("{service} at {moment:?}: {half:?}"));
            }
            for half in [None, Some(now)] {
                *self.books.given.entry((service, half)).or_default() += 1;
            }
        }
    }

    /// A ticket was nobody's, and counts no more.
    pub(super) fn was_nobodys(&mut self, ticket: TicketId) {
        let Some((services, half)) = self.books.gave.remove(&ticket) else { return };
        for service in services {
            for half in [None, Some(half)] {
                *self.books.given.entry((service, half)).or_default() -= 1;
            }
        }
    }

    /// A citizen was sent away, or a day began: rightly?
    pub(super) fn sent_away(
        &mut self,
        command: &Command,
        decision: &Decision,
        refusal: Option<&Refusal>,
        moment: Moment,
    ) {
        let began = decision.events.iter().find_map(|stamped| match stamped.event {
            Event::DayBegan { queue_kept, .. } => Some(queue_kept),
            _ => None,
        });
        if let Some(kept) = began {
            let policy = match command {
                Command::AdoptPlan(plan) => Some(plan.policy()),
                _ => self.plan.as_ref().map(hall_core::plan::Plan::policy),
            };
            if policy.is_some_and(|policy| policy.keep_queue_overnight != kept) {
                self.complain(Fault::NotKept, format!("{command:?}"));
            }
            return;
        }
        let (service, opens, gone) = match refusal.filter(|_| !decision.repeated) {
            Some(Refusal::OutsideHours { service, opens, .. }) => (*service, *opens, false),
            Some(Refusal::QuotaUsedUp { service, opens, .. }) => (*service, *opens, true),
            _ => return,
        };
        let minute = minute_of(moment.wall_ms);
        let gives = self.gives(service, minute);
        let left = self.is_left(service, self.half(minute));
        // What is leased already counts for a lease, and the rest of the day's hours.
        let is_lease = matches!(command, Command::Lease { .. });
        if !is_lease && (gives && left || gives != gone) {
            self.complain(Fault::TurnedAway, format!("{refusal:?} at {moment:?}"));
        }
        let Some(opens) = opens else { return };
        let at = i64::from(opens.at.date().days()) * MINUTES + i64::from(opens.at.minute());
        let in_days = at.div_euclid(MINUTES) - minute.div_euclid(MINUTES);
        if at <= minute || !self.gives(service, at) || in_days != i64::from(opens.in_days) {
            self.complain(Fault::TurnedAway, format!("{refusal:?} at {moment:?} names no opening"));
        }
    }

    /// Windows take citizens from then on; a rule pauses none in its hours.
    pub(super) fn keeps_hours(&mut self, stamped: &Stamped, moment: Moment) {
        match &stamped.event {
            Event::WindowOpened { window } | Event::WindowResumed { window } => {
                self.books.opened.insert(*window, stamped.at);
            }
            Event::WindowPaused { reason: Some(reason), .. }
                if stamped.cause.press().is_none() && reason.starts_with("即将恢复") => {}
            Event::WindowPaused { window, .. } if stamped.cause.press().is_none() => {
                let planned = self.plan.as_ref().and_then(|plan| plan.window(*window)).cloned();
                if planned.is_none_or(|planned| self.is_open(&planned.hours, minute_of(moment.wall_ms))) {
                    self.complain(Fault::NoBreak, format!("{window} is paused in its hours"));
                }
            }
            _ => {}
        }
    }

    /// Time passed: no window works on through the break of its hours without having been told to.
    pub fn ticked(&mut self, view: &HallView, moment: Moment) {
        let minute = minute_of(moment.wall_ms);
        let midnight = minute.div_euclid(MINUTES) * MINUTES;
        for (planned, window) in view.plan.windows().iter().zip(&view.windows) {
            let open = |minute| self.is_open(&planned.hours, minute);
            let ended = (midnight..minute).rev().find(|minute| open(*minute)).map(|last| last + 1);
            let goes_on = (minute..midnight + MINUTES).any(open);
            let (Some(ended), true, false) = (ended, goes_on, open(minute)) else { continue };
            let before = self.books.opened.get(&window.id).is_some_and(|at| at.unix_ms() < ended * 60_000);
            if before && window.mode == WindowMode::Open && window.ticket.is_none() {
                self.complain(Fault::NoBreak, format!("{} at {moment:?}", window.id));
            }
        }
    }

    /// Of the books of the day before only what concerns those who wait is kept, if they are.
    pub(super) fn day_began(&mut self, day: BusinessDay, queue_kept: bool) {
        let left = !self.waiting.is_empty() || !self.deferred.is_empty();
        if left && !queue_kept || !self.hands.is_empty() || !self.parked.is_empty() {
            self.complain(Fault::OpenAfterDayEnd, format!("{:?} {:?}", self.waiting, self.hands));
        }
        if !queue_kept {
            self.waiting.clear();
            self.deferred.clear();
        }
        let kept: BTreeSet<_> = self.waiting.keys().chain(self.deferred.keys()).copied().collect();
        self.number_of.retain(|ticket, _| kept.contains(ticket));
        self.numbers = self.number_of.values().copied().collect();
        let numbers: BTreeSet<TicketNumber> = self.numbers.clone();
        self.promised.retain(|number| numbers.contains(number));
        self.service_of.retain(|ticket, _| kept.contains(ticket));
        self.issued_at.retain(|ticket, _| kept.contains(ticket));
        self.standing.retain(|ticket, _| kept.contains(ticket));
        self.matters.retain(|ticket, _| kept.contains(ticket));
        self.class_of.retain(|ticket, _| kept.contains(ticket));
        self.had_another_call.retain(|ticket| kept.contains(ticket));
        self.hands.clear();
        self.just_called.clear();
        self.parked.clear();
        self.armed.clear();
        self.since_pass.clear();
        self.books.day = day;
        self.books.given.clear();
        self.books.gave.clear();
    }
}
