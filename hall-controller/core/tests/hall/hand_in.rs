//! Tickets printed without the hall for more than their kiosk may give, and one number on two of them.

use hall_core::answer::{Answer, HandedIn, LeftOut};
use hall_core::command::{Command, Printed};
use hall_core::event::{Device, Event, HandIn};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketState;
use hall_protocol::payload::Class;

use crate::support::{Desk, id, replayed};

const MINUTE_MS: i64 = 60_000;

/// A desk whose second kiosk has leased numbers of social: it leaves elderly to the staff, and gives no tax.
fn leased() -> Desk {
    let mut desk = Desk::open();
    let press = desk.next_press(Device::Kiosk(id("K2")));
    let count = 20_u16.try_into().unwrap();
    desk.give(&Command::Lease { press, age_ms: 0, service: id("social"), count }).unwrap();
    desk.wait(9 * MINUTE_MS);
    desk
}

fn printed(number: &str, class: Class, also: &[&str]) -> Printed {
    let also = also.iter().map(|matter| id(matter)).collect();
    Printed { number: id(number), age_ms: 60_000, class, also, unanswered: None }
}

fn hand_in(desk: &mut Desk, tickets: &[Printed]) -> Vec<HandedIn> {
    let press = desk.next_press(Device::Kiosk(id("K2")));
    let (day, tickets) = (desk.hall.day(), tickets.to_vec());
    match desk.give(&Command::HandIn { press, age_ms: 0, day, tickets }).unwrap().answer {
        Some(Answer::HandedIn { tickets }) => tickets,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_kiosk_may_not_give_is_left_out_and_told_and_the_ticket_waits_all_the_same() {
    let mut desk = leased();
    // As pregnant, for tax, property, something nobody knows, itself, and tax once more.
    let also = ["tax", "property", "nothing", "social", "tax"];
    let tickets = [printed("A998", Class::Pregnant, &also), printed("A999", Class::Elderly, &[])];
    let told = hand_in(&mut desk, &tickets);
    let left_out =
        LeftOut { class: Some(Class::Pregnant), also: vec![id("tax"), id("property"), id("nothing")] };
    assert_eq!((&told[0].refused, &told[0].left_out), (&None, &Some(left_out)));
    assert_eq!((&told[1].refused, &told[1].left_out), (&None, &None), "elderly is left to the staff");
    assert_eq!(desk.state("A998"), TicketState::Waiting);
    let Event::HandedIn(HandIn { taken: 2, refused, left_out, .. }) = &desk.journal.last().unwrap().event
    else {
        panic!("{:?}", desk.journal.last())
    };
    assert_eq!((refused.len(), left_out), (0, &vec![told[0].clone()]));
    // Handed in again nothing happens, and nothing new is told.
    assert_eq!(hand_in(&mut desk, &tickets[..1])[0].left_out, None);
    assert_eq!(desk.hall.totals().issued, 2);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn the_same_number_on_another_ticket_of_a_hand_in_is_refused_by_name() {
    let mut desk = leased();
    let first = printed("A998", Class::Ordinary, &[]);
    let aged = Printed { age_ms: 30_000, ..first.clone() };
    let other = printed("A998", Class::Elderly, &[]);
    let told = hand_in(&mut desk, &[first, aged, other, printed("A999", Class::Ordinary, &[])]);
    let fates: Vec<_> = told.into_iter().map(|ticket| ticket.refused).collect();
    assert_eq!(fates, [None, None, Some(Refusal::NumberTwice { number: id("A998") }), None]);
    assert_eq!(desk.hall.totals().issued, 2);
    let kept = desk.hall.tickets().find(|ticket| ticket.number == id("A998")).unwrap();
    assert_eq!((kept.class, kept.claimed), (Class::Ordinary, None), "the first one");
}
