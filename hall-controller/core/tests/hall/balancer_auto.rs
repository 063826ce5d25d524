//! The balancer by itself: what it does is what it would propose, what it cannot do it tells, and what the
//! manager says goes before it.

use hall_core::command::Order;
use hall_core::event::{Advice, Effect, Event, Finding, Managed, Proposal, Range};
use hall_core::plan::{Balance, PlanParts};
use hall_core::refusal::Language;
use hall_core::view::{Assessment, Standing, Told, Verdict};
use hall_protocol::id::WindowId;
use hall_protocol::payload::{Class, Key};

use crate::balancer::{crowded, proposals};
use crate::management::list;
use crate::support::{Desk, id, now, replayed};

pub fn auto(change: impl FnOnce(&mut PlanParts)) -> Desk {
    crowded(|parts| {
        parts.policy.balance = Balance::Auto;
        change(parts);
    })
}

/// Which windows were moved.
fn moved(events: &[Event]) -> Vec<WindowId> {
    let moves = events.iter().filter_map(|event| match event {
        Event::Allocated { window, proposal: Some(_), .. } => Some(*window),
        _ => None,
    });
    moves.collect()
}

fn told(desk: &Desk, finds: impl Fn(&Finding) -> bool) -> Vec<Told> {
    let told = desk.view().management.proposals.clone();
    told.into_iter().filter(|told| finds(&told.proposal.finding)).collect()
}

#[test]
fn it_does_what_it_would_propose() {
    let mut advised = crowded(|_| ());
    let proposed: Vec<Advice> = proposals(&advised.tick(1)).into_iter().map(|it| it.advice).collect();
    let mut done = auto(|_| ());
    let events = done.tick(1);
    assert_eq!(proposals(&events).into_iter().map(|it| it.advice).collect::<Vec<_>>(), proposed);
    assert_eq!(moved(&events), [id("2")]);
    assert_eq!(
        done.window("2").services.primary,
        list(&["social", "tax"]),
        "to be pooled, not to be a backup"
    );
    assert_eq!(replayed(id("county"), &done.journal), done.hall);
}

#[test]
fn a_hall_that_needs_no_help_is_left_as_it_is() {
    let mut desk = auto(|parts| parts.services.iter_mut().for_each(|it| it.usual_seconds = Some(10)));
    assert!(moved(&desk.tick(90)).is_empty());
}

#[test]
fn a_service_that_will_miss_its_target_is_told_of_when_no_move_helps() {
    let mut desk = auto(|parts| parts.clerks[1].services = list(&["social"]));
    let events = desk.tick(6);
    let late = |it: &Proposal| {
        matches!(it.finding, Finding::WillMissTarget { service, .. } if service == id("tax"))
            && it.advice == Advice::LookAfter
            && !it.automatic
    };
    assert!(moved(&events).is_empty());
    assert!(proposals(&events).iter().any(late), "{events:?}");
}

#[test]
fn a_clerk_of_whom_no_skills_are_listed_can_do_everything() {
    let mut desk = auto(|parts| parts.clerks[1].services = Vec::new());
    assert_eq!(moved(&desk.tick(6)), [id("2")]);
    assert!(desk.window("2").services.primary.contains(&id("tax")));
}

#[test]
fn what_the_manager_undoes_is_respected_for_the_day_and_what_is_ordered_for_an_hour() {
    let mut desk = auto(|_| ());
    assert_eq!(moved(&desk.tick(6)), [id("2")]);
    desk.order(Order::Undo { window: id("2") }).unwrap();
    assert!(moved(&desk.tick(59)).is_empty());
    assert!(moved(&desk.tick(180)).is_empty(), "tax is still crowded, and the manager has said no");
    // A shorter word does not take back a longer one.
    let (primary, backup) = (list(&["social"]), Vec::new());
    desk.order(Order::Allocate { window: id("2"), primary, backup }).unwrap();
    assert!(moved(&desk.tick(90)).is_empty());
    // Who is asked can say yes.
    desk.order(Order::SetBalance { balance: Balance::Advise }).unwrap();
    let asked = proposals(&desk.tick(12));
    assert!(asked.iter().any(|it| it.advice != Advice::LookAfter), "{asked:?}");

    let mut desk = auto(|_| ());
    let (primary, backup) = (list(&["social"]), Vec::new());
    desk.order(Order::Allocate { window: id("2"), primary, backup }).unwrap();
    assert!(moved(&desk.tick(59)).is_empty());
    assert_eq!(moved(&desk.tick(10)), [id("2")]);
}

#[test]
fn one_window_of_a_proposal_is_undone_alone() {
    let mut desk = auto(|parts| parts.clerks[2].services = list(&["property", "tax"]));
    assert_eq!(moved(&desk.tick(6)), [id("2"), id("3")]);
    desk.order(Order::Undo { window: id("2") }).unwrap();
    let all = told(&desk, |_| true);
    let it = all.into_iter().find(|it| it.proposal.automatic).unwrap();
    assert_eq!((it.standing.clone(), &it.undone[..]), (Standing::Automatic, &[id("2")][..]));
    assert!(desk.window("3").services.has(id("tax")));
    assert_eq!(desk.view().management.record.undone, 1, "a part of it is");
    let assessed = |event: &Event| matches!(event, Event::Managed(Managed::ProposalAssessed { proposal, .. }) if *proposal == it.proposal.id);
    desk.take("tax");
    desk.call("3");
    assert!(desk.tick(70).iter().any(assessed), "what the other window does is still held to the forecast");
    desk.order(Order::Undo { window: id("3") }).unwrap();
    let both = told(&desk, |_| true).into_iter().find(|told| told.proposal.id == it.proposal.id);
    assert_eq!(both.unwrap().standing, Standing::Undone);
    assert_eq!(desk.view().management.record.undone, 1, "one proposal counts once");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn an_order_of_the_manager_that_is_undone_takes_back_no_move_of_the_balancer() {
    let mut desk = auto(|_| ());
    assert_eq!(moved(&desk.tick(6)), [id("2")]);
    let by_balancer = desk.window("2").services;
    desk.order(Order::Allocate { window: id("2"), primary: list(&["social"]), backup: Vec::new() }).unwrap();
    desk.order(Order::Undo { window: id("2") }).unwrap();
    assert_eq!((desk.window("2").services, desk.view().management.record.undone), (by_balancer, 0));
    desk.order(Order::Undo { window: id("2") }).unwrap();
    assert_eq!(desk.view().management.record.undone, 1);
    assert_eq!(
        told(&desk, |_| true).into_iter().find(|it| it.proposal.automatic).unwrap().standing,
        Standing::Undone
    );
}

#[test]
fn a_notice_keeps_its_figures_current() {
    let mut desk = auto(|parts| parts.clerks[1].services = list(&["social"]));
    desk.tick(6);
    let wait = |desk: &Desk| {
        let found = told(desk, |it| matches!(it, Finding::WillMissTarget { .. }));
        let [notice] = &found[..] else { panic!("one notice: {found:?}") };
        let Finding::WillMissTarget { wait_s, .. } = notice.proposal.finding else { unreachable!() };
        (notice.proposal.id, wait_s)
    };
    let (id, at_first) = wait(&desk);
    for _ in 0..9 {
        desk.take("tax");
    }
    desk.tick(5);
    let (same, now) = wait(&desk);
    assert!(same == id && now > at_first, "{at_first} s, and at the next review {now} s");
}

#[test]
fn a_wait_that_did_not_get_shorter_is_not_as_foretold_however_wide_the_range() {
    let mut desk = auto(|_| ());
    desk.tick(6);
    let mut it = told(&desk, |_| true).into_iter().find(|it| it.proposal.automatic).unwrap();
    // 10 min without it, 7 with it, and up to 15 within the range.
    let service = it.proposal.effects[0].service;
    let before = Range { low_s: 240, mean_s: 600, high_s: 1_200 };
    let after = Range { low_s: 120, mean_s: 420, high_s: 900 };
    it.proposal.effects[0] = Effect { service, before, after };
    let seen = |seen_s: u32| {
        let came = Assessment { expected: after, seen_s, tickets: 4 };
        Told { assessments: vec![(service, came)], ..it.clone() }.verdict(service)
    };
    assert_eq!(seen(after.mean_s), Some(Verdict::AsForetold));
    assert_eq!(seen(780), Some(Verdict::NoBetter), "13 min");
    assert_eq!(seen(3_600), Some(Verdict::NoBetter));
    assert_eq!(seen(60), Some(Verdict::Otherwise), "shorter than foretold");
    let nobody = Assessment { expected: after, seen_s: 0, tickets: 0 };
    assert_eq!(Told { assessments: vec![(service, nobody)], ..it.clone() }.verdict(service), None);
}

#[test]
fn a_window_that_is_paused_is_foreseen_to_come_back() {
    let mut desk = crowded(|_| ());
    desk.done("1", Key::Pause);
    let events = desk.tick(6);
    let before = proposals(&events).iter().find_map(|it| it.effects.first().copied()).unwrap().before;
    assert!(before.mean_s > 900 && !before.is_cut(), "{before:?}");
}

#[test]
fn a_wait_that_is_cut_off_is_told_as_more_and_not_as_a_figure() {
    let mut desk = auto(|parts| parts.clerks[1].services = list(&["social"]));
    desk.done("1", Key::Close);
    desk.tick(6);
    let late = told(&desk, |it| matches!(it, Finding::WillMissTarget { .. }));
    let said = |language| late[0].proposal.why(desk.hall.plan(), language);
    assert!(said(Language::En).contains("more than 240 min"), "{}", said(Language::En));
    assert!(said(Language::En).contains("on average; its target is 15"), "{}", said(Language::En));
    let mut better = late[0].proposal.clone();
    better.finding = Finding::WillMissTarget { service: id("tax"), wait_s: 13 * 60, target_minutes: 15 };
    let said_of = |language| better.why(desk.hall.plan(), language);
    assert!(said_of(Language::En).contains("about 13 min on average, no longer above its target of 15"));
    assert!(said_of(Language::Zh).contains("已不超过目标 15 分钟"), "{}", said_of(Language::Zh));
    assert!(said(Language::Zh).contains("超过 240 分钟"), "{}", said(Language::Zh));
    let cut = Range { low_s: Range::CUT_S, mean_s: Range::CUT_S, high_s: Range::CUT_S };
    assert!(cut.is_cut() && cut.holds(Range::CUT_S + 1) && !cut.holds(Range::CUT_S - 1));
}

#[test]
fn services_that_get_worse_are_named_too_and_every_forecast_is_assessed() {
    let mut desk = auto(|_| ());
    for service in ["tax", "tax", "tax", "tax", "tax", "tax", "social", "social"] {
        desk.take(service);
    }
    let events = desk.tick(6);
    let made = proposals(&events).into_iter().find(|it| it.automatic).unwrap();
    let worse =
        made.effects.iter().find(|it| it.after.mean_s > it.before.mean_s).expect("social waits longer");
    assert_eq!(worse.service, id("social"));
    assert!(made.cost.switches > 0 && made.cost.seconds == u32::from(made.cost.switches) * 60, "{made:?}");
    let assessed = desk.tick(70).into_iter().filter_map(|event| match event {
        Event::Managed(Managed::ProposalAssessed { proposal, service, .. }) if proposal == made.id => {
            Some(service)
        }
        _ => None,
    });
    let mut assessed: Vec<_> = assessed.collect();
    let mut foretold: Vec<_> = made.effects.iter().map(|it| it.service).collect();
    assessed.sort();
    foretold.sort();
    assert_eq!(assessed, foretold);
}

#[test]
fn a_notice_says_where_and_stays_while_the_trouble_lasts() {
    let mut desk = auto(|_| ());
    desk.tick(90);
    let not_calling =
        |finding: &Finding| matches!(finding, Finding::NotCalling { window, .. } if *window == id("1"));
    let found = told(&desk, not_calling);
    let [notice] = &found[..] else { panic!("one notice, and not one after another: {found:?}") };
    assert_eq!(notice.standing, Standing::Open);
    assert!(notice.proposal.until > desk.hall.at());
    assert_eq!(
        notice.proposal.what(desk.hall.plan(), Language::Zh),
        "1 号窗口：请提醒叫号，人不在则暂停该窗口"
    );
    desk.call("1");
    desk.tick(6);
    assert!(matches!(told(&desk, not_calling)[0].standing, Standing::Lapsed { .. }), "it calls again");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn an_idle_window_and_nobody_waiting_means_now() {
    let mut desk = Desk::open();
    let now = now(desk.wall_ms);
    let estimate = desk.hall.estimate(id("tax"), Class::Ordinary, now).unwrap();
    assert!(estimate.p90_seconds <= 120, "{estimate:?}");
    desk.take("tax");
    assert!(desk.hall.estimate(id("tax"), Class::Ordinary, now).unwrap().median_seconds > 0);
}
