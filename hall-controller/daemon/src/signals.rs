//! SIGTERM and SIGINT: the first asks for a clean end, the second insists.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// The shell's convention for a process ended by an interrupt.
const EXIT_INTERRUPTED: u8 = 130;

/// Cancel `asked` at the first signal; end the process at the second.
///
/// # Errors
/// When the system does not let signals be heard.
pub fn listen(asked: CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for insisting in [false, true] {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            if insisting {
                warn!(signal = name, "ending at once; what was acknowledged is on disk");
                std::process::exit(i32::from(EXIT_INTERRUPTED));
            }
            info!(signal = name, "shutting down");
            asked.cancel();
        }
    });
    Ok(())
}
