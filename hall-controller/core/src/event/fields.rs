//! What every event can be asked: its ticket, its window, its name and its topic.

use hall_protocol::id::WindowId;
use hall_protocol::number::TicketNumber;
use hall_protocol::topic::EventTopic;

use super::{Evaluation, Event};
use crate::ticket::TicketId;

impl Event {
    /// The ticket it concerns, if one.
    pub const fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Issued { ticket, .. }
            | Self::Called { ticket, .. }
            | Self::Recalled { ticket, .. }
            | Self::Started { ticket, .. }
            | Self::Finished { ticket, .. }
            | Self::Missed { ticket, .. }
            | Self::Requeued { ticket, .. }
            | Self::Transferred { ticket, .. }
            | Self::Parked { ticket, .. }
            | Self::Unparked { ticket, .. }
            | Self::Returned { ticket, .. }
            | Self::Cancelled { ticket, .. }
            | Self::WalkedIn { ticket, .. }
            | Self::Deferred { ticket, .. }
            | Self::MatterFinished { ticket, .. }
            | Self::MatterAdded { ticket, .. }
            | Self::MatterWithdrawn { ticket, .. }
            | Self::ServiceCorrected { ticket, .. }
            | Self::ClassConfirmed { ticket, .. }
            | Self::Evaluated(Evaluation { ticket, .. })
            | Self::Expired { ticket, .. } => Some(*ticket),
            _ => None,
        }
    }

    /// The number of the ticket it concerns, if one.
    pub const fn number(&self) -> Option<TicketNumber> {
        match self {
            Self::Issued { number, .. }
            | Self::Called { number, .. }
            | Self::Recalled { number, .. }
            | Self::Started { number, .. }
            | Self::Finished { number, .. }
            | Self::Missed { number, .. }
            | Self::Requeued { number, .. }
            | Self::Transferred { number, .. }
            | Self::Parked { number, .. }
            | Self::Unparked { number, .. }
            | Self::Returned { number, .. }
            | Self::Cancelled { number, .. }
            | Self::WalkedIn { number, .. }
            | Self::Deferred { number, .. }
            | Self::MatterFinished { number, .. }
            | Self::MatterAdded { number, .. }
            | Self::MatterWithdrawn { number, .. }
            | Self::ServiceCorrected { number, .. }
            | Self::ClassConfirmed { number, .. }
            | Self::Evaluated(Evaluation { number, .. })
            | Self::Expired { number, .. } => Some(*number),
            _ => None,
        }
    }

    /// The window it concerns, if one.
    pub const fn window(&self) -> Option<WindowId> {
        match self {
            Self::Called { window, .. }
            | Self::Recalled { window, .. }
            | Self::Started { window, .. }
            | Self::Finished { window, .. }
            | Self::Missed { window, .. }
            | Self::Requeued { window, .. }
            | Self::Transferred { window, .. }
            | Self::Parked { window, .. }
            | Self::Unparked { window, .. }
            | Self::WalkedIn { window, .. }
            | Self::Deferred { window, .. }
            | Self::MatterFinished { window, .. }
            | Self::MatterAdded { window, .. }
            | Self::Evaluated(Evaluation { window, .. })
            | Self::Allocated { window, .. }
            | Self::WindowOpened { window }
            | Self::WindowPaused { window, .. }
            | Self::WindowResumed { window }
            | Self::WindowClosed { window }
            | Self::WindowArmed { window }
            | Self::WindowDisarmed { window }
            | Self::ClerkSignedOn { window, .. }
            | Self::ClerkSignedOff { window, .. } => Some(*window),
            Self::Expired { window, .. }
            | Self::Returned { window, .. }
            | Self::Cancelled { window, .. }
            | Self::MatterWithdrawn { window, .. }
            | Self::ServiceCorrected { window, .. } => *window,
            Self::Managed(managed) => managed.window(),
            _ => None,
        }
    }

    /// Its name in the journal and in logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PlanAdopted { .. } => "plan_adopted",
            Self::DayBegan { .. } => "day_began",
            Self::Issued { .. } => "issued",
            Self::Called { .. } => "called",
            Self::Recalled { .. } => "recalled",
            Self::Started { .. } => "started",
            Self::Finished { .. } => "finished",
            Self::Missed { .. } => "missed",
            Self::Requeued { .. } => "requeued",
            Self::Expired { .. } => "expired",
            Self::Transferred { .. } => "transferred",
            Self::Parked { .. } => "parked",
            Self::Unparked { .. } => "unparked",
            Self::Returned { .. } => "returned",
            Self::Cancelled { .. } => "cancelled",
            Self::NumbersLeased { .. } => "numbers_leased",
            Self::HandedIn { .. } => "handed_in",
            Self::LeaseEnded { .. } => "lease_ended",
            Self::WalkedIn { .. } => "walked_in",
            Self::Booked { .. } => "booked",
            Self::Rebooked { .. } => "rebooked",
            Self::Unbooked { .. } => "unbooked",
            Self::Released { .. } => "released",
            Self::Deferred { .. } => "deferred",
            Self::MatterFinished { .. } => "matter_finished",
            Self::MatterAdded { .. } => "matter_added",
            Self::MatterWithdrawn { .. } => "matter_withdrawn",
            Self::ServiceCorrected { .. } => "service_corrected",
            Self::ClassConfirmed { .. } => "class_confirmed",
            Self::Evaluated { .. } => "evaluated",
            Self::Allocated { .. } => "allocated",
            Self::Managed(managed) => managed.name(),
            Self::Reviewed { .. } => "reviewed",
            Self::WindowOpened { .. } => "window_opened",
            Self::WindowPaused { .. } => "window_paused",
            Self::WindowResumed { .. } => "window_resumed",
            Self::WindowClosed { .. } => "window_closed",
            Self::WindowArmed { .. } => "window_armed",
            Self::WindowDisarmed { .. } => "window_disarmed",
            Self::ClerkSignedOn { .. } => "clerk_signed_on",
            Self::ClerkSignedOff { .. } => "clerk_signed_off",
            Self::EmergencyDeclared { .. } => "emergency_declared",
            Self::EmergencyCleared { .. } => "emergency_cleared",
            Self::PhoneErased(_) => "phone_erased",
            Self::Refused { .. } => "refused",
        }
    }

    /// The topic integrators hear of it.
    pub const fn topic(&self) -> EventTopic {
        match self {
            Self::PlanAdopted { .. }
            | Self::DayBegan { .. }
            | Self::EmergencyDeclared { .. }
            | Self::EmergencyCleared { .. }
            | Self::PhoneErased(_)
            | Self::Reviewed { .. } => EventTopic::Hall,
            Self::Managed(managed) => managed.topic(),
            Self::Issued { .. } | Self::WalkedIn { .. } => EventTopic::Issued,
            Self::Called { .. } => EventTopic::Called,
            Self::Recalled { .. } => EventTopic::Recalled,
            Self::Started { .. } => EventTopic::Started,
            Self::Finished { .. } => EventTopic::Finished,
            Self::Missed { .. } => EventTopic::Missed,
            Self::Requeued { .. } => EventTopic::Requeued,
            Self::Expired { .. } => EventTopic::Expired,
            Self::Transferred { .. } => EventTopic::Transferred,
            Self::Parked { .. } => EventTopic::Parked,
            Self::Unparked { .. } => EventTopic::Unparked,
            Self::Returned { .. } => EventTopic::Returned,
            Self::Cancelled { .. } => EventTopic::Cancelled,
            Self::Deferred { .. } => EventTopic::Deferred,
            Self::MatterFinished { .. } | Self::MatterAdded { .. } | Self::MatterWithdrawn { .. } => {
                EventTopic::Matter
            }
            Self::ServiceCorrected { .. } | Self::ClassConfirmed { .. } => EventTopic::Corrected,
            Self::Evaluated { .. } => EventTopic::Evaluated,
            Self::Booked { .. } | Self::Rebooked { .. } | Self::Unbooked { .. } | Self::Released { .. } => {
                EventTopic::Appointment
            }
            Self::Allocated { .. }
            | Self::WindowOpened { .. }
            | Self::WindowPaused { .. }
            | Self::WindowResumed { .. }
            | Self::WindowClosed { .. }
            | Self::WindowArmed { .. }
            | Self::WindowDisarmed { .. }
            | Self::ClerkSignedOn { .. }
            | Self::ClerkSignedOff { .. } => EventTopic::Window,
            Self::NumbersLeased { .. } | Self::HandedIn { .. } | Self::LeaseEnded { .. } => EventTopic::Lease,
            Self::Refused { .. } => EventTopic::Refused,
        }
    }
}
