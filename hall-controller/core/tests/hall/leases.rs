//! Kiosks when the line is down: numbers leased in advance, tickets printed from them and handed in
//! later, and what becomes of a kiosk that never comes back.

use hall_core::answer::{Answer, HandedIn};
use hall_core::command::{Command, Order, Printed};
use hall_core::event::{Device, Event, HandIn, LeaseEnd};
use hall_core::plan::{FourDigits, WeeklyHours};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::time::BusinessDay;
use hall_core::view::LeaseTotals;
use hall_protocol::payload::{Class, Key};

use crate::support::{DAY_MS, Desk, HOUR_MS, TEN_O_CLOCK, id, now, parts, parts_without, replayed, service};

const MINUTE_MS: i64 = 60_000;

fn lease(desk: &mut Desk, kiosk: &str, service: &str) -> Command {
    let press = desk.next_press(Device::Kiosk(id(kiosk)));
    Command::Lease { press, age_ms: 0, service: id(service), count: 20_u16.try_into().unwrap() }
}

/// Lease numbers that are given; the first and how many.
fn leased(desk: &mut Desk, kiosk: &str, service: &str) -> (String, u16) {
    let command = lease(desk, kiosk, service);
    match desk.give(&command).unwrap().answer {
        Some(Answer::Leased { first, count, day, .. }) if day == desk.hall.day() => {
            (first.to_string(), count)
        }
        other => panic!("{kiosk} {service}: {other:?}"),
    }
}

/// Tickets by their numbers and ages in minutes.
fn printed(tickets: &[(&str, u32)]) -> Vec<Printed> {
    let one = |(number, minutes): &(&str, u32)| Printed {
        number: id(number),
        age_ms: minutes * 60_000,
        class: Class::Ordinary,
        also: Vec::new(),
        unanswered: None,
    };
    tickets.iter().map(one).collect()
}

fn hand_in_of(desk: &mut Desk, kiosk: &str, day: BusinessDay, tickets: &[(&str, u32)]) -> Command {
    let press = desk.next_press(Device::Kiosk(id(kiosk)));
    Command::HandIn { press, age_ms: 0, day, tickets: printed(tickets) }
}

/// Hand in tickets of today; why each was refused, if it was.
fn hand_in(desk: &mut Desk, kiosk: &str, tickets: &[(&str, u32)]) -> Vec<Option<Refusal>> {
    let today = desk.hall.day();
    let command = hand_in_of(desk, kiosk, today, tickets);
    fates(desk.give(&command).unwrap().answer)
}

fn fates(answer: Option<Answer>) -> Vec<Option<Refusal>> {
    let Some(Answer::HandedIn { tickets }) = answer else { panic!("{answer:?}") };
    tickets.into_iter().map(|ticket| ticket.refused).collect()
}

fn end_lease(desk: &mut Desk, kiosk: &str, first: &str, unused: u16) -> Result<Vec<Event>, Refusal> {
    let press = desk.next_press(Device::Kiosk(id(kiosk)));
    let day = desk.hall.day();
    desk.tried(&Command::EndLease { press, age_ms: 0, day, first: id(first), unused })
}

fn totals(leased: u32, handed_in: u32, returned: u32, written_off: u32) -> LeaseTotals {
    LeaseTotals { leased, handed_in, returned, written_off }
}

#[test]
fn a_kiosk_is_told_how_many_it_is_given_of_those_it_asks_for() {
    let mut desk = Desk::open();
    let planned = desk.hall.plan().kiosk(id("K1")).unwrap().lease;
    for (asked, given) in [(1, 1), (300, planned)] {
        let press = desk.next_press(Device::Kiosk(id("K1")));
        let count = u16::try_into(asked).unwrap();
        let lease = Command::Lease { press, age_ms: 0, service: id("social"), count };
        let answer = desk.give(&lease).unwrap().answer;
        assert!(
            matches!(answer, Some(Answer::Leased { count, .. }) if count == given),
            "{asked}: {answer:?}"
        );
    }
    assert_eq!(desk.view().leases.leased, u32::from(planned) + 1, "a further lease comes on top");
}

#[test]
fn leases_come_from_the_end_of_the_numbers_and_the_hall_goes_on_from_the_beginning() {
    let mut desk = Desk::open();
    assert_eq!(desk.take("social").0, "A001");
    assert_eq!(leased(&mut desk, "K1", "social"), ("A996".into(), 4), "the plan gives no more than four");
    assert_eq!(leased(&mut desk, "K2", "social"), ("A994".into(), 2));
    assert_eq!(leased(&mut desk, "K1", "tax"), ("B996".into(), 4));
    assert_eq!(desk.take("social").0, "A002");
    assert_eq!(desk.view().leases, totals(10, 0, 0, 0));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn who_took_a_ticket_while_the_line_was_down_stands_where_it_was_printed() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    desk.take("social");
    // Ten minutes later one more at the other kiosk, which is not cut off.
    desk.wait(10 * MINUTE_MS);
    desk.take("social");
    // Handed in in any order: one between the two, one before both, one after them.
    desk.wait(10 * MINUTE_MS);
    desk.take("social");
    assert_eq!(hand_in(&mut desk, "K1", &[("A997", 15), ("A996", 20), ("A998", 5)]), [None, None, None]);
    let issued: Vec<_> = desk.journal.iter().rev().take(4).map(|stamped| stamped.event.clone()).collect();
    assert!(matches!(issued[0], Event::HandedIn(HandIn { taken: 3, ref refused, .. }) if refused.is_empty()));
    assert!(matches!(issued[1], Event::Issued { ahead: 4, number, .. } if number == id("A998")));
    assert!(matches!(issued[2], Event::Issued { ahead: 2, number, .. } if number == id("A997")));
    assert!(matches!(issued[3], Event::Issued { ahead: 1, number, printed_at: Some(at), .. }
        if number == id("A996") && at.unix_ms() == TEN_O_CLOCK));
    let called: Vec<_> = (0..6).filter_map(|_| desk.call("2")).collect();
    assert_eq!(called, ["A001", "A996", "A997", "A002", "A998", "A003"]);
}

#[test]
fn a_ticket_was_printed_after_its_lease_and_before_now_whatever_it_says() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.wait(MINUTE_MS);
    leased(&mut desk, "K1", "social");
    desk.wait(MINUTE_MS);
    assert_eq!(hand_in(&mut desk, "K1", &[("A996", 71_000), ("A997", 0)]), [None, None]);
    let issued_at = |number: &str| {
        let ticket = desk.hall.tickets().find(|ticket| ticket.number == id(number)).unwrap();
        (ticket.issued_at.unix_ms(), ticket.standing.unix_ms())
    };
    assert_eq!(issued_at("A996"), (TEN_O_CLOCK + MINUTE_MS, TEN_O_CLOCK + MINUTE_MS));
    assert_eq!(issued_at("A997").0, TEN_O_CLOCK + 2 * MINUTE_MS);
}

#[test]
fn the_age_of_the_request_comes_on_top_of_the_tickets() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    desk.wait(10 * MINUTE_MS);
    let today = desk.hall.day();
    let Command::HandIn { press, day, tickets, .. } = hand_in_of(&mut desk, "K1", today, &[("A996", 3)])
    else {
        unreachable!()
    };
    desk.give(&Command::HandIn { press, day, tickets, age_ms: 9_000 }).unwrap();
    let issued_at = desk.hall.tickets().next().unwrap().issued_at.unix_ms();
    assert_eq!(issued_at, TEN_O_CLOCK + 7 * MINUTE_MS - 9_000);
}

#[test]
fn a_hand_in_repeated_by_a_kiosk_that_forgot_it_has_the_same_answer_and_changes_nothing() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    desk.wait(MINUTE_MS);
    let today = desk.hall.day();
    let first = hand_in_of(&mut desk, "K1", today, &[("A996", 1), ("A300", 0)]);
    let told = desk.give(&first).unwrap();
    let not_leased = Some(Refusal::NotLeased { number: id("A300") });
    assert_eq!(fates(told.answer.clone()), [None, not_leased]);
    // The reply was lost; the same request again, also over a restart of the controller.
    desk.hall = replayed(id("county"), &desk.journal);
    let again = desk.give(&first).unwrap();
    assert_eq!((again.answer, again.repeated, again.events.len()), (told.answer.clone(), true, 0));
    // The kiosk itself was switched off, and hands in what its store has, with one more.
    desk.session = 2;
    let before = desk.hall.totals();
    let partly = hand_in_of(&mut desk, "K1", today, &[("A996", 2), ("A300", 1)]);
    let once_more = desk.give(&partly).unwrap();
    assert_eq!((once_more.answer, once_more.repeated), (told.answer, false));
    assert_eq!(desk.hall.totals(), before);
    assert_eq!(hand_in(&mut desk, "K1", &[("A996", 3), ("A997", 0)]), [None, None]);
    assert_eq!((desk.hall.totals().issued, desk.view().leases), (2, totals(4, 2, 0, 0)));
}

#[test]
fn a_ticket_handed_in_twice_at_once_comes_once_by_its_first_age() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    desk.wait(9 * MINUTE_MS);
    assert_eq!(hand_in(&mut desk, "K1", &[("A996", 2), ("A996", 8)]), [None, None]);
    assert_eq!(desk.hall.totals().issued, 1);
    assert_eq!(desk.hall.tickets().next().unwrap().issued_at.unix_ms(), TEN_O_CLOCK + 7 * MINUTE_MS);
}

#[test]
fn what_was_not_leased_to_the_kiosk_today_stays_out_and_keeps_nobody_else_out() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    leased(&mut desk, "K2", "social");
    assert_eq!(desk.take("social").0, "A001");
    let number = |text: &str| id(text);
    assert_eq!(
        hand_in(&mut desk, "K1", &[("A994", 0), ("A001", 0), ("A0996", 0), ("Z001", 0), ("A996", 0)]),
        [
            Some(Refusal::ForeignLease { number: number("A994") }),
            Some(Refusal::NotLeased { number: number("A001") }),
            Some(Refusal::NotLeased { number: number("A0996") }),
            Some(Refusal::NotLeased { number: number("Z001") }),
            None,
        ]
    );
    let Event::HandedIn(HandIn { taken, refused, .. }) = &desk.journal.last().unwrap().event else {
        panic!()
    };
    let named: Vec<_> = refused.iter().map(|HandedIn { number, .. }| number.to_string()).collect();
    assert_eq!((*taken, named), (1, ["A994", "A001", "A0996", "Z001"].map(String::from).to_vec()));
}

#[test]
fn yesterdays_tickets_are_refused_even_if_the_same_numbers_are_leased_today() {
    let mut desk = Desk::open();
    let yesterday = desk.hall.day();
    assert_eq!(leased(&mut desk, "K1", "social").0, "A996");
    desk.wait(DAY_MS);
    assert_eq!(leased(&mut desk, "K1", "social").0, "A996");
    let late = hand_in_of(&mut desk, "K1", yesterday, &[("A996", 1_440)]);
    let refused = [Some(Refusal::LeaseOfAnotherDay { number: id("A996") })];
    assert_eq!(fates(desk.give(&late).unwrap().answer), refused);
    assert_eq!(desk.hall.totals().issued, 0);
    assert_eq!(hand_in(&mut desk, "K1", &[("A996", 0)]), [None]);
    let before = hand_in_of(&mut desk, "K1", BusinessDay::from_days(i32::MIN), &[("A997", 0)]);
    assert!(fates(desk.give(&before).unwrap().answer)[0].is_some());
}

#[test]
fn the_hall_keeps_at_least_as_many_numbers_as_it_leases_and_they_never_meet() {
    let mut parts = parts();
    parts.kiosks[0].lease = 600;
    let mut desk = Desk::closed(parts);
    assert_eq!(leased(&mut desk, "K1", "tax"), ("B980".into(), 20));
    for _ in 0..979 {
        desk.take("tax");
    }
    let request = desk.request("K1", "tax");
    assert_eq!(desk.refused_command(&request).code(), "numbers_used_up");
    let more = lease(&mut desk, "K1", "tax");
    assert_eq!(desk.refused_command(&more).code(), "numbers_used_up");
    assert!(desk.view().services[1].used_up);
    // Whoever came while the line was down has a number all the same.
    assert_eq!(hand_in(&mut desk, "K1", &[("B980", 0)]), [None]);
}

#[test]
fn leases_and_numbers_stay_apart_when_a_prefix_changes_its_service_or_its_width() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "tax");
    // The letters of tax go to property, with four digits.
    let mut handed = parts();
    handed.services[1].prefix = id("T");
    handed.services[2].prefix = id("B");
    handed.services[2].digits = FourDigits(true);
    handed.services[2].hours = WeeklyHours::Always;
    desk.adopt(handed);
    assert_eq!(desk.take("property").0, "B0001");
    assert_eq!(leased(&mut desk, "K1", "property"), ("B0992".into(), 4), "below B996, which may be on paper");
    assert_eq!(hand_in(&mut desk, "K1", &[("B996", 0), ("B0992", 0)]), [None, None]);
    let service = |number: &str| {
        desk.hall.tickets().find(|ticket| ticket.number == id(number)).unwrap().service.to_string()
    };
    assert_eq!((service("B996"), service("B0992")), ("tax".into(), "property".into()));
}

#[test]
fn a_kiosk_leases_what_it_offers_and_the_plan_gives_it() {
    let mut desk = Desk::open();
    let unknown = lease(&mut desk, "K2", "tax");
    assert_eq!(desk.refused_command(&unknown), Refusal::UnknownService { service: id("tax") });
    let mut none = parts();
    none.kiosks[1].lease = 0;
    desk.adopt(none);
    let none = lease(&mut desk, "K2", "social");
    assert_eq!(desk.refused_command(&none), Refusal::NoLease { kiosk: id("K2") });
    // One that forgets its leases gets three, and no more that day.
    for first in ["A996", "A992", "A988"] {
        assert_eq!(leased(&mut desk, "K1", "social"), (first.into(), 4));
    }
    let fourth = lease(&mut desk, "K1", "social");
    assert_eq!(desk.refused_command(&fourth), Refusal::LeasedEnough { service: id("social") });
    assert_eq!(leased(&mut desk, "K1", "tax").1, 4, "of another service it has none yet");
    hand_in(&mut desk, "K1", &[("A996", 0)]);
    assert_eq!(leased(&mut desk, "K1", "social"), ("A984".into(), 4), "it has accounted for one");
    desk.wait(DAY_MS);
    assert_eq!(leased(&mut desk, "K1", "social"), ("A996".into(), 4));
}

#[test]
fn a_lease_given_back_is_accounted_for_to_the_last_number() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    hand_in(&mut desk, "K1", &[("A996", 0)]);
    // One was printed and its paper jammed: neither returned nor handed in.
    let ended = end_lease(&mut desk, "K1", "A996", 2).unwrap();
    let [Event::LeaseEnded { count: 4, handed_in: 1, returned: 2, written_off: 1, ref why, .. }] = ended[..]
    else {
        panic!("{ended:?}")
    };
    assert_eq!((why, desk.view().leases), (&LeaseEnd::Returned, totals(4, 1, 2, 1)));
    assert_eq!(end_lease(&mut desk, "K1", "A996", 2), Err(Refusal::LeaseOver { number: id("A996") }));
    let over = Some(Refusal::LeaseOver { number: id("A997") });
    assert_eq!(hand_in(&mut desk, "K1", &[("A997", 0), ("A996", 0)]), [over, None]);
    // Its numbers do not come back that day.
    assert_eq!(leased(&mut desk, "K1", "social").0, "A992");
    for (first, refusal) in [
        ("A993", Refusal::NotLeased { number: id("A993") }),
        ("A001", Refusal::NotLeased { number: id("A001") }),
    ] {
        assert_eq!(end_lease(&mut desk, "K1", first, 0), Err(refusal));
    }
    assert_eq!(end_lease(&mut desk, "K2", "A992", 0), Err(Refusal::ForeignLease { number: id("A992") }));
    // A word that cannot be true is taken for what can.
    let ended = end_lease(&mut desk, "K1", "A992", u16::MAX).unwrap();
    assert!(matches!(ended[..], [Event::LeaseEnded { returned: 4, written_off: 0, .. }]), "{ended:?}");
}

#[test]
fn a_kiosk_lost_for_good_is_written_off_when_the_day_ends() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    leased(&mut desk, "K2", "social");
    hand_in(&mut desk, "K1", &[("A996", 0), ("A997", 0)]);
    end_lease(&mut desk, "K1", "A996", 2).unwrap();
    desk.wait(DAY_MS);
    let events = desk.give(&Command::Tick).unwrap().events;
    let ended: Vec<_> = events
        .iter()
        .filter_map(|stamped| match &stamped.event {
            Event::LeaseEnded { kiosk, handed_in, returned, written_off, why, .. } => {
                Some((kiosk.to_string(), *handed_in, *returned, *written_off, why.clone()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(ended, [("K2".into(), 0, 0, 2, LeaseEnd::DayEnded)]);
    assert!(events.iter().all(|stamped| stamped.cause.press().is_none()));
    assert_eq!(desk.view().leases, totals(0, 0, 0, 0));
}

#[test]
fn a_plan_without_the_kiosk_or_the_service_ends_their_leases() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    leased(&mut desk, "K1", "property");
    leased(&mut desk, "K2", "social");
    let mut fewer = parts_without("property");
    fewer.kiosks.pop();
    let events = desk.adopt(fewer);
    let firsts: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::LeaseEnded { first, why: LeaseEnd::Withdrawn, .. } => Some(first.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(firsts, ["A994", "C996"]);
    assert_eq!(hand_in(&mut desk, "K1", &[("C996", 0)]), [Some(Refusal::LeaseOver { number: id("C996") })]);
    assert_eq!(hand_in(&mut desk, "K1", &[("A996", 0)]), [None]);
    desk.adopt(parts());
    assert_eq!(leased(&mut desk, "K1", "property").0, "C992", "C996 may be on paper");
    // The kiosk had no line, and knows of none of this. Its citizens are served, since their service is there again.
    let before = desk.view().leases;
    assert_eq!(hand_in(&mut desk, "K1", &[("C997", 0)]), [None]);
    assert_eq!(desk.state("C997"), TicketState::Waiting);
    let LeaseTotals { leased, handed_in, returned, written_off } = before;
    assert_eq!(desk.view().leases, totals(leased, handed_in + 1, returned, written_off - 1));
    assert_eq!(end_lease(&mut desk, "K1", "C996", 2), Err(Refusal::LeaseOver { number: id("C996") }));
}

#[test]
fn an_armed_window_calls_whoever_is_handed_in_first_by_print() {
    let mut parts = parts();
    parts.policy.armed_next = true;
    let mut desk = Desk::closed(parts);
    desk.done("2", Key::Open);
    leased(&mut desk, "K1", "social");
    desk.wait(MINUTE_MS);
    desk.done("2", Key::Next);
    desk.wait(MINUTE_MS);
    assert_eq!(hand_in(&mut desk, "K1", &[("A997", 0), ("A996", 1)]), [None, None]);
    assert_eq!(desk.hand("2"), Some("A996".into()));
    assert_eq!(desk.state("A997"), TicketState::Waiting);
}

#[test]
fn a_class_is_granted_as_if_the_line_had_been_up_and_nobody_is_sent_away_for_it() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "social");
    leased(&mut desk, "K2", "social");
    let day = desk.hall.day();
    for (kiosk, tickets) in [
        ("K1", vec![("A996", Class::Elderly)]),
        ("K2", vec![("A994", Class::Elderly), ("A995", Class::Pregnant)]),
    ] {
        let press = desk.next_press(Device::Kiosk(id(kiosk)));
        let one = |(number, class)| Printed {
            number: id(number),
            age_ms: 0,
            class,
            also: Vec::new(),
            unanswered: None,
        };
        let tickets = tickets.into_iter().map(one).collect();
        desk.give(&Command::HandIn { press, age_ms: 0, day, tickets }).unwrap();
    }
    let class = |number: &str| {
        let ticket = desk.hall.tickets().find(|ticket| ticket.number == id(number)).unwrap();
        (ticket.class, ticket.claimed)
    };
    assert_eq!(class("A996"), (Class::Elderly, None));
    assert_eq!(class("A994"), (Class::Ordinary, Some(Class::Elderly)), "the staff confirms it");
    assert_eq!(class("A995"), (Class::Ordinary, None));
}

#[test]
fn a_printed_ticket_keeps_its_further_matters_and_nobody_is_sent_away_for_one_too_many() {
    let mut parts = parts();
    parts.services.push(service("trade", "D", "east"));
    parts.windows[1].services.push(id("trade"));
    let mut desk = Desk::closed(parts);
    leased(&mut desk, "K1", "social");
    // Itself, twice the same, one nobody knows, one its kiosk does not give, and two that are right.
    let also = ["social", "tax", "tax", "nothing", "trade", "property"].map(id).to_vec();
    let ticket = Printed { also, ..printed(&[("A996", 5)]).remove(0) };
    let (press, day) = (desk.next_press(Device::Kiosk(id("K1"))), desk.hall.day());
    let command = Command::HandIn { press, age_ms: 0, day, tickets: vec![ticket] };
    assert_eq!(fates(desk.give(&command).unwrap().answer), [None]);
    let issued = desk.journal.iter().rev().find_map(|stamped| match &stamped.event {
        Event::Issued { also, .. } => Some(also.clone()),
        _ => None,
    });
    assert_eq!(issued, Some(vec![id("tax"), id("property")]));
    let view = desk.view();
    let given = |service: &str| view.services[view.plan.service_index(id(service)).unwrap()].given.day;
    assert_eq!(["social", "tax", "property", "trade"].map(given), [1, 1, 1, 0]);
    // One after the other, on one number.
    for window in ["1", "3"] {
        desk.done(window, Key::Open);
        assert_eq!(desk.call(window).as_deref(), Some("A996"));
        desk.done(window, Key::Finish);
    }
    assert_eq!(desk.hall.waiting(id("property")), 1);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn hours_bind_no_ticket_that_is_on_paper() {
    let mut desk = Desk::open();
    leased(&mut desk, "K1", "property");
    desk.wait(8 * HOUR_MS);
    assert!(desk.view().offer(id("property"), now(desk.wall_ms)).is_err(), "it is closed by now");
    assert_eq!(hand_in(&mut desk, "K1", &[("C996", 90)]), [None]);
}

#[test]
fn no_number_is_leased_that_hours_a_stop_or_a_quota_leave_nobody() {
    let mut parts = parts();
    let property = parts.services.iter_mut().find(|service| service.id == id("property")).unwrap();
    property.limits.daily_quota = Some(4);
    let mut desk = Desk::closed(parts);
    desk.take("property");
    assert_eq!(leased(&mut desk, "K1", "property"), ("C997".into(), 3), "one of four is given");
    let refused = |desk: &mut Desk, kiosk: &str, service: &str| {
        let command = lease(desk, kiosk, service);
        desk.refused_command(&command)
    };
    let full = refused(&mut desk, "K1", "property");
    assert!(matches!(full, Refusal::QuotaUsedUp { half: None, opens: Some(_), .. }), "{full:?}");
    desk.order(Order::StopIssuing { service: id("tax") }).unwrap();
    let stopped = refused(&mut desk, "K1", "tax");
    assert!(matches!(stopped, Refusal::OutsideHours { .. }), "{stopped:?}");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
    let mut desk = Desk::open();
    desk.wait(8 * HOUR_MS);
    let over = refused(&mut desk, "K1", "property");
    assert!(
        matches!(over, Refusal::OutsideHours { opens: Some(opens), .. } if opens.in_days > 0),
        "{over:?}"
    );
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_kiosk_the_plan_does_not_know_leases_nothing_and_a_pad_neither() {
    let mut desk = Desk::open();
    let command = lease(&mut desk, "K9", "social");
    assert_eq!(desk.give(&command), Err(Refusal::UnknownKiosk { kiosk: id("K9") }));
    let (press, day) = (desk.next_press(Device::Pad(id("1"))), desk.hall.day());
    for command in [
        Command::Lease { press, age_ms: 0, service: id("social"), count: 1_u16.try_into().unwrap() },
        Command::HandIn { press, age_ms: 0, day, tickets: Vec::new() },
        Command::EndLease { press, age_ms: 0, day, first: id("A996"), unused: 0 },
    ] {
        assert_eq!(desk.give(&command), Err(Refusal::OutOfOrder));
    }
}
