//! One half-duplex line on which signs and call pads hang together: whose turn it is.
//!
//! The [`Bus`] and the [`PadPoller`] each ask one thing at a time; this sees that only one of them does,
//! and that they take turns: a key is found within one request of a sign, and a sign waits for no more
//! than one poll. Without I/O, as both of them.

use std::time::{Duration, Instant};

use crate::bus::{Bus, Noise};
use crate::call_pad::{PadEvent, PadPoller};

/// A line.
#[derive(Debug)]
pub struct SharedLine {
    bus: Bus,
    pads: Option<PadPoller>,
    /// Whose turn it is, if both want to say something.
    pads_first: bool,
    up: bool,
    /// A pad has just answered: the line rests until then.
    rests_until: Instant,
}

/// Between a pad's answer and the next request: its transmitter has to let the line go.
const AFTER_PAD: Duration = Duration::from_millis(5);

impl SharedLine {
    /// A line with these signs, and pads if there are some; the link is down.
    pub fn new(bus: Bus, pads: Option<PadPoller>, now: Instant) -> Self {
        Self { bus, pads, pads_first: false, up: false, rests_until: now }
    }

    /// The signs.
    pub fn signs(&self) -> &Bus {
        &self.bus
    }

    /// The signs, to show them something or ask how they are.
    pub fn signs_mut(&mut self) -> &mut Bus {
        &mut self.bus
    }

    /// The port is open.
    pub fn link_up(&mut self, now: Instant) {
        self.up = true;
        self.bus.link_up(now);
        self.pads.iter_mut().for_each(|pads| pads.start_over(now));
    }

    /// The port is closed: nothing is sent or awaited.
    pub fn link_down(&mut self, now: Instant) {
        self.up = false;
        self.bus.link_down(now);
        self.pads.iter_mut().for_each(|pads| pads.start_over(now));
    }

    /// Bytes to send now, if any.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        let pad_is_asked = self.pads.as_ref().is_some_and(PadPoller::is_waiting);
        if !self.up || pad_is_asked || now < self.rests_until {
            return None;
        }
        if self.bus.is_waiting() || now < self.bus.rests_until() {
            return self.bus.poll_transmit(now);
        }
        for from_pads in [self.pads_first, !self.pads_first] {
            let sent = if from_pads {
                self.pads.as_mut().and_then(|pads| pads.poll_transmit(now))
            } else {
                self.bus.poll_transmit(now)
            };
            if sent.is_some() {
                self.pads_first = !from_pads;
                return sent;
            }
        }
        None
    }

    /// Bytes have come in, in any portions.
    pub fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        match self.pads.as_mut().filter(|pads| pads.is_waiting()) {
            Some(pads) => {
                pads.handle_input(bytes, now);
                if !pads.is_waiting() {
                    self.rests_until = now + AFTER_PAD;
                }
            }
            None => self.bus.handle_input(bytes, now),
        }
    }

    /// When [`SharedLine::handle_timeout`] is due, and then [`SharedLine::poll_transmit`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        if !self.up {
            return None;
        }
        let signs = self.bus.poll_timeout();
        let Some(pads) = &self.pads else { return signs };
        if pads.is_waiting() {
            return pads.poll_timeout();
        }
        if self.bus.is_waiting() {
            return signs;
        }
        let due = [signs, pads.poll_timeout()].into_iter().flatten().min();
        due.map(|at| at.max(self.rests_until).max(self.bus.rests_until()))
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.bus.handle_timeout(now);
        self.pads.iter_mut().for_each(|pads| pads.handle_timeout(now));
    }

    /// What was heard that answers nothing, of signs and pads.
    pub fn noise(&self) -> Noise {
        let noise = self.bus.noise();
        let of_pads = self.pads.as_ref().map_or(0, PadPoller::strays);
        Noise { stray_replies: noise.stray_replies + of_pads, ..noise }
    }

    /// What the pads did, in order.
    pub fn poll_pad(&mut self) -> Option<PadEvent> {
        self.pads.as_mut()?.poll_event()
    }
}
