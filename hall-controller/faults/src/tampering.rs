//! Where mutants tamper with what the core decides.

use std::borrow::Cow;

use hall_core::answer::{Answer, Change, HandedIn};
use hall_core::appointment::{Appointment, AppointmentState};
use hall_core::command::Command;
use hall_core::event::{Cause, Event, HandIn, LeaseEnd, Rule, Stamped};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::time::{HallTime, Now};
use hall_core::view::LeaseTotals;
use hall_core::{Decision, Hall};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Key;
use serde_json::Value;

use crate::mutant::Mutant;

/// Whether a restart does not take an event over.
pub(crate) fn is_forgotten(mutant: Mutant, event: &Event) -> bool {
    match mutant {
        Mutant::ForgetsHandInsOnRestart => matches!(event, Event::Issued { printed_at: Some(_), .. }),
        Mutant::ForgetsLeasesOnRestart => matches!(event, Event::NumbersLeased { .. }),
        Mutant::ForgetsBookingsOnRestart => matches!(event, Event::Booked { .. } | Event::Rebooked { .. }),
        _ => false,
    }
}

/// Whether the hall may be another than the journal's after a restart.
pub(crate) fn forgets(mutant: Mutant) -> bool {
    matches!(
        mutant,
        Mutant::ForgetsPressesOnRestart | Mutant::ForgetsLeasesOnRestart | Mutant::ForgetsBookingsOnRestart
    )
}

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
    if let (Mutant::DropsMattersOfHandIns, Command::HandIn { tickets, .. }) = (mutant, &mut command) {
        for ticket in tickets {
            ticket.also.clear();
        }
    }
    if mutant == Mutant::IssuesAfterClosing && matches!(command, Command::Take { .. }) {
        now.minute = a_minute_within_hours(hall).unwrap_or(now.minute);
    }
    let mut decided = in_another_hall(mutant, hall, &command).decide(&command, now);
    match (mutant, &decided) {
        (Mutant::OverbooksSlots, Err(Refusal::SlotFull { .. })) => {
            decided = book_all_the_same(hall, &command).unwrap_or(decided);
        }
        (
            Mutant::ChecksInTwice,
            Ok(Decision { answer: Some(Answer::Refused(Refusal::AlreadyCheckedIn { .. })), .. }),
        ) => {
            decided = as_if_expected(hall, &command).decide(&command, now);
        }
        _ => {}
    }
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
            if let (Some(mut elsewhere), Some(last)) = (elsewhere, decision.events.last_mut()) {
                elsewhere.answer = last.answer.take();
                decision.events.push(elsewhere);
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
        Mutant::BooksTheSameAgain => {
            if let (Command::Book { client, appointment, service, slot }, true) =
                (&command, decision.events.is_empty())
            {
                let event = Event::Booked { appointment: *appointment, service: *service, slot: *slot };
                let (at, cause) = (hall.at(), Cause::Client(*client));
                decision.events.push(Stamped { at, cause, event, clerk: None, answer: None });
            }
        }
        Mutant::ReleasesAtTheSlot if matches!(command, Command::Tick) => {
            decision.events.extend(over_at_the_slot(hall, now));
        }
        Mutant::DefersForEver => decision.events.iter_mut().for_each(|stamped| defer_again(hall, stamped)),
        Mutant::StandsByHandIn => {
            for stamped in &mut decision.events {
                if let Event::Issued { printed_at: Some(printed_at), .. } = &mut stamped.event {
                    *printed_at = stamped.at;
                }
            }
        }
        Mutant::HidesWhoWaitsAs => hide_who_waits_as(&mut decision),
        Mutant::CallsTheSecond => decision.events.iter_mut().for_each(|stamped| call_second(hall, stamped)),
        Mutant::NumbersAgainAfterClockBack if now.day < hall.day() => {
            decision.events.extend(the_old_day_again(hall, now));
        }
        _ => {}
    }
    Ok(decision)
}

/// The hall in which this mutant decides the command.
fn in_another_hall<'a>(mutant: Mutant, hall: &'a Hall, command: &Command) -> Cow<'a, Hall> {
    let calls = matches!(command, Command::Key { key: Key::Next, .. });
    let (rule, value) = match mutant {
        // Whoever waits for a backup service counts as late.
        Mutant::ForgetsTiers if calls => ("/plan/policy/starvation_minutes", 0.into()),
        Mutant::ForgetsPriorityQuota if calls => ("/plan/policy/priority_quota", 1.into()),
        Mutant::ForgetsAppointmentQuota if calls => ("/plan/policy/appointment_quota", 0.into()),
        Mutant::ForgetsStarvation if calls => ("/plan/policy/starvation_minutes", u16::MAX.into()),
        Mutant::ForgetsGroups if calls => ("/plan/policy/groups", Vec::<Value>::new().into()),
        Mutant::ForgetsSetPolicies if calls => ("/management/routing", Value::Null),
        Mutant::RefusesWithdrawnPapers if matches!(command, Command::HandIn { .. }) => {
            return Cow::Owned(as_if_no_lease_were_withdrawn(hall));
        }
        _ => return Cow::Borrowed(hall),
    };
    Cow::Owned(by_other_rules(hall, rule, &value))
}

/// The hall, if its state were changed so.
fn otherwise(hall: &Hall, change: impl FnOnce(&mut Value)) -> Hall {
    let other = serde_json::to_value(hall).and_then(|mut state| {
        change(&mut state);
        serde_json::from_value(state)
    });
    other.unwrap_or_else(|_| hall.clone())
}

/// The hall, if this rule of its plan, or set live, were another.
fn by_other_rules(hall: &Hall, rule: &str, value: &Value) -> Hall {
    otherwise(hall, |state| {
        if let Some(rule) = state.pointer_mut(rule) {
            *rule = value.clone();
        }
    })
}

/// The hall, if all leases that are over had ended otherwise.
fn as_if_no_lease_were_withdrawn(hall: &Hall) -> Hall {
    otherwise(hall, |state| {
        let leases = state.pointer_mut("/leases/blocks").and_then(Value::as_object_mut);
        for lease in leases.into_iter().flat_map(|leases| leases.values_mut()) {
            lease["may_come"] = false.into();
        }
    })
}

fn hide_who_waits_as(decision: &mut Decision) {
    let hide = |told: &mut [HandedIn]| {
        for ticket in told {
            ticket.waits_as = None;
        }
    };
    let told = decision.answer.iter_mut();
    let kept = decision.events.iter_mut().filter_map(|stamped| stamped.answer.as_mut());
    for answer in told.chain(kept) {
        if let Answer::HandedIn { tickets } = answer {
            hide(tickets);
        }
    }
    for stamped in &mut decision.events {
        if let Event::HandedIn(HandIn { refused, .. }) = &mut stamped.event {
            hide(refused);
        }
    }
}

/// A day begins as others do: what is leased is written off before.
fn the_old_day_again(hall: &Hall, now: Now) -> Vec<Stamped> {
    let LeaseTotals { leased, handed_in, returned, written_off } = hall.lease_totals();
    let open = leased.saturating_sub(handed_in + returned + written_off);
    let lost = hall.plan().kiosks().first().zip(hall.plan().services().first()).map(|(kiosk, service)| {
        let first = TicketNumber::new(service.prefix, 1, service.digits.digits()).ok()?;
        let count = u16::try_from(open).ok()?;
        let (kiosk, service, why) = (kiosk.id, service.id, LeaseEnd::DayEnded);
        Some(Event::LeaseEnded {
            kiosk,
            service,
            first,
            count,
            handed_in: 0,
            returned: 0,
            written_off: count,
            why,
        })
    });
    let begins = Event::DayBegan { day: now.day, queue_kept: false };
    let (at, cause) = (hall.at(), Cause::Rule(Rule::DayBegan));
    let stamped = |event| Stamped { at, cause, event, clerk: None, answer: None };
    lost.flatten().into_iter().chain([begins]).map(stamped).collect()
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

fn a_minute_within_hours(hall: &Hall) -> Option<u16> {
    let hours = &hall.plan().services().first()?.hours;
    hours.on(hall_protocol::local::Weekday::ALL[0]).first().map(|hours| hours.from_minute)
}

fn book_all_the_same(hall: &Hall, command: &Command) -> Option<Result<Decision, Refusal>> {
    let Command::Book { client, appointment, service, slot } = *command else { return None };
    let change = match hall.appointments().get(appointment) {
        Some(_) => Change::Changed,
        None => Change::Booked,
    };
    let event = match change {
        Change::Booked => Event::Booked { appointment, service, slot },
        _ => Event::Rebooked { appointment, service, slot },
    };
    let cause = Cause::Client(client);
    let booked = Appointment { id: appointment, service, slot, state: AppointmentState::Booked };
    Some(Ok(Decision {
        events: vec![Stamped { at: hall.at(), cause, event, clerk: None, answer: None }],
        answer: Some(Answer::Appointment { appointment: booked, change }),
        repeated: false,
    }))
}

/// The hall, in which nobody has come for the appointment of this check-in.
fn as_if_expected(hall: &Hall, command: &Command) -> Hall {
    let mut hall = hall.clone();
    if let Command::CheckIn { code, .. } = command
        && let Some(Appointment { id, service, slot, .. }) = hall.appointments().get(*code).copied()
    {
        let event = Event::Rebooked { appointment: id, service, slot };
        let (at, cause) = (hall.at(), Cause::Rule(Rule::AppointmentLapsed));
        hall.apply(&Stamped { at, cause, event, clerk: None, answer: None });
    }
    hall
}

fn over_at_the_slot(hall: &Hall, now: Now) -> Vec<Stamped> {
    let at = now.at.max(hall.at());
    let over =
        hall.appointments().iter().filter(|one| one.state == AppointmentState::Booked && one.slot.at < at);
    let release = |one: &Appointment| {
        let event = Event::Released { appointment: one.id, service: one.service, slot: one.slot };
        Stamped { at, cause: Cause::Rule(Rule::AppointmentLapsed), event, clerk: None, answer: None }
    };
    over.map(release).collect()
}

fn defer_again(hall: &Hall, stamped: &mut Stamped) {
    let after_calls = hall.plan().policy().defer_no_show_calls;
    if let Event::Missed { ticket, number, window, .. } = stamped.event
        && after_calls > 0
    {
        stamped.event = Event::Deferred { ticket, number, window, after_calls };
    }
}
