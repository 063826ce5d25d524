//! Storage trouble as the engine sees it: since when, why, and when to try again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hall_core::command::Command;
use hall_core::event::{Device, PressId};
use hall_core::refusal::Refusal;
use hall_core::time::Now;
use hall_core::{Decision, Hall};
use hall_journal::{Head, ResumeError, Slot};
use tokio::sync::{oneshot, watch};
use tracing::{error, info};

use super::Outcome;

/// After a failed write, presses are refused without trying for this long: a full disk is not
/// helped by a thousand attempts a second. Less than the engine's tick, so that each tick may try.
const RETRY: Duration = Duration::from_millis(500);

/// Sessions of which the refused presses are remembered: more than any hall has devices.
const REFUSED_MAX: usize = 4_096;

/// Whether the disk can be trusted with the next press.
pub(super) struct Trouble {
    told: watch::Sender<Option<String>>,
    try_again_at: Option<Instant>,
    /// Of each session of a device, the last press that was refused for this reason.
    refused: BTreeMap<(Device, u32), u32>,
}

impl Trouble {
    pub(super) fn new() -> (Self, watch::Receiver<Option<String>>) {
        let (told, receiver) = watch::channel(None);
        (Self { told, try_again_at: None, refused: BTreeMap::new() }, receiver)
    }

    /// A write failed.
    pub(super) fn began(&mut self, why: String) {
        self.try_again_at = Some(Instant::now() + RETRY);
        if self.told.borrow().is_none() {
            error!(%why, "storage trouble: presses are refused; free space on the journal's disk or mend it");
        }
        self.told.send_replace(Some(why));
    }

    /// The disk was tried and does not take writes yet.
    pub(super) fn goes_on(&mut self) {
        self.try_again_at = Some(Instant::now() + RETRY);
    }

    /// Whether it is time to try if the disk takes writes again.
    pub(super) fn awaits_proof(&self) -> bool {
        self.try_again_at.is_some_and(|at| Instant::now() >= at)
    }

    /// A write succeeded.
    pub(super) fn over(&mut self) {
        if self.try_again_at.take().is_some() {
            info!("storage trouble is over; presses are recorded again");
            self.told.send_replace(None);
        }
    }

    /// What a press is told that cannot be recorded: what it was told before, if that is durable,
    /// or why it would be refused without a record.
    /// Whoever hears of trouble presses anew or goes, so copies of the press that are still under
    /// way must not be done later.
    pub(super) fn outcome(&mut self, durable: &Hall, command: &Command, now: Now) -> Outcome {
        match durable.decide(command, now) {
            Ok(Decision { answer: Some(answer), repeated: true, .. }) => return Outcome::Answered(answer),
            Err(refusal) => return Outcome::Refused(refusal),
            Ok(_) => {}
        }
        if let Some(press) = press(command) {
            if self.refused.len() >= REFUSED_MAX {
                self.refused.clear();
            }
            let last = self.refused.entry((press.device, press.session)).or_default();
            *last = press.seq.max(*last);
        }
        Outcome::Refused(Refusal::StorageTrouble)
    }

    /// Whether this press, or a later one of its session, was refused because of trouble.
    pub(super) fn has_refused(&self, command: &Command) -> bool {
        press(command).is_some_and(|press| {
            let last = self.refused.get(&(press.device, press.session));
            last.is_some_and(|last| press.seq <= *last)
        })
    }

    /// Whether to refuse without trying.
    pub(super) fn holds_back(&self) -> bool {
        self.try_again_at.is_some_and(|at| Instant::now() < at)
    }
}

fn press(command: &Command) -> Option<PressId> {
    match command {
        Command::Take { press, .. }
        | Command::Key { press, .. }
        | Command::Return { press, .. }
        | Command::Cancel { press, .. }
        | Command::CheckIn { press, .. }
        | Command::Lease { press, .. }
        | Command::HandIn { press, .. }
        | Command::EndLease { press, .. } => Some(*press),
        // What programs and the manager ask again after the trouble does no harm: nothing changes twice.
        Command::Tick
        | Command::AdoptPlan(_)
        | Command::NoteErasures(_)
        | Command::Manage { .. }
        | Command::DeclareEmergency { .. }
        | Command::ClearEmergency { .. }
        | Command::Book { .. }
        | Command::Unbook { .. }
        | Command::WriteOff { .. } => None,
    }
}

/// Tell the journal that the engine went back to record `seq`.
pub(super) async fn resume(slot: Slot<'_>, seq: u64) -> Result<(), ResumeError> {
    let (done, resumed) = oneshot::channel::<Result<Head, ResumeError>>();
    slot.resume(seq, move |result| drop(done.send(result)));
    resumed.await.unwrap_or(Err(ResumeError::Closed)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use hall_core::answer::Answer;
    use hall_core::plan::{
        Calendar, Kiosk, Limits, Name, Plan, PlanParts, Policy, Service, WeeklyHours, Window, Zone,
    };
    use hall_core::time::{BusinessDay, HallTime};
    use hall_protocol::payload::Class;

    use super::*;

    const NOW: Now = Now { at: HallTime::from_unix_ms(0), day: BusinessDay::from_days(0), minute: 0 };

    fn hall() -> Hall {
        let name = Name { zh: "税务".into(), en: "Tax".into() };
        let (tax, lobby) = ("tax".parse().unwrap(), "lobby".parse().unwrap());
        let service = Service {
            id: tax,
            name: name.clone(),
            prefix: "A".parse().unwrap(),
            digits: hall_core::plan::FourDigits(false),
            zone: lobby,
            hours: WeeklyHours::Always,
            limits: Limits::default(),
            slots: Vec::new(),
            target_minutes: 15,
            usual_seconds: None,
        };
        let plan = Plan::new(PlanParts {
            hall: "county".parse().unwrap(),
            name: name.clone(),
            zones: vec![Zone { id: lobby, name }],
            services: vec![service],
            windows: vec![Window {
                id: "1".parse().unwrap(),
                label: "1".into(),
                services: vec![tax],
                hours: WeeklyHours::Always,
            }],
            kiosks: vec![Kiosk {
                id: "K1".parse().unwrap(),
                services: vec![tax],
                classes: hall_core::plan::only_ordinary(),
                classes_to_confirm: Vec::new(),
                lease: 0,
            }],
            clerks: Vec::new(),
            calendar: Calendar::default(),
            policy: Policy::default(),
        });
        let mut hall = Hall::new("county".parse().unwrap());
        apply(&mut hall, &Command::AdoptPlan(Box::new(plan.unwrap())));
        hall
    }

    fn apply(hall: &mut Hall, command: &Command) {
        hall.decide(command, NOW).unwrap().events.iter().for_each(|event| hall.apply(event));
    }

    fn take(seq: u32) -> Command {
        let press = PressId { device: Device::Kiosk("K1".parse().unwrap()), session: 7, seq };
        Command::Take {
            press,
            age_ms: 0,
            service: "tax".parse().unwrap(),
            class: Class::Ordinary,
            also: Vec::new(),
        }
    }

    #[test]
    fn a_press_told_of_trouble_is_not_done_by_a_later_copy_but_the_next_press_is() {
        let (mut trouble, _told) = Trouble::new();
        assert_eq!(trouble.outcome(&hall(), &take(2), NOW), Outcome::Refused(Refusal::StorageTrouble));
        assert!(trouble.has_refused(&take(1)) && trouble.has_refused(&take(2)));
        assert!(!trouble.has_refused(&take(3)) && !trouble.has_refused(&Command::Tick));
    }

    #[test]
    fn a_press_that_is_durable_is_answered_as_it_was_even_in_trouble() {
        let (mut trouble, mut hall) = (Trouble::new().0, hall());
        apply(&mut hall, &take(1));
        let again = trouble.outcome(&hall, &take(1), NOW);
        assert!(matches!(again, Outcome::Answered(Answer::Ticket { .. })), "{again:?}");
        assert!(!trouble.has_refused(&take(1)));
    }
}
