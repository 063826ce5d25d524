//! One sign of a line: what it should show, what it holds, what to ask it next, and what its
//! answers mean. Whose turn it is and how long to wait is the bus's business.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::message::SWAP_BYTES_MAX;
use hall_protocol::sign::{
    Destination, FallbackPage, Identity, PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MIN, PROTOCOL_VERSION, Rectangle,
    RefusalReason, Reply, Request, Sequence, SignAddress, Status, encoded_bytes_max,
};

use super::{BusEvent, Health, SignSetup, SignStatus, Urgency};
use crate::codec::native::{self, Piece};
use crate::frame::{Frame, Panel};

/// The first pause before a sign that did not answer is asked again; it doubles each time.
const BACKOFF_MIN: Duration = Duration::from_secs(1);

/// The longest such pause: a sign that is switched on again is noticed after this.
const BACKOFF_MAX: Duration = Duration::from_secs(10);

/// A sign that nobody paints is asked how it is this often.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// A busy sign is asked again after this.
const BUSY_WAIT: Duration = Duration::from_millis(200);

/// So many refusals without a picture shown, and the sign is treated as one that does not answer.
const REFUSALS_MAX: u32 = 8;

/// A started picture gives way to newer ones so many times, then it is shown first: pages that
/// change faster than a slow line paints must not keep the sign from ever changing.
const ABANDONED_MAX: u32 = 3;

/// A sign that hears nothing for this long shows its own page instead of an old call.
const FALLBACK_AFTER_S: u16 = 60;

/// How urgent a request is; the order is that of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Call,
    Idle,
    /// To ask a sign that did not answer.
    Retry,
    Poll,
}

/// The next thing a sign is to be asked: how urgent, and from when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) class: Class,
    pub(super) at: Instant,
}

/// What was asked, with what its answer needs.
#[derive(Debug)]
pub(super) enum Ask {
    Identify,
    Fallback,
    Rectangle { area: Rectangle, frame: Arc<Frame> },
    Swap { frame: Arc<Frame>, tag: u64 },
    Poll,
}

impl Ask {
    pub(super) fn is_swap(&self) -> bool {
        matches!(self, Self::Swap { .. })
    }

    /// Whether another sign may go first now.
    pub(super) fn ends_turn(&self) -> bool {
        matches!(self, Self::Swap { .. } | Self::Poll)
    }

    /// Whether this can be the answer.
    pub(super) fn takes(&self, reply: &Reply) -> bool {
        match reply {
            Reply::Nak(_) => true,
            Reply::Identity(_) => matches!(self, Self::Identify),
            Reply::Status(_) => matches!(self, Self::Poll),
            Reply::Ack => !matches!(self, Self::Identify | Self::Poll),
        }
    }
}

/// How far the host and the sign know each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// To be asked who it is.
    Unidentified {
        not_before: Instant,
    },
    Ready,
}

/// The picture the sign should show.
#[derive(Debug)]
struct Wanted {
    frame: Arc<Frame>,
    tag: u64,
    urgency: Urgency,
    since: Instant,
    /// The sign has acknowledged it.
    shown: bool,
}

/// A picture on its way to the back buffer.
#[derive(Debug)]
struct Paint {
    frame: Arc<Frame>,
    tag: u64,
    /// Not yet acknowledged, the next one last.
    pieces: Vec<Piece>,
}

/// One sign.
#[derive(Debug)]
pub(super) struct Sign {
    address: SignAddress,
    panel: Panel,
    status: SignStatus,
    phase: Phase,
    sequence: Sequence,
    /// What the line allows, and what the sign takes, in bytes.
    line_payload_bytes_max: usize,
    payload_bytes_max: usize,
    wanted: Option<Wanted>,
    paint: Option<Paint>,
    /// What the back buffer holds; `None` when that is unknown.
    back: Option<Arc<Frame>>,
    /// Pictures in a row that gave way to newer ones before they were shown.
    abandoned: u32,
    /// Requests in a row that nobody answered; until a picture or a poll succeeds.
    failures: u32,
    /// Refusals since the last picture shown.
    refusals: u32,
    /// A Late or Dark was reported and no Recovered since.
    troubled: bool,
    dark_because: Option<String>,
    fallback_set: bool,
    uptime_s: Option<u32>,
    poll_at: Instant,
    /// A busy sign is left alone until then.
    hold_until: Instant,
    shown_tag: Option<u64>,
    events: Vec<BusEvent>,
}

impl Sign {
    pub(super) fn new(setup: SignSetup, line_payload_bytes_max: usize, now: Instant) -> Self {
        Self {
            address: setup.address,
            panel: setup.panel,
            status: SignStatus { health: Health::Late, acknowledged: None, timeouts: 0, naks: 0 },
            phase: Phase::Unidentified { not_before: now },
            sequence: Sequence::default(),
            line_payload_bytes_max,
            payload_bytes_max: PAYLOAD_BYTES_MIN,
            wanted: None,
            paint: None,
            back: None,
            abandoned: 0,
            failures: 0,
            refusals: 0,
            troubled: false,
            dark_because: None,
            fallback_set: false,
            uptime_s: None,
            poll_at: now,
            hold_until: now,
            shown_tag: None,
            events: Vec::new(),
        }
    }

    pub(super) fn address(&self) -> SignAddress {
        self.address
    }

    pub(super) fn status(&self) -> &SignStatus {
        &self.status
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failures > 0
    }

    pub(super) fn count_timeout(&mut self) {
        self.status.timeouts += 1;
    }

    pub(super) fn take_events(&mut self) -> std::vec::Drain<'_, BusEvent> {
        self.events.drain(..)
    }

    /// The line was away: whatever was known may not be so any more.
    pub(super) fn start_over(&mut self, now: Instant) {
        self.failures = 0;
        self.hold_until = now;
        self.identify_from(now);
    }

    /// Ask anew who it is, and then paint all.
    fn identify_from(&mut self, not_before: Instant) {
        self.phase = Phase::Unidentified { not_before };
        self.back = None;
        self.uptime_s = None;
        self.repaint();
    }

    /// What it shows is unknown or wrong.
    fn repaint(&mut self) {
        self.paint = None;
        self.status.acknowledged = None;
        if let Some(wanted) = &mut self.wanted {
            wanted.shown = false;
        }
    }

    /// `swapping`: a Swap is under way, so that what is acknowledged may not be what is shown.
    pub(super) fn show(
        &mut self,
        frame: Arc<Frame>,
        tag: u64,
        urgency: Urgency,
        swapping: bool,
        now: Instant,
    ) {
        if frame.panel() != self.panel {
            return;
        }
        let is_shown = self.status.acknowledged.as_ref().is_some_and(|shown| same(shown, &frame));
        let shown = is_shown && !swapping && self.phase == Phase::Ready;
        // A page that changes again while it waits has waited since the first change.
        let since = self.wanted.as_ref().filter(|wanted| !wanted.shown).map_or(now, |wanted| wanted.since);
        self.wanted = Some(Wanted { frame, tag, urgency, since, shown });
        if shown {
            self.paint = None;
            self.report_shown(tag);
        }
    }

    fn report_shown(&mut self, tag: u64) {
        let tag = self.shown_tag.map_or(tag, |before| before.max(tag));
        self.shown_tag = Some(tag);
        self.events.push(BusEvent::Shown { address: self.address, tag });
    }

    pub(super) fn due(&self) -> Due {
        let to_show = self.wanted.as_ref().filter(|wanted| !wanted.shown);
        let class = match to_show.map(|wanted| wanted.urgency) {
            Some(Urgency::Call) => Class::Call,
            Some(Urgency::Idle) | None => Class::Idle,
        };
        match self.phase {
            Phase::Unidentified { not_before } if self.failures > 0 => {
                Due { class: Class::Retry, at: not_before }
            }
            Phase::Unidentified { not_before } => Due { class, at: not_before },
            Phase::Ready => match to_show {
                Some(wanted) => Due { class, at: wanted.since.max(self.hold_until) },
                None if !self.fallback_set => Due { class, at: self.hold_until },
                None => Due { class: Class::Poll, at: self.poll_at.max(self.hold_until) },
            },
        }
    }

    /// The next request, as bytes.
    pub(super) fn request(&mut self, now: Instant) -> Option<(Ask, Sequence, Vec<u8>)> {
        self.sequence = self.sequence.next();
        let to_show = self.wanted.as_ref().is_some_and(|wanted| !wanted.shown);
        if matches!(self.phase, Phase::Unidentified { .. }) {
            return self.frame(Ask::Identify, &Request::Identify { version_max: PROTOCOL_VERSION });
        }
        if !self.fallback_set {
            let request = Request::Fallback { after_s: FALLBACK_AFTER_S, page: FallbackPage::BuiltIn };
            return self.frame(Ask::Fallback, &request);
        }
        if !to_show {
            // Even if the reply is lost, others come first next time.
            self.poll_at = now + POLL_EVERY;
            return self.frame(Ask::Poll, &Request::Poll);
        }
        self.choose_paint();
        let paint = self.paint.as_ref()?;
        let frame = Arc::clone(&paint.frame);
        if let Some(piece) = paint.pieces.last() {
            return self.frame(Ask::Rectangle { area: piece.area, frame }, &piece.request());
        }
        let request = Request::Swap { picture: frame.id(), blink: None };
        self.frame(Ask::Swap { frame, tag: paint.tag }, &request)
    }

    fn frame(&self, ask: Ask, request: &Request<'_>) -> Option<(Ask, Sequence, Vec<u8>)> {
        let payload_bytes = match request {
            Request::Rectangle { pixels, .. } => PAYLOAD_BYTES_MIN + pixels.len(),
            _ => SWAP_BYTES_MAX,
        };
        let mut bytes = vec![0; encoded_bytes_max(payload_bytes)];
        let written = request.emit(Destination::Sign(self.address), self.sequence, &mut bytes).ok()?;
        bytes.truncate(written);
        Some((ask, self.sequence, bytes))
    }

    /// See that what is being painted is what is wanted, or has a right to be finished.
    fn choose_paint(&mut self) {
        let Some(wanted) = &self.wanted else { return };
        if let Some(paint) = &mut self.paint {
            if same(&paint.frame, &wanted.frame) {
                paint.tag = wanted.tag;
                return;
            }
            // While the back buffer is unknown, starting again would send everything again.
            if self.back.is_none() || self.abandoned >= ABANDONED_MAX {
                return;
            }
            self.abandoned += 1;
        }
        // Long frames are the first a bad line loses.
        let payload_bytes_max = self.payload_bytes_max >> self.failures.min(8);
        let mut pieces = native::repaint(self.back.as_deref(), &wanted.frame, payload_bytes_max);
        pieces.reverse();
        self.paint = Some(Paint { frame: Arc::clone(&wanted.frame), tag: wanted.tag, pieces });
    }

    /// The sign has answered what was asked.
    pub(super) fn answered(&mut self, ask: Ask, reply: Reply, now: Instant) {
        match (reply, ask) {
            (Reply::Identity(identity), _) => self.identified(&identity, now),
            (Reply::Status(status), _) => self.polled(&status, now),
            (Reply::Nak(reason), ask) => self.refused(&ask, reason, now),
            (Reply::Ack, Ask::Fallback) => self.fallback_set = true,
            (Reply::Ack, Ask::Rectangle { area, frame }) => {
                if let Some(back) = &mut self.back {
                    Arc::make_mut(back).copy_area(&frame, area);
                }
                // Unless a newer page has taken its place meanwhile.
                if let Some(paint) = self.paint.as_mut().filter(|paint| Arc::ptr_eq(&paint.frame, &frame)) {
                    paint.pieces.pop_if(|piece| piece.area == area);
                }
            }
            (Reply::Ack, Ask::Swap { frame, tag }) => self.swapped(frame, tag, now),
            (Reply::Ack, Ask::Identify | Ask::Poll) => {}
        }
    }

    fn swapped(&mut self, frame: Arc<Frame>, mut tag: u64, now: Instant) {
        self.paint = None;
        (self.abandoned, self.failures, self.refusals) = (0, 0, 0);
        self.poll_at = now + POLL_EVERY;
        if let Some(wanted) = self.wanted.as_mut().filter(|wanted| same(&wanted.frame, &frame)) {
            wanted.shown = true;
            tag = wanted.tag;
        }
        self.back = Some(Arc::clone(&frame));
        self.status.acknowledged = Some(frame);
        self.report_shown(tag);
    }

    fn identified(&mut self, identity: &Identity, now: Instant) {
        let (width_px, height_px, depth) =
            (self.panel.width_px(), self.panel.height_px(), self.panel.depth());
        if (identity.width_px, identity.height_px, identity.depth) != (width_px, height_px, depth) {
            let why = format!(
                "the sign says it is {}x{} pixels in {}, the configuration says {width_px}x{height_px} in {depth}",
                identity.width_px, identity.height_px, identity.depth
            );
            self.failures = self.failures.max(1);
            self.dark(why, now);
            self.phase = Phase::Unidentified { not_before: now + BACKOFF_MAX };
            return;
        }
        self.phase = Phase::Ready;
        self.status.health = Health::Ok;
        self.dark_because = None;
        if std::mem::take(&mut self.troubled) {
            self.events.push(BusEvent::Recovered { address: self.address });
        }
        let takes = usize::from(identity.payload_bytes_max).min(self.line_payload_bytes_max);
        self.payload_bytes_max = takes.clamp(PAYLOAD_BYTES_MIN, PAYLOAD_BYTES_MAX);
        self.fallback_set = false;
        self.poll_at = now + POLL_EVERY;
    }

    fn polled(&mut self, status: &Status, now: Instant) {
        self.failures = 0;
        let restarted = self.uptime_s.is_some_and(|before| status.uptime_s < before);
        self.uptime_s = Some(status.uptime_s);
        if restarted {
            self.identify_from(now);
            return;
        }
        let shows_another =
            self.status.acknowledged.as_ref().is_some_and(|frame| frame.id() != status.picture);
        if shows_another {
            self.identify_from(now);
        } else if status.in_fallback {
            // The buffers are as they were: one Swap brings the picture back.
            self.repaint();
        }
    }

    fn refused(&mut self, ask: &Ask, reason: RefusalReason, now: Instant) {
        self.status.naks += 1;
        self.refusals += 1;
        if self.refusals > REFUSALS_MAX {
            self.refusals = 0;
            self.failed(format!("the sign refuses what it is asked: {reason}"), now);
            return;
        }
        match (ask, reason) {
            (_, RefusalReason::Busy) => self.hold_until = now + BUSY_WAIT,
            // A sign without a page of its own goes on showing the last one.
            (Ask::Fallback, _) => self.fallback_set = true,
            (Ask::Poll, _) => {}
            // The picture did not arrive whole, or the sign has restarted.
            _ => self.identify_from(now),
        }
    }

    /// Nobody has answered, however often the request was repeated.
    pub(super) fn unanswered(&mut self, patience: Duration, now: Instant) {
        let asked = self.failures + 1;
        self.failed(format!("no answer within {} ms, {asked} times in a row", patience.as_millis()), now);
    }

    fn failed(&mut self, why: String, now: Instant) {
        let pause = BACKOFF_MIN.saturating_mul(1 << self.failures.min(8)).min(BACKOFF_MAX);
        self.failures = self.failures.saturating_add(1);
        self.identify_from(now + pause);
        if matches!(self.status.health, Health::Dark { .. }) {
            return;
        }
        if self.failures == 1 {
            self.status.health = Health::Late;
            self.troubled = true;
            self.events.push(BusEvent::Late { address: self.address });
        } else {
            self.dark(why, now);
        }
    }

    fn dark(&mut self, why: String, now: Instant) {
        if !matches!(self.status.health, Health::Dark { .. }) {
            self.status.health = Health::Dark { since: now };
        } else if self.dark_because.as_ref() == Some(&why) {
            return;
        }
        self.troubled = true;
        self.dark_because = Some(why.clone());
        self.events.push(BusEvent::Dark { address: self.address, why });
    }
}

/// Whether two pictures are the same, which most often one pointer tells.
fn same(one: &Arc<Frame>, other: &Arc<Frame>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}
