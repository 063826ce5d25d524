//! When to hear what the broker has kept from before this process came, and when to stop. Pure.

use std::time::{Duration, Instant};

/// What a broker has retained comes right after it is asked for, and nothing says which message is the last.
/// A thousand of them take a fraction of this.
const ALL_CAME: Duration = Duration::from_secs(5);

/// Once a process: what is retained later, it has published itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LookBack {
    /// At the next connection.
    Ahead,
    /// Asked for at this instant.
    Asked(Instant),
    /// Done, or never asked for.
    Over,
}

impl LookBack {
    pub(super) fn new(wanted: bool) -> Self {
        if wanted { Self::Ahead } else { Self::Over }
    }

    /// Whether to ask, on a connection that came up at `now`. One that was lost meanwhile may have lost some.
    pub(super) fn begins(&mut self, now: Instant) -> bool {
        let begins = *self != Self::Over;
        if begins {
            *self = Self::Asked(now);
        }
        begins
    }

    /// Whether all has come by `now`; true once.
    pub(super) fn ends(&mut self, now: Instant) -> bool {
        let ends = matches!(self, Self::Asked(at) if now.duration_since(*at) >= ALL_CAME);
        if ends {
            *self = Self::Over;
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_once_and_again_only_if_the_connection_was_lost_before_all_came() {
        let start = Instant::now();
        let mut look_back = LookBack::new(true);
        assert!(!look_back.ends(start + ALL_CAME), "nothing was asked for");
        assert!(look_back.begins(start));
        let again = start + ALL_CAME / 2;
        assert!(look_back.begins(again), "lost and back");
        assert!(!look_back.ends(start + ALL_CAME));
        assert!(look_back.ends(again + ALL_CAME));
        assert!(!look_back.ends(again + 2 * ALL_CAME));
        assert!(!look_back.begins(again + 2 * ALL_CAME));
        assert!(!LookBack::new(false).begins(start));
    }
}
