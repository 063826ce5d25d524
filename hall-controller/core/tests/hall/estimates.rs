//! What citizens are told about their wait: never nonsense, never a jump without an event.

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::estimate::Estimate;
use hall_core::event::{Event, Stamped};
use hall_core::plan::Routing;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::time::Now;
use hall_core::{Decision, Hall};
use hall_protocol::payload::{Class, Key};
use proptest::prelude::*;

use crate::support::rehearsal::{Onlooker, watch};
use crate::support::script::history;
use crate::support::witness::Moment;
use crate::support::{Desk, id, now, parts};

/// Looks at the estimates after each command.
#[derive(Default)]
struct Waits {
    complaints: Vec<String>,
    seen: u32,
}

impl Waits {
    fn check(&mut self, holds: bool, complaint: impl FnOnce() -> String) {
        if !holds {
            self.complaints.push(complaint());
        }
    }

    fn right(&mut self, estimate: Estimate) {
        self.seen += 1;
        self.check(estimate.p90_seconds >= estimate.median_seconds, || format!("{estimate:?}"));
        self.check(estimate.p90_seconds <= 24 * 3_600, || format!("{estimate:?} is absurd"));
    }

    /// From now on, until something happens, it only falls, and by no more than the time that passes.
    fn falls(&mut self, of: impl Fn(Now) -> Option<Estimate>, wall_ms: i64) {
        let mut last = of(now(wall_ms));
        for seconds in [1, 2, 10, 60, 600, 3_000] {
            let then = of(now(wall_ms + seconds * 1_000));
            if let (Some(last), Some(then)) = (last, then) {
                // Each is rounded to whole seconds.
                let at_most = u32::try_from(seconds).unwrap() + 1;
                for (before, after) in
                    [(last.median_seconds, then.median_seconds), (last.p90_seconds, then.p90_seconds)]
                {
                    let right = after <= before && before - after <= at_most;
                    self.check(right, || format!("{before} s became {after} s within {seconds} s"));
                }
                self.right(then);
            }
            self.check(last.is_some() == then.is_some(), || format!("{last:?} became {then:?}"));
            last = then;
        }
    }
}

impl Onlooker for Waits {
    fn decided(&mut self, _: &Command, _: Now, decision: &Result<Decision, Refusal>, _: Moment) {
        let Ok(Decision { events, answer, repeated: false }) = decision else { return };
        for Stamped { event, .. } in events {
            let Event::Issued { ticket, estimate: Some(estimate), .. } = event else { continue };
            self.right(*estimate);
            let called = |other: &Stamped| matches!(other.event, Event::Called { ticket: called, .. } if called == *ticket);
            self.check(!events.iter().any(called), || {
                format!("{ticket} is called at once and told {estimate:?}")
            });
            let told =
                matches!(answer, Some(Answer::Ticket { estimate: told, .. }) if *told == Some(*estimate));
            self.check(told, || format!("{ticket} was told {answer:?}, not {estimate:?}"));
        }
    }

    fn looked(&mut self, _: &Command, _: &Result<Decision, Refusal>, hall: &Hall, moment: Moment) {
        let wall_ms = moment.wall_ms.max(hall.at().unix_ms());
        for planned in hall.plan().services() {
            self.falls(|now| hall.estimate(planned.id, Class::Ordinary, now), wall_ms);
            // Within a service, who of the ordinary ones stands further back waits longer.
            let waits = |ticket: &&hall_core::ticket::Ticket| {
                let ordinary = ticket.class == Class::Ordinary && ticket.appointment.is_none();
                ticket.service == planned.id && ticket.state == TicketState::Waiting && ordinary
            };
            let mut line: Vec<_> = hall.tickets().filter(waits).collect();
            line.sort_by_key(|ticket| (ticket.standing, ticket.id));
            let mut last: Option<Estimate> = None;
            for ticket in line {
                let Some(estimate) = hall.estimate_of(ticket.id, now(wall_ms)) else { continue };
                self.right(estimate);
                if let Some(last) = last {
                    let further = estimate.median_seconds >= last.median_seconds
                        && estimate.p90_seconds >= last.p90_seconds;
                    self.check(further, || format!("{last:?} stands before {estimate:?}"));
                }
                last = Some(estimate);
            }
        }
    }

    fn stopped(&mut self, _: &Hall, _: &[Stamped]) {}
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn estimates_are_sane_longer_further_back_and_never_jump_by_themselves(history in history()) {
        let waits = watch(&history, Waits::default());
        prop_assert!(waits.complaints.is_empty(), "{:#?}", waits.complaints);
    }
}

#[test]
fn by_index_a_short_service_is_foretold_to_pass_a_long_one_at_the_window_they_share() {
    let told = |routing: Routing, service: &str| {
        let mut parts = parts();
        parts.policy.routing = routing;
        parts.services[0].usual_seconds = Some(120);
        parts.services[1].usual_seconds = Some(1_800);
        let mut desk = Desk::closed(parts);
        desk.done("1", Key::Open);
        (0..10).for_each(|_| drop(desk.take("social")));
        (0..3).for_each(|_| drop(desk.take("tax")));
        let told = desk.hall.estimate(id(service), Class::Ordinary, now(desk.wall_ms)).unwrap();
        told.median_seconds
    };
    let (short, long) = (told(Routing::ServiceLevel, "social"), told(Routing::ServiceLevel, "tax"));
    assert!(2 * short < told(Routing::Fcfs, "social"), "{short} s");
    // Its last one waits for all the work there is, either way.
    let last = told(Routing::Fcfs, "tax");
    assert!(20 * long.abs_diff(last) < last, "{long} s, {last} s");
}

/// How far bounds lie above medians, by the number ahead, in parts of an octave.
fn margins(desk: &Desk) -> Vec<i64> {
    let state = serde_json::to_value(&desk.hall).unwrap();
    state["calibration"]["margins"].as_array().unwrap().iter().map(|it| it.as_i64().unwrap()).collect()
}

/// The bound that whoever took the last ticket was told, in milliseconds.
fn last_bound_ms(desk: &Desk) -> i64 {
    let told = desk.journal.iter().rev().find_map(|stamped| match stamped.event {
        Event::Issued { estimate, .. } => estimate,
        _ => None,
    });
    i64::from(told.unwrap().p90_seconds) * 1_000
}

/// One is served at the only window, and one waits: its number, and its bound in milliseconds.
fn one_waits() -> (Desk, String, i64) {
    let mut desk = Desk::closed(parts());
    desk.done("2", Key::Open);
    desk.take("social");
    desk.done("2", Key::Next);
    let (number, _) = desk.take("social");
    let bound_ms = last_bound_ms(&desk);
    (desk, number, bound_ms)
}

#[test]
fn a_bound_that_passes_while_its_ticket_waits_counts_at_once_and_only_once() {
    let (mut desk, _, bound_ms) = one_waits();
    let before = margins(&desk);
    desk.wait(bound_ms);
    desk.take("social");
    assert_eq!(margins(&desk), before, "it still holds");
    desk.wait(1);
    desk.take("social");
    let passed = margins(&desk);
    assert!(passed.iter().zip(&before).all(|(passed, before)| passed > before), "{before:?} {passed:?}");
    desk.wait(60_000);
    desk.done("2", Key::Next);
    assert_eq!(margins(&desk), passed, "it was counted before its call");
}

#[test]
fn a_bound_that_holds_counts_when_its_ticket_is_called() {
    let (mut desk, _, bound_ms) = one_waits();
    let before = margins(&desk);
    desk.wait(bound_ms);
    desk.done("2", Key::Next);
    let called = margins(&desk);
    assert!(called.iter().zip(&before).all(|(called, before)| called < before), "{before:?} {called:?}");
    desk.wait(bound_ms);
    desk.take("tax");
    assert_eq!(margins(&desk), called, "who was called waits no more");
}

#[test]
fn the_bound_of_a_ticket_that_is_gone_counts_for_nothing() {
    let (mut desk, number, bound_ms) = one_waits();
    let before = margins(&desk);
    desk.wait(bound_ms / 2);
    desk.about("2", Key::Cancel, &number).unwrap();
    desk.wait(bound_ms);
    desk.take("tax");
    assert_eq!(margins(&desk), before);
}

#[test]
fn by_seniority_a_changeover_lengthens_the_wait_where_services_share_a_window() {
    let told = |changeover_seconds: u16, other: &str| {
        let mut parts = parts();
        parts.policy.routing = Routing::Fcfs;
        parts.policy.changeover_seconds = changeover_seconds;
        let mut desk = Desk::closed(parts);
        desk.done("1", Key::Open);
        (0..5).for_each(|_| drop((desk.take("social"), desk.take(other))));
        desk.hall.estimate(id("social"), Class::Ordinary, now(desk.wall_ms)).unwrap().median_seconds
    };
    assert!(told(120, "tax") > told(0, "tax"));
    assert_eq!(told(120, "social"), told(0, "social"), "nobody changes");
}
