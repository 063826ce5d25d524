//! The driver of one serial line: moves bytes between the port and the [`Bus`], which decides
//! everything, and hands the bus what each sign should show.
//!
//! Owns the port and the bus. May lose nothing that matters: what a sign should show is taken
//! from the view at every change, and the bus repaints after every reopening. Ends when cancelled.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_core::event::PressId;
use hall_core::view::HallView;
use hall_protocol::sign::SignAddress;
use hall_signs::bus::{Bus, BusEvent};
use hall_signs::words::{Showing, Words};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio_serial::{SerialPortBuilderExt, SerialStream};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::content::Content;
use super::orders::Orders;
use super::program::Program;
use super::{SignSpot, WallHandle};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::wall::LineNoise;

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

/// Stands for a time-out that never comes.
const NEVER: Duration = Duration::from_secs(3_600);

/// One line's task.
pub(super) struct LineDriver {
    pub(super) port: PathBuf,
    pub(super) baud: u32,
    pub(super) bus: Bus,
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
    content: Option<Content>,
    tag: u64,
    presses: VecDeque<(u64, Option<PressId>)>,
}

impl Shown {
    /// A sign that was given nothing yet.
    pub(super) fn new(program: Program) -> Self {
        Self { program, content: None, tag: 0, presses: VecDeque::new() }
    }
}

impl LineDriver {
    /// Drive the line until cancelled.
    pub(super) async fn run(mut self, cancel: CancellationToken) {
        let mut port = None;
        let mut bytes = vec![0; READ_BYTES];
        self.show();
        loop {
            if port.is_none() {
                port = self.open();
            }
            if let Some(open) = &mut port
                && let Err(error) = self.write(open).await
            {
                self.lost(&error);
                port = None;
            }
            self.report();
            let now = Instant::now();
            let wake = match (&port, self.bus.poll_timeout()) {
                (None, _) => now + REOPEN_EVERY,
                (Some(_), at) => at.unwrap_or(now + NEVER),
            };
            let page = self.shown.iter().filter_map(|shown| shown.program.poll_timeout()).min();
            let page = page.unwrap_or(now + NEVER);
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                read = read(port.as_mut(), &mut bytes) => match read {
                    Ok(count) => {
                        let bytes = bytes.get(..count).unwrap_or_default();
                        self.bus.handle_input(bytes, Instant::now());
                        self.noise.set(self.bus.noise());
                    }
                    Err(error) => {
                        self.lost(&error);
                        port = None;
                        tokio::time::sleep(REOPEN_EVERY).await;
                    }
                },
                Ok(()) = self.view.changed() => self.show(),
                Ok(()) = self.orders.changed() => self.show(),
                () = tokio::time::sleep_until(page.into()) => self.show(),
                () = tokio::time::sleep_until(wake.into()) => self.bus.handle_timeout(Instant::now()),
            }
        }
    }

    fn open(&mut self) -> Option<SerialStream> {
        let path = self.port.to_string_lossy();
        match tokio_serial::new(path.as_ref(), self.baud).open_native_async() {
            Ok(port) => {
                info!(port = %path, baud = self.baud, "sign line open");
                self.trouble = None;
                self.wall.line_opened(&self.port);
                self.bus.link_up(Instant::now());
                Some(port)
            }
            Err(error) => {
                let why = format!("{error}; {}", remedy(error.kind()));
                if self.trouble.as_ref() != Some(&why) {
                    warn!(port = %path, %why, "sign line cannot be opened");
                    self.metrics.count("sign_line", "not_open");
                    self.wall.line_closed(&self.port, &why);
                    self.trouble = Some(why);
                }
                None
            }
        }
    }

    fn lost(&mut self, error: &io::Error) {
        warn!(port = %self.port.display(), %error, "sign line lost: unplugged?");
        self.metrics.count("sign_line", "lost");
        self.wall.line_closed(&self.port, &error.to_string());
        self.trouble = Some(error.to_string());
        self.bus.link_down(Instant::now());
    }

    async fn write(&mut self, port: &mut SerialStream) -> io::Result<()> {
        while let Some(frame) = self.bus.poll_transmit(Instant::now()) {
            tokio::time::timeout(WRITE_MAX, port.write_all(&frame))
                .await
                .map_err(|_| io::Error::other(format!("it took no bytes for {} s", WRITE_MAX.as_secs())))??;
        }
        Ok(())
    }

    /// Hand the bus every sign whose content is another by now.
    fn show(&mut self) {
        let view = Arc::clone(&self.view.borrow_and_update());
        let orders = Arc::clone(&self.orders.borrow_and_update());
        let (local, now) = (self.clock.local(), Instant::now());
        for (spot, shown) in self.spots.iter().zip(&mut self.shown) {
            if let Some(level) = shown.program.brightness(local) {
                self.bus.brightness(spot.address, level);
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
            let frame = Arc::new(content.render(spot.panel));
            self.wall.wanted(spot.index, &frame, &content.page().says());
            let page = Showing { frame, words: Words::dark(), blink: content.blink() };
            self.bus.show_page(spot.address, Arc::new(page), shown.tag, content.urgency(), Instant::now());
            shown.content = Some(content);
        }
    }

    /// Tell the wall, the log and the metrics what the bus found out.
    fn report(&mut self) {
        let mut touched = false;
        while let Some(event) = self.bus.poll_event() {
            touched = true;
            let port = self.port.display();
            match event {
                BusEvent::Shown { address, tag } => self.acknowledged(address, tag),
                BusEvent::Late { address } => debug!(%port, %address, "sign is late"),
                BusEvent::Dark { address, why } => {
                    self.metrics.count("sign", "dark");
                    warn!(%port, %address, sign = self.name(address), %why, "sign is dark: power, address switch, wiring?");
                }
                BusEvent::Recovered { address } => {
                    info!(%port, %address, sign = self.name(address), "sign answers again");
                }
            }
        }
        if touched {
            for spot in &self.spots {
                if let Some(status) = self.bus.status(spot.address) {
                    self.wall.status(spot.index, status);
                }
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

    fn name(&self, address: SignAddress) -> String {
        self.spots
            .iter()
            .find(|spot| spot.address == address)
            .map_or_else(String::new, |spot| spot.id.to_string())
    }
}

/// What a technician does about a port that cannot be opened.
fn remedy(kind: tokio_serial::ErrorKind) -> &'static str {
    use tokio_serial::ErrorKind;
    match kind {
        // The library's word for a port that somebody else has locked.
        ErrorKind::NoDevice => {
            "another program has it open: stop that one (`fuser -v` with the port names it)"
        }
        ErrorKind::Io(io::ErrorKind::NotFound) => "plug the adapter in, or correct the port in hall.toml",
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            "let the controller's user use it: sudo adduser USER dialout, then log in anew"
        }
        ErrorKind::InvalidInput => "correct port and baud in hall.toml",
        _ => "is it a serial port, and does its adapter work?",
    }
}

async fn read(port: Option<&mut SerialStream>, bytes: &mut [u8]) -> io::Result<usize> {
    match port {
        Some(port) => match port.read(bytes).await {
            Ok(0) => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            other => other,
        },
        None => std::future::pending().await,
    }
}
