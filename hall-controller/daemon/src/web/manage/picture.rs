//! What the manager sees: windows, services, proposals and their track record, as one JSON object for the
//! page and for programs.

use hall_core::event::{Advice, Cost, Effect, Range, Reallocation, Services};
use hall_core::plan::{Balance, Name, Routing};
use hall_core::refusal::Language;
use hall_core::view::{Assessment, LeftOut, QueueView, Record, Standing, Told, Undoable, Verdict};
use hall_protocol::id::{ClerkId, GroupId, ServiceId, WindowId};
use hall_protocol::payload::{WaitMinutes, WindowMode, WindowTicket};
use serde::Serialize;

use super::notice::Notices;
use super::unserved::unserved;
use crate::web::WebState;
use crate::web::emergency::{self, Stands};

/// The whole picture.
#[derive(Debug, Serialize)]
pub(in crate::web) struct Picture {
    at_ms: i64,
    /// What stands before all else, since when and by whom.
    emergencies: Vec<Stands>,
    balance: Balance,
    routing: Routing,
    groups: Vec<Group>,
    windows: Vec<Window>,
    services: Vec<Service>,
    proposals: Vec<Proposal>,
    record: Record,
}

#[derive(Debug, Serialize)]
struct Group {
    id: GroupId,
    name: Name,
    routing: Routing,
}

#[derive(Debug, Serialize)]
struct Window {
    id: WindowId,
    label: String,
    mode: WindowMode,
    reason: Option<String>,
    clerk: Option<ClerkId>,
    /// What the clerk is called, where the plan knows.
    clerk_name: Option<Name>,
    ticket: Option<WindowTicket>,
    waiting: u32,
    #[serde(flatten)]
    services: Services,
    /// What the clerk who is signed on can do; everything without one.
    able: Vec<ServiceId>,
    pinned: bool,
    can_undo: bool,
}

#[derive(Debug, Serialize)]
struct Service {
    id: ServiceId,
    zh: String,
    en: String,
    waiting: u32,
    /// How long somebody would wait who took a number now, if one can be taken.
    estimate: Option<WaitMinutes>,
    issued: u32,
    target_minutes: u16,
    stopped: bool,
    /// People wait for it, and no clerk who is there can do it.
    unable: bool,
    /// People wait for it, and no open window serves it.
    unserved: bool,
}

#[derive(Debug, Serialize)]
struct Proposal {
    id: u32,
    kind: Kind,
    at_ms: i64,
    until_ms: i64,
    what: Name,
    why: Name,
    effects: Vec<Effect>,
    cost: Cost,
    standing: Standing,
    /// What it foretold for the service it was made for, held to what happened.
    assessment: Option<Assessment>,
    /// Whether that came as foretold.
    within: Option<bool>,
    /// The same of every service it foretold something of.
    assessments: Vec<Assessed>,
    /// Windows whose move was taken back.
    undone: Vec<WindowId>,
    /// What of it can be taken back still.
    undoable: Option<Undoable>,
    /// What it moves, window by window: as much as was accepted of it, once it was.
    moves: Vec<Move>,
    /// What was not accepted of it, if a part was.
    left_out: Option<LeftOut>,
}

#[derive(Debug, Serialize)]
struct Move {
    window: WindowId,
    what: Name,
}

/// What accepting it does.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// It moves windows.
    Moves,
    /// It stops giving numbers of a service.
    Stops,
    /// Nothing: somebody takes note.
    Notice,
}

impl From<&Advice> for Kind {
    fn from(advice: &Advice) -> Self {
        match advice {
            Advice::Reallocate { .. } => Self::Moves,
            Advice::StopIssuing { .. } => Self::Stops,
            Advice::LookAfter => Self::Notice,
        }
    }
}

#[derive(Debug, Serialize)]
struct Assessed {
    service: ServiceId,
    #[serde(flatten)]
    assessment: Assessment,
    within: Option<bool>,
    /// What was foretold if nothing was done.
    without: Option<Range>,
    verdict: Option<Verdict>,
}

/// The picture of this moment.
pub(in crate::web) fn picture(state: &WebState) -> Picture {
    let view = state.view.borrow().clone();
    let plan = &view.plan;
    let now = state.clock.now();
    let able = |clerk: Option<ClerkId>| -> Vec<ServiceId> {
        match clerk.filter(|clerk| plan.clerk(*clerk).is_some()) {
            Some(clerk) => plan.clerk_services(clerk).collect(),
            None => plan.services().iter().map(|service| service.id).collect(),
        }
    };
    let windows = view.windows.iter().map(|window| Window {
        id: window.id,
        label: window.label.clone(),
        mode: window.mode,
        reason: window.reason.clone(),
        clerk: window.clerk,
        clerk_name: window.clerk.and_then(|clerk| plan.clerk(clerk)).map(|clerk| clerk.name.clone()),
        ticket: window.ticket,
        waiting: window.waiting,
        services: window.services.clone(),
        able: able(window.clerk),
        pinned: window.pinned,
        can_undo: window.can_undo,
    });
    let services = plan.services().iter().zip(&view.services).map(|(planned, service)| {
        let QueueView { waiting, wait } = view.queue_to_join(planned.id, now);
        Service {
            id: planned.id,
            zh: planned.name.zh.clone(),
            en: planned.name.en.clone(),
            waiting,
            estimate: wait,
            issued: service.issued,
            target_minutes: planned.target_minutes,
            stopped: service.stopped,
            unable: service.unable,
            unserved: unserved(&view).any(|(unserved, _)| unserved.id == planned.id),
        }
    });
    let notices = Notices { view: &view, now };
    let undoable = &view.management.undoable;
    let proposals = view.management.proposals.iter().map(|told| {
        let Told { proposal, at, standing, assessments, undone, left_out } = told;
        let assessment = told.assessment();
        let assessed = |(service, assessment): &(ServiceId, Assessment)| Assessed {
            service: *service,
            assessment: *assessment,
            within: assessment.within(),
            without: told.without(*service),
            verdict: told.verdict(*service),
        };
        let both =
            |said: &dyn Fn(Language) -> String| Name { zh: said(Language::Zh), en: said(Language::En) };
        let moved =
            |it: &Reallocation| Move { window: it.window, what: both(&|language| it.what(plan, language)) };
        let (what, why) = if *standing == Standing::Open {
            (notices.what(proposal), notices.why(proposal))
        } else {
            (both(&|language| proposal.what(plan, language)), both(&|language| proposal.why(plan, language)))
        };
        Proposal {
            id: proposal.id.get(),
            kind: Kind::from(&proposal.advice),
            at_ms: at.unix_ms(),
            until_ms: proposal.until.unix_ms(),
            what,
            why,
            effects: proposal.effects.clone(),
            cost: proposal.cost,
            standing: standing.clone(),
            assessment,
            within: assessment.and_then(|assessment| assessment.within()),
            assessments: assessments.iter().map(assessed).collect(),
            undone: undone.clone(),
            undoable: undoable.iter().find(|it| it.proposal == proposal.id).cloned(),
            moves: proposal.reallocations().iter().map(moved).collect(),
            left_out: left_out.clone(),
        }
    });
    let groups = view.management.groups.iter().filter_map(|group| {
        let name = plan.group_name(plan.group(group.id)?);
        Some(Group { id: group.id, name, routing: group.routing })
    });
    Picture {
        at_ms: view.at.unix_ms(),
        emergencies: emergency::all(state),
        balance: view.management.balance,
        routing: view.management.routing,
        groups: groups.collect(),
        windows: windows.collect(),
        services: services.collect(),
        proposals: proposals.collect(),
        record: view.management.record,
    }
}
