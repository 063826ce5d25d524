//! `--html`: the report as one page that needs nothing else, neither network nor scripts.
//!
//! What is drawn is in `page/chart.rs`, how it looks in `page/page.css`, where it may go in `page/place.rs`.
//! Chinese first, English second.

mod chart;
pub(super) mod place;

use hall_simulate::breakdown::{BAR_MINUTES, BARS, Group};
use hall_simulate::{Breakdown, Estimate};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Way;
use super::detail::{Detail, class_names};
use super::report::{JUDGED, Report, Row, WORST_SERVICE};
use super::warning::Warning;

/// How the title of every page ends, by which a page is known again.
const TITLE: &str = "仿真报告 Simulation report";
const STYLE: &str = include_str!("page/page.css");
/// Percentiles of the waits that are told.
const PERCENTILES: [(u32, &str, &str); 4] =
    [(50, "中位数", "median"), (90, "90%", "90 %"), (95, "95%", "95 %"), (99, "99%", "99 %")];

/// What stands behind each ±.
const INTERVALS: [&str; 2] = [
    "均值为各日平均，± 为其 95% 置信区间；差值为逐日之差的均值。",
    "means over the days, ± is half of the 95 % confidence interval; differences are means of those day by day",
];

/// The page of a report.
pub(super) fn page(report: &Report, way: Way<'_>, detail: &Detail) -> String {
    let scenario = way.scenario;
    let Detail { breakdown, first_day } = detail;
    let title = format!("{} · {TITLE}", scenario.name);
    let sections = [
        ("结果", "Results", figures(report)),
        (
            "各业务排队人数（每日平均）",
            "People waiting over the day, by service (mean of all days)",
            chart::queues(scenario, breakdown),
        ),
        ("等候时间分布（分钟，占百分比）", "Waits of those served (minutes; percent)", waits(breakdown)),
        ("窗口时间表（第一天）", "Windows on the first day", chart::windows(scenario, breakdown, first_day)),
        ("各业务", "By service", services(way, breakdown)),
        ("各类人员", "By class", classes(breakdown)),
        ("窗口利用率", "Use of the windows", windows(way, breakdown)),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (scenario.name) }
                    p { "仿真报告 " span lang="en" { "Simulation report" } }
                    p.how {
                        (report.heading()) " · " (report.days()) " 天 " span lang="en" { "days" }
                        " · 种子 " span lang="en" { "seed" } " " (report.seed())
                    }
                }
                main {
                    (warnings(report.warnings()))
                    @for (zh, en, content) in &sections {
                        section { h2 { (zh) " " span lang="en" { (en) } } (content) }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn warnings(warnings: &[Warning]) -> Markup {
    html! {
        @if !warnings.is_empty() { section.warnings {
            h2 { "注意 " span lang="en" { "Warnings" } }
            ul { @for warning in warnings {
                li { (warning.in_chinese()) " " span lang="en" { (warning) } }
            } }
        } }
    }
}

fn named((zh, en): (&str, &str)) -> Markup {
    html! { (zh) " " span lang="en" { (en) } }
}

fn figures(report: &Report) -> Markup {
    html! {
        div.scroll tabindex="0" { table {
            thead { tr {
                th scope="col" { "指标 " span lang="en" { "Figure" } }
                @if let Some(other) = report.compared_with() {
                    th scope="col" { (report.heading()) }
                    th scope="col" { (other) }
                    th scope="col" { "差值（后者减前者） " span lang="en" { "Difference (that minus this)" } }
                } @else {
                    th scope="col" { "均值 " span lang="en" { "Mean" } }
                }
            } }
            tbody { @for Row { name, zh, here, there } in report.rows() { tr {
                th scope="row" { (zh) " " span lang="en" { (name.replace('_', " ")) } }
                td { (with_interval(here)) }
                @if let Some((there, difference)) = there {
                    td { (with_interval(there)) }
                    td { (with_interval(difference)) }
                }
            } } }
        } }
        @for [zh, en] in [INTERVALS, WORST_SERVICE, JUDGED] { p { (zh) " " span lang="en" { (en) } } }
    }
}

fn with_interval(estimate: &Estimate) -> Markup {
    html! {
        @if estimate.mean.is_nan() { "—" } @else { (format!("{:.3}", estimate.mean)) }
        @if estimate.half_width.is_finite() { " " small { (format!("± {:.3}", estimate.half_width)) } }
    }
}

fn waits(breakdown: &Breakdown) -> Markup {
    html! {
        (chart::waits(breakdown))
        ul.percentiles { @for (percent, zh, en) in PERCENTILES { li {
            (zh) " " span lang="en" { (en) } " "
            strong { (within(breakdown, percent)) }
        } } }
    }
}

/// Within how many minutes so many percent of those served were called, to the bar.
fn within(breakdown: &Breakdown, percent: u32) -> String {
    let all: f64 = breakdown.waits.iter().sum();
    let wanted = all * f64::from(percent) / 100.0;
    let mut sum = 0.0;
    let bar = breakdown.waits.iter().position(|count| {
        sum += count;
        sum >= wanted
    });
    let minutes = |bars: usize| f64::from(u32::try_from(bars).unwrap_or(u32::MAX)) * BAR_MINUTES;
    match bar {
        _ if all <= 0.0 => "—".into(),
        Some(bar) if bar + 1 < BARS => format!("≤ {:.0} min", minutes(bar + 1)),
        _ => format!("> {:.0} min", minutes(BARS - 1)),
    }
}

/// A row of a table of groups, all per day.
fn group(head: &Markup, group: &Group, days: f64, is_worst: bool) -> Markup {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "—".into());
    html! {
        tr.worst[is_worst] {
            th scope="row" { (head) @if is_worst { " " em { "最久 " span lang="en" { "longest" } } } }
            td { (format!("{:.1}", group.served / days)) }
            td { (or_none(group.mean_wait_minutes().map(|mean| format!("{mean:.1}")))) }
            td { (or_none(group.share_over_target().map(|share| format!("{:.1}%", share * 100.0)))) }
            td { (format!("{:.1}", group.abandoned / days)) }
        }
    }
}

fn groups(what: &Markup, rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" { table {
            thead { tr {
                th scope="col" { (what) }
                th scope="col" { "每日办理 " span lang="en" { "Served a day" } }
                th scope="col" { "平均等候（分钟） " span lang="en" { "Mean wait, min" } }
                th scope="col" { "超目标 " span lang="en" { "Over target" } }
                th scope="col" { "每日离开 " span lang="en" { "Gave up a day" } }
            } }
            tbody { (rows) }
        } }
    }
}

fn services(way: Way<'_>, breakdown: &Breakdown) -> Markup {
    let worst = breakdown.worst_service().map(|(place, _)| place);
    let rows = html! {
        @for (place, (service, sums)) in way.scenario.services.iter().zip(&breakdown.services).enumerate() {
            (group(&html! { (service.id) }, sums, breakdown.days, worst == Some(place)))
        }
    };
    groups(&html! { "业务 " span lang="en" { "Service" } }, &rows)
}

fn classes(breakdown: &Breakdown) -> Markup {
    // Of one class there is no worst.
    let worst = breakdown.worst_class().filter(|_| breakdown.classes.len() > 1).map(|(class, _)| class);
    let rows = html! {
        @for (class, sums) in &breakdown.classes {
            (group(&named(class_names(*class)), sums, breakdown.days, worst == Some(*class)))
        }
    };
    groups(&html! { "人员 " span lang="en" { "Class" } }, &rows)
}

fn windows(way: Way<'_>, breakdown: &Breakdown) -> Markup {
    html! {
        ul.bars { @for (window, used) in way.scenario.windows.iter().zip(&breakdown.windows) {
            li {
                span.of { (window.id) }
                (chart::bar(used.utilisation()))
                span.value { (format!("{:.0}%", used.utilisation() * 100.0)) }
            }
        } }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::Parser;
    use hall_simulate::Scenario;

    use super::super::run;
    use crate::cli::{Cli, Command, SimulateArgs};

    fn page_of(name: &str) -> String {
        let county = concat!(env!("CARGO_MANIFEST_DIR"), "/../simulate/references/scenarios/dev-county.json");
        let mut scenario = Scenario::read(&std::fs::read_to_string(county).unwrap()).unwrap();
        name.clone_into(&mut scenario.name);
        let directory = tempfile::tempdir().unwrap();
        let (path, html) = (directory.path().join("named.json"), directory.path().join("report.html"));
        std::fs::write(&path, scenario.to_json().unwrap()).unwrap();
        let words = ["hall-controller", "simulate", "x", "--replications", "2", "--balance", "auto"];
        let Command::Simulate(arguments) = Cli::parse_from(words).command else { panic!() };
        run(&SimulateArgs { scenario: path, html: Some(html.clone()), ..arguments }).unwrap();
        std::fs::read_to_string(html).unwrap()
    }

    #[test]
    fn the_page_needs_nothing_else_and_believes_no_name() {
        let page = page_of("<script>alert(1)</script> & \"大厅\"");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; "), "{page}");
        for foreign in ["<script", "http:", "https:", "src=", "href=", "url(", "@import"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"zh-CN\">"));
        assert!(page.contains("name=\"viewport\""));
    }

    #[test]
    fn the_page_has_charts_of_queues_waits_and_windows_and_says_who_waited_longest() {
        let page = page_of("county");
        for chart in ["queue lengths of 8 services", "histogram of the waits", "what 12 windows did"] {
            assert!(page.contains(chart), "{chart}");
        }
        assert_eq!(page.matches("class=\"worst\"").count(), 1, "the one class there is is not the worst");
        assert!(page.find("仿真报告") < page.find("Simulation report"), "Chinese first");
        assert!(!page.contains("NaN") && !page.contains("inf"));
    }
}
