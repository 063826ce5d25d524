//! The controller's process stands still: stopped by a signal, or starved of its processor. What would
//! have reached it lies in buffers meanwhile, and reaches it all at once when it goes on.

use crate::network::CONTROLLER;
use crate::random::Usual;
use crate::schedule::{Due, Sim};

/// The broker's end of the connection gives up a client that is silent for one and a half times the
/// keep-alive of 10 s.
pub(crate) const SILENCE_US: u64 = 15_000_000;

/// What a standing process has to take.
#[derive(Debug, Default)]
pub(crate) struct Standstill {
    stands: bool,
    piled: Vec<Due>,
}

impl Standstill {
    pub(crate) fn begin(&mut self) {
        self.stands = true;
    }

    /// Whether the process stands still now.
    pub(crate) fn stands(&self) -> bool {
        self.stands
    }

    /// Keep what cannot reach the process now; gives back what is not its own, or all while it works.
    pub(crate) fn pass(&mut self, due: Due) -> Option<Due> {
        if self.stands && concerns_the_process(&due) {
            self.pile(due);
            return None;
        }
        Some(due)
    }

    pub(crate) fn pile(&mut self, due: Due) {
        self.piled.push(due);
    }

    /// The process goes on. Each connection gives what it holds in its order; tasks and timers wake in any.
    pub(crate) fn end(&mut self, sim: &mut Sim) {
        self.stands = false;
        let mut stream_us = 0;
        for due in std::mem::take(&mut self.piled) {
            if matches!(due, Due::Down { .. } | Due::Broken { .. } | Due::ToHost { .. }) {
                stream_us += sim.between(Usual::Wake, 0, 1, 100);
                sim.after(stream_us, due);
            } else {
                let wakes_us = sim.between(Usual::Wake, 0, 1, 5_000);
                sim.after(wakes_us, due);
            }
        }
    }

    /// The process is killed where it stands.
    pub(crate) fn killed(&mut self) {
        *self = Self::default();
    }
}

fn concerns_the_process(due: &Due) -> bool {
    match due {
        Due::Down { client, .. } | Due::Dial { client } => *client == CONTROLLER,
        Due::Asks { .. }
        | Due::Turn { .. }
        | Due::Tick { .. }
        | Due::Written { .. }
        | Due::Told { .. }
        | Due::LineTimer { .. }
        | Due::LineOpens { .. }
        | Due::ToHost { .. } => true,
        // Whoever holds the other end notices; see the world.
        Due::Broken { .. }
        | Due::Step(_)
        | Due::Up { .. }
        | Due::BrokerUp
        | Due::Start
        | Due::GoesOn { .. }
        | Due::Repeat { .. }
        | Due::GiveUp { .. }
        | Due::Look { .. }
        | Due::LookAgain { .. }
        | Due::Tend { .. }
        | Due::AsksAgain { .. }
        | Due::Hears { .. }
        | Due::ToSigns { .. } => false,
    }
}
