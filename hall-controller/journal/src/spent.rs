//! Records that are durable, on their way back to whoever made their texts.
//!
//! The journal's thread would free each text under the lock of the heap it is from, which is that of the
//! thread that hands in: the two would wait for one another, and a thread that loses its processor with the
//! lock in hand stops both. So the texts are freed where they were made, before the next ones are.

use std::mem;
use std::sync::{Mutex, PoisonError};

use crate::record::Record;
use crate::writer::QUEUE_SUBMISSIONS;

/// One list a commit, as many as there may be submissions in the queue; what is beyond that is freed at once.
#[derive(Debug, Default)]
pub(crate) struct Spent(Mutex<Vec<Vec<Record>>>);

impl Spent {
    pub(crate) fn put(&self, records: Vec<Record>) {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !records.is_empty() && spent.len() < QUEUE_SUBMISSIONS {
            spent.push(records);
        }
    }

    pub(crate) fn take(&self) -> Vec<Vec<Record>> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain;
    use crate::record::Entry;

    /// Where nobody hands in any more, what is kept to be freed stays bounded.
    #[test]
    fn records_are_kept_for_whoever_hands_in_next_and_no_more_than_fit_the_queue() {
        let record = || {
            let entry = Entry { at_ms: 0, kind: "any".into(), cause: String::new(), body: String::new() };
            chain::seal(&chain::genesis("hall"), entry, &mut Vec::new())
        };
        let spent = Spent::default();
        spent.put(Vec::new());
        (0..=QUEUE_SUBMISSIONS).for_each(|_| spent.put(vec![record()]));
        assert_eq!(spent.take().len(), QUEUE_SUBMISSIONS);
        assert!(spent.take().is_empty());
    }
}
