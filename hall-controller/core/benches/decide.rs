//! What one call and one ticket cost, decided and applied, with a million citizens waiting against
//! a thousand, under each policy. The bar for the call's ratio is 1.5. And what each of the million
//! costs in memory, by what the process has resident (Linux); the bar is 200 bytes.
//!
//! Both halls have the same plan and differ only in who waits. Rounds alternate between the two in
//! one run, so that a machine that slows down slows down both; the ratio printed is the median over
//! the rounds. Journal, links and signs are not in it. `cargo bench -p hall-core`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use hall_core::Hall;
use hall_core::command::{Command, Details};
use hall_core::event::{Device, PressId};
use hall_core::plan::only_ordinary;
use hall_core::plan::{
    Calendar, FourDigits, Kiosk, Limits, Name, Plan, PlanParts, Policy, Routing, Service, WeeklyHours,
    Window, Zone,
};
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::id::{DeviceId, ServiceId, WindowId};
use hall_protocol::payload::{Class, Key};

const WAITING: [u32; 2] = [1_000, 1_000_000];
/// Enough for a million numbers of four digits, with room for those of the rounds.
const SERVICES: u32 = 128;
/// Each serves four services, as a counter of a general hall does.
const WINDOWS: u32 = 32;
const ROUNDS: usize = 101;
/// Calls, and as many tickets, in one round: few enough that a thousand stay about a thousand.
const IN_A_ROUND: u32 = 64;
const MORNING_MS: i64 = 1_767_225_600_000;

fn main() {
    let [few, many] = WAITING;
    // Before anything was freed, so that the memory is not somebody's of before.
    let first = Bench::with_waiting(few, Routing::Priority);
    let before = resident_bytes();
    let halls = [first, Bench::with_waiting(many, Routing::Priority)];
    let grown = resident_bytes().zip(before).map(|(after, before)| after.saturating_sub(before));
    compare(Routing::Priority, halls);
    match grown {
        Some(bytes) => {
            let each = bytes / u64::from(many);
            println!("{:<34} {:>12} {each:>6} bytes", "memory a waiting ticket", "");
        }
        None => println!("memory a waiting ticket: this system does not tell"),
    }
    for routing in [Routing::Fcfs, Routing::Accumulating, Routing::ServiceLevel] {
        compare(routing, WAITING.map(|waiting| Bench::with_waiting(waiting, routing)));
    }
}

fn compare(routing: Routing, mut halls: [Bench; 2]) {
    let mut costs = Vec::new();
    for round in 0..ROUNDS {
        // Each goes first in turn.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        let mut cost = [[0.0; 2]; 2];
        for at in order {
            cost[at] = [halls[at].calls(), halls[at].tickets()];
        }
        costs.push(cost);
    }
    for (bench, waiting) in halls.iter().zip(WAITING) {
        assert_eq!(bench.hall.totals().waiting, waiting, "the rounds kept the queues as long as they were");
    }
    println!("{:<34} {:>12} {:>12} {:>7}", format!("{routing:?}"), "1 k waiting", "1 M waiting", "ratio");
    for (kind, what) in ["NEXT: finish one, call the next", "a ticket"].into_iter().enumerate() {
        let few = median(costs.iter().map(|cost| cost[0][kind]));
        let many = median(costs.iter().map(|cost| cost[1][kind]));
        let ratio = median(costs.iter().map(|cost| cost[1][kind] / cost[0][kind]));
        println!("{what:<34} {few:>9.0} ns {many:>9.0} ns {ratio:>7.2}");
    }
}

/// What the process has in memory.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

struct Bench {
    hall: Hall,
    services: Vec<ServiceId>,
    windows: Vec<WindowId>,
    kiosk: DeviceId,
    seq: u32,
    taken: u32,
    called: u32,
}

impl Bench {
    fn with_waiting(waiting: u32, routing: Routing) -> Self {
        let plan = plan(routing);
        let mut bench = Self {
            hall: Hall::new(plan.hall()),
            services: plan.services().iter().map(|service| service.id).collect(),
            windows: plan.windows().iter().map(|window| window.id).collect(),
            kiosk: plan.kiosks()[0].id,
            seq: 0,
            taken: 0,
            called: 0,
        };
        bench.run(&[Command::AdoptPlan(Box::new(plan))]);
        let open: Vec<Command> = (0..WINDOWS).map(|window| bench.key(window, Key::Open)).collect();
        bench.run(&open);
        // Every window has a ticket in hand before the first round, so that each NEXT does the same.
        for _ in 0..waiting + WINDOWS {
            let ticket = bench.ticket();
            bench.run(&[ticket]);
        }
        let first: Vec<Command> = (0..WINDOWS).map(|_| bench.next()).collect();
        bench.run(&first);
        bench
    }

    /// Nanoseconds for one NEXT.
    fn calls(&mut self) -> f64 {
        let commands: Vec<Command> = (0..IN_A_ROUND).map(|_| self.next()).collect();
        per_command(self.run(&commands))
    }

    /// Nanoseconds for one ticket.
    fn tickets(&mut self) -> f64 {
        let commands: Vec<Command> = (0..IN_A_ROUND).map(|_| self.ticket()).collect();
        per_command(self.run(&commands))
    }

    /// Decide and apply; the commands were made before the clock starts.
    fn run(&mut self, commands: &[Command]) -> Duration {
        let ms = i64::from(self.seq);
        let now = Now {
            at: HallTime::from_unix_ms(MORNING_MS + ms),
            day: BusinessDay::from_days(20_454),
            minute: 600,
        };
        let begun = Instant::now();
        for command in commands {
            let decision = black_box(self.hall.decide(command, now)).unwrap();
            for stamped in &decision.events {
                self.hall.apply(stamped);
            }
        }
        begun.elapsed()
    }

    fn press(&mut self, device: Device) -> PressId {
        self.seq += 1;
        PressId { device, session: 1, seq: self.seq }
    }

    fn key(&mut self, window: u32, key: Key) -> Command {
        let press = self.press(Device::Pad(self.windows[window as usize]));
        Command::Key { press, age_ms: 40, key, ticket: None, reason: None, details: Details::default() }
    }

    /// The windows take turns, and so do the services below: no queue grows or runs dry.
    fn next(&mut self) -> Command {
        self.called += 1;
        self.key(self.called % WINDOWS, Key::Next)
    }

    fn ticket(&mut self) -> Command {
        self.taken += 1;
        let service = self.services[(self.taken % SERVICES) as usize];
        let press = self.press(Device::Kiosk(self.kiosk));
        Command::Take { press, age_ms: 40, service, class: Class::Ordinary, also: Vec::new() }
    }
}

fn per_command(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1e9 / f64::from(IN_A_ROUND)
}

fn plan(routing: Routing) -> Plan {
    let name = Name { zh: "综合大厅".into(), en: "General hall".into() };
    let zone = Zone { id: "main".parse().unwrap(), name: name.clone() };
    let letter = |n: u32| char::from(b'A' + u8::try_from(n).unwrap());
    let services: Vec<Service> = (0..SERVICES)
        .map(|n| Service {
            id: format!("s{n}").parse().unwrap(),
            name: name.clone(),
            prefix: format!("{}{}", letter(n / 26), letter(n % 26)).parse().unwrap(),
            digits: FourDigits(true),
            zone: zone.id,
            hours: WeeklyHours::Always,
            limits: Limits::default(),
            slots: Vec::new(),
            target_minutes: 15,
            usual_seconds: None,
        })
        .collect();
    let ids: Vec<ServiceId> = services.iter().map(|service| service.id).collect();
    let windows = (0..WINDOWS).zip(ids.chunks((SERVICES / WINDOWS) as usize)).map(|(n, served)| Window {
        id: format!("w{n}").parse().unwrap(),
        label: n.to_string(),
        services: served.to_vec(),
        backup: Vec::new(),
        hours: WeeklyHours::Always,
    });
    Plan::new(PlanParts {
        hall: "bench".parse().unwrap(),
        name: name.clone(),
        zones: vec![zone],
        windows: windows.collect(),
        kiosks: vec![Kiosk {
            id: "K1".parse().unwrap(),
            services: ids,
            classes: only_ordinary(),
            classes_to_confirm: Vec::new(),
            lease: 0,
        }],
        services,
        clerks: Vec::new(),
        calendar: Calendar::default(),
        // The rounds press faster than any finger.
        policy: Policy { double_press_guard_ms: 0, routing, ..Policy::default() },
    })
    .unwrap()
}
