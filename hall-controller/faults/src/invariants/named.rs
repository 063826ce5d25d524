//! The invariants by name, and what is said when one does not hold.

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// An acknowledged ticket exists for ever.
    TicketsForEver,
    /// A number is issued at most once a business day.
    NumberOncePerDay,
    /// A ticket is at no more than one window, a window has no more than one ticket.
    OnePlace,
    /// Nobody is overtaken but by what the policy states, and each call says so.
    FirstComeFirstServed,
    /// A window's backup services wait for its primary ones, unless they are late.
    PrimaryFirst,
    /// Of so many calls of a service no more pass others by class, or by slot, than the plan says.
    WithinQuota,
    /// Nobody is passed over longer than the policy's bound says.
    NobodyStarves,
    /// Who did not come is called once more, after as many calls as the plan says, and no oftener.
    DeferredOnce,
    /// Numbers are given while their service is open; of appointments, while one may check in.
    WithinHours,
    /// A booking that was acknowledged is there until it is cancelled, its citizen came or its time is over.
    BookingsForEver,
    /// The same id of the booking system is booked once.
    BookedOnce,
    /// No slot holds more than it may.
    SlotCapacity,
    /// One appointment has one ticket.
    OneTicketEach,
    /// Once links are up and quiet, signs, pads and boards show what the journal says.
    ShowsTheJournal,
    /// Every picture a sign shows was given to it.
    NeverTorn,
    /// Replaying the journal gives the state; what failed and was buried does not come back.
    ReplayGivesTheState,
    /// The chain verifies.
    ChainVerifies,
    /// Nothing panics.
    NothingPanics,
    /// All queues are bounded.
    Bounded,
    /// Waiting, at windows and ended add up to issued.
    AddsUp,
    /// What a person pressed once happens once, and every repetition has the same answer. Answers
    /// that leave no trace in the journal bind at most until the controller is started anew.
    ExactlyOnce,
    /// What a device, a sign or the broker was told is on the disk.
    DurableBeforeVisible,
    /// A press that is too old is not done.
    NothingLate,
    /// A second NEXT within the guard time is refused, and no other for that reason.
    DoublePressGuard,
    /// Two controllers never give numbers to devices that both reach for longer than the stated time, and one does
    /// in the end.
    OneController,
    /// Whoever asks is answered, or told that the system does not answer.
    EverybodyIsAnswered,
}

impl Invariant {
    /// Every one.
    pub const ALL: [Self; 26] = [
        Self::TicketsForEver,
        Self::NumberOncePerDay,
        Self::OnePlace,
        Self::FirstComeFirstServed,
        Self::PrimaryFirst,
        Self::WithinQuota,
        Self::NobodyStarves,
        Self::DeferredOnce,
        Self::WithinHours,
        Self::BookingsForEver,
        Self::BookedOnce,
        Self::SlotCapacity,
        Self::OneTicketEach,
        Self::ShowsTheJournal,
        Self::NeverTorn,
        Self::ReplayGivesTheState,
        Self::ChainVerifies,
        Self::NothingPanics,
        Self::Bounded,
        Self::AddsUp,
        Self::ExactlyOnce,
        Self::DurableBeforeVisible,
        Self::NothingLate,
        Self::DoublePressGuard,
        Self::OneController,
        Self::EverybodyIsAnswered,
    ];
}

/// What was found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant.
    pub invariant: Invariant,
    /// What was seen.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.what)
    }
}
