//! Who is next at a window.
//!
//! The windows' services are looked at by their heads only: O(services of the window) for a call,
//! each O(log n) in those who wait. Which policy holds is in [`crate::plan::Policy::routing`]; each
//! has a file of its own, which states its bound on waiting; services of a group may go by another
//! ([`groups`]). What is weighed at all is the same for all of them: the tiers come first
//! (`Hall::callable`). Floats are used to decide, never to replay: what was decided is in the journal.

mod accumulating;
mod fcfs;
mod groups;
mod priority;
mod service_level;

use hall_protocol::id::{ServiceId, WindowId};
use serde::{Deserialize, Serialize};

pub(crate) use self::service_level::precedence;
use crate::decide::{Joining, appointment_turn};
use crate::event::{CallReason, Services};
use crate::hall::Hall;
use crate::plan::Routing;
use crate::queue::{Place, Queue};
use crate::ticket::Ticket;
use crate::time::HallTime;

/// What a window serves, first and second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Served<'a> {
    pub(crate) primary: &'a [ServiceId],
    pub(crate) backup: &'a [ServiceId],
}

/// Whether a service is the window's own or a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Tier {
    Primary,
    Backup,
}

impl<'a> From<&'a Services> for Served<'a> {
    fn from(services: &'a Services) -> Self {
        Self { primary: &services.primary, backup: &services.backup }
    }
}

impl<'a> Served<'a> {
    pub(crate) fn is(self, services: &Services) -> bool {
        self.primary == services.primary && self.backup == services.backup
    }

    /// The same, to keep.
    pub(crate) fn owned(self) -> Services {
        Services { primary: self.primary.to_vec(), backup: self.backup.to_vec() }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = (Tier, ServiceId)> + 'a {
        let primary = self.primary.iter().map(|service| (Tier::Primary, *service));
        primary.chain(self.backup.iter().map(|service| (Tier::Backup, *service)))
    }
}

/// Those who wait for one of a window's services.
#[derive(Debug, Clone, Copy)]
struct Head {
    /// The service's place in the plan.
    index: usize,
    tier: Tier,
    /// Who has waited longest.
    first: Place,
    /// Who has waited longest of the priority classes.
    first_priority: Option<Place>,
    /// An appointment that may pass those who wait longer.
    promised: Option<Place>,
    /// The first is an appointment whose slot is still to come.
    early: bool,
    /// How many wait.
    waiting: u32,
}

impl Head {
    /// The only one who waits for the service at `index`, of no priority.
    const fn alone(index: usize, first: Place) -> Self {
        let (tier, waiting) = (Tier::Backup, 1);
        Self { index, tier, first, first_priority: None, promised: None, early: false, waiting }
    }
}

/// Whom a policy calls.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    place: Place,
    why: CallReason,
}

impl Hall {
    /// What the window serves now: of what it was given, what its clerk can do.
    pub(crate) fn allocation(&self, window: WindowId) -> Served<'_> {
        let served = self.plan.window_index(window).and_then(|index| self.coverage.served(index));
        served.map_or(Served { primary: &[], backup: &[] }, Served::from)
    }

    /// Who is next at `window` if it served these. `joining` waits too.
    pub(crate) fn route(
        &self,
        window: WindowId,
        served: Served<'_>,
        joining: Option<Joining>,
        at: HallTime,
    ) -> Option<(&Ticket, CallReason)> {
        let sent = self.plan.window_index(window).and_then(|index| self.window_queues.get(index));
        let sent = sent.and_then(Queue::first);
        let heads: Vec<Head> =
            served.iter().filter_map(|(tier, service)| self.head(tier, service, joining, at)).collect();
        let all = without_early(sent, heads);
        let mut heads = all.clone();
        heads.retain(|head| {
            let weighed = self.routing_of(head.index) == Routing::ServiceLevel;
            !(weighed && service_level::kept_free(self, window, head, at))
        });
        let heads = self.callable(sent, heads, at);
        if let Some((place, why)) = self.promised(sent, &heads) {
            return Some((self.tickets.get(place.1)?, why));
        }
        let choice = self.by_backup(self.choose(window, sent, &heads, at)?, sent, &heads, at);
        let Choice { place, why } = counted(choice, &all);
        let ticket = self.tickets.get(place.1)?;
        Some((ticket, appointment_turn::reason(ticket, false).unwrap_or(why)))
    }

    /// The choice of one policy over services that all go by it.
    fn choose_by(
        &self,
        routing: Routing,
        window: WindowId,
        sent: Option<Place>,
        heads: &[Head],
        at: HallTime,
    ) -> Option<Choice> {
        match routing {
            Routing::Fcfs => fcfs::choose(sent, heads),
            Routing::Accumulating => accumulating::choose(self, sent, heads, at),
            Routing::Priority => priority::choose(self, sent, heads),
            Routing::ServiceLevel => service_level::choose(self, window, sent, heads, at),
        }
    }

    /// An appointment whose slot has come goes before what any policy would choose, by the rule of
    /// [`appointment_turn`].
    fn promised(&self, sent: Option<Place>, heads: &[Head]) -> Option<(Place, CallReason)> {
        let place = heads.iter().filter_map(|head| head.promised).min()?;
        let oldest = heads.iter().map(|head| head.first).chain(sent).min()?;
        let why = appointment_turn::reason(self.tickets.get(place.1)?, place != oldest)?;
        Some((place, why))
    }

    /// A deferred ticket counts while nobody else waits for its service.
    fn head(&self, tier: Tier, service: ServiceId, joining: Option<Joining>, at: HallTime) -> Option<Head> {
        let index = self.plan.service_index(service)?;
        let queue = self.queues.get(index)?;
        let joining = joining.filter(|joining| joining.service == service);
        let turn = self.appointments_turn(index, at);
        let waiting = earlier(earlier(queue.first(), joining.map(|joining| joining.place)), turn.due);
        let first = waiting.or(turn.early).or_else(|| self.first_deferred(index))?;
        let joins = joining.filter(|joining| joining.class.is_priority()).map(|joining| joining.place);
        Some(Head {
            index,
            tier,
            first,
            first_priority: earlier(queue.first_priority(), joins),
            promised: turn.passing(),
            early: turn.early == Some(first),
            waiting: self.waiting_at_index(index) + u32::from(joining.is_some()),
        })
    }

    /// The tiers, whatever the policy: the primary services that people wait for, and with them each backup
    /// service that is over its target; all backup services when nobody waits for a primary one, or for
    /// this window alone.
    ///
    /// Who has waited for the starvation time counts as over target: a policy's bound holds in either tier.
    fn callable(&self, sent: Option<Place>, mut heads: Vec<Head>, at: HallTime) -> Vec<Head> {
        if sent.is_some() || heads.iter().any(|head| head.tier == Tier::Primary) {
            heads.retain(|head| head.tier == Tier::Primary || self.is_late(head, at));
        }
        heads
    }

    fn is_late(&self, head: &Head, at: HallTime) -> bool {
        self.over_ms(head.index, head.first, at) > 0 || at.ms_since(head.first.0) >= starves_ms(self)
    }

    /// How long the ticket is over the target of the service at `index`; negative while it is not.
    fn over_ms(&self, index: usize, place: Place, at: HallTime) -> i64 {
        let target = self.plan.services().get(index).map_or(0, |service| i64::from(service.target_minutes));
        at.unix_ms() - place.0.unix_ms() - target * 60_000
    }

    /// Of a backup service the reason says so: nobody waits for the window's own, or it is over target.
    fn by_backup(&self, choice: Choice, sent: Option<Place>, heads: &[Head], at: HallTime) -> Choice {
        let backup = heads.iter().find(|head| head.tier == Tier::Backup && head.first == choice.place);
        let (CallReason::Oldest { .. } | CallReason::Target { .. }, Some(head)) = (&choice.why, backup)
        else {
            return choice;
        };
        let over_ms = self.over_ms(head.index, head.first, at);
        let own = sent.is_some() || heads.iter().any(|head| head.tier == Tier::Primary);
        // Who has waited for the starvation time needs neither.
        if own && over_ms <= 0 {
            return choice;
        }
        Choice { why: CallReason::Backup { over_minutes: minutes(over_ms) }, ..choice }
    }

    /// At which of these armed windows a ticket that begins to wait for the service is called: the one
    /// armed first, or by service level the one where it costs least. One that is `patient` is not called
    /// by windows kept free from it, nor before those who wait because of that.
    pub(crate) fn best_armed<P>(
        &self,
        service: ServiceId,
        patient: Option<Place>,
        mut armed: impl Iterator<Item = (WindowId, P)>,
        at: HallTime,
    ) -> Option<(WindowId, P)> {
        let index = self.plan.service_index(service)?;
        if self.routing_of(index) != Routing::ServiceLevel {
            return armed.next();
        }
        let alone = patient.map(|place| Head::alone(index, place));
        if alone.is_some() && self.rare_windows > 0 && self.waiting_at_index(index) > 0 {
            return None;
        }
        let is_kept = |window| alone.is_some_and(|head| service_level::kept_free(self, window, &head, at));
        let armed = armed.filter(|(window, _)| !is_kept(*window));
        let costs = armed.map(|(window, press)| (service_level::cost(self, window, index), window, press));
        let best = costs.reduce(|best, other| if other.0 < best.0 { other } else { best })?;
        Some((best.1, best.2))
    }
}

/// The reason counts the window's services that had somebody waiting, whatever their policy and their tier;
/// of the oldest those it was the oldest of.
fn counted(Choice { place, mut why }: Choice, all: &[Head]) -> Choice {
    match &mut why {
        CallReason::Oldest { services } => {
            *services = count(all.iter().filter(|head| head.first >= place));
        }
        CallReason::Credit { services, .. } | CallReason::Target { services, .. } => {
            *services = count(all.iter());
        }
        _ => {}
    }
    Choice { place, why }
}

/// An appointment whose slot is still to come is called while nobody else can be.
fn without_early(sent: Option<Place>, mut heads: Vec<Head>) -> Vec<Head> {
    if sent.is_some() || heads.iter().any(|head| !head.early) {
        heads.retain(|head| !head.early);
    }
    heads
}

/// Who has waited so long is called before all who have not.
fn starves_ms(hall: &Hall) -> u64 {
    u64::from(hall.plan.policy().starvation_minutes) * 60_000
}

/// Whichever of two places comes first.
fn earlier(one: Option<Place>, other: Option<Place>) -> Option<Place> {
    one.into_iter().chain(other).min()
}

/// Whole minutes, rounded down: 5 minutes over are not 6.
fn minutes(ms: i64) -> i32 {
    i32::try_from(ms.div_euclid(60_000)).unwrap_or(i32::MAX)
}

/// How many services these are.
fn count<'a>(heads: impl Iterator<Item = &'a Head>) -> u16 {
    u16::try_from(heads.count()).unwrap_or(u16::MAX)
}
