//! Presses of call pads on serial lines, on their way to the engine: the same commands as those of a pad
//! on MQTT, with a session of the line's own.
//!
//! One task a line, which hands in one press after another. Its queue is bounded; a press that finds no
//! room is dropped and counted, and one that waited too long is refused by its age.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use hall_core::answer::Answer;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, PressId};
use hall_core::refusal::{Language, Refusal};
use hall_core::view::HallView;
use hall_protocol::id::WindowId;
use hall_protocol::payload::{Key, WindowMode};
use hall_signs::call_pad::{PadEvent, PadKey};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::config::Pad;
use crate::engine::{EngineHandle, Outcome, Submission};
use crate::metrics::Metrics;

/// Presses of one line that wait: more than its clerks have fingers.
const PRESSES_MAX: usize = 16;

/// A key that went down.
#[derive(Debug)]
struct Down {
    pad: Pad,
    key: PadKey,
    at: Instant,
}

/// Where a line's driver reports what its pads did.
#[derive(Debug)]
pub(super) struct PadDesk {
    port: Arc<str>,
    pads: Vec<Pad>,
    presses: mpsc::Sender<Down>,
    metrics: Arc<Metrics>,
}

impl PadDesk {
    /// A desk for these pads, and its task.
    pub(super) fn new(
        port: &Arc<str>,
        pads: Vec<Pad>,
        engine: EngineHandle,
        metrics: &Arc<Metrics>,
        cancel: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let (presses, queue) = mpsc::channel(PRESSES_MAX);
        let desk = Self { port: Arc::clone(port), pads, presses, metrics: Arc::clone(metrics) };
        (desk, hand_in(queue, engine, cancel))
    }

    /// Something happened on the line.
    pub(super) fn heard(&self, event: PadEvent) {
        let port = &self.port;
        match event {
            PadEvent::Pressed { address, key } => {
                let Some(pad) = self.pads.iter().find(|pad| pad.address == address) else { return };
                let down = Down { pad: *pad, key, at: Instant::now() };
                if self.presses.try_send(down).is_err() {
                    self.metrics.count("dropped", "serial_pad_press");
                    warn!(%port, window = %pad.window, ?key, "press dropped: the engine takes none at present");
                }
            }
            PadEvent::Away { address } => {
                self.metrics.count("serial_pad", "away");
                warn!(%port, address, "call pad answers no more: power, address switch, wiring?");
            }
            PadEvent::Unexpected { address, command } => {
                self.metrics.count("serial_pad", "unexpected");
                warn!(
                    %port,
                    address,
                    command,
                    "call pad answers with another command than its polls are answered by, or without the key's byte: compare poll, reply and key_at with its manual"
                );
            }
            PadEvent::Back { address } => info!(%port, address, "call pad answers"),
        }
    }
}

async fn hand_in(mut queue: mpsc::Receiver<Down>, engine: EngineHandle, cancel: CancellationToken) {
    let mut sessions: BTreeMap<WindowId, (u32, u32)> = BTreeMap::new();
    let view = engine.view();
    loop {
        let down = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            down = queue.recv() => match down {
                Some(down) => down,
                None => return,
            },
        };
        let key = key(down.key, &view.borrow(), down.pad.window);
        let session = sessions.entry(down.pad.window).or_insert_with(begin);
        press(&engine, &down, key, session).await;
    }
}

/// A session of this start, which no other device has.
fn begin() -> (u32, u32) {
    (fastrand::u32(..), 0)
}

/// What the key means now: such pads have one key to go away, to come back and to open the window.
fn key(pressed: PadKey, view: &HallView, window: WindowId) -> Key {
    let mode = view.window(window).map(|window| window.mode);
    match (pressed, mode) {
        (PadKey::Next, _) => Key::Next,
        (PadKey::Recall, _) => Key::Recall,
        (PadKey::NoShow, _) => Key::NoShow,
        (PadKey::Finish, _) => Key::Finish,
        (PadKey::Transfer, _) => Key::Transfer,
        (PadKey::Pause, Some(WindowMode::Closed)) => Key::Open,
        (PadKey::Pause, Some(WindowMode::Paused)) => Key::Resume,
        (PadKey::Pause, _) => Key::Pause,
    }
}

async fn press(engine: &EngineHandle, down: &Down, key: Key, session: &mut (u32, u32)) {
    let device = Device::Pad(down.pad.window);
    let details =
        Details { to_service: down.pad.transfer_to.filter(|_| key == Key::Transfer), ..Details::default() };
    for again in [true, false] {
        session.1 += 1;
        let press = PressId { device, session: session.0, seq: session.1 };
        let age_ms = u32::try_from(down.at.elapsed().as_millis()).unwrap_or(u32::MAX);
        let command = Command::Key { press, age_ms, key, ticket: None, reason: None, details };
        let (told, outcome) = oneshot::channel();
        let done = Box::new(|outcome| drop(told.send(outcome)));
        let submission = Submission { command, received: Instant::now(), done };
        if engine.submit(submission).await.is_err() {
            return;
        }
        let refusal = match outcome.await {
            Ok(Outcome::Refused(refusal) | Outcome::Answered(Answer::Refused(refusal))) => refusal,
            Ok(_) => {
                info!(%press, ?key, "press of a serial call pad");
                return;
            }
            Err(_) => return,
        };
        // Another pad of the window has pressed meanwhile: this one begins a session of its own.
        if again && matches!(refusal, Refusal::OutOfOrder) {
            *session = begin();
            continue;
        }
        let why = refusal.sentence(Some(&engine.view().borrow().plan), Language::En);
        info!(%press, ?key, code = refusal.code(), why, "press of a serial call pad was refused");
        return;
    }
}
