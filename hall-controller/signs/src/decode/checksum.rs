//! Checksums computed bit by bit, as the documents describe them, not by the crate the codecs use.

/// Reflected CRC-16 with polynomial 0xA001, from `start` on: 0 is CRC-16/ARC, 0xFFFF Modbus.
pub(crate) fn crc16_reflected(bytes: &[u8], start: u16) -> u16 {
    reflected(bytes, start, 0xA001)
}

fn reflected(bytes: &[u8], start: u16, polynomial: u16) -> u16 {
    let mut crc = start;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1 == 1;
            crc >>= 1;
            if carry {
                crc ^= polynomial;
            }
        }
    }
    crc
}

/// CRC-16 with polynomial 0x1021, the highest bit first, from `start` on: 0 is XMODEM, 0xFFFF IBM-3740.
pub(crate) fn crc16_forward(bytes: &[u8], start: u16) -> u16 {
    let mut crc = start;
    for byte in bytes {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            let carry = crc & 0x8000 != 0;
            crc <<= 1;
            if carry {
                crc ^= 0x1021;
            }
        }
    }
    crc
}

/// CRC-16/KERMIT: polynomial 0x1021 reflected, start 0.
pub(crate) fn crc16_kermit(bytes: &[u8]) -> u16 {
    reflected(bytes, 0, 0x8408)
}

/// All bytes added up.
pub(crate) fn sum16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum: u16, byte| sum.wrapping_add(u16::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogued_check_values() {
        assert_eq!(crc16_reflected(b"123456789", 0), 0xBB3D);
        assert_eq!(crc16_reflected(b"123456789", 0xFFFF), 0x4B37);
        assert_eq!(crc16_forward(b"123456789", 0), 0x31C3);
        assert_eq!(crc16_forward(b"123456789", 0xFFFF), 0x29B1);
        assert_eq!(crc16_kermit(b"123456789"), 0x2189);
        assert_eq!(sum16(b"123456789"), 0x01DD);
    }
}
