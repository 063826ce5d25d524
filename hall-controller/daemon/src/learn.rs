//! `learn`: a scenario for `simulate` from the recorded days of a journal.
//!
//! What is learnt and how is in [`hall_simulate::learn`]; here the journal is read and the file written.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use hall_core::time::HallTime;
use hall_journal::JournalReader;
use hall_simulate::learn::{LearnError, Learner, Lesson};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::progress::Bar;
use crate::records;
use crate::storage::StorageError;

/// Why nothing was learnt.
#[derive(Debug, thiserror::Error)]
pub enum LearningError {
    /// The journal.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What it tells is not enough.
    #[error(transparent)]
    Learn(#[from] LearnError),
    /// Something of that name is there.
    #[error("{} is there already; name a new file with --out, nothing is written over", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{} cannot be written: {why}; check that its directory exists, may be written and has space", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// A defect.
    #[error("the scenario cannot be written as JSON: {0}. This is a defect of the program; please report it")]
    Json(#[from] serde_json::Error),
}

/// Learn from the journal, and write the scenario to a new file. The journal's hall may be open.
///
/// # Errors
/// [`LearningError`]; nothing of the file is left then.
pub fn to_file(reader: &JournalReader, zone: &TimeZone, path: &Path) -> Result<Lesson, LearningError> {
    let lesson = learn(reader, zone)?;
    let json = lesson.scenario.to_json()?;
    let failed = |why: io::Error| match why.kind() {
        ErrorKind::AlreadyExists => LearningError::Exists { path: path.to_owned() },
        _ => LearningError::Write { path: path.to_owned(), why },
    };
    let mut file = File::create_new(path).map_err(failed)?;
    if let Err(why) = file.write_all(json.as_bytes()).and_then(|()| file.sync_all()) {
        // Half a scenario is none; that it cannot be removed either is not the first trouble.
        let _ = std::fs::remove_file(path);
        return Err(failed(why));
    }
    Ok(lesson)
}

/// Learn from the journal.
fn learn(reader: &JournalReader, zone: &TimeZone) -> Result<Lesson, LearningError> {
    let mut learner = Learner::new(|at| minute(at, zone));
    let mut bar = Bar::on_stderr("learning");
    let (mut done, records) = (0, reader.records());
    let visited = reader.read(|record| {
        done += 1;
        bar.show(done, records);
        records::event(&record).map(|stamped| learner.watch(&stamped))
    });
    drop(bar);
    visited.map_err(StorageError::from)?;
    Ok(learner.finish_lesson()?)
}

/// The minute of the local day.
fn minute(at: HallTime, zone: &TimeZone) -> f64 {
    let Ok(moment) = Timestamp::from_millisecond(at.unix_ms()) else { return 0.0 };
    let time = zone.to_datetime(moment).time();
    f64::from(time.hour()) * 60.0 + f64::from(time.minute()) + f64::from(time.second()) / 60.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use hall_core::plan::{Policy, Routing};
    use hall_simulate::{Scenario, Setting, record};

    use super::*;
    use crate::storage::tests::scribe::{Scribe, plan};

    fn reader(directory: &Path, scribe: &Scribe) -> JournalReader {
        scribe.write(directory);
        JournalReader::open(directory).unwrap()
    }

    #[test]
    fn a_recorded_day_becomes_a_scenario_that_can_be_simulated() {
        let county = concat!(env!("CARGO_MANIFEST_DIR"), "/../simulate/references/scenarios/dev-county.json");
        let county = Scenario::read(&std::fs::read_to_string(county).unwrap()).unwrap();
        let policy = Policy { routing: Routing::ServiceLevel, ..Policy::default() };
        let mut scribe = Scribe::new();
        scribe.journal = record(&county, &Setting { policy, ..Setting::default() }, 1, 0).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let reader = reader(directory.path(), &scribe);
        let out = directory.path().join("scenario.json");
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let lesson = to_file(&reader, &zone, &out).unwrap();
        assert_eq!(lesson.days, 1);
        let scenario = Scenario::read(&std::fs::read_to_string(&out).unwrap()).unwrap();
        // The simulated hall keeps UTC.
        assert!((scenario.opens - (county.opens + 120.0)).abs() < 1e-9, "{}", scenario.opens);
        assert_eq!((scenario.services.len(), scenario.windows.len()), (8, 12));
        let error = to_file(&reader, &zone, &out).unwrap_err();
        assert!(matches!(error, LearningError::Exists { .. }), "{error}");
    }

    #[test]
    fn a_journal_without_a_day_teaches_nothing_and_leaves_no_file() {
        let mut scribe = Scribe::new();
        scribe.adopt(plan());
        let directory = tempfile::tempdir().unwrap();
        let reader = reader(directory.path(), &scribe);
        let out = directory.path().join("scenario.json");
        let error = to_file(&reader, &TimeZone::UTC, &out).unwrap_err().to_string();
        assert!(error.contains("no ticket was issued") && error.contains("let the hall run"), "{error}");
        assert!(!out.exists());
    }
}
