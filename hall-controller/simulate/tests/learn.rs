//! A scenario learnt from the journal of its own days is close to it.
#![allow(clippy::unwrap_used, missing_docs)]

use hall_core::event::{Cause, Event, Rule, Stamped};
use hall_core::plan::{Balance, Hours, Plan, PlanParts, Policy, Routing, WeeklyHours};
use hall_core::time::{BusinessDay, HallTime};
use hall_protocol::payload::Class;
use hall_simulate::learn::{LearnError, Learner, Lesson};
use hall_simulate::scenario::Requirement;
use hall_simulate::{Figures, Scenario, Setting, record, simulate};

const DAYS: u64 = 30;
/// A service that so many windows can do is seen at enough of them to tell it from their clerks.
const MANY: usize = 9;

type Column = (&'static str, f64, fn(&Figures) -> f64);

fn scenario(name: &str) -> Scenario {
    let path = format!("{}/references/scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Scenario::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn auto() -> Setting {
    let policy = Policy { routing: Routing::ServiceLevel, balance: Balance::Auto, ..Policy::default() };
    Setting { policy, ..Setting::default() }
}

/// Simulated halls keep UTC.
#[allow(clippy::cast_precision_loss)]
fn minute(at: HallTime) -> f64 {
    at.unix_ms().rem_euclid(86_400_000) as f64 / 60_000.0
}

fn learnt(scenario: &Scenario, days: u64) -> Lesson {
    let mut learner = Learner::new(minute);
    for day in 0..days {
        record(scenario, &auto(), 5, day).unwrap().iter().for_each(|stamped| learner.watch(stamped));
    }
    learner.finish_lesson().unwrap()
}

fn mean(requirement: Requirement) -> (f64, f64) {
    match requirement {
        Requirement::Lognormal { mean, cv } => (mean, cv),
        Requirement::Exponential { .. } => panic!("{requirement:?}"),
    }
}

fn near(what: &str, learnt: f64, truth: f64, tolerance: f64) {
    assert!((learnt - truth).abs() <= tolerance, "{what}: {learnt}, not {truth} ± {tolerance}");
}

#[test]
fn what_is_learnt_is_what_was_played() {
    let truth = scenario("dev-district");
    let Lesson { scenario, days, .. } = learnt(&truth, DAYS);
    // The last day has not ended.
    assert_eq!(days, 29);
    assert_eq!((scenario.opens, scenario.closes), (truth.opens, truth.closes));
    assert_eq!((scenario.slot_minutes, scenario.changeover_minutes), (15.0, 1.0));
    assert_eq!(scenario.services.len(), truth.services.len());
    // Nothing tells a hall of slow clerks from one of long services, either.
    let speeds: f64 = truth.windows.iter().map(|window| window.speed).sum();
    let of_all = speeds / f64::from(u32::try_from(truth.windows.len()).unwrap());
    for (place, (seen, service)) in scenario.services.iter().zip(&truth.services).enumerate() {
        let id = service.id.to_string();
        let (came, expected): (f64, f64) =
            (seen.arrivals_per_slot.iter().sum(), service.arrivals_per_slot.iter().sum());
        near(&format!("{id} arrivals"), came, expected, 4.0 * (expected / 29.0).sqrt());
        let ((seen_mean, cv), (true_mean, true_cv)) = (mean(seen.requirement), mean(service.requirement));
        let services = came * 29.0 * 0.7;
        if truth.windows.iter().filter(|window| window.skills.contains(&place)).count() >= MANY {
            let tolerance = true_mean * (4.0 * true_cv / services.sqrt() + 0.05);
            near(&format!("{id} mean"), seen_mean, true_mean / of_all, tolerance);
        }
        near(&format!("{id} cv"), cv, true_cv, 0.25 * true_cv);
        near(&format!("{id} target"), seen.target_minutes, service.target_minutes, 0.0);
        near(&format!("{id} patience"), seen.patience_minutes.unwrap(), 120.0, 45.0);
    }
    for (seen, window) in scenario.windows.iter().zip(&truth.windows) {
        assert_eq!((&seen.id, &seen.primary), (&window.id, &window.primary));
        let skills: std::collections::BTreeSet<_> = window.skills.iter().copied().collect();
        assert_eq!(seen.skills.iter().copied().collect::<std::collections::BTreeSet<_>>(), skills);
        // What a window's own service takes there: of one that no other window does, nothing tells whether
        // the service is long or the clerk slow.
        let own = window.primary[0];
        let takes = mean(scenario.services[own].requirement).0 / seen.speed;
        let truly = mean(truth.services[own].requirement).0 / window.speed;
        near(&format!("{} takes", window.id), takes, truly, 0.2 * truly);
        assert_eq!(seen.open.len(), window.open.len(), "{}", window.id);
        for ((from, until), (truly_from, truly_until)) in seen.open.iter().zip(&window.open) {
            near(&format!("{} opens", window.id), *from, *truly_from, 5.0);
            // A break starts after the ticket in hand.
            near(&format!("{} shuts", window.id), *until, *truly_until, 15.0);
        }
    }
}

#[test]
fn who_comes_is_learnt() {
    let mut truth = scenario("dev-county");
    truth.services[0].classes = vec![(Class::Elderly, 0.3), (Class::Disabled, 0.1)];
    let Lesson { scenario, .. } = learnt(&truth, DAYS);
    let share = |place: usize, class| {
        let seen = scenario.services[place].classes.iter().find(|(seen, _)| *seen == class);
        seen.map_or(0.0, |(_, share)| *share)
    };
    let came = scenario.services[0].arrivals_per_slot.iter().sum::<f64>() * 29.0;
    for (class, truly) in [(Class::Elderly, 0.3), (Class::Disabled, 0.1), (Class::Pregnant, 0.0)] {
        let tolerance = 4.0 * (truly * (1.0 - truly) / came).sqrt();
        near(&format!("{class:?}"), share(0, class), truly, tolerance);
    }
    assert!(scenario.services[1..].iter().all(|service| service.classes.is_empty()));
}

#[test]
fn days_of_the_learnt_hall_are_as_those_it_was_learnt_from() {
    let truth = scenario("dev-district");
    let lesson = learnt(&truth, DAYS);
    let again = Scenario::read(&lesson.scenario.to_json().unwrap()).unwrap();
    let mean = |scenario: &Scenario, of: fn(&Figures) -> f64| {
        let days =
            (0..12).map(|day| of(&Figures::of(scenario, &simulate(scenario, &auto(), 9, day).unwrap())));
        days.sum::<f64>() / 12.0
    };
    let columns: [Column; 4] = [
        ("issued", 0.03, |figures| figures.issued),
        ("mean wait", 0.25, |figures| figures.mean_wait_minutes),
        ("abandoned", 0.25, |figures| figures.abandoned),
        ("utilisation", 0.04, |figures| figures.utilisation),
    ];
    for (name, tolerance, of) in columns {
        let (learnt, truly) = (mean(&again, of), mean(&truth, of));
        near(name, learnt, truly, tolerance * truly);
    }
}

#[test]
fn nobody_leaves_a_hall_where_nobody_left() {
    let lesson = learnt(&scenario("dev-county"), 3);
    assert!(lesson.scenario.services.iter().all(|service| service.patience_minutes.is_none()));
}

#[test]
fn a_day_is_learnt_from_while_it_is_the_only_one() {
    assert_eq!(learnt(&scenario("dev-county"), 1).days, 1);
}

#[test]
fn what_is_missing_is_said_with_a_remedy() {
    let mut learner = Learner::new(minute);
    let journal = record(&scenario("dev-county"), &auto(), 1, 0).unwrap();
    let finish = |learner: Learner<fn(HallTime) -> f64>| learner.finish_lesson().unwrap_err();
    assert_eq!(finish(Learner::new(minute)), LearnError::NobodyCame);
    let issued = journal.iter().position(|stamped| matches!(stamped.event, Event::Issued { .. })).unwrap();
    journal[..issued].iter().for_each(|stamped| learner.watch(stamped));
    assert_eq!(learner.finish_lesson().unwrap_err(), LearnError::NobodyCame);
    let mut learner = Learner::new(minute);
    journal[..=issued].iter().for_each(|stamped| learner.watch(stamped));
    let error = learner.finish_lesson().unwrap_err();
    assert_eq!(error, LearnError::NobodyServed);
    assert!(error.to_string().contains("let the hall run for a day first"));
}

fn at(minute: i64) -> HallTime {
    HallTime::from_unix_ms(minute * 60_000)
}

fn stamped(at: HallTime, cause: Cause, event: Event) -> Stamped {
    Stamped { at, cause, event, clerk: None, answer: None }
}

/// A clerk takes a break in the recorded day, and goes home without closing the window: the rollover does.
#[test]
fn a_window_that_only_the_end_of_the_day_closes_was_open_after_its_last_break() {
    let truth = scenario("dev-county");
    let window = truth.windows[0].id;
    let mut journal = record(&truth, &auto(), 5, 0).unwrap();
    journal.retain(|stamped| {
        !matches!(stamped.event, Event::WindowPaused { .. } | Event::WindowResumed { .. } | Event::WindowClosed { .. }
            if stamped.event.window() == Some(window))
    });
    let by = Cause::Rule(Rule::WindowHours);
    let (day, closes) = (journal[0].at.unix_ms().div_euclid(86_400_000) * 1_440, truth.closes);
    for (minute, event) in [
        (660, Event::WindowPaused { window, reason: None }),
        (720, Event::WindowResumed { window }),
        (780, Event::WindowPaused { window, reason: Some("午休 Lunch".to_owned()) }),
        // The hours' rule says once more that it is paused, with another reason.
        (800, Event::WindowPaused { window, reason: Some("即将恢复 Back soon".to_owned()) }),
        (840, Event::WindowResumed { window }),
    ] {
        let place = journal.partition_point(|stamped| stamped.at < at(day + minute));
        journal.insert(place, stamped(at(day + minute), by, event));
    }
    let rollover = Cause::Rule(Rule::DayBegan);
    let midnight = at(day + 1_440);
    journal.push(stamped(midnight, rollover, Event::WindowClosed { window }));
    let begins = Event::DayBegan { day: BusinessDay::from_days(1), queue_kept: false };
    journal.push(stamped(midnight, rollover, begins));
    let mut learner = Learner::new(minute);
    for stamped in &journal {
        learner.watch(stamped);
    }
    let lesson = learner.finish_lesson().unwrap();
    let seen = lesson.scenario.windows.iter().find(|seen| seen.id == window).unwrap();
    let opens = truth.windows[0].open[0].0;
    assert_eq!(seen.open, [(opens, 660.0), (720.0, 780.0), (840.0, closes)]);
}

/// A recorded day of a hall whose plan is another than the one it was recorded by.
fn replanned(truth: &Scenario, change: impl FnOnce(&mut PlanParts)) -> Vec<Stamped> {
    let mut journal = record(truth, &auto(), 5, 0).unwrap();
    let plan = journal.iter_mut().find_map(|stamped| match &mut stamped.event {
        Event::PlanAdopted { plan, .. } => Some(plan),
        _ => None,
    });
    let plan = plan.unwrap();
    let mut parts = PlanParts::from((**plan).clone());
    change(&mut parts);
    **plan = Plan::new(parts).unwrap();
    journal
}

fn lesson(journal: &[Stamped]) -> Scenario {
    let mut learner = Learner::new(minute);
    for stamped in journal {
        learner.watch(stamped);
    }
    learner.finish_lesson().unwrap().scenario
}

#[test]
fn a_clerk_of_whom_no_skills_are_listed_can_do_everything() {
    let truth = scenario("dev-county");
    let journal = replanned(&truth, |parts| {
        parts.clerks.iter_mut().skip(1).for_each(|clerk| clerk.services.clear());
    });
    let seen = lesson(&journal);
    assert_eq!(seen.windows.len(), truth.windows.len());
    let all: Vec<usize> = (0..truth.services.len()).collect();
    let sorted = |skills: &[usize]| {
        let mut skills = skills.to_vec();
        skills.sort_unstable();
        skills
    };
    assert_ne!(sorted(&truth.windows[0].skills), all);
    assert_eq!(sorted(&seen.windows[0].skills), sorted(&truth.windows[0].skills));
    assert!(seen.windows[1..].iter().all(|window| sorted(&window.skills) == all));
    assert!(seen.windows.iter().zip(&truth.windows).all(|(seen, window)| seen.primary == window.primary));
}

#[test]
fn a_hall_closes_at_the_end_of_its_hours_though_nobody_comes_so_late() {
    let truth = scenario("dev-county");
    let (opens, closes) = (truth.opens - 30.0, truth.closes + 45.0);
    let hours = Hours { from_minute: whole(opens), until_minute: whole(closes) };
    let seen = lesson(&replanned(&truth, |parts| parts.calendar.hours = vec![hours].into()));
    assert_eq!((seen.opens, seen.closes), (opens, closes));
    // Nobody came in the slots before and after.
    let slots = &seen.services[0].arrivals_per_slot;
    assert_eq!(slots.len(), usize::from(whole(closes - opens) / 15));
    assert_eq!((slots[0], slots[slots.len() - 1]), (0.0, 0.0));
}

fn whole(minutes: f64) -> u16 {
    (0..=1_440).find(|minute| f64::from(*minute) >= minutes).unwrap()
}

#[test]
fn a_hall_without_hours_closes_with_its_last_window() {
    let truth = scenario("dev-county");
    let mut journal = replanned(&truth, |parts| {
        parts.windows.iter_mut().for_each(|window| window.hours = WeeklyHours::Always);
    });
    journal.retain(|stamped| !matches!(stamped.event, Event::WindowClosed { .. }));
    let day = journal[0].at.unix_ms().div_euclid(86_400_000) * 1_440;
    let closing = |after: i64| at(day + i64::from(whole(truth.closes)) + after);
    for (place, window) in truth.windows.iter().enumerate() {
        let event = Event::WindowClosed { window: window.id };
        // One of them a quarter of an hour after the others.
        let after = if place == 0 { 40 } else { 25 };
        journal.push(stamped(closing(after), Cause::Rule(Rule::WindowHours), event));
    }
    journal.sort_by_key(|stamped| stamped.at);
    let seen = lesson(&journal);
    assert_eq!((seen.opens, seen.closes), (truth.opens, truth.closes + 45.0));
    // While one stays open nobody knows.
    let stays = truth.windows[0].id;
    journal.retain(|stamped| !matches!(stamped.event, Event::WindowClosed { window } if window == stays));
    let seen = lesson(&journal);
    assert_eq!((seen.opens, seen.closes), (truth.opens, truth.closes));
}
