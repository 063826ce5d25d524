//! Everything at the far end of one line: the virtual signs of its protocol, as configured.

use std::time::{Duration, Instant};

use hall_protocol::sign::SignAddress;

use super::alpha::VirtualAlpha;
use super::bx5k::VirtualBx5k;
use super::bx6q::VirtualBx6q;
use super::cp5200::VirtualCp5200;
use super::modbus::VirtualModbus;
use super::template::VirtualTemplate;
use super::{VirtualLine, VirtualSign};
use crate::codec::cp5200::Pages;
use crate::codec::modbus::{Layout, RegisterMap};
use crate::codec::model::Model;
use crate::codec::template::Template;
use crate::frame::{Frame, Panel};
use crate::substitute::picture_of_text;

/// The displays of one line.
#[derive(Debug, Clone)]
pub struct FarEnd {
    signs: Signs,
    addresses: Vec<SignAddress>,
    /// What a time of a display that knows silence counts from.
    began: Option<Instant>,
}

#[derive(Debug, Clone)]
enum Signs {
    Native(VirtualLine),
    Others(Vec<Other>),
}

/// A sign of another maker.
#[derive(Debug, Clone)]
struct Other {
    address: SignAddress,
    panel: Panel,
    display: Display,
}

#[derive(Debug, Clone)]
enum Display {
    Bx5k(VirtualBx5k),
    Bx6q(VirtualBx6q),
    Alpha(VirtualAlpha),
    Cp5200 { card: VirtualCp5200, shows_text: bool },
    Modbus { display: VirtualModbus, map: RegisterMap },
    Template(VirtualTemplate),
}

/// A display that nobody can play: its frames have no fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the display with address {0} cannot be emulated, since its number or window has no width; write for instance {{number:4}} and {{window:2}}"
)]
pub struct NoFixedWidth(pub SignAddress);

impl FarEnd {
    /// These signs at the end of a line of this speed, in bits a second.
    pub fn new(signs: &[(SignAddress, Panel, Model)], baud: u32) -> Result<Self, NoFixedWidth> {
        let addresses: Vec<SignAddress> = signs.iter().map(|(address, ..)| *address).collect();
        let native = signs.iter().all(|(.., model)| *model == Model::Native);
        let signs = if native {
            let signs = signs.iter().map(|(address, panel, _)| VirtualSign::new(*address, *panel));
            Signs::Native(VirtualLine::new(signs.collect()))
        } else {
            let others = signs.iter().filter_map(|(address, panel, model)| {
                let display = match display(*address, *panel, model, baud)? {
                    Ok(display) => display,
                    Err(error) => return Some(Err(error)),
                };
                Some(Ok(Other { address: *address, panel: *panel, display }))
            });
            Signs::Others(others.collect::<Result<_, _>>()?)
        };
        Ok(Self { signs, addresses, began: None })
    }

    /// Hear bytes; gives the bytes of the answers.
    pub fn receive(&mut self, bytes: &[u8], now: Instant) -> Vec<u8> {
        let at_ns = self.nanoseconds(now);
        match &mut self.signs {
            Signs::Native(line) => line.receive(bytes, now),
            Signs::Others(others) => {
                others.iter_mut().flat_map(|other| other.display.receive(bytes, at_ns)).collect()
            }
        }
    }

    /// Let time pass; gives the answers of displays that know a frame's end by the silence after it.
    pub fn pass_time(&mut self, now: Instant) -> Vec<u8> {
        let at_ns = self.nanoseconds(now);
        match &mut self.signs {
            Signs::Native(line) => {
                line.pass_time(now);
                vec![]
            }
            Signs::Others(others) => {
                let answers = others.iter_mut().flat_map(|other| match &mut other.display {
                    Display::Modbus { display, .. } => display.pass_time(at_ns),
                    _ => vec![],
                });
                answers.collect()
            }
        }
    }

    /// When [`FarEnd::pass_time`] is due; `None` if nothing waits for silence.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let Signs::Others(others) = &self.signs else { return None };
        let due = others.iter().filter_map(|other| match &other.display {
            Display::Modbus { display, .. } => display.due_ns(),
            _ => None,
        });
        Some(self.began? + Duration::from_nanos(due.max()?))
    }

    /// Which signs there are, in the order given.
    pub fn addresses(&self) -> &[SignAddress] {
        &self.addresses
    }

    /// The text a sign with letters of its own shows; `None` for one that shows pixels.
    pub fn text(&self, address: SignAddress) -> Option<Vec<String>> {
        let Signs::Others(others) = &self.signs else { return None };
        others.iter().find(|other| other.address == address)?.display.text()
    }

    /// What can be seen on a sign; text is drawn with our letters. `None` without such a sign.
    pub fn picture(&self, address: SignAddress) -> Option<Frame> {
        match &self.signs {
            Signs::Native(line) => line.picture(address).cloned(),
            Signs::Others(others) => {
                let Other { panel, display, .. } = others.iter().find(|other| other.address == address)?;
                let text = display.text();
                let drawn = text.map(|lines| {
                    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                    picture_of_text(&lines, *panel)
                });
                drawn.or_else(|| display.screen().map(|screen| seen_on(screen, *panel)))
            }
        }
    }

    fn nanoseconds(&mut self, now: Instant) -> u64 {
        let began = *self.began.get_or_insert(now);
        u64::try_from(now.saturating_duration_since(began).as_nanos()).unwrap_or(u64::MAX)
    }
}

/// `None` for a native sign among others, which no configuration has.
fn display(
    address: SignAddress,
    panel: Panel,
    model: &Model,
    baud: u32,
) -> Option<Result<Display, NoFixedWidth>> {
    let (own, width, height) = (address.get(), panel.width_px(), panel.height_px());
    Some(Ok(match model {
        Model::Native => return None,
        Model::OnbonBx5k(_) => Display::Bx5k(VirtualBx5k::new(u16::from(own), width, height)),
        Model::OnbonBx6q(_) => Display::Bx6q(VirtualBx6q::new(u16::from(own), panel)),
        Model::Alpha(_) => Display::Alpha(VirtualAlpha::new(own)),
        Model::Cp5200(setup) => {
            let shows_text = matches!(setup.pages, Pages::Text { .. });
            Display::Cp5200 { card: VirtualCp5200::new(own, panel), shows_text }
        }
        Model::ModbusRtu(map) => {
            let count = registers(map);
            let display = VirtualModbus::new(own, map.first, count, baud);
            Display::Modbus { display, map: map.clone() }
        }
        Model::Template(setup) => {
            let idle = setup.idle.as_ref().map(Template::text);
            let check = setup.called.check().map_or("", |check| check.name());
            let reply = setup.reply.as_deref().unwrap_or_default();
            match VirtualTemplate::described(setup.called.text(), idle, check, own, reply) {
                Some(display) => Display::Template(display),
                None => return Some(Err(NoFixedWidth(address))),
            }
        }
    }))
}

impl Display {
    fn receive(&mut self, bytes: &[u8], at_ns: u64) -> Vec<u8> {
        match self {
            Self::Bx5k(card) => card.receive(bytes),
            Self::Bx6q(card) => card.receive(bytes),
            Self::Alpha(sign) => sign.receive(bytes),
            Self::Cp5200 { card, .. } => card.receive(bytes),
            Self::Modbus { display, .. } => display.receive(bytes, at_ns),
            Self::Template(display) => display.receive(bytes),
        }
    }

    fn text(&self) -> Option<Vec<String>> {
        match self {
            Self::Bx5k(card) => Some(card.lines()),
            Self::Alpha(sign) => Some(sign.lines()),
            Self::Cp5200 { card, shows_text: true } => Some(card.lines()),
            Self::Modbus { display, map } => Some(vec![digits(display.registers(), map)]),
            Self::Template(display) => Some(vec![display.number().into(), display.window().into()]),
            Self::Bx6q(_) | Self::Cp5200 { .. } => None,
        }
    }

    fn screen(&self) -> Option<&Frame> {
        match self {
            Self::Bx6q(card) => Some(card.screen()),
            Self::Cp5200 { card, .. } => Some(card.screen()),
            _ => None,
        }
    }
}

/// How many registers the digits of a display lie in.
fn registers(map: &RegisterMap) -> usize {
    let places = usize::from(map.places);
    match map.layout {
        Layout::Number => 1,
        Layout::Bcd => places.div_ceil(4),
        Layout::DigitEach | Layout::AsciiEach => places,
        Layout::AsciiPairs => places.div_ceil(2),
    }
}

/// What the registers of a display show.
fn digits(registers: &[u16], map: &RegisterMap) -> String {
    let digit = |value: u16| char::from_digit(u32::from(value), 10).unwrap_or(' ');
    let letter = |byte: u8| if byte.is_ascii_graphic() { char::from(byte) } else { ' ' };
    let shown: String = match map.layout {
        Layout::Number => {
            let value = registers.first().copied().unwrap_or(map.blank);
            if value == map.blank { String::new() } else { value.to_string() }
        }
        Layout::Bcd => {
            let nibbles = registers.iter().flat_map(|four| [12, 8, 4, 0].map(|shift| four >> shift & 0xF));
            nibbles.map(digit).collect()
        }
        Layout::DigitEach => registers.iter().map(|value| digit(*value)).collect(),
        Layout::AsciiEach => registers.iter().map(|value| letter(value.to_be_bytes()[1])).collect(),
        Layout::AsciiPairs => registers.iter().flat_map(|pair| pair.to_be_bytes().map(letter)).collect(),
    };
    shown.trim().to_owned()
}

/// A screen of all colours, as one of these colours shows it.
fn seen_on(screen: &Frame, panel: Panel) -> Frame {
    let mut frame = Frame::dark(panel);
    for y in 0..panel.height_px() {
        for x in 0..panel.width_px() {
            frame.set(x, y, screen.light(x, y));
        }
    }
    frame
}
