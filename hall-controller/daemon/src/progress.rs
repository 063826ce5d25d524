//! A progress bar on standard error, for commands that take longer than a moment.
//!
//! Where nobody watches (no terminal) it is silent, so that logs and pipes stay clean.

use std::io::{IsTerminal, Write, stderr};

/// Characters between the bar's brackets.
const WIDTH: u64 = 40;

/// A bar that is redrawn in place and gone when dropped.
pub struct Bar {
    what: &'static str,
    terminal: bool,
    drawn: Option<u64>,
}

impl Bar {
    /// A bar for what is being done, such as `copying`.
    pub fn on_stderr(what: &'static str) -> Self {
        Self { what, terminal: stderr().is_terminal(), drawn: None }
    }

    /// So many parts of so many are done.
    pub fn show(&mut self, done: u64, of: u64) {
        let percent = percent(done, of);
        if !self.terminal || self.drawn == Some(percent) {
            return;
        }
        self.drawn = Some(percent);
        // A terminal that is gone is no reason to stop.
        let _ = write!(stderr(), "\r{}", line(self.what, percent));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let _ = write!(stderr(), "\r\x1b[2K");
        }
    }
}

fn percent(done: u64, of: u64) -> u64 {
    let parts = u128::from(done.min(of)) * 100;
    parts.checked_div(of.into()).and_then(|percent| u64::try_from(percent).ok()).unwrap_or(100)
}

fn line(what: &str, percent: u64) -> String {
    let filled = percent * WIDTH / 100;
    let part = |sign: &str, count: u64| sign.repeat(usize::try_from(count).unwrap_or(0));
    format!("{what} [{}{}] {percent:>3} %", part("#", filled), part(".", WIDTH - filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_from_nothing_to_all_and_never_beyond() {
        assert_eq!(line("copying", 0), format!("copying [{}]   0 %", ".".repeat(40)));
        assert_eq!(
            line("copying", percent(3, 6)),
            format!("copying [{}{}]  50 %", "#".repeat(20), ".".repeat(20))
        );
        for (done, of) in [(6, 6), (9, 6), (0, 0), (u64::MAX, u64::MAX)] {
            assert!(line("copying", percent(done, of)).ends_with(&format!("[{}] 100 %", "#".repeat(40))));
        }
    }
}
