//! A line of configuration as a display's maker would read it, apart from the codec's own reading.

use encoding_rs::GBK;

use super::Expect;
use crate::decode::checksum::{crc16_forward, crc16_kermit, crc16_reflected, sum16};

/// A checksum by its name, and how it is written: as it is, `swapped`, or in `hex`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    name: String,
    form: String,
}

impl Written {
    /// What it must be.
    pub(super) fn of(&self, bytes: &[u8]) -> Vec<u8> {
        // The value, how long it is, and whether the manual has its high byte first.
        let (value, length, high_first) = match self.name.as_str() {
            "sum" => (sum16(bytes) & 0xFF, 1, true),
            "xor" => (u16::from(bytes.iter().fold(0, |all, byte| all ^ byte)), 1, true),
            "sum16" => (sum16(bytes), 2, false),
            "crc16-modbus" => (crc16_reflected(bytes, 0xFFFF), 2, false),
            "crc16-arc" => (crc16_reflected(bytes, 0), 2, false),
            "crc16-ccitt" => (crc16_forward(bytes, 0xFFFF), 2, true),
            "crc16-xmodem" => (crc16_forward(bytes, 0), 2, true),
            _ => (crc16_kermit(bytes), 2, false),
        };
        let wide = value.to_be_bytes();
        let mut bytes = wide.get(2 - length..).unwrap_or_default().to_vec();
        if self.form == "hex" {
            return bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect();
        }
        if high_first == (self.form == "swapped") {
            bytes.reverse();
        }
        bytes
    }
}

/// The parts of a frame; `None` where one has no fixed width.
pub(super) fn frame(text: &str, check: &str, address: u8) -> Option<Vec<Expect>> {
    let (mut parts, mut at, mut from) = (Vec::new(), 0, 0);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let part;
        (part, rest) = match first {
            '\\' if rest.starts_with("\\x") => {
                let byte = u8::from_str_radix(rest.get(2..4)?, 16).ok()?;
                (Expect::Bytes(vec![byte]), rest.get(4..)?)
            }
            '\\' => {
                let byte = match rest.as_bytes().get(1)? {
                    b'r' => 13,
                    b'n' => 10,
                    itself => *itself,
                };
                (Expect::Bytes(vec![byte]), rest.get(2..)?)
            }
            '{' => {
                let (inside, after) = rest.get(1..)?.split_once('}')?;
                let (name, detail) = inside.split_once(':').unwrap_or((inside, ""));
                let width = detail.parse::<usize>().ok().filter(|width| *width > 0);
                let part = match name {
                    "from" => {
                        (from, rest) = (at, after);
                        continue;
                    }
                    "checksum" => {
                        let check = Written { name: check.to_owned(), form: detail.to_owned() };
                        Expect::Named { from, check }
                    }
                    "address" => Expect::Bytes(match detail {
                        "" => vec![address],
                        "hex" => format!("{address:02X}").into_bytes(),
                        _ => format!("{address:0width$}", width = width.unwrap_or(0)).into_bytes(),
                    }),
                    "window" => Expect::Window(width?),
                    "number" | "digits" => Expect::Number(width?),
                    _ => return None,
                };
                (part, after)
            }
            other => {
                let end = other.len_utf8();
                let (bytes, ..) = GBK.encode(rest.get(..end)?);
                (Expect::Bytes(bytes.into_owned()), rest.get(end..)?)
            }
        };
        at += part.length();
        parts.push(part);
    }
    Some(parts)
}
