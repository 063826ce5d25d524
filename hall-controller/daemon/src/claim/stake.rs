//! Asking for the hall at the start, before any device is answered.
//!
//! The task owns a link of its own until it knows: it claims the hall at every connection, and the hall is
//! granted when one connection has held for three seconds without an answer and no other installation's note is
//! at the broker; at once, where its own is. Where the broker takes the user name
//! for the client id, as the deployed one does, this link and that of a controller that lives throw each other
//! out; each then finds at its next connection what the other left at the broker. The session that the broker
//! kept for a controller that died is left as it is: nothing but claims is read, and nothing acknowledged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_core::claim::{Asking, Entry, HELD, Settled};
use hall_protocol::json;
use hall_protocol::payload::ControllerClaim;
use hall_protocol::topic::{Channel, Topic};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::info;

use super::{Claimant, SecondController, Verdict};
use crate::mqtt::link::{BROKEN_MAX, Incoming, Link, LinkHandle, LinkOptions, LinkState};

// A controller that was thrown out is back sooner.
const _: () = assert!(BROKEN_MAX.as_millis() < HELD.as_millis());

/// How the question stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stand {
    Asking,
    Granted,
    Refused(SecondController),
    /// It was granted, and this controller ends in good order.
    Released,
}

/// A hall that is asked for, and how the question stands; cheap to clone.
#[derive(Debug, Clone)]
pub struct Stake {
    stand: Arc<watch::Sender<Stand>>,
    /// Ends the question with the last clone.
    _asking: Option<Arc<DropGuard>>,
}

impl Stake {
    /// Granted unasked, at a broker that only just began, in this process.
    pub fn granted() -> Self {
        Self { stand: Arc::new(watch::Sender::new(Stand::Granted)), _asking: None }
    }

    /// Ask by a link made with `options`, which hears the claims and the note, to enter by `entry`.
    pub fn ask(options: LinkOptions, claimant: Arc<Claimant>, entry: Entry) -> Self {
        let stand = Arc::new(watch::Sender::new(Stand::Asking));
        let ended = CancellationToken::new();
        tokio::spawn(asking(options, claimant, entry, Arc::clone(&stand), ended.clone()));
        Self { stand, _asking: Some(Arc::new(ended.drop_guard())) }
    }

    /// Whether the hall may open: it may also while no broker has answered for as long as `patience`, and
    /// then speaks to no device until it is granted.
    ///
    /// # Errors
    /// Who runs it already.
    pub async fn opens(&self, patience: Duration) -> Result<(), SecondController> {
        let mut stand = self.stand.subscribe();
        let settled = stand.wait_for(|stand| *stand != Stand::Asking);
        match tokio::time::timeout(patience, settled).await {
            Ok(Ok(stand)) => match &*stand {
                Stand::Refused(second) => Err(second.clone()),
                Stand::Granted | Stand::Asking | Stand::Released => Ok(()),
            },
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    /// Ready when the hall is granted.
    pub fn is_granted(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stand = self.stand.subscribe();
        async move {
            if stand.wait_for(|stand| *stand == Stand::Granted).await.is_err() {
                // Nobody asks any more: it never is.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Ready when another controller has the hall.
    pub async fn refused(&self) -> SecondController {
        let mut stand = self.stand.subscribe();
        loop {
            if let Stand::Refused(second) = &*stand.borrow_and_update() {
                return second.clone();
            }
            if stand.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// It turned out later that another controller has the hall.
    pub fn refuse(&self, second: SecondController) {
        self.stand.send_replace(Stand::Refused(second));
    }

    /// This controller ends in good order, and needs the hall no more.
    pub fn release(&self) {
        self.stand.send_if_modified(|stand| {
            let held = *stand == Stand::Granted;
            if held {
                *stand = Stand::Released;
            }
            held
        });
    }

    /// Whether it was the hall's, and is no more.
    pub fn is_released(&self) -> bool {
        *self.stand.borrow() == Stand::Released
    }
}

async fn asking(
    options: LinkOptions,
    claimant: Arc<Claimant>,
    entry: Entry,
    stand: Arc<watch::Sender<Stand>>,
    ended: CancellationToken,
) {
    let cancel = CancellationToken::new();
    let (link, handle, incoming) = Link::spawn(options, cancel.clone(), std::future::ready(()));
    let answer = tokio::select! {
        () = ended.cancelled() => None,
        answer = answer(&claimant, entry, &handle, incoming) => Some(answer),
    };
    // Before the hall's own link begins: with the same user name it would be thrown out by this one.
    cancel.cancel();
    link.ended().await;
    if let Some(answer) = answer {
        if answer == Stand::Granted {
            info!(hall = %claimant.hall(), "no other controller runs this hall");
        }
        stand.send_replace(answer);
    }
}

async fn answer(
    claimant: &Arc<Claimant>,
    entry: Entry,
    handle: &LinkHandle,
    mut incoming: mpsc::Receiver<Incoming>,
) -> Stand {
    let mut state = handle.state();
    let hall = claimant.hall();
    let (topic, holder) =
        (Topic::new(hall, Channel::ControllerClaim), Topic::new(hall, Channel::ControllerHolder));
    let claim = |answers| {
        if let Ok(words) = claimant.claim(false, answers, Instant::now()) {
            handle.retain(topic, words);
        }
    };
    let mut asking = Asking::new(entry);
    loop {
        let up = match *state.borrow_and_update() {
            LinkState::Up(since) => Some(since),
            LinkState::Down(_) => None,
        };
        if asking.link(up) {
            claim(None);
        }
        loop {
            let settles_at = asking.settles_at(&claimant.contender());
            let settled = async {
                match settles_at {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // What comes by a connection comes after the word that it is up.
                biased;
                changed = state.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return Stand::Asking,
                },
                Some(message) = incoming.recv() => {
                    if message.topic == Ok(holder) {
                        // What is no note counts as none, like one that was cleared.
                        asking.noted(json::decode::<ControllerClaim>(&message.payload).ok());
                        continue;
                    }
                    if message.topic != Ok(topic) {
                        continue;
                    }
                    match claimant.judge(false, &message.payload, Instant::now()) {
                        Verdict::Nothing => {}
                        Verdict::Answer(_, asked) => claim(Some(asked)),
                        Verdict::ClaimAgain => claim(None),
                        Verdict::Yield(second, _) => return Stand::Refused(second),
                    }
                }
                () = settled => {
                    let stand = settle(claimant, asking.settle(&claimant.contender())).await;
                    if stand == Stand::Granted
                        && let Ok(note) = claimant.note()
                    {
                        // It is at the broker before any device is served.
                        handle.retain(holder, note);
                    }
                    return stand;
                }
            }
        }
    }
}

async fn settle(claimant: &Arc<Claimant>, settled: Settled) -> Stand {
    match settled {
        Settled::Held(note) => Stand::Refused(SecondController::Silent(claimant.owner(&note))),
        Settled::Granted(term) => {
            let claimant = Arc::clone(claimant);
            // Kept before it is said. If the thread panics the hall is not granted.
            match tokio::task::spawn_blocking(move || claimant.enter(term)).await {
                Ok(()) => Stand::Granted,
                Err(_) => Stand::Asking,
            }
        }
    }
}
