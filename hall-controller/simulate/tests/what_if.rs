//! The next two hours of a hall as it stands: who gives up, and which windows come back.
#![allow(clippy::unwrap_used, missing_docs)]

use hall_core::Hall;
use hall_core::command::{Command, Details, Order};
use hall_core::event::{Device, PressId};
use hall_core::plan::Plan;
use hall_core::time::{BusinessDay, HallTime, Now};
use hall_protocol::payload::{Class, Key};
use hall_simulate::{Fare, what_if};
use serde_json::{Value, json};

/// Monday, 2026-03-02.
const DAY: i32 = 20_514;

/// One service of 8 minutes and two windows, of which the second may have hours.
struct TestHall {
    hall: Hall,
    minute: u16,
    seq: u32,
}

impl TestHall {
    fn at(minute: u16, hours_of_2: &Value) -> Self {
        Self::with(minute, hours_of_2, &json!([]))
    }

    fn with(minute: u16, hours_of_2: &Value, clerks: &Value) -> Self {
        let name = json!({ "zh": "社保", "en": "Social insurance" });
        let window = |id: &str, hours: &Value| json!({ "id": id, "label": id, "services": ["social"], "hours": hours });
        let plan: Plan = serde_json::from_value(json!({
            "hall": "county", "name": name, "zones": [{ "id": "A", "name": name }],
            "services": [{
                "id": "social", "name": name, "prefix": "A", "digits": false, "zone": "A", "hours": [],
                "target_minutes": 15, "usual_seconds": 480
            }],
            "windows": [window("1", &json!([])), window("2", hours_of_2)],
            "kiosks": [{ "id": "K1", "services": ["social"] }],
            "clerks": clerks,
            "policy": { "double_press_guard_ms": 0 }
        }))
        .unwrap();
        let mut hall = Self { hall: Hall::new("county".parse().unwrap()), minute, seq: 0 };
        hall.give(&Command::AdoptPlan(Box::new(plan)));
        hall
    }

    fn now(&self) -> Now {
        let ms = i64::from(DAY) * 86_400_000 + i64::from(self.minute) * 60_000;
        Now { at: HallTime::from_unix_ms(ms), day: BusinessDay::from_days(DAY), minute: self.minute }
    }

    fn give(&mut self, command: &Command) {
        let decision = self.hall.decide(command, self.now()).unwrap();
        decision.events.iter().for_each(|event| self.hall.apply(event));
    }

    fn press(&mut self, device: Device) -> PressId {
        self.seq += 1;
        PressId { device, session: 1, seq: self.seq }
    }

    fn take(&mut self, count: u32) {
        for _ in 0..count {
            let press = self.press(Device::Kiosk("K1".parse().unwrap()));
            let service = "social".parse().unwrap();
            let take = Command::Take { press, age_ms: 0, service, class: Class::Ordinary, also: Vec::new() };
            self.give(&take);
        }
    }

    fn key(&mut self, window: &str, key: Key, number: Option<&str>) {
        let press = self.press(Device::Pad(window.parse().unwrap()));
        let details = Details { number: number.map(|it| it.parse().unwrap()), ..Details::default() };
        self.give(&Command::Key { press, age_ms: 0, key, ticket: None, reason: None, details });
    }

    /// Whether the window has somebody in hand after it.
    fn give_key(&mut self, window: &str, key: Key) -> bool {
        self.key(window, key, None);
        let view = hall_core::view::HallView::of(&self.hall, 0);
        view.windows.iter().any(|it| it.id.as_str() == window && it.ticket.is_some())
    }

    /// The mean of twenty afternoons.
    fn next_hours(&self, orders: &[Order]) -> Fare {
        let mut mean = Fare::default();
        for replication in 0..20 {
            let by = "chief".parse().unwrap();
            let [fare] = what_if(&self.hall, self.now(), by, orders, 1, replication).unwrap()[..] else {
                panic!("one service has one fare");
            };
            mean.mean_wait_minutes += fare.mean_wait_minutes / 20.0;
            mean.citizens += fare.citizens / 20.0;
            mean.left += fare.left / 20.0;
            mean.gave_up += fare.gave_up / 20.0;
        }
        mean
    }
}

fn pause(window: &str) -> Order {
    Order::Pause { window: window.parse().unwrap(), reason: None }
}

/// Nobody comes any more: thirty have taken numbers more than an hour ago.
fn thirty_wait(minute: u16, hours_of_2: &Value) -> TestHall {
    let mut hall = TestHall::at(minute - 70, hours_of_2);
    hall.take(30);
    hall.minute = minute;
    hall
}

#[test]
fn people_give_up_as_the_hall_has_learnt_that_they_do() {
    let mut patient = thirty_wait(600, &json!([]));
    patient.key("1", Key::Open, None);
    let fare = patient.next_hours(&[]);
    assert!(fare.gave_up.abs() < f64::EPSILON, "nobody has ever gone: {fare:?}");

    let mut hall = thirty_wait(600, &json!([]));
    hall.key("1", Key::Open, None);
    for number in 21..=30 {
        hall.key("1", Key::Cancel, Some(&format!("A{number:03}")));
    }
    let leaves_by_then = 1.0 - (-120.0 * hall.hall.leave_rate()).exp();
    assert!(leaves_by_then > 0.3, "ten of thirty have gone in 70 minutes: {leaves_by_then}");
    let one = hall.next_hours(&[]);
    assert!(one.gave_up > 2.0 && one.gave_up < 20.0 * leaves_by_then, "{one:?}");
    assert_eq!(one, hall.next_hours(&[]), "the same draft is answered alike");
    let none = hall.next_hours(&[pause("1")]);
    assert!(
        (none.gave_up / 20.0 - leaves_by_then).abs() < 0.1,
        "nobody is served: {none:?} {leaves_by_then}"
    );
    assert!((none.citizens - none.left - none.gave_up).abs() < 1e-6, "{none:?}");
}

#[test]
fn a_window_that_is_paused_comes_back_and_one_that_the_draft_pauses_does_not() {
    let mut hall = thirty_wait(600, &json!([]));
    hall.key("1", Key::Open, None);
    hall.key("2", Key::Open, None);
    let both = hall.next_hours(&[]);
    let one = hall.next_hours(&[pause("2")]);
    assert!(one.left > both.left + 8.0, "{one:?} {both:?}");
    hall.key("2", Key::Pause, None);
    let back = hall.next_hours(&[]);
    assert!(back.left > both.left && back.left < both.left + 3.0, "after some minutes: {back:?} {both:?}");
    let order = Order::Close { window: "2".parse().unwrap() };
    assert!(hall.next_hours(&[order]).left > both.left + 8.0, "who closes it wants it closed");
}

#[test]
fn a_window_without_a_clerk_calls_in_the_next_hours_as_it_does_now() {
    let name = json!({ "zh": "王芳", "en": "Wang Fang" });
    let clerks = json!([{ "id": "c1", "name": name, "services": ["social"] }]);
    let mut hall = TestHall::with(530, &json!([]), &clerks);
    hall.take(30);
    hall.minute = 600;
    hall.key("1", Key::Open, None);
    let nobody = hall.next_hours(&[]);
    assert!(nobody.left < 24.0, "fifteen services of eight minutes: {nobody:?}");
    let press = hall.press(Device::Pad("1".parse().unwrap()));
    let details = Details { clerk: Some("c1".parse().unwrap()), ..Details::default() };
    let sign_on = Command::Key { press, age_ms: 0, key: Key::SignOn, ticket: None, reason: None, details };
    hall.give(&sign_on);
    assert_eq!(hall.next_hours(&[]), nobody);
    hall.key("1", Key::SignOff, None);
    let decided = hall.give_key("1", Key::Next);
    assert!(decided, "and it does call now");
}

#[test]
fn a_window_on_its_lunch_break_comes_back_by_its_hours() {
    let shift = |from: u32, until: u32| json!({ "from_minute": from, "until_minute": until });
    let hours = json!([shift(540, 720), shift(780, 1_020)]);
    // Half past eleven: the window is open, leaves at twelve, and is back at one.
    let mut hall = thirty_wait(690, &hours);
    hall.key("2", Key::Open, None);
    let with_lunch = hall.next_hours(&[]);
    let mut always = thirty_wait(690, &json!([]));
    always.key("2", Key::Open, None);
    let without = always.next_hours(&[]);
    let lost = with_lunch.left - without.left;
    assert!(lost > 3.0 && lost < 10.0, "an hour of 8-minute services is missing: {with_lunch:?} {without:?}");
    // Without its return it would serve four instead of eight before half past one.
    let short = json!([shift(540, 720)]);
    let mut gone = thirty_wait(690, &short);
    gone.key("2", Key::Open, None);
    gone.take(0);
    let expected = gone.hall.expects_windows(gone.now());
    assert!(expected[1].is_empty(), "{expected:?}");
    assert!((hall.hall.expects_windows(hall.now())[1][0] - 90.0).abs() < 1e-6);
}
