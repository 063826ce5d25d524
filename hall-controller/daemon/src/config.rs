//! The hall as `hall.toml` describes it: read once at the start, checked completely.
//!
//! A technician sees everything that is wrong at once, each with its line, its key and what to
//! write instead. How the parts are read is in the modules below: `reader` walks the TOML,
//! `settings` and `broker` are the process around the hall, `plan` is the hall itself,
//! `lines` its signs.
//! Every key is explained in the example, `deploy/demo/hall.toml`.

mod balancing;
mod broker;
mod calendar;
mod clients;
mod errors;
mod lines;
mod look;
pub(crate) mod nearest;
mod pages;
mod plan;
mod reader;
mod routing;
mod secrets;
mod settings;
mod substitutes;
#[cfg(test)]
mod tests;
mod values;
mod week;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hall_core::plan::Plan;
use hall_protocol::id::DeviceId;
use hall_protocol::sign::SignAddress;
use hall_signs::Panel;
use hall_signs::codec::model::Model;
use hall_signs::script::Slot;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use toml::de::DeTable;

pub use self::clients::{Client, Right, Token};
use self::errors::words;
pub use self::errors::{ConfigError, ConfigErrors, Words};
pub(crate) use self::lines::Speech;
pub use self::lines::{Baud, FlowControl, Pad, Pads, Parity, Rs485, SerialSettings, Server};
pub use self::look::{Level, Look};
use self::reader::{Findings, Table};
use crate::clock::local_date;
use crate::wall::{Shows, Slide};

/// The longest configuration read, in bytes: a hall of 1,000 windows and 500 signs takes a
/// quarter of it, and a device named by mistake cannot fill the memory.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The hall: what the engine works by.
    pub plan: Plan,
    /// The hall's time zone; its business days follow it.
    pub time_zone: TimeZone,
    /// The web pages.
    pub web: Web,
    /// The broker.
    pub mqtt: Mqtt,
    /// Where events are kept.
    pub journal: Journal,
    /// Programs that may ask for something by a token.
    pub clients: Vec<Client>,
    /// The serial lines of the signs, in the file's order.
    pub lines: Vec<Line>,
    /// Where the addresses to listen on come from.
    pub addresses: AddressesFrom,
    /// What is allowed and hardly meant, in the order of the file.
    pub doubts: Vec<ConfigError>,
}

/// Where the addresses to listen on are written, for who has to change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressesFrom {
    /// In the configuration.
    File,
    /// On the command line of the demo.
    Options,
}

impl AddressesFrom {
    /// What the pages' address is given with.
    pub const fn web(self) -> &'static str {
        match self {
            Self::File => "`listen` in [web] of the configuration",
            Self::Options => "--listen (port 0 picks a free one)",
        }
    }

    /// What the embedded broker's address is given with.
    pub const fn mqtt(self) -> &'static str {
        match self {
            Self::File => "`embedded = { listen = … }` in [mqtt] of the configuration",
            Self::Options => "--mqtt-listen (port 0 picks a free one)",
        }
    }
}

/// Where the web pages are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Web {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Whether somebody decided that other machines may open pages that ask for no login.
    pub allow_beyond_loopback_without_logins: bool,
}

/// Which MQTT broker carries the hall's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mqtt {
    /// The one inside this process.
    Embedded {
        /// The address to listen on.
        listen: SocketAddr,
    },
    /// One that runs on its own, such as Mosquitto.
    External {
        /// Its host name or IP address.
        host: String,
        /// Its TCP port.
        port: u16,
        /// Who the controller is to it; `None` when it asks nobody.
        login: Option<Login>,
        /// Who the browser's kiosks and call pads are to it.
        virtual_devices_login: Option<Login>,
    },
}

/// A user of a broker.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name.
    pub username: String,
    /// The password; never printed.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Where events are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// The directory; made at the first start.
    pub directory: PathBuf,
    /// Citizens' phone numbers are kept for so many days after the day of their ticket.
    pub phones_kept_days: u16,
}

/// One serial line and the signs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it is plugged in.
    pub port: Port,
    /// Its speed.
    pub baud: Baud,
    /// How its port is set otherwise.
    pub serial: SerialSettings,
    /// The call pads that are polled on it.
    pub pads: Option<Pads>,
    /// The signs, in the file's order.
    pub signs: Vec<Sign>,
}

/// Where a line is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// Nowhere: virtual signs on a pseudo-terminal.
    Emulator,
    /// A serial device.
    Path(PathBuf),
    /// A port of a serial device server.
    Server(Server),
}

/// One LED sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// Its id, unique over the hall's windows, kiosks and signs.
    pub id: DeviceId,
    /// Its address on the line.
    pub address: SignAddress,
    /// Its size and colours; of a display with characters only, theirs in the smallest letters.
    pub panel: Panel,
    /// What it speaks.
    pub model: Model,
    /// What it says.
    pub shows: Shows,
    /// The pages it shows while nobody is called, one after another; empty for its own page alone.
    pub pages: Vec<Slot<Slide>>,
    /// How it looks beside them.
    pub look: Look,
}

impl Config {
    /// Read and check the configuration in the file `path`.
    ///
    /// # Errors
    /// [`ConfigErrors`] when the file cannot be read, or with everything that is wrong in it.
    pub fn load(path: &Path) -> Result<Self, ConfigErrors> {
        Self::parse(&read(path)?, path)
    }

    /// Check the configuration in `text`. `path` stands in the messages; files it names are
    /// relative to the directory of `path`.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong, password files that cannot be read too.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigErrors> {
        let findings = Findings::new(text);
        let document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => return Err(ConfigErrors::new(path, vec![findings.syntax(&error)])),
        };
        let base = path.parent().unwrap_or(Path::new(""));
        let config = Self::of(&Table::root(&findings, document.get_ref()), base);
        let doubts = findings.take_doubts();
        match (config, findings.into_errors()) {
            (Some(config), errors) if errors.is_empty() => Ok(Self { doubts, ..config }),
            (_, errors) => Err(ConfigErrors::new(path, errors)),
        }
    }

    /// The local time at which a business day begins and numbers start again.
    pub fn day_starts(&self) -> Time {
        let minutes = self.plan.calendar().day_starts_minute;
        Time::midnight().saturating_add(SignedDuration::from_mins(minutes.into()))
    }

    /// What the document says, as far as it can be read; the rest is among the findings.
    fn of(root: &Table<'_>, base: &Path) -> Option<Self> {
        let hall = settings::hall(root);
        let web = settings::web(root);
        let mqtt = broker::mqtt(root, base, web.as_ref().map(|web| web.listen));
        let journal = settings::journal(root, base);
        let clients = clients::of(root, base);
        let mut parts = plan::Parts::of(root, hall.last_ticket_minutes);
        let lines = lines::lines(root, &mut parts);
        let special = calendar::special(root, &hall.calendar.hours);
        let (guard_rails, pinned) = balancing::guard_rails(root, &parts.device_ids);
        let groups = balancing::groups(root, &parts.service_ids);
        root.finish();
        // What is wrong is left out of the parts, and the core would miss it.
        if !root.is_right() {
            return None;
        }
        let settings::Hall { identity, time_zone, mut calendar, mut policy, .. } = hall;
        calendar.special = special;
        (policy.guard_rails, policy.pinned, policy.groups) = (guard_rails, pinned, groups);
        let plan = parts.plan(root, identity?, calendar, policy)?;
        Some(Self {
            plan,
            time_zone: time_zone?,
            web: web?,
            mqtt: mqtt?,
            journal: journal?,
            clients,
            lines,
            addresses: AddressesFrom::File,
            doubts: Vec::new(),
        })
    }
}

/// Check the configuration in the file `path`: one sentence that sums it up, warnings, and when the
/// hall and its services are open in the seven days from `now` on.
///
/// # Errors
/// As [`Config::load`].
pub fn check(path: &Path, now: Timestamp) -> Result<String, ConfigErrors> {
    let Config { plan, lines, time_zone, doubts, .. } = Config::load(path)?;
    let slots: usize = plan.services().iter().map(|service| service.slots.len()).sum();
    let signs = lines.iter().map(|line| line.signs.len()).sum();
    let sum = format!(
        "{} ({}): {}, {}{}, {}, {}, {} with {}; ready to run",
        plan.name().zh,
        plan.hall(),
        counted(plan.zones().len(), "zone"),
        counted(plan.services().len(), "service"),
        if slots == 0 { String::new() } else { format!(" with {slots} slots a day") },
        counted(plan.windows().len(), "window"),
        counted(plan.kiosks().len(), "kiosk"),
        counted(lines.len(), "line"),
        counted(signs, "sign"),
    );
    let today = local_date(time_zone.to_datetime(now).date());
    let (speeds, instead) = (lines::found_speeds(&lines), substitutes::lines(&plan, &lines));
    let doubts = ConfigErrors::new(path, doubts).warnings();
    Ok([vec![sum], doubts, week::warnings(&plan), speeds, instead, week::lines(&plan, today)]
        .concat()
        .join("\n"))
}

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

fn read(path: &Path) -> Result<String, ConfigErrors> {
    let unreadable = |problem: Words, remedy: Words| {
        let key = "configuration".to_owned();
        ConfigErrors::new(path, vec![ConfigError { line: None, key, problem, remedy }])
    };
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text));
    match read {
        Ok(_) if text.len() as u64 > FILE_BYTES_MAX => {
            let problem =
                words!("文件超过 {FILE_BYTES_MAX} 字节", "the file is longer than {FILE_BYTES_MAX} bytes");
            Err(unreadable(problem, words!("请用 --config 指定 hall.toml", "name a hall.toml with --config")))
        }
        Ok(_) => Ok(text),
        Err(error) => {
            let remedy = match error.kind() {
                io::ErrorKind::NotFound => {
                    words!("请用 --config 指定存在的文件", "name an existing file with --config")
                }
                io::ErrorKind::PermissionDenied => {
                    words!("请让控制器的用户可以读取它", "let the controller's user read it")
                }
                io::ErrorKind::InvalidData => words!("请把文件存为 UTF-8", "save the file as UTF-8"),
                _ => words!("请用 --config 指定可读取的文件", "name a readable file with --config"),
            };
            Err(unreadable(words!("文件无法读取（{error}）", "the file cannot be read: {error}"), remedy))
        }
    }
}
