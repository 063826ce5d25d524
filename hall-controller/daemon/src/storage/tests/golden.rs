//! Journals that earlier versions wrote, kept in the repository: each opens for ever, and gives the
//! hall it gave when it was written.
//!
//! A version's folder is written once, by `UPDATE_GOLDEN=1`, and never again.

pub(crate) mod eventful;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hall_core::Hall;
use hall_core::emergency::Emergencies;
use hall_core::event::Event;
use hall_core::view::HallView;
use hall_journal::JOURNAL_FILE;
use serde_json::{Value, json};

use self::eventful::eventful;
use crate::audit::verify_journal;
use crate::storage::{claim, recover, reread};

/// The version `eventful` is written as.
const NEWEST: &str = "v2";

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

/// What version 2 knew beside that.
fn known_since_2(hall: &Hall) -> Value {
    let view = HallView::of(hall, 0);
    let totals = hall.totals();
    json!({
        "appointments": hall.appointments().iter().collect::<Vec<_>>(),
        "leases": hall.lease_totals(),
        "totals": { "parked": totals.parked, "cancelled": totals.cancelled },
        "tickets": hall.tickets().map(|ticket| json!({
            "issued_for": ticket.issued_for,
            "claimed": ticket.claimed,
            "appointment": ticket.appointment,
            "matters": ticket.matters,
            "deferred": ticket.deferred,
            "standing": ticket.standing,
        })).collect::<Vec<_>>(),
        "windows": view.windows.iter().map(|window| json!({
            "parked": window.parked,
            "armed": window.armed,
            "clerk": window.clerk,
        })).collect::<Vec<_>>(),
        "given": view.services.iter().map(|service| service.given).collect::<Vec<_>>(),
        "emergencies": emergencies_of_2(&view.emergencies),
        "management": management_of_2(&view.management),
    })
}

/// The state had a text and since when, not yet who wanted it, which the journal had.
fn emergencies_of_2(emergencies: &Emergencies) -> Value {
    let mut told = serde_json::to_value(emergencies).unwrap();
    for (zone, _) in emergencies.all() {
        let emergency = match zone {
            Some(zone) => &mut told["zones"][zone.as_str()],
            None => &mut told["everywhere"],
        };
        let emergency = emergency.as_object_mut().unwrap();
        for key in ["client", "by", "reason"] {
            assert!(emergency.remove(key).is_some(), "{key} is known since");
        }
    }
    told
}

/// A proposal had one assessment then, that of its first effect, and was undone as a whole.
fn management_of_2(management: &impl serde::Serialize) -> Value {
    let mut management = serde_json::to_value(management).unwrap();
    for told in management["proposals"].as_array_mut().unwrap() {
        let told = told.as_object_mut().unwrap();
        told.remove("undone");
        let assessments = told.remove("assessments").unwrap();
        told.insert("assessment".into(), assessments[0][1].clone());
    }
    management
}

/// What a version wrote beside its journal, as the hall of that journal is now.
fn known_to(version: &str, hall: &Hall, seq: u64) -> Value {
    let mut all = known(hall, seq);
    if version != "v1" {
        all["since_2"] = known_since_2(hall);
    }
    all
}

#[test]
fn a_version_is_written_once() {
    let folder = journals().join(NEWEST);
    if std::env::var_os("UPDATE_GOLDEN").is_none() || folder.exists() {
        return;
    }
    let scribe = eventful();
    fs::create_dir_all(&folder).unwrap();
    let seq = scribe.write(&folder).len() as u64;
    for beside in ["journal.lock", "journal.sqlite3-shm", "journal.sqlite3-wal"] {
        let _ = fs::remove_file(folder.join(beside));
    }
    let text = serde_json::to_string_pretty(&known_to(NEWEST, &scribe.hall, seq)).unwrap();
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

        let recovered = recover(claim(directory.path()).unwrap(), "county".parse().unwrap()).unwrap();
        let name = version.file_name().unwrap().to_str().unwrap();
        assert_eq!(known_to(name, &recovered.hall, recovered.seq), expected, "{name}");
        assert_eq!(recovered.hall.violations(), Vec::<String>::new());
        recovered.writer.close().unwrap();
        assert!(verify_journal(directory.path(), None).unwrap().contains("whole"));
        versions += 1;
    }
    assert!(versions >= 2);
}

/// The kinds of events in the journal of a version.
fn kinds_in(version: &Path) -> BTreeSet<String> {
    let directory = tempfile::tempdir().unwrap();
    fs::copy(version.join(JOURNAL_FILE), directory.path().join(JOURNAL_FILE)).unwrap();
    let mut found = BTreeSet::new();
    reread(directory.path(), "county".parse().unwrap(), |stamped, _| {
        found.insert(stamped.event.name().to_owned());
    })
    .unwrap();
    found
}

#[test]
fn the_journal_of_version_1_has_every_event_of_version_1() {
    assert_eq!(kinds_in(&journals().join("v1")), KINDS_OF_V1.map(str::to_owned).into());
}

/// The kinds of events there are: what is none of them is refused with a list of all.
fn all_kinds() -> BTreeSet<String> {
    let listed = |unknown: Value| -> BTreeSet<String> {
        let refused = serde_json::from_value::<Event>(unknown).unwrap_err().to_string();
        refused.split('`').skip(1).step_by(2).filter(|kind| *kind != "?").map(str::to_owned).collect()
    };
    let mut all = listed(json!({ "kind": "?" }));
    assert!(all.remove("managed"));
    all.append(&mut listed(json!({ "kind": "managed", "what": "?" })));
    all
}

#[test]
fn every_kind_of_event_stands_in_the_journal_of_a_version() {
    let versions = fs::read_dir(journals()).unwrap().map(|version| version.unwrap().path());
    let written: BTreeSet<String> = versions.flat_map(|version| kinds_in(&version)).collect();
    let all = all_kinds();
    assert!(all.len() > 40, "{all:?}");
    let missing: Vec<_> = all.difference(&written).collect();
    assert!(
        missing.is_empty(),
        "{missing:?} stand in no journal under tests/journals: let them happen in golden/eventful.rs, count \
         NEWEST up, and run this test with UPDATE_GOLDEN=1"
    );
}
