//! `backup` and `restore`: copies of the journal, and what people are told of them.
//!
//! How a copy is made and checked is `hall-journal`'s business.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::path::Path;
use std::sync::mpsc;

use hall_core::event::{Cause, Event, PutBack, Rule, Stamped};
use hall_core::time::HallTime;
use hall_journal::{AcceptError, Accepted, BackupError, Journal, JournalError, JournalReader, VerifyReport};
use hall_protocol::id::HallId;
use hall_protocol::number::TicketNumber;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::date_of;
use crate::connection::KIOSK_STORES;
use crate::heads::day_begun_by;
use crate::progress::Bar;
use crate::{records, told};

/// Copy the journal in `directory` to the new file `to`, while a controller may be writing it.
///
/// # Errors
/// With the remedy; then nothing is left behind.
pub fn back_up(directory: &Path, to: &Path) -> Result<String, BackupError> {
    let mut bar = Bar::on_stderr("copying");
    let report = hall_journal::backup(directory, to, &mut |done, of| bar.show(done.into(), of.into()))?;
    drop(bar);
    let (directory, to, [zh, en]) = (directory.display(), to.display(), contents(&report));
    Ok(format!(
        "{directory} 的日志已复制到 {to}，副本完整：{zh}。\n\
         The journal in {directory} was copied to {to} and the copy is whole: {en}."
    ))
}

/// Put the backup `from` into a data directory without a journal, after checking its whole chain.
///
/// # Errors
/// With the remedy; then the directory has no journal, as before.
pub fn restore(from: &Path, directory: &Path) -> Result<String, BackupError> {
    let report = hall_journal::restore(from, directory)?;
    let [numbers_zh, numbers_en] = given_again(directory);
    let [kiosks_zh, kiosks_en] = leases_forgotten(directory);
    let [unnoted_zh, unnoted_en] = note(directory, PutBack::Backup);
    let (from, directory, [zh, en]) = (from.display(), directory.display(), contents(&report));
    Ok(format!(
        "备份 {from} 完整，已恢复到 {directory}：{zh}。`hall-controller run` 由此继续。\n{numbers_zh}{kiosks_zh}{unnoted_zh}\n\
         The backup {from} is whole and was restored to {directory}: {en}. `hall-controller run` goes on from \
         there.\n{numbers_en}{kiosks_en}{unnoted_en}"
    ))
}

/// Check the whole chain of the backup `from`, and that it is one of `hall` if that is named; change nothing.
///
/// # Errors
/// Names the first record that is not as it was written, or the other hall.
pub fn verify(from: &Path, hall: Option<HallId>) -> Result<String, BackupError> {
    let report = hall_journal::verify_backup(from)?;
    if let Some(expected) = hall.map(|hall| hall.to_string()).filter(|hall| *hall != report.hall) {
        let (path, found) = (from.to_owned(), report.hall);
        return Err(BackupError::NoBackup(JournalError::OtherHall { path, found, expected }));
    }
    let (from, [zh, en]) = (from.display(), contents(&report));
    Ok(format!("备份 {from} 完整：{zh}。\nThe backup {from} is whole: {en}."))
}

/// Go on with what is whole of a journal in `directory` that has lost records.
///
/// # Errors
/// When nothing shows that it has, or nothing of it is whole; then nothing is changed.
pub fn accept_loss(directory: &Path) -> Result<String, AcceptError> {
    let aside = format!("set-aside-{}", Timestamp::now().strftime("%Y-%m-%dT%H%M%SZ"));
    let Accepted { kept, lost, aside } = hall_journal::accept_loss(directory, &aside)?;
    let [numbers_zh, numbers_en] = given_again(directory);
    let ([holds_zh, holds_en], [unnoted_zh, unnoted_en]) = match kept {
        Some(report) => {
            let [zh, en] = contents(&report);
            let holds = [format!("保留了完好部分：{zh}"), format!("holds what is whole: {en}")];
            (holds, note(directory, PutBack::Remainder))
        }
        None => (["为空".into(), "is empty".into()], Default::default()),
    };
    let (directory, aside, wrong) = (directory.display(), aside.display(), lost.cause());
    let wrong_zh = told::cause(&lost);
    Ok(format!(
        "问题：{wrong_zh}。\n{directory} 的日志现在{holds_zh}。原有文件都在 {aside} 中，请留给审计人员。\n\
         {numbers_zh}{unnoted_zh}\n\
         What was wrong: {wrong}.\nThe journal in {directory} now {holds_en}. All files as they were are in \
         {aside}: keep them for the auditor.\n{numbers_en}{unnoted_en}"
    ))
}

/// Takes from the kiosks that are pages what they leased and printed, since a journal of hours ago may lease the
/// same numbers to another; what to tell of that, in Chinese and English.
fn leases_forgotten(directory: &Path) -> [String; 2] {
    let stores = directory.join(KIOSK_STORES);
    if !stores.is_dir() {
        return Default::default();
    }
    let aside = format!("{KIOSK_STORES}-set-aside-{}", Timestamp::now().strftime("%Y-%m-%dT%H%M%SZ"));
    let (shown, aside) = (stores.display(), directory.join(aside));
    match std::fs::rename(&stores, &aside) {
        Ok(()) => {
            let aside = aside.display();
            [
                format!(
                    "\n网页取号机租用的号码已移到 {aside}，以免同一号码发出两次；持有由其打印而尚未上报的票者须重新取号。\
                     实体取号机请逐台重启并确认已联机后再使用。"
                ),
                format!(
                    "\nWhat kiosks that are pages had leased was moved to {aside}, so that no number is printed \
                     twice; whoever holds a ticket they printed and did not hand in needs a new one. Let no kiosk \
                     that is a device print until it is connected again."
                ),
            ]
        }
        Err(error) => [
            format!("\n未能移走网页取号机租用的号码（{error}）：请删除 {shown}，否则同一号码可能发出两次。"),
            format!(
                "\nWhat kiosks that are pages had leased could not be moved ({error}): delete {shown}, or numbers \
                 may be printed twice."
            ),
        ],
    }
}

/// Writes into the journal in `directory` that it was put back, so that the stories of its tickets tell it;
/// nothing, or the sentence that this could not be done, in Chinese and English.
fn note(directory: &Path, put_back: PutBack) -> [String; 2] {
    match noted(directory, put_back) {
        Ok(()) => Default::default(),
        Err(error) => [
            format!("\n未能把“已恢复”一事写入日志（{error}）。"),
            format!("\nThat it was put back could not be written into the journal: {error}."),
        ],
    }
}

fn noted(directory: &Path, put_back: PutBack) -> Result<(), Box<dyn Error>> {
    let hall = JournalReader::open(directory)?.hall().to_owned();
    let (mut adopted, mut last_ms) = (None, i64::MIN);
    let journal = Journal::open(directory, &hall)?.replay(|record| {
        last_ms = last_ms.max(record.at_ms);
        if let Ok(Stamped { event: Event::PlanAdopted { plan, .. }, .. }) = records::event(&record) {
            adopted = Some(plan);
        }
        Ok::<(), Infallible>(())
    })?;
    // Without a plan no number was ever given.
    let Some(plan) = adopted else { return Ok(()) };
    let entry = records::entry(&Stamped {
        // The hall's time never runs back.
        at: HallTime::from_unix_ms(Timestamp::now().as_millisecond().max(last_ms)),
        cause: Cause::Rule(Rule::Configuration),
        event: Event::PlanAdopted { plan, put_back: Some(put_back) },
        clerk: None,
        answer: None,
    })?;
    let writer = journal.start()?;
    let (told, answer) = mpsc::channel();
    let slot = writer.reserve().ok_or("the journal's queue is full")?;
    slot.append(vec![entry], move |result| drop(told.send(result)));
    answer.recv()??;
    Ok(writer.close()?)
}

/// What the hall has to be told once its journal ends earlier than its tickets do, in Chinese and English.
fn given_again(directory: &Path) -> [String; 2] {
    let [zh, en] = last_numbers(directory).map_or(Default::default(), |(day, numbers)| {
        [
            format!("其中 {day} 最后的号码：{numbers}。"),
            format!("The last numbers it knows of {day} are {numbers}. "),
        ]
    });
    [
        format!("{zh}其后发出的号（包括租给取号机的号）已不可知，可能再次发出：请持有这些号的群众重新取号。"),
        format!(
            "{en}Numbers given after that are not known any more and may be given again, also those that kiosks \
             had leased: ask who holds such a ticket to take a new one."
        ),
    ]
}

/// The journal's last day, and the last number of each prefix on it.
fn last_numbers(directory: &Path) -> Option<(Date, String)> {
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
            Some((date_of(day), numbers.join(", ")))
        }
        _ => None,
    }
}

/// In Chinese and English.
fn contents(report: &VerifyReport) -> [String; 2] {
    let VerifyReport { hall, records, head, last_at_ms, .. } = report;
    let hash = head.hash;
    let [zh, en] = last_at_ms
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .map_or(Default::default(), |at| [format!("，截至 {at}"), format!(" until {at}")]);
    [
        format!("大厅 {hall}，{records} 条记录{zh}，校验值 {hash}"),
        format!("hall {hall}, {records} records{en}, head {hash}"),
    ]
}
