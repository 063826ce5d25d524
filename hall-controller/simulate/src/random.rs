//! Chance, keyed: each citizen's luck depends on the seed, the replication and the citizen alone.
//!
//! Days of one seed are drawn by rotation sampling (Fishman and Huang 1983): every uniform number of the first
//! is turned by the same part of the circle from one replication to the next. Each number of each day is as
//! uniform, and as independent of the others of its day, as ever; but over the replications it comes from
//! everywhere, so a seed of many heavy days is not to be had, and means over the days are closer to what they
//! estimate than means of independent ones. Intervals that take the days as independent are rather too wide.
//!
//! One circle has only so much to give, and days beyond that would tell of it again. So every [`CIRCLE`] days
//! begin a circle of their own: more days are as much nearer to what they estimate as independent ones.

/// What a stream of numbers is drawn for: streams of different purposes are independent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The arrivals of a service.
    Arrivals,
    /// What one citizen needs.
    Citizen,
    /// How long one citizen waits before going away.
    Patience,
}

/// The part of the circle by which a replication is turned against the one before: multiples of the golden
/// section lie as evenly as can be, however many there are.
const TURN: f64 = 0.618_033_988_749_894_9;

/// Days that come from one circle.
const CIRCLE: u64 = 20;

/// A stream of uniform numbers.
pub(crate) struct Random {
    first: fastrand::Rng,
    turned: f64,
}

impl Random {
    /// The stream of `purpose` for the `index`-th service or citizen of a replication.
    pub(crate) fn new(seed: u64, replication: u64, purpose: Purpose, index: u64) -> Self {
        let purpose = match purpose {
            Purpose::Arrivals => 1,
            Purpose::Citizen => 2,
            Purpose::Patience => 3,
        };
        let (circle, day) = (replication / CIRCLE, replication % CIRCLE);
        let key = [seed, purpose, index].into_iter().fold(circle, |key, part| mix(key ^ mix(part)));
        // Below what a float counts exactly.
        #[allow(clippy::cast_precision_loss)]
        let turned = (day as f64 * TURN).fract();
        Self { first: fastrand::Rng::with_seed(key), turned }
    }

    /// Uniform in (0, 1]: its logarithm is finite.
    pub(crate) fn uniform(&mut self) -> f64 {
        1.0 - (self.first.f64() + self.turned).fract()
    }

    /// Exponential with this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.uniform().ln()
    }

    /// Lognormal with this mean and coefficient of variation.
    pub(crate) fn lognormal(&mut self, mean: f64, cv: f64) -> f64 {
        let variance = cv.mul_add(cv, 1.0).ln();
        (variance.sqrt() * self.normal() + mean.ln() - variance / 2.0).exp()
    }

    /// Standard normal, one for each uniform number, so that it turns with it.
    fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }
}

/// The quantile of the standard normal distribution to seven digits (Wichura 1988, algorithm AS 241, PPND7).
fn normal_quantile(probability: f64) -> f64 {
    let from_middle = probability - 0.5;
    if from_middle.abs() <= 0.425 {
        let r = 0.180_625 - from_middle * from_middle;
        return from_middle
            * polynomial(&[59.109_374_72, 159.291_132_02, 50.434_271_938, 3.387_132_717_9], r)
            / polynomial(&[67.187_563_6, 78.757_757_664, 17.895_169_469, 1.0], r);
    }
    // The least a stream gives, so that its end is no infinity.
    let tail = probability.min(1.0 - probability).max(f64::EPSILON / 2.0);
    let r = (-tail.ln()).sqrt();
    let value = if r <= 5.0 {
        polynomial(&[0.170_238_211_03, 1.306_728_481_6, 2.756_815_39, 1.423_434_277_7], r - 1.6)
            / polynomial(&[0.120_211_329_75, 0.737_001_642_5, 1.0], r - 1.6)
    } else {
        polynomial(&[0.017_337_203_997, 0.428_682_943_37, 3.081_226_386, 6.657_905_115], r - 5.0)
            / polynomial(&[0.012_258_202_635, 0.241_978_942_25, 1.0], r - 5.0)
    };
    if from_middle < 0.0 { -value } else { value }
}

/// With the coefficient of the highest power first.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The finalizer of `SplitMix64` (Steele, Lea and Flood 2014): every bit of the input moves every bit of
/// the output.
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(draw: impl Fn(&mut Random) -> f64) -> (f64, f64) {
        const N: u32 = 200_000;
        let mut random = Random::new(1, 0, Purpose::Citizen, 0);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..N {
            let value = draw(&mut random);
            sum += value;
            squares += value * value;
        }
        let mean = sum / f64::from(N);
        (mean, (squares / f64::from(N) - mean * mean).sqrt() / mean)
    }

    #[test]
    fn draws_have_the_mean_and_the_variation_asked_for() {
        for cv in [0.0, 0.5, 1.1] {
            let (mean, seen) = moments(|random| random.lognormal(6.0, cv));
            assert!((mean / 6.0 - 1.0).abs() < 0.02 && (seen - cv).abs() < 0.05, "{cv}: {mean} {seen}");
        }
        let (mean, cv) = moments(|random| random.exponential(3.0));
        assert!((mean / 3.0 - 1.0).abs() < 0.02 && (cv - 1.0).abs() < 0.02, "{mean} {cv}");
    }

    #[test]
    fn normal_quantiles_are_those_of_the_tables() {
        let table =
            [(0.5, 0.0), (0.9, 1.281_551_6), (0.975, 1.959_964), (0.999, 3.090_232_3), (1e-9, -5.997_807)];
        for (probability, value) in table {
            assert!((normal_quantile(probability) - value).abs() < 1e-5, "{probability}");
        }
        assert!(normal_quantile(1.0) < 9.0, "the end is finite");
        assert!((normal_quantile(0.01) + normal_quantile(0.99)).abs() < 1e-12);
    }

    #[test]
    fn days_beyond_a_circle_tell_of_something_new() {
        // The square of a sum of few numbers: over one circle its mean stays where the first day put it.
        let mean = |days: u64| {
            let square = |day| {
                let sum: f64 =
                    (0..3).map(|index| Random::new(3, day, Purpose::Citizen, index).uniform()).sum();
                (sum - 1.5).powi(2)
            };
            (0..days).map(square).sum::<f64>() / f64::from(u32::try_from(days).unwrap())
        };
        // The variance of three uniform numbers is 3/12.
        assert!((mean(20_000) - 0.25).abs() < 0.01, "{}", mean(20_000));
    }

    #[test]
    fn each_replication_is_uniform_and_twenty_of_them_come_from_everywhere() {
        for index in 0..100 {
            let draws = (0..20).map(|day| Random::new(7, day, Purpose::Citizen, index).uniform());
            let mut draws: Vec<f64> = draws.chain([0.0, 1.0]).collect();
            draws.sort_by(f64::total_cmp);
            let gaps = draws.windows(2).map(|pair| pair[1] - pair[0]);
            assert!(gaps.fold(0.0, f64::max) < 0.1, "of 20 independent ones some gap is twice as wide");
        }
        let mean = |day| {
            let draws = (0..20_000).map(|index| Random::new(7, day, Purpose::Citizen, index).uniform());
            draws.sum::<f64>() / 20_000.0
        };
        assert!((0..5).all(|day| (mean(day) - 0.5).abs() < 0.01));
    }

    #[test]
    fn each_key_has_a_stream_of_its_own() {
        let first = |seed, replication, purpose, index| {
            Random::new(seed, replication, purpose, index).uniform().to_bits()
        };
        let all = [
            first(1, 0, Purpose::Citizen, 0),
            first(0, 1, Purpose::Citizen, 0),
            first(0, 0, Purpose::Citizen, 1),
            first(0, 0, Purpose::Arrivals, 1),
            first(0, 0, Purpose::Patience, 1),
        ];
        let different: std::collections::BTreeSet<_> = all.into_iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
