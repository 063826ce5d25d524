//! How the clock looks: the time, and the date where there is room.

use super::ClockPage;
use super::compose::{Line, stack};
use crate::draw::{self, Align, area};
use crate::font::{NUMBER, TEXT};
use crate::frame::{Frame, Light, Panel};

const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// A day of the week, 1 for Monday; nothing for a day there is not.
pub(crate) fn weekday_words(weekday: u8) -> String {
    let day = usize::from(weekday).checked_sub(1).and_then(|day| WEEKDAYS.get(day));
    day.map_or(String::new(), |day| format!("星期{day}"))
}

impl ClockPage {
    /// The page's picture on this panel; dark on a panel under 16 pixels high.
    pub fn render(&self, panel: Panel) -> Frame {
        let mut frame = Frame::dark(panel);
        let time = format!("{:02}:{:02}", self.hour, self.minute);
        let date = format!("{}月{}日", self.month, self.day);
        let weekday = weekday_words(self.weekday);
        let fits = |text: &str| TEXT.last().is_some_and(|face| face.width_px(text) <= panel.width_px());
        let all = format!("{date} {weekday} {time}");
        let short = format!("{date} {time}");
        let line = |text, light| Line { text, light, whole: true };
        if !fits(&time) {
            self.narrow(&mut frame);
            return frame;
        }
        if panel.height_px() < 2 * super::compose::ROW_PX_MIN {
            let said = [&all, &short].into_iter().find(|text| fits(text)).unwrap_or(&time);
            stack(&mut frame, 0, &[line(said, Light::GREEN)]);
            return frame;
        }
        let day = format!("{date} {weekday}");
        if fits(&day) {
            stack(&mut frame, 1, &[line(&day, Light::YELLOW), line(&time, Light::GREEN)]);
        } else {
            let lines =
                [line(&date, Light::YELLOW), line(&time, Light::GREEN), line(&weekday, Light::YELLOW)];
            stack(&mut frame, 1, &lines);
        }
        frame
    }

    /// The digits alone, with a colon's two dots in the gap between them.
    fn narrow(self, frame: &mut Frame) {
        let panel = frame.panel();
        let digits = format!("{:02}{:02}", self.hour, self.minute);
        let Some(face) = NUMBER.last().copied().filter(|face| face.cell_px() <= panel.height_px()) else {
            return;
        };
        let whole = area(0, 0, panel.width_px(), panel.height_px());
        draw::text(frame, face, &digits, whole, Align::Centre, Light::GREEN);
        let (middle, third) = (panel.width_px() / 2 - 1, face.cell_px() / 3);
        let top = (panel.height_px() - face.cell_px()) / 2;
        for y in [top + third, top + 2 * third] {
            frame.set(middle, y, Light::GREEN);
            frame.set(middle + 1, y, Light::GREEN);
        }
    }
}
