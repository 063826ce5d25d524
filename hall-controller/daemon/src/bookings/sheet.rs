//! A list of appointments as CSV (RFC 4180): columns by the names in its first line, in Chinese or
//! English, in any order. Spreadsheets put a byte-order mark first and end lines with CR LF.

use hall_core::plan::{Name, Plan};
use hall_protocol::appointment::{AppointmentId, DayMinute};
use hall_protocol::id::ServiceId;
use jiff::civil::Date;

use super::{Asked, wrong_id};
use crate::web::text::{
    CSV_EMPTY, CSV_FIELDS, CSV_NO_COLUMN, CSV_NOT_UTF8, CSV_NOTHING, CSV_QUOTE, CSV_TWICE, NO_SUCH_SERVICE,
    WRONG_DATE, WRONG_TIME,
};

/// The columns needed, each by its English and its Chinese name.
const COLUMNS: [[&str; 2]; 4] = [["id", "预约编号"], ["service", "事项"], ["date", "日期"], ["time", "时间"]];

/// A list as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its rows, without the first line.
    pub(super) rows: Vec<Row>,
    /// Columns that are not needed.
    pub(super) ignored_columns: Vec<String>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins, from 1.
    pub(super) line: usize,
    /// The values of [`COLUMNS`], or what is wrong with the row as such.
    cells: Result<[String; 4], (&'static str, Name)>,
}

/// Why there is no list in the bytes at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetError(pub Name);

impl Sheet {
    /// Read a list.
    ///
    /// # Errors
    /// When the bytes are no UTF-8, or the first line does not name the columns.
    pub fn parse(bytes: &[u8]) -> Result<Self, SheetError> {
        let text = std::str::from_utf8(bytes).map_err(|_| SheetError(CSV_NOT_UTF8.name(&[])))?;
        let mut records = records(text.trim_start_matches('\u{FEFF}'));
        let header = records.next().filter(|record| !record.is_blank());
        let header = header.ok_or_else(|| SheetError(CSV_NOTHING.name(&[])))?;
        let names: Vec<&str> = header.fields.iter().map(|name| name.trim()).collect();
        let place = |[en, zh]: [&str; 2]| {
            let found = names.iter().position(|name| name.eq_ignore_ascii_case(en) || *name == zh);
            found.ok_or_else(|| SheetError(CSV_NO_COLUMN.name(&[("column", en)])))
        };
        let [id, service, date, time] = COLUMNS.map(place);
        let places = [id?, service?, date?, time?];
        let ignored = names.iter().enumerate().filter(|(place, _)| !places.contains(place));
        let ignored_columns = ignored.map(|(_, name)| (*name).to_owned()).collect();
        let rows = records
            .filter(|record| !record.is_blank())
            .map(|record| Row { line: record.line, cells: record.cells(names.len(), places) });
        Ok(Self { rows: rows.collect(), ignored_columns })
    }
}

impl Row {
    /// What stands in its column of ids.
    pub(super) fn id(&self) -> &str {
        self.cells.as_ref().map_or("", |[id, ..]| id)
    }

    /// What it asks for, or a code and the sentence of what is wrong with it.
    pub(super) fn read(&self, plan: &Plan) -> Result<(AppointmentId, Asked), (&'static str, Name)> {
        let cells = self.cells.as_ref().map_err(Clone::clone)?;
        for (cell, [column, _]) in cells.iter().zip(COLUMNS) {
            if cell.is_empty() {
                return Err(("empty", CSV_EMPTY.name(&[("column", column)])));
            }
        }
        let [id, service, date, time] = cells;
        let id = id.parse::<AppointmentId>().map_err(|why| ("wrong_id", wrong_id(why)))?;
        let no_service = || ("unknown_service", NO_SUCH_SERVICE.name(&[("given", service)]));
        let service = service_of(plan, service).ok_or_else(no_service)?;
        let wrong_date = || ("wrong_date", WRONG_DATE.name(&[("given", date)]));
        let date = date_of(date).ok_or_else(wrong_date)?;
        let wrong_time = || ("wrong_time", WRONG_TIME.name(&[("given", time)]));
        let time = time_of(time).ok_or_else(wrong_time)?;
        Ok((id, Asked { service, date, time }))
    }
}

/// What is said of a row with the id of another.
pub(super) fn twice(line: usize) -> (&'static str, Name) {
    ("twice", CSV_TWICE.name(&[("line", &line.to_string())]))
}

/// A service by its id or its Chinese name.
fn service_of(plan: &Plan, given: &str) -> Option<ServiceId> {
    let known =
        plan.services().iter().find(|service| service.id.as_str() == given || service.name.zh == given);
    known.map(|service| service.id)
}

/// `2026-03-02`, or `2026/3/2` as spreadsheets show it.
fn date_of(given: &str) -> Option<Date> {
    let mut parts = given.split(['-', '/']);
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    let day = day.parse().ok().filter(|_| parts.next().is_none() && year >= 2_000)?;
    Date::new(year, month, day).ok()
}

/// `09:30`, `9:30` or `9:30:00`.
fn time_of(given: &str) -> Option<DayMinute> {
    let given = given.strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(given);
    let padded = if given.len() == 4 { format!("0{given}") } else { given.to_owned() };
    padded.parse().ok()
}

/// One record: a line, or more where a field has line ends.
struct Record {
    line: usize,
    fields: Vec<String>,
    open_quote: bool,
}

impl Record {
    fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }

    /// The fields at these places of as many as the first line has.
    fn cells(self, wanted: usize, places: [usize; 4]) -> Result<[String; 4], (&'static str, Name)> {
        if self.open_quote {
            return Err(("open_quote", CSV_QUOTE.name(&[])));
        }
        let count = self.fields.len();
        if count != wanted {
            let (count, wanted) = (count.to_string(), wanted.to_string());
            return Err(("fields", CSV_FIELDS.name(&[("n", &count), ("m", &wanted)])));
        }
        Ok(places.map(|place| self.fields.get(place).map_or(String::new(), |field| field.trim().to_owned())))
    }
}

/// The records of a text. An open quotation mark takes the rest of its line only, so that one such line
/// does not swallow the others.
fn records(text: &str) -> impl Iterator<Item = Record> + '_ {
    let (mut rest, mut line) = (text, 1);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (record, used) = record(rest, line).unwrap_or_else(|| broken(rest, line));
        line += rest[..used].matches('\n').count();
        rest = &rest[used..];
        Some(record)
    })
}

/// The first record of `text` and its bytes; `None` when a quotation mark in it is never closed.
fn record(text: &str, line: usize) -> Option<(Record, usize)> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.char_indices().peekable();
    let mut used = text.len();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' if quoted && matches!(characters.peek(), Some((_, '"'))) => {
                characters.next();
                field.push('"');
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                used = at + 1;
                break;
            }
            '\r' if !quoted => {}
            other => field.push(other),
        }
    }
    if quoted {
        return None;
    }
    fields.push(field);
    Some((Record { line, fields, open_quote: false }, used))
}

/// The first line of `text`, in which a quotation mark is open.
fn broken(text: &str, line: usize) -> (Record, usize) {
    let used = text.find('\n').map_or(text.len(), |end| end + 1);
    (Record { line, fields: vec![text[..used].to_owned()], open_quote: true }, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(usize, Vec<String>)> {
        let rows = Sheet::parse(text.as_bytes()).unwrap().rows.into_iter();
        rows.map(|row| match row.cells {
            Ok(cells) => (row.line, cells.to_vec()),
            Err((code, _)) => (row.line, vec![code.to_owned()]),
        })
        .collect()
    }

    fn row(line: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn columns_are_found_by_either_name_and_lines_counted_as_an_editor_does() {
        let text = "\u{FEFF}姓名,时间,预约编号,事项,日期\r\n张三,9:30,yy-1,社会保险,2026/3/2\r\n\r\n\
                    \"李,\n四\",10:00,\"yy-2\",tax,2026-03-02\r\n王五,10:00,yy-3\r\n\"赵,9:00,yy-4,tax,2026-03-02\r\n\
                    钱,9:00,yy-5,tax,2026-03-02";
        let sheet = Sheet::parse(text.as_bytes()).unwrap();
        assert_eq!(sheet.ignored_columns, ["姓名"]);
        assert_eq!(
            cells(text),
            [
                row(2, &["yy-1", "社会保险", "2026/3/2", "9:30"]),
                row(4, &["yy-2", "tax", "2026-03-02", "10:00"]),
                row(6, &["fields"]),
                row(7, &["open_quote"]),
                row(8, &["yy-5", "tax", "2026-03-02", "9:00"]),
            ]
        );
    }

    #[test]
    fn a_doubled_quotation_mark_is_one() {
        assert_eq!(
            cells("id,service,date,time\n\"a\"\"b\",\"x,y\",d,t\n"),
            [row(2, &["a\"b", "x,y", "d", "t"])]
        );
    }

    #[test]
    fn what_is_no_list_says_why() {
        for (bytes, word) in [
            (&b""[..], "no line"),
            (b"id,service,date\n1,tax,2026-03-02\n", "no column time"),
            (b"id,service,date,time\n\xff\xfe,tax,2026-03-02,09:00\n", "CSV UTF-8"),
        ] {
            let SheetError(said) = Sheet::parse(bytes).unwrap_err();
            assert!(said.en.contains(word), "{}", said.en);
        }
    }

    #[test]
    fn dates_and_times_are_read_as_people_and_spreadsheets_write_them() {
        let date = Date::constant(2026, 3, 2);
        for text in ["2026-03-02", "2026/3/2", "2026-3-2"] {
            assert_eq!(date_of(text), Some(date), "{text}");
        }
        for text in ["02.03.2026", "3/2/2026", "2026-02-30", "2026-03", "tomorrow", "2026-03-02-1"] {
            assert_eq!(date_of(text), None, "{text}");
        }
        for (text, minute) in
            [("09:30", 570), ("9:30", 570), ("9:30:00", 570), ("23:59", 1_439), ("10:00", 600)]
        {
            assert_eq!(time_of(text).map(DayMinute::get), Some(minute), "{text}");
        }
        for text in ["24:00", "9", "9:3", "half past nine", ""] {
            assert_eq!(time_of(text), None, "{text}");
        }
    }
}
