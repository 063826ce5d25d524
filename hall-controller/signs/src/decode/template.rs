//! Bytes to a display of which nothing is known: their text, and which checksum fits them.
//!
//! For the technician who has a recording and a two-page manual: the whole of it is taken as one
//! frame, and the usual checksums are tried over every likely part of it.

use super::checksum::{crc16_forward, crc16_kermit, crc16_reflected, sum16};
use super::{Checksum, DecodedFrame, Direction, Shown, chinese, hex};

/// Bytes in front of what a checksum runs over, and behind the checksum.
const SKIPPED_MAX: usize = 4;
const BEHIND_MAX: usize = 2;

/// The bytes as one frame; none if there are none.
pub fn decode(bytes: &[u8]) -> Vec<DecodedFrame> {
    if bytes.is_empty() {
        return vec![];
    }
    let mut frame = DecodedFrame::new(0, bytes.to_vec(), Direction::Unknown, "frame");
    let fits = fits(bytes);
    // A checksum and what ends the frame may look like letters.
    let content = fits.first().map_or(bytes.len(), |fit| fit.at);
    let texts = texts(bytes.get(..content).unwrap_or(bytes));
    frame.field("bytes", hex(bytes));
    frame.field("text", if texts.is_empty() { "none".into() } else { texts.join(" | ") });
    for fit in &fits {
        frame.field("fits", fit.words());
    }
    if fits.is_empty() {
        frame.field("fits", "no usual checksum; is the frame whole?");
    }
    frame.checksum = fits.first().map(Fit::checksum);
    frame.shows = (!texts.is_empty()).then_some(Shown::Text(texts));
    vec![frame]
}

/// Runs of characters.
fn texts(bytes: &[u8]) -> Vec<String> {
    let mut runs = vec![Vec::new()];
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let Some(run) = runs.last_mut() else { break };
        if matches!(byte, b' '..=b'~') {
            run.push(byte);
        } else if (0xA1..=0xF7).contains(&byte)
            && rest.peek().is_some_and(|next| (0xA1..=0xFE).contains(next))
        {
            run.push(byte);
            run.extend(rest.next());
        } else if !run.is_empty() {
            runs.push(Vec::new());
        }
    }
    runs.iter().map(|run| chinese(run)).filter(|run| !run.trim().is_empty()).collect()
}

/// A checksum that the bytes have.
struct Fit {
    name: &'static str,
    from: usize,
    at: usize,
    value: Vec<u8>,
}

impl Fit {
    fn words(&self) -> String {
        let end = self.at.saturating_sub(1);
        format!("{} over bytes {} to {end}: {}", self.name, self.from, hex(&self.value))
    }

    fn checksum(&self) -> Checksum {
        let value = self.value.iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
        let digits = u8::try_from(self.value.len() * 2).unwrap_or(u8::MAX);
        Checksum { kind: self.name, digits, found: value, expected: value }
    }
}

/// Every usual checksum that fits, the least likely to do so by chance first.
fn fits(bytes: &[u8]) -> Vec<Fit> {
    let mut fits = Vec::new();
    for length in [2, 1] {
        for behind in 0..=BEHIND_MAX {
            let Some(at) = bytes.len().checked_sub(length + behind) else { continue };
            let value = bytes.get(at..at + length).unwrap_or_default();
            for from in 0..=SKIPPED_MAX.min(at) {
                let Some(content) = bytes.get(from..at).filter(|content| content.len() > 1) else { continue };
                let named = candidates(content, length).into_iter();
                let fitting = named.filter(|(_, computed)| computed == value);
                fits.extend(fitting.map(|(name, _)| Fit { name, from, at, value: value.to_vec() }));
            }
        }
    }
    fits
}

fn candidates(content: &[u8], length: usize) -> Vec<(&'static str, Vec<u8>)> {
    let sum = sum16(content);
    let exclusive_or = content.iter().fold(0, |all, byte| all ^ byte);
    if length == 1 {
        return vec![("sum", vec![sum.to_le_bytes()[0]]), ("xor", vec![exclusive_or])];
    }
    let both = |names: [&'static str; 2], value: u16| {
        [(names[0], value.to_le_bytes().to_vec()), (names[1], value.to_be_bytes().to_vec())]
    };
    [
        both(["crc16-modbus", "crc16-modbus swapped"], crc16_reflected(content, 0xFFFF)),
        both(["crc16-arc", "crc16-arc swapped"], crc16_reflected(content, 0)),
        both(["crc16-ccitt swapped", "crc16-ccitt"], crc16_forward(content, 0xFFFF)),
        both(["crc16-xmodem swapped", "crc16-xmodem"], crc16_forward(content, 0)),
        both(["crc16-kermit", "crc16-kermit swapped"], crc16_kermit(content)),
        both(["sum16", "sum16 swapped"], sum),
    ]
    .concat()
}
