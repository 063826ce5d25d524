//! How waits ended, and what that says of patience.
//!
//! Three endings, as survival analysis has them: who cancels gave up then, at a known time. Who comes when
//! called, and who still waits when the day ends, would have waited longer, nobody knows how much (censored
//! on the right). Who does not come when called had gone, at an unknown time of the wait (censored on the
//! left); a deferral and the second call say nothing more of when. A no-show who returns within the grace
//! time had not gone.

use std::collections::BTreeMap;

use hall_core::ticket::TicketId;
use hall_core::time::HallTime;
use hall_protocol::id::ServiceId;

use super::minutes;
use super::record::Patience;

/// The waits of a day.
#[derive(Debug, Default)]
pub(super) struct Waits {
    waiting: BTreeMap<TicketId, (ServiceId, HallTime)>,
    /// Who was called, after so many minutes; whether somebody comes is not known yet.
    called: BTreeMap<TicketId, (ServiceId, f64)>,
    /// Who was called and did not come, nor has since.
    missed: BTreeMap<TicketId, (ServiceId, f64)>,
    /// When somebody was called last: later nobody can tell who still waits.
    last_call: Option<HallTime>,
    ended: BTreeMap<ServiceId, Patience>,
}

impl Waits {
    /// The citizen waits from now on; who waits again had come.
    pub(super) fn begin(&mut self, ticket: TicketId, service: ServiceId, since: HallTime) {
        self.came(ticket);
        if let Some((service, before)) = self.waiting.insert(ticket, (service, since)) {
            self.of(service).waited_minutes += minutes(before, since);
        }
    }

    pub(super) fn called(&mut self, ticket: TicketId, at: HallTime) {
        self.last_call = Some(at);
        if let Some((service, since)) = self.waiting.remove(&ticket) {
            self.called.insert(ticket, (service, minutes(since, at)));
        }
    }

    /// The citizen was there when called, or is now.
    pub(super) fn came(&mut self, ticket: TicketId) {
        let called = self.called.remove(&ticket).or_else(|| self.missed.remove(&ticket));
        if let Some((service, waited)) = called {
            self.of(service).waited_minutes += waited;
        }
    }

    pub(super) fn missed(&mut self, ticket: TicketId) {
        self.missed.extend(self.called.remove(&ticket).map(|wait| (ticket, wait)));
    }

    pub(super) fn gave_up(&mut self, ticket: TicketId, at: HallTime) {
        if let Some((service, since)) = self.waiting.remove(&ticket) {
            let patience = self.of(service);
            patience.waited_minutes += minutes(since, at);
            patience.gave_up += 1.0;
        }
    }

    /// No citizen has the ticket.
    pub(super) fn is_nobodys(&mut self, ticket: TicketId) {
        self.waiting.remove(&ticket);
    }

    /// What the day says, and a new one. Of a queue that is kept overnight the next morning says nothing.
    pub(super) fn end_day(&mut self) -> BTreeMap<ServiceId, Patience> {
        let Self { waiting, called, missed, last_call, mut ended } = std::mem::take(self);
        let waited = waiting
            .into_values()
            .filter_map(|(service, since)| Some((service, minutes(since, last_call?))))
            .chain(called.into_values());
        for (service, waited) in waited {
            ended.entry(service).or_default().waited_minutes += waited;
        }
        for (service, waited) in missed.into_values() {
            ended.entry(service).or_default().missed.push(waited);
        }
        ended
    }

    fn of(&mut self, service: ServiceId) -> &mut Patience {
        self.ended.entry(service).or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(minute: i64) -> HallTime {
        HallTime::from_unix_ms(minute * 60_000)
    }

    /// One waits from 0, another is called at 30; what became of the first.
    fn told(happens: impl FnOnce(&mut Waits, TicketId)) -> (f64, f64, Vec<f64>) {
        let (mut waits, service) = (Waits::default(), "tax".parse().unwrap());
        let (ticket, other) = (serde_json::from_str("1").unwrap(), serde_json::from_str("2").unwrap());
        waits.begin(ticket, service, at(0));
        waits.begin(other, service, at(30));
        happens(&mut waits, ticket);
        waits.called(other, at(30));
        let Patience { waited_minutes, gave_up, missed } = waits.end_day()[&service].clone();
        (waited_minutes, gave_up, missed)
    }

    #[test]
    fn only_who_left_has_lost_patience_and_only_a_cancellation_says_when() {
        let none = Vec::new;
        assert_eq!(told(|waits, id| waits.gave_up(id, at(20))), (20.0, 1.0, none()), "cancelled");
        assert_eq!(told(|_, _| ()), (30.0, 0.0, none()), "still waits at the last call of the day");
        assert_eq!(told(super::Waits::is_nobodys), (0.0, 0.0, none()), "nobody's ticket");
        let called = |waits: &mut Waits, id| waits.called(id, at(12));
        let missed = |waits: &mut Waits, id| {
            called(waits, id);
            waits.missed(id);
        };
        assert_eq!(told(called), (12.0, 0.0, none()), "in a hand when the day ended");
        assert_eq!(told(missed), (0.0, 0.0, vec![12.0]), "did not come");
        let again = told(|waits, id| {
            missed(waits, id);
            waits.called(id, at(25));
            waits.missed(id);
        });
        assert_eq!(again, (0.0, 0.0, vec![12.0]), "did not come the second time either");
        let later = told(|waits, id| {
            missed(waits, id);
            waits.called(id, at(25));
            waits.came(id);
        });
        assert_eq!(later, (12.0, 0.0, none()), "came when called again");
        let returned = told(|waits, id| {
            missed(waits, id);
            waits.begin(id, "tax".parse().unwrap(), at(15));
            waits.called(id, at(20));
            waits.came(id);
        });
        assert_eq!(returned, (17.0, 0.0, none()), "returned within the grace time");
    }
}
