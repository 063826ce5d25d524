//! `trace A012`: a ticket's whole story, one sentence an event, with when, who and why.
//!
//! Pure but for [`stories_in`]: events go in, oldest first, and stories come out; the sentences are
//! in `trace/sentence.rs`. A number returns every day, so one number has many stories.

mod place;
mod sentence;

use std::collections::BTreeMap;
use std::sync::Arc;

use hall_core::command::Erased;
use hall_core::event::{Event, HandIn, Stamped};
use hall_core::plan::Plan;
use hall_core::refusal::Language;
use hall_core::ticket::TicketId;
use hall_core::time::BusinessDay;
use hall_journal::JournalReader;
use hall_protocol::appointment::AppointmentId;
use hall_protocol::number::TicketNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use self::place::Place;
use crate::clock::date_of;
use crate::hall_zone::{self, TimesIn};
use crate::records;
use crate::storage::StorageError;
use crate::told::Told;

/// What happened to one ticket.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its identity; none when a kiosk leased the number and no ticket came of it.
    pub ticket: Option<TicketId>,
    /// Its number.
    pub number: TicketNumber,
    /// The business day it belongs to, by its local date.
    pub day: Date,
    /// The business days after it on which it still waited, because the queue was kept.
    pub kept: Vec<Date>,
    steps: Vec<Step>,
}

/// One event of a story.
#[derive(Debug, Clone)]
struct Step {
    seq: u64,
    stamped: Stamped,
    /// The plan in force, for the names of services and windows.
    plan: Option<Arc<Plan>>,
}

impl Step {
    /// Whether it is a booking for this day or a later one.
    fn is_booked_from(&self, first: BusinessDay) -> bool {
        match &self.stamped.event {
            Event::Booked { slot, .. } | Event::Rebooked { slot, .. } => slot.day >= first,
            _ => false,
        }
    }
}

/// Gathers the stories of one number.
#[derive(Debug)]
pub struct Tracer {
    number: TicketNumber,
    day: BusinessDay,
    plan: Option<Arc<Plan>>,
    stories: Vec<Story>,
    /// That the journal was put back today.
    put_back: Option<Step>,
    /// What happened to each appointment before it has a ticket.
    bookings: BTreeMap<AppointmentId, Vec<Step>>,
}

/// Why there is no story to tell.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The journal.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The number was never given out.
    #[error("no ticket {0} is in this journal; check the number, such as A012, and the data directory")]
    Never(TicketNumber),
    /// It was, but not on that day.
    #[error("there was no ticket {number} on {asked}; there was one on {}", listed(days))]
    NotThatDay {
        /// The number.
        number: TicketNumber,
        /// The day asked for.
        asked: Date,
        /// The days that had one, newest first.
        days: Vec<Date>,
    },
}

impl Told for TraceError {
    fn zh(&self) -> String {
        match self {
            Self::Storage(error) => error.zh(),
            Self::Never(number) => format!("日志里没有票号 {number}；请核对号码（例如 A012）和数据目录"),
            Self::NotThatDay { number, asked, days } => {
                format!("{asked} 没有票号 {number}；有此号的日子：{}", listed(days))
            }
        }
    }
}

impl Tracer {
    /// Stories of tickets with this number.
    pub fn new(number: TicketNumber) -> Self {
        Self {
            number,
            day: BusinessDay::default(),
            plan: None,
            stories: Vec::new(),
            put_back: None,
            bookings: BTreeMap::new(),
        }
    }

    /// The next event, with its place in the journal.
    pub fn take(&mut self, seq: u64, stamped: &Stamped) {
        match &stamped.event {
            Event::PlanAdopted { plan, put_back } => {
                self.plan = Some(Arc::new((**plan).clone()));
                if put_back.is_some() {
                    self.take_up_again(seq, stamped);
                }
            }
            Event::DayBegan { day, .. } => {
                self.day = *day;
                self.put_back = None;
                // Of days that are over no ticket will come.
                self.bookings.retain(|_, steps| steps.iter().any(|step| step.is_booked_from(*day)));
                self.keep_waiting(seq, stamped);
            }
            Event::PhoneErased(Erased { day, number, .. }) if *number == self.number => {
                let that_day = date_of(*day);
                let step = self.step(seq, stamped);
                if let Some(story) = self.stories.iter_mut().rev().find(|story| story.is_of(that_day)) {
                    story.steps.push(step);
                }
            }
            // Who goes on with a ticket in hand answers for it from then on.
            Event::ClerkSignedOn { window, .. } | Event::ClerkSignedOff { window, .. } => {
                let (in_hand, step) = (Some(Place::InHand(*window)), self.step(seq, stamped));
                if let Some(story) = self.stories.iter_mut().rev().find(|story| story.place() == in_hand) {
                    story.steps.push(step);
                }
            }
            Event::EmergencyDeclared { .. } | Event::EmergencyCleared { .. } => {
                // It explains why nobody was called, or nobody came.
                self.tell_where_it_goes_on(seq, stamped);
            }
            Event::Issued { instead_of: Some(ghost), .. } if *ghost == self.number => {
                let (today, step) = (date_of(self.day), self.step(seq, stamped));
                if let Some(story) = self.todays(today) {
                    story.steps.push(step);
                }
            }
            Event::Refused { .. } if self.is_named_in(&stamped.event) => {
                let (today, step) = (date_of(self.day), self.step(seq, stamped));
                if let Some(story) = self.todays(today) {
                    story.steps.push(step);
                }
            }
            Event::Booked { appointment, .. }
            | Event::Rebooked { appointment, .. }
            | Event::Released { appointment, .. } => {
                let step = self.step(seq, stamped);
                self.bookings.entry(*appointment).or_default().push(step);
            }
            Event::Unbooked { appointment, .. } => drop(self.bookings.remove(appointment)),
            Event::NumbersLeased { .. } | Event::LeaseEnded { .. } | Event::HandedIn { .. } => {
                self.take_of_a_lease(seq, stamped);
            }
            event => {
                if let Some(ticket) = event.ticket() {
                    self.take_of(ticket, seq, stamped);
                }
            }
        }
    }

    /// What happened after the record before is not known: not to whoever had a ticket then, and not of the
    /// numbers given since, which may be given again today.
    fn take_up_again(&mut self, seq: u64, stamped: &Stamped) {
        self.tell_where_it_goes_on(seq, stamped);
        self.put_back = Some(self.step(seq, stamped));
    }

    /// What befalls the whole hall is told with a ticket that has not ended.
    fn tell_where_it_goes_on(&mut self, seq: u64, stamped: &Stamped) {
        let (today, step) = (date_of(self.day), self.step(seq, stamped));
        let goes_on = |story: &&mut Story| story.place().is_some_and(|place| place != Place::Over);
        if let Some(story) = self.todays(today).filter(goes_on) {
            story.steps.push(step);
        }
    }

    /// The story that is of `today`, if one is.
    fn todays(&mut self, today: Date) -> Option<&mut Story> {
        self.stories.last_mut().filter(|story| story.is_of(today))
    }

    /// A business day began; a queue that is kept goes on waiting in it.
    fn keep_waiting(&mut self, seq: u64, stamped: &Stamped) {
        let Event::DayBegan { day, queue_kept: true } = stamped.event else { return };
        let step = self.step(seq, stamped);
        let waiting = self.stories.iter_mut().filter(|story| story.place() == Some(Place::Waiting));
        for story in waiting {
            story.kept.push(date_of(day));
            story.steps.push(step.clone());
        }
    }

    fn take_of(&mut self, ticket: TicketId, seq: u64, stamped: &Stamped) {
        let booking = match &stamped.event {
            Event::Issued { check_in: Some(check_in), .. } => self.bookings.remove(&check_in.appointment),
            _ => None,
        };
        if let Some(place) = self.stories.iter().rposition(|story| story.ticket == Some(ticket)) {
            let step = self.step(seq, stamped);
            self.stories[place].steps.push(step);
        } else if stamped.event.number() == Some(self.number) {
            let step = self.step(seq, stamped);
            let story = self.story_of(self.day);
            story.ticket = Some(ticket);
            story.steps.extend(booking.unwrap_or_default());
            story.steps.push(step);
        }
    }

    /// What befalls the number before it is a ticket, or instead.
    fn take_of_a_lease(&mut self, seq: u64, stamped: &Stamped) {
        let day = match &stamped.event {
            Event::NumbersLeased { first, count, .. } | Event::LeaseEnded { first, count, .. }
                if self.number.is_of(*first, *count) =>
            {
                self.day
            }
            Event::HandedIn(HandIn { day, refused, left_out, .. })
                if refused
                    .iter()
                    .chain(left_out)
                    .any(|it| [Some(it.number), it.waits_as].contains(&Some(self.number))) =>
            {
                // A kiosk may name any day; one on which the number was not given has no story.
                let that_day = date_of(*day);
                if self.stories.iter().any(|story| story.day == that_day) { *day } else { self.day }
            }
            _ => return,
        };
        let step = self.step(seq, stamped);
        self.story_of(day).steps.push(step);
    }

    fn step(&self, seq: u64, stamped: &Stamped) -> Step {
        Step { seq, stamped: stamped.clone(), plan: self.plan.clone() }
    }

    /// The number's story of that day, begun if there is none.
    fn story_of(&mut self, day: BusinessDay) -> &mut Story {
        let before = self.put_back.iter().filter(|_| day == self.day);
        let (number, day) = (self.number, date_of(day));
        let known = self.stories.iter().rposition(|story| story.day == day);
        let place = known.unwrap_or_else(|| {
            let steps = before.cloned().collect();
            self.stories.push(Story { ticket: None, number, day, kept: Vec::new(), steps });
            self.stories.len() - 1
        });
        &mut self.stories[place]
    }

    /// Whether a refusal tells of the number, whatever kind of refusal it is.
    fn is_named_in(&self, event: &Event) -> bool {
        let said = serde_json::to_value(event).unwrap_or_default();
        let names = |place: &serde_json::Value| place.as_str() == Some(&self.number.to_string());
        names(&said["refusal"]["number"]) || names(&said["about"])
    }

    /// All stories, oldest first.
    pub fn stories(self) -> Vec<Story> {
        self.stories
    }
}

/// Read all stories of `number` from a journal, oldest first.
///
/// # Errors
/// When the journal is broken or of a newer version.
pub fn stories_in(reader: &JournalReader, number: TicketNumber) -> Result<Vec<Story>, StorageError> {
    let mut tracer = Tracer::new(number);
    reader.read(|record| records::event(&record).map(|stamped| tracer.take(record.seq, &stamped)))?;
    Ok(tracer.stories())
}

/// The story of `number` on `day`, or the latest, as text: a heading, one line an event, and on
/// which other days there was a ticket of that number.
///
/// # Errors
/// When there is none: on which days there is one.
pub fn tell(
    stories: &[Story],
    number: TicketNumber,
    day: Option<Date>,
    times: &TimesIn,
    language: Language,
) -> Result<String, TraceError> {
    let days = || {
        let given = stories.iter().filter(|story| story.was_given());
        let mut days: Vec<Date> = given.flat_map(Story::days).collect();
        days.sort_unstable_by(|one, other| other.cmp(one));
        days.dedup();
        days
    };
    let found = match day {
        Some(day) => stories.iter().rev().find(|story| story.is_of(day)),
        // Where there was a ticket, before where a number was only leased or asked for.
        None => stories.iter().rev().find(|story| story.ticket.is_some()).or(stories.last()),
    };
    let Some(story) = found else {
        let days = days();
        return Err(match day {
            Some(asked) if !days.is_empty() => TraceError::NotThatDay { number, asked, days },
            _ => TraceError::Never(number),
        });
    };
    let mut lines = vec![sentence::heading(story, &story.zone(times), language)];
    lines.extend(story.lines(times, language));
    let others: Vec<Date> = days().into_iter().filter(|day| !story.is_of(*day)).collect();
    if !others.is_empty() {
        lines.push(sentence::other_days(number, &listed(&others), language));
    }
    Ok(lines.join("\n"))
}

impl Story {
    /// The business days on which there was its ticket.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        std::iter::once(self.day).chain(self.kept.iter().copied())
    }

    /// Whether the number was a ticket, or a kiosk's to print.
    fn was_given(&self) -> bool {
        let leased = |step: &Step| matches!(step.stamped.event, Event::NumbersLeased { .. });
        self.ticket.is_some() || self.steps.iter().any(leased)
    }

    /// Whether there was its ticket on that business day.
    pub fn is_of(&self, day: Date) -> bool {
        self.days().any(|own| own == day)
    }

    /// The zone in which it began.
    fn zone(&self, times: &TimesIn) -> TimeZone {
        times.under(self.steps.first().and_then(|step| step.plan.as_deref()))
    }

    /// One line an event: local time, with its zone where that is not the one in which the story began,
    /// place in the journal, what happened and why, who.
    pub fn lines(&self, times: &TimesIn, language: Language) -> Vec<String> {
        let began = self.zone(times);
        let line = |(index, step): (usize, &Step)| {
            let zone = times.under(step.plan.as_deref());
            let at = Timestamp::from_millisecond(step.stamped.at.unix_ms()).unwrap_or_default();
            let local = zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S");
            let named = if zone == began { String::new() } else { format!(" {}", hall_zone::name(&zone)) };
            let before = self.steps.get(..index).unwrap_or_default();
            format!("{local}{named}  #{}  {}", step.seq, sentence::of(step, before, language))
        };
        self.steps.iter().enumerate().map(line).collect()
    }
}

fn listed(days: &[Date]) -> String {
    days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
