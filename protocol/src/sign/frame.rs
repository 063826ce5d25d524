//! Frames: a header, a payload and a CRC-16, COBS-coded between zero bytes.
//!
//! [`encode`] writes one into the caller's buffer; [`FrameReader`] finds them in a stream of
//! bytes and is back in step after noise at the next zero. What the payload means is
//! [`super::message`]'s business.

use core::fmt;

use cobs::CobsEncoder;
use crc::{CRC_16_IBM_3740, Crc, Table};

use super::Sequence;

/// CRC-16/IBM-3740, also known as CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected.
///
/// Sent high byte first, so a receiver that runs it over header, payload and CRC gets 0.
const CRC: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_16_IBM_3740);

/// Where things lie in a decoded frame.
mod field {
    use core::ops::{Range, RangeFrom};

    pub(super) const VERSION: usize = 0;
    pub(super) const ADDRESS: usize = 1;
    pub(super) const SEQUENCE: usize = 2;
    pub(super) const KIND: usize = 3;
    pub(super) const HEADER: Range<usize> = 0..4;
    pub(super) const PAYLOAD: RangeFrom<usize> = 4..;
    pub(super) const CRC_BYTES: usize = 2;
    pub(super) const BODY_BYTES_MIN: usize = HEADER.end + CRC_BYTES;
}

/// Ends every frame, and starts it: the zero in front turns noise before a frame into a frame
/// of its own, which the CRC throws away.
pub const DELIMITER: u8 = 0;

/// One COBS code byte is added for every started run of this many bytes without a zero.
const COBS_RUN_BYTES: usize = 254;

/// How many bytes a frame is longer than its payload, while header, payload and CRC fit one
/// COBS run: two delimiters, one code byte, header and CRC.
pub const FRAME_OVERHEAD_BYTES_MAX: usize = 2 + 1 + field::BODY_BYTES_MIN;

/// The most bytes a frame with this much payload takes on the wire.
pub const fn encoded_bytes_max(payload_bytes: usize) -> usize {
    let body = field::BODY_BYTES_MIN + payload_bytes;
    body + body.div_ceil(COBS_RUN_BYTES) + 2
}

/// The first four bytes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The protocol version of the payload.
    pub version: u8,
    /// To whom a request goes (0: everyone), from whom a reply comes.
    pub address: u8,
    /// A reply repeats the number of its request.
    pub sequence: Sequence,
    /// Which message; replies have the top bit set.
    pub kind: u8,
}

/// A frame whose CRC is right; its meaning is not looked at yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Version, address, sequence, kind.
    pub header: Header,
    /// The bytes between header and CRC.
    pub payload: &'a [u8],
    /// The frame's CRC, as a cheap mark of its content.
    pub crc: u16,
}

/// What came between two zeros and is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// The COBS code points beyond the end.
    Coding,
    /// Fewer bytes than header and CRC take; carries how many came.
    TooShort(usize),
    /// More bytes than the reader holds; carries its capacity.
    TooLong(usize),
    /// The CRC does not match.
    Crc {
        /// The CRC in the frame.
        stated: u16,
        /// The CRC of the bytes that came.
        computed: u16,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coding => f.write_str("the COBS code points beyond the frame's end"),
            Self::TooShort(bytes) => {
                write!(f, "{bytes} bytes are no frame, the shortest has {}", field::BODY_BYTES_MIN)
            }
            Self::TooLong(capacity) => write!(f, "more than {capacity} bytes without a delimiter"),
            Self::Crc { stated, computed } => {
                write!(f, "the frame says CRC {stated:04x}, its bytes have {computed:04x}")
            }
        }
    }
}

impl core::error::Error for FrameError {}

/// The buffer a frame was to be written into is too small for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferTooSmall;

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the buffer is too small for the frame")
    }
}

impl core::error::Error for BufferTooSmall {}

/// Write one frame, delimiters included, and return how many bytes it took.
///
/// The payload comes in pieces, so that no one needs a second buffer to join them.
/// [`encoded_bytes_max`] bytes of room are always enough.
pub fn encode(header: Header, payload: &[&[u8]], out: &mut [u8]) -> Result<usize, BufferTooSmall> {
    let room = out.len();
    let (first, rest) = out.split_first_mut().ok_or(BufferTooSmall)?;
    *first = DELIMITER;

    let head = [header.version, header.address, header.sequence.0, header.kind];
    let mut digest = CRC.digest();
    let mut coder = CobsEncoder::new(rest);
    let pieces = core::iter::once(&head[..]).chain(payload.iter().copied());
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        digest.update(piece);
        coder.push(piece).map_err(|_| BufferTooSmall)?;
    }
    coder.push(&digest.finalize().to_be_bytes()).map_err(|_| BufferTooSmall)?;

    let end = 1 + coder.finalize();
    // The coder reports a length beyond the buffer when only its last code byte had no room.
    if end >= room {
        return Err(BufferTooSmall);
    }
    *out.get_mut(end).ok_or(BufferTooSmall)? = DELIMITER;
    Ok(end + 1)
}

/// Collects bytes until a frame is complete. `N` is the longest COBS-coded frame it holds,
/// delimiters not counted: [`encoded_bytes_max`] of the longest payload, minus 2.
#[derive(Debug, Clone)]
pub struct FrameReader<const N: usize> {
    buffer: [u8; N],
    held: usize,
    overflowed: bool,
}

impl<const N: usize> Default for FrameReader<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> FrameReader<N> {
    /// A reader that has seen nothing yet.
    pub const fn new() -> Self {
        Self { buffer: [0; N], held: 0, overflowed: false }
    }

    /// Forget the bytes of a frame that is not complete.
    pub fn reset(&mut self) {
        self.held = 0;
        self.overflowed = false;
    }

    /// Whether bytes of an unfinished frame are held.
    pub fn is_in_frame(&self) -> bool {
        self.held > 0 || self.overflowed
    }

    /// Take one byte; a zero may complete a frame. Zeros with nothing between them say nothing.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame<'_>, FrameError>> {
        if byte != DELIMITER {
            match self.buffer.get_mut(self.held) {
                Some(slot) => {
                    *slot = byte;
                    self.held += 1;
                }
                None => self.overflowed = true,
            }
            return None;
        }
        let (held, overflowed) = (self.held, self.overflowed);
        self.reset();
        if overflowed {
            return Some(Err(FrameError::TooLong(N)));
        }
        (held > 0).then(|| decode(self.buffer.get_mut(..held).unwrap_or_default()))
    }
}

/// Decode what stood between two zeros, in place.
fn decode(coded: &mut [u8]) -> Result<Frame<'_>, FrameError> {
    let bytes = cobs::decode_in_place(coded).map_err(|_| FrameError::Coding)?;
    let body = coded.get(..bytes).ok_or(FrameError::Coding)?;
    if bytes < field::BODY_BYTES_MIN {
        return Err(FrameError::TooShort(bytes));
    }
    let Some((content, crc)) = body.split_last_chunk::<{ field::CRC_BYTES }>() else {
        return Err(FrameError::TooShort(bytes));
    };
    let (stated, computed) = (u16::from_be_bytes(*crc), CRC.checksum(content));
    if stated != computed {
        return Err(FrameError::Crc { stated, computed });
    }
    let header = Header {
        version: content[field::VERSION],
        address: content[field::ADDRESS],
        sequence: Sequence(content[field::SEQUENCE]),
        kind: content[field::KIND],
    };
    Ok(Frame { header, payload: &content[field::PAYLOAD], crc: stated })
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    const READER_BYTES: usize = 700;

    fn header() -> Header {
        Header { version: 1, address: 7, sequence: Sequence(3), kind: 2 }
    }

    fn framed(payload: &[u8]) -> Vec<u8> {
        let mut out = vec![0xEE; encoded_bytes_max(payload.len())];
        let bytes = encode(header(), &[payload], &mut out).unwrap();
        out.truncate(bytes);
        out
    }

    fn read(bytes: &[u8]) -> Vec<Result<Vec<u8>, FrameError>> {
        let mut reader = FrameReader::<READER_BYTES>::new();
        let mut seen = vec![];
        for byte in bytes {
            if let Some(result) = reader.push(*byte) {
                seen.push(result.map(|frame| frame.payload.to_vec()));
            }
        }
        seen
    }

    #[test]
    fn the_crc_is_the_variant_the_document_names() {
        assert_eq!(CRC.checksum(b"123456789"), 0x29B1);
    }

    #[test]
    fn a_payload_of_any_length_and_split_comes_back() {
        for len in (0..20).chain(240..265).chain(500..515) {
            for fill in [0, 1, 0xFF] {
                let payload = vec![fill; len];
                let wire = framed(&payload);
                assert!(wire.len() <= encoded_bytes_max(len), "{len} bytes of {fill:#x}");
                assert!(wire[1..wire.len() - 1].iter().all(|byte| *byte != DELIMITER));
                assert_eq!(read(&wire), [Ok(payload.clone())], "{len} bytes of {fill:#x}");

                let mut split = vec![0; wire.len()];
                let (left, right) = payload.split_at(len / 2);
                let bytes = encode(header(), &[left, &[], right, &[]], &mut split).unwrap();
                assert_eq!(split[..bytes], wire);
            }
        }
    }

    #[test]
    fn a_buffer_one_byte_too_small_is_refused_and_never_overrun() {
        for len in [0, 1, 7, 246, 247, 248, 249, 254, 255] {
            for fill in [0, 9] {
                let payload = vec![fill; len];
                let needed = framed(&payload).len();
                for room in 0..needed {
                    let result = encode(header(), &[&payload], &mut vec![0; room]);
                    assert_eq!(result, Err(BufferTooSmall), "{room} of {needed} bytes");
                }
            }
        }
    }

    #[test]
    fn a_frame_longer_than_the_reader_is_one_error_and_the_next_frame_is_read() {
        let mut wire = framed(&[5; READER_BYTES]);
        wire.extend(framed(b"next"));
        assert_eq!(read(&wire), [Err(FrameError::TooLong(READER_BYTES)), Ok(b"next".to_vec())]);
    }

    proptest! {
        #[test]
        fn noise_costs_no_frame_that_comes_after_it(noise: Vec<u8>, payload: Vec<u8>) {
            let mut wire = noise;
            wire.extend(framed(&payload));
            let frames = read(&wire);
            prop_assert_eq!(frames.last(), Some(&Ok(payload)));
        }

        #[test]
        fn one_flipped_bit_never_passes_as_a_frame(payload: Vec<u8>, at: prop::sample::Index, bit in 0..8) {
            let mut wire = framed(&payload);
            let at = at.index(wire.len());
            wire[at] ^= 1_u8 << bit;
            // A flipped delimiter alone may leave the frame whole: the other zero still ends it.
            for found in read(&wire).into_iter().flatten() {
                prop_assert_eq!(&found, &payload);
                prop_assert!(at == 0);
            }
        }
    }
}
