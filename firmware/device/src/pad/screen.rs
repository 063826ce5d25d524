//! What a call pad's display shows, drawn on any display of 128x64 pixels or more.
//!
//! ```text
//! 3号窗    等候 12
//!    A012           (twice the size)
//! 呼叫中 预约10:00
//! ```
//! Below stands why this citizen was called, until the service begins; without the state before it when
//! both are too wide for the line.
//!
//! A refusal is a sentence on the whole display: in Chinese if all of its characters have glyphs, else in
//! English.

use core::fmt::Write;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::Point;
use hall_protocol::payload::{HandState, Refused, Why, WindowMode, WindowTicket};
use hall_protocol::text::Text;

use crate::{glyph, words};

/// Pixels from one line of text to the next.
const LINE_PX: i32 = 16;

const WIDTH_PX: usize = 128;

/// What the display shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// What citizens read above the window.
    pub label: Text<8>,
    /// The ticket in hand.
    pub hand: Option<WindowTicket>,
    /// Why that one was called.
    pub why: Option<Why>,
    /// Whether the window takes citizens; `None` before the controller has said so.
    pub mode: Option<WindowMode>,
    /// Citizens waiting.
    pub waiting: u32,
    /// What else must be known.
    pub note: Note,
}

/// What a clerk must know beside the window's state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is no allocator to put the sentence in a box")]
pub enum Note {
    /// Nothing.
    None,
    /// A press is under way.
    Wait,
    /// There is no link, or no controller: what is shown is old.
    Offline,
    /// The controller's messages cannot be read: one of the two needs other software.
    OtherVersion,
    /// A press was not answered.
    NoAnswer,
    /// A press was refused.
    Sentence(Refused),
}

impl Screen {
    /// Draw all of it on a display that was cleared, in one colour.
    ///
    /// # Errors
    /// What the display reports.
    pub fn draw<D: DrawTarget>(&self, display: &mut D, lit: D::Color) -> Result<(), D::Error> {
        if let Note::Sentence(refused) = &self.note {
            return glyph::draw_lines(display, legible(&refused.zh, &refused.en), 0, lit);
        }
        let mut heading = heapless::String::<32>::new();
        // Longer than any label, so it always fits.
        let _ = write!(heading, "{}{}", self.label, words::WINDOW);
        glyph::draw(display, &heading, Point::zero(), 1, lit)?;
        let mut waiting = heapless::String::<24>::new();
        let _ = write!(waiting, "{} {}", words::WAITING, self.waiting);
        glyph::draw(display, &waiting, right(&waiting, 0), 1, lit)?;
        if let Some(hand) = &self.hand {
            let mut number = heapless::String::<8>::new();
            let _ = write!(number, "{}", hand.number);
            let free_px = WIDTH_PX.saturating_sub(2 * glyph::width_px(&number));
            let left = i32::try_from(free_px / 2).unwrap_or(0);
            glyph::draw(display, &number, Point::new(left, LINE_PX), 2, lit)?;
        }
        let below = match (&self.note, self.mode, &self.hand) {
            (Note::Offline, ..) => words::OFFLINE,
            (Note::Wait, ..) => words::WAIT,
            (Note::OtherVersion, ..) => return glyph::draw_lines(display, words::OTHER_VERSION, 2, lit),
            (Note::NoAnswer, ..) => return glyph::draw_lines(display, words::NO_ANSWER, 2, lit),
            (_, Some(WindowMode::Paused), _) => words::PAUSED,
            (_, Some(WindowMode::Closed), _) => words::CLOSED,
            (_, Some(WindowMode::Open), None) => words::OPEN,
            (_, Some(WindowMode::Open), Some(hand)) => match hand.state {
                HandState::Called => {
                    let why = self.why.as_ref().map_or("", |why| legible(&why.zh, &why.en));
                    return draw_called(display, why, lit);
                }
                HandState::Serving => words::SERVING,
            },
            (_, None, _) => words::WAIT,
        };
        glyph::draw(display, below, Point::new(0, 3 * LINE_PX), 1, lit)
    }
}

/// The Chinese text, or the English one when the pad has no glyphs for it.
fn legible<'a>(zh: &'a str, en: &'a str) -> &'a str {
    if glyph::covers(zh) { zh } else { en }
}

/// The bottom line while a citizen is called.
fn draw_called<D: DrawTarget>(display: &mut D, why: &str, lit: D::Color) -> Result<(), D::Error> {
    let (y, width_px) = (3 * LINE_PX, glyph::width_px(why));
    if width_px == 0 {
        return glyph::draw(display, words::CALLED, Point::new(0, y), 1, lit);
    }
    let gap_px = glyph::width_px(" ");
    if glyph::width_px(words::CALLED) + gap_px + width_px > WIDTH_PX {
        return glyph::draw_lines(display, why, 3, lit);
    }
    glyph::draw(display, words::CALLED, Point::new(0, y), 1, lit)?;
    glyph::draw(display, why, right(why, y), 1, lit)
}

fn right(text: &str, y: i32) -> Point {
    Point::new(i32::try_from(WIDTH_PX.saturating_sub(glyph::width_px(text))).unwrap_or(0), y)
}
