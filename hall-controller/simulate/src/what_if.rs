//! What if, from now: the next two hours of a real hall as it stands, with some orders of the manager and
//! without.
//!
//! The hall is a copy; who comes is drawn from what the last hour brought, and how long services take
//! from what the hall has learnt of services and clerks. The same replication brings the same citizens
//! whatever the orders, so that both ways are compared on the same afternoon. Citizens give up as the hall
//! has learnt that they do, and are not called in vain. Windows come back from breaks and pauses when the
//! hall's estimates expect them, but one that the draft pauses or closes stays so. Clerks call whenever they
//! have nobody in hand.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use hall_core::Hall;
use hall_core::answer::Answer;
use hall_core::command::{Command, Details, Order};
use hall_core::event::{Device, Event, PressId, Stamped};
use hall_core::plan::Balance;
use hall_core::refusal::Refusal;
use hall_core::ticket::{TicketId, TicketState};
use hall_core::time::Now;
use hall_core::view::HallView;
use hall_protocol::id::{ClientId, DeviceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, HandState, Key, WindowMode};

use crate::random::{Purpose, Random};

/// How far it looks.
pub const MINUTES: u32 = 120;
/// How much services of one kind differ: as those of the reference scenarios.
const VARIATION: f64 = 0.7;
/// Of a service that has taken longer than it should so much is left.
const LEFT_PART: f64 = 0.3;
/// The copy's devices begin anew, so that no press looks like a repeated one.
const SESSION: u32 = 0x7768_6174;
const MINUTE_MS: f64 = 60_000.0;

/// How one service fares.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fare {
    /// The mean wait of those who wait now or come, in minutes; of those still waiting, so far, of those
    /// who gave up, until then.
    pub mean_wait_minutes: f64,
    /// How many of them there are.
    pub citizens: f64,
    /// How many still wait at the end.
    pub left: f64,
    /// How many gave up.
    pub gave_up: f64,
}

/// Play the next two hours of `hall` from `now` on, with these orders given first. One fare for each
/// service of the plan.
///
/// # Errors
/// The hall's own refusal of an order.
pub fn what_if(
    hall: &Hall,
    now: Now,
    by: ClientId,
    orders: &[Order],
    seed: u64,
    replication: u64,
) -> Result<Vec<Fare>, Refusal> {
    let mut afternoon = Afternoon::begin(hall, now, seed, replication);
    let before: Vec<WindowMode> = afternoon.windows.iter().map(|(_, mode, _)| *mode).collect();
    afternoon.give(&Command::Manage { by, order: Order::SetBalance { balance: Balance::Off } }, 0.0)?;
    for order in orders {
        afternoon.give(&Command::Manage { by, order: order.clone() }, 0.0)?;
    }
    let expected = hall.expects_windows(now);
    for (window, (was, returns)) in before.into_iter().zip(expected).enumerate() {
        // What the draft says of a window goes before what the hall expects.
        if afternoon.windows[window].1 == was {
            for minutes in returns {
                afternoon.plan(minutes * MINUTE_MS, Due::Back(window));
            }
        }
    }
    afternoon.serving = serving(&afternoon.hall);
    afternoon.play();
    Ok(afternoon.fares())
}

/// For each service of the plan the windows that serve it, by their places.
fn serving(hall: &Hall) -> Vec<Vec<usize>> {
    let windows = HallView::of(hall, 0).windows;
    let serves = |service| {
        let those = windows.iter().enumerate().filter(move |(_, window)| window.services.has(service));
        those.map(|(place, _)| place).collect()
    };
    hall.plan().services().iter().map(|service| serves(service.id)).collect()
}

/// Something that will happen, by the place of its service or window in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Ends(usize),
    Back(usize),
    Comes(usize),
    Leaves(TicketId),
    Tick,
}

struct Afternoon {
    hall: Hall,
    begun: Now,
    seed: u64,
    replication: u64,
    /// One for each window: whether it is open, and whether somebody is in hand.
    windows: Vec<(WindowId, WindowMode, bool)>,
    /// One for each service: the windows that serve it, in either tier. Nothing moves them while it is played.
    serving: Vec<Vec<usize>>,
    kiosks: Vec<Option<DeviceId>>,
    /// The mean time after which somebody who waits has gone, in milliseconds; infinite when nobody goes.
    patience_ms: f64,
    /// All who waited at any time.
    waiting: BTreeSet<TicketId>,
    heap: BinaryHeap<Reverse<(u64, u64, Due)>>,
    planned: u64,
    seq: u32,
}

impl Afternoon {
    fn begin(hall: &Hall, now: Now, seed: u64, replication: u64) -> Self {
        let view = HallView::of(hall, 0);
        let plan = hall.plan();
        let windows = view.windows.iter().map(|window| (window.id, window.mode, window.ticket.is_some()));
        let offers = |service| {
            let kiosk = plan
                .kiosks()
                .iter()
                .find(|kiosk| kiosk.services.contains(&service) && kiosk.classes.contains(&Class::Ordinary));
            kiosk.map(|kiosk| kiosk.id)
        };
        let mut afternoon = Self {
            hall: hall.clone().telling_nobody(),
            begun: Now { at: now.at.max(hall.at()), ..now },
            seed,
            replication,
            windows: windows.collect(),
            serving: Vec::new(),
            kiosks: plan.services().iter().map(|service| offers(service.id)).collect(),
            patience_ms: MINUTE_MS / hall.leave_rate(),
            waiting: BTreeSet::new(),
            heap: BinaryHeap::new(),
            planned: 0,
            seq: 0,
        };
        for (place, window) in view.windows.iter().enumerate() {
            let Some(ticket) = window.ticket else { continue };
            let service = plan.service_index(ticket.service).unwrap_or(0);
            // A ticket in hand is known by its number alone; any fixed key will do.
            let key = u64::MAX - place as u64;
            let takes = afternoon.takes_ms(place, service, key);
            let passed = if ticket.state == HandState::Serving {
                let ms = afternoon.begun.at.unix_ms() - ticket.since_ms;
                f64::from(u32::try_from(ms.max(0)).unwrap_or(u32::MAX))
            } else {
                0.0
            };
            afternoon.plan((takes - passed).max(LEFT_PART * takes), Due::Ends(place));
        }
        let hour: Vec<f64> = hall.expects(now.at).iter().map(|expected| expected.per_hour).collect();
        for (place, per_hour) in hour.into_iter().enumerate().filter(|(_, per_hour)| *per_hour > 0.0) {
            let mut random = Random::new(seed, replication, Purpose::Arrivals, place as u64);
            let mut at = random.exponential(3_600_000.0 / per_hour);
            while at < f64::from(MINUTES) * MINUTE_MS {
                afternoon.plan(at, Due::Comes(place));
                at += random.exponential(3_600_000.0 / per_hour);
            }
        }
        for ticket in hall.tickets().filter(|ticket| ticket.state.waits()) {
            afternoon.wait(ticket.id, 0.0);
        }
        (1..=MINUTES).for_each(|minute| afternoon.plan(f64::from(minute) * MINUTE_MS, Due::Tick));
        afternoon
    }

    fn play(&mut self) {
        self.call_idle(0.0);
        while let Some(Reverse((bits, _, due))) = self.heap.pop() {
            let at = f64::from_bits(bits);
            if at > f64::from(MINUTES) * MINUTE_MS {
                return;
            }
            match due {
                Due::Ends(window) => {
                    self.windows[window].2 = false;
                    let next = self.press(window, Key::Next, at);
                    if !next {
                        self.press(window, Key::Finish, at);
                    }
                }
                Due::Back(window) => {
                    let key = match self.windows[window].1 {
                        WindowMode::Open => continue,
                        WindowMode::Paused => Key::Resume,
                        WindowMode::Closed => Key::Open,
                    };
                    self.press(window, key, at);
                    self.call_if_idle(window, at);
                }
                Due::Leaves(ticket) => self.leave(ticket, at),
                Due::Comes(service) => {
                    if self.come(service, at) {
                        self.call_comer(service, at);
                    }
                }
                Due::Tick => {
                    // What a rule does cannot be refused.
                    let _ = self.give(&Command::Tick, at);
                    self.call_idle(at);
                }
            }
        }
    }

    fn plan(&mut self, at: f64, due: Due) {
        // The bits of floats that are not negative are in the order of their values.
        self.heap.push(Reverse((at.max(0.0).to_bits(), self.planned, due)));
        self.planned += 1;
    }

    /// Whether a number was given; who comes while none is goes away again.
    fn come(&mut self, service: usize, at: f64) -> bool {
        let Some(kiosk) = self.kiosks[service] else { return false };
        let press = self.next_press(Device::Kiosk(kiosk));
        let service = self.hall.plan().services()[service].id;
        let take = Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() };
        self.give(&take, at).is_ok()
    }

    /// Somebody waits from `at` on, and has gone at a time that is the same whatever the orders.
    fn wait(&mut self, ticket: TicketId, at: f64) {
        self.waiting.insert(ticket);
        if self.patience_ms.is_finite() {
            let mut random = Random::new(self.seed, self.replication, Purpose::Patience, ticket.get());
            self.plan(at + random.exponential(self.patience_ms), Due::Leaves(ticket));
        }
    }

    /// Who has not been called by now has gone; any pad can say so.
    fn leave(&mut self, ticket: TicketId, at: f64) {
        let Some(number) = self.hall.ticket(ticket).filter(|it| it.state.waits()).map(|it| it.number) else {
            return;
        };
        if !self.windows.is_empty() {
            self.press_for(0, Key::Cancel, Some(number), at);
        }
    }

    fn call_idle(&mut self, at: f64) {
        for window in 0..self.windows.len() {
            self.call_if_idle(window, at);
        }
    }

    /// Somebody has come for the service: only a window that serves it has a call more to make than before.
    fn call_comer(&mut self, service: usize, at: f64) {
        for place in 0..self.serving[service].len() {
            self.call_if_idle(self.serving[service][place], at);
        }
    }

    fn call_if_idle(&mut self, window: usize, at: f64) {
        let (_, mode, busy) = self.windows[window];
        if mode == WindowMode::Open && !busy {
            self.press(window, Key::Next, at);
        }
    }

    /// Whether it was done.
    fn press(&mut self, window: usize, key: Key, at: f64) -> bool {
        self.press_for(window, key, None, at)
    }

    fn press_for(&mut self, window: usize, key: Key, number: Option<TicketNumber>, at: f64) -> bool {
        let press = self.next_press(Device::Pad(self.windows[window].0));
        let details = Details { number, ..Details::default() };
        self.give(&Command::Key { press, age_ms: 0, key, ticket: None, reason: None, details }, at).is_ok()
    }

    fn next_press(&mut self, device: Device) -> PressId {
        self.seq += 1;
        PressId { device, session: SESSION, seq: self.seq }
    }

    /// Decide, apply and follow; what is refused changes nothing.
    fn give(&mut self, command: &Command, at: f64) -> Result<(), Refusal> {
        let decision = self.hall.decide(command, self.now(at))?;
        if let Some(Answer::Refused(why)) = decision.answer {
            return Err(why);
        }
        for stamped in &decision.events {
            self.hall.apply(stamped);
            self.follow(stamped, at);
        }
        Ok(())
    }

    fn now(&self, at: f64) -> Now {
        // At most two hours.
        #[allow(clippy::cast_possible_truncation)]
        let ms = at as i64;
        let minute = i64::from(self.begun.minute) + ms / 60_000;
        let minute = u16::try_from(minute.min(1_439)).unwrap_or(1_439);
        Now { at: self.begun.at.plus_ms(ms), minute, ..self.begun }
    }

    fn follow(&mut self, stamped: &Stamped, at: f64) {
        let place = stamped.event.window().and_then(|window| self.hall.plan().window_index(window));
        match (&stamped.event, place) {
            (Event::Issued { ticket, .. }, _) => self.wait(*ticket, at),
            (Event::Called { ticket, .. }, Some(window)) => {
                self.windows[window].2 = true;
                let service =
                    self.hall.ticket(*ticket).and_then(|it| self.hall.plan().service_index(it.service));
                let takes = self.takes_ms(window, service.unwrap_or(0), ticket.get());
                self.plan(at + takes, Due::Ends(window));
            }
            (Event::WindowOpened { .. } | Event::WindowResumed { .. }, Some(window)) => {
                self.windows[window].1 = WindowMode::Open;
            }
            (Event::WindowPaused { .. }, Some(window)) => self.windows[window].1 = WindowMode::Paused,
            (Event::WindowClosed { .. }, Some(window)) => self.windows[window].1 = WindowMode::Closed,
            _ => {}
        }
    }

    /// How long the service takes at the window, in milliseconds.
    fn takes_ms(&self, window: usize, service: usize, key: u64) -> f64 {
        let mut random = Random::new(self.seed, self.replication, Purpose::Citizen, key);
        let mean = self.hall.service_ms(self.windows[window].0, service);
        random.lognormal(mean, VARIATION)
    }

    fn fares(&self) -> Vec<Fare> {
        let end = self.now(f64::from(MINUTES) * MINUTE_MS).at;
        let mut fares = vec![Fare::default(); self.hall.plan().services().len()];
        for ticket in self.waiting.iter().filter_map(|ticket| self.hall.ticket(*ticket)) {
            let Some(fare) = self.hall.plan().service_index(ticket.service).and_then(|i| fares.get_mut(i))
            else {
                continue;
            };
            let gone = ticket.state == TicketState::Cancelled;
            let called = ticket.called_at.filter(|called| *called >= self.begun.at);
            let until = called.unwrap_or(if gone { ticket.since } else { end });
            // Waits of some hours, in milliseconds: far below what a float counts exactly.
            #[allow(clippy::cast_precision_loss)]
            let waited = until.ms_since(ticket.standing) as f64;
            fare.mean_wait_minutes += waited / MINUTE_MS;
            fare.citizens += 1.0;
            fare.left += f64::from(u8::from(ticket.state.waits()));
            fare.gave_up += f64::from(u8::from(gone));
        }
        for fare in &mut fares {
            fare.mean_wait_minutes /= fare.citizens.max(1.0);
        }
        fares
    }
}
