//! How a picture lies in memory, and the checksum that names it.
//!
//! Plane after plane (red, green, blue), in each plane row after row from the top, in each row
//! one byte for eight pixels, the leftmost pixel in the top bit. Signs hold two such buffers;
//! what they show is always a whole picture whose [`PictureId`] the host has named.

use core::fmt;

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// CRC-32/ISO-HDLC, the CRC of Ethernet and zip. Sixteen tables: the host checks every page.
const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// One byte of a row holds this many pixels.
pub const PIXELS_PER_BYTE: u16 = 8;

/// Which colours a sign has: one plane of bits for each colour of light-emitting diode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Depth {
    /// One colour.
    Mono,
    /// Red and green, together yellow.
    RedGreen,
    /// Red, green and blue, each on or off: seven colours.
    Rgb,
}

impl Depth {
    /// How many planes of bits a picture has; also the depth byte on the wire.
    pub const fn planes(self) -> u8 {
        match self {
            Self::Mono => 1,
            Self::RedGreen => 2,
            Self::Rgb => 3,
        }
    }

    /// Read the depth byte of an Identity.
    pub const fn from_planes(planes: u8) -> Option<Self> {
        match planes {
            1 => Some(Self::Mono),
            2 => Some(Self::RedGreen),
            3 => Some(Self::Rgb),
            _ => None,
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mono => "one colour",
            Self::RedGreen => "red and green",
            Self::Rgb => "red, green and blue",
        })
    }
}

/// The checksum of a whole picture, by which host and sign agree on what is shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PictureId(pub u32);

impl PictureId {
    /// The id of the picture in this buffer.
    pub const fn of(buffer: &[u8]) -> Self {
        Self(CRC.checksum(buffer))
    }
}

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PictureId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_the_variant_the_document_names() {
        assert_eq!(PictureId::of(b"123456789"), PictureId(0xCBF4_3926));
    }

    #[test]
    fn every_depth_is_read_back_from_its_byte() {
        for depth in [Depth::Mono, Depth::RedGreen, Depth::Rgb] {
            assert_eq!(Depth::from_planes(depth.planes()), Some(depth));
        }
        assert_eq!(Depth::from_planes(0), None);
        assert_eq!(Depth::from_planes(4), None);
    }
}
