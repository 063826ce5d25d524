//! What the balancer proposes, what holds it back, and how it is held to account.

use hall_core::command::{Details, Order};
use hall_core::event::{
    Advice, Effect, Event, Finding, GuardRail, LapseReason, Managed, Proposal, ProposalId, Services,
};
use hall_core::plan::{Balance, Clerk, GuardRails, Hours, PlanParts, Routing};
use hall_core::refusal::{Answered, Language, Refusal};
use hall_core::view::Standing;
use hall_protocol::payload::Key;

use crate::management::list;
use crate::support::{DAY_MS, Desk, GUARD_MS, id, parts, replayed};

const MINUTE_MS: i64 = 60_000;

/// Three windows and a clerk at each: 1 serves tax, 2 social, and each of the two clerks can do both; 3
/// serves property, which is all its clerk can do. Nine wait for tax.
pub fn crowded(change: impl FnOnce(&mut PlanParts)) -> Desk {
    let mut parts = parts();
    parts.policy.balance = Balance::Advise;
    parts.policy.routing = Routing::ServiceLevel;
    parts.windows[0].services = list(&["tax"]);
    parts.windows[2].services = list(&["property"]);
    parts.services.iter_mut().for_each(|service| service.usual_seconds = Some(480));
    let name = parts.name.clone();
    let clerk = |clerk: &str, skills: &[&str]| Clerk {
        id: id(clerk),
        name: name.clone(),
        services: list(skills),
        backup: None,
    };
    parts.clerks = vec![
        clerk("c1", &["social", "tax"]),
        clerk("c2", &["social", "tax"]),
        clerk("c3", &["property"]),
        clerk("c4", &["social"]),
    ];
    change(&mut parts);
    let mut desk = Desk::closed(parts);
    for (window, clerk) in [("1", "c1"), ("2", "c2"), ("3", "c3")] {
        let details = Details { clerk: Some(id(clerk)), ..Details::default() };
        desk.with(window, Key::SignOn, details).unwrap();
        desk.done(window, Key::Open);
    }
    for _ in 0..9 {
        desk.take("tax");
    }
    desk
}

pub fn proposals(events: &[Event]) -> Vec<Proposal> {
    let proposed = events.iter().filter_map(|event| match event {
        Event::Managed(Managed::Proposed { proposal }) => Some((**proposal).clone()),
        _ => None,
    });
    proposed.collect()
}

/// The first proposal to move a window.
fn proposed(desk: &mut Desk) -> Proposal {
    let made = proposals(&desk.tick(6));
    let moves = made.into_iter().find(|proposal| matches!(proposal.advice, Advice::Reallocate { .. }));
    moves.expect("a proposal to move a window")
}

/// How many proposals to move a window are among these events.
fn moves(events: &[Event]) -> usize {
    proposals(events).into_iter().filter(|it| matches!(it.advice, Advice::Reallocate { .. })).count()
}

fn accept(desk: &mut Desk, proposal: ProposalId) -> Result<Vec<Event>, Refusal> {
    desk.order(Order::Accept { proposal, only: None })
}

#[test]
fn a_crowded_service_is_proposed_to_the_window_that_has_time() {
    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk);
    let Advice::Reallocate { moves } = &proposal.advice else { panic!("{proposal:?}") };
    let [it] = &moves[..] else { panic!("{proposal:?}") };
    assert_eq!((it.window, it.adds().collect::<Vec<_>>()), (id("2"), list(&["tax"])));
    assert!(
        matches!(proposal.finding, Finding::Idle { .. } | Finding::WillMissTarget { .. }),
        "{proposal:?}"
    );
    let Effect { service, before, after } = proposal.effects[0];
    assert_eq!(service, id("tax"));
    assert!(after.mean_s + 180 <= before.mean_s, "{before:?} {after:?}");
    for range in [before, after] {
        assert!(range.low_s <= range.mean_s && range.mean_s <= range.high_s, "{range:?}");
    }
    assert_eq!((proposal.cost.switches, proposal.cost.seconds), (1, 60));
    for language in [Language::Zh, Language::En] {
        let plan = desk.hall.plan();
        let said = format!("{} {}", proposal.what(plan, language), proposal.why(plan, language));
        assert!(said.contains('2') && said.contains("tax"), "{said}");
        let adds = if language == Language::Zh { "增加" } else { "also" };
        assert!(said.contains(adds), "{said}");
    }
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn nothing_moves_before_the_manager_accepts() {
    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk);
    let planned = Services { primary: list(&["social"]), backup: Vec::new() };
    assert_eq!(desk.window("2").services, planned);
    let events = accept(&mut desk, proposal.id).unwrap();
    assert_eq!(events[0], Event::Managed(Managed::ProposalAccepted { proposal: proposal.id, part: None }));
    assert!(matches!(&events[1], Event::Allocated { proposal: Some(by), .. } if *by == proposal.id));
    assert!(desk.window("2").services.has(id("tax")));
    assert_eq!(desk.call("2").as_deref(), Some("B001"));
}

#[test]
fn an_answer_given_twice_changes_nothing_and_another_one_is_refused_with_what_was_said_before() {
    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk).id;
    let reject = |reason: &str| Order::Reject { proposal, reason: reason.into() };
    let answered = |how| Err(Refusal::ProposalAnswered { proposal, how });
    accept(&mut desk, proposal).unwrap();
    assert_eq!(accept(&mut desk, proposal), Ok(Vec::new()));
    assert_eq!(desk.order(reject("不便")), answered(Answered::Accepted));
    assert_eq!(desk.view().management.record.accepted, 1);
    desk.order(Order::Undo { window: id("2") }).unwrap();
    assert_eq!(accept(&mut desk, proposal), answered(Answered::Undone));

    // A notice moves nothing that could be undone.
    let mut desk = crowded(|_| ());
    let found = proposals(&desk.tick(12));
    let notice = found.iter().find(|it| it.advice == Advice::LookAfter).expect("a notice").id;
    accept(&mut desk, notice).unwrap();
    assert_eq!(accept(&mut desk, notice), Ok(Vec::new()));
    let refusal = desk.order(Order::Reject { proposal: notice, reason: "不便".into() }).unwrap_err();
    assert_eq!(refusal, Refusal::ProposalAnswered { proposal: notice, how: Answered::Noted });
    for (language, said) in [(Language::Zh, "无须撤销"), (Language::En, "nothing to undo")] {
        assert!(refusal.sentence(Some(desk.hall.plan()), language).contains(said), "{refusal:?}");
    }

    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk).id;
    desk.order(Order::Reject { proposal, reason: "不便".into() }).unwrap();
    assert_eq!(desk.order(Order::Reject { proposal, reason: "不便".into() }), Ok(Vec::new()));
    assert_eq!(
        accept(&mut desk, proposal),
        Err(Refusal::ProposalAnswered { proposal, how: Answered::Rejected })
    );
    assert_eq!(desk.view().management.record.rejected, 1);
    let never = ProposalId::new(99);
    assert_eq!(accept(&mut desk, never), Err(Refusal::UnknownProposal { proposal: never }));
}

#[test]
fn a_rejection_has_a_reason_and_is_not_asked_again_for_an_hour() {
    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk).id;
    let reject = |reason: &str| Order::Reject { proposal, reason: reason.into() };
    assert_eq!(desk.order(reject(" ")), Err(Refusal::ReasonRequired));
    desk.order(reject("今天人手另有安排")).unwrap();
    assert_eq!(moves(&desk.tick(50)), 0);
    assert_eq!(moves(&desk.tick(20)), 1, "tax is still crowded");
    let told = desk.view().management.proposals.iter().find(|told| told.proposal.id == proposal).cloned();
    assert_eq!(told.unwrap().standing, Standing::Rejected { reason: "今天人手另有安排".into() });
}

#[test]
fn a_proposal_nobody_answers_or_that_is_overtaken_lapses() {
    let mut desk = crowded(|_| ());
    let first = proposed(&mut desk).id;
    let events = desk.tick(13);
    assert!(
        events.contains(&Event::Managed(Managed::ProposalLapsed {
            proposal: first,
            why: LapseReason::TimeOver
        })),
        "{events:?}"
    );
    let mut desk = crowded(|_| ());
    let second = proposed(&mut desk).id;
    desk.order(Order::Pin { window: id("2") }).unwrap();
    assert_eq!(accept(&mut desk, second), Err(Refusal::UnknownProposal { proposal: second }));
    let events = desk.tick(1);
    assert!(events.contains(&Event::Managed(Managed::ProposalLapsed {
        proposal: second,
        why: LapseReason::Overtaken
    })));
    assert_eq!(moves(&desk.tick(30)), 0);
}

#[test]
fn turning_the_balancer_off_ends_its_proposals() {
    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk).id;
    let events = desk.order(Order::SetBalance { balance: Balance::Off }).unwrap();
    assert_eq!(events[0], Event::Managed(Managed::ProposalLapsed { proposal, why: LapseReason::TurnedOff }));
    assert!(desk.tick(30).is_empty());
}

#[test]
fn an_accepted_move_is_undone_and_stays_undone() {
    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk).id;
    accept(&mut desk, proposal).unwrap();
    desk.order(Order::Undo { window: id("2") }).unwrap();
    assert!(!desk.window("2").services.has(id("tax")));
    let management = desk.view().management;
    let told = management.proposals.iter().find(|told| told.proposal.id == proposal).unwrap();
    assert_eq!(told.standing, Standing::Undone);
    assert_eq!((management.record.accepted, management.record.undone), (1, 1));
    assert_eq!(moves(&desk.tick(50)), 0);
}

#[test]
fn a_hall_that_allows_no_moves_hears_of_none() {
    let heard = |rails: GuardRails| moves(&crowded(|parts| parts.policy.guard_rails = rails).tick(6));
    assert_eq!(heard(GuardRails::default()), 1);
    assert_eq!(heard(GuardRails { window_moves_per_hour: 0, ..GuardRails::default() }), 0);
    assert_eq!(heard(GuardRails { hall_moves_per_hour: Some(0), ..GuardRails::default() }), 0);
}

/// Why a proposal cannot be accepted, after this has changed.
fn held_back(change: impl FnOnce(&mut Desk)) -> GuardRail {
    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk).id;
    change(&mut desk);
    match accept(&mut desk, proposal) {
        Err(Refusal::HeldBack { rail, window }) if window == id("2") => rail,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_guard_rails_are_held_against_an_accepted_proposal_too() {
    let closed = |desk: &mut Desk| {
        desk.done("2", Key::Close);
    };
    assert_eq!(held_back(closed), GuardRail::NotOpen);
    let again = |desk: &mut Desk| {
        let (primary, backup) = (list(&["tax"]), Vec::new());
        desk.order(Order::Allocate { window: id("2"), primary, backup }).unwrap();
        desk.order(Order::Undo { window: id("2") }).unwrap();
    };
    assert_eq!(held_back(again), GuardRail::Dwell);
    // Another clerk is there, who cannot do it; the window serves what it did.
    let unskilled = |desk: &mut Desk| {
        for (window, key) in [("3", Key::SignOff), ("2", Key::SignOff)] {
            desk.done(window, key);
        }
        let details = Details { clerk: Some(id("c4")), ..Details::default() };
        desk.with("2", Key::SignOn, details).unwrap();
    };
    assert_eq!(held_back(unskilled), GuardRail::Skills);
}

#[test]
fn a_window_pinned_by_the_plan_is_left_alone_until_the_manager_unpins_it() {
    let mut desk = crowded(|parts| parts.policy.pinned = vec![id("2")]);
    assert!(desk.window("2").pinned && !desk.window("1").pinned);
    assert_eq!(moves(&desk.tick(6)), 0);
    desk.order(Order::Unpin { window: id("2") }).unwrap();
    assert_eq!(moves(&desk.tick(6)), 1);
}

#[test]
fn what_the_manager_pins_stays_until_the_plan_says_something_new_or_the_day_ends() {
    let pinned = |windows: &[&str]| {
        let mut parts = parts();
        parts.policy.pinned = windows.iter().map(|window| id(window)).collect();
        parts
    };
    let mut desk = Desk::closed(pinned(&["2"]));
    desk.order(Order::Unpin { window: id("2") }).unwrap();
    desk.order(Order::Pin { window: id("1") }).unwrap();
    desk.adopt(pinned(&["2", "3"]));
    let are = |desk: &Desk| ["1", "2", "3"].map(|window| desk.window(window).pinned);
    assert_eq!(are(&desk), [true, false, true]);
    desk.adopt(pinned(&["2"]));
    assert_eq!(are(&desk), [true, false, false]);
    desk.wait(DAY_MS);
    desk.tick(1);
    assert_eq!(are(&desk), [false, true, false]);
}

#[test]
fn no_window_is_moved_more_often_in_an_hour_than_may_be() {
    let mut desk = crowded(|parts| {
        parts.policy.guard_rails =
            GuardRails { dwell_minutes: 0, window_moves_per_hour: 1, ..GuardRails::default() };
    });
    let first = proposed(&mut desk).id;
    accept(&mut desk, first).unwrap();
    for _ in 0..30 {
        desk.take("tax");
    }
    assert_eq!(moves(&desk.tick(50)), 0);
}

#[test]
fn a_window_stays_as_it_was_given_for_the_dwell_time() {
    let mut desk = crowded(|parts| parts.policy.guard_rails.dwell_minutes = 40);
    let (primary, backup) = (list(&["social"]), Vec::new());
    desk.order(Order::Allocate { window: id("2"), primary, backup }).unwrap();
    assert_eq!(moves(&desk.tick(39)), 0);
    assert!(moves(&desk.tick(40)) > 0);
}

#[test]
fn shortly_before_closing_nothing_is_moved_any_more() {
    let closes = |minute: u16| {
        let mut desk = crowded(|parts| {
            let hours = vec![Hours { from_minute: 8 * 60, until_minute: minute }];
            parts.calendar.hours = hours.into();
        });
        moves(&desk.tick(6))
    };
    assert_eq!(closes(10 * 60 + 30), 0, "thirty minutes are frozen");
    assert!(closes(12 * 60) > 0);
}

#[test]
fn an_open_service_keeps_a_window_of_its_own() {
    // Property is crowded, and the only clerk who could help is the only one for tax.
    let mut desk = crowded(|parts| {
        parts.policy.balance = Balance::Advise;
        parts.clerks[0].services = list(&["tax", "property"]);
        parts.clerks[1].services = list(&["social"]);
    });
    for _ in 0..30 {
        desk.take("property");
    }
    for event in desk.tick(30) {
        let Event::Managed(Managed::Proposed { proposal }) = event else { continue };
        let Advice::Reallocate { moves } = proposal.advice else { continue };
        for it in moves.iter().filter(|it| it.window == id("1")) {
            assert!(it.after.primary.contains(&id("tax")), "{it:?}");
        }
    }
}

#[test]
fn what_is_foretold_is_compared_with_what_happened() {
    let mut desk = crowded(|_| ());
    let proposal = proposed(&mut desk).id;
    accept(&mut desk, proposal).unwrap();
    // Half an hour of tax: two windows, eight minutes each, somebody new every five minutes.
    let mut assessed = None;
    for minute in 0..70 {
        if minute % 5 == 0 {
            desk.take("tax");
        }
        if minute % 8 == 0 {
            for window in ["1", "2"] {
                desk.wait(GUARD_MS);
                desk.call(window);
            }
        }
        let found = desk
            .tick(1)
            .into_iter()
            .find(|event| matches!(event, Event::Managed(Managed::ProposalAssessed { service, .. }) if *service == id("tax")));
        assessed = assessed.or(found);
    }
    let Some(Event::Managed(Managed::ProposalAssessed { proposal: of, tickets, seen_s, .. })) = assessed
    else {
        panic!("nothing was assessed")
    };
    assert_eq!((of, tickets), (proposal, 6), "those who came in the half hour");
    let waits = desk.hall.tickets().skip(9).take(6);
    let waits: Vec<u64> = waits.map(|it| it.called_at.unwrap().ms_since(it.issued_at)).collect();
    assert_eq!(u64::from(seen_s), waits.iter().sum::<u64>() / 6_000);
    let record = desk.view().management.record;
    assert_eq!(record.assessed, 1);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn by_itself_it_proposes_and_moves_at_once_and_within_the_guard_rails() {
    let mut desk = crowded(|parts| parts.policy.balance = Balance::Auto);
    desk.order(Order::Pin { window: id("1") }).unwrap();
    let events = desk.tick(8);
    let made = proposals(&events);
    assert!(made.iter().any(|proposal| proposal.automatic), "{events:?}");
    for event in &events {
        let Event::Allocated { window, proposal, .. } = event else { continue };
        assert_ne!(*window, id("1"), "it is pinned");
        assert!(made.iter().any(|it| Some(it.id) == *proposal));
    }
    assert_eq!(desk.view().management.record.automatic, 1);
    // What no move mends is for the manager, who takes no tickets at window 1.
    let seen = |it: &Proposal| !it.automatic && matches!(it.finding, Finding::NotCalling { .. });
    assert!(made.iter().any(seen), "{made:?}");
}

#[test]
fn a_window_that_does_not_call_is_noticed() {
    let mut desk = crowded(|_| ());
    let found = proposals(&desk.tick(12));
    let not_calling =
        |it: &&Proposal| matches!(it.finding, Finding::NotCalling { window, .. } if window == id("1"));
    let mut told: Vec<ProposalId> = found.iter().filter(not_calling).map(|it| it.id).collect();
    told.dedup();
    assert_eq!(told.len(), 1, "one notice, whose figures are kept current: {found:?}");
    assert!(
        !found.iter().any(|it| matches!(it.finding, Finding::NotCalling { window, .. } if window == id("3")))
    );
}

#[test]
fn a_clerk_far_slower_than_usual_is_noticed() {
    let mut desk = crowded(|_| ());
    let mut found = Vec::new();
    for _ in 0..5 {
        desk.call("1");
        found.extend(proposals(&desk.tick(25)));
    }
    let slow = |it: &&Proposal| matches!(it.finding, Finding::SlowClerk { window, .. } if window == id("1"));
    assert!(found.iter().any(|it| slow(&it)), "{found:?}");
}

#[test]
fn a_queue_that_cannot_be_finished_is_stopped_or_extended() {
    let mut desk = crowded(|parts| {
        parts.services[1].hours = vec![Hours { from_minute: 9 * 60, until_minute: 11 * 60 }].into();
    });
    for _ in 0..20 {
        desk.take("tax");
    }
    let found = proposals(&desk.tick(6));
    let stop =
        found.iter().find(|it| it.advice == Advice::StopIssuing { service: id("tax") }).expect("a stop");
    let Finding::CannotFinish { left, minutes_over, .. } = stop.finding else { panic!("{stop:?}") };
    assert!(left > 5 && minutes_over > 20, "{stop:?}");
    accept(&mut desk, stop.id).unwrap();
    let request = desk.request("K1", "tax");
    assert!(matches!(desk.refused_command(&request), Refusal::OutsideHours { .. }));
}

#[test]
fn what_is_left_at_closing_takes_the_work_of_those_people_also_minutes_before() {
    // All close in a quarter of an hour, the windows too: who then still waits is served after it.
    let until = |minute| vec![Hours { from_minute: 9 * 60, until_minute: minute }].into();
    let mut desk = crowded(|parts| {
        parts.services[2].hours = until(10 * 60 + 15);
        parts.windows.iter_mut().for_each(|window| window.hours = until(10 * 60 + 15));
    });
    for _ in 0..4 {
        desk.take("property");
    }
    let found = proposals(&desk.tick(6));
    let stop =
        found.iter().find(|it| it.advice == Advice::StopIssuing { service: id("property") }).expect("a stop");
    let Finding::CannotFinish { left, minutes_over, .. } = stop.finding else { panic!("{stop:?}") };
    assert!(left >= 2, "{stop:?}");
    // One window, eight minutes each.
    assert!(u32::from(minutes_over).abs_diff(8 * left) <= 4, "{stop:?}");
}

#[test]
fn under_a_constant_load_nothing_goes_to_and_fro() {
    let mut desk = crowded(|_| ());
    let mut changes: Vec<(Services, Services)> = Vec::new();
    for minute in 0..8 * 60 {
        if minute % 5 == 0 {
            desk.take("tax");
        }
        if minute % 7 == 0 {
            desk.take("social");
        }
        if minute % 8 == 0 {
            for window in ["1", "2"] {
                desk.wait(GUARD_MS);
                let command = desk.key(window, Key::Next);
                let _ = desk.give(&command);
            }
        }
        desk.wait(MINUTE_MS - GUARD_MS);
        for proposal in proposals(&desk.tick(0)).into_iter().chain(open(&desk)) {
            let Advice::Reallocate { moves } = &proposal.advice else { continue };
            let it = moves[0].clone();
            if accept(&mut desk, proposal.id).is_ok() {
                changes.push((it.before, it.after));
            }
        }
        desk.give(&hall_core::command::Command::Tick).unwrap();
    }
    assert!((1..=4).contains(&changes.len()), "{changes:?}");
    for (place, (before, _)) in changes.iter().enumerate() {
        assert!(!changes[place + 1..].iter().any(|(_, after)| after == before), "{changes:?}");
    }
}

pub fn open(desk: &Desk) -> Vec<Proposal> {
    let told = desk.view().management.proposals.clone();
    told.into_iter().filter(|told| told.standing == Standing::Open).map(|told| told.proposal).collect()
}
