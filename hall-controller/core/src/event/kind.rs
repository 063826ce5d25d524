//! The kinds of event, as the journal has them: they are only ever added.

use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{ClerkId, DeviceId, ServiceId, WindowId, ZoneId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Key, ServiceOutcome};
use serde::{Deserialize, Serialize};

use super::{
    CallReason, CheckIn, Errand, Evaluation, ExpiryReason, HandIn, LeaseEnd, Managed, ProposalId, PutBack,
    RequeueReason, Reviewed, SignOffReason, UnbookReason,
};
use crate::appointment::SlotTime;
use crate::command::Erased;
use crate::emergency::{EmergencyText, Grounds};
use crate::estimate::Estimate;
use crate::plan::{Half, Plan};
use crate::refusal::Refusal;
use crate::ticket::TicketId;
use crate::time::{BusinessDay, HallTime};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Event {
    /// The hall works by this plan from now on.
    PlanAdopted {
        /// The plan.
        plan: Box<Plan>,
        /// It is the plan of before: the journal up to here was put back, and what came after is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        put_back: Option<PutBack>,
    },
    /// A business day began; numbers start again.
    DayBegan {
        /// Which.
        day: BusinessDay,
        /// Whether those who wait go on waiting, with their numbers.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        queue_kept: bool,
    },
    /// A ticket was taken.
    Issued {
        /// Identity.
        ticket: TicketId,
        /// Number.
        number: TicketNumber,
        /// For what.
        service: ServiceId,
        /// In which class.
        class: Class,
        /// At which kiosk.
        kiosk: DeviceId,
        /// Citizens waiting for the same service before this one.
        ahead: u32,
        /// Further matters of the same citizen, in this order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<ServiceId>,
        /// The priority class asked for, which the staff has still to confirm.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claimed: Option<Class>,
        /// The appointment it is the ticket of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check_in: Option<CheckIn>,
        /// In which half of the business day; journals of before there were quotas do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        half: Option<Half>,
        /// When its kiosk printed it from a lease, if it did: since then it waits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        printed_at: Option<HallTime>,
        /// The ticket the hall had given the same citizen, of which the kiosk never heard: nobody has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<TicketNumber>,
        /// The wait its citizen was told: nothing if called at once, or printed while the line was down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimate: Option<Estimate>,
    },
    /// A slot was booked.
    Booked {
        /// The booking's id in the system that made it.
        appointment: AppointmentId,
        /// For what.
        service: ServiceId,
        /// When.
        slot: SlotTime,
    },
    /// A booking is for another slot or service from now on.
    Rebooked {
        /// Which.
        appointment: AppointmentId,
        /// For what.
        service: ServiceId,
        /// When.
        slot: SlotTime,
    },
    /// A booking was cancelled.
    Unbooked {
        /// Which.
        appointment: AppointmentId,
        /// What it was for.
        service: ServiceId,
        /// Why.
        why: UnbookReason,
    },
    /// Nobody came for an appointment in time.
    Released {
        /// Which.
        appointment: AppointmentId,
        /// What it was for.
        service: ServiceId,
        /// When its slot began.
        slot: SlotTime,
    },
    /// Numbers became a kiosk's, to print while the line is down.
    NumbersLeased {
        /// Whose.
        kiosk: DeviceId,
        /// For what.
        service: ServiceId,
        /// The first number.
        first: TicketNumber,
        /// How many.
        count: u16,
    },
    /// A kiosk handed in what it had printed from leases; the tickets came into the queue before.
    HandedIn(HandIn),
    /// A lease is over: `count = handed_in + returned + written_off`.
    LeaseEnded {
        /// Whose it was.
        kiosk: DeviceId,
        /// For what.
        service: ServiceId,
        /// The first number.
        first: TicketNumber,
        /// How many there were.
        count: u16,
        /// So many became tickets.
        handed_in: u16,
        /// So many the kiosk returned unused.
        returned: u16,
        /// Of so many nothing is known: never printed, or printed and lost with the kiosk.
        written_off: u16,
        /// Why it is over.
        why: LeaseEnd,
    },
    /// A citizen without a ticket is served at a window; the number is for the books.
    WalkedIn {
        /// Identity.
        ticket: TicketId,
        /// Number.
        number: TicketNumber,
        /// For what.
        service: ServiceId,
        /// Where.
        window: WindowId,
    },
    /// A ticket was summoned.
    Called {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// To where.
        window: WindowId,
        /// Why this one.
        why: CallReason,
        /// What the wall clock said, if it was behind the hall's time: the double-press guard goes by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wall: Option<HallTime>,
    },
    /// A called ticket was summoned again.
    Recalled {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// To where.
        window: WindowId,
    },
    /// Service began.
    Started {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
    },
    /// Service ended.
    Finished {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
        /// What came of it.
        #[serde(default, skip_serializing_if = "ServiceOutcome::is_usual")]
        outcome: ServiceOutcome,
        /// What the clerk said of that, such as which paper is missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The citizen did not come.
    Missed {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
        /// What the wall clock said, if it was behind the hall's time: the grace time goes by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wall: Option<HallTime>,
    },
    /// The citizen did not come and is called once more, after others.
    Deferred {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
        /// So many calls of its service come first, while others wait for it.
        after_calls: u16,
    },
    /// One matter of several is done, and the ticket waits for the next by when it was taken.
    MatterFinished {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
        /// What it is for from now on.
        next: ServiceId,
        /// What came of the matter that is done.
        #[serde(default, skip_serializing_if = "ServiceOutcome::is_usual")]
        outcome: ServiceOutcome,
        /// What the clerk said of that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A ticket in hand is for a further matter too.
    MatterAdded {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
        /// Which matter.
        service: ServiceId,
    },
    /// A plan comes that has a matter of a ticket no more.
    MatterWithdrawn {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// The window that had it in hand or put aside, if one had and loses it by this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<WindowId>,
        /// Which matter.
        service: ServiceId,
        /// What it waits for from now on, by when it was taken, if it was for that matter until now. Else that was
        /// to come later, and is left out unless a plan has it again by then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<ServiceId>,
    },
    /// A ticket had been taken for a wrong service.
    ServiceCorrected {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// The window that had it in hand, if one had.
        window: Option<WindowId>,
        /// What it is for from now on.
        service: ServiceId,
        /// Whether it stays in that hand; else it waits by when it was taken.
        in_hand: bool,
    },
    /// A ticket is of this class; the staff says so.
    ClassConfirmed {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Which class.
        class: Class,
    },
    /// A citizen judged the service at a window.
    Evaluated(Evaluation),
    /// A ticket at a window, or waiting for one, went back to its service's queue with its seniority.
    Requeued {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// From where.
        window: WindowId,
        /// Why.
        why: RequeueReason,
    },
    /// A ticket ended unserved.
    Expired {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// The window that had it in hand or parked, if one had.
        window: Option<WindowId>,
        /// Why.
        why: ExpiryReason,
    },
    /// A ticket in hand went to the queue of another service or of a window.
    Transferred {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// From where.
        window: WindowId,
        /// What it is for from now on.
        service: ServiceId,
        /// The window it waits for, if for one alone.
        to_window: Option<WindowId>,
        /// Since when it counts as waiting there.
        standing: HallTime,
        /// Why, if said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A ticket in hand was put aside.
    Parked {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
        /// Why, if said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A parked ticket is in the hand of its window again, and is served.
    Unparked {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// Where.
        window: WindowId,
    },
    /// A missed or parked ticket went back to the queue of its service.
    Returned {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// The window that had it parked, if one had.
        window: Option<WindowId>,
        /// Since when it counts as waiting.
        standing: HallTime,
    },
    /// A ticket that waited or was parked ended unserved, by the citizen's wish or the staff's.
    Cancelled {
        /// Which.
        ticket: TicketId,
        /// Its number.
        number: TicketNumber,
        /// The window that had it parked, if one had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<WindowId>,
        /// Why, if said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Nobody has the ticket: its kiosk never heard of it, and printed this number instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaced_by: Option<TicketNumber>,
    },
    /// A window serves these from now on.
    Allocated {
        /// Which.
        window: WindowId,
        /// First of all.
        primary: Vec<ServiceId>,
        /// When nobody waits for those, or when somebody who waits for these is over the target.
        backup: Vec<ServiceId>,
        /// The proposal it follows, if one; of what is undone, the one that is taken back as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proposal: Option<ProposalId>,
        /// It is what the window served before.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        undone: bool,
    },
    /// The manager or the balancer set, proposed or answered something.
    Managed(Managed),
    /// The balancer looked at the hall.
    Reviewed(Reviewed),
    /// A window opened.
    WindowOpened {
        /// Which.
        window: WindowId,
    },
    /// A window paused.
    WindowPaused {
        /// Which.
        window: WindowId,
        /// Why, as its sign says.
        reason: Option<String>,
    },
    /// A paused window takes citizens again.
    WindowResumed {
        /// Which.
        window: WindowId,
    },
    /// A window closed.
    WindowClosed {
        /// Which.
        window: WindowId,
    },
    /// The window calls the next suitable ticket that comes.
    WindowArmed {
        /// Which.
        window: WindowId,
    },
    /// The window does so no more; calling, pausing and closing end it too.
    WindowDisarmed {
        /// Which.
        window: WindowId,
    },
    /// A clerk serves at a window from now on, in the place of whoever did before.
    ClerkSignedOn {
        /// Where.
        window: WindowId,
        /// Who.
        clerk: ClerkId,
        /// Who was signed on there until now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_place_of: Option<ClerkId>,
    },
    /// A clerk serves there no more; closing the window ends it too.
    ClerkSignedOff {
        /// Where.
        window: WindowId,
        /// Who.
        clerk: ClerkId,
        /// Why.
        #[serde(default, skip_serializing_if = "SignOffReason::is_asked")]
        why: SignOffReason,
    },
    /// An emergency text stands from now on, on every sign and screen.
    EmergencyDeclared {
        /// What it says.
        text: EmergencyText,
        /// Only in these zones; none is the whole hall, where it takes the place of all others.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        zones: Vec<ZoneId>,
        /// Who wanted it and why.
        #[serde(flatten)]
        grounds: Grounds,
    },
    /// It stands no more.
    EmergencyCleared {
        /// In these zones; none is everywhere.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        zones: Vec<ZoneId>,
        /// Who wanted it and why.
        #[serde(flatten)]
        grounds: Grounds,
    },
    /// A citizen's phone number was erased from the store beside the journal.
    PhoneErased(Erased),
    /// A press was understood and refused.
    Refused {
        /// The key pressed; `None` at a kiosk.
        key: Option<Key>,
        /// What was asked at the kiosk, if it is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        errand: Option<Errand>,
        /// Which ticket was meant, if a key named one; `None` in older journals.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<TicketNumber>,
        /// Why.
        refusal: Refusal,
    },
}
