//! How a waiting zone's page looks: its name and a table of who shall go where, the newest first.
//!
//! The layout follows from the panel and from the widest number and window shown, so that the
//! table's columns stand still when a call is added.

use super::compose::{GAP_PX, Line, ROW_PX_MIN, is_numbered, shrunk, stack, window_words};
use super::{WindowContent, WindowPage, ZoneCall, ZonePage};
use crate::draw::{self, Align, area};
use crate::font::{Face, NUMBER, TEXT};
use crate::frame::{Frame, Light, Panel};

const SUMMONS: &str = "请到";
const WAIT: &str = "请等候叫号";

/// Panels from this height on have the zone's name above the table.
const HEADED_PX_MIN: u16 = 64;

/// Narrower panels do not show the zone's name.
const NAME_PX_MIN: u16 = 48;

/// More calls than these at once are not worth smaller letters.
const CALLS_WORTH: u16 = 4;

/// More rows than any panel has, in two columns.
const CALLS_SHOWN_MAX: usize = 64;

/// A table has room for these at least, so that it stands still while calls come and go.
const NUMBER_USUAL: &str = "A000";
const LABEL_USUAL: &str = "00";

/// Between the words of a row when they are tight, in pixels.
const WORD_GAP_PX: u16 = 8;

/// How much of a call's sentence a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// 请到 3号窗口
    Sentence,
    /// 3号窗口
    Window,
    /// 3号
    Short,
    /// 3
    Label,
}

impl Words {
    const ALL: [Self; 4] = [Self::Sentence, Self::Window, Self::Short, Self::Label];

    /// Compared with the size of the letters, in hundredths.
    fn worth(self) -> u32 {
        match self {
            Self::Sentence => 100,
            Self::Window => 85,
            Self::Short => 60,
            Self::Label => 50,
        }
    }

    fn window(self, label: &str) -> String {
        match self {
            Self::Sentence | Self::Window => window_words(label),
            Self::Short if is_numbered(label) => format!("{label}号"),
            Self::Short | Self::Label => label.to_owned(),
        }
    }
}

/// Sizes of a table.
struct Table {
    score: u32,
    heading: Option<Face>,
    columns: u16,
    rows: u16,
    number: Face,
    text: Face,
    words: Words,
    number_px: u16,
    window_px: u16,
}

impl Table {
    /// Where the window's words begin, from the number's left edge.
    fn window_x(&self) -> u16 {
        let summons = match self.words {
            Words::Sentence => self.text.width_px(SUMMONS) + WORD_GAP_PX,
            Words::Window | Words::Short | Words::Label => 0,
        };
        self.number_px + WORD_GAP_PX + summons
    }

    /// See that a call has room.
    fn widen(&mut self, number: &str, label: &str) {
        self.number_px = self.number_px.max(self.number.width_px(number));
        self.window_px = self.window_px.max(self.text.width_px(&self.words.window(label)));
    }

    fn width_px(&self) -> u16 {
        self.window_x() + self.window_px
    }
}

impl ZonePage {
    /// The page's picture on this panel. On a panel under 16 pixels high it is dark: no hanzi is
    /// legible there.
    pub fn render(&self, panel: Panel) -> Frame {
        let mut frame = Frame::dark(panel);
        let Some(newest) = self.calls.first() else {
            // One character and an ellipsis tell no signs apart.
            let name = if panel.width_px() < NAME_PX_MIN { "等候" } else { &self.name };
            let name = Line { text: name, light: Light::YELLOW, whole: false };
            let wide = TEXT.last().is_some_and(|face| face.width_px(WAIT) <= panel.width_px());
            let wait = Line { text: if wide { WAIT } else { "请等候" }, light: Light::GREEN, whole: true };
            // Where there is one row only, the name is what tells the signs apart.
            stack(&mut frame, 0, &[name, wait]);
            return frame;
        };
        if panel.height_px() < 2 * ROW_PX_MIN {
            return newest.alone(panel);
        }
        match self.table(panel) {
            Some(table) => self.draw(&mut frame, &table),
            None => frame = newest.alone(panel),
        }
        frame
    }

    /// The most legible table that fits.
    fn table(&self, panel: Panel) -> Option<Table> {
        let numbers: Vec<String> =
            self.calls.iter().take(CALLS_SHOWN_MAX).map(|call| call.number.to_string()).collect();
        let mut best: Option<Table> = None;
        for mut table in tables(panel, self.calls.len()) {
            if best.as_ref().is_some_and(|best| best.score >= table.score) {
                continue;
            }
            // Two tables side by side are kept apart.
            let margin = if table.columns > 1 { GAP_PX } else { 0 };
            let room_px = (panel.width_px() / table.columns).saturating_sub(margin);
            table.widen(NUMBER_USUAL, LABEL_USUAL);
            // Only calls that have room decide how wide the columns are.
            let shown = usize::from(table.rows * table.columns);
            for (number, call) in numbers.iter().zip(&self.calls).take(shown) {
                if table.width_px() <= room_px {
                    table.widen(number, &call.label);
                }
            }
            if table.width_px() <= room_px {
                best = Some(table);
            }
        }
        best
    }

    fn draw(&self, frame: &mut Frame, table: &Table) {
        let panel = frame.panel();
        let heading_px = table.heading.map_or(0, Face::cell_px);
        let row_px = table.text.cell_px();
        let spare = panel.height_px().saturating_sub(heading_px + table.rows * row_px);
        let gaps = table.rows + u16::from(table.heading.is_some()) + 1;
        let gap = spare / gaps;
        let mut top = gap;
        if let Some(face) = table.heading {
            let row = area(0, top, panel.width_px(), heading_px);
            let name = shrunk(face, &self.name, panel.width_px());
            draw::text(frame, name, &self.name, row, Align::Centre, Light::YELLOW);
            top += heading_px + gap;
        }
        let column_px = panel.width_px() / table.columns;
        let indent = column_px.saturating_sub(table.width_px()) / 2;
        let places = (0..table.columns).flat_map(|column| (0..table.rows).map(move |row| (column, row)));
        for ((column, row), (call, at)) in places.zip(self.calls.iter().zip(0..)) {
            let light = if at == 0 { Light::RED } else { Light::GREEN };
            let (x, y) = (column * column_px + indent, top + row * (row_px + gap));
            let cell = |from: u16, width: u16| area(x + from, y, width, row_px);
            let number = call.number.to_string();
            draw::text(frame, table.number, &number, cell(0, table.number_px), Align::Left, light);
            if table.words == Words::Sentence {
                let from = table.number_px + WORD_GAP_PX;
                let summons_px = table.text.width_px(SUMMONS);
                draw::text(frame, table.text, SUMMONS, cell(from, summons_px), Align::Left, light);
            }
            let window = table.words.window(&call.label);
            draw::text(
                frame,
                table.text,
                &window,
                cell(table.window_x(), table.window_px),
                Align::Right,
                light,
            );
        }
    }
}

/// Every table whose rows fit the panel's height; their width is the calls' matter.
fn tables(panel: Panel, calls: usize) -> impl Iterator<Item = Table> {
    // A call more should not turn the whole sign over: two have room from the start.
    let wanted = u16::try_from(calls).unwrap_or(u16::MAX).clamp(2, CALLS_WORTH);
    let headings: Vec<Option<Face>> = match panel.height_px() {
        HEADED_PX_MIN.. => TEXT.iter().copied().map(Some).collect(),
        _ => vec![None],
    };
    let faces = TEXT.iter().rev().flat_map(|text| {
        let numbers = NUMBER.iter().filter(|number| number.cell_px() == text.cell_px());
        numbers.map(|number| (*text, *number))
    });
    let shapes = faces.flat_map(move |(text, number)| {
        let headings: Vec<_> = headings
            .iter()
            .copied()
            .filter(|heading| heading.is_none_or(|heading| heading.cell_px() <= text.cell_px()))
            .collect();
        headings.into_iter().map(move |heading| (text, number, heading))
    });
    let shapes = shapes.flat_map(|(text, number, heading)| {
        [1, 2].into_iter().flat_map(move |columns| {
            // Twice half a sentence tells less than one whole.
            let words = Words::ALL.into_iter().take(if columns > 1 { 2 } else { Words::ALL.len() });
            words.map(move |words| (text, number, heading, columns, words))
        })
    });
    shapes.filter_map(move |(text, number, heading, columns, words)| {
        let table_px = panel.height_px().checked_sub(heading.map_or(0, Face::cell_px))?;
        let rows = table_px / text.cell_px();
        let calls = (rows * columns).min(wanted);
        let score = u32::from(text.cell_px()) * u32::from(calls) * words.worth();
        (rows > 0).then_some(Table {
            score,
            heading,
            columns,
            rows,
            number,
            text,
            words,
            number_px: 0,
            window_px: 0,
        })
    })
}

impl ZoneCall {
    /// One call on a whole panel, as its window's own sign shows it.
    fn alone(&self, panel: Panel) -> Frame {
        let state = WindowContent::Called { number: self.number };
        WindowPage { label: self.label.clone(), state }.render(panel)
    }
}
