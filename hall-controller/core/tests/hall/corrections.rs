//! What the staff puts right: the service of a ticket (更正), its class, and its evaluation (好差评).

use hall_core::answer::Answer;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, Evaluation, Event};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::payload::{Class, Grade, Key};

use crate::support::{DAY_MS, Desk, id, parts, replayed};

fn correct(desk: &mut Desk, window: &str, number: &str, service: &str) -> Result<Vec<Event>, Refusal> {
    let to_service = service.parse().ok();
    let details = Details { number: number.parse().ok(), to_service, ..Details::default() };
    desk.with(window, Key::Correct, details)
}

#[test]
fn a_waiting_ticket_keeps_its_number_and_stands_by_when_it_was_taken() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.wait(10);
    desk.take("tax");
    let events = correct(&mut desk, "2", "A001", "tax").unwrap();
    assert!(matches!(&events[..], [Event::ServiceCorrected { window: None, in_hand: false, .. }]));
    assert_eq!((desk.hall.waiting(id("social")), desk.hall.waiting(id("tax"))), (0, 2));
    assert_eq!(desk.call("3").as_deref(), Some("A001"));
    assert_eq!(desk.window("3").ticket.unwrap().service, id("tax"));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_ticket_in_hand_stays_there_if_the_window_serves_what_it_is_for() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("1");
    let events = correct(&mut desk, "1", "", "tax").unwrap();
    assert!(matches!(&events[..], [Event::ServiceCorrected { in_hand: true, .. }]));
    assert_eq!(desk.window("1").ticket.unwrap().service, id("tax"));
    assert_eq!(desk.numbers("east"), ["A001"]);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_ticket_in_hand_for_a_service_of_others_goes_to_wait_for_it() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    let events = correct(&mut desk, "2", "A001", "tax").unwrap();
    let names: Vec<_> = events.iter().map(Event::name).collect();
    assert_eq!(names, ["started", "service_corrected"]);
    assert_eq!((desk.hand("2"), desk.state("A001")), (None, TicketState::Waiting));
    assert_eq!(desk.call("3").as_deref(), Some("A001"));
}

#[test]
fn a_pad_that_gets_a_ticket_by_correcting_it_is_told_its_new_service() {
    let mut plan = parts();
    plan.policy.armed_next = true;
    let mut desk = Desk::closed(plan);
    desk.done("3", Key::Open);
    desk.take("social");
    desk.done("3", Key::Next);
    let details = Details { number: Some(id("A001")), to_service: Some(id("tax")), ..Details::default() };
    let command = desk.key_about("3", Key::Correct, details, None);
    let told = desk.give(&command).unwrap().answer;
    let Some(Answer::Window { ticket, .. }) = told else { panic!("{told:?}") };
    assert_eq!((ticket.unwrap().service, desk.window("3").ticket), (id("tax"), ticket));
}

#[test]
fn the_call_of_a_corrected_ticket_is_shown_in_the_zone_of_its_service_by_its_time() {
    let mut plan = parts();
    plan.services[1].zone = id("west");
    let mut desk = Desk::open();
    desk.adopt(plan);
    desk.take("property");
    desk.call("3");
    desk.take("social");
    desk.call("1");
    desk.take("social");
    desk.call("2");
    assert_eq!(
        (desk.numbers("east"), desk.numbers("west")),
        (vec!["A002".into(), "A001".into()], vec!["C001".into()])
    );
    correct(&mut desk, "1", "", "tax").unwrap();
    let west: Vec<String> = vec!["A001".into(), "C001".into()];
    assert_eq!((desk.numbers("east"), desk.numbers("west")), (vec!["A002".into()], west));
}

#[test]
fn a_correction_needs_a_ticket_that_can_still_be_served_and_another_service() {
    let mut desk = Desk::open();
    desk.take("social");
    let nothing = Err(Refusal::NoTicketInHand { window: id("2") });
    assert_eq!(correct(&mut desk, "2", "", "tax"), nothing);
    assert_eq!(correct(&mut desk, "2", "A001", ""), Err(Refusal::TargetRequired));
    let unknown = Err(Refusal::UnknownService { service: id("fishing") });
    assert_eq!(correct(&mut desk, "2", "A001", "fishing"), unknown);
    assert_eq!(correct(&mut desk, "2", "A001", "social"), Err(Refusal::SamePlace { number: id("A001") }));
    let unknown = Err(Refusal::UnknownNumber { number: id("A009") });
    assert_eq!(correct(&mut desk, "2", "A009", "tax"), unknown);
    desk.call("2");
    assert_eq!(correct(&mut desk, "1", "A001", "tax"), Err(Refusal::NotWaiting { number: id("A001") }));
    desk.with_service("2", Key::AddMatter, "tax").unwrap();
    let twice = Err(Refusal::MatterTwice { service: id("tax") });
    assert_eq!(correct(&mut desk, "2", "", "tax"), twice);
}

#[test]
fn a_class_to_confirm_passes_nobody_until_a_clerk_confirms_it() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    let press = desk.next_press(Device::Kiosk(id("K2")));
    let class = Class::Elderly;
    let take = Command::Take { press, age_ms: 0, service: id("social"), class, also: Vec::new() };
    desk.give(&take).unwrap();
    let ticket = desk.hall.tickets().last().unwrap();
    assert_eq!((ticket.class, ticket.claimed), (Class::Ordinary, Some(Class::Elderly)));
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
    let events = desk.about("1", Key::ConfirmClass, "A003").unwrap();
    assert!(matches!(&events[..], [Event::ClassConfirmed { class: Class::Elderly, .. }]));
    assert_eq!(desk.call("2").as_deref(), Some("A003"), "it passes A002 now");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_clerk_may_give_a_class_nobody_claimed_but_must_say_which() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take("social");
    assert_eq!(desk.about("2", Key::ConfirmClass, "A002"), Err(Refusal::ClassRequired));
    let disabled = Some(Class::Disabled);
    let details = Details { number: "A002".parse().ok(), class: disabled, ..Details::default() };
    desk.with("2", Key::ConfirmClass, details).unwrap();
    let stands = Err(Refusal::ClassStands { number: id("A002") });
    assert_eq!(desk.with("2", Key::ConfirmClass, details), stands);
    assert_eq!(desk.call("2").as_deref(), Some("A002"));
    desk.done("2", Key::Finish);
    let over = Details { class: Some(Class::Ordinary), ..details };
    let ended = Err(Refusal::NotWaiting { number: id("A002") });
    assert_eq!(desk.with("2", Key::ConfirmClass, over), ended);
}

fn judge(desk: &mut Desk, grade: Option<Grade>) -> Result<Vec<Event>, Refusal> {
    desk.with("2", Key::Evaluate, Details { grade, ..Details::default() })
}

#[test]
fn the_citizen_served_last_judges_once() {
    let mut desk = Desk::open();
    let satisfied = Some(Grade::Satisfied);
    let nothing = Err(Refusal::NothingToEvaluate { window: id("2") });
    assert_eq!(judge(&mut desk, satisfied), nothing);
    desk.take("social");
    desk.call("2");
    assert_eq!(judge(&mut desk, satisfied), nothing, "the service has not ended");
    let on = Details { clerk: Some(id("7")), ..Details::default() };
    desk.with("2", Key::SignOn, on).unwrap();
    desk.done("2", Key::Finish);
    assert_eq!(judge(&mut desk, None), Err(Refusal::GradeRequired));
    let details = Details { grade: satisfied, ..Details::default() };
    let command = desk.key_about("2", Key::Evaluate, details, Some(" 讲得清楚 "));
    let events = desk.tried(&command).unwrap();
    let [Event::Evaluated(Evaluation { grade: Grade::Satisfied, reason, .. })] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(reason.as_deref(), Some("讲得清楚"));
    assert_eq!(desk.journal.last().unwrap().clerk, Some(id("7")));
    assert_eq!(judge(&mut desk, satisfied), Err(Refusal::AlreadyEvaluated { number: id("A001") }));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn what_is_judged_is_the_matter_that_was_done_and_not_the_next_one() {
    let mut desk = Desk::open();
    desk.take_for(&["social", "tax"]);
    desk.call("2");
    desk.done("2", Key::Finish);
    let events = judge(&mut desk, Some(Grade::Dissatisfied)).unwrap();
    let [Event::Evaluated(evaluation)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(evaluation.service, Some(id("social")), "it waits for tax by now");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_refused_press_keeps_which_ticket_it_named() {
    let mut desk = Desk::open();
    desk.take("social");
    assert_eq!(desk.about("2", Key::ConfirmClass, "A001"), Err(Refusal::ClassRequired));
    let Event::Refused { about, .. } = &desk.journal.last().unwrap().event else {
        panic!("{:?}", desk.journal)
    };
    assert_eq!(*about, Some(id("A001")));
}

#[test]
fn after_ten_minutes_or_a_day_there_is_nothing_to_judge() {
    let served = || {
        let mut desk = Desk::open();
        desk.take("social");
        desk.call("2");
        desk.done("2", Key::Finish);
        desk
    };
    let mut desk = served();
    desk.wait(600_000);
    judge(&mut desk, Some(Grade::VeryDissatisfied)).unwrap();
    let mut desk = served();
    desk.wait(600_001);
    let nothing = Err(Refusal::NothingToEvaluate { window: id("2") });
    assert_eq!(judge(&mut desk, Some(Grade::VeryDissatisfied)), nothing);
    let mut desk = served();
    desk.wait(DAY_MS);
    desk.take("social");
    assert_eq!(judge(&mut desk, Some(Grade::Acceptable)), nothing);
}
