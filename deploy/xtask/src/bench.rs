//! `cargo xtask bench`: the project's benchmarks, in release, one after the other.
//!
//! What a benchmark measures and which bar it is held to is written in the benchmark; here is
//! only the list; `bars` holds those of the signs to their bars.

mod bars;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::command::Tool;

/// Every benchmark: its package and its name there.
const BENCHMARKS: [Benchmark; 12] = [
    ("hall-core", "decide"),
    ("hall-core", "balance_review"),
    ("hall-simulate", "balance"),
    ("hall-simulate", "what_if"),
    ("hall-signs", "page"),
    ("hall-signs", "bars"),
    ("hall-journal", "group_commit"),
    ("hall-controller", "tickets"),
    ("hall-controller", "recovery"),
    ("hall-controller", "press_to_sign"),
    ("hall-controller", "many_signs"),
    ("hall-controller", "day"),
];

/// Run the benchmarks whose package or name contains `filter`.
pub(crate) fn run(root: &Path, filter: Option<&str>) -> Result<ExitCode> {
    if filter == Some(bars::NAME) {
        return bars::run(root);
    }
    let wanted = chosen(&BENCHMARKS, filter.unwrap_or_default());
    if wanted.is_empty() {
        bail!("no benchmark of that name; there are: {}", names(&BENCHMARKS));
    }
    for (index, (package, bench)) in wanted.iter().enumerate() {
        eprintln!("[{}/{}] {package} {bench}", index + 1, wanted.len());
        Tool::new("cargo", &["bench", "--quiet", "--package", package, "--bench", bench])
            .within(root)
            .run()?;
    }
    Ok(ExitCode::SUCCESS)
}

type Benchmark = (&'static str, &'static str);

fn chosen(benchmarks: &[Benchmark], filter: &str) -> Vec<Benchmark> {
    let matches = |(package, bench): &&Benchmark| package.contains(filter) || bench.contains(filter);
    benchmarks.iter().filter(matches).copied().collect()
}

fn names(benchmarks: &[Benchmark]) -> String {
    let names: Vec<String> = benchmarks.iter().map(|(package, bench)| format!("{package}/{bench}")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: [Benchmark; 2] = [("hall-core", "call"), ("hall-journal", "commit")];

    #[test]
    fn every_benchmark_of_the_list_is_there() {
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hall-controller");
        for (package, bench) in BENCHMARKS {
            let folder = packages.join(match package {
                "hall-controller" => "daemon",
                other => other.trim_start_matches("hall-"),
            });
            assert!(folder.join(format!("benches/{bench}.rs")).is_file(), "{package} {bench}");
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            assert!(manifest.contains(&format!("name = \"{bench}\"")), "{package} {bench}");
        }
    }

    #[test]
    fn a_word_of_package_or_name_chooses() {
        assert_eq!(chosen(&SOME, ""), SOME);
        assert_eq!(chosen(&SOME, "journal"), [SOME[1]]);
        assert_eq!(chosen(&SOME, "call"), [SOME[0]]);
        assert!(chosen(&SOME, "lottery").is_empty());
    }
}
