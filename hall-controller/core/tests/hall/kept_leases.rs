//! Numbers that kiosks have on paper when a business day ends and the queue is kept overnight.

use hall_core::answer::Answer;
use hall_core::command::{Command, Order, Printed, UnansweredTake};
use hall_core::event::{Device, Event, LeaseEnd};
use hall_core::plan::PlanParts;
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_core::time::BusinessDay;
use hall_core::view::LeaseTotals;
use hall_protocol::payload::{Class, Key};

use crate::support::{DAY_MS, Desk, id, parts, parts_without, replayed};

const MINUTE_MS: i64 = 60_000;

fn keeping(mut parts: PlanParts) -> PlanParts {
    parts.policy.keep_queue_overnight = true;
    parts
}

/// The first number of a new lease.
fn leased(desk: &mut Desk, kiosk: &str, service: &str) -> String {
    let press = desk.next_press(Device::Kiosk(id(kiosk)));
    let count = 20_u16.try_into().unwrap();
    match desk.give(&Command::Lease { press, age_ms: 0, service: id(service), count }).unwrap().answer {
        Some(Answer::Leased { first, .. }) => first.to_string(),
        other => panic!("{other:?}"),
    }
}

fn printed(number: &str, age_ms: i64) -> Printed {
    let age_ms = age_ms.try_into().unwrap();
    Printed { number: id(number), age_ms, class: Class::Ordinary, also: Vec::new(), unanswered: None }
}

/// Hand in a ticket of this day; why it was refused, if it was.
fn hand_in(desk: &mut Desk, kiosk: &str, day: BusinessDay, ticket: Printed) -> Option<Refusal> {
    let press = desk.next_press(Device::Kiosk(id(kiosk)));
    match desk.give(&Command::HandIn { press, age_ms: 0, day, tickets: vec![ticket] }).unwrap().answer {
        Some(Answer::HandedIn { tickets }) => tickets[0].refused.clone(),
        other => panic!("{other:?}"),
    }
}

/// A desk whose queue is kept, with a lease of the day before and a citizen who waits since then.
fn kept() -> (Desk, BusinessDay) {
    let mut desk = Desk::closed(keeping(parts()));
    let yesterday = desk.hall.day();
    assert_eq!(leased(&mut desk, "K1", "social"), "A996");
    desk.wait(MINUTE_MS);
    assert_eq!(desk.take("social").0, "A001");
    desk.wait(DAY_MS);
    let events = desk.give(&Command::Tick).unwrap().events;
    let ended =
        |event: &Event| matches!(event, Event::LeaseEnded { written_off: 4, why: LeaseEnd::DayEnded, .. });
    assert!(events.iter().any(|stamped| ended(&stamped.event)), "{events:?}");
    (desk, yesterday)
}

#[test]
fn who_has_paper_of_a_kept_day_comes_in_where_it_was_printed() {
    let (mut desk, yesterday) = kept();
    assert_eq!(desk.take("social").0, "A002");
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A996", DAY_MS + MINUTE_MS / 2)), None);
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A997", DAY_MS - MINUTE_MS)), None);
    // Of a number it was not given, another kiosk's, and of a day before that.
    let not_leased = Some(Refusal::LeaseOfAnotherDay { number: id("A300") });
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A300", 0)), not_leased);
    let foreign = Some(Refusal::ForeignLease { number: id("A998") });
    assert_eq!(hand_in(&mut desk, "K2", yesterday, printed("A998", 0)), foreign);
    let before = Some(Refusal::LeaseOfAnotherDay { number: id("A998") });
    let day = BusinessDay::from_days(yesterday.days() - 1);
    assert_eq!(hand_in(&mut desk, "K1", day, printed("A998", 0)), before);
    assert_eq!(desk.view().leases, LeaseTotals::default(), "their day is accounted for");
    desk.done("2", Key::Open);
    let called: Vec<_> = (0..4).filter_map(|_| desk.call("2")).collect();
    assert_eq!(called, ["A996", "A001", "A997", "A002"]);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn what_is_handed_in_again_after_the_night_is_known_and_comes_once() {
    let (mut desk, yesterday) = kept();
    for _ in 0..2 {
        assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A996", DAY_MS)), None);
    }
    assert_eq!(desk.hall.totals().issued, 2);
    desk.done("2", Key::Open);
    desk.call("2");
    desk.call("2");
    desk.done("2", Key::Finish);
    assert_eq!(desk.state("A996"), TicketState::Finished);
    // It is done and forgotten with its day; its number may be another citizen's by then.
    desk.wait(DAY_MS);
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A996", 2 * DAY_MS)), None);
    assert_eq!(desk.hall.totals().issued, 0);
}

#[test]
fn a_number_that_may_be_on_paper_is_given_to_nobody_while_the_queue_is_kept() {
    let mut few = keeping(parts());
    few.kiosks[0].lease = 600;
    let mut desk = Desk::closed(few);
    let first_day = desk.hall.day();
    // Two days of leases of which nobody hears.
    assert_eq!(leased(&mut desk, "K1", "social"), "A980");
    desk.wait(DAY_MS);
    desk.give(&Command::Tick).unwrap();
    assert_eq!(leased(&mut desk, "K1", "social"), "A960", "below those of yesterday");
    assert_eq!(leased(&mut desk, "K2", "social"), "A958");
    desk.wait(DAY_MS);
    desk.give(&Command::Tick).unwrap();
    assert_eq!(leased(&mut desk, "K2", "social"), "A956");
    let own: Vec<_> = (0..955).map(|_| desk.take("social").0).collect();
    assert_eq!((own[0].as_str(), own[954].as_str()), ("A001", "A955"));
    let request = desk.request("K1", "social");
    assert_eq!(desk.refused_command(&request).code(), "numbers_used_up");
    assert_eq!(hand_in(&mut desk, "K1", first_day, printed("A980", DAY_MS)), None);
    let second_day = BusinessDay::from_days(first_day.days() + 1);
    assert_eq!(hand_in(&mut desk, "K1", second_day, printed("A960", DAY_MS)), None);
    assert_eq!(desk.hall.violations(), Vec::<String>::new());
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_day_that_keeps_no_queue_ends_what_came_before() {
    let (mut desk, yesterday) = kept();
    desk.adopt(parts());
    desk.wait(DAY_MS);
    desk.give(&Command::Tick).unwrap();
    let refused = Some(Refusal::LeaseOfAnotherDay { number: id("A996") });
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A996", 2 * DAY_MS)), refused);
    assert_eq!(leased(&mut desk, "K1", "social"), "A996");
}

#[test]
fn what_was_printed_on_a_kept_day_has_the_quota_of_that_day() {
    let mut parts = keeping(parts());
    parts.services[0].limits.daily_quota = Some(4);
    let mut desk = Desk::closed(parts);
    let yesterday = desk.hall.day();
    leased(&mut desk, "K1", "social");
    desk.wait(DAY_MS);
    desk.give(&Command::Tick).unwrap();
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A996", DAY_MS)), None);
    for number in ["A001", "A002", "A003", "A004"] {
        assert_eq!(desk.take("social").0, number);
    }
    let request = desk.request("K1", "social");
    assert_eq!(desk.refused_command(&request).code(), "quota_used_up");
}

#[test]
fn a_ticket_nobody_got_is_replaced_over_the_night_as_well() {
    let mut desk = Desk::closed(keeping(parts()));
    let yesterday = desk.hall.day();
    leased(&mut desk, "K1", "social");
    let take = desk.request("K1", "social");
    let Command::Take { press, .. } = take else { unreachable!() };
    desk.give(&take).unwrap();
    desk.wait(DAY_MS);
    desk.give(&Command::Tick).unwrap();
    let unanswered = Some(UnansweredTake { session: press.session, seq: press.seq });
    let ticket = Printed { unanswered, ..printed("A996", DAY_MS) };
    assert_eq!(hand_in(&mut desk, "K1", yesterday, ticket), None);
    assert_eq!(desk.state("A001"), TicketState::Cancelled);
    assert_eq!(desk.state("A996"), TicketState::Waiting);
    let given = desk.view().services[0].given.day;
    assert_eq!(given, 0, "the quota of yesterday is over");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_service_that_is_gone_takes_no_late_paper_until_it_is_back() {
    let (mut desk, yesterday) = kept();
    desk.adopt(keeping(parts_without("social")));
    let refused = Some(Refusal::LeaseOver { number: id("A996") });
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A996", DAY_MS)), refused);
    desk.adopt(keeping(parts()));
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A997", DAY_MS)), None);
    // What the manager stops is for who takes a number; who has one comes in.
    desk.order(Order::StopIssuing { service: id("social") }).unwrap();
    assert_eq!(hand_in(&mut desk, "K1", yesterday, printed("A998", DAY_MS)), None);
}
