//! Why a press was not done: typed for programs, translated for people.

mod answered;
mod codes;
mod names;
mod sentences;
mod when;

use hall_protocol::appointment::{AppointmentId, DayMinute};
use hall_protocol::id::{ClerkId, DeviceId, GroupId, ServiceId, WindowId, ZoneId};
use hall_protocol::local::LocalTime;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::Class;
use serde::{Deserialize, Serialize};

pub use self::answered::Answered;
use self::names::Names;
use crate::event::{GuardRail, ProposalId};
use crate::offer::{Closure, Opening};
use crate::plan::{Half, Plan};

/// The language of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}

/// Why a command was refused. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Refusal {
    /// No such window in the plan.
    UnknownWindow {
        /// The one named.
        window: WindowId,
    },
    /// No such kiosk in the plan.
    UnknownKiosk {
        /// The one named.
        kiosk: DeviceId,
    },
    /// No such service in the plan, or not at this kiosk.
    UnknownService {
        /// The one named.
        service: ServiceId,
    },
    /// No such zone in the plan.
    UnknownZone {
        /// The one named.
        zone: ZoneId,
    },
    /// The press is too old to be meant for this moment.
    Stale {
        /// How old, in milliseconds.
        age_ms: u32,
    },
    /// The press belongs to a session the device has left, or precedes one already handled.
    OutOfOrder,
    /// The window is paused.
    WindowPaused {
        /// Which.
        window: WindowId,
    },
    /// The window is closed.
    WindowClosed {
        /// Which.
        window: WindowId,
    },
    /// The window is open already.
    WindowOpen {
        /// Which.
        window: WindowId,
    },
    /// A second NEXT within the guard time.
    JustCalled {
        /// What was just called.
        number: TicketNumber,
    },
    /// Nobody waits for the services of the window.
    NobodyWaiting {
        /// Which.
        window: WindowId,
    },
    /// The window has no ticket in hand.
    NoTicketInHand {
        /// Which.
        window: WindowId,
    },
    /// The pad showed another ticket than the window has in hand.
    AnotherTicket {
        /// The one in hand.
        number: TicketNumber,
    },
    /// The citizen is being served already.
    AlreadyServing {
        /// Who.
        number: TicketNumber,
    },
    /// The window still has a ticket in hand.
    TicketInHand {
        /// Which.
        number: TicketNumber,
    },
    /// The service does not issue tickets at this time.
    OutsideHours {
        /// Which.
        service: ServiceId,
        /// Why not.
        #[serde(default)]
        why: Closure,
        /// When it does again, if that is known.
        #[serde(default)]
        opens: Option<Opening>,
        /// By its hours it would, but the manager has stopped it for today.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stopped: bool,
    },
    /// The service has issued its last number of the day.
    NumbersUsedUp {
        /// Which.
        service: ServiceId,
        /// When there are numbers again, if that is known.
        #[serde(default)]
        opens: Option<Opening>,
    },
    /// The service has issued as many numbers as it may in this time.
    QuotaUsedUp {
        /// Which.
        service: ServiceId,
        /// In this half of the day; without one, in the whole of it.
        half: Option<Half>,
        /// When there are numbers again, if that is known.
        opens: Option<Opening>,
    },
    /// The key needs a reason, for the journal.
    ReasonRequired,
    /// The key needs the number of a ticket.
    NumberRequired,
    /// The key needs a service or a window to send the ticket to.
    TargetRequired,
    /// A window is to serve nothing first.
    NothingToServe {
        /// Which.
        window: WindowId,
    },
    /// A window is to serve it twice, or first and as a backup.
    ServiceTwice {
        /// Which.
        service: ServiceId,
    },
    /// No ticket of today has this number.
    UnknownNumber {
        /// Which.
        number: TicketNumber,
    },
    /// The ticket is not among those who wait, nor, where it was to be cancelled, put aside.
    NotWaiting {
        /// Which.
        number: TicketNumber,
    },
    /// The ticket is for a service this window does not serve, or waits for another window.
    NotServedHere {
        /// Which.
        number: TicketNumber,
    },
    /// The ticket was neither missed nor parked.
    NotMissed {
        /// Which.
        number: TicketNumber,
    },
    /// The ticket is not parked at this window.
    NotParkedHere {
        /// Which.
        number: TicketNumber,
    },
    /// The time within which a missed ticket may come back is over.
    GraceOver {
        /// Which.
        number: TicketNumber,
        /// How long that time is.
        minutes: u16,
    },
    /// The citizen has not been given enough time to come.
    NoShowTooSoon {
        /// Who.
        number: TicketNumber,
        /// Recalls still to be made.
        recalls: u16,
        /// Seconds still to wait.
        seconds: u32,
    },
    /// The ticket is to be sent to where it is.
    SamePlace {
        /// Which.
        number: TicketNumber,
    },
    /// The window is armed already.
    AlreadyArmed {
        /// Which.
        window: WindowId,
    },
    /// The window is not armed.
    NotArmed {
        /// Which.
        window: WindowId,
    },
    /// The kiosk may not grant tickets of this class by itself.
    ClassNotGranted {
        /// The one asked for.
        class: Class,
    },
    /// Signing on needs the clerk.
    ClerkRequired,
    /// Nobody is signed on at the window.
    NobodySignedOn {
        /// Which.
        window: WindowId,
    },
    /// The clerk is signed on at another window.
    ClerkElsewhere {
        /// Who.
        clerk: ClerkId,
        /// Where.
        window: WindowId,
    },
    /// The ticket is for this matter already.
    MatterTwice {
        /// Which.
        service: ServiceId,
    },
    /// The ticket has as many further matters as one may have.
    TooManyMatters {
        /// Which.
        number: TicketNumber,
    },
    /// An evaluation needs its grade.
    GradeRequired,
    /// Nobody was served there lately.
    NothingToEvaluate {
        /// Which.
        window: WindowId,
    },
    /// The service was judged before.
    AlreadyEvaluated {
        /// Which.
        number: TicketNumber,
    },
    /// The plan knows no such clerk.
    UnknownClerk {
        /// The one named.
        clerk: ClerkId,
    },
    /// The ticket claims no class, and none was given.
    ClassRequired,
    /// The ticket is of this class already.
    ClassStands {
        /// Which.
        number: TicketNumber,
    },
    /// No such appointment today or later.
    UnknownAppointment {
        /// The one named.
        appointment: AppointmentId,
    },
    /// The id is that of another booking in other capitals: at a kiosk the two would be one.
    IdDiffersInCase {
        /// The one that is booked.
        appointment: AppointmentId,
    },
    /// The service has no slot then.
    NoSuchSlot {
        /// Which service.
        service: ServiceId,
        /// The slot named.
        slot: DayMinute,
    },
    /// The slot is on a holiday, or outside the hours of hall or service that day.
    SlotClosed {
        /// Of which service.
        service: ServiceId,
        /// Which.
        slot: DayMinute,
        /// Why nobody can come then.
        why: Closure,
        /// The first slot after it that can be had, if one can.
        next: Option<LocalTime>,
    },
    /// As many have booked the slot as may.
    SlotFull {
        /// Of which service.
        service: ServiceId,
        /// Which.
        slot: DayMinute,
        /// The first slot after it that can be had, if one can.
        #[serde(default)]
        next: Option<LocalTime>,
    },
    /// The clocks are put forward over the time of the slot: that day has none.
    SlotSkipped {
        /// When it would begin.
        slot: DayMinute,
    },
    /// The slot has begun.
    SlotOver {
        /// Which.
        slot: DayMinute,
    },
    /// The slot is on a day that cannot be booked yet.
    TooFarAhead {
        /// So many days ahead it can be.
        days: u16,
    },
    /// It is too early to check in.
    AppointmentTooEarly {
        /// In so many days; 0 means today.
        days: u16,
        /// When the slot begins.
        slot: DayMinute,
        /// From when on one can check in.
        from: DayMinute,
    },
    /// It is too late to check in.
    AppointmentTooLate {
        /// When the slot began.
        slot: DayMinute,
        /// For so long after that one could check in.
        minutes: u16,
    },
    /// The citizen has checked in.
    AlreadyCheckedIn {
        /// With this ticket.
        number: TicketNumber,
    },
    /// The class is that of appointments, whose tickets come of a check-in alone.
    OnlyByCheckIn,
    /// The clerk has none of the window's services among the skills, or not the one it is to be given.
    ClerkUnskilled {
        /// Who.
        clerk: ClerkId,
        /// Where.
        window: WindowId,
        /// Which service was to be served there; `None` for all that the window has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceId>,
    },
    /// The service is one of the window's, and its clerk has not the skill for it.
    SkillMissing {
        /// Who.
        clerk: ClerkId,
        /// For which.
        service: ServiceId,
    },
    /// A ticket is in hand there, and the clerk is not the backup of who has it.
    NotBackup {
        /// Who.
        clerk: ClerkId,
        /// Whose backup would be needed.
        of: ClerkId,
    },
    /// The plan gives the kiosk no numbers to print by itself.
    NoLease {
        /// Which.
        kiosk: DeviceId,
    },
    /// The kiosk has more leased numbers than it may leave unaccounted for.
    LeasedEnough {
        /// For which service.
        service: ServiceId,
    },
    /// The kiosk has no numbers that are unaccounted for.
    NothingLeased {
        /// Which.
        kiosk: DeviceId,
    },
    /// The number was leased to nobody today.
    NotLeased {
        /// Which.
        number: TicketNumber,
    },
    /// The number was leased to another kiosk.
    ForeignLease {
        /// Which.
        number: TicketNumber,
    },
    /// The lease of the number is over: returned, written off by name, or withdrawn with its service, which is not
    /// there again.
    LeaseOver {
        /// Which.
        number: TicketNumber,
    },
    /// Another ticket of the same hand-in has this number: one of the two is not what the kiosk printed.
    NumberTwice {
        /// Which.
        number: TicketNumber,
    },
    /// The number was leased for a business day that is over.
    LeaseOfAnotherDay {
        /// Which.
        number: TicketNumber,
    },
    /// There is no such proposal, or it can be answered no more.
    UnknownProposal {
        /// The one named.
        proposal: ProposalId,
    },
    /// The proposal was answered otherwise before.
    ProposalAnswered {
        /// The one named.
        proposal: ProposalId,
        /// How.
        how: Answered,
    },
    /// Nothing was chosen of the proposal, or a window that it does not move.
    NotItsWindows {
        /// The one named.
        proposal: ProposalId,
        /// What it moves.
        windows: Vec<WindowId>,
    },
    /// A guard rail holds the move back.
    HeldBack {
        /// Of which window.
        window: WindowId,
        /// Which one.
        rail: GuardRail,
    },
    /// What the window serves was not changed, or that was undone.
    NothingToUndo {
        /// Which.
        window: WindowId,
    },
    /// What windows serve was changed again since the proposal.
    ChangedSince {
        /// The one named.
        proposal: ProposalId,
        /// At which of its windows.
        windows: Vec<WindowId>,
    },
    /// The proposal has changed nothing at windows.
    NothingDone {
        /// The one named.
        proposal: ProposalId,
    },
    /// No such group in the plan.
    UnknownGroup {
        /// The one named.
        group: GroupId,
    },
    /// The controller cannot write its journal; nothing can be promised.
    StorageTrouble,
}

impl Refusal {
    /// When what was refused can be had again, as far as the refusal says so.
    pub const fn opens(&self) -> Option<Opening> {
        match self {
            Self::OutsideHours { opens, .. }
            | Self::NumbersUsedUp { opens, .. }
            | Self::QuotaUsedUp { opens, .. } => *opens,
            _ => None,
        }
    }

    /// The first later slot that could be booked instead, as far as the refusal says so.
    pub const fn next_slot(&self) -> Option<LocalTime> {
        match self {
            Self::SlotClosed { next, .. } | Self::SlotFull { next, .. } => *next,
            _ => None,
        }
    }

    /// The sentence for people, at most 144 bytes, with the names that services and windows have in the
    /// `plan`; without one, with their ids.
    pub fn sentence(&self, plan: Option<&Plan>, language: Language) -> String {
        let names = Names { plan, language };
        match language {
            Language::Zh => self.zh(names),
            Language::En => self.en(names),
        }
    }
}

#[cfg(test)]
mod tests;
