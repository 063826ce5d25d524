//! How a window's page looks: the number called or served, the window at rest, paused, closed.

use hall_protocol::sign::Rectangle;

use super::compose::{
    Line, Place, ROW_PX_MIN, Wording, choose, fitting, is_numbered, number_area, place, stack, window_words,
};
use super::{WindowContent, WindowPage};
use crate::frame::{Frame, Light, Panel};

/// From this height on a paused window's sign says which window it is: on a lower one, large
/// letters are worth more.
const NAMED_PX_MIN: u16 = 48;

impl WindowPage {
    /// The page's picture on this panel. On a panel under 16 pixels high it is dark: no hanzi is
    /// legible there.
    pub fn render(&self, panel: Panel) -> Frame {
        let mut frame = Frame::dark(panel);
        let window = window_words(&self.label);
        let paused = fitting(panel, &["暂停服务", "暂停"]);
        match &self.state {
            WindowContent::Called { number } => {
                let (number, wordings) = (number.to_string(), call_wordings(&self.label));
                if let Some(choice) = choose(panel, &number, &wordings) {
                    place(&mut frame, &number, &choice, [Light::RED, Light::YELLOW, Light::YELLOW]);
                }
            }
            WindowContent::Serving { number } => {
                let (number, wordings) = (number.to_string(), serving_wordings());
                if let Some(choice) = choose(panel, &number, &wordings) {
                    place(&mut frame, &number, &choice, [Light::GREEN; 3]);
                }
            }
            WindowContent::Idle { service } => self.idle(&mut frame, service),
            WindowContent::Paused { reason: Some(reason) } if !reason.is_empty() => {
                stack(&mut frame, 0, &[line(paused, Light::YELLOW), line(reason, Light::GREEN)]);
            }
            WindowContent::Paused { .. } if panel.height_px() >= NAMED_PX_MIN => {
                stack(&mut frame, 1, &[line(&window, Light::GREEN), line(paused, Light::YELLOW)]);
            }
            WindowContent::Paused { .. } => stack(&mut frame, 0, &[line(paused, Light::YELLOW)]),
            WindowContent::Closed => {
                let elsewhere = Line { whole: true, ..line("请到其他窗口", Light::GREEN) };
                stack(&mut frame, 0, &[line(fitting(panel, &["窗口关闭", "关闭"]), Light::RED), elsewhere]);
            }
        }
        frame
    }

    /// Where the number of a called ticket stands, in whole pixels; `None` for other states and where
    /// it has no room.
    pub fn called_area(&self, panel: Panel) -> Option<Rectangle> {
        let WindowContent::Called { number } = &self.state else { return None };
        let (number, wordings) = (number.to_string(), call_wordings(&self.label));
        let at = number_area(panel, &number, &choose(panel, &number, &wordings)?);
        // It lies on the panel.
        let px = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        let corner = [at.top_left.x, at.top_left.y].map(|side| u16::try_from(side).unwrap_or(0));
        let [x_px, y_px] = corner;
        Some(Rectangle { x_px, y_px, width_px: px(at.size.width), height_px: px(at.size.height) })
    }

    fn idle(&self, frame: &mut Frame, service: &str) {
        let window = window_words(&self.label);
        let beside = [wording(10, Place::Beside, &["号窗口", service])];
        if is_numbered(&self.label)
            && !service.is_empty()
            && let Some(choice) = choose(frame.panel(), &self.label, &beside)
            // A long service would be too small beside a large number.
            && choice.heights_px().is_some_and(|(number, words)| words * 2 >= number && words >= ROW_PX_MIN)
        {
            place(frame, &self.label, &choice, [Light::GREEN, Light::GREEN, Light::YELLOW]);
            return;
        }
        let short = if is_numbered(&self.label) { format!("{}号", self.label) } else { window.clone() };
        let window = fitting(frame.panel(), &[&window, &short, &self.label]);
        let lines = [line(window, Light::GREEN), line(service, Light::YELLOW)];
        stack(frame, 0, if service.is_empty() { &lines[..1] } else { &lines });
    }
}

fn line(text: &str, light: Light) -> Line<'_> {
    Line { text, light, whole: false }
}

fn wording(worth: u32, place: Place, rows: &[&str]) -> Wording {
    Wording { worth, place, rows: rows.iter().map(|row| (*row).to_owned()).collect() }
}

/// How to say where a called ticket shall go, down to the bare label on the narrowest panels.
fn call_wordings(label: &str) -> Vec<Wording> {
    let window = window_words(label);
    let sentence = format!("请到{window}");
    let mut wordings = vec![
        wording(10, Place::Beside, &["请到", &window]),
        wording(10, Place::Below, &[&sentence]),
        wording(10, Place::Upright("请到"), &[&window]),
        wording(6, Place::Beside, &[&window]),
        wording(6, Place::Below, &[&window]),
    ];
    if is_numbered(label) {
        wordings.push(wording(7, Place::Beside, &["请到", &format!("{label}号窗")]));
        wordings.push(wording(3, Place::Beside, &[&format!("{label}号")]));
        wordings.push(wording(2, Place::Beside, &[label]));
    }
    wordings
}

fn serving_wordings() -> Vec<Wording> {
    vec![
        wording(10, Place::Beside, &["正在", "办理"]),
        wording(10, Place::Beside, &["正在办理"]),
        wording(10, Place::Below, &["正在办理"]),
        wording(3, Place::Beside, &["办理"]),
    ]
}
