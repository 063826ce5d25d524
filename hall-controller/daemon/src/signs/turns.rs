//! Which screen of its own page a sign shows: small signs say a long page in turns.

use std::time::{Duration, Instant};

use hall_signs::Panel;
use hall_signs::page::Page;

/// The turns of a page's screens. A page that says something else and takes as many screens goes on where
/// the one before it was, so that a figure that changes often keeps no screen from its turn.
#[derive(Debug)]
pub(super) struct Turns {
    lasts: Duration,
    screens: usize,
    since: Option<Instant>,
    next: Option<Instant>,
}

impl Turns {
    /// Each screen is shown for so long.
    pub(super) const fn every(lasts: Duration) -> Self {
        Self { lasts, screens: 0, since: None, next: None }
    }

    /// The screen whose turn it is.
    pub(super) fn screen(&mut self, page: &Page, panel: Panel, now: Instant) -> usize {
        let screens = page.screens(panel);
        if screens != self.screens {
            *self = Self { screens, ..Self::every(self.lasts) };
        }
        if screens < 2 {
            return 0;
        }
        let since = *self.since.get_or_insert(now);
        let turn = now.saturating_duration_since(since).as_millis() / self.lasts.as_millis().max(1);
        let turn = u32::try_from(turn).unwrap_or(u32::MAX);
        self.next = Some(since + self.lasts.saturating_mul(turn.saturating_add(1)));
        usize::try_from(turn).unwrap_or(0) % screens
    }

    /// The page is not shown for a while: nobody waits for its next screen.
    pub(super) fn rest(&mut self) {
        self.next = None;
    }

    /// When the next one's turn comes; `None` with one screen.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use hall_protocol::sign::Depth;
    use hall_signs::page::{WindowContent, WindowPage};

    use super::*;

    fn idle(service: &str, waiting: u32) -> Page {
        let state = WindowContent::Idle { service: service.into(), waiting };
        Page::Window(WindowPage { label: "3".into(), state })
    }

    #[test]
    fn a_long_page_is_said_in_turns_though_its_figures_change_and_a_short_one_stands() {
        let panel = Panel::new(128, 32, Depth::Mono).unwrap();
        let (mut turns, begin) = (Turns::every(Duration::from_secs(3)), Instant::now());
        let after = |seconds| begin + Duration::from_secs(seconds);
        let long = |waiting| idle("不动产登记与房屋交易受理", waiting);
        let screens = long(1).screens(panel);
        assert!(screens > 1);
        for second in 0..12 {
            let shown = turns.screen(&long(1 + u32::try_from(second).unwrap() % 2), panel, after(second));
            assert_eq!(shown, usize::try_from(second / 3).unwrap() % screens, "after {second} s");
            assert_eq!(turns.poll_timeout(), Some(after((second / 3 + 1) * 3)));
        }
        turns.rest();
        assert_eq!(turns.poll_timeout(), None);
        assert_eq!(turns.screen(&idle("税务", 0), panel, after(13)), 0);
        assert_eq!(turns.poll_timeout(), None);
    }
}
