//! A plan comes without a service that tickets are for, now or later.

use hall_core::event::{Event, ExpiryReason};
use hall_core::plan::PlanParts;
use hall_core::ticket::TicketState;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::Key;

use crate::support::{Desk, id, parts, parts_without, replayed};

/// What it says of withdrawn matters: of which ticket, the window it loses, which matter, and the next.
type Told = (String, Option<WindowId>, ServiceId, Option<ServiceId>);

fn withdrawn(events: &[Event]) -> Vec<Told> {
    let told = |event: &Event| match event {
        Event::MatterWithdrawn { number, window, service, next, .. } => {
            Some((number.to_string(), *window, *service, *next))
        }
        _ => None,
    };
    events.iter().filter_map(told).collect()
}

fn told(number: &str, window: Option<&str>, service: &str, next: Option<&str>) -> Told {
    (number.into(), window.map(id), id(service), next.map(id))
}

fn without_both() -> PlanParts {
    let mut parts = parts_without("tax");
    parts.services.retain(|service| service.id != id("property"));
    parts.windows.iter_mut().for_each(|window| window.services.retain(|it| *it != id("property")));
    parts.windows.retain(|window| !window.services.is_empty());
    parts.kiosks.iter_mut().for_each(|kiosk| kiosk.services.retain(|it| *it != id("property")));
    parts
}

#[test]
fn who_waits_for_a_service_that_is_gone_goes_on_with_the_next_matter_by_when_the_ticket_was_taken() {
    let mut desk = Desk::open();
    desk.take_for(&["tax", "property"]);
    desk.wait(10);
    desk.take("property");
    let events = desk.adopt(parts_without("tax"));
    assert_eq!(withdrawn(&events), [told("B001", None, "tax", Some("property"))]);
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!((desk.hall.totals().waiting, desk.hall.totals().expired), (2, 0));
    assert_eq!(desk.call("3").as_deref(), Some("B001"), "before C001, which was taken later");
    desk.done("3", Key::Finish);
    assert_eq!(desk.state("B001"), TicketState::Finished);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn who_is_called_served_or_put_aside_for_it_goes_on_as_well() {
    let mut desk = Desk::open();
    for _ in 0..3 {
        desk.take_for(&["tax", "social"]);
        desk.wait(10);
    }
    desk.call("1");
    desk.done("1", Key::Start);
    desk.done("1", Key::Park);
    desk.call("1");
    desk.done("1", Key::Start);
    desk.call("3");
    let events = desk.adopt(parts_without("tax"));
    let of = |number, window| told(number, Some(window), "tax", Some("social"));
    assert_eq!(withdrawn(&events), [of("B001", "1"), of("B002", "1"), of("B003", "3")]);
    assert_eq!((desk.hand("1"), desk.hand("3")), (None, None));
    assert!(desk.window("1").parked.is_empty());
    assert_eq!(desk.hall.totals().waiting, 3);
    let called: Vec<_> = (0..3).filter_map(|_| desk.call("2")).collect();
    assert_eq!(called, ["B001", "B002", "B003"]);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn of_a_further_matter_that_is_gone_it_is_said_once_and_it_comes_back_with_its_service() {
    let mut desk = Desk::open();
    desk.take_for(&["social", "tax", "property"]);
    desk.take_for(&["social", "tax"]);
    desk.call("2");
    let events = desk.adopt(parts_without("tax"));
    assert_eq!(withdrawn(&events), [told("A001", None, "tax", None), told("A002", None, "tax", None)]);
    assert_eq!(desk.hand("2").as_deref(), Some("A001"), "it is served on");
    assert_eq!(desk.state("A002"), TicketState::Waiting);
    let mut other = parts_without("tax");
    other.policy.return_grace_minutes += 1;
    assert_eq!(withdrawn(&desk.adopt(other)), []);
    desk.done("2", Key::Finish);
    assert_eq!(desk.hall.waiting(id("property")), 1, "without tax");
    desk.adopt(parts());
    desk.call("2");
    desk.done("2", Key::Finish);
    assert_eq!(desk.hall.waiting(id("tax")), 1, "tax is back in time for A002");
}

#[test]
fn matters_that_are_gone_as_well_are_passed_over_and_without_any_it_ends() {
    let mut desk = Desk::open();
    desk.take_for(&["tax", "property", "social"]);
    desk.take_for(&["tax", "property"]);
    let events = desk.adopt(without_both());
    let [further, moved] = &withdrawn(&events)[..] else { panic!("{events:?}") };
    assert_eq!(*further, told("B001", None, "property", None));
    assert_eq!(*moved, told("B001", None, "tax", Some("social")));
    assert!(
        matches!(events[2], Event::Expired { number, why: ExpiryReason::ServiceWithdrawn, .. } if number == id("B002"))
    );
    assert_eq!(desk.state("B001"), TicketState::Waiting);
    assert_eq!(desk.call("2").as_deref(), Some("B001"));
    assert_eq!(desk.hall.violations(), Vec::<String>::new());
}

#[test]
fn who_waits_for_one_window_alone_waits_for_the_next_matter_anywhere() {
    let mut desk = Desk::open();
    desk.take_for(&["tax", "social"]);
    desk.call("3");
    let details = hall_core::command::Details { to_window: Some(id("1")), ..Default::default() };
    desk.with("3", Key::Transfer, details).unwrap();
    assert!(matches!(desk.state("B001"), TicketState::WaitingFor { .. }));
    let events = desk.adopt(parts_without("tax"));
    assert_eq!(withdrawn(&events), [told("B001", None, "tax", Some("social"))]);
    assert_eq!(desk.call("2").as_deref(), Some("B001"));
}
