//! Hearing of panics without their noise, also of threads that a runtime catches them in.

use std::cell::Cell;
use std::panic;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

/// Threads whose name begins so are watched for whoever started them: what a runtime's worker
/// panics of, nobody else hears.
pub(crate) const WORKERS: &str = "fuzzed";

/// The thread concerned, and what it said.
static HEARD: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
}

fn me() -> String {
    format!("{:?}", thread::current().id())
}

/// From now on a panic of a thread that is watched is kept and not printed.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let worker = thread::current().name().is_some_and(|name| name.starts_with(WORKERS));
            if !worker && !WATCHED.get() {
                return before(info);
            }
            let whose = if worker { WORKERS.to_owned() } else { me() };
            HEARD.lock().unwrap_or_else(PoisonError::into_inner).push((whose, info.to_string()));
        }));
    });
}

/// Watch this thread, or no more.
pub(crate) fn watch(watched: bool) {
    WATCHED.set(watched);
}

/// What this thread, or a worker, panicked of since it was asked last.
pub(crate) fn take() -> Option<String> {
    let me = me();
    let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let place = heard.iter().position(|(whose, _)| *whose == me || whose == WORKERS)?;
    let (_, said) = heard.remove(place);
    heard.retain(|(whose, _)| *whose != me && whose != WORKERS);
    Some(said)
}
