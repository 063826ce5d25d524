//! An emergency text stands until it is cleared, over nights, plans and restarts, and who wanted it is
//! written down.

use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::emergency::{EMERGENCY_TEXT_BYTES_MAX, Emergency, EmergencyText, EmergencyTextError, Grounds};
use hall_core::event::{Cause, Event};
use hall_core::refusal::Refusal;
use hall_core::view::HallView;
use hall_protocol::id::ZoneId;

use crate::support::{DAY_MS, Desk, id, replayed};

fn text(zh: &str) -> EmergencyText {
    EmergencyText::new(zh, "").unwrap()
}

fn zones(ids: &[&str]) -> Vec<ZoneId> {
    ids.iter().map(|zone| id(zone)).collect()
}

fn grounds() -> Grounds {
    Grounds { by: Some("0417".into()), reason: Some("drill".into()) }
}

fn declare(zh: &str, of: &[&str]) -> Command {
    Command::DeclareEmergency {
        client: id("technician"),
        text: text(zh),
        zones: zones(of),
        grounds: grounds(),
    }
}

fn clear(of: &[&str]) -> Command {
    Command::ClearEmergency { client: id("technician"), zones: zones(of), grounds: Grounds::default() }
}

/// What is said in these zones, newest first.
fn said(desk: &Desk, of: &[&str]) -> Vec<String> {
    let view = HallView::of(&desk.hall, 1);
    let texts = view.emergencies.in_zones(zones(of)).into_iter().map(|(_, it)| it.text.zh().to_owned());
    texts.collect()
}

fn changed(desk: &mut Desk, command: &Command) -> bool {
    let decision = desk.give(command).unwrap();
    let Some(Answer::Emergency { changed }) = decision.answer else { panic!("{decision:?}") };
    assert_eq!(decision.events.len(), usize::from(changed), "{decision:?}");
    changed
}

#[test]
fn a_text_for_the_whole_hall_stands_until_it_is_cleared() {
    let mut desk = Desk::open();
    let decision = desk.give(&declare("请从最近出口撤离", &[])).unwrap();
    let [declared] = &decision.events[..] else { panic!("{decision:?}") };
    assert_eq!(declared.cause, Cause::Client(id("technician")));
    let Event::EmergencyDeclared { grounds: written, .. } = &declared.event else { panic!("{declared:?}") };
    assert_eq!(*written, grounds(), "who and why is in the journal");
    assert_eq!(said(&desk, &["east"]), ["请从最近出口撤离"]);
    let began = declared.at;
    let stands = |desk: &Desk| HallView::of(&desk.hall, 1).emergencies.of(&[]).next().unwrap().1.clone();
    let who = |it: &Emergency| (it.since, it.client, it.grounds.clone());
    assert_eq!(who(&stands(&desk)), (began, Some(id("technician")), grounds()), "since when, and by whom");
    assert!(!changed(&mut desk, &declare("请从最近出口撤离", &[])), "the same again");
    assert_eq!(stands(&desk).since, began, "asking again begins nothing");
    desk.wait(DAY_MS);
    desk.give(&Command::Tick).unwrap();
    let plan = Box::new((**desk.hall.plan()).clone());
    desk.give(&Command::AdoptPlan(plan)).unwrap();
    assert_eq!(said(&desk, &[]), ["请从最近出口撤离"], "over night and a new plan");
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
    assert!(changed(&mut desk, &clear(&[])) && !changed(&mut desk, &clear(&[])));
    assert!(said(&desk, &["east"]).is_empty());
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_zone_s_own_text_goes_before_the_hall_s_there_and_a_newer_one_for_all_before_both() {
    let mut desk = Desk::open();
    let all: Vec<String> = desk.hall.plan().zones().iter().map(|zone| zone.id.to_string()).collect();
    let [here, there, ..] = &all[..] else { panic!("{all:?}") };
    let both = [here.as_str(), there.as_str()];
    assert!(changed(&mut desk, &declare("全厅", &[])));
    desk.wait(1_000);
    assert!(changed(&mut desk, &declare("此处漏水", &[here])));
    assert_eq!((said(&desk, &[here]), said(&desk, &[there])), (vec!["此处漏水".into()], vec!["全厅".into()]));
    assert_eq!(said(&desk, &both), ["此处漏水", "全厅"], "who waits in both must know both");
    assert!(!changed(&mut desk, &clear(&[there])), "the hall's is cleared only as a whole");
    assert!(changed(&mut desk, &clear(&[here])));
    assert_eq!(said(&desk, &both), ["全厅"]);
    assert!(changed(&mut desk, &declare("此处漏水", &both)));
    assert_eq!(said(&desk, &both), ["此处漏水", "此处漏水"]);
    assert!(changed(&mut desk, &declare("撤离", &[])));
    assert_eq!(said(&desk, &both), ["撤离"]);
    assert_eq!(replayed(id("county"), &desk.journal), desk.hall);
}

#[test]
fn a_zone_that_is_not_there_is_named_and_nothing_changes() {
    let mut desk = Desk::open();
    let before = desk.hall.clone();
    for command in [declare("撤离", &["moon"]), clear(&["moon"])] {
        assert_eq!(desk.give(&command).unwrap_err(), Refusal::UnknownZone { zone: id("moon") });
    }
    assert_eq!(desk.hall, before);
}

#[test]
fn a_text_is_not_empty_not_endless_and_of_characters_that_can_be_seen() {
    let of = |zh: &str, en: &str| EmergencyText::new(zh, en).map(|text| text.zh().to_owned());
    assert_eq!(of(" 请撤离\n走楼梯 ", ""), Ok("请撤离\n走楼梯".into()));
    assert_eq!(of(" ", "Fire"), Err(EmergencyTextError::Empty));
    assert_eq!(of("撤\t离", ""), Err(EmergencyTextError::Control));
    assert_eq!(of("\u{202E}请撤\u{200B}离\u{2066}\n走\u{2028}楼梯", ""), Ok("请撤离 \n走 楼梯".into()));
    assert_eq!(of("\u{200B}\u{202E}", "Fire"), Err(EmergencyTextError::Empty));
    let longest = "W".repeat(EMERGENCY_TEXT_BYTES_MAX);
    assert!(of(&longest, &longest).is_ok());
    let bytes = EMERGENCY_TEXT_BYTES_MAX + 1;
    assert_eq!(of("撤离", &"W".repeat(bytes)), Err(EmergencyTextError::TooLong(bytes)));
}
