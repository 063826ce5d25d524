//! How Onbon's cards wrap what they answer, written apart from the codec.

use crate::decode::checksum::crc16_reflected;

/// A packet around header and data: eight starts, escapes, the CRC-16 low byte first, an end.
pub(super) fn packet(mut body: Vec<u8>) -> Vec<u8> {
    body.extend(crc16_reflected(&body, 0).to_le_bytes());
    let mut wire = vec![0xA5; 8];
    for byte in body {
        match byte {
            0xA5 => wire.extend([0xA6, 2]),
            0xA6 => wire.extend([0xA6, 1]),
            0x5A => wire.extend([0x5B, 2]),
            0x5B => wire.extend([0x5B, 1]),
            _ => wire.push(byte),
        }
    }
    wire.push(0x5A);
    wire
}
