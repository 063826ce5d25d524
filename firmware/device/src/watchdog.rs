//! When a board may feed its hardware watchdog: only while each of its tasks goes on.
//!
//! A watchdog fed by a timer alone keeps a board running whose main loop hangs. Here each task says
//! that it is alive; the board feeds when all have, and is reset by the hardware when one has not.

/// What must go on: `TASKS` tasks, each known by its number.
#[derive(Debug, Clone)]
pub struct Watchdog<const TASKS: usize> {
    alive_ms: [u64; TASKS],
    patience_ms: u64,
}

impl<const TASKS: usize> Watchdog<TASKS> {
    /// All tasks are taken to be alive now; each is to say so within `patience_ms` again and again.
    pub const fn new(patience_ms: u64, now_ms: u64) -> Self {
        Self { alive_ms: [now_ms; TASKS], patience_ms }
    }

    /// A task has done its work; a number that no task has changes nothing.
    pub fn alive(&mut self, task: usize, now_ms: u64) {
        if let Some(alive_ms) = self.alive_ms.get_mut(task) {
            *alive_ms = now_ms;
        }
    }

    /// Whether to feed the hardware now.
    pub fn may_feed(&self, now_ms: u64) -> bool {
        self.alive_ms.iter().all(|alive_ms| now_ms.saturating_sub(*alive_ms) <= self.patience_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_task_that_hangs_starves_the_watchdog() {
        let mut watchdog = Watchdog::<2>::new(100, 0);
        for now_ms in (0..=1_000).step_by(50) {
            watchdog.alive(0, now_ms);
            if now_ms <= 500 {
                watchdog.alive(1, now_ms);
            }
            assert_eq!(watchdog.may_feed(now_ms), now_ms <= 600, "{now_ms} ms");
        }
        watchdog.alive(7, 1_000);
    }
}
