//! From a history that breaks an invariant to a short one that breaks the same.
//!
//! Steps are left out by bisection as long as the same invariant breaks; then single strikes of
//! the weather are.

use std::collections::BTreeSet;

use crate::history::{Act, History, Step};
use crate::invariants::Invariant;
use crate::mutant::Mutant;
use crate::random::Strike;
use crate::{Run, play};

/// What is left.
pub(crate) struct Shrunk {
    pub(crate) history: History,
    pub(crate) strikes: BTreeSet<Strike>,
}

/// The shortest history found.
pub(crate) fn shrink(history: &History, mutant: Mutant, invariant: Invariant) -> Shrunk {
    let breaks = |run: &Run| run.violation.as_ref().is_some_and(|found| found.invariant == invariant);
    let fails = |steps: &[Step]| {
        let history = History { steps: steps.to_vec(), ..history.clone() };
        breaks(&play(history, mutant, None, false))
    };
    let (fixed, movable): (Vec<Step>, Vec<Step>) =
        history.steps.iter().partition(|step| matches!(step.act, Act::Calm | Act::Look | Act::Night { .. }));
    let with_fixed = |movable: &[Step]| {
        let mut steps = [movable, &fixed].concat();
        steps.sort_by_key(|step| step.at_us);
        steps
    };
    let movable = without(movable, |kept| fails(&with_fixed(kept)));
    // Days after the one that breaks are not needed.
    let mut steps = with_fixed(&movable);
    while steps.len() > 1 && fails(&steps[..steps.len() - 1]) {
        steps.pop();
    }
    let history = History { steps, ..history.clone() };
    let struck = play(history.clone(), mutant, None, false).struck;
    let strikes = without(struck, |kept| {
        breaks(&play(history.clone(), mutant, Some(kept.iter().copied().collect()), false))
    });
    Shrunk { history, strikes: strikes.into_iter().collect() }
}

/// As few of these as possible with which it still fails: parts of halving size are left out.
fn without<T: Clone>(mut kept: Vec<T>, fails: impl Fn(&[T]) -> bool) -> Vec<T> {
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        let mut shorter = false;
        while from < kept.len() {
            let mut fewer = kept.clone();
            fewer.drain(from..(from + size).min(kept.len()));
            if fails(&fewer) {
                kept = fewer;
                shorter = true;
            } else {
                from += size;
            }
        }
        if size == 1 && !shorter {
            break;
        }
        size = if size == 1 { 1 } else { size.div_ceil(2) };
    }
    kept
}
