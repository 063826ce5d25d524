//! What a simple sign shows instead of a page it cannot show: the one table.
//!
//! A substitute says less, never something else: a number keeps all its characters or is given as
//! its digits alone on a display that has only digits, and a line is never cut. Whoever drives the
//! sign says so to the technician ([`Substitute`]'s sentence), and `check` does before the start.

mod drawn;
mod identity;

pub(crate) use drawn::drawn;

use crate::codec::Sentence;
use crate::frame::{Frame, Light, Panel};
use crate::page::NoticePage;
use crate::words::{PageKind, TextLine, Words};

/// Which characters a sign has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charset {
    /// GB 2312 and ASCII.
    Gb2312,
    /// ASCII.
    Ascii,
}

impl Charset {
    /// Whether it has a glyph for this.
    pub fn has(self, character: char) -> bool {
        match self {
            Self::Gb2312 => crate::codec::gb2312_has(character),
            Self::Ascii => matches!(character, ' '..='~'),
        }
    }
}

/// What signs of a kind can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ability {
    /// Any picture.
    Pixels,
    /// Lines in a font of its own.
    Text {
        /// Its characters.
        charset: Charset,
        /// Cells in a line; a hanzi takes two.
        columns: u16,
        /// Lines.
        rows: u16,
        /// A longer line moves through.
        scrolls: bool,
    },
    /// Digits only.
    Digits {
        /// How many.
        places: u8,
    },
}

/// What is shown instead of a page, from the least to the greatest loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Substitute {
    /// The page itself.
    Nothing,
    /// The page itself, with a box for each character that has no glyph.
    Boxes,
    /// All words, in the sign's own font.
    OwnFont,
    /// The newest lines only.
    FewerLines,
    /// As many of the words as have room, the most important first.
    SomeLines,
    /// All words, a long line moving through.
    Scrolling,
    /// The most important line only.
    FirstLine,
    /// English words or signs, since the sign lacks hanzi.
    Latin,
    /// The same, moving through.
    LatinScrolling,
    /// As much of the text's beginning as the sign's memory holds, moving through where it is too wide.
    Beginning,
    /// The number and the window's label.
    NumberAndWindow,
    /// The number.
    NumberOnly,
    /// The number's digits without its letters.
    DigitsOnly,
    /// Dashes: the display works, and nobody is called.
    Dashes,
    /// An eight in every place, which lights each segment.
    Eights,
    /// What the display's own line of configuration for it says.
    Configured,
    /// Nothing at all.
    Dark,
}

impl Substitute {
    /// What it is, for a technician.
    pub const fn sentence(self) -> Sentence {
        let (zh, en) = match self {
            Self::Nothing => ("原样显示", "shown as it is"),
            Self::Boxes => ("缺字显示为方框", "a box for each character without a glyph"),
            Self::OwnFont => ("用屏自带字库显示文字", "the words in the sign's own font"),
            Self::FewerLines => ("只显示最新几行", "only the newest lines"),
            Self::SomeLines => ("只显示放得下的文字", "as many of the words as have room"),
            Self::Scrolling => ("文字滚动显示", "the words, moving through"),
            Self::FirstLine => ("只显示第一行", "only the first line"),
            Self::Latin => ("屏无此汉字，改用英文", "in English, since the sign lacks the hanzi"),
            Self::LatinScrolling => {
                ("屏无此汉字，改用英文滚动", "in English, moving through, since the sign lacks the hanzi")
            }
            Self::Beginning => {
                ("只显示屏内存放得下的开头部分", "only as much of its beginning as the sign's memory holds")
            }
            Self::NumberAndWindow => ("只显示号码和窗口", "only number and window"),
            Self::NumberOnly => ("只显示号码", "only the number"),
            Self::DigitsOnly => ("只显示号码的数字", "only the number's digits"),
            Self::Dashes => ("显示横杠", "dashes"),
            Self::Eights => ("全部显示8", "an 8 in every place"),
            Self::Configured => ("显示所配置的空闲内容", "what its idle line says"),
            Self::Dark => ("不显示", "dark"),
        };
        Sentence { zh, en }
    }

    /// Whether a line that is too long moves through.
    pub const fn moves(self) -> bool {
        matches!(self, Self::Scrolling | Self::LatinScrolling | Self::Beginning)
    }
}

/// What a sign does not do beside its page, since its protocol has no word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The number of a new call is steady from the start.
    Blinking,
    /// It is as bright as it is set to be.
    Dimming,
    /// The same, since nobody has said that it has a dimming register.
    DimmingRegister,
}

impl Lack {
    /// What is missing, for a technician.
    pub const fn sentence(self) -> Sentence {
        let (zh, en) = match self {
            Self::Blinking => ("新呼的号码不闪烁", "the number of a new call does not blink"),
            Self::Dimming => ("亮度不随时间调节", "it is not dimmed by the time of day"),
            Self::DimmingRegister => (
                "亮度不随时间调节，若该屏有调光寄存器请写 dims = true",
                "it is not dimmed by the time of day; if it has a dimming register, write dims = true",
            ),
        };
        Sentence { zh, en }
    }
}

/// A page as a simple sign shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The lines from the top; none is dark.
    pub lines: Vec<TextLine>,
    /// What is lost.
    pub substitute: Substitute,
}

impl Fitted {
    fn new(substitute: Substitute, lines: Vec<TextLine>) -> Self {
        Self { lines, substitute }
    }

    pub(crate) fn dark() -> Self {
        Self::new(Substitute::Dark, vec![])
    }

    /// The same where the sign's memory has room for it, otherwise as many whole words of its beginning as
    /// it has room for.
    #[must_use]
    pub fn beginning(self, has_room: impl Fn(&[TextLine]) -> bool) -> Self {
        if has_room(&self.lines) {
            return self;
        }
        let mut lines = self.lines;
        while !lines.is_empty() && !has_room(&lines) {
            if lines.last_mut().is_none_or(|last| !without_last_word(&mut last.text)) {
                lines.pop();
            }
        }
        if lines.is_empty() { Self::dark() } else { Self::new(Substitute::Beginning, lines) }
    }

    /// About how it looks, drawn with our letters, since the sign's own are not known.
    pub fn picture(&self, panel: Panel) -> Frame {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.text.as_str()).collect();
        picture_of_text(&lines, panel)
    }
}

/// Take a word or a hanzi off the text's end; gives whether something is left.
fn without_last_word(text: &mut String) -> bool {
    let in_word = |character: char| character.is_ascii_graphic();
    let last = text.pop();
    while last.is_some_and(in_word) && text.ends_with(in_word) {
        text.pop();
    }
    text.truncate(text.trim_end().len());
    !text.is_empty()
}

/// About how lines of text look on a sign with letters of its own.
pub fn picture_of_text(lines: &[&str], panel: Panel) -> Frame {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    NoticePage { text: lines.join("\n") }.render(panel, 0)
}

/// The table: the first row that the sign can show is what it shows.
///
/// Rows that a page has no content for (a closed window has no number) are passed over.
pub fn fit(words: &Words, ability: Ability) -> Fitted {
    if words.kind == PageKind::Dark {
        return Fitted::new(Substitute::Nothing, vec![]);
    }
    match ability {
        Ability::Pixels => Fitted::new(Substitute::Nothing, words.lines.clone()),
        _ if words.kind == PageKind::Test => eights(words, ability),
        Ability::Text { charset, columns, rows, .. } if words.kind == PageKind::Identity && rows > 0 => {
            identity::fit(words, Sheet { charset, columns: usize::from(columns), rows: usize::from(rows) })
        }
        Ability::Digits { places } => digits(words, usize::from(places)),
        Ability::Text { rows: 0, .. } | Ability::Text { columns: 0, .. } => Fitted::dark(),
        Ability::Text { charset, columns, rows, scrolls } => {
            let sheet = Sheet { charset, columns: usize::from(columns), rows: usize::from(rows) };
            let found = rows_of_the_table(words, sheet.rows)
                .into_iter()
                .find(|fitted| sheet.takes(&fitted.lines, scrolls && fitted.substitute.moves()));
            found.unwrap_or_else(Fitted::dark)
        }
    }
}

fn rows_of_the_table(words: &Words, rows: usize) -> Vec<Fitted> {
    let light = words.lines.first().map_or(Light::RED, |line| line.light);
    let one = |text: String| vec![TextLine::new(text, light)];
    let texts: Vec<&str> = words.lines.iter().map(|line| line.text.as_str()).collect();
    let joined = one(texts.join(" "));
    let first: Vec<TextLine> = words.lines.iter().take(1).cloned().collect();
    let mut table = vec![Fitted::new(Substitute::OwnFont, words.lines.clone())];
    if words.kind == PageKind::Zone {
        let newest = words.lines.iter().take(rows).cloned().collect();
        table.push(Fitted::new(Substitute::FewerLines, newest));
    } else {
        if let (PageKind::Idle, [window, rest @ .., state]) = (words.kind, &words.lines[..]) {
            let together = TextLine::new(format!("{} {}", window.text, state.text), window.light);
            table.push(Fitted::new(Substitute::OwnFont, [vec![together], rest.to_vec()].concat()));
        }
        table.push(Fitted::new(Substitute::OwnFont, joined.clone()));
        if let (PageKind::Idle, [window, service, _]) = (words.kind, &words.lines[..]) {
            table.push(Fitted::new(Substitute::SomeLines, vec![window.clone(), service.clone()]));
        }
    }
    let Some(number) = &words.number else {
        table.push(Fitted::new(Substitute::Scrolling, joined));
        table.push(Fitted::new(Substitute::FirstLine, first));
        // The shortest ways to say it come last.
        table.push(Fitted::new(Substitute::Latin, words.latin.clone()));
        if words.kind == PageKind::Idle {
            let latin: Vec<&str> = words.latin.iter().map(|line| line.text.as_str()).collect();
            table.push(Fitted::new(Substitute::Latin, one(latin.join(" "))));
        }
        // A state without its window says nothing.
        let alone = if words.kind == PageKind::Idle { 1 } else { words.latin.len() };
        table.extend(
            words.latin.iter().take(alone).map(|line| Fitted::new(Substitute::Latin, vec![line.clone()])),
        );
        let latin: Vec<&str> = words.latin.iter().map(|line| line.text.as_str()).collect();
        table.push(Fitted::new(Substitute::LatinScrolling, one(latin.join(" "))));
        table.extend([3, 1].map(|dashes| Fitted::new(Substitute::Dashes, one("-".repeat(dashes)))));
        table.retain(|fitted| fitted.lines.iter().any(|line| !line.text.is_empty()));
        return table;
    };
    let says_where = matches!(words.kind, PageKind::Called | PageKind::Zone | PageKind::Arrow);
    if let Some(window) = words.window.as_ref().filter(|_| says_where) {
        table.push(Fitted::new(Substitute::NumberAndWindow, one(format!("{number} {window}"))));
    }
    // On a zone's sign a number without its window sends nobody anywhere.
    if words.kind == PageKind::Zone {
        table.push(Fitted::new(Substitute::Scrolling, first));
    }
    let only: String = number.chars().filter(char::is_ascii_digit).collect();
    table.push(Fitted::new(Substitute::NumberOnly, one(number.clone())));
    table.push(Fitted::new(Substitute::DigitsOnly, one(only)));
    table
}

/// The room of a text sign.
#[derive(Clone, Copy)]
struct Sheet {
    charset: Charset,
    columns: usize,
    rows: usize,
}

impl Sheet {
    fn takes(self, lines: &[TextLine], scrolls: bool) -> bool {
        let drawable = |line: &TextLine| line.text.chars().all(|character| self.charset.has(character));
        let narrow = |line: &TextLine| scrolls || columns(&line.text) <= self.columns;
        // What moves through does so as one line.
        let rows = if scrolls { 1 } else { self.rows };
        lines.len() <= rows.max(1) && lines.iter().all(|line| drawable(line) && narrow(line))
    }
}

/// How many cells a text takes: one for ASCII, two for the rest.
pub fn columns(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}

/// An eight in every place, in the colour that is tested.
fn eights(words: &Words, ability: Ability) -> Fitted {
    let (columns, rows) = match ability {
        Ability::Pixels => (0, 0),
        Ability::Text { columns, rows, .. } => (usize::from(columns), usize::from(rows)),
        Ability::Digits { places } => (usize::from(places), 1),
    };
    if columns == 0 || rows == 0 {
        return Fitted::dark();
    }
    let light = words.lines.first().map_or(Light::RED, |line| line.light);
    Fitted::new(Substitute::Eights, vec![TextLine::new("8".repeat(columns), light); rows])
}

/// A digit display has room for digits, and dashes for a window that is open.
fn digits(words: &Words, places: usize) -> Fitted {
    let light = Light::RED;
    let Some(number) = &words.number else {
        let dashes = "-".repeat(places);
        return match words.kind {
            // Digits of a clock would be taken for a number.
            PageKind::Idle
            | PageKind::Paused
            | PageKind::Overview
            | PageKind::Notice
            | PageKind::Clock
            | PageKind::Emergency => Fitted::new(Substitute::Dashes, vec![TextLine::new(dashes, light)]),
            _ => Fitted::dark(),
        };
    };
    let only: String = number.chars().filter(char::is_ascii_digit).collect();
    if only.len() > places {
        // Part of a number would be another number.
        return Fitted::new(Substitute::Dashes, vec![TextLine::new("-".repeat(places), light)]);
    }
    let substitute = if only == *number { Substitute::NumberOnly } else { Substitute::DigitsOnly };
    Fitted::new(substitute, vec![TextLine::new(only, light)])
}
