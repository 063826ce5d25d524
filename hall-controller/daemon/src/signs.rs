//! Every LED sign of the hall: one driver a serial line, emulated lines where the configuration
//! says so, and the wall on which technicians see how all of them are.

pub mod emulated;
pub mod recorder;

mod claim;
mod content;
mod direction;
mod line;
mod link;
pub(crate) mod marquee;
mod orders;
mod owner;
mod pads;
#[cfg(test)]
mod played;
mod program;
mod seen;
mod speed;
mod turns;

use std::sync::Arc;
use std::time::Instant;

use hall_protocol::id::DeviceId;
use hall_protocol::sign::SignAddress;
use hall_signs::bus::{Bus, Health, SignSetup, SignStatus};
use hall_signs::call_pad::PadPoller;
use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::baud::RATES;
use hall_signs::echo::EchoFilter;
use hall_signs::emulator::far_end::{FarEnd, NoFixedWidth};
use hall_signs::shared_line::SharedLine;
use hall_signs::substitute::Substitute;
use hall_signs::{Frame, Panel};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use self::emulated::{EmulatedLine, EmulatedLineError};
use self::line::LineDriver;
use self::link::Plug;
pub(crate) use self::orders::identity;
pub use self::orders::{Order, OrderDesk};
use self::pads::PadDesk;
use self::program::Program;
pub(crate) use self::program::clock_page;
use self::recorder::Recorder;
use self::speed::SpeedSearch;
use crate::clock::Clock;
use crate::config::{Baud, Line, Port, Rs485};
use crate::engine::EngineHandle;
use crate::metrics::Metrics;
use crate::wall::{LineNoise, Shows, SignWall, Speed, WallSign};

/// Why all signs of a line are dark.
const LINE_CLOSED: &str = "its line is not open";

/// One sign, as its line's driver needs it.
struct SignSpot {
    /// Its place on the wall.
    index: usize,
    id: DeviceId,
    address: SignAddress,
    panel: Panel,
    model: Model,
    shows: Shows,
    /// The line's port as configured, or the emulator's.
    port: Arc<str>,
}

impl SignSpot {
    fn setup(&self) -> SignSetup {
        SignSetup { address: self.address, panel: self.panel }
    }
}

/// All lines, running.
pub struct SignLines {
    wall: watch::Receiver<Arc<SignWall>>,
    ports: Vec<Arc<str>>,
    recorders: Vec<Recorder>,
    tasks: JoinSet<()>,
}

impl SignLines {
    /// Start a driver for every line, and virtual signs where the port is `emulator`.
    ///
    /// A real port that is not there is no error: it is looked for until it comes.
    pub fn start(
        lines: &[Line],
        engine: &EngineHandle,
        clock: &Clock,
        orders: &OrderDesk,
        metrics: &Arc<Metrics>,
        cancel: &CancellationToken,
    ) -> Result<Self, EmulatedLineError> {
        let (sender, wall) = watch::channel(Arc::new(SignWall::default()));
        let handle = WallHandle(Arc::new(sender));
        let (mut tasks, mut ports, mut recorders) = (JoinSet::new(), Vec::new(), Vec::new());
        for line in lines {
            let emulated = match &line.port {
                Port::Emulator => Some(emulated(line)?),
                Port::Path(_) | Port::Server(_) => None,
            };
            let plug = match (&emulated, &line.port) {
                (Some(emulated), _) => Plug::Device(emulated.port().to_owned()),
                (None, Port::Path(path)) => Plug::Device(path.clone()),
                (None, Port::Server(server)) => Plug::Server(server.clone()),
                (None, Port::Emulator) => continue,
            };
            let port: Arc<str> = plug.to_string().into();
            let search = (line.baud == Baud::Auto)
                .then(|| SpeedSearch::new(line.signs.iter().map(|sign| &sign.model)));
            let baud = line.baud.rate();
            let speed = search.as_ref().map_or(Speed::Set(baud), SpeedSearch::speed);
            let spots: Vec<SignSpot> =
                line.signs.iter().map(|sign| handle.hang(sign, &port, speed)).collect();
            if let Some(emulated) = emulated {
                let places: Vec<_> = spots.iter().map(|spot| (spot.address, spot.index)).collect();
                let wall = handle.clone();
                let decoded = move |address: SignAddress, frame: &Frame, _: Option<&[String]>| {
                    if let Some((_, index)) = places.iter().find(|(known, _)| *known == address) {
                        wall.change(*index, |sign| sign.decoded = Some(Arc::new(frame.clone())));
                    }
                };
                tasks.spawn(emulated.run(cancel.clone(), decoded));
            }
            let signs = spots.iter().map(|spot| (spot.setup(), spot.model.codec(spot.setup(), baud)));
            let bus = Bus::with_codecs(baud, signs.collect(), Instant::now());
            let recorder = Recorder::new(&port, &about(line));
            recorders.push(recorder.clone());
            let bus = bus.on_line(line.serial.bits_per_byte(), link::delay(&line.port));
            let pads = line.pads.as_ref().map(|pads| {
                let (desk, task) =
                    PadDesk::new(&port, pads.pads.clone(), engine.clone(), metrics, cancel.clone());
                tasks.spawn(task);
                desk
            });
            let driver = LineDriver {
                line: SharedLine::new(bus, poller(line), Instant::now()),
                settings: line.serial,
                echo: (line.serial.rs485 == Rs485::Echo).then(EchoFilter::default),
                recorder,
                pads,
                shown: line
                    .signs
                    .iter()
                    .map(|sign| {
                        let script = marquee::script(line, sign);
                        line::Shown::new(Program::new(script, sign.look.clone()))
                    })
                    .collect(),
                plug,
                port: Arc::clone(&port),
                baud,
                search,
                spots,
                view: engine.view(),
                orders: orders.orders(),
                clock: clock.clone(),
                wall: handle.clone(),
                metrics: Arc::clone(metrics),
                trouble: None,
                noise: handle.listen(&port),
            };
            tasks.spawn(driver.run(cancel.clone()));
            ports.push(port);
        }
        Ok(Self { wall, ports, recorders, tasks })
    }

    /// How all signs are, always the latest.
    pub fn wall(&self) -> watch::Receiver<Arc<SignWall>> {
        self.wall.clone()
    }

    /// The port of each line, in the configuration's order.
    pub fn ports(&self) -> &[Arc<str>] {
        &self.ports
    }

    /// Where each line can be recorded, in the configuration's order.
    pub fn recorders(&self) -> &[Recorder] {
        &self.recorders
    }

    /// Wait for the tasks, once cancelled.
    pub async fn ended(mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                warn!(%error, "a sign line's task failed");
            }
        }
    }
}

/// The signs of a line, for its far end.
fn far_end(line: &Line) -> Result<FarEnd, NoFixedWidth> {
    let sign = |sign: &crate::config::Sign| (sign.address, sign.panel, sign.model.clone());
    FarEnd::new(&line.signs.iter().map(sign).collect::<Vec<_>>(), line.baud.rate())
}

/// Its virtual signs on a pseudo-terminal. Where the speed is to be found, it is the one that is tried last.
pub(crate) fn emulated(line: &Line) -> Result<EmulatedLine, EmulatedLineError> {
    let emulated = EmulatedLine::new(far_end(line)?)?;
    let [.., last] = RATES;
    Ok(if line.baud == Baud::Auto { emulated.only_at(last) } else { emulated })
}

/// What a recording of the line says at its head.
fn about(line: &Line) -> String {
    let protocol = line.signs.first().map_or("none", |sign| sign.model.protocol().name());
    match line.baud {
        Baud::Set(rate) => format!("protocol={protocol} baud={rate}"),
        Baud::Auto => format!("protocol={protocol} baud=auto"),
    }
}

/// Who polls the line's call pads, if it has some.
fn poller(line: &Line) -> Option<PadPoller> {
    let pads = line.pads.as_ref()?;
    let addresses: Vec<u8> = pads.pads.iter().map(|pad| pad.address).collect();
    Some(PadPoller::new(pads.setup.clone(), line.baud.rate(), &addresses, Instant::now()))
}

/// Where drivers hang the state of their signs.
#[derive(Clone)]
struct WallHandle(Arc<watch::Sender<Arc<SignWall>>>);

impl WallHandle {
    fn hang(&self, sign: &crate::config::Sign, port: &Arc<str>, speed: Speed) -> SignSpot {
        let mut index = 0;
        self.0.send_modify(|wall| {
            let wall = Arc::make_mut(wall);
            index = wall.signs.len();
            wall.signs.push(Arc::new(WallSign {
                id: sign.id,
                port: Arc::clone(port),
                speed,
                address: sign.address,
                protocol: sign.model.protocol(),
                shows: sign.shows,
                substitute: Substitute::Nothing,
                health: crate::wall::Health::Late,
                wanted: Arc::new(Frame::dark(sign.panel)),
                says: "".into(),
                acknowledged: None,
                decoded: None,
                timeouts: 0,
                refusals: 0,
                trouble: None,
            }));
        });
        SignSpot {
            index,
            id: sign.id,
            address: sign.address,
            panel: sign.panel,
            model: sign.model.clone(),
            shows: sign.shows,
            port: Arc::clone(port),
        }
    }

    fn listen(&self, port: &Arc<str>) -> Arc<LineNoise> {
        let noise = Arc::new(LineNoise::new(Arc::clone(port)));
        self.0.send_modify(|wall| Arc::make_mut(wall).noise.push(Arc::clone(&noise)));
        noise
    }

    fn change(&self, index: usize, change: impl FnOnce(&mut WallSign)) {
        self.0.send_modify(|wall| {
            if let Some(sign) = Arc::make_mut(wall).signs.get_mut(index) {
                change(Arc::make_mut(sign));
            }
        });
    }

    fn wanted(&self, index: usize, frame: &Arc<Frame>, substitute: Substitute, says: &str) {
        self.change(index, |sign| {
            sign.wanted = Arc::clone(frame);
            sign.substitute = substitute;
            if *sign.says != *says {
                sign.says = says.into();
            }
        });
    }

    fn status(&self, index: usize, status: &SignStatus) {
        self.change(index, |sign| {
            sign.health = match status.health {
                Health::Ok => crate::wall::Health::Ok,
                Health::Late => crate::wall::Health::Late,
                Health::Dark { since } => crate::wall::Health::Dark(since),
            };
            sign.acknowledged.clone_from(&status.acknowledged);
            sign.timeouts = status.timeouts;
            sign.refusals = status.naks;
            if sign.trouble.as_deref() != status.dark_because.as_deref() {
                sign.trouble = status.dark_because.as_deref().map(Into::into);
            }
        });
    }

    fn speed(&self, index: usize, speed: Speed) {
        self.change(index, |sign| sign.speed = speed);
    }

    fn line_opened(&self, port: &Arc<str>) {
        self.0.send_modify(|wall| {
            let wall = Arc::make_mut(wall);
            if !wall.closed_lines.iter().any(|(closed, _)| closed == port) {
                return;
            }
            wall.closed_lines.retain(|(closed, _)| closed != port);
            wall.of_line(port, |sign| {
                (sign.health, sign.trouble) = (crate::wall::Health::Late, None);
            });
        });
    }

    /// Whatever its signs show, nobody knows it and nothing reaches them.
    fn line_closed(&self, port: &Arc<str>, why: &str) {
        let now = Instant::now();
        self.0.send_modify(|wall| {
            let wall = Arc::make_mut(wall);
            wall.closed_lines.retain(|(closed, _)| closed != port);
            wall.closed_lines.push((Arc::clone(port), why.to_owned()));
            wall.of_line(port, |sign| {
                if !matches!(sign.health, crate::wall::Health::Dark(_)) {
                    sign.health = crate::wall::Health::Dark(now);
                }
                sign.trouble = Some(LINE_CLOSED.into());
                sign.acknowledged = None;
            });
        });
    }
}
