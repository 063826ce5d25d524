//! What a review of the balancer costs with 1,000 windows and 300 services. The bar is 10 ms.
//!
//! Every clerk can do thirty services; each review is of the hall as it opens, with thirty people waiting for
//! each second service, and moves all windows. `cargo bench -p hall-core --bench balance_review`.
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
const SKILLS: usize = 30;
const WAITING: usize = 30;
const ROUNDS: usize = 51;

fn main() {
    let hall = hall();
    let mut events = 0;
    let mut costs: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            events = black_box(hall.decide(&Command::Tick, now())).unwrap().events.len();
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    assert_eq!(events, 2 + WINDOWS, "every window was moved");
    costs.sort_by(f64::total_cmp);
    println!("a review of {WINDOWS} windows and {SERVICES} services: {:.2} ms", costs[ROUNDS / 2]);
}

fn now() -> Now {
    let at = HallTime::from_unix_ms(1_767_225_600_000);
    Now { at, day: BusinessDay::from_days(20_454), minute: 600 }
}

fn hall() -> Hall {
    let plan = plan();
    let services: Vec<ServiceId> = plan.services().iter().map(|service| service.id).collect();
    let windows: Vec<_> = plan.windows().iter().map(|window| window.id).collect();
    let mut hall = Hall::new(plan.hall());
    let mut give = |command: Command| {
        let decision = hall.decide(&command, now()).unwrap();
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

fn plan() -> Plan {
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
    let skills = |n: usize| (0..SKILLS).map(|k| ids[(n + 7 * k) % SERVICES]).collect::<Vec<_>>();
    let windows = (0..WINDOWS).map(|n| Window {
        id: format!("w{n}").parse().unwrap(),
        label: n.to_string(),
        services: skills(n)[..1].to_vec(),
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
