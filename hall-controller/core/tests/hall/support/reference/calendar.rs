//! Opening hours, quotas, breaks, and the queue that is kept overnight.

use hall_core::event::{Cause, Event, RequeueReason, Rule};
use hall_core::offer::{Closure, Opening};
use hall_core::plan::{Half, Hours, Service};
use hall_core::refusal::Refusal;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::local::{DAY_MINUTES, LocalDate, LocalTime};
use hall_protocol::payload::WindowMode;

use super::{Card, Origin, Place, Reference};

pub(super) const MINUTE_MS: i64 = 60_000;

/// What becomes of a window whose hours ended.
enum Ended {
    /// Today they go on at this time.
    Until(LocalTime),
    ForToday,
}

impl Reference {
    /// Date and minute by the wall's clock.
    pub(super) fn local(&self) -> LocalTime {
        self.plan().local(self.told)
    }

    pub(super) fn half(&self, at: LocalTime) -> Half {
        let noon = self.plan().calendar().afternoon_starts_minute;
        let morning = at.date().days() <= self.day.days() && at.minute() < noon;
        if morning { Half::Morning } else { Half::Afternoon }
    }

    /// Whether a kiosk may give a number of the service now.
    pub(super) fn may_give(&self, service: &Service, used_up: bool) -> Result<(), Refusal> {
        let (plan, local, id) = (self.plan(), self.local(), service.id);
        let opens = self.opens(service, used_up);
        let within = |hours: Vec<Hours>| hours.iter().any(|h| h.contains(local.minute()));
        if !within(plan.issuing_hours(service, local.date())) {
            let why = if plan.hall_hours(local.date()).is_empty() {
                Closure::DayOff
            } else if within(plan.service_hours(service, local.date())) {
                Closure::LastTicket
            } else {
                Closure::Hours
            };
            return Err(Refusal::OutsideHours { service: id, why, opens, stopped: false });
        }
        if self.stopped.contains(&id) {
            let opens = self.opens(service, true);
            return Err(Refusal::OutsideHours {
                service: id,
                why: Closure::LastTicket,
                opens,
                stopped: true,
            });
        }
        if used_up {
            return Err(Refusal::NumbersUsedUp { service: id, opens });
        }
        let half = self.half(local);
        if self.is_full(service, None) {
            return Err(Refusal::QuotaUsedUp { service: id, half: None, opens });
        }
        if self.is_full(service, Some(half)) {
            return Err(Refusal::QuotaUsedUp { service: id, half: Some(half), opens });
        }
        Ok(())
    }

    /// How many numbers may still be leased today, of which so many are out.
    pub(super) fn left_to_lease(&self, service: &Service, out: u16) -> Result<u16, Refusal> {
        let (plan, local, id) = (self.plan(), self.local(), service.id);
        let opens = self.opens(service, true);
        let starts = plan.calendar().day_starts_minute;
        let tomorrow = LocalTime::new(LocalDate::from_days(self.day.days()).plus_days(1), starts);
        let issues = |days: i32| {
            let date = local.date().plus_days(days);
            let hours = plan.issuing_hours(service, date);
            (0..DAY_MINUTES).any(|minute| {
                let at = LocalTime::new(date, minute);
                at >= local && at < tomorrow && hours.iter().any(|hours| hours.contains(minute))
            })
        };
        let over = !(0..60).any(issues);
        if over || self.stopped.contains(&id) {
            let off = plan.hall_hours(local.date()).is_empty();
            let why = if off { Closure::DayOff } else { Closure::LastTicket };
            return Err(Refusal::OutsideHours { service: id, why, opens, stopped: !over });
        }
        let limits = service.limits;
        let gave = |half: Option<Half>| {
            let counts = |(_, of, at): &&(_, _, Half)| *of == id && half.is_none_or(|half| half == *at);
            u32::try_from(self.gave.iter().filter(counts).count()).unwrap()
        };
        let rest = |quota: Option<u32>, half| quota.map(|quota| quota.saturating_sub(gave(half)));
        let mut left = rest(limits.daily_quota, None).unwrap_or(u32::MAX);
        let morning_is_over = self.half(local) == Half::Afternoon;
        let morning = if morning_is_over { Some(0) } else { rest(limits.morning_quota, Some(Half::Morning)) };
        if let (Some(morning), Some(afternoon)) =
            (morning, rest(limits.afternoon_quota, Some(Half::Afternoon)))
        {
            left = left.min(morning + afternoon);
        }
        match left.saturating_sub(out.into()) {
            0 => Err(Refusal::QuotaUsedUp { service: id, half: None, opens }),
            left => Ok(u16::try_from(left).unwrap_or(u16::MAX)),
        }
    }

    /// Whether as many numbers were given in this half, or in the whole day, as may be.
    fn is_full(&self, service: &Service, half: Option<Half>) -> bool {
        let quota = match half {
            None => service.limits.daily_quota,
            Some(Half::Morning) => service.limits.morning_quota,
            Some(Half::Afternoon) => service.limits.afternoon_quota,
        };
        let counts = |(_, of, at): &&(_, _, Half)| *of == service.id && half.is_none_or(|half| half == *at);
        quota.is_some_and(|quota| self.gave.iter().filter(counts).count() >= quota as usize)
    }

    /// The first minute from now on in which a number could be had.
    fn opens(&self, service: &Service, used_up: bool) -> Option<Opening> {
        let (plan, local) = (self.plan(), self.local());
        let calendar = plan.calendar();
        let starts = calendar.day_starts_minute;
        let tomorrow = LocalTime::new(LocalDate::from_days(self.day.days()).plus_days(1), starts);
        (0..60_u16).find_map(|in_days| {
            let date = local.date().plus_days(in_days.into());
            let hours = plan.issuing_hours(service, date);
            let earliest = if in_days == 0 { local.minute() } else { 0 };
            let mut changes = vec![earliest, starts, calendar.afternoon_starts_minute];
            changes.extend(hours.iter().map(|hours| hours.from_minute));
            changes.sort_unstable();
            let opens = |minute: &u16| {
                let at = LocalTime::new(date, *minute);
                let gone =
                    used_up || self.is_full(service, None) || self.is_full(service, Some(self.half(at)));
                *minute >= earliest
                    && hours.iter().any(|hours| hours.contains(*minute))
                    && (at >= tomorrow || !gone)
            };
            let minute = changes.into_iter().find(opens)?;
            Some(Opening { at: LocalTime::new(date, minute), in_days })
        })
    }

    /// Whoever waits, or is with the staff, is to be the first of the new day.
    pub(super) fn keep_queue(&mut self) {
        for card in 0..self.cards.len() {
            let place = self.cards[card].place;
            if let Place::Hand(window) | Place::Aside(window) | Place::QueueOf(window) = place {
                let (ticket, number) = (self.cards[card].id, self.cards[card].number);
                self.say(Event::Requeued { ticket, number, window, why: RequeueReason::DayEnded });
                self.put(card, Place::Queue);
            }
        }
    }

    pub(super) fn forget_all_but_the_waiting(&mut self) {
        self.cards.retain(Card::waits);
        self.cards.iter_mut().for_each(|card| card.origin = Origin::Yesterday);
    }

    /// The hours of windows end by themselves.
    pub(super) fn tick(&mut self) {
        let before = self.said.len();
        self.cause = Cause::Rule(Rule::WindowHours);
        for window in self.counters.iter().map(|counter| counter.id).collect::<Vec<_>>() {
            if self.in_hand(window).is_some() {
                continue;
            }
            let is_paused = self.counter(window).mode == WindowMode::Paused;
            match self.ended(window) {
                Some(Ended::Until(until)) if !is_paused => self.take_a_break(window, until),
                Some(Ended::ForToday) if !self.is_wanted(window) => {
                    self.close(window, None).expect("it is not closed and has free hands");
                }
                _ => self.is_not_back(window),
            }
        }
        self.release_the_late();
        if self.said.len() == before {
            self.balance_windows();
        }
    }

    /// A window that is still in a break when that has passed says when no longer.
    fn is_not_back(&mut self, window: WindowId) {
        let minute = self.local().minute();
        let plan = self.plan();
        let hours = plan.window(window).and_then(|it| plan.window_hours(it, self.local().date()));
        let counter = self.counter(window);
        let (WindowMode::Paused, Some((until, soon)), Some(hours)) = (counter.mode, counter.back_at, hours)
        else {
            return;
        };
        if !soon && (until > minute || !hours.iter().any(|hours| hours.from_minute == until)) {
            return;
        }
        let later = hours.iter().any(|hours| hours.until_minute > minute);
        if later && soon {
            return;
        }
        counter.back_at = later.then_some((until, true));
        let reason = if later { "即将恢复 Back soon" } else { "今日已结束 Over for today" };
        self.say(Event::WindowPaused { window, reason: Some(reason.into()) });
    }

    /// When the break of an open window is over, if it should be in one.
    pub(super) fn in_a_break(&self, window: WindowId) -> Option<LocalTime> {
        match self.ended(window)? {
            Ended::Until(until) => Some(until),
            Ended::ForToday => None,
        }
    }

    pub(super) fn take_a_break(&mut self, window: WindowId, until: LocalTime) {
        let pressed = std::mem::replace(&mut self.cause, Cause::Rule(Rule::WindowHours));
        let clock = format!("{:02}:{:02}", until.minute() / 60, until.minute() % 60);
        let reason = Some(format!("休息至{clock} Back at {clock}"));
        self.say(Event::WindowPaused { window, reason });
        self.counter(window).mode = WindowMode::Paused;
        self.counter(window).back_at = Some((until.minute(), false));
        self.disarm(window);
        self.cause = pressed;
    }

    /// Whether the window is outside its hours, and was not closed when they ended.
    fn ended(&self, window: WindowId) -> Option<Ended> {
        let counter = self.counters.iter().find(|counter| counter.id == window)?;
        let (plan, local) = (self.plan(), self.local());
        let hours = |date| plan.window_hours(plan.window(window)?, date);
        let (today, yesterday) = (local.date(), local.date().plus_days(-1));
        let of_today = hours(today)?;
        if counter.mode == WindowMode::Closed || of_today.iter().any(|h| h.contains(local.minute())) {
            return None;
        }
        let before = hours(yesterday)?.last().map(|hours| LocalTime::new(yesterday, hours.until_minute));
        let ends = of_today.iter().map(|hours| LocalTime::new(today, hours.until_minute));
        let end = before.into_iter().chain(ends.filter(|end| *end <= local)).last()?;
        let ago_ms = local.minutes_since(end) * MINUTE_MS + self.wall.unix_ms().rem_euclid(MINUTE_MS);
        if counter.opened_at >= self.wall.plus_ms(-ago_ms) {
            return None;
        }
        let began = of_today.iter().any(|hours| hours.until_minute <= local.minute());
        let next = of_today.iter().find(|hours| hours.from_minute > local.minute()).filter(|_| began);
        Some(next.map_or(Ended::ForToday, |next| Ended::Until(LocalTime::new(today, next.from_minute))))
    }

    fn is_wanted(&self, window: WindowId) -> bool {
        let elsewhere = |service| {
            let open = self.counters.iter().filter(|counter| counter.mode != WindowMode::Closed);
            open.into_iter().any(|counter| self.serves(counter.id, service))
        };
        let serves = |service: &ServiceId| {
            self.serves(window, *service)
                || self.who_cannot(window, *service).is_some() && !elsewhere(*service)
        };
        self.cards.iter().any(|card| match card.place {
            Place::Done(_) => false,
            Place::QueueOf(alone) if alone == window => true,
            _ => serves(&card.service) || card.matters.iter().any(serves),
        })
    }
}
