//! Running all tests of the workspace in two lanes at once.
//!
//! The tests of whole processes wait most of their time, for time-outs, fsyncs and a browser; all others
//! compute. `cargo test` would run one after the other and leave the processor idle meanwhile. The second lane
//! runs niced, so that what it computes does not make the first one late.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::command::Tool;
use crate::tests_run;
use crate::totals::Totals;

/// The tests that start the daemon, by package and name.
const PROCESSES: (&str, &str) = ("hall-controller", "hall");

/// One executable of tests.
#[derive(Debug, PartialEq, Eq)]
struct Binary {
    /// As it is told of: its package and which of its targets it is.
    name: String,
    path: PathBuf,
    /// The folder of its package, where `cargo test` starts it.
    folder: PathBuf,
}

/// Run every test of the workspace and add it to `totals`; gives whether all executables were content.
pub(crate) fn run(root: &Path, totals: &mut Totals) -> Result<bool> {
    let words = ["test", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"];
    let messages = Tool::new("cargo", &words).within(root).output()?;
    let binaries: Vec<Binary> = messages.lines().filter_map(binary).collect();
    let processes = format!("{} {}", PROCESSES.0, PROCESSES.1);
    let (waiting, computing): (Vec<Binary>, Vec<Binary>) =
        binaries.into_iter().partition(|binary| binary.name == processes);
    if waiting.is_empty() || computing.is_empty() {
        bail!("cargo named no executable of `{processes}` or none beside it; were they renamed?");
    }
    let niced = |path: &Path| Tool::new("nice", &["-n", "10"]).path(path).into_command();
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| lane(&waiting, |path| Command::new(path)));
        let second = lane(&computing, niced);
        (first.join(), second)
    });
    let (first, second) = (first.unwrap_or_else(|_| bail!("the lane of the processes panicked"))?, second?);
    totals.add(first.1);
    totals.add(second.1);
    // An example in the documentation is a test too.
    let examples = Tool::new("cargo", &["test", "--workspace", "--doc", "--quiet"]).within(root);
    Ok(first.0 & second.0 & tests_run::run(examples.into_command(), "", totals)?.success())
}

/// The executable that a message of cargo's tells of, if it is one of tests.
fn binary(message: &str) -> Option<Binary> {
    let message: Value = serde_json::from_str(message).ok()?;
    let test = message["profile"]["test"].as_bool()?;
    let path = PathBuf::from(message["executable"].as_str()?);
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_path_buf();
    let (target, kind) = (message["target"]["name"].as_str()?, message["target"]["kind"][0].as_str()?);
    // Cargo's own form: `path+file:///…/core#hall-core@0.1.0`, with the name left out if the folder has it.
    let package = message["package_id"].as_str()?;
    let (place, named) = package.rsplit_once('#')?;
    let package = named.split_once('@').map_or(place.rsplit_once('/')?.1, |(name, _)| name);
    let target = if kind == "test" { target } else { kind };
    test.then(|| Binary { name: format!("{package} {target}"), path, folder })
}

/// Run some executables one after the other, each line shown with whose it is.
fn lane(binaries: &[Binary], start: impl Fn(&Path) -> Command) -> Result<(bool, Totals)> {
    let (mut content, mut totals) = (true, Totals::default());
    for Binary { name, path, folder } in binaries {
        let mut command = start(path);
        // What cargo sets, in the place of what it set for this program.
        command.current_dir(folder).env("CARGO_MANIFEST_DIR", folder);
        let status = tests_run::run(command, &format!("{name} | "), &mut totals)?;
        if !status.success() {
            eprintln!("the tests of {name} failed ({status}): {}", path.display());
            content = false;
        }
    }
    Ok((content, totals))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(package: &str, kind: &str, target: &str, test: bool) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","package_id":"{package}","manifest_path":"/h/core/Cargo.toml",
            "target":{{"kind":["{kind}"],"name":"{target}"}},"profile":{{"test":{test}}},"executable":"/t/x-1"}}"#
        )
    }

    #[test]
    fn an_executable_is_named_by_its_package_and_target() {
        let name = |package, kind, target| {
            binary(&message(package, kind, target, true)).map_or_else(String::new, |binary| binary.name)
        };
        assert_eq!(name("path+file:///h/core#hall-core@0.1.0", "test", "hall"), "hall-core hall");
        assert_eq!(name("path+file:///h/xtask#0.1.0", "bin", "xtask"), "xtask bin");
        assert_eq!(name("path+file:///h/core#hall-core@0.1.0", "lib", "hall_core"), "hall-core lib");
    }

    #[test]
    fn only_executables_of_tests_are_run() {
        let package = "path+file:///h/daemon#hall-controller@0.1.0";
        assert_eq!(binary(&message(package, "bin", "hall-controller", false)), None);
        assert_eq!(binary(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(binary("   Compiling hall-core v0.1.0"), None);
        let folder = binary(&message(package, "test", "hall", true)).map(|binary| binary.folder);
        assert_eq!(folder, Some(PathBuf::from("/h/core")));
    }

    #[test]
    fn a_lane_counts_what_its_executables_say_and_goes_on_after_one_that_fails() -> Result<()> {
        let binary = |name: &str| Binary { name: name.into(), path: name.into(), folder: "/".into() };
        let says = |path: &Path| {
            let script = match path.to_str() {
                Some("red") => "echo running 2 tests; exit 1",
                _ => "echo running 1 test; echo 'test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured'",
            };
            let mut shell = Command::new("sh");
            shell.args(["-c", script]);
            shell
        };
        let (content, totals) = lane(&[binary("red"), binary("green")], says)?;
        assert!(!content);
        assert_eq!(totals.to_string(), "1 passed, 2 failed, 0 skipped");
        Ok(())
    }
}
