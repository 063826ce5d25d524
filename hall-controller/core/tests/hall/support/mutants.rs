//! Halls that are wrong in one way each, made by tampering with what the real one decides, writes
//! or applies: each shows that the witness would see that defect.

mod swaps;

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{
    CallReason, Cause, Event, ExpiryReason, LapseReason, LeaseEnd, Managed, Rule, Stamped,
};
use hall_core::plan::Half;
use hall_core::refusal::Refusal;
use hall_core::time::{HallTime, Now};
use hall_core::{Decision, Hall};
use hall_protocol::id::ServiceId;
use hall_protocol::payload::ServiceOutcome;

use super::id;
use super::witness::Fault;
use swaps::{
    call_appointment, call_beyond_skills, call_deferred, call_second, overbook, same_number_again,
    to_another_window,
};

/// One defect, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    Sound,
    LosesTickets,
    IssuesNumbersTwice,
    CallsToTwoWindows,
    ForgetsToFinish,
    CallsTheSecond,
    WritesNotAll,
    WritesTwice,
    WritesNoAnswers,
    AppliesTwice,
    ForgetsPresses,
    ActsOnRefusals,
    RefusesNothingLate,
    StopsTheGuardsClock,
    HasNoGuard,
    KeepsYesterday,
    PutsAnywhere,
    ParksTheServedAndKeepsThem,
    PicksAsIfInTurn,
    SendsAndKeeps,
    ArmsInVain,
    PassesInSecret,
    MissesAtOnce,
    ForgetsMatters,
    CorrectsAndKeeps,
    CallsTheDeferredFirst,
    Overbooks,
    ForgetsBookings,
    StandsByArrival,
    CallsAppointmentsAtOnce,
    NeverReleases,
    ReleasesAtOnce,
    GivesAtNight,
    ForgetsTheHalf,
    DropsTheQueue,
    WorksThroughBreaks,
    AlwaysSaysTomorrow,
    ForgetsHandIns,
    LeasesWhatIsIssued,
    StandsByHandIn,
    KeepsYesterdaysLeases,
    CountsAheadWrong,
    TrustsEveryClaim,
    BlamesNobody,
    ForgetsTheOutcome,
    RefusesInOtherWords,
    SkipsMatters,
    SaysAClerkCalledForTheRule,
    IgnoresWhatThePadShowed,
    BooksOutOfHours,
    ForgetsAllocations,
    HidesThatABackupCalled,
    CallsBeyondSkills,
    CallsTheSecondByCredit,
    CallsTheSecondByTarget,
    SaysThatAllThatLapsedIsOvertaken,
}

impl Mutant {
    /// Every defect with what the witness must say of it.
    pub const ALL: [(Self, Fault); 41] = [
        (Self::LosesTickets, Fault::TicketLost),
        (Self::IssuesNumbersTwice, Fault::NumberTwice),
        (Self::CallsToTwoWindows, Fault::TwoAtOnce),
        (Self::ForgetsToFinish, Fault::TwoAtOnce),
        (Self::CallsTheSecond, Fault::Overtaken),
        (Self::CallsBeyondSkills, Fault::Overtaken),
        (Self::WritesNotAll, Fault::NotReplayed),
        (Self::WritesTwice, Fault::NotReplayed),
        (Self::WritesNoAnswers, Fault::NotReplayed),
        (Self::AppliesTwice, Fault::DoesNotAddUp),
        (Self::ForgetsPresses, Fault::DoneTwice),
        (Self::ActsOnRefusals, Fault::RefusedAndDone),
        (Self::RefusesNothingLate, Fault::DoneLate),
        (Self::StopsTheGuardsClock, Fault::KeptWaiting),
        (Self::HasNoGuard, Fault::Skipped),
        (Self::KeepsYesterday, Fault::OpenAfterDayEnd),
        (Self::PutsAnywhere, Fault::WrongPlace),
        (Self::ParksTheServedAndKeepsThem, Fault::TwoAtOnce),
        (Self::PicksAsIfInTurn, Fault::Overtaken),
        (Self::SendsAndKeeps, Fault::TwoAtOnce),
        (Self::ArmsInVain, Fault::LeftWaiting),
        (Self::PassesInSecret, Fault::Overtaken),
        (Self::MissesAtOnce, Fault::TicketLost),
        (Self::ForgetsMatters, Fault::TicketLost),
        (Self::CorrectsAndKeeps, Fault::TwoAtOnce),
        (Self::CallsTheDeferredFirst, Fault::Overtaken),
        (Self::Overbooks, Fault::Overbooked),
        (Self::ForgetsBookings, Fault::AppointmentLost),
        (Self::StandsByArrival, Fault::WrongPlace),
        (Self::CallsAppointmentsAtOnce, Fault::Overtaken),
        (Self::NeverReleases, Fault::AppointmentLost),
        (Self::ReleasesAtOnce, Fault::AppointmentLost),
        (Self::GivesAtNight, Fault::OutOfHours),
        (Self::ForgetsTheHalf, Fault::OverQuota),
        (Self::DropsTheQueue, Fault::NotKept),
        (Self::WorksThroughBreaks, Fault::NoBreak),
        (Self::AlwaysSaysTomorrow, Fault::TurnedAway),
        (Self::ForgetsHandIns, Fault::TicketLost),
        (Self::LeasesWhatIsIssued, Fault::NumberTwice),
        (Self::StandsByHandIn, Fault::WrongPlace),
        (Self::KeepsYesterdaysLeases, Fault::Unaccounted),
    ];

    /// Defects that mostly break no invariant: who knows what must be decided sees them.
    pub const OF_DECISIONS: [Self; 15] = [
        Self::CountsAheadWrong,
        Self::TrustsEveryClaim,
        Self::BlamesNobody,
        Self::ForgetsTheOutcome,
        Self::RefusesInOtherWords,
        Self::SkipsMatters,
        Self::SaysAClerkCalledForTheRule,
        Self::IgnoresWhatThePadShowed,
        Self::BooksOutOfHours,
        Self::ForgetsAllocations,
        Self::HidesThatABackupCalled,
        Self::CallsBeyondSkills,
        Self::CallsTheSecondByCredit,
        Self::CallsTheSecondByTarget,
        Self::SaysThatAllThatLapsedIsOvertaken,
    ];

    /// Defects of appointments, which the reference sees as well as the witness does.
    pub const OF_APPOINTMENTS: [Self; 6] = [
        Self::Overbooks,
        Self::ForgetsBookings,
        Self::StandsByArrival,
        Self::CallsAppointmentsAtOnce,
        Self::NeverReleases,
        Self::ReleasesAtOnce,
    ];
}

/// A mutant at work.
pub struct Tampering {
    mutant: Mutant,
    decided: u32,
    written: u32,
    latest: HallTime,
}

impl Tampering {
    pub fn of(mutant: Mutant) -> Self {
        Self { mutant, decided: 0, written: 0, latest: HallTime::default() }
    }

    /// As [`Hall::decide`], with the defect.
    pub fn decide(&mut self, hall: &Hall, command: &Command, now: Now) -> Result<Decision, Refusal> {
        self.decided += 1;
        self.latest = self.latest.max(now.at);
        let (mut command, mut now) = (command.clone(), now);
        if let Command::Key { press, age_ms, .. }
        | Command::Take { press, age_ms, .. }
        | Command::CheckIn { press, age_ms, .. }
        | Command::Return { press, age_ms, .. }
        | Command::Cancel { press, age_ms, .. }
        | Command::Lease { press, age_ms, .. }
        | Command::HandIn { press, age_ms, .. }
        | Command::EndLease { press, age_ms, .. } = &mut command
        {
            match self.mutant {
                Mutant::ForgetsPresses => press.session = 1_000 + self.decided,
                Mutant::RefusesNothingLate => *age_ms = 0,
                Mutant::GivesAtNight => now.minute = 10 * 60,
                Mutant::StopsTheGuardsClock => now.at = self.latest,
                Mutant::HasNoGuard => now.at = now.at.plus_ms(i64::from(self.decided) * 2_500),
                _ => {}
            }
        }
        if let (Mutant::IgnoresWhatThePadShowed, Command::Key { ticket, .. }) = (self.mutant, &mut command) {
            *ticket = None;
        }
        let mut decision = match hall.decide(&command, now) {
            Err(Refusal::SlotFull { .. }) if self.mutant == Mutant::Overbooks => overbook(&command, now),
            Err(Refusal::SlotClosed { .. }) if self.mutant == Mutant::BooksOutOfHours => {
                overbook(&command, now)
            }
            decided => decided?,
        };
        self.tamper(hall, &mut decision);
        Ok(decision)
    }

    fn tamper(&self, hall: &Hall, decision: &mut Decision) {
        match self.mutant {
            Mutant::IssuesNumbersTwice => same_number_again(hall, decision),
            Mutant::CallsToTwoWindows => {
                let elsewhere =
                    decision.events.iter().find(|s| s.event.name() == "called").map(to_another_window);
                decision.events.extend(elsewhere);
            }
            Mutant::ForgetsToFinish => {
                decision.events.retain(|stamped| !matches!(stamped.event, Event::Finished { .. }));
            }
            Mutant::CallsTheSecond => {
                for stamped in &mut decision.events {
                    call_second(hall, &mut stamped.event);
                }
            }
            Mutant::PutsAnywhere => {
                for stamped in &mut decision.events {
                    if let Event::Returned { standing, .. } | Event::Transferred { standing, .. } =
                        &mut stamped.event
                    {
                        *standing = standing.plus_ms(-7);
                    }
                }
            }
            Mutant::PassesInSecret => {
                for stamped in &mut decision.events {
                    if let Event::Called { why: why @ CallReason::Priority { .. }, .. } = &mut stamped.event {
                        *why = CallReason::Oldest { services: 1 };
                    }
                }
            }
            Mutant::MissesAtOnce => {
                for stamped in &mut decision.events {
                    if let Event::Deferred { ticket, number, window, .. } = stamped.event {
                        stamped.event = Event::Missed { ticket, number, window, wall: None };
                    }
                }
            }
            Mutant::ForgetsMatters => {
                for stamped in &mut decision.events {
                    if let Event::MatterFinished { ticket, number, window, outcome, .. } = stamped.event {
                        stamped.event = Event::Finished { ticket, number, window, outcome, reason: None };
                    }
                }
            }
            Mutant::CallsTheDeferredFirst => {
                for stamped in &mut decision.events {
                    call_deferred(hall, &mut stamped.event);
                }
            }
            Mutant::StandsByArrival => {
                for stamped in &mut decision.events {
                    if let Event::Issued { check_in: Some(check_in), .. } = &mut stamped.event {
                        check_in.standing = stamped.at;
                    }
                }
            }
            Mutant::CallsAppointmentsAtOnce => {
                for stamped in &mut decision.events {
                    call_appointment(hall, &mut stamped.event);
                }
            }
            Mutant::NeverReleases => {
                decision.events.retain(|stamped| !matches!(stamped.event, Event::Released { .. }));
            }
            Mutant::ReleasesAtOnce => {
                if let (Some(one), [.., last]) = (hall.appointments().iter().next(), &decision.events[..]) {
                    let (appointment, service, slot) = (one.id, one.service, one.slot);
                    let event = Event::Released { appointment, service, slot };
                    decision.events.insert(0, Stamped { event, answer: None, ..last.clone() });
                }
            }
            Mutant::PicksAsIfInTurn => {
                for stamped in &mut decision.events {
                    if let Event::Called { why: why @ CallReason::Picked { .. }, .. } = &mut stamped.event {
                        *why = CallReason::Oldest { services: 1 };
                    }
                }
            }
            Mutant::ArmsInVain => decision.events.retain(|stamped| {
                !matches!(stamped.event, Event::Called { why: CallReason::Armed { .. }, .. })
            }),
            Mutant::ActsOnRefusals => {
                if let (Some(Answer::Refused(_)), Some(last)) = (&decision.answer, decision.events.last()) {
                    let event = Event::WindowPaused { window: id("1"), reason: None };
                    decision.events.push(Stamped { event, answer: None, ..last.clone() });
                }
            }
            mutant if Mutant::OF_DECISIONS.contains(&mutant) => {
                decision.events.iter_mut().for_each(|stamped| alter(mutant, hall, stamped));
                decision.answer = decision.answer.take().map(|answer| altered_answer(mutant, answer));
            }
            Mutant::KeepsYesterday => decision.events.retain(|stamped| {
                !matches!(stamped.event, Event::Expired { why: ExpiryReason::DayEnded, .. })
            }),
            _ => self.tamper_with_hours_and_leases(hall, decision),
        }
    }

    fn tamper_with_hours_and_leases(&self, hall: &Hall, decision: &mut Decision) {
        match self.mutant {
            Mutant::ForgetsTheHalf => {
                for stamped in &mut decision.events {
                    if let Event::Issued { half, .. } = &mut stamped.event {
                        *half = Some(Half::Afternoon);
                    }
                }
            }
            Mutant::DropsTheQueue => {
                for stamped in &mut decision.events {
                    if let Event::DayBegan { queue_kept, .. } = &mut stamped.event {
                        *queue_kept = false;
                    }
                }
            }
            Mutant::WorksThroughBreaks => {
                decision.events.retain(|stamped| stamped.cause != Cause::Rule(Rule::WindowHours));
            }
            Mutant::AlwaysSaysTomorrow => {
                for stamped in &mut decision.events {
                    if let Event::Refused {
                        refusal: Refusal::OutsideHours { opens: Some(opens), .. }, ..
                    } = &mut stamped.event
                    {
                        opens.in_days = 1;
                        if let Event::Refused { refusal, .. } = &stamped.event {
                            stamped.answer = Some(Answer::Refused(refusal.clone()));
                            decision.answer.clone_from(&stamped.answer);
                        }
                    }
                }
            }
            Mutant::LeasesWhatIsIssued => {
                for stamped in &mut decision.events {
                    if let Event::NumbersLeased { service, first, .. } = &mut stamped.event
                        && let Some(issued) = hall.tickets().find(|ticket| ticket.service == *service)
                    {
                        *first = issued.number;
                    }
                }
            }
            Mutant::StandsByHandIn => {
                for stamped in &mut decision.events {
                    if let Event::Issued { printed_at: Some(printed_at), .. } = &mut stamped.event {
                        *printed_at = stamped.at;
                    }
                }
            }
            Mutant::KeepsYesterdaysLeases => decision.events.retain(|stamped| {
                !matches!(stamped.event, Event::LeaseEnded { why: LeaseEnd::DayEnded, .. })
            }),
            _ => {}
        }
    }

    /// How often the hall takes the event over.
    pub fn times_applied(&self, stamped: &Stamped) -> usize {
        if let (Mutant::ForgetsHandIns, Event::Issued { printed_at: Some(_), .. }) =
            (self.mutant, &stamped.event)
        {
            return 0;
        }
        match (self.mutant, stamped.event.name()) {
            (Mutant::LosesTickets, "issued")
            | (Mutant::ParksTheServedAndKeepsThem, "parked")
            | (Mutant::SendsAndKeeps, "transferred")
            | (Mutant::CorrectsAndKeeps, "service_corrected")
            | (Mutant::ForgetsBookings, "booked")
            | (Mutant::ForgetsAllocations, "allocated") => 0,
            (Mutant::AppliesTwice, _) => 2,
            _ => 1,
        }
    }

    /// What the journal gets of an event.
    pub fn written(&mut self, stamped: &Stamped) -> Vec<Stamped> {
        self.written += 1;
        let stamped = stamped.clone();
        match self.mutant {
            Mutant::LosesTickets if stamped.event.name() == "issued" => vec![],
            Mutant::ForgetsHandIns if self.times_applied(&stamped) == 0 => vec![],
            Mutant::WritesNotAll if self.written.is_multiple_of(7) => vec![],
            Mutant::WritesTwice => vec![stamped.clone(), stamped],
            Mutant::WritesNoAnswers => vec![Stamped { answer: None, ..stamped }],
            _ => vec![stamped],
        }
    }
}

fn alter(mutant: Mutant, hall: &Hall, stamped: &mut Stamped) {
    match (mutant, &mut stamped.event) {
        (Mutant::CountsAheadWrong, Event::Issued { ahead, .. }) => *ahead += 1,
        (Mutant::TrustsEveryClaim, Event::Issued { class, claimed, .. }) => {
            *class = claimed.take().unwrap_or(*class);
        }
        (Mutant::CallsBeyondSkills, event) => call_beyond_skills(hall, event),
        (Mutant::BlamesNobody, _) => stamped.clerk = None,
        (Mutant::ForgetsTheOutcome, Event::Finished { outcome, .. }) => *outcome = ServiceOutcome::Finished,
        (Mutant::SkipsMatters, Event::MatterFinished { ticket, next, .. }) => {
            let matters = hall.ticket(*ticket).map_or(&[][..], |ticket| &*ticket.matters);
            let known = |matter: &&ServiceId| hall.plan().service(**matter).is_some();
            *next = matters.iter().rfind(known).copied().unwrap_or(*next);
        }
        (Mutant::HidesThatABackupCalled, Event::Called { why: why @ CallReason::Backup { .. }, .. }) => {
            *why = CallReason::Oldest { services: 1 };
        }
        (Mutant::CallsTheSecondByCredit, event @ Event::Called { why: CallReason::Credit { .. }, .. })
        | (Mutant::CallsTheSecondByTarget, event @ Event::Called { why: CallReason::Target { .. }, .. }) => {
            call_second(hall, event);
        }
        (Mutant::SaysThatAllThatLapsedIsOvertaken, Event::Managed(Managed::ProposalLapsed { why, .. })) => {
            *why = LapseReason::Overtaken;
        }
        (Mutant::SaysAClerkCalledForTheRule, Event::Called { why: CallReason::Armed { press }, .. }) => {
            stamped.cause = press.map_or(stamped.cause, Cause::Press);
        }
        _ => {}
    }
    stamped.answer = stamped.answer.take().map(|answer| altered_answer(mutant, answer));
}

fn altered_answer(mutant: Mutant, answer: Answer) -> Answer {
    match (mutant, answer) {
        (
            Mutant::CountsAheadWrong,
            Answer::Ticket { number, service, issued_at, ahead, appointment, estimate },
        ) => Answer::Ticket { number, service, issued_at, ahead: ahead + 1, appointment, estimate },
        (Mutant::RefusesInOtherWords, Answer::Refused(Refusal::NotServedHere { number })) => {
            Answer::Refused(Refusal::NotWaiting { number })
        }
        (_, answer) => answer,
    }
}
