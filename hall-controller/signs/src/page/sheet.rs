//! Lines below one another, none ever cut: first the letters get smaller, then a line takes several
//! rows, then the page several screens, which are shown in turns.

use super::compose::ROW_PX_MIN;
use super::words::{balanced, breaks_words};
use crate::draw::{self, Align, area};
use crate::font::{Face, SMALL_TEXT, TEXT};
use crate::frame::{Frame, Light, Panel};

/// Rows of fewer characters are hard to read in letters larger than the smallest read from afar.
const CHARACTERS_A_ROW_MIN: u16 = 4;

/// The main line's letters are at most so many times as large as the others' that must be seen.
const MAIN_TIMES_MAX: u16 = 2;

/// The main line stands on every screen if there are no more than these.
const SCREENS_WITH_MAIN_MAX: usize = 3;

/// One of some lines below one another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) light: Light,
    pub(super) need: Need,
}

impl<'a> Line<'a> {
    /// A line that is seen in any case.
    pub(super) fn always(text: &'a str, light: Light) -> Self {
        Self { text, light, need: Need::Always }
    }

    /// A line that is seen where it has room on the one screen.
    pub(super) fn with_room(text: &'a str, light: Light) -> Self {
        Self { text, light, need: Need::WithRoom }
    }
}

/// Whether a page may do without a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// If need be, the page takes another screen for it.
    Always,
    /// It is left out where it does not fit whole in one row.
    WithRoom,
}

/// A line in letters of one size.
#[derive(Debug, Clone)]
struct Set {
    face: Face,
    rows: Vec<String>,
    light: Light,
}

impl Set {
    /// The line in these letters; `None` where it says nothing or one letter is too wide.
    fn new(line: Line<'_>, face: Face, width_px: u16) -> Option<Self> {
        let rows = balanced(line.text, face, width_px);
        let fits = !rows.is_empty() && rows.iter().all(|row| face.width_px(row) <= width_px);
        fits.then_some(Self { face, rows, light: line.light })
    }

    /// In the letters that need the least height, of equal ones in the larger; in one row rather than in
    /// several.
    fn least(line: Line<'_>, width_px: u16) -> Option<Self> {
        let usual = TEXT.last().and_then(|face| Self::new(line, *face, width_px));
        let small = Self::new(line, SMALL_TEXT, width_px);
        match (usual, small) {
            (Some(usual), _) if usual.rows.len() == 1 => Some(usual),
            (Some(usual), Some(small)) if usual.height_px() <= small.height_px() => Some(usual),
            (usual, small) => small.or(usual),
        }
    }

    fn height_px(&self) -> u16 {
        let rows = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
        rows.saturating_mul(self.face.cell_px())
    }

    /// Whether these letters are the smallest, or it takes several rows even in the smallest read from
    /// afar.
    fn is_tight(&self) -> bool {
        self.rows.len() > 1 || self.face.cell_px() < ROW_PX_MIN
    }
}

/// Lines set for a panel.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    screens: Vec<Vec<Set>>,
}

impl Sheet {
    /// Set these lines, each as large as width and height allow; the one at `main` grows first and no other
    /// gets larger. Nothing is set on a panel lower than the smallest text read from where people wait.
    pub(super) fn set(panel: Panel, main: usize, lines: &[Line<'_>]) -> Self {
        let (width_px, height_px) = (panel.width_px(), panel.height_px());
        if height_px < ROW_PX_MIN {
            return Self { screens: vec![] };
        }
        let one_row = |line: &Line<'_>| SMALL_TEXT.width_px(line.text) <= width_px;
        let useful = |(_, line): &(usize, &Line<'_>)| line.need == Need::Always || one_row(line);
        let useful = lines.iter().enumerate().filter(useful);
        let mut kept: Vec<Kept<'_>> =
            useful.filter_map(|(at, line)| Kept::new(*line, at == main, width_px)).collect();
        loop {
            let total_px = kept.iter().map(|kept| kept.least.height_px()).fold(0_u16, u16::saturating_add);
            if total_px <= height_px {
                return Self { screens: vec![grown(&kept, width_px, height_px)] };
            }
            // Those in small letters go first, and from the end.
            let other = |kept: &Kept<'_>| !kept.is_main && kept.line.need == Need::WithRoom;
            let small = |kept: &Kept<'_>| other(kept) && kept.least.face.cell_px() < ROW_PX_MIN;
            let Some(at) = kept.iter().rposition(small).or_else(|| kept.iter().rposition(other)) else {
                return Self { screens: turns(&kept, width_px, height_px) };
            };
            kept.remove(at);
        }
    }

    /// How many screens it takes, at least one.
    pub(super) fn screens(&self) -> usize {
        self.screens.len().max(1)
    }

    /// How small its smallest letters are, in pixels.
    pub(super) fn smallest_px(&self) -> u16 {
        self.screens.iter().flatten().map(|set| set.face.cell_px()).min().unwrap_or(0)
    }

    /// Draw one of its screens.
    pub(super) fn draw(&self, frame: &mut Frame, screen: usize) {
        let (width_px, height_px) = (frame.panel().width_px(), frame.panel().height_px());
        let sets = self.screens.get(screen).map_or(&[][..], Vec::as_slice);
        let total_px: u16 = sets.iter().map(Set::height_px).sum();
        let gaps = u16::try_from(sets.len()).unwrap_or(0) + 1;
        let gap = height_px.saturating_sub(total_px) / gaps;
        let mut y = gap;
        for set in sets {
            for row in &set.rows {
                let cell = area(0, y, width_px, set.face.cell_px());
                draw::text(frame, set.face, row, cell, Align::Centre, set.light);
                y += set.face.cell_px();
            }
            y += gap;
        }
    }
}

/// A line that is not left out.
struct Kept<'a> {
    line: Line<'a>,
    is_main: bool,
    least: Set,
}

impl<'a> Kept<'a> {
    fn new(line: Line<'a>, is_main: bool, width_px: u16) -> Option<Self> {
        Some(Self { line, is_main, least: Set::least(line, width_px)? })
    }
}

/// All lines on one screen, grown from their least size.
fn grown(kept: &[Kept<'_>], width_px: u16, height_px: u16) -> Vec<Set> {
    let mut sets: Vec<Set> = kept.iter().map(|kept| kept.least.clone()).collect();
    let main = kept.iter().position(|kept| kept.is_main).unwrap_or(0);
    let order = std::iter::once(main).chain((0..kept.len()).filter(|at| *at != main));
    let order: Vec<usize> = order.collect();
    let others_least_px = |sets: &[Set]| {
        let others =
            sets.iter().zip(kept).filter(|(_, kept)| !kept.is_main && kept.line.need == Need::Always);
        others.map(|(set, _)| set.face.cell_px()).min().unwrap_or(u16::MAX / MAIN_TIMES_MAX)
    };
    for larger in TEXT.iter().rev() {
        for at in &order {
            let Some(kept) = kept.get(*at) else { continue };
            let Some(set) = larger_set(kept, *larger, width_px) else { continue };
            let main_px = sets.get(main).map_or(0, |main| main.face.cell_px());
            let too_large = *at == main && others_least_px(&sets) * MAIN_TIMES_MAX < larger.cell_px();
            let others_px: u16 = sets
                .iter()
                .enumerate()
                .filter(|(other, _)| other != at)
                .map(|(_, set)| set.height_px())
                .sum();
            let fits = others_px.saturating_add(set.height_px()) <= height_px;
            let may = if *at == main { !too_large } else { larger.cell_px() <= main_px };
            if fits
                && may
                && let Some(place) = sets.get_mut(*at)
            {
                *place = set;
            }
        }
    }
    sets
}

/// A line in larger letters than its least. One that fits in a row stays in one; another takes several
/// rows only if they are long enough to be read.
fn larger_set(kept: &Kept<'_>, face: Face, width_px: u16) -> Option<Set> {
    let set = Set::new(kept.line, face, width_px)?;
    let readable = || {
        let long = face.cell_px() <= ROW_PX_MIN || width_px / face.cell_px() >= CHARACTERS_A_ROW_MIN;
        kept.least.is_tight() && long && !breaks_words(kept.line.text, face, width_px)
    };
    (set.rows.len() == 1 || readable()).then_some(set)
}

/// Lines that have no room together, one after another.
fn turns(kept: &[Kept<'_>], width_px: u16, height_px: u16) -> Vec<Vec<Set>> {
    let all: Vec<Line<'_>> = kept.iter().map(|kept| kept.line).collect();
    let flowing = flow(&all, width_px, height_px);
    let Some(main) = kept.iter().find(|kept| kept.is_main) else { return flowing };
    let rest_px = height_px.saturating_sub(main.least.height_px());
    let others: Vec<Line<'_>> = kept.iter().filter(|kept| !kept.is_main).map(|kept| kept.line).collect();
    if rest_px < SMALL_TEXT.cell_px() || main.least.height_px() > height_px / 2 {
        return flowing;
    }
    let mut with_main = flow(&others, width_px, rest_px);
    if with_main.len() > SCREENS_WITH_MAIN_MAX.max(flowing.len()) {
        return flowing;
    }
    let main_last = kept.last().is_some_and(|last| last.is_main);
    for screen in &mut with_main {
        screen.insert(if main_last { screen.len() } else { 0 }, main.least.clone());
    }
    with_main
}

/// The lines' rows from screen to screen, in the letters that take the fewest, of equal ones in the
/// larger.
fn flow(lines: &[Line<'_>], width_px: u16, height_px: u16) -> Vec<Vec<Set>> {
    let faces = TEXT.last().copied().into_iter().chain([SMALL_TEXT]);
    let faces = faces.filter(|face| face.cell_px() <= height_px);
    let broken = |face: Face| lines.iter().filter(|line| breaks_words(line.text, face, width_px)).count();
    let flows = faces.map(|face| (broken(face), paged(lines, face, width_px, height_px)));
    let best = flows.min_by_key(|(broken, screens)| (*broken, screens.len()));
    let mut screens = best.map(|(_, screens)| screens).unwrap_or_default();
    for screen in &mut screens {
        enlarge(screen, width_px, height_px);
    }
    screens
}

/// The same rows in larger letters, as far as a screen that is not full has room.
fn enlarge(screen: &mut [Set], width_px: u16, height_px: u16) {
    for larger in TEXT.iter().rev() {
        for at in 0..screen.len() {
            let total_px: u16 = screen.iter().map(Set::height_px).sum();
            let Some(set) = screen.get_mut(at) else { continue };
            let grown = Set { face: *larger, ..set.clone() };
            let wide = grown.rows.iter().any(|row| larger.width_px(row) > width_px);
            if !wide && total_px - set.height_px() + grown.height_px() <= height_px {
                *set = grown;
            }
        }
    }
}

fn paged(lines: &[Line<'_>], face: Face, width_px: u16, height_px: u16) -> Vec<Vec<Set>> {
    let room = usize::from(height_px / face.cell_px()).max(1);
    let mut screens: Vec<Vec<Set>> = Vec::new();
    let mut left = 0;
    for set in lines.iter().filter_map(|line| Set::new(*line, face, width_px)) {
        let count = set.rows.len();
        let mut rows = set.rows.into_iter();
        // A line that can stand on one screen is not divided.
        if count > left && count <= room {
            left = 0;
        }
        while rows.len() > 0 {
            if left == 0 {
                screens.push(vec![]);
                left = room;
            }
            let taken: Vec<String> = rows.by_ref().take(left).collect();
            left -= taken.len();
            if let Some(screen) = screens.last_mut() {
                screen.push(Set { face, rows: taken, light: set.light });
            }
        }
    }
    screens
}

#[cfg(test)]
mod tests {
    use hall_protocol::sign::Depth;
    use proptest::prelude::*;

    use super::*;
    use crate::draw::said;

    fn panel(width_px: u16, height_px: u16) -> Panel {
        Panel::new(width_px, height_px, Depth::RedGreen).unwrap()
    }

    /// What each screen says, row by row.
    fn screens(panel: Panel, main: usize, lines: &[Line<'_>]) -> Vec<Vec<String>> {
        let sheet = Sheet::set(panel, main, lines);
        (0..sheet.screens()).map(|screen| said(|| sheet.draw(&mut Frame::dark(panel), screen))).collect()
    }

    fn always(text: &str) -> Line<'_> {
        Line::always(text, Light::GREEN)
    }

    #[test]
    fn a_line_that_fits_in_small_letters_only_takes_no_other_line_s_place() {
        let drawn = |texts: &[&str]| {
            let lines: Vec<Line<'_>> = texts.iter().map(|text| Line::with_room(text, Light::GREEN)).collect();
            screens(panel(64, 32), 0, &lines)
        };
        assert_eq!(drawn(&["窗口", "请到其他窗", "关闭"]), [["窗口", "关闭"]]);
        assert_eq!(drawn(&["窗口", "请到其他窗"]), [["窗口", "请到其他窗"]]);
    }

    #[test]
    fn a_long_line_gets_smaller_then_takes_rows_then_screens() {
        let name = "不动产登记与交易管理服务中心";
        let lines = [always("12号窗口"), always(name)];
        assert_eq!(screens(panel(256, 32), 0, &lines), [["12号窗口", name]]);
        assert_eq!(screens(panel(128, 64), 0, &lines), [["12号窗口", "不动产登记与交", "易管理服务中心"]]);
        let turns = screens(panel(64, 32), 0, &lines);
        let parts = ["不动产登记", "与交易管理", "服务中心"];
        assert_eq!(turns, parts.map(|part| ["12号窗口", part]));
        // With more screens the main line stands on the first one only.
        let longer = [always("暂停服务"), always("系统维护请稍候办系统维护请稍候办系统维护请稍候办")];
        let turns = screens(panel(64, 32), 0, &longer);
        assert_eq!(turns.concat().iter().filter(|row| *row == "暂停服务").count(), 1);
    }

    #[test]
    fn latin_words_stay_whole_where_a_row_has_room_for_them() {
        let lines = [always("Real estate registration")];
        let drawn = screens(panel(64, 16), 0, &lines);
        assert_eq!(drawn, ["Real", "estate", "regist", "ration"].map(|row| [row]));
    }

    proptest! {
        #[test]
        fn whatever_must_be_seen_is_seen_whole_on_some_screen(
            main in "[一二三四]{1,16}", texts in prop::collection::vec("[社会保险登记A-Z0-9]{1,24}", 0..3),
            place in 0_usize..3, width in 3_u16..40, height in 16_u16..130,
        ) {
            let place = place.min(texts.len());
            let mut lines: Vec<Line<'_>> = texts.iter().map(|text| always(text)).collect();
            lines.insert(place, always(&main));
            let all = screens(panel(width * 8, height), place, &lines).concat().concat();
            // The main line may stand on every screen, between the rows of another.
            let others = all.replace(&main, "");
            prop_assert!(all.contains(&main), "{main} in {all:?}");
            for text in &texts {
                prop_assert!(others.contains(text), "{text} in {all:?}");
            }
        }
    }
}
