//! What the manager orders: windows, policies, proposals, and what is held back by whom.

use hall_core::command::{Details, Order};
use hall_core::event::{CallReason, Cause, Event, Rule, Services};
use hall_core::plan::{Balance, Clerk, Group, Routing};
use hall_core::refusal::{Language, Refusal};
use hall_core::view::HallView;
use hall_protocol::id::ServiceId;
use hall_protocol::payload::{Key, WindowMode};

use crate::support::{Desk, id, now, parts, replayed};

const MINUTE_MS: i64 = 60_000;

pub fn list(names: &[&str]) -> Vec<ServiceId> {
    names.iter().map(|name| id(name)).collect()
}

fn serves(desk: &Desk, window: &str) -> Services {
    desk.window(window).services
}

fn services(primary: &[&str], backup: &[&str]) -> Services {
    Services { primary: list(primary), backup: list(backup) }
}

fn allocate(desk: &mut Desk, window: &str, primary: &[&str], backup: &[&str]) {
    let Services { primary, backup } = services(primary, backup);
    desk.order(Order::Allocate { window: id(window), primary, backup }).unwrap();
}

#[test]
fn an_allocation_is_effective_at_once_and_the_journal_says_who_ordered_it() {
    let mut desk = Desk::open();
    desk.take("tax");
    assert_eq!(desk.window("2").waiting, 0);
    let before = desk.view();
    allocate(&mut desk, "2", &["social"], &["tax"]);
    assert_eq!(desk.journal.last().unwrap().cause, Cause::Client(id("chief")));
    assert_eq!((desk.window("2").waiting, serves(&desk, "2")), (1, services(&["social"], &["tax"])));
    // What is shown is made from the picture before and the event alone.
    let after = before.after(&desk.hall, &desk.journal[desk.journal.len() - 1..], 9);
    assert_eq!((after.windows[1].waiting, after.windows[1].services.clone()), (1, serves(&desk, "2")));
    assert_eq!(desk.call("2").as_deref(), Some("B001"));
}

#[test]
fn undo_steps_back_through_the_orders_of_the_day() {
    let mut desk = Desk::open();
    let planned = serves(&desk, "2");
    allocate(&mut desk, "2", &["tax"], &[]);
    allocate(&mut desk, "2", &["social"], &["tax"]);
    let undo = || Order::Undo { window: id("2") };
    desk.order(undo()).unwrap();
    assert_eq!((serves(&desk, "2"), desk.window("2").can_undo), (services(&["tax"], &[]), true));
    allocate(&mut desk, "2", &["property"], &[]);
    for before in [services(&["tax"], &[]), planned] {
        desk.order(undo()).unwrap();
        assert_eq!(serves(&desk, "2"), before);
    }
    assert!(!desk.window("2").can_undo);
    assert_eq!(desk.order(undo()), Err(Refusal::NothingToUndo { window: id("2") }));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_change_takes_no_ticket_out_of_a_hand_and_is_undone_once() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.call("2");
    allocate(&mut desk, "2", &["tax"], &[]);
    assert_eq!(desk.hand("2").as_deref(), Some("A001"));
    desk.done("2", Key::Start);
    desk.done("2", Key::Finish);
    let undo = Order::Undo { window: id("2") };
    assert!(desk.window("2").can_undo);
    desk.order(undo.clone()).unwrap();
    assert_eq!(serves(&desk, "2"), services(&["social"], &[]));
    assert!(!desk.window("2").can_undo);
    assert_eq!(desk.order(undo), Err(Refusal::NothingToUndo { window: id("2") }));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn the_manager_opens_pauses_and_closes_windows() {
    let mut desk = Desk::closed(parts());
    let window = id("2");
    desk.order(Order::Open { window }).unwrap();
    assert_eq!(desk.window("2").mode, WindowMode::Open);
    desk.order(Order::Pause { window, reason: Some("设备检修".into()) }).unwrap();
    assert_eq!(desk.window("2").reason.as_deref(), Some("设备检修"));
    desk.order(Order::Resume { window }).unwrap();
    desk.take("social");
    desk.call("2");
    let number = id("A001");
    assert_eq!(desk.order(Order::Close { window }), Err(Refusal::TicketInHand { number }));
    desk.done("2", Key::Finish);
    desk.order(Order::Close { window }).unwrap();
    assert_eq!(desk.order(Order::Resume { window }), Err(Refusal::WindowClosed { window }));
    assert_eq!(desk.order(Order::Open { window: id("9") }), Err(Refusal::UnknownWindow { window: id("9") }));
}

#[test]
fn pins_and_modes_that_are_so_already_make_no_event() {
    let mut desk = Desk::open();
    let window = id("2");
    for (order, again) in [
        (Order::Pin { window }, "window_pinned"),
        (Order::Unpin { window }, "window_unpinned"),
        (Order::Pause { window, reason: None }, "window_paused"),
        (Order::Resume { window }, "window_resumed"),
        (Order::Close { window }, "window_closed"),
        (Order::Open { window }, "window_opened"),
        (Order::SetBalance { balance: Balance::Advise }, "balance_set"),
        (Order::SetRouting { group: None, routing: Routing::Fcfs }, "routing_set"),
        (Order::StopIssuing { service: id("tax") }, "issuing_stopped"),
        (Order::ResumeIssuing { service: id("tax") }, "issuing_resumed"),
    ] {
        let names: Vec<_> = desk.order(order.clone()).unwrap().iter().map(Event::name).collect();
        assert_eq!(names, [again]);
        assert_eq!(desk.order(order), Ok(Vec::new()));
    }
    let management = desk.view().management;
    assert_eq!((management.balance, management.routing), (Balance::Advise, Routing::Fcfs));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn what_is_set_live_holds_until_the_plan_says_something_else() {
    let mut desk = Desk::open();
    desk.order(Order::SetBalance { balance: Balance::Advise }).unwrap();
    let mut other = parts();
    other.policy.return_grace_minutes = 7;
    desk.adopt(other.clone());
    assert_eq!(desk.view().management.balance, Balance::Advise, "another rule changed");
    other.policy.balance = Balance::Auto;
    desk.adopt(other);
    assert_eq!(desk.view().management.balance, Balance::Auto);
}

#[test]
fn a_service_that_is_stopped_gives_no_number_before_tomorrow() {
    let mut desk = Desk::open();
    desk.order(Order::StopIssuing { service: id("tax") }).unwrap();
    let request = desk.request("K1", "tax");
    let refusal = desk.refused_command(&request);
    let Refusal::OutsideHours { opens: Some(opens), .. } = refusal else { panic!("{refusal:?}") };
    assert_eq!(opens.in_days, 1);
    let plan = desk.hall.plan();
    assert!(refusal.sentence(Some(plan), Language::Zh).starts_with("大厅已暂停该事项取号"), "{refusal:?}");
    let in_english = refusal.sentence(Some(plan), Language::En);
    assert!(in_english.starts_with("The hall has paused tickets for this service"), "{in_english}");
    assert_eq!(desk.view().offer(id("tax"), now(desk.wall_ms)), Err(refusal), "as the menu says");
    desk.order(Order::ResumeIssuing { service: id("tax") }).unwrap();
    desk.take("tax");
}

#[test]
fn the_policy_is_changed_live_for_the_hall() {
    let mut desk = Desk::open();
    desk.take("social");
    desk.take_as(hall_protocol::payload::Class::Elderly, "social");
    desk.order(Order::SetRouting { group: None, routing: Routing::Fcfs }).unwrap();
    assert_eq!(desk.call("2").as_deref(), Some("A001"));
    desk.take("social");
    desk.order(Order::SetRouting { group: None, routing: Routing::Priority }).unwrap();
    assert_eq!(desk.call("2").as_deref(), Some("A002"));
}

/// Tax goes by class, the others by when they came.
fn grouped() -> Desk {
    let mut desk = Desk::open();
    let mut parts = parts();
    parts.policy.routing = Routing::Fcfs;
    parts.policy.groups =
        vec![Group { id: id("tax"), name: None, services: list(&["tax"]), routing: Routing::Priority }];
    desk.adopt(parts);
    desk
}

#[test]
fn a_group_of_services_has_a_policy_of_its_own_which_is_changed_live_too() {
    use hall_protocol::payload::Class::Elderly;
    let mut desk = grouped();
    for service in ["social", "tax"] {
        desk.take(service);
        desk.wait(MINUTE_MS);
        desk.take_as(Elderly, service);
    }
    // Social by age: A001; then of A002 and the tax group's B002, who is elderly, A002 came first.
    let called: Vec<_> = (0..4).map(|_| desk.call("1").unwrap()).collect();
    assert_eq!(called, ["A001", "A002", "B002", "B001"]);
    let set = Order::SetRouting { group: Some(id("tax")), routing: Routing::Fcfs };
    desk.order(set).unwrap();
    desk.take("tax");
    desk.take_as(Elderly, "tax");
    assert_eq!(desk.call("3").as_deref(), Some("B003"));
    let unknown = Order::SetRouting { group: Some(id("fish")), routing: Routing::Fcfs };
    assert_eq!(desk.order(unknown), Err(Refusal::UnknownGroup { group: id("fish") }));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn tiers_hold_over_groups() {
    let mut desk = grouped();
    allocate(&mut desk, "2", &["social"], &["tax"]);
    desk.take("tax");
    desk.wait(MINUTE_MS);
    desk.take("social");
    assert_eq!(desk.call("2").as_deref(), Some("A001"), "the backup service waits for the primary one");
    assert_eq!(desk.call("2").as_deref(), Some("B001"));
}

#[test]
fn who_waits_for_the_window_alone_waits_no_longer_than_others_of_several_groups() {
    let mut desk = grouped();
    desk.take("social");
    desk.call("2");
    desk.transfer("2", "", "1").unwrap();
    desk.wait(MINUTE_MS);
    desk.take("social");
    desk.take("tax");
    let called: Vec<_> = (0..3).map(|_| desk.call("1").unwrap()).collect();
    assert_eq!(called, ["A001", "A002", "B001"]);
}

#[test]
fn a_clerk_who_signs_on_serves_only_what_is_among_the_skills() {
    let mut parts = parts();
    let name = parts.name.clone();
    let clerk = |clerk: &str, skills: &[&str]| Clerk {
        id: id(clerk),
        name: name.clone(),
        services: list(skills),
        backup: None,
    };
    parts.clerks = vec![clerk("all", &[]), clerk("one", &["social", "property"])];
    let mut desk = Desk::closed(parts);
    let sign_on = |desk: &mut Desk, clerk: &str| {
        let details = Details { clerk: Some(id(clerk)), ..Details::default() };
        desk.with("1", Key::SignOn, details).unwrap()
    };
    sign_on(&mut desk, "all");
    desk.done("1", Key::Open);
    allocate(&mut desk, "1", &["tax", "social"], &["property"]);
    sign_on(&mut desk, "one");
    assert_eq!(serves(&desk, "1"), services(&["social"], &["property"]));
    allocate(&mut desk, "1", &["property"], &[]);
    let events = sign_on(&mut desk, "all");
    assert_eq!(events.len(), 1, "who can do all of it changes nothing: {events:?}");
}

#[test]
fn the_window_shows_why_its_ticket_was_called() {
    let mut desk = Desk::open();
    assert_eq!(desk.window("1").why, None);
    desk.take("tax");
    desk.take("social");
    desk.call("1");
    assert_eq!(desk.window("1").why, Some(CallReason::Oldest { services: 2 }));
    desk.done("1", Key::Start);
    desk.done("1", Key::Finish);
    assert_eq!(desk.window("1").why, None);
}

#[test]
fn an_old_journals_allocation_is_the_manager_s() {
    let old = r#"{"kind":"allocated","window":"2","primary":["tax"],"backup":[]}"#;
    let event: Event = serde_json::from_str(old).unwrap();
    assert!(matches!(&event, Event::Allocated { proposal: None, undone: false, .. }));
    assert_eq!(serde_json::to_string(&event).unwrap(), old);
    let cause: Cause = serde_json::from_str(r#"{"rule":"manager"}"#).unwrap();
    assert_eq!(cause, Cause::Rule(Rule::Manager));
}

#[test]
fn the_picture_of_the_management_is_shared_until_it_changes() {
    let mut desk = Desk::open();
    let before = desk.view();
    desk.take("tax");
    let after = before.after(&desk.hall, &desk.journal[desk.journal.len() - 1..], 9);
    assert!(std::sync::Arc::ptr_eq(&before.management, &after.management));
    desk.order(Order::SetBalance { balance: Balance::Auto }).unwrap();
    let after: HallView = after.after(&desk.hall, &desk.journal[desk.journal.len() - 1..], 10);
    assert_eq!(after.management.balance, Balance::Auto);
}
