//! Random histories as lists of steps, before any of them is turned into a command.

use hall_core::plan::{Plan, PlanParts};
use hall_protocol::payload::Key;
use proptest::prelude::*;
use proptest::sample::select;

use super::{DAY_MS, GUARD_MS, HOUR_MS, id, parts, parts_without};

/// One step of a history.
#[derive(Clone, Debug)]
pub enum Step {
    Take {
        kiosk: &'static str,
        service: &'static str,
        sent: Sent,
    },
    Press {
        window: &'static str,
        key: Key,
        shown: Shown,
        sent: Sent,
    },
    Adopt(usize),
    Tick,
    /// Real time passes and the clock with it.
    Wait(i64),
    /// The clock jumps and no time passes.
    Jump(i64),
    /// The process dies; its journal is replayed.
    Restart,
}

/// How a device sends a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Fresh,
    /// The last one of this device again, as it was.
    Again,
    /// After a restart of the device.
    NewSession,
    /// With a sequence that was passed already.
    Older,
    /// From a session the device has left.
    OldSession,
    /// Eleven seconds late.
    Late,
}

/// Which ticket a pad says it showed.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    Nothing,
    InHand,
    Another,
}

/// Plans to change between: the usual one; without a service and a window; with every service in
/// another zone and all lists reversed; with letters handed to another service and a kiosk gone;
/// without the second window.
pub fn plans() -> Vec<Plan> {
    let mut west = parts();
    west.services.iter_mut().for_each(|service| service.zone = id("west"));
    west.services.reverse();
    west.windows.reverse();
    west.zones.reverse();
    let mut handed = parts_without("tax");
    handed.services[1].prefix = id("B");
    handed.kiosks.truncate(1);
    let mut without_two = parts();
    without_two.windows.remove(1);
    let all: [PlanParts; 5] = [parts(), parts_without("property"), west, handed, without_two];
    all.map(|parts| Plan::new(parts).unwrap()).into()
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        14 => Just(Sent::Fresh),
        3 => Just(Sent::Again),
        1 => Just(Sent::NewSession),
        1 => Just(Sent::Older),
        1 => Just(Sent::OldSession),
        1 => Just(Sent::Late),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        10 => Just(Key::Next),
        3 => Just(Key::Open),
        2 => Just(Key::Resume),
        2 => Just(Key::Start),
        1 => Just(Key::Recall),
        5 => select(Key::ALL.to_vec()),
    ]
}

fn shown() -> impl Strategy<Value = Shown> {
    prop_oneof![6 => Just(Shown::Nothing), 3 => Just(Shown::InHand), 1 => Just(Shown::Another)]
}

fn take() -> impl Strategy<Value = Step> {
    let kiosk = prop_oneof![9 => Just("K1"), 3 => Just("K2"), 1 => Just("K9")];
    let service = prop_oneof![12 => select(vec!["social", "tax", "property"]), 1 => Just("nothing")];
    (kiosk, service, sent()).prop_map(|(kiosk, service, sent)| Step::Take { kiosk, service, sent })
}

fn press() -> impl Strategy<Value = Step> {
    let window = prop_oneof![20 => select(vec!["1", "2", "3"]), 1 => Just("9")];
    (window, key(), shown(), sent()).prop_map(|(window, key, shown, sent)| Step::Press {
        window,
        key,
        shown,
        sent,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![
        4 => 0..GUARD_MS,
        6 => GUARD_MS..60_000,
        1 => HOUR_MS..8 * HOUR_MS,
        1 => DAY_MS..2 * DAY_MS,
    ];
    let jump = prop_oneof![
        2 => -GUARD_MS..GUARD_MS,
        2 => -2 * HOUR_MS..2 * HOUR_MS,
        1 => -2 * DAY_MS..DAY_MS,
    ];
    prop_oneof![
        20 => take(),
        30 => press(),
        2 => (0..plans().len()).prop_map(Step::Adopt),
        1 => Just(Step::Tick),
        18 => wait.prop_map(Step::Wait),
        2 => jump.prop_map(Step::Jump),
        1 => Just(Step::Restart),
    ]
}

/// A history of up to 150 steps, which begins with open windows and people waiting.
pub fn history() -> impl Strategy<Value = Vec<Step>> {
    let sent = Sent::Fresh;
    let open =
        ["1", "2", "3"].map(|window| Step::Press { window, key: Key::Open, shown: Shown::Nothing, sent });
    let wait = ["social", "tax", "social", "property", "tax", "social"].map(|service| Step::Take {
        kiosk: "K1",
        service,
        sent,
    });
    prop::collection::vec(step(), 1..140)
        .prop_map(move |steps| [open.to_vec(), wait.to_vec(), steps].concat())
}
