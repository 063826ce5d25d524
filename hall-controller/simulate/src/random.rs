//! Chance, keyed: each citizen's luck depends on the seed, the replication and the citizen alone.

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

/// A stream of uniform numbers.
pub(crate) struct Random(fastrand::Rng);

impl Random {
    /// The stream of `purpose` for the `index`-th service or citizen of a replication.
    pub(crate) fn new(seed: u64, replication: u64, purpose: Purpose, index: u64) -> Self {
        let purpose = match purpose {
            Purpose::Arrivals => 1,
            Purpose::Citizen => 2,
            Purpose::Patience => 3,
        };
        let key = [seed, replication, purpose, index].into_iter().fold(0, |key, part| mix(key ^ mix(part)));
        Self(fastrand::Rng::with_seed(key))
    }

    /// Uniform in (0, 1]: its logarithm is finite.
    pub(crate) fn uniform(&mut self) -> f64 {
        1.0 - self.0.f64()
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

    /// Standard normal (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
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
