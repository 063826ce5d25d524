//! How sure a mean over independent days is.

/// A mean and half the width of its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean of the values.
    pub mean: f64,
    /// The true mean lies so near with the confidence asked for; infinite for fewer than two values.
    pub half_width: f64,
}

impl Estimate {
    /// The mean of values, with Student's interval of this confidence, such as 0.95, as if they were
    /// independent: of replications, which balance each other out, it is rather too wide.
    pub fn of(values: &[f64], confidence: f64) -> Self {
        let n = values.iter().map(|_| 1.0).sum::<f64>();
        let mean = if n > 0.0 { values.iter().sum::<f64>() / n } else { 0.0 };
        if n < 2.0 {
            return Self { mean, half_width: f64::INFINITY };
        }
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
        let quantile = student_quantile(0.5 + confidence / 2.0, (n - 1.0).min(FREEDOM_MAX));
        Self { mean, half_width: quantile * (variance / n).sqrt() }
    }

    /// Whether a value lies in the interval.
    pub fn covers(self, value: f64) -> bool {
        (value - self.mean).abs() <= self.half_width
    }
}

/// Beyond it Student's distribution is the normal one, to three digits.
const FREEDOM_MAX: f64 = 1_000.0;

/// The quantile of Student's distribution, by bisection of its density's integral.
fn student_quantile(probability: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while student_cdf(high, freedom) < probability && high < 1e6 {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if student_cdf(middle, freedom) < probability { low = middle } else { high = middle }
    }
    high
}

/// The distribution function for `x` of at least 0: with `x = sqrt(freedom) tan(angle)` the density
/// becomes a power of the cosine, which is integrated by Simpson's rule.
fn student_cdf(x: f64, freedom: f64) -> f64 {
    const STEPS: u32 = 400;
    let integral = |until: f64| {
        let step = until / f64::from(STEPS);
        let at = |i: u32| (step * f64::from(i)).cos().powf(freedom - 1.0);
        let inner: f64 = (1..STEPS).map(|i| at(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
        (at(0) + inner + at(STEPS)) * step / 3.0
    };
    let whole = 2.0 * integral(std::f64::consts::FRAC_PI_2);
    0.5 + integral((x / freedom.sqrt()).atan()) / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (probability, freedom, table) in
            [(0.975, 1.0, 12.706), (0.975, 19.0, 2.093), (0.995, 9.0, 3.250), (0.975, 1_000.0, 1.962)]
        {
            let seen = student_quantile(probability, freedom);
            assert!((seen / table - 1.0).abs() < 1e-3, "{probability} {freedom}: {seen}");
        }
    }

    #[test]
    fn an_interval_is_as_wide_as_the_values_differ() {
        let estimate = Estimate::of(&[1.0, 3.0], 0.95);
        assert!((estimate.mean - 2.0).abs() < 1e-12 && (estimate.half_width - 12.706).abs() < 0.01);
        assert!(Estimate::of(&[5.0], 0.95).half_width.is_infinite());
        assert!(Estimate::of(&[5.0, 5.0], 0.99).covers(5.0));
    }
}
