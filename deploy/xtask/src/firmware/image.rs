//! How much flash and memory an image takes, read from its ELF file.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Where microcontrollers of the Cortex-M family have their RAM.
const RAM: std::ops::Range<u32> = 0x2000_0000..0x4000_0000;

/// A part that is loaded.
const PT_LOAD: u32 = 1;

/// Places in a 32-bit ELF file's heading.
mod heading {
    pub(super) const PROGRAM_HEADINGS: usize = 28;
    pub(super) const PROGRAM_HEADING_BYTES: usize = 42;
    pub(super) const PROGRAM_HEADING_COUNT: usize = 44;
}

/// An image's size. The stack is not in it: the tests on the emulated board measure that.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) flash_bytes: u64,
    pub(crate) ram_bytes: u64,
}

impl Image {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&file).with_context(|| format!("{} is no 32-bit ELF file", path.display()))
    }

    fn parse(file: &[u8]) -> Option<Self> {
        file.starts_with(b"\x7fELF\x01\x01").then_some(())?;
        let begin = usize::try_from(word(file, heading::PROGRAM_HEADINGS)?).ok()?;
        let bytes = usize::from(half(file, heading::PROGRAM_HEADING_BYTES)?);
        let count = usize::from(half(file, heading::PROGRAM_HEADING_COUNT)?);
        let mut image = Self { flash_bytes: 0, ram_bytes: 0 };
        for at in (0..count).map(|index| begin + index * bytes) {
            let field = |number: usize| word(file, at + number * 4);
            // Kind, offset, address where it runs, address where it is kept, bytes kept, bytes there.
            let (kind, runs_at, kept, there) = (field(0)?, field(2)?, field(4)?, field(5)?);
            if kind == PT_LOAD {
                image.flash_bytes += u64::from(kept);
                image.ram_bytes += if RAM.contains(&runs_at) { u64::from(there) } else { 0 };
            }
        }
        Some(image)
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of flash, {} of RAM without the stack", self.flash_bytes, self.ram_bytes)
    }
}

fn word(file: &[u8], at: usize) -> Option<u32> {
    file.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

fn half(file: &[u8], at: usize) -> Option<u16> {
    file.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_images_parts_are_summed_by_where_they_lie() {
        let mut file = b"\x7fELF\x01\x01".to_vec();
        file.resize(52, 0);
        file[28] = 52;
        file[42] = 32;
        file[44] = 3;
        // Code; data that is kept in flash; memory that is not kept.
        for (kind, runs_at, kept, there) in
            [(1, 0, 1_000, 1_000), (1, 0x2000_0000, 20, 300), (7, 0, 9, 9_u32)]
        {
            let fields = [kind, 0, runs_at, 0, kept, there, 0, 0];
            file.extend(fields.into_iter().flat_map(u32::to_le_bytes));
        }
        assert_eq!(Image::parse(&file), Some(Image { flash_bytes: 1_020, ram_bytes: 300 }));
        assert_eq!(Image::parse(&file[..100]), None);
        assert_eq!(Image::parse(b"#!/bin/sh"), None);
    }
}
