//! The command line of `hall-controller`: reads what is asked, starts it, and says in one
//! sentence why it could not.
//!
//! Exit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong; 3 another controller
//! runs the hall.

mod failure;

use std::fmt::Display;
use std::io::{BufWriter, IsTerminal, Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use hall_controller::audit::{KnownHead, verify_journal};
use hall_controller::bookings::files;
use hall_controller::caller::{Body, Caller, Next};
use hall_controller::cli::{
    Appointments, AskedDay, Audit, BackupArgs, By, CaptureArgs, Cli, Command, DecodeArgs, DemoArgs,
    EmergencyArgs, EraseArgs, Excel, ExportArgs, ExportFormat, HallArgs, JournalArgs, LearnArgs, Leases,
    Place, ReportArgs, RestoreArgs, RunArgs, SignIdentifyArgs, SignListArgs, SignTestArgs, SignTool,
    SignWatchArgs, SimulateArgs, StoryLanguage, TraceArgs, VerifyArgs,
};
use hall_controller::clock::{Clock, business_day, date_of};
use hall_controller::config::{self, Config, Right};
use hall_controller::demo::{self, DemoError};
use hall_controller::erasures::{self, Asked};
use hall_controller::export::{self, ExportError, Format, Opening};
use hall_controller::hall_zone::TimesIn;
use hall_controller::output::{self, say};
use hall_controller::running::{Addresses, Running};
use hall_controller::sign_capture::{self, SignCaptureError};
use hall_controller::sign_status::{self, SignsTold};
use hall_controller::simulate::{self, SimulateError};
use hall_controller::web::emergency::{Changed, Clear, Declare};
use hall_controller::{
    archive, emergency_told, hall_zone, learn, logging, render, report, sign_decode, sign_emulator, signals,
    trace,
};
use hall_core::refusal::Language;
use hall_journal::JournalReader;
use hall_protocol::id::HallId;
use hall_simulate::learn::Lesson;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use self::failure::{Failure, failed, misused, not_played, not_run, refused, told, told_in, unnamed};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let quiet = matches!(cli.command, Command::Demo(_) | Command::Sign(_) | Command::SignEmulator(_));
    // The broker would tell every connection at info, which the gateway does already.
    let default_filter = if quiet { "warn" } else { "info,mqtt5=warn" };
    let outcome = logging::start(cli.log_format, cli.log.as_deref().unwrap_or(default_filter))
        .map_err(misused)
        .and_then(|()| perform(cli.command));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, sentence)) => {
            // Where this cannot be written either, the code has to do.
            let _ = writeln!(stderr(), "error: {sentence}");
            ExitCode::from(code)
        }
    }
}

fn perform(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => on_runtime(run(&arguments)),
        Command::Check(hall) => {
            let path = hall.path().map_err(unnamed)?;
            Ok(say(&config::check(&path, jiff::Timestamp::now()).map_err(refused)?)?)
        }
        Command::Demo(arguments) => on_runtime(demo(&arguments)),
        Command::Audit(Audit::Verify(VerifyArgs { journal, head, day })) => {
            let located = locate(&journal)?;
            let day = day.map(|day| located.date(day, &located.zone_of_clock()));
            let known = head.zip(day).map(|(hash, day)| KnownHead { day, hash });
            Ok(say(&verify_journal(&located.directory, known).map_err(told)?)?)
        }
        Command::Backup(BackupArgs { journal, to }) => {
            Ok(say(&archive::back_up(&locate(&journal)?.directory, &to).map_err(told)?)?)
        }
        Command::Restore(arguments) => restore(&arguments),
        Command::Export(arguments) => export(&arguments),
        Command::Erase(arguments) => erase(&arguments),
        Command::Report(arguments) => report(&arguments),
        Command::Appointments(asked) => appointments(&asked),
        Command::Leases(asked) => leases(&asked),
        Command::Trace(arguments) => trace(&arguments),
        Command::Emergency(arguments) => emergency(arguments),
        Command::Sign(SignTool::Decode(arguments)) => decode(&arguments),
        Command::Sign(SignTool::List(arguments)) => sign_list(&arguments),
        Command::Sign(SignTool::Test(SignTestArgs { by, signs, seconds, pattern })) => {
            let pattern = pattern.map(|pattern| pattern.pattern().name());
            sign_order(&by, "test", &json!({ "signs": signs, "seconds": seconds, "pattern": pattern }))
        }
        Command::Sign(SignTool::Identify(SignIdentifyArgs { by, signs, seconds })) => {
            sign_order(&by, "identify", &json!({ "signs": signs, "seconds": seconds }))
        }
        Command::Sign(SignTool::Watch(arguments)) => sign_watch(&arguments),
        Command::Sign(SignTool::Capture(arguments)) => on_runtime(capture(arguments)),
        Command::Render(arguments) => Ok(say(&render::render(&arguments).map_err(failed)?)?),
        Command::Simulate(arguments) => simulate(&arguments),
        Command::Learn(arguments) => learn(&arguments),
        Command::SignEmulator(arguments) => {
            on_runtime(async { sign_emulator::run(&arguments, asked_to_end()?).await.map_err(not_played) })
        }
    }
}

fn on_runtime(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(format!("the runtime could not be started: {error}")))?;
    runtime.block_on(work)
}

fn asked_to_end() -> Result<CancellationToken, Failure> {
    let asked = CancellationToken::new();
    signals::listen(asked.clone()).map_err(|error| failed(format!("signals cannot be heard: {error}")))?;
    Ok(asked)
}

async fn run(arguments: &RunArgs) -> Result<(), Failure> {
    let config = loaded(&arguments.hall)?;
    let asked = asked_to_end()?;
    let clock = Clock::new(config.time_zone.clone(), config.day_starts());
    let running = Running::start(&config, arguments.entry(), |_| clock).await.map_err(not_run)?;
    running.until(&asked).await.map_err(not_run)
}

async fn demo(arguments: &DemoArgs) -> Result<(), Failure> {
    let asked = asked_to_end()?;
    let announce = |config: &Config, addresses: &Addresses| {
        let text = demo::welcome(config, arguments, addresses);
        // Standard output belongs to the result. A demo that nobody can read of goes on all the same.
        let _ = if arguments.json { write!(stderr(), "{text}") } else { output::write(text.as_bytes()) };
    };
    let report = demo::run(arguments, asked, announce).await.map_err(|error| match error {
        DemoError::Config(error) => refused(error),
        other => failed(other),
    })?;
    let text =
        if arguments.json { serde_json::to_string(&report).map_err(failed)? } else { report.to_string() };
    Ok(say(&text)?)
}

/// The configuration that is meant, read and checked.
fn loaded(hall: &HallArgs) -> Result<Config, Failure> {
    Config::load(&hall.path().map_err(unnamed)?).map_err(refused)
}

/// Where a journal is, and what its hall's configuration says, if one is named, of whose it is and of its clock.
struct Located {
    directory: PathBuf,
    hall: Option<HallId>,
    clock: Option<(TimeZone, Time)>,
}

fn locate(journal: &JournalArgs) -> Result<Located, Failure> {
    match journal.place().map_err(unnamed)? {
        Place::Data(directory) => Ok(Located { directory, hall: None, clock: None }),
        Place::Config(path) => {
            let config = Config::load(&path).map_err(refused)?;
            let clock = Some((config.time_zone.clone(), config.day_starts()));
            let hall = Some(config.plan.hall());
            Ok(Located { directory: config.journal.directory, hall, clock })
        }
    }
}

impl Located {
    /// The time zone asked for, else the configuration's, the journal's, or the machine's.
    fn zone(&self, asked: Option<&TimeZone>, reader: &JournalReader) -> Result<TimeZone, Failure> {
        let halls = || self.clock.as_ref().map(|(zone, _)| zone.clone());
        if let Some(zone) = asked.cloned().or_else(halls) {
            return Ok(zone);
        }
        Ok(hall_zone::of_journal(reader).map_err(told)?.unwrap_or_else(TimeZone::system))
    }

    /// The hall's zone, as far as it is known without its journal.
    fn zone_of_clock(&self) -> TimeZone {
        self.clock.as_ref().map_or_else(TimeZone::system, |(zone, _)| zone.clone())
    }

    /// The date of a day in this zone. Where the hall's clock is not known, its days begin at midnight.
    fn date(&self, day: AskedDay, zone: &TimeZone) -> Date {
        let starts = self.clock.as_ref().map_or(Time::midnight(), |(_, starts)| *starts);
        day.date(date_of(Clock::new(zone.clone(), starts).now().day))
    }
}

fn restore(arguments: &RestoreArgs) -> Result<(), Failure> {
    let RestoreArgs { from, journal, verify, accept_loss: _ } = arguments;
    let said = match from {
        Some(from) if *verify => {
            // What lies where a hall usually does need not be the hall of this backup.
            let named = journal.config.is_some() || journal.data.is_some();
            let hall = if named { locate(journal)?.hall } else { None };
            archive::verify(from, hall).map_err(told)?
        }
        Some(from) => archive::restore(from, &locate(journal)?.directory).map_err(told)?,
        None => archive::accept_loss(&locate(journal)?.directory).map_err(told)?,
    };
    Ok(say(&said)?)
}

const EXCEL_READS_CSV: &str = "--excel 只用于 CSV：请同时写 --format csv（日报为 --csv），或去掉 --excel。\n--excel is for \
     CSV only: write --format csv (--csv for a report) with it, or leave it out";

const fn opening(excel: Excel) -> Opening {
    if excel.excel { Opening::Marked } else { Opening::Plain }
}

fn export(arguments: &ExportArgs) -> Result<(), Failure> {
    let ExportArgs { journal, format, excel, day, out, time_zone } = arguments;
    let format = match (format, excel.excel) {
        (ExportFormat::Csv, _) => Format::Csv(opening(*excel)),
        (ExportFormat::Jsonl, false) => Format::JsonLines,
        (ExportFormat::Jsonl, true) => return Err(misused(EXCEL_READS_CSV)),
    };
    let located = locate(journal)?;
    let reader = JournalReader::open(&located.directory).map_err(told)?;
    let zone = located.zone(time_zone.as_ref(), &reader)?;
    let times = TimesIn::asked_or(time_zone.as_ref(), &zone);
    let day = day.map(|day| business_day(located.date(day, &zone)));
    let Some(path) = out else {
        let mut out = BufWriter::new(stdout().lock());
        return match export::export(&reader, format, day, &times, &mut out) {
            Err(ExportError::Write(error)) => Ok(output::over(Err(error))?),
            outcome => outcome.map(drop).map_err(told),
        };
    };
    let count = export::export_to_file(&reader, format, day, &times, path).map_err(told)?;
    let path = path.display();
    Ok(say(&format!("{count} 条事件已写入 {path}。\n{count} events were written to {path}."))?)
}

fn erase(arguments: &EraseArgs) -> Result<(), Failure> {
    let EraseArgs { journal, ticket, day, before, by, reason } = arguments;
    let located = locate(journal)?;
    let date = |day: AskedDay| located.date(day, &located.zone_of_clock());
    let asked = match (ticket.zip(*day), before) {
        (Some((number, day)), _) => Asked::Ticket(number, date(day)),
        (None, Some(before)) => Asked::Before(date(*before)),
        (None, None) => return Err(misused("name a ticket with --ticket and --day, or days with --before")),
    };
    let erased = erasures::erase(&located.directory, asked, by, reason).map_err(told)?;
    let what = if erased == 1 { "phone number was" } else { "phone numbers were" };
    Ok(say(&format!(
        "已永久删除 {erased} 个电话号码。删除了谁的、由谁、为何，由运行中的大厅（或下次启动时）记入日志。\n\
         {erased} {what} erased for good. The journal gets whose, by whom and why from the running \
         hall, or at its next start."
    ))?)
}

fn report(arguments: &ReportArgs) -> Result<(), Failure> {
    let ReportArgs { journal, day, json, csv, excel, lang } = arguments;
    if excel.excel && !csv {
        return Err(misused(EXCEL_READS_CSV));
    }
    let located = locate(journal)?;
    let reader = JournalReader::open(&located.directory).map_err(told)?;
    let zone = located.zone(None, &reader)?;
    let day = day.map(|day| located.date(day, &zone));
    let report = report::of_day(&reader, day).map_err(told)?;
    let text = match (json, csv) {
        (true, _) => serde_json::to_string(&report).map_err(failed)?,
        (_, true) => format!("{}{}", opening(*excel).mark(), report.csv().trim_end()),
        _ => report.text(language(*lang)),
    };
    Ok(say(&text)?)
}

const fn language(asked: StoryLanguage) -> Language {
    match asked {
        StoryLanguage::Zh => Language::Zh,
        StoryLanguage::En => Language::En,
    }
}

fn appointments(asked: &Appointments) -> Result<(), Failure> {
    let (Appointments::Import { by, .. } | Appointments::Export { by, .. }) = asked;
    let config = loaded(&by.hall)?;
    let caller = Caller::new(&config, by.client, Right::Appointments).map_err(misused)?;
    match asked {
        Appointments::Import { dry_run, file, .. } => {
            let imported = files::import(&caller, file, *dry_run).map_err(failed)?;
            let said = files::report(file, &imported);
            if !imported.refused.is_empty() {
                return Err(failed(format!("some lines were refused\n{said}")));
            }
            Ok(say(&said)?)
        }
        Appointments::Export { excel, .. } => {
            let list = files::export(&caller).map_err(failed)?;
            let marked = [opening(*excel).mark().as_bytes(), &list].concat();
            Ok(output::over(output::write(&marked))?)
        }
    }
}

fn emergency(arguments: EmergencyArgs) -> Result<(), Failure> {
    let EmergencyArgs { by_client, text, text_en, zones, by, reason, clear: _ } = arguments;
    let config = loaded(&by_client.hall)?;
    let caller = Caller::new(&config, by_client.client, Right::Emergency).map_err(misused)?;
    let own_name = || ["SUDO_USER", "USER"].into_iter().find_map(|name| std::env::var(name).ok());
    let by = by.or_else(own_name).as_deref().map(Into::into);
    let reason = reason.as_deref().map(Into::into);
    let mut told = Vec::new();
    let (target, body, said) = if let Some(zh) = text {
        told = emergency_told::told(&config, &zh, text_en.as_deref().unwrap_or_default(), &zones);
        let asked = Declare { zh, en: text_en.unwrap_or_default(), zones, by, reason };
        let said = ["The text stands on signs and screens; take it down with --clear.", "It stood already."];
        ("/api/v1/emergency", serde_json::to_string(&asked), said)
    } else {
        let said = ["It is taken down; signs and screens show their pages again.", "No such text stood."];
        ("/api/v1/emergency/clear", serde_json::to_string(&Clear { zones, by, reason }), said)
    };
    let body = body.map_err(failed)?;
    let Changed { changed, emergencies } =
        caller.ask_json("POST", target, Body::Json(&body)).map_err(failed)?;
    say(if changed { said[0] } else { said[1] })?;
    emergencies.iter().try_for_each(|stands| say(&stands.told()))?;
    Ok(told.iter().try_for_each(|line| say(line))?)
}

fn sign_list(arguments: &SignListArgs) -> Result<(), Failure> {
    let config = loaded(&arguments.by.hall)?;
    let caller = Caller::new(&config, arguments.by.client, Right::Signs).map_err(misused)?;
    let told: SignsTold = caller.ask_json("GET", "/api/v1/signs", Body::None).map_err(failed)?;
    Ok(say(&if arguments.json { serde_json::to_string(&told).map_err(failed)? } else { told.table() })?)
}

fn sign_order(by: &By, what: &str, asked: &Value) -> Result<(), Failure> {
    let config = loaded(&by.hall)?;
    let caller = Caller::new(&config, by.client, Right::Signs).map_err(misused)?;
    let target = format!("/api/v1/signs/{what}");
    let done: Value = caller.ask_json("POST", &target, Body::Json(&asked.to_string())).map_err(failed)?;
    let signs: Vec<&str> = done["signs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    say(&format!("{} signs for {} s, then they show their pages again.", signs.len(), done["seconds"]))?;
    if what == "identify" {
        // What stands on the glass, for who reads it there, and the line's speed.
        let told: SignsTold = caller.ask_json("GET", "/api/v1/signs", Body::None).map_err(failed)?;
        let asked = told.signs.iter().filter(|sign| signs.contains(&sign.id.as_str()));
        for sign in asked {
            say(&sign.whereabouts())?;
        }
    }
    Ok(())
}

fn sign_watch(arguments: &SignWatchArgs) -> Result<(), Failure> {
    let config = loaded(&arguments.by.hall)?;
    let caller = Caller::new(&config, arguments.by.client, Right::Signs).map_err(misused)?;
    let (mut before, mut written): (Option<SignsTold>, _) = (None, Ok(()));
    let heard = |message: &str| {
        let Ok(told) = serde_json::from_str::<SignsTold>(message) else { return Next::GoOn };
        let lines = sign_status::changes(&told, before.as_ref(), arguments.json);
        before = Some(told);
        written = lines.iter().try_for_each(|line| output::write(format!("{line}\n").as_bytes()));
        if written.is_ok() { Next::GoOn } else { Next::Enough }
    };
    caller.follow("/api/v1/signs/events", heard).map_err(failed)?;
    Ok(output::over(written)?)
}

fn leases(asked: &Leases) -> Result<(), Failure> {
    let Leases::WriteOff { kiosk, asked, by, reason } = asked;
    let config = loaded(&asked.hall)?;
    let caller = Caller::new(&config, asked.client, Right::Manage).map_err(misused)?;
    let target = format!("/api/v1/kiosks/{kiosk}/write-off");
    let said = json!({ "by": by, "reason": reason }).to_string();
    let done: Value = caller.ask_json("POST", &target, Body::Json(&said)).map_err(failed)?;
    let numbers = &done["written_off"];
    Ok(say(&format!(
        "{numbers} leased numbers of kiosk {kiosk} are written off; what it hands in later is refused"
    ))?)
}

fn trace(arguments: &TraceArgs) -> Result<(), Failure> {
    let TraceArgs { number, journal, day, lang, time_zone } = arguments;
    let located = locate(journal)?;
    let language = language(*lang);
    let reader = JournalReader::open(&located.directory).map_err(|error| told_in(language, &error))?;
    let stories = trace::stories_in(&reader, *number).map_err(|error| told_in(language, &error))?;
    let zone = located.zone(time_zone.as_ref(), &reader)?;
    let day = day.map(|day| located.date(day, &zone));
    let times = TimesIn::asked_or(time_zone.as_ref(), &zone);
    let story = trace::tell(&stories, *number, day, &times, language);
    Ok(say(&story.map_err(|error| told_in(language, &error))?)?)
}

fn simulate(arguments: &SimulateArgs) -> Result<(), Failure> {
    let report = simulate::run(arguments).map_err(|error| match error {
        SimulateError::Simulation(_) => failed(error),
        other => misused(other),
    })?;
    for warning in report.warnings() {
        eprintln!("warning: {warning}");
    }
    let text =
        if arguments.json { serde_json::to_string(&report).map_err(failed)? } else { report.to_string() };
    Ok(say(text.trim_end())?)
}

async fn capture(arguments: CaptureArgs) -> Result<(), Failure> {
    let asked = asked_to_end()?;
    let recording = move || sign_capture::run(&arguments, || asked.is_cancelled());
    let said = tokio::task::spawn_blocking(recording).await.map_err(failed)?;
    Ok(say(&said.map_err(|error| match error {
        SignCaptureError::Config(error) => refused(error),
        SignCaptureError::Place(error) => unnamed(error),
        other => failed(other),
    })?)?)
}

fn learn(arguments: &LearnArgs) -> Result<(), Failure> {
    let LearnArgs { journal, out, time_zone } = arguments;
    let located = locate(journal)?;
    let reader = JournalReader::open(&located.directory).map_err(told)?;
    let zone = located.zone(time_zone.as_ref(), &reader)?;
    let Lesson { days, served, .. } = learn::to_file(&reader, &zone, out).map_err(failed)?;
    Ok(say(&format!(
        "A scenario was learnt from {days} {} in which clerks served {served} times; see what it does with: hall-controller \
         simulate {}",
        if days == 1 { "day" } else { "days" },
        out.display()
    ))?)
}

fn decode(arguments: &DecodeArgs) -> Result<(), Failure> {
    let DecodeArgs { protocol, json, bytes, capture } = arguments;
    if let Some(path) = capture {
        let unreadable = |why: &dyn Display| misused(format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
        let records = hall_controller::capture::read(&text).map_err(|error| unreadable(&error))?;
        let zone = TimeZone::system();
        return Ok(say(&sign_decode::tell_capture(*protocol, &records, *json, &zone).map_err(failed)?)?);
    }
    let is_piped = bytes.is_empty() && !std::io::stdin().is_terminal();
    let words = if is_piped || bytes.as_slice() == ["-"] {
        let text = std::io::read_to_string(std::io::stdin());
        vec![text.map_err(|error| failed(format!("standard input cannot be read: {error}")))?]
    } else {
        bytes.clone()
    };
    let bytes = sign_decode::bytes_of(&words).map_err(misused)?;
    Ok(say(&sign_decode::tell(*protocol, &bytes, *json).map_err(failed)?)?)
}
