//! The clocks that signs keep themselves, in virtual time: set when the sign is found, each day, and when the
//! hall's clock jumps; never before a call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::Panel;
use hall_signs::bus::{Bus, Health, SignSetup, Urgency};
use hall_signs::codec::alpha::{self, Alpha};
use hall_signs::codec::cp5200::{Cp5200, Pages, Setup as CpSetup};
use hall_signs::codec::onbon::bx5k::{Bx5k, Setup};
use hall_signs::codec::{Codec, Moment, Protocol};
use hall_signs::decode::decode;
use hall_signs::emulator::alpha::VirtualAlpha;
use hall_signs::emulator::bx5k::VirtualBx5k;
use hall_signs::page::{WindowContent, WindowPage};
use hall_signs::words::Showing;
use proptest::prelude::*;

const BAUD: u32 = 9_600;

/// How long a sign takes to answer.
const ANSWERS_AFTER: Duration = Duration::from_millis(40);

fn panel() -> Panel {
    Panel::new(128, 32, Depth::RedGreen).unwrap()
}

fn address(number: u8) -> SignAddress {
    SignAddress::new(number).unwrap()
}

fn moment(date: &str, hour: u64, minute: u64, second: u64) -> Moment {
    Moment::new(date.parse().unwrap(), Duration::from_secs((hour * 60 + minute) * 60 + second))
}

/// A line with cards 1 to `cards`, all at its far end.
struct Line {
    bus: Bus,
    cards: Vec<VirtualBx5k>,
    now: Instant,
    /// What the hall's clock shows at the moment it was told.
    hall: (Moment, Instant),
    /// Which command the cards were given, and when.
    told: Vec<(Instant, &'static str)>,
}

impl Line {
    fn new(cards: u8) -> Self {
        let now = Instant::now();
        let codec = |number: u8| -> (SignSetup, Box<dyn Codec>) {
            let setup = Setup::new(u16::from(number), 128, 32);
            (SignSetup { address: address(number), panel: panel() }, Box::new(Bx5k::new(setup)))
        };
        let mut bus = Bus::with_codecs(BAUD, (1..=cards).map(codec).collect(), now);
        bus.link_up(now);
        let hall = (moment("2026-12-31", 23, 30, 0), now);
        let cards = (1..=cards).map(|number| VirtualBx5k::new(u16::from(number), 128, 32)).collect();
        Self { bus, cards, now, hall, told: Vec::new() }
    }

    fn hall_now(&self) -> Moment {
        self.hall.0.after(self.now - self.hall.1)
    }

    /// Somebody sets the hall's clock, or summer time does.
    fn set_hall(&mut self, moment: Moment) {
        self.hall = (moment, self.now);
    }

    /// Let time pass; the hall's time is told every ten seconds, as the daemon does.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        let mut tell_at = self.now;
        while self.now < end {
            if self.now >= tell_at {
                self.bus.tell_time(self.hall_now(), self.now);
                tell_at = self.now + Duration::from_secs(10);
            }
            while let Some(bytes) = self.bus.poll_transmit(self.now) {
                self.told
                    .extend(decode(Protocol::OnbonBx5k, &bytes).iter().map(|frame| (self.now, frame.name)));
                let answer: Vec<u8> = self.cards.iter_mut().flat_map(|card| card.receive(&bytes)).collect();
                if !answer.is_empty() {
                    self.now += ANSWERS_AFTER;
                    self.bus.handle_input(&answer, self.now);
                }
            }
            let wake = self.bus.poll_timeout().unwrap_or(end).min(end).min(tell_at);
            self.now = wake.max(self.now);
            self.bus.handle_timeout(self.now);
        }
    }

    fn settings(&self) -> usize {
        self.told.iter().filter(|(_, name)| *name == "set the clock").count()
    }

    /// How far a card's clock was from the hall's when it was set last; it has gone on since then.
    fn set_to(&self, card: usize) -> Moment {
        let [year, month, day, hour, minute, second, weekday] = self.cards[card].clock().unwrap();
        let date = format!("{year:04}-{month:02}-{day:02}");
        let set = moment(&date, hour.into(), minute.into(), second.into());
        assert_eq!(usize::from(weekday), set.date().weekday().index() + 1);
        set
    }

    fn last_set(&self) -> Instant {
        self.told.iter().rfind(|(_, name)| *name == "set the clock").unwrap().0
    }

    fn hall_at(&self, at: Instant) -> Moment {
        self.hall.0.after(at - self.hall.1)
    }

    fn show(&mut self, card: u8, number: &str, tag: u64, urgency: Urgency) {
        let page = WindowPage {
            label: "3".into(),
            state: WindowContent::Called { number: number.parse().unwrap() },
        };
        let page =
            Showing { frame: Arc::new(page.render(panel())), words: page.words(), blink: None, say: None };
        self.bus.show_page(address(card), Arc::new(page), tag, urgency, self.now);
    }
}

#[test]
fn a_card_s_clock_is_set_when_it_is_found_and_each_day_to_the_second() {
    let mut line = Line::new(2);
    line.run(Duration::from_secs(60));
    assert_eq!(line.settings(), 2);
    for card in 0..2 {
        assert!(line.set_to(card).distance(moment("2026-12-31", 23, 30, 0)) <= Duration::from_secs(1));
    }
    line.run(Duration::from_secs(24 * 3_600 - 120));
    assert_eq!(line.settings(), 2);
    line.run(Duration::from_secs(120));
    assert_eq!(line.settings(), 4);
    let set = line.set_to(0);
    assert_eq!(set.date().to_string(), "2027-01-01");
    assert!(line.hall_at(line.last_set()).distance(set) <= Duration::from_secs(1));
    line.run(Duration::from_secs(10 * 24 * 3_600));
    assert_eq!(line.settings(), 4 + 20);
}

#[test]
fn the_clock_is_set_again_when_the_hall_s_jumps_and_not_while_it_only_drifts() {
    let mut line = Line::new(1);
    line.run(Duration::from_secs(60));
    assert_eq!(line.settings(), 1);
    for _ in 0..100 {
        // A time server pulls the machine's clock by a tenth of a second at a time.
        line.set_hall(line.hall_now().after(Duration::from_millis(100)));
        line.run(Duration::from_secs(30));
    }
    assert_eq!(line.settings(), 1);
    for (at, jump) in [("2027-03-28", 3), ("2027-10-31", 2)] {
        // Summer time begins: after 01:59:59 comes 03:00; and ends: 02:00 comes once more.
        line.set_hall(moment(at, jump, 0, 0));
        line.run(Duration::from_secs(20));
        assert_eq!(line.set_to(0).date().to_string(), at);
        assert!(line.hall_at(line.last_set()).distance(line.set_to(0)) <= Duration::from_secs(1));
    }
    assert_eq!(line.settings(), 3);
}

#[test]
fn a_card_that_comes_back_is_set_and_one_that_refuses_the_time_is_asked_tomorrow() {
    let mut line = Line::new(1);
    line.show(1, "A012", 1, Urgency::Call);
    line.run(Duration::from_secs(30));
    assert_eq!(line.settings(), 1);
    line.cards[0].restart();
    line.run(Duration::from_secs(30));
    assert_eq!((line.settings(), line.cards[0].lines()[0].as_str()), (2, "A012"));

    line.cards[0].refuse_time();
    line.cards[0].restart();
    line.run(Duration::from_secs(3_600));
    assert_eq!(line.settings(), 3);
    assert_eq!(line.bus.status(address(1)).unwrap().health, Health::Ok);
    line.run(Duration::from_secs(24 * 3_600));
    assert_eq!(line.settings(), 4);
}

#[test]
fn a_busy_card_is_set_a_little_later_to_what_it_is_then() {
    let mut line = Line::new(1);
    line.run(Duration::from_millis(10));
    // The ping is over; the next twenty questions find it busy.
    line.cards[0].keep_busy(20);
    line.run(Duration::from_secs(60));
    let set = line.set_to(0);
    assert!(line.settings() > 1 && line.hall_at(line.last_set()).distance(set) <= Duration::from_secs(1));
    assert!(set > moment("2026-12-31", 23, 30, 1), "{set:?}");
}

#[test]
fn no_call_waits_for_a_clock() {
    let mut line = Line::new(3);
    line.bus.tell_time(line.hall_now(), line.now);
    for card in 1..=3 {
        line.show(card, "A012", 1, Urgency::Call);
    }
    line.run(Duration::from_secs(20));
    let first_setting = line.told.iter().position(|(_, name)| *name == "set the clock").unwrap();
    let pages = line.told.iter().rposition(|(_, name)| *name == "dynamic areas").unwrap();
    assert!(pages < first_setting, "{:?}", line.told);

    // The hall's clock jumps in the moment of a call.
    line.told.clear();
    line.set_hall(moment("2027-03-28", 3, 0, 0));
    line.bus.tell_time(line.hall_now(), line.now);
    line.show(2, "B007", 2, Urgency::Call);
    line.run(Duration::from_secs(5));
    assert_eq!((line.told[0].1, line.settings()), ("dynamic areas", 3), "{:?}", line.told);
}

#[test]
fn a_hall_whose_time_nobody_tells_sets_no_clock_and_cards_without_one_are_left_alone() {
    let mut line = Line::new(1);
    line.bus.link_down(line.now);
    line.bus.link_up(line.now);
    let mut asked = 0;
    for _ in 0..100 {
        while let Some(bytes) = line.bus.poll_transmit(line.now) {
            asked += 1;
            assert_ne!(decode(Protocol::OnbonBx5k, &bytes)[0].name, "set the clock");
            let answer = line.cards[0].receive(&bytes);
            line.bus.handle_input(&answer, line.now);
        }
        line.now += Duration::from_secs(6);
        line.bus.handle_timeout(line.now);
    }
    assert!(asked > 90 && line.bus.keeps_clocks());
    let setup = CpSetup { card: 1, width_px: 128, height_px: 32, pages: Pages::Pictures };
    let sign = SignSetup { address: address(1), panel: panel() };
    let bus = Bus::with_codecs(BAUD, vec![(sign, Box::new(Cp5200::new(setup)))], line.now);
    assert!(!bus.keeps_clocks());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// An Alpha sign knows minutes only, so it is set when one begins; day, weekday and time are of one moment.
    #[test]
    fn a_sign_that_knows_minutes_is_set_at_the_beginning_of_one(
        hour in 0_u64..24, minute in 0_u64..60, second in 0_u64..60, answers: bool, delay_s in 0_u64..100,
    ) {
        let mut now = Instant::now();
        let setup = alpha::Setup { answers, ..alpha::Setup::new(5, 16) };
        let sign = SignSetup { address: address(5), panel: panel() };
        let mut bus = Bus::with_codecs(BAUD, vec![(sign, Box::new(Alpha::new(setup)))], now);
        let mut far = VirtualAlpha::new(5);
        bus.link_up(now);
        let began = now;
        let start = moment("2026-12-31", hour, minute, second);
        bus.tell_time(start, now);
        // The line may be held up meanwhile.
        now += Duration::from_secs(delay_s);
        let mut set = Vec::new();
        while now < began + Duration::from_secs(300) {
            while let Some(bytes) = bus.poll_transmit(now) {
                let told = &decode(Protocol::Alpha, &bytes)[0];
                if told.name.starts_with("set the") {
                    set.push((start.after(now - began), told.name));
                }
                let answer = far.receive(&bytes);
                now += ANSWERS_AFTER;
                bus.handle_input(&answer, now);
                bus.handle_timeout(now);
            }
            now = bus.poll_timeout().unwrap_or(now + Duration::from_secs(1)).max(now + Duration::from_millis(1));
            bus.handle_timeout(now);
        }
        let [(at, "set the time of day"), (_, "set the date"), (_, "set the day of the week"), (last, "set the time format")] = set[..] else {
            return Err(TestCaseError::fail(format!("{set:?}")));
        };
        prop_assert!(at.second() <= 15, "{at:?}");
        // Unless the line was held up over the beginning of a minute, that is waited for.
        prop_assert!(delay_s > (60 - second) % 60 || at.second() == 0, "{at:?}");
        prop_assert_eq!(at.date(), last.date());
        prop_assert_eq!(far.special(b' ').unwrap(), format!("{:02}{:02}", at.hour(), at.minute()));
        let (year, month, day) = at.date().year_month_day();
        prop_assert_eq!(far.special(b';').unwrap(), format!("{month:02}{day:02}{:02}", year % 100));
        let sunday_first = (at.date().weekday().index() + 1) % 7 + 1;
        prop_assert_eq!(far.special(b'&').unwrap(), sunday_first.to_string());
    }
}
