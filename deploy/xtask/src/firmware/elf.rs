//! An image's ELF file, as far as sizes and stacks need it: what is loaded, where code lies, and its names.

use anyhow::{Context, Result};

/// A part that is loaded.
const PT_LOAD: u32 = 1;

/// A section of symbols.
const SHT_SYMTAB: u32 = 2;

/// A section without bytes in the file.
const SHT_NOBITS: u32 = 8;

/// A section that is in the board's memory when it runs.
const SHF_ALLOC: u32 = 2;

/// A symbol that names a function.
const STT_FUNC: u8 = 2;

/// Places in a 32-bit ELF file's heading.
mod heading {
    pub(super) const PROGRAM_HEADINGS: usize = 28;
    pub(super) const SECTION_HEADINGS: usize = 32;
    pub(super) const PROGRAM_HEADING_BYTES: usize = 42;
    pub(super) const PROGRAM_HEADING_COUNT: usize = 44;
    pub(super) const SECTION_HEADING_BYTES: usize = 46;
    pub(super) const SECTION_HEADING_COUNT: usize = 48;
}

/// A part of an image that is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where it is when the image runs.
    pub(crate) runs_at: u32,
    /// Bytes that are kept in flash.
    pub(crate) kept_bytes: u32,
    /// Bytes that are there when it runs.
    pub(crate) there_bytes: u32,
}

/// What stands in a board's memory, at an address.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    pub(crate) address: u32,
    pub(crate) bytes: &'a [u8],
}

/// A name of a place. Of a function's address the lowest bit is set, which says that it is Thumb code.
#[derive(Debug)]
pub(crate) struct Symbol<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: u32,
    pub(crate) bytes: u32,
    pub(crate) is_function: bool,
}

/// A 32-bit little-endian ELF file.
#[derive(Debug)]
pub(crate) struct Elf<'a> {
    pub(crate) parts: Vec<Part>,
    pub(crate) sections: Vec<Section<'a>>,
    pub(crate) symbols: Vec<Symbol<'a>>,
}

impl<'a> Elf<'a> {
    pub(crate) fn parse(file: &'a [u8]) -> Result<Self> {
        Self::read(file).context("it is no whole 32-bit ELF file")
    }

    fn read(file: &'a [u8]) -> Option<Self> {
        file.starts_with(b"\x7fELF\x01\x01").then_some(())?;
        let parts = table(
            file,
            heading::PROGRAM_HEADINGS,
            heading::PROGRAM_HEADING_BYTES,
            heading::PROGRAM_HEADING_COUNT,
        )?;
        // Kind, offset, address where it runs, address where it is kept, bytes kept, bytes there.
        let parts = parts.into_iter().filter(|at| word(file, *at) == Some(PT_LOAD)).map(|at| {
            let field = |number: usize| word(file, at + number * 4);
            Some(Part { runs_at: field(2)?, kept_bytes: field(4)?, there_bytes: field(5)? })
        });
        let parts = parts.collect::<Option<Vec<_>>>()?;

        let headings = table(
            file,
            heading::SECTION_HEADINGS,
            heading::SECTION_HEADING_BYTES,
            heading::SECTION_HEADING_COUNT,
        )?;
        let (mut sections, mut symbols) = (Vec::new(), Vec::new());
        for at in &headings {
            // Name, kind, flags, address, offset, bytes, the section it belongs to.
            let field = |number: usize| word(file, at + number * 4);
            let (kind, flags) = (field(1)?, field(2)?);
            if kind == SHT_SYMTAB {
                let strings = headings.get(usize::try_from(field(6)?).ok()?)?;
                symbols = named(content(file, *at)?, content(file, *strings)?)?;
            } else if flags & SHF_ALLOC != 0 && kind != SHT_NOBITS {
                sections.push(Section { address: field(3)?, bytes: content(file, *at)? });
            }
        }
        Some(Self { parts, sections, symbols })
    }

    /// What stands at `address`, up to the end of its section.
    pub(crate) fn at(&self, address: u32) -> Option<&'a [u8]> {
        self.sections.iter().find_map(|section| {
            let offset = usize::try_from(address.checked_sub(section.address)?).ok()?;
            section.bytes.get(offset..).filter(|rest| !rest.is_empty())
        })
    }

    /// The place that has this name.
    pub(crate) fn place(&self, name: &str) -> Option<u32> {
        self.symbols.iter().find(|symbol| symbol.name == name).map(|symbol| symbol.address)
    }
}

/// Where the entries of a table of headings begin.
fn table(file: &[u8], begin: usize, bytes: usize, count: usize) -> Option<Vec<usize>> {
    let begin = usize::try_from(word(file, begin)?).ok()?;
    let (bytes, count) = (usize::from(half(file, bytes)?), usize::from(half(file, count)?));
    Some((0..count).map(|index| begin + index * bytes).collect())
}

/// The bytes of the section with its heading there.
fn content(file: &[u8], heading: usize) -> Option<&[u8]> {
    let field = |number: usize| word(file, heading + number * 4).and_then(|word| usize::try_from(word).ok());
    file.get(field(4)?..)?.get(..field(5)?)
}

fn named<'a>(table: &'a [u8], strings: &'a [u8]) -> Option<Vec<Symbol<'a>>> {
    // Name, address and bytes in four bytes each, then what it is.
    let symbols = table.chunks_exact(16).map(|symbol| {
        let name = strings.get(usize::try_from(word(symbol, 0)?).ok()?..)?.split(|byte| *byte == 0).next()?;
        Some(Symbol {
            name: std::str::from_utf8(name).ok()?,
            address: word(symbol, 4)?,
            bytes: word(symbol, 8)?,
            is_function: symbol[12] & 0xF == STT_FUNC,
        })
    });
    symbols.collect()
}

pub(crate) fn word(file: &[u8], at: usize) -> Option<u32> {
    file.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

pub(crate) fn half(file: &[u8], at: usize) -> Option<u16> {
    file.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}
