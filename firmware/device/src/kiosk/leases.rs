//! The numbers a kiosk prints when the hall does not answer: leased while it did, kept with what became of
//! each, handed in afterwards.
//!
//! Numbers of a lease are printed in their order and handed in in their order, so that two counts say what
//! became of each. The rules are those of the controller's kiosk pages.

use hall_protocol::id::ServiceId;
use hall_protocol::local::LocalDate;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{
    Class, HAND_IN_MAX, HandedIn, KioskAction, LeasedNumbers, PrintedTicket, UNANSWERED_MAX, UnansweredTake,
};
use heapless::Vec;

use super::store::{self, Place, Store};

/// So many numbers are leased at once, of each service.
pub(super) const NUMBERS_MAX: usize = 20;

/// A further lease is asked for when so many numbers of a service are left, or fewer.
const LOW_WATER: usize = NUMBERS_MAX / 4;

/// The most leases at a time: a kiosk with eight buttons has one of each service, and room for the next.
pub(super) const PLACES: u16 = 16;

/// Some numbers of one service and one business day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) service: ServiceId,
    pub(super) first: TicketNumber,
    pub(super) day: LocalDate,
    pub(super) count: u8,
    /// When each that is printed was printed, by the hall's clock.
    pub(super) printed_at_ms: Vec<i64, NUMBERS_MAX>,
    /// So many of these the hall knows.
    pub(super) told: u8,
    /// No more of them is printed.
    pub(super) stopped: bool,
}

impl Lease {
    pub(super) fn printed(&self) -> u8 {
        u8::try_from(self.printed_at_ms.len()).unwrap_or(u8::MAX)
    }

    fn free(&self) -> u8 {
        if self.stopped { 0 } else { self.unused() }
    }

    fn unused(&self) -> u8 {
        self.count.saturating_sub(self.printed())
    }

    /// Nothing is left to print or to hand in.
    fn is_over(&self) -> bool {
        self.free() == 0 && self.told >= self.printed()
    }

    fn number(&self, steps: u8) -> Option<TicketNumber> {
        self.first.after(steps.into()).ok()
    }
}

/// All leases of one kiosk.
#[derive(Debug)]
pub(super) struct Leases<S> {
    store: S,
    places: [Place; PLACES as usize],
    /// What was printed because a take was not answered, until the hall knows. Only in memory: after a reset
    /// nobody knows, and what the hall gave for the take is called in its turn.
    unanswered: Vec<UnansweredTake, UNANSWERED_MAX>,
}

impl<S: Store> Leases<S> {
    /// What was kept.
    pub(super) fn load(mut store: S) -> Self {
        let places = core::array::from_fn(|place| store::load(&mut store, number(place)));
        Self { store, places, unanswered: Vec::new() }
    }

    fn all(&self) -> impl Iterator<Item = &Lease> {
        self.places.iter().filter_map(|place| place.lease.as_ref())
    }

    /// Have this lease, or none, at a place from now on; `false` when it could not be kept, and then all is
    /// as it was.
    fn put(&mut self, place: usize, lease: Option<Lease>) -> bool {
        let Some(here) = self.places.get_mut(place) else { return false };
        let next = Place { generation: here.generation.saturating_add(1), lease };
        let saved = store::save(&mut self.store, number(place), &next);
        if saved {
            *here = next;
        }
        saved
    }

    /// Change the first lease that is like this; whether there is one, and it could be kept.
    fn change(&mut self, which: impl Fn(&Lease) -> bool, change: impl FnOnce(&mut Lease)) -> bool {
        let found = self.places.iter().enumerate().find_map(|(place, at)| {
            at.lease.as_ref().filter(|lease| which(lease)).map(|lease| (place, lease.clone()))
        });
        let Some((place, mut lease)) = found else { return false };
        change(&mut lease);
        self.put(place, Some(lease))
    }

    /// The next number of a service, to be printed: it is kept that it is.
    pub(super) fn print(&mut self, service: ServiceId, day: LocalDate, unix_ms: i64) -> Option<TicketNumber> {
        let mut number = None;
        let fits = |lease: &Lease| lease.service == service && lease.day == day && lease.free() > 0;
        // One that is begun comes before one that is not.
        let begun = self.all().any(|lease| fits(lease) && lease.printed() > 0);
        let kept = self.change(
            |lease| fits(lease) && (lease.printed() > 0) == begun,
            |lease| {
                number = lease.number(lease.printed());
                // There is room for every number of a lease.
                let _ = lease.printed_at_ms.push(unix_ms);
            },
        );
        number.filter(|_| kept)
    }

    /// A number was printed because the take with this session and sequence was not answered.
    pub(super) fn note_unanswered(&mut self, number: TicketNumber, (session, seq): (u32, u32)) {
        // Of more than one hand-in can name the hall is not told.
        let _ = self.unanswered.push(UnansweredTake { number, session, seq });
    }

    /// Whether so few numbers of a service are left that more should be leased, and could be kept.
    pub(super) fn wants(&self, service: ServiceId, day: LocalDate) -> bool {
        let held = self.all().filter(|lease| lease.service == service && lease.day == day);
        let left: usize = held.map(|lease| usize::from(lease.free())).sum();
        left <= LOW_WATER && self.places.iter().any(|place| place.lease.is_none())
    }

    /// Keep a lease; whether that could be done. One that is not kept is not used: the hall writes it off
    /// with the day.
    pub(super) fn keep(&mut self, leased: &LeasedNumbers) -> bool {
        let Some(place) = self.places.iter().position(|place| place.lease.is_none()) else { return false };
        let count = usize::from(leased.count).min(NUMBERS_MAX);
        let lease = Lease {
            service: leased.service,
            first: leased.first,
            day: LocalDate::from_days(leased.day),
            count: u8::try_from(count).unwrap_or(u8::MAX),
            printed_at_ms: Vec::new(),
            told: 0,
            stopped: false,
        };
        self.put(place, Some(lease))
    }

    /// Print no more of the leases that are over by their service and day.
    pub(super) fn stop(&mut self, over: impl Fn(ServiceId, LocalDate) -> bool) {
        while self
            .change(|lease| lease.free() > 0 && over(lease.service, lease.day), |lease| lease.stopped = true)
        {
        }
    }

    /// What the hall is to be told next, `unix_ms` being its time now: tickets that were printed, or that a
    /// lease is given back.
    pub(super) fn next_to_tell(&mut self, today: LocalDate, unix_ms: i64) -> Option<KioskAction> {
        let untold = self.all().filter(|lease| lease.told < lease.printed()).min_by_key(|lease| lease.day);
        if let Some(lease) = untold {
            let tickets = lease.printed_at_ms.iter().enumerate().skip(lease.told.into());
            let tickets = tickets.filter_map(|(steps, printed_at_ms)| {
                let age_ms = unix_ms.saturating_sub(*printed_at_ms).max(0);
                Some(PrintedTicket {
                    number: lease.number(u8::try_from(steps).ok()?)?,
                    age_ms: u32::try_from(age_ms).unwrap_or(u32::MAX),
                    class: Class::Ordinary,
                    // A button is one service.
                    also: Vec::new(),
                })
            });
            let tickets: Vec<PrintedTicket, HAND_IN_MAX> = tickets.take(HAND_IN_MAX).collect();
            let is_told = |take: &&UnansweredTake| tickets.iter().any(|ticket| ticket.number == take.number);
            let unanswered = self.unanswered.iter().filter(is_told).copied().collect();
            return Some(KioskAction::HandIn { day: lease.day.days(), tickets, unanswered });
        }
        loop {
            let (day, first, unused) = self
                .all()
                .find(|lease| lease.is_over())
                .map(|lease| (lease.day, lease.first, lease.unused()))?;
            if day == today && unused > 0 {
                return Some(KioskAction::EndLease { day: day.days(), first, unused: unused.into() });
            }
            // Used up: the hall knows. Of another day: the hall has accounted for it.
            if !self.forget(day, first) {
                return None;
            }
        }
    }

    /// The hall has answered a hand-in; what it refuses is no concern of the kiosk's any more. Whether all of
    /// it could be kept.
    pub(super) fn told(&mut self, day: LocalDate, answers: &[HandedIn]) -> bool {
        self.unanswered.retain(|take| answers.iter().all(|answer| answer.number != take.number));
        answers.iter().all(|answer| {
            let next = |lease: &Lease| {
                let number = lease.number(lease.told).filter(|_| lease.told < lease.printed());
                lease.day == day && number == Some(answer.number)
            };
            self.change(next, |lease| lease.told += 1)
        })
    }

    /// A lease is over for the hall as well; whether that could be kept.
    pub(super) fn forget(&mut self, day: LocalDate, first: TicketNumber) -> bool {
        let is_it = |place: &Place| {
            place.lease.as_ref().is_some_and(|lease| (lease.day, lease.first) == (day, first))
        };
        let Some(place) = self.places.iter().position(is_it) else { return false };
        self.put(place, None)
    }
}

fn number(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}
