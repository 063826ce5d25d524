//! Signs of other makers on the bus: the same scheduler, another codec.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::bus::{Bus, BusEvent, Health, SignSetup, Urgency};
use hall_signs::codec::alpha::{self, Alpha};
use hall_signs::codec::cp5200::{self, Cp5200, Pages};
use hall_signs::codec::modbus::{Modbus, RegisterMap, silence};
use hall_signs::codec::onbon::bx5k::{Bx5k, Setup, Speaker};
use hall_signs::codec::template::{self, Template, TemplateCodec};
use hall_signs::codec::{Codec, Protocol};
use hall_signs::decode::decode;
use hall_signs::emulator::bx5k::VirtualBx5k;
use hall_signs::emulator::cp5200::VirtualCp5200;
use hall_signs::page::{WindowContent, WindowPage};
use hall_signs::words::{Saying, Showing, Words};
use hall_signs::{Frame, Panel};

const BAUD: u32 = 9_600;

fn panel() -> Panel {
    Panel::new(128, 32, Depth::RedGreen).unwrap()
}

fn address() -> SignAddress {
    SignAddress::new(1).unwrap()
}

fn called(number: &str) -> Arc<Showing> {
    let state = WindowContent::Called { number: number.parse().unwrap() };
    let page = WindowPage { label: "3".into(), state };
    Arc::new(Showing { frame: Arc::new(page.render(panel())), words: page.words(), blink: None, say: None })
}

fn bus(codec: Box<dyn Codec>, now: Instant) -> Bus {
    let mut bus =
        Bus::with_codecs(BAUD, vec![(SignSetup { address: address(), panel: panel() }, codec)], now);
    bus.link_up(now);
    bus
}

/// Let the bus talk for so long; `hear` is the sign. Gives what was sent, with its times.
fn run(
    bus: &mut Bus,
    now: &mut Instant,
    for_s: u64,
    mut hear: impl FnMut(&[u8]) -> Vec<u8>,
) -> Vec<(Instant, Vec<u8>)> {
    let end = *now + Duration::from_secs(for_s);
    let mut sent = Vec::new();
    let mut steps = 0;
    while *now < end {
        while let Some(bytes) = bus.poll_transmit(*now) {
            let answer = hear(&bytes);
            sent.push((*now, bytes));
            *now += Duration::from_millis(40);
            bus.handle_input(&answer, *now);
        }
        let wake = bus.poll_timeout().unwrap_or(end).min(end);
        *now = wake.max(*now);
        bus.handle_timeout(*now);
        steps += 1;
        assert!(steps < 10_000, "the bus spins");
    }
    sent
}

#[test]
fn a_font_card_is_found_shows_the_call_and_heals_after_a_loss_of_power() {
    let mut now = Instant::now();
    let mut card = VirtualBx5k::new(1, 128, 32);
    let mut bus = bus(Box::new(Bx5k::new(Setup::new(1, 128, 32))), now);
    bus.show_page(address(), called("A012"), 1, Urgency::Call, now);
    run(&mut bus, &mut now, 2, |bytes| card.receive(bytes));
    assert_eq!(bus.poll_event(), Some(BusEvent::Shown { address: address(), tag: 1 }));
    assert_eq!(card.lines(), ["A012", "请到3号窗口"]);
    assert_eq!(bus.status(address()).unwrap().health, Health::Ok);

    card.restart();
    assert_eq!(card.lines(), Vec::<String>::new());
    run(&mut bus, &mut now, 12, |bytes| card.receive(bytes));
    assert_eq!(card.lines(), ["A012", "请到3号窗口"]);

    // Without an answer it is late, then dark, and comes back with the newest page.
    bus.show_page(address(), called("B007"), 2, Urgency::Call, now);
    run(&mut bus, &mut now, 30, |_| vec![]);
    assert!(matches!(bus.status(address()).unwrap().health, Health::Dark { .. }));
    run(&mut bus, &mut now, 15, |bytes| card.receive(bytes));
    assert_eq!(card.lines(), ["B007", "请到3号窗口"]);
    assert_eq!((bus.status(address()).unwrap().health, card.flash_writes()), (Health::Ok, 0));
}

#[test]
fn a_card_is_told_its_day_s_brightness_when_it_comes_up_and_says_a_call_once() {
    let mut now = Instant::now();
    let mut card = VirtualBx5k::new(1, 128, 32);
    let speaker = Speaker { person: 0, repeats: 0, volume: 5, speed: 5 };
    let setup =
        Setup { brightness: Some([9; 48]), speaker: Some(speaker), switched: true, ..Setup::new(1, 128, 32) };
    let mut bus = bus(Box::new(Bx5k::new(setup)), now);
    bus.brightness(address(), 255);
    let say = |occasion| Some(Saying { text: "请A012号到3号窗口".into(), occasion });
    let with = |say| Arc::new(Showing { say, ..(*called("A012")).clone() });
    bus.show_page(address(), with(say(1)), 1, Urgency::Call, now);
    run(&mut bus, &mut now, 30, |bytes| card.receive(bytes));
    bus.brightness(address(), 100);
    bus.show_page(address(), with(None), 2, Urgency::Call, now);
    run(&mut bus, &mut now, 30, |bytes| card.receive(bytes));
    assert_eq!((card.levels(), card.times_dimmed(), card.heard().len()), ([9; 48].as_slice(), 1, 1));
    // The same ticket called again.
    bus.show_page(address(), with(say(2)), 3, Urgency::Call, now);
    run(&mut bus, &mut now, 5, |bytes| card.receive(bytes));
    assert_eq!(card.heard(), ["请A012号到3号窗口"; 2]);
    // After a loss of power it is told again, and what was said is not said again.
    card.restart();
    run(&mut bus, &mut now, 20, |bytes| card.receive(bytes));
    assert_eq!((card.times_dimmed(), card.heard().len(), card.lines().len()), (2, 2, 2));
    // Nothing to show: it is switched off, and on for the next call.
    let dark =
        Showing { frame: Arc::new(Frame::dark(panel())), words: Words::dark(), blink: None, say: None };
    bus.show_page(address(), Arc::new(dark), 4, Urgency::Idle, now);
    run(&mut bus, &mut now, 20, |bytes| card.receive(bytes));
    assert!(!card.is_on());
    bus.show_page(address(), with(None), 5, Urgency::Call, now);
    run(&mut bus, &mut now, 2, |bytes| card.receive(bytes));
    assert!(card.is_on() && card.lines() == ["A012", "请到3号窗口"]);
    assert_eq!(card.flash_writes(), 0);
}

#[test]
fn a_call_no_longer_said_and_a_recall_on_a_silent_card_are_not_sent() {
    let speaker = Speaker { person: 0, repeats: 0, volume: 5, speed: 5 };
    let say = |occasion| Some(Saying { text: "请A012号到3号窗口".into(), occasion });
    for (speaker, next) in [(Some(speaker), None), (None, say(2))] {
        let mut now = Instant::now();
        let mut card = VirtualBx5k::new(1, 128, 32);
        let mut bus = bus(Box::new(Bx5k::new(Setup { speaker, ..Setup::new(1, 128, 32) })), now);
        let mut shown = |say, tag| {
            let page = Showing { say, ..(*called("A012")).clone() };
            bus.show_page(address(), Arc::new(page), tag, Urgency::Call, now);
            let sent = run(&mut bus, &mut now, 5, |bytes| card.receive(bytes));
            let told = sent.iter().flat_map(|(_, bytes)| decode(Protocol::OnbonBx5k, bytes));
            told.filter(|told| told.name == "dynamic areas").count()
        };
        assert_eq!((shown(say(1), 1), shown(next, 2)), (1, 0));
    }
}

#[test]
fn a_display_that_never_answers_is_shown_each_call_and_refreshed() {
    let mut now = Instant::now();
    let template = Template::parse(r"\x02{number}\x03", None).unwrap();
    let mut bus = bus(Box::new(TemplateCodec::new(template::Setup::new(template))), now);
    assert_eq!(run(&mut bus, &mut now, 100, |_| vec![]), [], "nothing to show, nothing to ask");
    bus.show_page(address(), called("A012"), 1, Urgency::Call, now);
    let sent = run(&mut bus, &mut now, 100, |_| vec![]);
    let calls = sent.iter().filter(|(_, bytes)| bytes == b"\x02A012\x03").count();
    assert_eq!((calls, sent.len()), (4, 4), "at once and every half minute");
    assert_eq!(bus.poll_event(), Some(BusEvent::Shown { address: address(), tag: 1 }));
    assert_eq!(bus.status(address()).unwrap().health, Health::Ok);
}

#[test]
fn a_modbus_line_rests_between_an_answer_and_the_next_request() {
    let mut now = Instant::now();
    let map = RegisterMap { function: hall_signs::codec::modbus::Function::WriteOne, ..RegisterMap::new(1) };
    let map = RegisterMap { layout: hall_signs::codec::modbus::Layout::DigitEach, ..map };
    let mut bus = bus(Box::new(Modbus::new(map)), now);
    bus.show_page(address(), called("A012"), 1, Urgency::Call, now);
    let sent = run(&mut bus, &mut now, 2, <[u8]>::to_vec);
    assert_eq!(sent.len(), 4, "a register a digit");
    for pair in sent.windows(2) {
        let answered = pair[0].0 + Duration::from_millis(40);
        assert!(pair[1].0 >= answered + silence(BAUD));
    }
    assert_eq!(bus.poll_event(), Some(BusEvent::Shown { address: address(), tag: 1 }));

    bus.show_page(address(), called("A013"), 2, Urgency::Call, now);
    run(&mut bus, &mut now, 20, |_| vec![]);
    assert!(matches!(bus.status(address()).unwrap().health, Health::Dark { .. }));
    run(&mut bus, &mut now, 15, <[u8]>::to_vec);
    assert_eq!(bus.status(address()).unwrap().health, Health::Ok);
}

/// The vendor's question for the screen (`CC=0x83`) tells nothing of what is on it.
#[test]
fn a_card_that_does_not_say_what_it_shows_is_divided_once_and_painted_again_at_times() {
    let mut now = Instant::now();
    let setup = cp5200::Setup { card: 1, width_px: 128, height_px: 32, pages: Pages::Pictures };
    let mut bus = bus(Box::new(Cp5200::new(setup)), now);
    let mut card = VirtualCp5200::new(1, panel());
    let page = called("A012");
    bus.show_page(address(), Arc::clone(&page), 1, Urgency::Call, now);
    let dividing = |sent: &[(Instant, Vec<u8>)]| {
        let told = sent.iter().flat_map(|(_, bytes)| decode(Protocol::Cp5200, bytes));
        told.filter(|told| told.name == "windows").count()
    };
    let sent = run(&mut bus, &mut now, 20, |bytes| card.receive(bytes));
    assert!(sent.len() > 4, "it is asked how it is: {} times", sent.len());
    let shown = card.screen().clone();
    assert!(shown != Frame::dark(panel()));
    assert_eq!(dividing(&sent), 1);
    // Switched off and on between two questions.
    card = VirtualCp5200::new(1, panel());
    let sent = run(&mut bus, &mut now, 40, |bytes| card.receive(bytes));
    assert_eq!(dividing(&sent), 1);
    assert!(*card.screen() == shown, "painted again");
}

#[test]
fn a_sign_that_reports_an_error_again_and_again_is_asked_more_and_more_slowly() {
    let mut now = Instant::now();
    let setup = alpha::Setup { answers: true, ..alpha::Setup::new(1, 16) };
    let mut bus = bus(Box::new(Alpha::new(setup)), now);
    // Whatever it is asked, its error register says so.
    let error = b"\0\0\0\0\0\x01Z00\x02E*P\x04";
    let sent = run(&mut bus, &mut now, 3, |_| error.to_vec());
    let pauses: Vec<Duration> = sent.windows(2).map(|two| two[1].0 - two[0].0).collect();
    assert!((3..8).contains(&sent.len()), "{} times in three seconds", sent.len());
    assert!(pauses.windows(2).skip(1).all(|two| two[1] > two[0]), "{pauses:?}");
}
