//! Stories in both languages, sentence by sentence.

mod complete;
mod responsible;

use hall_core::command::{Command, Details, Printed, UnansweredTake};
use hall_core::event::{Device, PutBack};
use hall_protocol::payload::{Class, Key, ServiceOutcome};

use super::*;
use crate::storage::tests::scribe::{Scribe, plan, smaller_plan};

/// Two days: A001 is served on the first with everything a pad can do, and waits on the second.
fn scribe() -> Scribe {
    let mut scribe = Scribe::new();
    scribe.adopt(plan());
    scribe.give(&Command::Tick);
    for window in ["1", "2"] {
        scribe.key(window, Key::Open);
    }
    for service in ["social", "tax", "social"] {
        scribe.take("K1", service);
    }
    scribe.wait_ms(600_000);
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Recall);
    scribe.key("1", Key::Open);
    scribe.key("1", Key::Start);
    scribe.key("1", Key::Start);
    scribe.wait_ms(185_000);
    scribe.key("1", Key::Finish);
    scribe.key("2", Key::Next);
    scribe.key("2", Key::NoShow);
    scribe.key("2", Key::Next);
    scribe.adopt(smaller_plan());
    scribe.wait_ms(86_400_000);
    scribe.give(&Command::Tick);
    scribe.take("K2", "social");
    scribe
}

fn stories(number: &str) -> Vec<Story> {
    let mut tracer = Tracer::new(number.parse().unwrap());
    for (stamped, seq) in scribe().journal.iter().zip(1..) {
        tracer.take(seq, stamped);
    }
    tracer.stories()
}

fn told(number: &str, day: Option<&str>, language: Language) -> Result<String, String> {
    let day = day.map(|day| day.parse().unwrap());
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    tell(&stories(number), number.parse().unwrap(), day, &TimesIn::HallsOr(zone), language)
        .map_err(|error| error.to_string())
}

fn lines(number: &str, day: &str, language: Language) -> Vec<String> {
    told(number, Some(day), language).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_served_tickets_story_is_told_in_english() {
    assert_eq!(
        lines("A001", "2026-03-02", Language::En),
        [
            "A001 on 2026-03-02, ticket #1 (times of Asia/Shanghai)",
            "2026-03-02 10:00:09  #5  Taken for Social insurance, class ordinary, 0 waiting before it. By kiosk K1, press kiosk/K1/00000007/3",
            "2026-03-02 10:10:18  #8  Called to window 1 after waiting 10 min 9 s, because it had waited longest in the window's 2 services with people waiting. By the pad of window 1, press window/1/00000007/6",
            "2026-03-02 10:10:21  #9  Called again to window 1, 3 s after the last call. By the pad of window 1, press window/1/00000007/7",
            "2026-03-02 10:10:27  #11  Service began at window 1, 6 s after the call. By the pad of window 1, press window/1/00000007/9",
            "2026-03-02 10:10:30  #12  The key Start was refused: A001 is being served already. By the pad of window 1, press window/1/00000007/10",
            "2026-03-02 10:13:38  #13  Service ended at window 1 after 3 min 11 s. By the pad of window 1, press window/1/00000007/11",
            "The number A001 was given on other days too: 2026-03-03; choose with --day",
        ]
    );
}

#[test]
fn a_served_tickets_story_is_told_in_chinese() {
    assert_eq!(
        lines("A001", "2026-03-02", Language::Zh),
        [
            "A001，2026-03-02，票 #1（Asia/Shanghai 时间）",
            "2026-03-02 10:00:09  #5  取号：社会保险，类别 普通，前面 0 人等候。来自取号机 K1，按键 kiosk/K1/00000007/3",
            "2026-03-02 10:10:18  #8  呼叫到 1 号窗口，已等候 10 分 9 秒；该窗口有人等候的事项 2 项，其中它等得最久。来自 1 号窗口叫号器，按键 window/1/00000007/6",
            "2026-03-02 10:10:21  #9  重呼到 1 号窗口，距上次呼叫 3 秒。来自 1 号窗口叫号器，按键 window/1/00000007/7",
            "2026-03-02 10:10:27  #11  在 1 号窗口开始办理，呼叫后 6 秒。来自 1 号窗口叫号器，按键 window/1/00000007/9",
            "2026-03-02 10:10:30  #12  按键“开始”未执行：A001 已在办理。来自 1 号窗口叫号器，按键 window/1/00000007/10",
            "2026-03-02 10:13:38  #13  在 1 号窗口办理完成，用时 3 分 11 秒。来自 1 号窗口叫号器，按键 window/1/00000007/11",
            "A001 还在这些日子发过：2026-03-03；用 --day 选择",
        ]
    );
}

#[test]
fn endings_of_every_kind_are_told_in_both_languages() {
    for (number, language, sentence) in [
        (
            "B001",
            Language::En,
            "Missed: nobody came to window 2 within 3 s of the last call. By the pad of window 2",
        ),
        ("B001", Language::Zh, "过号：未到 2 号窗口，末次呼叫后 3 秒。来自 2 号窗口叫号器"),
        (
            "A002",
            Language::En,
            "Went back from window 2 to its place in the queue, because the window is not in the plan any more. By rule: the configuration was changed",
        ),
        ("A002", Language::Zh, "从 2 号窗口退回队列，保留原次序；该窗口已撤销。系统规则：启用新配置"),
        (
            "A002",
            Language::En,
            "Expired while waiting, because the business day ended. By rule: a new business day began",
        ),
        ("A002", Language::Zh, "作废，尚在等候；营业日结束。系统规则：新营业日开始"),
    ] {
        let story = told(number, None, language).unwrap();
        assert!(story.contains(sentence), "{number}: {sentence}\nis not in\n{story}");
    }
}

#[test]
fn without_a_day_the_latest_ticket_of_a_number_is_told_and_the_other_days_are_named() {
    let story = told("A001", None, Language::En).unwrap();
    assert!(
        story.starts_with("A001 on 2026-03-03, ticket #4 (times of Asia/Shanghai)\n2026-03-03 10:"),
        "{story}"
    );
    assert!(
        story.ends_with("The number A001 was given on other days too: 2026-03-02; choose with --day"),
        "{story}"
    );
    assert!(!told("B001", None, Language::En).unwrap().contains("--day"));
}

#[test]
fn a_number_nobody_had_and_a_day_without_it_are_said_so() {
    let never = told("A777", None, Language::En).unwrap_err();
    assert!(never.starts_with("no ticket A777 is in this journal"), "{never}");
    assert_eq!(told("A777", Some("2026-03-02"), Language::En).unwrap_err(), never);
    let another = told("A001", Some("2026-03-09"), Language::En).unwrap_err();
    assert_eq!(another, "there was no ticket A001 on 2026-03-09; there was one on 2026-03-03, 2026-03-02");
}

#[test]
fn every_event_of_a_ticket_is_one_line_of_its_story() {
    let scribe = scribe();
    for number in ["A001", "A002", "B001"] {
        let of_number = |stamped: &&Stamped| stamped.event.number() == Some(number.parse().unwrap());
        let events = scribe.journal.iter().filter(of_number).count();
        let refusals = usize::from(number == "A001");
        let times = TimesIn::Zone(TimeZone::UTC);
        let told: usize = stories(number).iter().map(|story| story.lines(&times, Language::Zh).len()).sum();
        assert_eq!(told, events + refusals, "{number}");
    }
}

/// A kiosk leases, prints A996 while the line is down, hands it in with a number nobody leased, and
/// is never heard of again.
fn lost_kiosk() -> Scribe {
    let mut scribe = Scribe::new();
    let mut parts = serde_json::to_value(plan()).unwrap();
    parts["kiosks"][0]["lease"] = 4.into();
    scribe.adopt(serde_json::from_value(parts).unwrap());
    scribe.give(&Command::Tick);
    scribe.key("1", Key::Open);
    let kiosk = Device::Kiosk("K1".parse().unwrap());
    let press = scribe.press(kiosk);
    scribe.give(&Command::Lease {
        press,
        age_ms: 0,
        service: "social".parse().unwrap(),
        count: 4_u16.try_into().unwrap(),
    });
    scribe.wait_ms(600_000);
    let press = scribe.press(kiosk);
    let day = scribe.hall.day();
    let printed = |number: &str| Printed {
        number: number.parse().unwrap(),
        age_ms: 90_000,
        class: Class::Ordinary,
        also: Vec::new(),
        unanswered: None,
    };
    let tickets = ["A996", "A300"].map(printed).to_vec();
    scribe.give(&Command::HandIn { press, age_ms: 0, day, tickets });
    scribe.wait_ms(10_000);
    scribe.key("1", Key::Next);
    scribe.wait_ms(86_400_000);
    scribe.give(&Command::Tick);
    scribe
}

#[test]
fn what_came_of_a_service_is_told_of_every_ending_and_of_each_matter() {
    let mut scribe = Scribe::new();
    scribe.adopt(plan());
    scribe.key("1", Key::Open);
    for (nth, (outcome, zh, en)) in [
        (ServiceOutcome::Finished, "办理完成，用时 0 秒。", "Service ended at window 1 after 0 s. "),
        (ServiceOutcome::MissingPapers, "，结果：一次性告知。", ", outcome: papers missing, told once. "),
        (ServiceOutcome::BackOffice, "，结果：转后台办理。", ", outcome: with the back office. "),
        (ServiceOutcome::Referred, "，结果：转其他部门。", ", outcome: referred elsewhere. "),
        (ServiceOutcome::HomeService, "，结果：上门办理。", ", outcome: goes on at home. "),
        (ServiceOutcome::Proxy, "，结果：帮办代办。", ", outcome: done by the staff. "),
    ]
    .into_iter()
    .enumerate()
    {
        scribe.take("K1", "social");
        scribe.wait_ms(3_000);
        scribe.key("1", Key::Next);
        scribe.key_with("1", Key::Finish, Details { outcome, ..Details::default() });
        let number = format!("A{:03}", nth + 1);
        for (language, sentence) in [(Language::Zh, zh), (Language::En, en)] {
            let story = told_of(&scribe, &number, language).join("\n");
            assert!(story.contains(sentence), "{outcome:?}: {sentence}\nis not in\n{story}");
        }
    }
    // One of two matters is done by the staff.
    scribe.take("K1", "social");
    scribe.key("1", Key::Next);
    let tax = Details { to_service: Some("tax".parse().unwrap()), ..Details::default() };
    scribe.key_with("1", Key::AddMatter, tax);
    scribe.key_with("1", Key::Finish, Details { outcome: ServiceOutcome::Proxy, ..Details::default() });
    let story = told_of(&scribe, "A007", Language::Zh).join("\n");
    assert!(story.contains("，结果：帮办代办；继续等候 税务"), "{story}");
}

/// A001 is given, its answer lost, and A996 printed for the same citizen and handed in.
fn unanswered(written_off: bool) -> Scribe {
    let mut scribe = Scribe::new();
    let mut parts = serde_json::to_value(plan()).unwrap();
    parts["kiosks"][0]["lease"] = 4.into();
    scribe.adopt(serde_json::from_value(parts).unwrap());
    let kiosk = Device::Kiosk("K1".parse().unwrap());
    let press = scribe.press(kiosk);
    scribe.give(&Command::Lease {
        press,
        age_ms: 0,
        service: "social".parse().unwrap(),
        count: 4_u16.try_into().unwrap(),
    });
    scribe.take("K1", "social");
    if written_off {
        let (client, kiosk) = ("city".parse().unwrap(), "K1".parse().unwrap());
        scribe.give(&Command::WriteOff { client, kiosk, by: "li".into(), reason: "drowned".into() });
    }
    let take = UnansweredTake { session: press.session, seq: press.seq + 1 };
    scribe.wait_ms(60_000);
    let (press, day) = (scribe.press(kiosk), scribe.hall.day());
    let number = "A996".parse().unwrap();
    let printed =
        Printed { number, age_ms: 55_000, class: Class::Ordinary, also: Vec::new(), unanswered: Some(take) };
    scribe.give(&Command::HandIn { press, age_ms: 0, day, tickets: vec![printed] });
    scribe
}

#[test]
fn a_paper_that_was_refused_and_the_ticket_that_waits_for_its_citizen_tell_of_each_other() {
    let scribe = unanswered(true);
    for number in ["A001", "A996"] {
        let zh = told_of(&scribe, number, Language::Zh).join("\n");
        let sentence = "未入队：A996 (A996 所在号段已收回，请重新取号；同一位群众的 A001 仍在排队)";
        assert!(zh.contains(sentence), "{zh}");
        let en = told_of(&scribe, number, Language::En).join("\n");
        let sentence = "but not A996 (The lease of A996 is over; take a new ticket; A001, given to the same citizen, \
                        still waits)";
        assert!(en.contains(sentence), "{en}");
    }
}

#[test]
fn a_ticket_nobody_has_and_the_one_printed_instead_tell_of_each_other() {
    let scribe = unanswered(false);
    let ghost = told_of(&scribe, "A001", Language::Zh);
    for (line, sentence) in ghost.iter().skip(1).zip([
        "取号：社会保险，类别 普通，前面 0 人等候。",
        "作废：取号机没有收到此号，已为同一人另打印 A996。系统规则：取号应答未送达",
        "取号机为同一人打印了 A996，代替此号。",
    ]) {
        assert!(line.contains(sentence), "{sentence}\nis not\n{line}");
    }
    assert_eq!(ghost.len(), 4, "{ghost:#?}");
    let printed = told_of(&scribe, "A996", Language::En);
    let sentence = "Taken for Social insurance, class ordinary, 0 waiting before it, printed 55 s before while the \
                    line was down, instead of A001, of which the kiosk never heard. By kiosk K1";
    assert!(printed[2].contains(sentence), "{printed:#?}");
}

/// Hands `number` in for a day that is so many days from today.
fn hand_in_for(scribe: &mut Scribe, kiosk: &str, number: &str, days: i32) {
    let press = scribe.press(Device::Kiosk(kiosk.parse().unwrap()));
    let day = BusinessDay::from_days(scribe.hall.day().days() + days);
    let tickets = vec![Printed {
        number: number.parse().unwrap(),
        age_ms: 1_000,
        class: Class::Ordinary,
        also: Vec::new(),
        unanswered: None,
    }];
    scribe.give(&Command::HandIn { press, age_ms: 0, day, tickets });
}

#[test]
fn a_number_handed_in_for_a_day_that_never_was_is_told_with_the_days_ticket() {
    let mut scribe = lost_kiosk();
    scribe.take("K2", "social");
    for days in [1, 10_000] {
        hand_in_for(&mut scribe, "K2", "A001", days);
        hand_in_for(&mut scribe, "K2", "A996", days);
        hand_in_for(&mut scribe, "K2", "A500", days);
    }
    let story = told_of(&scribe, "A001", Language::En);
    assert!(story[0].starts_with("A001 on 2026-03-03, ticket #2 "), "{story:#?}");
    assert_eq!(story.len(), 4, "{story:#?}");
    assert!(story[1].contains("  Taken for Social insurance"), "{story:#?}");
    for line in &story[2..] {
        assert!(line.contains("0 came into the queue, but not A001 ("), "{line}");
    }
    // Its ticket was yesterday's; today it was only asked for.
    let story = told_of(&scribe, "A996", Language::En);
    assert!(story[0].starts_with("A996 on 2026-03-02, ticket #1 "), "{story:#?}");
    assert!(!story.iter().any(|line| line.contains("--day")), "{story:#?}");
    // Nobody ever had it.
    let story = told_of(&scribe, "A500", Language::Zh);
    assert_eq!(story[0], "A500，2026-03-03，没有成票（Asia/Shanghai 时间）");
    assert_eq!(story.len(), 3, "{story:#?}");
}

#[test]
fn a_journal_that_was_put_back_is_told_with_who_waited_and_with_numbers_given_since() {
    let mut scribe = Scribe::new();
    scribe.adopt(plan());
    scribe.take("K1", "social");
    let before = scribe.hall.clone();
    let is_plan = |stamped: &&Stamped| matches!(stamped.event, Event::PlanAdopted { .. });
    let adopted = scribe.journal.iter().find(is_plan).unwrap().clone();
    let Event::PlanAdopted { plan, .. } = adopted.event.clone() else { panic!() };
    let event = Event::PlanAdopted { plan, put_back: Some(PutBack::Backup) };
    let stamped = Stamped { at: scribe.hall.at(), event, ..adopted };
    scribe.hall.apply(&stamped);
    assert!(scribe.hall == before, "nothing of the hall changes by it");
    scribe.journal.push(stamped);
    scribe.take("K1", "social");
    scribe.wait_ms(86_400_000);
    scribe.take("K1", "social");
    let zh = "日志由备份恢复：此前最后一条记录之后的情况不明，其间发出的号可能重复。由 hall-controller restore 执行";
    let en = "The journal was put back from a backup: what had happened after its last record before this one is not \
              known, and numbers given meanwhile may be given again. By hall-controller restore";
    let times = TimesIn::Zone(TimeZone::get("Asia/Shanghai").unwrap());
    for (number, line) in [("A001", 2), ("A002", 1)] {
        for (language, sentence) in [(Language::Zh, zh), (Language::En, en)] {
            let mut tracer = Tracer::new(number.parse().unwrap());
            scribe.journal.iter().zip(1..).for_each(|(stamped, seq)| tracer.take(seq, stamped));
            let stories = tracer.stories();
            let of_day = |story: &Story| story.lines(&times, language);
            let first = of_day(&stories[0]);
            assert!(first[line - 1].ends_with(sentence), "{first:#?}");
            // Not on the next day.
            assert!(stories.iter().skip(1).all(|story| !of_day(story).concat().contains(sentence)));
        }
    }
}

#[test]
fn a_number_nobody_had_is_said_so_in_chinese_before_english() {
    let error = |day: &str| {
        let (zone, number) = (TimesIn::HallsOr(TimeZone::UTC), "A001".parse().unwrap());
        tell(&stories("A001"), number, Some(day.parse().unwrap()), &zone, Language::Zh).unwrap_err()
    };
    let never = TraceError::Never("A777".parse().unwrap());
    assert_eq!(never.sentence(Language::En), never.to_string());
    assert_eq!(
        never.sentence(Language::Zh),
        format!("日志里没有票号 A777；请核对号码（例如 A012）和数据目录。\n{never}")
    );
    let another = error("2026-03-09");
    assert_eq!(
        another.sentence(Language::Zh),
        format!("2026-03-09 没有票号 A001；有此号的日子：2026-03-03, 2026-03-02。\n{another}")
    );
}

fn told_of(scribe: &Scribe, number: &str, language: Language) -> Vec<String> {
    let number = number.parse().unwrap();
    let mut tracer = Tracer::new(number);
    scribe.journal.iter().zip(1..).for_each(|(stamped, seq)| tracer.take(seq, stamped));
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let story = tell(&tracer.stories(), number, None, &TimesIn::HallsOr(zone), language).unwrap();
    story.lines().map(str::to_owned).collect()
}

#[test]
fn a_ticket_printed_while_the_line_was_down_is_told_from_its_lease_to_the_leases_end() {
    let scribe = lost_kiosk();
    let told = told_of(&scribe, "A996", Language::En);
    for (line, sentence) in told.iter().zip([
        "A996 on 2026-03-02, ticket #1 (times of Asia/Shanghai)",
        "Leased to kiosk K1 for when the line is down: 4 numbers from A996, for Social insurance. By kiosk K1",
        "Taken for Social insurance, class ordinary, 0 waiting before it, printed 1 min 30 s before while the line was down. By kiosk K1",
        "Called to window 1 after waiting 1 min 43 s",
        "Expired while at window 1, because the business day ended",
        "The lease of kiosk K1 ended, because the business day ended: of 4 numbers from A996 1 became tickets, 0 came back unused, 3 are written off. By rule: a new business day began",
    ]) {
        assert!(line.contains(sentence), "{sentence}\nis not\n{line}");
    }
    assert_eq!(told.len(), 6, "{told:#?}");
}

#[test]
fn a_leased_number_without_a_ticket_and_one_that_was_refused_have_stories_too() {
    let scribe = lost_kiosk();
    let written_off = told_of(&scribe, "A998", Language::Zh);
    assert_eq!(written_off.len(), 3, "{written_off:#?}");
    assert_eq!(written_off[0], "A998，2026-03-02，没有成票（Asia/Shanghai 时间）");
    assert!(written_off[1].contains("租给取号机 K1 断线备用：A996 起 4 个号，社会保险。来自取号机 K1"));
    assert!(written_off[2].contains(
        "取号机 K1 的号段结束（营业日结束）：A996 起 4 个号，成票 1，未用交回 0，核销 3。系统规则：新营业日开始"
    ));
    let refused = told_of(&scribe, "A300", Language::Zh);
    assert!(
        refused[1]
            .contains("取号机 K1 交回断线时打印的号，入队 1 个，未入队：A300 (A300 今日未租给任何取号机)"),
        "{refused:#?}"
    );
    let refused = told_of(&scribe, "A300", Language::En);
    assert!(refused[1].contains(
        "Kiosk K1 handed in what it had printed: 1 came into the queue, but not A300 (A300 was leased to no kiosk today)"
    ));
}
