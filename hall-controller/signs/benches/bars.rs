//! What drawing, comparing and sending pictures may cost, held to the bars of `cargo xtask bench signs`.
//!
//! Prints a line `bar|what|value|unit|most` for each. The line of signs runs in virtual time, so that
//! figure is the same on every machine.
#![allow(clippy::unwrap_used, missing_docs, dead_code)]

#[path = "../tests/bus/world.rs"]
mod world;

use std::hint::black_box;
use std::time::{Duration, Instant};

use hall_protocol::sign::{Depth, PAYLOAD_BYTES_MAX, SignAddress};
use hall_signs::bus::Urgency;
use hall_signs::codec::Codec;
use hall_signs::codec::native::{Native, repaint};
use hall_signs::delta::REQUEST_BYTES;
use hall_signs::page::{ZoneCall, ZonePage};
use hall_signs::words::Showing;
use hall_signs::words::Words;
use hall_signs::{Frame, Panel};

use self::world::World;

const ROUNDS: u16 = 800;
const BAUD: u32 = 57_600;
const SIGNS: u8 = 32;

fn main() {
    bar("320x64 page rendered, diffed and encoded", drawn_us(), "µs", 100.0);
    bar("one number changes on a 4-row zone table, of the bitmap", one_number_percent(), "%", 15.0);
    bar("32 signs on one 57600 line refreshed, of the wire time", refreshed_ratio(), "x", 1.1);
}

fn bar(what: &str, value: f64, unit: &str, most: f64) {
    println!("bar|{what}|{value}|{unit}|{most}");
}

/// A page of so many calls, of which the newest has this number.
fn page(newest: u16, calls: u16) -> ZonePage {
    let call = |of: u16| ZoneCall {
        number: format!("A{:03}", newest - of).parse().unwrap(),
        label: (3 + of).to_string(),
        service: "社会保险".to_owned(),
    };
    ZonePage { name: "综合受理等候区".to_owned(), calls: (0..calls).map(call).collect() }
}

/// The mean over pages on which a new call has come, in microseconds; the faster of two passes, because
/// other programs can only make it slower.
fn drawn_us() -> f64 {
    let panel = Panel::new(320, 64, Depth::RedGreen).unwrap();
    let pass = || {
        let mut before = page(100, 6).render(panel);
        let begun = Instant::now();
        for number in 101..101 + ROUNDS {
            let after = black_box(page(number, 6)).render(panel);
            black_box((repaint(Some(&before), &after, PAYLOAD_BYTES_MAX, REQUEST_BYTES), after.id()));
            before = after;
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
    };
    (0..5).map(|_| pass()).fold(f64::INFINITY, f64::min)
}

/// The page with the number in this row counted on by one.
fn counted_on(newest: u16, row: u16) -> ZonePage {
    let mut page = page(newest, 4);
    let call = page.calls.get_mut(usize::from(row)).unwrap();
    call.number = format!("A{:03}", newest - row + 1).parse().unwrap();
    page
}

/// The most bytes on the wire, Swap and all, over all ways in which one of the four numbers counts on,
/// on the lowest panel that has four rows.
fn one_number_percent() -> f64 {
    let has_four_rows = |panel: &Panel| {
        let before = page(110, 4).render(*panel);
        (0..4).all(|row| counted_on(110, row).render(*panel) != before)
    };
    let mut panels = (64..=128).step_by(8).map(|height| Panel::new(192, height, Depth::RedGreen).unwrap());
    let panel = panels.find(has_four_rows).unwrap();
    let showing = |page: &ZonePage| Showing {
        frame: std::sync::Arc::new(page.render(panel)),
        words: Words::dark(),
        blink: None,
        say: None,
    };
    let mut codec = Native::new(SignAddress::FIRST, panel, PAYLOAD_BYTES_MAX);
    let changes = (0..4).flat_map(|row| (100..130).map(move |newest| (newest, row)));
    let bytes = changes.map(|(newest, row)| {
        codec.cost_bytes(Some(&showing(&page(newest, 4))), &showing(&counted_on(newest, row)))
    });
    let most = u32::try_from(bytes.max().unwrap()).unwrap();
    let whole = u32::try_from(Frame::dark(panel).bytes().len()).unwrap();
    f64::from(most) * 100.0 / f64::from(whole)
}

/// How long it takes until every sign of the line shows its table whole, as after the adapter was plugged
/// in, as a multiple of the time the bytes alone take. Signs think for 1 to 8 ms before each answer. What
/// only new calls in all tables take is told, too: their few bytes are sooner over than the thinking.
fn refreshed_ratio() -> f64 {
    let panel = Panel::new(192, 64, Depth::RedGreen).unwrap();
    let mut world = World::new(BAUD, SIGNS, panel, 7);
    let paint = |world: &mut World, tag: u64| {
        let (begun, before) = (world.elapsed().as_secs_f64(), world.wire_time().as_secs_f64());
        for number in 1..=SIGNS {
            let newest = 100 * u16::try_from(tag).unwrap() + 7 * u16::from(number);
            let frame = std::sync::Arc::new(page(newest, 4).render(panel));
            world.show(number, &frame, tag, Urgency::Call);
        }
        let shown = |world: &World| (1..=SIGNS).all(|number| world.tags(number).contains(&tag));
        world.run_while(Duration::from_secs(600), |world| !shown(world)).unwrap();
        (world.elapsed().as_secs_f64() - begun, world.wire_time().as_secs_f64() - before)
    };
    let (whole_s, whole_wire_s) = paint(&mut world, 1);
    let (calls_s, calls_wire_s) = paint(&mut world, 2);
    println!("{SIGNS} tables whole: {whole_s:.2} s, of which {whole_wire_s:.2} s on the wire");
    println!("{SIGNS} tables of new calls: {calls_s:.2} s, of which {calls_wire_s:.2} s on the wire");
    whole_s / whole_wire_s
}
