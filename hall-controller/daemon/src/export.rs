//! `export`: the events of a journal as CSV (RFC 4180) or as one JSON object a line.
//!
//! It reads rows, not events, so that rows of a newer version's kinds come out as well. A row
//! belongs to the business day that had begun when it was written, not to a calendar day.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use hall_core::event::Cause;
use hall_core::time::BusinessDay;
use hall_journal::{JournalError, JournalReader, Record, ReplayError, Unfinished};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use crate::clock::date_of;
use crate::hall_zone::TimesIn;

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A header and one row an event, with the columns of [`COLUMNS`].
    Csv(Opening),
    /// One object a line, with all that the journal has.
    JsonLines,
}

/// How a CSV file begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// With the header, as RFC 4180 has it.
    Plain,
    /// With a byte order mark: Excel in Chinese Windows takes UTF-8 without one for GBK.
    Marked,
}

impl Opening {
    /// What stands before the header.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Marked => "\u{feff}",
        }
    }
}

/// The columns of CSV.
pub const COLUMNS: [&str; 13] = [
    "seq", "at", "day", "kind", "ticket", "number", "window", "service", "cause", "clerk", "event", "answer",
    "hash",
];

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The journal.
    #[error("{0}. What was exported before is whole")]
    Journal(#[from] JournalError),
    /// The place it was written to.
    #[error("the export could not be written: {0}; check the place it goes to and its free space")]
    Write(#[from] io::Error),
    /// There is nothing of that day.
    #[error("the journal has no events of {}; {}", date_of(*asked), days(*held))]
    NoSuchDay {
        /// The day asked for.
        asked: BusinessDay,
        /// The first and the last day it has.
        held: Option<(BusinessDay, BusinessDay)>,
    },
    /// Something of that name is there.
    #[error("{} is there already; name a new file, nothing is written over", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The journal, while a file was being made of it.
    #[error("{} was not made, and nothing is left of it: {broken}", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
        /// The journal's trouble.
        broken: JournalError,
    },
    /// The file system refused.
    #[error(
        "{} was not made, and nothing is left of it ({source}); check that its directory exists, may be \
         written and has space",
        path.display()
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn days(held: Option<(BusinessDay, BusinessDay)>) -> String {
    match held {
        Some((first, last)) => format!("it begins with {} and ends with {}", date_of(first), date_of(last)),
        None => "no business day has begun in it".to_owned(),
    }
}

/// The same as [`export`] into the new file `to`, which is whole when it has its name.
///
/// # Errors
/// As [`export`]; then nothing is left behind.
pub fn export_to_file(
    reader: &JournalReader,
    format: Format,
    day: Option<BusinessDay>,
    times: &TimesIn,
    to: &Path,
) -> Result<u64, ExportError> {
    let path = to.to_owned();
    let made = Unfinished::beside(to).map_err(ExportError::Write).and_then(|unfinished| {
        let file = File::options().write(true).open(unfinished.path())?;
        let count = export(reader, format, day, times, &mut BufWriter::new(&file))?;
        file.sync_all()?;
        unfinished.finish()?;
        Ok(count)
    });
    made.map_err(|error| match error {
        ExportError::Write(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            ExportError::Exists { path }
        }
        ExportError::Write(source) => ExportError::File { path, source },
        ExportError::Journal(broken) => ExportError::NoFile { path, broken },
        other => other,
    })
}

/// Write the events of `reader`'s journal, or those of one business day, to `out`; how many.
/// Times are local to the zone that `times` names for each: a day that was before the hall's clock got another
/// zone has its own.
///
/// # Errors
/// When the journal is broken, at the first bad record; when it has no event of that day; when `out`
/// takes no more.
pub fn export(
    reader: &JournalReader,
    format: Format,
    day: Option<BusinessDay>,
    times: &TimesIn,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let mut zone = times.under(None);
    let (mut current, mut first, mut count) = (None, None, 0);
    let mut opening = match format {
        Format::Csv(opening) => Some(opening),
        Format::JsonLines => None,
    };
    reader
        .read(|record| {
            if let Some(from_here) = times.changed_by(&record) {
                zone = from_here;
            }
            let row = Row::of(&record, &mut current, &zone);
            first = first.or(current);
            if day.is_some_and(|day| current != Some(day)) {
                return Ok(());
            }
            count += 1;
            if let Some(opening) = opening.take() {
                write_header(out, opening)?;
            }
            match format {
                Format::Csv(_) => write_fields(out, row.fields()),
                Format::JsonLines => {
                    serde_json::to_writer(&mut *out, &row)?;
                    out.write_all(b"\n")
                }
            }
        })
        .map_err(|error| match error {
            ReplayError::Journal(error) => ExportError::Journal(error),
            ReplayError::Visitor(error) => ExportError::Write(error),
        })?;
    if let Some(asked) = day.filter(|_| count == 0) {
        return Err(ExportError::NoSuchDay { asked, held: first.zip(current) });
    }
    if let Some(opening) = opening {
        write_header(out, opening)?;
    }
    out.flush()?;
    Ok(count)
}

fn write_header(out: &mut dyn Write, opening: Opening) -> io::Result<()> {
    out.write_all(opening.mark().as_bytes())?;
    write_fields(out, COLUMNS.map(str::to_owned))
}

/// One row of the journal, taken apart.
#[derive(Serialize)]
struct Row {
    seq: u64,
    /// RFC 3339 with the zone's offset.
    at: String,
    at_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<String>,
    kind: String,
    cause: Value,
    /// Who was signed on at the pad that was pressed, or at the window concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    clerk: Option<Value>,
    event: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
    hash: String,
}

impl Row {
    /// Takes `record` apart; `day` is the business day before it, and after it.
    fn of(record: &Record, day: &mut Option<BusinessDay>, zone: &TimeZone) -> Self {
        let mut body = parsed(&record.body);
        let [answer, clerk] = ["answer", "clerk"].map(|key| body.get_mut(key).map(Value::take));
        let event = body.get_mut("event").map(Value::take).unwrap_or(body);
        if record.kind == "day_began" {
            *day = serde_json::from_value(event["day"].clone()).ok().or(*day);
        }
        let at = Timestamp::from_millisecond(record.at_ms)
            .map_or(String::new(), |at| format!("{:.3}", at.display_with_offset(zone.to_offset(at))));
        Self {
            seq: record.seq,
            at,
            at_ms: record.at_ms,
            day: day.map(|day| date_of(day).to_string()),
            kind: record.kind.to_string(),
            cause: parsed(&record.cause),
            clerk,
            event,
            answer,
            hash: record.hash.to_string(),
        }
    }

    fn fields(self) -> [String; COLUMNS.len()] {
        let of_event = |name: &str| self.event.get(name).map_or(String::new(), plain);
        [
            self.seq.to_string(),
            self.at,
            self.day.unwrap_or_default(),
            self.kind,
            of_event("ticket"),
            of_event("number"),
            of_event("window"),
            of_event("service"),
            cause(&self.cause),
            self.clerk.as_ref().map_or(String::new(), plain),
            self.event.to_string(),
            self.answer.map_or(String::new(), |answer| answer.to_string()),
            self.hash,
        ]
    }
}

/// The press's id, the program's or the rule's name, or whatever a newer version wrote.
fn cause(cause: &Value) -> String {
    match serde_json::from_value::<Cause>(cause.clone()).ok().and_then(|cause| cause.press()) {
        Some(press) => press.to_string(),
        None => cause.get("client").or(cause.get("rule")).map_or_else(|| cause.to_string(), plain),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The journal's texts are JSON; if one is not, it is shown as the text it is.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// One record of RFC 4180.
pub(crate) fn write_fields(out: &mut dyn Write, fields: impl IntoIterator<Item = String>) -> io::Result<()> {
    let quoted = fields.into_iter().map(|field| {
        if field.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field
        }
    });
    write!(out, "{}\r\n", quoted.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::tests::scribe::{Scribe, parts, plan, plan_of};
    use hall_core::command::Command;
    use hall_protocol::payload::Key;

    fn exported(format: Format, day: Option<BusinessDay>) -> (u64, String) {
        let mut scribe = Scribe::new();
        scribe.adopt(plan());
        scribe.give(&Command::Tick);
        scribe.key("1", Key::Open);
        scribe.take("K1", "social");
        scribe.sign_on("1", "1001");
        scribe.key_because("1", Key::Pause, Some("午休, \"一小时\"\n马上回来"));
        scribe.wait_ms(86_400_000);
        scribe.give(&Command::Tick);
        scribe.take("K1", "tax");
        let directory = tempfile::tempdir().unwrap();
        scribe.write(directory.path());
        let reader = JournalReader::open(directory.path()).unwrap();
        let mut out = Vec::new();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        // What is refused leaves its sentence, and not one byte.
        match export(&reader, format, day, &TimesIn::HallsOr(zone), &mut out) {
            Ok(count) => (count, String::from_utf8(out).unwrap()),
            Err(error) => {
                assert!(out.is_empty());
                (0, error.to_string())
            }
        }
    }

    /// The fields of CSV as a reader by the RFC finds them.
    fn parse_csv(text: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut field, mut quoted) = (vec![], vec![], String::new(), false);
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut field)),
                '\r' if !quoted => {
                    assert_eq!(chars.next(), Some('\n'));
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
                other => field.push(other),
            }
        }
        assert!(row.is_empty() && field.is_empty() && !quoted, "it ends within a record");
        rows
    }

    #[test]
    fn csv_has_a_header_and_every_event_with_its_texts_whole() {
        let (count, text) = exported(Format::Csv(Opening::Plain), None);
        let rows = parse_csv(&text);
        assert_eq!(rows[0], COLUMNS);
        assert_eq!(rows.len() as u64, count + 1);
        assert!(rows.iter().all(|row| row.len() == COLUMNS.len()));
        let issued = rows.iter().find(|row| row[3] == "issued").unwrap();
        assert_eq!(issued[1..3], ["2026-03-02T10:00:06.000+08:00", "2026-03-02"]);
        assert_eq!(issued[4..9], ["1", "A001", "", "social", "kiosk/K1/00000007/2"]);
        assert!(issued[11].contains("\"A001\""), "{}", issued[11]);
        let paused = rows.iter().find(|row| row[3] == "window_paused").unwrap();
        assert_eq!([&*issued[9], &*paused[9]], ["", "1001"], "the clerk");
        let event: Value = serde_json::from_str(&paused[10]).unwrap();
        assert_eq!(event["reason"], "午休, \"一小时\"\n马上回来");
        assert!(
            rows.iter().any(|row| row[3] == "expired" && row[8] == "day_began" && row[2] == "2026-03-02")
        );
    }

    #[test]
    fn csv_for_excel_is_the_same_behind_a_byte_order_mark() {
        let (_, plain) = exported(Format::Csv(Opening::Plain), None);
        let (_, marked) = exported(Format::Csv(Opening::Marked), None);
        assert!(plain.starts_with("seq,"), "{plain}");
        assert_eq!(marked.as_bytes()[..3], [0xef, 0xbb, 0xbf]);
        assert_eq!(marked["\u{feff}".len()..], plain);
    }

    #[test]
    fn json_lines_have_all_that_the_journal_has() {
        let (count, text) = exported(Format::JsonLines, None);
        let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len() as u64, count);
        assert!(rows.iter().zip(1..).all(|(row, seq)| row["seq"] == seq));
        let issued = rows.iter().find(|row| row["kind"] == "issued").unwrap();
        assert_eq!(issued["event"]["number"], "A001");
        assert_eq!(issued["cause"]["press"]["device"], "kiosk/K1");
        assert_eq!(issued["answer"]["ticket"]["number"], "A001");
        assert_eq!(issued["at_ms"], 1_772_416_806_000_i64);
        assert_eq!(issued.get("clerk"), None);
        let paused = rows.iter().find(|row| row["kind"] == "window_paused").unwrap();
        assert_eq!(paused["clerk"], "1001");
    }

    #[test]
    fn one_business_day_is_what_happened_from_its_beginning_to_the_next() {
        let (all, _) = exported(Format::JsonLines, None);
        let of_day = |days: i32| exported(Format::JsonLines, Some(BusinessDay::from_days(days)));
        let (first, second) = (of_day(20_514), of_day(20_515));
        assert!(first.0 > 0 && second.0 > 0);
        assert_eq!(first.0 + second.0, all);
        assert!(first.1.contains("A001") && !first.1.contains("B001"));
        assert!(second.1.contains("B001") && !second.1.contains("A001"));
        let (none, said) = of_day(20_513);
        assert_eq!(none, 0);
        assert!(
            said.contains("the journal has no events of 2026-03-01; it begins with 2026-03-02"),
            "{said}"
        );
    }

    #[test]
    fn a_day_before_the_hall_moved_to_another_zone_has_the_time_of_its_own() {
        let mut scribe = Scribe::new();
        let plan_in = |zone: Option<&str>| {
            let mut parts = parts();
            if let Some(zone) = zone {
                parts["calendar"] = serde_json::json!({ "time_zone": zone });
            }
            plan_of(parts)
        };
        for zone in [None, Some("Asia/Shanghai"), Some("Asia/Tokyo")] {
            scribe.adopt(plan_in(zone));
            scribe.give(&Command::Tick);
            scribe.take("K1", "social");
            scribe.wait_ms(86_400_000);
        }
        let directory = tempfile::tempdir().unwrap();
        scribe.write(directory.path());
        let reader = JournalReader::open(directory.path()).unwrap();
        let issued = |day: Option<i32>, times: TimesIn| -> Vec<String> {
            let mut out = Vec::new();
            export(&reader, Format::JsonLines, day.map(BusinessDay::from_days), &times, &mut out).unwrap();
            let rows = String::from_utf8(out).unwrap();
            let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            let hour_and_zone = |at: String| format!("{}h{}", &at[..13], &at[23..]);
            rows.filter(|row| row["kind"] == "issued").map(|row| hour_and_zone(plain(&row["at"]))).collect()
        };
        let now = || TimesIn::HallsOr(TimeZone::get("Asia/Tokyo").unwrap());
        // The first plan says no zone: of that day the journal does not know better than today.
        let halls = ["2026-03-02T11h+09:00", "2026-03-03T10h+08:00", "2026-03-04T11h+09:00"];
        assert_eq!(issued(None, now()), halls);
        assert_eq!(
            issued(Some(20_515), now()),
            [halls[1]],
            "the plan of that day was adopted before it began"
        );
        assert_eq!(issued(Some(20_515), TimesIn::Zone(TimeZone::UTC)), ["2026-03-03T02h+00:00"]);
    }

    #[test]
    fn a_row_of_a_kind_unknown_here_comes_out_as_it_is() {
        let record = Record {
            seq: 9,
            at_ms: 0,
            kind: "teleported".into(),
            cause: r#"{"clerk":"C7"}"#.into(),
            body: r#"{"event":{"kind":"teleported","number":"A001","window":"3"}}"#.into(),
            hash: hall_journal::ChainHash::from_bytes([7; 32]),
        };
        let fields = Row::of(&record, &mut None, &TimeZone::UTC).fields();
        assert_eq!(fields[3..9], ["teleported", "", "A001", "3", "", r#"{"clerk":"C7"}"#]);
    }
}
