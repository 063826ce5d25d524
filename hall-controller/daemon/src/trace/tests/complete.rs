//! Nothing is left out of a story: further matters, claims, outcomes, where it was sent, a queue kept
//! overnight, and what was asked in vain.

use hall_core::command::{Details, Erased};
use hall_protocol::payload::{Grade, ServiceOutcome};
use serde_json::{Value, json};

use super::*;
use crate::storage::tests::scribe::{DAY_MS, parts, plan_of};
use crate::web::text;

/// A hall with all windows open, in which `more` may be said of the plan.
fn open(more: impl FnOnce(&mut Value)) -> Scribe {
    let (mut scribe, mut parts) = (Scribe::new(), parts());
    more(&mut parts);
    scribe.adopt(plan_of(parts));
    scribe.give(&Command::Tick);
    for window in ["1", "2", "3"] {
        scribe.key(window, Key::Open);
    }
    scribe
}

fn take_as(scribe: &mut Scribe, class: Class, service: &str, also: &[&str]) {
    let press = scribe.press(Device::Kiosk("K1".parse().unwrap()));
    let also = also.iter().map(|matter| matter.parse().unwrap()).collect();
    scribe.give(&Command::Take { press, age_ms: 0, service: service.parse().unwrap(), class, also });
}

fn finish(scribe: &mut Scribe, window: &str, outcome: ServiceOutcome) {
    scribe.key_with(window, Key::Finish, Details { outcome, ..Details::default() });
}

/// Whether the story has these sentences, in Chinese and in English.
fn tells(scribe: &Scribe, number: &str, wanted: &[(&str, &str)]) {
    for (language, place) in [(Language::Zh, 0), (Language::En, 1)] {
        let story = told_of(scribe, number, language).join("\n");
        for pair in wanted {
            let sentence = [pair.0, pair.1][place];
            assert!(story.contains(sentence), "{sentence}\nis not in\n{story}");
        }
    }
}

#[test]
fn each_outcome_of_a_service_is_told() {
    for (outcome, zh, en) in [
        (ServiceOutcome::MissingPapers, "，结果：一次性告知。", ", outcome: papers missing, told once. "),
        (ServiceOutcome::BackOffice, "，结果：转后台办理。", ", outcome: with the back office. "),
        (ServiceOutcome::Referred, "，结果：转其他部门。", ", outcome: referred elsewhere. "),
        (ServiceOutcome::HomeService, "，结果：上门办理。", ", outcome: goes on at home. "),
        (ServiceOutcome::Proxy, "，结果：帮办代办。", ", outcome: done by the staff. "),
    ] {
        let mut scribe = open(|_| {});
        scribe.take("K1", "social");
        scribe.key("1", Key::Next);
        finish(&mut scribe, "1", outcome);
        tells(&scribe, "A001", &[(zh, en)]);
    }
}

#[test]
fn what_was_said_of_an_outcome_and_of_a_grade_is_told() {
    let mut scribe = open(|_| {});
    scribe.take("K1", "social");
    scribe.key("1", Key::Next);
    let missing = Details { outcome: ServiceOutcome::MissingPapers, ..Details::default() };
    scribe.key_for("1", Key::Finish, Some("缺身份证复印件"), missing);
    let grade = Details { grade: Some(Grade::Dissatisfied), ..Details::default() };
    scribe.key_for("1", Key::Evaluate, Some("慢"), grade);
    let said = [
        (
            "，结果：一次性告知，原因：缺身份证复印件。",
            ", outcome: papers missing, told once: 缺身份证复印件. ",
        ),
        (
            "评价 1 号窗口的“社会保险”服务：不满意，原因：慢。",
            "The Social insurance service at window 1 was graded: dissatisfied: 慢. ",
        ),
    ];
    tells(&scribe, "A001", &said);
}

/// Two wait, and the first, called in vain, comes again after so many more calls.
fn deferred(calls: u32) -> Scribe {
    let mut scribe = open(|parts| parts["policy"]["defer_no_show_calls"] = calls.into());
    for _ in 0..2 {
        scribe.take("K1", "social");
    }
    scribe.key("1", Key::Next);
    scribe.wait_ms(60_000);
    scribe.key("1", Key::NoShow);
    scribe
}

#[test]
fn a_second_call_after_a_no_show_is_told_as_that() {
    let mut scribe = deferred(1);
    for _ in 0..2 {
        scribe.key("1", Key::Next);
        scribe.wait_ms(60_000);
    }
    let said = [("  过号滞后，再次呼叫到 1 号窗口", "  Called once more after the deferral to window 1")];
    tells(&scribe, "A001", &said);
    let first = told_of(&scribe, "A001", Language::En);
    assert_eq!(first.iter().filter(|line| line.contains("once more")).count(), 1, "{first:#?}");
}

#[test]
fn a_correction_ends_a_deferral_and_the_next_call_is_no_second_one() {
    let mut scribe = deferred(3);
    let corrected =
        Details { number: "A001".parse().ok(), to_service: "tax".parse().ok(), ..Details::default() };
    scribe.key_with("1", Key::Correct, corrected);
    scribe.key("2", Key::Next);
    let said = [
        (
            "  事项更正为 税务，滞后结束，按取号时间等候",
            "  Corrected to Tax; the deferral is over, and it waits by when it was taken",
        ),
        ("  呼叫到 2 号窗口", "  Called to window 2"),
    ];
    tells(&scribe, "A001", &said);
}

#[test]
fn further_matters_are_told_when_taken_when_one_ends_and_when_the_next_begins() {
    let mut scribe = open(|_| {});
    take_as(&mut scribe, Class::Ordinary, "social", &["tax", "property"]);
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Start);
    finish(&mut scribe, "1", ServiceOutcome::MissingPapers);
    scribe.wait_ms(60_000);
    scribe.key("2", Key::Next);
    scribe.key("2", Key::Start);
    scribe.key("2", Key::Finish);
    scribe.key("3", Key::Next);
    scribe.key("3", Key::Finish);
    tells(
        &scribe,
        "A001",
        &[
            (
                "取号：社会保险，之后依次办理 税务、不动产登记，类别 普通，前面 0 人等候",
                "Taken for Social insurance, then for Tax, Property, class ordinary, 0 waiting before it",
            ),
            (
                "在 1 号窗口办完一项：社会保险，用时 3 秒，结果：一次性告知；继续等候 税务",
                "One service for Social insurance ended at window 1 after 3 s, outcome: papers missing, told once; \
                 waits for Tax now",
            ),
            (
                "呼叫到 2 号窗口办理 税务，已等候 1 分 3 秒；",
                "Called to window 2 for Tax after waiting 1 min 3 s, because",
            ),
            ("在 2 号窗口开始办理 税务，呼叫后", "Service for Tax began at window 2, 3 s after"),
            ("在 3 号窗口办理完成 不动产登记，用时", "Service for Property ended at window 3 after"),
        ],
    );
}

#[test]
fn a_claimed_class_is_told_until_it_is_confirmed() {
    let mut scribe = open(|parts| parts["kiosks"][0]["classes_to_confirm"] = json!(["serviceman"]));
    take_as(&mut scribe, Class::Serviceman, "social", &[]);
    scribe.key_with("1", Key::ConfirmClass, Details { number: "A001".parse().ok(), ..Details::default() });
    let [zh, en] = [Language::Zh, Language::En].map(|it| text::class(Class::Serviceman).within(it));
    tells(
        &scribe,
        "A001",
        &[
            (
                &format!("类别 普通（所选 {zh}，待核验），前面"),
                &format!("class ordinary ({en} claimed, to be confirmed), 0"),
            ),
            (&format!("核验为{zh}"), &format!("Confirmed as {en}")),
        ],
    );
}

#[test]
fn a_queue_kept_overnight_is_told_of_who_waits_and_found_on_each_of_its_days() {
    let mut scribe = open(|parts| parts["policy"]["keep_queue_overnight"] = true.into());
    scribe.take("K1", "social");
    scribe.wait_ms(DAY_MS);
    scribe.give(&Command::Tick);
    let number = "A001".parse().unwrap();
    let mut tracer = Tracer::new(number);
    scribe.journal.iter().zip(1..).for_each(|(stamped, seq)| tracer.take(seq, stamped));
    let stories = tracer.stories();
    let told =
        |day: &str| tell(&stories, number, day.parse().ok(), &TimesIn::HallsOr(TimeZone::UTC), Language::En);
    let story = told("2026-03-03").unwrap();
    assert_eq!(story, told("2026-03-02").unwrap());
    assert!(
        story.starts_with("A001 on 2026-03-02, kept until 2026-03-03, ticket #1 (times of UTC)\n"),
        "{story}"
    );
    let kept =
        "A new business day began; the queue was kept and goes on waiting. By rule: a new business day began";
    assert!(story.ends_with(kept), "{story}");
    let none = told("2026-03-04").unwrap_err().to_string();
    assert_eq!(none, "there was no ticket A001 on 2026-03-04; there was one on 2026-03-03, 2026-03-02");
}

#[test]
fn a_story_is_told_by_the_clock_that_the_hall_had_then() {
    let in_zone = |zone: &'static str| {
        move |parts: &mut Value| {
            parts["policy"]["keep_queue_overnight"] = true.into();
            parts["calendar"] = json!({ "time_zone": zone });
        }
    };
    let mut scribe = open(in_zone("Asia/Shanghai"));
    scribe.take("K1", "social");
    let mut moved = parts();
    in_zone("Asia/Tokyo")(&mut moved);
    scribe.adopt(plan_of(moved));
    scribe.wait_ms(DAY_MS);
    scribe.give(&Command::Tick);
    let number = "A001".parse().unwrap();
    let mut tracer = Tracer::new(number);
    scribe.journal.iter().zip(1..).for_each(|(stamped, seq)| tracer.take(seq, stamped));
    let stories = tracer.stories();
    let told = |times: TimesIn| tell(&stories, number, None, &times, Language::En).unwrap();
    let hours = |story: &str| -> Vec<String> {
        story.lines().skip(1).map(|line| line.split("  #").next().unwrap()[11..].to_owned()).collect()
    };
    let story = told(TimesIn::HallsOr(TimeZone::get("Asia/Tokyo").unwrap()));
    assert!(story.contains("(times of Asia/Shanghai)"), "{story}");
    let [taken, kept] = &hours(&story)[..] else { panic!("{story}") };
    assert!(!taken.contains("Asia"), "as the heading says: {story}");
    assert!(kept.ends_with(" Asia/Tokyo"), "{story}");
    let asked = told(TimesIn::Zone(TimeZone::UTC));
    assert!(asked.contains("(times of UTC)") && !asked.contains("Asia"), "{asked}");
}

#[test]
fn a_ticket_that_was_served_when_a_kept_day_ended_is_told_why_it_waits_again() {
    let mut scribe = open(|parts| parts["policy"]["keep_queue_overnight"] = true.into());
    scribe.take("K1", "social");
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Start);
    scribe.wait_ms(DAY_MS);
    scribe.give(&Command::Tick);
    tells(
        &scribe,
        "A001",
        &[(
            "从 1 号窗口退回队列，保留原次序；营业日结束时尚未办结，队列保留到次日。",
            "Went back from window 1 to its place in the queue, because the business day ended before it was \
             done, and the queue is kept for the next.",
        )],
    );
}

#[test]
fn who_was_sent_to_one_window_is_told_so_with_the_others_there_or_without() {
    let mut scribe = open(|_| {});
    scribe.take("K1", "social");
    scribe.key("1", Key::Next);
    let to_window = |window: &str| Details { to_window: window.parse().ok(), ..Details::default() };
    scribe.key_with("1", Key::Transfer, to_window("3"));
    scribe.key("3", Key::Next);
    tells(
        &scribe,
        "A001",
        &[("；此号已转到该窗口，只在该窗口等候。", ", because it had been sent to this window alone. ")],
    );
    scribe.key_with("3", Key::Transfer, to_window("1"));
    scribe.take("K1", "tax");
    scribe.key("1", Key::Next);
    tells(
        &scribe,
        "A001",
        &[(
            "；此号已转到该窗口，只在该窗口等候；它等得最久。",
            "because it had been sent to this window alone, and it had waited longest. ",
        )],
    );
}

#[test]
fn what_was_asked_in_vain_at_a_kiosk_is_told() {
    let mut scribe = open(|_| {});
    scribe.take("K1", "social");
    let (press, number) = (scribe.press(Device::Kiosk("K1".parse().unwrap())), "A001".parse().unwrap());
    scribe.give(&Command::Return { press, age_ms: 0, number });
    scribe.key("1", Key::Next);
    let press = scribe.press(Device::Kiosk("K1".parse().unwrap()));
    scribe.give(&Command::Cancel { press, age_ms: 0, number });
    tells(
        &scribe,
        "A001",
        &[
            (
                "在取号机“回场”未执行：A001 未过号，也未挂起。来自取号机 K1，按键 kiosk/K1/",
                "The kiosk asked to wait again and was refused: A001 was neither missed nor parked. By kiosk K1",
            ),
            (
                "在取号机“取消”未执行：A001 不在等候中",
                "The kiosk asked to cancel and was refused: A001 is not waiting",
            ),
        ],
    );
    // What names no ticket in its refusal names it in what was pressed.
    let named = Details { number: "A001".parse().ok(), ..Details::default() };
    scribe.key_for("1", Key::ConfirmClass, None, named);
    tells(
        &scribe,
        "A001",
        &[("按键“核验类别”未执行：请选择优先类别", "was refused: Choose the priority class")],
    );
    // Journals of before say not what was asked.
    for stamped in &mut scribe.journal {
        if let Event::Refused { errand, .. } = &mut stamped.event {
            *errand = None;
        }
    }
    let unsaid = (
        "在取号机的操作未执行：A001 不在等候中",
        "What was asked at the kiosk was refused: A001 is not waiting",
    );
    tells(&scribe, "A001", &[unsaid]);
}

#[test]
fn why_a_phone_number_was_erased_is_told_in_the_language_of_the_story() {
    let mut scribe = open(|_| {});
    scribe.take("K1", "social");
    let day = scribe.hall.day();
    let erased = |by: Option<&str>, reason: &str| Erased {
        day,
        number: "A001".parse().unwrap(),
        by: by.map(Into::into),
        reason: reason.into(),
    };
    scribe.give(&Command::NoteErasures(vec![
        erased(None, "the time for which phone numbers are kept is over"),
        erased(Some("li"), crate::contacts::BY_HAND),
        erased(Some("li"), "本人要求"),
    ]));
    tells(
        &scribe,
        "A001",
        &[
            (
                "手机号已删除，原因：保存期已满。系统规则",
                "The phone number was erased: the time for which it is kept is over.",
            ),
            ("手机号已删除，操作人 li，原因：手工删除。", "The phone number was erased by li: by hand."),
            ("手机号已删除，操作人 li，原因：本人要求。", "The phone number was erased by li: 本人要求."),
        ],
    );
}
