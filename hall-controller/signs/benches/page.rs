//! What a call costs before its bytes leave: a 320x64 zone page drawn, compared with the one before
//! and written as requests. `cargo bench -p hall-signs`; the whole is to stay under 100 µs.
#![allow(clippy::unwrap_used, missing_docs)]

use hall_protocol::sign::Depth;
use hall_signs::codec::native::{Piece, repaint};
use hall_signs::delta::REQUEST_BYTES;
use hall_signs::page::{ZoneCall, ZonePage};
use hall_signs::{Frame, Panel};

fn main() {
    divan::main();
}

fn panel() -> Panel {
    Panel::new(320, 64, Depth::RedGreen).unwrap()
}

/// A page of six calls, of which the newest has this number.
fn page(newest: u16) -> ZonePage {
    let call = |of: u16| ZoneCall {
        number: format!("A{:03}", newest - of).parse().unwrap(),
        label: (3 + of).to_string(),
        service: "社会保险".to_owned(),
    };
    ZonePage { name: "综合受理等候区".to_owned(), calls: (0..6).map(call).collect() }
}

fn changed(before: &Frame, after: &Frame) -> Vec<Piece> {
    repaint(Some(before), after, 1_024, REQUEST_BYTES)
}

#[divan::bench]
fn render(bencher: divan::Bencher<'_, '_>) {
    let page = page(112);
    bencher.bench(|| page.render(panel()));
}

#[divan::bench]
fn diff_and_encode(bencher: divan::Bencher<'_, '_>) {
    let (before, after) = (page(111).render(panel()), page(112).render(panel()));
    bencher.bench(|| (changed(&before, &after), after.id()));
}

#[divan::bench]
fn render_diff_and_encode(bencher: divan::Bencher<'_, '_>) {
    let (before, after) = (page(111).render(panel()), page(112));
    bencher.bench(|| {
        let after = after.render(panel());
        (changed(&before, &after), after.id())
    });
}
