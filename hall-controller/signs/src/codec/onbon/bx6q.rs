//! Onbon BX-6Q cards: pictures in a dynamic area, every pixel in red, green and blue.
//!
//! Source: the vendor's own program for these cards, `onbonlab/bx.dual.dyn.java`
//! (`BxFrameHeader`, `BxReq`, `BxReqSendDynArea`, `BxAreaDynamic`, `BxPage`, `BxPageBmp`, `BxResp`).
//! It knows no question that changes nothing, so a card is found by its answer to a picture.

use super::{Unwrapper, error, wire_bytes_max, wrap};
use crate::codec::{Answer, Awaits, CannotShow, Codec, Effect, Heard, Protocol, Request};
use crate::frame::Frame;
use crate::substitute::Ability;
use crate::words::Showing;

/// The host's address and the one that reaches whichever card is there.
const HOST: u16 = 0x8000;
const EVERYONE: u16 = 0xFFFF;
const PROTOCOL_VERSION: u8 = 0xF0;
/// BX-6Q2, which the program has as its default.
const DEVICE: u16 = 0x0266;
const HEADER_BYTES: usize = 16;

mod command {
    pub(super) const SEND_AREA: [u8; 2] = [0xA7, 0x00];
    pub(super) const DELETE_AREAS: [u8; 2] = [0xA7, 0x01];
    pub(super) const ACK: [u8; 2] = [0xA0, 0x00];
    pub(super) const NACK: [u8; 2] = [0xA0, 0x01];
}

/// The longest answer: header, nine bytes, some data.
const REPLY_BODY_BYTES_MAX: usize = 64;

/// A page's parameters with offset and length of its data.
const PAGE_BYTES: u32 = 26;

/// A card as it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The screen's address; `None` reaches whichever card is there.
    pub address: Option<u16>,
    /// The type of the card, such as 0x0266 for a BX-6Q2.
    pub device: u16,
}

impl Default for Setup {
    fn default() -> Self {
        Self { address: None, device: DEVICE }
    }
}

/// One card.
#[derive(Debug)]
pub struct Bx6q {
    setup: Setup,
    reader: Unwrapper,
    /// The longest body sent, so that its echo is read as a whole.
    body_bytes_max: usize,
}

impl Bx6q {
    /// The codec of this card.
    pub fn new(setup: Setup) -> Self {
        Self { setup, reader: Unwrapper::default(), body_bytes_max: REPLY_BODY_BYTES_MAX }
    }

    fn request(&mut self, command: [u8; 2], data: &[u8], effect: Effect) -> Request {
        let (reserved, wants_reply) = (0, 1);
        let mut body = self.setup.address.unwrap_or(EVERYONE).to_le_bytes().to_vec();
        body.extend(HOST.to_le_bytes());
        body.extend([PROTOCOL_VERSION, reserved]);
        body.extend(self.setup.device.to_le_bytes());
        body.extend([reserved; 4]);
        body.extend(u32::try_from(3 + data.len()).unwrap_or(u32::MAX).to_le_bytes());
        body.push(wants_reply);
        body.extend(command);
        body.extend(data);
        self.body_bytes_max = body.len().max(REPLY_BODY_BYTES_MAX);
        Request {
            bytes: wrap(&body),
            awaits: Awaits::Answer { bytes_max: wire_bytes_max(REPLY_BODY_BYTES_MAX) },
            effect,
            key: u16::from_be_bytes(command),
        }
    }

    /// Show a picture in area `number` at this place, on all programs of the card.
    pub fn picture(&mut self, number: u8, x_px: u16, y_px: u16, picture: &Frame) -> Request {
        let (width, height) = (picture.panel().width_px(), picture.panel().height_px());
        let pixels = rgb(picture);
        let mut area = vec![number, 0];
        let (no_timeout, on_all_programs, no_programs, beside_programs) = (0_u16, 1, 0_u16, 0);
        area.extend(no_timeout.to_le_bytes());
        area.push(on_all_programs);
        area.extend(no_programs.to_le_bytes());
        area.push(beside_programs);
        area.extend([0; 4]);
        let dynamic_area = 0x10;
        area.push(dynamic_area);
        area.extend([x_px, y_px, width, height].iter().flat_map(|number| number.to_le_bytes()));
        let (no_frame, no_background, opaque, equal_backgrounds, no_voice) = (0, 0, 0, 0, 0);
        area.extend([no_frame, no_background, opaque, equal_backgrounds, no_voice]);
        area.extend([0; 5]);
        let pages = 1_u16;
        area.extend(pages.to_le_bytes());
        area.extend(PAGE_BYTES.to_le_bytes());
        let (style, at_once, no_clearing, fastest) = (0, 0, 0, 0);
        area.extend([style, at_once, no_clearing, fastest]);
        let (hold, repeat) = (100_u16, 1);
        area.extend(hold.to_le_bytes());
        area.push(repeat);
        area.extend(width.to_le_bytes());
        area.extend([0; 9]);
        let offset = 0_u32;
        area.extend(offset.to_le_bytes());
        area.extend(u32::try_from(pixels.len()).unwrap_or(u32::MAX).to_le_bytes());

        let one_area = 1_u16;
        let mut data = vec![0, 0];
        data.extend(one_area.to_le_bytes());
        data.extend(u32::try_from(area.len()).unwrap_or(u32::MAX).to_le_bytes());
        data.extend(area);
        data.extend(pixels);
        self.request(command::SEND_AREA, &data, Effect::Shows)
    }

    /// Take all dynamic areas away.
    pub fn delete_all(&mut self) -> Request {
        self.request(command::DELETE_AREAS, &[0, 0, 0xFF], Effect::Shows)
    }

    fn answer(&self, body: &[u8], asked: Option<&Request>) -> Heard {
        let address =
            |at: usize| body.get(at..at + 2).map(|pair| u16::from(pair[0]) | u16::from(pair[1]) << 8);
        if address(0) != Some(HOST) {
            return Heard::Echo;
        }
        let own = self.setup.address.is_none_or(|own| address(2) == Some(own));
        let [_, group, number, _, _, error_low, ..] = body.get(HEADER_BYTES..).unwrap_or_default() else {
            return Heard::Broken;
        };
        if !own || asked.is_none() {
            return Heard::Stray;
        }
        match [*group, *number] {
            command::ACK => Heard::Answer(Answer::Done),
            command::NACK => {
                let (why, cure) = error(*error_low);
                Heard::Answer(Answer::Refused { why, cure })
            }
            _ => Heard::Stray,
        }
    }
}

/// Red, green and blue of each pixel, row by row.
fn rgb(picture: &Frame) -> Vec<u8> {
    let panel = picture.panel();
    let mono = panel.depth().planes() == 1;
    let pixel = |x, y| {
        let light = picture.light(x, y);
        let lit = [light.red, light.green && !mono, light.blue && !mono];
        lit.map(|on| if on { 0xFF } else { 0 })
    };
    (0..panel.height_px()).flat_map(|y| (0..panel.width_px()).flat_map(move |x| pixel(x, y))).collect()
}

impl Codec for Bx6q {
    fn protocol(&self) -> Protocol {
        Protocol::OnbonBx6q
    }

    fn ability(&self) -> Ability {
        Ability::Pixels
    }

    fn identify(&mut self) -> Option<Request> {
        None
    }

    fn set_up(&mut self) -> Vec<Request> {
        vec![]
    }

    fn show(&mut self, _: Option<&Showing>, wanted: &Showing, _: u32) -> Result<Vec<Request>, CannotShow> {
        Ok(vec![self.picture(0, 0, 0, &wanted.frame)])
    }

    fn poll(&mut self) -> Option<Request> {
        None
    }

    fn read(&mut self, bytes: &[u8], asked: Option<&Request>) -> Vec<Heard> {
        let mut heard = Vec::new();
        for byte in bytes {
            match self.reader.push(*byte, self.body_bytes_max) {
                None => {}
                Some(Ok(body)) => heard.push(self.answer(&body, asked)),
                Some(Err(_)) => heard.push(Heard::Broken),
            }
        }
        heard
    }
}
