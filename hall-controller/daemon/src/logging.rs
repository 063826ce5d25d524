//! Where logs go: standard error, as lines for people or JSON for collectors.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::LogFormat;

/// A filter that is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "--log {filter:?} is not a log filter: {why}. Give a level (error, warn, info, debug), or such as \
     \"info,hall_controller::mqtt=debug\""
)]
pub struct FilterError {
    filter: String,
    why: tracing_subscriber::filter::ParseError,
}

/// Log from now on what `filter` lets through.
///
/// # Errors
/// When `filter` cannot be read.
pub fn start(format: LogFormat, filter: &str) -> Result<(), FilterError> {
    let filter = EnvFilter::try_new(filter).map_err(|why| FilterError { filter: filter.to_owned(), why })?;
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Fails only when something logs already; then that goes on.
    let _ = match format {
        LogFormat::Text => logs.finish().try_init(),
        LogFormat::Json => logs.json().flatten_event(true).finish().try_init(),
    };
    Ok(())
}
