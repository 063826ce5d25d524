//! Work as a fluid, spread over the windows that can do it.

use std::collections::BTreeMap;

use crate::plan::ServiceSet;

/// Rounds in which work is spread. More change the loads by less than the forecast is wrong.
const ROUNDS: u32 = 25;
/// What a service has of the windows' time where none serves it: a division by it means "never".
const NOTHING: f64 = 1e-9;

/// The time of all windows that can serve the same. They share those services' work in the same way, so one
/// stands for all of them: a hall of generalists costs no more than its kinds of clerks.
pub(super) struct Tank {
    pub(super) minutes: f64,
    /// Their places in the plan.
    pub(super) services: Vec<usize>,
}

/// What each window can serve, and how many minutes it has for that.
pub(super) fn tanks<'a>(windows: impl Iterator<Item = (&'a ServiceSet, f64)>) -> Vec<Tank> {
    let mut kinds: BTreeMap<&ServiceSet, f64> = BTreeMap::new();
    for (services, minutes) in windows {
        *kinds.entry(services).or_default() += minutes;
    }
    let tank =
        |(services, minutes): (&ServiceSet, f64)| Tank { minutes, services: services.iter().collect() };
    kinds.into_iter().map(tank).collect()
}

/// How the tanks' time is divided.
pub(super) struct Spread {
    /// The minutes that each service gets, never none.
    pub(super) given: Vec<f64>,
    /// In which proportion services share a tank.
    weights: Vec<f64>,
}

impl Spread {
    /// Each service's work, in minutes, spread over the tanks that can do it until a minute of each is asked
    /// for as evenly as can be.
    pub(super) fn of(demand: &[f64], tanks: &[Tank]) -> Self {
        let weights = vec![1.0; demand.len()];
        let mut spread = Self { given: vec![NOTHING; demand.len()], weights };
        spread.give(tanks);
        for _ in 1..ROUNDS {
            for ((weight, demand), given) in spread.weights.iter_mut().zip(demand).zip(&spread.given) {
                *weight *= demand / given;
            }
            spread.give(tanks);
        }
        spread
    }

    /// Divide the tanks by the weights.
    fn give(&mut self, tanks: &[Tank]) {
        self.given.fill(0.0);
        for tank in tanks {
            let part = tank.minutes / self.whole(tank);
            for service in &tank.services {
                self.given[*service] += part;
            }
        }
        for (given, weight) in self.given.iter_mut().zip(&self.weights) {
            *given = NOTHING + *given * weight;
        }
    }

    fn whole(&self, tank: &Tank) -> f64 {
        tank.services.iter().map(|service| self.weights[*service]).sum()
    }

    /// The minutes of this tank that each of its services gets.
    pub(super) fn minutes<'a>(&'a self, tank: &'a Tank) -> impl Iterator<Item = (usize, f64)> + 'a {
        let part = tank.minutes / self.whole(tank);
        tank.services.iter().map(move |service| (*service, part * self.weights[*service]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(demand: &[f64], windows: &[(&[usize], f64)]) -> Spread {
        let sets: Vec<(ServiceSet, f64)> = windows
            .iter()
            .map(|(services, minutes)| (services.iter().copied().collect(), *minutes))
            .collect();
        Spread::of(demand, &tanks(sets.iter().map(|(set, minutes)| (set, *minutes))))
    }

    #[test]
    fn loads_are_as_even_as_skills_allow() {
        // The specialist for 1 leaves the generalist to the others.
        let Spread { given, .. } = spread(&[30.0, 20.0], &[(&[1], 20.0), (&[0, 1], 30.0)]);
        assert!((given[0] - 30.0).abs() < 0.5 && (given[1] - 20.0).abs() < 0.5, "{given:?}");
        // Nobody else can help where only one can: the scarce time goes to it.
        let Spread { given, .. } = spread(&[90.0, 10.0], &[(&[0], 30.0), (&[0, 1], 30.0)]);
        assert!((given[0] - 54.0).abs() < 1.0, "{given:?}");
    }

    #[test]
    fn windows_that_can_do_the_same_are_one_with_the_time_of_all() {
        let many = [(&[0, 2][..], 10.0), (&[1][..], 4.0), (&[2, 0][..], 25.0), (&[0, 2][..], 1.0)];
        let (sets, one): (Vec<ServiceSet>, [(&[usize], f64); 2]) =
            (many.iter().map(|it| it.0.iter().copied().collect()).collect(), [(&[0, 2], 36.0), (&[1], 4.0)]);
        assert_eq!(tanks(sets.iter().zip(many).map(|(set, it)| (set, it.1))).len(), 2);
        assert_eq!(spread(&[3.0, 1.0, 5.0], &many).given, spread(&[3.0, 1.0, 5.0], &one).given);
    }
}
