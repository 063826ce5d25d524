//! The demo's clerks: each works one window's call pad, by MQTT, as the pad's keys allow.
//!
//! A clerk looks at the window as it is and does the next sensible thing, so a visitor may press
//! the same window's keys in the browser, and a restarted demo goes on where it was.

use std::sync::Arc;
use std::time::Duration;

use hall_core::command::Details;
use hall_core::time::BusinessDay;
use hall_core::view::{HallView, WindowView};
use hall_protocol::id::{ClerkId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{HandState, Key, PressOutcome, WindowMode};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{SERVICE_MEAN, WALK_MEAN};
use crate::clock::Clock;
use crate::devices::{Devices, Pressed};

/// Spread of the service times' logarithm: a few long ones, as in every hall.
const SERVICE_SIGMA: f64 = 0.5;

/// One citizen in this many has left without a word.
const NO_SHOW_ONE_IN: u32 = 20;

/// Calls again before a no-show is declared.
const RECALLS: u16 = 2;

/// How long a clerk waits for somebody before calling again.
const PATIENCE: Duration = Duration::from_secs(25);

/// Between two citizens: putting the papers away.
const BREATH: Duration = Duration::from_secs(8);

/// One service in this many is followed by a pause.
const PAUSE_ONE_IN: u32 = 30;

/// How long pauses last.
const PAUSE: Duration = Duration::from_secs(180);

/// What the window's sign says meanwhile.
const PAUSE_REASONS: [&str; 3] = ["打印材料", "业务会商", "短暂离开"];

/// The pad does not answer: try again after this, by the wall clock.
const NO_ANSWER_WAIT: Duration = Duration::from_secs(1);

/// One clerk at one window.
pub(super) struct Clerk {
    pub(super) id: ClerkId,
    pub(super) window: WindowId,
    pub(super) devices: Arc<dyn Devices>,
    pub(super) view: watch::Receiver<Arc<HallView>>,
    pub(super) clock: Clock,
    pub(super) rng: fastrand::Rng,
    /// The last business day this clerk opened the window on: once a day, lest a visitor who
    /// closes it finds it open again.
    pub(super) opened: Option<BusinessDay>,
}

/// What a clerk does next.
#[derive(Debug, PartialEq)]
enum Next {
    /// Press this after so long, unless the window changes meanwhile.
    Press(Duration, Key),
    /// Wait until the window changes.
    Wait,
}

impl Clerk {
    /// Work until cancelled.
    pub(super) async fn run(mut self, cancel: CancellationToken) {
        let work = async {
            while let Some(window) = self.look() {
                match self.next(&window) {
                    Next::Press(after, key) => {
                        let after = after.div_f64(self.clock.speed());
                        if tokio::time::timeout(after, self.change(&window)).await.is_err() {
                            self.press(&window, key).await;
                        }
                    }
                    Next::Wait => self.change(&window).await,
                }
            }
        };
        tokio::select! {
            () = cancel.cancelled() => {}
            () = work => {}
        }
    }

    fn look(&mut self) -> Option<Arc<WindowView>> {
        let view = self.view.borrow_and_update();
        view.window(self.window).cloned()
    }

    /// Until the window's mode or ticket is not what `seen` says, or somebody comes or goes.
    async fn change(&self, seen: &WindowView) {
        let mut view = self.view.clone();
        let differs = |view: &Arc<HallView>| {
            let now = view.window(seen.id);
            now.is_none_or(|now| {
                (now.mode, &now.ticket, now.clerk, now.waiting == 0)
                    != (seen.mode, &seen.ticket, seen.clerk, seen.waiting == 0)
            })
        };
        if view.wait_for(differs).await.is_err() {
            // The hall is gone; the caller is about to be cancelled.
            std::future::pending::<()>().await;
        }
    }

    fn next(&mut self, window: &WindowView) -> Next {
        let today = self.clock.now().day;
        match (window.mode, &window.ticket) {
            (WindowMode::Closed, _) if self.opened == Some(today) => Next::Wait,
            (WindowMode::Closed, _) if window.clerk != Some(self.id) => {
                Next::Press(self.about(BREATH), Key::SignOn)
            }
            (WindowMode::Closed, _) => Next::Press(self.about(BREATH), Key::Open),
            (WindowMode::Paused, None) => Next::Press(self.about(PAUSE), Key::Resume),
            (_, None) if window.waiting == 0 => Next::Wait,
            (_, None) => Next::Press(self.about(BREATH), Key::Next),
            (_, Some(ticket)) => match ticket.state {
                HandState::Serving => {
                    let service = self.service_time();
                    let pause = self.rng.u32(..PAUSE_ONE_IN) == 0;
                    let nobody = window.waiting == 0;
                    Next::Press(service, if pause || nobody { Key::Finish } else { Key::Next })
                }
                HandState::Called if !comes(ticket.number) => {
                    let key = if ticket.recalls < RECALLS { Key::Recall } else { Key::NoShow };
                    Next::Press(PATIENCE, key)
                }
                HandState::Called => Next::Press(self.about(WALK_MEAN), Key::Start),
            },
        }
    }

    async fn press(&mut self, window: &WindowView, key: Key) {
        let just_finished = key == Key::Finish;
        if key == Key::Open {
            self.opened = Some(self.clock.now().day);
        }
        let ticket = window.ticket.as_ref().map(|t| t.number);
        let clerk = (key == Key::SignOn).then_some(self.id);
        let details = Details { clerk, ..Details::default() };
        self.send(Pressed { key, ticket, reason: None, details }).await;
        if just_finished && self.rng.u32(..2) == 0 {
            let reason = self.rng.choice(PAUSE_REASONS).map(Into::into);
            self.send(Pressed { key: Key::Pause, ticket: None, reason, details: Details::default() }).await;
        }
    }

    async fn send(&self, pressed: Pressed) {
        let (window, key) = (self.window, pressed.key);
        match self.devices.press(window, pressed).await {
            Ok(reply) => match reply.outcome {
                PressOutcome::Done { .. } => self.see_it_done().await,
                // Somebody else called them first, or pressed here: look again.
                PressOutcome::Refused(refused) => {
                    debug!(%window, ?key, code = %refused.code, "refused");
                    tokio::time::sleep(NO_ANSWER_WAIT.div_f64(self.clock.speed())).await;
                }
            },
            Err(error) => {
                warn!(%window, ?key, %error, "a clerk got no answer");
                tokio::time::sleep(NO_ANSWER_WAIT).await;
            }
        }
    }

    /// The reply may overtake the picture; acting on the old one would press twice.
    async fn see_it_done(&self) {
        let mut view = self.view.clone();
        let _ = tokio::time::timeout(NO_ANSWER_WAIT, view.changed()).await;
    }

    /// Around `mean`: half to one and a half of it.
    fn about(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(0.5 + self.rng.f64())
    }

    fn service_time(&mut self) -> Duration {
        // The median of a log-normal with the mean wanted.
        let median = SERVICE_MEAN.mul_f64((-SERVICE_SIGMA * SERVICE_SIGMA / 2.0).exp());
        median.mul_f64((SERVICE_SIGMA * normal(&mut self.rng)).exp())
    }
}

/// Whether the citizen with this number is still in the hall. The same answer each time the clerk
/// looks, or a recall would bring back who has left.
fn comes(number: TicketNumber) -> bool {
    let mark = u64::from(number.value()).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ number.to_string().bytes().fold(0, |mark, byte| mark << 8 | u64::from(byte));
    fastrand::Rng::with_seed(mark).u32(..NO_SHOW_ONE_IN) != 0
}

/// A standard normal number (Box and Muller, 1958).
fn normal(rng: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let mut rng = fastrand::Rng::with_seed(3);
        let numbers: Vec<f64> = (0..20_000).map(|_| normal(&mut rng)).collect();
        let mean = numbers.iter().sum::<f64>() / 20_000.0;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (0.95..1.05).contains(&variance), "{mean} {variance}");
    }
}
