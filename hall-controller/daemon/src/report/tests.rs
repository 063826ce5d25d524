//! A made-up day, and what its report says of it.

use hall_core::command::{Command, Details, Printed};
use hall_core::event::Device;
use hall_core::refusal::Language;
use hall_protocol::payload::{Class, Grade, Key, ServiceOutcome};
use serde_json::Value;

use super::*;
use crate::storage::tests::scribe::{Scribe, parts, plan, plan_of};

/// A day with one of everything, and the morning of the next.
fn reader() -> (tempfile::TempDir, JournalReader) {
    let mut scribe = Scribe::new();
    scribe.adopt(plan());
    scribe.key("1", Key::Open);
    for service in ["social", "social", "social", "tax"] {
        scribe.take("K1", service);
    }
    scribe.wait_ms(20 * 60_000);
    scribe.key("1", Key::Next);
    let missing = Details { outcome: ServiceOutcome::MissingPapers, ..Details::default() };
    scribe.key_for("1", Key::Next, Some("缺身份证复印件"), missing);
    let satisfied = Details { grade: Some(Grade::Satisfied), ..Details::default() };
    scribe.key_for("1", Key::Evaluate, Some("讲得清楚"), satisfied);
    scribe.key("1", Key::NoShow);
    scribe.key("1", Key::WalkIn);
    scribe.key("1", Key::Finish);
    scribe.wait_ms(86_400_000);
    scribe.give(&Command::Tick);
    scribe.take("K1", "tax");
    let directory = tempfile::tempdir().unwrap();
    scribe.write(directory.path());
    let reader = JournalReader::open(directory.path()).unwrap();
    (directory, reader)
}

#[test]
fn a_day_adds_up_and_is_sealed_with_its_last_record() {
    let (_directory, reader) = reader();
    let report = of_day(&reader, Some("2026-03-02".parse().unwrap())).unwrap();
    let ended = crate::heads::last_ended(&reader).unwrap().unwrap();
    assert_eq!((report.ended, report.last_seq), (true, ended.head.seq));
    assert_eq!(report.head, ended.head.hash.to_string());
    let [social, tax] = &report.services[..] else { panic!("{report:?}") };
    // A001 lacked papers, A002 did not come, A003 was left, A004 was served without a ticket.
    assert_eq!((social.issued, social.walk_ins, social.open), (4, 1, 0));
    assert_eq!((social.finished, social.missed, social.expired, social.no_shows), (2, 1, 1, 1));
    assert_eq!((social.outcomes.missing_papers, social.outcomes.finished), (1, 1));
    assert_eq!((social.waits.calls, social.waits.within_target), (2, 0));
    assert!(social.waits.median_s.unwrap() >= 1_200.0, "{:?}", social.waits);
    assert_eq!(social.grades, [0, 1, 0, 0, 0]);
    assert_eq!((tax.issued, tax.expired), (1, 1));
    let total = &report.total;
    assert_eq!(total.issued, 5);
    assert_eq!(total.issued, total.finished + total.missed + total.cancelled + total.expired + total.open);
}

#[test]
fn what_was_said_of_an_outcome_and_of_a_grade_is_in_the_report() {
    let (_directory, reader) = reader();
    let report = of_day(&reader, Some("2026-03-02".parse().unwrap())).unwrap();
    let said: Vec<_> =
        report.remarks.iter().map(|remark| (remark.number.to_string(), &*remark.reason)).collect();
    assert_eq!(said, [("A001".to_owned(), "缺身份证复印件"), ("A001".to_owned(), "讲得清楚")]);
    for (language, lines) in [
        (Language::Zh, ["\n办理说明\n", " A001 一次性告知：缺身份证复印件\n", " A001 满意：讲得清楚\n"]),
        (Language::En, ["\nRemarks\n", " A001 papers missing, told once: 缺身份证复印件\n", ": 讲得清楚\n"]),
    ] {
        let text = report.text(language);
        assert!(lines.iter().all(|line| text.contains(line)), "{text}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["remarks"][0]["outcome"], "missing_papers");
    assert_eq!(json["remarks"][1]["grade"], "satisfied");
    assert!(of_day(&reader, None).unwrap().remarks.is_empty(), "those of another day");
}

#[test]
fn without_a_day_it_is_the_running_one_whose_head_is_not_final() {
    let (_directory, reader) = reader();
    let report = of_day(&reader, None).unwrap();
    assert_eq!((report.day.to_string().as_str(), report.ended), ("2026-03-03", false));
    assert_eq!((report.total.issued, report.total.open), (1, 1));
    assert!(report.text(Language::Zh).contains("当日尚未结束"));
    let error = of_day(&reader, Some("2025-12-31".parse().unwrap())).unwrap_err().to_string();
    assert_eq!(
        error,
        "the journal has no business day 2025-12-31, the last is 2026-03-03; name with --day one on which the hall was \
         open"
    );
}

#[test]
fn it_reads_in_two_languages_as_csv_and_as_json() {
    let (_directory, reader) = reader();
    let report = of_day(&reader, Some("2026-03-02".parse().unwrap())).unwrap();
    let zh = report.text(Language::Zh);
    for word in [
        "2026-03-02 日报",
        "社会保险 (social)",
        "发号 4（免取号 1）",
        "一次性告知 1",
        "满意 1",
        "合计",
        &report.head,
    ] {
        assert!(zh.contains(word), "{word}: {zh}");
    }
    let en = report.text(Language::En);
    for word in
        ["report of 2026-03-02", "issued 4 (walk-ins 1)", "papers missing 1", "satisfied 1", &report.head]
    {
        assert!(en.contains(word), "{word}: {en}");
    }
    let csv = report.csv();
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 1 + report.services.len() + 1);
    assert!(rows.iter().all(|row| row.len() == words::COLUMNS.len()), "{csv}");
    assert_eq!(rows[1][4..9], ["social", "社会保险", "Social insurance", "0", "4"]);
    let json: Value = serde_json::to_value(&report).unwrap();
    assert_eq!(json["services"][0]["outcomes"]["missing_papers"], 1);
    assert_eq!(json["day"], "2026-03-02");
}

#[test]
fn a_queue_that_is_kept_overnight_is_counted_as_given_on_its_first_day_only() {
    let mut scribe = Scribe::new();
    let mut parts = parts();
    parts["policy"]["keep_queue_overnight"] = true.into();
    scribe.adopt(plan_of(parts));
    scribe.key("1", Key::Open);
    for service in ["social", "social", "social"] {
        scribe.take("K1", service);
    }
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Finish);
    scribe.wait_ms(86_400_000);
    scribe.give(&Command::Tick);
    scribe.key("1", Key::Open);
    scribe.take("K1", "social");
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Finish);
    let directory = tempfile::tempdir().unwrap();
    scribe.write(directory.path());
    let reader = JournalReader::open(directory.path()).unwrap();
    let days = ["2026-03-02", "2026-03-03"].map(|day| of_day(&reader, Some(day.parse().unwrap())).unwrap());
    let counts = |report: &DayReport| {
        let ServiceReport { kept, issued, finished, open, .. } = report.total;
        assert_eq!(kept + issued, finished + open);
        (kept, issued, finished, open)
    };
    assert_eq!(days.each_ref().map(counts), [(0, 3, 1, 2), (2, 1, 1, 2)], "four tickets in all were given");
    assert!(days[1].text(Language::Zh).contains("上日留存 2"));
    assert!(days[1].text(Language::En).contains("kept from the day before 2"));
    assert!(!days[0].text(Language::En).contains("kept"));
}

#[test]
fn each_clerk_has_a_line_and_is_judged_for_what_the_clerk_served() {
    let mut scribe = Scribe::new();
    let mut parts = parts();
    let clerk = |id: &str, zh: &str, en: &str| serde_json::json!({ "id": id, "name": { "zh": zh, "en": en }, "services": [], "backup": null });
    parts["clerks"] = vec![clerk("1001", "王芳", "Wang Fang"), clerk("1002", "李伟", "Li Wei")].into();
    scribe.adopt(plan_of(parts));
    scribe.key("1", Key::Open);
    scribe.sign_on("1", "1001");
    for _ in 0..3 {
        scribe.take("K1", "social");
    }
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Finish);
    scribe.sign_on("1", "1002");
    scribe.key_with("1", Key::Evaluate, Details { grade: Some(Grade::Satisfied), ..Details::default() });
    scribe.key("1", Key::Next);
    scribe.key("1", Key::NoShow);
    let directory = tempfile::tempdir().unwrap();
    scribe.write(directory.path());
    let report = of_day(&JournalReader::open(directory.path()).unwrap(), None).unwrap();
    let counts =
        |row: &ClerkReport| (row.clerk.to_string(), [row.called, row.served, row.no_shows], row.grades);
    assert_eq!(
        report.clerks.iter().map(counts).collect::<Vec<_>>(),
        [("1001".into(), [1, 1, 0], [0, 1, 0, 0, 0]), ("1002".into(), [1, 0, 1], [0; 5])]
    );
    let zh = report.text(Language::Zh);
    assert!(
        zh.contains("\n人员\n  1001 王芳：叫号 1，办理 1，未到 0；好差评：满意 1\n  1002 李伟：叫号 1"),
        "{zh}"
    );
    assert!(report.text(Language::En).contains("\nClerks\n  1001 Wang Fang: called 1, served 1, no-shows 0"));
}

#[test]
fn a_lost_kiosk_has_a_line_for_what_is_lost_and_none_for_what_was_used_up() {
    let mut scribe = Scribe::new();
    let mut parts = parts();
    parts["kiosks"][0]["lease"] = 5.into();
    scribe.adopt(plan_of(parts));
    let kiosk = || Device::Kiosk("K1".parse().unwrap());
    for (service, count) in [("social", 1_u16), ("property", 3)] {
        let press = scribe.press(kiosk());
        let count = count.try_into().unwrap();
        scribe.give(&Command::Lease { press, age_ms: 0, service: service.parse().unwrap(), count });
    }
    let leased = |stamped: &Stamped| match stamped.event {
        Event::NumbersLeased { first, .. } => Some(first),
        _ => None,
    };
    let number = scribe.journal.iter().find_map(leased).unwrap();
    let printed =
        Printed { number, age_ms: 9_000, class: Class::Ordinary, also: Vec::new(), unanswered: None };
    let (press, day) = (scribe.press(kiosk()), scribe.hall.day());
    scribe.give(&Command::HandIn { press, age_ms: 0, day, tickets: vec![printed] });
    scribe.give(&Command::WriteOff {
        client: "city".parse().unwrap(),
        kiosk: "K1".parse().unwrap(),
        by: "张三".into(),
        reason: "水浸报废".into(),
    });
    let directory = tempfile::tempdir().unwrap();
    scribe.write(directory.path());
    let report = of_day(&JournalReader::open(directory.path()).unwrap(), None).unwrap();
    let text = report.text(Language::En);
    assert_eq!(text.matches("wrote off").count(), 1, "{text}");
    assert!(text.contains("wrote off 3 numbers of kiosk K1"), "{text}");
}
