//! How soon a page is shown: not a millisecond later than the bytes, the answers to them, the signs' thinking
//! and what was lost take, with nothing sent that need not be; and in a fair order.
//!
//! The time is held against the run's own account: what was sent, what came back, how long a sign thought, and for
//! each request without an answer the patience that section 8 of the protocol's document allows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hall_protocol::sign::{Depth, FrameReader};
use hall_signs::Panel;
use hall_signs::bus::{Bus, BusEvent, SignSetup, Urgency};
use hall_signs::codec::Request;
use hall_signs::codec::model::Model;
use hall_signs::emulator::{VirtualLine, VirtualSign};
use hall_signs::words::{Showing, Words};
use proptest::prelude::*;

use crate::world::{Exchange, Faults, World, address, panel, picture};

/// A reply may be so long: a Status.
const REPLY_BYTES_MAX: usize = 21;

/// What the host allows a sign beyond the time of the bytes.
const TURNAROUND: Duration = Duration::from_millis(50);

/// A sign that shows its page is asked how it is this often.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// A sign has so many requests in a row at most while others wait.
const TURN_MAX: usize = 4;

const POLL: u8 = 5;

/// Address and kind of a request.
fn asked(request: &[u8]) -> (u8, u8) {
    let mut reader = Box::new(FrameReader::<4_096>::new());
    let frames = request.iter().filter_map(|byte| match reader.push(*byte) {
        Some(Ok(frame)) => Some((frame.header.address, frame.header.kind)),
        _ => None,
    });
    frames.last().unwrap()
}

/// Everything a sign is asked until it shows a page of which it has nothing yet.
fn requests(panel: Panel, number: u8, baud: u32, seed: u64) -> Vec<Request> {
    let mut codec = Model::Native.codec(SignSetup { address: address(number), panel }, baud);
    let page = Showing { frame: picture(panel, seed), words: Words::dark(), blink: None, say: None };
    let identify = codec.identify().unwrap();
    let identify = codec.numbered(&identify);
    // The answer says how much the sign takes at once.
    let mut sign = VirtualLine::new(vec![VirtualSign::new(address(number), panel)]);
    codec.read(&sign.receive(&identify.bytes, Instant::now()), Some(&identify));
    let mut all = vec![identify];
    all.extend(codec.set_up());
    all.extend(codec.show(None, &page, 0).unwrap());
    all
}

/// A line on which every sign waits for a page from the start, until all of them have it.
struct Run {
    world: World,
    panel: Panel,
    count: u8,
    baud: u32,
    seed: u64,
    took: Duration,
}

impl Run {
    fn new(baud: u32, count: u8, panel: Panel, seed: u64) -> Self {
        let world = World::new(baud, count, panel, seed);
        Self { world, panel, count, baud, seed, took: Duration::ZERO }
    }

    fn page(&self, sign: u8) -> u64 {
        self.seed.wrapping_add(u64::from(sign))
    }

    fn until_all_shown(&mut self, urgency: impl Fn(u8) -> Urgency) {
        for sign in 1..=self.count {
            let page = picture(self.panel, self.page(sign));
            self.world.show(sign, &page, 1, urgency(sign));
        }
        let count = self.count;
        let waiting = |world: &World| (1..=count).any(|sign| world.tags(sign).is_empty());
        self.took = self.world.run_while(Duration::from_secs(3_600), waiting).unwrap();
    }

    /// One that was lost four times running is left alone for a while, so that the others are not.
    fn has_given_up(&self) -> bool {
        self.world.events.iter().any(|(_, event)| matches!(event, BusEvent::Late { .. }))
    }

    /// No time is lost: between two requests there is the first one's answer, or the patience it has.
    fn never_idle(&self) -> Result<(), String> {
        let world = &self.world;
        let time = |exchange: &Exchange| match &exchange.answer {
            Some((answer, thought)) => {
                world.wire_of(exchange.request.len()) + *thought + world.wire_of(answer.len())
            }
            None => world.wire_of(exchange.request.len() + REPLY_BYTES_MAX) + TURNAROUND,
        };
        let accounted: Duration = world.exchanges.iter().map(time).sum();
        let lost = world.exchanges.iter().filter(|exchange| exchange.answer.is_none()).count();
        if self.took <= accounted {
            return Ok(());
        }
        let sent = world.exchanges.len();
        Err(format!("took {:?}, {accounted:?} for {sent} requests, {lost} of them lost", self.took))
    }

    /// Nothing is sent that need not be: what a new picture takes, once again what was lost, and polls.
    fn nothing_too_much(&self) -> Result<(), String> {
        let mut polls = 0;
        let mut done: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
        for Exchange { request, answer } in &self.world.exchanges {
            let (to, kind) = asked(request);
            if kind == POLL {
                polls += 1;
            } else if answer.is_some() {
                let (count, bytes) = done.entry(to).or_default();
                (*count, *bytes) = (*count + 1, *bytes + request.len());
            }
        }
        let mut polls_max = 0;
        for sign in 1..=self.count {
            let needed = requests(self.panel, sign, self.baud, self.page(sign));
            let needed_bytes: usize = needed.iter().map(|request| request.bytes.len()).sum();
            let (count, bytes) = done.get(&sign).copied().unwrap_or_default();
            // Another number in a frame may take a byte more of coding.
            if count > needed.len() || bytes > needed_bytes + count {
                return Err(format!(
                    "sign {sign} was asked {count} things in {bytes} bytes, {} in {needed_bytes} are enough",
                    needed.len()
                ));
            }
            let is_shown = |event: &BusEvent| matches!(event, BusEvent::Shown { address: of, .. } if *of == address(sign));
            let shown_at = self.world.events.iter().find(|(_, event)| is_shown(event)).unwrap().0;
            polls_max += self.took.saturating_sub(shown_at).as_secs() / POLL_EVERY.as_secs();
        }
        let timeouts: u64 =
            (1..=self.count).map(|sign| self.world.bus.status(address(sign)).unwrap().timeouts).sum();
        let lost = self.world.exchanges.iter().filter(|exchange| exchange.answer.is_none()).count() as u64;
        if polls > polls_max || timeouts > lost {
            return Err(format!("{polls} polls, at most {polls_max}; {timeouts} time-outs of {lost} lost"));
        }
        Ok(())
    }

    /// Of the signs that still wait none is further than a turn before another.
    fn fair(&self) -> Result<(), String> {
        let mut left: BTreeMap<u8, usize> = (1..=self.count)
            .map(|sign| (sign, requests(self.panel, sign, self.baud, self.page(sign)).len()))
            .collect();
        let mut done: BTreeMap<u8, usize> = left.keys().map(|sign| (*sign, 0)).collect();
        for Exchange { request, answer } in &self.world.exchanges {
            let (to, kind) = asked(request);
            if answer.is_none() || kind == POLL || !left.contains_key(&to) {
                continue;
            }
            *done.entry(to).or_default() += 1;
            if let Some(more) = left.get_mut(&to) {
                *more -= 1;
                if *more == 0 {
                    left.remove(&to);
                    done.remove(&to);
                }
            }
            let (least, most) = (done.values().min(), done.values().max());
            if let Some((least, most)) = least.zip(most)
                && most - least > TURN_MAX
            {
                return Err(format!("one waiting sign had {most} answers when another had {least}"));
            }
        }
        Ok(())
    }

    fn all(&self) -> Result<(), String> {
        self.never_idle()?;
        self.nothing_too_much()?;
        self.fair()
    }
}

/// A sign that takes more requests than one turn has.
fn large() -> Panel {
    Panel::new(128, 32, Depth::RedGreen).unwrap()
}

fn panels() -> impl Strategy<Value = Panel> {
    prop::sample::select(vec![panel(), large()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_sign_reaches_its_page_within_the_time_that_its_bytes_and_what_was_lost_take(
        seed: u64, count in 1_u8..=32, panel in panels(),
        baud in prop::sample::select(vec![9_600, 19_200, 57_600, 115_200]),
        lost in 0_u64..5, noisy in 0_u64..20,
    ) {
        let mut run = Run::new(baud, count, panel, seed);
        run.world.faults = Faults { lost, noisy, ..Faults::default() };
        run.until_all_shown(|_| Urgency::Call);
        prop_assume!(!run.has_given_up());
        if let Err(why) = run.all() {
            return Err(TestCaseError::fail(why));
        }
        // And the bound says something: without a loss, nearly all of it is what had to go over the wire.
        let sent = run.world.exchanges.len();
        let thought: Duration = run.world.exchanges.iter().filter_map(|one| Some(one.answer.as_ref()?.1)).sum();
        let lost = run.world.exchanges.iter().any(|one| one.answer.is_none());
        prop_assert!(lost || run.took <= run.world.wire_time() + thought + Duration::from_micros(2 * sent as u64));
    }
}

/// Slowness is planted in the line, and the account above does not add up.
#[test]
fn a_host_that_wastes_time_is_found_out() {
    let run = |change: fn(&mut Run), urgency: fn(u8) -> Urgency| {
        let mut run = Run::new(19_200, 8, large(), 3);
        run.world.faults = Faults { lost: 3, ..Faults::default() };
        change(&mut run);
        run.until_all_shown(urgency);
        assert!(!run.has_given_up() && run.world.exchanges.iter().any(|one| one.answer.is_none()));
        run.all()
    };
    let call = |_| Urgency::Call;
    assert_eq!(run(|_| {}, call), Ok(()));

    let patient = |run: &mut Run| {
        let setups = (1..=8).map(|sign| SignSetup { address: address(sign), panel: large() });
        run.world.bus = Bus::new(19_200, setups.collect(), run.world.now).on_line(10, TURNAROUND);
        run.world.bus.link_up(run.world.now);
    };
    let why = run(patient, call).unwrap_err();
    assert!(why.starts_with("took"), "twice the patience: {why}");
    let why = run(|run| run.world.faults.dawdles = Duration::from_millis(1), call).unwrap_err();
    assert!(why.starts_with("took"), "a millisecond a request: {why}");
    let unfair = |sign| if sign == 1 { Urgency::Call } else { Urgency::Idle };
    let why = run(|_| {}, unfair).unwrap_err();
    assert!(why.starts_with("one waiting sign"), "{why}");
    // A line that is twice as slow as it is taken for.
    let why = run(|run| run.world.bus.set_baud(9_600), call).unwrap_err();
    assert!(why.starts_with("took") || why.contains("are enough"), "{why}");
}
