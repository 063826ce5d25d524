//! How deep the stack of an image can get, read from its machine code: each function's own share, and the
//! longest way through the calls.
//!
//! A bound, not a measurement. Interrupts come on top, each once, as if all came at the deepest point. A call
//! through a pointer may go to any function whose address stands in the image. What it cannot see is how
//! often a function calls itself by way of others, and code outside the image, as in a chip's ROM: the first
//! is counted once and said.

mod graph;
mod thumb;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use self::graph::Graph;
use self::thumb::Does;
use super::elf::{Elf, Symbol, half, word};

/// What the processor puts on the stack for an interrupt: eight registers, and four bytes if the stack stood
/// between two double words (ARMv7-M Architecture Reference Manual, B1.5.6).
const INTERRUPT_BYTES: u64 = 36;

/// What `cortex-m-rt` calls the table of interrupts, which has a section of its own.
const VECTORS: &str = "__vector_table";

/// How deep the stack can get, and what is not known of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stack {
    pub(crate) bytes: u64,
    /// Calls through a pointer, taken to go to the deepest function there is a pointer to.
    pub(crate) by_pointer: usize,
    /// Functions that may call themselves, directly or by way of others, counted once each.
    pub(crate) recursive: usize,
}

impl Stack {
    pub(crate) fn of(elf: &Elf<'_>) -> Result<Self> {
        let functions = functions(elf)?;
        let table = elf.place(VECTORS).context("its table of interrupts has no name")?;
        let vectors = elf.at(table).unwrap_or_default().chunks_exact(4).filter_map(|bytes| word(bytes, 0));
        let vectors: Vec<u32> = vectors.collect();
        let graph = Graph::of(&functions, &pointers(elf, &functions, table))?;
        // The stack's top, and where it begins.
        let [_, reset, interrupts @ ..] = &vectors[..] else { bail!("its table of interrupts is empty") };
        let depth =
            |vector: u32| graph.depth(vector & !1).with_context(|| format!("no function at {vector:#x}"));
        let mut bytes = depth(*reset)?;
        for interrupt in interrupts.iter().filter(|vector| **vector != 0).collect::<BTreeSet<_>>() {
            bytes += depth(*interrupt)? + INTERRUPT_BYTES;
        }
        let by_pointer = functions.values().map(|function| function.by_pointer).sum();
        Ok(Self { bytes, by_pointer, recursive: graph.recursive() })
    }
}

/// What of a function matters here.
#[derive(Debug, Default)]
struct Function {
    /// Where its code ends.
    end: u32,
    /// Bytes it takes of the stack itself.
    own: u64,
    /// Where it goes.
    to: BTreeSet<u32>,
    /// How often it goes where a pointer says.
    by_pointer: usize,
    /// Addresses it forms in registers.
    addresses: BTreeSet<u32>,
}

/// Begin and end of code and of constants among it, as the assembler marks them: `$t`, `$d`.
struct Marks {
    is_data: BTreeMap<u32, bool>,
}

impl Marks {
    fn of(elf: &Elf<'_>) -> Self {
        let mark = |symbol: &Symbol<'_>| match symbol.name.get(..2)? {
            "$d" => Some((symbol.address, true)),
            "$t" => Some((symbol.address, false)),
            _ => None,
        };
        Self { is_data: elf.symbols.iter().filter_map(mark).collect() }
    }

    fn is_data(&self, address: u32) -> bool {
        self.is_data.range(..=address).next_back().is_some_and(|(_, is_data)| *is_data)
    }
}

/// All functions by their address.
fn functions(elf: &Elf<'_>) -> Result<BTreeMap<u32, Function>> {
    let marks = Marks::of(elf);
    let named = elf.symbols.iter().filter(|symbol| symbol.is_function);
    let bounds: BTreeMap<u32, (u32, &str)> = named
        .map(|symbol| (symbol.address & !1, ((symbol.address & !1) + symbol.bytes, symbol.name)))
        .collect();
    let read = |(begin, (end, name)): (&u32, &(u32, &str))| {
        let function = function(elf, &marks, *begin, *end);
        Ok((*begin, function.with_context(|| format!("the stack of {name} cannot be told"))?))
    };
    bounds.iter().map(read).collect()
}

fn function(elf: &Elf<'_>, marks: &Marks, begin: u32, end: u32) -> Result<Function> {
    let mut function = Function { end, ..Function::default() };
    let mut registers: BTreeMap<u8, u32> = BTreeMap::new();
    let mut at = begin;
    while at < end {
        if marks.is_data(at) {
            at += 2;
            continue;
        }
        let code = elf.at(at).and_then(|rest| Some((half(rest, 0)?, half(rest, 2).unwrap_or_default())));
        let (first, second) = code.with_context(|| format!("there is no code at {at:#x}"))?;
        match thumb::does(at, first, second) {
            Does::Grows(bytes) => function.own += u64::from(bytes),
            Does::MovedBy(register) => {
                let by = registers.get(&register).with_context(|| format!("a moved stack at {at:#x}"))?;
                // Up again at the end, by a positive number.
                function.own += u64::from(by.cast_signed().min(0).unsigned_abs());
            }
            Does::GoesTo(to) if !(begin..end).contains(&to) => drop(function.to.insert(to)),
            Does::GoesByPointer => function.by_pointer += 1,
            Does::Loads(register, from) => {
                let loaded = elf.at(from).and_then(|rest| word(rest, 0));
                registers.insert(register, loaded.unwrap_or_default());
            }
            Does::LowerHalf(register, half) => drop(registers.insert(register, half.into())),
            Does::UpperHalf(register, half) => {
                let lower = registers.entry(register).or_default();
                *lower = *lower & 0xFFFF | u32::from(half) << 16;
                function.addresses.insert(*lower);
            }
            Does::GoesTo(_) | Does::Else => {}
        }
        at += 2 * thumb::halfwords(first);
    }
    Ok(function)
}

/// The functions of which the address stands somewhere: in constants, or formed by code.
fn pointers(elf: &Elf<'_>, functions: &BTreeMap<u32, Function>, vectors: u32) -> BTreeSet<u32> {
    let others = elf.sections.iter().filter(|section| section.address != vectors);
    let constants =
        others.flat_map(|section| section.bytes.chunks_exact(4).filter_map(|bytes| word(bytes, 0)));
    let formed = functions.values().flat_map(|function| function.addresses.iter().copied());
    let is_function = |address: &u32| address & 1 == 1 && functions.contains_key(&(address & !1));
    constants.chain(formed).filter(is_function).map(|address| address & !1).collect()
}
