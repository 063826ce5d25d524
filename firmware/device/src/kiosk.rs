//! A button kiosk (取号机): a button for each service, a ticket printer, no display.
//!
//! Levels of the buttons, the link's state, and MQTT messages go in; requests to publish and bytes for the
//! printer's UART come out. A ticket is printed only once its number is durable: the controller answers
//! after that, and an answer that comes twice is printed once. When the hall does not answer, the kiosk
//! prints a number it has leased before (`leases`), and hands it in later; without one it prints that there
//! are no numbers now.

mod clock;
pub mod gb18030;
mod leases;
pub mod receipt;
mod store;

use core::num::NonZeroU16;

use hall_protocol::id::{DeviceId, HallId, ServiceId};
use hall_protocol::json::{self, Version};
use hall_protocol::local::{DAY_MINUTES, LocalDate, LocalTime};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{
    Class, ControllerStatus, DeviceStatus, IssuedTicket, KioskAction, KioskOutcome, KioskReply, KioskRequest,
    Refused, menu_lines,
};
use hall_protocol::text::Text;
use hall_protocol::topic::{Channel, DeviceKind, Topic};
use heapless::Vec;

use self::clock::HallClock;
use self::leases::{Leases, NUMBERS_MAX};
use self::receipt::Receipt;
pub use self::store::{STORE_BYTES, Store};
use crate::conversation::{Conversation, Memory, PATIENCE_MS};
use crate::keys::Keys;
use crate::message::{Controller, Ignored, Publish, correlation};
use crate::mqtt::Device;

/// The most buttons.
pub const BUTTONS_MAX: usize = 16;

/// How often it looks whether it has something to ask by itself; so soon the hall hears of its tickets.
const TEND_EVERY_MS: u64 = 1_000;

/// A lease that was refused is asked for again after this long: each refusal is a record in the journal.
const LEASE_AGAIN_MS: u64 = 60_000;

/// Leases are given back so long before the day ends: what is printed later could not be served.
const BEFORE_DAY_END_MINUTES: u16 = 5;

/// Codes of refusals: the hall cannot keep anything now; its plan gives this kiosk no numbers.
const STORAGE_TROUBLE: &str = "storage_trouble";
const NO_LEASE: &str = "no_lease";

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
    Own { number: TicketNumber, zh: Text<48>, en: Text<48>, printed_at_ms: i64 },
    Refused(Refused),
    NoTickets,
}

/// What a button is for.
#[derive(Debug, Clone)]
struct Button {
    service: ServiceId,
    zh: Text<48>,
    en: Text<48>,
    /// Whether tickets can be taken, and until when by the hall's wall clock.
    open: bool,
    until: Option<LocalTime>,
    /// No lease is asked for before.
    lease_again_ms: u64,
}

impl Button {
    fn is_open(&self, wall: LocalTime) -> bool {
        self.open && self.until.is_none_or(|until| wall < until)
    }
}

/// One kiosk.
#[derive(Debug)]
pub struct Kiosk<M, S> {
    settings: Settings,
    keys: Keys,
    conversation: Conversation<KioskAction, M>,
    link_up: bool,
    controller: Controller,
    /// The hall did not answer lately, whatever the link does.
    unanswered: bool,
    clock: HallClock,
    /// The first at bit 0 of the levels.
    buttons: Vec<Button, BUTTONS_MAX>,
    leases: Leases<S>,
    tend_ms: u64,
    /// Whose turn it is, and when the button was pressed.
    citizen: Option<(ServiceId, u64)>,
    slip: Option<Slip>,
}

impl<M: Memory, S: Store> Kiosk<M, S> {
    /// A kiosk that has just been switched on, without a link. `store` keeps its leases.
    pub fn new(settings: Settings, memory: M, store: S, first_session: u32) -> Self {
        Self {
            settings,
            keys: Keys::new(),
            conversation: Conversation::new(memory, first_session),
            link_up: false,
            controller: Controller::Online,
            unanswered: false,
            clock: HallClock::default(),
            buttons: Vec::new(),
            leases: Leases::load(store),
            tend_ms: 0,
            citizen: None,
            slip: None,
        }
    }

    /// Look at the buttons (a set bit: pressed), at least every ten milliseconds.
    pub fn look(&mut self, pressed: u16, now_ms: u64) {
        let went_down = self.keys.look(pressed, now_ms);
        let down = self.buttons.iter().enumerate().find(|(bit, _)| went_down >> bit & 1 == 1);
        // One citizen after the other: until the slip is printed the buttons do nothing.
        if let (Some((_, button)), false) = (down, self.is_busy()) {
            self.citizen = Some((button.service, now_ms));
        }
        if let Some(given_up) = self.conversation.give_up(now_ms) {
            self.not_answered(&given_up, Some(self.conversation.last()), now_ms);
        }
        if let Some((service, pressed_ms)) = self.citizen {
            self.serve(service, pressed_ms, now_ms);
        }
        if self.tend_ms <= now_ms {
            self.tend_ms = now_ms + TEND_EVERY_MS;
            self.tend(now_ms);
        }
    }

    /// Whether a citizen waits for a slip, so that the buttons do nothing.
    pub fn is_busy(&self) -> bool {
        let takes = matches!(self.conversation.question(), Some(KioskAction::Take { .. }));
        takes || self.citizen.is_some() || self.slip.is_some()
    }

    /// Whether a lamp that says that the hall gives tickets should be lit.
    pub fn is_online(&self) -> bool {
        self.link_up && self.controller == Controller::Online && !self.buttons.is_empty()
    }

    /// A citizen's turn: by the hall, or without it. While the kiosk asks something by itself the citizen
    /// waits, not longer than for an answer.
    fn serve(&mut self, service: ServiceId, pressed_ms: u64, now_ms: u64) {
        if (self.unanswered || !self.is_online()) && self.prints(service, None, now_ms) {
            self.citizen = None;
            return;
        }
        let take = KioskAction::Take { service, class: Class::Ordinary, also: Vec::new() };
        if self.conversation.ask(take, pressed_ms) {
            self.citizen = None;
        } else if now_ms.saturating_sub(pressed_ms) >= PATIENCE_MS {
            self.citizen = None;
            self.slip = Some(Slip::NoTickets);
        }
    }

    /// Print a number of its own, if it has one and the service gives numbers now.
    fn prints(&mut self, service: ServiceId, unanswered: Option<(u32, u32)>, now_ms: u64) -> bool {
        let Some((wall, unix_ms)) = self.now(now_ms) else { return false };
        let button = self.buttons.iter().find(|button| button.service == service && button.is_open(wall));
        let Some(button) = button.filter(|_| !day_ends(wall)) else { return false };
        let Some(number) = self.leases.print(service, wall.date(), unix_ms) else { return false };
        let (zh, en) = (button.zh.clone(), button.en.clone());
        if let Some(take) = unanswered {
            self.leases.note_unanswered(number, take);
        }
        self.slip = Some(Slip::Own { number, zh, en, printed_at_ms: unix_ms });
        true
    }

    /// The hall's wall clock and its time, once they are known.
    fn now(&self, now_ms: u64) -> Option<(LocalTime, i64)> {
        let wall = self.clock.wall(now_ms, self.settings.utc_offset_minutes)?;
        Some((wall, self.clock.unix_ms(now_ms)?))
    }

    /// The hall does not answer, or cannot keep what it would. What it may have given for a take that it did
    /// not answer is nobody's.
    fn not_answered(&mut self, asked: &KioskAction, unanswered: Option<(u32, u32)>, now_ms: u64) {
        self.unanswered = true;
        if let KioskAction::Take { service, .. } = asked
            && !self.prints(*service, unanswered, now_ms)
        {
            self.slip = Some(Slip::NoTickets);
        }
    }

    /// Ask by itself, if there is something to ask and nobody waits.
    fn tend(&mut self, now_ms: u64) {
        let Some((wall, unix_ms)) = self.now(now_ms).filter(|_| self.is_online()) else { return };
        if self.conversation.is_asking() || self.citizen.is_some() {
            return;
        }
        let (today, ends) = (wall.date(), day_ends(wall));
        let buttons = &self.buttons;
        let is_open = |service: ServiceId| {
            buttons.iter().any(|button| button.service == service && button.is_open(wall))
        };
        self.leases.stop(|service, day| ends || day != today || !is_open(service));
        let tell = self.leases.next_to_tell(today, unix_ms);
        let chore = tell.or_else(|| {
            let wants = |button: &&Button| {
                let may = !ends && button.is_open(wall) && button.lease_again_ms <= now_ms;
                may && self.leases.wants(button.service, today)
            };
            let service = self.buttons.iter().find(wants)?.service;
            let count = u16::try_from(NUMBERS_MAX).ok().and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MAX);
            Some(KioskAction::Lease { service, count })
        });
        if let Some(chore) = chore {
            self.conversation.ask(chore, now_ms);
        }
    }

    fn answered(&mut self, reply: KioskReply, now_ms: u64) -> Result<(), Ignored> {
        let refused = match &reply.outcome {
            KioskOutcome::Refused(refused) => Some(refused),
            _ => None,
        };
        let asked = self.conversation.question().cloned();
        if !self.conversation.is_answered(reply.session, reply.seq, refused, now_ms)? {
            return Ok(());
        }
        let Some(asked) = asked else { return Ok(()) };
        if refused.is_some_and(|refused| &*refused.code == STORAGE_TROUBLE) {
            self.not_answered(&asked, None, now_ms);
            return Ok(());
        }
        self.unanswered = false;
        // There may be more to ask.
        self.tend_ms = now_ms;
        match (asked, reply.outcome) {
            (KioskAction::Take { .. }, KioskOutcome::Ticket(ticket)) => {
                self.clock.heard(ticket.issued_at_ms, now_ms);
                self.slip = Some(Slip::Ticket(ticket));
            }
            (KioskAction::Take { .. }, KioskOutcome::Refused(refused)) => {
                self.slip = Some(Slip::Refused(refused));
            }
            // An answer to another question: whoever pressed is not left without a word.
            (KioskAction::Take { .. }, _) => self.slip = Some(Slip::NoTickets),
            (KioskAction::Lease { service, .. }, KioskOutcome::Refused(refused)) => {
                let never = &*refused.code == NO_LEASE;
                self.bar(
                    |other| never || other == service,
                    if never { u64::MAX } else { now_ms + LEASE_AGAIN_MS },
                );
            }
            (KioskAction::Lease { service, .. }, KioskOutcome::Lease(leased)) => {
                if !self.leases.keep(&leased) {
                    self.bar(|other| other == service, now_ms + LEASE_AGAIN_MS);
                }
            }
            (asked, outcome) => {
                // What could not be kept is asked again, but not at once.
                if !self.is_told(&asked, &outcome) {
                    self.tend_ms = now_ms + TEND_EVERY_MS;
                }
            }
        }
        Ok(())
    }

    /// The hall has answered what it was told of a lease; whether that is kept.
    fn is_told(&mut self, asked: &KioskAction, outcome: &KioskOutcome) -> bool {
        match (asked, outcome) {
            (KioskAction::HandIn { day, .. }, KioskOutcome::HandedIn(told)) => {
                self.leases.told(LocalDate::from_days(*day), told)
            }
            // Whatever is refused of an end, the lease is over for both sides.
            (
                KioskAction::EndLease { day, first, .. },
                KioskOutcome::LeaseEnded { .. } | KioskOutcome::Refused(_),
            ) => self.leases.forget(LocalDate::from_days(*day), *first),
            _ => false,
        }
    }

    /// Ask for no lease of these services before.
    fn bar(&mut self, services: impl Fn(ServiceId) -> bool, until_ms: u64) {
        for button in self.buttons.iter_mut().filter(|button| services(button.service)) {
            button.lease_again_ms = until_ms;
        }
    }

    fn offered(&mut self, menu: &[u8], now_ms: u64) -> Result<(), Ignored> {
        let mut buttons = Vec::new();
        let at_ms = menu_lines(menu, |line| {
            let before = self.buttons.iter().find(|button| button.service == line.service);
            // Services beyond the last button are to be had at another kiosk.
            let _ = buttons.push(Button {
                service: line.service,
                lease_again_ms: before.map_or(0, |button| button.lease_again_ms),
                zh: line.zh,
                en: line.en,
                open: line.open,
                until: line.until,
            });
        })?;
        self.clock.heard(at_ms, now_ms);
        self.buttons = buttons;
        Ok(())
    }

    fn take(&mut self, channel: Channel, payload: &[u8], now_ms: u64) -> Result<(), Ignored> {
        match channel {
            Channel::KioskMenu(kiosk) if kiosk == self.settings.kiosk => self.offered(payload, now_ms),
            Channel::KioskReply(kiosk) if kiosk == self.settings.kiosk => {
                self.answered(json::decode(payload)?, now_ms)
            }
            Channel::ControllerStatus => {
                let status = json::decode::<ControllerStatus>(payload)?;
                self.clock.heard(status.at_ms, now_ms);
                self.controller = Controller::said(status.online);
                Ok(())
            }
            _ => Err(Ignored::Topic),
        }
    }

    /// The bytes for the printer, once for each slip.
    pub fn poll_print(&mut self) -> Option<Receipt> {
        let utc_offset_minutes = self.settings.utc_offset_minutes;
        Some(match self.slip.take()? {
            Slip::Ticket(ticket) => Receipt::of_ticket(&ticket, utc_offset_minutes),
            Slip::Own { number, zh, en, printed_at_ms } => {
                Receipt::of_own_number(number, [&zh, &en], printed_at_ms, utc_offset_minutes)
            }
            Slip::Refused(refused) => Receipt::of_sentences(&refused.zh, &refused.en),
            Slip::NoTickets => Receipt::of_sentences(crate::words::NO_TICKETS, crate::words::NO_TICKETS_EN),
        })
    }

    fn topic(&self, channel: Channel) -> Topic {
        Topic::new(self.settings.hall, channel)
    }
}

/// Whether the day is about to end. Halls whose business day begins later than midnight are closed by then.
fn day_ends(wall: LocalTime) -> bool {
    wall.minute() >= DAY_MINUTES - BEFORE_DAY_END_MINUTES
}

impl<M: Memory, S: Store> Device for Kiosk<M, S> {
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
            self.unanswered = false;
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
        let (session, seq, age_ms) = (say.session, say.seq, say.age_ms);
        let request = KioskRequest { v: Version, session, seq, age_ms, request: say.question };
        let bytes = json::encode(&request, buffer).ok()?;
        Some(Publish {
            topic: self.topic(Channel::KioskRequest(self.settings.kiosk)),
            response_topic: self.topic(Channel::KioskReply(self.settings.kiosk)),
            correlation: correlation(session, seq),
            expiry_s,
            payload: buffer.get(..bytes)?,
        })
    }
}
