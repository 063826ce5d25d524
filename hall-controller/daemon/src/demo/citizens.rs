//! The demo's citizens: they come at random, choose a service and take a ticket at a kiosk.
//!
//! They reach the hall only as a kiosk does, by MQTT. How they behave at windows is the clerks'
//! affair ([`super::clerks`]).

use std::sync::Arc;
use std::time::Duration;

use hall_core::plan::Plan;
use hall_core::view::HallView;
use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::payload::{Class, KioskOutcome};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{SERVICE_MEAN, WALK_MEAN};
use crate::clock::Clock;
use crate::devices::{Devices, Taken, Wish};

/// People before the door when the hall opens.
const FIRST_RUSH: u32 = 10;

/// How much of their time the clerks are busy: a lively hall whose queues do not grow for ever.
const UTILISATION: f64 = 0.85;

/// Citizens at the kiosks at the same time; who finds more before them comes later.
const AT_KIOSKS_MAX: usize = 32;

/// Everybody who comes.
pub(super) struct Citizens {
    pub(super) devices: Arc<dyn Devices>,
    pub(super) view: watch::Receiver<Arc<HallView>>,
    pub(super) clock: Clock,
    pub(super) rng: fastrand::Rng,
}

impl Citizens {
    /// Come and take tickets until cancelled.
    pub(super) async fn run(mut self, cancel: CancellationToken) {
        let plan = Arc::clone(&self.view.borrow().plan);
        let demand = Demand::of(&plan);
        let mut at_kiosks = JoinSet::new();
        let nobody_yet = self.view.borrow().totals.issued == 0;
        let rush = if nobody_yet { FIRST_RUSH } else { 0 };
        for _ in 0..rush {
            self.come(&plan, &demand, &mut at_kiosks);
        }
        loop {
            let gap = exponential(&mut self.rng, demand.mean_gap).div_f64(self.clock.speed());
            tokio::select! {
                () = cancel.cancelled() => break,
                () = tokio::time::sleep(gap) => self.come(&plan, &demand, &mut at_kiosks),
            }
            while at_kiosks.try_join_next().is_some() {}
        }
        // A ticket asked for is still taken: the kiosk does not walk away.
        while at_kiosks.join_next().await.is_some() {}
    }

    fn come(&mut self, plan: &Plan, demand: &Demand, at_kiosks: &mut JoinSet<()>) {
        if at_kiosks.len() >= AT_KIOSKS_MAX {
            debug!("a citizen turns round: the queue before the kiosks is too long");
            return;
        }
        let Some(service) = demand.choose(&mut self.rng) else { return };
        let kiosks: Vec<DeviceId> =
            plan.kiosks().iter().filter(|k| k.services.contains(&service)).map(|k| k.id).collect();
        let Some(kiosk) = self.rng.choice(kiosks) else { return };
        let taking = self.devices.take(kiosk, Wish { service, class: Class::Ordinary, also: Vec::new() });
        at_kiosks.spawn(async move {
            match taking.await {
                Ok(Taken::Printed(ticket)) => {
                    debug!(%kiosk, number = %ticket.number, "ticket in hand, from the kiosk's own numbers");
                }
                Ok(Taken::Answered(outcome)) => match *outcome {
                    KioskOutcome::Ticket(ticket) => debug!(%kiosk, number = %ticket.number, "ticket in hand"),
                    KioskOutcome::Refused(refused) => debug!(%kiosk, code = %refused.code, "no ticket"),
                    other => debug!(%kiosk, ?other, "no ticket"),
                },
                Err(error) => warn!(%kiosk, %error, "a citizen got no answer"),
            }
        });
    }
}

/// What citizens come for: services in proportion to the clerks' time planned for them.
struct Demand {
    services: Vec<(ServiceId, f64)>,
    mean_gap: Duration,
}

impl Demand {
    fn of(plan: &Plan) -> Self {
        let share = |service: ServiceId| -> f64 {
            let of_window = |services: &[ServiceId]| {
                let one = services.contains(&service);
                if one { 1.0 / f64::from(u32::try_from(services.len()).unwrap_or(u32::MAX)) } else { 0.0 }
            };
            plan.windows().iter().map(|window| of_window(&window.services)).sum()
        };
        let services: Vec<_> =
            plan.services().iter().map(|service| (service.id, share(service.id))).collect();
        let windows: f64 = services.iter().map(|(_, share)| share).sum();
        let per_window = (SERVICE_MEAN + WALK_MEAN).div_f64(UTILISATION);
        Self { services, mean_gap: per_window.div_f64(windows.max(1.0)) }
    }

    fn choose(&self, rng: &mut fastrand::Rng) -> Option<ServiceId> {
        let total: f64 = self.services.iter().map(|(_, share)| share).sum();
        let mut left = rng.f64() * total;
        self.services.iter().find_map(|(service, share)| {
            left -= share;
            (left < 0.0).then_some(*service)
        })
    }
}

/// A time with this mean between independent arrivals.
fn exponential(rng: &mut fastrand::Rng, mean: Duration) -> Duration {
    // 1 - [0, 1) is never 0, whose logarithm would be infinite.
    mean.mul_f64(-(1.0 - rng.f64()).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_have_their_mean() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mean = Duration::from_secs(10);
        let total: Duration = (0..10_000).map(|_| exponential(&mut rng, mean)).sum();
        let found = total.as_secs_f64() / 10_000.0;
        assert!((9.5..10.5).contains(&found), "{found}");
    }
}
