//! The state of every sign, as technicians and the sign wall see it.
//!
//! Only the picture is here; the line's driver makes it and the web pages draw it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

pub use hall_content::Shows;
use hall_protocol::id::{DeviceId, WindowId};
use hall_protocol::sign::SignAddress;
use hall_signs::Frame;
use hall_signs::bus::Noise;
use hall_signs::codec::Protocol;
use hall_signs::page::{Direction, ScrollPage};
use hall_signs::substitute::Substitute;

/// A page of a sign's script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slide {
    /// What the sign is for: its window's state, its zone's calls.
    Own,
    /// How many wait there.
    Overview,
    /// A notice to the public.
    Notice(String),
    /// A notice that moves through in one line.
    Scroll(ScrollPage),
    /// Date and time.
    Clock,
    /// Where the newest call's window is, if it is one of these; else as [`Slide::Own`].
    Signpost(Directions),
}

/// Where one goes to some windows, from a signpost.
pub type Directions = BTreeMap<WindowId, Direction>;

/// How a sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It acknowledged what it should show, or is about to.
    Ok,
    /// It has not answered its last requests; they are being repeated.
    Late,
    /// It answers nothing, since then.
    Dark(Instant),
}

/// A line's speed, in bits a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// As configured.
    Set(u32),
    /// Its cards are being asked.
    Looking,
    /// A card has answered at it.
    Found(u32),
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(rate) => write!(f, "{rate}"),
            Self::Looking => f.write_str("looked for"),
            Self::Found(rate) => write!(f, "{rate} found"),
        }
    }
}

/// One sign.
#[derive(Debug, Clone)]
pub struct WallSign {
    /// Its id in the configuration.
    pub id: DeviceId,
    /// The serial line's port as configured, or the emulator's.
    pub port: Arc<str>,
    /// The speed of the line.
    pub speed: Speed,
    /// Its address on the line.
    pub address: SignAddress,
    /// The protocol it speaks.
    pub protocol: Protocol,
    /// What it says.
    pub shows: Shows,
    /// What it shows instead of the page, which it cannot show.
    pub substitute: Substitute,
    /// How it is.
    pub health: Health,
    /// What it should show; of a sign with letters of its own, about that, in ours.
    pub wanted: Arc<Frame>,
    /// The same in one line.
    pub says: Arc<str>,
    /// What it last acknowledged showing.
    pub acknowledged: Option<Arc<Frame>>,
    /// What the independent emulator on the other end of the line decoded; `None` for real signs.
    pub decoded: Option<Arc<Frame>>,
    /// Requests without an answer in time, since the start.
    pub timeouts: u64,
    /// Requests it refused, since the start.
    pub refusals: u64,
    /// Of a dark sign: what is wrong, and what helps.
    pub trouble: Option<Arc<str>>,
}

/// What one serial line has heard that answers nothing, since the start. Counted without a word to
/// the pages: a line full of noise must not keep them busy.
#[derive(Debug)]
pub struct LineNoise {
    /// The line's port as configured, or the emulator's.
    pub port: Arc<str>,
    broken_frames: AtomicU64,
    stray_replies: AtomicU64,
    echo_spoiled: AtomicU64,
    echo_missing: AtomicU64,
}

/// What was wrong with one's own bytes that an adapter gives back, since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EchoFaults {
    /// Bytes that came back changed, or with noise between them.
    pub spoiled: u64,
    /// Bytes that did not come back.
    pub missing: u64,
}

impl LineNoise {
    /// A line that has heard nothing yet.
    pub fn new(port: Arc<str>) -> Self {
        let none = || AtomicU64::new(0);
        Self {
            port,
            broken_frames: none(),
            stray_replies: none(),
            echo_spoiled: none(),
            echo_missing: none(),
        }
    }

    /// What the line's bus has counted by now.
    pub fn set(&self, noise: Noise) {
        self.broken_frames.store(noise.broken_frames, Ordering::Relaxed);
        self.stray_replies.store(noise.stray_replies, Ordering::Relaxed);
    }

    /// What the line's echo filter has counted by now.
    pub fn set_echo(&self, faults: EchoFaults) {
        self.echo_spoiled.store(faults.spoiled, Ordering::Relaxed);
        self.echo_missing.store(faults.missing, Ordering::Relaxed);
    }

    /// What the echo filter has counted.
    pub fn echo(&self) -> EchoFaults {
        EchoFaults {
            spoiled: self.echo_spoiled.load(Ordering::Relaxed),
            missing: self.echo_missing.load(Ordering::Relaxed),
        }
    }

    /// What has been counted.
    pub fn get(&self) -> Noise {
        Noise {
            broken_frames: self.broken_frames.load(Ordering::Relaxed),
            stray_replies: self.stray_replies.load(Ordering::Relaxed),
        }
    }
}

/// Every sign, in the configuration's order.
#[derive(Debug, Clone, Default)]
pub struct SignWall {
    /// The signs.
    pub signs: Vec<Arc<WallSign>>,
    /// Lines whose port is not open at present, and why.
    pub closed_lines: Vec<(Arc<str>, String)>,
    /// The noise on each line, in the configuration's order.
    pub noise: Vec<Arc<LineNoise>>,
}

impl SignWall {
    /// Change every sign of a line.
    pub(crate) fn of_line(&mut self, port: &Arc<str>, mut change: impl FnMut(&mut WallSign)) {
        let signs = self.signs.iter_mut().filter(|sign| sign.port == *port);
        signs.for_each(|sign| change(Arc::make_mut(sign)));
    }
}
