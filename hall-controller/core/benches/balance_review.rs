//! What a review of the balancer costs with 1,000 windows and 300 services. The bar is 10 ms.
//!
//! With clerks who can do thirty of them each, half of them or all, and lists of services that many clerks
//! have or that are each clerk's own. The first review is of the hall as it opens, with thirty people waiting
//! for each second service, and moves all windows; the next one is of what came of it 25 minutes later, when
//! moves may be thought of again. `cargo bench -p hall-core --bench balance_review`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use hall_core::Hall;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, PressId};
use hall_core::plan::{
    Balance, Calendar, Clerk, FourDigits, Kiosk, Limits, Name, Plan, PlanParts, Policy, Routing, Service,
    WeeklyHours, Window, Zone, only_ordinary,
};
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::id::ServiceId;
use hall_protocol::payload::{Class, Key};

const WINDOWS: usize = 1_000;
const SERVICES: usize = 300;
const SKILLS: [(usize, Lists); 4] =
    [(30, Lists::Few), (30, Lists::Own), (SERVICES / 2, Lists::Own), (SERVICES, Lists::Few)];
const WAITING: usize = 30;
const ROUNDS: usize = 51;

/// How clerks' lists of services differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lists {
    /// As many lists as there are services.
    Few,
    /// Every clerk has another one.
    Own,
}

fn main() {
    for (skills, lists) in SKILLS {
        let mut hall = hall(skills, lists);
        let (first, events) = cost(&hall, now(0));
        assert!(events >= 2 + WINDOWS, "every window was moved");
        let begun = Instant::now();
        hall.decide(&Command::Tick, now(0)).unwrap().events.iter().for_each(|event| hall.apply(event));
        let done = begun.elapsed().as_secs_f64() * 1e3;
        for minutes in (1..25).map(now) {
            hall.decide(&Command::Tick, minutes).unwrap().events.iter().for_each(|event| hall.apply(event));
        }
        let (next, events) = cost(&hall, now(25));
        println!(
            "{WINDOWS} windows, {SERVICES} services, {skills} skills a clerk, {lists:?} lists: the first review {first:.2} ms \
             ({done:.0} ms with what it does), the next {next:.2} ms ({events} events)"
        );
    }
}

/// What a decision costs at this time, in milliseconds, and how many events it makes.
fn cost(hall: &Hall, now: Now) -> (f64, usize) {
    let mut events = 0;
    let mut costs: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            let decision = black_box(hall.decide(&Command::Tick, now)).unwrap();
            let cost = begun.elapsed().as_secs_f64() * 1e3;
            events = decision.events.len();
            cost
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    (costs[ROUNDS / 2], events)
}

fn now(minutes: i64) -> Now {
    let at = HallTime::from_unix_ms(1_767_225_600_000 + minutes * 60_000);
    Now { at, day: BusinessDay::from_days(20_454), minute: 600 + u16::try_from(minutes).unwrap() }
}

fn hall(skills: usize, lists: Lists) -> Hall {
    let plan = plan(skills, lists);
    let services: Vec<ServiceId> = plan.services().iter().map(|service| service.id).collect();
    let windows: Vec<_> = plan.windows().iter().map(|window| window.id).collect();
    let mut hall = Hall::new(plan.hall());
    let mut give = |command: Command| {
        let decision = hall.decide(&command, now(0)).unwrap();
        decision.events.iter().for_each(|event| hall.apply(event));
    };
    give(Command::AdoptPlan(Box::new(plan)));
    for (n, window) in windows.iter().enumerate() {
        for (seq, key) in [(1, Key::SignOn), (2, Key::Open)] {
            let press = PressId { device: Device::Pad(*window), session: 1, seq };
            let details = Details { clerk: Some(format!("c{n}").parse().unwrap()), ..Details::default() };
            give(Command::Key { press, age_ms: 0, key, ticket: None, reason: None, details });
        }
    }
    let crowded = services.into_iter().step_by(2).flat_map(|service| std::iter::repeat_n(service, WAITING));
    for (seq, service) in (1..).zip(crowded) {
        let press = PressId { device: Device::Kiosk("K1".parse().unwrap()), session: 1, seq };
        give(Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() });
    }
    hall
}

fn plan(skilled: usize, lists: Lists) -> Plan {
    let name = Name { zh: "市民中心".into(), en: "Citizens' centre".into() };
    let zone = Zone { id: "main".parse().unwrap(), name: name.clone() };
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
    let services: Vec<Service> = (0..SERVICES)
        .map(|n| Service {
            id: format!("s{n}").parse().unwrap(),
            name: name.clone(),
            prefix: format!("{}{}", letter(n / 26), letter(n)).parse().unwrap(),
            digits: FourDigits(true),
            zone: zone.id,
            hours: WeeklyHours::Always,
            limits: Limits::default(),
            target_minutes: 15,
            usual_seconds: Some(300),
            slots: Vec::new(),
        })
        .collect();
    let ids: Vec<ServiceId> = services.iter().map(|service| service.id).collect();
    let skills = |n: usize| -> Vec<ServiceId> {
        let mut places: Vec<usize> = (0..SERVICES).map(|k| (n + 7 * k) % SERVICES).collect();
        if lists == Lists::Own {
            places[1..]
                .sort_by_key(|place| (place + 1).wrapping_mul(2 * n + 1).wrapping_mul(0x9E37_79B9) >> 7);
        }
        places.into_iter().take(skilled).map(|place| ids[place]).collect()
    };
    let windows = (0..WINDOWS).map(|n| Window {
        id: format!("w{n}").parse().unwrap(),
        label: n.to_string(),
        services: skills(n)[..1].to_vec(),
        backup: Vec::new(),
        hours: WeeklyHours::Always,
    });
    let clerks = (0..WINDOWS).map(|n| Clerk {
        id: format!("c{n}").parse().unwrap(),
        name: name.clone(),
        services: skills(n),
        backup: None,
    });
    Plan::new(PlanParts {
        hall: "bench".parse().unwrap(),
        name: name.clone(),
        zones: vec![zone],
        windows: windows.collect(),
        kiosks: vec![Kiosk {
            id: "K1".parse().unwrap(),
            services: ids.clone(),
            classes: only_ordinary(),
            classes_to_confirm: Vec::new(),
            lease: 0,
        }],
        clerks: clerks.collect(),
        calendar: Calendar::default(),
        services,
        policy: Policy {
            routing: Routing::ServiceLevel,
            balance: Balance::Auto,
            armed_next: true,
            ..Policy::default()
        },
    })
    .unwrap()
}
