//! How a kiosk that is a page gets on without the line: it keeps numbers leased, prints from them
//! when the hall does not answer, and hands in what it printed when it does.
//!
//! One task for each kiosk whose page is used, or that has a store of earlier. It owns no state but
//! when to ask again; what must not be lost is in the kiosk's store. A request that got no answer may
//! have been done all the same: the hall then has a ticket nobody holds, which ends as a no-show.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hall_core::plan::{Kiosk, Plan};
use hall_core::refusal::Refusal;
use hall_core::time::{BusinessDay, Now};
use hall_protocol::id::ServiceId;
use hall_protocol::payload::{
    KioskAction, KioskOutcome, KioskReply, MATTERS_MAX, PrintedTicket, UnansweredTake,
};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::store::{KioskStore, Paper, ToEnd, ToHandIn};
use super::{Line, NoReply};
use crate::clock::Clock;
use crate::devices::{OwnTicket, Wish};

/// How often a kiosk looks whether there is something to ask. While the line is down this is also how
/// often it tries, and so how soon the hall hears of its tickets.
const TEND_EVERY: Duration = Duration::from_secs(1);

/// A lease that was refused is asked for again after this long: each refusal is a record in the
/// journal.
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// Leases are given back so long before the day ends: what is printed later could not be served.
const BEFORE_DAY_END: SignedDuration = SignedDuration::from_mins(5);

/// A further lease is asked for when a quarter of one, or less, is left.
const LOW_WATER_PARTS: usize = 4;

/// One kiosk.
pub(super) struct OwnNumbers {
    planned: Kiosk,
    plan: Arc<Plan>,
    clock: Clock,
    path: PathBuf,
    store: Mutex<Option<KioskStore>>,
    /// The hall did not answer lately: print without asking it.
    line_down: AtomicBool,
    tended: AtomicBool,
}

/// What a kiosk has to ask of the hall next.
#[derive(Debug, PartialEq, Eq)]
enum Chore {
    HandIn(ToHandIn),
    End(ToEnd),
    Lease(ServiceId),
}

impl OwnNumbers {
    pub(super) fn new(planned: Kiosk, plan: Arc<Plan>, clock: Clock, path: PathBuf) -> Self {
        let store = Mutex::new(None);
        let (line_down, tended) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { planned, plan, clock, path, store, line_down, tended }
    }

    /// Whether it printed or leased something in an earlier life of this process.
    pub(super) fn has_store(&self) -> bool {
        self.path.exists()
    }

    /// Whether the hall did not answer lately.
    pub(super) fn is_line_down(&self) -> bool {
        self.line_down.load(Ordering::Relaxed)
    }

    pub(super) fn heard(&self, answered: bool) {
        if self.line_down.swap(!answered, Ordering::Relaxed) == answered {
            let kiosk = self.planned.id;
            if answered {
                info!(%kiosk, "the hall answers the kiosk again");
            } else {
                warn!(%kiosk, "the hall does not answer the kiosk; it prints from its lease");
            }
        }
    }

    /// Look after its lease from now on, until `cancel`.
    pub(super) fn tend(self: Arc<Self>, line: Line, cancel: CancellationToken) {
        if self.planned.lease == 0 || self.tended.swap(true, Ordering::Relaxed) {
            return;
        }
        tokio::spawn(async move {
            let mut ask_again = BTreeMap::new();
            let mut tick = tokio::time::interval(TEND_EVERY);
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    biased;
                    () = cancel.cancelled() => return,
                    _ = tick.tick() => {}
                }
                tokio::select! {
                    biased;
                    () = cancel.cancelled() => return,
                    () = self.do_chores(&line, &mut ask_again) => {}
                }
            }
        });
    }

    /// Print the next number for what is wished, if one is leased and all of it is open; because of a take, by
    /// its session and sequence, that was left `unanswered`.
    pub(super) async fn print(
        self: &Arc<Self>,
        wish: &Wish,
        unanswered: Option<(u32, u32)>,
    ) -> Option<OwnTicket> {
        let Wish { service, class, .. } = *wish;
        let of_kiosk = |id: ServiceId| self.plan.service(id).filter(|_| self.planned.services.contains(&id));
        let planned = of_kiosk(service)?;
        let now = self.clock.now();
        let granted =
            self.planned.classes.contains(&class) || self.planned.classes_to_confirm.contains(&class);
        let gives = |id: &ServiceId| of_kiosk(*id).is_some_and(|planned| self.plan.issues_at(planned, now));
        if !granted || !wish.also.iter().chain([&service]).all(gives) {
            return None;
        }
        let printed_at_ms = now.at.unix_ms();
        let wish = wish.clone();
        let printed = self.with(move |store| store.print(&wish, now.day, printed_at_ms, unanswered)).await;
        let number = self.told("print", printed).flatten()?;
        Some(OwnTicket {
            number,
            service,
            name: planned.name.clone(),
            zone: planned.zone,
            issued_at_ms: printed_at_ms,
        })
    }

    async fn do_chores(self: &Arc<Self>, line: &Line, ask_again: &mut BTreeMap<ServiceId, Instant>) {
        loop {
            let now = self.clock.now();
            let ends = self.clock.day_after(BEFORE_DAY_END) != now.day;
            let barred: Vec<ServiceId> =
                ask_again.iter().filter(|(_, at)| Instant::now() < **at).map(|(id, _)| *id).collect();
            let own = Arc::clone(self);
            let chore = self.with(move |store| own.chore(store, now, ends, &barred)).await;
            let Some(Some(chore)) = self.told("look at", chore) else { return };
            if !self.do_chore(line, chore, ask_again).await {
                return;
            }
        }
    }

    /// What to ask next. Leases of services that are closed for the day, and of a day that is over or about
    /// to be, print nothing from now on. Those of a service in its break are kept: numbers given back are
    /// not given again that day, and the kiosk needs some when the break is over.
    fn chore(
        &self,
        store: &mut KioskStore,
        now: Now,
        day_ends: bool,
        barred: &[ServiceId],
    ) -> io::Result<Option<Chore>> {
        let open =
            |id: ServiceId| self.plan.service(id).is_some_and(|planned| self.plan.issues_at(planned, now));
        let closed = |id: ServiceId| {
            !self.plan.service(id).is_some_and(|planned| self.plan.issues_still(planned, now))
        };
        let over = |service, day: BusinessDay| day_ends || day != now.day || closed(service);
        if store.can_stop(over) {
            store.stop(over)?;
        }
        if let Some(printed) = store.to_hand_in() {
            return Ok(Some(Chore::HandIn(printed)));
        }
        while let Some(end) = store.to_end() {
            if end.day == now.day && end.unused > 0 {
                return Ok(Some(Chore::End(end)));
            }
            // Used up: the hall knows. Of another day: the hall has accounted for it.
            store.forget(end.day, end.first)?;
        }
        let low = usize::from(self.planned.lease) / LOW_WATER_PARTS;
        let wanted = self.planned.services.iter().copied().find(|service| {
            !day_ends && open(*service) && !barred.contains(service) && store.free(*service, now.day) <= low
        });
        Ok(wanted.map(Chore::Lease))
    }

    /// Whether to go on with the next.
    async fn do_chore(
        self: &Arc<Self>,
        line: &Line,
        chore: Chore,
        ask_again: &mut BTreeMap<ServiceId, Instant>,
    ) -> bool {
        let request = match &chore {
            Chore::HandIn(ToHandIn { day, tickets }) => {
                let now_ms = self.clock.now().at.unix_ms();
                let printed = |paper: &Paper| {
                    let age_ms = now_ms.saturating_sub(paper.at_ms).max(0);
                    let age_ms = u32::try_from(age_ms).unwrap_or(u32::MAX);
                    let also = paper.also.iter().take(MATTERS_MAX).copied().collect();
                    PrintedTicket { number: paper.number, age_ms, class: paper.class, also }
                };
                let take = |paper: &Paper| {
                    let (session, seq) = paper.unanswered?;
                    Some(UnansweredTake { number: paper.number, session, seq })
                };
                KioskAction::HandIn {
                    day: day.days(),
                    tickets: tickets.iter().map(printed).collect(),
                    unanswered: tickets.iter().filter_map(take).collect(),
                }
            }
            Chore::End(ToEnd { day, first, unused }) => {
                KioskAction::EndLease { day: day.days(), first: *first, unused: *unused }
            }
            Chore::Lease(service) => {
                // Whoever is to have none asks for none.
                let count = NonZeroU16::new(self.planned.lease).unwrap_or(NonZeroU16::MIN);
                KioskAction::Lease { service: *service, count }
            }
        };
        let reply: Result<KioskReply, NoReply> = line.request(self.planned.id, request).await;
        let answered = is_answer(reply.as_ref());
        self.heard(answered);
        let Some(outcome) = reply.ok().map(|reply| reply.outcome).filter(|_| answered) else { return false };
        let kept = match (chore, outcome) {
            (Chore::HandIn(ToHandIn { day, .. }), KioskOutcome::HandedIn(told)) => {
                self.with(move |store| store.handed_in(day, &told)).await
            }
            // Whatever is refused of an end, the lease is over for both sides.
            (Chore::End(end), KioskOutcome::LeaseEnded { .. } | KioskOutcome::Refused(_)) => {
                self.with(move |store| store.forget(end.day, end.first)).await
            }
            (Chore::Lease(_), KioskOutcome::Lease(leased)) => {
                self.with(move |store| store.keep(&leased)).await
            }
            (Chore::Lease(service), KioskOutcome::Refused(refused)) => {
                ask_again.insert(service, Instant::now() + ASK_AGAIN);
                let kiosk = self.planned.id;
                warn!(%kiosk, %service, code = %refused.code, "the kiosk gets no numbers of its own");
                return true;
            }
            (chore, outcome) => {
                warn!(kiosk = %self.planned.id, ?chore, ?outcome, "an answer to another question");
                return false;
            }
        };
        self.told("keep", kept).is_some()
    }

    /// Do something with the store, which blocks on the disk.
    async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut KioskStore) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let own = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let mut store = own.store.lock().unwrap_or_else(PoisonError::into_inner);
            if store.is_none() {
                *store = Some(KioskStore::open(&own.path)?);
            }
            store.as_mut().map_or_else(|| Err(io::ErrorKind::NotFound.into()), act)
        });
        done.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    fn told<T>(&self, what: &'static str, done: io::Result<T>) -> Option<T> {
        done.inspect_err(|error| {
            let (kiosk, path) = (self.planned.id, self.path.display());
            warn!(%kiosk, %path, %error, "the kiosk's store failed: could not {what} its numbers");
        })
        .ok()
    }
}

/// Whether the hall has answered, and could keep what it answered.
pub(super) fn is_answer(reply: Result<&KioskReply, &NoReply>) -> bool {
    match reply {
        Ok(KioskReply { outcome: KioskOutcome::Refused(refused), .. }) => {
            *refused.code != *Refusal::StorageTrouble.code()
        }
        Ok(_) => true,
        Err(why) => !matches!(why, NoReply::TimedOut { .. }),
    }
}

#[cfg(test)]
mod tests;
