//! What will happen in a hall, made from a seed before anything of it happens: who comes, what
//! clerks press, and what breaks when.
//!
//! A history is a list of steps, so that shrinking can leave steps out. What single packets and
//! bytes suffer is drawn while it is played; see [`crate::random`].

mod bookings;
mod orders;
mod policies;
mod queueing;
mod reboots;
mod words;

use hall_protocol::payload::Key;

pub(crate) use self::policies::{Grouping, POLICIES, named as group_named};
pub(crate) use self::queueing::Queueing;
use crate::random::{Dice, Weather};

/// A second of virtual time, in its unit.
pub(crate) const SECOND_US: u64 = 1_000_000;

/// With all links up and nobody pressing, everything shows the journal after this long: a sign
/// that was dark is asked again within 10 s, a restarted one is noticed at a poll 5 s later, an
/// MQTT link is dialled again within 5 s, a stubborn pad is answered, and each may need two tries.
pub(crate) const QUIET_US: u64 = 40 * SECOND_US;

/// The size of the hall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) zones: u8,
    pub(crate) services: u8,
    pub(crate) windows: u8,
    pub(crate) kiosks: u8,
    /// The first window has two pads.
    pub(crate) second_pad: bool,
    /// The last pad repeats a press for a minute instead of giving up.
    pub(crate) stubborn_pad: bool,
    pub(crate) rules: Rules,
    /// Wall time at the start of the first day, in milliseconds since 1970.
    pub(crate) opens_ms: i64,
}

/// What differs from hall to hall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Slots can be booked.
    pub(crate) books: bool,
    /// Services close in the middle of a day as it is played.
    pub(crate) closes: bool,
    /// Who does not come is called again after so many calls; 0 for not.
    pub(crate) defers: u8,
    pub(crate) queueing: Queueing,
    /// By the hall's first plan, and by the other.
    pub(crate) groups: [Grouping; 2],
}

impl Shape {
    pub(crate) fn pads(self) -> u8 {
        self.windows + u8::from(self.second_pad)
    }

    pub(crate) fn devices(self) -> u8 {
        self.kiosks + self.pads()
    }
}

/// Where the controller dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CrashPoint {
    Now,
    /// A batch is decided and not yet handed to the journal.
    AfterDecide,
    /// A batch is being written.
    DuringWrite,
    /// A batch is on disk and the engine has not heard of it.
    AfterWrite,
    /// Signs and topics have the new picture and devices no reply.
    AfterPublish,
    /// A reply is sent and the press not acknowledged to the broker.
    AfterReply,
    /// A write failed and the engine has not gone back.
    BeforeResume,
}

/// How many [`CrashPoint`]s there are.
pub(crate) const CRASH_POINTS: usize = 7;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Take {
        kiosk: u8,
        service: u8,
        /// A further matter.
        also: Option<u8>,
        elderly: bool,
    },
    /// Somebody who did not come is back.
    Return {
        kiosk: u8,
        nth: u8,
    },
    /// Somebody comes for an appointment.
    CheckIn {
        kiosk: u8,
        nth: u8,
    },
    /// The booking system books, or changes what it booked.
    Book {
        appointment: u8,
        service: u8,
        nth: u8,
    },
    Unbook {
        appointment: u8,
    },
    /// It hands in a list.
    Import {
        rows: u8,
        nth: u8,
    },
    /// The manager changes what a window serves.
    Allocate {
        window: u8,
        nth: u8,
    },
    /// The staff takes a kiosk for lost, which it is not.
    WriteOff {
        kiosk: u8,
    },
    /// The manager changes by which policy a group is called, or the services in none.
    SetRouting {
        group: u8,
        nth: u8,
    },
    Press {
        pad: u8,
        key: Key,
        names_ticket: bool,
        /// Chooses what comes with the key.
        nth: u8,
    },
    Weather {
        weather: Weather,
        place: u8,
        percent: u8,
        for_us: u64,
    },
    Partition {
        client: u8,
        for_us: u64,
    },
    BrokerRestart {
        down_us: u64,
        keeps_sessions: bool,
        keeps_retained: bool,
    },
    Crash {
        point: CrashPoint,
        down_us: u64,
        other_plan: bool,
    },
    /// The controller's process is stopped, and goes on.
    Standstill {
        for_us: u64,
    },
    ClockJump {
        ms: i64,
    },
    Reboot {
        device: u8,
        keeps_sequence: bool,
        /// Of a kiosk: what it leased and printed.
        keeps_store: bool,
    },
    LineCut {
        for_us: u64,
    },
    SignRestart {
        sign: u8,
    },
    SignDark {
        sign: u8,
        for_us: u64,
    },
    /// Nothing is broken any more and nobody presses.
    Calm,
    /// Everything must show what the journal says.
    Look,
    /// The wall clock goes on to the next morning.
    Night {
        ms: i64,
    },
}

/// When what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) at_us: u64,
    pub(crate) act: Act,
}

/// A hall and its days.
#[derive(Debug, Clone)]
pub(crate) struct History {
    pub(crate) seed: u64,
    pub(crate) shape: Shape,
    pub(crate) steps: Vec<Step>,
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

impl History {
    /// The history of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let (mut dice, mut apart, mut plugs) = (Dice::new(seed), Dice::apart(seed, 0), Dice::apart(seed, 1));
        let (mut orders, mut policies, mut losses) =
            (Dice::apart(seed, 3), Dice::apart(seed, 4), Dice::apart(seed, 5));
        let windows = small(&mut dice, 1, 3);
        let late = dice.percent(25);
        let (books, closes) = (apart.percent(50), apart.percent(20));
        let queueing = Queueing::of(&mut Dice::apart(seed, 2));
        let defers = small(&mut apart, 0, 4).saturating_sub(1);
        let rules = Rules { books, closes, defers, queueing, groups: Grouping::both(&mut policies) };
        // Within the first minute, so that slots begin and services close while it is played.
        let into_ms = if books || closes { i64::from(small(&mut apart, 0, 59)) * 1_000 } else { 0 };
        let shape = Shape {
            zones: small(&mut dice, 1, 2),
            services: small(&mut dice, 1, 3),
            windows,
            kiosks: small(&mut dice, 1, 2),
            second_pad: dice.percent(20),
            stubborn_pad: dice.percent(25),
            rules,
            opens_ms: 20_600 * DAY_MS + if late { DAY_MS - 20_000 } else { 9 * HOUR_MS + into_ms },
        };
        let days = dice.weighed(&[(5, 1), (4, 2), (2, 3)]);
        let mut steps = Vec::new();
        let mut begins_us = SECOND_US;
        for day in 1..=days {
            let standstill_us = bookings::long_standstill(&mut apart);
            let ends_us = begins_us + dice.between(15, 45) * SECOND_US + standstill_us;
            let first = steps.len();
            a_day(&mut dice, shape, begins_us, ends_us, &mut steps);
            reboots::a_day(&mut plugs, shape, ends_us, &mut steps, first);
            bookings::standstills(&mut apart, begins_us, ends_us, standstill_us, &mut steps);
            bookings::a_day(&mut apart, shape, begins_us, ends_us, &mut steps);
            orders::a_day(&mut orders, shape, begins_us, ends_us, &mut steps);
            orders::losses(&mut losses, shape, begins_us, ends_us, &mut steps);
            policies::a_day(&mut policies, shape, begins_us, ends_us, &mut steps);
            let look_us = ends_us + QUIET_US;
            steps.push(Step { at_us: ends_us, act: Act::Calm });
            steps.push(Step { at_us: look_us, act: Act::Look });
            if day < days {
                // Some nights end just before midnight, so that the day changes over a busy hall.
                let ms = if dice.percent(30) { 14 * HOUR_MS + 59 * MINUTE_MS } else { 15 * HOUR_MS };
                let ms = ms + i64::try_from(dice.between(0, 50_000)).unwrap_or(0);
                steps.push(Step { at_us: look_us + 1, act: Act::Night { ms } });
            }
            begins_us = look_us + SECOND_US;
        }
        steps.sort_by_key(|step| step.at_us);
        Self { seed, shape, steps }
    }
}

fn small(dice: &mut Dice, from: u64, to: u64) -> u8 {
    u8::try_from(dice.between(from, to)).unwrap_or(1)
}

fn a_day(dice: &mut Dice, shape: Shape, begins_us: u64, ends_us: u64, steps: &mut Vec<Step>) {
    for pad in 0..shape.windows {
        let at_us = begins_us + dice.between(0, 400_000);
        steps.push(Step { at_us, act: Act::Press { pad, key: Key::Open, names_ticket: false, nth: 0 } });
    }
    let mut at_us = begins_us;
    let busy_us = dice.weighed(&[(2, 250_000), (3, 900_000), (1, 2_500_000)]);
    loop {
        at_us += dice.between(0, 2 * busy_us);
        if at_us >= ends_us {
            break;
        }
        steps.push(Step { at_us, act: people(dice, shape) });
    }
    let troubles = dice.weighed(&[(1, 0), (3, 1), (4, 3), (3, 6), (1, 10)]);
    for _ in 0..troubles {
        let at_us = dice.between(begins_us, ends_us - SECOND_US);
        let longest_us = if dice.percent(20) { 25 } else { 8 } * SECOND_US;
        let for_us = dice.between(20_000, longest_us).min(ends_us - at_us);
        let act = trouble(dice, shape, for_us);
        steps.push(Step { at_us, act });
        let failing = matches!(
            act,
            Act::Weather { weather: Weather::DiskFull | Weather::DiskGhost | Weather::DiskAnswerLost, .. }
        );
        if failing && dice.percent(60) {
            // A process that dies soon after a failed sync finds at its start what that left behind.
            let point = dice.weighed(&[(3, CrashPoint::Now), (2, CrashPoint::BeforeResume)]);
            let act = Act::Crash { point, down_us: 300_000, other_plan: false };
            let at_us = at_us + dice.between(100_000, 2 * SECOND_US);
            steps.push(Step { at_us: at_us.min(ends_us - 400_000), act });
        }
    }
}

fn people(dice: &mut Dice, shape: Shape) -> Act {
    if dice.percent(40) {
        return Act::Take {
            kiosk: small(dice, 0, u64::from(shape.kiosks) - 1),
            service: small(dice, 0, u64::from(shape.services) - 1),
            also: dice.percent(15).then(|| small(dice, 0, u64::from(shape.services) - 1)),
            elderly: dice.percent(shape.rules.queueing.elderly_percent.into()),
        };
    }
    let nth = small(dice, 0, 255);
    if dice.percent(3) {
        return Act::Return { kiosk: small(dice, 0, u64::from(shape.kiosks) - 1), nth };
    }
    let key = dice.weighed(&[
        (50, Key::Next),
        (9, Key::Start),
        (7, Key::Recall),
        (7, Key::NoShow),
        (9, Key::Finish),
        (4, Key::Pause),
        (7, Key::Resume),
        (5, Key::Open),
        (2, Key::Close),
        (5, Key::Transfer),
        (3, Key::Park),
        (4, Key::Unpark),
        (3, Key::Pick),
        (2, Key::Return),
        (2, Key::Cancel),
        (2, Key::Correct),
        (2, Key::AddMatter),
        (3, Key::WalkIn),
        (3, Key::Evaluate),
        (2, Key::ConfirmClass),
        (1, Key::Disarm),
        (3, Key::SignOn),
        (1, Key::SignOff),
    ]);
    let pad = small(dice, 0, u64::from(shape.pads()) - 1);
    Act::Press { pad, key, names_ticket: dice.percent(25), nth }
}

fn trouble(dice: &mut Dice, shape: Shape, for_us: u64) -> Act {
    // A pad that does not give up is cut off more often: its press must be too old one day.
    let stubborn = shape.stubborn_pad && dice.percent(50);
    let client = if stubborn { shape.devices() } else { small(dice, 0, u64::from(shape.devices())) };
    let sign = small(dice, 0, u64::from(shape.windows + shape.zones) - 1);
    match dice.between(0, 15) {
        0..=4 => {
            let weather = Weather::ALL[usize::from(small(dice, 0, 11))];
            let place = match weather {
                Weather::Lose | Weather::Duplicate | Weather::Reorder | Weather::Delay => client,
                _ => 0,
            };
            let percent = match weather {
                Weather::Lose => small(dice, 2, 30),
                Weather::DiskFull => 100,
                _ => small(dice, 5, 60),
            };
            Act::Weather { weather, place, percent, for_us }
        }
        5 => Act::Partition { client, for_us },
        6 => Act::BrokerRestart {
            down_us: (for_us / 2).min(6 * SECOND_US),
            keeps_sessions: dice.percent(50),
            keeps_retained: dice.percent(50),
        },
        7..=10 => {
            let point = dice.weighed(&[
                (2, CrashPoint::Now),
                (2, CrashPoint::AfterDecide),
                (3, CrashPoint::DuringWrite),
                (3, CrashPoint::AfterWrite),
                (2, CrashPoint::AfterPublish),
                (2, CrashPoint::AfterReply),
                (2, CrashPoint::BeforeResume),
            ]);
            Act::Crash { point, down_us: for_us / 2, other_plan: dice.percent(15) }
        }
        11 => {
            let hours = i64::try_from(dice.between(0, 6)).unwrap_or(0) - 3;
            let rest = i64::try_from(dice.between(0, 20_000)).unwrap_or(0) - 10_000;
            Act::ClockJump { ms: hours * HOUR_MS + rest }
        }
        12 => Act::Reboot {
            device: small(dice, 0, u64::from(shape.devices()) - 1),
            keeps_sequence: dice.percent(40),
            keeps_store: dice.percent(75),
        },
        13 => Act::LineCut { for_us },
        14 => Act::SignRestart { sign },
        _ => Act::SignDark { sign, for_us },
    }
}
