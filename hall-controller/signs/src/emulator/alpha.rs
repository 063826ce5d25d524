//! An Alpha sign at the far end of a line: files, the priority text, and the error register.
//!
//! From the programs named in [`crate::decode::alpha`]; reads with it and writes its answers itself.

use std::collections::BTreeMap;

use crate::decode::alpha::{Packet, Receiver, lines, picture};
use crate::decode::checksum::sum16;

/// One sign.
#[derive(Debug, Clone)]
pub struct VirtualAlpha {
    address: u8,
    receiver: Receiver,
    /// Label, kind (A text, B string, C picture) and size of each file.
    plan: BTreeMap<u8, (u8, usize)>,
    texts: BTreeMap<u8, Vec<u8>>,
    strings: BTreeMap<u8, Vec<u8>>,
    pictures: BTreeMap<u8, Vec<String>>,
    errors: u8,
    special: BTreeMap<u8, String>,
}

impl VirtualAlpha {
    /// A sign with an empty memory.
    pub fn new(address: u8) -> Self {
        Self {
            address,
            receiver: Receiver::default(),
            plan: BTreeMap::new(),
            texts: BTreeMap::new(),
            strings: BTreeMap::new(),
            pictures: BTreeMap::new(),
            errors: 0,
            special: BTreeMap::new(),
        }
    }

    /// Hear bytes; gives the bytes of the answers.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        for byte in bytes {
            let Some(packet) = self.receiver.push(*byte) else { continue };
            if packet.is_for(self.address) {
                answers.extend(self.take(&packet));
            }
        }
        answers
    }

    fn take(&mut self, packet: &Packet) -> Vec<u8> {
        if !packet.is_whole() {
            self.errors |= 0x10;
            return vec![];
        }
        let mut answers = Vec::new();
        for (command, _) in &packet.commands {
            match command.as_slice() {
                [b'F', b'*', ..] => {
                    let errors = std::mem::take(&mut self.errors);
                    answers.extend(answer(&[b'E', b'*', 0x40 | errors]));
                }
                command => self.obey(command),
            }
        }
        answers
    }

    fn obey(&mut self, command: &[u8]) {
        let has = |plan: &BTreeMap<u8, (u8, usize)>, label: &u8, kind, bytes| {
            plan.get(label).is_some_and(|(known, room)| *known == kind && bytes <= *room)
        };
        match command {
            // The priority file needs no room of its own.
            [b'A', label @ b'0', text @ ..] if text.len() <= 128 => {
                self.texts.insert(*label, text.to_vec());
            }
            [b'A', label, text @ ..] if has(&self.plan, label, b'A', text.len()) => {
                self.texts.insert(*label, text.to_vec());
            }
            [b'G', label, text @ ..] if has(&self.plan, label, b'B', text.len()) => {
                self.strings.insert(*label, text.to_vec());
            }
            [b'I', label, dots @ ..] if has(&self.plan, label, b'C', 0) => match picture(dots) {
                Some((_, _, rows)) => drop(self.pictures.insert(*label, rows)),
                None => self.errors |= 0x20,
            },
            [b'E', b'$', plan @ ..] => self.divide(plan),
            [b'E', function, data @ ..] => {
                self.special.insert(*function, String::from_utf8_lossy(data).into_owned());
            }
            _ => self.errors |= 0x20,
        }
    }

    /// Eleven characters a file: label, kind, lock, size, and four more by kind.
    fn divide(&mut self, plan: &[u8]) {
        self.plan.clear();
        self.texts.retain(|label, _| *label == b'0');
        self.strings.clear();
        for file in plan.chunks(11) {
            let [label, kind @ (b'A' | b'B' | b'C'), b'U' | b'L', size @ ..] = file else {
                self.errors |= 0x20;
                return;
            };
            let size = size.get(..4).and_then(|size| std::str::from_utf8(size).ok());
            let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
                self.errors |= 0x20;
                return;
            };
            self.plan.insert(*label, (*kind, size));
        }
    }

    /// What can be read: the priority text, or else the text files with their strings.
    pub fn lines(&self) -> Vec<String> {
        if let Some(priority) = self.texts.get(&b'0').filter(|text| !text.is_empty()) {
            return lines(priority);
        }
        let mut shown = Vec::new();
        for (_, text) in self.texts.iter().filter(|(label, _)| **label != b'0') {
            for line in lines(text) {
                let called = line.strip_prefix("[string ").and_then(|rest| rest.strip_suffix(']'));
                match called.and_then(|label| self.strings.get(label.as_bytes().first()?)) {
                    Some(string) => shown.extend(lines(string)),
                    None if called.is_some() => {}
                    None => shown.push(line),
                }
            }
        }
        shown
    }

    /// A picture file's rows, a digit a dot.
    pub fn picture(&self, label: u8) -> Option<&[String]> {
        self.pictures.get(&label).map(Vec::as_slice)
    }

    /// What a special function was last set to.
    pub fn special(&self, function: u8) -> Option<&str> {
        self.special.get(&function).map(String::as_str)
    }
}

fn answer(content: &[u8]) -> Vec<u8> {
    let mut wire = vec![0; 20];
    wire.extend([0x01, b'0', b'0', b'0', 0x02]);
    wire.extend(content);
    wire.push(0x03);
    let sum = sum16(content).wrapping_add(5);
    wire.extend(format!("{sum:04X}").into_bytes());
    wire.push(0x04);
    wire
}
