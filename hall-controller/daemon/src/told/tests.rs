//! Each error says the same in Chinese as in English: its figures, files, commands and options.

use std::io;
use std::path::PathBuf;

use hall_core::time::BusinessDay;
use hall_journal::{
    AcceptError, BackupError, ChainBreak, ChainHash, ContactsError, JournalError, SnapshotError, Trouble,
    TroubleKind, Unreachable,
};

use super::*;
use crate::audit::AuditError;
use crate::erasures::EraseError;
use crate::export::ExportError;
use crate::output::OutputError;
use crate::records;
use crate::report::ReportError;

fn path() -> PathBuf {
    "/data/journal.sqlite3".into()
}

fn refused() -> io::Error {
    io::Error::from(io::ErrorKind::PermissionDenied)
}

fn trouble(kind: TroubleKind) -> Trouble {
    Trouble { kind, detail: "as SQLite says".into() }
}

fn broken(broken: ChainBreak) -> JournalError {
    JournalError::Broken { path: path(), broken }
}

fn journal_errors() -> Vec<JournalError> {
    let full = io::Error::from(io::ErrorKind::StorageFull);
    let read_only = io::Error::from(io::ErrorKind::ReadOnlyFilesystem);
    let detail = || "why".to_owned();
    let found = |frame| Unreachable { frame, byte: if frame == 0 { 0 } else { 98_912 }, commits: 31 };
    vec![
        JournalError::Directory { path: path(), source: refused() },
        JournalError::Directory { path: path(), source: full },
        JournalError::Directory { path: path(), source: read_only },
        JournalError::Absent { path: path() },
        JournalError::InUse { path: path(), pid: Some(4_711) },
        JournalError::InUse { path: path(), pid: None },
        JournalError::NotAJournal { path: path(), detail: detail() },
        JournalError::Damaged { path: path(), detail: detail() },
        JournalError::LogDamaged { path: path(), found: found(25) },
        JournalError::LogDamaged { path: path(), found: found(0) },
        JournalError::LogGone { path: path(), last: Some(7), known: Some(60) },
        JournalError::LogGone { path: path(), last: None, known: None },
        JournalError::FileGone { path: path() },
        JournalError::Unreached { path: path(), last: 7, known: 60 },
        JournalError::Unreached { path: path(), last: 0, known: 60 },
        JournalError::LogCut { path: path(), last: Some(7), known: 60 },
        JournalError::LogCut { path: path(), last: None, known: 60 },
        JournalError::Shorter { path: path(), last: 7, known: 60, snapshot: "/data/snapshot-60".into() },
        JournalError::Unreadable { path: path(), source: refused() },
        JournalError::Unreadable { path: path(), source: io::ErrorKind::NotADirectory.into() },
        JournalError::Unreadable { path: path(), source: io::ErrorKind::IsADirectory.into() },
        JournalError::LogBesideReadOnly { path: path() },
        JournalError::Stirred { path: path() },
        broken(ChainBreak::Altered { seq: 17 }),
        broken(ChainBreak::Missing { seq: 17, next: 19 }),
        broken(ChainBreak::OutOfOrder { seq: 17, expected: 12 }),
        broken(ChainBreak::CutOff { seq: 17, head: 44 }),
        broken(ChainBreak::Added { seq: 17, head: 16 }),
        broken(ChainBreak::Rewritten { seq: 17 }),
        broken(ChainBreak::Unreadable { seq: -17, detail: detail() }),
        JournalError::ResumesChanged { path: path() },
        JournalError::NewerFormat { path: path(), found: 9, known: 1 },
        JournalError::OtherHall { path: path(), found: "city".into(), expected: "county".into() },
        JournalError::Store { path: path(), trouble: trouble(TroubleKind::Io) },
    ]
}

fn journal_error() -> JournalError {
    broken(ChainBreak::Altered { seq: 17 })
}

fn backup_errors() -> Vec<BackupError> {
    let mut errors = vec![
        BackupError::Journal(journal_error()),
        BackupError::Exists { path: path() },
        BackupError::Occupied { path: path() },
        BackupError::File { path: path(), source: refused() },
        BackupError::Copy { path: path(), trouble: trouble(TroubleKind::Full) },
        BackupError::NotWhole(journal_error()),
        BackupError::Partial { path: path() },
    ];
    errors.extend(journal_errors().into_iter().map(BackupError::NoBackup));
    errors
}

fn accept_errors() -> Vec<AcceptError> {
    vec![
        AcceptError::Journal(journal_error()),
        AcceptError::NothingLost { path: path() },
        AcceptError::NothingWhole { path: path(), cause: "why".into() },
        AcceptError::File { path: path(), source: refused() },
    ]
}

fn audit_errors() -> Vec<AuditError> {
    let (day, hash) = ("2026-03-02".parse().unwrap(), ChainHash::from_bytes([7; 32]));
    vec![
        AuditError::Journal(journal_error()),
        AuditError::Snapshot { path: path(), seq: 60 },
        AuditError::OtherHead { day, hash, last: Some((44, ChainHash::from_bytes([9; 32]))) },
        AuditError::OtherHead { day, hash, last: None },
    ]
}

fn export_errors() -> Vec<ExportError> {
    let day = BusinessDay::from_days;
    vec![
        ExportError::Journal(journal_error()),
        ExportError::Write(refused()),
        ExportError::NoSuchDay { asked: day(20_513), held: Some((day(20_514), day(20_520))) },
        ExportError::NoSuchDay { asked: day(20_513), held: None },
        ExportError::Exists { path: path() },
        ExportError::NoFile { path: path(), broken: journal_error() },
        ExportError::File { path: path(), source: refused() },
    ]
}

fn report_errors() -> Vec<ReportError> {
    let [asked, last] = ["2026-03-01", "2026-03-02"].map(|day| day.parse().unwrap());
    vec![
        ReportError::Storage(StorageError::Journal(journal_error())),
        ReportError::NoDay,
        ReportError::NotThatDay { asked, last },
    ]
}

fn erase_errors() -> Vec<EraseError> {
    let (number, day) = ("A012".parse().unwrap(), "2026-03-02".parse().unwrap());
    let private = ContactsError::Private { path: path(), source: refused() };
    let store = ContactsError::Store { path: path(), source: rusqlite::Error::InvalidQuery };
    let mut errors =
        vec![EraseError::Nobody, EraseError::NoTicket { number, day }, EraseError::NoPhone { number, day }];
    let contacts = [ContactsError::Absent("/data".into()), store, private, ContactsError::Full];
    errors.extend(contacts.map(EraseError::Contacts));
    errors
}

fn snapshot_errors() -> Vec<SnapshotError> {
    vec![
        SnapshotError::Unreadable { path: path(), source: refused() },
        SnapshotError::Damaged { path: path(), detail: "why" },
        SnapshotError::Elsewhere { path: path(), seq: 60 },
    ]
}

fn storage_errors() -> Vec<StorageError> {
    let record = hall_journal::Record {
        seq: 60,
        at_ms: 0,
        kind: "teleported".into(),
        cause: "{}".into(),
        body: "{}".into(),
        hash: ChainHash::from_bytes([7; 32]),
    };
    vec![
        StorageError::Journal(journal_error()),
        StorageError::Record(records::event(&record).unwrap_err()),
        StorageError::Thread(refused()),
    ]
}

/// What is the same in every language: figures, files, options, and what stands between backquotes.
fn facts(sentence: &str) -> Vec<String> {
    let mut facts: Vec<String> = sentence.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let bare: String = sentence.split('`').step_by(2).collect();
    let words = bare.split(|char: char| char.is_whitespace() || ",;:()。，；：（）".contains(char));
    let words = words.map(|word| word.trim_end_matches(['.', '"']).trim_start_matches('"'));
    let is_fact =
        |word: &&str| word.starts_with(['/', '-']) || word.contains(|char: char| char.is_ascii_digit());
    facts.extend(words.filter(|word| *word != "-").filter(is_fact).map(str::to_owned));
    facts
}

#[test]
fn an_error_says_in_chinese_what_it_says_in_english() {
    fn both<E: Told>(errors: &[E]) -> Vec<[String; 2]> {
        errors.iter().map(|error| [error.zh(), error.to_string()]).collect()
    }
    let sentences = [
        both(&journal_errors()),
        both(&backup_errors()),
        both(&accept_errors()),
        both(&audit_errors()),
        both(&export_errors()),
        both(&snapshot_errors()),
        both(&report_errors()),
        both(&erase_errors()),
        both(&[OutputError(refused())]),
        both(&storage_errors()),
    ]
    .concat();
    assert!(sentences.len() > 60, "{}", sentences.len());
    for [zh, en] in sentences {
        for fact in facts(&en) {
            assert!(zh.contains(&fact), "{fact} is missing:\n{zh}\n{en}");
        }
        assert!(zh.chars().any(|char| ('\u{4e00}'..='\u{9fff}').contains(&char)), "{zh}");
        assert!(!zh.ends_with('。'), "its full stop comes with the sentence: {zh}");
        // No word of ours was left in English; what SQLite and the system say stays as they say it.
        for word in ["journal in", "record ", "snapshot was", "check that", "keep the", "is there already"] {
            assert!(!zh.contains(word), "{word}: {zh}");
        }
    }
}

#[test]
fn each_kind_of_trouble_has_words_of_its_own() {
    use TroubleKind::{Busy, Conflict, Damaged, Full, Io, ReadOnly, TooLarge};
    let kinds = [Full, ReadOnly, Io, Busy, Damaged, TooLarge, Conflict];
    let mut said: Vec<String> = kinds.map(|kind| trouble(kind).zh()).to_vec();
    assert!(said.iter().all(|said| said.ends_with("（as SQLite says）")), "{said:?}");
    said.sort_unstable();
    said.dedup();
    assert_eq!(said.len(), kinds.len());
}

#[test]
fn a_sentence_is_chinese_first_and_english_alone_where_english_was_asked_for() {
    let error = BackupError::Exists { path: path() };
    assert_eq!(
        error.sentence(Language::Zh),
        "/data/journal.sqlite3 已存在；请换一个新文件名，不会覆盖任何文件。\n\
         /data/journal.sqlite3 is there already; name a new file, nothing is written over"
    );
    assert_eq!(error.sentence(Language::En), error.to_string());
}
