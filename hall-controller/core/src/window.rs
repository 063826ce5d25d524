//! What a window is doing: its mode and the ticket in its hand.
//!
//! [`WindowState::apply`] is used both by the hall and to foretell, while deciding, what a pad
//! will be answered; so the answer cannot differ from the state.

use hall_protocol::id::{ClerkId, ServiceId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{HandState, WindowMode, WindowTicket};
use serde::{Deserialize, Serialize};

use crate::event::{CallReason, Evaluation, Event, Managed, ProposalId, Services};
use crate::hall::Pace;
use crate::ticket::TicketId;
use crate::time::HallTime;

/// A ticket in the hand of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hand {
    pub(crate) ticket: TicketId,
    pub(crate) number: TicketNumber,
    pub(crate) service: ServiceId,
    pub(crate) state: HandState,
    pub(crate) since: HallTime,
    /// When last called: what the zone's board shows while `since` tells of the service.
    pub(crate) called_at: HallTime,
    /// What the wall clock said at the call: the hall's time, or less while the clock is behind.
    pub(crate) wall: HallTime,
    pub(crate) recalls: u16,
}

impl Hand {
    /// As pads and signs are told.
    pub(crate) fn shown(&self) -> WindowTicket {
        WindowTicket {
            number: self.number,
            service: self.service,
            state: self.state,
            since_ms: self.since.unix_ms(),
            recalls: self.recalls,
        }
    }
}

/// The service that ended last at a window: what its evaluation is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Served {
    pub(crate) ticket: TicketId,
    pub(crate) number: TicketNumber,
    #[serde(default)]
    pub(crate) service: Option<ServiceId>,
    pub(crate) at: HallTime,
    pub(crate) evaluated: bool,
}

/// What a window serves.
pub(crate) type Allocation = Services;

/// One window's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WindowState {
    pub(crate) mode: WindowMode,
    pub(crate) reason: Option<String>,
    pub(crate) hand: Option<Hand>,
    /// When it last began to take citizens: opened, or resumed.
    pub(crate) opened_at: HallTime,
    /// When it last paused.
    pub(crate) paused_at: HallTime,
    /// Put aside here, the longest parked first.
    pub(crate) parked: Vec<(TicketId, TicketNumber)>,
    /// The next suitable ticket that comes is called here.
    pub(crate) armed: bool,
    /// Who is signed on.
    pub(crate) clerk: Option<ClerkId>,
    /// Whom it served last today.
    pub(crate) served: Option<Served>,
    /// What it serves today, when that is not what the plan says.
    pub(crate) allocation: Option<Allocation>,
    /// When that was changed last.
    pub(crate) allocated_at: Option<HallTime>,
    /// What the changes of that can be undone to, the last one's last.
    pub(crate) changes: Vec<Change>,
    /// The balancer leaves it as it is.
    pub(crate) pinned: bool,
    /// Why the ticket in hand, or the last one, was called; nothing for one that is served without a call.
    pub(crate) why: Option<CallReason>,
    /// How many calls here have passed who waited longest, since one did not.
    pub(crate) passed_oldest: u16,
    /// How fast its clerk works.
    pub(crate) pace: Pace,
}

/// A change of what a window serves, to be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// What it served before; `None` for what the plan says.
    pub(crate) before: Option<Allocation>,
    /// By which proposal it was changed, if by one.
    pub(crate) proposal: Option<ProposalId>,
}

/// So many changes of a window can be undone one by one: more than a manager makes of one in a day.
const CHANGES_MAX: usize = 32;

impl Default for WindowState {
    fn default() -> Self {
        Self {
            mode: WindowMode::Closed,
            reason: None,
            hand: None,
            opened_at: HallTime::default(),
            paused_at: HallTime::default(),
            parked: Vec::new(),
            armed: false,
            clerk: None,
            served: None,
            allocation: None,
            allocated_at: None,
            changes: Vec::new(),
            pinned: false,
            why: None,
            passed_oldest: 0,
            pace: Pace::default(),
        }
    }
}

impl WindowState {
    /// Take over an event that concerns this window. `service` is that of the ticket concerned.
    #[expect(clippy::too_many_lines, reason = "a row for each event, so that none is forgotten")]
    pub(crate) fn apply(&mut self, event: &Event, service: Option<ServiceId>, at: HallTime) {
        self.armed = self.armed_after(event);
        match event {
            Event::Called { ticket, number, wall, why, .. } => {
                self.why = Some(why.clone());
                self.hand = service.map(|service| Hand {
                    ticket: *ticket,
                    number: *number,
                    service,
                    state: HandState::Called,
                    since: at,
                    called_at: at,
                    wall: wall.unwrap_or(at),
                    recalls: 0,
                });
            }
            Event::Recalled { .. } => {
                if let Some(hand) = &mut self.hand {
                    hand.recalls = hand.recalls.saturating_add(1);
                    hand.since = at;
                    hand.called_at = at;
                }
            }
            Event::Started { .. } => {
                if let Some(hand) = &mut self.hand {
                    hand.state = HandState::Serving;
                    hand.since = at;
                }
            }
            Event::Finished { ticket, number, .. } | Event::MatterFinished { ticket, number, .. } => {
                let hand = self.hand.as_ref().filter(|hand| hand.ticket == *ticket);
                let service = hand.map(|hand| hand.service);
                self.let_go(*ticket);
                let (ticket, number) = (*ticket, *number);
                self.served = Some(Served { ticket, number, service, at, evaluated: false });
            }
            Event::Evaluated(Evaluation { ticket, .. }) => {
                if let Some(served) = self.served.as_mut().filter(|served| served.ticket == *ticket) {
                    served.evaluated = true;
                }
            }
            Event::ServiceCorrected { ticket, service, in_hand: true, .. } => {
                if let Some(hand) = self.hand.as_mut().filter(|hand| hand.ticket == *ticket) {
                    hand.service = *service;
                }
            }
            Event::Missed { ticket, .. }
            | Event::Deferred { ticket, .. }
            | Event::ServiceCorrected { ticket, .. }
            | Event::MatterWithdrawn { ticket, .. }
            | Event::Requeued { ticket, .. }
            | Event::Transferred { ticket, .. }
            | Event::Returned { ticket, .. }
            | Event::Cancelled { ticket, .. }
            | Event::Expired { ticket, .. } => self.let_go(*ticket),
            Event::Parked { ticket, number, .. } => {
                self.let_go(*ticket);
                self.parked.push((*ticket, *number));
            }
            Event::Unparked { ticket, number, .. } => {
                self.let_go(*ticket);
                self.why = None;
                self.hand = service.map(|service| serving(*ticket, *number, service, at));
            }
            Event::WalkedIn { ticket, number, service, .. } => {
                self.why = None;
                self.hand = Some(serving(*ticket, *number, *service, at));
            }
            Event::Allocated { primary, backup, proposal, undone, .. } => {
                let new = Allocation { primary: primary.clone(), backup: backup.clone() };
                let before = self.allocation.replace(new);
                self.allocated_at = Some(at);
                // What was undone is not done again by a second undo: that steps back further.
                if *undone {
                    self.changes.pop();
                } else {
                    if self.changes.len() == CHANGES_MAX {
                        self.changes.remove(0);
                    }
                    self.changes.push(Change { before, proposal: *proposal });
                }
            }
            Event::Managed(Managed::WindowPinned { .. }) => self.pinned = true,
            Event::Managed(Managed::WindowUnpinned { .. }) => self.pinned = false,
            Event::WindowOpened { .. } | Event::WindowResumed { .. } => {
                self.mode = WindowMode::Open;
                self.opened_at = at;
                self.reason = None;
            }
            Event::WindowPaused { reason, .. } => {
                // A pause that says something else is the same pause.
                if self.mode != WindowMode::Paused {
                    self.paused_at = at;
                }
                self.mode = WindowMode::Paused;
                self.reason.clone_from(reason);
            }
            Event::WindowClosed { .. } => {
                self.mode = WindowMode::Closed;
                self.clerk = None;
                self.reason = None;
            }
            Event::ClerkSignedOn { clerk, .. } => self.clerk = Some(*clerk),
            Event::ClerkSignedOff { .. } => self.clerk = None,
            Event::PlanAdopted { .. }
            | Event::DayBegan { .. }
            | Event::Issued { .. }
            | Event::Booked { .. }
            | Event::Rebooked { .. }
            | Event::Unbooked { .. }
            | Event::Released { .. }
            | Event::NumbersLeased { .. }
            | Event::HandedIn { .. }
            | Event::LeaseEnded { .. }
            | Event::MatterAdded { .. }
            | Event::ClassConfirmed { .. }
            | Event::Managed(_)
            | Event::Reviewed { .. }
            | Event::WindowArmed { .. }
            | Event::WindowDisarmed { .. }
            | Event::EmergencyDeclared { .. }
            | Event::EmergencyCleared { .. }
            | Event::PhoneErased(_)
            | Event::Refused { .. } => {}
        }
    }

    /// What puts a ticket into the hand, or stops the window, ends that it is armed.
    fn armed_after(&self, event: &Event) -> bool {
        match event {
            Event::WindowArmed { .. } => true,
            Event::Called { .. }
            | Event::Unparked { .. }
            | Event::WalkedIn { .. }
            | Event::WindowPaused { .. }
            | Event::WindowClosed { .. }
            | Event::WindowDisarmed { .. } => false,
            _ => self.armed,
        }
    }

    fn let_go(&mut self, ticket: TicketId) {
        self.hand = self.hand.take().filter(|hand| hand.ticket != ticket);
        self.parked.retain(|(parked, _)| *parked != ticket);
    }
}

/// A ticket that is served without a call.
fn serving(ticket: TicketId, number: TicketNumber, service: ServiceId, at: HallTime) -> Hand {
    Hand {
        ticket,
        number,
        service,
        state: HandState::Serving,
        since: at,
        called_at: at,
        wall: at,
        recalls: 0,
    }
}
