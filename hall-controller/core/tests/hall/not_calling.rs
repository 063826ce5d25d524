//! A window that calls nobody is noticed, since there has been somebody to call.

use hall_core::event::Finding;

use crate::balancer::{crowded, open};
use crate::management::list;
use crate::support::{Desk, id};

/// How long window 2 is said not to have called, by the proposals that are open.
fn not_calling_at_2(desk: &Desk) -> Option<u16> {
    open(desk).into_iter().find_map(|it| match it.finding {
        Finding::NotCalling { window, minutes } if window == id("2") => Some(minutes),
        _ => None,
    })
}

#[test]
fn a_window_calls_nobody_only_since_somebody_has_been_there_to_call() {
    let mut desk = crowded(|_| ());
    desk.tick(12);
    assert_eq!(not_calling_at_2(&desk), None, "nobody has come for social");
    desk.take("social");
    desk.tick(2);
    assert_eq!(not_calling_at_2(&desk), None, "the first has only just come");
    desk.tick(10);
    let minutes = not_calling_at_2(&desk).expect("somebody has been waiting for a while");
    assert!((5..=12).contains(&minutes), "{minutes}, of the 24 the window has been open");
}

#[test]
fn a_window_that_never_calls_is_noticed_though_others_keep_every_wait_short() {
    let mut desk = crowded(|parts| {
        parts.windows[2].services = list(&["social"]);
        parts.clerks[2].services = list(&["social"]);
    });
    desk.take("social");
    for _ in 0..12 {
        // Somebody always waits for social, and nobody long.
        desk.take("social");
        desk.tick(1);
        assert!(desk.call("3").is_some());
    }
    assert!(not_calling_at_2(&desk).is_some(), "{:?}", open(&desk));
}
