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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogued_check_values() {
        assert_eq!(crc16_reflected(b"123456789", 0), 0xBB3D);
        assert_eq!(crc16_reflected(b"123456789", 0xFFFF), 0x4B37);
    }
}
