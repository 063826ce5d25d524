//! Running text: broken into lines, the lines into screens.
//!
//! Chinese may be broken between any two characters, but no line begins with a closing mark or
//! ends with an opening one (GB/T 15834-2011, 标点符号用法, section 5.1); Latin words stay whole.

use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

use crate::draw::{self, Align, area};
use crate::font::{Face, SMALL_TEXT, TEXT};
use crate::frame::{Frame, Light};

/// Marks that may not begin a line.
const CLOSING: &str = "，。、；：？！）》〉」』】〕”’…—,.;:?!)]}%";

/// Marks that may not end a line.
const OPENING: &str = "（《〈「『【〔“‘([{";

/// Lines of fewer characters are hard to read, unless the text has no more.
const CHARACTERS_A_LINE_MIN: u16 = 4;

/// The same where a text takes several screens: larger letters would take too many.
const CHARACTERS_A_LINE_OF_SCREENS_MIN: u16 = 8;

/// How long a reader who walks by needs for a hanzi and for a Latin letter, in milliseconds: five hanzi or
/// twelve letters a second, a little slower than subtitles are made for.
const HANZI_MS: u64 = 200;
const LATIN_MS: u64 = 80;

/// A text set for an area.
pub(super) struct Block {
    face: Face,
    /// Words that are longer than a line.
    broken: usize,
    lines: Vec<String>,
    rows: usize,
}

impl Block {
    /// The largest letters in which the whole text is seen at once; where there are none, letters
    /// in which it takes several screens. `None` if the area has no room for a single line.
    pub(super) fn set(text: &str, within: Size) -> Option<Self> {
        let width_px = u16::try_from(within.width).unwrap_or(u16::MAX);
        let height_px = u16::try_from(within.height).unwrap_or(u16::MAX);
        let characters = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
        let legible = |face: &Face, least: u16| width_px / face.cell_px() >= least.min(characters);
        let with = |face: Face| {
            let rows = usize::from(height_px / face.cell_px());
            (rows > 0).then(|| Self::with(text, face, width_px, rows))
        };
        let whole = TEXT.iter().filter(|face| legible(face, CHARACTERS_A_LINE_MIN));
        let whole = whole.filter_map(|face| with(*face)).find(|block| block.lines.len() <= block.rows);
        let mut small = TEXT.iter().filter(|face| legible(face, CHARACTERS_A_LINE_OF_SCREENS_MIN));
        whole
            .or_else(|| small.find_map(|face| with(*face)))
            .or_else(|| TEXT.last().and_then(|face| with(*face)))
    }

    /// The same, but a text that takes several screens of the smallest letters is all seen at once in
    /// those read from nearby, if it has room. A sign that low and narrow hangs nearby.
    pub(super) fn set_nearby(text: &str, within: Size) -> Option<Self> {
        let block = Self::set(text, within)?;
        let smallest = TEXT.last().is_some_and(|face| face.cell_px() == block.face.cell_px());
        if !smallest || block.screens() == 1 {
            return Some(block);
        }
        let width_px = u16::try_from(within.width).unwrap_or(u16::MAX);
        let rows = usize::try_from(within.height).unwrap_or(usize::MAX) / usize::from(SMALL_TEXT.cell_px());
        let nearby = Self::with(text, SMALL_TEXT, width_px, rows);
        Some(if nearby.screens() == 1 { nearby } else { block })
    }

    /// The same, but soon said: letters read from nearby are taken, too, if they save half of the screens or
    /// leave words whole.
    pub(super) fn set_soon(text: &str, within: Size) -> Option<Self> {
        let block = Self::set_nearby(text, within)?;
        let smallest = TEXT.last().is_some_and(|face| face.cell_px() == block.face.cell_px());
        if !smallest || block.screens() == 1 && block.broken == 0 {
            return Some(block);
        }
        let width_px = u16::try_from(within.width).unwrap_or(u16::MAX);
        let rows = usize::try_from(within.height).unwrap_or(usize::MAX) / usize::from(SMALL_TEXT.cell_px());
        let nearby = Self::with(text, SMALL_TEXT, width_px, rows);
        let is_better = nearby.broken < block.broken || 2 * nearby.screens() <= block.screens();
        Some(if is_better { nearby } else { block })
    }

    fn with(text: &str, face: Face, width_px: u16, rows: usize) -> Self {
        let broken = broken_words(text, face, width_px);
        Self { face, broken, lines: wrap(text, face, width_px), rows }
    }

    /// How many words are broken, because they are longer than a line.
    pub(super) fn broken(&self) -> usize {
        self.broken
    }

    /// Height of its letters, in pixels.
    pub(super) fn letters_px(&self) -> u16 {
        self.face.cell_px()
    }

    /// How long it takes to read its fullest screen, in milliseconds.
    pub(super) fn reading_ms(&self) -> u64 {
        let of_character = |character: char| if character.is_ascii() { LATIN_MS } else { HANZI_MS };
        let of_line = |line: &String| line.chars().map(of_character).sum::<u64>();
        self.lines.chunks(self.rows).map(|screen| screen.iter().map(of_line).sum()).max().unwrap_or(0)
    }

    /// How many screens the text takes, at least one.
    pub(super) fn screens(&self) -> usize {
        self.lines.len().div_ceil(self.rows).max(1)
    }

    /// Draw one of its screens; one line stands in the middle, several begin at the same edge.
    pub(super) fn draw(&self, frame: &mut Frame, within: Rectangle, screen: usize, light: Light) {
        let lines = self.lines.chunks(self.rows).nth(screen).unwrap_or_default();
        let cell_px = self.face.cell_px();
        let (Ok(left), Ok(top)) = (u16::try_from(within.top_left.x), u16::try_from(within.top_left.y)) else {
            return;
        };
        let width_px = u16::try_from(within.size.width).unwrap_or(u16::MAX);
        let height_px = u16::try_from(within.size.height).unwrap_or(u16::MAX);
        let count = u16::try_from(lines.len()).unwrap_or(1);
        let gap = height_px.saturating_sub(count * cell_px) / (count + 1);
        let widest = lines.iter().map(|line| self.face.width_px(line)).max().unwrap_or(0);
        let (x, align) = match lines {
            [_] => (left, Align::Centre),
            _ => (left + width_px.saturating_sub(widest) / 2, Align::Left),
        };
        let mut y = top + gap;
        for line in lines {
            let row = area(x, y, width_px - (x - left), cell_px);
            draw::text(frame, self.face, line, row, align, light);
            y += cell_px + gap;
        }
    }
}

/// The text in as few lines of at most `width_px` as can be, about equally long.
pub(super) fn balanced(text: &str, face: Face, width_px: u16) -> Vec<String> {
    let lines = wrap(text, face, width_px);
    let (Ok(count), 1) = (u16::try_from(lines.len()), text.lines().count()) else { return lines };
    if count < 2 {
        return lines;
    }
    let step_px = usize::from(face.advance_px('0').max(1));
    let narrower = (face.width_px(text) / count..width_px).step_by(step_px);
    let same = |width_px: u16| Some(wrap(text, face, width_px)).filter(|tried| tried.len() == lines.len());
    let breaks = breaks_words(text, face, width_px);
    let narrower = narrower.filter(|width_px| breaks || !breaks_words(text, face, *width_px));
    narrower.into_iter().find_map(same).unwrap_or(lines)
}

/// Whether some word is longer than a line, so that it is broken.
pub(super) fn breaks_words(text: &str, face: Face, width_px: u16) -> bool {
    broken_words(text, face, width_px) > 0
}

fn broken_words(text: &str, face: Face, width_px: u16) -> usize {
    text.lines().flat_map(units).filter(|unit| face.width_px(unit.trim_end()) > width_px).count()
}

/// The text in lines of at most `width_px`; a line break in the text is one on the sign.
fn wrap(text: &str, face: Face, width_px: u16) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines().map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let mut line = String::new();
        for unit in units(paragraph) {
            if face.width_px(&line).saturating_add(face.width_px(unit.trim_end())) <= width_px {
                line.push_str(unit);
                continue;
            }
            finish(&mut line, &mut lines);
            for character in unit.chars() {
                let wide = face.width_px(&line).saturating_add(face.advance_px(character)) > width_px;
                if wide && !character.is_whitespace() {
                    finish(&mut line, &mut lines);
                }
                line.push(character);
            }
        }
        finish(&mut line, &mut lines);
    }
    lines
}

fn finish(line: &mut String, lines: &mut Vec<String>) {
    let whole = std::mem::take(line);
    let trimmed = whole.trim();
    if !trimmed.is_empty() {
        lines.push(trimmed.to_owned());
    }
}

/// The text in two parts about equally long; `None` where it may not be broken.
pub(super) fn halves(text: &str) -> Option<(&str, &str)> {
    let total = text.chars().count();
    let mut ends = units(text).scan(0, |end, unit| {
        *end += unit.len();
        Some(*end)
    });
    let ends: Vec<usize> = ends.by_ref().filter(|end| *end < text.len()).collect();
    let uneven =
        |end: &usize| text.get(..*end).map_or(0, |first| (2 * first.chars().count()).abs_diff(total));
    let (first, second) = text.split_at_checked(ends.into_iter().min_by_key(uneven)?)?;
    Some((first.trim(), second.trim())).filter(|(first, second)| !first.is_empty() && !second.is_empty())
}

/// The pieces between which a line may be broken.
fn units(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices().peekable();
        let (_, mut before) = characters.next()?;
        let end = loop {
            let Some((at, next)) = characters.peek().copied() else { break rest.len() };
            if may_break(before, next) {
                break at;
            }
            before = next;
            characters.next();
        };
        let (unit, after) = rest.split_at(end);
        rest = after;
        Some(unit)
    })
}

fn may_break(before: char, next: char) -> bool {
    let latin = |character: char| character.is_ascii_graphic();
    let joined = next.is_whitespace() || CLOSING.contains(next) || OPENING.contains(before);
    !(joined || latin(before) && latin(next))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn smallest() -> Face {
        TEXT[4]
    }

    #[test]
    fn lines_neither_begin_with_closing_marks_nor_end_with_opening_ones() {
        let lines = wrap("请携带身份证，户口本（原件）。谢谢", smallest(), 16 * 6);
        assert_eq!(lines, ["请携带身份", "证，户口本", "（原件）。谢", "谢"]);
    }

    #[test]
    fn latin_words_and_numbers_stay_whole_where_they_fit() {
        let lines = wrap("Please take 12345 a seat", smallest(), 8 * 11);
        assert_eq!(lines, ["Please take", "12345 a", "seat"]);
        assert_eq!(wrap("ABCDEFGH", smallest(), 8 * 3), ["ABC", "DEF", "GH"]);
    }

    #[test]
    fn a_line_break_in_the_text_is_one_on_the_sign() {
        assert_eq!(wrap("今日停电\n\n明日恢复", smallest(), 400), ["今日停电", "明日恢复"]);
    }

    #[test]
    fn letters_are_as_large_as_the_whole_text_allows_and_then_screens_begin() {
        let set = |text: &str, width, height| {
            let block = Block::set(text, Size::new(width, height)).unwrap();
            (block.face.cell_px(), block.screens())
        };
        assert_eq!(set("今日停电", 256, 64), (64, 1));
        assert_eq!(set("今日停电，明日恢复", 256, 64), (32, 1));
        assert_eq!(set(&"今日停电，明日恢复。".repeat(8), 256, 64), (32, 6));
        assert_eq!(set(&"今日停电。".repeat(4), 64, 16), (16, 6));
        assert!(Block::set("今日", Size::new(64, 15)).is_none());
    }

    #[test]
    fn only_a_notice_of_several_screens_in_the_smallest_letters_is_in_smaller_ones_and_only_at_once() {
        let set = |text: &str, width, height| {
            let block = Block::set_nearby(text, Size::new(width, height)).unwrap();
            (block.face.cell_px(), block.screens())
        };
        assert_eq!(set("今日停电明日恢", 64, 32), (16, 1));
        assert_eq!(set("今日停电，明日恢复", 64, 32), (12, 1));
        assert_eq!(set("今日停电，明日恢复。谢谢", 64, 32), (16, 2));
        assert_eq!(set(&"今日停电，明日恢复。".repeat(8), 256, 64), (32, 6));
        assert!(Block::set_nearby("今日", Size::new(64, 15)).is_none());
    }

    proptest! {
        #[test]
        fn every_character_is_on_some_line_and_every_line_fits(
            text in "[社会保险，。（）A-Z0-9 \n]{0,60}", cells in 1_u16..20
        ) {
            let width_px = cells * 16;
            let lines = wrap(&text, smallest(), width_px);
            let ink = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
            prop_assert_eq!(ink(&lines.concat()), ink(&text));
            prop_assert!(lines.iter().all(|line| smallest().width_px(line) <= width_px), "{:?}", lines);
        }
    }
}
