//! An LED sign: bytes from the line in, reply frames and what can be seen out.
//!
//! This is the sign of `protocol/docs/native-sign.md`, for any size of panel. [`Sign::receive`] takes
//! the bytes of the line one by one and gives the reply to send; [`Sign::view`] is what the panel
//! shows. The board waits one byte's time before a reply, and reads a view only between two
//! calls of `receive`, so that a swap never falls into the middle of a refresh.
//!
//! `pictures` has the buffers, `view` what of them can be seen, `notice` the built-in page.

mod notice;
mod pictures;
mod view;

use core::fmt;

use hall_protocol::sign::frame::Frame;
use hall_protocol::sign::{
    Blink, Destination, FallbackPage, Firmware, FrameReader, Identity, MessageError, PAYLOAD_BYTES_MAX,
    PAYLOAD_BYTES_MIN, REPLY_PAYLOAD_BYTES_MAX, RefusalReason, Reply, Request, Sequence, SignAddress, Status,
    Versions, encoded_bytes_max,
};

use self::pictures::Pictures;
pub use self::view::{Appearance, View};
use crate::panel::Panel;

/// The bytes of the longest reply.
const REPLY_BYTES_MAX: usize = encoded_bytes_max(REPLY_PAYLOAD_BYTES_MAX);

/// How many bytes of frame a sign must hold to take payloads of so many bytes: the second number of
/// a [`Sign`]'s type.
pub const fn frame_bytes(payload_bytes: usize) -> usize {
    encoded_bytes_max(payload_bytes) - 2
}

/// The longest payload that a buffer for this much frame takes, as announced to the host.
const fn payload_bytes_in(frame_bytes_held: usize) -> usize {
    let mut payload = 0;
    while payload < PAYLOAD_BYTES_MAX && frame_bytes(payload + 1) <= frame_bytes_held {
        payload += 1;
    }
    payload
}

/// What a sign is told once, by its switches and its firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Its address on the line.
    pub address: SignAddress,
    /// Its panel.
    pub panel: Panel,
    /// What runs on it.
    pub firmware: Firmware,
}

/// Why there is no such sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsError {
    /// The buffers are for pictures of another size; carries the bytes a picture of the panel has.
    Picture(usize),
    /// The frame buffer does not hold the shortest payload every sign must take.
    Frame,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Picture(bytes) => {
                write!(f, "a picture of this panel has {bytes} bytes, the buffers others")
            }
            Self::Frame => {
                let bytes = frame_bytes(PAYLOAD_BYTES_MIN);
                write!(f, "every sign holds frames of at least {bytes} bytes")
            }
        }
    }
}

impl core::error::Error for SettingsError {}

/// The request a reply belongs to, by which its repetition is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Answered {
    sequence: Sequence,
    crc: u16,
}

/// A sign with pictures of `PICTURE` bytes ([`Panel::picture_bytes`]) that holds frames of `FRAME`
/// bytes ([`frame_bytes`]). Three pictures and a frame are nearly all the memory it takes.
#[derive(Debug, Clone)]
pub struct Sign<const PICTURE: usize, const FRAME: usize> {
    reader: FrameReader<FRAME>,
    state: State<PICTURE>,
}

#[derive(Debug, Clone)]
struct State<const PICTURE: usize> {
    settings: Settings,
    payload_bytes_max: u16,
    pictures: Pictures<PICTURE>,
    /// Since the last swap; counted from when it was.
    blink: Option<(Blink, u64)>,
    fallback_after_s: u16,
    fallback_page: FallbackPage,
    /// Since when the fallback is shown.
    in_fallback_ms: Option<u64>,
    brightness: u8,
    /// Counts what makes the panel look different.
    revision: u32,
    started_ms: u64,
    heard_ms: u64,
    broken_frames: u16,
    answered: Option<Answered>,
    reply: [u8; REPLY_BYTES_MAX],
    reply_bytes: usize,
}

impl<const PICTURE: usize, const FRAME: usize> Sign<PICTURE, FRAME> {
    /// A sign that has just been switched on: dark, at full brightness.
    ///
    /// # Errors
    /// [`SettingsError`] when the type's numbers do not fit the panel or the protocol.
    pub const fn new(settings: Settings, now_ms: u64) -> Result<Self, SettingsError> {
        if PICTURE != settings.panel.picture_bytes() {
            return Err(SettingsError::Picture(settings.panel.picture_bytes()));
        }
        let payload_bytes = payload_bytes_in(FRAME);
        if payload_bytes < PAYLOAD_BYTES_MIN {
            return Err(SettingsError::Frame);
        }
        let state = State {
            settings,
            #[expect(clippy::cast_possible_truncation, reason = "at most PAYLOAD_BYTES_MAX, 4,096")]
            payload_bytes_max: payload_bytes as u16,
            pictures: Pictures::new(settings.panel),
            blink: None,
            fallback_after_s: 0,
            fallback_page: FallbackPage::Dark,
            in_fallback_ms: None,
            brightness: u8::MAX,
            revision: 0,
            started_ms: now_ms,
            heard_ms: now_ms,
            broken_frames: 0,
            answered: None,
            reply: [0; REPLY_BYTES_MAX],
            reply_bytes: 0,
        };
        Ok(Self { reader: FrameReader::new(), state })
    }

    /// Take one byte of the line; gives the frame to send, if the byte ends a request that this sign
    /// must answer.
    pub fn receive(&mut self, byte: u8, now_ms: u64) -> Option<&[u8]> {
        let Self { reader, state } = self;
        let Ok(frame) = reader.push(byte)? else {
            state.broken_frames = state.broken_frames.saturating_add(1);
            return None;
        };
        if state.take(&frame, now_ms) { state.reply.get(..state.reply_bytes) } else { None }
    }

    /// Let time pass: a sign whose host has been silent for long shows its fallback page.
    pub fn pass_time(&mut self, now_ms: u64) {
        self.state.pass_time(now_ms);
    }

    /// What names the look of the panel at this time: while it is the same, so is the look.
    pub fn appearance(&self, now_ms: u64) -> Appearance {
        self.state.appearance(now_ms)
    }

    /// What can be seen at this time.
    pub fn view(&self, now_ms: u64) -> View<'_> {
        let state = &self.state;
        let appearance = state.appearance(now_ms);
        View::new(state.settings.panel, state.brightness, appearance, || match state.in_fallback_ms {
            None => state.pictures.front(),
            Some(_) => state.pictures.stored(),
        })
    }

    /// Frames that were broken since the start; stays at 65,535.
    pub fn broken_frames(&self) -> u16 {
        self.state.broken_frames
    }
}

impl<const PICTURE: usize> State<PICTURE> {
    fn pass_time(&mut self, now_ms: u64) {
        let silent_ms = now_ms.saturating_sub(self.heard_ms);
        let patience_ms = u64::from(self.fallback_after_s) * 1_000;
        if patience_ms > 0 && silent_ms >= patience_ms && self.in_fallback_ms.is_none() {
            self.in_fallback_ms = Some(now_ms);
            self.changed();
        }
    }

    fn changed(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// Take a whole frame, in the order of section 4 of the document; whether to answer.
    fn take(&mut self, frame: &Frame<'_>, now_ms: u64) -> bool {
        let own = frame.header.address == self.settings.address.get();
        let everyones = frame.header.address == Destination::Everyone.to_byte();
        let parsed = Request::parse(frame).map_err(MessageError::refusal);
        if !(own || everyones) || parsed == Err(None) {
            return false;
        }
        self.pass_time(now_ms);
        self.heard_ms = now_ms;
        let this = Answered { sequence: frame.header.sequence, crc: frame.crc };
        if own && self.answered == Some(this) {
            return true;
        }
        let reply = match parsed {
            Ok((_, request)) => self.obey(&request, now_ms).unwrap_or_else(Reply::Nak),
            Err(Some(reason)) => Reply::Nak(reason),
            Err(None) => return false,
        };
        if !own {
            return false;
        }
        // Identify is done again each time: a host that starts anew may start with any sequence.
        self.answered = if matches!(reply, Reply::Identity(_)) { None } else { Some(this) };
        // The buffer is as long as the longest reply, so there is always room.
        self.reply_bytes =
            reply.emit(self.settings.address, frame.header.sequence, &mut self.reply).unwrap_or(0);
        true
    }

    fn obey(&mut self, request: &Request<'_>, now_ms: u64) -> Result<Reply, RefusalReason> {
        match *request {
            Request::Identify { .. } => return Ok(Reply::Identity(self.identity())),
            Request::Poll => return Ok(Reply::Status(self.status(now_ms))),
            Request::Rectangle { area, encoding, pixels } => self.pictures.write(area, encoding, pixels)?,
            Request::Swap { picture, blink } => {
                self.pictures.swap(picture)?;
                let blinks = |blink: &Blink| blink.period_ms > 0 && blink.duration_ds > 0;
                self.blink = blink.filter(blinks).map(|blink| (blink, now_ms));
                self.in_fallback_ms = None;
                self.changed();
            }
            Request::Brightness(level) => self.brightness = level,
            Request::Fallback { after_s, page } => {
                if let FallbackPage::Stored(picture) = page {
                    self.pictures.store(picture)?;
                }
                (self.fallback_after_s, self.fallback_page) = (after_s, page);
                // A page that is being shown is now another one.
                self.changed();
            }
        }
        Ok(Reply::Ack)
    }

    fn identity(&self) -> Identity {
        let Settings { panel, firmware, .. } = self.settings;
        Identity {
            versions: Versions::SPOKEN,
            width_px: panel.width_px(),
            height_px: panel.height_px(),
            depth: panel.depth(),
            firmware,
            payload_bytes_max: self.payload_bytes_max,
        }
    }

    fn status(&self, now_ms: u64) -> Status {
        let uptime_s = now_ms.saturating_sub(self.started_ms) / 1_000;
        Status {
            picture: self.pictures.shown(),
            in_fallback: self.in_fallback_ms.is_some(),
            brightness: self.brightness,
            uptime_s: u32::try_from(uptime_s).unwrap_or(u32::MAX),
            broken_frames: self.broken_frames,
        }
    }

    fn appearance(&self, now_ms: u64) -> Appearance {
        let look = match (self.in_fallback_ms, self.fallback_page) {
            (None, _) => view::Look::Picture { dark: self.blink.and_then(|blink| dark(blink, now_ms)) },
            (Some(_), FallbackPage::Dark) => view::Look::Dark,
            (Some(_), FallbackPage::Stored(_)) => view::Look::Picture { dark: None },
            (Some(since_ms), FallbackPage::BuiltIn) => {
                let shown_ms = now_ms.saturating_sub(since_ms);
                view::Look::Notice { offset_px: notice::offset_px(self.settings.panel, shown_ms) }
            }
        };
        Appearance { revision: self.revision, brightness: self.brightness, look }
    }
}

/// The region that is dark at this time.
fn dark((blink, since_ms): (Blink, u64), now_ms: u64) -> Option<hall_protocol::sign::Rectangle> {
    let elapsed_ms = now_ms.saturating_sub(since_ms);
    let period_ms = u64::from(blink.period_ms);
    let over = elapsed_ms >= u64::from(blink.duration_ds) * 100;
    (!over && elapsed_ms % period_ms * 2 >= period_ms).then_some(blink.region)
}
