//! The bytes of the native sign protocol as a sign reads and writes them, written from
//! `protocol/docs/native-sign.md` alone: COBS, both checksums, run length.
//!
//! Shares no code with `hall-protocol` on purpose: a mistake made there is not made here as well.

/// CRC-16: polynomial 0x1021, start 0xFFFF, highest bit first.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte) << 8,
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            },
        )
    })
}

/// CRC-32: polynomial 0xEDB88320, lowest bit first, start and end inverted.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xEDB8_8320 }
            },
        )
    })
}

/// Undo COBS: each code byte says how far the next zero is.
pub(crate) fn cobs_decoded(coded: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(coded.len());
    let mut rest = coded;
    while let Some((code, tail)) = rest.split_first() {
        let (run, after) = tail.split_at_checked(usize::from(*code).checked_sub(1)?)?;
        plain.extend_from_slice(run);
        if *code < 255 && !after.is_empty() {
            plain.push(0);
        }
        rest = after;
    }
    Some(plain)
}

/// COBS of a short frame, with a zero on either side.
pub(crate) fn cobs_framed(plain: &[u8]) -> Vec<u8> {
    let mut coded = vec![0];
    // A reply is far shorter than the 254 bytes after which COBS would start a new run.
    for run in plain.split(|byte| *byte == 0) {
        coded.push(u8::try_from(run.len() + 1).unwrap_or(u8::MAX));
        coded.extend_from_slice(run);
    }
    coded.push(0);
    coded
}

/// Undo the run-length coding; `None` if it ends in the middle or is longer than `bytes_max`.
pub(crate) fn run_length_decoded(coded: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut rest = coded;
    while let Some((control, tail)) = rest.split_first() {
        rest = if *control < 128 {
            let (copied, after) = tail.split_at_checked(usize::from(*control) + 1)?;
            plain.extend_from_slice(copied);
            after
        } else {
            let (value, after) = tail.split_first()?;
            plain.extend(std::iter::repeat_n(*value, usize::from(*control) - 126));
            after
        };
        if plain.len() > bytes_max {
            return None;
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksums_give_the_check_values_of_the_document() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn cobs_is_undone_as_its_authors_wrote() {
        let long: Vec<u8> = (1..=254).collect();
        let cases: [(&[u8], Option<Vec<u8>>); 7] = [
            (&[1, 1], Some(vec![0])),
            (&[1, 1, 1], Some(vec![0, 0])),
            (&[3, 0x11, 0x22, 2, 0x33], Some(vec![0x11, 0x22, 0, 0x33])),
            (&[2, 0x11, 1, 1, 1], Some(vec![0x11, 0, 0, 0])),
            (&[5, 1, 2], None),
            (&[], Some(vec![])),
            (&[&[255], &long[..]].concat(), Some(long.clone())),
        ];
        for (coded, plain) in cases {
            assert_eq!(cobs_decoded(coded), plain, "{coded:02x?}");
        }
        let framed = cobs_framed(&[1, 0, 0, 2]);
        assert_eq!(framed, [0, 2, 1, 1, 2, 2, 0]);
    }

    #[test]
    fn runs_and_copies_are_undone_and_half_of_one_is_refused() {
        assert_eq!(run_length_decoded(&[0, 1, 129, 2, 0, 3], 9), Some(vec![1, 2, 2, 2, 3]));
        assert_eq!(run_length_decoded(&[255, 7], 129), Some(vec![7; 129]));
        assert_eq!(run_length_decoded(&[255, 7], 128), None);
        assert_eq!(run_length_decoded(&[3, 1], 9), None);
        assert_eq!(run_length_decoded(&[200], 99), None);
    }
}
