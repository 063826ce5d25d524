//! Of a proposal that moves several windows the manager accepts some, and says why no others.

use hall_core::command::{Choice, Order};
use hall_core::event::{Advice, Event, GuardRail, Managed, Proposal};
use hall_core::refusal::{Answered, Refusal};
use hall_core::view::{LeftOut, Standing};
use hall_protocol::id::WindowId;
use hall_protocol::payload::Key;

use crate::balancer::{crowded, proposals};
use crate::management::list;
use crate::support::{Desk, id, replayed};

/// Nine wait for tax, which window 1 serves; the clerks of 2 and 3 can do it too.
pub fn two_can_help() -> (Desk, Proposal) {
    let mut desk = crowded(|parts| {
        parts.windows[2].services = list(&["social"]);
        parts.clerks[2].services = list(&["social", "tax"]);
    });
    let made = proposals(&desk.tick(6));
    let moves = made.into_iter().find(|proposal| matches!(proposal.advice, Advice::Reallocate { .. }));
    let proposal = moves.expect("a proposal to move windows");
    assert_eq!(windows(&proposal), [id("2"), id("3")]);
    (desk, proposal)
}

fn windows(proposal: &Proposal) -> Vec<WindowId> {
    proposal.reallocations().iter().map(|it| it.window).collect()
}

fn accept(desk: &mut Desk, of: &Proposal, windows: &[&str], reason: &str) -> Result<Vec<Event>, Refusal> {
    let windows = windows.iter().map(|window| id(window)).collect();
    let only = Some(Choice { windows, reason: reason.into() });
    desk.order(Order::Accept { proposal: of.id, only })
}

pub fn moved(events: &[Event]) -> Vec<WindowId> {
    let windows = events.iter().filter_map(|event| match event {
        Event::Allocated { window, proposal: Some(_), .. } => Some(*window),
        _ => None,
    });
    windows.collect()
}

#[test]
fn some_windows_are_moved_and_the_others_left_alone_for_the_reason_given() {
    let (mut desk, proposal) = two_can_help();
    let events = accept(&mut desk, &proposal, &["3"], " 2 号窗口要办证 ").unwrap();
    let Event::Managed(Managed::ProposalAccepted { part: Some(part), .. }) = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!((&part.windows[..], part.reason.as_str()), (&[id("3")][..], "2 号窗口要办证"));
    assert_eq!(moved(&events), [id("3")]);
    assert!(desk.window("3").services.has(id("tax")) && !desk.window("2").services.has(id("tax")));
    // One window alone helps less than two.
    let (all, some) = (proposal.effects[0], part.effects[0]);
    assert_eq!((some.service, some.before), (all.service, all.before));
    assert!(
        all.after.mean_s < some.after.mean_s && some.after.mean_s < some.before.mean_s,
        "{all:?} {some:?}"
    );

    let view = desk.view();
    let told = view.management.proposals.iter().find(|told| told.proposal.id == proposal.id).unwrap();
    assert_eq!((&told.standing, windows(&told.proposal)), (&Standing::Accepted, vec![id("3")]));
    assert_eq!(told.proposal.effects, part.effects, "what happens is compared with this");
    let reason = "2 号窗口要办证".to_owned();
    assert_eq!(told.left_out, Some(LeftOut { windows: vec![id("2")], reason }));
    assert_eq!((view.management.record.accepted, view.management.record.rejected), (1, 0));
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn who_was_left_out_is_not_asked_for_again_within_the_hour_and_the_part_can_be_undone() {
    let (mut desk, proposal) = two_can_help();
    accept(&mut desk, &proposal, &["3"], "不便").unwrap();
    for _ in 0..9 {
        let again = proposals(&desk.tick(6));
        assert!(!again.iter().any(|it| windows(it).contains(&id("2"))), "{again:?}");
    }
    desk.order(Order::Undo { window: id("3") }).unwrap();
    let view = desk.view();
    let told = view.management.proposals.iter().find(|told| told.proposal.id == proposal.id).unwrap();
    assert_eq!(told.standing, Standing::Undone, "all that was done is undone");
}

#[test]
fn a_choice_needs_a_window_of_the_proposal_and_a_reason_for_the_others() {
    let (mut desk, proposal) = two_can_help();
    let not_its = Err(Refusal::NotItsWindows { proposal: proposal.id, windows: windows(&proposal) });
    assert_eq!(accept(&mut desk, &proposal, &[], "不便"), not_its);
    assert_eq!(accept(&mut desk, &proposal, &["2", "1"], "不便"), not_its);
    assert_eq!(accept(&mut desk, &proposal, &["2"], " "), Err(Refusal::ReasonRequired));
    let all = accept(&mut desk, &proposal, &["3", "2"], "").unwrap();
    assert_eq!(all[0], Event::Managed(Managed::ProposalAccepted { proposal: proposal.id, part: None }));
    assert_eq!(moved(&all), [id("2"), id("3")]);
}

#[test]
fn a_window_that_a_rail_holds_back_does_not_keep_the_others() {
    let (mut desk, proposal) = two_can_help();
    desk.done("2", Key::Close);
    let held = Err(Refusal::HeldBack { window: id("2"), rail: GuardRail::NotOpen });
    assert_eq!(desk.order(Order::Accept { proposal: proposal.id, only: None }), held);
    assert_eq!(accept(&mut desk, &proposal, &["2"], "不便"), held);
    assert_eq!(moved(&accept(&mut desk, &proposal, &["3"], "2 号窗口已关").unwrap()), [id("3")]);
}

#[test]
fn an_answer_is_given_again_only_as_it_was_given_before() {
    let (mut desk, proposal) = two_can_help();
    let events = accept(&mut desk, &proposal, &["3", "3"], "2 号窗口要办证").unwrap();
    let Event::Managed(Managed::ProposalAccepted { part: Some(part), .. }) = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!((&part.windows[..], moved(&events)), (&[id("3")][..], vec![id("3")]), "once");
    let answered = Err(Refusal::ProposalAnswered { proposal: proposal.id, how: Answered::Accepted });
    assert_eq!(accept(&mut desk, &proposal, &["3"], "2 号窗口要办证"), Ok(Vec::new()), "the same");
    for windows in [&[][..], &["2"], &["2", "3"], &["1"]] {
        assert_eq!(accept(&mut desk, &proposal, windows, "不便"), answered, "{windows:?}");
    }
    assert_eq!(desk.order(Order::Accept { proposal: proposal.id, only: None }), answered, "all of it");

    let (mut desk, proposal) = two_can_help();
    desk.order(Order::Accept { proposal: proposal.id, only: None }).unwrap();
    assert_eq!(desk.order(Order::Accept { proposal: proposal.id, only: None }), Ok(Vec::new()));
    assert_eq!(accept(&mut desk, &proposal, &["3", "2"], ""), Ok(Vec::new()), "all of it, by name");
    assert_eq!(accept(&mut desk, &proposal, &["3"], "不便"), answered);
}
