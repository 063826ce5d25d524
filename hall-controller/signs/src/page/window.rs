//! How a window's page looks: the number called or served, the window at rest, paused, closed.

use std::cmp::Reverse;

use hall_protocol::number::TicketNumber;
use hall_protocol::sign::Rectangle;

use super::compose::{
    Choice, Place, Wording, choose, fitting, is_numbered, number_area, place, window_words,
};
use super::sheet::{Line, Sheet};
use super::words::halves;
use super::{WindowContent, WindowPage};
use crate::font::SMALL_TEXT;
use crate::frame::{Frame, Light, Panel};

/// From this height on a paused window's sign says which window it is: on a lower one, large
/// letters are worth more.
const NAMED_PX_MIN: u16 = 48;

impl WindowPage {
    /// The page's first picture on this panel. On a panel under 16 pixels high it is dark: no hanzi is
    /// legible there.
    pub fn render(&self, panel: Panel) -> Frame {
        self.screen(panel, 0)
    }

    /// How many screens it takes on this panel: more than one only at rest and where it is small.
    pub fn screens(&self, panel: Panel) -> usize {
        match &self.state {
            WindowContent::Called { .. } | WindowContent::Serving { .. } => 1,
            WindowContent::Idle { service, waiting } => {
                let beside = idle_wordings(service, *waiting);
                match self.idle_beside(panel, service, &beside) {
                    Some(_) => 1,
                    None => self.idle(panel, service, *waiting).screens(),
                }
            }
            WindowContent::Paused { reason } => self.paused(panel, reason.as_deref()).screens(),
            WindowContent::Closed => closed(panel).screens(),
        }
    }

    /// One of its screens.
    pub fn screen(&self, panel: Panel, screen: usize) -> Frame {
        let mut frame = Frame::dark(panel);
        match &self.state {
            WindowContent::Called { number } => {
                let lights = [Light::RED, Light::YELLOW, Light::YELLOW];
                number_and_words(&mut frame, *number, &call_wordings(&self.label), lights);
            }
            WindowContent::Serving { number } => {
                number_and_words(&mut frame, *number, &serving_wordings(), [Light::GREEN; 3]);
            }
            WindowContent::Idle { service, waiting } => {
                let beside = idle_wordings(service, *waiting);
                match self.idle_beside(panel, service, &beside) {
                    Some(choice) => {
                        place(&mut frame, &self.label, &choice, [Light::GREEN, Light::GREEN, Light::YELLOW]);
                    }
                    None => self.idle(panel, service, *waiting).draw(&mut frame, screen),
                }
            }
            WindowContent::Paused { reason } => {
                self.paused(panel, reason.as_deref()).draw(&mut frame, screen);
            }
            WindowContent::Closed => closed(panel).draw(&mut frame, screen),
        }
        frame
    }

    /// Whether a called ticket's sign has room for where it shall go.
    pub(super) fn says_where(&self, panel: Panel) -> bool {
        let WindowContent::Called { number } = &self.state else { return false };
        let wordings = call_wordings(&self.label);
        choose(panel, &number.to_string(), &wordings).is_some_and(|choice| choice.heights_px().is_some())
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

    /// At rest, the window's number large and its service and state beside it; where its service would be
    /// too small beside it, nothing.
    fn idle_beside<'a>(&self, panel: Panel, service: &str, beside: &'a [Wording]) -> Option<Choice<'a>> {
        if !is_numbered(&self.label) || service.is_empty() {
            return None;
        }
        choose(panel, &self.label, beside).filter(|choice| choice.heights_px().is_some())
    }

    /// At rest, in lines: what takes the fewest screens, and of that what has the largest letters.
    fn idle(&self, panel: Panel, service: &str, waiting: u32) -> Sheet {
        let window = window_words(&self.label);
        let short = if is_numbered(&self.label) { format!("{}号", self.label) } else { window.clone() };
        let window = fitting(panel, &[&window, &short, &self.label]);
        let state = idle_state(waiting);
        let few = format!("{waiting}人");
        let states = if waiting > 0 { [state.as_str(), &few] } else { [state.as_str(); 2] };
        let state = fitting(panel, &states);
        let together = format!("{window} {state}");
        let service = Line::always(service, Light::YELLOW);
        let [window, state, together] =
            [window, state, &together].map(|text| Line::always(text, Light::GREEN));
        let apart = Sheet::set(panel, 0, &[window, service, state]);
        if SMALL_TEXT.width_px(together.text) > panel.width_px() {
            return apart;
        }
        let together = Sheet::set(panel, 0, &[together, service]);
        let rank = |sheet: &Sheet| (sheet.screens(), Reverse(sheet.smallest_px()));
        if rank(&apart) < rank(&together) { apart } else { together }
    }

    fn paused(&self, panel: Panel, reason: Option<&str>) -> Sheet {
        let paused = Line::always(fitting(panel, &["暂停服务", "暂停"]), Light::YELLOW);
        match reason {
            Some(reason) if !reason.trim().is_empty() => {
                Sheet::set(panel, 0, &[paused, Line::always(reason, Light::GREEN)])
            }
            _ if panel.height_px() >= NAMED_PX_MIN => {
                let window = window_words(&self.label);
                Sheet::set(panel, 1, &[Line::always(&window, Light::GREEN), paused])
            }
            _ => Sheet::set(panel, 0, &[paused]),
        }
    }
}

/// A number with its words; where it has no room in one row, its letters above its digits, if that has.
fn number_and_words(frame: &mut Frame, number: TicketNumber, wordings: &[Wording], lights: [Light; 3]) {
    let number = number.to_string();
    let panel = frame.panel();
    if let Some(choice) = choose(panel, &number, wordings) {
        place(frame, &number, &choice, lights);
        return;
    }
    let digits_at = number.find(|character: char| character.is_ascii_digit()).unwrap_or(0);
    let (letters, digits) = number.split_at(digits_at);
    let sheet = Sheet::set(panel, 1, &[letters, digits].map(|text| Line::always(text, lights[0])));
    if sheet.screens() == 1 && SMALL_TEXT.width_px(digits) <= panel.width_px() {
        sheet.draw(frame, 0);
    }
}

fn closed(panel: Panel) -> Sheet {
    let closed = Line::always(fitting(panel, &["窗口关闭", "关闭"]), Light::RED);
    Sheet::set(panel, 0, &[closed, Line::with_room("请到其他窗口", Light::GREEN)])
}

/// What a window at rest is doing: nobody waits for it, or these many do.
pub(crate) fn idle_state(waiting: u32) -> String {
    if waiting == 0 { "空闲".to_owned() } else { format!("等候{waiting}人") }
}

fn wording(worth: u32, place: Place, rows: &[&str]) -> Wording {
    Wording { worth, place, rows: rows.iter().map(|row| (*row).to_owned()).collect(), large: false }
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
        wordings.push(wording(3, Place::Below, &[&format!("{label}号")]));
        wordings.push(wording(2, Place::Beside, &[label]));
    }
    wordings
}

/// What stands beside the large number of a window at rest.
fn idle_wordings(service: &str, waiting: u32) -> Vec<Wording> {
    let state = idle_state(waiting);
    let window = format!("号窗口 {state}");
    let mut wordings = vec![
        wording(10, Place::Beside, &[&window, service]),
        wording(10, Place::Beside, &["号窗口", service, &state]),
    ];
    if let Some((first, second)) = halves(service) {
        wordings.push(wording(10, Place::Beside, &[&window, first, second]));
    }
    wordings.into_iter().map(|wording| Wording { large: true, ..wording }).collect()
}

fn serving_wordings() -> Vec<Wording> {
    vec![
        wording(10, Place::Beside, &["正在", "办理"]),
        wording(10, Place::Beside, &["正在办理"]),
        wording(10, Place::Below, &["正在办理"]),
        wording(3, Place::Beside, &["办理"]),
    ]
}
