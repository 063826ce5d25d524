//! A C-Power card at the far end of a line: windows with text or pictures, and answers.
//!
//! From C-Power protocol V1.9; reads with [`crate::decode`] and writes its answers itself.

use std::collections::BTreeMap;

use hall_protocol::sign::Depth;

use crate::decode::checksum::sum16;
use crate::decode::cp5200::{Joined, Joiner, Message, Packet, Receiver, message};
use crate::frame::{Frame, Panel};

/// One card.
#[derive(Debug, Clone)]
pub struct VirtualCp5200 {
    card: u8,
    size_px: [u16; 2],
    receiver: Receiver,
    joiner: Joiner,
    windows: Vec<[u16; 4]>,
    texts: BTreeMap<u8, Vec<String>>,
    screen: Frame,
    flash_writes: u32,
}

impl VirtualCp5200 {
    /// A card without windows yet.
    pub fn new(card: u8, panel: Panel) -> Self {
        let (width, height) = (panel.width_px(), panel.height_px());
        let panel = Panel::new(width, height, Depth::Rgb).unwrap_or(panel);
        Self {
            card,
            size_px: [width, height],
            receiver: Receiver::default(),
            joiner: Joiner::default(),
            windows: vec![],
            texts: BTreeMap::new(),
            screen: Frame::dark(panel),
            flash_writes: 0,
        }
    }

    /// Hear bytes; gives the bytes of the answers.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        for byte in bytes {
            if let Some(packet) = self.receiver.push(*byte) {
                answers.extend(self.take(&packet).unwrap_or_default());
            }
        }
        answers
    }

    fn take(&mut self, packet: &Packet) -> Option<Vec<u8>> {
        let [0x68, 0x32, card, 0x7B, flags, _, _, number, last, data @ ..] = packet.body.as_slice() else {
            return None;
        };
        if *card != self.card && *card != 0xFF {
            return None;
        }
        let (result, answer) = if packet.checksum.is_right() {
            match self.joiner.push(*card, *number, *last, data) {
                Joined::More => (0, vec![]),
                Joined::OutOfOrder => (2, vec![]),
                Joined::Whole(data) => self.obey(&message(&data, None)),
            }
        } else {
            (1, vec![])
        };
        (flags & 1 == 1).then(|| self.answer(result, &answer))
    }

    fn obey(&mut self, message: &Message) -> (u8, Vec<u8>) {
        let has = |windows: &[[u16; 4]], window: &u8| usize::from(*window) < windows.len();
        match message {
            Message::Windows(windows) if (1..=8).contains(&windows.len()) => {
                self.windows.clone_from(windows);
                self.texts.clear();
                self.screen = Frame::dark(self.screen.panel());
            }
            Message::Text { window, lines, .. } if has(&self.windows, window) => {
                self.texts.insert(*window, lines.clone());
            }
            Message::Picture { window, at_px, picture } if has(&self.windows, window) => {
                self.texts.remove(window);
                let [left, top, ..] = self.windows.get(usize::from(*window)).copied().unwrap_or_default();
                for y in 0..picture.panel().height_px() {
                    for x in 0..picture.panel().width_px() {
                        let at = |start: u16, inside: u16, here: u16| {
                            start.saturating_add(inside).saturating_add(here)
                        };
                        self.screen.set(at(left, at_px[0], x), at(top, at_px[1], y), picture.light(x, y));
                    }
                }
            }
            Message::AskScreen => {
                let [width, height] = self.size_px.map(u16::to_be_bytes);
                let mut answer = vec![0x83, 3, 0, 0, 0x07];
                answer.extend(width);
                answer.extend(height);
                answer.push(u8::try_from(self.windows.len()).unwrap_or(u8::MAX));
                return (0, answer);
            }
            Message::Flash => self.flash_writes += 1,
            Message::Other => {}
            _ => return (0x80, vec![]),
        }
        (0, vec![])
    }

    fn answer(&self, result: u8, data: &[u8]) -> Vec<u8> {
        let mut body = vec![0xE8, 0x32, self.card, 0x7B, result];
        body.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_le_bytes());
        body.extend([0, 0]);
        body.extend(data);
        body.extend(sum16(&body).to_le_bytes());
        let mut wire = vec![0xA5];
        for byte in body {
            match byte {
                0xA5 => wire.extend([0xAA, 0x05]),
                0xAE => wire.extend([0xAA, 0x0E]),
                0xAA => wire.extend([0xAA, 0x0A]),
                _ => wire.push(byte),
            }
        }
        wire.push(0xAE);
        wire
    }

    /// What can be read, window by window.
    pub fn lines(&self) -> Vec<String> {
        self.texts.values().flatten().cloned().collect()
    }

    /// The pictures that can be seen.
    pub fn screen(&self) -> &Frame {
        &self.screen
    }

    /// How often flash was written.
    pub fn flash_writes(&self) -> u32 {
        self.flash_writes
    }
}
