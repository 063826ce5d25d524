//! What the estimates given were worth: learnt from each ticket's own when it is called.
//!
//! All of it is integers, in the state and from events, so that every replay learns the same. Ratios of
//! times are kept as logarithms, in [`UNITS`] of an octave; a minute is added to every time, below
//! which nobody cares.

use hall_protocol::payload::Class;
use serde::{Deserialize, Serialize};

use super::Estimate;

/// Parts of an octave: a factor of two.
const UNITS: i32 = 65_536;
/// One estimate that was further off than seven times teaches no more than one that was so.
const OFF_MAX: i32 = 189_000;
/// The line is cut where it doubles: nobody ahead, 1 to 2, 3 to 6, and so on.
const LENGTHS: usize = 7;
/// How far the 90 % bound lies above the median before anything is learnt: the longer the line,
/// the less do single services matter. From simulated days of the reference halls.
const MARGINS: [i32; LENGTHS] = [59_000, 55_700, 50_500, 45_200, 42_000, 36_700, 29_500];
const MARGIN_MIN: i32 = 4_800;
const MARGIN_MAX: i32 = 112_000;
/// A bound that held lowers the margin by so much, and one that did not raises it by nine times as
/// much, so that it rests where nine of ten hold. Of the length concerned; of all others three fifths as
/// much, because a day that is worse than foretold is so for all of them.
const STEP: i32 = 390;
/// With more than so many waiting the steps are smaller by as much: what is learnt now is of those who came
/// before all of them, and would go too far.
const UNHEARD: u32 = 60;
const STEP_MIN: i32 = 8;
/// A service counts as usual for so many tickets, and the hall for so many.
const SERVICE_PRIOR: i64 = 20;
const HALL_PRIOR: i64 = 60;
/// What was learnt of the hall counts for this part, and of the service beyond that for this one, in
/// percent: part of a service's error is of its moment.
const HALL_PART: i64 = 100;
const SERVICE_PART: i64 = 90;
/// What one estimate is off beyond that which was expected counts up to this: a mean that single ones
/// pull far is no good median (Huber 1964).
const OFF_FAR: i32 = 52_000;
/// What the two estimators are taken to be off by, as mean squares and product of a millioctave, before
/// anything is known, and for how many tickets that counts.
const OFF_BY_INDEX: Off = Off { crew: 208_000, head: 832_000, both: 125_000 };
const OFF_BY_SENIORITY: Off = Off { crew: 120_000, head: 1_500_000, both: 127_000 };
const OFF_PRIOR: i64 = 60;
/// One in so many is forgotten with each that comes.
const OFF_MEMORY: i64 = 300;
/// The age of the head never counts for more than this, in permille.
const HEAD_MAX: i64 = 400;
/// So many minutes of waiting without anybody leaving are taken as seen.
const PATIENCE_PRIOR_MS: u64 = 200 * 60_000;
/// Longer nothing was seen: nobody waits through a night.
const GAP_MS_MAX: u64 = 3_600_000;

/// What a ticket that is called was told, and when: while so many wait, by which kind of policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) estimate: Estimate,
    pub(crate) class: Class,
    pub(crate) waiting: u32,
    pub(crate) by_index: bool,
}

/// By how far estimates were off lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Lean {
    /// Sum of the logarithms, older ones counting less.
    sum: i64,
    /// How many those are, times 1000.
    weight: i64,
}

impl Lean {
    /// One in `memory` is forgotten with each that comes.
    fn learn(&mut self, off: i32, memory: i64) {
        self.sum += i64::from(off) - self.sum / memory;
        self.weight += 1_000 - self.weight / memory;
    }

    /// Yesterday counts half as much as today.
    pub(crate) fn halve(&mut self) {
        *self = Self { sum: self.sum / 2, weight: self.weight / 2 };
    }

    /// The mean, when `prior` more were seen that were off by `usual`.
    fn mean(self, prior: i64, usual: i64) -> i64 {
        (self.sum * 1_000 + usual * prior * 1_000) / (self.weight + prior * 1_000)
    }
}

/// By how much the crew's word and the head's were off beyond what both were expected to be, as mean
/// squares of a millioctave, and the product: what both did not foresee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Off {
    crew: i64,
    head: i64,
    both: i64,
}

impl Off {
    /// One in [`OFF_MEMORY`] is forgotten with each that comes.
    fn learn(&mut self, crew: i32, head: i32) {
        let (crew, head) = (millioctaves(crew), millioctaves(head));
        self.crew += crew * crew - self.crew / OFF_MEMORY;
        self.head += head * head - self.head / OFF_MEMORY;
        self.both += crew * head - self.both / OFF_MEMORY;
    }

    /// What the head should count for the mixture to be off least, in permille (Bates and Granger 1969).
    fn head_permille(self) -> i64 {
        let (own, apart) = (self.crew - self.both, self.crew + self.head - 2 * self.both);
        (1_000 * own / apart.max(1)).clamp(0, HEAD_MAX)
    }
}

/// What was learnt of the hall's estimates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Calibration {
    ordinary: Lean,
    priority: Lean,
    /// Sums over those called, older ones counting less, and how many those are, times 1000.
    off: Off,
    off_weight: i64,
    /// How far the bound lies above the median, by the number ahead.
    margins: [i32; LENGTHS],
    /// Who gave up, and what all together waited.
    left: u32,
    waited_ms: u64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self {
            ordinary: Lean::default(),
            priority: Lean::default(),
            off: Off::default(),
            off_weight: 0,
            margins: MARGINS,
            left: 0,
            waited_ms: 0,
        }
    }
}

impl Calibration {
    /// Yesterday counts half as much as today.
    pub(crate) fn begin_day(&mut self) {
        self.ordinary.halve();
        self.priority.halve();
        (self.left, self.waited_ms) = (self.left / 2, self.waited_ms / 2);
    }

    /// So many waited for this time.
    pub(crate) fn wait(&mut self, waiting: u32, ms: u64) {
        self.waited_ms = self.waited_ms.saturating_add(u64::from(waiting) * ms.min(GAP_MS_MAX));
    }

    /// One of `class` who waited was called, while so many others wait. Of an ordinary one, `service`
    /// learns too.
    pub(crate) fn called(&mut self, told: &Told, service: &mut Lean, waited_ms: u64) {
        let Told { estimate, class, waiting, by_index } = *told;
        let waited = u32::try_from(waited_ms / 1_000).unwrap_or(u32::MAX);
        let expected = self.expected(*service, class);
        let crew = octaves(waited) - octaves(estimate.crew_seconds);
        let mut off = crew;
        if let Some(head) = estimate.head_seconds {
            let head = octaves(waited) - octaves(head);
            let permille = self.head_permille(by_index);
            let mixed = i64::from(crew) * (1_000 - permille) + i64::from(head) * permille;
            off = i32::try_from(mixed / 1_000).unwrap_or(crew);
            self.off.learn(crew - expected, head - expected);
            self.off_weight += 1_000 - self.off_weight / OFF_MEMORY;
        }
        let off = off.clamp(expected - OFF_FAR, expected + OFF_FAR);
        if class.is_priority() {
            self.priority.learn(off, 33);
        } else {
            self.ordinary.learn(off, 100);
            service.learn(off, 33);
        }
        if waited_ms <= u64::from(estimate.p90_seconds) * 1_000 {
            self.outcome(estimate.ahead, true, waiting);
        }
    }

    /// One still waited when the bound passed.
    pub(crate) fn bound_passed(&mut self, estimate: Estimate, waiting: u32) {
        self.outcome(estimate.ahead, false, waiting);
    }

    /// One who waited gave up.
    pub(crate) fn gave_up(&mut self) {
        self.left = self.left.saturating_add(1);
    }

    fn outcome(&mut self, ahead: u32, held: bool, waiting: u32) {
        let own = length(ahead);
        let waiting = i32::try_from(waiting.max(UNHEARD)).unwrap_or(i32::MAX);
        let step = (STEP * UNHEARD.cast_signed() / waiting).max(STEP_MIN);
        for (length, margin) in self.margins.iter_mut().enumerate() {
            let step = if length == own { step } else { step * 3 / 5 };
            let step = if held { -step } else { 9 * step };
            *margin = (*margin + step).clamp(MARGIN_MIN, MARGIN_MAX);
        }
    }

    /// What the age of the head counts, in permille: each of the two estimators by how little it was off.
    pub(super) fn head_permille(&self, by_index: bool) -> i64 {
        let usual = if by_index { OFF_BY_INDEX } else { OFF_BY_SENIORITY };
        let mean = |sum: i64, usual: i64| {
            (sum * 1_000 + usual * OFF_PRIOR * 1_000) / (self.off_weight + OFF_PRIOR * 1_000)
        };
        let Off { crew, head, both } = self.off;
        Off { crew: mean(crew, usual.crew), head: mean(head, usual.head), both: mean(both, usual.both) }
            .head_permille()
    }

    /// Which part of those who wait gives up in a minute.
    pub(crate) fn leave_rate(&self) -> f64 {
        f64::from(self.left) * 6e4 / crate::hall::as_f64(self.waited_ms + PATIENCE_PRIOR_MS)
    }

    /// The factor by which estimates of the service have been too short, so far as they are `guessed`, from
    /// 0 to 1: who shares a window, and how, is what the crew knows least. Where nobody does, estimates are
    /// off by the luck of the moment, which teaches nothing.
    pub(super) fn lean(&self, service: Lean, class: Class, guessed: f64) -> f64 {
        factor(f64::from(self.expected(service, class)) * guessed)
    }

    /// By how much an estimate of the service is expected to be off, in [`UNITS`].
    fn expected(&self, service: Lean, class: Class) -> i32 {
        let hall = self.ordinary.mean(HALL_PRIOR, 0);
        let units = if class.is_priority() {
            self.priority.mean(HALL_PRIOR, hall) * HALL_PART / 100
        } else {
            (hall * HALL_PART + (service.mean(SERVICE_PRIOR, hall) - hall) * SERVICE_PART) / 100
        };
        i32::try_from(units).unwrap_or(0).clamp(-OFF_MAX, OFF_MAX)
    }

    /// The bound, in minutes, that nine of ten keep with so many calls ahead and this `median`; never
    /// less than for fewer calls, whose medians `of` gives.
    pub(super) fn bound(&self, calls: f64, median: f64, of: impl Fn(f64) -> Option<f64>) -> f64 {
        let own = length(super::whole(calls));
        let bound = |length: usize, median: f64| (median + 1.0) * factor(self.margins[length].into()) - 1.0;
        let shorter = (0..own).filter(|length| self.margins[*length] > self.margins[own]);
        let shorter = shorter.filter_map(|length| Some(bound(length, of(longest(length))?)));
        shorter.fold(bound(own, median), f64::max)
    }
}

fn millioctaves(off: i32) -> i64 {
    i64::from(off.clamp(-OFF_MAX, OFF_MAX)) * 1_000 / i64::from(UNITS)
}

/// Which part of the line's lengths so many ahead are.
fn length(ahead: u32) -> usize {
    usize::try_from((ahead.saturating_add(1)).ilog2()).unwrap_or(0).min(LENGTHS - 1)
}

/// The most calls ahead that are of this length.
fn longest(length: usize) -> f64 {
    f64::from((2_u32 << length) - 2) + 0.499
}

fn factor(units: f64) -> f64 {
    (units / f64::from(UNITS)).exp2()
}

/// The binary logarithm of so many seconds and a minute, in [`UNITS`]: bit by bit, by squaring.
fn octaves(seconds: u32) -> i32 {
    let value = u64::from(seconds) + 60;
    let whole = value.ilog2();
    // A number of 1 to 2, times 2^31.
    let mut mantissa = if whole <= 31 { value << (31 - whole) } else { value >> (whole - 31) };
    let mut result = 0;
    let mut bit = UNITS / 2;
    while bit > 0 {
        mantissa = (mantissa * mantissa) >> 31;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            result += bit;
        }
        bit /= 2;
    }
    i32::try_from(whole).unwrap_or(0) * UNITS + result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_their_unit() {
        for seconds in [0, 1, 59, 60, 61, 600, 3_599, 28_800, u32::MAX] {
            let exact = (f64::from(seconds) + 60.0).log2() * f64::from(UNITS);
            let seen = f64::from(octaves(seconds));
            assert!(seen <= exact + 1e-6 && exact - seen < 4.0, "{seconds}: {seen}, {exact}");
        }
    }

    #[test]
    fn lengths_meet_where_they_should() {
        for (ahead, expected) in
            [(0, 0), (1, 1), (2, 1), (3, 2), (6, 2), (7, 3), (62, 5), (63, 6), (9_999, 6)]
        {
            assert_eq!(length(ahead), expected, "{ahead}");
        }
        for at in 0..LENGTHS - 1 {
            assert_eq!(length(super::super::whole(longest(at))), at);
            assert_eq!(length(super::super::whole(longest(at) + 0.002)), at + 1);
        }
    }

    #[test]
    fn the_margin_rests_where_nine_of_ten_bounds_hold() {
        let mut calibration = Calibration::default();
        for _ in 0..50 {
            for held in [true, true, true, true, false, true, true, true, true, true] {
                calibration.outcome(5, held, 9);
            }
        }
        assert_eq!(calibration.margins, MARGINS);
    }

    /// Of somebody who was told this by the crew and the head, and waited so long.
    fn call(calibration: &mut Calibration, service: &mut Lean, [crew, head, waited]: [u32; 3]) {
        let (median_seconds, p90_seconds, ahead) = (crew, 2 * crew, 5);
        let estimate =
            Estimate { median_seconds, p90_seconds, ahead, crew_seconds: crew, head_seconds: Some(head) };
        let told = Told { estimate, class: Class::Ordinary, waiting: 9, by_index: true };
        calibration.called(&told, service, u64::from(waited) * 1_000);
    }

    #[test]
    fn the_head_counts_by_what_it_knows_that_the_crew_does_not() {
        let learnt = |told: &[[u32; 3]]| {
            let (mut calibration, mut service) = (Calibration::default(), Lean::default());
            told.iter().cycle().take(200).for_each(|told| call(&mut calibration, &mut service, *told));
            calibration.head_permille(true)
        };
        // The crew is an octave off, either way; the head is as much off, but at other times.
        let apart = learnt(&[[600, 600, 1_260], [600, 2_580, 1_260], [600, 600, 270], [600, 105, 270]]);
        assert_eq!(apart, HEAD_MAX);
        // Always as the crew.
        let same = learnt(&[[600, 600, 1_260], [600, 600, 270]]);
        assert!(same < HEAD_MAX / 2, "{same}");
        // The same way, and twice as far.
        let further = learnt(&[[600, 270, 1_260], [600, 1_260, 270]]);
        assert_eq!(further, 0);
    }

    #[test]
    fn a_single_long_wait_teaches_no_more_than_one_that_was_far_off() {
        let learnt = |waited| {
            let (mut calibration, mut service) = (Calibration::default(), Lean::default());
            call(&mut calibration, &mut service, [600, 600, waited]);
            calibration.lean(service, Class::Ordinary, 1.0)
        };
        assert!(learnt(900) > learnt(800));
        assert!((learnt(1_800) - learnt(18_000)).abs() < 1e-12);
    }

    #[test]
    fn what_was_learnt_corrects_only_what_is_guessed() {
        let (mut calibration, mut service) = (Calibration::default(), Lean::default());
        (0..50).for_each(|_| call(&mut calibration, &mut service, [600, 600, 900]));
        let lean = |guessed| calibration.lean(service, Class::Ordinary, guessed);
        assert!(lean(1.0) > 1.2, "{}", lean(1.0));
        assert!((lean(0.5) * lean(0.5) - lean(1.0)).abs() < 1e-9);
        assert!((lean(0.0) - 1.0).abs() < 1e-12);
    }
}
