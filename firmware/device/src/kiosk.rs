//! A button kiosk (取号机): a button for each service, a ticket printer, no display.
//!
//! Levels of the buttons, the link's state, and MQTT messages go in; requests to publish and bytes for the
//! printer's UART come out. A ticket is printed only once its number is durable: the controller answers
//! after that, and an answer that comes twice is printed once.
//!
//! Deliberately absent: leased numbers (`KioskAction::Lease`). Without an answer it prints that there are no
//! numbers now.

pub mod gb18030;
pub mod receipt;

use hall_protocol::id::{DeviceId, HallId, ServiceId};
use hall_protocol::json::{self, Version};
use hall_protocol::payload::{
    Class, ControllerStatus, DeviceStatus, IssuedTicket, KioskAction, KioskOutcome, KioskReply, KioskRequest,
    Menu, Refused,
};
use hall_protocol::text::Text;
use hall_protocol::topic::{Channel, DeviceKind, Topic};
use heapless::Vec;

use self::receipt::Receipt;
use crate::conversation::{Conversation, Memory};
use crate::keys::Keys;
use crate::message::{Ignored, Publish, correlation};
use crate::mqtt::Device;

/// The most buttons.
pub const BUTTONS_MAX: usize = 16;

/// Which kiosk it is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The hall.
    pub hall: HallId,
    /// The kiosk.
    pub kiosk: DeviceId,
    /// The hall's clock is so many minutes before UTC's: 480 in China.
    pub utc_offset_minutes: i16,
}

/// What is to be printed.
#[derive(Debug, Clone)]
enum Slip {
    Ticket(IssuedTicket),
    Refused(Refused),
    NoTickets,
}

/// One kiosk.
#[derive(Debug)]
pub struct Kiosk<M> {
    settings: Settings,
    keys: Keys,
    conversation: Conversation<ServiceId, M>,
    link_up: bool,
    controller_online: bool,
    /// What each button is for, the first at bit 0 of the levels.
    services: Vec<ServiceId, BUTTONS_MAX>,
    slip: Option<Slip>,
}

impl<M: Memory> Kiosk<M> {
    /// A kiosk that has just been switched on, without a link.
    pub fn new(settings: Settings, memory: M, first_session: u32) -> Self {
        Self {
            settings,
            keys: Keys::new(),
            conversation: Conversation::new(memory, first_session),
            link_up: false,
            controller_online: true,
            services: Vec::new(),
            slip: None,
        }
    }

    /// Look at the buttons (a set bit: pressed), at least every ten milliseconds.
    pub fn look(&mut self, pressed: u16, now_ms: u64) {
        let went_down = self.keys.look(pressed, now_ms);
        for (bit, service) in self.services.iter().enumerate() {
            // One citizen after the other: until the slip is printed the buttons do nothing.
            if went_down >> bit & 1 == 1 && self.slip.is_none() {
                self.conversation.ask(*service, now_ms);
            }
        }
        if self.conversation.give_up(now_ms).is_some() {
            self.slip = Some(Slip::NoTickets);
        }
    }

    /// Whether a lamp that says that tickets can be had should be lit.
    pub fn is_online(&self) -> bool {
        self.link_up && self.controller_online && !self.services.is_empty()
    }

    fn answered(&mut self, reply: KioskReply, now_ms: u64) -> Result<(), Ignored> {
        let refused = match &reply.outcome {
            KioskOutcome::Refused(refused) => Some(refused),
            _ => None,
        };
        if !self.conversation.is_answered(reply.session, reply.seq, refused, now_ms)? {
            return Ok(());
        }
        self.slip = Some(match reply.outcome {
            KioskOutcome::Ticket(ticket) => Slip::Ticket(ticket),
            KioskOutcome::Refused(refused) => Slip::Refused(refused),
            // Answers to what this kiosk never asks: whoever pressed is not left without a word.
            KioskOutcome::Lease(_) | KioskOutcome::HandedIn(_) | KioskOutcome::LeaseEnded { .. } => {
                Slip::NoTickets
            }
        });
        Ok(())
    }

    /// The bytes for the printer, once for each slip.
    pub fn poll_print(&mut self) -> Option<Receipt> {
        Some(match self.slip.take()? {
            Slip::Ticket(ticket) => Receipt::of_ticket(&ticket, self.settings.utc_offset_minutes),
            Slip::Refused(refused) => Receipt::of_sentences(&refused.zh, &refused.en),
            Slip::NoTickets => Receipt::of_sentences(crate::words::NO_TICKETS, crate::words::NO_TICKETS_EN),
        })
    }

    fn topic(&self, channel: Channel) -> Topic {
        Topic::new(self.settings.hall, channel)
    }
}

impl<M: Memory> Device for Kiosk<M> {
    fn subscriptions(&self) -> [Topic; 3] {
        let kiosk = self.settings.kiosk;
        [Channel::KioskMenu(kiosk), Channel::KioskReply(kiosk), Channel::ControllerStatus]
            .map(|channel| self.topic(channel))
    }

    fn status_topic(&self) -> Topic {
        self.topic(Channel::DeviceStatus(DeviceKind::Kiosk, self.settings.kiosk))
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
        match topic.channel {
            Channel::KioskMenu(kiosk) if kiosk == self.settings.kiosk => {
                let menu: Menu = json::decode(payload)?;
                // Services beyond the last button are to be had at another kiosk.
                self.services = menu.services.iter().take(BUTTONS_MAX).map(|line| line.service).collect();
                Ok(())
            }
            Channel::KioskReply(kiosk) if kiosk == self.settings.kiosk => {
                self.answered(json::decode(payload)?, now_ms)
            }
            Channel::ControllerStatus => {
                self.controller_online = json::decode::<ControllerStatus>(payload)?.online;
                Ok(())
            }
            _ => Err(Ignored::Topic),
        }
    }

    fn poll_publish<'a>(&mut self, now_ms: u64, buffer: &'a mut [u8]) -> Option<Publish<'a>> {
        if !self.link_up {
            return None;
        }
        let say = self.conversation.say(now_ms)?;
        let take = KioskAction::Take { service: say.question, class: Class::Ordinary, also: Vec::new() };
        let (session, seq, age_ms) = (say.session, say.seq, say.age_ms);
        let request = KioskRequest { v: Version, session, seq, age_ms, request: take };
        let bytes = json::encode(&request, buffer).ok()?;
        Some(Publish {
            topic: self.topic(Channel::KioskRequest(self.settings.kiosk)),
            response_topic: self.topic(Channel::KioskReply(self.settings.kiosk)),
            correlation: correlation(session, seq),
            payload: buffer.get(..bytes)?,
        })
    }
}
