//! Reading messages from frames: every length and value is checked once, here.
//!
//! A payload longer than its kind says is an error, not an extension: extensions have a new
//! kind or a new protocol version. The three messages that are the same in every version are read
//! whatever version their frame says; what is wrong with one of another version is its version.

use super::{
    Blink, Encoding, FallbackPage, Firmware, Identity, MessageError, Rectangle, RefusalReason, Reply,
    Request, Status, kind,
};
use crate::sign::frame::Frame;
use crate::sign::picture::{Depth, PictureId};
use crate::sign::version::OLDEST_UNTOLD;
use crate::sign::{Destination, PROTOCOL_VERSION, SignAddress, Versions};

/// Takes numbers off the front of a payload. `None` means it was too short.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn rectangle(&mut self) -> Option<Rectangle> {
        Some(Rectangle {
            x_px: self.u16()?,
            y_px: self.u16()?,
            width_px: self.u16()?,
            height_px: self.u16()?,
        })
    }

    /// The oldest version, which ends the messages it is in.
    fn versions(&mut self, newest: u8) -> Option<Versions> {
        if self.is_empty() {
            return Versions::new(OLDEST_UNTOLD, newest);
        }
        Versions::new(self.u8().filter(|oldest| *oldest != OLDEST_UNTOLD)?, newest)
    }

    fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Request<'a> {
    /// Read a request, as a sign does. The destination is checked before anything else, so that
    /// an error always concerns a frame this sign could have been meant by.
    pub fn parse(frame: &Frame<'a>) -> Result<(Destination, Self), MessageError> {
        let header = frame.header;
        if header.kind >= kind::REPLY {
            return Err(MessageError::Direction);
        }
        let destination =
            Destination::from_byte(header.address).map_err(|error| MessageError::Address(error.0))?;
        // Identify has the same form in every version: it is how versions are agreed on.
        let other_version = header.version != PROTOCOL_VERSION;
        if other_version && header.kind != kind::IDENTIFY {
            return Err(MessageError::Version(header.version));
        }
        let mut payload = Cursor(frame.payload);
        let request = match header.kind {
            kind::IDENTIFY => identify(&mut payload),
            kind::RECTANGLE => rectangle(&mut payload),
            kind::SWAP => swap(&mut payload),
            kind::BRIGHTNESS => payload.u8().map(Self::Brightness),
            kind::POLL => Some(Self::Poll),
            kind::FALLBACK => fallback(&mut payload),
            unknown => return Err(MessageError::Kind(unknown)),
        };
        match request {
            Some(request) if payload.is_empty() => Ok((destination, request)),
            _ if other_version => Err(MessageError::Version(header.version)),
            _ => Err(MessageError::Payload(header.kind)),
        }
    }
}

fn identify<'a>(payload: &mut Cursor<'_>) -> Option<Request<'a>> {
    let newest = payload.u8()?;
    Some(Request::Identify { versions: payload.versions(newest)? })
}

fn rectangle<'a>(payload: &mut Cursor<'a>) -> Option<Request<'a>> {
    let area = payload.rectangle()?;
    let encoding = match payload.u8()? {
        0 => Encoding::Raw,
        1 => Encoding::RunLength,
        _ => return None,
    };
    Some(Request::Rectangle { area, encoding, pixels: payload.rest() })
}

fn swap<'a>(payload: &mut Cursor<'a>) -> Option<Request<'a>> {
    let picture = PictureId(payload.u32()?);
    if payload.is_empty() {
        return Some(Request::Swap { picture, blink: None });
    }
    let blink =
        Blink { region: payload.rectangle()?, period_ms: payload.u16()?, duration_ds: payload.u16()? };
    Some(Request::Swap { picture, blink: Some(blink) })
}

fn fallback<'a>(payload: &mut Cursor<'a>) -> Option<Request<'a>> {
    let after_s = payload.u16()?;
    let page = match payload.u8()? {
        0 => FallbackPage::Dark,
        1 => FallbackPage::BuiltIn,
        2 => FallbackPage::Stored(PictureId(payload.u32()?)),
        _ => return None,
    };
    Some(Request::Fallback { after_s, page })
}

impl Reply {
    /// Read a reply, as the host does.
    pub fn parse(frame: &Frame<'_>) -> Result<(SignAddress, Self), MessageError> {
        let header = frame.header;
        if header.kind < kind::REPLY {
            return Err(MessageError::Direction);
        }
        let source = SignAddress::new(header.address).map_err(|error| MessageError::Address(error.0))?;
        // Who a sign is and why it refuses is read in every version.
        let other_version = header.version != PROTOCOL_VERSION;
        if other_version && !matches!(header.kind, kind::IDENTITY | kind::NAK) {
            return Err(MessageError::Version(header.version));
        }
        let mut payload = Cursor(frame.payload);
        let reply = match header.kind {
            kind::ACK => Some(Self::Ack),
            kind::NAK => payload.u8().map(|byte| Self::Nak(RefusalReason::from_byte(byte))),
            kind::IDENTITY => identity(&mut payload),
            kind::STATUS => status(&mut payload),
            unknown => return Err(MessageError::Kind(unknown)),
        };
        match reply {
            Some(reply) if payload.is_empty() => Ok((source, reply)),
            _ if other_version => Err(MessageError::Version(header.version)),
            _ => Err(MessageError::Payload(header.kind)),
        }
    }
}

fn identity(payload: &mut Cursor<'_>) -> Option<Reply> {
    let newest = payload.u8()?;
    Some(Reply::Identity(Identity {
        width_px: payload.u16()?,
        height_px: payload.u16()?,
        depth: Depth::from_planes(payload.u8()?)?,
        firmware: Firmware { major: payload.u8()?, minor: payload.u8()?, patch: payload.u8()? },
        payload_bytes_max: payload.u16()?,
        versions: payload.versions(newest)?,
    }))
}

fn status(payload: &mut Cursor<'_>) -> Option<Reply> {
    Some(Reply::Status(Status {
        picture: PictureId(payload.u32()?),
        in_fallback: match payload.u8()? {
            0 => false,
            1 => true,
            _ => return None,
        },
        brightness: payload.u8()?,
        uptime_s: payload.u32()?,
        broken_frames: payload.u16()?,
    }))
}
