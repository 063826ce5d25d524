//! Random histories of submissions, faults, resumes and crashes. Whatever
//! happens, the disk holds whole submissions in the order they were made, the
//! chain is whole, and everything acknowledged is there.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use hall_journal::memory::{Fault, FaultyStore, MemoryStore};
use hall_journal::{AppendError, Committer, Entry, ResumeError, TroubleKind, chain};
use proptest::prelude::*;

use crate::hall::{HALL, tickets};

#[derive(Clone, Debug)]
enum Step {
    /// Submissions of so many entries each, committed as one group.
    Submit(Vec<u64>),
    /// The engine goes back to what it knows to be durable.
    Resume,
    /// The engine believes in a record too many or too few.
    ResumeElsewhere(u64),
    /// The process dies and starts again.
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec(0_u64..4, 1..5).prop_map(Step::Submit),
        2 => Just(Step::Resume),
        1 => (1_u64..4).prop_map(Step::ResumeElsewhere),
        1 => Just(Step::Crash),
    ]
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    let kind = prop_oneof![Just(TroubleKind::Full), Just(TroubleKind::Io), Just(TroubleKind::Busy)];
    prop_oneof![
        6 => Just(None),
        2 => kind.clone().prop_map(|kind| Some(Fault::Refused(kind))),
        1 => kind.clone().prop_map(|kind| Some(Fault::Ghost(kind))),
        1 => kind.prop_map(|kind| Some(Fault::AnswerLost(kind))),
    ]
}

type Faults = Arc<Mutex<VecDeque<Option<Fault>>>>;

fn start(disk: MemoryStore, faults: &Faults) -> Committer<FaultyStore<MemoryStore>> {
    let faults = Arc::clone(faults);
    let store = FaultyStore::new(disk, move |_| faults.lock().unwrap().pop_front().flatten());
    Committer::replay(store, chain::genesis(HALL), |_| Ok::<(), Infallible>(())).unwrap()
}

/// What the disk holds, checked against its chain.
fn kept(disk: &MemoryStore) -> Vec<Entry> {
    let mut kept = Vec::new();
    Committer::replay(disk.clone(), chain::genesis(HALL), |record| {
        let hall_journal::Record { at_ms, kind, cause, body, .. } = record;
        kept.push(Entry { at_ms, kind, cause, body });
        Ok::<(), Infallible>(())
    })
    .expect("the chain is whole");
    kept
}

/// An engine that believes what it is told, and nothing else.
struct Engine {
    /// Acknowledged, in order.
    durable: Vec<Entry>,
    /// The group of the last failed commit: may be on the disk, wholly or not at all.
    in_doubt: Vec<Entry>,
    fenced: bool,
}

impl Engine {
    /// Checks the disk, which may hold what is in doubt, and takes it as it is.
    fn read(&mut self, disk: &MemoryStore) {
        let found = kept(disk);
        assert_eq!(found[..self.durable.len()], self.durable, "something acknowledged is lost");
        let beyond = &found[self.durable.len()..];
        assert!(beyond.is_empty() || beyond == self.in_doubt, "part of a commit, or one never made");
        self.durable = found;
        self.in_doubt.clear();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_disk_holds_what_was_acknowledged_and_whole_commits_only(
        steps in prop::collection::vec(step(), 1..40),
        faults in prop::collection::vec(fault(), 0..40),
    ) {
        let faults: Faults = Arc::new(Mutex::new(faults.into()));
        let disk = MemoryStore::new(HALL);
        let mut committer = start(disk.clone(), &faults);
        let mut engine = Engine { durable: vec![], in_doubt: vec![], fenced: false };
        let mut next = 1;
        for step in steps {
            match step {
                Step::Submit(sizes) => {
                    let group: Vec<Vec<Entry>> = sizes
                        .iter()
                        .map(|size| {
                            next += size;
                            tickets(next - size..next)
                        })
                        .collect();
                    let answers = committer.commit(group.clone());
                    prop_assert_eq!(answers.len(), group.len());
                    for (entries, answer) in group.iter().zip(&answers) {
                        match answer {
                            Ok(commit) => {
                                prop_assert!(!engine.fenced, "a success behind the fence");
                                prop_assert_eq!(commit.first_seq, engine.durable.len() as u64 + 1);
                                engine.durable.extend_from_slice(entries);
                                prop_assert_eq!(commit.last_seq, engine.durable.len() as u64);
                            }
                            Err(AppendError::Fenced(_)) => prop_assert!(engine.fenced),
                            Err(error) => prop_assert!(!engine.fenced, "tried behind the fence: {}", error),
                        }
                    }
                    if !engine.fenced && answers.iter().any(Result::is_err) {
                        prop_assert!(answers.iter().all(Result::is_err), "half a group");
                        engine.fenced = true;
                        engine.in_doubt = group.concat();
                    }
                }
                Step::Resume => match committer.resume(engine.durable.len() as u64) {
                    Ok(head) => {
                        prop_assert_eq!(head.seq, engine.durable.len() as u64);
                        engine.fenced = false;
                        engine.in_doubt.clear();
                    }
                    Err(ResumeError::Failed(_)) => prop_assert!(engine.fenced),
                    Err(ResumeError::Elsewhere { durable, .. }) => {
                        prop_assert!(engine.fenced);
                        engine.read(&disk);
                        prop_assert_eq!(durable.seq, engine.durable.len() as u64);
                    }
                    Err(error) => prop_assert!(false, "{}", error),
                },
                Step::ResumeElsewhere(by) => {
                    let wrong = engine.durable.len() as u64 + engine.in_doubt.len() as u64 + by;
                    prop_assert!(committer.resume(wrong).is_err());
                }
                Step::Crash => {
                    let disk = committer.into_store().crash();
                    engine.read(&disk);
                    engine.fenced = false;
                    committer = start(disk, &faults);
                }
            }
            let found = kept(&disk);
            prop_assert_eq!(&found[..engine.durable.len()], &engine.durable[..]);
            let beyond = &found[engine.durable.len()..];
            prop_assert!(beyond.is_empty() || (engine.fenced && beyond == engine.in_doubt));
        }
    }
}
