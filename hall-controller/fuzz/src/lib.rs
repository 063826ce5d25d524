//! Every parser of bytes from outside, given mutated input for as long as one likes.
//!
//! A [`Target`] says what a good input looks like, which words matter in it, and what must hold of
//! any input: mostly that what is read and written again is the same, and that nothing panics or
//! takes long. [`fuzz`] starts from the good inputs (the vectors of the wire, the example
//! configuration, the golden journals), changes them by chance, keeps what a parser accepted to
//! change it further, and shortens what breaks. The same seed gives the same inputs.
//!
//! Stable Rust has no coverage to guide it; a word list and inputs that were accepted take its place.
//!
//! | module | what it knows |
//! |---|---|
//! | `targets` | the parsers, one file for each way into the process |
//! | `mutation` | how an input becomes another |
//! | `shrink` | how a failing one becomes short |
//! | `panics` | that a thread panicked, also one of the runtime's |

mod mutation;
mod panics;
mod shrink;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastrand::Rng;

use mutation::Mutator;
pub use targets::TARGETS;

/// A parser that takes longer for one input than this, on a busy machine, hangs.
const INPUT_MAX: Duration = Duration::from_secs(10);

/// Accepted inputs kept to go on from, besides the good ones.
const KEPT_MAX: usize = 512;

/// Whether a parser took an input for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It did.
    Accepted,
    /// It said what is wrong.
    Refused,
}

/// What is fuzzed.
pub trait Target {
    /// Inputs to begin with.
    fn seeds(&self) -> Vec<Vec<u8>>;

    /// Words that mean something to the parser.
    fn words(&self) -> &'static [&'static str];

    /// Give it one input. `Err` says what does not hold.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String>;
}

/// A target with its name, what it is, and how it is made.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// What it parses.
    pub says: &'static str,
    pub(crate) make: fn() -> Box<dyn Target>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How many inputs were given.
    pub inputs: u64,
    /// How many of them were accepted.
    pub accepted: u64,
    /// What broke, shortened.
    pub failure: Option<Failure>,
}

/// An input that breaks something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The shortest found.
    pub input: Vec<u8>,
    /// What does not hold.
    pub why: String,
}

/// Give a target mutated inputs until the time is over or one breaks it; `told` hears now and then
/// how many there were.
pub fn fuzz(named: Named, seed: u64, time: Duration, told: impl Fn(u64)) -> Outcome {
    panics::listen();
    let mut target = (named.make)();
    let mut inputs = target.seeds();
    inputs.extend(known_failures(named.name));
    let mut outcome = Outcome { inputs: 0, accepted: 0, failure: None };
    let good = inputs.len();
    let mutator = Mutator::new(target.words());
    let mut dice = Rng::with_seed(seed);
    let started = Instant::now();
    while outcome.failure.is_none() {
        let nth = usize::try_from(outcome.inputs).unwrap_or(usize::MAX);
        let input = match inputs.get(nth).filter(|_| nth < good) {
            Some(as_it_is) => as_it_is.clone(),
            None if started.elapsed() >= time => break,
            None => mutator.mutate(&inputs, &mut dice),
        };
        outcome.inputs += 1;
        match one(&mut *target, &input) {
            Ok(Taken::Accepted) => {
                outcome.accepted += 1;
                if nth >= good {
                    keep(&mut inputs, good, input, &mut dice);
                }
            }
            Ok(Taken::Refused) => {}
            Err(why) => outcome.failure = Some(shrink::shrink(&mut *target, Failure { input, why })),
        }
        if outcome.inputs.is_multiple_of(256) {
            told(outcome.inputs);
        }
    }
    outcome
}

/// Give a target one input.
pub fn replay(named: Named, input: &[u8]) -> Result<Taken, String> {
    panics::listen();
    one(&mut *(named.make)(), input)
}

/// Keep a failing input where `cargo xtask fuzz TARGET --input FILE` finds it.
///
/// # Errors
/// When the file cannot be written.
pub fn keep_failure(name: &str, input: &[u8]) -> std::io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/fuzz");
    std::fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let mut files = (1..1_000).map(|nth| folder.join(format!("{name}-{nth}.bin")));
    let file = files.find(|path| !path.exists()).unwrap_or_else(|| folder.join(name));
    std::fs::write(&file, input)?;
    Ok(file)
}

/// Fuzz a parser with a planted panic: what is found of it.
pub fn self_check(seed: u64) -> Failure {
    let planted =
        Named { name: "planted", says: "a parser with a defect", make: || Box::new(targets::Planted) };
    let outcome = fuzz(planted, seed, Duration::from_secs(60), |_| {});
    outcome.failure.unwrap_or(Failure { input: Vec::new(), why: "nothing was found".to_owned() })
}

fn one(target: &mut dyn Target, input: &[u8]) -> Result<Taken, String> {
    let started = Instant::now();
    panics::watch(true);
    let checked = catch_unwind(AssertUnwindSafe(|| target.check(input)));
    panics::watch(false);
    let panicked = panics::take();
    match (checked, panicked) {
        (_, Some(said)) => Err(format!("it panics: {said}")),
        (Err(_), None) => Err("it panics".to_owned()),
        (Ok(_), None) if started.elapsed() > INPUT_MAX => {
            Err(format!("it takes {} ms", started.elapsed().as_millis()))
        }
        (Ok(checked), None) => checked,
    }
}

fn keep(inputs: &mut Vec<Vec<u8>>, good: usize, input: Vec<u8>, dice: &mut Rng) {
    if inputs.len() < good + KEPT_MAX {
        inputs.push(input);
    } else {
        let place = dice.usize(good..inputs.len());
        inputs[place] = input;
    }
}

/// Inputs that once broke something; each stays.
fn known_failures(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    files.sort();
    files.into_iter().filter_map(|file| std::fs::read(file).ok()).collect()
}
