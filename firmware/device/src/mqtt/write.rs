//! Packets to the broker (MQTT 5.0, OASIS 2019, chapters 2 and 3), put behind one another into a queue of
//! bytes.

use heapless::Vec;

/// The most bytes of a packet's type and length.
const HEAD_BYTES_MAX: usize = 5;

/// What a packet is: its type and flags.
pub(super) mod kind {
    pub(crate) const CONNECT: u8 = 0x10;
    pub(crate) const PUBLISH: u8 = 0x30;
    pub(crate) const PUBACK: u8 = 0x40;
    pub(crate) const SUBSCRIBE: u8 = 0x82;
    pub(crate) const PINGREQ: u8 = 0xC0;

    /// Of a publication: at least once, and to be kept by the broker.
    pub(crate) const AT_LEAST_ONCE: u8 = 1 << 1;
    pub(crate) const RETAIN: u8 = 1;
}

/// The properties a device states.
pub(super) mod property {
    pub(crate) const MESSAGE_EXPIRY_S: u8 = 0x02;
    pub(crate) const RESPONSE_TOPIC: u8 = 0x08;
    pub(crate) const CORRELATION_DATA: u8 = 0x09;
    pub(crate) const RECEIVE_MAXIMUM: u8 = 0x21;
    pub(crate) const MAXIMUM_PACKET_SIZE: u8 = 0x27;
}

/// One packet being written at the end of a queue; what does not fit leaves the queue as it was.
#[derive(Debug)]
pub(super) struct Packet<'a, const BYTES: usize> {
    queue: &'a mut Vec<u8, BYTES>,
    begin: usize,
    fits: bool,
}

impl<'a, const BYTES: usize> Packet<'a, BYTES> {
    pub(super) fn new(queue: &'a mut Vec<u8, BYTES>, kind: u8) -> Self {
        let begin = queue.len();
        let mut packet = Self { queue, begin, fits: true };
        packet.raw(&[kind, 0, 0, 0, 0]);
        packet
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.fits = self.fits && self.queue.extend_from_slice(bytes).is_ok();
    }

    pub(super) fn byte(mut self, byte: u8) -> Self {
        self.raw(&[byte]);
        self
    }

    pub(super) fn short(mut self, short: u16) -> Self {
        self.raw(&short.to_be_bytes());
        self
    }

    pub(super) fn long(mut self, long: u32) -> Self {
        self.raw(&long.to_be_bytes());
        self
    }

    /// Bytes to the packet's end.
    pub(super) fn rest(mut self, bytes: &[u8]) -> Self {
        self.raw(bytes);
        self
    }

    /// Bytes behind their number.
    pub(super) fn counted(mut self, bytes: &[u8]) -> Self {
        let count = u16::try_from(bytes.len());
        self.fits &= count.is_ok();
        self.raw(&count.unwrap_or(0).to_be_bytes());
        self.raw(bytes);
        self
    }

    /// Properties behind their length; ours are never longer than one byte can say.
    pub(super) fn properties(mut self, write: impl FnOnce(Self) -> Self) -> Self {
        let at = self.queue.len();
        self.raw(&[0]);
        let mut packet = write(self);
        let length =
            u8::try_from(packet.queue.len().saturating_sub(at + 1)).ok().filter(|bytes| *bytes < 0x80);
        match (length, packet.queue.get_mut(at)) {
            (Some(length), Some(place)) => *place = length,
            _ => packet.fits = false,
        }
        packet
    }

    /// State the length; gives whether the packet is in the queue.
    pub(super) fn finish(self) -> bool {
        let Self { queue, begin, fits } = self;
        let body = begin + HEAD_BYTES_MAX;
        let length = queue.len().saturating_sub(body);
        let mut coded = Vec::<u8, 4>::new();
        let mut rest = length;
        // Seven bits a byte, the lowest first; the top bit says that another follows (section 1.5.5).
        while rest >= 0x80 && coded.push(rest.to_le_bytes()[0] | 0x80).is_ok() {
            rest >>= 7;
        }
        if !fits || coded.push(rest.to_le_bytes()[0] & 0x7F).is_err() {
            queue.truncate(begin);
            return false;
        }
        queue[begin + 1..=begin + coded.len()].copy_from_slice(&coded);
        queue.copy_within(body.., begin + 1 + coded.len());
        queue.truncate(begin + 1 + coded.len() + length);
        true
    }
}
