//! Running `cargo test` with its output shown as it comes and summed on the way.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::command::Tool;
use crate::totals::Totals;

/// Run a `cargo test` and add its tests to the sum; gives whether cargo itself was content.
pub(crate) fn run(cargo_test: Tool, totals: &mut Totals) -> Result<bool> {
    let mut child =
        cargo_test.into_command().stdout(Stdio::piped()).spawn().context("cannot start `cargo test`")?;
    let output = child.stdout.take().context("`cargo test` has no output to read")?;
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
    Ok(status.success())
}
