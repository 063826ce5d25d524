//! How a waiting zone's page looks: its name and a table of who shall go where, the newest first.
//!
//! The layout follows from the panel and from the widest number and window shown, so that the
//! table's columns stand still when a call is added.

use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

use super::compose::{GAP_PX, ROW_PX_MIN, is_numbered, shrunk, window_words};
use super::sheet::{Line, Sheet};
use super::words::balanced;
use super::{WindowContent, WindowPage, ZoneCall, ZonePage};
use crate::draw::{self, Align, area};
use crate::font::{Face, NUMBER, SMALL_TEXT, TEXT};
use crate::frame::{Frame, Light, Panel};

const SUMMONS: &str = "请到";
const WAIT: &str = "请等候叫号";

/// Panels from this height on have the zone's name above the table.
const HEADED_PX_MIN: u16 = 64;

/// More calls than these at once are not worth smaller letters.
const CALLS_WORTH: u16 = 4;

/// More rows than any panel has, in two columns.
const CALLS_SHOWN_MAX: usize = 64;

/// A table has room for these at least, so that it stands still while calls come and go.
const NUMBER_USUAL: &str = "A000";
const LABEL_USUAL: &str = "00";
const SERVICE_USUAL: &str = "社会保险";

/// Between the words of a row when they are tight, in pixels.
const WORD_GAP_PX: u16 = 8;

/// How much of a call's sentence a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// 社会保险 请到 3号窗口
    ServiceSentence,
    /// 请到 3号窗口
    Sentence,
    /// 社会保险 3号窗口
    ServiceWindow,
    /// 3号窗口
    Window,
    /// 3号
    Short,
    /// 3
    Label,
}

impl Words {
    /// Twice half a sentence tells less than one whole, so two columns have the first four only.
    const ALL: [Self; 6] =
        [Self::ServiceSentence, Self::Sentence, Self::ServiceWindow, Self::Window, Self::Short, Self::Label];
    const OF_TWO_COLUMNS: usize = 4;

    /// Compared with the size of the letters, in hundredths. The one place that says when a service is
    /// shown: where it costs fewer and smaller letters than these shares.
    fn worth(self) -> u32 {
        match self {
            Self::ServiceSentence => 155,
            Self::Sentence => 100,
            Self::ServiceWindow => 120,
            Self::Window => 85,
            Self::Short => 60,
            Self::Label => 50,
        }
    }

    fn has_service(self) -> bool {
        matches!(self, Self::ServiceSentence | Self::ServiceWindow)
    }

    fn has_summons(self) -> bool {
        matches!(self, Self::ServiceSentence | Self::Sentence)
    }

    fn window(self, label: &str) -> String {
        match self {
            Self::ServiceSentence | Self::Sentence | Self::ServiceWindow | Self::Window => {
                window_words(label)
            }
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
    /// Zero without a column of services.
    service_px: u16,
    window_px: u16,
}

impl Table {
    /// Where the words after number and service begin, from the number's left edge.
    fn summons_x(&self) -> u16 {
        let service = if self.service_px > 0 { self.service_px + WORD_GAP_PX } else { 0 };
        self.number_px + WORD_GAP_PX + service
    }

    /// Where the window's words begin, from the number's left edge.
    fn window_x(&self) -> u16 {
        let summons = if self.words.has_summons() { self.text.width_px(SUMMONS) + WORD_GAP_PX } else { 0 };
        self.summons_x() + summons
    }

    /// See that the services of these calls have room, the column being as wide as `room_px` allows and its
    /// names need; gives whether they have.
    fn widen_for_services(&mut self, calls: &[ZoneCall], room_px: u16) -> bool {
        let spare_px = room_px.checked_sub(self.width_px() + WORD_GAP_PX);
        let least_px = self.text.width_px(SERVICE_USUAL);
        let Some(spare_px) = spare_px.filter(|spare| *spare >= least_px) else { return false };
        let widest_px = calls.iter().map(|call| self.text.width_px(&call.service)).max().unwrap_or(0);
        self.service_px = widest_px.clamp(least_px, spare_px);
        calls.iter().all(|call| named(&call.service, self.text, self.service_px).is_some())
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

impl Table {
    fn draw_service(&self, frame: &mut Frame, name: &str, cell: Rectangle, light: Light) {
        let Some((face, rows)) = named(name, self.text, self.service_px) else { return };
        let count = u32::try_from(rows.len()).unwrap_or(1).max(1);
        let row = Size::new(cell.size.width, cell.size.height / count);
        for (place, words) in (0..).zip(&rows) {
            let at = cell.top_left + Size::new(0, row.height * place);
            draw::text(frame, face, words, Rectangle::new(at, row), Align::Left, light);
        }
    }
}

/// A service's name in its cell: in these letters or smaller ones, in one row or in two as high as one,
/// whichever has the larger letters; `None` where it has no room.
fn named(name: &str, face: Face, width_px: u16) -> Option<(Face, Vec<String>)> {
    let one = shrunk(face, name, width_px);
    let whole = (one.width_px(name) <= width_px).then(|| (one, vec![name.to_owned()]));
    if whole.as_ref().is_some_and(|(one, _)| one.cell_px() >= ROW_PX_MIN) {
        return whole;
    }
    let two = |small: Face| {
        let rows = balanced(name, small, width_px);
        let fits = rows.len() <= usize::from(face.cell_px() / small.cell_px())
            && rows.iter().all(|row| small.width_px(row) <= width_px);
        fits.then_some((small, rows))
    };
    TEXT.last().and_then(|small| two(*small)).or(whole).or_else(|| two(SMALL_TEXT))
}

impl ZonePage {
    /// The page's first picture on this panel. On a panel under 16 pixels high it is dark: no hanzi is
    /// legible there.
    pub fn render(&self, panel: Panel) -> Frame {
        self.screen(panel, 0)
    }

    /// How many screens it takes on this panel: more than one only without calls and where its name is long.
    pub fn screens(&self, panel: Panel) -> usize {
        if self.calls.is_empty() { self.quiet(panel).screens() } else { 1 }
    }

    /// One of its screens.
    pub fn screen(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        let Some(newest) = self.calls.first() else {
            self.quiet(panel).draw(&mut frame, screen);
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

    /// Nobody is called. Where there is one row only, the name is what tells the signs apart.
    fn quiet(&self, panel: Panel) -> Sheet {
        let wide = TEXT.last().is_some_and(|face| face.width_px(WAIT) <= panel.width_px());
        let wait = if wide { WAIT } else { "请等候" };
        Sheet::set(panel, 0, &[Line::always(&self.name, Light::YELLOW), Line::with_room(wait, Light::GREEN)])
    }

    /// The most legible table that fits.
    fn table(&self, panel: Panel) -> Option<Table> {
        let numbers: Vec<String> =
            self.calls.iter().take(CALLS_SHOWN_MAX).map(|call| call.number.to_string()).collect();
        let names_services = self.calls.iter().any(|call| !call.service.is_empty());
        let mut best: Option<Table> = None;
        for mut table in tables(panel, self.calls.len(), &self.name) {
            let is_better = best.as_ref().is_none_or(|best| table.score > best.score);
            if !is_better || table.words.has_service() && !names_services {
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
            let calls = self.calls.get(..shown.min(numbers.len())).unwrap_or_default();
            let fits = table.width_px() <= room_px;
            if fits && (!table.words.has_service() || table.widen_for_services(calls, room_px)) {
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
            if table.service_px > 0 {
                table.draw_service(
                    frame,
                    &call.service,
                    cell(table.number_px + WORD_GAP_PX, table.service_px),
                    light,
                );
            }
            if table.words.has_summons() {
                let summons_px = table.text.width_px(SUMMONS);
                draw::text(
                    frame,
                    table.text,
                    SUMMONS,
                    cell(table.summons_x(), summons_px),
                    Align::Left,
                    light,
                );
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
fn tables(panel: Panel, calls: usize, name: &str) -> impl Iterator<Item = Table> {
    // A call more should not turn the whole sign over: two have room from the start.
    let wanted = u16::try_from(calls).unwrap_or(u16::MAX).clamp(2, CALLS_WORTH);
    let headings: Vec<Option<Face>> = match panel.height_px() {
        // A name that is too long even for the smallest letters is told while nobody is called.
        HEADED_PX_MIN.. if SMALL_TEXT.width_px(name) <= panel.width_px() => {
            TEXT.iter().copied().map(Some).collect()
        }
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
            let words = Words::ALL.into_iter().take(if columns > 1 {
                Words::OF_TWO_COLUMNS
            } else {
                Words::ALL.len()
            });
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
            service_px: 0,
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
