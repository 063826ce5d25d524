//! Some days with everything in them that the newest version can do.

use hall_core::appointment::SlotTime;
use hall_core::command::{Command, Details, Erased, Order, Printed, UnansweredTake};
use hall_core::emergency::{EmergencyText, Grounds};
use hall_core::event::{Device, Event, ProposalId};
use hall_core::plan::{Balance, Plan, Routing};
use hall_core::time::{BusinessDay, HallTime};
use hall_core::view::{HallView, Standing};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Grade, Key, ServiceOutcome};
use serde_json::{Value, json};

use super::super::scribe::{DAY_MS, Scribe, parts, plan_of, without_tax};

/// [`parts`] with slots, quotas, hours, classes, leases and clerks, and every rule switched on.
fn fuller() -> Value {
    let mut parts = parts();
    let slots: Vec<Value> = (0..24 * 4)
        .map(|n| json!({ "minute": format!("{:02}:{:02}", n / 4, n % 4 * 15), "capacity": 2 }))
        .collect();
    parts["services"][0]["slots"] = slots.clone().into();
    parts["services"][1]["slots"] = slots.into();
    parts["services"][0]["limits"] = json!({ "daily_quota": 200, "morning_quota": 150 });
    parts["services"][1]["usual_seconds"] = json!(300);
    parts["calendar"] = json!({
        "hours": [{ "from_minute": 480, "until_minute": 1080 }],
        "special": { "2026-03-08": "closed", "2026-03-07": { "works_like": "mon" } },
    });
    parts["kiosks"][0]["lease"] = json!(5);
    parts["kiosks"][0]["classes"] = json!(["ordinary", "elderly", "disabled"]);
    parts["kiosks"][0]["classes_to_confirm"] = json!(["serviceman"]);
    let clerk = |id: &str, backup: Value| json!({ "id": id, "name": { "zh": "窗口人员", "en": "Clerk" }, "services": [], "backup": backup });
    parts["clerks"] = json!([clerk("1001", json!("1002")), clerk("1002", Value::Null)]);
    parts["policy"]["defer_no_show_calls"] = json!(2);
    parts["policy"]["armed_next"] = json!(true);
    parts["policy"]["balance"] = json!("auto");
    parts
}

fn smaller() -> Plan {
    plan_of(without_tax(fuller()))
}

fn kept_overnight() -> Plan {
    let mut parts = without_tax(fuller());
    parts["policy"]["keep_queue_overnight"] = json!(true);
    plan_of(parts)
}

/// Window 1 serves tax, 2 social, each clerk can do both, and the balancer gives advice.
fn crowded() -> Value {
    let mut parts = fuller();
    for (window, service) in [(0, "tax"), (1, "social"), (2, "property")] {
        parts["windows"][window]["services"] = json!([service]);
    }
    for (clerk, skills) in
        [("c1", ["social", "tax"].as_slice()), ("c2", &["social", "tax"]), ("c3", &["property"])]
    {
        let clerk = json!({ "id": clerk, "name": { "zh": "窗口人员", "en": "Clerk" }, "services": skills });
        parts["clerks"].as_array_mut().unwrap().push(clerk);
    }
    for service in 0..3 {
        parts["services"][service]["usual_seconds"] = json!(480);
    }
    parts["policy"]["balance"] = json!("advise");
    parts["policy"]["routing"] = json!("service_level");
    parts
}

/// The same with credit for who waits, a queue that is kept, and a break of window 1 in the afternoon.
fn weighted() -> Value {
    let mut parts = crowded();
    parts["policy"]["keep_queue_overnight"] = json!(true);
    parts["policy"]["routing"] = json!("accumulating");
    let hours = |from: u16, until: u16| json!({ "from_minute": from, "until_minute": until });
    parts["windows"][0]["hours"] = json!([hours(8 * 60, 15 * 60 + 30), hours(17 * 60 + 30, 18 * 60)]);
    parts
}

fn without_first_kiosk(mut parts: Value) -> Plan {
    parts["kiosks"].as_array_mut().unwrap().remove(0);
    plan_of(parts)
}

fn about(text: &str) -> Details {
    Details { number: Some(text.parse().unwrap()), ..Details::default() }
}

fn to_service(service: &str) -> Details {
    Details { to_service: Some(service.parse().unwrap()), ..Details::default() }
}

fn clerk(badge: &str) -> Details {
    Details { clerk: Some(badge.parse().unwrap()), ..Details::default() }
}

impl Scribe {
    fn take_as(&mut self, class: Class, service: &str, also: &[&str]) {
        let press = self.press(Device::Kiosk("K1".parse().unwrap()));
        let also = also.iter().map(|matter| matter.parse().unwrap()).collect();
        self.give(&Command::Take { press, age_ms: 0, service: service.parse().unwrap(), class, also });
    }

    /// A take that the kiosk hears nothing of.
    fn take_unheard(&mut self, service: &str) -> UnansweredTake {
        let press = self.press(Device::Kiosk("K1".parse().unwrap()));
        let service = service.parse().unwrap();
        self.give(&Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() });
        UnansweredTake { session: press.session, seq: press.seq }
    }

    /// The first number of the lease that was given last.
    fn leased(&self) -> TicketNumber {
        let first = |event: &Event| match event {
            Event::NumbersLeased { first, .. } => Some(*first),
            _ => None,
        };
        self.journal.iter().rev().find_map(|stamped| first(&stamped.event)).unwrap()
    }

    /// The slot at this minute, so many days after the first.
    fn slot(days: i32, minute: &str) -> SlotTime {
        let minute: hall_protocol::appointment::DayMinute = minute.parse().unwrap();
        let day = 20_514 + days;
        let local_ms = i64::from(day) * DAY_MS + i64::from(minute.get()) * 60_000;
        SlotTime {
            day: BusinessDay::from_days(day),
            minute,
            at: HallTime::from_unix_ms(local_ms - DAY_MS / 3),
        }
    }

    fn book(&mut self, id: &str, service: &str, slot: SlotTime) {
        let (client, appointment) = ("city".parse().unwrap(), id.parse().unwrap());
        self.give(&Command::Book { client, appointment, service: service.parse().unwrap(), slot });
    }

    fn unbook(&mut self, id: &str) {
        self.give(&Command::Unbook { client: "city".parse().unwrap(), appointment: id.parse().unwrap() });
    }

    fn check_in(&mut self, id: &str) {
        let press = self.press(Device::Kiosk("K1".parse().unwrap()));
        self.give(&Command::CheckIn { press, age_ms: 0, code: id.parse().unwrap() });
    }

    fn lease(&mut self, service: &str) {
        let press = self.press(Device::Kiosk("K1".parse().unwrap()));
        self.give(&Command::Lease {
            press,
            age_ms: 0,
            service: service.parse().unwrap(),
            count: 5_u16.try_into().unwrap(),
        });
    }

    fn hand_in(&mut self, numbers: &[&str]) {
        let press = self.press(Device::Kiosk("K1".parse().unwrap()));
        let printed = |text: &&str| Printed {
            number: text.parse().unwrap(),
            age_ms: 20_000,
            class: Class::Ordinary,
            also: Vec::new(),
            unanswered: None,
        };
        let (day, tickets) = (self.hall.day(), numbers.iter().map(printed).collect());
        self.give(&Command::HandIn { press, age_ms: 0, day, tickets });
    }

    fn end_lease(&mut self, first: &str, unused: u16) {
        let press = self.press(Device::Kiosk("K1".parse().unwrap()));
        let (day, first) = (self.hall.day(), first.parse().unwrap());
        self.give(&Command::EndLease { press, age_ms: 0, day, first, unused });
    }

    fn allocate(&mut self, window: &str, primary: &str, backup: &str) {
        let [primary, backup] = [primary, backup].map(|service| vec![service.parse().unwrap()]);
        self.order(Order::Allocate { window: window.parse().unwrap(), primary, backup });
    }

    fn order(&mut self, order: Order) {
        self.give(&Command::Manage { by: "chief".parse().unwrap(), order });
    }

    fn minutes(&mut self, minutes: u32) {
        for _ in 0..minutes {
            self.wait_ms(60_000);
            self.give(&Command::Tick);
        }
    }

    /// The proposal that was made last and is still open.
    fn open_proposal(&self) -> ProposalId {
        let view = HallView::of(&self.hall, 0);
        let open = view.management.proposals.iter().rev().find(|told| told.standing == Standing::Open);
        open.expect("a proposal to answer").proposal.id
    }
}

/// Five days: one with every key and every request, one that ends with its queue kept, one short of its
/// end, one on which the balancer and the manager move windows, and one on which the line is down and much
/// is refused.
pub(crate) fn eventful() -> Scribe {
    let mut scribe = Scribe::new();
    scribe.adopt(plan_of(fuller()));
    a_full_day(&mut scribe);
    two_for_what_goes(&mut scribe);
    scribe.adopt(smaller());
    scribe.wait_ms(DAY_MS);
    scribe.give(&Command::Tick);
    a_day_whose_queue_is_kept(&mut scribe);
    scribe.adopt(kept_overnight());
    scribe.wait_ms(DAY_MS);
    scribe.give(&Command::Tick);
    a_day_under_way(&mut scribe);
    scribe.adopt(plan_of(crowded()));
    scribe.wait_ms(DAY_MS);
    scribe.give(&Command::Tick);
    a_managed_day(&mut scribe);
    scribe.adopt(plan_of(weighted()));
    scribe.wait_ms(DAY_MS);
    scribe.give(&Command::Tick);
    a_day_of_trouble(&mut scribe);
    scribe.adopt(without_first_kiosk(weighted()));
    scribe.wait_ms(DAY_MS);
    scribe.give(&Command::Tick);
    scribe
}

fn a_full_day(scribe: &mut Scribe) {
    for window in ["1", "2", "3"] {
        scribe.key(window, Key::Open);
    }
    scribe.key_with("1", Key::SignOn, clerk("1001"));
    scribe.key_with("1", Key::SignOn, clerk("1002"));
    scribe.key_with("2", Key::SignOn, clerk("1001"));
    scribe.key("2", Key::SignOff);
    scribe.book("yy-1", "social", Scribe::slot(0, "10:15"));
    scribe.book("yy-2", "social", Scribe::slot(0, "10:15"));
    scribe.book("yy-3", "tax", Scribe::slot(0, "10:30"));
    scribe.book("yy-3", "tax", Scribe::slot(0, "10:45"));
    scribe.book("yy-4", "tax", Scribe::slot(1, "10:00"));
    scribe.book("yy-5", "social", Scribe::slot(2, "11:15"));
    scribe.book("yy-6", "social", Scribe::slot(0, "11:00"));
    scribe.unbook("yy-6");
    scribe.check_in("yy-1");
    scribe.lease("social");
    scribe.lease("property");
    scribe.take_as(Class::Ordinary, "social", &["tax", "property"]);
    scribe.take_as(Class::Elderly, "social", &[]);
    scribe.take_as(Class::Serviceman, "tax", &[]);
    for service in ["social", "tax", "social", "property", "social", "tax"] {
        scribe.take("K1", service);
    }
    scribe.wait_ms(30_000);
    scribe.hand_in(&["A995", "A996", "A700"]);
    scribe.end_lease("A995", 2);
    scribe.key_with("1", Key::ConfirmClass, about("B001"));
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Recall);
    scribe.key("1", Key::Start);
    let missing = Details { outcome: ServiceOutcome::MissingPapers, ..Details::default() };
    scribe.key_with("1", Key::Finish, missing);
    scribe.key_with("1", Key::Evaluate, Details { grade: Some(Grade::Satisfied), ..Details::default() });
    // The matter of the first is done, and it waits for its next.
    scribe.key("1", Key::Next);
    scribe.key("1", Key::NoShow);
    scribe.key_with("1", Key::Pick, about("A002"));
    scribe.key_for("1", Key::Pick, Some("行动不便"), about("A002"));
    scribe.key("1", Key::Finish);
    for (key, details) in [(Key::Park, Details::default()), (Key::Transfer, to_service("property"))] {
        scribe.key("2", Key::Next);
        scribe.key_with("2", key, details);
    }
    let parked = scribe.parked_at("2");
    scribe.key_with("2", Key::Unpark, Details { number: parked, ..Details::default() });
    scribe.key("2", Key::Park);
    scribe.key_with("2", Key::Return, Details { number: parked, ..Details::default() });
    scribe.key("2", Key::Next);
    scribe.key_with("2", Key::Correct, to_service("social"));
    scribe.key_with("2", Key::AddMatter, to_service("tax"));
    scribe.key("2", Key::Finish);
    scribe.key_for("2", Key::Cancel, Some("有事先走"), about("B003"));
    scribe.key_with("3", Key::WalkIn, to_service("property"));
    scribe.key("3", Key::Finish);
    scribe.key_because("3", Key::Pause, Some("午休"));
    scribe.key("3", Key::Resume);
    scribe.key("3", Key::Close);
    scribe.key("3", Key::Next);
    scribe.allocate("2", "property", "social");
    scribe.give(&Command::NoteErasures(vec![Erased {
        day: scribe.hall.day(),
        number: "A001".parse().unwrap(),
        by: Some("admin".into()),
        reason: "本人要求".into(),
    }]));
    // Nobody came for one of the slots.
    scribe.wait_ms(3_600_000);
    scribe.give(&Command::Tick);
    scribe.wait_ms(300_000);
    scribe.give(&Command::Tick);
    for window in ["1", "2"] {
        scribe.key(window, Key::Next);
    }
}

/// The next plan has tax no more, for which one is now and one later.
fn two_for_what_goes(scribe: &mut Scribe) {
    scribe.take_as(Class::Ordinary, "tax", &["social"]);
    scribe.take_as(Class::Ordinary, "social", &["tax"]);
}

fn a_day_whose_queue_is_kept(scribe: &mut Scribe) {
    for window in ["1", "3"] {
        scribe.key(window, Key::Open);
    }
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Disarm);
    scribe.lease("social");
    for service in ["social", "social", "social", "property"] {
        scribe.take("K1", service);
    }
    scribe.key("1", Key::Next);
    scribe.key("1", Key::NoShow);
    scribe.key("1", Key::Next);
    // One comes too late for another call and is missed.
    scribe.key("1", Key::NoShow);
    scribe.key("1", Key::Next);
    scribe.key("1", Key::NoShow);
    for _ in 0..3 {
        scribe.key("1", Key::Next);
        scribe.key("1", Key::NoShow);
    }
    for service in ["social", "social"] {
        scribe.take("K1", service);
    }
    scribe.key("1", Key::Next);
}

fn a_day_under_way(scribe: &mut Scribe) {
    for window in ["1", "3"] {
        scribe.key(window, Key::Open);
    }
    scribe.key_with("1", Key::SignOn, clerk("1002"));
    scribe.check_in("yy-5");
    scribe.book("yy-7", "social", Scribe::slot(3, "09:00"));
    scribe.lease("property");
    scribe.give(&Command::WriteOff {
        client: "city".parse().unwrap(),
        kiosk: "K1".parse().unwrap(),
        by: "张三".into(),
        reason: "水浸报废".into(),
    });
    scribe.lease("social");
    scribe.hand_in(&["A999"]);
    scribe.take_as(Class::Serviceman, "social", &["property"]);
    scribe.key("1", Key::Next);
    scribe.key("1", Key::NoShow);
    scribe.key("1", Key::Next);
    scribe.key("1", Key::Park);
    scribe.key("1", Key::Next);
    scribe.key("3", Key::Next);
    scribe.allocate("3", "property", "social");
}

fn a_managed_day(scribe: &mut Scribe) {
    let grounds = || Grounds { by: Some("1001".into()), reason: Some("演练".into()) };
    let (client, zones) = ("chief".parse().unwrap(), vec!["A".parse().unwrap()]);
    let text = EmergencyText::new("请从东门离开", "Leave by the east door").unwrap();
    scribe.give(&Command::DeclareEmergency { client, text: text.clone(), zones, grounds: grounds() });
    scribe.give(&Command::ClearEmergency { client, zones: Vec::new(), grounds: grounds() });
    for (window, badge) in [("1", "c1"), ("2", "c2"), ("3", "c3")] {
        scribe.key_with(window, Key::SignOn, clerk(badge));
        scribe.key(window, Key::Open);
    }
    for _ in 0..9 {
        scribe.take("K1", "tax");
    }
    scribe.minutes(6);
    scribe
        .order(Order::Reject { proposal: scribe.open_proposal(), reason: "今天人手另有安排".into() });
    scribe.minutes(62);
    // The first is left alone until its time is over.
    scribe.minutes(45);
    scribe.order(Order::Accept { proposal: scribe.open_proposal(), only: None });
    for _ in 0..6 {
        scribe.take("K1", "tax");
        scribe.key("1", Key::Next);
        scribe.key("2", Key::Next);
        scribe.minutes(12);
    }
    let [first, second] = ["1", "2"].map(|window: &str| window.parse().unwrap());
    scribe.order(Order::Undo { window: second });
    scribe.order(Order::Pin { window: first });
    scribe.order(Order::Pin { window: second });
    scribe.order(Order::Unpin { window: second });
    scribe.order(Order::SetRouting { group: None, routing: Routing::Priority });
    scribe.order(Order::SetBalance { balance: Balance::Auto });
    for service in ["social", "property"] {
        scribe.order(Order::StopIssuing { service: service.parse().unwrap() });
    }
    scribe.order(Order::ResumeIssuing { service: "social".parse().unwrap() });
    let zones = vec!["B".parse().unwrap()];
    scribe.give(&Command::DeclareEmergency { client, text, zones, grounds: grounds() });
}

fn a_day_of_trouble(scribe: &mut Scribe) {
    scribe.order(Order::SetRouting { group: None, routing: Routing::Accumulating });
    scribe.lease("social");
    let unheard = scribe.take_unheard("social");
    let printed = Printed {
        number: scribe.leased(),
        age_ms: 1_000,
        class: Class::Ordinary,
        also: Vec::new(),
        unanswered: Some(unheard),
    };
    let press = scribe.press(Device::Kiosk("K1".parse().unwrap()));
    let day = scribe.hall.day();
    scribe.give(&Command::HandIn { press, age_ms: 0, day, tickets: vec![printed] });

    scribe.take("K2", "tax");
    scribe.check_in("nobody");
    scribe.end_lease("A700", 0);
    let number = "A700".parse().unwrap();
    let press = scribe.press(Device::Kiosk("K1".parse().unwrap()));
    scribe.give(&Command::Return { press, age_ms: 0, number });
    let press = scribe.press(Device::Kiosk("K1".parse().unwrap()));
    scribe.give(&Command::Cancel { press, age_ms: 0, number });
    let press = scribe.press(Device::Kiosk("K2".parse().unwrap()));
    let service = "social".parse().unwrap();
    scribe.give(&Command::Lease { press, age_ms: 0, service, count: 5_u16.try_into().unwrap() });

    for window in ["1", "2", "3"] {
        scribe.key(window, Key::Open);
    }
    // From the queue that was kept.
    scribe.key("1", Key::Next);
    // Nobody waits for property.
    scribe.allocate("3", "property", "social");
    scribe.key("3", Key::Next);
    scribe.key("3", Key::Finish);
    scribe.key("3", Key::Close);
    scribe.sign_on("3", "c3");
    // Armed by the first, and called at once when somebody comes.
    for _ in 0..4 {
        scribe.key("2", Key::Next);
    }
    scribe.take("K1", "social");
    scribe.minutes(60);
    scribe.lease("tax");
}
