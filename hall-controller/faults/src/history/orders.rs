//! What the manager orders in a day: which services windows serve first, and which they help with. And whom the
//! staff takes for lost.

use super::{Act, SECOND_US, Shape, Step, small};
use crate::random::Dice;

pub(super) fn a_day(dice: &mut Dice, shape: Shape, begins_us: u64, ends_us: u64, steps: &mut Vec<Step>) {
    if shape.services < 2 || !dice.percent(40) {
        return;
    }
    for _ in 0..dice.between(1, 4) {
        let at_us = dice.between(begins_us, ends_us - SECOND_US);
        let (window, nth) = (small(dice, 0, u64::from(shape.windows) - 1), small(dice, 0, 255));
        steps.push(Step { at_us, act: Act::Allocate { window, nth } });
    }
}

/// A kiosk that is only cut off, or slow, is written off.
pub(super) fn losses(dice: &mut Dice, shape: Shape, begins_us: u64, ends_us: u64, steps: &mut Vec<Step>) {
    if dice.percent(15) {
        let at_us = dice.between(begins_us, ends_us - SECOND_US);
        steps.push(Step { at_us, act: Act::WriteOff { kiosk: small(dice, 0, u64::from(shape.kiosks) - 1) } });
    }
}
