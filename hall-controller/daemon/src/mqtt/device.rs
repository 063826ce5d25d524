//! Kiosks and call pads that are pages or simulated people: they ask by MQTT as real ones do.
//!
//! One link carries all of them; each has a session and a sequence of its own, one request under
//! way at a time, and repeats it until its reply comes. Who may press what is decided by the hall,
//! not here. What a kiosk does when the hall does not answer is in `leases`, its memory in `store`.

mod leases;
pub mod store;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hall_core::event::{Device, PressId};
use hall_core::plan::{Kiosk, Plan};
use hall_core::refusal::Refusal;
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{DeviceId, HallId, WindowId};
use hall_protocol::json::{self, Payload, Version};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{
    KioskAction, KioskOutcome, KioskReply, KioskRequest, MATTERS_MAX, Press, PressOutcome, Refused,
    WindowReply,
};
use hall_protocol::topic::{Channel, Topic};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use self::leases::{OwnNumbers, is_answer};
use super::encoded;
use super::link::{Destination, Incoming, LinkHandle, Message};
use crate::clock::Clock;
use crate::devices::{Devices, NoReply, Pressed, Reply, Taken, Wish};

/// A request is repeated after this long without a reply: a lost message costs a citizen a blink.
const REPEAT_AFTER: Duration = Duration::from_millis(700);

/// Then the citizen is told that the system does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a device is in its conversation with the controller.
#[derive(Debug)]
struct Conversation {
    session: u32,
    seq: u32,
}

impl Conversation {
    fn begin() -> Self {
        Self { session: fastrand::u32(..), seq: 0 }
    }
}

/// Who waits for the reply with which correlation data.
type Waiting = Mutex<HashMap<Bytes, oneshot::Sender<Bytes>>>;

/// Session and sequence of a request, once it was sent.
type Sent = Arc<Mutex<Option<(u32, u32)>>>;

/// All virtual devices of a hall.
pub struct VirtualDevices {
    line: Line,
    kiosks: BTreeMap<DeviceId, Arc<OwnNumbers>>,
    cancel: CancellationToken,
}

/// What all of them speak through.
#[derive(Clone)]
struct Line {
    hall: HallId,
    link: LinkHandle,
    conversations: Arc<BTreeMap<Device, AsyncMutex<Conversation>>>,
    waiting: Arc<Waiting>,
}

impl VirtualDevices {
    /// One device for each kiosk and window of `plan`, all speaking through `link`. Kiosks keep what
    /// they lease and print in files below `stores`, and look after it until `cancel`.
    pub fn new(
        plan: &Plan,
        link: LinkHandle,
        clock: &Clock,
        stores: &Path,
        cancel: CancellationToken,
    ) -> Self {
        let kiosks = plan.kiosks().iter().map(|kiosk| Device::Kiosk(kiosk.id));
        let pads = plan.windows().iter().map(|window| Device::Pad(window.id));
        let begin = |device| (device, AsyncMutex::new(Conversation::begin()));
        let conversations = Arc::new(kiosks.chain(pads).map(begin).collect());
        let shared = Arc::new(plan.clone());
        let own = |kiosk: &Kiosk| {
            let path = stores.join(format!("{}.leases", kiosk.id));
            let own = OwnNumbers::new(kiosk.clone(), Arc::clone(&shared), clock.clone(), path);
            (kiosk.id, Arc::new(own))
        };
        Self {
            line: Line { hall: plan.hall(), link, conversations, waiting: Arc::default() },
            kiosks: plan.kiosks().iter().map(own).collect(),
            cancel,
        }
    }

    /// Let those kiosks look after their leases that had some when this process ended.
    pub fn attend_stored(&self) {
        for (kiosk, own) in &self.kiosks {
            if own.has_store() {
                self.attend(*kiosk);
            }
        }
    }

    /// Hand replies to those who wait for them, until the link ends. Gives a future that does not
    /// borrow the devices.
    pub fn listen(&self, mut incoming: mpsc::Receiver<Incoming>) -> impl Future<Output = ()> + use<> {
        let waiting = Arc::clone(&self.line.waiting);
        async move {
            while let Some(Incoming { correlation, payload, ack, .. }) = incoming.recv().await {
                let asked = correlation.and_then(|correlation| lock(&waiting).remove(&correlation));
                if let Some(asked) = asked {
                    // Who asked may have gone.
                    let _ = asked.send(payload);
                }
                ack.ack();
            }
        }
    }
}

impl Line {
    /// Ask as `device`, in the words `words` makes of session, sequence and age in milliseconds.
    fn ask<Q: Payload + Send, A: Answer>(
        &self,
        device: Device,
        words: impl Fn(u32, u32, u32) -> Q + Send + Sync + 'static,
    ) -> Reply<A> {
        let asked_at = Instant::now();
        let Self { hall, link, conversations, waiting } = self.clone();
        Box::pin(async move {
            let unknown = || NoReply::UnknownDevice(device.to_string());
            let conversation = conversations.get(&device).ok_or_else(unknown)?;
            let talk = async {
                let mut conversation = conversation.lock().await;
                let mut again = true;
                loop {
                    conversation.seq += 1;
                    let press = PressId { device, session: conversation.session, seq: conversation.seq };
                    let request = Request { hall, press, link: &link, waiting: &waiting };
                    let answer: A = request.until_answered(asked_at, &words).await?;
                    // Another pad of the same window has pressed meanwhile: this one begins a session
                    // of its own and presses again.
                    let over = |refused: &Refused| *refused.code == *Refusal::OutOfOrder.code();
                    if !(answer.refusal().is_some_and(over) && std::mem::take(&mut again)) {
                        return Ok(answer);
                    }
                    *conversation = Conversation::begin();
                }
            };
            let timed_out = || NoReply::TimedOut { waited_ms: u64::from(age_ms(asked_at)) };
            tokio::time::timeout(PATIENCE, talk).await.unwrap_or_else(|_| Err(timed_out()))
        })
    }

    fn request(&self, kiosk: DeviceId, request: KioskAction) -> Reply<KioskReply> {
        self.noted_request(kiosk, request, Arc::default())
    }

    /// A request whose session and sequence can be told afterwards, also when nobody answers.
    fn noted_request(&self, kiosk: DeviceId, request: KioskAction, sent: Sent) -> Reply<KioskReply> {
        self.ask(Device::Kiosk(kiosk), move |session, seq, age_ms| {
            *lock(&sent) = Some((session, seq));
            KioskRequest { v: Version, session, seq, age_ms, request: request.clone() }
        })
    }
}

impl Devices for VirtualDevices {
    fn take(&self, kiosk: DeviceId, wish: Wish) -> Reply<Taken> {
        self.attend(kiosk);
        let sent = Sent::default();
        let also = wish.also.iter().take(MATTERS_MAX).copied().collect();
        let take = KioskAction::Take { service: wish.service, class: wish.class, also };
        let asked = self.line.noted_request(kiosk, take, Arc::clone(&sent));
        let Some(own) = self.kiosks.get(&kiosk).map(Arc::clone) else {
            return Box::pin(async { Ok(Taken::Answered(Box::new(asked.await?.outcome))) });
        };
        Box::pin(async move {
            if own.is_line_down()
                && let Some(ticket) = own.print(&wish, None).await
            {
                return Ok(Taken::Printed(ticket));
            }
            let reply = asked.await;
            let answered = is_answer(reply.as_ref());
            own.heard(answered);
            // What the hall may have given for it is nobody's: the hand-in says so.
            let unanswered = *lock(&sent);
            if !answered && let Some(ticket) = own.print(&wish, unanswered).await {
                return Ok(Taken::Printed(ticket));
            }
            Ok(Taken::Answered(Box::new(reply?.outcome)))
        })
    }

    fn attend(&self, kiosk: DeviceId) {
        if let Some(own) = self.kiosks.get(&kiosk) {
            Arc::clone(own).tend(self.line.clone(), self.cancel.clone());
        }
    }

    fn check_in(&self, kiosk: DeviceId, code: AppointmentId) -> Reply<KioskReply> {
        self.line.request(kiosk, KioskAction::CheckIn { code })
    }

    fn give_back(&self, kiosk: DeviceId, number: TicketNumber) -> Reply<KioskReply> {
        self.line.request(kiosk, KioskAction::Return { number })
    }

    fn cancel(&self, kiosk: DeviceId, number: TicketNumber) -> Reply<KioskReply> {
        self.line.request(kiosk, KioskAction::Cancel { number })
    }

    fn press(&self, window: WindowId, pressed: Pressed) -> Reply<WindowReply> {
        self.line.ask(Device::Pad(window), move |session, seq, age_ms| Press {
            v: Version,
            session,
            seq,
            age_ms,
            key: pressed.key,
            ticket: pressed.ticket,
            reason: pressed.reason.clone(),
            number: pressed.details.number,
            to_service: pressed.details.to_service,
            to_window: pressed.details.to_window,
            clerk_id: pressed.details.clerk,
            grade: pressed.details.grade,
            class: pressed.details.class,
            outcome: Some(pressed.details.outcome).filter(|outcome| !outcome.is_usual()),
        })
    }
}

/// A reply whose refusal, if it is one, can be looked at.
trait Answer: Payload + Send + 'static {
    fn refusal(&self) -> Option<&Refused>;
}

impl Answer for KioskReply {
    fn refusal(&self) -> Option<&Refused> {
        match &self.outcome {
            KioskOutcome::Refused(refused) => Some(refused),
            KioskOutcome::Ticket(_)
            | KioskOutcome::Cancelled { .. }
            | KioskOutcome::Lease(_)
            | KioskOutcome::HandedIn(_)
            | KioskOutcome::LeaseEnded { .. } => None,
        }
    }
}

impl Answer for WindowReply {
    fn refusal(&self) -> Option<&Refused> {
        match &self.outcome {
            PressOutcome::Refused(refused) => Some(refused),
            PressOutcome::Done { .. } => None,
        }
    }
}

/// One request under way.
struct Request<'a> {
    hall: HallId,
    press: PressId,
    link: &'a LinkHandle,
    waiting: &'a Waiting,
}

impl Request<'_> {
    /// Send it again and again until the reply comes; the caller bounds the time.
    async fn until_answered<Q: Payload, A: Payload>(
        &self,
        asked_at: Instant,
        words: &(impl Fn(u32, u32, u32) -> Q + Sync),
    ) -> Result<A, NoReply> {
        let PressId { device, session, seq } = self.press;
        let (up, down) = match device {
            Device::Kiosk(id) => (Channel::KioskRequest(id), Channel::KioskReply(id)),
            Device::Pad(id) => (Channel::WindowPress(id), Channel::WindowReply(id)),
        };
        let correlation = Bytes::from(self.press.to_string());
        let mut expected = Expected::new(self.waiting, correlation.clone());
        loop {
            let body = words(session, seq, age_ms(asked_at));
            self.link.send(Message {
                to: Destination::Ours(Topic::new(self.hall, up)),
                payload: encoded(&body).map_err(|error| NoReply::Unreadable(error.to_string()))?,
                // Whoever asked has gone by then, or has a ticket of the kiosk's own: it must not be done.
                expiry: PATIENCE.saturating_sub(asked_at.elapsed()),
                correlation: Some(correlation.clone()),
                response_topic: Some(Topic::new(self.hall, down)),
            });
            match tokio::time::timeout(REPEAT_AFTER, &mut expected.reply).await {
                Ok(Ok(reply)) => {
                    return json::decode(&reply).map_err(|error| NoReply::Unreadable(error.to_string()));
                }
                Ok(Err(_)) => return Err(NoReply::TimedOut { waited_ms: u64::from(age_ms(asked_at)) }),
                Err(_) => {}
            }
        }
    }
}

/// A reply that is waited for, no longer than somebody wants it.
struct Expected<'a> {
    waiting: &'a Waiting,
    correlation: Bytes,
    reply: oneshot::Receiver<Bytes>,
}

impl<'a> Expected<'a> {
    fn new(waiting: &'a Waiting, correlation: Bytes) -> Self {
        let (sender, reply) = oneshot::channel();
        lock(waiting).insert(correlation.clone(), sender);
        Self { waiting, correlation, reply }
    }
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        lock(self.waiting).remove(&self.correlation);
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn age_ms(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}
