//! The demo: a whole county hall on this machine, with people in it.
//!
//! Everything is the real thing, started from the example configuration: journal, broker, link,
//! serial lines (pseudo-terminals with virtual signs) and pages. Only the people are made up, and
//! they act through MQTT like everybody else.

mod bookings;
mod citizens;
mod clerks;
mod report;
mod welcome;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hall_core::Hall;
use hall_core::claim::Entry;
use hall_protocol::id::ClientId;
use jiff::civil::Time;
use jiff::{Timestamp, ZonedDateTime};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::citizens::Citizens;
use self::clerks::Clerk;
use crate::cli::DemoArgs;
use crate::clock::Clock;
use crate::config::{AddressesFrom, Client, Config, ConfigErrors, Mqtt, Right, Token};
use crate::running::{Addresses, RunError, Running};
use crate::storage::StorageError;

pub use self::report::Report;
pub use self::welcome::welcome;

/// The example configuration is the demo's.
const HALL_TOML: &str = include_str!("../../../deploy/demo/hall.toml");

/// A citizen's business takes this long in the mean, by the hall's clock.
const SERVICE_MEAN: Duration = Duration::from_secs(300);

/// From the chair to the window, in the mean.
const WALK_MEAN: Duration = Duration::from_secs(20);

/// A demo that runs faster than the wall begins at this local time, when people queue already.
const OPENS_AT: Time = Time::constant(8, 30, 0, 0);

/// Windows at the end of the list without a clerk of their own, for the visitor.
const WINDOWS_FOR_THE_VISITOR: usize = 1;

/// Why the demo did not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The example configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// No place for the journal.
    #[error("no temporary directory for the demo's journal: {0}; name one with --data")]
    Directory(#[from] std::io::Error),
    /// The hall.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The results.
    #[error("the demo ran, but its results cannot be counted: {0}")]
    Report(#[from] StorageError),
}

/// Run the demo until `asked` is cancelled or its time is over; tell `announce` where it is.
///
/// # Errors
/// When it cannot start, or its journal cannot be written or read again.
pub async fn run(
    arguments: &DemoArgs,
    asked: CancellationToken,
    announce: impl FnOnce(&Config, &Addresses),
) -> Result<Report, DemoError> {
    let keep;
    let directory: &Path = if let Some(directory) = &arguments.data {
        directory
    } else {
        keep = tempfile::tempdir()?;
        keep.path()
    };
    let config = configuration(arguments, directory.to_owned())?;
    let speed = arguments.speed;
    let zone_clock = Clock::new(config.time_zone.clone(), config.day_starts());
    let running = Running::start(&config, Entry::IfFree, |hall| pace(zone_clock, speed, hall)).await?;
    let metrics = Arc::clone(&running.metrics);
    bookings::book(&config.plan, &running.clock, &*running.office()).await;
    announce(&config, &running.addresses);

    let people_leave = asked.child_token();
    let mut people = people(&running, arguments.seed, &people_leave);
    let duration = arguments.duration;
    let over = asked.clone();
    let timer = tokio::spawn(async move {
        if let Some(duration) = duration {
            tokio::time::sleep(duration).await;
            over.cancel();
        }
    });
    let ended = running.until(&asked).await;
    timer.abort();
    people_leave.cancel();
    while people.join_next().await.is_some() {}
    ended?;
    let (directory, hall) = (directory.to_owned(), config.plan.hall());
    let counted = tokio::task::spawn_blocking(move || Report::of(&directory, hall, &metrics)).await;
    Ok(counted.map_err(RunError::Task)??)
}

fn configuration(arguments: &DemoArgs, journal: PathBuf) -> Result<Config, ConfigErrors> {
    let mut config = Config::parse(HALL_TOML, Path::new("deploy/demo/hall.toml"))?;
    config.web.listen = arguments.listen;
    config.mqtt = Mqtt::Embedded { listen: arguments.mqtt_listen };
    config.addresses = AddressesFrom::Options;
    config.journal.directory = journal;
    config.clients = manager().into_iter().collect();
    // The trembling finger is the visitor's, whose time is the wall's.
    config.plan = config.plan.with_double_press_guard(|ms| scaled(ms, arguments.speed));
    Ok(config)
}

/// Who orders windows on the page for it: the visitor, with a token that is good for this run.
fn manager() -> Option<Client> {
    let may = vec![Right::Manage, Right::Signs, Right::Emergency];
    Some(Client { id: ClientId::new("manager").ok()?, token: Token::unguessed(), may })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a guard of seconds, times 1000 at most"
)]
fn scaled(ms: u32, speed: f64) -> u32 {
    (f64::from(ms) * speed).round() as u32
}

/// The hall's clock: the wall's at speed 1; otherwise from the morning on, or from where the
/// journal ends, whichever is later, for the hall's time never runs back.
fn pace(clock: Clock, speed: f64, hall: &Hall) -> Clock {
    let wall = (speed - 1.0).abs() < f64::EPSILON;
    let now = Timestamp::now();
    let morning = ZonedDateTime::new(now, clock.zone().clone()).with().time(OPENS_AT).build();
    let start = morning.map_or(now, |morning| morning.timestamp());
    let left = Timestamp::from_millisecond(hall.at().unix_ms()).unwrap_or(start);
    if wall && left <= now { clock } else { clock.running(speed, left.max(if wall { now } else { start })) }
}

fn people(running: &Running, seed: u64, leave: &CancellationToken) -> JoinSet<()> {
    let mut seeds = fastrand::Rng::with_seed(seed);
    let mut people = JoinSet::new();
    let view = running.view();
    let windows: Vec<_> = view.borrow().plan.windows().iter().map(|window| window.id).collect();
    let staffed = windows.len().saturating_sub(WINDOWS_FOR_THE_VISITOR);
    let clerks = view.borrow().plan.clerks().iter().map(|clerk| clerk.id).collect::<Vec<_>>();
    for (window, id) in windows.into_iter().take(staffed).zip(clerks) {
        let clerk = Clerk {
            id,
            window,
            devices: Arc::clone(&running.devices),
            view: view.clone(),
            clock: running.clock.clone(),
            rng: seeds.fork(),
            opened: None,
        };
        people.spawn(clerk.run(leave.clone()));
    }
    let citizens = Citizens {
        devices: Arc::clone(&running.devices),
        view,
        clock: running.clock.clone(),
        rng: seeds.fork(),
    };
    people.spawn(citizens.run(leave.clone()));
    people
}
