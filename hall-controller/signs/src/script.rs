//! Which page a sign shows when nobody is called: a script of pages, one after another.
//!
//! Sans-IO: [`Playing::at`] takes the time and says what is shown now; [`Playing::poll_timeout`] when
//! that changes. Which pages there are is the caller's business.

use std::time::{Duration, Instant};

/// A span of the local day, in minutes since midnight; may reach over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySpan {
    /// The first minute of it, 0 to 1439.
    pub from_minute: u16,
    /// The first minute after it, 0 to 1440.
    pub until_minute: u16,
}

impl DaySpan {
    /// Whether this minute of the day is in it.
    pub fn contains(self, minute: u16) -> bool {
        let (after, before) = (self.from_minute <= minute, minute < self.until_minute);
        if self.from_minute < self.until_minute { after && before } else { after || before }
    }
}

/// One page of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot<P> {
    /// What is shown.
    pub page: P,
    /// How long each screen of it is shown.
    pub screen_lasts: Duration,
    /// Only then; `None` is always.
    pub between: Option<DaySpan>,
}

/// Where in a script a sign is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Playing {
    slot: usize,
    screen: usize,
    since: Option<Instant>,
}

impl Playing {
    /// The slot's place in `script` and its screen, now; `None` if no page is for this minute of the
    /// day. `screens` says how many a slot's page takes.
    pub fn at<P>(
        &mut self,
        script: &[Slot<P>],
        minute: u16,
        screens: impl Fn(&P) -> usize,
        now: Instant,
    ) -> Option<(usize, usize)> {
        let meant = |slot: &Slot<P>| slot.between.is_none_or(|between| between.contains(minute));
        let old = script.get(self.slot).filter(|slot| meant(slot));
        let over = |slot: &Slot<P>| self.since.is_none_or(|since| now >= since + slot.screen_lasts);
        match old {
            Some(slot) if !over(slot) && self.screen < screens(&slot.page) => {
                return Some((self.slot, self.screen));
            }
            Some(slot) if self.since.is_some() && self.screen + 1 < screens(&slot.page) => self.screen += 1,
            Some(_) if self.since.is_none() => {}
            _ => {
                let others = (1..=script.len()).map(|step| (self.slot + step) % script.len());
                let Some(next) = others.into_iter().find(|at| script.get(*at).is_some_and(&meant)) else {
                    self.rest();
                    return None;
                };
                (self.slot, self.screen) = (next, 0);
            }
        }
        self.since = Some(now);
        Some((self.slot, self.screen))
    }

    /// Nothing of the script is shown for a while: the page under way has its whole time when it goes on.
    pub fn rest(&mut self) {
        self.since = None;
    }

    /// Go to this slot, from its first screen and for its whole time. Where it is shown already it stays for
    /// so long at least, and no longer: who interrupts it again and again would keep all else from being seen.
    pub fn interrupt<P>(&mut self, script: &[Slot<P>], slot: usize, at_least: Duration, now: Instant) {
        let since = self.since.filter(|_| self.slot == slot);
        let latest = script.get(slot).and_then(|slot| (now + at_least).checked_sub(slot.screen_lasts));
        let since = since.map(|since| latest.map_or(since, |latest| since.max(latest)));
        *self = Self { slot, screen: 0, since };
    }

    /// When the screen's time is over; `None` while nothing of the script is shown.
    pub fn poll_timeout<P>(&self, script: &[Slot<P>]) -> Option<Instant> {
        Some(self.since? + script.get(self.slot)?.screen_lasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(page: usize, seconds: u64, between: Option<(u16, u16)>) -> Slot<usize> {
        let between = between.map(|(from_minute, until_minute)| DaySpan { from_minute, until_minute });
        Slot { page, screen_lasts: Duration::from_secs(seconds), between }
    }

    /// What is shown at each second, as (slot, screen); a page takes as many screens as its number.
    fn shown(
        script: &[Slot<usize>],
        playing: &mut Playing,
        minute: u16,
        seconds: u64,
    ) -> Vec<(usize, usize)> {
        let begin = playing.since.unwrap_or_else(Instant::now);
        let look = |second| {
            playing.at(script, minute, |screens| *screens, begin + Duration::from_secs(second)).unwrap()
        };
        (0..seconds).map(look).collect()
    }

    #[test]
    fn pages_follow_one_another_screen_by_screen() {
        let script = [slot(1, 2, None), slot(3, 1, None)];
        let shown = shown(&script, &mut Playing::default(), 0, 7);
        assert_eq!(shown, [(0, 0), (0, 0), (1, 0), (1, 1), (1, 2), (0, 0), (0, 0)]);
    }

    #[test]
    fn a_page_is_shown_at_its_time_of_the_day_only() {
        let script = [slot(1, 1, None), slot(1, 1, Some((60, 120))), slot(1, 1, Some((1_380, 30)))];
        let slots = |minute| {
            let mut slots: Vec<_> =
                shown(&script, &mut Playing::default(), minute, 6).iter().map(|at| at.0).collect();
            slots.sort_unstable();
            slots.dedup();
            slots
        };
        assert_eq!(slots(59), [0]);
        assert_eq!(slots(60), [0, 1]);
        assert_eq!(slots(120), [0]);
        assert_eq!((slots(1_380), slots(29), slots(30)), (vec![0, 2], vec![0, 2], vec![0]));
        let mut playing = Playing::default();
        assert_eq!(playing.at(&script[1..2], 5, |_| 1, Instant::now()), None);
        assert_eq!(playing.at::<usize>(&[], 5, |_| 1, Instant::now()), None);
    }

    #[test]
    fn a_page_whose_time_of_the_day_is_over_goes_at_once() {
        let script = [slot(1, 60, Some((0, 10))), slot(1, 60, None)];
        let (mut playing, now) = (Playing::default(), Instant::now());
        assert_eq!(playing.at(&script, 9, |_| 1, now), Some((0, 0)));
        assert_eq!(playing.at(&script, 10, |_| 1, now), Some((1, 0)));
    }

    #[test]
    fn an_interrupted_script_begins_there_with_the_whole_time() {
        let script = [slot(1, 3, None), slot(1, 3, None)];
        let (mut playing, now) = (Playing::default(), Instant::now());
        let later = |seconds| now + Duration::from_secs(seconds);
        playing.at(&script, 0, |_| 1, now);
        assert_eq!(playing.at(&script, 0, |_| 1, later(3)), Some((1, 0)));
        playing.interrupt(&script, 0, Duration::from_secs(1), later(4));
        assert_eq!(playing.at(&script, 0, |_| 1, later(4)), Some((0, 0)));
        assert_eq!(playing.poll_timeout(&script), Some(later(7)));
        assert_eq!(playing.at(&script, 0, |_| 1, later(6)), Some((0, 0)));
    }

    #[test]
    fn a_page_interrupted_for_itself_again_and_again_lets_the_others_have_their_turn() {
        let script = [slot(1, 6, None), slot(1, 3, None)];
        let (mut playing, now) = (Playing::default(), Instant::now());
        let later = |seconds| now + Duration::from_secs(seconds);
        playing.at(&script, 0, |_| 1, now);
        let mut seen = Vec::new();
        for second in 1..=12 {
            if second % 4 == 1 {
                playing.interrupt(&script, 0, Duration::from_secs(2), later(second));
            }
            seen.push(playing.at(&script, 0, |_| 1, later(second)).unwrap().0);
        }
        // From the fifth second on it stays for two more; that of the ninth ends the other page.
        assert_eq!(seen, [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn a_page_that_lost_screens_goes_on_with_the_next() {
        let script = [slot(1, 5, None), slot(1, 5, None)];
        let (mut playing, now) =
            (Playing { slot: 0, screen: 2, since: Some(Instant::now()) }, Instant::now());
        assert_eq!(playing.at(&script, 0, |_| 1, now), Some((1, 0)));
    }
}
