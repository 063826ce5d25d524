//! Where mutants tamper with what the core decides.

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Cause, Event, Rule, Stamped};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::time::{HallTime, Now};
use hall_core::{Decision, Hall};

use crate::mutant::Mutant;

/// As [`Hall::decide`], with the defect of `mutant`. `latest` is the latest time given so far.
pub(crate) fn decide(
    mutant: Mutant,
    hall: &Hall,
    command: &Command,
    mut now: Now,
    latest: &mut HallTime,
) -> Result<Decision, Refusal> {
    *latest = now.at.max(*latest);
    let mut command = command.clone();
    if let Command::Key { age_ms, .. } | Command::Take { age_ms, .. } = &mut command {
        match mutant {
            Mutant::ExecutesStalePresses => *age_ms = 0,
            Mutant::GuardsByHallTime => now.at = *latest,
            _ => {}
        }
    }
    let decided = hall.decide(&command, now);
    assert!(
        !(mutant == Mutant::PanicsOnOldPress && matches!(decided, Err(Refusal::OutOfOrder))),
        "the planted panic"
    );
    let mut decision = decided?;
    match mutant {
        Mutant::IssuesNumbersTwice => same_number_again(hall, &mut decision),
        Mutant::CallsToTwoWindows => {
            let called = decision.events.iter().find(|stamped| stamped.event.name() == "called");
            let elsewhere = called.and_then(|called| elsewhere(hall, called));
            if let Some(elsewhere) = elsewhere {
                decision.events.insert(decision.events.len() - 1, elsewhere);
            }
        }
        Mutant::ForgetsToFinish => {
            let calls = decision.events.iter().any(|stamped| stamped.event.name() == "called");
            decision.events.retain(|stamped| !calls || stamped.event.name() != "finished");
        }
        Mutant::WritesNoShowsTwice => {
            let missed = decision.events.iter().position(|stamped| stamped.event.name() == "missed");
            if let Some(at) = missed {
                let again = Stamped { answer: None, ..decision.events[at].clone() };
                decision.events.insert(at, again);
            }
        }
        Mutant::StandsByHandIn => {
            for stamped in &mut decision.events {
                if let Event::Issued { printed_at: Some(printed_at), .. } = &mut stamped.event {
                    *printed_at = stamped.at;
                }
            }
        }
        Mutant::CallsTheSecond => decision.events.iter_mut().for_each(|stamped| call_second(hall, stamped)),
        Mutant::NumbersAgainAfterClockBack if now.day < hall.day() => {
            let event = Event::DayBegan { day: now.day, queue_kept: false };
            let (at, cause) = (hall.at(), Cause::Rule(Rule::DayBegan));
            let stamped = Stamped { at, cause, event, clerk: None, answer: None };
            decision.events.push(stamped);
        }
        _ => {}
    }
    Ok(decision)
}

/// The next ticket gets the number of the one before it in its service.
fn same_number_again(hall: &Hall, decision: &mut Decision) {
    let Some(issued) = decision.events.iter_mut().find(|stamped| stamped.event.name() == "issued") else {
        return;
    };
    if let Event::Issued { number, service, .. } = &mut issued.event
        && let Some(before) = hall.tickets().filter(|ticket| ticket.service == *service).last()
        && let Some(Answer::Ticket { number: told, .. }) = &mut decision.answer
    {
        (*number, *told) = (before.number, before.number);
        issued.answer.clone_from(&decision.answer);
    }
}

fn elsewhere(hall: &Hall, called: &Stamped) -> Option<Stamped> {
    let mut called = Stamped { answer: None, ..called.clone() };
    let Event::Called { window, .. } = &mut called.event else { return None };
    *window = hall.plan().windows().iter().find(|other| other.id != *window)?.id;
    Some(called)
}

fn call_second(hall: &Hall, stamped: &mut Stamped) {
    if let Event::Called { ticket, number, window, .. } = &mut stamped.event
        && let Some(planned) = hall.plan().window(*window)
        && let Some(second) = hall
            .tickets()
            .filter(|t| t.state == TicketState::Waiting && planned.services.contains(&t.service))
            .nth(1)
    {
        (*ticket, *number) = (second.id, second.number);
    }
}
