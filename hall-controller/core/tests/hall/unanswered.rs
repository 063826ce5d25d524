//! A take whose answer was lost, so that its kiosk printed a number of its own: what the hall had given is
//! nobody's, and the journal says so of both.

use hall_core::command::{Command, Printed, UnansweredTake};
use hall_core::event::{Cause, Device, Event, HandIn, PressId, Rule};
use hall_core::ticket::TicketState;
use hall_protocol::payload::{Class, Key};

use crate::support::{DAY_MS, Desk, id, parts, parts_without, replayed};

/// A kiosk with numbers A996 to A999 takes a ticket and never hears of it; the request it made.
fn lost(desk: &mut Desk) -> UnansweredTake {
    let press = desk.next_press(Device::Kiosk(id("K1")));
    desk.give(&Command::Lease { press, age_ms: 0, service: id("social"), count: 4_u16.try_into().unwrap() })
        .unwrap();
    let command = desk.request("K1", "social");
    desk.give(&command).unwrap();
    let Command::Take { press: PressId { session, seq, .. }, .. } = command else { panic!("{command:?}") };
    UnansweredTake { session, seq }
}

/// The kiosk prints these five seconds later, each because a take was not answered, and hands them in.
fn handed_in(desk: &mut Desk, kiosk: &str, tickets: &[(&str, Option<UnansweredTake>)]) -> Vec<Event> {
    desk.wait(65_000);
    let printed = |(number, unanswered): &(&str, Option<UnansweredTake>)| Printed {
        number: id(number),
        age_ms: 60_000,
        class: Class::Ordinary,
        also: Vec::new(),
        unanswered: *unanswered,
    };
    let (press, day) = (desk.next_press(Device::Kiosk(id(kiosk))), desk.hall.day());
    let tickets = tickets.iter().map(printed).collect();
    let decision = desk.give(&Command::HandIn { press, age_ms: 0, day, tickets }).unwrap();
    decision.events.into_iter().map(|stamped| stamped.event).collect()
}

fn instead_of(events: &[Event]) -> Vec<Option<String>> {
    let issued = events.iter().filter_map(|event| match event {
        Event::Issued { instead_of, .. } => Some(instead_of.map(|number| number.to_string())),
        _ => None,
    });
    issued.collect()
}

fn cancelled(events: &[Event]) -> Vec<String> {
    let cancelled = events.iter().filter_map(|event| match event {
        Event::Cancelled { number, replaced_by: Some(by), reason: None, .. } => {
            Some(format!("{number}: {by}"))
        }
        _ => None,
    });
    cancelled.collect()
}

#[test]
fn a_ticket_nobody_has_is_cancelled_by_rule_and_both_name_each_other() {
    let mut desk = Desk::closed(parts());
    let take = lost(&mut desk);
    let events = handed_in(&mut desk, "K1", &[("A996", Some(take))]);
    assert_eq!(
        (cancelled(&events), instead_of(&events)),
        (vec!["A001: A996".into()], vec![Some("A001".into())])
    );
    assert!(matches!(events[1], Event::Issued { ahead: 0, .. }), "nobody is ahead: {events:?}");
    assert_eq!((desk.state("A001"), desk.state("A996")), (TicketState::Cancelled, TicketState::Waiting));
    let by_rule = |stamped: &&hall_core::event::Stamped| stamped.cause == Cause::Rule(Rule::UnansweredTake);
    assert_eq!(desk.journal.iter().filter(by_rule).count(), 1);
    let totals = desk.hall.totals();
    assert_eq!((totals.issued, totals.waiting, totals.cancelled), (2, 1, 1));
    desk.done("2", Key::Open);
    assert_eq!(desk.call("2").as_deref(), Some("A996"));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

/// The ticket the hall had given waits for the citizen of a paper that is refused, by the word of the refusal.
fn waits_as(events: &[Event]) -> Option<String> {
    let Some(Event::HandedIn(HandIn { refused, .. })) = events.last() else { panic!("{events:?}") };
    refused[0].waits_as.map(|number| number.to_string())
}

#[test]
fn of_a_paper_that_is_refused_the_citizen_keeps_the_place_and_the_refusal_names_it() {
    let mut desk = Desk::closed(parts());
    let take = lost(&mut desk);
    let (client, kiosk) = (id("city"), id("K1"));
    desk.give(&Command::WriteOff { client, kiosk, by: "li".into(), reason: "drowned".into() }).unwrap();
    let events = handed_in(&mut desk, "K1", &[("A996", Some(take))]);
    assert_eq!((cancelled(&events), instead_of(&events)), (vec![], vec![]));
    assert_eq!(waits_as(&events).as_deref(), Some("A001"));
    assert_eq!(desk.state("A001"), TicketState::Waiting);
    // Once it is called nothing waits.
    desk.done("2", Key::Open);
    desk.call("2");
    assert_eq!(waits_as(&handed_in(&mut desk, "K1", &[("A996", Some(take))])), None);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_paper_of_a_lease_that_a_plan_withdrew_comes_in_when_its_service_is_back() {
    let mut desk = Desk::closed(parts());
    let press = desk.next_press(Device::Kiosk(id("K1")));
    desk.give(&Command::Lease {
        press,
        age_ms: 0,
        service: id("property"),
        count: 4_u16.try_into().unwrap(),
    })
    .unwrap();
    desk.adopt(parts_without("property"));
    desk.adopt(parts());
    let command = desk.request("K1", "property");
    desk.give(&command).unwrap();
    let Command::Take { press: PressId { session, seq, .. }, .. } = command else { panic!("{command:?}") };
    let events = handed_in(&mut desk, "K1", &[("C996", Some(UnansweredTake { session, seq }))]);
    assert_eq!(
        (cancelled(&events), instead_of(&events)),
        (vec!["C001: C996".into()], vec![Some("C001".into())])
    );
    assert_eq!(desk.state("C996"), TicketState::Waiting);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn what_it_took_of_the_quotas_is_given_back_with_its_further_matters_and_once() {
    let mut parts = parts();
    for service in &mut parts.services {
        service.limits.daily_quota = Some(2);
        service.limits.morning_quota = Some(2);
        service.limits.afternoon_quota = Some(2);
    }
    let mut desk = Desk::closed(parts);
    let given = |desk: &Desk, service: &str| {
        let view = desk.view();
        let place = view.plan.service_index(id(service)).unwrap();
        let given = view.services[place].given;
        assert_eq!(given.day, given.morning + given.afternoon);
        given.day
    };
    let press = desk.next_press(Device::Kiosk(id("K1")));
    desk.give(&Command::Lease { press, age_ms: 0, service: id("social"), count: 2_u16.try_into().unwrap() })
        .unwrap();
    let press = desk.next_press(Device::Kiosk(id("K1")));
    let also = vec![id("tax")];
    let (service, class) = (id("social"), Class::Ordinary);
    desk.give(&Command::Take { press, age_ms: 0, service, class, also }).unwrap();
    let take = UnansweredTake { session: press.session, seq: press.seq };
    assert_eq!((given(&desk, "social"), given(&desk, "tax")), (1, 1));
    handed_in(&mut desk, "K1", &[("A998", Some(take))]);
    assert_eq!((given(&desk, "social"), given(&desk, "tax")), (1, 0), "A998 counts, A001 does not");
    handed_in(&mut desk, "K1", &[("A999", Some(take))]);
    assert_eq!(given(&desk, "social"), 2, "what is not there any more is not given back again");
    let command = desk.request("K1", "social");
    let refused = desk.refused_command(&command);
    assert!(matches!(refused, hall_core::refusal::Refusal::QuotaUsedUp { .. }), "{refused:?}");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn one_that_was_called_already_is_only_named() {
    let mut desk = Desk::open();
    let take = lost(&mut desk);
    desk.call("2");
    let events = handed_in(&mut desk, "K1", &[("A996", Some(take))]);
    assert_eq!((cancelled(&events), instead_of(&events)), (vec![], vec![Some("A001".into())]));
    assert_eq!(desk.hand("2").as_deref(), Some("A001"));
}

#[test]
fn a_take_the_hall_never_saw_or_of_another_kiosk_or_day_cancels_nothing() {
    let mut desk = Desk::closed(parts());
    let take = lost(&mut desk);
    let unseen = UnansweredTake { seq: take.seq + 7, ..take };
    let events = handed_in(&mut desk, "K1", &[("A996", Some(unseen)), ("A997", None)]);
    assert_eq!((cancelled(&events), instead_of(&events)), (vec![], vec![None, None]));
    let press = desk.next_press(Device::Kiosk(id("K2")));
    desk.give(&Command::Lease { press, age_ms: 0, service: id("social"), count: 2_u16.try_into().unwrap() })
        .unwrap();
    let events = handed_in(&mut desk, "K2", &[("A994", Some(take))]);
    assert_eq!((cancelled(&events), instead_of(&events)), (vec![], vec![None]), "it is not of this kiosk");
    assert_eq!(desk.state("A001"), TicketState::Waiting);
    desk.wait(DAY_MS);
    let yesterday = lost(&mut desk);
    let events = handed_in(&mut desk, "K1", &[("A996", Some(take))]);
    assert_eq!(cancelled(&events), Vec::<String>::new(), "{yesterday:?} is of today, {take:?} is not");
}

#[test]
fn a_take_is_answered_for_once_however_often_it_is_named() {
    let mut desk = Desk::closed(parts());
    let take = lost(&mut desk);
    let both = [("A996", Some(take)), ("A997", Some(take))];
    let events = handed_in(&mut desk, "K1", &both);
    assert_eq!((cancelled(&events).len(), instead_of(&events)), (1, vec![Some("A001".into()), None]));
    let again = handed_in(&mut desk, "K1", &both);
    assert_eq!(again.len(), 1, "all of it is in the queue: {again:?}");
}

#[test]
fn only_the_last_takes_of_a_kiosk_are_remembered() {
    let mut desk = Desk::closed(parts());
    let take = lost(&mut desk);
    for _ in 0..15 {
        desk.take("social");
    }
    let later = desk.hall.clone();
    let events = handed_in(&mut desk, "K1", &[("A996", Some(take))]);
    assert_eq!(cancelled(&events).len(), 1, "sixteen are");
    desk.hall = later;
    desk.take("social");
    let events = handed_in(&mut desk, "K1", &[("A996", Some(take))]);
    assert_eq!(cancelled(&events).len(), 0);
}

#[test]
fn an_armed_window_calls_the_printed_ticket_and_nobody_who_is_not_there() {
    let mut parts = parts();
    parts.policy.armed_next = true;
    let mut desk = Desk::closed(parts);
    let take = lost(&mut desk);
    desk.done("2", Key::Open);
    desk.call("2");
    desk.done("2", Key::Start);
    desk.call("2");
    assert!(desk.window("2").armed);
    let events = handed_in(&mut desk, "K1", &[("A996", Some(take))]);
    assert_eq!((cancelled(&events), desk.hand("2").as_deref()), (vec![], Some("A996")));
}
