//! Who stands in the place of the newest call: calls that fall together each get their time there,
//! in their order, so that none is overwritten before it could be read.
//!
//! Sans-IO: [`NewestPlace::arrange`] takes what the hall says now and the time, and says who stands
//! first; [`NewestPlace::poll_timeout`] when to ask again. All calls stand on the sign meanwhile;
//! this is about the marked place only, and about signs with room for one.
//!
//! A call keeps the place for `at_least`, or shorter when so many came together that the last of
//! them would not stand there within `within` of its coming.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The order in which calls stand in the marked place. `K` tells calls apart; a repeated call is
/// another one.
#[derive(Debug, Clone)]
pub struct NewestPlace<K> {
    at_least: Duration,
    within: Duration,
    standing: Option<Turn<K>>,
    waiting: VecDeque<Turn<K>>,
    /// `None` before the first look.
    known: Option<Vec<K>>,
}

/// A call, and since when it stands there or waits for it.
#[derive(Debug, Clone)]
struct Turn<K> {
    call: K,
    since: Instant,
}

impl<K: Clone + PartialEq> NewestPlace<K> {
    /// Each call stands first for `at_least`, and begins to within `within` of its coming.
    pub fn new(at_least: Duration, within: Duration) -> Self {
        Self { at_least, within, standing: None, waiting: VecDeque::new(), known: None }
    }

    /// Who of `calls` (newest first) stands first now: its place in the list, 0 if none is to be
    /// preferred. Calls known for the first time take their turns oldest first; those a sign begins
    /// with have had theirs.
    pub fn arrange(&mut self, calls: &[K], now: Instant) -> usize {
        let there = |turn: &Turn<K>| calls.contains(&turn.call);
        self.waiting.retain(there);
        self.standing = self.standing.take().filter(there);
        let turn = |call: &K| Turn { call: call.clone(), since: now };
        match &self.known {
            Some(known) => {
                self.waiting.extend(calls.iter().rev().filter(|call| !known.contains(call)).map(turn));
            }
            None => self.waiting.extend(calls.first().map(turn)),
        }
        self.known = Some(calls.to_vec());
        while self.until().is_none_or(|until| until <= now) {
            let Some(next) = self.waiting.pop_front() else { break };
            self.standing = Some(Turn { call: next.call, since: now });
        }
        let standing = self.standing.as_ref();
        standing.and_then(|turn| calls.iter().position(|call| *call == turn.call)).unwrap_or(0)
    }

    /// When somebody else stands first, if nothing changes meanwhile.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.waiting.is_empty() { None } else { self.until() }
    }

    /// When the time of who stands there is over for the next one; `None` if nobody stands there.
    fn until(&self) -> Option<Instant> {
        let since = self.standing.as_ref()?.since;
        // Each of those who wait must begin in time, after all before it stood equally long.
        let shares = self.waiting.iter().zip(1_u32..).map(|(turn, turns)| {
            let left = (turn.since + self.within).saturating_duration_since(since);
            left / turns
        });
        let share = shares.min().map_or(self.at_least, |share| share.min(self.at_least));
        Some(since + share)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT_LEAST: Duration = Duration::from_secs(3);
    const WITHIN: Duration = Duration::from_secs(12);

    /// A call and a time after the beginning.
    type At = (u32, Duration);

    /// What stood first, from when on, over some history of (milliseconds from the last, calls that
    /// come), until all is quiet.
    fn stood(history: &[(u64, u32)]) -> (Vec<At>, Vec<At>) {
        let begin = Instant::now();
        let mut place = NewestPlace::new(AT_LEAST, WITHIN);
        let (mut calls, mut now, mut next) = (vec![0_u32], begin, 1);
        let (mut stood, mut came) = (Vec::new(), vec![(0, Duration::ZERO)]);
        let look = |place: &mut NewestPlace<u32>, calls: &[u32], at: Instant, stood: &mut Vec<_>| {
            let first = calls[place.arrange(calls, at)];
            if stood.last().is_none_or(|(last, _)| *last != first) {
                stood.push((first, at - begin));
            }
        };
        look(&mut place, &calls, now, &mut stood);
        for (later_ms, count) in history {
            let at = now + Duration::from_millis(*later_ms);
            while let Some(wake) = place.poll_timeout().filter(|wake| *wake < at) {
                look(&mut place, &calls, wake, &mut stood);
            }
            now = at;
            for _ in 0..*count {
                calls.insert(0, next);
                came.push((next, now - begin));
                next += 1;
            }
            look(&mut place, &calls, now, &mut stood);
        }
        while let Some(wake) = place.poll_timeout() {
            look(&mut place, &calls, wake, &mut stood);
        }
        (stood, came)
    }

    #[test]
    fn two_calls_in_a_moment_each_get_their_time() {
        let (stood, _) = stood(&[(10_000, 2)]);
        let seconds = Duration::from_secs;
        assert_eq!(stood, [(0, Duration::ZERO), (1, seconds(10)), (2, seconds(13))]);
    }

    #[test]
    fn the_first_two_calls_of_a_day_each_get_their_time() {
        let begin = Instant::now();
        let mut place = NewestPlace::new(AT_LEAST, WITHIN);
        assert_eq!(place.arrange(&[], begin), 0);
        assert_eq!(place.arrange(&['b', 'a'], begin), 1);
        assert_eq!(place.arrange(&['b', 'a'], begin + AT_LEAST), 0);
    }

    #[test]
    fn a_call_that_is_over_leaves_the_place_at_once() {
        let begin = Instant::now();
        let mut place = NewestPlace::new(AT_LEAST, WITHIN);
        assert_eq!(place.arrange(&['a'], begin), 0);
        let later = begin + Duration::from_secs(60);
        assert_eq!(place.arrange(&['c', 'b', 'a'], later), 1);
        assert_eq!(place.arrange(&['c', 'a'], later), 0);
        assert_eq!(place.poll_timeout(), None);
        assert_eq!(place.arrange(&[], later), 0);
    }

    #[test]
    fn what_a_sign_begins_with_does_not_pass_in_review() {
        let mut place = NewestPlace::new(AT_LEAST, WITHIN);
        assert_eq!(place.arrange(&['c', 'b', 'a'], Instant::now()), 0);
        assert_eq!(place.poll_timeout(), None);
    }

    proptest! {
        #[test]
        fn every_call_stands_first_in_order_in_time_and_long_enough(
            history in prop::collection::vec((0_u64..9_000, 0_u32..4), 0..12)
        ) {
            let (stood, came) = stood(&history);
            let numbers: Vec<u32> = stood.iter().map(|(call, _)| *call).collect();
            let all: Vec<u32> = came.iter().map(|(call, _)| *call).collect();
            prop_assert_eq!(numbers, all);
            for ((_, at), (_, came)) in stood.iter().zip(&came) {
                prop_assert!(*at <= *came + WITHIN, "came {came:?}, stood {at:?}");
            }
            // Nobody is hurried unless so many wait that the last one would be late.
            let waiting_most = came.iter().map(|(_, at)| {
                u32::try_from(came.iter().filter(|(_, other)| *other <= *at && *at < *other + WITHIN).count())
            });
            let most = waiting_most.map(Result::unwrap).max().unwrap();
            for pair in stood.windows(2) {
                if let [(_, from), (_, to)] = pair {
                    prop_assert!(to.saturating_sub(*from) >= AT_LEAST.min(WITHIN / (most + 1)), "{stood:?}");
                }
            }
        }
    }
}
