//! Journals that earlier versions wrote, kept in the repository: each opens for ever, and gives the
//! hall it gave when it was written.
//!
//! A version's folder is written once, by `UPDATE_GOLDEN=1`, and never again.

pub(crate) mod eventful;
mod relieved;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hall_core::Hall;
use hall_core::emergency::Emergencies;
use hall_core::event::{
    CallReason, Errand, Event, ExpiryReason, LeaseEnd, RequeueReason, Rule, SignOffReason, Stamped,
    UnbookReason,
};
use hall_core::view::HallView;
use hall_journal::{ChainHash, JOURNAL_FILE, Record};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::eventful::eventful;
use self::relieved::relieved;
use crate::audit::verify_journal;
use crate::records;
use crate::storage::tests::scribe::Scribe;
use crate::storage::{claim, recover, reread};

/// The version `eventful` is written as.
///
/// It counts up with every new kind of event, and with every new value of an enumeration within one: a
/// controller that is older cannot read such a record, names it with what it does not know, and asks for the
/// version that wrote it or a newer one. A new field has a default and is no new version.
const NEWEST: &str = "v4";

type Played = fn() -> Scribe;

/// What is played for the journals of the newest version. A second one has what the first lets happen nowhere: a
/// journal that is written stays as it is.
const PLAYED: [(&str, Played); 2] = [(NEWEST, eventful), ("v3-relieved", relieved)];

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

/// And version 3: whole, what version 2 had in part.
fn known_since_3(hall: &Hall) -> Value {
    let view = HallView::of(hall, 0);
    json!({ "emergencies": view.emergencies, "management": view.management })
}

/// What a version wrote beside its journal, as the hall of that journal is now.
fn known_to(version: &str, hall: &Hall, seq: u64) -> Value {
    let mut all = known(hall, seq);
    if version != "v1" {
        all["since_2"] = known_since_2(hall);
    }
    if version != "v1" && version != "v2" {
        all["since_3"] = known_since_3(hall);
    }
    all
}

#[test]
fn a_version_is_written_once() {
    for (name, play) in PLAYED {
        let folder = journals().join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_none() || folder.exists() {
            continue;
        }
        let scribe = play();
        fs::create_dir_all(&folder).unwrap();
        let seq = scribe.write(&folder).len() as u64;
        for beside in ["journal.lock", "journal.sqlite3-shm", "journal.sqlite3-wal"] {
            let _ = fs::remove_file(folder.join(beside));
        }
        let text = serde_json::to_string_pretty(&known_to(name, &scribe.hall, seq)).unwrap();
        fs::write(folder.join("expected.json"), text + "\n").unwrap();
    }
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
    assert!(versions >= 5);
}

/// Hands every event in the journal of a version to `visit`.
fn for_each_event(version: &Path, mut visit: impl FnMut(&Stamped)) {
    let directory = tempfile::tempdir().unwrap();
    fs::copy(version.join(JOURNAL_FILE), directory.path().join(JOURNAL_FILE)).unwrap();
    reread(directory.path(), "county".parse().unwrap(), |stamped, _| visit(stamped)).unwrap();
}

fn versions() -> impl Iterator<Item = PathBuf> {
    fs::read_dir(journals()).unwrap().map(|version| version.unwrap().path())
}

/// The kinds of events in the journal of a version.
fn kinds_in(version: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for_each_event(version, |stamped| {
        found.insert(stamped.event.name().to_owned());
    });
    found
}

#[test]
fn the_journal_of_version_1_has_every_event_of_version_1() {
    assert_eq!(kinds_in(&journals().join("v1")), KINDS_OF_V1.map(str::to_owned).into());
}

/// What there is beside `unknown`, which is refused with a list of all.
fn known_beside<T: DeserializeOwned>(unknown: Value) -> BTreeSet<String> {
    let refused = serde_json::from_value::<T>(unknown).err().unwrap().to_string();
    refused.split('`').skip(1).step_by(2).filter(|name| *name != "?").map(str::to_owned).collect()
}

/// The kinds of events there are.
fn all_kinds() -> BTreeSet<String> {
    let mut all = known_beside::<Event>(json!({ "kind": "?" }));
    assert!(all.remove("managed"));
    all.append(&mut known_beside::<Event>(json!({ "kind": "managed", "what": "?" })));
    all
}

#[test]
fn every_kind_of_event_stands_in_the_journal_of_a_version() {
    let written: BTreeSet<String> = versions().flat_map(|version| kinds_in(&version)).collect();
    let all = all_kinds();
    assert!(all.len() > 40, "{all:?}");
    let missing: Vec<_> = all.difference(&written).collect();
    assert!(
        missing.is_empty(),
        "{missing:?} stand in no journal under tests/journals: let them happen in golden/eventful.rs, count \
         NEWEST up, and run this test with UPDATE_GOLDEN=1"
    );
}

/// A reason an event gives: of which kind of event, in which field, and the reason.
type Reason = (&'static str, &'static str, String);

/// Reasons that stand in no journal: the first of its kind is said by saying nothing, what is wrong with
/// tickets that are handed in is told of each, and the manager is a client by name since.
const NEVER_WRITTEN: [(&str, &str, &str); 3] =
    [("clerk_signed_off", "why", "asked"), ("refused", "errand", "hand_in"), ("cause", "rule", "manager")];

fn all_reasons() -> BTreeSet<Reason> {
    fn of<T: DeserializeOwned>(kind: &'static str, field: &'static str) -> impl Iterator<Item = Reason> {
        let all = known_beside::<T>(json!("?"));
        assert!(all.len() > 1, "{kind}, {field}: {all:?}");
        all.into_iter().map(move |reason| (kind, field, reason))
    }
    let mut all: BTreeSet<Reason> = of::<CallReason>("called", "why").collect();
    all.extend(of::<RequeueReason>("requeued", "why"));
    all.extend(of::<ExpiryReason>("expired", "why"));
    all.extend(of::<LeaseEnd>("lease_ended", "why"));
    all.extend(of::<SignOffReason>("clerk_signed_off", "why"));
    all.extend(of::<UnbookReason>("unbooked", "why"));
    all.extend(of::<Errand>("refused", "errand"));
    all.extend(of::<Rule>("cause", "rule"));
    for (kind, field, reason) in NEVER_WRITTEN {
        assert!(all.remove(&(kind, field, reason.to_owned())), "{kind}, {field}: {reason} is no more");
    }
    all
}

#[test]
fn every_reason_an_event_may_give_stands_in_the_journal_of_a_version() {
    let all = all_reasons();
    let mut missing = all.clone();
    let mut found = |kind: &str, value: &Value| {
        let object = value.as_object().into_iter().flatten();
        for (field, reason) in object {
            // A reason with details is an object with its name.
            let named = reason.as_object().and_then(|details| details.keys().next()).map(String::as_str);
            let Some(reason) = reason.as_str().or(named) else { continue };
            missing.retain(|it| (it.0, it.1, it.2.as_str()) != (kind, field.as_str(), reason));
        }
    };
    for version in versions() {
        for_each_event(&version, |stamped| {
            found(stamped.event.name(), &serde_json::to_value(&stamped.event).unwrap());
            found("cause", &serde_json::to_value(stamped.cause).unwrap());
        });
    }
    assert!(all.len() > 30, "{all:?}");
    assert!(missing.is_empty(), "{missing:#?} stand in no journal under tests/journals: see NEWEST");
}

/// What a controller says that is older than a reason, or a kind of event.
#[test]
fn what_only_a_newer_version_knows_is_refused_by_its_record_and_name_with_the_remedy() {
    for (kind, body) in [
        (
            "requeued",
            json!({ "kind": "requeued", "ticket": 1, "number": "A001", "window": "1", "why": "later" }),
        ),
        ("later", json!({ "kind": "later" })),
    ] {
        let record = Record {
            seq: 7,
            at_ms: 0,
            kind: kind.into(),
            cause: json!({ "rule": "day_began" }).to_string(),
            body: json!({ "event": body }).to_string(),
            hash: ChainHash::from_bytes([0; ChainHash::BYTES]),
        };
        let said = records::event(&record).unwrap_err().to_string();
        assert!(said.contains(&format!("record 7 ({kind})")) && said.contains("`later`"), "{said}");
        assert!(said.contains("install that version or a newer one"), "{said}");
    }
}
