//! Packets of Onbon's cards as a card hears them (BX-5K/6K protocol v1.4, sections 3 and 4).

use super::checksum::crc16_reflected;
use super::{Checksum, DecodedFrame, Direction};

/// More than any packet that one of these cards takes.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A packet, whole or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Where it began, counted from the receiver's first byte.
    pub offset: usize,
    /// As it came.
    pub wire: Vec<u8>,
    /// Header and data, escapes undone, without the checksum.
    pub body: Vec<u8>,
    /// Its checksum.
    pub checksum: Checksum,
    /// An escape was followed by something it cannot stand before, or by nothing.
    pub miscoded: bool,
}

impl Packet {
    /// Whether a card would take it.
    pub fn is_whole(&self) -> bool {
        self.checksum.is_right() && !self.miscoded
    }

    /// The frame that is told of it, before anything is known of its meaning.
    pub(super) fn frame(&self, direction: Direction, name: &'static str) -> DecodedFrame {
        let mut frame = DecodedFrame::new(self.offset, self.wire.clone(), direction, name);
        frame.checksum = Some(self.checksum);
        frame.problem =
            self.miscoded.then(|| "a byte after an escape (a6 or 5b) is neither 01 nor 02".into());
        frame
    }
}

/// Collects packets from a stream of bytes.
#[derive(Debug, Clone, Default)]
pub struct Receiver {
    seen: usize,
    held: Vec<u8>,
    start: usize,
    inside: bool,
}

impl Receiver {
    /// Take one byte; the last of a packet gives it.
    pub fn push(&mut self, byte: u8) -> Option<Packet> {
        let at = self.seen;
        self.seen += 1;
        match byte {
            0xA5 => {
                // A run of these is one start; later ones begin anew.
                if !self.inside || self.held.iter().any(|held| *held != 0xA5) {
                    self.held.clear();
                    self.start = at;
                    self.inside = true;
                }
                self.held.push(byte);
                None
            }
            0x5A if self.inside => {
                self.held.push(byte);
                self.inside = false;
                let wire = std::mem::take(&mut self.held);
                self.packet(wire)
            }
            _ => {
                if self.inside && self.held.len() < BODY_BYTES_MAX {
                    self.held.push(byte);
                }
                None
            }
        }
    }

    fn packet(&self, wire: Vec<u8>) -> Option<Packet> {
        let coded: Vec<u8> = wire.iter().copied().filter(|byte| !matches!(byte, 0xA5 | 0x5A)).collect();
        let mut plain = Vec::with_capacity(coded.len());
        let mut miscoded = false;
        let mut left = coded.iter();
        while let Some(byte) = left.next() {
            plain.push(match byte {
                0xA6 | 0x5B => match left.next() {
                    Some(1) => *byte,
                    Some(2) if *byte == 0xA6 => 0xA5,
                    Some(2) => 0x5A,
                    _ => {
                        miscoded = true;
                        *byte
                    }
                },
                other => *other,
            });
        }
        let low = plain.len().checked_sub(2)?;
        let found = u16::from(*plain.get(low)?) | u16::from(*plain.get(low + 1)?) << 8;
        plain.truncate(low);
        let checksum = Checksum::low_first("CRC-16/ARC", found, crc16_reflected(&plain, 0));
        Some(Packet { offset: self.start, wire, body: plain, checksum, miscoded })
    }
}

/// All packets in these bytes.
pub(super) fn packets(bytes: &[u8]) -> Vec<Packet> {
    let mut receiver = Receiver::default();
    bytes.iter().filter_map(|byte| receiver.push(*byte)).collect()
}
