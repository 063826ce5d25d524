//! What Onbon's cards have in common: packets between `A5` and `5A`, escapes, and a CRC-16.
//!
//! Source: Onbon, BX-5K/6K communication protocol for users, v1.4 of 2021-02-28
//! (`onbonlab/onbonlab.github.io`, `onbon-docs/docs/zh/k/potocol.md`), sections 3 to 7 and the
//! appendix. The BX-6Q's source (`onbonlab/bx.dual.dyn.java`, `BxFrameWrapper`, `BxUtils`) wraps the
//! same way. The two differ in header and commands: [`bx5k`], [`bx6q`].

pub mod baud;
pub mod bx5k;
pub mod bx6q;

use crc::{CRC_16_ARC, Crc, Table};

use crate::codec::{Cure, Sentence};

/// CRC-16/ARC: polynomial 0x8005 reflected (0xA001), start 0; sent low byte first.
const CRC: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_16_ARC);

const START: u8 = 0xA5;
const END: u8 = 0x5A;

/// Of eight starting bytes a receiver needs to hear only one.
const STARTS: usize = 8;

/// Stands before a byte that replaces a start; likewise for an end.
const ESCAPE_START: u8 = 0xA6;
const ESCAPE_END: u8 = 0x5B;
const ESCAPED_ITSELF: u8 = 1;
const ESCAPED_MARK: u8 = 2;

const CRC_BYTES: usize = 2;

/// What packets add to a header and data at most, when every byte is escaped.
const fn wire_bytes_max(body_bytes: usize) -> usize {
    STARTS + 2 * (body_bytes + CRC_BYTES) + 1
}

/// A packet around header and data.
fn wrap(body: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(body.len() + STARTS + CRC_BYTES + 1);
    wire.extend([START; STARTS]);
    for byte in body.iter().copied().chain(CRC.checksum(body).to_le_bytes()) {
        match byte {
            START => wire.extend([ESCAPE_START, ESCAPED_MARK]),
            ESCAPE_START => wire.extend([ESCAPE_START, ESCAPED_ITSELF]),
            END => wire.extend([ESCAPE_END, ESCAPED_MARK]),
            ESCAPE_END => wire.extend([ESCAPE_END, ESCAPED_ITSELF]),
            other => wire.push(other),
        }
    }
    wire.push(END);
    wire
}

/// Finds packets in what a card sends.
#[derive(Debug, Clone, Default)]
struct Unwrapper {
    /// Header, data and CRC so far; `None` outside of a packet.
    body: Option<Vec<u8>>,
    escape: Option<u8>,
}

/// A packet that was not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BrokenPacket;

impl Unwrapper {
    /// Take one byte; gives header and data when it ends a packet of at most `body_bytes_max`.
    fn push(&mut self, byte: u8, body_bytes_max: usize) -> Option<Result<Vec<u8>, BrokenPacket>> {
        if byte == START {
            let cut = self.body.replace(Vec::new()).is_some_and(|body| !body.is_empty());
            self.escape = None;
            return cut.then_some(Err(BrokenPacket));
        }
        if byte == END {
            let escape = self.escape.take();
            let mut body = self.body.take()?;
            let crc = body.split_off(body.len().saturating_sub(CRC_BYTES));
            let whole = escape.is_none() && CRC.checksum(&body).to_le_bytes() == *crc;
            return Some(if whole { Ok(body) } else { Err(BrokenPacket) });
        }
        let body = self.body.as_mut()?;
        let plain = match (self.escape.take(), byte) {
            (Some(escape), ESCAPED_ITSELF) => escape,
            (Some(ESCAPE_START), ESCAPED_MARK) => START,
            (Some(_), ESCAPED_MARK) => END,
            (None, ESCAPE_START | ESCAPE_END) => {
                self.escape = Some(byte);
                return None;
            }
            (None, other) => other,
            (Some(_), _) => {
                self.body = None;
                return Some(Err(BrokenPacket));
            }
        };
        if body.len() >= body_bytes_max + CRC_BYTES {
            self.body = None;
            return Some(Err(BrokenPacket));
        }
        body.push(plain);
        None
    }
}

/// What a card's error number means, and what helps (section 6).
fn error(number: u8) -> (Sentence, Cure) {
    let (zh, en) = match number {
        0 => ("控制卡拒绝了命令，但未说明原因", "the card refused without an error"),
        1 => ("控制卡不认识该命令组", "the card does not know the command's group"),
        2 => ("控制卡不认识该命令", "the card does not know the command"),
        3 => ("控制卡忙", "the card is busy"),
        4 => ("控制卡存储空间不足", "the card has no memory left"),
        5 => ("控制卡收到的数据校验错误", "the card received a packet with a wrong checksum"),
        6 => ("控制卡上没有该文件", "the card has no such file"),
        7 => ("控制卡闪存读写错误", "the card's flash cannot be read or written"),
        8 => ("文件下载错误", "the card failed to take a file"),
        9 => ("文件名错误", "the card does not take the file's name"),
        10 => ("文件类型错误", "the card does not take files of this type"),
        11 => ("文件校验错误", "the file's checksum is wrong"),
        12 => ("控制卡上没有该字库", "the card lacks the font: load it with the vendor's tool"),
        13 => ("固件与控制卡型号不符", "the firmware is for another type of card"),
        14 => ("日期时间格式错误", "the card does not take the date or time"),
        15 => ("文件已存在", "the card has a file of this name already"),
        16 => ("文件块号错误", "a block of the file is out of order"),
        _ => ("控制卡报告了未知错误", "the card reported an error its protocol does not list"),
    };
    let cure = match number {
        3 => Cure::Wait,
        4..=6 => Cure::StartOver,
        _ => Cure::GoOn,
    };
    (Sentence { zh, en }, cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(wire: &[u8]) -> Vec<Result<Vec<u8>, BrokenPacket>> {
        let mut reader = Unwrapper::default();
        wire.iter().filter_map(|byte| reader.push(*byte, 1_024)).collect()
    }

    #[test]
    fn the_vendor_s_own_escapes() {
        // BxFrameWrapperTest of bx.dual.dyn.java, without the CRC that it leaves out.
        let wire = wrap(&[0xA5, 0xA6, 0x00, 0x5B, 0x00, 0x5A]);
        assert_eq!(wire[..8], [0xA5; 8]);
        assert_eq!(wire[8..18], [0xA6, 2, 0xA6, 1, 0, 0x5B, 1, 0, 0x5B, 2]);
        assert_eq!(wire.last(), Some(&0x5A));
        assert_eq!(unwrapped(&wire), [Ok(vec![0xA5, 0xA6, 0x00, 0x5B, 0x00, 0x5A])]);
    }

    #[test]
    fn a_cut_packet_is_broken_and_the_next_is_read() {
        let wire = wrap(b"whole");
        let mut line = wire[..11].to_vec();
        line.extend(&wire);
        assert_eq!(unwrapped(&line), [Err(BrokenPacket), Ok(b"whole".to_vec())]);
        let mut flipped = wire;
        flipped[9] ^= 1;
        assert_eq!(unwrapped(&flipped), [Err(BrokenPacket)]);
        assert_eq!(unwrapped(&[0xA5, 0xA6, 0x07, 0x5A]), [Err(BrokenPacket)]);
        assert_eq!(unwrapped(&[0xA5, 0x5A]), [Err(BrokenPacket)]);
    }
}
