//! All that a proposal has changed is undone at once, except where the manager has changed it again.

use hall_core::command::Order;
use hall_core::event::{Cause, Event, Proposal, ProposalId};
use hall_core::refusal::{Answered, Refusal};
use hall_core::view::{Standing, Told, Undoable};
use hall_protocol::id::WindowId;

use crate::accepting_part::{moved, two_can_help};
use crate::balancer_auto::auto;
use crate::management::list;
use crate::support::{Desk, id, replayed};

fn undo(desk: &mut Desk, proposal: ProposalId, only: Option<&[&str]>) -> Result<Vec<Event>, Refusal> {
    let only = only.map(|windows| windows.iter().map(|window| id(window)).collect());
    desk.order(Order::UndoProposal { proposal, only })
}

/// Both windows are moved.
fn accepted() -> (Desk, Proposal) {
    let (mut desk, proposal) = two_can_help();
    desk.order(Order::Accept { proposal: proposal.id, only: None }).unwrap();
    assert!(desk.window("2").services.has(id("tax")) && desk.window("3").services.has(id("tax")));
    (desk, proposal)
}

fn told(desk: &Desk, proposal: ProposalId) -> Told {
    let view = desk.view();
    view.management.proposals.iter().find(|told| told.proposal.id == proposal).unwrap().clone()
}

/// What of it can be taken back: where it can, and where it was changed since.
fn undoable(desk: &Desk, proposal: ProposalId) -> Option<(Vec<WindowId>, Vec<WindowId>)> {
    let view = desk.view();
    let it = view.management.undoable.iter().find(|it| it.proposal == proposal)?.clone();
    let Undoable { windows, changed_since, .. } = it;
    Some((windows, changed_since))
}

#[test]
fn a_proposal_is_undone_at_all_its_windows_by_one_order() {
    let (mut desk, proposal) = two_can_help();
    let before = ["2", "3"].map(|window| desk.window(window).services);
    desk.order(Order::Accept { proposal: proposal.id, only: None }).unwrap();
    assert_eq!(undoable(&desk, proposal.id), Some((vec![id("2"), id("3")], Vec::new())));
    let begins = desk.journal.len();
    let events = undo(&mut desk, proposal.id, None).unwrap();
    assert_eq!(moved(&events), [id("2"), id("3")]);
    for stamped in &desk.journal[begins..] {
        assert!(matches!(stamped.cause, Cause::Client(_)), "{stamped:?}");
        let Event::Allocated { proposal: Some(of), undone: true, .. } = &stamped.event else {
            panic!("{stamped:?}")
        };
        assert_eq!((*of, stamped.at), (proposal.id, desk.journal[begins].at), "one cause");
    }
    assert_eq!(["2", "3"].map(|window| desk.window(window).services), before);
    let it = told(&desk, proposal.id);
    assert_eq!((it.standing, it.undone), (Standing::Undone, vec![id("2"), id("3")]));
    assert_eq!((desk.view().management.record.undone, undoable(&desk, proposal.id)), (1, None));
    assert_eq!(undo(&mut desk, proposal.id, None), Ok(Vec::new()), "it is so already");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn what_the_balancer_did_by_itself_is_undone_at_once_and_not_done_again_unasked() {
    let mut desk = auto(|parts| parts.clerks[2].services = list(&["property", "tax"]));
    assert_eq!(moved(&desk.tick(6)), [id("2"), id("3")]);
    let all = desk.view().management.proposals.clone();
    let it = all.iter().find(|it| it.proposal.automatic).unwrap().proposal.id;
    assert_eq!(moved(&undo(&mut desk, it, None).unwrap()), [id("2"), id("3")]);
    assert_eq!(told(&desk, it).standing, Standing::Undone);
    for _ in 0..20 {
        assert_eq!(moved(&desk.tick(6)), []);
    }
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_window_that_was_changed_since_is_named_and_the_others_are_undone_without_it() {
    let (mut desk, proposal) = accepted();
    let (primary, backup) = (list(&["tax"]), Vec::new());
    desk.order(Order::Allocate { window: id("2"), primary, backup }).unwrap();
    assert_eq!(undoable(&desk, proposal.id), Some((vec![id("3")], vec![id("2")])), "the view follows");
    let since = Err(Refusal::ChangedSince { proposal: proposal.id, windows: vec![id("2")] });
    for only in [None, Some(&["2"][..]), Some(&["2", "3"])] {
        assert_eq!(undo(&mut desk, proposal.id, only), since);
    }
    assert!(desk.window("3").services.has(id("tax")), "refused as a whole");
    assert_eq!(moved(&undo(&mut desk, proposal.id, Some(&["3"])).unwrap()), [id("3")]);
    assert!(!desk.window("3").services.has(id("tax")));
    assert_eq!(desk.window("2").services.primary, list(&["tax"]), "as the manager gave it");
    let it = told(&desk, proposal.id);
    assert_eq!((it.standing, it.undone), (Standing::Accepted, vec![id("3")]), "a part of it holds");
    assert_eq!(undoable(&desk, proposal.id), None);
    // What the manager changed since is taken back first, then the rest of the proposal.
    desk.order(Order::Undo { window: id("2") }).unwrap();
    assert_eq!(moved(&undo(&mut desk, proposal.id, None).unwrap()), [id("2")]);
    assert_eq!(told(&desk, proposal.id).standing, Standing::Undone);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_window_that_was_undone_alone_is_not_undone_twice() {
    let (mut desk, proposal) = accepted();
    let (primary, backup) = (list(&["tax"]), Vec::new());
    desk.order(Order::Undo { window: id("2") }).unwrap();
    desk.order(Order::Allocate { window: id("2"), primary, backup }).unwrap();
    assert_eq!(moved(&undo(&mut desk, proposal.id, None).unwrap()), [id("3")]);
    assert_eq!(desk.window("2").services.primary, list(&["tax"]), "what came after is the manager's");
    assert_eq!(told(&desk, proposal.id).standing, Standing::Undone);
}

#[test]
fn what_was_not_done_cannot_be_undone() {
    let (mut desk, proposal) = two_can_help();
    let proposal = proposal.id;
    let unknown = ProposalId::new(99);
    assert_eq!(undo(&mut desk, unknown, None), Err(Refusal::UnknownProposal { proposal: unknown }));
    assert_eq!(undo(&mut desk, proposal, None), Err(Refusal::NothingDone { proposal }), "it is open");
    desk.order(Order::Reject { proposal, reason: "不便".into() }).unwrap();
    let rejected = Err(Refusal::ProposalAnswered { proposal, how: Answered::Rejected });
    assert_eq!(undo(&mut desk, proposal, None), rejected);

    let (mut desk, proposal) = accepted();
    let windows = vec![id("2"), id("3")];
    let not_its = Err(Refusal::NotItsWindows { proposal: proposal.id, windows });
    assert_eq!(undo(&mut desk, proposal.id, Some(&["1"])), not_its);
    assert_eq!(undo(&mut desk, proposal.id, Some(&[])), not_its);
}
