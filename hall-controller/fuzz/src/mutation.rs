//! How an input becomes another: bits, bytes, blocks, words, numbers and parts of other inputs.

use fastrand::Rng;

/// Longer inputs are not made: parsers bound what they read, and long ones cost time.
const INPUT_BYTES_MAX: usize = 64 * 1_024;

/// Bytes that often lie at an edge.
const EDGES: [u8; 12] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'\\', b'\n', b'\r', b' ', b'/', b'0'];

/// Numbers that often lie at an edge.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e309",
    "0.5",
];

pub(crate) struct Mutator {
    words: &'static [&'static str],
}

impl Mutator {
    pub(crate) fn new(words: &'static [&'static str]) -> Self {
        Self { words }
    }

    /// One of the inputs, changed in a few places.
    pub(crate) fn mutate(&self, inputs: &[Vec<u8>], dice: &mut Rng) -> Vec<u8> {
        let mut input = dice.choice(inputs).cloned().unwrap_or_default();
        let changes = 1 << dice.u32(0..5);
        for _ in 0..dice.u32(1..=changes) {
            self.change(&mut input, inputs, dice);
        }
        input.truncate(INPUT_BYTES_MAX);
        input
    }

    fn change(&self, input: &mut Vec<u8>, inputs: &[Vec<u8>], dice: &mut Rng) {
        let at = dice.usize(0..=input.len());
        match dice.u8(0..12) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << dice.u8(0..8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = dice.u8(..);
                }
            }
            2 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = dice.choice(EDGES).unwrap_or(0);
                }
            }
            3 => input.insert(at, dice.choice(EDGES).unwrap_or(0)),
            4 => drop(input.drain(block(input, at, dice))),
            5 => {
                let copied = input[block(input, at, dice)].to_vec();
                let to = dice.usize(0..=input.len());
                input.splice(to..to, copied);
            }
            6 | 7 => {
                if let Some(word) = dice.choice(self.words) {
                    let range = if dice.bool() { at..at } else { block(input, at, dice) };
                    input.splice(range, word.bytes());
                }
            }
            8 => renumber(input, at, dice),
            9 => {
                if let Some(other) = dice.choice(inputs) {
                    let from = dice.usize(0..=other.len());
                    let part = other[block(other, from, dice)].to_vec();
                    input.splice(block(input, at, dice), part);
                }
            }
            10 => input.truncate(at),
            _ => {
                let many = dice.usize(1..64);
                let byte = input.get(at).copied().unwrap_or(b'[');
                input.splice(at..at, std::iter::repeat_n(byte, many));
            }
        }
    }
}

/// Some bytes from `at` on, mostly few.
fn block(input: &[u8], at: usize, dice: &mut Rng) -> std::ops::Range<usize> {
    let left = input.len() - at;
    let longest = if dice.u8(0..4) == 0 { left } else { left.min(16) };
    at..at + dice.usize(0..=longest)
}

/// The digits at or after `at` become another number.
fn renumber(input: &mut Vec<u8>, at: usize, dice: &mut Rng) {
    let digit = |byte: &u8| byte.is_ascii_digit();
    let Some(from) = input[at..].iter().position(digit).map(|from| at + from) else { return };
    let until = input[from..].iter().position(|byte| !digit(byte)).map_or(input.len(), |end| from + end);
    let number =
        if dice.bool() { dice.choice(NUMBERS).unwrap_or("0").to_owned() } else { dice.u64(..).to_string() };
    input.splice(from..until, number.into_bytes());
}
