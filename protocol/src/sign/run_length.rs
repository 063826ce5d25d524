//! Run-length coding of pixel bytes, the second of a Rectangle's two encodings.
//!
//! A control byte `c` below 128 is followed by `c + 1` bytes to copy; from 128 on it is
//! followed by one byte to repeat `c - 126` times (2 to 129). Nothing may end in the middle.

use super::frame::BufferTooSmall;

/// Control bytes from here on announce a run.
const RUN: u8 = 128;
/// The shortest run worth a control byte.
const RUN_BYTES_MIN: usize = 2;
const RUN_BYTES_MAX: usize = 129;
const LITERAL_BYTES_MAX: usize = 128;

/// What a coded text says next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// These bytes as they are.
    Copy(&'a [u8]),
    /// One byte so many times.
    Repeat(u8, usize),
}

impl Chunk<'_> {
    /// How many pixel bytes the chunk stands for.
    pub fn len(&self) -> usize {
        match self {
            Self::Copy(bytes) => bytes.len(),
            Self::Repeat(_, count) => *count,
        }
    }

    /// Whether it stands for no bytes; never true of a decoded chunk.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The coded bytes end in the middle of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truncated;

/// Reads coded bytes chunk by chunk, so that a sign writes straight into its buffer.
#[derive(Debug, Clone)]
pub struct Chunks<'a> {
    rest: &'a [u8],
}

impl<'a> Chunks<'a> {
    /// Read `coded` from its start.
    pub const fn new(coded: &'a [u8]) -> Self {
        Self { rest: coded }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, Truncated>;

    fn next(&mut self) -> Option<Self::Item> {
        let (control, rest) = self.rest.split_first()?;
        let chunk = if *control >= RUN {
            rest.split_first().map(|(value, rest)| {
                (Chunk::Repeat(*value, usize::from(control - RUN) + RUN_BYTES_MIN), rest)
            })
        } else {
            rest.split_at_checked(usize::from(*control) + 1).map(|(copy, rest)| (Chunk::Copy(copy), rest))
        };
        // After an error nothing more is said.
        self.rest = chunk.map_or(&[], |(_, rest)| rest);
        Some(chunk.map(|(chunk, _)| chunk).ok_or(Truncated))
    }
}

/// How many pixel bytes `coded` stands for.
pub fn decoded_bytes(coded: &[u8]) -> Result<usize, Truncated> {
    Chunks::new(coded).try_fold(0, |total, chunk| Ok(total + chunk?.len()))
}

/// Code `plain` into `out` and return how many bytes that took.
///
/// The host codes to save bytes, so an `out` as long as `plain` is room enough: when it does
/// not fit, raw is shorter.
pub fn encode(plain: &[u8], out: &mut [u8]) -> Result<usize, BufferTooSmall> {
    let mut end = 0;
    let mut put = |bytes: &[u8]| {
        let slot = out.get_mut(end..end + bytes.len()).ok_or(BufferTooSmall)?;
        slot.copy_from_slice(bytes);
        end += bytes.len();
        Ok(())
    };
    let mut literal = plain;
    let mut rest = plain;
    while let Some((value, tail)) = rest.split_first() {
        let run = 1 + tail.iter().take(RUN_BYTES_MAX - 1).take_while(|byte| *byte == value).count();
        let copied = literal.len() - rest.len();
        // Breaking a copy for a run of two saves nothing and costs the copy's next control byte.
        let worth = if copied == 0 { RUN_BYTES_MIN } else { RUN_BYTES_MIN + 1 };
        if run < worth {
            rest = tail;
            continue;
        }
        put_literals(&literal[..copied], &mut put)?;
        // 2..=129 counts as 0..=127 above the mark.
        put(&[RUN + u8::try_from(run - RUN_BYTES_MIN).unwrap_or(u8::MAX - RUN), *value])?;
        rest = &rest[run..];
        literal = rest;
    }
    put_literals(literal, &mut put)?;
    Ok(end)
}

fn put_literals(
    bytes: &[u8],
    put: &mut impl FnMut(&[u8]) -> Result<(), BufferTooSmall>,
) -> Result<(), BufferTooSmall> {
    for piece in bytes.chunks(LITERAL_BYTES_MAX) {
        put(&[u8::try_from(piece.len() - 1).unwrap_or(RUN - 1)])?;
        put(piece)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn decoded(coded: &[u8]) -> Vec<u8> {
        let mut plain = vec![];
        for chunk in Chunks::new(coded) {
            match chunk.unwrap() {
                Chunk::Copy(bytes) => plain.extend_from_slice(bytes),
                Chunk::Repeat(value, count) => plain.extend(std::iter::repeat_n(value, count)),
            }
        }
        plain
    }

    fn coded(plain: &[u8]) -> Vec<u8> {
        let mut out = vec![0; plain.len() + plain.len().div_ceil(LITERAL_BYTES_MAX)];
        let bytes = encode(plain, &mut out).unwrap();
        out.truncate(bytes);
        out
    }

    #[test]
    fn runs_and_copies_are_as_the_document_says() {
        assert_eq!(coded(&[0; 129]), [255, 0]);
        assert_eq!(coded(&[0; 131]), [255, 0, 128, 0]);
        assert_eq!(coded(&[7, 7]), [128, 7]);
        assert_eq!(coded(&[1, 2, 2, 3]), [3, 1, 2, 2, 3]);
        assert_eq!(coded(&[1, 2, 2, 2, 3]), [0, 1, 129, 2, 0, 3]);
        assert_eq!(coded(&[]), [0; 0]);
    }

    #[test]
    fn a_chunk_without_its_bytes_is_an_error_and_the_end() {
        for bad in [&[5, 1, 2][..], &[200], &[0]] {
            assert_eq!(decoded_bytes(bad), Err(Truncated));
            assert_eq!(Chunks::new(bad).count(), 1);
        }
    }

    proptest! {
        #[test]
        fn what_was_coded_comes_back_and_is_hardly_longer(
            plain in prop::collection::vec(prop::sample::select(vec![0, 0, 0, 255, 3]), 0..700)
        ) {
            let coded = coded(&plain);
            prop_assert!(coded.len() <= plain.len() + plain.len().div_ceil(LITERAL_BYTES_MAX));
            prop_assert_eq!(decoded_bytes(&coded), Ok(plain.len()));
            prop_assert_eq!(decoded(&coded), plain);
        }

        #[test]
        fn any_bytes_are_read_to_their_end(bytes: Vec<u8>) {
            let _ = decoded_bytes(&bytes);
        }
    }
}
