//! How an input that breaks something becomes short: blocks are left out and bytes made plain, as
//! long as it still breaks.

use std::time::{Duration, Instant};

use crate::{Failure, Target, one};

/// Shortening stops after this long: the input is written out anyway.
const TIME_MAX: Duration = Duration::from_secs(20);

/// The shortest input found that still breaks the target, and what it breaks. What happens only now
/// and then stays as it is.
pub(crate) fn shrink(target: &mut dyn Target, failure: Failure) -> Failure {
    let mut best = failure;
    let until = Instant::now() + TIME_MAX;
    let mut block = best.input.len().div_ceil(2);
    while block > 0 && Instant::now() < until {
        let mut at = 0;
        while at < best.input.len() && Instant::now() < until {
            let mut shorter = best.input.clone();
            shorter.drain(at..(at + block).min(best.input.len()));
            if !take(target, &mut best, shorter) {
                at += block;
            }
        }
        block /= 2;
    }
    for at in 0..best.input.len() {
        if Instant::now() >= until {
            break;
        }
        let mut plainer = best.input.clone();
        plainer[at] = if plainer[at].is_ascii_digit() { b'0' } else { b'a' };
        take(target, &mut best, plainer);
    }
    best
}

fn take(target: &mut dyn Target, best: &mut Failure, input: Vec<u8>) -> bool {
    match one(target, &input) {
        Err(why) => {
            *best = Failure { input, why };
            true
        }
        Ok(_) => false,
    }
}
