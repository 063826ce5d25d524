//! `sign-emulator`: the signs at the far end of a serial line, in a terminal.
//!
//! For a technician without a sign at hand, and for tests: it makes a pseudo-terminal, decodes
//! what a controller writes there, and draws each picture or prints it as JSON.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use hall_protocol::sign::{AddressError, Depth, SignAddress};
use hall_signs::codec::model::Model;
use hall_signs::emulator::far_end::{FarEnd, NoFixedWidth};
use hall_signs::{Frame, Light, Panel, PanelError};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::cli::EmulatorArgs;
use crate::colours;
use crate::config::{Config, ConfigErrors, Speech};
use crate::signs::emulated;
use crate::signs::emulated::{EmulatedLine, EmulatedLineError};

/// The line's speed where it does not matter, in bits a second.
const BAUD_USUAL: u32 = 9_600;

/// Why there is no emulator.
#[derive(Debug, thiserror::Error)]
pub enum SignEmulatorError {
    /// A sign's description cannot be read.
    #[error(
        "--sign {given:?} describes no sign: {why}; write ADDRESS:WIDTHxHEIGHT:COLOUR, such as 1:128x32:red-green"
    )]
    Sign {
        /// As given.
        given: String,
        /// What is wrong with it.
        why: String,
    },
    /// No line to be.
    #[error("{why}; describe signs with --sign, or name a line of a hall with --config and --line")]
    Nothing {
        /// What is missing.
        why: String,
    },
    /// Two signs would answer at once.
    #[error("two signs have the address {0}; give each on the line its own")]
    SameAddress(SignAddress),
    /// The hall's configuration.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// A display that nobody can play.
    #[error(transparent)]
    Display(#[from] NoFixedWidth),
    /// The line.
    #[error(transparent)]
    Line(#[from] EmulatedLineError),
}

/// One picture, as `--json` prints it.
#[derive(Serialize)]
struct Shown<'a> {
    address: u8,
    width_px: u16,
    height_px: u16,
    /// `mono`, `red-green` or `rgb`.
    colour: &'static str,
    /// The checksum of the sign's memory.
    picture: String,
    /// What a sign with letters of its own says; `rows` are about that, in other letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a [String]>,
    /// One string a row, one letter a pixel: `.` dark, `r`, `g`, `b`, `y`, `m`, `c`, `w`; on a
    /// sign of one colour, `w` is lit.
    rows: &'a [String],
}

/// Be the signs until cancelled.
///
/// # Errors
/// When a description is wrong or there is no pseudo-terminal.
pub async fn run(arguments: &EmulatorArgs, cancel: CancellationToken) -> Result<(), SignEmulatorError> {
    let mut line = match &arguments.config {
        Some(config) => configured(config, arguments.line)?,
        None => described(arguments)?,
    };
    let count = line.count();
    if let Some(link) = &arguments.link {
        line = line.linked_at(link)?;
    }
    let port = arguments.link.as_deref().unwrap_or(line.port());
    eprintln!("{} sign(s) wait at {}; write this port in hall.toml. Ctrl-C ends.", count, port.display());
    let json = arguments.json;
    line.run(cancel, move |address, frame, text| {
        let text = if json { as_json(address, frame, text) } else { drawn(address, frame, text) };
        // Nobody reads any more: the emulator goes on for the line's sake.
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    })
    .await;
    Ok(())
}

/// The signs of a line of a hall, with all that is configured of them.
fn configured(path: &Path, line: Option<usize>) -> Result<EmulatedLine, SignEmulatorError> {
    let lines = Config::load(path)?.lines;
    let found = match (line, lines.as_slice()) {
        (Some(number), lines) => number.checked_sub(1).and_then(|at| lines.get(at)),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let why = || format!("the hall has {} lines, and --line names none of them", lines.len());
    Ok(emulated(found.ok_or_else(|| SignEmulatorError::Nothing { why: why() })?)?)
}

/// The signs described on the command line.
fn described(arguments: &EmulatorArgs) -> Result<EmulatedLine, SignEmulatorError> {
    let protocol = arguments.protocol;
    let usual = Speech::usual(protocol).ok_or_else(|| SignEmulatorError::Nothing {
        why: format!("signs of the protocol {protocol} are known by their configuration only"),
    })?;
    let mut signs: Vec<(SignAddress, Panel, Model)> = Vec::new();
    for text in &arguments.signs {
        let (address, panel) =
            sign(text).map_err(|why| SignEmulatorError::Sign { given: text.clone(), why })?;
        if signs.iter().any(|(taken, ..)| *taken == address) {
            return Err(SignEmulatorError::SameAddress(address));
        }
        signs.push((address, panel, usual.model(address, panel)));
    }
    let signs = FarEnd::new(&signs, arguments.baud.unwrap_or(BAUD_USUAL))?;
    let line = EmulatedLine::new(signs)?;
    Ok(match arguments.baud {
        Some(baud) => line.only_at(baud),
        None => line,
    })
}

/// Read `1:128x32:red-green`.
fn sign(text: &str) -> Result<(SignAddress, Panel), String> {
    let mut parts = text.split(':');
    let (Some(address), Some(size), Some(colour), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("it has not three parts".into());
    };
    let number = |what: &str, text: &str| -> Result<u16, String> {
        text.parse().map_err(|_| format!("{text:?} is no {what}"))
    };
    let address =
        u8::try_from(number("address", address)?).map_err(|_| format!("{address} is no address"))?;
    let address = SignAddress::new(address).map_err(|error: AddressError| error.to_string())?;
    let (width, height) = size.split_once('x').ok_or_else(|| format!("{size:?} is no size"))?;
    let depth = colours::depth(colour);
    let depth = depth.ok_or_else(|| format!("{colour:?} is no colour; mono, red-green and rgb are"))?;
    let panel = Panel::new(number("width", width)?, number("height", height)?, depth);
    Ok((address, panel.map_err(|error: PanelError| error.to_string())?))
}

fn as_json(address: SignAddress, frame: &Frame, text: Option<&[String]>) -> String {
    let panel = frame.panel();
    let rows = rows(frame);
    let shown = Shown {
        address: address.get(),
        width_px: panel.width_px(),
        height_px: panel.height_px(),
        colour: colours::word(panel.depth()),
        picture: frame.id().to_string(),
        text,
        rows: &rows,
    };
    serde_json::to_string(&shown).unwrap_or_default()
}

/// One string a row, one letter a pixel.
pub(crate) fn rows(frame: &Frame) -> Vec<String> {
    let panel = frame.panel();
    let row = |y| (0..panel.width_px()).map(|x| letter(panel.depth(), frame.light(x, y))).collect();
    (0..panel.height_px()).map(row).collect()
}

fn letter(depth: Depth, light: Light) -> char {
    if depth == Depth::Mono {
        return if light.is_on() { 'w' } else { '.' };
    }
    match (light.red, light.green, light.blue) {
        (false, false, false) => '.',
        (true, false, false) => 'r',
        (false, true, false) => 'g',
        (false, false, true) => 'b',
        (true, true, false) => 'y',
        (true, false, true) => 'm',
        (false, true, true) => 'c',
        (true, true, true) => 'w',
    }
}

/// The picture in half blocks, two rows of pixels to a line of text, in the terminal's colours.
fn drawn(address: SignAddress, frame: &Frame, says: Option<&[String]>) -> String {
    let panel = frame.panel();
    let mut text = format!("sign {address}, {}x{}\n", panel.width_px(), panel.height_px());
    if let Some(says) = says {
        let _ = writeln!(text, "says {}", says.join(" | "));
    }
    for y in (0..panel.height_px()).step_by(2) {
        for x in 0..panel.width_px() {
            let (upper, lower) = (frame.light(x, y), frame.light(x, y + 1));
            // Writing to a string cannot fail.
            let _ = write!(text, "\x1b[{};{}m▀", ansi(upper), ansi(lower) + ANSI_BACKGROUND);
        }
        text.push_str("\x1b[0m\n");
    }
    text
}

/// From a foreground colour's code to the background's.
const ANSI_BACKGROUND: u8 = 10;

/// The terminal's code for a colour: black is 30, then a bit each for red, green and blue.
fn ansi(light: Light) -> u8 {
    30 + u8::from(light.red) + 2 * u8::from(light.green) + 4 * u8::from(light.blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_described_in_three_parts() {
        let (address, panel) = sign("12:320x64:red-green").unwrap();
        assert_eq!((address.get(), panel.width_px(), panel.height_px()), (12, 320, 64));
        assert_eq!(panel.depth(), Depth::RedGreen);
        for wrong in [
            "",
            "1",
            "1:128x32",
            "0:128x32:mono",
            "1:127x32:mono",
            "1:128:mono",
            "1:128x32:pink",
            "1:8x8:rgb:x",
        ] {
            assert!(sign(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_picture_is_written_a_letter_a_pixel() {
        let mut frame = Frame::dark(Panel::new(8, 1, Depth::RedGreen).unwrap());
        frame.set(0, 0, Light::RED);
        frame.set(2, 0, Light::YELLOW);
        let json: serde_json::Value =
            serde_json::from_str(&as_json(SignAddress::new(3).unwrap(), &frame, None)).unwrap();
        assert_eq!(json["rows"][0], "r.y.....");
        assert_eq!(json["address"], 3);
    }
}
