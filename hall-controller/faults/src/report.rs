//! A history that breaks an invariant, in words.

use std::fmt::Write as _;

use crate::history::History;
use crate::mutant::Mutant;
use crate::play;
use crate::shrink::shrink;

/// Lines of what happened that are shown before the end.
const STORY_LINES: usize = 60;

/// Shrink the history of `seed` and tell it; `None` when nothing is wrong with it.
pub(crate) fn report(seed: u64, mutant: Mutant) -> Option<String> {
    let history = History::of(seed);
    let long = history.steps.len();
    let violation = play(history.clone(), mutant, None, false).violation?;
    let shrunk = shrink(&history, mutant, violation.invariant);
    let run = play(shrunk.history.clone(), mutant, Some(shrunk.strikes.clone()), true);
    let mut text = String::new();
    let _ = writeln!(text, "seed {seed} breaks {violation}");
    let shape = shrunk.history.shape;
    let _ = writeln!(text, "{shape:?}");
    let _ = writeln!(text, "shrunk from {long} steps to {}:", shrunk.history.steps.len());
    for step in &shrunk.history.steps {
        let _ = writeln!(
            text,
            "  {:>4}.{:03} s  {}",
            step.at_us / 1_000_000,
            step.at_us % 1_000_000 / 1_000,
            step.act
        );
    }
    for strike in &shrunk.strikes {
        let _ =
            writeln!(text, "  {:?} strikes at place {}, chance {}", strike.weather, strike.place, strike.nth);
    }
    let _ = writeln!(text, "what happened, to the end:");
    let from = run.story.len().saturating_sub(STORY_LINES);
    for line in &run.story[from..] {
        let _ = writeln!(text, "  {line}");
    }
    match run.violation {
        Some(found) => _ = writeln!(text, "=> {found}"),
        None => _ = writeln!(text, "=> the shrunk history does not break it any more: shrinking is at fault"),
    }
    Some(text)
}
