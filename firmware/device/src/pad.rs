//! The call pad of a window (叫号器): keys down, presses out; what its display and lamp show.
//!
//! Levels of the keys, the link's state, and MQTT messages go in; messages to publish come out, and
//! [`Pad::screen`] is what the display shows, drawn by [`screen::Screen::draw`] on any display that
//! `embedded-graphics` draws on. The board brings the network and MQTT.

pub mod screen;

use hall_protocol::id::{DeviceId, HallId, WindowId};
use hall_protocol::json::{self, Version};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{
    ControllerStatus, DeviceStatus, HandState, Key, Lamp, Press, PressOutcome, Refused, WindowMode,
    WindowReply, WindowState, WindowTicket,
};
use hall_protocol::text::Text;
use hall_protocol::topic::{Channel, DeviceKind, Topic};

use self::screen::{Note, Screen};
use crate::conversation::{Conversation, Memory};
use crate::keys::Keys;
use crate::message::{Controller, Ignored, Publish, correlation};
use crate::mqtt::Device;

/// How long a refusal or a missing answer is shown, unless a key is pressed before.
const SHOWN_MS: u64 = 6_000;

/// An answer usually comes sooner; a display that flickers with each press is worse than none.
const WAIT_SHOWN_AFTER_MS: u64 = 300;

/// What a key of the pad does. Some keys do one of several things, by what the window is doing: a pad with
/// five keys then has all that a clerk needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PadKey {
    /// This.
    Always(Key),
    /// Pause, or resume while paused.
    PauseOrResume,
    /// Close, or open while closed.
    CloseOrOpen,
    /// Open while closed, resume while paused, else pause: for a pad with too few keys to close by.
    OpenPauseOrResume,
    /// Begin to serve who is called; finish who is served.
    StartOrFinish,
}

impl PadKey {
    /// What it means at a window in this state.
    pub fn meaning(self, state: Option<&WindowState>) -> Key {
        let mode = state.map(|state| state.mode);
        let serving =
            state.and_then(|state| state.ticket).is_some_and(|hand| hand.state == HandState::Serving);
        match self {
            Self::Always(key) => key,
            Self::CloseOrOpen | Self::OpenPauseOrResume if mode == Some(WindowMode::Closed) => Key::Open,
            Self::PauseOrResume | Self::OpenPauseOrResume if mode == Some(WindowMode::Paused) => Key::Resume,
            Self::PauseOrResume | Self::OpenPauseOrResume => Key::Pause,
            Self::CloseOrOpen => Key::Close,
            Self::StartOrFinish if serving => Key::Finish,
            Self::StartOrFinish => Key::Start,
        }
    }
}

/// Which window a pad is for, and what its keys do.
#[derive(Debug, Clone)]
pub struct Settings<const KEYS: usize> {
    /// The hall.
    pub hall: HallId,
    /// The window.
    pub window: WindowId,
    /// The keys, the first at bit 0 of the levels.
    pub keys: [PadKey; KEYS],
}

/// What was pressed, and what the display showed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pressed {
    key: Key,
    ticket: Option<TicketNumber>,
}

/// One call pad.
#[derive(Debug)]
pub struct Pad<M, const KEYS: usize> {
    settings: Settings<KEYS>,
    keys: Keys,
    conversation: Conversation<Pressed, M>,
    link_up: bool,
    controller: Controller,
    state: Option<WindowState>,
    /// No state has come since the press under way was asked.
    state_is_older: bool,
    /// What went wrong last, and until when it is shown.
    trouble: Option<(Trouble, u64)>,
}

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is no allocator to put the sentence in a box")]
enum Trouble {
    NoAnswer,
    Refused(Refused),
}

impl<M: Memory, const KEYS: usize> Pad<M, KEYS> {
    /// A pad that has just been switched on, without a link.
    pub fn new(settings: Settings<KEYS>, memory: M, first_session: u32) -> Self {
        Self {
            settings,
            keys: Keys::new(),
            conversation: Conversation::new(memory, first_session),
            link_up: false,
            controller: Controller::Online,
            state: None,
            state_is_older: false,
            trouble: None,
        }
    }

    /// Look at the keys (a set bit: pressed), at least every ten milliseconds.
    pub fn look(&mut self, pressed: u16, now_ms: u64) {
        let went_down = self.keys.look(pressed, now_ms);
        for (bit, key) in self.settings.keys.into_iter().enumerate() {
            if went_down >> bit & 1 == 1 {
                let key = key.meaning(self.state.as_ref());
                let ticket = self.state.as_ref().and_then(|state| state.ticket).map(|hand| hand.number);
                // While one press is under way another would meet a window that nobody has seen yet.
                if self.conversation.ask(Pressed { key, ticket }, now_ms) {
                    self.state_is_older = true;
                    self.trouble = None;
                }
            }
        }
        if self.conversation.give_up(now_ms).is_some() {
            self.trouble = Some((Trouble::NoAnswer, now_ms + SHOWN_MS));
        }
        self.trouble.take_if(|(_, until_ms)| *until_ms <= now_ms);
    }

    fn answered(&mut self, reply: WindowReply, now_ms: u64) -> Result<(), Ignored> {
        let refused = match &reply.outcome {
            PressOutcome::Refused(refused) => Some(refused),
            PressOutcome::Done { .. } => None,
        };
        if !self.conversation.is_answered(reply.session, reply.seq, refused, now_ms)? {
            return Ok(());
        }
        match reply.outcome {
            PressOutcome::Refused(refused) => {
                self.trouble = Some((Trouble::Refused(refused), now_ms + SHOWN_MS));
            }
            PressOutcome::Done { mode, ticket, armed } => {
                // The state's own message follows; until then this is newer. A state that has come since the
                // press may be newer than an answer that came late or again, and no other would follow it.
                if let (Some(state), true) = (&mut self.state, self.state_is_older) {
                    let number = |ticket: Option<WindowTicket>| ticket.map(|ticket| ticket.number);
                    state.why.take_if(|_| number(state.ticket) != number(ticket));
                    (state.mode, state.ticket, state.armed) = (mode, ticket, armed);
                    state.lamp = Lamp::of(mode, ticket.is_some());
                }
            }
        }
        Ok(())
    }

    /// Whether a press is under way: neither answered nor given up.
    pub fn is_asking(&self) -> bool {
        self.conversation.is_asking()
    }

    /// The lamp.
    pub fn lamp(&self) -> Lamp {
        self.state.as_ref().filter(|_| self.is_online()).map_or(Lamp::Off, |state| state.lamp)
    }

    /// What the display shows.
    pub fn screen(&self, now_ms: u64) -> Screen {
        let waits = self.conversation.waits_since_ms();
        let waits = waits.is_some_and(|since_ms| now_ms.saturating_sub(since_ms) >= WAIT_SHOWN_AFTER_MS);
        let note = match &self.trouble {
            Some((Trouble::Refused(refused), _)) => Note::Sentence(refused.clone()),
            _ if self.link_up && self.controller == Controller::OtherVersion => Note::OtherVersion,
            Some((Trouble::NoAnswer, _)) => Note::NoAnswer,
            None if !self.is_online() => Note::Offline,
            None if waits => Note::Wait,
            None => Note::None,
        };
        let mut label = Text::new(self.settings.window.as_str());
        let Some(state) = &self.state else {
            return Screen { label, hand: None, why: None, mode: None, waiting: 0, note };
        };
        label = state.label.clone();
        let why = state.why.clone();
        Screen { label, hand: state.ticket, why, mode: Some(state.mode), waiting: state.waiting, note }
    }

    fn take(&mut self, channel: Channel, payload: &[u8], now_ms: u64) -> Result<(), Ignored> {
        match channel {
            Channel::WindowState(window) if window == self.settings.window => {
                self.state = Some(json::decode(payload)?);
                self.state_is_older = false;
                Ok(())
            }
            Channel::WindowReply(window) if window == self.settings.window => {
                self.answered(json::decode(payload)?, now_ms)
            }
            Channel::ControllerStatus => {
                self.controller = Controller::said(json::decode::<ControllerStatus>(payload)?.online);
                Ok(())
            }
            _ => Err(Ignored::Topic),
        }
    }

    fn is_online(&self) -> bool {
        self.link_up && self.controller == Controller::Online
    }

    fn topic(&self, channel: Channel) -> Topic {
        Topic::new(self.settings.hall, channel)
    }
}

impl<M: Memory, const KEYS: usize> Device for Pad<M, KEYS> {
    fn subscriptions(&self) -> [Topic; 3] {
        let window = self.settings.window;
        [Channel::WindowState(window), Channel::WindowReply(window), Channel::ControllerStatus]
            .map(|channel| self.topic(channel))
    }

    fn status_topic(&self) -> Topic {
        // A window's id is a device's id: both have the same alphabet and length.
        let id = DeviceId::new(self.settings.window.as_str());
        self.topic(id.map_or(Channel::ControllerStatus, |id| Channel::DeviceStatus(DeviceKind::Window, id)))
    }

    fn status(&self, online: bool, firmware: &str) -> DeviceStatus {
        let session = self.conversation.session();
        DeviceStatus { v: Version, online, session, firmware: Text::new(firmware) }
    }

    fn link(&mut self, up: bool, now_ms: u64) {
        self.link_up = up;
        if up {
            self.conversation.hurry(now_ms);
        }
    }

    fn hear(&mut self, topic: &str, payload: &[u8], now_ms: u64) -> Result<(), Ignored> {
        let topic = Topic::parse(topic).map_err(|_| Ignored::Topic)?;
        if topic.hall != self.settings.hall {
            return Err(Ignored::Topic);
        }
        let heard = self.take(topic.channel, payload, now_ms);
        self.controller = self.controller.after(&heard);
        heard
    }

    fn poll_publish<'a>(&mut self, now_ms: u64, buffer: &'a mut [u8]) -> Option<Publish<'a>> {
        if !self.link_up {
            return None;
        }
        let say = self.conversation.say(now_ms)?;
        let expiry_s = say.expiry_s();
        let press = Press {
            v: Version,
            session: say.session,
            seq: say.seq,
            age_ms: say.age_ms,
            key: say.question.key,
            ticket: say.question.ticket,
            reason: None,
            number: None,
            to_service: None,
            to_window: None,
            clerk_id: None,
            outcome: None,
            grade: None,
            class: None,
        };
        let bytes = json::encode(&press, buffer).ok()?;
        Some(Publish {
            topic: self.topic(Channel::WindowPress(self.settings.window)),
            response_topic: self.topic(Channel::WindowReply(self.settings.window)),
            correlation: correlation(say.session, say.seq),
            expiry_s,
            payload: buffer.get(..bytes)?,
        })
    }
}
