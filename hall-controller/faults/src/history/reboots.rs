//! Devices that lose their power while somebody waits for an answer: just after a press, which is when it matters
//! what they keep. Others restart at any time.

use super::{Act, Shape, Step};
use crate::random::Dice;

/// A press is said after 30 ms, and mostly answered within as much again.
const SOON_US: (u64, u64) = (31_000, 60_000);

/// With messages lost or the controller away it takes longer.
const LATER_US: (u64, u64) = (60_000, 5_000_000);

/// The restarts of a day whose other steps are those from the `first` on.
pub(super) fn a_day(dice: &mut Dice, shape: Shape, ends_us: u64, steps: &mut Vec<Step>, first: usize) {
    let press_of = |step: &Step| match step.act {
        Act::Press { pad, .. } => Some((step.at_us, shape.kiosks + pad)),
        Act::Take { kiosk, .. } => Some((step.at_us, kiosk)),
        _ => None,
    };
    let presses: Vec<_> = steps[first..].iter().filter_map(press_of).collect();
    if presses.is_empty() || !dice.percent(30) {
        return;
    }
    for _ in 0..dice.between(1, 3) {
        let nth = dice.between(1, u64::try_from(presses.len()).unwrap_or(1)) - 1;
        let Some((at_us, device)) = usize::try_from(nth).ok().and_then(|nth| presses.get(nth)) else {
            continue;
        };
        let (from_us, to_us) = if dice.percent(60) { SOON_US } else { LATER_US };
        let at_us = at_us + dice.between(from_us, to_us);
        let act =
            Act::Reboot { device: *device, keeps_sequence: dice.percent(60), keeps_store: dice.percent(75) };
        if at_us < ends_us {
            steps.push(Step { at_us, act });
        }
    }
}
