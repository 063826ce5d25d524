//! The balancer's forecast: today's arrivals held to what was learnt of the weekday.

use hall_core::event::{Event, Reviewed};
use hall_core::plan::Balance;
use hall_protocol::payload::Key;

use crate::support::{Desk, HOUR_MS, id, parts, replayed};

const WEEK_MS: i64 = 7 * 24 * HOUR_MS;
/// Three like days of which the older count three quarters each.
const DAYS: f64 = 1.0 + 0.75 + 0.5625;

/// A hall whose balancer looks, before it opens.
fn watched() -> Desk {
    let mut parts = parts();
    parts.policy.balance = Balance::Advise;
    Desk::closed(parts)
}

/// From ten o'clock on so many come for tax in each of these minutes; what the reviews found.
fn morning(desk: &mut Desk, each_minute: &[u32]) -> Vec<Reviewed> {
    desk.done("1", Key::Open);
    let mut found = Vec::new();
    for citizens in each_minute {
        for _ in 0..*citizens {
            desk.take("tax");
        }
        found.extend(desk.tick(1).into_iter().filter_map(|event| match event {
            Event::Reviewed(reviewed) => Some(reviewed),
            _ => None,
        }));
    }
    found
}

/// The same morning three weeks long, and then ten o'clock so many days after the last.
fn after_weeks(desk: &mut Desk, each_minute: &[u32], days: i64) {
    for week in 0..3 {
        let ten = desk.wall_ms;
        morning(desk, each_minute);
        let next = if week < 2 { WEEK_MS } else { days * 24 * HOUR_MS };
        desk.wait(ten + next - desk.wall_ms);
    }
}

fn an_hour(desk: &Desk, thousandths: &[u32]) -> f64 {
    f64::from(thousandths[desk.hall.plan().service_index(id("tax")).unwrap()]) / 1e3
}

/// One in ten minutes, and from half past ten on one each minute.
fn rush_at_half_past() -> Vec<u32> {
    (0..60).map(|minute| if minute < 30 { u32::from(minute % 10 == 0) } else { 1 }).collect()
}

#[test]
fn a_rush_that_comes_every_week_is_foreseen() {
    let (mut known, mut new) = (watched(), watched());
    after_weeks(&mut known, &rush_at_half_past(), 7);
    let foreseen = |desk: &mut Desk| {
        let found = morning(desk, &rush_at_half_past()[..26]);
        an_hour(desk, &found.last().unwrap().arrivals)
    };
    let (with, without) = (foreseen(&mut known), foreseen(&mut new));
    assert!(with > 30.0 && without < with / 2.0, "{with} {without}");
    assert_eq!(replayed(id("county"), &known.journal), known.hall);
}

#[test]
fn a_day_twice_as_busy_goes_on_busier_as_far_as_it_has_shown() {
    let mut desk = watched();
    after_weeks(&mut desk, &[2; 60], 7);
    let found = morning(&mut desk, &[4; 31]);
    let last = found.last().unwrap();
    let recent = an_hour(&desk, &last.recent);
    // 120 have come where 60 usually have, and 120 an hour go on to come.
    let coming = 120.0 * (50.0 + 120.0) / (50.0 + 60.0);
    let expected = (recent + DAYS * coming) / (1.0 + DAYS);
    let foreseen = an_hour(&desk, &last.arrivals);
    assert!((foreseen / expected - 1.0).abs() < 0.03, "{foreseen}, not {expected}; recently {recent}");
}

#[test]
fn a_hall_without_such_a_weekday_goes_by_today_alone() {
    let mut desk = watched();
    after_weeks(&mut desk, &rush_at_half_past(), 1);
    let found = morning(&mut desk, &rush_at_half_past()[..26]);
    assert!(found.len() > 3, "{found:?}");
    // In the first twenty minutes by all who have come, later by who came lately.
    let (opening, later): (Vec<_>, Vec<_>) = found.iter().enumerate().partition(|(nth, _)| *nth <= 10);
    let no_more =
        |(_, review): &(usize, &Reviewed)| review.arrivals.iter().zip(&review.recent).all(|(a, b)| a <= b);
    assert!(opening.iter().all(no_more), "{opening:?}");
    assert!(!later.is_empty() && later.iter().all(|(_, it)| it.arrivals == it.recent), "{later:?}");
    assert!(an_hour(&desk, &found.last().unwrap().recent) > 0.0);
}

#[test]
fn reviews_of_older_journals_are_taken_as_they_were() {
    let mut desk = watched();
    morning(&mut desk, &rush_at_half_past());
    let mut journal = desk.journal.clone();
    for stamped in &mut journal {
        if let Event::Reviewed(review) = &mut stamped.event {
            review.recent.clear();
        }
    }
    assert!(journal != desk.journal);
    assert_eq!(replayed(id("county"), &journal), desk.hall);
}
