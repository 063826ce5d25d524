//! The command line of `hall-controller`: reads what is asked, starts it, and says in one
//! sentence why it could not.
//!
//! Exit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use hall_controller::audit::verify_journal;
use hall_controller::cli::{Audit, Cli, Command, DemoArgs};
use hall_controller::clock::Clock;
use hall_controller::config::{self, Config};
use hall_controller::demo::{self, DemoError};
use hall_controller::running::{Addresses, Running};
use hall_controller::{logging, sign_emulator, signals};
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
            println!("{}", config::check(&config).map_err(misused)?);
            Ok(())
        }
        Command::Demo(arguments) => on_runtime(demo(&arguments)),
        Command::Audit(Audit::Verify { data, config }) => {
            let directory = journal_directory(data, config)?;
            println!("{}", verify_journal(&directory).map_err(failed)?);
            Ok(())
        }
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
    let clock = Clock::new(config.time_zone.clone(), config.day_starts);
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

fn journal_directory(data: Option<PathBuf>, config: Option<PathBuf>) -> Result<PathBuf, Failure> {
    match (data, config) {
        (Some(data), _) => Ok(data),
        (None, Some(config)) => Ok(Config::load(&config).map_err(misused)?.journal.directory),
        (None, None) => Err(misused("name the journal with --data or the hall with --config")),
    }
}
