//! The charts of the page, drawn as SVG.
//!
//! Services are told apart by colour and dash, so that nobody needs to see colours; those with few people
//! are drawn as one.

use std::fmt::Write;

use hall_simulate::breakdown::{BAR_MINUTES, STEP_MINUTES};
use hall_simulate::{Breakdown, Diary, End, Scenario};
use maud::{Markup, html};

/// Each with a contrast of 4.5 or more to white; the dashes of the lines.
const PENS: [(&str, &str); 8] = [
    ("#14467a", ""),
    ("#a3201c", "8 3"),
    ("#176239", "2 3"),
    ("#7a4b00", "10 3 2 3"),
    ("#6a2c91", "5 5"),
    ("#0b6e75", "14 4"),
    ("#b0306a", "3 6"),
    ("#5c6b00", "8 2 2 2 2 2"),
];
/// All other services.
const OTHERS: (&str, &str) = ("#4a5b6b", "1 4");

const WIDTH: f64 = 800.0;
/// Left of the chart: the numbers of its axis.
const LEFT: f64 = 44.0;
/// Below the chart: the hours.
const BELOW: f64 = 24.0;
const ROW: f64 = 14.0;

/// How many wait for each service over the day.
pub(super) fn queues(scenario: &Scenario, breakdown: &Breakdown) -> Markup {
    let lines = lines(scenario, breakdown);
    let highest = lines.iter().flat_map(|line| &line.values).copied().fold(1.0, f64::max);
    let steps = lines.iter().map(|line| line.values.len()).max().unwrap_or(0);
    let day = Day { opens: scenario.opens, closes: scenario.opens + as_f64(steps) * STEP_MINUTES }
        .at_least(scenario);
    let height = 320.0;
    let y = |value: f64| (height - BELOW) * (1.0 - value / highest) + 8.0 * value / highest;
    let path = |values: &[f64]| {
        let mut path = String::new();
        for (step, value) in values.iter().enumerate() {
            let x = day.x(scenario.opens + as_f64(step) * STEP_MINUTES);
            let _ = write!(path, "{}{x:.1} {:.1}", if step == 0 { 'M' } else { 'L' }, y(*value));
        }
        path
    };
    let label = format!("{} 项业务的排队人数曲线 queue lengths of {0} services", scenario.services.len());
    html! {
        div.scroll tabindex="0" { svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(label) {
            (levels(highest, y))
            (hours(&day, height))
            @for line in &lines {
                path d=(path(&line.values)) fill="none" stroke=(line.pen.0)
                    stroke-dasharray=(line.pen.1) stroke-width="2" {}
            }
        } }
        (legend(&lines))
    }
}

/// How many of those served waited how long.
pub(super) fn waits(breakdown: &Breakdown) -> Markup {
    let all = breakdown.waits.iter().sum::<f64>().max(1.0);
    let highest = breakdown.waits.iter().copied().fold(1.0, f64::max) / all * 100.0;
    let height = 240.0;
    let y = |value: f64| (height - BELOW) * (1.0 - value / highest) + 8.0 * value / highest;
    let width = (WIDTH - LEFT - 8.0) / as_f64(breakdown.waits.len());
    let bars = breakdown.waits.iter().enumerate().map(|(bar, count)| {
        (bar, LEFT + as_f64(bar) * width, y(count / all * 100.0), as_f64(bar) * BAR_MINUTES)
    });
    html! {
        div.scroll tabindex="0" { svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img"
            aria-label="等候时间直方图，百分比 histogram of the waits, percent" {
            (levels(highest, y))
            @for (bar, x, top, minutes) in bars {
                rect x=(format!("{:.1}", x + 1.0)) y=(format!("{top:.1}"))
                    width=(format!("{:.1}", width - 2.0)) height=(format!("{:.1}", height - BELOW - top))
                    fill=(PENS[0].0) {}
                @if bar % 4 == 0 {
                    text x=(format!("{x:.1}")) y=(height - 6.0) { (format!("{minutes:.0}")) }
                }
            }
        } }
    }
}

/// What each window did on a day: when it was to be open, and whom it served.
pub(super) fn windows(scenario: &Scenario, breakdown: &Breakdown, diary: &Diary) -> Markup {
    let (pens, lines) = pens(scenario, breakdown);
    let day = Day { opens: scenario.opens, closes: diary.last_end }.at_least(scenario);
    let height = as_f64(scenario.windows.len()) * ROW + BELOW + 8.0;
    let y = |window: usize| as_f64(window) * ROW + 4.0;
    // One path a pen: thousands of visits make a short page.
    let mut served = vec![String::new(); PENS.len() + 1];
    for visit in &diary.visits {
        let End::Served { window, until } = visit.end else { continue };
        let (from, to) = (day.x(visit.arrives + visit.wait), day.x(until));
        let length = (to - from - 0.3).max(0.3);
        let _ = write!(
            served[pens[visit.service]],
            "M{from:.1} {:.0}h{length:.1}v{:.0}h-{length:.1}z",
            y(window) + 2.0,
            ROW - 6.0
        );
    }
    let open =
        scenario.windows.iter().enumerate().flat_map(|(window, planned)| {
            planned.open.iter().map(move |(from, until)| (window, *from, *until))
        });
    let label = format!("{} 个窗口的办理时间表 what {0} windows did over the day", scenario.windows.len());
    html! {
        div.scroll tabindex="0" { svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(label) {
            (hours(&day, height))
            @for (window, from, until) in open {
                rect x=(format!("{:.1}", day.x(from))) y=(format!("{:.1}", y(window)))
                    width=(format!("{:.1}", day.x(until) - day.x(from)))
                    height=(ROW - 2.0) fill="#e6eef6" stroke="#c6d2de" {}
            }
            @for (pen, path) in served.iter().enumerate() {
                @if !path.is_empty() { path d=(path) fill=(PENS.get(pen).unwrap_or(&OTHERS).0) {} }
            }
            @for (place, window) in scenario.windows.iter().enumerate() {
                text x=(LEFT - 6.0) y=(y(place) + ROW - 4.0) text-anchor="end" { (window.id) }
            }
        } }
        (legend(&lines))
    }
}

/// A part of a whole as a bar.
pub(super) fn bar(part: f64) -> Markup {
    html! {
        svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect width="100" height="8" fill="#e6eef6" {}
            rect width=(format!("{:.1}", part.clamp(0.0, 1.0) * 100.0)) height="8" fill=(PENS[0].0) {}
        }
    }
}

/// What a chart shows in one colour.
struct Line {
    name: String,
    pen: (&'static str, &'static str),
    values: Vec<f64>,
}

/// The services with the longest queues, and the sum of all others.
fn lines(scenario: &Scenario, breakdown: &Breakdown) -> Vec<Line> {
    let (pens, mut lines) = pens(scenario, breakdown);
    for (pen, queue) in pens.iter().zip(&breakdown.queues) {
        let Some(line) = lines.get_mut(*pen) else { continue };
        if line.values.len() < queue.len() {
            line.values.resize(queue.len(), 0.0);
        }
        let days = breakdown.days.max(1.0);
        line.values.iter_mut().zip(queue).for_each(|(sum, waiting)| *sum += waiting / days);
    }
    lines
}

/// The pen of each service, and what each pen stands for: those with the longest queues have one of
/// their own, the same in every chart.
fn pens(scenario: &Scenario, breakdown: &Breakdown) -> (Vec<usize>, Vec<Line>) {
    let peak = |queue: &Vec<f64>| queue.iter().copied().fold(0.0, f64::max);
    let ranks: Vec<f64> = breakdown.queues.iter().map(peak).collect();
    let mut order: Vec<usize> = (0..ranks.len()).collect();
    order.sort_by(|one, other| ranks[*other].total_cmp(&ranks[*one]).then(one.cmp(other)));
    let mut pens = vec![PENS.len(); ranks.len()];
    let mut lines = Vec::new();
    for (pen, place) in order.iter().take(PENS.len()).enumerate() {
        pens[*place] = pen;
        lines.push(Line {
            name: scenario.services[*place].id.to_string(),
            pen: PENS[pen],
            values: Vec::new(),
        });
    }
    if ranks.len() > PENS.len() {
        lines.push(Line { name: "其他 others".into(), pen: OTHERS, values: Vec::new() });
    }
    (pens, lines)
}

fn legend(lines: &[Line]) -> Markup {
    html! {
        ul.legend { @for line in lines { li {
            svg.pen viewBox="0 0 36 10" aria-hidden="true" {
                rect width="10" height="10" fill=(line.pen.0) {}
                path d="M12 5h24" stroke=(line.pen.0) stroke-dasharray=(line.pen.1) stroke-width="3" {}
            }
            (line.name)
        } } }
    }
}

/// The time a chart shows, in minutes of the day.
struct Day {
    opens: f64,
    closes: f64,
}

impl Day {
    fn at_least(self, scenario: &Scenario) -> Self {
        Self { closes: self.closes.max(scenario.closes), ..self }
    }

    fn x(&self, minute: f64) -> f64 {
        LEFT + (minute - self.opens) / (self.closes - self.opens) * (WIDTH - LEFT - 8.0)
    }
}

/// The full hours.
fn hours(day: &Day, height: f64) -> Markup {
    let mut hours = Vec::new();
    let mut hour = (day.opens / 60.0).ceil();
    while hour * 60.0 <= day.closes {
        hours.push((hour, day.x(hour * 60.0)));
        hour += 1.0;
    }
    html! {
        @for (hour, x) in hours {
            line.grid x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1="4" y2=(height - BELOW) {}
            text x=(format!("{x:.1}")) y=(height - 6.0) text-anchor="middle" { (format!("{hour:.0}:00")) }
        }
    }
}

/// Some levels of the axis.
fn levels(highest: f64, y: impl Fn(f64) -> f64) -> Markup {
    let rough = highest / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|step| *step >= rough).unwrap_or(rough);
    let mut levels = Vec::new();
    let mut level = 0.0;
    while level <= highest {
        levels.push((level, y(level)));
        level += step;
    }
    html! {
        @for (level, y) in levels {
            line.grid x1=(LEFT) x2=(WIDTH - 8.0) y1=(format!("{y:.1}")) y2=(format!("{y:.1}")) {}
            text x=(LEFT - 6.0) y=(format!("{:.1}", y + 4.0)) text-anchor="end" { (short(level)) }
        }
    }
}

fn short(value: f64) -> String {
    if value < 1.0 && value > 0.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// Counts of a chart, far below what a float counts exactly.
#[allow(clippy::cast_precision_loss)]
const fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast to white (WCAG 2.2, relative luminance).
    fn contrast(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap_or(0)) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        1.05 / (0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) + 0.05)
    }

    #[test]
    fn every_pen_stands_out_from_paper_and_from_the_others() {
        for (colour, _) in PENS.iter().chain([&OTHERS]) {
            assert!(contrast(colour) >= 4.5, "{colour}: {}", contrast(colour));
        }
        let dashes: std::collections::BTreeSet<_> =
            PENS.iter().chain([&OTHERS]).map(|(_, dash)| dash).collect();
        assert_eq!(dashes.len(), PENS.len() + 1);
    }
}
