//! Running `cargo test` with its output shown as it comes and summed on the way.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::command::Tool;
use crate::totals::Totals;

/// Run all tests of the workspace; gives their sum and whether cargo itself was content.
pub(crate) fn run(root: &Path) -> Result<(Totals, bool)> {
    let mut child = Tool::new("cargo", &["test", "--workspace", "--no-fail-fast"])
        .within(root)
        .into_command()
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start `cargo test`")?;
    let output = child.stdout.take().context("`cargo test` has no output to read")?;
    let mut totals = Totals::default();
    let mut shown = std::io::stdout().lock();
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    // Bytes, not text: a failing test may print anything.
    while reader.read_until(b'\n', &mut line).context("cannot read the output of `cargo test`")? > 0 {
        shown.write_all(&line).and_then(|()| shown.flush()).context("cannot show the tests' output")?;
        totals.read_line(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    totals.end();
    let status = child.wait().context("cannot wait for `cargo test`")?;
    Ok((totals, status.success()))
}
