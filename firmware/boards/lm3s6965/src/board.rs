//! What every device on the network starts with: the board's parts, and which device it is by its settings.

use core::net::SocketAddrV4;

use hall_device::mqtt::Login;
use hall_device::settings::{Settings, Wrong};

use crate::clock::Clock;
use crate::keys::BoardKeys;
use crate::oled::Oled;
use crate::settings;
use crate::watchdog::Hardware;

/// What must go on does so within this, or the board begins anew.
pub const PATIENCE_MS: u32 = 2_000;

/// The parts that every such device has, started.
pub struct Board {
    /// Since its start.
    pub clock: Clock,
    /// The display.
    pub oled: Oled,
    /// The five keys.
    pub keys: BoardKeys,
    /// What starts the board anew when it is not fed.
    pub hardware: Hardware,
}

/// A device as its settings say, how it names itself, and its broker.
pub type Settled<S> = (S, Login<'static>, SocketAddrV4);

impl Board {
    /// Start them.
    pub fn start() -> Self {
        let (clock, oled) = (Clock::start(), Oled::start());
        Self { clock, oled, keys: BoardKeys::start(), hardware: Hardware::start(PATIENCE_MS) }
    }

    /// Read the settings, of which `which` takes what is the device's own; a board whose settings are wrong
    /// says so for ever.
    pub fn settled<S>(
        &mut self,
        firmware: &'static str,
        which: impl FnOnce(Settings<'static>) -> Result<S, Wrong>,
    ) -> Settled<S> {
        let read = || {
            let settings = settings::read()?;
            let login = Login { firmware, credentials: settings.credentials()? };
            Ok((which(settings)?, login, settings.broker()?))
        };
        read().unwrap_or_else(|wrong| settings::say(wrong, &mut self.oled, &mut self.hardware))
    }
}
