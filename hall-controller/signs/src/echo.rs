//! Takes one's own bytes out of what is heard, where an RS-485 adapter gives back all that is sent.
//!
//! Without I/O and without time: [`EchoFilter::sent`] is told what went out, [`EchoFilter::heard`] gives
//! what others said. Every byte sent comes back once and in order, before any answer; on the way a
//! collision may have changed some, and noise may stand between them. A byte that is not the expected
//! one is held until the next ones tell which it was. Four wrong ones in a row are no echo any more:
//! they are handed on, and the codec's checksum judges them.

use std::collections::VecDeque;

/// So many wrong bytes in a row end the echo.
const WRONG_MAX: usize = 4;

/// The filter of one line.
#[derive(Debug, Clone, Default)]
pub struct EchoFilter {
    /// Sent and not yet come back.
    expected: VecDeque<u8>,
    /// Heard in the middle of the echo, and not what was expected.
    doubtful: Vec<u8>,
    spoiled: u64,
    missing: u64,
}

impl EchoFilter {
    /// These bytes go out now. What has not come back of those before will not any more.
    pub fn sent(&mut self, bytes: &[u8]) {
        self.give_up();
        self.doubtful.clear();
        self.expected.extend(bytes);
    }

    /// Bytes have come in, in any portions; gives those that are no echo.
    pub fn heard(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut others = Vec::new();
        for byte in bytes {
            self.take(*byte, &mut others);
        }
        others
    }

    fn take(&mut self, byte: u8, others: &mut Vec<u8>) {
        let wrong = self.doubtful.len();
        if self.expected.is_empty() {
            others.push(byte);
        } else if self.expected.get(wrong) == Some(&byte) {
            // The wrong ones stood in the places of so many expected ones: a collision changed them.
            self.spoiled += u64::try_from(wrong).unwrap_or(0);
            self.doubtful.clear();
            self.expected.drain(..=wrong);
        } else if wrong > 0 && self.expected.front() == Some(&byte) {
            // They came between: noise.
            self.spoiled += u64::try_from(wrong).unwrap_or(0);
            self.doubtful.clear();
            self.expected.pop_front();
        } else {
            self.doubtful.push(byte);
            if self.doubtful.len() >= WRONG_MAX {
                others.append(&mut self.doubtful);
                self.give_up();
            } else if self.doubtful.len() >= self.expected.len() {
                // The echo's last bytes may have been changed, or the answer has begun: only the codec
                // can tell, and a wrong byte before an answer costs it nothing.
                others.append(&mut self.doubtful);
                self.spoiled += u64::try_from(self.expected.len()).unwrap_or(0);
                self.expected.clear();
            }
        }
    }

    fn give_up(&mut self) {
        self.missing += u64::try_from(self.expected.len()).unwrap_or(0);
        self.expected.clear();
    }

    /// Bytes that came back changed, or with noise between them: collisions, or a bad cable.
    pub fn spoiled(&self) -> u64 {
        self.spoiled
    }

    /// Bytes that never came back: more than a few, and the adapter gives none back.
    pub fn missing(&self) -> u64 {
        self.missing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is left of what was heard after this was sent, byte by byte.
    fn left(sent: &[u8], heard: &[u8]) -> (Vec<u8>, EchoFilter) {
        let mut filter = EchoFilter::default();
        filter.sent(sent);
        let left = heard.iter().flat_map(|byte| filter.heard(&[*byte])).collect();
        (left, filter)
    }

    #[test]
    fn an_echo_is_taken_out_and_the_answer_stays() {
        let (answer, filter) = left(b"\x01\x10go", b"\x01\x10go\x01\x10ok");
        assert_eq!((answer.as_slice(), filter.spoiled(), filter.missing()), (&b"\x01\x10ok"[..], 0, 0));
    }

    #[test]
    fn an_answer_equal_to_the_request_is_an_answer_all_the_same() {
        assert_eq!(left(b"write", b"writewrite").0, b"write");
    }

    #[test]
    fn bytes_that_a_collision_changed_are_the_echo_s() {
        let (answer, filter) = left(b"0123456789", b"01x345yz89ok");
        assert_eq!((answer.as_slice(), filter.spoiled()), (&b"ok"[..], 3));
    }

    #[test]
    fn noise_before_and_within_an_echo_is_dropped_with_it() {
        let (answer, filter) = left(b"0123456789", b"??01234!56789ok");
        assert_eq!((answer.as_slice(), filter.spoiled(), filter.missing()), (&b"ok"[..], 3, 0));
    }

    #[test]
    fn without_an_echo_the_answer_is_heard() {
        let (answer, filter) = left(b"0123456789", b"ABCDEF");
        assert_eq!((answer.as_slice(), filter.missing()), (&b"ABCDEF"[..], 10));
    }

    #[test]
    fn an_echo_of_which_bytes_are_lost_ends_with_the_next_request() {
        let mut filter = EchoFilter::default();
        filter.sent(b"01234567");
        assert!(filter.heard(b"0123").is_empty());
        filter.sent(b"again");
        assert_eq!(filter.missing(), 4);
        assert_eq!(filter.heard(b"againok"), b"ok");
    }

    #[test]
    fn what_comes_unasked_is_heard() {
        let mut filter = EchoFilter::default();
        assert_eq!(filter.heard(b"boot"), b"boot");
    }

    proptest! {
        /// Portions change nothing, and memory is bounded by what was sent.
        #[test]
        fn nothing_but_the_echo_is_lost(
            sent: Vec<u8>, answer: Vec<u8>, portion in 1_usize..9
        ) {
            let mut filter = EchoFilter::default();
            filter.sent(&sent);
            let line = [sent.clone(), answer.clone()].concat();
            let left: Vec<u8> = line.chunks(portion).flat_map(|part| filter.heard(part)).collect();
            prop_assert_eq!(left, answer);
            prop_assert!(filter.expected.is_empty() && filter.doubtful.is_empty());
        }

        /// Single changed bytes never reach the codec, but for the last ones.
        #[test]
        fn a_changed_byte_is_no_answer(
            sent in prop::collection::vec(any::<u8>(), 8..64), at in 0_usize..60, bit in 0_u8..8, answer in "[a-z]{0,9}"
        ) {
            let mut heard = sent.clone();
            let at = at % (sent.len() - 4);
            heard[at] ^= 1 << bit;
            heard.extend(answer.as_bytes());
            let (left, filter) = left(&sent, &heard);
            // A changed byte may equal what is expected later: then the echo is shifted, never endless.
            prop_assert!(left.len() <= answer.len() + WRONG_MAX + sent.len());
            if filter.spoiled() == 1 && filter.missing() == 0 {
                prop_assert!(left.ends_with(answer.as_bytes()));
            }
        }

        #[test]
        fn any_line_is_heard_without_panic(parts: Vec<(bool, Vec<u8>)>) {
            let mut filter = EchoFilter::default();
            for (is_sent, bytes) in parts {
                if is_sent { filter.sent(&bytes) } else { drop(filter.heard(&bytes)) }
                prop_assert!(filter.doubtful.len() < WRONG_MAX);
            }
        }
    }
}
