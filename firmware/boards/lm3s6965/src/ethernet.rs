//! The Ethernet controller (data sheet chapter 16), as smoltcp takes it: a frame is copied between the
//! controller's memory and ours.

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

use crate::register::Register;

// SAFETY: registers of the system control, data sheet section 6.5.
const RCGC2: Register = unsafe { Register::at(0x400F_E108) };
// SAFETY: as above; the board's makers have written its address there.
const USER: [Register; 2] = unsafe { [Register::at(0x400F_E1E0), Register::at(0x400F_E1E4)] };
// SAFETY: registers of the Ethernet controller, data sheet section 16.5.
const RCTL: Register = unsafe { Register::at(0x4004_8008) };
// SAFETY: as above.
const TCTL: Register = unsafe { Register::at(0x4004_800C) };
// SAFETY: as above.
const DATA: Register = unsafe { Register::at(0x4004_8010) };
// SAFETY: as above.
const ADDRESS: [Register; 2] = unsafe { [Register::at(0x4004_8014), Register::at(0x4004_8018)] };
// SAFETY: as above.
const NP: Register = unsafe { Register::at(0x4004_8034) };
// SAFETY: as above.
const TR: Register = unsafe { Register::at(0x4004_8038) };

/// The controller and its transceiver among the ports' clocks.
const MAC_AND_PHY: u32 = 1 << 28 | 1 << 30;

/// Receive, without frames whose checksum is wrong.
const RECEIVE: u32 = 1 << 3 | 1;
const RESET_QUEUE: u32 = 1 << 4;

/// Send, in both directions at once, filled up to the shortest frame, with a checksum.
const TRANSMIT: u32 = 1 << 4 | 1 << 2 | 1 << 1 | 1;

const NEW_TRANSMISSION: u32 = 1;

/// A frame without its checksum.
const FRAME_BYTES_MAX: usize = 1_514;

/// Both addresses and the type, which the controller does not count as a frame's data.
const HEADING_BYTES: usize = 14;

/// Before a received frame its length, behind it its checksum.
const LENGTH_BYTES: usize = 2;
const CHECKSUM_BYTES: usize = 4;

/// The first byte of an address that no maker has given.
const LOCAL: u8 = 0x02;

const WORD_BYTES: usize = 4;

/// One frame in our memory.
#[derive(Debug)]
struct Frame([u8; FRAME_BYTES_MAX]);

/// The controller.
#[derive(Debug)]
pub struct Ethernet {
    received: Frame,
    sent: Frame,
}

impl Ethernet {
    /// Switch it on; gives its address too. A board without one gets one by chance.
    pub fn start(chance: u32) -> (Self, EthernetAddress) {
        RCGC2.set(MAC_AND_PHY);
        let [low, high] = USER.map(Register::read);
        // Three bytes in each register, the first byte of the address the lowest.
        let ([b0, b1, b2, _], [b3, b4, b5, _]) = (low.to_le_bytes(), high.to_le_bytes());
        let mut address = EthernetAddress([b0, b1, b2, b3, b4, b5]);
        if !address.is_unicast() {
            let [c0, c1, c2, c3] = chance.to_le_bytes();
            address = EthernetAddress([LOCAL, 0, c0, c1, c2, c3]);
        }
        let [b0, b1, b2, b3, b4, b5] = address.0;
        ADDRESS[0].write(u32::from_le_bytes([b0, b1, b2, b3]));
        ADDRESS[1].write(u32::from_le_bytes([b4, b5, 0, 0]));
        RCTL.write(RESET_QUEUE);
        RCTL.write(RECEIVE);
        TCTL.write(TRANSMIT);
        let frame = || Frame([0; FRAME_BYTES_MAX]);
        (Self { received: frame(), sent: frame() }, address)
    }
}

impl Frame {
    /// Take the next frame that has come; gives its length.
    fn take(&mut self) -> Option<usize> {
        if NP.read() == 0 {
            return None;
        }
        let first = DATA.read().to_le_bytes();
        let counted = usize::from(u16::from_le_bytes([first[0], first[1]]));
        let (head, rest) = self.0.split_at_mut(WORD_BYTES - LENGTH_BYTES);
        head.copy_from_slice(&first[LENGTH_BYTES..]);
        let mut places = rest.chunks_mut(WORD_BYTES);
        // All of it, with the checksum, or the next frame would begin in the middle of this one.
        for _ in 1..counted.div_ceil(WORD_BYTES) {
            let word = DATA.read().to_le_bytes();
            if let Some(place) = places.next() {
                place.copy_from_slice(&word[..place.len()]);
            }
        }
        Some(counted.saturating_sub(LENGTH_BYTES + CHECKSUM_BYTES).min(FRAME_BYTES_MAX))
    }

    /// Send the first bytes of the frame that is ready.
    fn send(&self, bytes: usize) {
        let Some(frame) = self.0.get(..bytes) else { return };
        while TR.read() & NEW_TRANSMISSION != 0 {}
        let length = u16::try_from(bytes.saturating_sub(HEADING_BYTES)).unwrap_or(0).to_le_bytes();
        let (head, rest) = frame.split_at(WORD_BYTES - LENGTH_BYTES);
        DATA.write(u32::from_le_bytes([length[0], length[1], head[0], head[1]]));
        for bytes in rest.chunks(WORD_BYTES) {
            let mut word = [0; WORD_BYTES];
            word[..bytes.len()].copy_from_slice(bytes);
            DATA.write(u32::from_le_bytes(word));
        }
        TR.write(NEW_TRANSMISSION);
    }
}

impl Device for Ethernet {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = ToSend<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, ToSend<'_>)> {
        let bytes = self.received.take()?;
        let Self { received, sent } = self;
        Some((Received(received.0.get(..bytes)?), ToSend(sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<ToSend<'_>> {
        Some(ToSend(&mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME_BYTES_MAX;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}

/// A frame that has come.
#[derive(Debug)]
pub struct Received<'a>(&'a [u8]);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

/// Room for one to be sent.
#[derive(Debug)]
pub struct ToSend<'a>(&'a mut Frame);

impl TxToken for ToSend<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, bytes: usize, write: F) -> R {
        let bytes = bytes.min(FRAME_BYTES_MAX);
        let answer = write(&mut self.0.0[..bytes]);
        self.0.send(bytes);
        answer
    }
}
