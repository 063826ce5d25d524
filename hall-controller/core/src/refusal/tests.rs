//! Every sentence has words in both languages and fits its field.

use serde_json::json;

use super::*;

/// A hall whose one service and window are called so, of ids that nobody would say.
fn plan(id: &str, name: &str, label: &str) -> Plan {
    let name = json!({ "zh": name, "en": name });
    serde_json::from_value(json!({
        "hall": "county", "name": name, "policy": {}, "kiosks": [],
        "zones": [{ "id": "A", "name": name }],
        "services": [{
            "id": id, "name": name, "prefix": "A", "digits": false, "zone": "A", "hours": [],
            "target_minutes": 15
        }],
        "windows": [{ "id": id, "label": label, "services": [id] }],
    }))
    .unwrap()
}

#[test]
fn a_sentence_has_the_names_of_services_and_windows_and_no_id() {
    let plan = plan("soc-ins", "社会保险", "12");
    let (service, window) = ("soc-ins".parse().unwrap(), "soc-ins".parse().unwrap());
    let (slot, clerk) = ("09:30".parse().unwrap(), "1001".parse().unwrap());
    for (refusal, zh) in [
        (Refusal::MatterTwice { service }, "此号已含“社会保险”"),
        (Refusal::SlotFull { service, slot, next: None }, "“社会保险”的 09:30 时段已约满，此后也无可约时段"),
        (Refusal::UnknownService { service }, "本机不办理“社会保险”"),
        (Refusal::ClerkElsewhere { clerk, window }, "1001 已在 12 号窗口签到"),
    ] {
        assert_eq!(refusal.sentence(Some(&plan), Language::Zh), zh);
        assert!(!refusal.sentence(Some(&plan), Language::En).contains("soc-ins"), "{refusal:?}");
    }
    let unknown = Refusal::UnknownService { service: "zzz".parse().unwrap() };
    assert_eq!(unknown.sentence(Some(&plan), Language::En), "zzz is not offered here");
}

#[test]
fn what_is_left_before_a_no_show_leaves_out_what_is_nothing() {
    let number = "A001".parse().unwrap();
    for (recalls, seconds, zh, en) in [
        (0, 1, "A001 暂不能过号：还需再等 1 秒", "A001 is no no-show yet: 1 s more"),
        (1, 0, "A001 暂不能过号：还需重呼 1 次", "A001 is no no-show yet: 1 more recall"),
        (
            2,
            9,
            "A001 暂不能过号：还需重呼 2 次、再等 9 秒",
            "A001 is no no-show yet: 2 more recalls, 9 s more",
        ),
    ] {
        let refusal = Refusal::NoShowTooSoon { number, recalls, seconds };
        assert_eq!(refusal.sentence(None, Language::Zh), zh);
        assert_eq!(refusal.sentence(None, Language::En), en);
    }
}

/// Every answer a proposal may have had before.
fn answered() -> impl Iterator<Item = Refusal> {
    use Answered::{Accepted, Noted, Rejected, Stopped, Undone};
    let proposal = ProposalId::new(u32::MAX);
    let all = [Accepted, Stopped, Noted, Rejected, Undone];
    all.into_iter().map(move |how| Refusal::ProposalAnswered { proposal, how })
}

#[test]
fn every_sentence_fits_its_field_on_the_wire() {
    let longest = "WWWWWWWWWWWWWWWW";
    // The longest that a configuration may give them.
    let plan = plan(longest, &"名".repeat(16), "WWWWWWWW");
    let number = "AB9999".parse().unwrap();
    let (window, service) = (longest.parse().unwrap(), longest.parse().unwrap());
    let slot = "23:59".parse().unwrap();
    let opens = Some(Opening { at: "2026-12-30T08:30".parse().unwrap(), in_days: 50 });
    let next = opens.map(|opening: Opening| opening.at);
    for refusal in answered().chain([
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
        Refusal::OutsideHours { service, why: Closure::Hours, opens, stopped: false },
        Refusal::OutsideHours { service, why: Closure::DayOff, opens, stopped: false },
        Refusal::OutsideHours { service, why: Closure::LastTicket, opens, stopped: false },
        Refusal::OutsideHours { service, why: Closure::LastTicket, opens: None, stopped: false },
        Refusal::OutsideHours { service, why: Closure::LastTicket, opens, stopped: true },
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
        Refusal::IdDiffersInCase { appointment: "W".repeat(36).parse().unwrap() },
        Refusal::NoSuchSlot { service, slot },
        Refusal::SlotClosed { service, slot, why: Closure::DayOff, next },
        Refusal::SlotClosed { service, slot, why: Closure::Hours, next },
        Refusal::SlotFull { service, slot, next },
        Refusal::SlotSkipped { slot },
        Refusal::SlotOver { slot },
        Refusal::TooFarAhead { days: u16::MAX },
        Refusal::AppointmentTooEarly { days: 0, slot, from: slot },
        Refusal::AppointmentTooEarly { days: u16::MAX, slot, from: slot },
        Refusal::AppointmentTooLate { slot, minutes: u16::MAX },
        Refusal::AlreadyCheckedIn { number },
        Refusal::OnlyByCheckIn,
        Refusal::SkillMissing { clerk: longest.parse().unwrap(), service },
        Refusal::ClerkUnskilled { clerk: longest.parse().unwrap(), window, service: None },
        Refusal::ClerkUnskilled { clerk: longest.parse().unwrap(), window, service: Some(service) },
        Refusal::NotBackup { clerk: longest.parse().unwrap(), of: longest.parse().unwrap() },
        Refusal::NoLease { kiosk: longest.parse().unwrap() },
        Refusal::LeasedEnough { service },
        Refusal::NothingLeased { kiosk: longest.parse().unwrap() },
        Refusal::NotLeased { number },
        Refusal::ForeignLease { number },
        Refusal::LeaseOver { number },
        Refusal::NumberTwice { number },
        Refusal::LeaseOfAnotherDay { number },
        Refusal::UnknownProposal { proposal: ProposalId::new(u32::MAX) },
        Refusal::NotItsWindows { proposal: ProposalId::new(u32::MAX), windows: vec![window; 40] },
        Refusal::HeldBack { window, rail: GuardRail::HallMoves },
        Refusal::NothingToUndo { window },
        Refusal::ChangedSince { proposal: ProposalId::new(u32::MAX), windows: vec![window; 40] },
        Refusal::NothingDone { proposal: ProposalId::new(u32::MAX) },
        Refusal::UnknownGroup { group: longest.parse().unwrap() },
        Refusal::StorageTrouble,
    ]) {
        assert!(refusal.code().len() <= 24, "{refusal:?}");
        for language in [Language::Zh, Language::En] {
            assert!(refusal.sentence(None, language).len() <= 144, "{refusal:?}");
            let said = refusal.sentence(Some(&plan), language);
            assert!(said.len() <= 144, "{said}");
        }
    }
}
