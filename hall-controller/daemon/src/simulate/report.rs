//! What is said of simulated days: a table for people, an object for programs.

use std::fmt;

use clap::ValueEnum;
use hall_simulate::{Estimate, Figures};
use serde::Serialize;

use super::Way;
use super::detail::Detail;
use super::warning::Warning;
use crate::cli::PolicyName;

/// The confidence of the intervals shown.
const CONFIDENCE: f64 = 0.95;

/// The means over the days. Serialized, it is the object of `--json`.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(flatten)]
    run: Run,
    #[serde(skip_serializing_if = "Option::is_none")]
    compare: Option<Comparison>,
    /// By service, class and window, when it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<serde_json::Value>,
    #[serde(skip)]
    rows: Vec<Row>,
    /// What is said after the table.
    #[serde(skip)]
    remarks: String,
    #[serde(skip)]
    warnings: Vec<Warning>,
}

/// One way of running the hall.
#[derive(Debug, Serialize)]
struct Run {
    scenario: String,
    policy: String,
    /// What it goes by, where that is not as shipped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<String>,
    balance: String,
    replications: usize,
    seed: u64,
    issued: f64,
    served: f64,
    abandoned: f64,
    mean_wait_minutes: f64,
    p95_wait_minutes: f64,
    max_wait_minutes: f64,
    share_over_target: f64,
    worst_service_mean_minutes: f64,
    moves: f64,
    changeovers: f64,
    overtime_minutes: f64,
    utilisation: f64,
    estimate: Calibration,
    seconds: f64,
}

/// How good the estimates given to citizens were; null when nobody had to wait.
#[derive(Debug, Serialize)]
struct Calibration {
    coverage_90: Option<f64>,
    mean_absolute_error_minutes: Option<f64>,
}

impl Calibration {
    /// The means over the days on which somebody had to wait.
    fn of(days: &[Figures]) -> Self {
        let judged = || days.iter().map(|day| day.estimate).filter(|day| day.judged > 0.0);
        let mean = |of: fn(hall_simulate::Calibration) -> f64| {
            judged().next().map(|_| estimate(judged().map(of)).mean)
        };
        Self {
            coverage_90: mean(|day| day.coverage_90),
            mean_absolute_error_minutes: mean(|day| day.mean_absolute_error),
        }
    }
}

/// The other way, and what it changes on the same days.
#[derive(Debug, Serialize)]
struct Comparison {
    #[serde(flatten)]
    run: Run,
    /// The other's figures minus this one's, day by day, each with half of its 95 % interval.
    differences: serde_json::Map<String, serde_json::Value>,
}

/// One line of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    /// The Chinese name.
    pub(super) zh: &'static str,
    pub(super) here: Estimate,
    /// The other way's, and its difference to this.
    pub(super) there: Option<(Estimate, Estimate)>,
}

type Column = (&'static str, &'static str, fn(&Figures) -> f64);

const COLUMNS: [Column; 20] = [
    ("issued", "取号人数", |figures| figures.issued),
    ("served", "办理人数", |figures| figures.served),
    ("abandoned", "离开人数", |figures| figures.abandoned),
    ("unserved", "未叫到人数", |figures| figures.unserved),
    ("mean_wait_minutes", "平均等候（分钟）", |figures| figures.mean_wait_minutes),
    ("median_wait_minutes", "等候中位数（分钟）", |figures| figures.median_wait_minutes),
    ("p90_wait_minutes", "90% 等候（分钟）", |figures| figures.p90_wait_minutes),
    ("p95_wait_minutes", "95% 等候（分钟）", |figures| figures.p95_wait_minutes),
    ("max_wait_minutes", "最长等候（分钟）", |figures| figures.max_wait_minutes),
    ("share_over_target", "超目标比例", |figures| figures.share_over_target),
    ("worst_service_mean_minutes", "最差业务平均等候（分钟）", |figures| {
        figures.worst_service_mean_minutes
    }),
    ("moves", "窗口调整次数", |figures| figures.moves),
    ("changeovers", "业务切换次数", |figures| figures.changeovers),
    ("overtime_minutes", "加班（分钟）", |figures| figures.overtime_minutes),
    ("utilisation", "窗口利用率", |figures| figures.utilisation),
    ("estimate_coverage_90", "预计等候 90% 上限兑现比例", |figures| {
        judged(figures, |it| it.coverage_90)
    }),
    ("estimate_error_minutes", "预计等候平均误差（分钟）", |figures| {
        judged(figures, |it| it.mean_absolute_error)
    }),
    ("ql_error_minutes", "QL 估计误差（分钟）", |figures| judged(figures, |it| it.ql_error)),
    ("les_error_minutes", "LES 估计误差（分钟）", |figures| judged(figures, |it| it.les_error)),
    ("hol_error_minutes", "HOL 估计误差（分钟）", |figures| judged(figures, |it| it.hol_error)),
];

/// No number on a day on which nobody had to wait.
fn judged(figures: &Figures, of: fn(&hall_simulate::Calibration) -> f64) -> f64 {
    if figures.estimate.judged > 0.0 { of(&figures.estimate) } else { f64::NAN }
}

/// Said with the table and on the page: what the bound is judged by.
pub(super) const JUDGED: [&str; 2] = [
    "预计等候只计须等候的人：立即叫到的不计，在上限之前离开的不计入兑现比例。",
    "estimates are judged by those who had to wait: not by who was called at once, nor the bound by who left \
     before it",
];

/// Said with the table and on the page: why a service's mean in the table by service is another one.
pub(super) const WORST_SERVICE: [&str; 2] = [
    "最差业务平均等候：取每日最差业务的平均等候，再对各日求平均；各业务表按全部天数的人合计。",
    "worst_service_mean_minutes is the mean over the days of each day's worst service; by service, the citizens \
     of all days are taken together",
];

impl Report {
    pub(super) fn of(way: Way<'_>, seed: u64, days: &[Figures], seconds: f64) -> Self {
        let row = |(name, zh, of): Column| Row { name, zh, here: estimate(days.iter().map(of)), there: None };
        Self {
            run: Run::of(way, seed, days, seconds),
            compare: None,
            details: None,
            rows: COLUMNS.into_iter().map(row).collect(),
            remarks: String::new(),
            warnings: Vec::new(),
        }
    }

    /// What of the scenarios and of the days is likely a mistake; for standard error, and on the page.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub(super) fn warn(&mut self, warnings: impl IntoIterator<Item = Warning>) {
        self.warnings.extend(warnings);
    }

    /// Say whose citizens waited longest; by service, class and window too if that is asked for.
    pub(super) fn describe(&mut self, way: Way<'_>, detail: &Detail, in_full: bool) {
        self.remarks = [detail.fairness(way.scenario)]
            .into_iter()
            .chain(without_classes(way))
            .chain([WORST_SERVICE[1].to_owned(), JUDGED[1].to_owned()])
            .filter(|remark| !remark.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        if in_full {
            self.remarks = format!("{}\n{}", self.remarks, detail.tables(way.scenario).trim_end());
            self.details = Some(detail.object(way.scenario));
        }
    }

    /// With what it is compared.
    pub(super) fn compared_with(&self) -> Option<String> {
        self.compare.as_ref().map(|other| other.run.heading())
    }

    /// What was simulated and how.
    pub(super) fn heading(&self) -> String {
        self.run.heading()
    }

    /// How many days.
    pub(super) const fn days(&self) -> usize {
        self.run.replications
    }

    /// Who came on them follows from this number.
    pub(super) const fn seed(&self) -> u64 {
        self.run.seed
    }

    /// The lines of the table.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Put the other way beside it: the same days, so the differences are of pairs.
    pub(super) fn compare(&mut self, other: Way<'_>, days: &[Figures], others: &[Figures], seconds: f64) {
        let mut differences = serde_json::Map::new();
        for (row, (name, _, of)) in self.rows.iter_mut().zip(COLUMNS) {
            let there = estimate(others.iter().map(of));
            let difference = estimate(days.iter().zip(others).map(|(day, other)| of(other) - of(day)));
            differences.insert(name.into(), serde_json::json!([difference.mean, difference.half_width]));
            row.there = Some((there, difference));
        }
        let run = Run::of(other, self.run.seed, others, seconds);
        self.compare = Some(Comparison { run, differences });
    }
}

impl Run {
    fn of(way: Way<'_>, seed: u64, days: &[Figures], seconds: f64) -> Self {
        let name = |value: Option<clap::builder::PossibleValue>| {
            value.map(|value| value.get_name().to_owned()).unwrap_or_default()
        };
        let mean = |of: fn(&Figures) -> f64| estimate(days.iter().map(of)).mean;
        Self {
            scenario: way.scenario.name.clone(),
            policy: name(way.policy.to_possible_value()),
            rules: way.rules.changed(),
            balance: name(way.balance.to_possible_value()),
            replications: days.len(),
            seed,
            issued: mean(|figures| figures.issued),
            served: mean(|figures| figures.served),
            abandoned: mean(|figures| figures.abandoned),
            mean_wait_minutes: mean(|figures| figures.mean_wait_minutes),
            p95_wait_minutes: mean(|figures| figures.p95_wait_minutes),
            max_wait_minutes: mean(|figures| figures.max_wait_minutes),
            share_over_target: mean(|figures| figures.share_over_target),
            worst_service_mean_minutes: mean(|figures| figures.worst_service_mean_minutes),
            moves: mean(|figures| figures.moves),
            changeovers: mean(|figures| figures.changeovers),
            overtime_minutes: mean(|figures| figures.overtime_minutes),
            utilisation: mean(|figures| figures.utilisation),
            estimate: Calibration::of(days),
            seconds,
        }
    }

    fn heading(&self) -> String {
        let way = format!("{}, {}/{}", self.scenario, self.policy, self.balance);
        [&[way][..], &self.rules].concat().join(", ")
    }
}

/// Of those that are numbers; not a number when none is.
fn estimate(values: impl Iterator<Item = f64>) -> Estimate {
    let values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    if values.is_empty() {
        return Estimate { mean: f64::NAN, half_width: f64::INFINITY };
    }
    Estimate::of(&values, CONFIDENCE)
}

/// Without classes the policies for them have nothing to do.
fn without_classes(way: Way<'_>) -> Option<String> {
    let for_classes = matches!(way.policy, PolicyName::Priority | PolicyName::Accumulating);
    let has_classes = way.scenario.services.iter().any(|service| !service.classes.is_empty());
    (for_classes && !has_classes).then(|| {
        "note: the scenario has no priority classes, so that this policy calls like fcfs; say in its \
             services who comes, such as \"classes\": {\"elderly\": 0.2}"
            .to_owned()
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_day = self.run.replications == 1;
        let days = if one_day { "day" } else { "days" };
        writeln!(f, "{}: {} {days}, seed {}", self.run.heading(), self.run.replications, self.run.seed)?;
        if let Some(other) = &self.compare {
            let same = other.run.scenario == self.run.scenario;
            let days = if same { "the same days" } else { "days of its own from the same seed" };
            writeln!(f, "compared with {} on {days}; differences are that minus this", other.run.heading())?;
        }
        let interval = if one_day { "" } else { "means, each with its 95 % confidence interval; " };
        writeln!(f, "{interval}{:.1} s", self.run.seconds)?;
        for Row { name, here, there, .. } in &self.rows {
            write!(f, "{name:<28}{}", with_interval(here))?;
            if let Some((there, difference)) = there {
                write!(f, "{}   difference{}", with_interval(there), with_interval(difference))?;
            }
            writeln!(f)?;
        }
        if self.remarks.is_empty() { Ok(()) } else { writeln!(f, "{}", self.remarks) }
    }
}

fn with_interval(estimate: &Estimate) -> String {
    if estimate.mean.is_nan() {
        format!("{:>12}{:12}", "–", "")
    } else if estimate.half_width.is_finite() {
        format!("{:>12.3} ± {:<9.3}", estimate.mean, estimate.half_width)
    } else {
        format!("{:>12.3}{:12}", estimate.mean, "")
    }
}
