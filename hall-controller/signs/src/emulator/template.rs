//! A display of a fixed frame at the far end of a line, as a two-page manual describes it.

mod written;

use written::Written;

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
    /// A checksum by the name it has in the configuration.
    Named {
        /// The first byte it runs over.
        from: usize,
        /// Which, and how it is written.
        check: Written,
    },
}

/// One display.
#[derive(Debug, Clone)]
pub struct VirtualTemplate {
    expected: Vec<Expect>,
    /// Sent when nobody is called.
    idle: Vec<Expect>,
    reply: Vec<u8>,
    held: Vec<u8>,
    number: String,
    window: String,
}

impl VirtualTemplate {
    /// A display that takes this frame and answers so.
    pub fn new(expected: Vec<Expect>, reply: Vec<u8>) -> Self {
        Self { expected, idle: vec![], reply, held: Vec::new(), number: String::new(), window: String::new() }
    }

    /// A display that takes what a line of configuration sends; `None` where a number or a window in it
    /// has no width, so that nobody can tell where it ends.
    pub fn described(
        called: &str,
        idle: Option<&str>,
        check: &str,
        address: u8,
        reply: &[u8],
    ) -> Option<Self> {
        let expected = written::frame(called, check, address)?;
        let idle = idle.map_or(Some(vec![]), |idle| written::frame(idle, check, address))?;
        Some(Self { idle, ..Self::new(expected, reply.to_vec()) })
    }

    /// Hear bytes; gives the bytes of the answers.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let longest = length(&self.expected).max(length(&self.idle));
        let mut answers = Vec::new();
        for byte in bytes {
            self.held.push(*byte);
            if self.held.len() > longest {
                self.held.remove(0);
            }
            let found = read(&self.held, &self.expected).or_else(|| read(&self.held, &self.idle));
            if let Some((number, window)) = found {
                (self.number, self.window) = (number, window);
                self.held.clear();
                answers.extend(&self.reply);
            }
        }
        answers
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

fn length(frame: &[Expect]) -> usize {
    frame.iter().map(Expect::length).sum()
}

/// Number and window of the frame that the bytes end with, if they end with one.
fn read(held: &[u8], frame: &[Expect]) -> Option<(String, String)> {
    let held = held.get(held.len().checked_sub(length(frame)).filter(|_| !frame.is_empty())?..)?;
    let (mut number, mut window) = (None, None);
    let mut at = 0;
    for part in frame {
        let bytes = held.get(at..at + part.length())?;
        match part {
            Expect::Bytes(wanted) if wanted != bytes => return None,
            Expect::Bytes(_) => {}
            Expect::Number(_) => number = Some(bytes),
            Expect::Window(_) => window = Some(bytes),
            Expect::Check { from, of, .. } => {
                if of(held.get(*from..at)?) != bytes {
                    return None;
                }
            }
            Expect::Named { from, check } => {
                if check.of(held.get(*from..at)?) != bytes {
                    return None;
                }
            }
        }
        at += part.length();
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Some((number.map(text).unwrap_or_default(), window.map(text).unwrap_or_default()))
}

impl Expect {
    fn length(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Number(length) | Self::Window(length) | Self::Check { length, .. } => *length,
            Self::Named { check, .. } => check.of(&[]).len(),
        }
    }
}
