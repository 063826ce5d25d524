//! `audit verify`: is the journal what it was when it was written, and are its snapshots the states
//! that it gives?

use std::convert::Infallible;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hall_core::Hall;
use hall_core::time::BusinessDay;
use hall_journal::{ChainHash, JournalError, JournalReader, Record, ReplayError, Snapshot, SnapshotError};
use hall_protocol::id::HallId;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::date_of;
use crate::heads::day_begun_by;
use crate::told::Told;
use crate::{records, snapshots};

/// A head of a day that somebody outside has written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownHead {
    /// The day.
    pub day: Date,
    /// The hash.
    pub hash: ChainHash,
}

/// What is wrong with a journal or its snapshots.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A snapshot would make a start reach another state than the journal gives.
    #[error(
        "the snapshot {} is not the state that the journal gives after record {seq}: it was changed by \
         another program. The journal itself is whole; keep the snapshot for the auditor, away from the \
         data directory, and start the controller again",
        path.display()
    )]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// The record it names.
        seq: u64,
    },
    /// The chain is whole, but it is not the one whose head was written down.
    #[error(
        "no record of {day} has the head {hash}{}: the journal up to that day is not the one this head was \
         written down of, though its chain is whole now. Keep the data directory as it is for the auditor, \
         compare the published head with the day report, and restore a backup with this head",
        said(*last)
    )]
    OtherHead {
        /// The day.
        day: Date,
        /// The head given.
        hash: ChainHash,
        /// The day's last record, if there was such a day.
        last: Option<(u64, ChainHash)>,
    },
}

fn said(last: Option<(u64, ChainHash)>) -> String {
    match last {
        Some((seq, hash)) => format!(", whose last record is {seq} with {hash}"),
        None => ", of which there is no record".to_owned(),
    }
}

/// Looks for a known head as records go by.
struct Search {
    known: KnownHead,
    today: Option<BusinessDay>,
    last: Option<(u64, ChainHash)>,
    found: Option<u64>,
}

impl Search {
    fn new(known: KnownHead) -> Self {
        Self { known, today: None, last: None, found: None }
    }

    fn take(&mut self, record: &Record) {
        self.today = day_begun_by(record).or(self.today);
        if self.today.map(date_of) == Some(self.known.day) {
            self.last = Some((record.seq, record.hash));
            if record.hash == self.known.hash {
                self.found = Some(record.seq);
            }
        }
    }

    /// In Chinese and English.
    fn verdict(self) -> Result<[String; 2], AuditError> {
        let Self { known: KnownHead { day, hash }, last, found, .. } = self;
        match (found, last) {
            (Some(seq), Some((last, _))) if seq == last => Ok([
                format!("所给校验值属于 {day}，在当日最后一条记录（第 {seq} 条）之后。"),
                format!(" The head given is that of {day}, after its last record {seq}."),
            ]),
            (Some(seq), Some((last, _))) => Ok([
                format!("所给校验值属于 {day}，在第 {seq} 条记录之后；当日止于第 {last} 条记录。"),
                format!(
                    " The head given is that of {day} after record {seq}; the day went on to record {last}."
                ),
            ]),
            _ => Err(AuditError::OtherHead { day, hash, last }),
        }
    }
}

/// Walk the journal in `directory` and say in one paragraph that it is whole, and its snapshots with
/// it, and that it has the head `known` of a day.
///
/// # Errors
/// Names the first record that is not as it was written, or the snapshot that is not as it should be,
/// or that the journal is another than the one of the head.
pub fn verify_journal(directory: &Path, known: Option<KnownHead>) -> Result<String, AuditError> {
    // Before the journal is opened, so that none is newer than what will be read of it.
    let (mut kept, mut unusable) = (Vec::new(), Vec::new());
    for snapshot in Snapshot::newest_first(directory) {
        match snapshot {
            Ok(snapshot) if is_of_this_version(&snapshot) => kept.push(snapshot),
            // One of another version is left by an upgrade.
            Ok(_) => {}
            // A running controller has made a newer one since.
            Err(SnapshotError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            Err(error) => unusable.push(error),
        }
    }
    let reader = JournalReader::open(directory)?;
    let mut state = reader.hall().parse().ok().map(|id: HallId| Hall::new(id));
    let (mut first_at, mut last_at) = (None, None);
    let (mut differs, mut same) = (None, Vec::new());
    let mut found = Vec::new();
    let mut search = known.map(Search::new);
    let head = reader
        .read(|record| {
            first_at = first_at.or(Some(record.at_ms));
            last_at = Some(record.at_ms);
            if let Some(search) = &mut search {
                search.take(&record);
            }
            match (&mut state, records::event(&record)) {
                (Some(hall), Ok(stamped)) => hall.apply(&stamped),
                // The chain can be checked all the same, by any version.
                (_, Err(_)) => state = None,
                (None, Ok(_)) => {}
            }
            let here = kept.iter().filter(|snapshot| snapshot.at == record.head());
            found.extend(here.clone().map(|snapshot| snapshot.at.seq));
            for (snapshot, state) in here.zip(&state) {
                if snapshots::hall(snapshot).is_ok_and(|kept| kept == *state) {
                    same.push(record.seq);
                } else {
                    differs = Some((snapshot.path(directory), record.seq));
                }
            }
            Ok::<(), Infallible>(())
        })
        .map_err(|error| match error {
            ReplayError::Journal(error) => error,
            ReplayError::Visitor(never) => match never {},
        })?;
    reader.check_file()?;
    reader.check_resumes()?;
    if let Some((path, seq)) = differs {
        return Err(AuditError::Snapshot { path, seq });
    }
    let moment = |ms: Option<i64>| {
        ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map_or("-".into(), |at| at.to_string())
    };
    let (place, first_at, last_at) = (directory.display(), moment(first_at), moment(last_at));
    let mut said = vec![[
        format!(
            "{place} 的日志完整：{seq} 条记录，{first_at} 至 {last_at}，校验值 {hash}。",
            seq = head.seq,
            hash = head.hash,
        ),
        format!(
            "The journal in {place} is whole: {seq} records from {first_at} to {last_at}, head {hash}.",
            seq = head.seq,
            hash = head.hash,
        ),
    ]];
    said.extend(same.iter().map(|seq| {
        [
            format!("第 {seq} 条记录后的快照与完整重放的状态一致。"),
            format!(" The snapshot after record {seq} is the state a full replay gives."),
        ]
    }));
    said.extend(search.map(Search::verdict).transpose()?);
    let elsewhere = kept.iter().filter(|snapshot| !found.contains(&snapshot.at.seq));
    unusable.extend(
        elsewhere.map(|snapshot| SnapshotError::Elsewhere {
            path: snapshot.path(directory),
            seq: snapshot.at.seq,
        }),
    );
    said.extend(unusable.iter().map(|error| {
        [
            format!("但{}；启动时不用它，因而较慢，请移出数据目录，为审计人员保留。", error.zh()),
            format!(
                " But {error}; starts do not use it and take longer, so keep it for the auditor, away from the \
                 data directory."
            ),
        ]
    }));
    let [zh, en] = [0, 1].map(|language| said.iter().map(|both| both[language].as_str()).collect::<String>());
    Ok(format!("{zh}\n{en}"))
}

fn is_of_this_version(snapshot: &Snapshot) -> bool {
    snapshot.format == snapshots::FORMAT
}
