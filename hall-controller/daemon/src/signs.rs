//! Every LED sign of the hall: one driver a serial line, emulated lines where the configuration
//! says so, and the wall on which technicians see how all of them are.

pub mod emulated;

mod content;
mod line;
mod orders;
mod program;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use hall_core::view::HallView;
use hall_protocol::id::DeviceId;
use hall_protocol::sign::SignAddress;
use hall_signs::bus::{Bus, Health, SignSetup, SignStatus};
use hall_signs::codec::Protocol;
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::{Frame, Panel};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use self::emulated::{EmulatedLine, EmulatedLineError};
use self::line::LineDriver;
pub use self::orders::{Order, OrderDesk};
use self::program::Program;
pub(crate) use self::program::clock_page;
use crate::clock::Clock;
use crate::config::{Line, Port};
use crate::metrics::Metrics;
use crate::wall::{LineNoise, Shows, SignWall, WallSign};

/// One sign, as its line's driver needs it.
struct SignSpot {
    /// Its place on the wall.
    index: usize,
    id: DeviceId,
    address: SignAddress,
    panel: Panel,
    shows: Shows,
    /// The line's port as configured, or the emulator's.
    port: Arc<str>,
}

/// All lines, running.
pub struct SignLines {
    wall: watch::Receiver<Arc<SignWall>>,
    ports: Vec<PathBuf>,
    tasks: JoinSet<()>,
}

impl SignLines {
    /// Start a driver for every line, and virtual signs where the port is `emulator`.
    ///
    /// A real port that is not there is no error: it is looked for until it comes.
    pub fn start(
        lines: &[Line],
        view: &watch::Receiver<Arc<HallView>>,
        clock: &Clock,
        orders: &OrderDesk,
        metrics: &Arc<Metrics>,
        cancel: &CancellationToken,
    ) -> Result<Self, EmulatedLineError> {
        let (sender, wall) = watch::channel(Arc::new(SignWall::default()));
        let handle = WallHandle(Arc::new(sender));
        let (mut tasks, mut ports) = (JoinSet::new(), Vec::new());
        for line in lines {
            let emulated = match &line.port {
                Port::Emulator => Some(EmulatedLine::new(virtual_line(line))?),
                Port::Path(_) => None,
            };
            let port = match (&emulated, &line.port) {
                (Some(emulated), _) => emulated.port().to_owned(),
                (None, Port::Path(path)) => path.clone(),
                (None, Port::Emulator) => continue,
            };
            let spots: Vec<SignSpot> = line.signs.iter().map(|sign| handle.hang(sign, &port)).collect();
            if let Some(emulated) = emulated {
                let places: Vec<_> = spots.iter().map(|spot| (spot.address, spot.index)).collect();
                let wall = handle.clone();
                let decoded = move |address: SignAddress, frame: &Frame| {
                    if let Some((_, index)) = places.iter().find(|(known, _)| *known == address) {
                        wall.change(*index, |sign| sign.decoded = Some(Arc::new(frame.clone())));
                    }
                };
                tasks.spawn(emulated.run(cancel.clone(), decoded));
            }
            let setups = spots.iter().map(|spot| SignSetup { address: spot.address, panel: spot.panel });
            let driver = LineDriver {
                bus: Bus::new(line.baud, setups.collect(), Instant::now()),
                shown: line
                    .signs
                    .iter()
                    .map(|sign| line::Shown::new(Program::new(sign.pages.clone(), sign.look.clone())))
                    .collect(),
                port: port.clone(),
                baud: line.baud,
                spots,
                view: view.clone(),
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
        Ok(Self { wall, ports, tasks })
    }

    /// How all signs are, always the latest.
    pub fn wall(&self) -> watch::Receiver<Arc<SignWall>> {
        self.wall.clone()
    }

    /// The port of each line, in the configuration's order.
    pub fn ports(&self) -> &[PathBuf] {
        &self.ports
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
fn virtual_line(line: &Line) -> VirtualLine {
    VirtualLine::new(line.signs.iter().map(|sign| VirtualSign::new(sign.address, sign.panel)).collect())
}

/// Where drivers hang the state of their signs.
#[derive(Clone)]
struct WallHandle(Arc<watch::Sender<Arc<SignWall>>>);

impl WallHandle {
    fn hang(&self, sign: &crate::config::Sign, port: &Path) -> SignSpot {
        let (mut index, port) = (0, Arc::<str>::from(port.to_string_lossy()));
        self.0.send_modify(|wall| {
            let wall = Arc::make_mut(wall);
            index = wall.signs.len();
            wall.signs.push(Arc::new(WallSign {
                id: sign.id,
                port: Arc::clone(&port),
                address: sign.address,
                protocol: Protocol::Native,
                shows: sign.shows,
                health: crate::wall::Health::Late,
                wanted: Arc::new(Frame::dark(sign.panel)),
                says: "".into(),
                acknowledged: None,
                decoded: None,
                timeouts: 0,
                refusals: 0,
            }));
        });
        SignSpot { index, id: sign.id, address: sign.address, panel: sign.panel, shows: sign.shows, port }
    }

    fn listen(&self, port: &Path) -> Arc<LineNoise> {
        let noise = Arc::new(LineNoise::new(port.to_string_lossy().into()));
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

    fn wanted(&self, index: usize, frame: &Arc<Frame>, says: &str) {
        self.change(index, |sign| {
            sign.wanted = Arc::clone(frame);
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
        });
    }

    fn line_opened(&self, port: &Path) {
        let port = port.to_string_lossy();
        self.0.send_modify(|wall| Arc::make_mut(wall).closed_lines.retain(|(closed, _)| **closed != *port));
    }

    fn line_closed(&self, port: &Path, why: &str) {
        self.line_opened(port);
        let entry = (port.to_string_lossy().into(), why.to_owned());
        self.0.send_modify(|wall| Arc::make_mut(wall).closed_lines.push(entry));
    }
}
