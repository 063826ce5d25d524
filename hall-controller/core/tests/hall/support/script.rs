//! Random histories as lists of steps, before any of them is turned into a command.

use std::sync::OnceLock;

use hall_core::command::{Choice, Order};
use hall_core::event::ProposalId;
use hall_core::plan::{
    Balance, Clerk, Hours, Limits, Name, Plan, PlanParts, Routing, Seniority, SpecialDay, WeeklyHours,
};
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::local::Weekday;
use hall_protocol::payload::{Class, Grade, Key};
use proptest::prelude::*;
use proptest::sample::select;

use super::{DAY_MS, GUARD_MS, HOUR_MS, id, parts, parts_without};

/// One step of a history.
#[derive(Clone, Debug)]
pub enum Step {
    Take {
        kiosk: &'static str,
        service: &'static str,
        class: Class,
        also: Vec<&'static str>,
        sent: Sent,
    },
    Press {
        window: &'static str,
        key: Key,
        shown: Shown,
        named: Named,
        sent: Sent,
    },
    /// Somebody is back at a kiosk with a ticket of the day.
    Return {
        kiosk: &'static str,
        nth: u8,
        sent: Sent,
    },
    /// Somebody with a ticket of the day gives it up at a kiosk.
    Cancel {
        kiosk: &'static str,
        nth: u8,
        sent: Sent,
    },
    /// Somebody with an appointment is at a kiosk.
    CheckIn {
        kiosk: &'static str,
        nth: u8,
        sent: Sent,
    },
    /// A kiosk leases numbers.
    Lease {
        kiosk: &'static str,
        service: &'static str,
        count: u16,
        sent: Sent,
    },
    /// The line is down, and a kiosk prints from what it leased.
    Print {
        kiosk: &'static str,
        service: &'static str,
        also: Vec<&'static str>,
    },
    /// The line is up again.
    HandIn {
        kiosk: &'static str,
        how: HandIn,
        sent: Sent,
    },
    /// A kiosk gives a lease back, whether all it printed is handed in or not.
    EndLease {
        kiosk: &'static str,
        nth: u8,
        sent: Sent,
    },
    /// Somebody says that a kiosk is lost.
    WriteOff {
        kiosk: &'static str,
        reason: &'static str,
    },
    /// The slot so many quarters of an hour from now, so many days ahead.
    Book {
        nth: u8,
        service: &'static str,
        quarters: i8,
        days: i32,
    },
    Unbook {
        nth: u8,
    },
    /// The manager orders something.
    Order(Order),
    /// Somebody puts an emergency text up.
    Declare {
        text: &'static str,
        zones: Vec<&'static str>,
    },
    /// Somebody takes it down.
    Clear {
        zones: Vec<&'static str>,
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

/// What a kiosk hands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandIn {
    /// What it printed.
    Printed,
    /// The same, and its answer is lost: all of it will come again.
    ReplyLost,
    /// What it printed, and that its last take was not answered.
    TakeUnanswered,
    /// Each ticket twice.
    Twice,
    /// The last printed first.
    Disordered,
    /// A number nobody leased as well.
    Forged,
    /// What another kiosk printed.
    Foreign,
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

/// What a press says beside its key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named {
    /// Which of the tickets the key may be about; of all tickets from 200 on, of none from 230, and
    /// none is named from 250.
    pub nth: u8,
    pub to_service: Option<&'static str>,
    pub to_window: Option<&'static str>,
    pub reason: Option<&'static str>,
    pub grade: Option<Grade>,
    pub class: Option<Class>,
}

/// Plans to change between: the usual one, with another call for no-shows; without a service and a window; with every service in
/// another zone, all lists reversed and other rules for tickets that come back or move; with letters handed to another service and a kiosk gone;
/// with clerks of few skills and without the second window; and that with a calendar, quotas and a queue that is kept overnight.
pub fn plans() -> &'static [Plan] {
    static PLANS: OnceLock<Vec<Plan>> = OnceLock::new();
    PLANS.get_or_init(make_plans)
}

fn make_plans() -> Vec<Plan> {
    let mut west = parts();
    west.services.iter_mut().for_each(|service| service.zone = id("west"));
    west.services.reverse();
    west.windows.reverse();
    west.zones.reverse();
    west.kiosks[1].lease = 0;
    west.policy.armed_next = true;
    west.policy.defer_no_show_calls = 2;
    west.clerks = clerks();
    west.policy.no_show_after_recalls = 1;
    west.policy.appointment_quota = 3;
    west.policy.check_in_late_minutes = 5;
    west.policy.no_show_after_ms = 5_000;
    west.policy.return_seniority = Seniority::Back;
    west.policy.transfer_seniority = Seniority::Front;
    let mut handed = parts_without("tax");
    handed.services[1].prefix = id("B");
    handed.kiosks.truncate(1);
    let mut without_two = parts();
    without_two.policy.armed_next = true;
    without_two.policy.defer_no_show_calls = 1;
    without_two.policy.return_seniority = Seniority::Front;
    without_two.policy.transfer_seniority = Seniority::Back;
    without_two.windows.remove(1);
    without_two.clerks = clerks();
    let mut open_by_hours = without_two.clone();
    with_a_calendar(&mut open_by_hours);
    let mut usual = parts();
    usual.policy.defer_no_show_calls = 2;
    let all: [PlanParts; 6] = [usual, parts_without("property"), west, handed, without_two, open_by_hours];
    all.map(|parts| Plan::new(parts).unwrap()).into()
}

/// The same, and where every service is in another zone, a window that helps out with a second one.
pub fn plans_with_backup() -> &'static [Plan] {
    static PLANS: OnceLock<Vec<Plan>> = OnceLock::new();
    PLANS.get_or_init(|| {
        let mut plans = make_plans();
        let mut west = PlanParts::from(plans[2].clone());
        west.windows[1].backup = vec![id("tax")];
        plans[2] = Plan::new(west).unwrap();
        plans
    })
}

/// Hours by weekday, days that differ, breaks, quotas. The histories begin on Monday, 2026-03-02.
fn with_a_calendar(parts: &mut PlanParts) {
    let hours = |from: u16, until: u16| Hours { from_minute: from * 30, until_minute: until * 30 };
    let day = || vec![hours(16, 24), hours(26, 40)];
    let saturday = vec![hours(18, 24)];
    parts.calendar.hours = WeeklyHours::Weekly([day(), day(), day(), day(), day(), saturday, Vec::new()]);
    parts.calendar.special.insert(id("2026-03-03"), SpecialDay::Closed);
    parts.calendar.special.insert(id("2026-03-08"), SpecialDay::WorksLike(Weekday::Sat));
    parts.services[0].limits = Limits {
        last_ticket_minutes: 0,
        daily_quota: Some(9),
        morning_quota: Some(5),
        afternoon_quota: Some(6),
    };
    parts.services[1].limits.last_ticket_minutes = 90;
    parts.windows[0].hours = vec![hours(18, 23), hours(25, 34)].into();
    parts.policy.keep_queue_overnight = true;
}

/// Clerk 0, for whom 1 stands in; 1, who knows one service only; and 2, who knows all but that. Others are
/// unknown.
fn clerks() -> Vec<Clerk> {
    let clerk = |name: &str, services: Vec<ServiceId>, backup: Option<&str>| Clerk {
        id: id(name),
        name: Name { zh: name.into(), en: name.into() },
        services,
        backup: backup.map(id),
    };
    vec![
        clerk("0", Vec::new(), Some("1")),
        clerk("1", vec![id("tax")], None),
        clerk("2", vec![id("social"), id("property")], Some("0")),
    ]
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
        3 => Just(Key::Disarm),
        2 => select(vec![Key::Park, Key::Unpark]),
        4 => select(vec![Key::Correct, Key::AddMatter, Key::WalkIn, Key::Evaluate, Key::ConfirmClass]),
        2 => Just(Key::NoShow),
        4 => select(vec![Key::Evaluate, Key::SignOn, Key::Correct]),
        1 => Just(Key::SignOn),
        4 => select(vec![Key::Pick, Key::Return, Key::Cancel, Key::Transfer, Key::Park, Key::Unpark, Key::SignOn, Key::SignOff]),
        5 => select(Key::ALL.to_vec()),
    ]
}

fn shown() -> impl Strategy<Value = Shown> {
    prop_oneof![6 => Just(Shown::Nothing), 3 => Just(Shown::InHand), 1 => Just(Shown::Another)]
}

fn named() -> impl Strategy<Value = Named> {
    let to_service = prop::option::weighted(0.6, select(vec!["social", "tax", "property", "nothing"]));
    let to_window = prop::option::weighted(0.4, select(vec!["1", "2", "3", "9"]));
    let reason = prop::option::weighted(0.8, select(vec!["急事", "材料不全", " "]));
    let grade = prop::option::weighted(0.7, select(Grade::ALL.to_vec()));
    let class = prop::option::weighted(0.4, select(Class::ALL.to_vec()));
    (any::<u8>(), to_service, to_window, reason, grade, class).prop_map(
        |(nth, to_service, to_window, reason, grade, class)| Named {
            nth,
            to_service,
            to_window,
            reason,
            grade,
            class,
        },
    )
}

fn back() -> impl Strategy<Value = Step> {
    let kiosk = prop_oneof![9 => Just("K1"), 1 => Just("K9")];
    (kiosk, any::<u8>(), sent()).prop_map(|(kiosk, nth, sent)| Step::Return { kiosk, nth, sent })
}

fn leaves() -> impl Strategy<Value = Step> {
    (any::<u8>(), sent()).prop_map(|(nth, sent)| Step::Cancel { kiosk: "K1", nth, sent })
}

fn check_in() -> impl Strategy<Value = Step> {
    let kiosk = prop_oneof![9 => Just("K1"), 1 => Just("K9")];
    (kiosk, any::<u8>(), sent()).prop_map(|(kiosk, nth, sent)| Step::CheckIn { kiosk, nth, sent })
}

fn book() -> impl Strategy<Value = Step> {
    let service = prop_oneof![6 => Just("social"), 3 => Just("tax"), 1 => Just("property")];
    let quarters = prop_oneof![9 => 1_i8..3, 1 => -1_i8..6];
    let days = prop_oneof![16 => Just(0), 2 => Just(1), 1 => Just(40), 1 => Just(-1)];
    (any::<u8>(), service, quarters, days).prop_map(|(nth, service, quarters, days)| Step::Book {
        nth,
        service,
        quarters,
        days,
    })
}

fn take() -> impl Strategy<Value = Step> {
    let kiosk = prop_oneof![9 => Just("K1"), 3 => Just("K2"), 1 => Just("K9")];
    let service = prop_oneof![12 => select(vec!["social", "tax", "property"]), 1 => Just("nothing")];
    let class = prop_oneof![4 => Just(Class::Ordinary), 2 => select(Class::ALL.to_vec())];
    let matter = select(vec!["social", "tax", "property"]);
    let also = prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(matter, 1..3)];
    (kiosk, service, class, also, sent()).prop_map(|(kiosk, service, class, also, sent)| Step::Take {
        kiosk,
        service,
        class,
        also,
        sent,
    })
}

fn leasing() -> impl Strategy<Value = Step> {
    let kiosk = || prop_oneof![3 => Just("K1"), 2 => Just("K2")];
    let service = || prop_oneof![3 => Just("social"), 1 => select(vec!["tax", "property"])];
    // Some of them are what no kiosk should say: a service nobody knows, the same one twice, too many.
    let matter = prop_oneof![9 => select(vec!["social", "tax", "property"]), 1 => Just("nothing")];
    let also = prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(matter, 1..6)];
    let how = prop_oneof![
        3 => Just(HandIn::Printed),
        3 => Just(HandIn::TakeUnanswered),
        2 => Just(HandIn::ReplyLost),
        2 => select(vec![HandIn::Twice, HandIn::Disordered, HandIn::Forged, HandIn::Foreign]),
    ];
    prop_oneof![
        4 => (kiosk(), service(), 1_u16..6, sent())
            .prop_map(|(kiosk, service, count, sent)| Step::Lease { kiosk, service, count, sent }),
        6 => (kiosk(), service(), also).prop_map(|(kiosk, service, also)| Step::Print { kiosk, service, also }),
        4 => (kiosk(), how, sent()).prop_map(|(kiosk, how, sent)| Step::HandIn { kiosk, how, sent }),
        1 => (kiosk(), any::<u8>(), sent()).prop_map(|(kiosk, nth, sent)| Step::EndLease { kiosk, nth, sent }),
        1 => (kiosk(), select(vec!["水浸报废", " "])).prop_map(|(kiosk, reason)| Step::WriteOff { kiosk, reason }),
    ]
}

fn windows() -> impl Strategy<Value = WindowId> {
    prop_oneof![12 => select(vec!["1", "2", "3"]), 1 => Just("9")].prop_map(id)
}

fn services(most: usize) -> impl Strategy<Value = Vec<ServiceId>> {
    prop::collection::vec(service(), 0..most)
}

fn service() -> impl Strategy<Value = ServiceId> {
    prop_oneof![12 => select(vec!["social", "tax", "property"]), 1 => Just("nothing")].prop_map(id)
}

/// What the manager may order.
fn order() -> impl Strategy<Value = Order> {
    let allocate = (windows(), services(3), services(4));
    let group = prop::option::weighted(0.1, Just("none")).prop_map(|group| group.map(id));
    let routing =
        select(vec![Routing::Fcfs, Routing::Priority, Routing::Accumulating, Routing::ServiceLevel]);
    let reason = prop::option::of(Just("设备检修".to_owned()));
    let balance = select(vec![Balance::Off, Balance::Advise, Balance::Auto]);
    let proposal = || (1_u32..6).prop_map(ProposalId::new);
    let no = select(vec!["不必", " "]).prop_map(str::to_owned);
    let some = (prop::collection::vec(windows(), 0..3), select(vec!["不必", " "]));
    let some = some.prop_map(|(windows, reason)| Choice { windows, reason: reason.to_owned() });
    let only = prop::option::weighted(0.3, some);
    prop_oneof![
        12 => allocate.prop_map(|(window, primary, backup)| Order::Allocate { window, primary, backup }),
        3 => windows().prop_map(|window| Order::Undo { window }),
        3 => (proposal(), prop::option::weighted(0.4, prop::collection::vec(windows(), 0..3)))
            .prop_map(|(proposal, only)| Order::UndoProposal { proposal, only }),
        1 => windows().prop_map(|window| Order::Pin { window }),
        1 => windows().prop_map(|window| Order::Unpin { window }),
        3 => windows().prop_map(|window| Order::Open { window }),
        2 => windows().prop_map(|window| Order::Close { window }),
        2 => (windows(), reason).prop_map(|(window, reason)| Order::Pause { window, reason }),
        3 => windows().prop_map(|window| Order::Resume { window }),
        3 => (group, routing).prop_map(|(group, routing)| Order::SetRouting { group, routing }),
        2 => service().prop_map(|service| Order::StopIssuing { service }),
        2 => service().prop_map(|service| Order::ResumeIssuing { service }),
        3 => balance.prop_map(|balance| Order::SetBalance { balance }),
        4 => (proposal(), only).prop_map(|(proposal, only)| Order::Accept { proposal, only }),
        2 => (proposal(), no).prop_map(|(proposal, reason)| Order::Reject { proposal, reason }),
    ]
}

fn emergency() -> impl Strategy<Value = Step> {
    let zone = || prop_oneof![8 => select(vec!["east", "west"]), 1 => Just("north")];
    let zones = || prop_oneof![2 => Just(Vec::new()), 3 => prop::collection::vec(zone(), 1..3)];
    let text = select(vec!["请立即疏散", "系统故障，请稍候"]);
    prop_oneof![
        3 => (text, zones()).prop_map(|(text, zones)| Step::Declare { text, zones }),
        2 => zones().prop_map(|zones| Step::Clear { zones }),
    ]
}

fn press() -> impl Strategy<Value = Step> {
    let window = prop_oneof![20 => select(vec!["1", "2", "3"]), 1 => Just("9")];
    (window, key(), shown(), named(), sent()).prop_map(|(window, key, shown, named, sent)| Step::Press {
        window,
        key,
        shown,
        named,
        sent,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![
        4 => 0..GUARD_MS,
        6 => GUARD_MS..60_000,
        3 => 60_000..20 * 60_000_i64,
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
        34 => press(),
        2 => back(),
        1 => leaves(),
        8 => check_in(),
        8 => book(),
        1 => any::<u8>().prop_map(|nth| Step::Unbook { nth }),
        13 => leasing(),
        9 => order().prop_map(Step::Order),
        2 => emergency(),
        3 => (0..plans().len()).prop_map(Step::Adopt),
        6 => Just(Step::Tick),
        18 => wait.prop_map(Step::Wait),
        2 => jump.prop_map(Step::Jump),
        1 => Just(Step::Restart),
    ]
}

/// A history in which nobody orders anything beside the plan.
pub fn as_planned(mut history: Vec<Step>) -> Vec<Step> {
    history.retain(|step| !matches!(step, Step::Order(_)));
    history
}

/// A history of up to 220 steps, which begins with one of the plans, open windows and, mostly, people waiting.
pub fn history() -> impl Strategy<Value = Vec<Step>> {
    let sent = Sent::Fresh;
    let open = ["1", "2", "3"].map(|window| Step::Press {
        window,
        key: Key::Open,
        shown: Shown::Nothing,
        named: Named::default(),
        sent,
    });
    let wait = ["social", "tax", "social", "property", "tax", "social"].map(|service| Step::Take {
        kiosk: "K1",
        service,
        class: Class::Ordinary,
        also: Vec::new(),
        sent,
    });
    let first = prop::option::weighted(0.4, (0..plans().len()).prop_map(Step::Adopt));
    (first, prop::collection::vec(step(), 1..210))
        .prop_map(move |(first, steps)| [Vec::from_iter(first), open.to_vec(), wait.to_vec(), steps].concat())
}
