//! When the hall, its services and its windows are open: by weekday, with holidays and adjusted
//! workdays (调休).
//!
//! All of it is told by the clock on the hall's wall ([`LocalTime`]), so that summer time and a new
//! time zone change nothing here: `08:30` is when the wall says 08:30.

use std::collections::BTreeMap;

use hall_protocol::local::{DAY_MINUTES, LocalDate, LocalTime, Weekday};
use serde::{Deserialize, Serialize};

use super::{Plan, Service, Window};
use crate::time::{BusinessDay, Now};

/// Dates of one business day that are looked at, by a clock that may have been set back behind it.
const DATES_MAX: usize = 60;

/// Part of a day, in minutes since local midnight: `from` inclusive, `until` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// First minute.
    pub from_minute: u16,
    /// First minute after.
    pub until_minute: u16,
}

impl Hours {
    const WHOLE_DAY: Self = Self { from_minute: 0, until_minute: DAY_MINUTES };

    /// Whether the minute lies within.
    pub const fn contains(self, minute: u16) -> bool {
        self.from_minute <= minute && minute < self.until_minute
    }

    /// What both have in common.
    fn overlap(self, other: Self) -> Option<Self> {
        let from_minute = self.from_minute.max(other.from_minute);
        let until_minute = self.until_minute.min(other.until_minute);
        (from_minute < until_minute).then_some(Self { from_minute, until_minute })
    }

    /// Whether they begin before they end, within one day.
    const fn are_right(self) -> bool {
        self.from_minute < self.until_minute && self.until_minute <= DAY_MINUTES
    }
}

/// Opening hours of each weekday.
///
/// Written as an object of lists by weekday; a single list, as plans had it before there were
/// weekdays, holds on each of them, and an empty one is [`WeeklyHours::Always`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub enum WeeklyHours {
    /// Not limited.
    #[default]
    Always,
    /// The hours of each weekday, Monday first; none on a day of rest.
    Weekly([Vec<Hours>; 7]),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    EveryDay(Vec<Hours>),
    ByWeekday(BTreeMap<Weekday, Vec<Hours>>),
}

impl From<Written> for WeeklyHours {
    fn from(written: Written) -> Self {
        match written {
            Written::EveryDay(hours) => hours.into(),
            Written::ByWeekday(mut hours) => {
                Self::Weekly(Weekday::ALL.map(|weekday| hours.remove(&weekday).unwrap_or_default()))
            }
        }
    }
}

impl From<WeeklyHours> for Written {
    fn from(hours: WeeklyHours) -> Self {
        match hours {
            WeeklyHours::Always => Self::EveryDay(Vec::new()),
            WeeklyHours::Weekly(days) => Self::ByWeekday(Weekday::ALL.into_iter().zip(days).collect()),
        }
    }
}

impl From<Vec<Hours>> for WeeklyHours {
    /// The same hours on each day of the week; always, if there are none.
    fn from(hours: Vec<Hours>) -> Self {
        if hours.is_empty() { Self::Always } else { Self::Weekly(std::array::from_fn(|_| hours.clone())) }
    }
}

impl WeeklyHours {
    /// The hours of a weekday.
    pub fn on(&self, weekday: Weekday) -> &[Hours] {
        match self {
            Self::Always => &[Hours::WHOLE_DAY],
            Self::Weekly(days) => &days[weekday.index()],
        }
    }

    /// Whether all hours begin before they end, within one day.
    pub(super) fn are_right(&self) -> bool {
        Weekday::ALL.iter().all(|weekday| self.on(*weekday).iter().all(|hours| hours.are_right()))
    }
}

/// A date that is not as its weekday is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialDay {
    /// A holiday: the hall is closed.
    Closed,
    /// 调休: the hall works as on this weekday.
    WorksLike(Weekday),
}

/// Half of a business day, for quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// Until [`Calendar::afternoon_starts_minute`].
    Morning,
    /// From then to the end of the business day.
    Afternoon,
}

/// The hall's own opening hours, and what holds for all its services and windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calendar {
    /// When the hall is open.
    pub hours: WeeklyHours,
    /// Holidays and adjusted workdays.
    pub special: BTreeMap<LocalDate, SpecialDay>,
    /// The minute of the local day at which a business day begins. The shell begins it; the plan
    /// knows it to say when a quota is new.
    pub day_starts_minute: u16,
    /// The minute of the local day at which the morning's quotas end and the afternoon's begin.
    pub afternoon_starts_minute: u16,
    /// The zone of the clock on the wall by its IANA name, for whoever reads the journal elsewhere; the
    /// rules are told the wall's time and have no use for it. Journals of before do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            hours: WeeklyHours::default(),
            special: BTreeMap::new(),
            day_starts_minute: 0,
            afternoon_starts_minute: DAY_MINUTES / 2,
            time_zone: None,
        }
    }
}

impl Calendar {
    /// Which weekday's hours hold on this date; none on a holiday.
    pub fn works_like(&self, date: LocalDate) -> Option<Weekday> {
        match self.special.get(&date) {
            None => Some(date.weekday()),
            Some(SpecialDay::Closed) => None,
            Some(SpecialDay::WorksLike(weekday)) => Some(*weekday),
        }
    }

    pub(super) fn is_right(&self) -> bool {
        self.hours.are_right()
            && self.day_starts_minute < DAY_MINUTES
            && self.afternoon_starts_minute < DAY_MINUTES
    }
}

impl Plan {
    /// The hall's opening hours, holidays and adjusted workdays.
    pub fn calendar(&self) -> &Calendar {
        &self.parts.calendar
    }

    /// The local date and minute of a moment as the shell tells it: before the business day's start
    /// it is the date after the one on which the business day began.
    pub fn local(&self, now: Now) -> LocalTime {
        let begun = LocalDate::from_days(now.day.days());
        let after_midnight = now.minute < self.calendar().day_starts_minute;
        LocalTime::new(begun.plus_days(i32::from(after_midnight)), now.minute)
    }

    /// Whether kiosks give numbers of the service at this time, quotas apart.
    pub fn issues_at(&self, service: &Service, now: Now) -> bool {
        let local = self.local(now);
        self.issuing_hours(service, local.date()).iter().any(|hours| hours.contains(local.minute()))
    }

    /// Whether kiosks give numbers of the service at this time or later on the same business day, quotas
    /// apart: a break for lunch is not the end.
    pub fn issues_still(&self, service: &Service, now: Now) -> bool {
        self.issues_before(service, self.local(now), self.day_after(now.day))
    }

    /// Whether kiosks give numbers of the service at `local` or later, before `ends`.
    pub(crate) fn issues_before(&self, service: &Service, local: LocalTime, ends: LocalTime) -> bool {
        // By a clock that was set back behind the business day, more than two dates are left of it.
        (local.date().days()..=ends.date().days()).take(DATES_MAX).any(|days| {
            let date = LocalDate::from_days(days);
            let from = if date == local.date() { local.minute() } else { 0 };
            let until = if date == ends.date() { ends.minute() } else { DAY_MINUTES };
            let hours = self.issuing_hours(service, date);
            hours.iter().any(|hours| hours.until_minute > from && hours.from_minute < until)
        })
    }

    /// In which half of the business day `day` a time lies. What is after midnight is of the
    /// afternoon.
    pub(crate) fn half(&self, day: BusinessDay, local: LocalTime) -> Half {
        let after_midnight = local.date().days() > day.days();
        let afternoon = after_midnight || local.minute() >= self.calendar().afternoon_starts_minute;
        if afternoon { Half::Afternoon } else { Half::Morning }
    }

    /// When the business day after `day` begins.
    pub(crate) fn day_after(&self, day: BusinessDay) -> LocalTime {
        LocalTime::new(LocalDate::from_days(day.days()).plus_days(1), self.calendar().day_starts_minute)
    }

    /// When the hall is open on this date, in order.
    pub fn hall_hours(&self, date: LocalDate) -> Vec<Hours> {
        let weekday = self.calendar().works_like(date);
        weekday.map(|weekday| joined(self.calendar().hours.on(weekday).to_vec())).unwrap_or_default()
    }

    /// When the window has its hours on this date, in order; `None` for a window without any of its
    /// own, which no rule closes.
    pub fn window_hours(&self, window: &Window, date: LocalDate) -> Option<Vec<Hours>> {
        if window.hours == WeeklyHours::Always {
            return None;
        }
        let weekday = self.calendar().works_like(date);
        Some(weekday.map(|weekday| joined(window.hours.on(weekday).to_vec())).unwrap_or_default())
    }

    /// When the service is open on this date, in order: within its own hours and the hall's.
    pub fn service_hours(&self, service: &Service, date: LocalDate) -> Vec<Hours> {
        let weekday = self.calendar().works_like(date);
        weekday.map(|weekday| self.service_hours_like(service, weekday)).unwrap_or_default()
    }

    fn service_hours_like(&self, service: &Service, weekday: Weekday) -> Vec<Hours> {
        let hall = self.calendar().hours.on(weekday);
        let own = service.hours.on(weekday).iter();
        joined(own.flat_map(|own| hall.iter().filter_map(|hall| own.overlap(*hall))).collect())
    }

    /// Whether the hours of the service meet those of the hall on no day of the week.
    pub fn never_opens(&self, service: &Service) -> bool {
        Weekday::ALL.iter().all(|weekday| self.service_hours_like(service, *weekday).is_empty())
    }

    /// When kiosks give numbers of the service on this date, in order: while it is open, up to its
    /// last ticket of the day.
    pub fn issuing_hours(&self, service: &Service, date: LocalDate) -> Vec<Hours> {
        let mut hours = self.service_hours(service, date);
        // What ends at midnight may go on behind it: no closing is known.
        let closes = hours.last().map_or(0, |last| last.until_minute).min(DAY_MINUTES);
        if closes < DAY_MINUTES {
            let last_ticket = closes.saturating_sub(service.limits.last_ticket_minutes);
            let issuing = Hours { from_minute: 0, until_minute: last_ticket };
            hours = hours.into_iter().filter_map(|hours| hours.overlap(issuing)).collect();
        }
        hours
    }
}

/// The same hours in order, with those made one that touch.
fn joined(mut hours: Vec<Hours>) -> Vec<Hours> {
    hours.sort_by_key(|hours| hours.from_minute);
    let mut all: Vec<Hours> = Vec::with_capacity(hours.len());
    for next in hours {
        match all.last_mut().filter(|last| next.from_minute <= last.until_minute) {
            Some(last) => last.until_minute = last.until_minute.max(next.until_minute),
            None => all.push(next),
        }
    }
    all
}
