//! A day's report as text, in Chinese and English, and as CSV.

use std::fmt::Write as _;

use hall_core::refusal::Language;
use hall_core::view::LeaseTotals;
use hall_protocol::payload::Grade;

use super::{DayReport, Outcomes, ServiceReport, Waits, WriteOff};
use crate::export::write_fields;
use crate::web::text;

/// The columns of CSV. Waits are in seconds.
pub(super) const COLUMNS: [&str; 32] = [
    "day",
    "ended",
    "last_seq",
    "head",
    "service",
    "name_zh",
    "name_en",
    "kept",
    "issued",
    "walk_ins",
    "finished",
    "missed",
    "cancelled",
    "expired",
    "open",
    "no_shows",
    "outcome_finished",
    "outcome_missing_papers",
    "outcome_back_office",
    "outcome_referred",
    "outcome_home_service",
    "outcome_proxy",
    "first_calls",
    "first_calls_within_target",
    "wait_median_s",
    "wait_p90_s",
    "wait_max_s",
    "grade_very_satisfied",
    "grade_satisfied",
    "grade_acceptable",
    "grade_dissatisfied",
    "grade_very_dissatisfied",
];

pub(super) fn csv(report: &DayReport) -> String {
    let DayReport { day, ended, last_seq, head, services, total, .. } = report;
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = write_fields(&mut out, COLUMNS.map(str::to_owned));
    for row in services.iter().chain([total]) {
        let of_day = [day.to_string(), ended.to_string(), last_seq.to_string(), head.clone()];
        let of_service = [row.service.clone(), row.names[0].clone(), row.names[1].clone()];
        let _ = write_fields(&mut out, of_day.into_iter().chain(of_service).chain(row.fields()));
    }
    String::from_utf8(out).unwrap_or_default()
}

pub(super) fn text(report: &DayReport, language: Language) -> String {
    let zh = language == Language::Zh;
    let DayReport { hall, names, day, ended, last_seq, head, services, total, .. } = report;
    let [name_zh, name_en] = names;
    let mut text = match (zh, ended) {
        (true, true) => format!("{name_zh}（{hall}）{day} 日报\n"),
        (true, false) => format!("{name_zh}（{hall}）{day} 日报，当日尚未结束\n"),
        (false, true) => format!("{name_en} ({hall}), report of {day}\n"),
        (false, false) => format!("{name_en} ({hall}), report of {day}, which has not ended\n"),
    };
    for row in services {
        let [zh_name, en_name] = &row.names;
        let name = if zh { zh_name } else { en_name };
        let _ = write!(text, "\n{name} ({})\n{}", row.service, lines(row, zh));
    }
    let all = if zh { "合计" } else { "All services" };
    let _ = write!(text, "\n{all}\n{}", lines(total, zh));
    if !report.clerks.is_empty() {
        let heading = if zh { "人员" } else { "Clerks" };
        let lines: String =
            report.clerks.iter().map(|clerk| clerk.line(&grades(&clerk.grades, zh), zh)).collect();
        let _ = write!(text, "\n{heading}\n{lines}");
    }
    if !report.remarks.is_empty() {
        let heading = if zh { "办理说明" } else { "Remarks" };
        let lines: String = report.remarks.iter().map(|remark| remark.line(zh)).collect();
        let _ = write!(text, "\n{heading}\n{lines}");
    }
    if !report.emergencies.is_empty() {
        let heading = if zh { "紧急通知" } else { "Emergency texts" };
        let lines: String = report.emergencies.iter().map(|entry| entry.line(zh)).collect();
        let _ = write!(text, "\n{heading}\n{lines}");
    }
    if report.leases.leased > 0 {
        text += &of_leases(report.leases, &report.write_offs, zh);
    }
    let _ = match (zh, ended) {
        (true, true) => write!(text, "\n当日最后一条记录 #{last_seq}，校验值 {head}"),
        (true, false) => write!(text, "\n至记录 #{last_seq}，校验值 {head}（当日结束后才是最终值）"),
        (false, true) => write!(text, "\nThe day's last record is #{last_seq}, its head {head}"),
        (false, false) => {
            write!(text, "\nUp to record #{last_seq} the head is {head}; final once the day has ended")
        }
    };
    text
}

fn of_leases(totals: LeaseTotals, write_offs: &[WriteOff], zh: bool) -> String {
    let LeaseTotals { leased, handed_in, returned, written_off } = totals;
    let mut text = if zh {
        format!("\n离线号段：租出 {leased}，成票 {handed_in}，未用交回 {returned}，核销 {written_off}\n")
    } else {
        format!(
            "\nLeased to kiosks: {leased}, of which {handed_in} became tickets, {returned} came back unused, \
             {written_off} are written off\n"
        )
    };
    for WriteOff { kiosk, numbers, by, reason } in write_offs {
        // Writing to a String cannot fail.
        let _ = if zh {
            writeln!(text, "  {by} 核销取号机 {kiosk} 的 {numbers} 个号：{reason}")
        } else {
            writeln!(text, "  {by} wrote off {numbers} numbers of kiosk {kiosk}: {reason}")
        };
    }
    text
}

fn lines(row: &ServiceReport, zh: bool) -> String {
    let ServiceReport {
        kept, issued, walk_ins, finished, missed, cancelled, expired, open, no_shows, ..
    } = row;
    let (outcomes, waits) = (outcomes(&row.outcomes, zh), waits(&row.waits, zh));
    let grades = grades(&row.grades, zh);
    // Only a hall that kept its queue overnight has something to say of it.
    let kept = match (*kept, zh) {
        (0, _) => String::new(),
        (kept, true) => format!("  上日留存 {kept}\n"),
        (kept, false) => format!("  kept from the day before {kept}\n"),
    };
    if zh {
        format!(
            "{kept}  发号 {issued}（免取号 {walk_ins}）：办结 {finished}，过号 {missed}，取消 {cancelled}，失效 \
             {expired}，未完 {open}\n  办理结果：{outcomes}\n  等候：{waits}；叫号未到 {no_shows} 次\n  好差评：{grades}\n"
        )
    } else {
        format!(
            "{kept}  issued {issued} (walk-ins {walk_ins}): finished {finished}, missed {missed}, cancelled \
             {cancelled}, expired {expired}, open {open}\n  outcomes: {outcomes}\n  waits: {waits}; no-shows \
             {no_shows}\n  evaluations: {grades}\n"
        )
    }
}

fn grades(counts: &[u32; 5], zh: bool) -> String {
    let language = if zh { Language::Zh } else { Language::En };
    let given: Vec<String> = counts
        .iter()
        .zip(Grade::ALL)
        .filter(|(count, _)| **count > 0)
        .map(|(count, grade)| format!("{} {count}", text::grade(grade).within(language)))
        .collect();
    match (given.is_empty(), zh) {
        (true, true) => "无".to_owned(),
        (true, false) => "none".to_owned(),
        (false, true) => given.join("，"),
        (false, false) => given.join(", "),
    }
}

fn outcomes(outcomes: &Outcomes, zh: bool) -> String {
    let Outcomes { finished, missing_papers, back_office, referred, home_service, proxy } = outcomes;
    if zh {
        format!(
            "办结 {finished}，一次性告知 {missing_papers}，转后台 {back_office}，转其他部门 {referred}，上门 \
             {home_service}，代办 {proxy}"
        )
    } else {
        format!(
            "finished {finished}, papers missing {missing_papers}, back office {back_office}, referred \
             {referred}, home service {home_service}, by proxy {proxy}"
        )
    }
}

fn waits(waits: &Waits, zh: bool) -> String {
    let Waits { calls, within_target, median_s, p90_s, max_s, .. } = waits;
    let (Some(median), Some(p90), Some(max)) = (median_s, p90_s, max_s) else {
        // Who comes for a further matter, or was called on the day before, has waited for the first call already.
        return if zh {
            "无首次叫号".to_owned()
        } else {
            "nobody was called for the first time".to_owned()
        };
    };
    let minutes = |seconds: &f64| format!("{:.1}", seconds / 60.0);
    let (median, p90, max) = (minutes(median), minutes(p90), minutes(max));
    if zh {
        format!(
            "首次叫号 {calls} 次，中位 {median} 分，九成不超过 {p90} 分，最长 {max} 分，达标 {within_target} 次"
        )
    } else {
        format!(
            "{calls} first calls, median {median} min, nine of ten within {p90} min, longest {max} min, within \
             the target {within_target}"
        )
    }
}
