//! Clerks sign on and off, and what came of a service.

use hall_core::command::{Command, Details};
use hall_core::event::{Cause, Event, Rule, SignOffReason};
use hall_core::plan::{Clerk, Name, Plan, PlanError, PlanParts};
use hall_core::refusal::Refusal;
use hall_protocol::id::ClerkId;
use hall_protocol::payload::{Key, ServiceOutcome};

use crate::support::{DAY_MS, Desk, GUARD_MS, id, parts, replayed};

fn sign_on(desk: &mut Desk, window: &str, clerk: &str) -> Command {
    let details = Details { clerk: Some(id(clerk)), ..Details::default() };
    desk.key_about(window, Key::SignOn, details, None)
}

fn signed_on(desk: &mut Desk, window: &str, clerk: &str) {
    let command = sign_on(desk, window, clerk);
    desk.tried(&command).unwrap();
}

/// The clerk of the last event.
fn last(desk: &Desk) -> Option<ClerkId> {
    desk.journal.last().unwrap().clerk
}

#[test]
fn every_event_of_a_window_names_the_clerk_signed_on() {
    let mut desk = Desk::open();
    signed_on(&mut desk, "2", "1042");
    assert_eq!(desk.window("2").clerk, Some(id("1042")));
    desk.refused("2", Key::Next);
    assert_eq!(last(&desk), Some(id("1042")), "also what was refused");
    desk.take("social");
    assert_eq!(last(&desk), None);
    desk.call("2");
    assert_eq!(last(&desk), Some(id("1042")));
    desk.done("1", Key::Pause);
    assert_eq!(last(&desk), None, "nobody is signed on there");
    desk.done("2", Key::SignOff);
    desk.done("2", Key::Recall);
    assert_eq!((last(&desk), desk.window("2").clerk), (None, None));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn another_clerk_takes_over_with_the_ticket_in_hand() {
    let mut desk = Desk::open();
    signed_on(&mut desk, "2", "1042");
    desk.take("social");
    desk.call("2");
    signed_on(&mut desk, "2", "1043");
    desk.done("2", Key::Finish);
    assert_eq!(last(&desk), Some(id("1043")));
}

#[test]
fn a_clerk_is_at_one_window_and_signs_on_by_number() {
    let mut desk = Desk::open();
    assert_eq!(desk.refused("2", Key::SignOn), Refusal::ClerkRequired);
    assert_eq!(desk.refused("2", Key::SignOff), Refusal::NobodySignedOn { window: id("2") });
    signed_on(&mut desk, "2", "1042");
    let command = sign_on(&mut desk, "1", "1042");
    let elsewhere = Refusal::ClerkElsewhere { clerk: id("1042"), window: id("2") };
    assert_eq!(desk.tried(&command), Err(elsewhere));
}

#[test]
fn a_window_that_closes_signs_its_clerk_off() {
    let mut desk = Desk::open();
    signed_on(&mut desk, "1", "1041");
    signed_on(&mut desk, "2", "1042");
    desk.done("1", Key::Close);
    assert_eq!((last(&desk), desk.window("1").clerk), (Some(id("1041")), None));
    desk.wait(DAY_MS);
    desk.take("social");
    assert_eq!(desk.window("2").clerk, None);
}

#[test]
fn the_journal_keeps_what_came_of_a_service_and_the_usual_costs_nothing() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    let details = Details { outcome: ServiceOutcome::MissingPapers, ..Details::default() };
    let command = desk.key_about("2", Key::Finish, details, Some("缺身份证复印件"));
    let events = desk.tried(&command).unwrap();
    let Event::Finished { outcome: ServiceOutcome::MissingPapers, reason, .. } = &events[1] else {
        panic!("{events:?}")
    };
    assert_eq!(reason.as_deref(), Some("缺身份证复印件"));
    desk.call("2");
    desk.done("2", Key::Finish);
    let usual = serde_json::to_string(desk.journal.last().unwrap()).unwrap();
    assert!(["outcome", "clerk", "reason"].iter().all(|costly| !usual.contains(costly)), "{usual}");
}

#[test]
fn the_reason_of_a_pick_is_not_said_of_the_ticket_it_finishes() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    desk.call("2");
    desk.wait(GUARD_MS);
    let events = desk.about("2", Key::Pick, "A002").unwrap();
    let said = |event: &Event| matches!(event, Event::Finished { reason: None, .. });
    assert!(events.iter().any(said), "{events:?}");
}

/// The hall of clerks 1042, for whom 1043 stands in; 1043; and 1044, who knows tax only.
fn with_clerks() -> PlanParts {
    let clerk = |badge: &str, services: &[&str], backup: Option<&str>| Clerk {
        id: id(badge),
        name: Name { zh: "王芳".into(), en: "Wang Fang".into() },
        services: services.iter().map(|service| id(service)).collect(),
        backup: backup.map(id),
    };
    let mut parts = parts();
    parts.clerks =
        vec![clerk("1042", &[], Some("1043")), clerk("1043", &[], None), clerk("1044", &["tax"], None)];
    parts
}

#[test]
fn a_hall_that_names_its_clerks_lets_only_them_sign_on_and_where_they_have_a_skill() {
    let mut desk = Desk::open();
    desk.adopt(with_clerks());
    let command = sign_on(&mut desk, "2", "1099");
    assert_eq!(desk.tried(&command), Err(Refusal::UnknownClerk { clerk: id("1099") }));
    let command = sign_on(&mut desk, "2", "1044");
    let unskilled = Refusal::ClerkUnskilled { clerk: id("1044"), window: id("2"), service: None };
    assert_eq!(desk.tried(&command), Err(unskilled));
    signed_on(&mut desk, "1", "1044");
}

#[test]
fn with_a_ticket_in_hand_only_the_backup_takes_over_and_the_journal_says_from_whom() {
    let mut desk = Desk::open();
    desk.adopt(with_clerks());
    signed_on(&mut desk, "1", "1042");
    desk.take("social");
    desk.call("1");
    let command = sign_on(&mut desk, "1", "1044");
    let no_backup = Refusal::NotBackup { clerk: id("1044"), of: id("1042") };
    assert_eq!(desk.tried(&command), Err(no_backup));
    let command = sign_on(&mut desk, "1", "1043");
    let events = desk.tried(&command).unwrap();
    assert!(matches!(&events[..], [Event::ClerkSignedOn { in_place_of: Some(of), .. }] if *of == id("1042")));
    desk.done("1", Key::Finish);
    signed_on(&mut desk, "1", "1044");
}

#[test]
fn nobody_signs_off_with_a_ticket_in_hand_so_that_only_the_backup_takes_it_over() {
    let mut desk = Desk::open();
    desk.adopt(with_clerks());
    signed_on(&mut desk, "1", "1042");
    desk.take("social");
    desk.call("1");
    let in_hand = Refusal::TicketInHand { number: id("A001") };
    assert_eq!(desk.refused("1", Key::SignOff), in_hand);
    assert_eq!(desk.window("1").clerk, Some(id("1042")));
    desk.done("1", Key::Park);
    desk.done("1", Key::SignOff);
    // Who has left the plan may go.
    signed_on(&mut desk, "1", "1042");
    desk.about("1", Key::Unpark, "A001").unwrap();
    let mut parts = with_clerks();
    parts.clerks.remove(0);
    desk.adopt(parts);
    desk.done("1", Key::SignOff);
}

#[test]
fn a_clerk_who_left_the_plan_binds_nobody() {
    let mut desk = Desk::open();
    desk.adopt(with_clerks());
    signed_on(&mut desk, "1", "1042");
    desk.take("social");
    desk.call("1");
    let mut parts = with_clerks();
    parts.clerks.remove(0);
    desk.adopt(parts);
    signed_on(&mut desk, "1", "1044");
}

#[test]
fn a_plan_of_clerks_is_checked() {
    let broken = |change: fn(&mut Clerk)| {
        let mut parts = with_clerks();
        change(&mut parts.clerks[0]);
        Plan::new(parts).unwrap_err()
    };
    let backup = |backup: &str| PlanError::Backup { clerk: id("1042"), backup: id(backup) };
    assert_eq!(broken(|clerk| clerk.backup = Some(id("1099"))), backup("1099"));
    assert_eq!(broken(|clerk| clerk.backup = Some(id("1042"))), backup("1042"));
    let unknown = PlanError::UnknownService { place: "clerk 1042".into(), service: id("fishing") };
    assert_eq!(broken(|clerk| clerk.services = vec![id("fishing")]), unknown);
    let twice = PlanError::DuplicateId { kind: "clerk", id: "1043".into() };
    assert_eq!(broken(|clerk| clerk.id = id("1043")), twice);
}

/// Window 1 is open with a clerk, window 2 is closed with one, and the day ends.
fn day_ended(keep_queue: bool) -> (Desk, Vec<hall_core::event::Stamped>) {
    let mut parts = parts();
    parts.policy.keep_queue_overnight = keep_queue;
    let mut desk = Desk::closed(parts);
    signed_on(&mut desk, "1", "1042");
    desk.done("1", Key::Open);
    signed_on(&mut desk, "2", "1043");
    desk.wait(DAY_MS);
    let events = desk.give(&Command::Tick).unwrap().events;
    (desk, events)
}

#[test]
fn who_is_still_signed_on_at_a_closed_window_when_the_day_ends_is_signed_off_by_rule() {
    for keep_queue in [false, true] {
        let (mut desk, events) = day_ended(keep_queue);
        let of_windows: Vec<_> = events
            .iter()
            .filter(|stamped| stamped.event.window().is_some())
            .map(|stamped| (stamped.event.clone(), stamped.cause, stamped.clerk))
            .collect();
        let by_rule = Cause::Rule(Rule::DayBegan);
        let (why, two) = (SignOffReason::DayEnded, id("2"));
        let signed_off = Event::ClerkSignedOff { window: two, clerk: id("1043"), why };
        assert_eq!(
            of_windows,
            [
                (Event::WindowClosed { window: id("1") }, by_rule, Some(id("1042"))),
                (signed_off, by_rule, Some(id("1043"))),
            ]
        );
        assert_eq!((desk.window("1").clerk, desk.window("2").clerk), (None, None));
        assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
        // In the morning each may be at the other's window.
        signed_on(&mut desk, "1", "1043");
        signed_on(&mut desk, "2", "1042");
    }
}
