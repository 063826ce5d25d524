//! What the hours of a window do by themselves: a break pauses it, the end of the day closes it, also one that
//! is paused then.
//!
//! Neither takes a ticket out of a hand, and the end of the day leaves nobody behind who holds a
//! ticket (延时服务). Each acts once: a clerk who resumes or opens goes on until the next end.
//!
//! No rule ends a break: whether the clerk is back only the clerk knows, and a window that is open without
//! one would be counted on and call nobody. But once its time has passed the window no longer says when.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::local::LocalTime;
use hall_protocol::payload::WindowMode;

use super::window_keys::Moment;
use crate::event::Event;
use crate::hall::Hall;
use crate::plan::Window;
use crate::ticket::TicketState;
use crate::window::WindowState;

pub(super) const MINUTE_MS: i64 = 60_000;

/// The break has passed, and the clerk has not resumed.
const BACK_SOON: &str = "即将恢复 Back soon";

/// The day's hours have passed too.
const OVER_FOR_TODAY: &str = "今日已结束 Over for today";

/// How the hours of an open window are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// They go on today.
    Break { until: LocalTime },
    /// They do not.
    Day,
}

/// Where those who hold a ticket may still come to.
#[derive(Debug, Default)]
struct Wanted {
    services: BTreeSet<ServiceId>,
    windows: BTreeSet<WindowId>,
}

impl Hall {
    /// What the hours that are over ask of windows with free hands.
    pub(super) fn end_hours(&self, moment: Moment) -> Vec<Event> {
        let mut events = Vec::new();
        let wanted = LazyCell::new(|| self.wanted());
        for (planned, state) in self.plan.windows().iter().zip(&self.windows) {
            if state.hand.is_some() {
                continue;
            }
            match self.hours_over(planned, state, moment) {
                Some(Over::Break { until }) if state.mode == WindowMode::Open => {
                    events.push(pause(planned, until));
                }
                Some(Over::Day) if !self.is_wanted(planned.id, &wanted) => {
                    events.extend(self.close(planned.id, state).unwrap_or_default());
                }
                Some(_) | None => events.extend(self.break_passed(planned, state, moment)),
            }
        }
        events
    }

    /// What a window says instead that is still in a break of its hours after that.
    fn break_passed(&self, planned: &Window, state: &WindowState, moment: Moment) -> Option<Event> {
        let said = state.reason.as_deref().filter(|_| state.mode == WindowMode::Paused)?;
        let (date, minute) = (moment.local.date(), moment.local.minute());
        let today = self.plan.window_hours(planned, date)?;
        let passed = |from_minute| from_minute <= minute && said == break_until(from_minute);
        if said != BACK_SOON && !today.iter().any(|hours| passed(hours.from_minute)) {
            return None;
        }
        let ended = today.iter().all(|hours| hours.until_minute <= minute);
        let reason = if ended { OVER_FOR_TODAY } else { BACK_SOON };
        (said != reason).then(|| Event::WindowPaused { window: planned.id, reason: Some(reason.to_owned()) })
    }

    /// The pause of a window whose break has come, for a clerk who asks for the next citizen in it.
    pub(super) fn break_due(&self, planned: &Window, state: &WindowState, moment: Moment) -> Option<Event> {
        match self.hours_over(planned, state, moment)? {
            Over::Break { until } => Some(pause(planned, until)),
            Over::Day => None,
        }
    }

    /// Whether the window has been open, or paused, since before its hours ended, and still is outside of them.
    ///
    /// A window that was opened while the clock had been set back is opened late by it, and may miss
    /// its next break.
    fn hours_over(&self, planned: &Window, state: &WindowState, moment: Moment) -> Option<Over> {
        if state.mode == WindowMode::Closed {
            return None;
        }
        let Moment { local, wall, .. } = moment;
        let today = self.plan.window_hours(planned, local.date())?;
        if today.iter().any(|hours| hours.contains(local.minute())) {
            return None;
        }
        let ended_today = today.iter().rev().find(|hours| hours.until_minute <= local.minute());
        let (ended, next) = if let Some(ended) = ended_today {
            let next = today.iter().find(|hours| hours.from_minute > local.minute());
            (LocalTime::new(local.date(), ended.until_minute), next)
        } else {
            let yesterday = local.date().plus_days(-1);
            let last = *self.plan.window_hours(planned, yesterday)?.last()?;
            (LocalTime::new(yesterday, last.until_minute), None)
        };
        let since_ms = local.minutes_since(ended) * MINUTE_MS + wall.unix_ms().rem_euclid(MINUTE_MS);
        (state.opened_at < wall.plus_ms(-since_ms)).then(|| match next {
            Some(next) => Over::Break { until: LocalTime::new(local.date(), next.from_minute) },
            None => Over::Day,
        })
    }

    /// Whether anybody holds a ticket that may still come to this window: for what it serves, or would
    /// serve with another clerk while no open window does.
    fn is_wanted(&self, window: WindowId, wanted: &Wanted) -> bool {
        let elsewhere = |service| self.plan.service_index(service).is_some_and(|index| self.is_served(index));
        wanted.windows.contains(&window)
            || wanted.services.iter().any(|service| {
                self.serves(window, *service)
                    || self.lacks_skill(window, *service).is_some() && !elsewhere(*service)
            })
    }

    /// O(tickets), once for all windows, and only outside of the hours of one that is open.
    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for ticket in self.tickets.iter() {
            if let TicketState::WaitingFor { window } = ticket.state {
                wanted.windows.insert(window);
            }
            match ticket.state {
                TicketState::Waiting
                | TicketState::WaitingFor { .. }
                | TicketState::Deferred { .. }
                | TicketState::AtWindow { .. }
                | TicketState::Parked { .. } => {
                    wanted.services.insert(ticket.service);
                    wanted.services.extend(ticket.matters.iter());
                }
                TicketState::Finished
                | TicketState::Missed
                | TicketState::Expired
                | TicketState::Cancelled => {}
            }
        }
        wanted
    }
}

fn pause(planned: &Window, until: LocalTime) -> Event {
    Event::WindowPaused { window: planned.id, reason: Some(break_until(until.minute())) }
}

/// Signs and pads show the reason as it stands, in both languages.
fn break_until(minute: u16) -> String {
    let (hour, minute) = (minute / 60, minute % 60);
    format!("休息至{hour:02}:{minute:02} Back at {hour:02}:{minute:02}")
}
