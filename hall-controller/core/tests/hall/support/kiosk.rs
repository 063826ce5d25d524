//! The memory of a kiosk in a history: what it leased, and what it printed and has not handed in.

use hall_core::answer::Answer;
use hall_core::command::{Printed, UnansweredTake};
use hall_core::time::BusinessDay;
use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Class;

use super::id;
use super::script::HandIn;

#[derive(Clone, Debug)]
struct Lease {
    day: BusinessDay,
    service: ServiceId,
    first: TicketNumber,
    count: u16,
    printed: u16,
    over: bool,
}

#[derive(Clone, Debug)]
struct Paper {
    day: BusinessDay,
    number: TicketNumber,
    printed_ms: i64,
    also: Vec<ServiceId>,
}

/// What one kiosk remembers.
#[derive(Clone, Debug, Default)]
pub struct Store {
    leases: Vec<Lease>,
    papers: Vec<Paper>,
}

impl Store {
    /// Print the next number for a service. The kiosk does not look at the calendar: what it prints too
    /// late is refused later.
    pub fn print(&mut self, service: ServiceId, also: &[ServiceId], real_ms: i64) {
        let left =
            |lease: &&mut Lease| lease.service == service && !lease.over && lease.printed < lease.count;
        let Some(lease) = self.leases.iter_mut().rev().find(left) else { return };
        let number = lease.first.after(lease.printed).unwrap();
        lease.printed += 1;
        self.papers.push(Paper { day: lease.day, number, printed_ms: real_ms, also: also.to_vec() });
    }

    /// What it hands in, and for which day: of one day, the oldest first, at most ten.
    pub fn hands_in(
        &self,
        how: HandIn,
        take: Option<UnansweredTake>,
        other: Option<&Self>,
        today: BusinessDay,
        real_ms: i64,
    ) -> (BusinessDay, Vec<Printed>) {
        let papers = match how {
            HandIn::Foreign => other.map_or(&[][..], |other| &other.papers),
            _ => &self.papers,
        };
        let day = papers.first().map_or(today, |paper| paper.day);
        let printed = |paper: &Paper| {
            let age_ms = u32::try_from(real_ms - paper.printed_ms).unwrap();
            let also = paper.also.clone();
            Printed { number: paper.number, age_ms, class: Class::Elderly, also, unanswered: None }
        };
        let mut tickets: Vec<_> =
            papers.iter().filter(|paper| paper.day == day).take(10).map(printed).collect();
        match how {
            HandIn::Forged => tickets.push(Printed {
                number: id("A500"),
                age_ms: 5,
                class: Class::Ordinary,
                also: Vec::new(),
                unanswered: None,
            }),
            HandIn::Twice => {
                tickets.extend(tickets.clone());
                // Its memory is broken: the last one is not what it was.
                if let Some(last) = tickets.last_mut().filter(|last| last.number.value() % 2 == 0) {
                    last.class = Class::Ordinary;
                }
            }
            HandIn::Disordered => tickets.reverse(),
            HandIn::TakeUnanswered => tickets.iter_mut().for_each(|ticket| ticket.unanswered = take),
            HandIn::Printed | HandIn::ReplyLost | HandIn::Foreign => {}
        }
        (day, tickets)
    }

    /// Which lease it gives back: day, first number, and how many were not printed.
    pub fn gives_back(&mut self, nth: u8) -> Option<(BusinessDay, TicketNumber, u16)> {
        let count = self.leases.len().max(1);
        let lease = self.leases.get_mut(usize::from(nth) % count)?;
        lease.over = true;
        Some((lease.day, lease.first, lease.count - lease.printed))
    }

    /// What it makes of an answer.
    pub fn hears(&mut self, answer: &Answer) {
        match answer {
            Answer::Leased { service, first, count, day } => {
                let known = self.leases.iter().any(|lease| lease.day == *day && lease.first == *first);
                if !known {
                    let (day, service, first, count) = (*day, *service, *first, *count);
                    self.leases.push(Lease { day, service, first, count, printed: 0, over: false });
                }
            }
            // What is refused will be refused again: the citizen has to take another ticket.
            Answer::HandedIn { tickets } => {
                self.papers.retain(|paper| !tickets.iter().any(|told| told.number == paper.number));
            }
            _ => {}
        }
    }
}
