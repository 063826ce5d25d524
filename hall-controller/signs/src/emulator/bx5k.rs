//! A BX-5K font card at the far end of a line: it keeps dynamic areas and answers.
//!
//! From BX-5K/6K protocol v1.4; reads with [`crate::decode`] and writes its answers itself, so that
//! nothing of the codec's is in it.

use std::collections::BTreeMap;

use super::onbon::packet;
use crate::decode::bx5k::{Area, Command, Message, command};
use crate::decode::onbon::Receiver;

/// The data of one packet that a BX-5K takes, in bytes.
const BUFFER_BYTES: usize = 512;

/// Header bytes before the data.
const HEADER_BYTES: usize = 14;

/// Dynamic areas of a BX-5K.
const AREAS_MAX: usize = 8;

/// One card.
#[derive(Debug, Clone)]
pub struct VirtualBx5k {
    address: u16,
    size_px: [u16; 2],
    receiver: Receiver,
    areas: BTreeMap<u8, Area>,
    on: bool,
    levels: Vec<u8>,
    clock: Option<[u16; 7]>,
    refuses_time: bool,
    /// Flash was written or erased so often: never by the hall.
    flash_writes: u32,
    busy: u8,
    heard: Vec<String>,
    /// How often it was told its levels.
    dimmed: u32,
}

impl VirtualBx5k {
    /// A card that has just been switched on.
    pub fn new(address: u16, width_px: u16, height_px: u16) -> Self {
        Self {
            address,
            size_px: [width_px, height_px],
            receiver: Receiver::default(),
            areas: BTreeMap::new(),
            on: true,
            levels: vec![15],
            clock: None,
            refuses_time: false,
            flash_writes: 0,
            busy: 0,
            heard: vec![],
            dimmed: 0,
        }
    }

    /// Hear bytes; gives the bytes of the answers.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        for byte in bytes {
            let Some(packet) = self.receiver.push(*byte) else { continue };
            if !packet.is_whole() {
                // To whom it was is not certain, but the card whose address it names answers.
                if packet.body.get(..2) == Some(&self.address.to_le_bytes()) && !packet.miscoded {
                    answers.extend(self.answer(0x8000, [0xA0, 0x01], 5, &[]));
                }
                continue;
            }
            let Some(command) = command(&packet) else { continue };
            let own = command.destination == self.address || command.destination >= 0xFFFE;
            let data_bytes = packet.body.len().saturating_sub(HEADER_BYTES);
            if own {
                let (code, error, data) = self.obey(&command, data_bytes);
                if command.wants_reply && command.destination != 0xFFFF {
                    answers.extend(self.answer(command.source, code, error, &data));
                }
            }
        }
        answers
    }

    fn obey(&mut self, command: &Command, data_bytes: usize) -> ([u8; 2], u8, Vec<u8>) {
        const DONE: ([u8; 2], u8, Vec<u8>) = ([0xA0, 0x00], 0, Vec::new());
        let refused = |error| ([0xA0, 0x01], error, Vec::new());
        if self.busy > 0 {
            self.busy -= 1;
            return refused(3);
        }
        if data_bytes > BUFFER_BYTES {
            return refused(4);
        }
        match &command.message {
            Message::Ping | Message::Other => {}
            Message::Status => return (command.code, 0, self.status()),
            Message::ReadAddress => return (command.code, 0, self.address.to_le_bytes().to_vec()),
            Message::SetTime(_) if self.refuses_time => return refused(14),
            Message::SetTime(time) => self.clock = Some(*time),
            Message::Power { on } => self.on = *on,
            Message::Brightness(level) if *level <= 15 => {
                self.levels = vec![*level];
                self.dimmed += 1;
            }
            Message::BrightnessByTime(levels) if levels.iter().all(|level| *level <= 15) => {
                self.levels.clone_from(levels);
                self.dimmed += 1;
            }
            Message::Areas { delete_all, delete, areas } => {
                if areas.iter().any(|area| !self.fits(area)) {
                    return refused(4);
                }
                if *delete_all {
                    self.areas.clear();
                }
                self.areas.retain(|number, _| !delete.contains(number));
                let said = areas.iter().filter_map(|area| area.said.as_ref());
                self.heard.extend(said.filter(|(volume, _)| *volume > 0).map(|(_, text)| text.clone()));
                self.areas.extend(areas.iter().map(|area| (area.number, area.clone())));
            }
            Message::Flash => self.flash_writes += 1,
            Message::Brightness(_) | Message::BrightnessByTime(_) | Message::Malformed => return refused(2),
        }
        DONE
    }

    fn fits(&self, area: &Area) -> bool {
        let [x, y, width, height] = area.place_px.map(u32::from);
        let [panel_width, panel_height] = self.size_px.map(u32::from);
        usize::from(area.number) < AREAS_MAX && x + width <= panel_width && y + height <= panel_height
    }

    fn status(&self) -> Vec<u8> {
        let mut data = vec![if self.on { 1 } else { 2 }, self.levels.first().copied().unwrap_or(15)];
        data.extend([0x20, 0x26, 0x03, 0x02, 0x01, 0x09, 0x00, 0x00]);
        data.push(0);
        data.extend(b"P000");
        data.extend([0, 0]);
        data.push(u8::try_from(self.areas.len()).unwrap_or(u8::MAX));
        data.extend(self.areas.keys());
        data.extend([0; 16 + 12]);
        data
    }

    fn answer(&self, to: u16, code: [u8; 2], error: u8, data: &[u8]) -> Vec<u8> {
        let mut body = to.to_le_bytes().to_vec();
        body.extend(self.address.to_le_bytes());
        body.extend([0, 0, 0, 0, 0, 0, 0x51, 2]);
        body.extend(u16::try_from(5 + data.len()).unwrap_or(u16::MAX).to_le_bytes());
        body.extend(code);
        body.extend([error, 0, 0]);
        body.extend(data);
        packet(body)
    }

    /// What can be read on it, area by area.
    pub fn lines(&self) -> Vec<String> {
        if self.on { self.areas.values().flat_map(Area::lines).collect() } else { vec![] }
    }

    /// Its areas by number.
    pub fn areas(&self) -> &BTreeMap<u8, Area> {
        &self.areas
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Its brightness: one level, or one for each half hour.
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// What was said aloud, in order.
    pub fn heard(&self) -> &[String] {
        &self.heard
    }

    /// How often it was told how bright to be.
    pub fn times_dimmed(&self) -> u32 {
        self.dimmed
    }

    /// What its clock was set to: year, month, day, hour, minute, second, weekday.
    pub fn clock(&self) -> Option<[u16; 7]> {
        self.clock
    }

    /// How often its flash was written or erased.
    pub fn flash_writes(&self) -> u32 {
        self.flash_writes
    }

    /// Let it refuse any time from now on.
    pub fn refuse_time(&mut self) {
        self.refuses_time = true;
    }

    /// Let it be busy for the next so many commands.
    pub fn keep_busy(&mut self, commands: u8) {
        self.busy = commands;
    }

    /// Switch it off and on again: dynamic areas are gone.
    pub fn restart(&mut self) {
        self.areas.clear();
        self.on = true;
    }
}
