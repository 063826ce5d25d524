//! `cargo xtask bench signs`: what the signs may cost, as one table with a verdict for each bar.
//!
//! Benchmarks print lines `bar|what|value|unit|most`; the firmware's sizes are read from its image.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::command::Tool;
use crate::firmware;

/// What this is called on the command line.
pub(super) const NAME: &str = "signs";

/// The benchmarks with bars of the signs: package and name.
const BENCHMARKS: [(&str, &str); 3] =
    [("hall-signs", "bars"), ("hall-controller", "press_to_sign"), ("hall-controller", "many_signs")];

/// The most RAM an image of a sign of 128x64 pixels may take, in KiB; its flash is bounded in `firmware`.
const RAM_KIB_MAX: f64 = 24.0;

/// Something measured, and the most it may be.
#[derive(Debug, Clone, PartialEq)]
struct Bar {
    what: String,
    value: f64,
    unit: String,
    most: f64,
}

impl Bar {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.strip_prefix("bar|")?.split('|');
        let (what, value) = (fields.next()?.to_owned(), fields.next()?.parse().ok()?);
        let (unit, most) = (fields.next()?.to_owned(), fields.next()?.parse().ok()?);
        Some(Self { what, value, unit, most })
    }

    /// Whether it is met.
    fn holds(&self) -> bool {
        self.value <= self.most
    }
}

/// Measure everything, print the table, and fail if a bar is missed.
pub(super) fn run(root: &Path) -> Result<ExitCode> {
    let mut bars = Vec::new();
    for (package, bench) in BENCHMARKS {
        eprintln!("measuring: {package} {bench}");
        let words = ["bench", "--quiet", "--package", package, "--bench", bench];
        let said = Tool::new("cargo", &words).within(root).output()?;
        let found: Vec<Bar> = said.lines().filter_map(Bar::parse).collect();
        (!found.is_empty()).then_some(()).with_context(|| format!("{package} {bench} printed no bar"))?;
        said.lines().filter(|line| Bar::parse(line).is_none()).for_each(|line| eprintln!("    {line}"));
        bars.extend(found);
    }
    let image = firmware::emulated_sign(root)?;
    let of = |what: &str, bytes: u64, most: f64| {
        // An image's bytes are exact in a double.
        let value = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1_024.0;
        Bar { what: format!("firmware of a 128x64 sign, {what}"), value, unit: "KiB".to_owned(), most }
    };
    let flash_most = f64::from(u32::try_from(firmware::SIGN_FLASH_BYTES_MAX).unwrap_or(u32::MAX)) / 1_024.0;
    bars.push(of("flash", image.flash_bytes, flash_most));
    bars.push(of("RAM without the stack", image.ram_bytes, RAM_KIB_MAX));
    println!("{}", Table(&bars));
    Ok(if bars.iter().all(Bar::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The bars for people.
struct Table<'a>(&'a [Bar]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|bar| bar.what.chars().count()).max().unwrap_or(0);
        write!(f, "{:<width$}  {:>12}  {:>12}  verdict", "what", "value", "at most")?;
        for bar in self.0 {
            let Bar { what, value, unit, most } = bar;
            let verdict = if bar.holds() { "met" } else { "MISSED" };
            let value = format!("{value:.2} {unit}");
            let most = format!("{most} {unit}");
            write!(f, "\n{what:<width$}  {value:>12}  {most:>12}  {verdict}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_which_bars_are_met() {
        let lines = ["bar|a page|31.5|µs|100", "noise", "bar|a line|1.2|x|1.1", "bar|broken|x|1|2"];
        let bars: Vec<Bar> = lines.into_iter().filter_map(Bar::parse).collect();
        assert_eq!(bars.iter().map(Bar::holds).collect::<Vec<_>>(), [true, false]);
        let table = Table(&bars).to_string();
        let rows: Vec<&str> = table.lines().collect();
        assert!(rows[1].ends_with("31.50 µs        100 µs  met"), "{table}");
        assert!(rows[2].ends_with("1.20 x         1.1 x  MISSED"), "{table}");
    }
}
