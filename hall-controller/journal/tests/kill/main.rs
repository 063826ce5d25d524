//! The controller is killed at any instant. What it had acknowledged is there.
//!
//! SIGKILL leaves the kernel's cache alone, so this proves the order of commit
//! and answer and the recovery of the log, not that the disk obeys fsync.
//!
//! A program of its own: while a process is being started it holds copies of all
//! open files, and so the locks that tests beside this one have just given back.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../journal/hall.rs"]
#[allow(dead_code, reason = "the other tests' hall has more than is needed here")]
mod hall;

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use hall_journal::verify;

use self::hall::{Dice, replayed, start, ticket_issued, tickets};

const DIRECTORY: &str = "HALL_JOURNAL_KILLED_IN";
const ACKNOWLEDGED: &str = "acknowledged ";

/// Not a test of its own: the process that gets killed.
#[test]
fn appends_until_killed() {
    let Some(directory) = env::var_os(DIRECTORY) else { return };
    let (writer, records) = start(Path::new(&directory));
    let mut next = records.len() as u64 + 1;
    loop {
        // As many as there is room for, so that kills fall into large groups too.
        let Some(slot) = writer.reserve() else { continue };
        let size = 1 + next % 3;
        slot.append(tickets(next..next + size), |answer| {
            let commit = answer.unwrap();
            let line = format!("{ACKNOWLEDGED}{} {}\n", commit.last_seq, commit.head_hash);
            io::stdout().write_all(line.as_bytes()).unwrap();
        });
        next += size;
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_instant() {
    let directory = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(3);
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    for round in 1..=20 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "appends_until_killed", "--nocapture"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The instant: after so many answers were read, wherever the child is by then.
        for _ in 0..=dice.below(400) {
            acknowledged.extend(parse(&lines.next().unwrap().unwrap()));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had said before it died counts as well.
        acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));

        let records = replayed(directory.path());
        assert_eq!(verify(directory.path()).unwrap().records, records.len() as u64, "round {round}");
        for (seq, hash) in &acknowledged {
            let record = records.get(usize::try_from(*seq).unwrap() - 1);
            let record = record.unwrap_or_else(|| panic!("round {round}: acknowledged {seq} is lost"));
            assert_eq!(&record.hash.to_string(), hash, "round {round}");
        }
        for (record, n) in records.iter().zip(1..) {
            assert_eq!((record.seq, &record.body), (n, &ticket_issued(n).body), "round {round}");
        }
    }
    assert!(acknowledged.len() > 1000, "only {} answers", acknowledged.len());
}

/// An answer in a line that the test harness may have begun, and that death may
/// have cut short.
fn parse(line: &str) -> Option<(u64, String)> {
    let (_, answer) = line.split_once(ACKNOWLEDGED)?;
    let (seq, hash) = answer.split_once(' ')?;
    (hash.len() == 64).then(|| (seq.parse().unwrap(), hash.to_owned()))
}
