//! Every sentence has words in both languages and fits its field.

use super::*;

#[test]
fn every_sentence_fits_its_field_on_the_wire() {
    let longest = "WWWWWWWWWWWWWWWW";
    let number = "AB9999".parse().unwrap();
    let (window, service) = (longest.parse().unwrap(), longest.parse().unwrap());
    let slot = "23:59".parse().unwrap();
    let opens = Some(Opening { at: "2026-12-30T08:30".parse().unwrap(), in_days: 50 });
    let next = opens.map(|opening: Opening| opening.at);
    for refusal in [
        Refusal::UnknownWindow { window },
        Refusal::UnknownKiosk { kiosk: longest.parse().unwrap() },
        Refusal::UnknownService { service },
        Refusal::UnknownZone { zone: longest.parse().unwrap() },
        Refusal::Stale { age_ms: u32::MAX },
        Refusal::OutOfOrder,
        Refusal::WindowPaused { window },
        Refusal::WindowClosed { window },
        Refusal::WindowOpen { window },
        Refusal::JustCalled { number },
        Refusal::NobodyWaiting { window },
        Refusal::NoTicketInHand { window },
        Refusal::AnotherTicket { number },
        Refusal::AlreadyServing { number },
        Refusal::TicketInHand { number },
        Refusal::OutsideHours { service, why: Closure::Hours, opens },
        Refusal::OutsideHours { service, why: Closure::DayOff, opens },
        Refusal::OutsideHours { service, why: Closure::LastTicket, opens },
        Refusal::OutsideHours { service, why: Closure::LastTicket, opens: None },
        Refusal::NumbersUsedUp { service, opens },
        Refusal::QuotaUsedUp { service, half: Some(Half::Afternoon), opens },
        Refusal::QuotaUsedUp { service, half: None, opens: None },
        Refusal::ReasonRequired,
        Refusal::NumberRequired,
        Refusal::TargetRequired,
        Refusal::NothingToServe { window },
        Refusal::ServiceTwice { service },
        Refusal::UnknownNumber { number },
        Refusal::NotWaiting { number },
        Refusal::NotServedHere { number },
        Refusal::NotMissed { number },
        Refusal::NotParkedHere { number },
        Refusal::GraceOver { number, minutes: u16::MAX },
        Refusal::NoShowTooSoon { number, recalls: u16::MAX, seconds: u32::MAX },
        Refusal::SamePlace { number },
        Refusal::AlreadyArmed { window },
        Refusal::NotArmed { window },
        Refusal::ClassNotGranted { class: Class::Elderly },
        Refusal::ClerkRequired,
        Refusal::NobodySignedOn { window },
        Refusal::ClerkElsewhere { clerk: longest.parse().unwrap(), window },
        Refusal::MatterTwice { service },
        Refusal::TooManyMatters { number },
        Refusal::GradeRequired,
        Refusal::NothingToEvaluate { window },
        Refusal::AlreadyEvaluated { number },
        Refusal::UnknownClerk { clerk: longest.parse().unwrap() },
        Refusal::ClassRequired,
        Refusal::ClassStands { number },
        Refusal::UnknownAppointment { appointment: "W".repeat(36).parse().unwrap() },
        Refusal::NoSuchSlot { service, slot },
        Refusal::SlotClosed { service, slot, why: Closure::DayOff, next },
        Refusal::SlotClosed { service, slot, why: Closure::Hours, next },
        Refusal::SlotFull { service, slot, next },
        Refusal::SlotOver { slot },
        Refusal::TooFarAhead { days: u16::MAX },
        Refusal::AppointmentTooEarly { days: 0, slot, from: slot },
        Refusal::AppointmentTooEarly { days: u16::MAX, slot, from: slot },
        Refusal::AppointmentTooLate { slot, minutes: u16::MAX },
        Refusal::AlreadyCheckedIn { number },
        Refusal::OnlyByCheckIn,
        Refusal::SkillMissing { clerk: longest.parse().unwrap(), service },
        Refusal::ClerkUnskilled { clerk: longest.parse().unwrap(), window },
        Refusal::NotBackup { clerk: longest.parse().unwrap(), of: longest.parse().unwrap() },
        Refusal::NoLease { kiosk: longest.parse().unwrap() },
        Refusal::LeasedEnough { service },
        Refusal::NothingLeased { kiosk: longest.parse().unwrap() },
        Refusal::NotLeased { number },
        Refusal::ForeignLease { number },
        Refusal::LeaseOver { number },
        Refusal::LeaseOfAnotherDay { number },
        Refusal::UnknownProposal { proposal: ProposalId::new(u32::MAX) },
        Refusal::HeldBack { window, rail: GuardRail::HallMoves },
        Refusal::NothingToUndo { window },
        Refusal::UnknownGroup { group: longest.parse().unwrap() },
        Refusal::StorageTrouble,
    ] {
        assert!(refusal.code().len() <= 24, "{refusal:?}");
        assert!(refusal.sentence(Language::Zh).len() <= 144, "{refusal:?}");
        assert!(refusal.sentence(Language::En).len() <= 144, "{refusal:?}");
    }
}
