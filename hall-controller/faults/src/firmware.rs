//! Devices that run the firmware's own code: what they have in common is flash that outlives a restart, a clock
//! that begins with each start, and a link that carries the payloads of MQTT as a real one does.

pub(crate) mod kiosk;
pub(crate) mod pad;

use std::cell::Cell;
use std::rc::Rc;

use hall_device::conversation::{Kept, Memory, PATIENCE_MS};
use hall_device::message::Ignored;
use hall_device::mqtt::Device;
use hall_protocol::id::HallId;
use hall_protocol::json::{self, Payload};
use hall_protocol::topic::{Channel, Topic as Named};

use crate::history::SECOND_US;
use crate::invariants::{Invariant, violated};
use crate::mutant::Mutant;
use crate::network::{Message, Network, Packet, Press, Publication, Topic, Way};
use crate::random::Usual;
use crate::schedule::{Due, Sim};

/// The longest payload of a device's.
const PAYLOAD_BYTES_MAX: usize = 2 * 1_024;

/// A level of a key counts when it has been the same for twenty milliseconds. A board looks every ten; here it is
/// enough to look when that is over.
const STEADY_US: u64 = 30_000;

/// How long a finger is on a key.
const HELD_US: u64 = 60_000;

/// When the inputs of `device` are looked at because a finger came down on one.
fn look_at_touch(sim: &mut Sim, device: usize) {
    sim.after(STEADY_US, Due::Look { device, lets_go: false });
    sim.after(HELD_US, Due::Look { device, lets_go: true });
    sim.after(HELD_US + STEADY_US, Due::Look { device, lets_go: false });
}

/// What was pressed may be on its way to the controller until so long after the finger came down. The broker
/// counts in whole seconds.
const GOOD_FOR_US: u64 = STEADY_US + PATIENCE_MS * 1_000 + SECOND_US;

/// Flash for a conversation's numbers. It may wear out, and then keeps what it has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flash {
    kept: Rc<Cell<Option<Kept>>>,
    writes_left: Rc<Cell<u32>>,
    /// Defective: what was read from it says only which session, and not how far it went.
    forgets_numbers: bool,
}

impl Flash {
    fn new(sim: &Sim, writes: u32) -> Self {
        let forgets_numbers = sim.is(Mutant::ReusesNumbersAfterReboot);
        Self { kept: Rc::default(), writes_left: Rc::new(Cell::new(writes)), forgets_numbers }
    }

    fn erase(&self) {
        self.kept.set(None);
    }
}

impl Memory for Flash {
    fn load(&mut self) -> Option<Kept> {
        let kept = self.kept.get()?;
        Some(if self.forgets_numbers { Kept { reserved: 0, ..kept } } else { kept })
    }

    fn store(&mut self, kept: Kept) -> bool {
        let Some(left) = self.writes_left.get().checked_sub(1) else { return false };
        self.writes_left.set(left);
        self.kept.set(Some(kept));
        true
    }
}

/// A device with keys or buttons.
trait Keyed: Device {
    /// Look at the levels of its inputs: a set bit is pressed.
    fn look(&mut self, levels: u16, now_ms: u64);
}

/// What a device wants to publish.
struct Said {
    payload: Vec<u8>,
    expires_us: u64,
}

/// A device behind its link to the broker.
struct Linked<D> {
    device: D,
    client: usize,
    hall: HallId,
    started_us: u64,
    /// The connection the broker has accepted.
    live: Option<u32>,
    next_id: u32,
    /// The publication the broker has not acknowledged.
    under_way: Option<u32>,
    /// Defective, its clock stands while there is no link: since when, and how long it stood before.
    stands_since_us: Option<u64>,
    stood_us: u64,
}

impl<D: Keyed> Linked<D> {
    /// The device at place `at`, switched on now: `made` of the session that it begins, by chance, if it has no
    /// memory of one. All its keys are up: one that is held while a device starts does nothing.
    fn switched_on(
        sim: &mut Sim,
        at: usize,
        client: usize,
        hall: HallId,
        made: impl FnOnce(HallId, u32) -> D,
    ) -> Self {
        let session = sim.between(Usual::Session, client, 1, u64::from(u32::MAX));
        let device = made(hall, u32::try_from(session).unwrap_or(1));
        let mut linked = Self::new(sim, device, client, hall);
        linked.device.look(0, 0);
        sim.after(STEADY_US, Due::Look { device: at, lets_go: false });
        linked
    }

    /// It is switched off, and on again.
    fn switch_off_and_on(&mut self, sim: &mut Sim, at: usize, made: impl FnOnce(HallId, u32) -> D) {
        *self = Self::switched_on(sim, at, self.client, self.hall, made);
    }
}

impl<D: Device> Linked<D> {
    fn new(sim: &Sim, device: D, client: usize, hall: HallId) -> Self {
        Self {
            device,
            client,
            hall,
            started_us: sim.passed_us(),
            live: None,
            next_id: 0,
            under_way: None,
            stands_since_us: sim.is(Mutant::StopsClockWithoutLink).then_some(sim.passed_us()),
            stood_us: 0,
        }
    }

    /// Its own time, in milliseconds since its start.
    fn now_ms(&self, sim: &Sim) -> u64 {
        (self.stands_since_us.unwrap_or(sim.passed_us()) - self.started_us - self.stood_us) / 1_000
    }

    /// What it publishes now: one publication at a time.
    fn poll(&mut self, sim: &Sim) -> Option<Said> {
        if self.live.is_none() || self.under_way.is_some() {
            return None;
        }
        let mut buffer = [0; PAYLOAD_BYTES_MAX];
        let publish = self.device.poll_publish(self.now_ms(sim), &mut buffer)?;
        let expires_us = sim.now_us + u64::from(publish.expiry_s) * SECOND_US;
        Some(Said { payload: publish.payload.to_vec(), expires_us })
    }

    fn send(&mut self, sim: &mut Sim, network: &mut Network, press: Press, expires_us: u64) {
        let Some(epoch) = self.live else { return };
        let age_us = sim.now_us - press.pressed_us;
        if age_us > press.good_for_us {
            let what = || format!("{} is said {} ms after the key went down", press.id, age_us / 1_000);
            return sim.check(violated(Invariant::NothingLate, what));
        }
        let (topic, message) = (Topic::Requests, Message::Press(Rc::new(press)));
        let publication = Publication { topic, message, expires_us: Some(expires_us) };
        self.next_id += 1;
        self.under_way = Some(self.next_id);
        network.send(sim, self.client, Way::Up, epoch, Packet::Publish { id: self.next_id, publication });
    }

    /// A packet of the broker's; gives the message for the device.
    fn take(&mut self, sim: &mut Sim, network: &mut Network, epoch: u32, packet: Packet) -> Option<Message> {
        match packet {
            Packet::Accepted => {
                (self.live, self.under_way) = (Some(epoch), None);
                if let Some(since_us) = self.stands_since_us.take() {
                    self.stood_us += sim.passed_us() - since_us;
                }
                self.device.link(true, self.now_ms(sim));
                None
            }
            Packet::PubAck { id } => {
                self.under_way.take_if(|under_way| *under_way == id);
                None
            }
            Packet::Publish { id, publication } => {
                network.send(sim, self.client, Way::Up, epoch, Packet::PubAck { id });
                Some(publication.message)
            }
            Packet::Connect => None,
        }
    }

    /// It hears a payload as the daemon words it. All but a late answer must mean something to it.
    fn hear(&mut self, sim: &mut Sim, channel: Channel, payload: &impl Payload) {
        let topic = Named::new(self.hall, channel).to_string();
        let now_ms = self.now_ms(sim);
        let heard = encoded(payload).and_then(|bytes| match self.device.hear(&topic, &bytes, now_ms) {
            Ok(()) | Err(Ignored::Late) => Ok(()),
            Err(ignored) => Err(format!("{ignored:?}")),
        });
        if let Err(why) = heard {
            let what = || format!("what came at {topic} cannot be read: {why}");
            sim.check(violated(Invariant::EverybodyIsAnswered, what));
        }
    }

    /// The connection is no more.
    fn lost(&mut self, sim: &Sim) {
        self.live = None;
        self.device.link(false, self.now_ms(sim));
        if sim.is(Mutant::StopsClockWithoutLink) {
            self.stands_since_us.get_or_insert(sim.passed_us());
        }
    }
}

fn encoded<P: Payload>(payload: &P) -> Result<Vec<u8>, String> {
    let mut bytes = vec![0; P::BYTES_MAX];
    let length = json::encode(payload, &mut bytes).map_err(|error| error.to_string())?;
    bytes.truncate(length);
    Ok(bytes)
}
