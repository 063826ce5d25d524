//! `backup` and `restore`: copies of the journal, and what people are told of them.
//!
//! How a copy is made and checked is `hall-journal`'s business.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use hall_core::event::{Event, Stamped};
use hall_journal::{AcceptError, Accepted, BackupError, JournalReader, VerifyReport};
use hall_protocol::number::TicketNumber;
use jiff::Timestamp;

use crate::clock::date_of;
use crate::heads::day_begun_by;
use crate::progress::Bar;
use crate::records;

/// Copy the journal in `directory` to the new file `to`, while a controller may be writing it.
///
/// # Errors
/// With the remedy; then nothing is left behind.
pub fn back_up(directory: &Path, to: &Path) -> Result<String, BackupError> {
    let mut bar = Bar::on_stderr("copying");
    let report = hall_journal::backup(directory, to, &mut |done, of| bar.show(done.into(), of.into()))?;
    drop(bar);
    Ok(format!(
        "The journal in {} was copied to {} and the copy is whole: {}.",
        directory.display(),
        to.display(),
        contents(&report),
    ))
}

/// Put the backup `from` into a data directory without a journal, after checking its whole chain.
///
/// # Errors
/// With the remedy; then the directory has no journal, as before.
pub fn restore(from: &Path, directory: &Path) -> Result<String, BackupError> {
    let report = hall_journal::restore(from, directory)?;
    Ok(format!(
        "The backup {} is whole and was restored to {}: {}. `hall-controller run` goes on from there.",
        from.display(),
        directory.display(),
        contents(&report),
    ))
}

/// Check the whole chain of the backup `from` and change nothing.
///
/// # Errors
/// Names the first record that is not as it was written.
pub fn verify(from: &Path) -> Result<String, BackupError> {
    let report = hall_journal::verify_backup(from)?;
    Ok(format!("The backup {} is whole: {}.", from.display(), contents(&report)))
}

/// Go on with what is whole of a journal in `directory` that has lost records.
///
/// # Errors
/// When nothing shows that it has, or nothing of it is whole; then nothing is changed.
pub fn accept_loss(directory: &Path) -> Result<String, AcceptError> {
    let aside = format!("set-aside-{}", Timestamp::now().strftime("%Y-%m-%dT%H%M%SZ"));
    let Accepted { kept, lost, aside } = hall_journal::accept_loss(directory, &aside)?;
    let (holds, numbers) = match kept {
        Some(report) => (format!("holds what is whole: {}", contents(&report)), numbers(directory)),
        None => ("is empty".to_owned(), String::new()),
    };
    Ok(format!(
        "What was wrong: {}.\nThe journal in {} now {holds}. All files as they were are in {}: keep them for \
         the auditor.\n{numbers}Numbers given after that are not known any more and may be given again, also \
         those that kiosks had leased: ask who holds a ticket to take a new one.",
        lost.cause(),
        directory.display(),
        aside.display(),
    ))
}

/// The last number of each prefix on the journal's last day, in a sentence.
fn numbers(directory: &Path) -> String {
    let (mut day, mut last) = (None, BTreeMap::new());
    let read = JournalReader::open(directory).map(|reader| {
        reader.read(|record| {
            if let Some(begun) = day_begun_by(&record) {
                (day, last) = (Some(begun), BTreeMap::new());
            }
            if let Ok(Stamped { event: Event::Issued { number, .. }, .. }) = records::event(&record) {
                let known: &mut TicketNumber =
                    last.entry(number.prefix().as_str().to_owned()).or_insert(number);
                *known = number.max(*known);
            }
            Ok::<(), Infallible>(())
        })
    });
    match (read, day) {
        // What was just verified can be read; if not, the sentence is missing and nothing else.
        (Ok(Ok(_)), Some(day)) if !last.is_empty() => {
            let numbers: Vec<String> = last.values().map(ToString::to_string).collect();
            format!("The last numbers it knows of {} are {}. ", date_of(day), numbers.join(", "))
        }
        _ => String::new(),
    }
}

fn contents(report: &VerifyReport) -> String {
    let VerifyReport { hall, records, head, last_at_ms, .. } = report;
    let until = last_at_ms
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .map_or(String::new(), |at| format!(" until {at}"));
    format!("hall {hall}, {records} records{until}, head {}", head.hash)
}
