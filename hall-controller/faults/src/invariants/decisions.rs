//! What must hold of each decision: nothing late is done, the guard holds, and numbers are given within
//! hours.

use hall_core::Decision;
use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Device, Event};
use hall_core::refusal::Refusal;
use hall_core::time::Now;
use hall_protocol::id::WindowId;
use hall_protocol::payload::Key;

use super::{Checked, Invariant, Ledger, violated};
use crate::network::Press;

/// Longest true age at which a press leaves the broker, however long its sender tries: 10 s when it was sent, and
/// 5 s until it expires.
const LEAVES_MAX_US: u64 = 10_000_000 + 5_000_000;

/// From there on its way to the controller delayed, reordered and repeated packets may add so much.
const WAY_MAX_US: u64 = 7_100_000;

/// What says that it is older is not done.
const STALE_MS: u32 = 10_000;

/// What is known of the latest call of a window.
#[derive(Debug, Clone, Copy)]
pub(super) enum JustCalled {
    At(u64),
    BeforeAJump { refused_since: Option<u64> },
}

impl Ledger {
    /// The controller decided a press. It made `command` of it, which is older by what it waited.
    pub(crate) fn decided(
        &mut self,
        press: &Press,
        command: &Command,
        decision: &Result<Decision, Refusal>,
        guard_ms: u64,
        now_us: u64,
        wall: Now,
    ) -> Checked {
        let Ok(decision) = decision else { return Ok(()) };
        self.in_order_of_print(command, decision)?;
        self.within_hours(decision, wall)?;
        let done = !matches!(decision.answer, Some(Answer::Refused(_))) && !decision.repeated;
        if done && self.troubled.contains(&press.id) {
            return violated(Invariant::ExactlyOnce, || {
                format!("{} was told that it cannot be recorded, and then done", press.id)
            });
        }
        let true_age_us = now_us - press.pressed_us;
        // It knows how long the press waited in the controller, which may have stood still.
        let waited_us = u64::from(age_ms(command) - age_ms(&press.command)) * 1_000;
        let age_max_us = press.good_for_us.min(LEAVES_MAX_US) + WAY_MAX_US + waited_us;
        if done && (age_ms(&press.command) > STALE_MS || true_age_us > age_max_us) {
            return violated(Invariant::NothingLate, || {
                format!("{} was done {} ms after the key went down", press.id, true_age_us / 1_000)
            });
        }
        if let (Command::Key { key: Key::Next | Key::Pick, .. }, Device::Pad(window)) =
            (&press.command, press.id.device)
            && !decision.repeated
        {
            self.guard(window, decision.answer.as_ref(), guard_ms, now_us / 1_000)?;
        }
        for stamped in &decision.events {
            match (&stamped.event, stamped.event.window()) {
                (Event::Called { .. }, Some(window)) => {
                    self.just_called.insert(window, JustCalled::At(now_us / 1_000));
                }
                (Event::DayBegan { .. }, _) => self.just_called.clear(),
                (_, Some(window)) => {
                    self.just_called.remove(&window);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A kiosk gives numbers while their service is open. Those of appointments have their own times, and
    /// those printed while the line was down are handed in when it is up again.
    fn within_hours(&self, decision: &Decision, wall: Now) -> Checked {
        for stamped in &decision.events {
            let Event::Issued { service, number, check_in: None, printed_at: None, .. } = &stamped.event
            else {
                continue;
            };
            let Some(planned) = self.hall.plan().service(*service) else { continue };
            // These halls have the same hours on each day.
            let today = hall_protocol::local::Weekday::ALL[0];
            if !planned.hours.on(today).iter().any(|hours| hours.contains(wall.minute)) {
                return violated(Invariant::WithinHours, || {
                    format!("{number} is given at minute {}, {service} is closed", wall.minute)
                });
            }
        }
        Ok(())
    }

    fn guard(&mut self, window: WindowId, answer: Option<&Answer>, guard_ms: u64, now_ms: u64) -> Checked {
        let refused = matches!(answer, Some(Answer::Refused(Refusal::JustCalled { .. })));
        let done = matches!(answer, Some(Answer::Window { .. }));
        let wrong = match self.just_called.get_mut(&window) {
            Some(JustCalled::At(called)) if refused => now_ms - *called >= guard_ms,
            Some(JustCalled::At(called)) => done && now_ms - *called < guard_ms,
            Some(JustCalled::BeforeAJump { refused_since }) if refused => {
                now_ms - *refused_since.get_or_insert(now_ms) >= guard_ms
            }
            _ => false,
        };
        if wrong {
            let what = if refused { "was kept waiting" } else { "skipped a citizen" };
            return violated(Invariant::DoublePressGuard, || format!("window {window} {what}"));
        }
        Ok(())
    }

    pub(crate) fn clock_jumped(&mut self) {
        for call in self.just_called.values_mut() {
            *call = JustCalled::BeforeAJump { refused_since: None };
        }
    }

    /// The engine went back to its durable state: what it decided since never happened.
    pub(crate) fn went_back(&mut self) {
        self.just_called.clear();
    }
}

/// How old a device's command says it is.
fn age_ms(command: &Command) -> u32 {
    let (Command::Key { age_ms, .. }
    | Command::Take { age_ms, .. }
    | Command::CheckIn { age_ms, .. }
    | Command::Return { age_ms, .. }
    | Command::Cancel { age_ms, .. }
    | Command::Lease { age_ms, .. }
    | Command::HandIn { age_ms, .. }
    | Command::EndLease { age_ms, .. }) = command
    else {
        return 0;
    };
    *age_ms
}
