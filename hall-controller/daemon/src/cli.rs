//! The command line: what can be asked, with examples. What is done stands in the modules named.

mod appointments;
mod copies;
mod emergency;
mod leases;
mod place;
mod render;
mod rules;
mod signs;
mod simulate;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::appointments::{Appointments, By};
pub use self::copies::{BackupArgs, Excel, ExportArgs, ExportFormat, RestoreArgs};
pub use self::emergency::EmergencyArgs;
pub use self::leases::Leases;
pub use self::place::{AskedDay, HallArgs, JournalArgs, NoPlace, Place, RunArgs};
pub use self::render::{PageKind, RenderArgs};
pub use self::signs::{Pattern, SignIdentifyArgs, SignListArgs, SignTestArgs, SignWatchArgs};
use hall_journal::ChainHash;
use hall_protocol::id::DeviceId;
use hall_protocol::number::TicketNumber;
use hall_signs::codec::Protocol;
use jiff::tz::TimeZone;

use crate::contacts::BY_HAND;

pub use self::rules::RuleArgs;
pub use self::simulate::{Balance, LearnArgs, Other, PolicyName, SimulateArgs};

/// Queue numbers, window calls and LED signs of a public service hall.
#[derive(Debug, Parser)]
#[command(
    name = "hall-controller",
    version,
    after_help = "Example:\n  hall-controller demo              a hall of 12 windows to try, in the browser\n  hall-controller run --config /etc/hall-controller/hall.toml"
)]
pub struct Cli {
    /// How logs are written, on standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,
    /// What is logged: error, warn, info, debug, or a filter such as
    /// `info,hall_controller::mqtt=debug`.
    #[arg(long, env = "HALL_LOG", global = true)]
    pub log: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for log collectors.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a hall by its configuration until told to stop.
    #[command(
        after_help = "Examples:\n  hall-controller run --config /etc/hall-controller/hall.toml\n  hall-controller run --config /etc/hall-controller/hall.toml --take-over"
    )]
    Run(RunArgs),
    /// Check a configuration and say what is wrong with it; exit code 2 if anything is.
    #[command(after_help = "Example:\n  hall-controller check --config deploy/demo/hall.toml")]
    Check(HallArgs),
    /// Run a county hall with simulated citizens and clerks, and take part in the browser.
    #[command(
        after_help = "Examples:\n  hall-controller demo\n  hall-controller demo --speed 60 --duration 30s --seed 1 --json --listen 127.0.0.1:0 --mqtt-listen 127.0.0.1:0"
    )]
    Demo(DemoArgs),
    /// Examine a journal.
    #[command(
        subcommand,
        after_help = "Example:\n  hall-controller audit verify --data /var/lib/hall-controller"
    )]
    Audit(Audit),
    /// Copy the journal to a file while the hall is open, and verify the copy.
    #[command(
        after_help = "Example:\n  hall-controller backup --data /var/lib/hall-controller --to /mnt/backup/hall-2026-03-02.sqlite3"
    )]
    Backup(BackupArgs),
    /// Verify a backup and put it into a data directory without a journal.
    #[command(
        after_help = "Examples:\n  hall-controller restore --from /mnt/backup/hall-2026-03-02.sqlite3 --data /var/lib/hall-controller\n  hall-controller restore --from /mnt/backup/hall-2026-03-02.sqlite3 --verify --config /etc/hall-controller/hall.toml\n  hall-controller restore --accept-loss --data /var/lib/hall-controller"
    )]
    Restore(RestoreArgs),
    /// Write events as CSV or as one JSON object a line, while the hall may be open.
    #[command(
        after_help = "Examples:\n  hall-controller export --data /var/lib/hall-controller --format csv --day 2026-03-02 --out day.csv\n  hall-controller export --config /etc/hall-controller/hall.toml --format csv --excel --day yesterday --out yesterday.csv\n  hall-controller export --config /etc/hall-controller/hall.toml --format jsonl | grep A012"
    )]
    Export(ExportArgs),
    /// Report a business day: tickets, outcomes, waits and grades by service, and the head that seals it.
    #[command(
        after_help = "Examples:\n  hall-controller report --config /etc/hall-controller/hall.toml\n  hall-controller report --data /var/lib/hall-controller --day 2026-03-02 --lang en\n  hall-controller report --data /var/lib/hall-controller --day 2026-03-02 --csv > 2026-03-02.csv\n  hall-controller report --data /var/lib/hall-controller --day yesterday --csv --excel > yesterday.csv"
    )]
    Report(ReportArgs),
    /// Erase citizens' phone numbers for good, while the hall may be open; the journal gets whose, by whom
    /// and why, never the phone.
    #[command(
        after_help = "Examples:\n  hall-controller erase --config /etc/hall-controller/hall.toml --ticket A012 --day 2026-03-02 --by li --reason \"asked for by the citizen\"\n  hall-controller erase --data /var/lib/hall-controller --before 2026-03-01 --by li"
    )]
    Erase(EraseArgs),
    /// Appointments of the running hall, from and to files.
    ///
    /// Needs a client whose `may` has "appointments", as it has unless it says something else.
    #[command(
        subcommand,
        after_help = "Examples:\n  hall-controller appointments import --config /etc/hall-controller/hall.toml tomorrow.csv\n  hall-controller appointments export --config /etc/hall-controller/hall.toml --excel > appointments.csv"
    )]
    Appointments(Appointments),
    /// Numbers leased to kiosks.
    ///
    /// Needs a client whose `may` has "manage".
    #[command(
        subcommand,
        after_help = "Example:\n  hall-controller leases write-off K1 --config /etc/hall-controller/hall.toml --by li --reason \"drowned by a burst pipe\""
    )]
    Leases(Leases),
    /// Show an emergency text on every sign and screen of the running hall until it is cleared.
    ///
    /// It stands before calls and everything else, also after a restart; tickets and calls go on behind
    /// it. The journal has who and why. Needs a client whose `may` has "emergency".
    #[command(
        after_help = "Examples:\n  hall-controller emergency --config /etc/hall-controller/hall.toml --text 火警，请从最近出口撤离 --text-en \"Fire: leave by the nearest exit\" --reason drill\n  hall-controller emergency --config /etc/hall-controller/hall.toml --text 此处漏水，请绕行 --zone A\n  hall-controller emergency --config /etc/hall-controller/hall.toml --clear --by li"
    )]
    Emergency(EmergencyArgs),
    /// Tell a ticket's whole story: when, what, who and why.
    #[command(
        after_help = "Examples:\n  hall-controller trace A012\n  hall-controller trace A012 --config /etc/hall-controller/hall.toml --day yesterday\n  hall-controller trace A012 --data /var/lib/hall-controller --day 2026-03-02 --lang en"
    )]
    Trace(TraceArgs),
    /// Look after the signs of the running hall, and into what goes over their lines.
    #[command(
        subcommand,
        after_help = "Examples:\n  hall-controller sign list --config /etc/hall-controller/hall.toml\n  hall-controller sign test --config /etc/hall-controller/hall.toml W1 W2"
    )]
    Sign(SignTool),
    /// Draw a page of a sign to a PNG file, as its LEDs would show it.
    #[command(
        after_help = "Examples:\n  hall-controller render --page called --number A012 --window 3 --size 128x32 --out called.png\n  hall-controller render --page zone --call A012=3 --call B045=12 --size 320x64 --scale 4 --out zone.png\n  hall-controller render --page notice --text 今日系统升级 --size 192x64 --colour mono --out notice.png"
    )]
    Render(RenderArgs),
    /// Play days of a scenario in virtual time through the rules of the real hall.
    #[command(
        after_help = "Examples:\n  hall-controller simulate county.json --replications 20 --seed 1\n  hall-controller simulate county.json --policy fcfs --balance off --json\n  hall-controller simulate county.json --balance auto --html report.html\n  hall-controller simulate county.json --policy accumulating --priority-quota none --starvation-minutes none\n  hall-controller simulate today.json --compare with-one-window-more.json\n  ssh hall cat scenario.json | hall-controller simulate - --balance auto",
        // Else clap takes -1 for an option and gives a tip that leads on to a worse message.
        allow_negative_numbers = true
    )]
    Simulate(SimulateArgs),
    /// Make a scenario for simulate from the recorded days of a journal, while the hall may be open.
    #[command(
        after_help = "Examples:\n  hall-controller learn --data /var/lib/hall-controller --out scenario.json\n  hall-controller learn --config /etc/hall-controller/hall.toml --out scenario.json\n  hall-controller simulate scenario.json --balance auto --compare fcfs/off"
    )]
    Learn(LearnArgs),
    /// Be the signs at the end of a serial line: decode what comes and show it.
    #[command(
        after_help = "Examples:\n  hall-controller sign-emulator --link /tmp/line-1 --sign 1:128x32:red-green --sign 2:128x32:red-green\n  (and in hall.toml: port = \"/tmp/line-1\")\n  hall-controller sign-emulator --link /tmp/line-2 --protocol onbon-bx5k --sign 1:128x32:red-green --json\n  hall-controller sign-emulator --link /tmp/line-3 --config hall.toml --line 3"
    )]
    SignEmulator(EmulatorArgs),
}

/// Ways to examine a journal.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk the hash chain and name the first record that was changed, removed, inserted or moved.
    #[command(
        after_help = "Examples:\n  hall-controller audit verify --data /var/lib/hall-controller\n  hall-controller audit verify --config /etc/hall-controller/hall.toml\n  hall-controller audit verify --data /var/lib/hall-controller --day 2026-03-02 --head 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    Verify(VerifyArgs),
}

/// What is verified.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// Which journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// A head that was published or reported: the journal must still have it on that day.
    #[arg(long, value_parser = parse_hash, requires = "day")]
    pub head: Option<ChainHash>,
    /// The business day of the head, such as 2026-03-02.
    #[arg(long, requires = "head")]
    pub day: Option<AskedDay>,
}

/// Whose phone numbers are erased.
#[derive(Debug, Clone, Args)]
pub struct EraseArgs {
    /// Which journal they lie beside.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// The number of one ticket, such as A012.
    #[arg(long, value_parser = parse_number, requires = "day", required_unless_present = "before")]
    pub ticket: Option<TicketNumber>,
    /// The business day of that ticket, such as 2026-03-02.
    #[arg(long, requires = "ticket")]
    pub day: Option<AskedDay>,
    /// All of the business days before this one.
    #[arg(long, conflicts_with = "ticket")]
    pub before: Option<AskedDay>,
    /// Who erases, for the journal.
    #[arg(long)]
    pub by: String,
    /// Why, for the journal.
    #[arg(long, default_value = BY_HAND)]
    pub reason: String,
}

/// Which day is reported and how.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// Which journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// The business day, such as 2026-03-02, today or yesterday; without it, the latest, which may not have ended.
    #[arg(long)]
    pub day: Option<AskedDay>,
    /// Print one JSON object instead of text.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print CSV instead of text: one row a service, and one for all.
    #[arg(long)]
    pub csv: bool,
    /// For whom the CSV is.
    #[command(flatten)]
    pub excel: Excel,
    /// The language of the text.
    #[arg(long, value_enum, default_value_t = StoryLanguage::Zh)]
    pub lang: StoryLanguage,
}

/// Whose story is told and how.
#[derive(Debug, Clone, Args)]
pub struct TraceArgs {
    /// The number, such as A012.
    #[arg(value_parser = parse_number)]
    pub number: TicketNumber,
    /// Which journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// The business day of the ticket, such as 2026-03-02, today or yesterday; without it, the latest.
    #[arg(long)]
    pub day: Option<AskedDay>,
    /// The language of the story.
    #[arg(long, value_enum, default_value_t = StoryLanguage::Zh)]
    pub lang: StoryLanguage,
    /// Show all times in this zone, such as Asia/Shanghai; without it, each in the one that the hall's clock
    /// had then, or where the journal does not know it, in the configuration's or the machine's.
    #[arg(long, value_parser = parse_zone)]
    pub time_zone: Option<TimeZone>,
}

/// The language of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StoryLanguage {
    /// 中文.
    Zh,
    /// English.
    En,
}

/// How the demo runs.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// How many times as fast as the wall clock the hall's day passes, 0.1 to 1000.
    #[arg(long, default_value_t = 6.0, value_parser = parse_speed)]
    pub speed: f64,
    /// Stop after this long by the wall clock, such as 30s or 5m; without it, run until Ctrl-C.
    #[arg(long, value_parser = parse_duration)]
    pub duration: Option<Duration>,
    /// What citizens and clerks do follows from this number.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Keep the hall's journal here and go on from it at the next start; without it nothing is kept.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Where the web pages listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the embedded MQTT broker listens; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:1883")]
    pub mqtt_listen: SocketAddr,
    /// At the end, print one JSON object with the results on standard output.
    #[arg(long)]
    pub json: bool,
}

/// A technician's tools for signs and their lines.
#[derive(Debug, Subcommand)]
pub enum SignTool {
    /// List every sign of the running hall: line, address, size, protocol, state, errors, what it shows.
    ///
    /// These four commands need a client whose `may` has "signs".
    #[command(
        after_help = "Examples:\n  hall-controller sign list --config /etc/hall-controller/hall.toml\n  hall-controller sign list --config /etc/hall-controller/hall.toml --json"
    )]
    List(SignListArgs),
    /// Show test patterns on some signs or all, for some seconds; then they show their pages again.
    #[command(
        after_help = "Examples:\n  hall-controller sign test --config /etc/hall-controller/hall.toml W1 W2\n  hall-controller sign test --config /etc/hall-controller/hall.toml --pattern red --seconds 60"
    )]
    Test(SignTestArgs),
    /// Let some signs or all show which they are: id, size, line and address.
    #[command(
        after_help = "Example:\n  hall-controller sign identify --config /etc/hall-controller/hall.toml --seconds 120"
    )]
    Identify(SignIdentifyArgs),
    /// Tell how every sign is, and then every change, until Ctrl-C.
    #[command(
        after_help = "Examples:\n  hall-controller sign watch --config /etc/hall-controller/hall.toml\n  hall-controller sign watch --config /etc/hall-controller/hall.toml --json | jq .says"
    )]
    Watch(SignWatchArgs),
    /// Tell what bytes on a sign's line mean: each frame's fields, its checksum's verdict, and what a
    /// sign would show.
    #[command(after_help = DECODE_HELP)]
    Decode(DecodeArgs),
    /// Record what goes over a sign's line of the running controller, both ways, with times.
    #[command(
        after_help = "Ctrl-C ends it; so does --duration, or the end of the controller.\n\nExamples:\n  hall-controller sign capture --config /etc/hall-controller/hall.toml --sign W1 --out w1.capture --duration 30s\n  hall-controller sign capture --config hall.toml --port /dev/ttyUSB0 --out line.capture"
    )]
    Capture(CaptureArgs),
}

const DECODE_HELP: &str = "\
A frame whose checksum is wrong is told all the same, with the one found and the one expected, as
they stand on the wire; it shows nothing, because no sign takes it. With --json each frame is one object on a line of its own.

Exit codes: 0 at least one frame was told; 1 no frame is in the bytes; 2 bytes or protocol are
written wrong.

Examples:
  hall-controller sign decode --protocol onbon-bx5k a5 a5 a5 a5 a5 a5 a5 a5 01 00 00 80 00 00 00 00 00 00 fe 02 05 00 a2 00 01 00 00 68 f8 5a
  hall-controller sign decode --protocol native --json 00080107010101fe5000
  hall-controller sign decode --protocol modbus-rtu < bytes.txt
  hall-controller sign decode --protocol alpha --capture line.capture";

/// Which bytes are told.
#[derive(Debug, Clone, Args)]
pub struct DecodeArgs {
    /// What the sign speaks: native, onbon-bx5k, onbon-bx6q, alpha, cp5200, modbus-rtu or template.
    #[arg(long, value_name = "NAME")]
    pub protocol: Protocol,
    /// One JSON object a line instead of words.
    #[arg(long)]
    pub json: bool,
    /// The bytes in hex, such as `a5 5a`, `a55a` or `0xA5,0x5A`; without them, or for `-`, they are read from
    /// standard input.
    #[arg(value_name = "HEX")]
    pub bytes: Vec<String>,
    /// A file of `sign capture`: its frames in order, with times and directions.
    #[arg(long, value_name = "FILE", conflicts_with = "bytes")]
    pub capture: Option<PathBuf>,
}

/// What is recorded.
#[derive(Debug, Clone, Args)]
pub struct CaptureArgs {
    /// Which hall; its configuration says where the controller listens.
    #[command(flatten)]
    pub hall: HallArgs,
    /// The sign whose line is recorded.
    #[arg(long, required_unless_present = "port")]
    pub sign: Option<DeviceId>,
    /// The line's port, as in the configuration or on the page /signs.
    #[arg(long, conflicts_with = "sign")]
    pub port: Option<String>,
    /// The new file; nothing is written over.
    #[arg(long)]
    pub out: PathBuf,
    /// Stop after this long, such as 30s or 5m.
    #[arg(long, value_parser = parse_duration)]
    pub duration: Option<Duration>,
}

/// What an emulated line looks like.
#[derive(Debug, Clone, Args)]
pub struct EmulatorArgs {
    /// Make this symbolic link to the pseudo-terminal: the port to write in hall.toml.
    #[arg(long)]
    pub link: Option<PathBuf>,
    /// A sign on the line, as ADDRESS:WIDTHxHEIGHT:COLOUR, colour mono, red-green or rgb.
    #[arg(long = "sign", required_unless_present = "config", conflicts_with = "config")]
    pub signs: Vec<String>,
    /// What the signs speak, with the settings that are usual for it; see --config for others.
    #[arg(long, value_name = "NAME", default_value = "native", conflicts_with = "config")]
    pub protocol: Protocol,
    /// The signs understand nothing unless the port is set to this speed in bits a second; any will do
    /// without it.
    #[arg(long, conflicts_with = "config")]
    pub baud: Option<u32>,
    /// Be the signs of a line of this hall, with all that is configured of them.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Which [[line]] of the configuration, counted from 1; may be left out if there is one only.
    #[arg(long, requires = "config")]
    pub line: Option<usize>,
    /// Print each new picture as a line of JSON instead of drawing it.
    #[arg(long)]
    pub json: bool,
}

fn parse_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| {
        "时区须写作 Asia/Shanghai 这样的名称。\na time zone is a name such as Asia/Shanghai".into()
    })
}

fn parse_hash(text: &str) -> Result<ChainHash, String> {
    text.parse().map_err(|_| {
        "校验值为 64 个十六进制数字，与发布及日报中的相同。\n\
         a head is 64 hexadecimal digits, as published and reported"
            .into()
    })
}

/// As printed; who types it may leave the letters small.
fn parse_number(text: &str) -> Result<TicketNumber, String> {
    text.to_ascii_uppercase().parse().map_err(|error| {
        format!(
            "号码须写作票面上的字母和数字，例如 A012。\n\
                 {error}; a number is letters and digits as printed, such as A012"
        )
    })
}

fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=1_000.0).contains(&speed) => Ok(speed),
        _ => Err("a speed is a number from 0.1 to 1000".into()),
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a duration is a number of seconds, or such as 30s, 5m or \"1h 30m\"".to_owned();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|_| wrong());
    }
    let signed = text.parse::<jiff::SignedDuration>().map_err(|_| wrong())?;
    Duration::try_from(signed).map_err(|_| wrong())
}

#[cfg(test)]
mod tests;
