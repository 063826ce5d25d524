//! A kiosk is lost for good, and somebody says so before the day ends.

use hall_core::answer::Answer;
use hall_core::command::{Command, Printed};
use hall_core::event::{Cause, Device, Event, LeaseEnd};
use hall_core::refusal::Refusal;
use hall_core::view::LeaseTotals;
use hall_protocol::payload::Class;

use crate::support::{Desk, id};

fn write_off(kiosk: &str, by: &str, reason: &str) -> Command {
    Command::WriteOff { client: id("city"), kiosk: id(kiosk), by: by.into(), reason: reason.into() }
}

fn lease(desk: &mut Desk, kiosk: &str, service: &str) -> Option<Answer> {
    let press = desk.next_press(Device::Kiosk(id(kiosk)));
    desk.give(&Command::Lease { press, age_ms: 0, service: id(service), count: 9_u16.try_into().unwrap() })
        .unwrap()
        .answer
}

fn hand_in(desk: &mut Desk, number: &str) -> Option<Answer> {
    let press = desk.next_press(Device::Kiosk(id("K1")));
    let tickets = vec![Printed {
        number: id(number),
        age_ms: 0,
        class: Class::Ordinary,
        also: Vec::new(),
        unanswered: None,
    }];
    let day = desk.hall.day();
    desk.give(&Command::HandIn { press, age_ms: 0, day, tickets }).unwrap().answer
}

#[test]
fn all_leases_of_a_lost_kiosk_end_with_who_said_so_and_why_and_everything_is_accounted_for() {
    let mut desk = Desk::open();
    for (kiosk, service) in [("K1", "social"), ("K1", "tax"), ("K2", "social")] {
        lease(&mut desk, kiosk, service);
    }
    hand_in(&mut desk, "A996");
    let done = desk.give(&write_off("K1", " 张三 ", "水浸报废")).unwrap();
    let why = LeaseEnd::WrittenOff { by: "张三".into(), reason: "水浸报废".into() };
    let ended = |service: &str, first: &str, handed_in, written_off| Event::LeaseEnded {
        kiosk: id("K1"),
        service: id(service),
        first: id(first),
        count: 4,
        handed_in,
        returned: 0,
        written_off,
        why: why.clone(),
    };
    let events: Vec<_> = done.events.iter().map(|stamped| stamped.event.clone()).collect();
    assert_eq!(events, [ended("social", "A996", 1, 3), ended("tax", "B996", 0, 4)]);
    assert!(done.events.iter().all(|stamped| stamped.cause == Cause::Client(id("city"))));
    assert_eq!(done.answer, Some(Answer::WrittenOff { kiosk: id("K1"), numbers: 7 }));
    let totals = LeaseTotals { leased: 10, handed_in: 1, returned: 0, written_off: 7 };
    assert_eq!(desk.hall.lease_totals(), totals, "the two of K2 are still out");

    // It was not lost after all: its papers are refused, and it gets new numbers, other ones.
    let over = Some(Refusal::LeaseOver { number: id("A997") });
    let Some(Answer::HandedIn { tickets }) = hand_in(&mut desk, "A997") else { panic!() };
    assert_eq!(tickets[0].refused, over);
    let again = hand_in(&mut desk, "A996");
    assert!(
        matches!(again, Some(Answer::HandedIn { tickets }) if tickets[0].refused.is_none()),
        "it had come in"
    );
    let new = lease(&mut desk, "K1", "social");
    assert!(matches!(new, Some(Answer::Leased { first, .. }) if first == id("A990")), "{new:?}");
}

#[test]
fn what_names_nobody_or_no_reason_or_a_kiosk_without_leases_leaves_no_trace() {
    let mut desk = Desk::open();
    lease(&mut desk, "K1", "social");
    let rows = desk.journal.len();
    for (command, refusal) in [
        (write_off("K1", " ", "报废"), Refusal::ReasonRequired),
        (write_off("K1", "张三", ""), Refusal::ReasonRequired),
        (write_off("K2", "张三", "报废"), Refusal::NothingLeased { kiosk: id("K2") }),
        (write_off("K9", "张三", "报废"), Refusal::NothingLeased { kiosk: id("K9") }),
    ] {
        assert_eq!(desk.give(&command).unwrap_err(), refusal);
    }
    assert_eq!(desk.journal.len(), rows);
    desk.give(&write_off("K1", "张三", "报废")).unwrap();
    let again = desk.give(&write_off("K1", "张三", "报废"));
    assert_eq!(again.unwrap_err(), Refusal::NothingLeased { kiosk: id("K1") }, "once is enough");
}
