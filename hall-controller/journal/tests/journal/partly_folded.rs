//! A checkpoint had copied part of the log into the file when the machine stopped, and then the log was
//! cut, damaged or lost as well. A start finds a clean prefix, no shorter than what the file has by
//! itself, or refuses with place and remedy and leaves both files as they are.

use std::fs;
use std::path::Path;

use hall_journal::{AcceptError, JournalError, accept_loss, verify};
use rusqlite::Connection;

use crate::damage::{Crashed, assert_names_place_and_remedy, for_each, opened, turned};
use crate::hall::{Dice, append, file, log_file, place, replayed, start, tickets, try_start};

const PAGE_BYTES: usize = 4096;
const LOG_HEADER_BYTES: usize = 32;
const FRAME_BYTES: usize = 24 + PAGE_BYTES;

/// Records in the file before the log begins.
const BEFORE: u64 = 60;

/// One commit for each, in turn.
const COMMIT_SIZES: [u64; 4] = [1, 24, 3, 40];

/// Commits in the log.
const COMMITS: usize = 14;

/// The commit after which an auditor began to read: no later page is copied into the file until he ends.
const READ: usize = 9;

/// A journal, and what its file is once part of the log was copied into it.
struct Folding {
    crashed: Crashed,
    folded: Vec<u8>,
    /// The last record of that, if it is whole by itself.
    known: Option<u64>,
}

/// The log is copied after this commit. Right after [`READ`] all of it can be; later only pages that did not
/// change again, and the file is whole only together with its log.
fn folding(after: usize) -> Folding {
    let directory = tempfile::tempdir().unwrap();
    let (writer, _) = start(directory.path());
    append(&writer, tickets(1..=BEFORE)).unwrap();
    writer.close().unwrap();
    let journal = fs::read(file(directory.path())).unwrap();

    let (writer, _) = start(directory.path());
    let connect = || Connection::open(file(directory.path())).unwrap();
    let (auditor, checkpoint) = (connect(), connect());
    let (mut commits, mut folded) = (vec![BEFORE], Vec::new());
    for (number, size) in (1..=COMMITS).zip(COMMIT_SIZES.iter().cycle()) {
        let last = commits[number - 1];
        commits.push(append(&writer, tickets(last + 1..=last + size)).unwrap().last_seq);
        if number == READ {
            auditor.execute_batch("BEGIN; SELECT count(*) FROM event").unwrap();
        }
        if number == after {
            assert!(fs::read(file(directory.path())).unwrap() == journal, "something was copied before");
            checkpoint.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
            folded = fs::read(file(directory.path())).unwrap();
            assert!(folded.len() > journal.len());
        }
    }
    let log = fs::read(log_file(directory.path())).unwrap();
    drop((auditor, checkpoint));
    writer.close().unwrap();
    let known = (after == READ).then_some(commits[READ]);
    Folding { crashed: Crashed { journal, log, records: replayed(directory.path()), commits }, folded, known }
}

fn foldings() -> [Folding; 2] {
    [folding(READ), folding(COMMITS)]
}

impl Folding {
    /// The file with those pages that `copied` tells, as a machine that stopped during the copying leaves it.
    fn torn(&self, copied: impl Fn(usize) -> bool) -> Vec<u8> {
        let mut torn = self.crashed.journal.clone();
        for (number, page) in self.folded.chunks(PAGE_BYTES).enumerate().filter(|(number, _)| copied(*number))
        {
            let at = number * PAGE_BYTES;
            torn.resize(torn.len().max(at + PAGE_BYTES), 0);
            torn[at..at + PAGE_BYTES].copy_from_slice(page);
        }
        torn
    }

    /// Files that a checkpoint may leave: pages are written in their order, but a disk may keep them in any.
    fn files(&self) -> Vec<Vec<u8>> {
        let pages = self.folded.len() / PAGE_BYTES;
        let in_order = (0..pages).step_by(3).map(|count| self.torn(|number| number < count));
        let mut dice = Dice::new(3);
        let in_any: Vec<_> = (0..6)
            .map(|_| {
                let kept: Vec<bool> = (0..pages).map(|_| dice.below(2) == 0).collect();
                self.torn(|number| kept[number])
            })
            .collect();
        [self.folded.clone()].into_iter().chain(in_order).chain(in_any).collect()
    }

    /// What comes of a start, of an audit, and of accepting the loss.
    fn check(&self, directory: &Path, what: &str) -> Outcome {
        // An empty log is none.
        let log = || fs::read(log_file(directory)).ok().filter(|log| !log.is_empty());
        let files = || (fs::read(file(directory)).unwrap(), log());
        let was = files();
        let known = self.known.filter(|_| was.0 == self.folded).unwrap_or_default();
        let audited = verify(directory);
        let error = match opened(directory) {
            Ok(found) => {
                let count = self.crashed.prefix(&found, what) as u64;
                assert!(count >= known, "{what}: {count} records, though the file alone has {known}");
                assert_eq!(audited.unwrap().records, count, "{what}");
                self.crashed.goes_on(directory, what);
                return Outcome::Prefix;
            }
            Err(error) => error,
        };
        assert_names_place_and_remedy(&error, directory, what);
        // An audit reads the records before it looks at the pages, and may find something else first.
        assert_names_place_and_remedy(&audited.unwrap_err(), directory, what);
        assert_eq!(opened(directory).unwrap_err().to_string(), error.to_string(), "{what}: asked again");
        assert!(files() == was, "{what}: a start that was refused changed a file");
        match accept_loss(directory, "set-aside") {
            Ok(accepted) => {
                assert_eq!(accepted.lost.to_string(), error.to_string(), "{what}");
                assert_eq!(fs::read(file(&accepted.aside)).unwrap(), was.0, "{what}");
                let kept = accepted.kept.unwrap().records;
                assert!(kept >= known, "{what}: {kept} records kept, though the file alone has {known}");
                assert_eq!(self.crashed.goes_on(directory, what) as u64, kept, "{what}");
                fs::remove_dir_all(accepted.aside).unwrap();
                Outcome::Accepted
            }
            Err(refused) => {
                assert!(
                    !matches!(refused, AcceptError::NothingLost { .. }),
                    "{what}: {error}, but {refused}"
                );
                assert!(refused.to_string().contains("`hall-controller restore`"), "{what}: {refused}");
                assert_eq!(known, 0, "{what}: the file alone is whole: {refused}");
                assert!(files() == was, "{what}: nothing was accepted, and a file changed");
                Outcome::Refused
            }
        }
    }

    /// Every file a checkpoint may leave, with every log of `logs` beside it.
    fn check_all(&self, logs: &[(String, Option<Vec<u8>>)]) -> Vec<Outcome> {
        let files = self.files();
        for_each(files.len() * logs.len(), |directory, number| {
            let (which, (what, log)) = (number / logs.len(), &logs[number % logs.len()]);
            place(directory, &files[which], log.as_deref());
            self.check(directory, &format!("file {which}, {what}"))
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The hall goes on.
    Prefix,
    /// Refused until the loss was accepted.
    Accepted,
    /// There is nothing that could be gone on with.
    Refused,
}

fn count(outcomes: &[Outcome], wanted: &Outcome) -> usize {
    outcomes.iter().filter(|outcome| *outcome == wanted).count()
}

#[test]
fn a_partly_folded_file_beside_its_whole_log_costs_nothing() {
    for folding in foldings() {
        let files = folding.files();
        assert!(files.len() > 8, "only {} files", files.len());
        for_each(files.len(), |directory, number| {
            place(directory, &files[number], Some(&folding.crashed.log));
            let what = format!("file {number}");
            assert_eq!(folding.crashed.goes_on(directory, &what), folding.crashed.records.len(), "{what}");
        });
    }
}

#[test]
fn a_partly_folded_file_beside_a_cut_log_is_a_prefix_or_refused() {
    for folding in foldings() {
        let log = &folding.crashed.log;
        let frames = (log.len() - LOG_HEADER_BYTES) / FRAME_BYTES;
        let cuts = (0..=frames).flat_map(|frame| {
            let at = LOG_HEADER_BYTES + frame * FRAME_BYTES;
            [at, at + FRAME_BYTES / 2]
        });
        let cuts = [0, LOG_HEADER_BYTES / 2].into_iter().chain(cuts).filter(|cut| *cut < log.len());
        let logs: Vec<_> = cuts.map(|cut| (format!("log cut at {cut}"), Some(log[..cut].to_vec()))).collect();
        let outcomes = folding.check_all(&logs);
        let counts = [Outcome::Prefix, Outcome::Accepted, Outcome::Refused].map(|it| count(&outcomes, &it));
        // Only a file that is whole by itself shows that its log was cut.
        assert!(counts[0] > 100 && counts[2] > 20, "{counts:?}");
        assert!((counts[1] > 20) == folding.known.is_some(), "{counts:?}");
    }
}

#[test]
fn a_partly_folded_file_beside_a_damaged_log_is_a_prefix_or_refused() {
    for folding in foldings() {
        let log = &folding.crashed.log;
        let mut dice = Dice::new(4);
        let header = (0..8).map(|word| word * 32 + dice.below(32)).collect::<Vec<_>>();
        let anywhere = (0..40).map(|_| dice.below(log.len() as u64 * 8));
        let logs: Vec<_> = header
            .into_iter()
            .chain(anywhere)
            .map(|bit| (format!("bit {bit} turned"), Some(turned(log, bit))))
            .collect();
        let outcomes = folding.check_all(&logs);
        let counts = [Outcome::Prefix, Outcome::Accepted, Outcome::Refused].map(|it| count(&outcomes, &it));
        assert!(counts[1] > 100, "{counts:?}");
    }
}

#[test]
fn a_partly_folded_file_whose_log_is_gone_is_a_prefix_or_refused() {
    for folding in foldings() {
        let logs = [("log gone".to_owned(), None), ("log empty".to_owned(), Some(vec![]))];
        let outcomes = folding.check_all(&logs);
        let counts = [Outcome::Prefix, Outcome::Accepted, Outcome::Refused].map(|it| count(&outcomes, &it));
        assert!(counts[0] >= 2 && counts[2] > 8, "{counts:?}");
    }
}

#[test]
fn a_log_that_ends_before_what_the_file_has_of_it_is_refused_by_both_numbers() {
    let folding = folding(READ);
    let directory = tempfile::tempdir().unwrap();
    let log = &folding.crashed.log;
    let first = &log[..LOG_HEADER_BYTES + first_commit_frames(log) * FRAME_BYTES];
    place(directory.path(), &folding.folded, Some(first));
    let error = try_start(directory.path()).err().unwrap();
    let numbers = match &error {
        JournalError::LogCut { last, known, .. } => (*last, Some(*known)),
        other => panic!("{other}"),
    };
    // The file is longer by now than that commit says, so that the two together are no journal.
    assert_eq!(numbers, (None, folding.known));
    let accepted = accept_loss(directory.path(), "set-aside").unwrap();
    assert_eq!(Some(accepted.kept.unwrap().records), folding.known);
    assert_eq!(Some(folding.crashed.goes_on(directory.path(), "accepted") as u64), folding.known);
}

/// A frame that ends a commit tells the file's length in pages, others 0.
fn first_commit_frames(log: &[u8]) -> usize {
    let ends = |frame: &[u8]| frame[4..8] != [0; 4];
    1 + log[LOG_HEADER_BYTES..].chunks(FRAME_BYTES).position(ends).unwrap()
}
