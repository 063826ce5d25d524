//! Running tests with their output shown as it comes and summed on the way.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

use crate::totals::Totals;

/// Run a program of tests, or a `cargo test`, and add its tests to the sum; gives how it ended.
///
/// Each line is shown behind `mark`, which says whose it is where several run at once.
pub(crate) fn run(mut tests: Command, mark: &str, totals: &mut Totals) -> Result<ExitStatus> {
    let name = tests.get_program().to_string_lossy().into_owned();
    let mut child = tests.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{name}`"))?;
    let output = child.stdout.take().with_context(|| format!("`{name}` has no output to read"))?;
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    // Bytes, not text: a failing test may print anything.
    while reader.read_until(b'\n', &mut line).with_context(|| format!("cannot read what `{name}` says"))? > 0
    {
        totals.read_line(String::from_utf8_lossy(&line).trim_end());
        // Blank lines part one executable from the next, and tell nothing where several are mixed.
        if mark.is_empty() || line != b"\n" {
            let mut shown = std::io::stdout().lock();
            let written = shown.write_all(&[mark.as_bytes(), &line].concat());
            written.and_then(|()| shown.flush()).context("cannot show the tests' output")?;
        }
        line.clear();
    }
    totals.end();
    child.wait().with_context(|| format!("cannot wait for `{name}`"))
}
