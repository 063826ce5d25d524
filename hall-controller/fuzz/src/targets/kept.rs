//! Files beside the journal that somebody may have damaged, cut or exchanged: a kiosk's store, citizens' phones,
//! a client's token, a backup.

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use hall_controller::config::Config;
use hall_controller::devices::Wish;
use hall_controller::mqtt::device::store::KioskStore;
use hall_core::time::BusinessDay;
use hall_journal::{CONTACTS_FILE, Contacts, Head, JOURNAL_FILE, Journal, Whose, restore};
use hall_protocol::id::ServiceId;
use hall_protocol::payload::{Class, HandedIn, LeasedNumbers};
use tempfile::TempDir;

use super::files::{JOURNAL_WORDS, folder, golden, golden_heads};
use super::project;
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

const DAY: BusinessDay = BusinessDay::from_days(20_514);

fn social() -> Option<ServiceId> {
    "social".parse().ok()
}

/// Remove what is in a folder.
fn clear(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let _ = fs::remove_file(entry.path());
    }
}

struct KioskStores {
    folder: Option<TempDir>,
}

pub(super) fn kiosk_stores() -> Box<dyn Target> {
    Box::new(KioskStores { folder: folder() })
}

impl Target for KioskStores {
    /// The file as it is leased, while its numbers are printed, and after some were handed in.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let (Some(folder), Some(service)) = (folder(), social()) else { return Vec::new() };
        let path = folder.path().join("K1.leases");
        let mut seeds = Vec::new();
        let mut keep = || seeds.extend(fs::read(&path));
        let write = |keep: &mut dyn FnMut()| -> Option<()> {
            let mut store = KioskStore::open(&path).ok()?;
            let lease = LeasedNumbers { service, first: "A996".parse().ok()?, count: 4, day: DAY.days() };
            store.keep(&lease).ok()?;
            keep();
            let wish = |class, also| Wish { service, class, also };
            store
                .print(&wish(Class::Elderly, vec!["tax".parse().ok()?]), DAY, 1_772_416_800_000, None)
                .ok()?;
            store.print(&wish(Class::Ordinary, vec![]), DAY, 1_772_416_900_000, Some((7, 3))).ok()?;
            keep();
            let told = |number: &str, refused: Option<&str>| {
                Some(HandedIn { number: number.parse().ok()?, refused: refused.map(Into::into) })
            };
            store.handed_in(DAY, &[told("A996", None)?, told("A997", Some("lease_over"))?]).ok()?;
            store.stop(|_, _| true).ok()?;
            keep();
            Some(())
        };
        write(&mut keep);
        seeds
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "\"free\"",
            "\"handed_in\"",
            "\"refused\"",
            "\"returned\"",
            "\"spoilt\"",
            "{\"printed\":{\"at_ms\":1,\"class\":\"elderly\"}}",
            "\"unanswered\":[7,3]",
            "\"day\":20514",
            "\"A999\"",
            "\"social\"",
            "\n",
            " ",
            "\u{0}",
            "-9223372036854775808",
        ]
    }

    /// The kiosk starts with whatever there is; what it prints then it does not print again after a restart, and
    /// what it has to tell the hall comes to an end.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let folder = self.folder.as_ref().ok_or("no folder for files")?;
        clear(folder.path());
        let path = folder.path().join("K1.leases");
        let io = |why: std::io::Error| why.to_string();
        fs::write(&path, input).map_err(io)?;
        let service = social().ok_or("social is an id")?;
        let mut store = KioskStore::open(&path).map_err(io)?;
        let free = store.free(service, DAY);
        let wish = Wish { service, class: Class::Ordinary, also: Vec::new() };
        let printed = store.print(&wish, DAY, 5, None).map_err(io)?;
        if printed.is_some() != (free > 0) {
            return Err(format!("{free} numbers are free, and {printed:?} is printed"));
        }
        let mut store = KioskStore::open(&path).map_err(io)?;
        if store.free(service, DAY) != free.saturating_sub(1) {
            return Err(format!("{} of {free} are free after one was printed", store.free(service, DAY)));
        }
        let taken = if free > 0 || store.to_hand_in().is_some() { Accepted } else { Refused };
        let slots = input.len() / 256 + 1;
        for _ in 0..slots {
            let Some(told) = store.to_hand_in() else { break };
            let tickets = told.tickets.iter().map(|paper| HandedIn { number: paper.number, refused: None });
            store.handed_in(told.day, &tickets.collect::<Vec<_>>()).map_err(io)?;
        }
        store.stop(|_, _| true).map_err(io)?;
        for _ in 0..slots {
            let Some(end) = store.to_end() else { break };
            store.forget(end.day, end.first).map_err(io)?;
        }
        let left = KioskStore::open(&path).map_err(io)?;
        if left.to_hand_in().is_some() || left.to_end().is_some() || left.free(service, DAY) > 0 {
            return Err("the store does not come to an end".into());
        }
        Ok(taken)
    }
}

struct Phones {
    folder: Option<TempDir>,
}

pub(super) fn phones() -> Box<dyn Target> {
    Box::new(Phones { folder: folder() })
}

impl Target for Phones {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let Some(folder) = folder() else { return Vec::new() };
        let write = || {
            let mut contacts = Contacts::open(folder.path()).ok()?;
            for n in 0..40 {
                contacts.keep(DAY.days(), &format!("A{n:03}"), "13912345678").ok()?;
            }
            contacts
                .erase(Whose::Ticket { day: DAY.days(), number: "A007" }, Some("li"), "asked for")
                .ok()?;
            Some(())
        };
        write();
        fs::read(folder.path().join(CONTACTS_FILE)).into_iter().collect()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "SQLite format 3",
            "CREATE TABLE",
            "phone",
            "erasure",
            "STRICT",
            "A007",
            "\u{d}",
            "\u{5}",
            "\u{0}\u{0}\u{0}\u{1}",
        ]
    }

    /// The file is opened or refused in words; what it keeps after that it has, and what it erases it has not.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let folder = self.folder.as_ref().ok_or("no folder for files")?;
        clear(folder.path());
        fs::write(folder.path().join(CONTACTS_FILE), input).map_err(|why| why.to_string())?;
        let day = DAY.days();
        let used = || -> Result<[Option<String>; 2], hall_journal::ContactsError> {
            let mut contacts = Contacts::open(folder.path())?;
            contacts.phone(day, "A007")?;
            contacts.unrecorded(100)?;
            contacts.keep(day, "B999", "13800000000")?;
            let kept = contacts.phone(day, "B999")?;
            contacts.erase(Whose::Ticket { day, number: "B999" }, None, "the day is over")?;
            Ok([kept, contacts.phone(day, "B999")?])
        };
        match used() {
            Ok([Some(kept), None]) if kept == "13800000000" => Ok(Accepted),
            Ok(other) => Err(format!("a phone was kept and erased, and there was {other:?}")),
            Err(why) if why.to_string().is_empty() => Err("refused without a word".into()),
            Err(_) => Ok(Refused),
        }
    }
}

struct Tokens {
    folder: Option<TempDir>,
    config: String,
}

const TOKEN_FILE: &str = "city.token";

pub(super) fn tokens() -> Box<dyn Target> {
    let demo = fs::read_to_string(project("deploy/demo/hall.toml")).unwrap_or_default();
    let config = format!("{demo}\n[[client]]\nid = \"city\"\ntoken_file = \"{TOKEN_FILE}\"\n");
    Box::new(Tokens { folder: folder(), config })
}

impl Target for Tokens {
    fn seeds(&self) -> Vec<Vec<u8>> {
        [
            "0123456789abcdef0123456789abcdef\n",
            "0123456789abcdef",
            "0123456789abcdef\r\nmore\n",
            "short\n",
            "",
        ]
        .map(|text| text.as_bytes().to_vec())
        .into()
    }

    fn words(&self) -> &'static [&'static str] {
        &["\n", "\r\n", " ", "\u{0}", "\u{FEFF}", "é", "0123456789abcdef0123456789abcdef0123456789abcdef"]
    }

    /// A token is the file's first line, all of it, or the file is named with what is wrong.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let folder = self.folder.as_ref().ok_or("no folder for files")?;
        fs::write(folder.path().join(TOKEN_FILE), input).map_err(|why| why.to_string())?;
        match Config::parse(&self.config, &folder.path().join("hall.toml")) {
            Ok(config) => {
                let [client] = &config.clients[..] else { return Err("not the one client".into()) };
                let line = input.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                let same = client.token.shown().as_bytes() == line && line.len() >= 16;
                if same { Ok(Accepted) } else { Err("the token is not the file's first line".into()) }
            }
            Err(errors) => {
                let named = |error: &hall_controller::config::ConfigError| {
                    error.key.contains("token_file") && !error.problem.is_empty() && !error.remedy.is_empty()
                };
                match errors.errors().iter().find(|error| !named(error)) {
                    Some(error) => Err(format!("an error without its file or remedy: {error:?}")),
                    None => Ok(Refused),
                }
            }
        }
    }
}

struct Backups {
    folders: Option<(TempDir, TempDir)>,
    /// Of the golden journals.
    heads: Vec<Head>,
}

pub(super) fn backups() -> Box<dyn Target> {
    Box::new(Backups { folders: folder().zip(folder()), heads: golden_heads() })
}

impl Target for Backups {
    fn seeds(&self) -> Vec<Vec<u8>> {
        golden()
    }

    fn words(&self) -> &'static [&'static str] {
        JOURNAL_WORDS
    }

    /// A backup is put back as the journal it was, and opens; or nothing is left where it was to come.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let (from, to) = self.folders.as_ref().ok_or("no folders for files")?;
        clear(from.path());
        clear(to.path());
        let backup = from.path().join("backup.hall");
        fs::write(&backup, input).map_err(|why| why.to_string())?;
        match restore(&backup, to.path()) {
            Ok(report) if self.heads.contains(&report.head) => {
                let opened = Journal::open(to.path(), "county").map_err(|why| why.to_string())?;
                let replayed = opened.replay(|_| Ok::<(), Infallible>(())).map_err(|why| why.to_string())?;
                if replayed.head() == report.head {
                    Ok(Accepted)
                } else {
                    Err("another journal was put back".into())
                }
            }
            Ok(report) => Err(format!("another backup is whole: {} records", report.records)),
            Err(why) if why.to_string().is_empty() => Err("refused without a word".into()),
            Err(_) if to.path().join(JOURNAL_FILE).exists() => Err("refused, and there is a journal".into()),
            Err(_) => Ok(Refused),
        }
    }
}
