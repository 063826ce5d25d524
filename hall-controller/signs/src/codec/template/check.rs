//! The checksums that displays' manuals ask for.

use std::fmt;

use crc::{CRC_16_ARC, CRC_16_IBM_3740, CRC_16_KERMIT, CRC_16_MODBUS, CRC_16_XMODEM, Crc, Table};

/// How a display's checksum is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// All bytes added up, the low eight bits.
    Sum,
    /// The same, sixteen bits, low byte first.
    Sum16,
    /// All bytes exclusive-or'ed.
    Xor,
    /// CRC-16/MODBUS, low byte first.
    Crc16Modbus,
    /// CRC-16/ARC, low byte first.
    Crc16Arc,
    /// CRC-16/IBM-3740 (CCITT-FALSE), high byte first.
    Crc16Ccitt,
    /// CRC-16/XMODEM, high byte first.
    Crc16Xmodem,
    /// CRC-16/KERMIT, low byte first.
    Crc16Kermit,
}

impl Check {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sum,
        Self::Sum16,
        Self::Xor,
        Self::Crc16Modbus,
        Self::Crc16Arc,
        Self::Crc16Ccitt,
        Self::Crc16Xmodem,
        Self::Crc16Kermit,
    ];

    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Sum16 => "sum16",
            Self::Xor => "xor",
            Self::Crc16Modbus => "crc16-modbus",
            Self::Crc16Arc => "crc16-arc",
            Self::Crc16Ccitt => "crc16-ccitt",
            Self::Crc16Xmodem => "crc16-xmodem",
            Self::Crc16Kermit => "crc16-kermit",
        }
    }

    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let crc = |algorithm| Crc::<u16, Table<1>>::new(algorithm).checksum(bytes);
        let sum = || bytes.iter().map(|byte| u16::from(*byte)).fold(0, u16::wrapping_add);
        match self {
            Self::Sum => sum().to_le_bytes()[..1].to_vec(),
            Self::Sum16 => sum().to_le_bytes().to_vec(),
            Self::Xor => vec![bytes.iter().fold(0, |all, byte| all ^ byte)],
            Self::Crc16Modbus => crc(&CRC_16_MODBUS).to_le_bytes().to_vec(),
            Self::Crc16Arc => crc(&CRC_16_ARC).to_le_bytes().to_vec(),
            Self::Crc16Ccitt => crc(&CRC_16_IBM_3740).to_be_bytes().to_vec(),
            Self::Crc16Xmodem => crc(&CRC_16_XMODEM).to_be_bytes().to_vec(),
            Self::Crc16Kermit => crc(&CRC_16_KERMIT).to_le_bytes().to_vec(),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
