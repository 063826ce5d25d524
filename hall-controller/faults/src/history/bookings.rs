//! The appointments of a day: what the city's booking system asks, who comes for an appointment, and the
//! times at which the controller's process stands still.
//!
//! They have dice of their own, so that a hall without them stays as it was.

use super::{Act, SECOND_US, Shape, Step, small};
use crate::bookings::AWAY;
use crate::random::{Dice, Weather};

/// Ids the booking system uses on one day: few, so that it asks for the same again.
pub(super) const IDS: u64 = 12;

/// Standstills longer than this are of days made longer for them.
const SHORT_US: u64 = 9 * SECOND_US;

/// How long the process stands still in the middle of a day that is longer by it; 0 mostly.
pub(super) fn long_standstill(dice: &mut Dice) -> u64 {
    if dice.percent(4) { dice.between(30, 120) * SECOND_US } else { 0 }
}

/// The standstills of a day that is longer by `long_us`.
pub(super) fn standstills(
    dice: &mut Dice,
    begins_us: u64,
    ends_us: u64,
    long_us: u64,
    steps: &mut Vec<Step>,
) {
    if long_us > 0 {
        let at_us = dice.between(begins_us, ends_us - long_us - SECOND_US);
        steps.push(Step { at_us, act: Act::Standstill { for_us: long_us } });
    } else if dice.percent(12) {
        let for_us = dice.between(SECOND_US, SHORT_US);
        let at_us = dice.between(begins_us, ends_us - for_us - SECOND_US);
        steps.push(Step { at_us, act: Act::Standstill { for_us } });
    }
}

/// What is booked, changed and cancelled in a day, and who comes.
pub(super) fn a_day(dice: &mut Dice, shape: Shape, begins_us: u64, ends_us: u64, steps: &mut Vec<Step>) {
    if !shape.rules.books {
        return;
    }
    if dice.percent(60) {
        // The city hands in its list before the hall opens.
        let act = Act::Import { rows: small(dice, 2, 6), nth: small(dice, 0, 255) };
        steps.push(Step { at_us: begins_us + dice.between(0, 2 * SECOND_US), act });
    }
    for _ in 0..dice.between(3, 12) {
        let at_us = dice.between(begins_us, ends_us - SECOND_US);
        steps.push(Step { at_us, act: one(dice, shape) });
    }
    if dice.percent(30) {
        let at_us = dice.between(begins_us, ends_us - SECOND_US);
        let (percent, for_us) = (small(dice, 10, 60), dice.between(SECOND_US, ends_us - at_us));
        steps
            .push(Step { at_us, act: Act::Weather { weather: Weather::Lose, place: AWAY, percent, for_us } });
    }
}

fn one(dice: &mut Dice, shape: Shape) -> Act {
    let kiosk = small(dice, 0, u64::from(shape.kiosks) - 1);
    let service = small(dice, 0, u64::from(shape.services) - 1);
    let (appointment, nth) = (small(dice, 0, IDS - 1), small(dice, 0, 255));
    dice.weighed(&[
        (6, Act::CheckIn { kiosk, nth }),
        (4, Act::Book { appointment, service, nth }),
        (1, Act::Unbook { appointment }),
        (1, Act::Import { rows: nth % 4 + 1, nth }),
    ])
}
