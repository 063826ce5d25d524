//! How a sign looks beside its picture: how bright it is, and what blinks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_protocol::sign::{Blink, Depth, FrameReader, Request, SignAddress};
use hall_signs::Panel;
use hall_signs::bus::{Bus, SignSetup, Urgency};
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::page::{WindowContent, WindowPage};
use hall_signs::words::{Blinking, Showing};

struct Line {
    bus: Bus,
    signs: VirtualLine,
    now: Instant,
}

impl Line {
    fn new() -> Self {
        let (panel, now) = (panel(), Instant::now());
        let signs = VirtualLine::new(vec![VirtualSign::new(SignAddress::FIRST, panel)]);
        let mut bus = Bus::new(115_200, vec![SignSetup { address: SignAddress::FIRST, panel }], now);
        bus.link_up(now);
        Self { bus, signs, now }
    }

    /// Let everything be sent; gives the requests.
    fn talk(&mut self) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        while let Some(bytes) = self.bus.poll_transmit(self.now) {
            let replies = self.signs.receive(&bytes, self.now);
            self.bus.handle_input(&replies, self.now);
            sent.push(bytes);
        }
        while self.bus.poll_event().is_some() {}
        sent
    }

    fn show(&mut self, blink: Option<Blinking>, tag: u64) {
        let state = WindowContent::Called { number: "A012".parse().unwrap() };
        let page = WindowPage { label: "3".into(), state };
        let page = Showing { frame: Arc::new(page.render(panel())), words: page.words(), blink, say: None };
        self.bus.show_page(SignAddress::FIRST, Arc::new(page), tag, Urgency::Call, self.now);
    }

    fn brightness(&mut self) -> u8 {
        self.signs.sign_mut(SignAddress::FIRST).unwrap().brightness()
    }
}

fn panel() -> Panel {
    Panel::new(128, 32, Depth::RedGreen).unwrap()
}

fn blinking(occasion: u64) -> Blinking {
    let state = WindowContent::Called { number: "A012".parse().unwrap() };
    let region = WindowPage { label: "3".into(), state }.called_area(panel()).unwrap();
    Blinking { blink: Blink { region, period_ms: 1_000, duration_ds: 50 }, occasion }
}

/// The blinks of the Swaps among these requests.
fn swaps(sent: &[Vec<u8>]) -> Vec<Option<Blink>> {
    let mut reader = Box::new(FrameReader::<4_096>::new());
    let mut found = Vec::new();
    for byte in sent.iter().flatten() {
        let Some(Ok(frame)) = reader.push(*byte) else { continue };
        if let Ok((_, Request::Swap { blink, .. })) = Request::parse(&frame) {
            found.push(blink);
        }
    }
    found
}

#[test]
fn a_call_blinks_once_and_again_when_it_is_called_again_and_is_steady_then() {
    let mut line = Line::new();
    line.show(Some(blinking(0)), 1);
    assert_eq!(swaps(&line.talk()), [Some(blinking(0).blink)]);
    line.show(Some(blinking(0)), 2);
    assert!(line.talk().is_empty(), "the same call is shown already");
    line.show(Some(blinking(1)), 3);
    let again = line.talk();
    assert_eq!((again.len(), swaps(&again)), (1, vec![Some(blinking(1).blink)]));
    line.show(None, 4);
    let steady = line.talk();
    assert_eq!((steady.len(), swaps(&steady)), (1, vec![None]), "one request, and no pixels");
}

#[test]
fn a_sign_is_as_bright_as_it_shall_be_also_after_it_was_switched_off_and_on() {
    let mut line = Line::new();
    line.bus.brightness(SignAddress::FIRST, 120);
    line.show(None, 1);
    line.talk();
    assert_eq!(line.brightness(), 120);
    line.bus.brightness(SignAddress::FIRST, 120);
    assert!(line.talk().is_empty(), "told once");
    line.bus.brightness(SignAddress::FIRST, 40);
    assert_eq!(line.talk().len(), 1);
    assert_eq!(line.brightness(), 40);
    line.signs.sign_mut(SignAddress::FIRST).unwrap().restart();
    assert_eq!(line.brightness(), 255);
    for _ in 0..20 {
        line.now += Duration::from_secs(2);
        line.bus.handle_timeout(line.now);
        line.talk();
    }
    assert_eq!(line.brightness(), 40);
}

#[test]
fn the_number_s_place_is_on_the_panel_and_holds_all_of_the_number() {
    for (width, height) in [(64, 16), (128, 32), (192, 64), (320, 64), (48, 16)] {
        let panel = Panel::new(width, height, Depth::RedGreen).unwrap();
        let page = |number: &str| {
            let state = WindowContent::Called { number: number.parse().unwrap() };
            WindowPage { label: "3".into(), state }
        };
        let (one, other) = (page("A012"), page("A345"));
        let at = one.called_area(panel).unwrap();
        assert!(at.x_px + at.width_px <= width && at.y_px + at.height_px <= height, "{at:?}");
        let (one, other) = (one.render(panel), other.render(panel));
        let inside = |x: u16, y: u16| {
            (at.x_px..at.x_px + at.width_px).contains(&x) && (at.y_px..at.y_px + at.height_px).contains(&y)
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let differing: Vec<_> = places.filter(|(x, y)| one.light(*x, *y) != other.light(*x, *y)).collect();
        assert!(!differing.is_empty() && differing.iter().all(|(x, y)| inside(*x, *y)), "{width}x{height}");
    }
    let closed = WindowPage { label: "3".into(), state: WindowContent::Closed };
    assert_eq!(closed.called_area(panel()), None);
}
