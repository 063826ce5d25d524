//! Whether a kiosk may give a number of a service now, until when; or why not, and when again.
//!
//! One rule for the menu that says it and the request that asks for it.

use hall_protocol::local::{LocalDate, LocalTime};
use serde::{Deserialize, Serialize};

use crate::plan::{Half, Hours, Plan, Service};
use crate::refusal::Refusal;
use crate::time::BusinessDay;

/// How far ahead the next opening is looked for: longer than any holidays.
const SEARCH_DAYS: i32 = 60;

/// A number can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// The first minute in which it cannot, by the opening hours; `None` when that is not before
    /// the day after tomorrow.
    pub until: Option<LocalTime>,
}

/// When a number can be had again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The first minute.
    pub at: LocalTime,
    /// The days until then, by the calendar: 0 is today.
    pub in_days: u16,
}

/// Why a service gives no numbers at this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closure {
    /// It is outside the opening hours.
    #[default]
    Hours,
    /// The hall is closed all day.
    DayOff,
    /// The last ticket of the day was given out.
    LastTicket,
}

/// Numbers of one service that kiosks gave out on a business day, also as a further matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Given {
    /// In all.
    pub day: u32,
    /// In the morning.
    pub morning: u32,
    /// In the afternoon.
    pub afternoon: u32,
}

impl Given {
    /// One more. A journal written before there were halves names none.
    pub(crate) fn count(&mut self, half: Option<Half>) {
        self.day = self.day.saturating_add(1);
        match half {
            Some(Half::Morning) => self.morning = self.morning.saturating_add(1),
            Some(Half::Afternoon) => self.afternoon = self.afternoon.saturating_add(1),
            None => {}
        }
    }

    /// One less: it was nobody's.
    pub(crate) fn give_back(&mut self, half: Option<Half>) {
        self.day = self.day.saturating_sub(1);
        match half {
            Some(Half::Morning) => self.morning = self.morning.saturating_sub(1),
            Some(Half::Afternoon) => self.afternoon = self.afternoon.saturating_sub(1),
            None => {}
        }
    }

    /// How many more may be given from this half of the day on; `None` where no quota says.
    fn left(self, service: &Service, half: Half) -> Option<u32> {
        let limits = service.limits;
        let rest = |quota: Option<u32>, given: u32| quota.map(|quota| quota.saturating_sub(given));
        let morning = match half {
            Half::Morning => rest(limits.morning_quota, self.morning),
            Half::Afternoon => Some(0),
        };
        let afternoon = rest(limits.afternoon_quota, self.afternoon);
        let of_halves = morning.zip(afternoon).map(|(morning, afternoon)| morning.saturating_add(afternoon));
        rest(limits.daily_quota, self.day).into_iter().chain(of_halves).min()
    }

    /// Which quota is used up for a number in this half.
    fn used_up(self, service: &Service, half: Half) -> Option<UsedUp> {
        let limits = service.limits;
        let (given, quota) = match half {
            Half::Morning => (self.morning, limits.morning_quota),
            Half::Afternoon => (self.afternoon, limits.afternoon_quota),
        };
        let full = |given: u32, quota: Option<u32>| quota.is_some_and(|quota| given >= quota);
        if full(self.day, limits.daily_quota) {
            return Some(UsedUp::Day);
        }
        full(given, quota).then_some(UsedUp::Half(half))
    }
}

/// A quota that leaves no number.
#[derive(Debug, Clone, Copy)]
enum UsedUp {
    Day,
    Half(Half),
}

/// What a service has to give on the business day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stock<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) service: &'a Service,
    pub(crate) day: BusinessDay,
    pub(crate) given: Given,
    /// Its last number of the day is issued.
    pub(crate) used_up: bool,
    /// The manager gives no more of it today.
    pub(crate) stopped: bool,
}

impl Stock<'_> {
    /// Whether a number can be had at this time.
    pub(crate) fn offer(self, local: LocalTime) -> Result<Offer, Refusal> {
        let Self { plan, service, day, .. } = self;
        let id = service.id;
        let hours = plan.issuing_hours(service, local.date());
        let Some(open) = hours.iter().find(|hours| hours.contains(local.minute())) else {
            let why = self.closure(local);
            return Err(Refusal::OutsideHours { service: id, why, opens: self.opens(local), stopped: false });
        };
        if self.stopped {
            let opens = Self { used_up: true, ..self }.opens(local);
            return Err(Refusal::OutsideHours {
                service: id,
                why: Closure::LastTicket,
                opens,
                stopped: true,
            });
        }
        if self.used_up {
            return Err(Refusal::NumbersUsedUp { service: id, opens: self.opens(local) });
        }
        if let Some(used_up) = self.given.used_up(service, plan.half(day, local)) {
            let half = match used_up {
                UsedUp::Day => None,
                UsedUp::Half(half) => Some(half),
            };
            return Err(Refusal::QuotaUsedUp { service: id, half, opens: self.opens(local) });
        }
        Ok(Offer { until: self.until(local.date(), *open) })
    }

    /// How many numbers a kiosk may have in advance, of which `leased` are with kiosks already: no more than
    /// it might still give today.
    pub(crate) fn to_lease(self, local: LocalTime, leased: u32) -> Result<u32, Refusal> {
        let Self { plan, service, day, .. } = self;
        let id = service.id;
        let after_today = || Self { used_up: true, ..self }.opens(local);
        let over = !plan.issues_before(service, local, plan.day_after(day));
        if self.stopped || over {
            let why =
                if plan.hall_hours(local.date()).is_empty() { Closure::DayOff } else { Closure::LastTicket };
            return Err(Refusal::OutsideHours { service: id, why, opens: after_today(), stopped: !over });
        }
        let left = self.given.left(service, plan.half(day, local));
        let left = left.map_or(u32::MAX, |left| left.saturating_sub(leased));
        if left == 0 {
            return Err(Refusal::QuotaUsedUp { service: id, half: None, opens: after_today() });
        }
        Ok(left)
    }

    fn closure(self, local: LocalTime) -> Closure {
        let Self { plan, service, .. } = self;
        let date = local.date();
        if plan.hall_hours(date).is_empty() {
            Closure::DayOff
        } else if plan.service_hours(service, date).iter().any(|hours| hours.contains(local.minute())) {
            Closure::LastTicket
        } else {
            Closure::Hours
        }
    }

    /// The end of these hours of `date`; those that go on behind midnight end tomorrow.
    fn until(self, date: LocalDate, open: Hours) -> Option<LocalTime> {
        let ends = LocalTime::new(date, open.until_minute);
        if ends.date() == date {
            return Some(ends);
        }
        let tomorrow = self.plan.issuing_hours(self.service, ends.date());
        match tomorrow.first().filter(|hours| hours.from_minute == 0) {
            Some(goes_on) => {
                let ends = LocalTime::new(ends.date(), goes_on.until_minute);
                (ends.minute() != 0).then_some(ends)
            }
            None => Some(ends),
        }
    }

    /// The first minute after `local` at which a number can be had, as far as the calendar and the
    /// quotas can tell.
    fn opens(self, local: LocalTime) -> Option<Opening> {
        let Self { plan, service, day, .. } = self;
        let tomorrow = plan.day_after(day);
        let mut from = local;
        // The rest of this half, the other half, the next business day: after it every quota is new.
        // By a clock that was set back behind the business day, more halves come before that.
        for _ in 0..SEARCH_DAYS {
            let at = self.first_open(from)?;
            if at >= tomorrow {
                return opening(at, local);
            }
            let half = plan.half(day, at);
            from = match self.given.used_up(service, half) {
                _ if self.used_up => tomorrow,
                None => return opening(at, local),
                Some(UsedUp::Day) => tomorrow,
                Some(UsedUp::Half(Half::Morning)) => {
                    LocalTime::new(at.date(), plan.calendar().afternoon_starts_minute)
                }
                Some(UsedUp::Half(Half::Afternoon)) => {
                    LocalTime::new(at.date().plus_days(1), 0).min(tomorrow)
                }
            };
        }
        None
    }

    /// The first minute from `from` on within the issuing hours.
    fn first_open(self, from: LocalTime) -> Option<LocalTime> {
        (0..SEARCH_DAYS).find_map(|days| {
            let date = from.date().plus_days(days);
            let earliest = if days == 0 { from.minute() } else { 0 };
            let hours = self.plan.issuing_hours(self.service, date);
            let open = hours.iter().find(|hours| hours.until_minute > earliest)?;
            Some(LocalTime::new(date, open.from_minute.max(earliest)))
        })
    }
}

fn opening(at: LocalTime, now: LocalTime) -> Option<Opening> {
    let days = i64::from(at.date().days()) - i64::from(now.date().days());
    u16::try_from(days).ok().map(|in_days| Opening { at, in_days })
}
