//! Halls that are wrong in one way each. Each shows that an invariant sees what it is there for.

/// One planted defect, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// No defect.
    Sound,
    /// The broker is told that a press is taken care of when it arrives.
    AcksBeforeCommit,
    /// The device gets its reply when the press is decided.
    RepliesBeforeSync,
    /// Signs and pads follow what is decided, not what is on disk.
    ShowsBeforeSync,
    /// A restart replays the events, and not what the devices were told.
    ForgetsPressesOnRestart,
    /// A clock that is set back over midnight begins the old business day anew.
    NumbersAgainAfterClockBack,
    /// A number is given twice in a row.
    IssuesNumbersTwice,
    /// After a failed write the journal goes on, and so does the engine.
    IgnoresFence,
    /// The start takes what it finds of an unfinished write.
    AcceptsTornWrite,
    /// The start leaves out the last write.
    DropsLastWriteOnRecovery,
    /// The start leaves out what came since the last ticket was given.
    DropsLastTicketOnRecovery,
    /// The start writes the journal anew, in other words.
    RechainsOnRecovery,
    /// Going on after a failed write does not bury what the write left behind.
    LetsGhostsReturn,
    /// However old a press says it is, it is done.
    ExecutesStalePresses,
    /// The double-press guard measures by the hall's time, which stands still behind a clock set back.
    GuardsByHallTime,
    /// Whoever waits second is called.
    CallsTheSecond,
    /// A window's backup services count as its own.
    ForgetsTiers,
    /// Who is of a priority class passes others at any call.
    ForgetsPriorityQuota,
    /// Of every two calls one is for an appointment, whatever the plan says.
    ForgetsAppointmentQuota,
    /// However long somebody has waited, it is no reason.
    ForgetsStarvation,
    /// Services of a group are called by the hall's policy.
    ForgetsGroups,
    /// What the manager has set of policies is forgotten at each call.
    ForgetsSetPolicies,
    /// A call goes to two windows.
    CallsToTwoWindows,
    /// NEXT calls without finishing who is in hand.
    ForgetsToFinish,
    /// A no-show is written twice.
    WritesNoShowsTwice,
    /// A press that could not be recorded is done when a copy of it comes later.
    ForgetsRefusals,
    /// After a failed write the engine goes back and never asks the journal to go on.
    NeverResumes,
    /// A restart leaves out tickets that were handed in.
    ForgetsHandInsOnRestart,
    /// A restart leaves out which numbers were leased.
    ForgetsLeasesOnRestart,
    /// A restart leaves out what was booked.
    ForgetsBookingsOnRestart,
    /// What is booked already is booked again when it is asked for again.
    BooksTheSameAgain,
    /// A slot takes whoever asks.
    OverbooksSlots,
    /// Who comes twice for one appointment gets two tickets.
    ChecksInTwice,
    /// Nobody is waited for once the slot has begun.
    ReleasesAtTheSlot,
    /// Who does not come gets another call each time.
    DefersForEver,
    /// Numbers are given at any time.
    IssuesAfterClosing,
    /// What lay in buffers while the process stood still counts as new.
    IgnoresStandstills,
    /// A kiosk shows a number before it has kept that it is printed.
    ForgetsPrints,
    /// A ticket that is handed in waits from then on.
    StandsByHandIn,
    /// What is printed from a lease that a plan withdrew is refused, whatever the plan is by then.
    RefusesWithdrawnPapers,
    /// Who is refused a number is not told of the ticket that waits for its citizen.
    HidesWhoWaitsAs,
    /// A ticket that is handed in is for its first matter alone.
    DropsMattersOfHandIns,
    /// The durable hall takes every event over twice.
    AppliesTwice,
    /// What a sign was sent counts as shown.
    TrustsSignsBlindly,
    /// A sign gets the new page's upper half while the lower still shows the old one.
    MixesPictures,
    /// A page that changes while its line is cut is not sent later.
    DropsPagesWhileCut,
    /// After a reconnect only what changes from then on is published.
    KeepsRetainedToItself,
    /// A device that hears nothing presses again, instead of repeating the press.
    RepeatsAsNewPress,
    /// The flash of a device keeps its session, and not which numbers it has used.
    ReusesNumbersAfterReboot,
    /// A device's clock stands still while it has no link, so that what is pressed is younger than it is.
    StopsClockWithoutLink,
    /// A pad gives a press a new number each time it repeats it.
    NumbersRepetitions,
    /// A kiosk's memory keeps what is written to it last only in a cache.
    CachesTheStore,
    /// A kiosk takes tickets for handed in when it has said them.
    CountsHandInsWhenSent,
    /// A kiosk does not say for which takes its numbers stand.
    HidesUnansweredTakes,
    /// A pad that starts presses what was under way when it was switched off.
    PressesAgainAfterReboot,
    /// The broker is sent everything at once, whatever it has acknowledged.
    PublishesWithoutBound,
    /// Who runs the hall leaves no note of it, and lets claims of others go unanswered.
    KeepsTheHallInSilence,
    /// A press from before the last one stops the controller.
    PanicsOnOldPress,
}

impl Mutant {
    /// Every defect.
    pub const ALL: [Self; 57] = [
        Self::AcksBeforeCommit,
        Self::RepliesBeforeSync,
        Self::ShowsBeforeSync,
        Self::ForgetsPressesOnRestart,
        Self::NumbersAgainAfterClockBack,
        Self::IssuesNumbersTwice,
        Self::IgnoresFence,
        Self::AcceptsTornWrite,
        Self::DropsLastWriteOnRecovery,
        Self::DropsLastTicketOnRecovery,
        Self::RechainsOnRecovery,
        Self::LetsGhostsReturn,
        Self::ExecutesStalePresses,
        Self::GuardsByHallTime,
        Self::CallsTheSecond,
        Self::ForgetsTiers,
        Self::ForgetsPriorityQuota,
        Self::ForgetsAppointmentQuota,
        Self::ForgetsStarvation,
        Self::ForgetsGroups,
        Self::ForgetsSetPolicies,
        Self::CallsToTwoWindows,
        Self::ForgetsToFinish,
        Self::WritesNoShowsTwice,
        Self::ForgetsRefusals,
        Self::NeverResumes,
        Self::ForgetsHandInsOnRestart,
        Self::ForgetsLeasesOnRestart,
        Self::ForgetsBookingsOnRestart,
        Self::BooksTheSameAgain,
        Self::OverbooksSlots,
        Self::ChecksInTwice,
        Self::ReleasesAtTheSlot,
        Self::DefersForEver,
        Self::IssuesAfterClosing,
        Self::IgnoresStandstills,
        Self::ForgetsPrints,
        Self::StandsByHandIn,
        Self::RefusesWithdrawnPapers,
        Self::HidesWhoWaitsAs,
        Self::DropsMattersOfHandIns,
        Self::AppliesTwice,
        Self::TrustsSignsBlindly,
        Self::MixesPictures,
        Self::DropsPagesWhileCut,
        Self::KeepsRetainedToItself,
        Self::RepeatsAsNewPress,
        Self::ReusesNumbersAfterReboot,
        Self::StopsClockWithoutLink,
        Self::NumbersRepetitions,
        Self::CachesTheStore,
        Self::CountsHandInsWhenSent,
        Self::HidesUnansweredTakes,
        Self::PressesAgainAfterReboot,
        Self::PublishesWithoutBound,
        Self::KeepsTheHallInSilence,
        Self::PanicsOnOldPress,
    ];
}
