//! A digit display on Modbus RTU at the far end of a line, which parts frames by silence alone.
//!
//! Bytes come with their times; a pause of more than one and a half characters inside of a frame
//! spoils it, three and a half end it.

use crate::decode::checksum::crc16_reflected;

/// One display.
#[derive(Debug, Clone)]
pub struct VirtualModbus {
    unit: u8,
    first: u16,
    registers: Vec<u16>,
    /// A character's time on the line, in nanoseconds.
    character_ns: u64,
    gap_ns: u64,
    end_ns: u64,
    held: Vec<u8>,
    spoiled: bool,
    quiet_since_ns: u64,
}

impl VirtualModbus {
    /// A display with `count` registers from `first` on, at this speed.
    pub fn new(unit: u8, first: u16, count: usize, baud: u32) -> Self {
        let bit_ns = 1_000_000_000 / u64::from(baud.max(1));
        let character_ns = 11 * bit_ns;
        let (gap_ns, end_ns) =
            if baud > 19_200 { (750_000, 1_750_000) } else { (character_ns * 3 / 2, character_ns * 7 / 2) };
        Self {
            unit,
            first,
            registers: vec![0xFFFF; count],
            character_ns,
            gap_ns,
            end_ns,
            held: Vec::new(),
            spoiled: false,
            quiet_since_ns: 0,
        }
    }

    /// Bytes come one after another from this time on; gives the answer to what the silence before
    /// them ended.
    pub fn receive(&mut self, bytes: &[u8], at_ns: u64) -> Vec<u8> {
        let answer = self.pass_time(at_ns);
        if !self.held.is_empty() && at_ns.saturating_sub(self.quiet_since_ns) > self.gap_ns {
            self.spoiled = true;
        }
        self.held.extend(bytes);
        // No frame of the standard is longer.
        self.spoiled |= self.held.len() > 256;
        self.held.truncate(257);
        self.quiet_since_ns = at_ns + self.character_ns * u64::try_from(bytes.len()).unwrap_or(0);
        answer
    }

    /// The line is silent until this time; gives the answer to the frame that ends by it.
    pub fn pass_time(&mut self, at_ns: u64) -> Vec<u8> {
        if self.held.is_empty() || at_ns.saturating_sub(self.quiet_since_ns) < self.end_ns {
            return vec![];
        }
        let held = std::mem::take(&mut self.held);
        let spoiled = std::mem::take(&mut self.spoiled);
        let Some((frame, crc)) = held.split_last_chunk::<2>() else { return vec![] };
        let whole = !spoiled && crc16_reflected(frame, 0xFFFF).to_le_bytes() == *crc;
        let [unit, pdu @ ..] = frame else { return vec![] };
        let own = *unit == self.unit || *unit == 0;
        if !whole || !own {
            return vec![];
        }
        let answer = self.obey(pdu);
        // What is for everyone is answered by nobody.
        if *unit == 0 {
            return vec![];
        }
        let mut wire = vec![self.unit];
        wire.extend(answer);
        wire.extend(crc16_reflected(&wire, 0xFFFF).to_le_bytes());
        wire
    }

    fn obey(&mut self, pdu: &[u8]) -> Vec<u8> {
        match pdu {
            [0x06, high, low, value_high, value_low] => {
                let value = u16::from_be_bytes([*value_high, *value_low]);
                if self.write(u16::from_be_bytes([*high, *low]), &[value]) {
                    pdu.to_vec()
                } else {
                    vec![0x86, 2]
                }
            }
            [0x10, high, low, 0, count, bytes, values @ ..] => {
                if usize::from(*bytes) != values.len() || u16::from(*bytes) != u16::from(*count) * 2 {
                    return vec![0x90, 3];
                }
                let values: Vec<u16> =
                    values.chunks_exact(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1])).collect();
                if self.write(u16::from_be_bytes([*high, *low]), &values) {
                    vec![0x10, *high, *low, 0, *count]
                } else {
                    vec![0x90, 2]
                }
            }
            [function, ..] => vec![function | 0x80, 1],
            [] => vec![0x80, 1],
        }
    }

    fn write(&mut self, register: u16, values: &[u16]) -> bool {
        let Some(start) = register.checked_sub(self.first).map(usize::from) else { return false };
        let Some(slots) = self.registers.get_mut(start..start + values.len()) else { return false };
        slots.copy_from_slice(values);
        true
    }

    /// When silence will have ended the frame that is being heard.
    pub fn due_ns(&self) -> Option<u64> {
        (!self.held.is_empty()).then_some(self.quiet_since_ns + self.end_ns)
    }

    /// What its registers hold.
    pub fn registers(&self) -> &[u16] {
        &self.registers
    }
}
