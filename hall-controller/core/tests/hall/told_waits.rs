//! What is told fits what is there: no more than all the work before a ticket, the hours of the windows, and
//! who is expected to be called first.

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::estimate::Estimate;
use hall_core::event::Device;
use hall_core::plan::{Balance, Hours, PlanParts, Routing};
use hall_core::ticket::TicketState;
use hall_core::view::{Stage, TicketView};
use hall_protocol::payload::{Class, Key};

use crate::support::{Desk, HOUR_MS, TEN_O_CLOCK, id, now, parts, slot};

const NOON: i64 = TEN_O_CLOCK + 2 * HOUR_MS;

/// One window for a service of ten minutes, social, and one of two, tax; by index, with reviews.
fn long_and_short() -> PlanParts {
    let mut parts = parts();
    parts.policy.routing = Routing::ServiceLevel;
    parts.policy.balance = Balance::Advise;
    parts.services[0].usual_seconds = Some(600);
    parts.services[1].usual_seconds = Some(120);
    parts
}

/// What those who wait are told, with their numbers.
fn told(desk: &Desk) -> Vec<(String, Estimate)> {
    let waiting = desk.hall.tickets().filter(|ticket| ticket.state == TicketState::Waiting);
    waiting
        .map(|ticket| {
            let estimate = desk.hall.estimate_of(ticket.id, now(desk.wall_ms)).unwrap();
            (ticket.number.to_string(), estimate)
        })
        .collect()
}

#[test]
fn after_a_burst_at_the_opening_nobody_is_told_more_than_all_the_work_there_is() {
    let mut desk = Desk::closed(long_and_short());
    desk.done("1", Key::Open);
    desk.tick(1);
    (0..5).for_each(|_| drop(desk.take("social")));
    (0..6).for_each(|_| drop(desk.take("tax")));
    desk.done("1", Key::Next);
    for _ in 0..4 {
        let work_minutes: u32 = desk
            .hall
            .tickets()
            .filter(|ticket| ticket.state == TicketState::Waiting)
            .map(|ticket| if ticket.service == id("social") { 10 } else { 2 })
            .sum::<u32>()
            + 10;
        for (number, estimate) in told(&desk) {
            let (median, p90) = (estimate.median_seconds / 60, estimate.p90_seconds / 60);
            assert!(median <= work_minutes, "{number}: {median} min of {work_minutes}");
            assert!(p90 <= 2 * work_minutes, "{number}: {p90} min of {work_minutes}");
        }
        desk.tick(3);
    }
}

#[test]
fn one_more_ahead_costs_about_what_that_one_takes() {
    let mut desk = Desk::closed(long_and_short());
    desk.done("1", Key::Open);
    desk.tick(1);
    (0..2).for_each(|_| drop(desk.take("social")));
    (0..3).for_each(|_| drop(desk.take("tax")));
    desk.done("1", Key::Next);
    desk.tick(6);
    let newcomer =
        |desk: &Desk| desk.hall.estimate(id("social"), Class::Ordinary, now(desk.wall_ms)).unwrap();
    for _ in 0..4 {
        let before = newcomer(&desk);
        desk.take("social");
        let after = newcomer(&desk);
        let more = after.median_seconds - before.median_seconds;
        assert!((300..=1_200).contains(&more), "{before:?} became {after:?}");
    }
}

/// Window 2, alone, with these hours.
fn with_hours(hours: &[(u16, u16)]) -> Desk {
    let mut parts = parts();
    let hours = hours.iter().map(|(from, until)| Hours { from_minute: *from, until_minute: *until });
    parts.windows[1].hours = hours.collect::<Vec<_>>().into();
    let mut desk = Desk::closed(parts);
    desk.done("2", Key::Open);
    desk
}

#[test]
fn in_a_break_whose_end_is_known_the_wait_of_the_first_is_until_then() {
    for (minutes_before, from, to) in [(2, 2, 3), (5, 5, 6), (60, 60, 70)] {
        let mut desk = with_hours(&[(540, 720), (810, 1_020)]);
        desk.wall_ms = NOON;
        desk.give(&Command::Tick).unwrap();
        desk.wall_ms = NOON + (90 - minutes_before) * 60_000;
        desk.take("social");
        let minutes = told(&desk).remove(0).1.minutes();
        assert_eq!((minutes.from_minutes, minutes.to_minutes), (from, to), "{minutes_before} minutes before");
    }
}

#[test]
fn who_waits_over_a_lunch_just_before_closing_has_a_wait_to_be_told() {
    let mut desk = with_hours(&[(540, 720), (722, 723)]);
    desk.take("social");
    desk.take("social");
    desk.wall_ms = NOON;
    desk.give(&Command::Tick).unwrap();
    desk.wait(30_000);
    let told = told(&desk);
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|(_, estimate)| estimate.median_seconds >= 60), "{told:?}");
}

#[test]
fn ahead_of_a_priority_ticket_are_those_called_before_it() {
    let mut parts = parts();
    parts.policy.routing = Routing::ServiceLevel;
    let mut desk = Desk::closed(parts);
    desk.done("2", Key::Open);
    (0..5).for_each(|_| drop(desk.take("social")));
    desk.done("2", Key::Next);
    let press = desk.next_press(Device::Kiosk(id("K1")));
    let command =
        Command::Take { press, age_ms: 0, service: id("social"), class: Class::Elderly, also: Vec::new() };
    let answer = desk.give(&command).unwrap().answer;
    let Some(Answer::Ticket { number, ahead, estimate: Some(estimate), .. }) = answer else {
        panic!("{answer:?}")
    };
    assert!(ahead < 4, "the last of the ordinary ones has 3 before it: {ahead}");
    assert_eq!(ahead, estimate.ahead);
    let Stage::Waiting { ahead: on_page, .. } =
        TicketView::of(&desk.hall, number, now(desk.wall_ms)).unwrap().stage
    else {
        panic!("it waits")
    };
    assert_eq!(on_page, Some(ahead));
    let called = std::iter::repeat_with(|| desk.call("2"))
        .take_while(|called| called.as_deref() != Some(&number.to_string()));
    assert_eq!(called.count(), usize::try_from(ahead).unwrap());
}

/// Everybody who waits, with what the page says is ahead; in the order of the tickets.
fn ahead(desk: &Desk) -> Vec<(String, usize)> {
    told(desk).into_iter().map(|(number, it)| (number, usize::try_from(it.ahead).unwrap())).collect()
}

/// Who is called, until nobody is.
fn calls(desk: &mut Desk) -> Vec<String> {
    std::iter::from_fn(|| desk.call("2")).collect()
}

#[test]
fn ahead_of_an_ordinary_ticket_are_also_those_behind_it_who_may_pass() {
    for (routing, quota) in [
        (Routing::Fcfs, 2),
        (Routing::Priority, 1),
        (Routing::Priority, 2),
        (Routing::Priority, 3),
        (Routing::ServiceLevel, 2),
        (Routing::ServiceLevel, 3),
    ] {
        let mut parts = parts();
        parts.policy.routing = routing;
        parts.policy.priority_quota = quota;
        let mut desk = Desk::closed(parts);
        desk.done("2", Key::Open);
        for class in [Class::Ordinary, Class::Ordinary, Class::Elderly, Class::Ordinary, Class::Ordinary]
            .into_iter()
            .chain([Class::Elderly; 4])
            .chain([Class::Ordinary; 2])
        {
            desk.take_as(class, "social");
        }
        // At each call, and not only while no quota has been used yet.
        loop {
            let told: Vec<(String, usize)> = ahead(&desk);
            let order = calls(&mut desk.clone());
            for (number, ahead) in told {
                let place = order.iter().position(|called| *called == number).unwrap();
                assert_eq!(place, ahead, "{number} by {routing:?} and {quota}, of {order:?}");
            }
            if desk.call("2").is_none() {
                break;
            }
        }
    }
}

#[test]
fn while_nobody_is_called_nobodys_turn_comes_nearer() {
    let mut parts = parts();
    parts.policy.balance = Balance::Advise;
    let mut desk = Desk::closed(parts);
    desk.done("1", Key::Open);
    desk.done("3", Key::Open);
    (0..3).for_each(|_| drop(desk.take("tax")));
    desk.done("1", Key::Next);
    let minutes = |desk: &Desk| -> Vec<_> {
        told(desk)
            .iter()
            .take(2)
            .map(|(_, it)| (it.minutes().from_minutes, it.minutes().to_minutes))
            .collect()
    };
    let (first, mut last) = (minutes(&desk), minutes(&desk));
    for minute in 0..12 {
        // Somebody else's event every five minutes, and reviews between them.
        if minute % 5 == 0 {
            desk.take("property");
        }
        desk.tick(1);
        let tax = minutes(&desk);
        for ((from, to), (from_before, to_before)) in tax.iter().zip(&last) {
            assert!(from >= from_before && to >= to_before, "{tax:?} after {last:?} in minute {minute}");
        }
        last = tax;
    }
    // That the head of the line goes on waiting is a sign of slow service, and no more than that.
    for ((from, to), (from_first, to_first)) in last.iter().zip(&first) {
        assert!(*from <= 2 * from_first && *to <= 2 * to_first + 5, "{first:?} became {last:?}");
    }
}

#[test]
fn while_its_only_window_is_paused_a_wait_does_not_shrink() {
    let mut desk = Desk::closed(parts());
    desk.done("1", Key::Open);
    desk.done("3", Key::Open);
    (0..2).for_each(|_| drop(desk.take("tax")));
    desk.done("1", Key::Pause);
    let mut last = 0;
    for minute in 0..15 {
        if minute % 4 == 0 {
            desk.take("property");
        }
        desk.tick(1);
        let (number, estimate) = told(&desk).remove(0);
        assert!(estimate.median_seconds >= last, "{number} after {minute} minutes: {estimate:?}, {last} s");
        last = estimate.median_seconds;
    }
}

#[test]
fn paper_and_page_of_who_is_called_at_once_say_the_same_and_nobody_is_ahead() {
    let mut desk = Desk::closed(parts());
    desk.done("2", Key::Open);
    desk.book("yy-1", "social", slot(0, 10 * 60 + 15)).unwrap();
    let press = desk.next_press(Device::Kiosk(id("K1")));
    let command =
        Command::Take { press, age_ms: 0, service: id("social"), class: Class::Ordinary, also: Vec::new() };
    let answer = desk.give(&command).unwrap().answer;
    let Some(Answer::Ticket { ahead: printed, estimate: Some(estimate), .. }) = answer else {
        panic!("{answer:?}")
    };
    let (_, page) = told(&desk).remove(0);
    assert_eq!((printed, page.ahead), (0, 0));
    assert_eq!(page.minutes(), estimate.minutes());
}

#[test]
fn how_many_are_ahead_is_known_though_no_window_serves_them() {
    let mut desk = Desk::closed(parts());
    let numbers: Vec<_> = (0..3).map(|_| desk.take("social").0).collect();
    for (place, number) in numbers.iter().enumerate() {
        let view = TicketView::of(&desk.hall, number.parse().unwrap(), now(desk.wall_ms)).unwrap();
        let ahead = u32::try_from(place).ok();
        assert_eq!(view.stage, Stage::Waiting { ahead, estimate: None }, "{number}");
    }
}
