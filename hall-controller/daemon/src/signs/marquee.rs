//! How the notices of a line's signs move through: each at the pace its line can carry.

use hall_signs::bus::SignSetup;
use hall_signs::pace::{Pace, SharedBy};
use hall_signs::page::ScrollPage;
use hall_signs::script::Slot;

use super::link;
use crate::config::{Line, Sign};
use crate::wall::Slide;

/// A sign's script with its notices at their pace. One that is seen at once stands for its whole time.
pub(super) fn script(line: &Line, sign: &Sign) -> Vec<Slot<Slide>> {
    let paced = |slot: &Slot<Slide>| {
        let Slide::Scroll(notice) = &slot.page else { return slot.clone() };
        let Some(Pace { step, lasts }) = pace(line, sign, notice) else { return slot.clone() };
        let page = Slide::Scroll(ScrollPage { step, ..notice.clone() });
        Slot { page, screen_lasts: lasts, ..slot.clone() }
    };
    sign.pages.iter().map(paced).collect()
}

/// How this notice moves on this sign of the line; `None` where it need not.
pub(crate) fn pace(line: &Line, sign: &Sign, notice: &ScrollPage) -> Option<Pace> {
    let setup = SignSetup { address: sign.address, panel: sign.panel };
    let mut codec = sign.model.weighing(setup, line.baud.rate());
    let has_one = |sign: &&Sign| sign.pages.iter().any(|slot| matches!(slot.page, Slide::Scroll(_)));
    let shared_by = SharedBy {
        baud: line.baud.rate(),
        bits_per_byte: line.serial.bits_per_byte(),
        longer: link::delay(&line.port),
        moving: u32::try_from(line.signs.iter().filter(has_one).count()).unwrap_or(u32::MAX),
    };
    Pace::of(notice, setup, codec.as_mut(), shared_by)
}
