//! Phone numbers are kept and erased elsewhere; the hall writes down whose, by whom and why.

use hall_core::command::{Command, Erased};
use hall_core::event::{Cause, Event, Rule};

use crate::support::reference::Reference;
use crate::support::{Desk, id, now, replayed};

#[test]
fn an_erasure_is_written_down_without_the_phone_and_changes_nothing_else() {
    let mut desk = Desk::open();
    let (number, _) = desk.take("social");
    let before = (desk.hall.totals(), desk.state(&number));
    let day = desk.hall.day();
    let by_hand = Erased { day, number: id(&number), by: Some("li".into()), reason: "asked for".into() };
    let by_rule = Erased { by: None, reason: "over".into(), ..by_hand.clone() };
    let command = Command::NoteErasures(vec![by_hand, by_rule]);

    let mut reference = Reference::default();
    let plan = Command::AdoptPlan(Box::new((**desk.hall.plan()).clone()));
    let nothing = Ok(hall_core::Decision::default());
    reference.decide(&plan, now(desk.wall_ms), &nothing).unwrap();
    let right = reference.decide(&command, now(desk.wall_ms), &nothing).unwrap();
    let decision = desk.give(&command).unwrap();
    assert_eq!(decision, right);

    let [by_hand, by_rule] = &decision.events[..] else { panic!("{decision:?}") };
    assert!(matches!(&by_hand.event, Event::PhoneErased(Erased { by: Some(by), .. }) if by == "li"));
    assert!(
        matches!(&by_rule.event, Event::PhoneErased(Erased { by: None, reason, .. }) if reason == "over")
    );
    assert_eq!((by_hand.cause, decision.answer), (Cause::Rule(Rule::Erasure), None));
    assert_eq!((desk.hall.totals(), desk.state(&number)), before);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}
