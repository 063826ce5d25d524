//! RS-485 direction by the kernel: the driver raises RTS while it sends, to the bit (`TIOCSRS485`).
//!
//! The one thing for which the crate serial2 is here: tokio-serial does not know this request, and it
//! cannot be made without `unsafe`. The setting is the port's, not the descriptor's.

use std::io;
use std::path::Path;

use serial2::rs4xx::Rs485Config;
use serial2::{KeepSettings, SerialPort};

/// A port whose direction the kernel switches; open so long that its driver forgets nothing.
#[derive(Debug)]
pub(super) struct Direction(#[expect(dead_code, reason = "it is kept open, no more")] SerialPort);

impl Direction {
    /// Let the kernel switch it; the error is a sentence with its remedy.
    pub(super) fn by_kernel(path: &Path) -> Result<Self, String> {
        let port = SerialPort::open(path, KeepSettings).map_err(|error| error.to_string());
        let set = |port: SerialPort| {
            port.set_rs4xx_mode(Rs485Config::new()).map_err(|error| refused(&error))?;
            Ok(Self(port))
        };
        port.and_then(set)
    }
}

fn refused(error: &io::Error) -> String {
    format!(
        "its driver does not switch the direction of RS-485: {error}; remove rs485 = \"kernel\" if the adapter does \
         it by itself, as most on USB do, or write rs485 = \"echo\" if it gives back what is sent"
    )
}
