//! How much flash and memory an image takes, read from its ELF file.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::elf::{Elf, Part};
use super::stack::Stack;

/// Where microcontrollers of the Cortex-M family have their RAM.
const RAM: std::ops::Range<u32> = 0x2000_0000..0x4000_0000;

/// What `cortex-m-rt` calls the end of the RAM that is left for the stack, and its begin.
const STACK: [&str; 2] = ["_stack_start", "_stack_end"];

/// An image's size.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) flash_bytes: u64,
    /// Without the stack.
    pub(crate) ram_bytes: u64,
    pub(crate) stack: Stack,
    /// What of the board's RAM is left for the stack.
    pub(crate) stack_room_bytes: u64,
}

impl Image {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&file).with_context(|| format!("{} cannot be measured", path.display()))
    }

    fn parse(file: &[u8]) -> Result<Self> {
        let elf = Elf::parse(file)?;
        let (flash_bytes, ram_bytes) = loaded(&elf.parts);
        let [top, end] = STACK.map(|name| elf.place(name));
        let room = top.zip(end).and_then(|(top, end)| top.checked_sub(end));
        let stack_room_bytes = room.context("the place of its stack has no name")?.into();
        Ok(Self { flash_bytes, ram_bytes, stack: Stack::of(&elf)?, stack_room_bytes })
    }
}

/// Bytes of flash and of RAM.
fn loaded(parts: &[Part]) -> (u64, u64) {
    let flash = parts.iter().map(|part| u64::from(part.kept_bytes)).sum();
    let in_ram = parts.iter().filter(|part| RAM.contains(&part.runs_at));
    (flash, in_ram.map(|part| u64::from(part.there_bytes)).sum())
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flash_bytes, ram_bytes, stack, stack_room_bytes } = self;
        let Stack { bytes, by_pointer, recursive } = stack;
        write!(
            f,
            "{flash_bytes} bytes of flash, {ram_bytes} of RAM without the stack; the stack takes at most {bytes} of \
             the {stack_room_bytes} that are left (read from its code, {by_pointer} calls through pointers"
        )?;
        if *recursive > 0 {
            write!(f, ", {recursive} functions that may call themselves counted once")?;
        }
        write!(f, ")")
    }
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
        assert_eq!(Elf::parse(&file).ok().map(|elf| loaded(&elf.parts)), Some((1_020, 300)));
        assert!(Elf::parse(&file[..100]).is_err());
        assert!(Elf::parse(b"#!/bin/sh").is_err());
    }
}
