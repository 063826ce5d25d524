//! What a sign says, and how that looks on its panel.
//!
//! A page is plain facts; `render` chooses the layout from the panel's size, so that the same page
//! is right on 64x16 and on 320x64. What does not fit at once takes several screens, one after
//! another. Which page a sign shows is the daemon's choice.
//!
//! Colours on signs that have them: red calls, green is calm, yellow explains. A sign of one
//! colour lights them all, so no meaning hangs on colour alone.

mod arrow;
mod clock;
mod compose;
mod notice;
mod overview;
mod said;
mod scroll;
mod sheet;
mod technician;
#[cfg(test)]
mod whole;
mod window;
mod words;
mod zone;

pub use scroll::Step;

pub(crate) use clock::weekday_words;
pub(crate) use compose::window_words;
pub(crate) use window::idle_state;

use hall_protocol::number::TicketNumber;

use crate::frame::{Frame, Panel};

/// What a sign says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// What happens at a window.
    Window(WindowPage),
    /// Who shall come in a waiting zone.
    Zone(ZonePage),
    /// How many wait in a zone.
    Overview(OverviewPage),
    /// A notice to the public.
    Notice(NoticePage),
    /// A notice that moves through in one line.
    Scroll(ScrollPage),
    /// Date and time.
    Clock(ClockPage),
    /// Where a called ticket's window is.
    Arrow(ArrowPage),
    /// What everybody must know at once.
    Emergency(EmergencyPage),
    /// A pattern that shows dead pixels.
    Test(TestPattern),
    /// Which sign this is.
    Identity(IdentityPage),
    /// Nothing at all.
    Dark,
}

impl Page {
    /// How many screens the page takes on this panel, one after another; at least one.
    pub fn screens(&self, panel: Panel) -> usize {
        match self {
            Self::Overview(page) => page.screens(panel),
            Self::Notice(page) => page.screens(panel),
            Self::Scroll(page) => page.screens(panel),
            Self::Emergency(page) => page.screens(panel),
            Self::Window(page) => page.screens(panel),
            Self::Zone(page) => page.screens(panel),
            Self::Identity(page) => page.screens(panel),
            Self::Arrow(page) => page.screens(panel),
            Self::Clock(_) | Self::Test(_) | Self::Dark => 1,
        }
    }

    /// One screen of the page's picture. On a panel under 16 pixels high every page but a test
    /// pattern is dark: no hanzi is legible there.
    pub fn render(&self, panel: Panel, screen: usize) -> Frame {
        match self {
            Self::Window(page) => page.screen(panel, screen),
            Self::Zone(page) => page.screen(panel, screen),
            Self::Overview(page) => page.render(panel, screen),
            Self::Notice(page) => page.render(panel, screen),
            Self::Scroll(page) => page.render(panel, screen),
            Self::Clock(page) => page.render(panel),
            Self::Arrow(page) => page.render(panel, screen),
            Self::Emergency(page) => page.render(panel, screen),
            Self::Test(pattern) => pattern.render(panel),
            Self::Identity(page) => page.render(panel, screen),
            Self::Dark => Frame::dark(panel),
        }
    }
}

/// What the sign over a window says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowPage {
    /// The window's number or name, as citizens know it: `3`, `A12`, `综合窗口`.
    pub label: String,
    /// What happens there.
    pub state: WindowContent,
}

/// What happens at a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowContent {
    /// Open, and nobody is called.
    Idle {
        /// What citizens come here for.
        service: String,
        /// How many wait to be called here.
        waiting: u32,
    },
    /// This ticket shall come.
    Called {
        /// Whose turn it is.
        number: TicketNumber,
    },
    /// This ticket is being served.
    Serving {
        /// Who is at the window.
        number: TicketNumber,
    },
    /// The clerk is away for a while.
    Paused {
        /// Why, if the clerk said so.
        reason: Option<String>,
    },
    /// Nobody serves here.
    Closed,
}

/// What the sign of a waiting zone says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZonePage {
    /// The zone's name.
    pub name: String,
    /// Who shall come, the newest first. As many are shown as have room.
    pub calls: Vec<ZoneCall>,
}

/// One call on a zone's sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneCall {
    /// Whose turn it is.
    pub number: TicketNumber,
    /// The window's number or name.
    pub label: String,
    /// What they come for; shown where there is room.
    pub service: String,
}

/// The queues of a waiting zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverviewPage {
    /// The zone's name.
    pub name: String,
    /// Its services, in the order of the plan.
    pub rows: Vec<OverviewRow>,
}

/// One service on an overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverviewRow {
    /// What it is called.
    pub service: String,
    /// Tickets that wait for it.
    pub waiting: u32,
    /// How long somebody who comes now is likely to wait, from and to, in minutes.
    pub minutes: Option<(u16, u16)>,
}

/// A notice to the public (公告).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticePage {
    /// What it says; a line break is one on the sign.
    pub text: String,
}

/// A notice that moves through in one line, from right to left (走字).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScrollPage {
    /// What it says; line breaks are blanks.
    pub text: String,
    /// How far it goes from one of its screens to the next.
    pub step: Step,
}

/// Date and time in the hall's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockPage {
    /// 1 to 12.
    pub month: u8,
    /// Of the month, 1 to 31.
    pub day: u8,
    /// 1 for Monday to 7 for Sunday (ISO 8601).
    pub weekday: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// Where a called ticket's window is, on a sign on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrowPage {
    /// Whose turn it is.
    pub number: TicketNumber,
    /// The window's number or name.
    pub label: String,
    /// Where to go, as seen by who reads the sign.
    pub direction: Direction,
}

/// Where an arrow points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Straight on, or up the stairs.
    Up,
    /// Back, or down the stairs.
    Down,
}

/// What everybody must know at once, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyPage {
    /// In Chinese.
    pub zh: String,
    /// In English; may be empty.
    pub en: String,
}

/// A picture that shows dead pixels, swapped colours or modules in the wrong order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestPattern {
    /// Every diode on.
    All,
    /// The red ones.
    Red,
    /// The green ones.
    Green,
    /// The blue ones; on a sign without, red and green.
    Blue,
    /// The panel's edge, and in each 16x16 module a diagonal from its top left corner.
    Modules,
}

/// Which sign this is, for whoever stands below it with the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityPage {
    /// Its id in the configuration.
    pub id: String,
    /// Its address on the line.
    pub address: u8,
    /// What it is for, such as the window's name.
    pub shows: String,
    /// The port its line hangs on.
    pub port: String,
}
