//! Kiosks and call pads that are pages or simulated people: they ask by MQTT as real ones do.
//!
//! One link carries all of them; each has a session and a sequence of its own, one request under
//! way at a time, and repeats it until its reply comes. Who may press what is decided by the hall,
//! not here.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hall_core::event::{Device, PressId};
use hall_core::plan::Plan;
use hall_core::refusal::Refusal;
use hall_protocol::id::{DeviceId, HallId, ServiceId, WindowId};
use hall_protocol::json::{self, Payload, Version};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{
    Class, KioskAction, KioskOutcome, KioskReply, KioskRequest, Press, PressOutcome, Refused, WindowReply,
};
use hall_protocol::topic::{Channel, Topic};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use super::encoded;
use super::link::{Destination, Incoming, LinkHandle, Message};
use crate::devices::{Devices, NoReply, Pressed, Reply};

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

/// All virtual devices of a hall.
#[derive(Debug)]
pub struct VirtualDevices {
    hall: HallId,
    link: LinkHandle,
    conversations: BTreeMap<Device, Arc<AsyncMutex<Conversation>>>,
    waiting: Arc<Waiting>,
}

impl VirtualDevices {
    /// One device for each kiosk and window of `plan`, all speaking through `link`.
    pub fn new(plan: &Plan, link: LinkHandle) -> Self {
        let kiosks = plan.kiosks().iter().map(|kiosk| Device::Kiosk(kiosk.id));
        let pads = plan.windows().iter().map(|window| Device::Pad(window.id));
        let begin = |device| (device, Arc::new(AsyncMutex::new(Conversation::begin())));
        Self {
            hall: plan.hall(),
            link,
            conversations: kiosks.chain(pads).map(begin).collect(),
            waiting: Arc::default(),
        }
    }

    /// Hand replies to those who wait for them, until the link ends. Gives a future that does not
    /// borrow the devices.
    pub fn listen(&self, mut incoming: mpsc::Receiver<Incoming>) -> impl Future<Output = ()> + use<> {
        let waiting = Arc::clone(&self.waiting);
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

    /// Ask as `device`, in the words `words` makes of session, sequence and age in milliseconds.
    fn ask<Q: Payload + Send, A: Answer>(
        &self,
        device: Device,
        words: impl Fn(u32, u32, u32) -> Q + Send + Sync + 'static,
    ) -> Reply<A> {
        let asked_at = Instant::now();
        let Some(conversation) = self.conversations.get(&device).map(Arc::clone) else {
            return Box::pin(std::future::ready(Err(NoReply::UnknownDevice(device.to_string()))));
        };
        let (hall, link, waiting) = (self.hall, self.link.clone(), Arc::clone(&self.waiting));
        Box::pin(async move {
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
        self.ask(Device::Kiosk(kiosk), move |session, seq, age_ms| KioskRequest {
            v: Version,
            session,
            seq,
            age_ms,
            request: request.clone(),
        })
    }
}

impl Devices for VirtualDevices {
    fn take(&self, kiosk: DeviceId, service: ServiceId, class: Class) -> Reply<KioskReply> {
        self.request(kiosk, KioskAction::Take { service, class, also: [].into_iter().collect() })
    }

    fn give_back(&self, kiosk: DeviceId, number: TicketNumber) -> Reply<KioskReply> {
        self.request(kiosk, KioskAction::Return { number })
    }

    fn press(&self, window: WindowId, pressed: Pressed) -> Reply<WindowReply> {
        self.ask(Device::Pad(window), move |session, seq, age_ms| Press {
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
                expiry: PATIENCE,
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

fn lock(waiting: &Waiting) -> std::sync::MutexGuard<'_, HashMap<Bytes, oneshot::Sender<Bytes>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn age_ms(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}
