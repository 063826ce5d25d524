//! How the clock looks: the time in tall digits, and the date where there is room.

use super::ClockPage;
use super::compose::{GAP_PX, ROW_PX_MIN};
use super::sheet::{Line, Sheet};
use crate::draw::{self, Align, area};
use crate::font::{Face, NUMBER, SMALL_TEXT, TEXT};
use crate::frame::{Frame, Light, Panel};

const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// A day of the week, 1 for Monday; nothing for a day there is not.
pub(crate) fn weekday_words(weekday: u8) -> String {
    let day = usize::from(weekday).checked_sub(1).and_then(|day| WEEKDAYS.get(day));
    day.map_or(String::new(), |day| format!("星期{day}"))
}

/// Where the date stands, and in which letters.
enum Date {
    None,
    /// Above the time.
    Above(Face, String),
    /// In rows at the left of the time.
    Beside(Face, Vec<String>),
}

/// The time's digits and the date, as large as they can be together.
struct Layout {
    digits: Face,
    date: Date,
}

impl ClockPage {
    /// The page's picture on this panel; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel) -> Frame {
        let mut frame = Frame::dark(panel);
        let (width_px, height_px) = (panel.width_px(), panel.height_px());
        let Some(Layout { digits, date }) = self.layout(panel) else {
            // Too narrow for tall digits and the dots between them.
            let time = format!("{:02}:{:02}", self.hour, self.minute);
            Sheet::set(panel, 0, &[Line::always(&time, Light::GREEN)]).draw(&mut frame, 0);
            return frame;
        };
        let time_px = time_px(digits);
        match date {
            Date::None => self.time(&mut frame, digits, (width_px - time_px) / 2, height_px, 0),
            Date::Above(face, text) => {
                let gap = height_px.saturating_sub(face.cell_px() + digits.cell_px()) / 3;
                let row = area(0, gap, width_px, face.cell_px());
                draw::text(&mut frame, face, &text, row, Align::Centre, Light::YELLOW);
                let top = 2 * gap + face.cell_px();
                self.time(&mut frame, digits, (width_px - time_px) / 2, digits.cell_px(), top);
            }
            Date::Beside(face, rows) => {
                let date_px = rows.iter().map(|row| face.width_px(row)).max().unwrap_or(0);
                let spare = width_px.saturating_sub(date_px + time_px);
                let between = (spare / 3).clamp(GAP_PX, 2 * GAP_PX);
                let left = spare.saturating_sub(between) / 2;
                let count = u16::try_from(rows.len()).unwrap_or(1);
                let gap = height_px.saturating_sub(count * face.cell_px()) / (count + 1);
                let mut y = gap;
                for row in &rows {
                    let cell = area(left, y, date_px, face.cell_px());
                    draw::text(&mut frame, face, row, cell, Align::Left, Light::YELLOW);
                    y += face.cell_px() + gap;
                }
                self.time(&mut frame, digits, left + date_px + between, height_px, 0);
            }
        }
        frame
    }

    /// Hours and minutes with two dots between them, in the middle of `height_px` from `top` on.
    fn time(self, frame: &mut Frame, face: Face, left: u16, height_px: u16, top: u16) {
        let pair_px = 2 * face.advance_px('0');
        let (hour, minute) = (format!("{:02}", self.hour), format!("{:02}", self.minute));
        draw::text(frame, face, &hour, area(left, top, pair_px, height_px), Align::Left, Light::GREEN);
        let minute_at = area(left + pair_px + colon_px(face), top, pair_px, height_px);
        draw::text(frame, face, &minute, minute_at, Align::Left, Light::GREEN);
        let dot_px = dot_px(face);
        let x = left + pair_px + (colon_px(face) - dot_px) / 2;
        let digits_top = top + height_px.saturating_sub(face.cell_px()) / 2;
        let third = face.cell_px() / 3;
        let rows = [third, face.cell_px() - third].map(|middle| digits_top + middle - dot_px / 2);
        for (y, dx) in rows
            .into_iter()
            .flat_map(|y| (0..dot_px).map(move |dy| y + dy))
            .flat_map(|y| (0..dot_px).map(move |dx| (y, dx)))
        {
            frame.set(x + dx, y, Light::GREEN);
        }
    }

    /// The tallest digits, and of equal ones those beside the most telling date in the largest letters.
    fn layout(self, panel: Panel) -> Option<Layout> {
        let (width_px, height_px) = (panel.width_px(), panel.height_px());
        let date = format!("{}月{}日", self.month, self.day);
        let weekday = weekday_words(self.weekday);
        let day = format!("{date} {weekday}");
        let texts = || TEXT.iter().copied().chain((height_px >= 2 * ROW_PX_MIN).then_some(SMALL_TEXT));
        let digits = || {
            NUMBER.iter().copied().filter(|face| time_px(*face) <= width_px && face.cell_px() <= height_px)
        };
        let above = |digits: Face, text: &str| {
            let mut fitting = texts().filter(|face| {
                face.width_px(text) <= width_px && face.cell_px() + digits.cell_px() <= height_px
            });
            let face = fitting
                .find(|face| 2 * face.cell_px() <= digits.cell_px() || face.cell_px() <= ROW_PX_MIN)?;
            Some(Layout { digits, date: Date::Above(face, text.to_owned()) })
        };
        let beside = |digits: Face, rows: &[&str]| {
            let count = u16::try_from(rows.len()).ok()?;
            let mut fitting = texts().filter(|face| {
                let date_px = rows.iter().map(|row| face.width_px(row)).max().unwrap_or(0);
                date_px + GAP_PX + time_px(digits) <= width_px && count * face.cell_px() <= height_px
            });
            let face =
                fitting.find(|face| face.cell_px() < digits.cell_px() || digits.cell_px() <= ROW_PX_MIN)?;
            let rows = rows.iter().map(|row| (*row).to_owned()).collect();
            Some(Layout { digits, date: Date::Beside(face, rows) })
        };
        let whole = |digits| {
            beside(digits, &[&date, &weekday])
                .or_else(|| beside(digits, &[&day]))
                .or_else(|| above(digits, &day))
        };
        let part = |digits| beside(digits, &[&date]).or_else(|| above(digits, &date));
        let alone = |digits| Layout { digits, date: Date::None };
        let tall = || digits().next();
        digits().find_map(whole).or_else(|| digits().find_map(part)).or_else(|| tall().map(alone))
    }
}

/// The width of hours, dots and minutes.
fn time_px(face: Face) -> u16 {
    4 * face.advance_px('0') + colon_px(face)
}

/// The width of the dots with the dark beside them, in which they are told from the digits.
fn colon_px(face: Face) -> u16 {
    (face.advance_px('0') / 2).max(dot_px(face) + 2)
}

fn dot_px(face: Face) -> u16 {
    (face.cell_px() / 8).max(2)
}
