//! Journals that earlier versions wrote, kept in the repository: each opens for ever, and gives the
//! hall it gave when it was written.
//!
//! A version's folder is written once, by `UPDATE_GOLDEN=1`, and never again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hall_core::Hall;
use hall_core::view::HallView;
use hall_journal::JOURNAL_FILE;
use hall_protocol::payload::Key;
use serde_json::{Value, json};

use super::scribe::{Scribe, plan, smaller_plan};
use crate::audit::verify_journal;
use crate::storage::{recover, reread};

/// Event kinds of version 1; every one is in its journal.
const KINDS_OF_V1: [&str; 15] = [
    "plan_adopted",
    "day_began",
    "issued",
    "called",
    "recalled",
    "started",
    "finished",
    "missed",
    "requeued",
    "expired",
    "window_opened",
    "window_paused",
    "window_resumed",
    "window_closed",
    "refused",
];

fn journals() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

/// What must be the same for ever, as far as version 1 knew it; what later versions add stands
/// beside it.
fn known(hall: &Hall, seq: u64) -> Value {
    let view = HallView::of(hall, seq);
    json!({
        "records": seq,
        "at_ms": hall.at().unix_ms(),
        "day": hall.day(),
        "totals": known_totals(&serde_json::to_value(hall.totals()).unwrap()),
        "tickets": hall.tickets().map(|ticket| json!({
            "id": ticket.id,
            "number": ticket.number,
            "service": ticket.service,
            "class": ticket.class,
            "issued_at": ticket.issued_at,
            "called_at": ticket.called_at,
            "state": ticket.state,
        })).collect::<Vec<_>>(),
        "windows": view.windows.iter().map(|window| json!({
            "id": window.id,
            "label": window.label,
            "mode": window.mode,
            "reason": window.reason,
            "ticket": window.ticket,
            "waiting": window.waiting,
        })).collect::<Vec<_>>(),
        "calls": view.zones.iter().map(|zone| zone.calls.iter().map(|call| json!({
            "number": call.number,
            "window": call.window,
            "called_at": call.called_at,
            "recalls": call.recalls,
        })).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "services": view.services.iter().map(|service| json!({
            "waiting": service.waiting,
            "issued": service.issued,
        })).collect::<Vec<_>>(),
    })
}

fn known_totals(totals: &Value) -> Value {
    let names = ["issued", "waiting", "called", "serving", "finished", "missed", "expired"];
    names.iter().map(|name| ((*name).to_owned(), totals[name].clone())).collect()
}

/// Two days with everything in them that version 1 could do.
fn eventful() -> Scribe {
    let mut scribe = Scribe::new();
    scribe.adopt(plan());
    scribe.give(&hall_core::command::Command::Tick);
    for window in ["1", "2", "3"] {
        scribe.key(window, Key::Open);
    }
    for service in ["social", "tax", "social", "property", "tax", "social"] {
        scribe.take("K1", service);
    }
    scribe.take("K2", "tax");
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Recall);
    scribe.key("1", Key::Start);
    scribe.key("1", Key::Finish);
    scribe.key("1", Key::Next);
    scribe.key("1", Key::NoShow);
    scribe.key_because("3", Key::Pause, Some("午休"));
    scribe.key("3", Key::Resume);
    scribe.key("3", Key::Close);
    scribe.key("3", Key::Next);
    scribe.key("2", Key::Next);
    scribe.adopt(smaller_plan());
    scribe.wait_ms(86_400_000);
    scribe.give(&hall_core::command::Command::Tick);
    scribe.key("1", Key::Open);
    for service in ["social", "property", "social"] {
        scribe.take("K1", service);
    }
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Start);
    scribe
}

#[test]
fn a_version_is_written_once() {
    let folder = journals().join("v1");
    if std::env::var_os("UPDATE_GOLDEN").is_none() || folder.exists() {
        return;
    }
    let scribe = eventful();
    fs::create_dir_all(&folder).unwrap();
    let seq = scribe.write(&folder).len() as u64;
    for beside in ["journal.lock", "journal.sqlite3-shm", "journal.sqlite3-wal"] {
        let _ = fs::remove_file(folder.join(beside));
    }
    let text = serde_json::to_string_pretty(&known(&scribe.hall, seq)).unwrap();
    fs::write(folder.join("expected.json"), text + "\n").unwrap();
}

#[test]
fn journals_of_every_version_open_replay_verify_and_give_the_hall_they_gave() {
    let mut versions = 0;
    for version in fs::read_dir(journals()).unwrap() {
        let version = version.unwrap().path();
        let directory = tempfile::tempdir().unwrap();
        fs::copy(version.join(JOURNAL_FILE), directory.path().join(JOURNAL_FILE)).unwrap();
        let expected: Value =
            serde_json::from_slice(&fs::read(version.join("expected.json")).unwrap()).unwrap();

        let recovered = recover(directory.path(), "county".parse().unwrap()).unwrap();
        assert_eq!(known(&recovered.hall, recovered.seq), expected, "{}", version.display());
        assert_eq!(recovered.hall.violations(), Vec::<String>::new());
        recovered.writer.close().unwrap();
        assert!(verify_journal(directory.path(), None).unwrap().contains("whole"));
        versions += 1;
    }
    assert!(versions >= 1);
}

#[test]
fn the_journal_of_version_1_has_every_event_of_version_1() {
    let directory = tempfile::tempdir().unwrap();
    fs::copy(journals().join("v1").join(JOURNAL_FILE), directory.path().join(JOURNAL_FILE)).unwrap();
    let mut found = BTreeSet::new();
    reread(directory.path(), "county".parse().unwrap(), |stamped, _| {
        found.insert(stamped.event.name());
    })
    .unwrap();
    assert_eq!(found, BTreeSet::from(KINDS_OF_V1));
}
