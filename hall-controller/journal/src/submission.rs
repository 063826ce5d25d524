//! What is handed to the journal at once, with the hashes of its records made ahead.
//!
//! A record's hash needs the one before it, but not the journal's thread: whoever hands entries in has
//! time while the journal writes and syncs. There the hashes are made as if all that was handed in before
//! will be kept. The committer takes them only where they follow its own head, and makes them anew where
//! they do not. So a wrong guess, as after a commit that failed, costs time and nothing else.

use crate::chain;
use crate::record::{ChainHash, Entry, Head, Record};

/// Entries to be committed together or not at all.
#[derive(Debug)]
pub struct Submission {
    entries: Vec<Entry>,
    ahead: Option<Ahead>,
}

/// One hash for each entry, if the first of them follows that head.
#[derive(Debug)]
struct Ahead {
    after: Head,
    hashes: Vec<ChainHash>,
}

/// Entries whose hashes the committer makes.
impl From<Vec<Entry>> for Submission {
    fn from(entries: Vec<Entry>) -> Self {
        Self { entries, ahead: None }
    }
}

impl Submission {
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds what follows `head` to `records`; returns the head after it.
    pub(crate) fn seal(self, head: Head, scratch: &mut Vec<u8>, records: &mut Vec<Record>) -> Head {
        let hashes = match self.ahead {
            Some(Ahead { after, hashes }) if after == head => hashes,
            _ => Vec::new(),
        };
        let (mut head, mut hashes) = (head, hashes.into_iter());
        records.extend(self.entries.into_iter().map(|entry| {
            let record = match hashes.next() {
                Some(hash) => Record::of(entry, Head { seq: head.seq + 1, hash }),
                None => chain::seal(&head, entry, scratch),
            };
            head = record.head();
            record
        }));
        head
    }
}

/// Makes hashes ahead of the journal.
#[derive(Debug)]
pub(crate) struct Sealer {
    /// What is sealed next is to follow this.
    pub(crate) head: Head,
    scratch: Vec<u8>,
}

impl Sealer {
    pub(crate) fn after(head: Head) -> Self {
        Self { head, scratch: Vec::new() }
    }

    pub(crate) fn seal(&mut self, entries: Vec<Entry>) -> Submission {
        let after = self.head;
        let mut hashes = Vec::with_capacity(entries.len());
        for entry in &entries {
            self.head = chain::after(&self.head, entry, &mut self.scratch);
            hashes.push(self.head.hash);
        }
        Submission { entries, ahead: Some(Ahead { after, hashes }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(bodies: &[&str]) -> Vec<Entry> {
        let entry = |body: &&str| Entry {
            at_ms: 7,
            kind: "Called".into(),
            cause: "{}".into(),
            body: (*body).to_owned(),
        };
        bodies.iter().map(entry).collect()
    }

    fn sealed(submission: Submission, after: Head) -> Vec<Record> {
        let mut records = Vec::new();
        let head = submission.seal(after, &mut Vec::new(), &mut records);
        assert_eq!(Some(head), records.last().map(Record::head));
        records
    }

    #[test]
    fn hashes_made_ahead_are_those_the_journal_would_make() {
        let genesis = chain::genesis("hall");
        let mut sealer = Sealer::after(genesis);
        let mut head = genesis;
        for bodies in [&["1", "2"][..], &["3"]] {
            let records = sealed(sealer.seal(entries(bodies)), head);
            assert_eq!(records, sealed(entries(bodies).into(), head));
            head = records.last().map_or(head, Record::head);
        }
        assert_eq!(head.seq, 3);
    }

    #[test]
    fn what_was_sealed_for_another_place_is_sealed_anew() {
        let genesis = chain::genesis("hall");
        let mut sealer = Sealer::after(genesis);
        sealer.seal(entries(&["lost"]));
        let records = sealed(sealer.seal(entries(&["kept"])), genesis);
        assert_eq!(records, sealed(entries(&["kept"]).into(), genesis));
        // The same number on another chain is another place.
        let elsewhere = Sealer::after(chain::genesis("other")).seal(entries(&["kept"]));
        assert_eq!(sealed(elsewhere, genesis), records);
    }

    #[test]
    fn the_journal_does_not_make_again_what_was_made_ahead() {
        let after = chain::genesis("hall");
        let hashes = vec![ChainHash::from_bytes([7; ChainHash::BYTES])];
        let submission = Submission { entries: entries(&["1"]), ahead: Some(Ahead { after, hashes }) };
        assert_eq!(sealed(submission, after)[0].hash, ChainHash::from_bytes([7; ChainHash::BYTES]));
    }
}
