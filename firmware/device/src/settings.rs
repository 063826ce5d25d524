//! Which device of which hall a board is: a short text in a page of its flash, one `key=value` a line.
//!
//! ```text
//! hall=linjiang
//! window=3
//! broker=192.168.1.10:1883
//! ```
//! A technician writes the page with the tool that flashes the image. A broker that asks for it gets `user`
//! and `password` as well; a kiosk has `kiosk` instead of `window`.

use core::fmt;
use core::net::SocketAddrV4;

use hall_protocol::id::{DeviceId, HallId, WindowId};

/// Flash that was never written.
const ERASED: u8 = 0xFF;

/// What is wrong with the settings, for the display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The page is no text.
    NoText,
    /// There is no such line.
    Missing(&'static str),
    /// The line of this key cannot be understood.
    Unreadable(&'static str),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoText => f.write_str("No settings in flash"),
            Self::Missing(key) => write!(f, "Settings: no line {key}=..."),
            Self::Unreadable(key) => write!(f, "Settings: the line {key}=... is wrong"),
        }
    }
}

impl core::error::Error for Wrong {}

/// The settings of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings<'a>(&'a str);

impl<'a> Settings<'a> {
    /// Read a page: text up to its end, or to where the page was never written.
    ///
    /// # Errors
    /// [`Wrong::NoText`].
    pub fn of_page(page: &'a [u8]) -> Result<Self, Wrong> {
        let end = page.iter().position(|byte| matches!(*byte, 0 | ERASED)).unwrap_or(page.len());
        match page.get(..end).map(core::str::from_utf8) {
            Some(Ok(text)) if !text.trim().is_empty() => Ok(Self(text)),
            _ => Err(Wrong::NoText),
        }
    }

    /// The hall.
    ///
    /// # Errors
    /// What is wrong with its line; so for all others.
    pub fn hall(self) -> Result<HallId, Wrong> {
        self.parsed("hall", |text| HallId::new(text).ok())
    }

    /// The window of a call pad.
    pub fn window(self) -> Result<WindowId, Wrong> {
        self.parsed("window", |text| WindowId::new(text).ok())
    }

    /// The id of a kiosk.
    pub fn kiosk(self) -> Result<DeviceId, Wrong> {
        self.parsed("kiosk", |text| DeviceId::new(text).ok())
    }

    /// Address and port of the broker.
    pub fn broker(self) -> Result<SocketAddrV4, Wrong> {
        self.parsed("broker", |text| text.parse().ok())
    }

    /// User name and password, if there is a user.
    pub fn credentials(self) -> Result<Option<(&'a str, &'a str)>, Wrong> {
        let Some(user) = self.value("user") else { return Ok(None) };
        self.parsed("password", Some).map(|password| Some((user, password)))
    }

    fn parsed<T>(self, key: &'static str, parse: impl FnOnce(&'a str) -> Option<T>) -> Result<T, Wrong> {
        parse(self.value(key).ok_or(Wrong::Missing(key))?).ok_or(Wrong::Unreadable(key))
    }

    fn value(self, key: &str) -> Option<&'a str> {
        let mut lines = self.0.lines().filter_map(|line| line.split_once('='));
        lines.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_page_says_which_device_it_is() {
        let mut page = [ERASED; 256];
        let text = b"hall=linjiang\r\nwindow = 3\nbroker=192.168.1.10:1883\nuser=window-3\npassword=a=b\n";
        page[..text.len()].copy_from_slice(text);
        let settings = Settings::of_page(&page).unwrap();
        assert_eq!(settings.hall(), Ok(HallId::new("linjiang").unwrap()));
        assert_eq!(settings.window(), Ok(WindowId::new("3").unwrap()));
        assert_eq!(settings.broker(), Ok("192.168.1.10:1883".parse().unwrap()));
        assert_eq!(settings.credentials(), Ok(Some(("window-3", "a=b"))));
        assert_eq!(settings.kiosk(), Err(Wrong::Missing("kiosk")));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for page in [&[ERASED; 4][..], &[0; 4], b"", b"\xC3\x28"] {
            assert_eq!(Settings::of_page(page), Err(Wrong::NoText));
        }
        let settings = Settings::of_page(b"hall=\nbroker=somewhere\nuser=me\n").unwrap();
        assert_eq!(settings.hall(), Err(Wrong::Unreadable("hall")));
        assert_eq!(settings.broker().unwrap_err().to_string(), "Settings: the line broker=... is wrong");
        assert_eq!(settings.credentials(), Err(Wrong::Missing("password")));
        assert_eq!(Settings::of_page(b"hall=x").unwrap().credentials(), Ok(None));
    }
}
