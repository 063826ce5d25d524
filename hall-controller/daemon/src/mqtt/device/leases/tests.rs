//! What a kiosk asks when: decided by its store, its plan and the time, without a hall.

use hall_core::time::HallTime;
use hall_protocol::payload::{Class, HandedIn, LeasedNumbers};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde_json::json;
use tempfile::TempDir;

use super::*;

const DAY: BusinessDay = BusinessDay::from_days(20_514);

/// A kiosk that leases eight numbers of tax, always open, and of social, open from 9 to 17.
fn own(directory: &TempDir) -> OwnNumbers {
    own_with(directory, &json!([{ "from_minute": 540, "until_minute": 1_020 }]))
}

/// The same, with these hours of social.
fn own_with(directory: &TempDir, hours: &serde_json::Value) -> OwnNumbers {
    let named = json!({ "zh": "名", "en": "name" });
    let service = |id: &str, prefix: &str, hours: serde_json::Value| {
        json!({
            "id": id, "name": named, "prefix": prefix, "digits": false, "zone": "A", "hours": hours,
            "target_minutes": 15
        })
    };
    let plan: Plan = serde_json::from_value(json!({
        "hall": "county", "name": named,
        "zones": [{ "id": "A", "name": named }],
        "services": [service("tax", "B", json!([])), service("social", "A", hours.clone())],
        "windows": [{ "id": "1", "label": "1", "services": ["tax", "social"] }],
        "kiosks": [{ "id": "K1", "services": ["tax", "social"], "lease": 8 }],
        "policy": {}
    }))
    .unwrap();
    let clock = Clock::new(TimeZone::UTC, Time::midnight());
    let kiosk = plan.kiosks()[0].clone();
    OwnNumbers::new(kiosk, Arc::new(plan), clock, directory.path().join("K1.leases"))
}

fn at(minute: u16) -> Now {
    Now { at: HallTime::from_unix_ms(5), day: DAY, minute }
}

fn lease(service: &str, first: &str, count: u16) -> LeasedNumbers {
    let (service, first) = (service.parse().unwrap(), first.parse().unwrap());
    LeasedNumbers { service, first, count, day: DAY.days() }
}

fn print(store: &mut KioskStore, service: &str) -> String {
    let wish = Wish { service: service.parse().unwrap(), class: Class::Ordinary, also: Vec::new() };
    store.print(&wish, DAY, 5, None).unwrap().unwrap().to_string()
}

#[test]
fn it_leases_what_is_open_and_running_low_and_was_not_refused_lately() {
    let directory = TempDir::new().unwrap();
    let own = own(&directory);
    let mut store = KioskStore::open(&own.path).unwrap();
    let wants = |store: &mut KioskStore, minute: u16, barred: &[&str]| {
        let barred: Vec<ServiceId> = barred.iter().map(|id| id.parse().unwrap()).collect();
        match own.chore(store, at(minute), false, &barred).unwrap() {
            Some(Chore::Lease(service)) => Some(service.to_string()),
            None => None,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(wants(&mut store, 600, &[]), Some("tax".into()));
    assert_eq!(wants(&mut store, 600, &["tax"]), Some("social".into()));
    assert_eq!(wants(&mut store, 500, &["tax"]), None, "social is closed");
    store.keep(&lease("tax", "B990", 4)).unwrap();
    assert_eq!(wants(&mut store, 600, &["social"]), None);
    print(&mut store, "tax");
    store.handed_in(DAY, &[HandedIn { number: "B990".parse().unwrap(), refused: None }]).unwrap();
    assert_eq!(wants(&mut store, 600, &["social"]), None, "three are more than a quarter of eight");
    print(&mut store, "tax");
    store.handed_in(DAY, &[HandedIn { number: "B991".parse().unwrap(), refused: None }]).unwrap();
    assert_eq!(wants(&mut store, 600, &["social"]), Some("tax".into()));
}

#[test]
fn before_anything_else_it_hands_in_and_then_gives_back_what_it_may_not_print_any_more() {
    let directory = TempDir::new().unwrap();
    let own = own(&directory);
    let mut store = KioskStore::open(&own.path).unwrap();
    store.keep(&lease("social", "A990", 8)).unwrap();
    assert_eq!(print(&mut store, "social"), "A990");
    // The service has closed.
    let Some(Chore::HandIn(ToHandIn { tickets, .. })) = own.chore(&mut store, at(1_020), false, &[]).unwrap()
    else {
        panic!("it has a ticket to hand in")
    };
    assert_eq!(tickets.len(), 1);
    store.handed_in(DAY, &[HandedIn { number: tickets[0].number, refused: None }]).unwrap();
    let first = "A990".parse().unwrap();
    let end = Some(Chore::End(ToEnd { day: DAY, first, unused: 7 }));
    assert_eq!(own.chore(&mut store, at(1_020), false, &[]).unwrap(), end);
    // It stays so over a restart, also when the service opens again, until the hall has heard of it.
    let mut store = KioskStore::open(&own.path).unwrap();
    assert_eq!(own.chore(&mut store, at(600), false, &[]).unwrap(), end);
    store.forget(DAY, first).unwrap();
    assert_eq!(
        own.chore(&mut store, at(1_020), false, &[]).unwrap(),
        Some(Chore::Lease("tax".parse().unwrap()))
    );
}

#[test]
fn before_the_day_ends_everything_goes_back_and_nothing_is_leased() {
    let directory = TempDir::new().unwrap();
    let own = own(&directory);
    let mut store = KioskStore::open(&own.path).unwrap();
    store.keep(&lease("tax", "B990", 8)).unwrap();
    let first = "B990".parse().unwrap();
    let end = Some(Chore::End(ToEnd { day: DAY, first, unused: 8 }));
    assert_eq!(own.chore(&mut store, at(1_436), true, &[]).unwrap(), end);
    store.forget(DAY, first).unwrap();
    assert_eq!(own.chore(&mut store, at(1_436), true, &[]).unwrap(), None);
}

#[test]
fn yesterdays_lease_is_forgotten_since_the_hall_has_accounted_for_it() {
    let directory = TempDir::new().unwrap();
    let own = own(&directory);
    let mut store = KioskStore::open(&own.path).unwrap();
    store.keep(&lease("tax", "B990", 8)).unwrap();
    let tomorrow = Now { day: BusinessDay::from_days(DAY.days() + 1), ..at(600) };
    let barred: Vec<ServiceId> = ["tax", "social"].map(|id| id.parse().unwrap()).into();
    assert_eq!(own.chore(&mut store, tomorrow, false, &barred).unwrap(), None);
    assert_eq!((store.to_end(), store.free("tax".parse().unwrap(), DAY)), (None, 0));
}

#[test]
fn over_the_break_for_lunch_it_keeps_its_numbers_and_gives_them_back_when_the_service_closes() {
    let directory = TempDir::new().unwrap();
    let hours = json!([
        { "from_minute": 540, "until_minute": 720 },
        { "from_minute": 810, "until_minute": 1_020 }
    ]);
    let own = own_with(&directory, &hours);
    let mut store = KioskStore::open(&own.path).unwrap();
    store.keep(&lease("social", "A990", 8)).unwrap();
    let tax = ["tax".parse().unwrap()];
    let mut chore = |minute| own.chore(&mut store, at(minute), false, &tax).unwrap();
    assert_eq!([chore(719), chore(720), chore(809), chore(810)], [None, None, None, None]);
    let first = "A990".parse().unwrap();
    assert_eq!(chore(1_020), Some(Chore::End(ToEnd { day: DAY, first, unused: 8 })));
}
