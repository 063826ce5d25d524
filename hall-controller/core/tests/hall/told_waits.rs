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

use crate::support::{Desk, HOUR_MS, TEN_O_CLOCK, id, now, parts};

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
