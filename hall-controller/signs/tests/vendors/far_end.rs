//! A whole line of each protocol: the bus with its codecs at one end, its virtual signs at the other.

use std::sync::Arc;
use std::time::Instant;

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::Panel;
use hall_signs::bus::{Bus, BusEvent, SignSetup, Urgency};
use hall_signs::codec::modbus::{Function, Layout, RegisterMap};
use hall_signs::codec::model::Model;
use hall_signs::codec::template::{Check, Template};
use hall_signs::codec::{alpha, cp5200, onbon, template};
use hall_signs::emulator::far_end::FarEnd;
use hall_signs::page::WindowContent;
use hall_signs::words::Showing;

use crate::{called, showing};

const BAUD: u32 = 9_600;

/// A line with two signs of a kind; what both show after this page, on the second with another number.
struct Line {
    bus: Bus,
    far: FarEnd,
    now: Instant,
    signs: Vec<SignSetup>,
    tag: u64,
}

impl Line {
    fn new(panel: Panel, model: impl Fn(u8) -> Model) -> Self {
        let address = |number| SignAddress::new(number).unwrap();
        let signs: Vec<_> = [1, 2].map(|number| (address(number), panel, model(number))).to_vec();
        let now = Instant::now();
        let codecs = signs.iter().map(|(address, panel, model)| {
            let setup = SignSetup { address: *address, panel: *panel };
            (setup, model.codec(setup, BAUD))
        });
        let mut bus = Bus::with_codecs(BAUD, codecs.collect(), now);
        bus.link_up(now);
        let far = FarEnd::new(&signs, BAUD).unwrap();
        let signs = signs.iter().map(|(address, panel, _)| SignSetup { address: *address, panel: *panel });
        Self { bus, far, now, signs: signs.collect(), tag: 0 }
    }

    /// Show these pages, and let the line work until both are acknowledged.
    fn show(&mut self, pages: [Showing; 2]) {
        self.tag += 1;
        for (sign, page) in self.signs.clone().iter().zip(pages) {
            self.bus.show_page(sign.address, Arc::new(page), self.tag, Urgency::Call, self.now);
        }
        let mut shown = 0;
        while shown < 2 {
            let sent = self.bus.poll_transmit(self.now);
            if let Some(bytes) = &sent {
                let answer = self.far.receive(bytes, self.now);
                self.bus.handle_input(&answer, self.now);
            } else {
                let due = [self.far.poll_timeout(), self.bus.poll_timeout()];
                self.now = due.into_iter().flatten().min().unwrap().max(self.now);
                let answer = self.far.pass_time(self.now);
                self.bus.handle_input(&answer, self.now);
                self.bus.handle_timeout(self.now);
            }
            while let Some(event) = self.bus.poll_event() {
                match event {
                    BusEvent::Shown { tag, .. } if tag == self.tag => shown += 1,
                    BusEvent::Dark { address, why } => panic!("sign {address} is dark: {why}"),
                    _ => {}
                }
            }
        }
    }

    fn text(&self, sign: usize) -> String {
        let lines = self.far.text(self.signs[sign].address).unwrap();
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("/")
    }
}

fn serving(panel: Panel) -> Showing {
    showing(panel, "4", WindowContent::Serving { number: "B345".parse().unwrap() })
}

fn idle(panel: Panel) -> Showing {
    showing(panel, "3", WindowContent::Idle { service: "税务".into(), waiting: 0 })
}

#[test]
fn signs_with_letters_of_their_own_show_what_the_table_says() {
    let panel = Panel::new(128, 32, Depth::RedGreen).unwrap();
    let bx5k = |address: u8| Model::OnbonBx5k(onbon::bx5k::Setup::new(address.into(), 128, 32));
    let alpha = |address| Model::Alpha(alpha::Setup::new(address, 16));
    let cp5200 = |card| {
        let pages = cp5200::Pages::Text { font_px: 16 };
        Model::Cp5200(cp5200::Setup { card, width_px: 128, height_px: 32, pages })
    };
    let modbus = |layout, function| {
        move |unit| Model::ModbusRtu(RegisterMap { layout, function, first: 8, ..RegisterMap::new(unit) })
    };
    let called_as = Template::parse(
        r"\x02{from}{address}{window:2}{number:4}{checksum:hex}\x03",
        Some(Check::Crc16Xmodem),
    );
    let idle_as = Template::parse(r"\x02{from}{address}off{checksum:hex}\x03", Some(Check::Crc16Xmodem));
    let (called_as, idle_as) = (called_as.unwrap(), idle_as.unwrap());
    let described = |address| {
        Model::Template(template::Setup {
            idle: Some(idle_as.clone().at(address)),
            reply: Some(vec![6]),
            ..template::Setup::new(called_as.clone().at(address))
        })
    };
    let mut lines: Vec<(Line, [&str; 3])> = vec![
        (Line::new(panel, bx5k), ["A012/请到3号窗口", "B345/正在办理", "3号窗口 空闲/税务"]),
        (Line::new(panel, alpha), ["A012 3", "B345", "WINDOW 3 FREE"]),
        (Line::new(panel, cp5200), ["A012/请到3号窗口", "B345/正在办理", "3号窗口 空闲/税务"]),
        (Line::new(panel, modbus(Layout::Bcd, Function::WriteMany)), ["012", "345", ""]),
        (Line::new(panel, modbus(Layout::Number, Function::WriteOne)), ["12", "345", ""]),
        (Line::new(panel, modbus(Layout::DigitEach, Function::WriteMany)), ["012", "345", ""]),
        (Line::new(panel, modbus(Layout::AsciiEach, Function::WriteOne)), ["A012", "B345", "---"]),
        (Line::new(panel, modbus(Layout::AsciiPairs, Function::WriteMany)), ["A012", "B345", "---"]),
        (Line::new(panel, described), ["A012/3", "B345/4", ""]),
    ];
    for (line, [first, second, quiet]) in &mut lines {
        line.show([called(panel), serving(panel)]);
        assert_eq!([line.text(0).as_str(), line.text(1).as_str()], [*first, *second]);
        line.show([idle(panel), serving(panel)]);
        assert_eq!([line.text(0).as_str(), line.text(1).as_str()], [*quiet, *second]);
    }
}

#[test]
fn signs_with_pixels_show_the_page_s() {
    let panel = Panel::new(64, 16, Depth::RedGreen).unwrap();
    let bx6q = |address: u8| {
        Model::OnbonBx6q(onbon::bx6q::Setup { address: Some(address.into()), ..Default::default() })
    };
    let cp5200 = |card| {
        let pages = cp5200::Pages::Pictures;
        Model::Cp5200(cp5200::Setup { card, width_px: 64, height_px: 16, pages })
    };
    for mut line in [Line::new(panel, |_| Model::Native), Line::new(panel, bx6q), Line::new(panel, cp5200)] {
        let pages = [called(panel), serving(panel)];
        line.show(pages.clone());
        for (sign, page) in line.signs.iter().zip(pages) {
            assert_eq!(line.far.picture(sign.address), Some((*page.frame).clone()));
            assert_eq!(line.far.text(sign.address), None);
        }
    }
}

#[test]
fn a_display_whose_frames_have_no_fixed_length_cannot_be_played() {
    let panel = Panel::new(32, 16, Depth::Mono).unwrap();
    let model = Model::Template(template::Setup::new(Template::parse("{number}", None).unwrap()));
    let error = FarEnd::new(&[(SignAddress::FIRST, panel, model)], BAUD).unwrap_err();
    assert!(error.to_string().contains("write for instance {number:4}"), "{error}");
}
