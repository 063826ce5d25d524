//! The tables `[line.pads]` and `[[line.pad]]`: call pads that are polled on a serial line.

use hall_protocol::id::{ServiceId, WindowId};
use hall_signs::call_pad::{PadKey, PadSetup};

use crate::config::errors::words;
use crate::config::plan::Parts;
use crate::config::reader::Table;

/// Any byte.
const BYTE: std::ops::RangeInclusive<i64> = 0..=255;

/// Where a key may stand in an answer's data.
const KEY_AT: std::ops::RangeInclusive<i64> = 0..=252;

const KEYS: [(&str, PadKey); 6] = [
    ("next", PadKey::Next),
    ("recall", PadKey::Recall),
    ("no_show", PadKey::NoShow),
    ("finish", PadKey::Finish),
    ("pause", PadKey::Pause),
    ("transfer", PadKey::Transfer),
];

/// The call pads of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pads {
    /// How they speak.
    pub setup: PadSetup,
    /// The pads, in the file's order.
    pub pads: Vec<Pad>,
}

/// One call pad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pad {
    /// Its address on the line.
    pub address: u8,
    /// The window whose clerk presses it.
    pub window: WindowId,
    /// Where its transfer key sends a ticket.
    pub transfer_to: Option<ServiceId>,
}

/// Something is wrong with the pads, and has been reported.
#[derive(Debug)]
pub(super) struct Wrong;

/// The pads of the line, `None` if it has none.
pub(super) fn pads(line: &Table<'_>, parts: &Parts) -> Result<Option<Pads>, Wrong> {
    let setup = line.optional("pads", "{ poll = 0x5B, keys = { next = 0x01 } }");
    let tables = line.each("pad");
    let Some(setup) = setup else {
        if tables.is_empty() {
            return Ok(None);
        }
        line.wrong_key(
            "pads",
            words!("缺少此表", "this table is missing"),
            words!(
                "请在线路之下写 [line.pads]，含 poll 和 keys",
                "write [line.pads] below the line with poll and keys"
            ),
        );
        return Err(Wrong);
    };
    let setup = setup.table().and_then(|table| {
        let setup = speech(&table);
        table.finish();
        setup
    });
    if tables.is_empty() {
        let remedy = words!(
            "请在其下写 [[line.pad]]，或删去 [line.pads]",
            "write a [[line.pad]] below it, or remove [line.pads]"
        );
        line.wrong_key("pad", words!("这条线路上没有叫号器", "the line has no pad"), remedy);
        return Err(Wrong);
    }
    let mut taken = Vec::new();
    let pads = tables.iter().map(|table| {
        let pad = pad(table, parts, &mut taken);
        table.finish();
        pad
    });
    // Every pad is read, so that all of them are told what is wrong.
    let pads: Option<Vec<Pad>> = pads.collect::<Vec<_>>().into_iter().collect();
    match (setup, pads) {
        (Some(setup), Some(pads)) => Ok(Some(Pads { setup, pads })),
        _ => Err(Wrong),
    }
}

fn speech(table: &Table<'_>) -> Option<PadSetup> {
    let poll = table.required("poll", "0x5B").and_then(|value| value.small(&BYTE, "the byte that asks"));
    let reply = match table.optional("reply", "0xDB") {
        Some(value) => value.small(&BYTE, "the byte that answers").map(Some),
        None => Some(None),
    };
    let key_at = match table.optional("key_at", "0") {
        Some(value) => value.small::<usize>(&KEY_AT, "the place of the key in the answer's data"),
        None => Some(0),
    };
    let keys = table.required("keys", "{ next = 0x01, recall = 0x02 }").and_then(|value| {
        let table = value.table()?;
        let mut keys: Vec<(u8, PadKey)> = Vec::new();
        for (word, key) in KEYS {
            let Some(value) = table.optional(word, "0x01") else { continue };
            let byte = value.small(&BYTE, "the key's byte")?;
            if keys.iter().any(|(known, _)| *known == byte) {
                value.wrong(
                    words!("另一个键已用字节 {byte:#04x}", "another key has the byte {byte:#04x} already"),
                    words!(
                        "请按叫号器手册写此键的字节",
                        "write the byte that this key has in the pad's manual"
                    ),
                );
            }
            keys.push((byte, key));
        }
        table.finish();
        if keys.is_empty() {
            value.wrong(
                words!("没有任何键", "it has no key"),
                words!(
                    "请写，例如 keys = {{ next = 0x01, recall = 0x02 }}",
                    "write for instance keys = {{ next = 0x01, recall = 0x02 }}"
                ),
            );
        }
        Some(keys)
    });
    Some(PadSetup { poll: poll?, reply: reply?, key_at: key_at?, keys: keys? })
}

fn pad(table: &Table<'_>, parts: &Parts, taken: &mut Vec<u8>) -> Option<Pad> {
    let asked = table.required("address", "1");
    let address = asked.as_ref().and_then(|value| value.small(&BYTE, "an address"));
    if let (Some(value), Some(address)) = (&asked, address) {
        if taken.contains(&address) {
            value.wrong(
                words!(
                    "这条线路上另一个叫号器已用地址 {address}",
                    "another pad has address {address} on this line already"
                ),
                words!(
                    "请写此叫号器所设的地址；两个叫号器同一地址会同时应答",
                    "write the address this pad is set to; two pads with one would answer at the same time"
                ),
            );
        }
        taken.push(address);
    }
    let window = table.required("window", "\"1\"");
    let window = window.and_then(|value| parts.device_ids.refer(&value, "window"));
    let transfer_to = match table.optional("transfer_to", "\"tax\"") {
        Some(value) => parts.service_ids.refer(&value, "service").map(Some),
        None => Some(None),
    };
    Some(Pad { address: address?, window: window?, transfer_to: transfer_to? })
}
