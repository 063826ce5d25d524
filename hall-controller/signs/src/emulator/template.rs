//! A display of a fixed frame at the far end of a line, as a two-page manual describes it.

/// A part of the frame, in its order.
#[derive(Debug, Clone)]
pub enum Expect {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The number, so many bytes.
    Number(usize),
    /// The window, so many bytes.
    Window(usize),
    /// A checksum of the bytes before it from this one on, so many bytes of it.
    Check {
        /// The first byte it runs over.
        from: usize,
        /// How long it is.
        length: usize,
        /// What it must be.
        of: fn(&[u8]) -> Vec<u8>,
    },
}

/// One display.
#[derive(Debug, Clone)]
pub struct VirtualTemplate {
    expected: Vec<Expect>,
    reply: Vec<u8>,
    held: Vec<u8>,
    number: String,
    window: String,
}

impl VirtualTemplate {
    /// A display that takes this frame and answers so.
    pub fn new(expected: Vec<Expect>, reply: Vec<u8>) -> Self {
        Self { expected, reply, held: Vec::new(), number: String::new(), window: String::new() }
    }

    /// Hear bytes; gives the bytes of the answers.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let length: usize = self.expected.iter().map(Expect::length).sum();
        let mut answers = Vec::new();
        for byte in bytes {
            self.held.push(*byte);
            if self.held.len() > length {
                self.held.remove(0);
            }
            if self.held.len() == length && self.take() {
                self.held.clear();
                answers.extend(&self.reply);
            }
        }
        answers
    }

    fn take(&mut self) -> bool {
        let (mut number, mut window) = (None, None);
        let mut at = 0;
        for part in &self.expected {
            let Some(bytes) = self.held.get(at..at + part.length()) else { return false };
            match part {
                Expect::Bytes(wanted) if wanted != bytes => return false,
                Expect::Bytes(_) => {}
                Expect::Number(_) => number = Some(bytes),
                Expect::Window(_) => window = Some(bytes),
                Expect::Check { from, of, .. } => {
                    if self.held.get(*from..at).map(of).as_deref() != Some(bytes) {
                        return false;
                    }
                }
            }
            at += part.length();
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let (number, window) = (number.map(text), window.map(text));
        self.number = number.unwrap_or_default();
        self.window = window.unwrap_or_default();
        true
    }

    /// The number that can be read.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The window that can be read.
    pub fn window(&self) -> &str {
        &self.window
    }
}

impl Expect {
    fn length(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Number(length) | Self::Window(length) | Self::Check { length, .. } => *length,
        }
    }
}
