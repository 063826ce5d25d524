//! All chance of a simulated day, drawn from its seed.
//!
//! Every draw is named by what it is for, where, and the how-manieth of its kind, and not by its
//! place in one long stream: leaving a fault out of a history leaves the others as they were, which
//! is what makes a history shrink.

use std::collections::BTreeSet;

/// Clients, lines and other places that faults strike separately.
pub(crate) const PLACES: usize = 16;

/// What can strike while the weather for it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Weather {
    /// Packets of a client are lost.
    Lose,
    /// Requests and replies come twice.
    Duplicate,
    /// Requests and replies overtake each other.
    Reorder,
    /// Packets take seconds.
    Delay,
    /// The journal's disk is full.
    DiskFull,
    /// A sync fails, and yet the bytes may be on the disk.
    DiskGhost,
    /// A sync succeeds, and is reported as failed.
    DiskAnswerLost,
    /// A sync takes long.
    DiskSlow,
    /// Bytes on a serial line are lost.
    SerialLose,
    /// A bit on a serial line flips.
    SerialChange,
    /// Noise comes before bytes on a serial line.
    SerialNoise,
    /// A sign answers when nobody waits any more.
    SerialSlow,
}

impl Weather {
    /// Every kind, in the order of the declaration.
    pub(crate) const ALL: [Self; 12] = [
        Self::Lose,
        Self::Duplicate,
        Self::Reorder,
        Self::Delay,
        Self::DiskFull,
        Self::DiskGhost,
        Self::DiskAnswerLost,
        Self::DiskSlow,
        Self::SerialLose,
        Self::SerialChange,
        Self::SerialNoise,
        Self::SerialSlow,
    ];
}

/// What is drawn in any weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usual {
    Latency,
    Sync,
    Answer,
    Turn,
    Session,
    Think,
    Break,
    /// How much of a write is on the disk when the process dies.
    Torn,
    /// Whether a write that failed is there at the next start.
    Ghost,
    /// How soon after a standstill a task is awake.
    Wake,
}

const USUAL: usize = 10;

/// One strike: the `nth` time the weather could have struck at the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Strike {
    pub(crate) weather: Weather,
    pub(crate) place: u8,
    pub(crate) nth: u32,
}

/// The source of all chance.
pub(crate) struct Fates {
    seed: u64,
    /// Only these strike; without a list, chance decides.
    only: Option<BTreeSet<Strike>>,
    struck: Vec<Strike>,
    asked: [[u32; PLACES]; Weather::ALL.len()],
    drawn: [[u32; PLACES]; USUAL],
}

impl Fates {
    pub(crate) fn new(seed: u64, only: Option<BTreeSet<Strike>>) -> Self {
        Self {
            seed,
            only,
            struck: Vec::new(),
            asked: [[0; PLACES]; Weather::ALL.len()],
            drawn: [[0; PLACES]; USUAL],
        }
    }

    /// Whether the weather strikes here now; gives how hard.
    pub(crate) fn strikes(&mut self, weather: Weather, place: usize, percent: u8) -> Option<u64> {
        let place = place % PLACES;
        let asked = &mut self.asked[weather as usize][place];
        let nth = *asked;
        *asked += 1;
        let draw = mix(self.seed, 0x100 + weather as u64 * 64 + place as u64, u64::from(nth));
        let strike = Strike { weather, place: u8::try_from(place).unwrap_or(0), nth };
        let struck = match &self.only {
            Some(only) => only.contains(&strike),
            None => draw % 100 < u64::from(percent),
        };
        struck.then(|| {
            self.struck.push(strike);
            draw >> 8
        })
    }

    /// A number from `from` to `to`, both included.
    pub(crate) fn between(&mut self, usual: Usual, place: usize, from: u64, to: u64) -> u64 {
        let place = place % PLACES;
        let drawn = &mut self.drawn[usual as usize][place];
        *drawn += 1;
        let draw = mix(self.seed, 0x10_000 + usual as u64 * 64 + place as u64, u64::from(*drawn));
        from + draw % (to - from + 1)
    }

    pub(crate) fn into_struck(self) -> Vec<Strike> {
        self.struck
    }
}

/// A generator for making a history before it is played.
pub(crate) struct Dice {
    seed: u64,
    stream: u64,
    rolled: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, stream: 0x7777, rolled: 0 }
    }

    /// Others, whose rolls leave those of [`Dice::new`] and of each other as they are.
    pub(crate) fn apart(seed: u64, nth: u64) -> Self {
        Self { seed, stream: 0x7778 + nth, rolled: 0 }
    }

    /// A number from `from` to `to`, both included.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        self.rolled += 1;
        from + mix(self.seed, self.stream, self.rolled) % (to - from + 1)
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of these, as often as its weight says.
    pub(crate) fn weighed<T: Copy>(&mut self, choices: &[(u64, T)]) -> T {
        let sum: u64 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.between(0, sum - 1);
        for (weight, choice) in choices {
            match left.checked_sub(*weight) {
                Some(less) => left = less,
                None => return *choice,
            }
        }
        choices[0].1
    }
}

/// Three numbers to one that looks random (the finalizer of `SplitMix64`).
pub(crate) fn mix(seed: u64, what: u64, nth: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(what.wrapping_mul(0xD1B5_4A32_D192_ED03))
        .wrapping_add(nth.wrapping_mul(0x8CB9_2BA7_2F3D_8DD7))
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
