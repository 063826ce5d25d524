//! A kiosk's own numbers: what it leased, printed while nobody answered, and hands in when somebody
//! does. It follows `daemon/src/mqtt/device/leases.rs`, with its store as memory that a reboot keeps
//! or loses.

use std::rc::Rc;

use hall_core::answer::Answer;
use hall_core::command::UnansweredTake;
use hall_core::time::{BusinessDay, Now};
use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::HAND_IN_MAX;

/// Numbers of each service a kiosk of these halls leases.
pub(crate) const LEASE: u16 = 4;

/// A further lease is asked for when so few are left.
const LOW_WATER: u16 = 1;

/// In the last minute of the day nothing is leased, and what is unused is given back.
const LAST_MINUTE: u16 = 24 * 60 - 1;

/// What a citizen asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Matters {
    pub(crate) service: ServiceId,
    /// A further matter.
    pub(crate) also: Option<ServiceId>,
}

/// A ticket on paper that the hall may not know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paper {
    pub(crate) day: BusinessDay,
    pub(crate) number: TicketNumber,
    pub(crate) also: Option<ServiceId>,
    pub(crate) printed_us: u64,
    /// The take of the same citizen that the hall did not answer, by session and sequence.
    pub(crate) unanswered: Option<UnansweredTake>,
}

/// What a kiosk asks by itself.
#[derive(Debug, Clone)]
pub(crate) enum Chore {
    Lease(ServiceId),
    HandIn(BusinessDay, Rc<[Paper]>),
    End { day: BusinessDay, first: TicketNumber, unused: u16 },
}

#[derive(Debug, Clone)]
struct Lease {
    day: BusinessDay,
    service: ServiceId,
    first: TicketNumber,
    count: u16,
    printed: u16,
    stopped: bool,
}

impl Lease {
    fn left(&self) -> u16 {
        if self.stopped { 0 } else { self.count - self.printed }
    }
}

/// What one kiosk keeps, and what it only remembers until it is switched off.
#[derive(Debug, Default)]
pub(crate) struct OwnNumbers {
    leases: Vec<Lease>,
    papers: Vec<Paper>,
    /// What citizens have asked it for.
    asked_for: Vec<ServiceId>,
    /// It was refused a lease.
    barred: Vec<(BusinessDay, ServiceId)>,
    pub(crate) line_down: bool,
}

impl OwnNumbers {
    /// A citizen asks for this service.
    pub(crate) fn asked_for(&mut self, service: ServiceId) {
        if !self.asked_for.contains(&service) {
            self.asked_for.push(service);
        }
    }

    /// The next number for a citizen, whose take the hall did not answer or was not asked.
    pub(crate) fn print(
        &mut self,
        Matters { service, also }: Matters,
        unanswered: Option<UnansweredTake>,
        day: BusinessDay,
        now_us: u64,
    ) -> Option<Paper> {
        let lease = self
            .leases
            .iter_mut()
            .find(|lease| lease.service == service && lease.day == day && lease.left() > 0)?;
        let number = lease.first.after(lease.printed).ok()?;
        lease.printed += 1;
        let paper = Paper { day, number, also, printed_us: now_us, unanswered };
        self.papers.push(paper);
        Some(paper)
    }

    /// What to ask next.
    pub(crate) fn chore(&mut self, now: Now) -> Option<Chore> {
        let ends = now.minute >= LAST_MINUTE;
        for lease in &mut self.leases {
            lease.stopped |= lease.day != now.day || ends;
        }
        if let Some(first) = self.papers.iter().map(|paper| paper.day).min() {
            let of_it = self.papers.iter().filter(|paper| paper.day == first);
            return Some(Chore::HandIn(first, of_it.take(HAND_IN_MAX).copied().collect()));
        }
        self.leases.retain(|lease| lease.day == now.day && (lease.left() > 0 || lease.printed < lease.count));
        if let Some(Lease { day, first, count, printed, .. }) = self.leases.iter().find(|lease| lease.stopped)
        {
            return Some(Chore::End { day: *day, first: *first, unused: count - printed });
        }
        let left = |service: ServiceId| -> u16 {
            self.leases.iter().filter(|lease| lease.service == service).map(Lease::left).sum()
        };
        let wanted = self.asked_for.iter().copied().find(|service| {
            !ends && left(*service) <= LOW_WATER && !self.barred.contains(&(now.day, *service))
        });
        wanted.map(Chore::Lease)
    }

    /// The hall has answered.
    pub(crate) fn hears(&mut self, chore: &Chore, answer: &Answer, today: BusinessDay) {
        match (chore, answer) {
            (_, Answer::Leased { service, first, count, day }) => {
                let (day, service, first, count) = (*day, *service, *first, *count);
                self.leases.push(Lease { day, service, first, count, printed: 0, stopped: false });
            }
            (Chore::HandIn(day, _), Answer::HandedIn { tickets }) => {
                let told = |paper: &Paper| tickets.iter().any(|ticket| ticket.number == paper.number);
                self.papers.retain(|paper| paper.day != *day || !told(paper));
            }
            (Chore::End { day, first, .. }, _) => {
                self.leases.retain(|lease| (lease.day, lease.first) != (*day, *first));
            }
            (Chore::Lease(service), Answer::Refused(_)) => self.barred.push((today, *service)),
            _ => {}
        }
    }

    /// It is switched off and on. Defective, it has not kept what it printed.
    pub(crate) fn reboot(&mut self, keeps_store: bool, forgets_prints: bool) {
        let kept = std::mem::take(self);
        if keeps_store {
            (self.leases, self.papers, self.asked_for) = (kept.leases, kept.papers, kept.asked_for);
        }
        if forgets_prints {
            self.leases.iter_mut().for_each(|lease| lease.printed = 0);
        }
    }

    /// Whether the hall knows all it printed.
    pub(crate) fn is_settled(&self) -> bool {
        self.papers.is_empty()
    }
}
