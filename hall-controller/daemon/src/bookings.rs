//! Appointments as the city's booking system knows them: by an id of its own, a service, a date and a
//! time of day. Here they become commands, and a whole list of them an import.
//!
//! Nothing here speaks HTTP: that is `web/bookings` on this side and `bookings/files` on the side of
//! the command line.

pub mod files;
mod sheet;
mod wrong_id;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Instant;

use hall_core::Hall;
use hall_core::answer::{Answer, Change};
use hall_core::appointment::{Appointment, AppointmentState, SlotTime};
use hall_core::command::Command;
use hall_core::plan::{Name, Plan};
use hall_core::refusal::{Language, Refusal};
use hall_core::view::HallView;
use hall_protocol::appointment::{AppointmentId, DayMinute};
use hall_protocol::id::{ClientId, ServiceId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

pub use self::sheet::{Row, Sheet, SheetError};
pub(crate) use self::wrong_id::wrong_id;
use crate::clock::Clock;
use crate::engine::{Ended, EngineHandle, Outcome, Submission};

/// What came of a command, once it is durable. Nothing comes when the hall ends before.
pub type Awaited = oneshot::Receiver<Outcome>;

/// A command on its way in.
pub type HandedIn<'a> = Pin<Box<dyn Future<Output = Result<Awaited, Ended>> + Send + 'a>>;

/// A copy of the hall on its way out.
pub type CopiedHall<'a> = Pin<Box<dyn Future<Output = Result<Hall, Ended>> + Send + 'a>>;

/// Where commands are handed in, in their order.
///
/// A trait, so that the pages are tested without a journal.
pub trait Office: Send + Sync {
    /// Hand in a command; waits while others are before it.
    fn hand_in(&self, command: Command) -> HandedIn<'_>;

    /// A copy of the hall as it is on disk, to look ahead from. An office without a hall has none.
    fn state(&self) -> CopiedHall<'_> {
        Box::pin(std::future::ready(Err(Ended)))
    }
}

impl Office for EngineHandle {
    fn hand_in(&self, command: Command) -> HandedIn<'_> {
        Box::pin(async move {
            let (told, outcome) = oneshot::channel();
            // Who asked may have gone.
            let done = Box::new(|outcome| drop(told.send(outcome)));
            self.submit(Submission { command, received: Instant::now(), done }).await?;
            Ok(outcome)
        })
    }

    fn state(&self) -> CopiedHall<'_> {
        Box::pin(self.copy())
    }
}

/// An appointment as it is asked for. Whoever sends more, such as a name, is refused: there is no place
/// for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// For what.
    pub service: ServiceId,
    /// On which day of the calendar.
    #[serde(with = "as_iso")]
    pub date: Date,
    /// When the slot begins.
    pub time: DayMinute,
}

impl Asked {
    fn slot(&self, clock: &Clock) -> Result<SlotTime, Refusal> {
        if clock.skips(self.date, self.time) {
            return Err(Refusal::SlotSkipped { slot: self.time });
        }
        Ok(clock.slot(self.date, self.time))
    }

    /// The command that books it for `client`.
    ///
    /// # Errors
    /// [`Refusal::SlotSkipped`] when that day has no such time.
    pub fn command(
        &self,
        client: ClientId,
        appointment: AppointmentId,
        clock: &Clock,
    ) -> Result<Command, Refusal> {
        Ok(Command::Book { client, appointment, service: self.service, slot: self.slot(clock)? })
    }
}

/// Dates as `2026-03-02`.
mod as_iso {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom(format_args!("{text:?} is no date such as 2026-03-02")))
    }
}

/// An appointment as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its id.
    pub id: AppointmentId,
    /// For what.
    pub service: ServiceId,
    /// On which day of the calendar.
    #[serde(with = "as_iso")]
    pub date: Date,
    /// When its slot begins.
    pub time: DayMinute,
    /// `booked`, `checked_in` or `released`; `cancelled` or `no_show` when its ticket ended so.
    pub state: &'static str,
    /// The number of its ticket, once it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

impl Told {
    /// What is told of `appointment`.
    pub fn of(appointment: &Appointment, clock: &Clock) -> Self {
        let Appointment { id, service, slot, state } = *appointment;
        let (state, number) = match state {
            AppointmentState::Booked => ("booked", None),
            AppointmentState::CheckedIn { number, .. } => ("checked_in", Some(number.to_string())),
            AppointmentState::Released => ("released", None),
            AppointmentState::Cancelled { number, .. } => ("cancelled", Some(number.to_string())),
            AppointmentState::NoShow { number, .. } => ("no_show", Some(number.to_string())),
        };
        Self { id, service, date: clock.date_of_slot(slot), time: slot.minute, state, number }
    }

    /// The columns of a list as CSV.
    pub const COLUMNS: [&str; 6] = ["id", "service", "date", "time", "state", "number"];

    /// Its row in a list as CSV.
    pub fn fields(self) -> [String; 6] {
        [
            self.id.to_string(),
            self.service.to_string(),
            self.date.to_string(),
            self.time.to_string(),
            self.state.to_owned(),
            self.number.unwrap_or_default(),
        ]
    }
}

/// A slot of a day as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToldSlot {
    /// Of which service.
    pub service: ServiceId,
    /// When it begins.
    pub time: DayMinute,
    /// How many may book it; 0 outside the hours of that day.
    pub capacity: u16,
    /// How many have.
    pub booked: u16,
}

/// The slots of all services that can be booked on this day of the calendar or are, by the plan and the
/// bookings of `view`.
pub fn slots(view: &HallView, date: Date, clock: &Clock) -> Vec<ToldSlot> {
    let all = view.plan.services().iter().flat_map(|service| {
        service.slots.iter().map(|planned| {
            let slot = clock.slot(date, planned.minute);
            let booked = view.appointments.in_slot(service.id, slot.day, slot.minute);
            let skipped = clock.skips(date, planned.minute);
            let capacity = if skipped { 0 } else { view.plan.slot_capacity(service.id, slot) };
            ToldSlot { service: service.id, time: slot.minute, capacity, booked }
        })
    });
    // What was booked before its hours changed still stands.
    all.filter(|slot| slot.capacity > 0 || slot.booked > 0).collect()
}

/// What became of a list of appointments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Imported {
    /// Nothing was changed; it was only tried.
    pub dry_run: bool,
    /// Rows of the list.
    pub rows: u32,
    /// New appointments.
    pub booked: u32,
    /// Appointments that had another content.
    pub changed: u32,
    /// Appointments that were so before.
    pub unchanged: u32,
    /// Columns that have no place here, such as names.
    pub ignored_columns: Vec<String>,
    /// The rows that were not taken over, and why.
    pub refused: Vec<RefusedRow>,
    /// The codes of those of them that were not asked of the hall, which counts the others.
    #[serde(skip)]
    pub unreadable: Vec<&'static str>,
}

/// A row that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// Its id, if it has one.
    pub id: String,
    /// Why, for programs.
    pub code: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl RefusedRow {
    fn new(line: usize, id: &str, code: &str, why: &Name) -> Self {
        let (id, code) = (id.to_owned(), code.to_owned());
        Self { line, id, code, zh: why.zh.clone(), en: why.en.clone() }
    }

    fn by(line: usize, id: &str, refusal: &Refusal, plan: &Plan) -> Self {
        let [zh, en] = [Language::Zh, Language::En].map(|language| refusal.sentence(Some(plan), language));
        Self::new(line, id, refusal.code(), &Name { zh, en })
    }
}

impl Imported {
    fn count(&mut self, line: usize, id: AppointmentId, outcome: &Result<Answer, Refusal>, plan: &Plan) {
        match outcome {
            Ok(Answer::Appointment { change: Change::Booked, .. }) => self.booked += 1,
            Ok(Answer::Appointment { change: Change::Changed, .. }) => self.changed += 1,
            Ok(Answer::Refused(refusal)) | Err(refusal) => {
                self.refused.push(RefusedRow::by(line, id.as_str(), refusal, plan));
            }
            Ok(_) => self.unchanged += 1,
        }
    }
}

/// The rows of a sheet that can be asked for, and the report on those that cannot.
fn readable(sheet: &Sheet, plan: &Plan) -> (Vec<(usize, AppointmentId, Asked)>, Imported) {
    let mut imported = Imported { ignored_columns: sheet.ignored_columns.clone(), ..Imported::default() };
    let (mut rows, mut lines) = (Vec::new(), BTreeMap::new());
    for row in &sheet.rows {
        imported.rows += 1;
        let read = row.read(plan).and_then(|(id, asked)| match lines.insert(id, row.line) {
            None => Ok((row.line, id, asked)),
            Some(other) => {
                lines.insert(id, other);
                Err(sheet::twice(other))
            }
        });
        match read {
            Ok(read) => rows.push(read),
            Err((code, why)) => {
                imported.unreadable.push(code);
                imported.refused.push(RefusedRow::new(row.line, row.id(), code, &why));
            }
        }
    }
    (rows, imported)
}

/// What an import of `sheet` would do to the hall of `view` now. Nothing is changed.
pub fn rehearse(sheet: &Sheet, view: &HallView, clock: &Clock) -> Imported {
    let (rows, mut imported) = readable(sheet, &view.plan);
    let mut appointments = (*view.appointments).clone();
    let now = clock.now();
    for (line, id, asked) in rows {
        let slot = asked.slot(clock);
        let outcome = slot.and_then(|slot| appointments.book(&view.plan, id, asked.service, slot, now));
        let outcome = outcome.map(|(event, answer)| {
            if let Some(event) = &event {
                appointments.apply(event);
            }
            answer
        });
        imported.count(line, id, &outcome, &view.plan);
    }
    Imported { dry_run: true, ..imported.in_order() }
}

/// Book what `sheet` says for `client`, in its order. Each row stands for itself: those that are
/// refused keep no other out.
///
/// # Errors
/// When the hall ends meanwhile: the import can be made again, what was booked is so already.
pub async fn import(
    sheet: &Sheet,
    client: ClientId,
    plan: &Plan,
    clock: &Clock,
    office: &dyn Office,
) -> Result<Imported, Ended> {
    let (rows, mut imported) = readable(sheet, plan);
    let mut awaited = Vec::with_capacity(rows.len());
    for (line, id, asked) in rows {
        match asked.command(client, id, clock) {
            Ok(command) => awaited.push((line, id, office.hand_in(command).await?)),
            Err(refusal) => {
                imported.unreadable.push(refusal.code());
                imported.count(line, id, &Err(refusal), plan);
            }
        }
    }
    for (line, id, outcome) in awaited {
        let outcome = match outcome.await.map_err(|_| Ended)? {
            Outcome::Answered(answer) => Ok(answer),
            Outcome::Refused(refusal) => Err(refusal),
            Outcome::Done => Err(Refusal::OutOfOrder),
        };
        imported.count(line, id, &outcome, plan);
    }
    Ok(imported.in_order())
}

impl Imported {
    fn in_order(mut self) -> Self {
        self.refused.sort_by_key(|row| row.line);
        self
    }
}
