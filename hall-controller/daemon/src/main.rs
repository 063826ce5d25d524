//! The command line of `hall-controller`: reads what is asked, starts it, and says in one
//! sentence why it could not.
//!
//! Exit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use hall_controller::audit::verify_journal;
use hall_controller::cli::{
    Audit, BackupArgs, Cli, Command, DemoArgs, ExportArgs, ExportFormat, JournalArgs, RestoreArgs,
    SimulateArgs, StoryLanguage, TraceArgs,
};
use hall_controller::clock::{Clock, business_day};
use hall_controller::config::{self, Config};
use hall_controller::demo::{self, DemoError};
use hall_controller::export::{self, ExportError, Format};
use hall_controller::running::{Addresses, Running};
use hall_controller::simulate::{self, SimulateError};
use hall_controller::{archive, logging, render, sign_emulator, signals, trace};
use hall_core::refusal::Language;
use hall_journal::JournalReader;
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

/// The command line or the configuration is wrong, and only a person can mend it.
const EXIT_MISUSE: u8 = 2;

/// Why the process ends with an error: the exit code and the sentence.
struct Failure(u8, String);

fn failed(error: impl Display) -> Failure {
    Failure(1, error.to_string())
}

fn misused(error: impl Display) -> Failure {
    Failure(EXIT_MISUSE, error.to_string())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let quiet = matches!(cli.command, Command::Demo(_) | Command::SignEmulator(_));
    // The broker would tell every connection at info, which the gateway does already.
    let default_filter = if quiet { "warn" } else { "info,mqtt5=warn" };
    let outcome = logging::start(cli.log_format, cli.log.as_deref().unwrap_or(default_filter))
        .map_err(misused)
        .and_then(|()| perform(cli.command));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, sentence)) => {
            eprintln!("error: {sentence}");
            ExitCode::from(code)
        }
    }
}

fn perform(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run { config } => on_runtime(run(&config)),
        Command::Check { config } => {
            println!("{}", config::check(&config, jiff::Timestamp::now()).map_err(misused)?);
            Ok(())
        }
        Command::Demo(arguments) => on_runtime(demo(&arguments)),
        Command::Audit(Audit::Verify(journal)) => {
            let (directory, _) = locate(&journal)?;
            say(&verify_journal(&directory).map_err(failed)?);
            Ok(())
        }
        Command::Backup(BackupArgs { journal, to }) => {
            let (directory, _) = locate(&journal)?;
            say(&archive::back_up(&directory, &to).map_err(failed)?);
            Ok(())
        }
        Command::Restore(RestoreArgs { from, data, .. }) => {
            let said = match data {
                Some(data) => archive::restore(&from, &data).map_err(failed)?,
                None => archive::verify(&from).map_err(failed)?,
            };
            say(&said);
            Ok(())
        }
        Command::Export(arguments) => export(&arguments),
        Command::Trace(arguments) => trace(&arguments),
        Command::Render(arguments) => {
            say(&render::render(&arguments).map_err(failed)?);
            Ok(())
        }
        Command::Simulate(arguments) => simulate(&arguments),
        Command::SignEmulator(arguments) => {
            on_runtime(async { sign_emulator::run(&arguments, asked_to_end()?).await.map_err(failed) })
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

async fn run(path: &Path) -> Result<(), Failure> {
    let config = Config::load(path).map_err(misused)?;
    let asked = asked_to_end()?;
    let clock = Clock::new(config.time_zone.clone(), config.day_starts());
    let running = Running::start(&config, |_| clock).await.map_err(failed)?;
    running.until(&asked).await.map_err(failed)
}

async fn demo(arguments: &DemoArgs) -> Result<(), Failure> {
    let asked = asked_to_end()?;
    let announce = |config: &Config, addresses: &Addresses| {
        let text = demo::welcome(config, arguments, addresses);
        // Standard output belongs to the result.
        if arguments.json { eprint!("{text}") } else { print!("{text}") }
    };
    let report = demo::run(arguments, asked, announce).await.map_err(|error| match error {
        DemoError::Config(error) => misused(error),
        other => failed(other),
    })?;
    if arguments.json {
        println!("{}", serde_json::to_string(&report).map_err(failed)?);
    } else {
        println!("{report}");
    }
    Ok(())
}

/// The directory of a journal, and the time zone of its hall if it is known.
fn locate(journal: &JournalArgs) -> Result<(PathBuf, Option<TimeZone>), Failure> {
    match journal {
        JournalArgs { data: Some(data), .. } => Ok((data.clone(), None)),
        JournalArgs { config: Some(config), .. } => {
            let config = Config::load(config).map_err(misused)?;
            Ok((config.journal.directory, Some(config.time_zone)))
        }
        _ => Err(misused("name the journal with --data or the hall with --config")),
    }
}

/// A line of result. Whoever reads it may have gone, which is no failure.
fn say(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

fn export(arguments: &ExportArgs) -> Result<(), Failure> {
    let ExportArgs { journal, format, day, out, time_zone } = arguments;
    let (directory, halls) = locate(journal)?;
    let reader = JournalReader::open(&directory).map_err(failed)?;
    let format = match format {
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Jsonl => Format::JsonLines,
    };
    let (day, zone) = (day.map(business_day), zone(time_zone.as_ref(), halls));
    let Some(path) = out else {
        let mut out = BufWriter::new(stdout().lock());
        return match export::export(&reader, format, day, &zone, &mut out) {
            Err(ExportError::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome.map(drop).map_err(failed),
        };
    };
    let file = File::create_new(path).map_err(|error| {
        failed(format!(
            "{} cannot be made ({error}); name a new file, nothing is written over",
            path.display()
        ))
    })?;
    let count = export::export(&reader, format, day, &zone, &mut BufWriter::new(&file))
        .and_then(|count| file.sync_all().map(|()| count).map_err(ExportError::Write))
        .map_err(failed)?;
    say(&format!("{count} events were written to {}.", path.display()));
    Ok(())
}

fn trace(arguments: &TraceArgs) -> Result<(), Failure> {
    let TraceArgs { number, journal, day, lang, time_zone } = arguments;
    let (directory, halls) = locate(journal)?;
    let language = match lang {
        StoryLanguage::Zh => Language::Zh,
        StoryLanguage::En => Language::En,
    };
    let reader = JournalReader::open(&directory).map_err(failed)?;
    let stories = trace::stories_in(&reader, *number).map_err(failed)?;
    let zone = zone(time_zone.as_ref(), halls);
    say(&trace::tell(&stories, *number, *day, &zone, language).map_err(failed)?);
    Ok(())
}

fn simulate(arguments: &SimulateArgs) -> Result<(), Failure> {
    let report = simulate::run(arguments).map_err(|error| match error {
        SimulateError::Simulation(_) => failed(error),
        other => misused(other),
    })?;
    if arguments.json {
        say(&serde_json::to_string(&report).map_err(failed)?);
    } else {
        say(report.to_string().trim_end());
    }
    Ok(())
}

fn zone(asked: Option<&TimeZone>, halls: Option<TimeZone>) -> TimeZone {
    asked.cloned().or(halls).unwrap_or_else(TimeZone::system)
}
