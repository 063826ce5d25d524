//! Citizens' phone numbers: kept for their day, erased when their time is over, and each erasure in
//! the journal: who, why and whose, without the phone.
//!
//! The file is `hall-journal`'s business. It is no secret to the disk's owner, so a phone goes as soon
//! as the day's end and the configured days after it have passed. Whoever erases by hand, beside a
//! running hall too, does it in the file; the journal learns of it here. An erasure is noted until its
//! event is durable, so none is missing from the journal; after a crash one may be in it twice.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hall_core::command::{Command, Erased};
use hall_core::time::BusinessDay;
use hall_journal::{Contacts, ContactsError, Erasure, Whose};
use hall_protocol::number::TicketNumber;
use hall_protocol::text::plain;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::engine::{EngineHandle, Outcome, Submission};

/// How often it is looked whether a phone's time is over.
const EVERY: Duration = Duration::from_secs(10);

/// Erasures journaled together.
const AT_ONCE: u32 = 200;

/// Why somebody erases who gives no reason.
pub const BY_HAND: &str = "by hand";

/// Why the rule erases.
const TIME_IS_OVER: &str = "the time for which phone numbers are kept is over";

/// The phones of a running hall, shared by pages and the rule. The file is made with the first one.
#[derive(Debug, Clone)]
pub struct Phones {
    directory: PathBuf,
    open: Arc<Mutex<Option<Contacts>>>,
}

/// A telephone number: 5 to 20 digits, with a plus before them or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl std::str::FromStr for Phone {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let digits = plain.strip_prefix('+').unwrap_or(&plain);
        let right = (5..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        right.then_some(Self(plain)).ok_or("a phone number has 5 to 20 digits")
    }
}

impl Phones {
    /// Those in this data directory.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory, open: Arc::default() }
    }

    /// Keep the phone of a ticket of `day`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn keep(&self, day: BusinessDay, number: TicketNumber, phone: Phone) -> Result<(), String> {
        self.with(true, move |contacts| contacts.keep(day.days(), &number.to_string(), &phone.0))
            .await
            .map(drop)
    }

    /// Work with the file on a thread that may wait; `None` when there is none and none is `made`.
    async fn with<T: Send + 'static>(
        &self,
        made: bool,
        work: impl FnOnce(&mut Contacts) -> Result<T, ContactsError> + Send + 'static,
    ) -> Result<Option<T>, String> {
        let Self { directory, open } = self.clone();
        let worked = tokio::task::spawn_blocking(move || {
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            if open.is_none() {
                *open = match Contacts::open_existing(&directory) {
                    Err(ContactsError::Absent(_)) if made => Some(Contacts::open(&directory)?),
                    Err(ContactsError::Absent(_)) => return Ok(None),
                    opened => Some(opened?),
                };
            }
            open.as_mut().map(work).transpose()
        });
        worked.await.map_err(|error| error.to_string())?.map_err(|error: ContactsError| error.to_string())
    }

    /// Erase what was kept long enough and journal every erasure, until cancelled. May lose nothing:
    /// what fails is tried again.
    pub async fn watch(self, kept_days: u16, clock: Clock, engine: EngineHandle, cancel: CancellationToken) {
        let mut every = tokio::time::interval(EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = every.tick() => {}
            }
            let today = clock.now().day.days();
            if let Err(error) = self.look(today.saturating_sub(kept_days.into()), &engine).await {
                warn!(error, "phone numbers are not erased yet, or the journal does not know of it yet");
            }
        }
    }

    async fn look(&self, first_kept: i32, engine: &EngineHandle) -> Result<(), String> {
        let erase = move |contacts: &mut Contacts| {
            contacts.erase(Whose::Before(first_kept), None, TIME_IS_OVER)?;
            contacts.unrecorded(AT_ONCE)
        };
        while let Some(noted) = self.with(false, erase).await?
            && let Some(last) = noted.last().map(|erasure| erasure.id)
        {
            let erased: Vec<Erased> = noted.into_iter().filter_map(erased).collect();
            info!(count = erased.len(), "phone numbers were erased");
            let (told, done) = oneshot::channel();
            let submission = Submission {
                command: Command::NoteErasures(erased),
                received: Instant::now(),
                done: Box::new(|outcome| drop(told.send(outcome))),
            };
            engine.submit(submission).await.map_err(|ended| ended.to_string())?;
            match done.await {
                Ok(Outcome::Done) => {}
                other => return Err(format!("the journal did not take it: {other:?}")),
            }
            self.with(false, move |contacts| contacts.recorded(last)).await?;
        }
        Ok(())
    }
}

/// As the core has it; a number no ticket can have was written by another program.
fn erased(erasure: Erasure) -> Option<Erased> {
    let Erasure { day, number, by, reason, .. } = erasure;
    let (by, reason) = (by.map(|by| plain(&by).collect()), plain(&reason).collect());
    Some(Erased { day: BusinessDay::from_days(day), number: number.parse().ok()?, by, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_digits_however_they_are_set_apart() {
        for (text, kept) in [("139 1234-5678", "13912345678"), ("+86 571 8888", "+865718888")] {
            assert_eq!(text.parse(), Ok(Phone(kept.into())));
        }
        for wrong in
            ["", "1234", "call me", "139123456789012345678901", "++8613912345678", "１３９１２３４５"]
        {
            assert!(wrong.parse::<Phone>().is_err(), "{wrong}");
        }
    }
}
