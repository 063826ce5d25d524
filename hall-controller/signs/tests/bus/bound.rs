//! How soon a page is shown: within the time that its bytes, the answers to them and the signs' thinking
//! take, and what was lost on the way.

use std::time::Duration;

use hall_signs::bus::{BusEvent, SignSetup, Urgency};
use hall_signs::codec::model::Model;
use hall_signs::codec::{Awaits, Request};
use hall_signs::words::{Showing, Words};
use proptest::prelude::*;

use crate::world::{Faults, World, address, panel, picture};

/// A sign of the test's world thinks for less.
const THINKS_MAX: Duration = Duration::from_millis(9);

/// What the bus waits beyond the time of the bytes, before it asks again.
const TURNAROUND: Duration = Duration::from_millis(50);

/// A sign that shows its page is asked how it is this often.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// Everything a sign is asked until it shows a page of which it has nothing yet.
fn requests(number: u8, baud: u32, seed: u64) -> Vec<Request> {
    let setup = SignSetup { address: address(number), panel: panel() };
    let mut codec = Model::Native.codec(setup, baud);
    let page = Showing { frame: picture(panel(), seed), words: Words::dark(), blink: None };
    let identify = codec.identify();
    let mut all: Vec<Request> = identify.into_iter().chain(codec.set_up()).collect();
    all.extend(codec.show(None, &page, 0).unwrap());
    all
}

/// Request and answer on the wire.
fn on_the_wire(request: &Request, baud: u32) -> Duration {
    let answer = match request.awaits {
        Awaits::Answer { bytes_max } => bytes_max,
        Awaits::Silence { .. } => 0,
    };
    let bits = u64::try_from((request.bytes.len() + answer) * 10).unwrap();
    Duration::from_nanos(bits * 1_000_000_000 / u64::from(baud))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_sign_reaches_its_page_within_the_time_that_its_bytes_and_what_was_lost_take(
        seed: u64, count in 1_u8..=32,
        baud in prop::sample::select(vec![9_600, 19_200, 57_600, 115_200]),
        lost in 0_u64..5, noisy in 0_u64..20,
    ) {
        let mut world = World::new(baud, count, panel(), seed);
        world.faults = Faults { lost, noisy, ..Faults::default() };
        let page = |sign: u8| seed.wrapping_add(u64::from(sign));
        for sign in 1..=count {
            world.show(sign, &picture(panel(), page(sign)), 1, Urgency::Call);
        }
        let waiting = |world: &World| (1..=count).any(|sign| world.tags(sign).is_empty());
        let took = world.run_while(Duration::from_secs(600), waiting).unwrap();
        // One that was lost four times running is left alone for a while, so that the others are not.
        prop_assume!(!world.events.iter().any(|(_, event)| matches!(event, BusEvent::Late { .. })));

        let requests: Vec<Request> = (1..=count).flat_map(|sign| requests(sign, baud, page(sign))).collect();
        let exchange = |request: &Request| on_the_wire(request, baud) + THINKS_MAX;
        let patience = requests.iter().map(|request| on_the_wire(request, baud) + TURNAROUND).max().unwrap();
        let timeouts: u64 = (1..=count).map(|sign| world.bus.status(address(sign)).unwrap().timeouts).sum();
        let painted = requests.iter().map(exchange).sum::<Duration>()
            + patience * u32::try_from(timeouts).unwrap();
        let rounds = u32::try_from(painted.as_secs() / POLL_EVERY.as_secs()).unwrap() + 1;
        let polls = exchange(&requests[0]) * u32::from(count) * rounds;
        prop_assert!(took <= painted + polls, "{took:?}, {painted:?} and {polls:?} for polls");
        // And the bound says something: nearly all of it is what had to go over the wire.
        let wire: Duration = requests.iter().map(|request| on_the_wire(request, baud)).sum();
        prop_assert!(timeouts > 0 || painted <= wire + THINKS_MAX * u32::try_from(requests.len()).unwrap());
    }
}
