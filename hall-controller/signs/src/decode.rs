//! What bytes on a sign's line mean: frames, their fields, whether the checksum is right, and what a
//! sign would show. A technician's view of a line, and what the emulators act upon.
//!
//! ```
//! use hall_signs::codec::Protocol;
//! use hall_signs::decode::{Shown, decode};
//! let ping = [0xA5, 1, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xFE, 2, 5, 0, 0xA2, 0, 1, 0, 0, 0x68, 0xF8, 0x5A];
//! let frames = decode(Protocol::OnbonBx5k, &ping);
//! assert_eq!(frames[0].name, "ping");
//! assert!(frames[0].checksum.unwrap().is_right());
//! ```
//!
//! Written from the vendors' documents and sharing no code with [`crate::codec`], so that a mistake
//! made there is not made here as well. Every protocol has a receiver that takes bytes in any
//! portions and is back in step after noise.

pub mod alpha;
pub mod bx5k;
pub mod bx6q;
pub mod cp5200;
pub mod modbus;
pub mod native;
pub mod onbon;
pub mod template;

pub(crate) mod checksum;

use crate::codec::Protocol;
use crate::frame::Frame;

/// Who sent a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The host.
    ToSign,
    /// A sign.
    FromSign,
    /// The protocol does not tell.
    Unknown,
}

impl Direction {
    /// As a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ToSign => "to sign",
            Self::FromSign => "from sign",
            Self::Unknown => "unknown",
        }
    }
}

/// One part of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is, such as `destination`.
    pub name: &'static str,
    /// What it says.
    pub value: String,
}

/// A checksum as it came, and as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum {
    /// Such as `CRC-16/ARC`.
    pub kind: &'static str,
    /// How many hex digits it is written with.
    pub digits: u8,
    /// The one in the frame, as it stands on the wire: `3c 49` is `0x3c49`.
    pub found: u32,
    /// The one that the frame's bytes have, likewise.
    pub expected: u32,
}

impl Checksum {
    /// Whether the frame is whole.
    pub const fn is_right(self) -> bool {
        self.found == self.expected
    }

    /// A CRC or sum of two bytes, of which the low one is sent first.
    const fn low_first(kind: &'static str, found: u16, expected: u16) -> Self {
        Self::sixteen(kind, found.swap_bytes(), expected.swap_bytes())
    }

    /// A CRC or sum of two bytes, of which the high one is sent first.
    const fn sixteen(kind: &'static str, found: u16, expected: u16) -> Self {
        Self { kind, digits: 4, found: found as u32, expected: expected as u32 }
    }
}

/// What a sign would show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Lines of text.
    Text(Vec<String>),
    /// Pixels.
    Picture(Frame),
    /// Nothing any more.
    Dark,
}

/// A frame found in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedFrame {
    /// Where it begins in the bytes.
    pub offset: usize,
    /// As it was on the wire.
    pub bytes: Vec<u8>,
    /// Who sent it.
    pub direction: Direction,
    /// Which message, such as `ping`.
    pub name: &'static str,
    /// Its parts, in their order.
    pub fields: Vec<Field>,
    /// Its checksum, if it came as far and has one.
    pub checksum: Option<Checksum>,
    /// What a sign that takes it shows then; `None` if that does not change. See [`DecodedFrame::shown`].
    pub shows: Option<Shown>,
    /// What is wrong with it, checksum apart.
    pub problem: Option<String>,
}

impl DecodedFrame {
    fn new(offset: usize, bytes: Vec<u8>, direction: Direction, name: &'static str) -> Self {
        Self { offset, bytes, direction, name, fields: vec![], checksum: None, shows: None, problem: None }
    }

    /// What a sign shows by it: nothing new when the checksum is wrong, because no sign takes it then.
    pub fn shown(&self) -> Option<&Shown> {
        self.shows.as_ref().filter(|_| self.checksum.is_none_or(Checksum::is_right))
    }

    fn field(&mut self, name: &'static str, value: impl Into<String>) {
        self.fields.push(Field { name, value: value.into() });
    }
}

/// All frames in these bytes, whole ones and those whose checksum is wrong.
///
/// Bytes that are part of no frame are left out; the frames' offsets tell where.
pub fn decode(protocol: Protocol, bytes: &[u8]) -> Vec<DecodedFrame> {
    match protocol {
        Protocol::Native => native::decode(bytes),
        Protocol::OnbonBx5k => bx5k::decode(bytes),
        Protocol::OnbonBx6q => bx6q::decode(bytes),
        Protocol::Alpha => alpha::decode(bytes),
        Protocol::Cp5200 => cp5200::decode(bytes),
        Protocol::ModbusRtu => modbus::decode(bytes),
        Protocol::Template => template::decode(bytes),
    }
}

/// Bytes as a technician writes them: `a5 5a`.
pub fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

/// Reads a frame's bytes from the front.
#[derive(Debug, Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Two bytes, the low one first.
    fn low_first(&mut self) -> Option<u16> {
        Some(u16::from(self.byte()?) | u16::from(self.byte()?) << 8)
    }

    /// Two bytes, the high one first.
    fn high_first(&mut self) -> Option<u16> {
        Some(u16::from(self.byte()?) << 8 | u16::from(self.byte()?))
    }

    /// Four bytes, the lowest one first.
    fn long_low_first(&mut self) -> Option<u32> {
        Some(u32::from(self.low_first()?) | u32::from(self.low_first()?) << 16)
    }
}

/// Bytes in GB 2312, or its larger relatives, as text.
fn chinese(bytes: &[u8]) -> String {
    encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned()
}
