//! How a notice moves through on a sign of a line: as evenly as the line can carry, and never faster than it
//! is read.
//!
//! The native protocol and those of cards that are sent pictures have no request by which the sign itself
//! moves a text, so each step is a picture, whose cost the codec knows. Cards with letters of their own move
//! a text by themselves ([`crate::substitute::Substitute::moves`]).

use std::fmt;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use crate::bus::SignSetup;
use crate::codec::{Awaits, Codec, Request};
use crate::page::{Page, ScrollPage, Step};
use crate::substitute::Ability;
use crate::words::Showing;

/// A hanzi goes by in this time: two a second are read with ease by who walks past.
pub const CHARACTER_LASTS: Duration = Duration::from_millis(500);

/// No step is shorter. Twenty-five a second look even; more would keep the controller busy for nothing.
const STEP_LASTS_MIN: Duration = Duration::from_millis(40);

/// What moves has one in so many parts of a line's time: the rest is for calls, polls and repetitions.
const LINE_SHARE: u32 = 2;

/// From a request's last byte to the first of its answer: adapters collect bytes for up to 16 ms, and a sign
/// thinks for some 5 ms.
const ANSWER_TAKES: Duration = Duration::from_millis(20);

/// A letter stands in at least so many places on its way by its own width; where it would in fewer, whole
/// letters are easier to read.
const STEPS_A_LETTER_MIN: u16 = 2;

/// So many steps of a round are weighed.
const STEPS_WEIGHED: usize = 8;

/// The line a sign hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedBy {
    /// Its speed, in bits a second.
    pub baud: u32,
    /// Bits on the wire for each byte.
    pub bits_per_byte: u32,
    /// How much longer an answer takes than on a port of this machine.
    pub longer: Duration,
    /// How many of its signs may have a notice that moves at the same time.
    pub moving: u32,
}

/// How far a notice moves at a time, and how long it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How far.
    pub step: Step,
    /// How long each step is shown.
    pub lasts: Duration,
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, thing) = match self.step {
            Step::Pixels(step) => (step, "pixel"),
            Step::Characters(step) => (step, "character"),
        };
        let plural = if count.get() == 1 { "" } else { "s" };
        write!(f, "{count} {thing}{plural} every {} ms", self.lasts.as_millis())
    }
}

impl Pace {
    /// How this notice moves on this sign; `None` where it need not, since all of it is seen at once.
    ///
    /// The smallest step whose picture has its share of the line's time. On a line too slow for steps of
    /// pixels it goes by whole characters, then by several, and at last slower than it could be read.
    pub fn of(page: &ScrollPage, sign: SignSetup, codec: &mut dyn Codec, line: SharedBy) -> Option<Self> {
        let (panel, letters_px) = (sign.panel, page.letters_px(sign.panel)?);
        if page.screens(panel) == 1 {
            return None;
        }
        if codec.ability() != Ability::Pixels {
            // It moves by itself; one step is the whole round.
            let round = NonZeroU16::new(page.characters())?;
            return Some(Self {
                step: Step::Characters(round),
                lasts: CHARACTER_LASTS * u32::from(round.get()),
            });
        }
        let mut takes = |step: Step| line.takes(&ScrollPage { step, ..page.clone() }, sign, codec);
        for step in (1..=letters_px / STEPS_A_LETTER_MIN).filter_map(NonZeroU16::new) {
            let lasts = read_in(step, letters_px);
            if lasts >= STEP_LASTS_MIN && lasts >= takes(Step::Pixels(step)) {
                return Some(Self { step: Step::Pixels(step), lasts });
            }
        }
        // No character goes by unseen.
        let seen_at_once = NonZeroU16::new(panel.width_px() / letters_px).unwrap_or(NonZeroU16::MIN);
        let (mut step, mut lasts) = (NonZeroU16::MIN, CHARACTER_LASTS);
        let cost = takes(Step::CHARACTER);
        while lasts < cost && step < seen_at_once {
            step = step.saturating_add(1);
            lasts = CHARACTER_LASTS * u32::from(step.get());
        }
        Some(Self { step: Step::Characters(step), lasts: lasts.max(takes(Step::Characters(step))) })
    }
}

/// In which time so many pixels of letters this wide go by, not faster than they are read.
fn read_in(step: NonZeroU16, letters_px: u16) -> Duration {
    let nanos = CHARACTER_LASTS.as_nanos() * u128::from(step.get());
    Duration::from_nanos(u64::try_from(nanos.div_ceil(letters_px.into())).unwrap_or(u64::MAX))
}

impl SharedBy {
    /// How long a step has to last for the sign to have no more than its share of the line.
    fn takes(self, page: &ScrollPage, sign: SignSetup, codec: &mut dyn Codec) -> Duration {
        let count = page.screens(sign.panel);
        let showing = |screen: usize| Showing {
            frame: Arc::new(page.render(sign.panel, screen)),
            words: Page::Scroll(page.clone()).words(),
            blink: None,
            say: None,
        };
        let weighed = (0..STEPS_WEIGHED).map(|part| part * count / STEPS_WEIGHED);
        let mut longest = Duration::ZERO;
        for from in weighed {
            let requests = codec.show(Some(&showing(from)), &showing(from + 1), 0).unwrap_or_default();
            let rest = codec.rest(self.baud);
            longest = longest.max(requests.iter().map(|request| self.occupies(request) + rest).sum());
        }
        longest * LINE_SHARE * self.moving.max(1)
    }

    /// How long one request occupies the line.
    fn occupies(self, request: &Request) -> Duration {
        let (answer_bytes, waits) = match request.awaits {
            Awaits::Answer { bytes_max } => (bytes_max, ANSWER_TAKES + self.longer),
            Awaits::Silence { rest_ms } => (0, Duration::from_millis(rest_ms.into())),
        };
        let bytes = u64::try_from(request.bytes.len() + answer_bytes).unwrap_or(u64::MAX);
        let bits = bytes.saturating_mul(self.bits_per_byte.into());
        waits + Duration::from_micros(bits.saturating_mul(1_000_000) / u64::from(self.baud.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use hall_protocol::sign::{Depth, SignAddress};
    use proptest::prelude::*;

    use super::*;
    use crate::codec::model::Model;
    use crate::codec::{alpha, cp5200, onbon};
    use crate::frame::Panel;

    const TEXT: &str = "今日下午系统升级，暂停办理不动产登记业务，请各位办事群众合理安排时间";

    fn pace(model: &Model, (width_px, height_px): (u16, u16), baud: u32, moving: u32) -> Option<Pace> {
        let panel = Panel::new(width_px, height_px, Depth::Mono).unwrap();
        let sign = SignSetup { address: SignAddress::FIRST, panel };
        let mut codec = model.weighing(sign, baud);
        let line = SharedBy { baud, bits_per_byte: 10, longer: Duration::ZERO, moving };
        Pace::of(&ScrollPage::new(TEXT), sign, codec.as_mut(), line)
    }

    fn told(model: &Model, size: (u16, u16), baud: u32, moving: u32) -> String {
        pace(model, size, baud, moving).map_or_else(String::new, |pace| pace.to_string())
    }

    fn pictures(width_px: u16, height_px: u16) -> Model {
        Model::Cp5200(cp5200::Setup { card: 1, width_px, height_px, pages: cp5200::Pages::Pictures })
    }

    #[test]
    fn a_slow_line_steps_further_then_by_characters_then_by_several() {
        let small = (64, 16);
        let steps = [921_600, 115_200, 57_600, 19_200, 9_600, 4_800, 2_400]
            .map(|baud| told(&Model::Native, small, baud, 1));
        assert_eq!(
            steps,
            [
                "3 pixels every 93 ms",
                "4 pixels every 125 ms",
                "5 pixels every 156 ms",
                "1 character every 500 ms",
                "1 character every 500 ms",
                "3 characters every 1500 ms",
                "4 characters every 2484 ms",
            ]
        );
        assert_eq!(told(&Model::Native, small, 115_200, 2), "8 pixels every 250 ms");
        let bx6q = Model::OnbonBx6q(onbon::bx6q::Setup::default());
        assert_eq!(told(&bx6q, small, 57_600, 1), "3 characters every 1500 ms");
        assert_eq!(told(&pictures(64, 16), small, 115_200, 1), "3 pixels every 93 ms");
    }

    #[test]
    fn letters_of_the_sign_s_own_are_left_to_it_and_what_is_seen_at_once_stands() {
        let alpha = Model::Alpha(alpha::Setup::new(1, 16));
        let whole = pace(&alpha, (128, 16), 9_600, 1).unwrap();
        let panel = Panel::new(128, 16, Depth::Mono).unwrap();
        assert_eq!(ScrollPage { step: whole.step, ..ScrollPage::new(TEXT) }.screens(panel), 1);
        assert_eq!(whole.lasts, CHARACTER_LASTS * u32::from(ScrollPage::new(TEXT).characters()));
        let panel = Panel::new(512, 16, Depth::Mono).unwrap();
        let sign = SignSetup { address: SignAddress::FIRST, panel };
        let line = SharedBy { baud: 9_600, bits_per_byte: 10, longer: Duration::ZERO, moving: 1 };
        let short = ScrollPage::new("今日停电");
        assert_eq!(Pace::of(&short, sign, Model::Native.weighing(sign, 9_600).as_mut(), line), None);
    }

    #[test]
    fn later_answers_and_longer_bytes_make_steps_last_longer() {
        let panel = Panel::new(64, 16, Depth::Mono).unwrap();
        let sign = SignSetup { address: SignAddress::FIRST, panel };
        let lasts = |line: SharedBy| {
            let mut codec = Model::Native.weighing(sign, line.baud);
            Pace::of(&ScrollPage::new(TEXT), sign, codec.as_mut(), line).unwrap().lasts
        };
        let line = SharedBy { baud: 57_600, bits_per_byte: 10, longer: Duration::ZERO, moving: 1 };
        assert!(lasts(SharedBy { longer: Duration::from_millis(100), ..line }) > lasts(line));
        let slow = SharedBy { baud: 2_400, ..line };
        assert!(lasts(SharedBy { bits_per_byte: 11, ..slow }) > lasts(slow));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_moves_faster_than_it_is_read_or_than_its_share_of_the_line_allows(
            baud in prop::sample::select(vec![2_400_u32, 9_600, 57_600, 115_200, 921_600]),
            width in 4_u16..20, height in prop::sample::select(vec![16_u16, 24, 32, 64]), moving in 1_u32..8,
            model in prop::sample::select(vec![0, 1, 2]),
        ) {
            let size = (width * 8, height);
            let models = [
                Model::Native,
                Model::OnbonBx6q(onbon::bx6q::Setup::default()),
                pictures(size.0, size.1),
            ];
            let panel = Panel::new(size.0, size.1, Depth::Mono).unwrap();
            let letters_px = ScrollPage::new(TEXT).letters_px(panel).unwrap();
            let pace = pace(&models[model], size, baud, moving).unwrap();
            let characters = match pace.step {
                Step::Pixels(step) => f64::from(step.get()) / f64::from(letters_px),
                Step::Characters(step) => f64::from(step.get()),
            };
            prop_assert!(characters / pace.lasts.as_secs_f64() <= 2.0, "{pace}");
            prop_assert!(pace.lasts >= STEP_LASTS_MIN);
            let sign = SignSetup { address: SignAddress::FIRST, panel };
            let line = SharedBy { baud, bits_per_byte: 10, longer: Duration::ZERO, moving };
            let page = ScrollPage { step: pace.step, ..ScrollPage::new(TEXT) };
            let takes = line.takes(&page, sign, models[model].weighing(sign, baud).as_mut());
            prop_assert!(takes <= pace.lasts, "{pace} takes {takes:?}");
        }
    }
}
