//! A large number with words below or beside it: sizes come from trying all faces and keeping the most
//! legible choice. Lines below one another are [`super::sheet`]'s business.

use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

use crate::draw::{self, Align, area};
use crate::font::{Face, NUMBER, SMALL_TEXT, TEXT};
use crate::frame::{Frame, Light, Panel};

/// Between a number and the words beside it, at least, so that their digits never join.
pub(super) const GAP_PX: u16 = 8;

/// Between upright words and those beside them.
const UPRIGHT_GAP_PX: u16 = 4;

/// Height of the smallest text that is read from where people wait.
pub(super) const ROW_PX_MIN: u16 = 16;

/// A window as citizens are told of it: `3号窗口`, or its name if it has no number.
pub(crate) fn window_words(label: &str) -> String {
    if is_numbered(label) { format!("{label}号窗口") } else { label.to_owned() }
}

/// Whether a window is known by a number, such as `3` or `A12`, and not by a name.
pub(super) fn is_numbered(label: &str) -> bool {
    // What the number faces have.
    let drawn = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'-';
    !label.is_empty() && label.bytes().all(drawn)
}

/// The first of some ways to say the same that fits the panel's width in the smallest letters, the
/// last if none does.
pub(super) fn fitting<'a>(panel: Panel, wordings: &[&'a str]) -> &'a str {
    let fits = |words: &&&str| TEXT.last().is_some_and(|face| face.width_px(words) <= panel.width_px());
    wordings.iter().find(fits).or(wordings.last()).copied().unwrap_or_default()
}

/// `face`, or the largest smaller one in which the text is not cut short; `face` if there is none.
pub(super) fn shrunk(face: Face, text: &str, width_px: u16) -> Face {
    let smaller = TEXT.iter().filter(|other| other.cell_px() <= face.cell_px()).chain([&SMALL_TEXT]);
    smaller.copied().find(|face| face.width_px(text) <= width_px).unwrap_or(face)
}

/// Where words stand beside a large number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In one row under it.
    Below,
    /// In rows at its right.
    Beside,
    /// At its right in one row, after these words written from top to bottom.
    Upright(&'static str),
}

/// One way to say something beside a number, better or worse than others.
pub(super) struct Wording {
    /// How much it tells; what is larger counts against what tells more.
    pub(super) worth: u32,
    pub(super) place: Place,
    pub(super) rows: Vec<String>,
    /// At least half as large as the number, and read from where people wait.
    pub(super) large: bool,
}

/// The worth of a number without any words.
const WORTH_ALONE: u32 = 1;

/// Sizes for a number and its words.
pub(super) struct Choice<'a> {
    score: u32,
    number: Face,
    words: Option<(Face, &'a Wording)>,
}

impl Choice<'_> {
    /// Heights of number and words in pixels, if there are words.
    pub(super) fn heights_px(&self) -> Option<(u16, u16)> {
        self.words.map(|(text, _)| (self.number.cell_px(), text.cell_px()))
    }
}

/// The size and the wording that together are most legible, or `None` if not even the number has
/// room. Words that would be left out are in the letters read from nearby, if the number keeps its
/// height.
pub(super) fn choose<'a>(panel: Panel, number: &str, wordings: &'a [Wording]) -> Option<Choice<'a>> {
    let size = Size::new(panel.width_px().into(), panel.height_px().into());
    let faces = NUMBER.iter().copied().filter(|face| draw::largest(&[*face], number, size).is_some());
    let mut faces: Vec<Face> = faces.collect();
    if faces.is_empty() && panel.height_px() >= ROW_PX_MIN {
        // Narrower digits than the tall ones: better small than no number.
        faces.extend(draw::largest(&[SMALL_TEXT], number, size));
    }
    let best = best(panel, number, &faces, &TEXT, wordings)?;
    if best.words.is_some() {
        return Some(best);
    }
    let as_high = faces.into_iter().filter(|face| face.cell_px() == best.number.cell_px());
    self::best(panel, number, &as_high.collect::<Vec<_>>(), &[SMALL_TEXT], wordings)
}

/// The most legible of all these faces and wordings.
fn best<'a>(
    panel: Panel,
    number: &str,
    faces: &[Face],
    texts: &[Face],
    wordings: &'a [Wording],
) -> Option<Choice<'a>> {
    let mut best: Option<Choice<'_>> = None;
    for face in faces.iter().copied() {
        let score = |words_px: u16, worth: u32| u32::from(face.cell_px()) * u32::from(words_px) * worth;
        let alone = Choice { score: score(ROW_PX_MIN, WORTH_ALONE), number: face, words: None };
        let said = wordings.iter().flat_map(|wording| texts.iter().map(move |text| (*text, wording)));
        let said = said.filter(|(text, wording)| fits(panel, face, number, *text, wording)).map(
            |(text, wording)| Choice {
                score: score(text.cell_px(), wording.worth),
                number: face,
                words: Some((text, wording)),
            },
        );
        for choice in std::iter::once(alone).chain(said) {
            if best.as_ref().is_none_or(|best| choice.score > best.score) {
                best = Some(choice);
            }
        }
    }
    best
}

/// The widest of some rows.
fn width_px(face: Face, rows: &[String]) -> u16 {
    rows.iter().map(|row| face.width_px(row)).max().unwrap_or(0)
}

/// The face of upright words as high as `height_px` allows, and no larger than those beside them.
fn upright(words: &str, beside: Face, height_px: u16) -> Option<Face> {
    let count = u16::try_from(words.chars().count()).ok()?;
    let fits = |face: &&Face| face.cell_px() * count <= height_px && face.cell_px() <= beside.cell_px();
    TEXT.iter().chain([&SMALL_TEXT]).find(fits).copied()
}

/// Width of all words with the gap before them, or `None` if they are too high.
fn words_px(panel: Panel, text: Face, wording: &Wording) -> Option<u16> {
    let rows = u16::try_from(wording.rows.len()).ok()?;
    let width = width_px(text, &wording.rows);
    if rows * text.cell_px() > panel.height_px() {
        return None;
    }
    match wording.place {
        Place::Below => None,
        Place::Beside => Some(GAP_PX + width),
        Place::Upright(words) => {
            let upright = upright(words, text, panel.height_px())?;
            Some(GAP_PX + upright.cell_px() + UPRIGHT_GAP_PX + width)
        }
    }
}

/// The number is to be read first: its words are smaller, except where both are small.
fn words_px_max(number: Face) -> u16 {
    if number.cell_px() >= 32 { number.cell_px() * 3 / 4 } else { number.cell_px() }
}

fn fits(panel: Panel, face: Face, number: &str, text: Face, wording: &Wording) -> bool {
    let too_small = 2 * text.cell_px() < face.cell_px() || text.cell_px() < ROW_PX_MIN;
    if text.cell_px() > words_px_max(face) || wording.large && too_small {
        return false;
    }
    if wording.place == Place::Below {
        return face.cell_px() + text.cell_px() <= panel.height_px()
            && width_px(text, &wording.rows) <= panel.width_px();
    }
    words_px(panel, text, wording).is_some_and(|words| face.width_px(number) + words <= panel.width_px())
}

/// Where the number stands.
pub(super) fn number_area(panel: Panel, number: &str, choice: &Choice<'_>) -> Rectangle {
    let (width, height) = (panel.width_px(), panel.height_px());
    let face = choice.number;
    match choice.words {
        None => area(0, 0, width, height),
        Some((text, wording)) if wording.place == Place::Below => {
            let gap = height.saturating_sub(face.cell_px() + text.cell_px()) / 3;
            area(0, gap, width, face.cell_px())
        }
        Some((text, wording)) => {
            area(left_px(panel, face, number, text, wording), 0, face.width_px(number), height)
        }
    }
}

/// What is left and right of a number and its words and between them: equal shares, but not so far
/// apart that they do not belong together.
fn left_px(panel: Panel, face: Face, number: &str, text: Face, wording: &Wording) -> u16 {
    let spare = spare_px(panel, face, number, text, wording);
    (spare - between_px(face, spare)) / 2
}

fn between_px(face: Face, spare: u16) -> u16 {
    (spare / 3).min(face.cell_px() / 4)
}

fn spare_px(panel: Panel, face: Face, number: &str, text: Face, wording: &Wording) -> u16 {
    let taken = face.width_px(number) + words_px(panel, text, wording).unwrap_or(0);
    panel.width_px().saturating_sub(taken)
}

/// Draw a number and its words; `lights` are those of the number, the first row of words, and the
/// others.
pub(super) fn place(frame: &mut Frame, number: &str, choice: &Choice<'_>, lights: [Light; 3]) {
    let [light, first_light, rest_light] = lights;
    let panel = frame.panel();
    let (width, height) = (panel.width_px(), panel.height_px());
    let face = choice.number;
    let at = number_area(panel, number, choice);
    let Some((text, wording)) = choice.words else {
        draw::text(frame, face, number, at, Align::Centre, light);
        return;
    };
    if wording.place == Place::Below {
        let gap = height.saturating_sub(face.cell_px() + text.cell_px()) / 3;
        draw::text(frame, face, number, at, Align::Centre, light);
        let row = area(0, 2 * gap + face.cell_px(), width, text.cell_px());
        for words in &wording.rows {
            draw::text(frame, text, words, row, Align::Centre, first_light);
        }
        return;
    }
    draw::text(frame, face, number, at, Align::Left, light);
    let between = between_px(face, spare_px(panel, face, number, text, wording));
    let left = left_px(panel, face, number, text, wording);
    let mut x = left + face.width_px(number) + between + GAP_PX;
    if let Place::Upright(words) = wording.place
        && let Some(upright) = upright(words, text, height)
    {
        let count = u16::try_from(words.chars().count()).unwrap_or(1);
        let gap = height.saturating_sub(count * upright.cell_px()) / (count + 1);
        let mut y = gap;
        for word in words.chars() {
            let cell = area(x, y, upright.cell_px(), upright.cell_px());
            draw::text(frame, upright, word.encode_utf8(&mut [0; 4]), cell, Align::Centre, first_light);
            y += upright.cell_px() + gap;
        }
        x += upright.cell_px() + UPRIGHT_GAP_PX;
    }
    let rows = u16::try_from(wording.rows.len()).unwrap_or(1);
    let gap = height.saturating_sub(rows * text.cell_px()) / (rows + 1);
    let words_px = width_px(text, &wording.rows);
    let mut y = gap;
    let row_lights = std::iter::once(first_light).chain(std::iter::repeat(rest_light));
    for (words, light) in wording.rows.iter().zip(row_lights) {
        draw::text(frame, text, words, area(x, y, words_px, text.cell_px()), Align::Left, light);
        y += text.cell_px() + gap;
    }
}

#[cfg(test)]
mod tests {
    use hall_protocol::sign::Depth;
    use proptest::prelude::*;

    use super::*;

    fn wording(worth: u32, row: &str) -> Wording {
        Wording { worth, place: Place::Beside, rows: vec![row.to_owned()], large: false }
    }

    #[test]
    fn words_beside_a_number_are_small_only_where_they_would_be_left_out() {
        let heights = |width_px, words: &[Wording]| {
            let panel = Panel::new(width_px, 16, Depth::Mono).unwrap();
            choose(panel, "A012", words).unwrap().heights_px()
        };
        assert_eq!(heights(104, &[wording(6, "综合窗口")]), Some((16, 16)));
        assert_eq!(heights(96, &[wording(6, "综合窗口")]), Some((16, 12)));
        // A shorter wording in larger letters goes before the whole one in small letters.
        assert_eq!(heights(96, &[wording(6, "综合窗口"), wording(2, "综合")]), Some((16, 16)));
        assert_eq!(heights(80, &[wording(6, "综合窗口")]), None);
    }

    proptest! {
        #[test]
        fn a_text_is_small_only_where_it_would_be_cut_short(
            text in "[社会保险登记A-Z0-9 ]{0,9}", width_px in 0_u16..300, face in 0..TEXT.len()
        ) {
            let chosen = shrunk(TEXT[face], &text, width_px);
            let fits = |face: Face| face.width_px(&text) <= width_px;
            let usual = |face: Face| TEXT.iter().any(|other| other.cell_px() == face.cell_px());
            // Of a blank alone the larger face can be the narrower one.
            let usual_fits = TEXT[face..].iter().any(|face| fits(*face));
            prop_assert_eq!(fits(chosen), usual_fits || fits(SMALL_TEXT));
            prop_assert_eq!(!usual(chosen), fits(SMALL_TEXT) && !usual_fits);
            prop_assert!(chosen.cell_px() <= TEXT[face].cell_px());
        }
    }
}
