//! Who did it: clerks by their badges and names, also one who took a ticket over; and what rules did.

use hall_core::command::Details;
use hall_protocol::payload::Grade;

use super::*;
use crate::storage::tests::golden::eventful::eventful;
use crate::storage::tests::scribe::{parts, plan_of};

/// A hall whose clerk 1001 has 1002 for a backup (AB 岗), and whose windows can be armed.
fn staffed() -> Scribe {
    let mut parts = parts();
    let clerk = |id: &str, zh: &str, en: &str, backup: Option<&str>| serde_json::json!({ "id": id, "name": { "zh": zh, "en": en }, "services": [], "backup": backup });
    parts["clerks"] =
        vec![clerk("1001", "王芳", "Wang Fang", Some("1002")), clerk("1002", "李伟", "Li Wei", None)].into();
    parts["policy"]["armed_next"] = true.into();
    let mut scribe = Scribe::new();
    scribe.adopt(plan_of(parts));
    scribe.give(&Command::Tick);
    scribe.key("1", Key::Open);
    scribe
}

fn has(story: &[String], wanted: &[&str]) {
    for sentence in wanted {
        assert!(story.iter().any(|line| line.contains(sentence)), "{sentence}\nis not in\n{story:#?}");
    }
}

#[test]
fn every_step_at_a_window_names_its_clerk_and_the_takeover_with_an_open_ticket_is_told() {
    let mut scribe = staffed();
    scribe.sign_on("1", "1001");
    scribe.take("K1", "social");
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Start);
    scribe.sign_on("1", "1002");
    scribe.key("1", Key::Finish);
    // By then the ticket is in no hand.
    scribe.key("1", Key::SignOff);
    let story = told_of(&scribe, "A001", Language::Zh);
    assert_eq!(story.len(), 6, "{story:#?}");
    for line in &story[2..4] {
        assert!(line.contains("。来自 1 号窗口叫号器，工号 1001（王芳），按键 window/1/"), "{story:#?}");
    }
    has(
        &story[4..],
        &[
            "1002（李伟） 在 1 号窗口签到，接替 1001（王芳）。来自 1 号窗口叫号器，工号 1002（李伟），按键 window/1/",
            "在 1 号窗口办理完成，用时 6 秒。来自 1 号窗口叫号器，工号 1002（李伟），按键 window/1/",
        ],
    );
    has(
        &told_of(&scribe, "A001", Language::En),
        &[
            "By clerk 1001 (Wang Fang) at the pad of window 1, press window/1/",
            "1002 (Li Wei) signed on at window 1 in the place of 1001 (Wang Fang). By clerk 1002 (Li Wei) at the pad",
        ],
    );
}

#[test]
fn a_grade_is_of_the_clerk_who_served_and_not_of_whoever_is_there_by_then() {
    let mut scribe = staffed();
    scribe.sign_on("1", "1001");
    scribe.take("K1", "social");
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Finish);
    scribe.sign_on("1", "1002");
    let grade = Details { grade: Some(Grade::Satisfied), ..Details::default() };
    scribe.key_with("1", Key::Evaluate, grade);
    let zh = "评价 1 号窗口工号 1001（王芳） 的“社会保险”服务：满意。来自 1 号窗口叫号器，按键 window/1/";
    has(&told_of(&scribe, "A001", Language::Zh), &[zh]);
    let en = "The Social insurance service of clerk 1001 (Wang Fang) at window 1 was graded: satisfied. By the pad of window 1, press";
    has(&told_of(&scribe, "A001", Language::En), &[en]);
}

#[test]
fn a_call_of_an_armed_window_names_the_rule_the_press_that_armed_it_and_the_clerk_there() {
    let mut scribe = staffed();
    scribe.sign_on("1", "1001");
    scribe.key("1", Key::Next);
    scribe.take("K1", "social");
    let armed = "呼叫到 1 号窗口，已等候 0 秒；窗口已待呼（按键 window/1/00000007/3），来号即呼。系统规则：窗口待呼，\
                 来号即呼，窗口在岗 1001（王芳）";
    has(&told_of(&scribe, "A001", Language::Zh), &[armed]);
    let armed = "because the window had asked by press window/1/00000007/3 for whoever would come next. By rule: the \
                 window was armed and called who came next, clerk on duty 1001 (Wang Fang)";
    has(&told_of(&scribe, "A001", Language::En), &[armed]);
}

#[test]
fn who_gives_a_ticket_back_is_who_pressed_and_not_who_had_put_it_aside() {
    let mut scribe = staffed();
    scribe.key("2", Key::Open);
    scribe.sign_on("1", "1001");
    scribe.sign_on("2", "1002");
    scribe.take("K1", "social");
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Park);
    scribe.key_with("2", Key::Return, Details { number: "A001".parse().ok(), ..Details::default() });
    let story = told_of(&scribe, "A001", Language::Zh);
    let last = story.last().unwrap();
    assert!(last.contains("回场，重新等候。来自 2 号窗口叫号器，工号 1002（李伟）"), "{story:#?}");
}

#[test]
fn no_event_of_an_eventful_hall_is_told_as_the_journal_has_it() {
    let scribe = eventful();
    let mut plan = None;
    for (stamped, seq) in scribe.journal.iter().zip(1..) {
        if let Event::PlanAdopted { plan: adopted, .. } = &stamped.event {
            plan = Some(Arc::new((**adopted).clone()));
        }
        let step = Step { seq, stamped: stamped.clone(), plan: plan.clone() };
        for language in [Language::Zh, Language::En] {
            let said = sentence::of(&step, &[], language);
            assert!(!said.contains(['{', '_']) && !said.contains("null"), "{said}");
        }
    }
}
