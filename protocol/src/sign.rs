//! The native LED sign protocol, version 1: what crosses an RS-485 line between hall and sign.
//!
//! [`frame`] finds and guards frames (COBS, CRC-16), [`message`] gives their bytes a meaning,
//! [`picture`] says how pixels lie in memory and how a picture is known by its checksum,
//! [`run_length`] shrinks pixels, [`version`] finds the version both sides speak. The words for a stranger are in `docs/native-sign.md`.
//!
//! Deliberately absent: timing and retries (the host's bus), buffers and panels (the sign).

pub mod frame;
pub mod message;
pub mod picture;
pub mod run_length;
pub mod version;

use core::fmt;

pub use frame::{FRAME_OVERHEAD_BYTES_MAX, FrameError, FrameReader, encoded_bytes_max};
pub use message::{
    Blink, Encoding, FallbackPage, Firmware, Identity, MessageError, Rectangle, RefusalReason, Reply,
    Request, Status,
};
pub use picture::{Depth, PictureId};
pub use version::{PROTOCOL_VERSION, Versions};

/// The shortest payload every sign takes: a Rectangle header and 32 bytes of pixels.
///
/// A host may send this much before it knows the sign's own limit.
pub const PAYLOAD_BYTES_MIN: usize = 41;

/// The longest payload any sign may announce, so that a host can size its buffers.
pub const PAYLOAD_BYTES_MAX: usize = 4096;

/// The longest payload a sign ever sends (a Status).
pub const REPLY_PAYLOAD_BYTES_MAX: usize = 12;

/// Which sign on the line: 1 to 247, as on a Modbus line, so that one numbering plan serves both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignAddress(u8);

/// A number that is no sign's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressError(pub u8);

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (SignAddress::FIRST.0, SignAddress::LAST.0);
        write!(f, "a sign's address is {first} to {last}, not {}", self.0)
    }
}

impl core::error::Error for AddressError {}

impl SignAddress {
    /// The lowest address.
    pub const FIRST: Self = Self(1);
    /// The highest address; 248 to 255 are reserved.
    pub const LAST: Self = Self(247);

    /// Check that `number` is an address.
    pub const fn new(number: u8) -> Result<Self, AddressError> {
        if number >= Self::FIRST.0 && number <= Self::LAST.0 {
            Ok(Self(number))
        } else {
            Err(AddressError(number))
        }
    }

    /// The address as the byte on the wire.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for SignAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Who a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// Every sign on the line; none answers. Address byte 0.
    Everyone,
    /// One sign, which answers exactly once.
    Sign(SignAddress),
}

impl Destination {
    /// Read the address byte of a frame.
    pub const fn from_byte(byte: u8) -> Result<Self, AddressError> {
        if byte == 0 {
            return Ok(Self::Everyone);
        }
        match SignAddress::new(byte) {
            Ok(address) => Ok(Self::Sign(address)),
            Err(error) => Err(error),
        }
    }

    /// The address byte of a frame.
    pub const fn to_byte(self) -> u8 {
        match self {
            Self::Everyone => 0,
            Self::Sign(address) => address.0,
        }
    }
}

/// Counts the host's requests to one sign, so that a repeated request is known as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sequence(pub u8);

impl Sequence {
    /// The number after this one; 0 follows 255.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}
