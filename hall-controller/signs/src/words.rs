//! What a page says without pixels, for signs that have a font of their own or digits only.
//!
//! [`crate::page`] draws the same facts. What such a sign shows of them is decided in
//! [`crate::substitute`].

mod pages;

use std::sync::Arc;

use hall_protocol::sign::Blink;

use crate::frame::{Frame, Light};
use crate::page::{WindowContent, WindowPage, ZonePage, idle_state, window_words};

/// A page in both forms, of which a codec takes the one its sign can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Showing {
    /// The pixels.
    pub frame: Arc<Frame>,
    /// The words.
    pub words: Words,
    /// What blinks for a while, on signs that can let it.
    pub blink: Option<Blinking>,
    /// What is said aloud, once, on signs that have a voice.
    pub say: Option<Saying>,
}

/// What a sign with a voice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// The sentence.
    pub text: String,
    /// The same picture with another one of these is said anew: somebody was called again.
    pub occasion: u64,
}

/// A part of a picture that blinks from when it is shown on, and is steady then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blinking {
    /// What, how fast, how long.
    pub blink: Blink,
    /// The same picture with another one of these begins to blink anew: somebody was called again.
    pub occasion: u64,
}

/// Which page it is; what is lost on a simple sign depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// A window's: this number shall come.
    Called,
    /// A window's: this number is served.
    Serving,
    /// A window's: open, nobody called.
    Idle,
    /// A window's: the clerk is away.
    Paused,
    /// A window's: nobody serves.
    Closed,
    /// A zone's calls, the newest first.
    Zone,
    /// How many wait.
    Overview,
    /// A notice to the public.
    Notice,
    /// Date and time.
    Clock,
    /// The way to a called ticket's window.
    Arrow,
    /// What everybody must know at once.
    Emergency,
    /// A technician looks for broken places.
    Test,
    /// A technician looks which sign this is.
    Identity,
    /// Nothing is shown.
    Dark,
}

impl PageKind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Called,
        Self::Serving,
        Self::Idle,
        Self::Paused,
        Self::Closed,
        Self::Zone,
        Self::Overview,
        Self::Notice,
        Self::Clock,
        Self::Arrow,
        Self::Emergency,
        Self::Test,
        Self::Identity,
        Self::Dark,
    ];

    /// What the page is called, for a technician.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Called => "called",
            Self::Serving => "serving",
            Self::Idle => "idle",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Zone => "calls",
            Self::Overview => "overview",
            Self::Notice => "notice",
            Self::Clock => "clock",
            Self::Arrow => "arrow",
            Self::Emergency => "emergency",
            Self::Test => "test",
            Self::Identity => "identity",
            Self::Dark => "dark",
        }
    }
}

/// One line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLine {
    /// Its characters.
    pub text: String,
    /// Its colour, on signs that have it.
    pub light: Light,
}

impl TextLine {
    /// A line.
    pub fn new(text: impl Into<String>, light: Light) -> Self {
        Self { text: text.into(), light }
    }
}

/// What a page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Which page.
    pub kind: PageKind,
    /// The number it is about; the newest, if there are several.
    pub number: Option<String>,
    /// The label of the window it is about.
    pub window: Option<String>,
    /// All it says, the most important line first.
    pub lines: Vec<TextLine>,
    /// The same for a sign without hanzi, as short as can be.
    pub latin: Vec<TextLine>,
}

impl Words {
    /// Nothing.
    pub fn dark() -> Self {
        Self { kind: PageKind::Dark, number: None, window: None, lines: vec![], latin: vec![] }
    }
}

impl WindowPage {
    /// What the page says.
    pub fn words(&self) -> Words {
        let window = window_words(&self.label);
        let of = |kind, lines: Vec<TextLine>, latin: TextLine| Words {
            kind,
            number: None,
            window: Some(self.label.clone()),
            lines,
            latin: vec![latin],
        };
        match &self.state {
            WindowContent::Called { number } => Words {
                number: Some(number.to_string()),
                ..of(
                    PageKind::Called,
                    vec![
                        TextLine::new(number.to_string(), Light::RED),
                        TextLine::new(format!("请到{window}"), Light::YELLOW),
                    ],
                    TextLine::new(format!("{number} > {}", self.label), Light::RED),
                )
            },
            WindowContent::Serving { number } => Words {
                number: Some(number.to_string()),
                ..of(
                    PageKind::Serving,
                    vec![
                        TextLine::new(number.to_string(), Light::GREEN),
                        TextLine::new("正在办理", Light::GREEN),
                    ],
                    TextLine::new(number.to_string(), Light::GREEN),
                )
            },
            WindowContent::Idle { service, waiting } => {
                let mut lines = vec![TextLine::new(window, Light::GREEN)];
                if !service.is_empty() {
                    lines.push(TextLine::new(service, Light::YELLOW));
                }
                lines.push(TextLine::new(idle_state(*waiting), Light::GREEN));
                let latin = TextLine::new(format!("WINDOW {}", self.label), Light::GREEN);
                let state = if *waiting == 0 { "FREE".to_owned() } else { format!("{waiting} WAIT") };
                let mut words = of(PageKind::Idle, lines, latin);
                words.latin.push(TextLine::new(state, Light::GREEN));
                words
            }
            WindowContent::Paused { reason } => {
                let mut lines = vec![TextLine::new("暂停服务", Light::YELLOW)];
                lines.extend(
                    reason
                        .iter()
                        .filter(|reason| !reason.is_empty())
                        .map(|reason| TextLine::new(reason, Light::GREEN)),
                );
                of(PageKind::Paused, lines, TextLine::new("PAUSED", Light::YELLOW))
            }
            WindowContent::Closed => of(
                PageKind::Closed,
                vec![TextLine::new("窗口关闭", Light::RED)],
                TextLine::new("CLOSED", Light::RED),
            ),
        }
    }
}

impl ZonePage {
    /// What the page says; without calls, the zone's name.
    pub fn words(&self) -> Words {
        let newest = self.calls.first();
        let light = |place: usize| if place == 0 { Light::RED } else { Light::GREEN };
        let line = |place: usize, between: &str| {
            self.calls
                .get(place)
                .map(|call| TextLine::new(format!("{}{between}{}", call.number, call.label), light(place)))
        };
        let lines: Vec<TextLine> = (0..self.calls.len()).filter_map(|place| line(place, " ")).collect();
        let latin = (0..self.calls.len()).filter_map(|place| line(place, " > ")).collect();
        Words {
            kind: PageKind::Zone,
            number: newest.map(|call| call.number.to_string()),
            window: newest.map(|call| call.label.clone()),
            lines: if lines.is_empty() { vec![TextLine::new(&self.name, Light::GREEN)] } else { lines },
            latin,
        }
    }
}
