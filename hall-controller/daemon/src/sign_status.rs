//! How every sign is, as `/api/v1/signs` tells it and `sign list` and `sign watch` print it.

use std::fmt::Write as _;
use std::sync::Arc;

use hall_protocol::id::DeviceId;
use hall_signs::codec::Protocol;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::colours;
use crate::wall::{Health, SignWall, Speed, WallSign};

/// All signs and all lines that are not open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SignsTold {
    /// When, on the wall's clock.
    pub at: String,
    /// In the configuration's order; in a stream those that changed.
    pub signs: Vec<SignTold>,
    /// Lines whose port is not open.
    pub closed_lines: Vec<ClosedLine>,
}

/// One sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignTold {
    /// Its id.
    pub id: DeviceId,
    /// The port of its line.
    pub line: String,
    /// The line's speed, in bits a second; absent while it is looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baud: Option<u32>,
    /// The speed was not configured: a card answers, or is to answer, at it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub baud_auto: bool,
    /// Its address on the line.
    pub address: u8,
    /// In pixels.
    pub width_px: u16,
    /// In pixels.
    pub height_px: u16,
    /// `mono`, `red-green` or `rgb`.
    pub colour: String,
    /// The protocol it speaks.
    pub protocol: String,
    /// How it is.
    pub state: SignState,
    /// While it is dark: since when, on the wall's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dark_since: Option<String>,
    /// Requests without an answer in time, since the start.
    pub timeouts: u64,
    /// Requests it refused, since the start.
    pub refusals: u64,
    /// While it is dark: what is wrong, and what helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What it should show, in one line; empty for nothing.
    pub says: String,
    /// Whether it has said that it shows just that.
    pub shown: bool,
}

/// How a sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignState {
    /// It answers.
    Ok,
    /// It has missed a request, or has not been asked yet.
    Late,
    /// It does not answer, or is not what it should be.
    Dark,
}

/// A line whose port is not open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedLine {
    /// The port.
    pub line: String,
    /// Why it is not open.
    pub why: String,
}

impl SignsTold {
    /// What is told of these signs.
    pub fn of(signs: &[Arc<WallSign>], closed_lines: &[(Arc<str>, String)], clock: &Clock) -> Self {
        let closed =
            |(line, why): &(Arc<str>, String)| ClosedLine { line: line.to_string(), why: why.clone() };
        Self {
            at: wall_time(clock, Timestamp::now()),
            signs: signs.iter().map(|sign| SignTold::of(sign, clock)).collect(),
            closed_lines: closed_lines.iter().map(closed).collect(),
        }
    }

    /// What is told of all.
    pub fn of_wall(wall: &SignWall, clock: &Clock) -> Self {
        Self::of(&wall.signs, &wall.closed_lines, clock)
    }

    /// As a table for people; why a sign is dark stands under it, unless all of its line are.
    pub fn table(&self) -> String {
        let heads = [
            "SIGN", "LINE", "BAUD", "ADDRESS", "SIZE", "COLOUR", "PROTOCOL", "STATE", "TIMEOUTS", "REFUSALS",
        ];
        let rows = self.signs.iter().map(|sign| (sign.fields(), sign.said()));
        let rows: Vec<_> =
            std::iter::once((heads.map(str::to_owned), "SHOWS".to_owned())).chain(rows).collect();
        let width = |at: usize| rows.iter().map(|(row, _)| row[at].chars().count()).max().unwrap_or(0);
        let widths: [usize; 10] = std::array::from_fn(width);
        let mut text = String::new();
        for (row, said) in &rows {
            for (field, width) in row.iter().zip(widths) {
                // Writing to a String cannot fail.
                let _ = write!(text, "{field:width$}  ");
            }
            let _ = writeln!(text, "{said}");
        }
        let is_closed = |line: &str| self.closed_lines.iter().any(|closed| closed.line == line);
        for SignTold { id, line, trouble, .. } in &self.signs {
            if let Some(why) = trouble
                && !is_closed(line)
            {
                let _ = writeln!(text, "sign {id} is dark: {why}");
            }
        }
        for ClosedLine { line, why } in &self.closed_lines {
            let _ = writeln!(text, "line {line} is not open: {why}");
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl SignTold {
    fn of(sign: &WallSign, clock: &Clock) -> Self {
        let panel = sign.wanted.panel();
        let (baud, baud_auto) = match sign.speed {
            Speed::Set(rate) => (Some(rate), false),
            Speed::Looking => (None, true),
            Speed::Found(rate) => (Some(rate), true),
        };
        let (state, dark_since) = match sign.health {
            Health::Ok => (SignState::Ok, None),
            Health::Late => (SignState::Late, None),
            Health::Dark(since) => {
                let ago = SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::ZERO);
                let then = Timestamp::now().checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH);
                (SignState::Dark, Some(wall_time(clock, then)))
            }
        };
        Self {
            id: sign.id,
            line: sign.port.to_string(),
            baud,
            baud_auto,
            address: sign.address.get(),
            width_px: panel.width_px(),
            height_px: panel.height_px(),
            colour: colours::word(panel.depth()).to_owned(),
            protocol: Protocol::name(sign.protocol).to_owned(),
            state,
            dark_since,
            timeouts: sign.timeouts,
            refusals: sign.refusals,
            trouble: sign.trouble.as_deref().map(str::to_owned),
            says: sign.says.to_string(),
            shown: sign.acknowledged.as_ref() == Some(&sign.wanted),
        }
    }

    /// Whether a watcher would see no difference.
    pub fn looks_like(&self, other: &Self) -> bool {
        let look = |sign: &Self| (sign.state, sign.baud, sign.says.clone(), sign.shown, sign.trouble.clone());
        look(self) == look(other)
    }

    fn fields(&self) -> [String; 10] {
        [
            self.id.to_string(),
            self.line.clone(),
            self.speed().to_string(),
            self.address.to_string(),
            format!("{}x{}", self.width_px, self.height_px),
            self.colour.clone(),
            self.protocol.clone(),
            self.state(),
            self.timeouts.to_string(),
            self.refusals.to_string(),
        ]
    }

    /// The line's speed in words.
    pub fn speed(&self) -> Speed {
        match (self.baud, self.baud_auto) {
            (Some(rate), false) => Speed::Set(rate),
            (Some(rate), true) => Speed::Found(rate),
            (None, _) => Speed::Looking,
        }
    }

    /// Where it hangs, in words.
    pub fn whereabouts(&self) -> String {
        let Self { id, line, address, .. } = self;
        let speed = match self.speed() {
            Speed::Set(rate) => format!("{rate} baud"),
            Speed::Found(rate) => format!("{rate} baud, which was found"),
            Speed::Looking => "a speed that is looked for".to_owned(),
        };
        format!("{id}: address {address} on {line} at {speed}")
    }

    /// Its state in words.
    pub fn state(&self) -> String {
        match (self.state, &self.dark_since) {
            (SignState::Ok, _) => "ok".to_owned(),
            (SignState::Late, _) => "late".to_owned(),
            (SignState::Dark, Some(since)) => format!("dark since {since}"),
            (SignState::Dark, None) => "dark".to_owned(),
        }
    }

    /// What it shows in words.
    pub fn said(&self) -> String {
        let says = if self.says.is_empty() { "(nothing)" } else { &self.says };
        if self.shown { says.to_owned() } else { format!("{says} (not acknowledged yet)") }
    }
}

/// The hall's local time to the second, whatever a demo's clock makes of the day.
fn wall_time(clock: &Clock, at: Timestamp) -> String {
    clock.zone().to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The lines a watcher prints for one message of the stream, the last of which was `before`.
pub fn changes(told: &SignsTold, before: Option<&SignsTold>, json: bool) -> Vec<String> {
    let at = &told.at;
    let was_closed = |line: &ClosedLine| before.is_some_and(|before| before.closed_lines.contains(line));
    let is_closed = |line: &str| told.closed_lines.iter().any(|closed| closed.line == line);
    let signs = told.signs.iter().map(|sign| {
        if json {
            let mut object = serde_json::to_value(sign).unwrap_or_default();
            object["at"] = at.as_str().into();
            object.to_string()
        } else {
            let trouble = sign.trouble.as_ref().map_or_else(String::new, |why| format!(": {why}"));
            format!("{at}  {}  {}{trouble}  {}", sign.id, sign.state(), sign.said())
        }
    });
    let line_is = |line: &str, why: Option<&str>| match (json, why) {
        (true, why) => {
            serde_json::json!({ "at": at, "line": line, "open": why.is_none(), "why": why }).to_string()
        }
        (false, Some(why)) => format!("{at}  line {line} is not open: {why}"),
        (false, None) => format!("{at}  line {line} is open again"),
    };
    let closed = told.closed_lines.iter().filter(|line| !was_closed(line));
    let closed = closed.map(|closed| line_is(&closed.line, Some(&closed.why)));
    let opened = before.into_iter().flat_map(|before| &before.closed_lines);
    let opened = opened.filter(|line| !is_closed(&line.line)).map(|opened| line_is(&opened.line, None));
    signs.chain(closed).chain(opened).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(says: &str, closed_lines: &[&str]) -> SignsTold {
        let sign = SignTold {
            id: "W1".parse().unwrap(),
            line: "/dev/ttyS1".into(),
            baud: Some(57_600),
            baud_auto: true,
            address: 3,
            width_px: 128,
            height_px: 32,
            colour: "mono".into(),
            protocol: "native".into(),
            state: SignState::Dark,
            dark_since: Some("2026-11-25 09:00:00".into()),
            timeouts: 7,
            refusals: 0,
            trouble: Some("no answer: wiring?".into()),
            says: says.into(),
            shown: false,
        };
        let closed = |line: &&str| ClosedLine { line: (*line).into(), why: "gone".into() };
        let closed_lines = closed_lines.iter().map(closed).collect();
        SignsTold { at: "2026-11-25 09:12:33".into(), signs: vec![sign], closed_lines }
    }

    #[test]
    fn the_table_tells_all_of_a_sign_in_one_row() {
        let told = told("A012 请到3号窗口", &["/dev/ttyS9"]);
        let table = told.table();
        let [heads, row, sign, line] = table.lines().collect::<Vec<_>>()[..] else { panic!("{table}") };
        let column = |head: &str| row[heads.find(head).unwrap()..].split("  ").next().unwrap();
        let read = ["SIGN", "LINE", "BAUD", "ADDRESS", "SIZE", "COLOUR", "PROTOCOL", "STATE", "TIMEOUTS"]
            .map(column);
        let state = "dark since 2026-11-25 09:00:00";
        assert_eq!(read, ["W1", "/dev/ttyS1", "57600 found", "3", "128x32", "mono", "native", state, "7"]);
        assert!(row.ends_with("A012 请到3号窗口 (not acknowledged yet)"), "{row}");
        assert_eq!(sign, "sign W1 is dark: no answer: wiring?");
        assert_eq!(line, "line /dev/ttyS9 is not open: gone");
    }

    #[test]
    fn a_watcher_hears_of_signs_and_of_lines_that_close_and_open() {
        let (first, second) = (told("A012", &["/dev/ttyS9"]), told("", &["/dev/ttyS8"]));
        let said = changes(&second, Some(&first), false);
        let expected = [
            "2026-11-25 09:12:33  W1  dark since 2026-11-25 09:00:00: no answer: wiring?  (nothing) (not acknowledged yet)",
            "2026-11-25 09:12:33  line /dev/ttyS8 is not open: gone",
            "2026-11-25 09:12:33  line /dev/ttyS9 is open again",
        ];
        assert_eq!(said, expected);
        let objects: Vec<serde_json::Value> = changes(&second, Some(&first), true)
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!((&objects[0]["id"], &objects[0]["state"]), (&"W1".into(), &"dark".into()));
        assert_eq!((&objects[2]["line"], &objects[2]["open"]), (&"/dev/ttyS9".into(), &true.into()));
    }
}
