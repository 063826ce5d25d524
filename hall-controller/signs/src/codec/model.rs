//! What a sign is, as the configuration says, whatever it speaks.

use hall_protocol::sign::PAYLOAD_BYTES_MAX;

use super::alpha::{self, Alpha};
use super::cp5200::{self, Cp5200};
use super::modbus::{Modbus, RegisterMap};
use super::native::Native;
use super::onbon::bx5k::{self, Bx5k};
use super::onbon::bx6q::{self, Bx6q};
use super::template::{self, TemplateCodec};
use super::{Codec, Protocol};
use crate::bus::SignSetup;
use crate::page::Page;
use crate::substitute::{Ability, Fitted, drawn};

/// Start bit, eight data bits, stop bit.
const BITS_PER_BYTE: u64 = 10;

/// One request occupies the line for about this long at most, so that a call never waits for a
/// large picture of another sign.
const REQUEST_WIRE_MS_MAX: u64 = 250;

/// What a native sign usually takes at once; it says so itself once it answers.
const PAYLOAD_BYTES_USUAL: usize = 1_024;

/// The speed where it does not matter.
const BAUD_USUAL: u32 = 9_600;

/// A protocol with all it has to know of a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Model {
    /// Our own protocol, which asks the sign.
    Native,
    /// Onbon BX-5K and BX-6K.
    OnbonBx5k(bx5k::Setup),
    /// Onbon BX-6Q.
    OnbonBx6q(bx6q::Setup),
    /// Alpha and its relatives.
    Alpha(alpha::Setup),
    /// C-Power.
    Cp5200(cp5200::Setup),
    /// A digit display on Modbus.
    ModbusRtu(RegisterMap),
    /// A display of a line of configuration.
    Template(template::Setup),
}

impl Model {
    /// Which protocol it is.
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::Native => Protocol::Native,
            Self::OnbonBx5k(_) => Protocol::OnbonBx5k,
            Self::OnbonBx6q(_) => Protocol::OnbonBx6q,
            Self::Alpha(_) => Protocol::Alpha,
            Self::Cp5200(_) => Protocol::Cp5200,
            Self::ModbusRtu(_) => Protocol::ModbusRtu,
            Self::Template(_) => Protocol::Template,
        }
    }

    /// Whether it says calls aloud.
    pub const fn speaks(&self) -> bool {
        matches!(self, Self::OnbonBx5k(setup) if setup.speaker.is_some())
    }

    /// Whether what it is sent has bytes above 0x7F, which a line of seven data bits cannot carry. Frames of
    /// Alpha signs are ASCII throughout; Modbus RTU has bytes of eight bits by its own rule (Modbus over
    /// serial line V1.02, 2.5.1).
    pub fn needs_eight_bits(&self) -> bool {
        match self {
            Self::Alpha(_) => false,
            Self::Template(setup) => setup.needs_eight_bits(),
            Self::Native | Self::OnbonBx5k(_) | Self::OnbonBx6q(_) | Self::Cp5200(_) | Self::ModbusRtu(_) => {
                true
            }
        }
    }

    /// Whether it is sent pictures, rather than words for letters of its own.
    pub fn draws(&self, sign: SignSetup) -> bool {
        self.codec(sign, BAUD_USUAL).ability() == Ability::Pixels
    }

    /// A page as such a sign shows it, and what is lost: the whole table, signs of pixels included.
    pub fn shows(&self, sign: SignSetup, page: &Page) -> Fitted {
        let codec = self.codec(sign, BAUD_USUAL);
        let fitted = codec.fitted(&page.words());
        match codec.ability() {
            Ability::Pixels => Fitted { substitute: drawn(page, sign.panel), ..fitted },
            Ability::Text { .. } | Ability::Digits { .. } => fitted,
        }
    }

    /// A codec that only weighs what pages will cost, as one that has heard its sign does.
    pub fn weighing(&self, sign: SignSetup, baud: u32) -> Box<dyn Codec> {
        match self {
            Self::Native => {
                let native = Native::new(sign.address, sign.panel, payload_bytes_max(baud));
                Box::new(native.expecting(PAYLOAD_BYTES_USUAL))
            }
            other => other.codec(sign, baud),
        }
    }

    /// A codec for one such sign on a line of this speed, in bits a second.
    pub fn codec(&self, sign: SignSetup, baud: u32) -> Box<dyn Codec> {
        match self {
            Self::Native => Box::new(Native::new(sign.address, sign.panel, payload_bytes_max(baud))),
            Self::OnbonBx5k(setup) => Box::new(Bx5k::new(setup.clone())),
            Self::OnbonBx6q(setup) => Box::new(Bx6q::new(setup.clone())),
            Self::Alpha(setup) => Box::new(Alpha::new(setup.clone())),
            Self::Cp5200(setup) => Box::new(Cp5200::new(setup.clone())),
            Self::ModbusRtu(map) => Box::new(Modbus::new(map.clone())),
            Self::Template(setup) => Box::new(TemplateCodec::new(setup.clone())),
        }
    }
}

/// The longest payload of a native request on a line of this speed.
fn payload_bytes_max(baud: u32) -> usize {
    let bytes = u64::from(baud.max(1)) / BITS_PER_BYTE * REQUEST_WIRE_MS_MAX / 1_000;
    usize::try_from(bytes).unwrap_or(usize::MAX).min(PAYLOAD_BYTES_MAX)
}
