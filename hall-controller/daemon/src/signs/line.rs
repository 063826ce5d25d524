//! The driver of one serial line: moves bytes between the port and the [`SharedLine`], which decides
//! everything, and hands the bus what each sign should show.
//!
//! Owns the port and the bus. May lose nothing that matters: what a sign should show is taken
//! from the view at every change, and the bus repaints after every reopening. Ends when cancelled.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_core::event::PressId;
use hall_core::view::HallView;
use hall_protocol::sign::SignAddress;
use hall_signs::bus::{BusEvent, Health, SignStatus};
use hall_signs::echo::EchoFilter;
use hall_signs::shared_line::SharedLine;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::content::Content;
use super::link::{Link, Plug};
use super::orders::Orders;
use super::pads::PadDesk;
use super::program::{Program, moment};
use super::recorder::Recorder;
use super::seen::Seen;
use super::speed::{Came, SpeedSearch, nobody_answers};
use super::{SignSpot, WallHandle};
use crate::capture::Way;
use crate::clock::Clock;
use crate::config::SerialSettings;
use crate::metrics::Metrics;
use crate::wall::{EchoFaults, LineNoise, Speed};

/// A port that is away is looked for this often: a technician who plugs it in again sees the
/// signs come back while still on the ladder.
const REOPEN_EVERY: Duration = Duration::from_millis(250);

/// A port that takes no bytes for this long is closed and opened again.
const WRITE_MAX: Duration = Duration::from_secs(2);

/// Bytes read at once; replies are a few dozen.
const READ_BYTES: usize = 1_024;

/// Pictures on their way to one sign whose presses are remembered; the bus keeps only the latest
/// anyway.
const TAGS_KEPT: usize = 16;

/// How often signs with a clock of their own are compared with the hall's, which summer time or a person
/// may have set meanwhile.
const TELL_TIME_EVERY: Duration = Duration::from_secs(10);

/// Stands for a time-out that never comes.
const NEVER: Duration = Duration::from_secs(3_600);

/// One line's task.
pub(super) struct LineDriver {
    pub(super) plug: Plug,
    /// Its name, as pages and logs have it.
    pub(super) port: Arc<str>,
    pub(super) baud: u32,
    /// Looks for that, where it is not configured; the line says nothing else before.
    pub(super) search: Option<SpeedSearch>,
    pub(super) line: SharedLine,
    pub(super) settings: SerialSettings,
    /// Takes one's own bytes out, where the adapter gives them back.
    pub(super) echo: Option<EchoFilter>,
    pub(super) recorder: Recorder,
    /// Where presses of the line's call pads go.
    pub(super) pads: Option<PadDesk>,
    pub(super) spots: Vec<SignSpot>,
    pub(super) view: watch::Receiver<Arc<HallView>>,
    pub(super) orders: watch::Receiver<Arc<Orders>>,
    pub(super) clock: Clock,
    pub(super) wall: WallHandle,
    pub(super) metrics: Arc<Metrics>,
    pub(super) shown: Vec<Shown>,
    pub(super) trouble: Option<String>,
    pub(super) noise: Arc<LineNoise>,
}

/// What one sign shows over time, and what it was last given.
#[derive(Debug)]
pub(super) struct Shown {
    program: Program,
    /// What the content was made from.
    seen: Option<Seen>,
    content: Option<Content>,
    tag: u64,
    presses: VecDeque<(u64, Option<PressId>)>,
}

impl Shown {
    /// A sign that was given nothing yet.
    pub(super) fn new(program: Program) -> Self {
        Self { program, seen: None, content: None, tag: 0, presses: VecDeque::new() }
    }

    /// Whether its content may be another than it was.
    fn is_due(&self, view: &HallView, spot: &SignSpot, orders: &Arc<Orders>, now: Instant) -> bool {
        let turns = self.program.poll_timeout().is_some_and(|at| at <= now);
        turns || !self.seen.as_ref().is_some_and(|seen| seen.is_still(view, spot.shows, orders))
    }
}

impl LineDriver {
    /// Drive the line until cancelled.
    pub(super) async fn run(mut self, cancel: CancellationToken) {
        let mut port = None;
        let mut bytes = vec![0; READ_BYTES];
        let mut tell_time = tokio::time::interval(TELL_TIME_EVERY);
        tell_time.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.show();
        loop {
            if port.is_none() {
                // A server that does not answer must not keep the hall from closing.
                port = tokio::select! {
                    biased;
                    () = cancel.cancelled() => break,
                    opened = self.open() => opened,
                };
            }
            if let Some(open) = &mut port
                && let Err(error) = self.write(open).await
            {
                self.lost(&error);
                port = None;
            }
            self.report();
            let now = Instant::now();
            if port.is_some() && self.due().is_some_and(|at| at <= now) {
                // Before anything else that is ready: a busy hall must not keep a line from its time-outs.
                self.pass_time();
            }
            let line = match (&port, self.due()) {
                (None, _) => now + REOPEN_EVERY,
                (Some(_), at) => at.unwrap_or(now + NEVER),
            };
            let page = self.shown.iter().filter_map(|shown| shown.program.poll_timeout()).min();
            let wake = page.map_or(line, |page| page.min(line));
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                read = read(port.as_mut(), &mut bytes) => match read {
                    Ok(count) => {
                        self.hear(bytes.get(..count).unwrap_or_default());
                    }
                    Err(error) => {
                        self.lost(&error);
                        port = None;
                        tokio::time::sleep(REOPEN_EVERY).await;
                    }
                },
                Ok(()) = self.view.changed() => self.show(),
                Ok(()) = self.orders.changed() => self.show(),
                _ = tell_time.tick(), if self.line.signs().keeps_clocks() => {
                    let (local, now) = (self.clock.local(), Instant::now());
                    self.line.signs_mut().tell_time(moment(local), now);
                }
                () = tokio::time::sleep_until(wake.into()) => {
                    self.show();
                    self.pass_time();
                }
            }
        }
    }

    async fn open(&mut self) -> Option<Link> {
        match self.plug.open(self.baud, self.settings).await {
            Ok(port) => {
                info!(port = %self.plug, baud = self.baud, "sign line open");
                self.trouble = None;
                self.wall.line_opened(&self.port);
                self.echo.iter_mut().for_each(EchoFilter::start_over);
                self.recorder.note("the line is open");
                if self.search.is_some() {
                    self.look_for_speed();
                } else {
                    self.line.link_up(Instant::now());
                }
                Some(port)
            }
            Err(why) => {
                self.closed(why);
                None
            }
        }
    }

    fn closed(&mut self, why: String) {
        if self.trouble.as_ref() != Some(&why) {
            warn!(port = %self.plug, %why, "sign line cannot be opened");
            self.metrics.count("sign_line", "not_open");
            self.wall.line_closed(&self.port, &why);
            self.trouble = Some(why);
        }
    }

    fn lost(&mut self, error: &io::Error) {
        warn!(port = %self.port, %error, "sign line lost: unplugged?");
        self.metrics.count("sign_line", "lost");
        self.wall.line_closed(&self.port, &error.to_string());
        self.trouble = Some(error.to_string());
        self.recorder.note(&format!("the line is closed: {error}"));
        self.line.link_down(Instant::now());
    }

    /// When the line has something to do though nothing was heard.
    fn due(&mut self) -> Option<Instant> {
        match self.looking() {
            Some(search) => search.poll_timeout(),
            None => self.line.poll_timeout(),
        }
    }

    /// The search for the line's speed, while it is under way.
    fn looking(&mut self) -> Option<&mut SpeedSearch> {
        self.search.as_mut().filter(|search| search.is_under_way())
    }

    fn look_for_speed(&mut self) {
        self.line.link_down(Instant::now());
        let Some(search) = &mut self.search else { return };
        search.begin();
        let speed = search.speed();
        self.spots.iter().for_each(|spot| self.wall.speed(spot.index, speed));
    }

    fn looked(&mut self, came: Option<Came>) {
        match came {
            Some(Came::Found(baud)) => {
                info!(port = %self.port, baud, "a card answers: this is the line's speed");
                self.recorder.note(&format!("a card answers at {baud} baud"));
                self.trouble = None;
                self.wall.line_opened(&self.port);
                self.spots.iter().for_each(|spot| self.wall.speed(spot.index, Speed::Found(baud)));
                self.baud = baud;
                self.line.signs_mut().set_baud(baud);
                self.line.link_up(Instant::now());
            }
            Some(Came::Nothing) => self.closed(nobody_answers()),
            None => {}
        }
    }

    fn pass_time(&mut self) {
        let now = Instant::now();
        match self.looking().map(|search| search.handle_timeout(now)) {
            Some(came) => self.looked(came),
            None => self.line.handle_timeout(now),
        }
    }

    async fn write(&mut self, port: &mut Link) -> io::Result<()> {
        if let Some(search) = self.looking() {
            if let Some((baud, frame)) = search.poll_transmit(Instant::now()) {
                port.set_baud(baud)?;
                self.recorder.note(&format!("a card is asked at {baud} baud"));
                self.send(port, &frame).await?;
            }
            return Ok(());
        }
        while let Some(frame) = self.line.poll_transmit(Instant::now()) {
            self.send(port, &frame).await?;
        }
        Ok(())
    }

    async fn send(&mut self, port: &mut Link, frame: &[u8]) -> io::Result<()> {
        self.recorder.record(Way::Sent, frame);
        self.echo.iter_mut().for_each(|echo| echo.sent(frame));
        tokio::time::timeout(WRITE_MAX, port.write_all(frame))
            .await
            .map_err(|_| io::Error::other(format!("it took no bytes for {} s", WRITE_MAX.as_secs())))?
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.recorder.record(Way::Heard, bytes);
        if let Some(search) = self.looking() {
            let came = search.handle_input(bytes);
            self.looked(came);
            return;
        }
        match &mut self.echo {
            Some(echo) => {
                let others = echo.heard(bytes);
                self.noise.set_echo(EchoFaults { spoiled: echo.spoiled(), missing: echo.missing() });
                self.line.handle_input(&others, Instant::now());
            }
            None => self.line.handle_input(bytes, Instant::now()),
        }
        self.noise.set(self.line.noise());
    }

    /// Hand the bus every sign whose content is another by now.
    fn show(&mut self) {
        let view = Arc::clone(&self.view.borrow_and_update());
        let orders = Arc::clone(&self.orders.borrow_and_update());
        let (local, now) = (self.clock.local(), Instant::now());
        for (spot, shown) in self.spots.iter().zip(&mut self.shown) {
            if !shown.is_due(&view, spot, &orders, now) {
                continue;
            }
            shown.seen = Some(Seen::of(&view, spot.shows, &orders));
            if let Some(level) = shown.program.brightness(local) {
                self.line.signs_mut().brightness(spot.address, level);
            }
            let content = shown.program.content(&view, spot, &orders, local, now);
            if shown.content.as_ref().is_some_and(|old| old.same_picture(&content)) {
                continue;
            }
            shown.tag += 1;
            shown.presses.push_back((shown.tag, content.press()));
            if shown.presses.len() > TAGS_KEPT {
                shown.presses.pop_front();
            }
            let (page, substitute) = content.showing(&spot.model, spot.setup());
            self.wall.wanted(spot.index, &page.frame, substitute, &content.page().says());
            self.line.signs_mut().show_page(
                spot.address,
                Arc::new(page),
                shown.tag,
                content.urgency(),
                Instant::now(),
            );
            shown.content = Some(content);
        }
    }

    /// Tell the wall, the log and the metrics what the bus found out.
    fn report(&mut self) {
        while let Some(event) = self.line.poll_pad() {
            self.pads.iter().for_each(|pads| pads.heard(event));
        }
        while let Some(event) = self.line.signs_mut().poll_event() {
            let port = &self.port;
            let address = event.address();
            match event {
                BusEvent::Shown { tag, .. } => self.acknowledged(address, tag),
                BusEvent::Late { .. } => debug!(%port, %address, "sign is late"),
                BusEvent::Dark { why, .. } => {
                    self.metrics.count("sign", "dark");
                    warn!(%port, %address, sign = self.name(address), %why, "sign is dark");
                    if self.search.is_some() && self.are_all_dark() {
                        // Cards that were set to another speed are found again.
                        self.look_for_speed();
                    }
                }
                BusEvent::Recovered { .. } => {
                    info!(%port, %address, sign = self.name(address), "sign answers again");
                }
            }
            let spot = self.spots.iter().find(|spot| spot.address == address);
            if let (Some(spot), Some(status)) = (spot, self.line.signs().status(address)) {
                self.wall.status(spot.index, status);
            }
        }
    }

    fn acknowledged(&mut self, address: SignAddress, tag: u64) {
        let Some(at) = self.spots.iter().position(|spot| spot.address == address) else { return };
        let (Some(spot), Some(shown)) = (self.spots.get(at), self.shown.get_mut(at)) else { return };
        while shown.presses.front().is_some_and(|(of, _)| *of <= tag)
            && let Some((of, press)) = shown.presses.pop_front()
        {
            let Some(press) = press.filter(|_| of == tag) else { continue };
            let took_ms = self.metrics.press_shown(press).map(|took| took.as_secs_f64() * 1_000.0);
            info!(%press, sign = %spot.id, %address, took_ms, "sign shows it");
        }
    }

    fn are_all_dark(&self) -> bool {
        let status = |spot: &SignSpot| self.line.signs().status(spot.address);
        let is_dark = |status: &SignStatus| matches!(status.health, Health::Dark { .. });
        self.spots.iter().all(|spot| status(spot).is_none_or(is_dark))
    }

    fn name(&self, address: SignAddress) -> String {
        self.spots
            .iter()
            .find(|spot| spot.address == address)
            .map_or_else(String::new, |spot| spot.id.to_string())
    }
}

async fn read(port: Option<&mut Link>, bytes: &mut [u8]) -> io::Result<usize> {
    match port {
        Some(port) => port.read(bytes).await,
        None => std::future::pending().await,
    }
}
