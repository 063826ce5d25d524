//! What host and sign say to each other: requests, replies, and their payloads byte by byte.
//!
//! [`Request`] and [`Reply`] are what is meant; `parse` reads them from a
//! [`Frame`](super::frame::Frame), `emit` writes a whole frame. Numbers are big-endian. Whether a
//! rectangle lies on the panel or a picture's id is right, the sign decides, not this module.

mod parse;

use core::fmt;

use super::frame::{BufferTooSmall, Header, encode};
use super::picture::{Depth, PictureId};
use super::version::OLDEST_UNTOLD;
use super::{Destination, PROTOCOL_VERSION, Sequence, SignAddress, Versions};

/// The kind byte of each message. Replies have the top bit set, so that a sign never takes
/// another sign's reply for a request.
mod kind {
    pub(super) const IDENTIFY: u8 = 0x01;
    pub(super) const RECTANGLE: u8 = 0x02;
    pub(super) const SWAP: u8 = 0x03;
    pub(super) const BRIGHTNESS: u8 = 0x04;
    pub(super) const POLL: u8 = 0x05;
    pub(super) const FALLBACK: u8 = 0x06;
    pub(super) const REPLY: u8 = 0x80;
    pub(super) const ACK: u8 = 0x81;
    pub(super) const NAK: u8 = 0x82;
    pub(super) const IDENTITY: u8 = 0x83;
    pub(super) const STATUS: u8 = 0x84;
}

/// How many bytes of a Rectangle's payload come before its pixels.
pub const RECTANGLE_HEADER_BYTES: usize = 9;

/// The most bytes of a Swap's payload.
pub const SWAP_BYTES_MAX: usize = 16;

/// A rectangle of pixels. `x_px` and `width_px` are multiples of eight on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    /// Left edge, from the panel's left.
    pub x_px: u16,
    /// Top edge, from the panel's top.
    pub y_px: u16,
    /// Width.
    pub width_px: u16,
    /// Height.
    pub height_px: u16,
}

/// How a rectangle's pixels are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they lie in memory: plane by plane, row by row.
    Raw,
    /// The same bytes through [`super::run_length`].
    RunLength,
}

/// A region that is dark half of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blink {
    /// Which pixels; any edges, not only multiples of eight.
    pub region: Rectangle,
    /// One light and one dark phase together, in milliseconds. The first phase is light.
    pub period_ms: u16,
    /// After so many tenths of a second the region is steady.
    pub duration_ds: u16,
}

/// What a sign shows when the host has been silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FallbackPage {
    /// Nothing.
    Dark,
    /// The sign's own page, from its firmware.
    BuiltIn,
    /// A copy of the picture now in the back buffer, whose id must be this.
    Stored(PictureId),
}

/// What the host asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request<'a> {
    /// Who are you? Answered by [`Reply::Identity`]; the sign forgets the last sequence.
    Identify {
        /// What the host speaks.
        versions: Versions,
    },
    /// Write pixels into the back buffer.
    Rectangle {
        /// Where.
        area: Rectangle,
        /// How `pixels` is written.
        encoding: Encoding,
        /// The pixels, in `encoding`.
        pixels: &'a [u8],
    },
    /// Show the back buffer, all at once, if it holds this picture.
    Swap {
        /// What the back buffer must hold.
        picture: PictureId,
        /// What blinks from now on; nothing else does.
        blink: Option<Blink>,
    },
    /// How bright, from 0 (dark) to 255.
    Brightness(u8),
    /// What do you show? Answered by [`Reply::Status`].
    Poll,
    /// What to show after the host has been silent.
    Fallback {
        /// Seconds without a request to this sign or to everyone; 0 for never.
        after_s: u16,
        /// What to show then.
        page: FallbackPage,
    },
}

/// Firmware version, as `major.minor.patch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Firmware {
    /// Changes with the wiring or the protocol.
    pub major: u8,
    /// Changes with what the sign can do.
    pub minor: u8,
    /// Changes with every repair.
    pub patch: u8,
}

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What a sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// What it speaks.
    pub versions: Versions,
    /// Panel width, a multiple of eight.
    pub width_px: u16,
    /// Panel height.
    pub height_px: u16,
    /// Panel colours.
    pub depth: Depth,
    /// What runs on it.
    pub firmware: Firmware,
    /// The longest payload it takes, in bytes.
    pub payload_bytes_max: u16,
}

/// How a sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// The picture shown: what was last swapped in, or zero pixels since the start.
    pub picture: PictureId,
    /// The fallback is shown in its place, because the host was silent.
    pub in_fallback: bool,
    /// As last set; 255 since the start.
    pub brightness: u8,
    /// Seconds since the sign started, at most `u32::MAX`.
    pub uptime_s: u32,
    /// Frames since the start that were broken (CRC, length, coding); stays at 65,535.
    pub broken_frames: u16,
}

/// Why a sign refuses a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// It does not speak the request's protocol version.
    Version,
    /// It does not know the message.
    Kind,
    /// The payload's length or a value in it is wrong.
    Payload,
    /// The rectangle does not lie on the panel, or not on whole bytes.
    Area,
    /// The pixels are more or fewer than the rectangle takes, or their coding is broken.
    Pixels,
    /// The back buffer holds another picture: a rectangle was lost, or the sign restarted.
    Picture,
    /// It cannot now (for example it writes its flash); ask again later.
    Busy,
    /// A reason this version does not know.
    Other(u8),
}

impl RefusalReason {
    const fn to_byte(self) -> u8 {
        match self {
            Self::Version => 1,
            Self::Kind => 2,
            Self::Payload => 3,
            Self::Area => 4,
            Self::Pixels => 5,
            Self::Picture => 6,
            Self::Busy => 7,
            Self::Other(byte) => byte,
        }
    }

    const fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Version,
            2 => Self::Kind,
            3 => Self::Payload,
            4 => Self::Area,
            5 => Self::Pixels,
            6 => Self::Picture,
            7 => Self::Busy,
            _ => Self::Other(byte),
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("the sign does not speak this protocol version"),
            Self::Kind => f.write_str("the sign does not know this message"),
            Self::Payload => f.write_str("the message has a wrong length or value"),
            Self::Area => f.write_str("the rectangle is not on the panel"),
            Self::Pixels => f.write_str("the pixels do not fill the rectangle"),
            Self::Picture => f.write_str("the sign holds another picture than the one to show"),
            Self::Busy => f.write_str("the sign is busy"),
            Self::Other(byte) => write!(f, "reason {byte}, unknown to this version"),
        }
    }
}

/// What a sign answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Ack,
    /// Not done, and why.
    Nak(RefusalReason),
    /// The answer to [`Request::Identify`].
    Identity(Identity),
    /// The answer to [`Request::Poll`].
    Status(Status),
}

/// Why a frame is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageError {
    /// Another protocol version; carries it.
    Version(u8),
    /// An address no sign has; carries it.
    Address(u8),
    /// A kind this direction does not know; carries it.
    Kind(u8),
    /// The payload of this kind has a wrong length or value; carries the kind.
    Payload(u8),
    /// A reply where a request was looked for, or the other way round.
    Direction,
}

impl MessageError {
    /// The reason a sign gives for refusing; `None` where it must keep silent.
    pub const fn refusal(self) -> Option<RefusalReason> {
        match self {
            Self::Version(_) => Some(RefusalReason::Version),
            Self::Kind(_) => Some(RefusalReason::Kind),
            Self::Payload(_) => Some(RefusalReason::Payload),
            Self::Address(_) | Self::Direction => None,
        }
    }
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => {
                write!(f, "protocol version {version}, this side speaks {}", Versions::SPOKEN)
            }
            Self::Address(address) => write!(f, "no sign has the address {address}"),
            Self::Kind(kind) => write!(f, "no message has the kind {kind:#04x}"),
            Self::Payload(kind) => write!(f, "the payload of kind {kind:#04x} has a wrong length or value"),
            Self::Direction => f.write_str("a message of the other direction"),
        }
    }
}

impl core::error::Error for MessageError {}

impl Request<'_> {
    /// Write the whole frame of this request and return its length in bytes.
    pub fn emit(
        &self,
        destination: Destination,
        sequence: Sequence,
        out: &mut [u8],
    ) -> Result<usize, BufferTooSmall> {
        let frame = |kind: u8, payload: &[&[u8]], out: &mut [u8]| {
            let address = destination.to_byte();
            encode(Header { version: PROTOCOL_VERSION, address, sequence, kind }, payload, out)
        };
        match self {
            Self::Identify { versions } => {
                frame(kind::IDENTIFY, &[&[versions.newest()], oldest(*versions).as_slice()], out)
            }
            Self::Rectangle { area, encoding, pixels } => {
                let encoding = match encoding {
                    Encoding::Raw => 0,
                    Encoding::RunLength => 1,
                };
                frame(kind::RECTANGLE, &[&area.to_bytes(), &[encoding], pixels], out)
            }
            Self::Swap { picture, blink: None } => frame(kind::SWAP, &[&picture.0.to_be_bytes()], out),
            Self::Swap { picture, blink: Some(blink) } => {
                let [period, duration] = [blink.period_ms.to_be_bytes(), blink.duration_ds.to_be_bytes()];
                let pieces: [&[u8]; 4] =
                    [&picture.0.to_be_bytes(), &blink.region.to_bytes(), &period, &duration];
                frame(kind::SWAP, &pieces, out)
            }
            Self::Brightness(level) => frame(kind::BRIGHTNESS, &[&[*level]], out),
            Self::Poll => frame(kind::POLL, &[], out),
            Self::Fallback { after_s, page } => {
                let after = after_s.to_be_bytes();
                match page {
                    FallbackPage::Dark => frame(kind::FALLBACK, &[&after, &[0]], out),
                    FallbackPage::BuiltIn => frame(kind::FALLBACK, &[&after, &[1]], out),
                    FallbackPage::Stored(id) => {
                        frame(kind::FALLBACK, &[&after, &[2], &id.0.to_be_bytes()], out)
                    }
                }
            }
        }
    }
}

impl Reply {
    /// Write the whole frame of this reply and return its length in bytes.
    pub fn emit(
        &self,
        source: SignAddress,
        sequence: Sequence,
        out: &mut [u8],
    ) -> Result<usize, BufferTooSmall> {
        let frame = |kind: u8, payload: &[&[u8]], out: &mut [u8]| {
            let address = source.get();
            encode(Header { version: PROTOCOL_VERSION, address, sequence, kind }, payload, out)
        };
        match self {
            Self::Ack => frame(kind::ACK, &[], out),
            Self::Nak(reason) => frame(kind::NAK, &[&[reason.to_byte()]], out),
            Self::Identity(identity) => {
                let Firmware { major, minor, patch } = identity.firmware;
                let oldest = oldest(identity.versions);
                let pieces: [&[u8]; 6] = [
                    &[identity.versions.newest()],
                    &identity.width_px.to_be_bytes(),
                    &identity.height_px.to_be_bytes(),
                    &[identity.depth.planes(), major, minor, patch],
                    &identity.payload_bytes_max.to_be_bytes(),
                    oldest.as_slice(),
                ];
                frame(kind::IDENTITY, &pieces, out)
            }
            Self::Status(status) => {
                let pieces: [&[u8]; 4] = [
                    &status.picture.0.to_be_bytes(),
                    &[u8::from(status.in_fallback), status.brightness],
                    &status.uptime_s.to_be_bytes(),
                    &status.broken_frames.to_be_bytes(),
                ];
                frame(kind::STATUS, &pieces, out)
            }
        }
    }
}

/// The oldest version, where it is told.
fn oldest(versions: Versions) -> Option<u8> {
    Some(versions.oldest()).filter(|oldest| *oldest != OLDEST_UNTOLD)
}

impl Rectangle {
    fn to_bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        let numbers = [self.x_px, self.y_px, self.width_px, self.height_px];
        for (slot, number) in bytes.chunks_exact_mut(2).zip(numbers) {
            slot.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }
}
