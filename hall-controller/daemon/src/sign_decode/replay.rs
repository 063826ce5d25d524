//! Frames of a recording, with the times of their first bytes.

use hall_signs::codec::Protocol;
use hall_signs::decode::{DecodedFrame, decode};
use jiff::Timestamp;

use super::is_loose;
use crate::capture::{Record, Way};

/// Something that went over the line.
#[derive(Debug)]
pub(super) struct Piece {
    /// When its first byte did.
    pub(super) at: Timestamp,
    pub(super) way: Way,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Frame(Box<DecodedFrame>),
    /// Bytes between frames.
    Loose(Vec<u8>),
}

/// Every frame and what lies between, way by way.
pub(super) fn pieces(protocol: Protocol, records: &[Record]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for way in [Way::Sent, Way::Heard] {
        let own: Vec<&Record> = records.iter().filter(|record| record.way == way).collect();
        if protocol == Protocol::Template {
            // Nobody knows where a frame ends but by who sent it at once.
            for record in own {
                of_stream(protocol, way, &[record], &mut pieces);
            }
        } else {
            // Bytes come in any portions: only together they are frames.
            of_stream(protocol, way, &own, &mut pieces);
        }
    }
    pieces
}

fn of_stream(protocol: Protocol, way: Way, records: &[&Record], pieces: &mut Vec<Piece>) {
    let bytes: Vec<u8> = records.iter().flat_map(|record| record.bytes.iter().copied()).collect();
    let begins: Vec<usize> = records
        .iter()
        .scan(0, |begin, record| {
            let at = *begin;
            *begin += record.bytes.len();
            Some(at)
        })
        .collect();
    let time = |offset: usize| {
        let record = begins.partition_point(|begin| *begin <= offset).saturating_sub(1);
        records.get(record).map(|record| record.at)
    };
    let mut end = 0;
    let between = |from: usize, to: usize, pieces: &mut Vec<Piece>| {
        if let (Some(loose), Some(at)) =
            (bytes.get(from..to).filter(|loose| is_loose(protocol, loose)), time(from))
        {
            pieces.push(Piece { at, way, what: What::Loose(loose.to_vec()) });
        }
    };
    for frame in decode(protocol, &bytes) {
        between(end, frame.offset, pieces);
        end = frame.offset + frame.bytes.len();
        if let Some(at) = time(frame.offset) {
            pieces.push(Piece { at, way, what: What::Frame(Box::new(frame)) });
        }
    }
    between(end, bytes.len(), pieces);
}

#[cfg(test)]
mod tests {
    use hall_signs::codec::template::Template;

    use super::*;

    fn record(seconds: i64, way: Way, bytes: &[u8]) -> Record {
        Record { at: Timestamp::from_second(seconds).unwrap(), way, bytes: bytes.to_vec() }
    }

    #[test]
    fn frames_in_portions_have_the_time_of_their_first_byte() {
        // Modbus: write register 1, and the answer, both 01 06 00 01 00 03 98 0b.
        let frame = [1, 6, 0, 1, 0, 3, 0x98, 0x0B];
        let records = [
            record(1, Way::Sent, &frame),
            record(2, Way::Heard, &frame[..3]),
            record(3, Way::Heard, &frame[3..]),
            record(4, Way::Sent, &frame),
            record(5, Way::Heard, &[0x55]),
        ];
        let mut pieces = pieces(Protocol::ModbusRtu, &records);
        pieces.sort_by_key(|piece| piece.at);
        let told: Vec<_> = pieces
            .iter()
            .map(|piece| (piece.at.as_second(), piece.way, matches!(piece.what, What::Frame(_))))
            .collect();
        assert_eq!(
            told,
            [(1, Way::Sent, true), (2, Way::Heard, true), (4, Way::Sent, true), (5, Way::Heard, false)]
        );
    }

    #[test]
    fn of_a_described_display_each_sending_is_a_frame() {
        let call = Template::parse("{number}", None).unwrap();
        let records = ["A001", "A002"].map(|number| record(1, Way::Sent, &call.bytes(number, "")));
        assert_eq!(pieces(Protocol::Template, &records).len(), 2);
    }
}
