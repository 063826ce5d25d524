//! The kiosk without the hall: it prints numbers it has leased, hands them in with their age, and whatever
//! power and line do, no number is printed twice and none is lost.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use hall_device::kiosk::{Kiosk, STORE_BYTES, Settings, Store};
use hall_device::mqtt::Device;
use hall_protocol::id::{DeviceId, HallId, ServiceId};
use hall_protocol::json::{self, Payload, Version};
use hall_protocol::local::{LocalDate, LocalTime};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{
    HandedIn, KioskAction, KioskOutcome, KioskReply, KioskRequest, LeasedNumbers, Menu, MenuService, Refused,
    UnansweredTake,
};
use hall_protocol::text::Text;
use proptest::prelude::*;

use crate::conversation::Flash;

/// Memory that a power cut does not reach, unless it comes in the middle of a write.
#[derive(Debug, Clone)]
pub(crate) struct Fram {
    bytes: Rc<RefCell<Vec<u8>>>,
    /// So many bytes are written yet before the power goes.
    power_left: Rc<RefCell<Option<usize>>>,
}

impl Default for Fram {
    fn default() -> Self {
        let bytes = vec![0xFF; STORE_BYTES.into()];
        Self { bytes: Rc::new(RefCell::new(bytes)), power_left: Rc::default() }
    }
}

impl Store for Fram {
    fn read(&mut self, at: u16, bytes: &mut [u8]) -> bool {
        let from = usize::from(at);
        bytes.copy_from_slice(&self.bytes.borrow()[from..from + bytes.len()]);
        true
    }

    fn write(&mut self, at: u16, bytes: &[u8]) -> bool {
        let mut left = self.power_left.borrow_mut();
        let count = left.map_or(bytes.len(), |left| left.min(bytes.len()));
        let from = usize::from(at);
        self.bytes.borrow_mut()[from..from + count].copy_from_slice(&bytes[..count]);
        if let Some(left) = left.as_mut() {
            *left -= count;
        }
        count == bytes.len()
    }
}

/// 2024-03-01 09:00 in China.
const NINE_MS: i64 = 1_709_254_800_000;
const DAY: i32 = 19_783;

const REPLY: &str = "hall/v1/h/kiosk/K1/reply";
const SOCIAL: u16 = 1;
const TAX: u16 = 2;

type Device1 = Kiosk<Flash, Fram>;

fn encoded(payload: &impl Payload) -> Vec<u8> {
    let mut bytes = vec![0; 9 * 1_024];
    let length = json::encode(payload, &mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

fn menu(at_ms: i64, open: bool, until: Option<LocalTime>) -> Vec<u8> {
    let service = |id: &str| MenuService {
        service: id.parse().unwrap(),
        zh: Text::new("社会保险"),
        en: Text::new("Social insurance"),
        waiting: 3,
        estimate: None,
        open,
        why: None,
        until,
        opens: None,
    };
    let services = [service("social"), service("tax")].into_iter().collect();
    encoded(&Menu { v: Version, at_ms, kiosk: DeviceId::new("K1").unwrap(), services })
}

/// A kiosk, and a hall that answers it when the line is up.
struct World {
    flash: Flash,
    fram: Fram,
    kiosk: Device1,
    now_ms: u64,
    /// What the hall's clock was when the kiosk's was 0.
    began_ms: i64,
    line: bool,
    leased: u16,
    /// What the hall has been handed in, and which leases have ended with how many unused.
    handed_in: Vec<(TicketNumber, i64)>,
    ended: Vec<(TicketNumber, u16)>,
    /// The takes it was told that nobody had answered.
    unanswered: Vec<UnansweredTake>,
    printed: Vec<String>,
    takes: u32,
    asked: Vec<KioskAction>,
    refuses: Option<&'static str>,
}

fn started(flash: &Flash, fram: &Fram) -> Device1 {
    let settings = Settings {
        hall: HallId::new("h").unwrap(),
        kiosk: DeviceId::new("K1").unwrap(),
        utc_offset_minutes: 480,
    };
    Kiosk::new(settings, flash.clone(), fram.clone(), 7)
}

impl World {
    fn new() -> Self {
        let (flash, fram) = (Flash::default(), Fram::default());
        let kiosk = started(&flash, &fram);
        Self {
            flash,
            fram,
            kiosk,
            now_ms: 0,
            began_ms: NINE_MS,
            line: false,
            leased: 0,
            handed_in: vec![],
            ended: vec![],
            unanswered: vec![],
            printed: vec![],
            takes: 0,
            asked: vec![],
            refuses: None,
        }
    }

    fn hall_ms(&self) -> i64 {
        self.began_ms + i64::try_from(self.now_ms).unwrap()
    }

    fn line(&mut self, up: bool) {
        self.line = up;
        self.kiosk.link(up, self.now_ms);
        if up {
            self.offer(true, None);
        }
    }

    fn offer(&mut self, open: bool, until: Option<LocalTime>) {
        let menu = menu(self.hall_ms(), open, until);
        self.kiosk.hear("hall/v1/h/kiosk/K1/menu", &menu, self.now_ms).unwrap();
    }

    /// The power goes and comes, with the hall's clock going on.
    fn restart(&mut self) {
        *self.fram.power_left.borrow_mut() = None;
        self.began_ms = self.hall_ms() + 2_000;
        self.now_ms = 0;
        self.kiosk = started(&self.flash, &self.fram);
        self.line = false;
    }

    fn run(&mut self, ms: u64) {
        for _ in 0..ms / 10 {
            self.step(0);
        }
    }

    fn press(&mut self, button: u16) {
        for pressed in [0, 0, 0, button, button, button, 0, 0, 0] {
            self.step(pressed);
        }
    }

    fn step(&mut self, pressed: u16) {
        self.now_ms += 10;
        self.kiosk.look(pressed, self.now_ms);
        let mut buffer = [0; 1_024];
        let publish = self.kiosk.poll_publish(self.now_ms, &mut buffer);
        let request = publish.map(|publish| json::decode::<KioskRequest>(publish.payload).unwrap());
        if let Some(request) = request.filter(|_| self.line) {
            let (session, seq) = (request.session, request.seq);
            let outcome = self.answer(&request);
            let reply = KioskReply {
                v: Version,
                session: Some(session),
                seq: Some(seq),
                outcome,
                why: heapless::Vec::new(),
            };
            self.kiosk.hear(REPLY, &encoded(&reply), self.now_ms).unwrap();
        }
        if let Some(receipt) = self.kiosk.poll_print() {
            let (text, _, _) = encoding_rs::GB18030.decode(receipt.bytes());
            self.printed.push(text.into_owned());
        }
    }

    fn answer(&mut self, request: &KioskRequest) -> KioskOutcome {
        self.asked.push(request.request.clone());
        if let Some(code) = self.refuses {
            let refused = Refused { code: Text::new(code), zh: Text::new("不行"), en: Text::new("No") };
            return KioskOutcome::Refused(refused);
        }
        match &request.request {
            KioskAction::Take { service, .. } => {
                self.takes += 1;
                ticket(*service, self.takes, self.hall_ms())
            }
            KioskAction::Lease { service, count } => {
                self.leased += count.get();
                let first = format!("{}{:03}", letter(*service), 1_000 - self.leased).parse().unwrap();
                KioskOutcome::Lease(LeasedNumbers { service: *service, first, count: count.get(), day: DAY })
            }
            KioskAction::HandIn { day, tickets, unanswered } => {
                assert_eq!(*day, DAY);
                self.unanswered.extend(unanswered.iter().copied());
                let hall_ms = self.hall_ms() - i64::from(request.age_ms);
                self.handed_in.extend(tickets.iter().map(|at| (at.number, hall_ms - i64::from(at.age_ms))));
                let told = |number| HandedIn { number, refused: None };
                KioskOutcome::HandedIn(tickets.iter().map(|ticket| told(ticket.number)).collect())
            }
            KioskAction::EndLease { first, unused, .. } => {
                self.ended.push((*first, *unused));
                KioskOutcome::LeaseEnded { first: *first }
            }
            KioskAction::CheckIn { .. } | KioskAction::Return { .. } | KioskAction::Cancel { .. } => {
                panic!("it has no keys for that")
            }
        }
    }

    /// The numbers on paper that are the kiosk's own.
    fn own(&self) -> Vec<TicketNumber> {
        let own = self.printed.iter().filter(|text| text.contains("离线取号"));
        own.map(|text| number(text).unwrap()).collect()
    }
}

/// The large number of a slip.
fn number(slip: &str) -> Option<TicketNumber> {
    let (_, rest) = slip.split_once("\x1d!\x22")?;
    rest.split_once('\n')?.0.parse().ok()
}

fn letter(service: ServiceId) -> char {
    if service.as_str() == "social" { 'A' } else { 'B' }
}

fn ticket(service: ServiceId, number: u32, issued_at_ms: i64) -> KioskOutcome {
    KioskOutcome::Ticket(hall_protocol::payload::IssuedTicket {
        appointment: None,
        number: format!("{}{number:03}", letter(service)).parse().unwrap(),
        service,
        zh: Text::new("社会保险"),
        en: Text::new("Social insurance"),
        zone: "Z1".parse().unwrap(),
        issued_at_ms,
        ahead: 3,
        estimate: None,
    })
}

fn numbers(texts: &[&str]) -> Vec<TicketNumber> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A kiosk that has its numbers: A980 to A999 and B960 to B979.
fn supplied() -> World {
    let mut world = World::new();
    world.line(true);
    world.run(3_000);
    let lease =
        |id: &str| KioskAction::Lease { service: id.parse().unwrap(), count: 20_u16.try_into().unwrap() };
    assert_eq!(world.asked, [lease("social"), lease("tax")]);
    world
}

#[test]
fn without_a_line_its_own_numbers_are_printed_at_once_and_handed_in_with_their_age() {
    let mut world = supplied();
    world.press(SOCIAL);
    assert_eq!(number(&world.printed[0]), Some("A001".parse().unwrap()));
    world.line(false);
    world.press(SOCIAL);
    let at_ms = world.hall_ms();
    world.press(TAX);
    world.press(SOCIAL);
    assert_eq!(world.own(), numbers(&["A980", "B960", "A981"]));
    let slip = &world.printed[1];
    for line in ["社会保险\n", "离线取号，等候人数未知，号码有效\n", "2024-03-01 09:00\n"]
    {
        assert!(slip.contains(line), "{line} in {slip}");
    }
    world.run(60_000);
    world.line(true);
    world.run(5_000);
    let handed_in: Vec<_> = world.handed_in.iter().map(|(number, _)| *number).collect();
    assert_eq!(handed_in, numbers(&["A980", "A981", "B960"]));
    let (_, printed_at_ms) = world.handed_in[0];
    assert!((printed_at_ms - at_ms).abs() < 100, "{printed_at_ms} instead of {at_ms}");
    world.press(SOCIAL);
    assert_eq!(number(world.printed.last().unwrap()), Some("A002".parse().unwrap()), "the hall's again");
}

#[test]
fn when_the_hall_does_not_answer_a_citizen_waits_five_seconds_once_and_the_next_not_at_all() {
    let mut world = supplied();
    // The link is up, and nobody is behind it.
    world.line = false;
    world.press(SOCIAL);
    world.run(4_800);
    assert_eq!(world.own(), []);
    world.run(200);
    assert_eq!(world.own(), numbers(&["A980"]));
    world.press(SOCIAL);
    assert_eq!(world.own(), numbers(&["A980", "A981"]));
    // The hall is there, and its disk is full.
    world.line(true);
    world.run(3_000);
    // Lease, lease and take: what the hall may have given for that is nobody's. The second citizen asked nobody.
    let take = UnansweredTake { number: world.own()[0], session: 7, seq: 3 };
    assert_eq!(world.unanswered, [take]);
    world.refuses = Some("storage_trouble");
    world.press(SOCIAL);
    world.run(100);
    assert_eq!(world.own(), numbers(&["A980", "A981", "A982"]));
}

#[test]
fn a_lease_is_followed_by_another_when_few_are_left_and_when_all_are_printed_there_are_no_tickets() {
    let mut world = supplied();
    world.line(false);
    for _ in 0..15 {
        world.press(SOCIAL);
    }
    world.line(true);
    world.run(5_000);
    assert_eq!(world.handed_in.len(), 15, "ten and five");
    assert_eq!(world.leased, 60, "five of the first are left");
    world.line(false);
    for _ in 0..25 {
        world.press(SOCIAL);
    }
    assert_eq!(world.own().len(), 40);
    assert_eq!(world.own().iter().collect::<BTreeSet<_>>().len(), 40);
    assert_eq!(world.own()[15..21], numbers(&["A995", "A996", "A997", "A998", "A999", "A940"]));
    world.press(SOCIAL);
    world.run(5_000);
    assert!(world.printed.last().unwrap().contains("暂时无法取号"));
}

#[test]
fn a_service_that_closes_gives_its_lease_back_and_prints_nothing_more() {
    let mut world = supplied();
    let until = LocalTime::new(LocalDate::from_days(DAY), 9 * 60 + 2);
    world.offer(true, Some(until));
    world.line(false);
    world.press(SOCIAL);
    world.run(120_000);
    world.press(SOCIAL);
    world.run(6_000);
    assert_eq!(world.own(), numbers(&["A980"]));
    assert!(world.printed.last().unwrap().contains("暂时无法取号"));
    world.line(true);
    world.offer(false, None);
    world.run(5_000);
    assert_eq!(world.handed_in.len(), 1);
    let ended: Vec<_> = world.ended.iter().map(|(first, unused)| (first.to_string(), *unused)).collect();
    assert_eq!(ended, [("A980".to_owned(), 19), ("B960".to_owned(), 20)]);
}

#[test]
fn leases_are_given_back_before_midnight_and_those_of_yesterday_print_nothing() {
    let mut world = supplied();
    // 23:55 of the same day.
    world.began_ms += (14 * 60 + 55) * 60_000;
    world.offer(true, None);
    world.run(5_000);
    assert_eq!(world.ended.len(), 2);
    let mut world = supplied();
    world.began_ms += 24 * 3_600_000;
    world.offer(true, None);
    world.line(false);
    world.press(SOCIAL);
    assert_eq!(world.own(), []);
}

#[test]
fn a_kiosk_without_numbers_in_the_plan_asks_once_and_one_that_is_refused_asks_a_minute_later() {
    let mut world = World::new();
    world.refuses = Some("no_lease");
    world.line(true);
    world.run(130_000);
    assert_eq!(world.asked.len(), 1);
    let mut world = World::new();
    world.refuses = Some("leased_enough");
    world.line(true);
    world.run(59_000);
    assert_eq!(world.asked.len(), 2, "one of each service");
    world.run(10_000);
    assert_eq!(world.asked.len(), 4);
}

#[test]
fn without_a_menu_since_its_start_it_has_no_clock_and_prints_no_number() {
    let mut world = supplied();
    world.line(false);
    world.press(SOCIAL);
    world.restart();
    world.press(SOCIAL);
    world.run(6_000);
    assert_eq!(world.own().len(), 1);
    world.line(true);
    world.run(5_000);
    assert_eq!(world.handed_in.len(), 1, "it remembers what it has printed");
    world.line(false);
    world.press(SOCIAL);
    assert_eq!(world.own(), numbers(&["A980", "A981"]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever line and power do, also in the middle of a write: no number twice on paper, and none on paper
    /// that the hall never hears of.
    #[test]
    fn no_number_is_printed_twice_and_none_is_lost(
        steps in prop::collection::vec((0_u8..6, 0_usize..600), 1..60)
    ) {
        let mut world = supplied();
        for (step, bytes) in steps {
            match step {
                0 => world.line(!world.line),
                1 => world.restart(),
                2 => {
                    // The power goes while something is written.
                    *world.fram.power_left.borrow_mut() = Some(bytes);
                    world.press(SOCIAL);
                    world.run(1_500);
                    world.restart();
                }
                3 => world.press(TAX),
                _ => world.press(SOCIAL),
            }
            world.run(400);
        }
        world.line(true);
        world.run(20_000);
        let own = world.own();
        let once: BTreeSet<_> = own.iter().copied().collect();
        prop_assert_eq!(own.len(), once.len(), "printed twice: {:?}", own);
        let known: BTreeSet<_> = world.handed_in.iter().map(|(number, _)| *number).collect();
        prop_assert!(once.is_subset(&known), "lost: {:?}", once.difference(&known).collect::<Vec<_>>());
    }
}
