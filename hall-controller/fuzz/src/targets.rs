//! The parsers, one file for each way into the process.
//!
//! | where bytes come from | targets |
//! |---|---|
//! | the broker | `topic`, `payload`, `message`; in a device `device-link` |
//! | a sign's line | `frame`, `sign-message`, `run-length`, `bus`, `answers`, `echo`, `speed`, `serial-pad` |
//! | a sign's line, at its far end | `sign`, `far-end`, `device-sign` |
//! | HTTP | `web`, `api`; to a command that asks the controller `called` |
//! | the data directory | `event`, `state`, `snapshot-file`, `journal-file`, `kiosk-store`, `phone-file` |
//! | files people write or mail | `config`, `token-file`, `template`, `sheet`, `scenario`, `capture`, `backup-file` |
//! | what people type | `command-line`, `hex`, `decode` |
//! | a device's memory | `device-settings`, `device-store` |

mod called;
mod devices;
mod files;
mod kept;
mod lines;
mod mqtt;
mod signs;
mod texts;
mod vendors;
mod web;

use std::path::{Path, PathBuf};

use crate::{Named, Taken, Target};

/// All of them.
pub const TARGETS: [Named; 36] = [
    Named { name: "topic", says: "MQTT topics, ids and ticket numbers", make: || Box::new(mqtt::Topics) },
    Named { name: "payload", says: "each JSON payload of the wire", make: || Box::new(mqtt::Payloads) },
    Named { name: "message", says: "a whole MQTT message as the gateway takes it", make: mqtt::messages },
    Named {
        name: "frame",
        says: "bytes of a sign line: frames, both ways",
        make: || Box::new(signs::Frames),
    },
    Named {
        name: "sign-message",
        says: "what good frames say, both ways",
        make: || Box::new(signs::Messages),
    },
    Named { name: "run-length", says: "coded pixels", make: || Box::new(signs::RunLengths) },
    Named { name: "sign", says: "what a virtual sign hears", make: signs::emulator },
    Named { name: "bus", says: "what a line's host hears", make: signs::bus },
    Named {
        name: "decode",
        says: "recorded bytes of a line of each protocol",
        make: || Box::new(vendors::Decoders),
    },
    Named {
        name: "answers",
        says: "what signs of each protocol answer",
        make: || Box::new(vendors::Answers),
    },
    Named { name: "echo", says: "what an adapter gives back of one's own", make: || Box::new(lines::Echoes) },
    Named {
        name: "speed",
        says: "what comes while a card's speed is looked for",
        make: || Box::new(lines::Speeds),
    },
    Named {
        name: "far-end",
        says: "what emulated displays of each protocol hear",
        make: || Box::new(lines::FarEnds),
    },
    Named { name: "serial-pad", says: "what call pads on a serial line answer", make: vendors::pads },
    Named {
        name: "template",
        says: "a display's frame out of its manual",
        make: || Box::new(vendors::Templates),
    },
    Named { name: "hex", says: "bytes as people write them", make: || Box::new(vendors::Hex) },
    Named {
        name: "device-link",
        says: "what a broker says to a device's own MQTT client",
        make: || Box::new(devices::Link),
    },
    Named { name: "device-sign", says: "what a sign's firmware hears", make: || Box::new(devices::Line) },
    Named {
        name: "device-settings",
        says: "the page of flash that says which device it is",
        make: || Box::new(devices::Pages),
    },
    Named {
        name: "device-store",
        says: "the memory in which a kiosk keeps its leases",
        make: || Box::new(devices::Leases),
    },
    Named { name: "sheet", says: "a list of appointments", make: || Box::new(texts::Sheets) },
    Named { name: "scenario", says: "a scenario for the simulator", make: || Box::new(texts::Scenarios) },
    Named { name: "config", says: "hall.toml", make: || Box::new(texts::Configuration) },
    Named { name: "capture", says: "recordings of a sign's line", make: || Box::new(texts::Recordings) },
    Named {
        name: "command-line",
        says: "what is typed after hall-controller",
        make: || Box::new(texts::CommandLine),
    },
    Named { name: "event", says: "rows of the journal, applied to a hall", make: || Box::new(files::Rows) },
    Named { name: "state", says: "the state in a snapshot", make: || Box::new(files::States) },
    Named {
        name: "kiosk-store",
        says: "the file in which a kiosk that is a page keeps its numbers",
        make: kept::kiosk_stores,
    },
    Named { name: "phone-file", says: "the file of citizens' phones", make: kept::phones },
    Named { name: "token-file", says: "a client's token", make: kept::tokens },
    Named { name: "backup-file", says: "a backup that is put back", make: kept::backups },
    Named { name: "snapshot-file", says: "a snapshot's file", make: files::snapshots },
    Named { name: "journal-file", says: "a journal's file, opened and verified", make: files::journals },
    Named {
        name: "web",
        says: "requests to the web pages: lines, headers, paths, queries, bodies",
        make: web::pages,
    },
    Named {
        name: "api",
        says: "requests of programs with a token: bookings, lists, orders, signs, emergencies",
        make: web::programs,
    },
    Named {
        name: "called",
        says: "what answers a command on the controller's port",
        make: called::controllers,
    },
];

/// A file of the project.
fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn json_of(path: &Path) -> serde_json::Value {
    let text = std::fs::read(path).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// All texts under this key, however deep.
fn texts_of(value: &serde_json::Value, key: &str, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str() {
                    Some(text) if name == key => into.push(text.to_owned()),
                    _ => texts_of(field, key, into),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts_of(item, key, into)),
        _ => {}
    }
}

/// What the files of a folder of vectors have under this key.
fn vectors(folder: &str, key: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let files = std::fs::read_dir(project("protocol/vectors").join(folder));
    let mut paths: Vec<PathBuf> =
        files.into_iter().flatten().filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        texts_of(&json_of(path), key, &mut texts);
    }
    texts
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A parser that breaks on an exclamation mark before a nine, with something behind it.
pub(crate) struct Planted;

impl Target for Planted {
    fn seeds(&self) -> Vec<Vec<u8>> {
        vec![b"say nothing of 17 oxen".to_vec(), b"!".to_vec()]
    }

    fn words(&self) -> &'static [&'static str] {
        &["9", "!"]
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let broken = input.windows(3).any(|three| three.starts_with(b"!9"));
        assert!(!broken, "the planted defect");
        Ok(Taken::Accepted)
    }
}
