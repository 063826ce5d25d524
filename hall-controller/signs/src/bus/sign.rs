//! One sign of a line: what it should show, what it holds, what to ask it next, and what its
//! answers mean. Whose turn it is and how long to wait is the bus's business; `trouble` is what goes wrong.

mod trouble;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::{PictureId, SignAddress};

use super::ask::{Ask, Class, Due};
use super::clock::{HallClock, SignClock};
use super::{BusEvent, Health, SignStatus, Urgency};
use crate::codec::{Answer, Codec, Effect, Heard, Request};
use crate::frame::Panel;
use crate::words::Showing;

/// A sign that nobody paints is asked how it is this often.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// A started picture gives way to newer ones so many times, then it is shown first: pages that
/// change faster than a slow line paints must not keep the sign from ever changing.
const ABANDONED_MAX: u32 = 3;

/// A sign that cannot be asked how it is, or does not say what it shows, gets its page again this often:
/// one that was switched off and on meanwhile heals by it.
const REFRESH_EVERY: Duration = Duration::from_secs(30);

/// How far the host and the sign know each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// To be asked who it is, if its protocol can.
    Unidentified {
        not_before: Instant,
    },
    Ready,
}

/// The picture the sign should show.
#[derive(Debug)]
struct Wanted {
    page: Arc<Showing>,
    tag: u64,
    urgency: Urgency,
    since: Instant,
    /// The sign has acknowledged it.
    shown: bool,
}

/// A page on its way to the sign.
#[derive(Debug)]
struct Paint {
    page: Arc<Showing>,
    tag: u64,
    /// Not yet acknowledged, the next one last.
    requests: Vec<Request>,
}

/// One sign.
#[derive(Debug)]
pub(super) struct Sign {
    address: SignAddress,
    panel: Panel,
    codec: Box<dyn Codec>,
    /// Whether its protocol has questions for who it is and how it is.
    is_asked_who: bool,
    is_polled: bool,
    status: SignStatus,
    phase: Phase,
    /// What it is to be told before its first page, the next one last.
    set_up: Vec<Request>,
    /// How bright it shall be; `None` for as it is.
    brightness: Option<u8>,
    wanted: Option<Wanted>,
    paint: Option<Paint>,
    /// What the sign's memory holds; `None` when that is unknown.
    back: Option<Arc<Showing>>,
    /// The page it has acknowledged; `None` when that is unknown.
    shown: Option<Arc<Showing>>,
    /// Pictures in a row that gave way to newer ones before they were shown.
    abandoned: u32,
    /// Requests in a row that nobody answered; until a picture or a poll succeeds.
    failures: u32,
    /// Refusals since the last picture shown.
    refusals: u32,
    /// A Late or Dark was reported and no Recovered since.
    troubled: bool,
    /// Its own clock, if it keeps one.
    clock: Option<SignClock>,
    hall_clock: Option<HallClock>,
    poll_at: Instant,
    /// When it last said that it shows a page.
    painted_at: Instant,
    /// A busy sign is left alone until then.
    hold_until: Instant,
    shown_tag: Option<u64>,
    events: Vec<BusEvent>,
}

impl Sign {
    pub(super) fn new(address: SignAddress, panel: Panel, mut codec: Box<dyn Codec>, now: Instant) -> Self {
        let is_asked_who = codec.identify().is_some();
        let is_polled = codec.poll().is_some();
        let clock = SignClock::of(codec.as_ref());
        let mut sign = Self {
            address,
            panel,
            codec,
            is_asked_who,
            is_polled,
            status: SignStatus {
                health: Health::Late,
                acknowledged: None,
                timeouts: 0,
                naks: 0,
                dark_because: None,
            },
            phase: Phase::Unidentified { not_before: now },
            set_up: Vec::new(),
            brightness: None,
            wanted: None,
            paint: None,
            back: None,
            shown: None,
            abandoned: 0,
            failures: 0,
            refusals: 0,
            troubled: false,
            clock,
            hall_clock: None,
            poll_at: now,
            painted_at: now,
            hold_until: now,
            shown_tag: None,
            events: Vec::new(),
        };
        sign.identify_from(now);
        sign
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

    /// Whether its protocol has no question for who it is.
    pub(super) fn is_never_asked_who(&self) -> bool {
        !self.is_asked_who
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
        self.back = None;
        self.repaint();
        if self.is_asked_who {
            self.phase = Phase::Unidentified { not_before };
        } else {
            self.hold_until = self.hold_until.max(not_before);
            self.make_ready(not_before);
        }
    }

    fn make_ready(&mut self, now: Instant) {
        self.phase = Phase::Ready;
        self.set_up = self.codec.set_up();
        self.set_up.extend(self.brightness.and_then(|level| self.codec.brightness(level)));
        self.set_up.reverse();
        self.doubt_clock(now);
    }

    /// The hall's clock, as the sign's own should be from now on.
    pub(super) fn tell_time(&mut self, hall: HallClock, jumped: bool, now: Instant) {
        if jumped || self.hall_clock.is_none() {
            self.hall_clock = Some(hall);
            self.doubt_clock(now);
        }
        self.hall_clock = Some(hall);
    }

    fn doubt_clock(&mut self, now: Instant) {
        if let Some(clock) = &mut self.clock {
            clock.doubt(self.hall_clock, now);
        }
    }

    /// Whether it keeps a clock that can be set.
    pub(super) fn keeps_clock(&self) -> bool {
        self.clock.is_some()
    }

    pub(super) fn set_brightness(&mut self, level: u8) {
        if self.brightness.replace(level) == Some(level) || self.phase != Phase::Ready {
            return;
        }
        if let Some(request) = self.codec.brightness(level) {
            // After whatever it is still to be told.
            self.set_up.insert(0, request);
        }
    }

    /// What it shows is unknown or wrong.
    fn repaint(&mut self) {
        self.paint = None;
        self.shown = None;
        self.status.acknowledged = None;
        if let Some(wanted) = &mut self.wanted {
            wanted.shown = false;
        }
    }

    /// `swapping`: a Swap is under way, so that what is acknowledged may not be what is shown.
    pub(super) fn show(
        &mut self,
        mut page: Arc<Showing>,
        tag: u64,
        urgency: Urgency,
        swapping: bool,
        now: Instant,
    ) {
        if page.blink.is_some() && !self.codec.blinks() {
            Arc::make_mut(&mut page).blink = None;
        }
        if page.say.is_some() && !self.codec.speaks() {
            Arc::make_mut(&mut page).say = None;
        }
        if page.frame.panel() != self.panel {
            return;
        }
        // The back buffer may be painted with it already, and another page be seen.
        let is_shown = self.shown.as_ref().is_some_and(|shown| same(shown, &page));
        let shown = is_shown && !swapping && self.phase == Phase::Ready;
        // A page that changes again while it waits has waited since the first change.
        let since = self.wanted.as_ref().filter(|wanted| !wanted.shown).map_or(now, |wanted| wanted.since);
        self.wanted = Some(Wanted { page, tag, urgency, since, shown });
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

    /// What comes next and when; `None` while there is nothing to show or ask.
    pub(super) fn due(&self) -> Option<Due> {
        let to_show = self.wanted.as_ref().filter(|wanted| !wanted.shown);
        let class = match to_show.map(|wanted| wanted.urgency) {
            _ if self.failures > 0 && !self.is_asked_who => Class::Retry,
            Some(Urgency::Call) => Class::Call,
            Some(Urgency::Idle) | None => Class::Idle,
        };
        match self.phase {
            Phase::Unidentified { not_before } if self.failures > 0 => {
                Some(Due { class: Class::Retry, at: not_before.max(self.hold_until) })
            }
            Phase::Unidentified { not_before } => Some(Due { class, at: not_before.max(self.hold_until) }),
            Phase::Ready => match to_show {
                Some(wanted) => Some(Due { class, at: wanted.since.max(self.hold_until) }),
                None if !self.set_up.is_empty() => Some(Due { class, at: self.hold_until }),
                None => {
                    let poll = (self.is_polled || self.wanted.is_some()).then_some(self.poll_at);
                    let clock = self.clock.as_ref().and_then(SignClock::due);
                    let at = poll.into_iter().chain(clock).min()?;
                    Some(Due { class: Class::Poll, at: at.max(self.hold_until) })
                }
            },
        }
    }

    /// How long the line rests before this sign is asked.
    pub(super) fn rest(&self, baud: u32) -> Duration {
        self.codec.rest(baud)
    }

    /// The next request.
    pub(super) fn request(&mut self, now: Instant) -> Option<(Ask, Request)> {
        if matches!(self.phase, Phase::Unidentified { .. }) {
            let request = self.codec.identify()?;
            return Some((Ask::Identify, self.codec.numbered(&request)));
        }
        if let Some(next) = self.set_up.last_mut() {
            *next = self.codec.numbered(next);
            return Some((Ask::SetUp, next.clone()));
        }
        if self.wanted.as_ref().is_none_or(|wanted| wanted.shown) {
            let clock = self.clock.as_mut().zip(self.hall_clock);
            if let Some((clock, hall)) = clock
                && clock.due().is_some_and(|due| due <= now)
            {
                return Some((Ask::SetClock, clock.request(self.codec.as_mut(), hall, now)?));
            }
            if self.is_polled {
                // Even if the reply is lost, others come first next time.
                self.poll_at = now + POLL_EVERY;
                let request = self.codec.poll()?;
                return Some((Ask::Poll, self.codec.numbered(&request)));
            }
            self.back = None;
            self.repaint();
        }
        if let Err(why) = self.choose_paint() {
            self.failed(why, now);
            return None;
        }
        let paint = self.paint.as_mut()?;
        let next = paint.requests.last_mut()?;
        *next = self.codec.numbered(next);
        let (page, tag) = (Arc::clone(&paint.page), paint.tag);
        Some((Ask::Paint { effect: next.effect, page, tag }, next.clone()))
    }

    /// Bytes have come in while this sign was asked.
    pub(super) fn read(&mut self, bytes: &[u8], asked: Option<&Request>) -> Vec<Heard> {
        self.codec.read(bytes, asked)
    }

    /// See that what is being painted is what is wanted, or has a right to be finished.
    fn choose_paint(&mut self) -> Result<(), String> {
        let Some(wanted) = &self.wanted else { return Ok(()) };
        if let Some(paint) = &mut self.paint {
            if same(&paint.page, &wanted.page) {
                paint.tag = wanted.tag;
                return Ok(());
            }
            // While the back buffer is unknown, starting again would send everything again.
            if self.back.is_none() || self.abandoned >= ABANDONED_MAX {
                return Ok(());
            }
            self.abandoned += 1;
        }
        let requests = self.codec.show(self.back.as_deref(), &wanted.page, self.failures);
        let mut requests = requests.map_err(|error| error.to_string())?;
        if requests.is_empty() {
            return Err("its protocol has no request for this page".into());
        }
        requests.reverse();
        self.paint = Some(Paint { page: Arc::clone(&wanted.page), tag: wanted.tag, requests });
        Ok(())
    }

    /// The sign has answered what was asked.
    pub(super) fn answered(&mut self, ask: Ask, request: &Request, answer: Answer, now: Instant) {
        match (answer, ask) {
            (Answer::Identified { mismatch: None }, Ask::Poll) => self.is_there(now),
            (Answer::Identified { mismatch }, _) => self.identified(mismatch, now),
            (Answer::Status { picture, own_page, restarted }, ask) => {
                if matches!(ask, Ask::Identify) {
                    self.identified(None, now);
                } else {
                    self.polled(picture, own_page, restarted, now);
                }
            }
            (Answer::Refused { why, cure }, ask) => self.refused(&ask, request, why.en, cure, now),
            (Answer::Done, ask) => self.done(ask, request, now),
        }
    }

    fn done(&mut self, ask: Ask, request: &Request, now: Instant) {
        match ask {
            Ask::SetUp => drop(self.set_up.pop_if(|next| next == request)),
            Ask::Paint { effect, page, tag } => {
                if let (Effect::Prepares(area), Some(back)) = (effect, &mut self.back) {
                    Arc::make_mut(&mut Arc::make_mut(back).frame).copy_area(&page.frame, area);
                }
                if effect == Effect::Shows {
                    self.swapped(page, tag, now);
                } else if let Some(paint) =
                    self.paint.as_mut().filter(|paint| Arc::ptr_eq(&paint.page, &page))
                {
                    // Unless a newer page has taken its place meanwhile.
                    paint.requests.pop_if(|next| next == request);
                }
            }
            Ask::Identify => self.identified(None, now),
            Ask::SetClock => self.clock.iter_mut().for_each(|clock| clock.done(request, now)),
            Ask::Poll => self.polled(None, false, false, now),
        }
    }

    fn swapped(&mut self, page: Arc<Showing>, mut tag: u64, now: Instant) {
        self.paint = None;
        (self.abandoned, self.failures, self.refusals) = (0, 0, 0);
        self.poll_at = now + if self.is_polled { POLL_EVERY } else { REFRESH_EVERY };
        if let Some(wanted) = self.wanted.as_mut().filter(|wanted| same(&page, &wanted.page)) {
            wanted.shown = true;
            tag = wanted.tag;
        }
        self.painted_at = now;
        self.status.acknowledged = Some(Arc::clone(&page.frame));
        self.shown = Some(Arc::clone(&page));
        self.back = Some(page);
        if !self.is_asked_who {
            self.recovered();
        }
        self.report_shown(tag);
    }

    fn identified(&mut self, mismatch: Option<String>, now: Instant) {
        if let Some(why) = mismatch {
            self.is_another(why, now);
            return;
        }
        self.make_ready(now);
        self.recovered();
        self.poll_at = now + POLL_EVERY;
    }

    /// It answers, and says nothing of what it shows.
    fn is_there(&mut self, now: Instant) {
        self.failures = 0;
        self.recovered();
        if now >= self.painted_at + REFRESH_EVERY {
            self.identify_from(now);
        }
    }

    fn polled(&mut self, picture: Option<PictureId>, own_page: bool, restarted: bool, now: Instant) {
        self.failures = 0;
        let shown = self.status.acknowledged.as_ref();
        let shows_another = shown.zip(picture).is_some_and(|(frame, picture)| frame.id() != picture);
        if restarted || shows_another {
            self.identify_from(now);
        } else if own_page {
            // The buffers are as they were: one Swap brings the picture back.
            self.repaint();
        }
    }
}

/// Whether a sign that holds one page needs nothing for the other, which most often one pointer tells. What is
/// not said any more changes nothing.
fn same(held: &Arc<Showing>, wanted: &Arc<Showing>) -> bool {
    let same_frame = || Arc::ptr_eq(&held.frame, &wanted.frame) || held.frame == wanted.frame;
    let is_said = || wanted.say.is_none() || wanted.say == held.say;
    Arc::ptr_eq(held, wanted)
        || (held.blink == wanted.blink && is_said() && held.words == wanted.words && same_frame())
}
