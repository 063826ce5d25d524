//! What a sign says, and how that looks on its panel: a window's page and a waiting zone's.
//!
//! A page is plain facts; `render` chooses the layout from the panel's size, so that the same page
//! is right on 64x16 and on 320x64. Which page a sign shows is the daemon's choice.
//!
//! Colours on signs that have them: red calls, green is calm, yellow explains. A sign of one
//! colour lights them all, so no meaning hangs on colour alone.

mod compose;
mod window;
mod zone;

pub(crate) use compose::window_words;

use hall_protocol::number::TicketNumber;

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
}
