//! The command line of `render`: which page, its words, the panel.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hall_protocol::number::TicketNumber;
use hall_protocol::sign::Depth;
use hall_signs::Panel;
use hall_signs::page::{Direction, TestPattern};
use jiff::civil::DateTime;

use crate::colours;

/// What is drawn and where to.
#[derive(Debug, Clone, Args)]
pub struct RenderArgs {
    /// The page.
    #[arg(long, value_enum)]
    pub page: PageKind,
    /// The panel's width and height in pixels, such as 128x32.
    #[arg(long, default_value = "128x32", value_parser = parse_size)]
    pub size: (u16, u16),
    /// The panel's colours: mono, red-green or rgb.
    #[arg(long, default_value = "red-green", value_parser = parse_depth)]
    pub colour: Depth,
    /// The PNG file; one that is there is written over.
    #[arg(long)]
    pub out: PathBuf,
    /// Pixels of the file for each of the sign, along each side.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub scale: u8,
    /// Which screen of a page that takes several, from 1.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub screen: u16,
    /// The ticket of `called`, `serving` and `arrow`.
    #[arg(long, default_value = "A012", value_parser = super::parse_number)]
    pub number: TicketNumber,
    /// The window's number or name.
    #[arg(long, default_value = "3")]
    pub window: String,
    /// The service of an `idle` window.
    #[arg(long, default_value = "社会保险")]
    pub service: String,
    /// The reason of `paused`, the text of `notice`, `scroll` and `emergency`, the name of `zone` and `overview`.
    #[arg(long)]
    pub text: Option<String>,
    /// The text of `emergency` in English.
    #[arg(long, default_value = "")]
    pub text_en: String,
    /// How many wait at an `idle` window.
    #[arg(long, default_value_t = 0)]
    pub waiting: u32,
    /// A call of `zone`, newest first, as NUMBER=WINDOW or NUMBER=WINDOW,SERVICE.
    #[arg(long = "call", value_parser = parse_call)]
    pub calls: Vec<Call>,
    /// A service of `overview`, as NAME=WAITING or NAME=WAITING,FROM-TO with minutes.
    #[arg(long = "queue", value_parser = parse_queue)]
    pub queues: Vec<Queue>,
    /// Where `arrow` points: left, right, up or down.
    #[arg(long, default_value = "right", value_parser = parse_direction)]
    pub direction: Direction,
    /// What `test` lights: all, red, green, blue or modules.
    #[arg(long, default_value = "modules", value_parser = parse_pattern)]
    pub pattern: TestPattern,
    /// What `clock` shows, such as 2026-11-25T08:05.
    #[arg(long, default_value = "2026-11-25T08:05")]
    pub time: DateTime,
}

/// The pages of signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PageKind {
    /// A window calls a ticket.
    #[value(alias = "window")]
    Called,
    /// A window serves a ticket.
    Serving,
    /// A window waits for citizens.
    Idle,
    /// A window's clerk is away.
    Paused,
    /// A window is closed.
    Closed,
    /// The latest calls of a waiting zone.
    Zone,
    /// How many wait for each service of a zone.
    Overview,
    /// A notice to the public.
    Notice,
    /// A notice that moves through in one line; --screen is how many pixels it has gone, and one.
    #[value(alias = "marquee")]
    Scroll,
    /// Date and time.
    Clock,
    /// Where a called ticket's window is.
    Arrow,
    /// What everybody must know at once.
    Emergency,
    /// A pattern that shows dead pixels.
    Test,
    /// Which sign this is.
    Identity,
}

/// A call of a zone: number, window and service, which may be empty.
pub(super) type Call = (TicketNumber, String, String);

/// A service of an overview: its name, how many wait, and for how many minutes, from and to.
pub(super) type Queue = (String, u32, Option<(u16, u16)>);

fn parse_size(text: &str) -> Result<(u16, u16), String> {
    let wrong = || "a size is WIDTHxHEIGHT in pixels, such as 128x32".to_owned();
    let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(wrong)?;
    let size = (width.parse().map_err(|_| wrong())?, height.parse().map_err(|_| wrong())?);
    Panel::new(size.0, size.1, Depth::Mono).map(|_| size).map_err(|error| error.to_string())
}

fn parse_depth(text: &str) -> Result<Depth, String> {
    colours::depth(text).ok_or_else(|| "a colour is mono, red-green or rgb".to_owned())
}

fn parse_direction(text: &str) -> Result<Direction, String> {
    match text {
        "left" => Ok(Direction::Left),
        "right" => Ok(Direction::Right),
        "up" => Ok(Direction::Up),
        "down" => Ok(Direction::Down),
        _ => Err("a direction is left, right, up or down".to_owned()),
    }
}

fn parse_pattern(text: &str) -> Result<TestPattern, String> {
    match text {
        "all" => Ok(TestPattern::All),
        "red" => Ok(TestPattern::Red),
        "green" => Ok(TestPattern::Green),
        "blue" => Ok(TestPattern::Blue),
        "modules" => Ok(TestPattern::Modules),
        _ => Err("a pattern is all, red, green, blue or modules".to_owned()),
    }
}

fn parse_call(text: &str) -> Result<Call, String> {
    let wrong = "a call is NUMBER=WINDOW or NUMBER=WINDOW,SERVICE, such as A012=3,社会保险";
    let (number, place) = text.split_once('=').ok_or(wrong)?;
    let (window, service) = place.split_once(',').unwrap_or((place, ""));
    Ok((super::parse_number(number)?, window.to_owned(), service.to_owned()))
}

fn parse_queue(text: &str) -> Result<Queue, String> {
    let wrong = || "a queue is NAME=WAITING or NAME=WAITING,FROM-TO, such as 税务=12,10-15".to_owned();
    let (name, figures) = text.rsplit_once('=').ok_or_else(wrong)?;
    let (waiting, minutes) = match figures.split_once(',') {
        Some((waiting, minutes)) => (waiting, Some(minutes)),
        None => (figures, None),
    };
    let minutes = minutes.map(|minutes| {
        let (from, to) = minutes.split_once('-').ok_or_else(wrong)?;
        Ok::<_, String>((from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?))
    });
    Ok((name.to_owned(), waiting.parse().map_err(|_| wrong())?, minutes.transpose()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_calls_and_queues_read_as_people_write_them() {
        assert_eq!(parse_size("320x64"), Ok((320, 64)));
        for wrong in ["", "128", "128x", "100x16", "128x0", "x", "9999x16"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
        let call = |service: &str| Ok(("A012".parse().unwrap(), "12".to_owned(), service.to_owned()));
        assert_eq!((parse_call("A012=12"), parse_call("A012=12,税务")), (call(""), call("税务")));
        assert!(parse_call("A012").is_err() && parse_call("12=A").is_err());
        assert_eq!(parse_queue("税务=12,10-15"), Ok(("税务".to_owned(), 12, Some((10, 15)))));
        assert_eq!(parse_queue("a=b=3"), Ok(("a=b".to_owned(), 3, None)));
        assert!(
            parse_queue("税务").is_err()
                && parse_queue("税务=many").is_err()
                && parse_queue("x=1,5").is_err()
        );
    }
}
