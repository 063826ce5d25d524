//! Keys that bounce: from levels, read again and again, to the moments a key goes down.

/// A key is down or up once its level has been the same for so long. Key makers state 5 to 10 ms of
/// bouncing; worn contacts need twice that, and nobody presses a key for less than 40 ms.
const STEADY_MS: u64 = 20;

/// Up to sixteen keys, a bit each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keys {
    /// What they were found to be, and since when each has looked otherwise.
    down: u16,
    since_ms: [Option<u64>; u16::BITS as usize],
}

impl Keys {
    /// All keys up. A key that is held while the device starts does nothing until it is let go: it may be
    /// stuck.
    pub const fn new() -> Self {
        Self { down: u16::MAX, since_ms: [None; u16::BITS as usize] }
    }

    /// Look at the levels (a set bit: pressed), at least every ten milliseconds; gives the keys that went
    /// down.
    pub fn look(&mut self, pressed: u16, now_ms: u64) -> u16 {
        let mut went_down = 0;
        for (bit, since_ms) in self.since_ms.iter_mut().enumerate() {
            let mask = 1 << bit;
            if (pressed ^ self.down) & mask == 0 {
                *since_ms = None;
            } else if now_ms.saturating_sub(*since_ms.get_or_insert(now_ms)) >= STEADY_MS {
                *since_ms = None;
                self.down ^= mask;
                went_down |= pressed & mask;
            }
        }
        went_down
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// When which keys went down, the levels being given millisecond by millisecond.
    fn presses(levels: &[(u64, u16)], until_ms: u64) -> Vec<(u64, u16)> {
        let mut keys = Keys::new();
        let look = |now_ms| {
            let now = levels.iter().take_while(|(at_ms, _)| *at_ms <= now_ms).last();
            (now_ms, keys.look(now.map_or(0, |(_, level)| *level), now_ms))
        };
        (0..until_ms).map(look).filter(|(_, down)| *down != 0).collect()
    }

    #[test]
    fn a_key_that_bounces_is_pressed_once() {
        let bouncing = [(100, 1), (102, 0), (103, 1), (107, 0), (108, 1), (300, 0), (303, 1), (305, 0)];
        assert_eq!(presses(&bouncing, 1_000), [(128, 1)]);
    }

    #[test]
    fn a_spike_is_no_press_and_two_keys_are_two() {
        assert_eq!(presses(&[(100, 2), (119, 0)], 500), []);
        assert_eq!(presses(&[(100, 1), (110, 3)], 500), [(120, 1), (130, 2)]);
    }

    #[test]
    fn a_key_that_is_stuck_at_the_start_does_nothing_until_it_is_let_go() {
        assert_eq!(presses(&[(0, 4)], 500), []);
        assert_eq!(presses(&[(0, 4), (200, 0), (300, 4)], 500), [(320, 4)]);
    }
}
