//! How a zone's overview looks: each service with how many wait and how long that takes.

use super::compose::{GAP_PX, Line, ROW_PX_MIN, fitting, shrunk, stack};
use super::{OverviewPage, OverviewRow};
use crate::draw::{self, Align, area};
use crate::font::{Face, TEXT};
use crate::frame::{Frame, Light, Panel};

/// Panels from this height on have the zone's name above the table.
const HEADED_PX_MIN: u16 = 64;

/// Letters of a table are no larger: more services at once are worth more.
const FACE_PX_MAX: u16 = 32;

/// As many people as a column has room for, so that it stands still when the queue grows.
const PEOPLE_USUAL: u32 = 88;

/// How much a row says, from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// 等候12人 约10-15分
    Estimated,
    /// 等候12人
    Sentence,
    /// 12人
    People,
}

impl Words {
    const ALL: [Self; 3] = [Self::Estimated, Self::Sentence, Self::People];

    /// Compared with the size of the letters, in hundredths.
    fn worth(self) -> u32 {
        match self {
            Self::Estimated => 100,
            Self::Sentence => 70,
            Self::People => 60,
        }
    }

    fn people(self, waiting: u32) -> String {
        match self {
            Self::Estimated | Self::Sentence => format!("等候{waiting}人"),
            Self::People => format!("{waiting}人"),
        }
    }

    fn estimate(self, row: &OverviewRow) -> String {
        match (self, row.minutes) {
            (Self::Estimated, Some((from, to))) if from == to => format!("约{to}分"),
            (Self::Estimated, Some((from, to))) => format!("约{from}-{to}分"),
            _ => String::new(),
        }
    }
}

/// Sizes of a table, in pixels where not said otherwise.
struct Table {
    heading: Option<Face>,
    face: Face,
    words: Words,
    /// Rows on a screen.
    rows: usize,
    name: u16,
    people: u16,
    estimate: u16,
}

impl Table {
    fn width_px(&self) -> u16 {
        let apart = |width: u16| if width == 0 { 0 } else { GAP_PX.saturating_add(width) };
        self.name.saturating_add(apart(self.people)).saturating_add(apart(self.estimate))
    }
}

impl OverviewPage {
    /// How many screens the services take on this panel.
    pub fn screens(&self, panel: Panel) -> usize {
        self.table(panel).map_or(1, |table| self.rows.len().div_ceil(table.rows)).max(1)
    }

    /// One of its screens; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        match self.table(panel) {
            Some(table) if !self.rows.is_empty() => self.draw(&mut frame, &table, screen),
            _ => {
                let waiting: u32 = self.rows.iter().map(|row| row.waiting).sum();
                let all = [Words::Sentence.people(waiting), Words::People.people(waiting)];
                let said = fitting(panel, &[&self.name, &all[0], &all[1]]);
                stack(&mut frame, 0, &[Line { text: said, light: Light::YELLOW, whole: false }]);
            }
        }
        frame
    }

    /// The most legible table; where not even the shortest words fit, long names are in smaller letters
    /// or end with an ellipsis.
    fn table(&self, panel: Panel) -> Option<Table> {
        let mut best: Option<(u32, Table)> = None;
        for face in TEXT.iter().copied().filter(|face| face.cell_px() <= FACE_PX_MAX) {
            for words in Words::ALL {
                let Some(table) = self.sized(panel, face, words) else { continue };
                if table.width_px() > panel.width_px() {
                    continue;
                }
                let shown = u32::try_from(table.rows.min(self.rows.len())).unwrap_or(u32::MAX);
                let score = u32::from(face.cell_px()) * shown * words.worth();
                if best.as_ref().is_none_or(|(other, _)| score > *other) {
                    best = Some((score, table));
                }
            }
        }
        let shortened = || {
            let mut table = self.sized(panel, *TEXT.last()?, Words::People)?;
            table.name = panel.width_px().checked_sub(table.people + GAP_PX)?;
            Some(table)
        };
        best.map(|(_, table)| table).or_else(shortened)
    }

    fn sized(&self, panel: Panel, face: Face, words: Words) -> Option<Table> {
        let heading = (panel.height_px() >= HEADED_PX_MIN).then_some(face);
        let rows_px = panel.height_px().checked_sub(heading.map_or(0, Face::cell_px))?;
        let rows = usize::from(rows_px / face.cell_px());
        let widest = |width: &dyn Fn(&OverviewRow) -> u16| self.rows.iter().map(width).max().unwrap_or(0);
        let people = widest(&|row| face.width_px(&words.people(row.waiting.max(PEOPLE_USUAL))));
        (rows > 0).then(|| Table {
            heading,
            face,
            words,
            rows,
            name: widest(&|row| face.width_px(&row.service)),
            people,
            estimate: widest(&|row| face.width_px(&words.estimate(row))),
        })
    }

    fn draw(&self, frame: &mut Frame, table: &Table, screen: usize) {
        let panel = frame.panel();
        let cell_px = table.face.cell_px();
        let rows = u16::try_from(table.rows).unwrap_or(1);
        let lines = rows + u16::from(table.heading.is_some());
        let gap = panel.height_px().saturating_sub(lines * cell_px) / (lines + 1);
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
        for row in self.rows.chunks(table.rows).nth(screen).unwrap_or_default() {
            let cell = |x: u16, width: u16| area(x, y, width, cell_px);
            let name = shrunk(table.face, &row.service, table.name);
            draw::text(frame, name, &row.service, cell(indent, table.name), Align::Left, Light::GREEN);
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
            let light = if row.waiting == 0 { Light::GREEN } else { Light::RED };
            draw::text(frame, table.face, &people, cell(people_x, table.people), Align::Right, light);
            y += cell_px + gap;
        }
    }
}
