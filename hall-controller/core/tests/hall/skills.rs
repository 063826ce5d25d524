//! A window serves what its clerk can do: calls, counts, sentences, estimates and the balancer's view go by
//! the same rule.

use hall_core::command::{Details, Order};
use hall_core::event::{Event, Finding, Managed};
use hall_core::plan::{Balance, Clerk, PlanParts};
use hall_core::refusal::{Language, Refusal};
use hall_protocol::payload::{Key, WindowMode};

use crate::management::list;
use crate::support::{DAY_MS, Desk, id, parts, replayed};

/// Window 1 serves social and tax, window 3 property and tax. Clerk `all` can do everything, `tax` only
/// that, `rest` all but that, and `land` property only.
fn with_skills() -> PlanParts {
    let mut parts = parts();
    let name = parts.name.clone();
    let clerk = |clerk: &str, skills: &[&str], backup: Option<&str>| Clerk {
        id: id(clerk),
        name: name.clone(),
        services: list(skills),
        backup: backup.map(id),
    };
    parts.clerks = vec![
        clerk("all", &[], Some("tax")),
        clerk("tax", &["tax"], None),
        clerk("rest", &["social", "property"], None),
        clerk("land", &["property"], None),
    ];
    parts
}

/// These windows are open, each with its clerk.
fn staffed(parts: PlanParts, clerks: &[(&str, &str)]) -> Desk {
    let mut desk = Desk::closed(parts);
    for (window, clerk) in clerks {
        desk.sign_on(window, clerk).unwrap();
        desk.done(window, Key::Open);
    }
    desk
}

#[test]
fn a_window_calls_and_counts_only_whom_its_clerk_can_serve() {
    let mut desk = staffed(with_skills(), &[("1", "tax")]);
    desk.take("social");
    desk.take("tax");
    assert_eq!((desk.window("1").waiting, desk.window("1").services.primary), (1, list(&["tax"])));
    assert_eq!(desk.call("1").as_deref(), Some("B001"));
    assert_eq!(desk.call("1"), None, "A001 waits for who can do social insurance");
    desk.done("1", Key::SignOff);
    assert_eq!(desk.window("1").waiting, 1, "without a clerk the plan holds");
    assert_eq!(desk.call("1").as_deref(), Some("A001"));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn the_next_clerk_serves_again_what_the_window_was_given() {
    let mut desk = staffed(with_skills(), &[("1", "all")]);
    let services = (list(&["tax", "social"]), list(&["property"]));
    let order = Order::Allocate { window: id("1"), primary: services.0.clone(), backup: services.1.clone() };
    desk.order(order).unwrap();
    let now = |desk: &Desk| (desk.window("1").services.primary, desk.window("1").services.backup);
    let events = desk.sign_on("1", "tax").unwrap();
    assert!(matches!(events[..], [Event::ClerkSignedOn { .. }]), "nobody moves the window: {events:?}");
    assert_eq!(now(&desk), (list(&["tax"]), list(&[])));
    desk.sign_on("1", "land").unwrap();
    assert_eq!(now(&desk), (list(&[]), list(&["property"])), "what was a backup service stays one");
    desk.sign_on("1", "all").unwrap();
    assert_eq!(now(&desk), services);
    assert_eq!(
        desk.sign_on("2", "tax"),
        Err(Refusal::ClerkUnskilled { clerk: id("tax"), window: id("2"), service: None })
    );
}

#[test]
fn picks_and_walk_ins_of_what_the_clerk_cannot_do_are_refused_and_say_so() {
    let mut desk = staffed(with_skills(), &[("1", "tax")]);
    desk.take("social");
    let unable = Refusal::SkillMissing { clerk: id("tax"), service: id("social") };
    assert_eq!(desk.about("1", Key::Pick, "A001"), Err(unable.clone()));
    assert_eq!(desk.with_service("1", Key::WalkIn, "social"), Err(unable.clone()));
    assert_eq!(unable.sentence(None, Language::Zh), "tax 不能办理“social”");
    assert_eq!(unable.sentence(None, Language::En), "tax has no skill for social");
    // Of what is not the window's at all another sentence tells.
    desk.take("property");
    assert_eq!(desk.about("1", Key::Pick, "C001"), Err(Refusal::NotServedHere { number: id("C001") }));
    let events = desk.with("1", Key::WalkIn, Details::default()).unwrap();
    assert!(matches!(&events[..], [Event::WalkedIn { service, .. }] if *service == id("tax")), "{events:?}");
    // What turns out to be another matter leaves the hand of who cannot do it.
    let events = desk.with_service("1", Key::Correct, "social").unwrap();
    assert!(matches!(events.last(), Some(Event::ServiceCorrected { in_hand: false, .. })), "{events:?}");
}

#[test]
fn a_ticket_in_hand_stays_with_the_backup_clerk_who_took_over_with_it() {
    let mut desk = staffed(with_skills(), &[("1", "all")]);
    desk.take("social");
    desk.call("1");
    desk.sign_on("1", "tax").unwrap();
    assert_eq!(desk.hand("1").as_deref(), Some("A001"));
    desk.done("1", Key::Start);
    desk.done("1", Key::Finish);
}

#[test]
fn an_armed_window_calls_who_the_new_clerk_can_serve_and_is_disarmed_when_the_clerk_leaves() {
    let mut parts = with_skills();
    parts.policy.armed_next = true;
    let mut desk = staffed(parts, &[("1", "tax")]);
    desk.call("1");
    assert!(desk.window("1").armed);
    desk.take("social");
    assert!(desk.window("1").armed, "that is not for this clerk");
    let events = desk.sign_on("1", "all").unwrap();
    assert!(matches!(&events[..], [Event::ClerkSignedOn { .. }, Event::Called { .. }]), "{events:?}");
    assert_eq!(desk.journal.last().unwrap().clerk, Some(id("all")), "by who has signed on");
    desk.done("1", Key::Start);
    assert_eq!(desk.call("1"), None);
    assert!(desk.window("1").armed);
    desk.done("1", Key::SignOff);
    assert!(!desk.window("1").armed);
    desk.take("social");
    assert_eq!(desk.hand("1"), None, "nobody is called to a window without a clerk");
}

#[test]
fn a_service_nobody_who_is_there_can_do_is_promised_to_nobody_and_the_manager_is_told() {
    let mut parts = with_skills();
    parts.policy.balance = Balance::Advise;
    let mut desk = staffed(parts, &[("1", "rest"), ("3", "land")]);
    let unable = |desk: &Desk| -> Vec<bool> { desk.view().services.iter().map(|it| it.unable).collect() };
    assert_eq!(unable(&desk), [false; 3], "nobody waits");
    let (before, known) = (desk.view(), desk.journal.len());
    desk.take("tax");
    desk.take("social");
    assert_eq!(unable(&desk), [false, true, false]);
    let after = before.after(&desk.hall, &desk.journal[known..], desk.journal.len() as u64);
    assert_eq!(after.services, desk.view().services);
    let estimate = |desk: &Desk, service: &str| {
        let now = crate::support::now(desk.wall_ms);
        desk.view().estimated(&desk.hall, now).unwrap().queue(id(service)).wait
    };
    assert_eq!(estimate(&desk, "tax"), None);
    assert!(estimate(&desk, "social").is_some());
    let found: Vec<Finding> = desk
        .tick(6)
        .into_iter()
        .filter_map(|event| match event {
            Event::Managed(Managed::Proposed { proposal }) => Some(proposal.finding),
            _ => None,
        })
        .collect();
    let noticed = Finding::NobodyAble { service: id("tax"), waiting: 1 };
    assert_eq!(found.iter().filter(|it| **it == noticed).count(), 1, "{found:?}");
    let plan = desk.hall.plan();
    assert_eq!(
        noticed.sentence(plan, Language::Zh),
        "tax（中） 有 1 人等候，在岗人员都不会办，请换人或调整窗口"
    );
    desk.sign_on("1", "all").unwrap();
    assert!(estimate(&desk, "tax").is_some());
    assert_eq!(unable(&desk), [false; 3]);
}

/// A hall asks nobody to sign on before calling, so a window without a clerk is one that serves.
#[test]
fn a_window_without_a_clerk_calls_and_is_counted_foretold_and_left_alike() {
    let advising = || {
        let mut parts = with_skills();
        parts.policy.balance = Balance::Advise;
        parts
    };
    let told = |clerks: &[(&str, &str)]| {
        let mut desk = staffed(advising(), clerks);
        if clerks.is_empty() {
            desk.done("1", Key::Open);
        }
        for service in ["social", "social", "tax"] {
            desk.take(service);
        }
        let now = crate::support::now(desk.wall_ms);
        let view = desk.view().estimated(&desk.hall, now).unwrap();
        let wait = ["social", "tax", "property"].map(|service| view.queue(id(service)).wait);
        (desk, wait)
    };
    let (mut desk, wait) = told(&[]);
    assert_eq!(desk.window("1").clerk, None);
    assert!(wait[0].is_some() && wait[1].is_some() && wait[2].is_none(), "{wait:?}");
    assert_eq!(wait, told(&[("1", "all")]).1, "as with a clerk who can do all of it");
    assert_eq!(desk.window("1").waiting, 3);
    let unable: Vec<bool> = desk.view().services.iter().map(|it| it.unable).collect();
    assert_eq!(unable, [false; 3]);
    for number in ["A001", "A002", "B001"] {
        assert_eq!(desk.call("1").as_deref(), Some(number), "it calls what it was counted for");
        desk.done("1", Key::Finish);
    }
    // Nothing else is known to be done there, so nothing else is given to it.
    for _ in 0..9 {
        desk.take("property");
    }
    let events = desk.tick(6);
    let proposed = events.iter().filter_map(|event| match event {
        Event::Managed(Managed::Proposed { proposal }) => Some(proposal),
        _ => None,
    });
    let moves: Vec<_> = proposed.flat_map(|it| it.reallocations().to_vec()).collect();
    assert!(moves.is_empty(), "{moves:?}");
    desk.sign_on("1", "all").unwrap();
    let events = desk.tick(6);
    let gives = |event: &Event| {
        matches!(event, Event::Managed(Managed::Proposed { proposal })
            if proposal.reallocations().iter().any(|it| it.window == id("1") && it.after.has(id("property"))))
    };
    assert!(events.iter().any(gives), "{events:?}");
}

#[test]
fn a_clerk_who_cannot_do_it_keeps_the_window_open_only_while_nobody_else_can() {
    let mut parts = with_skills();
    let hours =
        |from: u16, until: u16| hall_core::plan::Hours { from_minute: from * 60, until_minute: until * 60 };
    for window in &mut parts.windows {
        window.hours = vec![hours(9, 12)].into();
    }
    let until_one = |desk: &mut Desk| {
        desk.tick(3 * 60);
        ["1", "3"].map(|window| desk.window(window).mode)
    };
    // Somebody waits for tax: window 3 has a clerk for it, window 1 need not stay.
    let mut desk = staffed(parts.clone(), &[("1", "rest"), ("3", "tax")]);
    desk.take("tax");
    assert_eq!(until_one(&mut desk), [WindowMode::Closed, WindowMode::Open]);
    // Nobody who is there can do it: both wait for a clerk who can.
    let mut desk = staffed(parts, &[("1", "rest"), ("3", "land")]);
    desk.take("tax");
    assert_eq!(until_one(&mut desk), [WindowMode::Open, WindowMode::Open]);
}

#[test]
fn skills_bind_with_a_new_plan_and_after_a_new_day_too() {
    let mut desk = staffed(parts(), &[("1", "tax")]);
    desk.take("social");
    assert_eq!(desk.window("1").waiting, 1, "a hall that names no clerks binds nobody");
    desk.adopt(with_skills());
    assert_eq!(desk.window("1").waiting, 0);
    desk.wait(DAY_MS);
    desk.take("social");
    assert_eq!((desk.window("1").clerk, desk.window("1").waiting), (None, 1));
    desk.sign_on("1", "tax").unwrap();
    assert_eq!(desk.window("1").waiting, 0);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn the_balancer_takes_nothing_from_the_next_clerk_that_this_one_cannot_do() {
    let mut parts = with_skills();
    parts.policy.balance = Balance::Auto;
    let mut desk = staffed(parts, &[("1", "rest")]);
    let now = |desk: &Desk| (desk.window("1").services.primary, desk.window("1").services.backup);
    for _ in 0..9 {
        desk.take("property");
    }
    desk.tick(6);
    assert_eq!(now(&desk), (list(&["social", "property"]), vec![]), "the clerk can do property besides");
    desk.sign_on("1", "all").unwrap();
    assert_eq!(now(&desk), (list(&["social", "property", "tax"]), vec![]));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}
