//! `report`: a business day in figures, by service, and the head that seals it.
//!
//! Pure but for [`of_day`]: records go in, oldest first, and days come out; the words are in
//! `report/words.rs`. Tickets are counted under the service they were taken for, so that a row adds
//! up; calls, outcomes and grades under the service where they happened.

mod clerks;
mod emergencies;
mod remarks;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use hall_core::Hall;
use hall_core::event::{Evaluation, Event, LeaseEnd, Stamped};
use hall_core::plan::Plan;
use hall_core::refusal::Language;
use hall_core::ticket::{Ticket, TicketId, TicketState};
use hall_core::time::BusinessDay;
use hall_core::view::LeaseTotals;
use hall_journal::{Head, JournalReader, Record};
use hall_protocol::id::{DeviceId, ServiceId};
use hall_protocol::payload::{Grade, ServiceOutcome};
use jiff::civil::Date;
use serde::{Serialize, Serializer};

pub use self::clerks::ClerkReport;
use self::clerks::Clerks;
pub use self::emergencies::EmergencyEntry;
pub use self::remarks::{Remark, Remarked};
use crate::clock::date_of;
use crate::heads::day_begun_by;
use crate::metrics::quantile;
use crate::records::{self, UnreadableRecord};
use crate::storage::StorageError;

/// One business day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayReport {
    /// The hall's id.
    pub hall: String,
    /// The hall's names in Chinese and English.
    pub names: [String; 2],
    /// The day, by its local date.
    #[serde(serialize_with = "as_text")]
    pub day: Date,
    /// Whether it has ended: then its head is final.
    pub ended: bool,
    /// The sequence of its last record.
    pub last_seq: u64,
    /// The chain's hash after it.
    pub head: String,
    /// Each service of the day, in the plan's order.
    pub services: Vec<ServiceReport>,
    /// All of them.
    pub total: ServiceReport,
    /// What each clerk did who was signed on.
    pub clerks: Vec<ClerkReport>,
    /// What was said of single services, in order.
    pub remarks: Vec<Remark>,
    /// Emergency texts put up and taken down, in order.
    pub emergencies: Vec<EmergencyEntry>,
    /// What became of the numbers leased to kiosks.
    pub leases: LeaseTotals,
    /// What the staff wrote off of them, because a kiosk was lost.
    pub write_offs: Vec<WriteOff>,
}

/// Leased numbers that were written off, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WriteOff {
    /// Whose they were.
    pub kiosk: DeviceId,
    /// How many.
    pub numbers: u16,
    /// Who wrote them off.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What happened for one service, or for all.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ServiceReport {
    /// The service's id; empty for all.
    pub service: String,
    /// Its names in Chinese and English.
    pub names: [String; 2],
    /// Tickets kept from the day before, whose citizens went on waiting; they were given that day.
    pub kept: u32,
    /// Tickets given this day, walk-ins with them.
    pub issued: u32,
    /// Citizens served without a ticket.
    pub walk_ins: u32,
    /// Of those kept or given, how many were finished.
    pub finished: u32,
    /// How many did not come, and did not come back.
    pub missed: u32,
    /// How many were cancelled.
    pub cancelled: u32,
    /// How many ended with the day or their service, unserved.
    pub expired: u32,
    /// How many are still waiting, called, served or put aside.
    pub open: u32,
    /// How often somebody called did not come.
    pub no_shows: u32,
    /// What came of the matters served.
    pub outcomes: Outcomes,
    /// First calls, and how long was waited for them.
    pub waits: Waits,
    /// How many citizens gave each grade, from very satisfied to very dissatisfied.
    pub grades: [u32; 5],
}

/// What came of the matters served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    /// Done.
    pub finished: u32,
    /// Papers were missing.
    pub missing_papers: u32,
    /// Goes on in the back office.
    pub back_office: u32,
    /// Sent to another authority.
    pub referred: u32,
    /// The staff goes to the citizen.
    pub home_service: u32,
    /// The staff does it for the citizen.
    pub proxy: u32,
}

/// Waits for a ticket's first call, in seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Waits {
    /// First calls.
    pub calls: u32,
    /// How many of them came within the service's target.
    pub within_target: u32,
    /// Half waited at most so long.
    pub median_s: Option<f64>,
    /// Nine of ten waited at most so long.
    pub p90_s: Option<f64>,
    /// The longest.
    pub max_s: Option<f64>,
    #[serde(skip)]
    all_s: Vec<f64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn as_text<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The journal.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// No day at all.
    #[error(
        "the journal has no business day yet; start the hall with `hall-controller run`, or check --data"
    )]
    NoDay,
    /// Not that one.
    #[error(
        "the journal has no business day {asked}, the last is {last}; name with --day one on which the hall was open"
    )]
    NotThatDay {
        /// The day asked for.
        asked: Date,
        /// The last there is.
        last: Date,
    },
}

/// The report of `day`, or of the latest, from a journal that is verified on the way.
///
/// # Errors
/// When the journal is broken or of a newer version, or has no such day.
pub fn of_day(reader: &JournalReader, day: Option<Date>) -> Result<DayReport, ReportError> {
    let mut reporter = Reporter::new(reader.hall(), day);
    let read = reader.read(|record| reporter.take(&record));
    read.map_err(StorageError::from)?;
    reporter.report()
}

/// Gathers one day as its records go by.
struct Reporter {
    hall: Option<Hall>,
    wanted: Option<Date>,
    /// The day at hand, its figures and the last record.
    day: Option<BusinessDay>,
    rows: Vec<(ServiceId, ServiceReport)>,
    clerks: Clerks,
    write_offs: Vec<WriteOff>,
    /// The tickets there were when the day began.
    kept: BTreeSet<TicketId>,
    head: Option<Head>,
    remarks: Vec<Remark>,
    emergencies: Vec<EmergencyEntry>,
    found: Option<DayReport>,
}

impl Reporter {
    fn new(hall: &str, wanted: Option<Date>) -> Self {
        let hall = hall.parse().ok().map(Hall::new);
        Self {
            hall,
            wanted,
            day: None,
            rows: Vec::new(),
            clerks: Clerks::default(),
            write_offs: Vec::new(),
            kept: BTreeSet::new(),
            head: None,
            remarks: Vec::new(),
            emergencies: Vec::new(),
            found: None,
        }
    }

    fn take(&mut self, record: &Record) -> Result<(), UnreadableRecord> {
        let stamped = records::event(record)?;
        if let Some(day) = day_begun_by(record) {
            self.end(true);
            self.rows.clear();
            self.clerks.clear();
            self.remarks.clear();
            self.emergencies.clear();
            self.write_offs.clear();
            self.day = Some(day);
        }
        self.head = Some(record.head());
        self.count(&stamped);
        self.clerks.count(&stamped, self.hall.as_ref().map(|hall| &**hall.plan()));
        self.remarks.extend(Remark::of(record.seq, &stamped));
        self.emergencies.extend(EmergencyEntry::of(record.seq, &stamped));
        if let Some(hall) = &mut self.hall {
            hall.apply(&stamped);
            if let Event::DayBegan { .. } = stamped.event {
                self.kept = hall.tickets().map(|ticket| ticket.id).collect();
            }
        }
        Ok(())
    }

    /// The day at hand is over, or the journal is.
    fn end(&mut self, ended: bool) {
        let Some((day, head)) = self.day.map(date_of).zip(self.head) else { return };
        let Some(hall) = &self.hall else { return };
        if self.wanted.is_some_and(|wanted| wanted != day) {
            return;
        }
        let plan = Arc::clone(hall.plan());
        let leases = hall.lease_totals();
        let tickets: Vec<Ticket> = hall.tickets().cloned().collect();
        for ticket in &tickets {
            let kept = self.kept.contains(&ticket.id);
            self.row(ticket.issued_for).count_ticket(ticket, kept);
        }
        let order = |id: &ServiceId| plan.service_index(*id).unwrap_or(usize::MAX);
        self.rows.sort_by_key(|(id, _)| order(id));
        let mut services: Vec<ServiceReport> = self.rows.iter().map(|(_, row)| row.clone()).collect();
        let mut total = ServiceReport::default();
        for row in &services {
            total.add(row);
        }
        services.iter_mut().chain([&mut total]).for_each(|row| row.waits.sum_up());
        self.found = Some(DayReport {
            hall: plan.hall().to_string(),
            names: [plan.name().zh.clone(), plan.name().en.clone()],
            day,
            ended,
            last_seq: head.seq,
            head: head.hash.to_string(),
            services,
            total,
            clerks: self.clerks.reports(),
            remarks: self.remarks.clone(),
            emergencies: self.emergencies.clone(),
            leases,
            write_offs: self.write_offs.clone(),
        });
    }

    fn report(mut self) -> Result<DayReport, ReportError> {
        self.end(false);
        match (self.found, self.wanted, self.day) {
            (Some(found), _, _) => Ok(found),
            (None, Some(asked), Some(last)) => Err(ReportError::NotThatDay { asked, last: date_of(last) }),
            _ => Err(ReportError::NoDay),
        }
    }

    /// What an event adds; the hall is still as before it.
    fn count(&mut self, stamped: &Stamped) {
        let hall = self.hall.as_ref();
        let ticket = stamped.event.ticket().and_then(|id| hall?.ticket(id)).cloned();
        let service = ticket.as_ref().map(|ticket| ticket.service);
        match (&stamped.event, service) {
            (Event::WalkedIn { service, .. }, _) => self.row(*service).walk_ins += 1,
            (Event::Called { .. }, Some(service)) => {
                let first = ticket.filter(|ticket| ticket.called_at.is_none());
                if let Some(ticket) = first {
                    let target = self.plan().and_then(|plan| Some(plan.service(service)?.target_minutes));
                    let waited_ms = stamped.at.ms_since(ticket.issued_at);
                    let waits = &mut self.row(service).waits;
                    waits.calls += 1;
                    waits.within_target +=
                        u32::from(target.is_some_and(|target| waited_ms <= u64::from(target) * 60_000));
                    let seconds = u32::try_from(waited_ms / 1_000).unwrap_or(u32::MAX);
                    waits.all_s.push(seconds.into());
                }
            }
            (Event::Finished { outcome, .. } | Event::MatterFinished { outcome, .. }, Some(service)) => {
                self.row(service).outcomes.count(*outcome);
            }
            (Event::Missed { .. } | Event::Deferred { .. }, Some(service)) => {
                self.row(service).no_shows += 1;
            }
            // A lease that was used up ends with the kiosk's others: nothing of it is lost.
            (Event::LeaseEnded { kiosk, written_off, why: LeaseEnd::WrittenOff { by, reason }, .. }, _)
                if *written_off > 0 =>
            {
                let (by, reason) = (by.clone(), reason.clone());
                self.write_offs.push(WriteOff { kiosk: *kiosk, numbers: *written_off, by, reason });
            }
            (Event::Evaluated(Evaluation { grade, service: of, .. }), Some(service)) => {
                let service = of.unwrap_or(service);
                let place = Grade::ALL.iter().position(|known| known == grade);
                if let Some(count) = place.and_then(|place| self.row(service).grades.get_mut(place)) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }

    fn plan(&self) -> Option<&Plan> {
        self.hall.as_ref().map(|hall| &**hall.plan())
    }

    fn row(&mut self, service: ServiceId) -> &mut ServiceReport {
        let at = self.rows.iter().position(|(id, _)| *id == service).unwrap_or_else(|| {
            // A service that has left the plan keeps its id for a name.
            let names = self.plan().and_then(|plan| plan.service(service)).map(|planned| &planned.name);
            let id = service.to_string();
            let names = names.map_or([id.clone(), id.clone()], |name| [name.zh.clone(), name.en.clone()]);
            self.rows.push((service, ServiceReport { service: id, names, ..ServiceReport::default() }));
            self.rows.len() - 1
        });
        &mut self.rows[at].1
    }
}

impl ServiceReport {
    fn count_ticket(&mut self, ticket: &Ticket, kept: bool) {
        let came = if kept { &mut self.kept } else { &mut self.issued };
        *came += 1;
        let count = match ticket.state {
            TicketState::Finished => &mut self.finished,
            TicketState::Missed => &mut self.missed,
            TicketState::Cancelled => &mut self.cancelled,
            TicketState::Expired => &mut self.expired,
            _ => &mut self.open,
        };
        *count += 1;
    }

    fn add(&mut self, other: &Self) {
        self.kept += other.kept;
        self.issued += other.issued;
        self.walk_ins += other.walk_ins;
        self.finished += other.finished;
        self.missed += other.missed;
        self.cancelled += other.cancelled;
        self.expired += other.expired;
        self.open += other.open;
        self.no_shows += other.no_shows;
        let (sum, more) = (&mut self.outcomes, &other.outcomes);
        sum.finished += more.finished;
        sum.missing_papers += more.missing_papers;
        sum.back_office += more.back_office;
        sum.referred += more.referred;
        sum.home_service += more.home_service;
        sum.proxy += more.proxy;
        self.waits.calls += other.waits.calls;
        self.waits.within_target += other.waits.within_target;
        self.waits.all_s.extend_from_slice(&other.waits.all_s);
        self.grades.iter_mut().zip(other.grades).for_each(|(sum, more)| *sum += more);
    }

    /// The fields of a row of CSV, as `words::COLUMNS` names them.
    fn fields(&self) -> Vec<String> {
        let seconds = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.0}"));
        let Outcomes { finished, missing_papers, back_office, referred, home_service, proxy } = self.outcomes;
        let counts = [
            self.kept,
            self.issued,
            self.walk_ins,
            self.finished,
            self.missed,
            self.cancelled,
            self.expired,
            self.open,
            self.no_shows,
            finished,
            missing_papers,
            back_office,
            referred,
            home_service,
            proxy,
            self.waits.calls,
            self.waits.within_target,
        ];
        counts
            .iter()
            .map(u32::to_string)
            .chain([self.waits.median_s, self.waits.p90_s, self.waits.max_s].map(seconds))
            .chain(self.grades.iter().map(u32::to_string))
            .collect()
    }
}

impl Outcomes {
    fn count(&mut self, outcome: ServiceOutcome) {
        let count = match outcome {
            ServiceOutcome::Finished => &mut self.finished,
            ServiceOutcome::MissingPapers => &mut self.missing_papers,
            ServiceOutcome::BackOffice => &mut self.back_office,
            ServiceOutcome::Referred => &mut self.referred,
            ServiceOutcome::HomeService => &mut self.home_service,
            ServiceOutcome::Proxy => &mut self.proxy,
        };
        *count += 1;
    }
}

impl Waits {
    fn sum_up(&mut self) {
        self.all_s.sort_by(f64::total_cmp);
        self.median_s = quantile(&self.all_s, 0.5);
        self.p90_s = quantile(&self.all_s, 0.9);
        self.max_s = self.all_s.last().copied();
    }
}

impl DayReport {
    /// The report for people.
    pub fn text(&self, language: Language) -> String {
        words::text(self, language)
    }

    /// The report as CSV (RFC 4180): one row a service and one for all, with the day's head in each.
    pub fn csv(&self) -> String {
        words::csv(self)
    }
}

#[cfg(test)]
mod tests;
