//! How a zone's overview looks: each service with how many wait and how long that takes. A long name is
//! in smaller letters or in rows; on a panel too narrow for a table each service has its own screens.

use super::compose::{GAP_PX, ROW_PX_MIN, fitting, shrunk};
use super::sheet::{Line, Sheet};
use super::words::{balanced, breaks_words};
use super::{OverviewPage, OverviewRow};
use crate::draw::{self, Align, area};
use crate::font::{Face, SMALL_TEXT, TEXT};
use crate::frame::{Frame, Light, Panel};

/// Panels from this height on have the zone's name above the table.
const HEADED_PX_MIN: u16 = 64;

/// Letters of a table are no larger: more services at once are worth more.
const FACE_PX_MAX: u16 = 32;

/// As many people as a column has room for, so that it stands still when the queue grows.
const PEOPLE_USUAL: u32 = 88;

/// A name may take so many rows.
const NAME_ROWS_MAX: usize = 3;

/// Rows of a name are not shorter than so many characters.
const NAME_CHARACTERS_MIN: u16 = 4;

/// How much a row says, from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// 等候12人 约10-15分
    Estimated,
    /// 12人 约10-15分
    Brief,
    /// 等候12人 约10-15分 below the name.
    EstimatedBelow,
    /// 12人 约10-15分 below the name.
    BriefBelow,
    /// 等候12人
    Sentence,
    /// 12人
    People,
}

impl Words {
    const ALL: [Self; 6] =
        [Self::Estimated, Self::Brief, Self::EstimatedBelow, Self::BriefBelow, Self::Sentence, Self::People];

    /// Compared with the size of the letters and the services seen at once, in hundredths; how long it
    /// takes is left out only where that makes much room, if it is known at all.
    fn worth(self, estimates: bool) -> u32 {
        match self {
            Self::Estimated => 100,
            Self::Brief if estimates => 95,
            Self::EstimatedBelow => 95,
            Self::BriefBelow => 90,
            Self::Sentence if estimates => 50,
            Self::People if estimates => 40,
            Self::Sentence => 70,
            Self::Brief | Self::People => 60,
        }
    }

    fn is_below(self) -> bool {
        matches!(self, Self::EstimatedBelow | Self::BriefBelow)
    }

    fn people(self, waiting: u32) -> String {
        match self {
            Self::Estimated | Self::EstimatedBelow | Self::Sentence => format!("等候{waiting}人"),
            Self::Brief | Self::BriefBelow | Self::People => format!("{waiting}人"),
        }
    }

    fn estimate(self, row: &OverviewRow) -> String {
        match self {
            Self::Estimated | Self::Brief | Self::EstimatedBelow | Self::BriefBelow => estimate(row),
            Self::Sentence | Self::People => String::new(),
        }
    }
}

/// How long somebody who comes now is likely to wait; empty where nobody knows.
fn estimate(row: &OverviewRow) -> String {
    match row.minutes {
        Some((from, to)) if from == to => format!("约{to}分"),
        Some((from, to)) => format!("约{from}-{to}分"),
        None => String::new(),
    }
}

fn people_light(row: &OverviewRow) -> Light {
    if row.waiting == 0 { Light::GREEN } else { Light::RED }
}

/// A service's name as it is set.
struct Name {
    face: Face,
    rows: Vec<String>,
}

impl Name {
    /// In the largest letters up to `face` in which it has room in one row, or else in the fewest rows.
    fn set(name: &str, face: Face, width_px: u16) -> Option<Self> {
        let one = shrunk(face, name, width_px);
        if one.width_px(name) <= width_px {
            return Some(Self { face: one, rows: vec![name.to_owned()] });
        }
        // Of as many rows those in larger letters.
        let faces = TEXT.last().copied().into_iter().chain([SMALL_TEXT]);
        let faces = faces.filter(|face| width_px / face.cell_px() >= NAME_CHARACTERS_MIN);
        let faces = faces.filter(|face| !breaks_words(name, *face, width_px));
        let set = faces.map(|face| Self { face, rows: balanced(name, face, width_px) });
        set.filter(|set| set.rows.len() <= NAME_ROWS_MAX).min_by_key(|set| set.rows.len())
    }

    fn height_px(&self) -> u16 {
        u16::try_from(self.rows.len()).unwrap_or(1) * self.face.cell_px()
    }
}

/// Sizes of a table, in pixels where not said otherwise.
struct Table {
    heading: Option<Face>,
    face: Face,
    words: Words,
    /// The services' names, in the order of the plan.
    names: Vec<Name>,
    /// How many services each screen has.
    screens: Vec<usize>,
    name: u16,
    people: u16,
    estimate: u16,
}

impl Table {
    /// Width of what stands beside the names or below them, with the gap before it if it is beside.
    fn details_px(&self) -> u16 {
        let apart = |width: u16| if width == 0 { 0 } else { GAP_PX.saturating_add(width) };
        let people = if self.words.is_below() { self.people } else { apart(self.people) };
        people.saturating_add(apart(self.estimate))
    }

    /// Width of names and details together.
    fn width_px(&self) -> u16 {
        if self.words.is_below() {
            self.name.max(self.details_px())
        } else {
            self.name.saturating_add(self.details_px())
        }
    }

    /// The name's share of the height and the whole height of one service.
    fn heights_px(&self, name: &Name) -> (u16, u16) {
        let cell_px = self.face.cell_px();
        let name_px = name.height_px();
        if self.words.is_below() {
            (name_px, name_px + cell_px)
        } else {
            (name_px.max(cell_px), name_px.max(cell_px))
        }
    }

    /// How legible the whole is.
    fn score(&self, estimates: bool) -> u32 {
        let letters: u32 = self.names.iter().map(|name| u32::from(name.face.cell_px())).sum();
        let count = u32::try_from(self.names.len()).unwrap_or(u32::MAX).max(1);
        let shown = u32::try_from(self.screens.first().copied().unwrap_or(0)).unwrap_or(u32::MAX);
        letters * shown * self.words.worth(estimates) / count
    }
}

impl OverviewPage {
    /// How many screens the services take on this panel.
    pub fn screens(&self, panel: Panel) -> usize {
        match self.table(panel) {
            Some(table) => table.screens.len().max(1),
            None => self.cards(panel).iter().map(Sheet::screens).sum::<usize>().max(1),
        }
    }

    /// One of its screens; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        if let Some(table) = self.table(panel) {
            self.draw(&mut frame, &table, screen);
            return frame;
        }
        let mut screen = screen;
        for card in self.cards(panel) {
            if screen < card.screens() {
                card.draw(&mut frame, screen);
                break;
            }
            screen -= card.screens();
        }
        frame
    }

    /// A sheet for each service; without services, the zone's name.
    fn cards(&self, panel: Panel) -> Vec<Sheet> {
        if self.rows.is_empty() {
            return vec![Sheet::set(panel, 0, &[Line::always(&self.name, Light::YELLOW)])];
        }
        let card = |row: &OverviewRow| {
            let people = [Words::Sentence, Words::People].map(|words| words.people(row.waiting));
            let people = Line::always(fitting(panel, &[&people[0], &people[1]]), people_light(row));
            let estimate = estimate(row);
            let lines =
                [Line::always(&row.service, Light::YELLOW), people, Line::always(&estimate, Light::YELLOW)];
            let has_room = SMALL_TEXT.width_px(&estimate) <= panel.width_px();
            Sheet::set(panel, 0, if has_room { &lines } else { &lines[..2] })
        };
        self.rows.iter().map(card).collect()
    }

    /// The most legible table; `None` where names have no room in one.
    fn table(&self, panel: Panel) -> Option<Table> {
        if self.rows.is_empty() {
            return None;
        }
        let estimates = self.rows.iter().any(|row| row.minutes.is_some());
        let mut best: Option<(u32, Table)> = None;
        for face in TEXT.iter().copied().filter(|face| face.cell_px() <= FACE_PX_MAX) {
            for words in Words::ALL {
                let Some(table) = self.sized(panel, face, words) else { continue };
                let score = table.score(estimates);
                if best.as_ref().is_none_or(|(other, _)| score > *other) {
                    best = Some((score, table));
                }
            }
        }
        best.map(|(_, table)| table)
    }

    fn sized(&self, panel: Panel, face: Face, words: Words) -> Option<Table> {
        let is_headed = panel.height_px() >= HEADED_PX_MIN
            && !self.name.is_empty()
            && SMALL_TEXT.width_px(&self.name) <= panel.width_px();
        let heading = is_headed.then_some(face);
        let rows_px = panel.height_px().checked_sub(heading.map_or(0, Face::cell_px))?;
        let widest = |width: &dyn Fn(&OverviewRow) -> u16| self.rows.iter().map(width).max().unwrap_or(0);
        let people = widest(&|row| face.width_px(&words.people(row.waiting.max(PEOPLE_USUAL))));
        let estimate = widest(&|row| face.width_px(&words.estimate(row)));
        let mut table =
            Table { heading, face, words, names: vec![], screens: vec![], name: 0, people, estimate };
        let beside_px = if words.is_below() { 0 } else { table.details_px() };
        let room_px = panel.width_px().checked_sub(beside_px)?;
        table.name = widest(&|row| face.width_px(&row.service)).min(room_px);
        if table.width_px() > panel.width_px() {
            return None;
        }
        let names: Option<Vec<Name>> =
            self.rows.iter().map(|row| Name::set(&row.service, face, table.name)).collect();
        table.names = names?;
        let mut left_px = 0;
        for name in &table.names {
            let (_, height_px) = table.heights_px(name);
            if height_px > rows_px {
                return None;
            }
            if height_px > left_px {
                table.screens.push(0);
                left_px = rows_px;
            }
            left_px -= height_px;
            if let Some(count) = table.screens.last_mut() {
                *count += 1;
            }
        }
        Some(table)
    }

    fn draw(&self, frame: &mut Frame, table: &Table, screen: usize) {
        let panel = frame.panel();
        let cell_px = table.face.cell_px();
        let first: usize = table.screens.iter().take(screen).sum();
        let count = table.screens.get(screen).copied().unwrap_or(0);
        let shown: Vec<(&OverviewRow, &Name)> =
            self.rows.iter().zip(&table.names).skip(first).take(count).collect();
        // Rows stand at the same places on every screen.
        let usual = table.screens.iter().max().copied().unwrap_or(1);
        let total_px = shown.iter().map(|(_, name)| table.heights_px(name).1).sum::<u16>()
            + u16::try_from(usual - count.min(usual)).unwrap_or(0) * cell_px
            + table.heading.map_or(0, Face::cell_px);
        let gaps = u16::try_from(usual).unwrap_or(1) + u16::from(table.heading.is_some()) + 1;
        let gap = panel.height_px().saturating_sub(total_px) / gaps;
        let mut y = gap;
        if let Some(face) = table.heading {
            let row = area(0, y, panel.width_px(), cell_px);
            let name = shrunk(face, &self.name, panel.width_px());
            draw::text(frame, name, &self.name, row, Align::Centre, Light::YELLOW);
            y += cell_px + gap;
        }
        let spare = panel.width_px().saturating_sub(table.width_px());
        let indent = (spare / 2).min(ROW_PX_MIN);
        let right = panel.width_px() - indent;
        for (row, name) in shown {
            let (name_px, height_px) = table.heights_px(name);
            let mut name_y = y + name_px.saturating_sub(name.height_px()) / 2;
            for text in &name.rows {
                let cell = area(indent, name_y, table.name, name.face.cell_px());
                draw::text(frame, name.face, text, cell, Align::Left, Light::GREEN);
                name_y += name.face.cell_px();
            }
            let details_y = y + if table.words.is_below() { name_px } else { (height_px - cell_px) / 2 };
            let cell = |x: u16, width: u16| area(x, details_y, width, cell_px);
            let estimate_x = right.saturating_sub(table.estimate);
            let estimate = table.words.estimate(row);
            draw::text(
                frame,
                table.face,
                &estimate,
                cell(estimate_x, table.estimate),
                Align::Right,
                Light::YELLOW,
            );
            let apart = if table.estimate == 0 { 0 } else { GAP_PX };
            let people_x = estimate_x.saturating_sub(apart + table.people);
            let people = table.words.people(row.waiting);
            let people_cell = cell(people_x, table.people);
            draw::text(frame, table.face, &people, people_cell, Align::Right, people_light(row));
            y += height_px + gap;
        }
    }
}
