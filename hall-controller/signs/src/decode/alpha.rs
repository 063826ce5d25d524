//! What Alpha signs' packets mean (`msparks/alphasign`, `andrew867/python-alphasign`; see there).

use super::checksum::sum16;
use super::{Checksum, DecodedFrame, Direction, Shown, hex};

/// More than any packet has.
const PACKET_BYTES_MAX: usize = 64 * 1024;

/// A packet between SOH and EOT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Where its zeros began, counted from the receiver's first byte.
    pub offset: usize,
    /// As it came.
    pub wire: Vec<u8>,
    /// Type of sign and address.
    pub destination: [u8; 3],
    /// Commands, each with its checksum if it has one.
    pub commands: Vec<(Vec<u8>, Option<Checksum>)>,
}

impl Packet {
    /// Whether a sign with this address takes it; `00` and `?` stand for any.
    pub fn is_for(&self, address: u8) -> bool {
        let own = format!("{address:02X}").into_bytes();
        let given = &self.destination[1..];
        given == b"00" || given.iter().zip(&own).all(|(given, own)| *given == b'?' || given == own)
    }

    /// Whether every checksum is right.
    pub fn is_whole(&self) -> bool {
        self.commands.iter().all(|(_, checksum)| checksum.is_none_or(Checksum::is_right))
    }
}

/// Collects packets from a line.
#[derive(Debug, Clone, Default)]
pub struct Receiver {
    seen: usize,
    /// Where the zeros before this byte began.
    zeros_from: Option<usize>,
    start: usize,
    held: Option<Vec<u8>>,
}

impl Receiver {
    /// Take one byte; the last of a packet gives it.
    pub fn push(&mut self, byte: u8) -> Option<Packet> {
        let at = self.seen;
        self.seen += 1;
        if byte == 0 {
            self.zeros_from.get_or_insert(at);
        }
        if byte == 0x01 {
            self.start = self.zeros_from.unwrap_or(at);
            self.held = Some(std::iter::repeat_n(0, at - self.start).collect());
        }
        if byte != 0 {
            self.zeros_from = None;
        }
        let held = self.held.as_mut()?;
        held.push(byte);
        if held.len() > PACKET_BYTES_MAX {
            self.held = None;
            return None;
        }
        if byte != 0x04 {
            return None;
        }
        let wire = self.held.take()?;
        packet(self.start, wire)
    }
}

fn packet(offset: usize, wire: Vec<u8>) -> Option<Packet> {
    let soh = wire.iter().position(|byte| *byte == 0x01)?;
    let content = wire.get(soh + 1..wire.len() - 1)?;
    let (destination, blocks) = content.split_first_chunk::<3>()?;
    let mut commands = Vec::new();
    let mut begun = blocks.split(|byte| *byte == 0x02);
    begun.next().filter(|before| before.is_empty())?;
    for block in begun {
        let end = block.iter().position(|byte| *byte == 0x03);
        let (command, after) = block.split_at(end.unwrap_or(block.len()));
        let digits = after.get(1..).filter(|digits| !digits.is_empty());
        let stated = digits.map(|digits| {
            let text = std::str::from_utf8(digits).ok().filter(|text| text.len() == 4);
            text.and_then(|text| u16::from_str_radix(text, 16).ok())
        });
        let computed = sum16(command).wrapping_add(0x02 + 0x03);
        // Digits that are none count as a checksum that is wrong.
        let checksum = stated.map(|found| {
            Checksum::sixteen("sum of 16 bits, in hex digits", found.unwrap_or(!computed), computed)
        });
        commands.push((command.to_vec(), checksum));
    }
    let destination = *destination;
    Some(Packet { offset, wire, destination, commands })
}

/// All packets in these bytes.
pub fn decode(bytes: &[u8]) -> Vec<DecodedFrame> {
    let mut receiver = Receiver::default();
    let packets: Vec<Packet> = bytes.iter().filter_map(|byte| receiver.push(*byte)).collect();
    packets.iter().map(frame).collect()
}

fn frame(packet: &Packet) -> DecodedFrame {
    let mut frame =
        DecodedFrame::new(packet.offset, packet.wire.clone(), Direction::ToSign, "packet without a command");
    let [kind, address @ ..] = packet.destination;
    frame.field("signs", if kind == b'Z' { "all types (Z)".into() } else { char::from(kind).to_string() });
    let address = String::from_utf8_lossy(&address).into_owned();
    frame.field("address", if address == "00" { "everyone (00)".into() } else { address });
    for (command, checksum) in &packet.commands {
        // Of several, a wrong one is worth more than a right one.
        if frame.checksum.is_none_or(Checksum::is_right) {
            frame.checksum = checksum.or(frame.checksum);
        }
        tell(command, &mut frame);
    }
    frame
}

fn tell(command: &[u8], frame: &mut DecodedFrame) {
    // `andrew867/python-alphasign` sends FF before a command, which signs pass over.
    let command = command.strip_prefix(&[0xFF]).unwrap_or(command);
    let [code, rest @ ..] = command else {
        frame.problem = Some("a command without its letter".into());
        return;
    };
    frame.field("command", char::from(*code).escape_default().to_string());
    match (code, rest) {
        (b'A', [label, text @ ..]) => {
            frame.name = if *label == b'0' { "write priority text" } else { "write text" };
            frame.field("file", char::from(*label).escape_default().to_string());
            if let [0x1B, position, mode, ..] = text {
                frame.field("position", format!("{position:02x}"));
                frame.field("mode", char::from(*mode).escape_default().to_string());
            }
            shown(frame, text);
        }
        (b'G', [label, text @ ..]) => {
            frame.name = "write string";
            frame.field("file", char::from(*label).escape_default().to_string());
            shown(frame, text);
        }
        (b'I', [label, dots @ ..]) => {
            frame.name = "write picture";
            frame.field("file", char::from(*label).escape_default().to_string());
            match picture(dots) {
                Some((width, height, rows)) => {
                    frame.field("size", format!("{width}x{height} pixels"));
                    frame.field("dots", rows.join("\n"));
                }
                None => frame.problem = Some("the picture has not as many dots as it says".into()),
            }
        }
        (b'E', [function, data @ ..]) => special(*function, data, frame),
        (b'F', [function, ..]) => {
            frame.name = if *function == b'*' { "ask error status" } else { "ask special function" };
            frame.field("function", format!("{function:02x}"));
        }
        _ => {
            frame.name = "command that is not looked into";
            frame.field("data", hex(rest));
        }
    }
}

fn special(function: u8, data: &[u8], frame: &mut DecodedFrame) {
    let text = String::from_utf8_lossy(data).into_owned();
    let (name, field) = match function {
        b'*' => {
            (frame.name, frame.direction) = ("error status", Direction::FromSign);
            frame.field("status", hex(data));
            return;
        }
        0x20 => ("set the time of day", "time"),
        b'!' => ("speaker", "speaker"),
        b'$' => ("divide the memory", "files"),
        b'&' => ("set the day of the week", "day, 1 is Sunday"),
        b'\'' => ("set the time format", "format"),
        b'/' => ("set the dimming register", "mode and step"),
        b';' => ("set the date", "month, day, year"),
        b',' => ("soft reset", "data"),
        b'.' => ("set the run sequence", "sequence"),
        _ => ("special function that is not looked into", "data"),
    };
    frame.name = name;
    frame.field("function", format!("{function:02x}"));
    let said = if text.is_empty() { "none".to_owned() } else { text };
    frame.field(field, said);
}

fn shown(frame: &mut DecodedFrame, text: &[u8]) {
    let mut lines = lines(text);
    frame.field("text", lines.join("\n"));
    let flashing = flashing(text);
    if !flashing.is_empty() {
        frame.field("flashing", flashing.join("\n"));
    }
    // Of several commands in a packet each says something.
    if let Some(Shown::Text(before)) = frame.shows.take() {
        lines.splice(0..0, before);
    }
    frame.shows = Some(if lines.is_empty() { Shown::Dark } else { Shown::Text(lines) });
}

/// The characters that flash, run by run.
pub fn flashing(text: &[u8]) -> Vec<String> {
    let mut runs: Vec<Vec<u8>> = Vec::new();
    let mut rest = text;
    let mut on = false;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (0x07, [switch, after @ ..]) => {
                rest = after;
                on = *switch == b'1';
                runs.extend(on.then(Vec::new));
            }
            _ if on => runs.iter_mut().last().into_iter().for_each(|run| run.push(*byte)),
            _ => {}
        }
    }
    runs.iter().flat_map(|run| lines(run)).collect()
}

/// The lines of a file without its control codes; a call of a string is told as `[string 1]`.
pub fn lines(text: &[u8]) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        let Some(line) = lines.last_mut() else { break };
        match byte {
            // Position and mode; a special mode has one more. What comes there is no part of what was before.
            0x1B => {
                lines.push(String::new());
                bytes.next();
                if bytes.next() == Some(b'n') {
                    bytes.next();
                }
            }
            // Colour, character set, spacing, flashing, date.
            0x1C | 0x1A | 0x1E | 0x07 | 0x0B => drop(bytes.next()),
            0x1D => drop((bytes.next(), bytes.next())),
            0x10 => {
                line.push_str("[string ");
                line.extend(bytes.next().map(char::from));
                line.push(']');
            }
            0x13 => line.push_str("[time]"),
            0x0D | 0x0C => lines.push(String::new()),
            b' '..=b'~' => line.push(char::from(byte)),
            _ => {}
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Width, height and rows of a picture file: two hex digits a side, a digit a dot, an end a row.
pub fn picture(dots: &[u8]) -> Option<(usize, usize, Vec<String>)> {
    let side = |at: usize| {
        let pair = std::str::from_utf8(dots.get(at..at + 2)?).ok()?;
        usize::from_str_radix(pair, 16).ok()
    };
    let (height, width) = (side(0)?, side(2)?);
    let dots = dots.get(4..)?;
    let rows: Vec<String> = dots
        .strip_prefix(&[0xFF])
        .unwrap_or(dots)
        .split(|byte| *byte == 0x0D)
        .filter(|row| !row.is_empty())
        .map(|row| row.iter().map(|byte| char::from(*byte)).collect())
        .collect();
    let right = rows.len() == height && rows.iter().all(|row| row.len() == width);
    right.then_some((width, height, rows))
}
