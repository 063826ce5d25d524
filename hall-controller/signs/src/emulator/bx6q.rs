//! A BX-6Q card at the far end of a line: it draws dynamic areas and answers.
//!
//! From `onbonlab/bx.dual.dyn.java`; reads with [`crate::decode`] and writes its answers itself.

use hall_protocol::sign::Depth;

use super::onbon::packet;
use crate::decode::bx6q::{Message, command};
use crate::decode::onbon::Receiver;
use crate::frame::{Frame, Light, Panel};

/// One card.
#[derive(Debug, Clone)]
pub struct VirtualBx6q {
    address: u16,
    screen: Frame,
    receiver: Receiver,
}

impl VirtualBx6q {
    /// A dark card with this screen, which shows all colours whatever `panel` says.
    pub fn new(address: u16, panel: Panel) -> Self {
        let panel = Panel::new(panel.width_px(), panel.height_px(), Depth::Rgb).unwrap_or(panel);
        Self { address, screen: Frame::dark(panel), receiver: Receiver::default() }
    }

    /// Hear bytes; gives the bytes of the answers.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        for byte in bytes {
            let Some(packet) = self.receiver.push(*byte) else { continue };
            let Some(command) = command(&packet).filter(|_| packet.is_whole()) else { continue };
            if command.destination != self.address && command.destination != 0xFFFF {
                continue;
            }
            let error = match command.message {
                Message::Area(area) => self.draw(area.at_px, &area.picture),
                Message::Delete(_) => {
                    self.screen = Frame::dark(self.screen.panel());
                    0
                }
                Message::Other => 2,
            };
            answers.extend(self.answer(command.source, error));
        }
        answers
    }

    fn draw(&mut self, [left, top]: [u16; 2], picture: &Frame) -> u16 {
        let (screen, size) = (self.screen.panel(), picture.panel());
        let fits = u32::from(left) + u32::from(size.width_px()) <= u32::from(screen.width_px())
            && u32::from(top) + u32::from(size.height_px()) <= u32::from(screen.height_px());
        if !fits {
            return 4;
        }
        for y in 0..size.height_px() {
            for x in 0..size.width_px() {
                let light: Light = picture.light(x, y);
                self.screen.set(left + x, top + y, light);
            }
        }
        0
    }

    fn answer(&self, to: u16, error: u16) -> Vec<u8> {
        let mut body = to.to_le_bytes().to_vec();
        body.extend(self.address.to_le_bytes());
        body.extend([0xF0, 0, 0x66, 0x02, 0, 0, 0, 0, 9, 0, 0, 0]);
        body.extend([0, 0xA0, u8::from(error != 0), 0, 0]);
        body.extend(error.to_le_bytes());
        body.extend([0, 0]);
        packet(body)
    }

    /// What can be seen.
    pub fn screen(&self) -> &Frame {
        &self.screen
    }
}
