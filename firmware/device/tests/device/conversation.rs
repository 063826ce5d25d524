//! Whatever the network does and however often the device starts anew, no question is done twice, and none
//! that was answered was not done.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use hall_device::conversation::{Conversation, Heard, Kept, Memory, PATIENCE_MS, Say};
use proptest::prelude::*;

/// Flash that survives its device.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flash {
    kept: Rc<RefCell<Option<Kept>>>,
    pub(crate) worn_out: bool,
}

impl Memory for Flash {
    fn load(&mut self) -> Option<Kept> {
        *self.kept.borrow()
    }

    fn store(&mut self, kept: Kept) -> bool {
        if !self.worn_out {
            *self.kept.borrow_mut() = Some(kept);
        }
        !self.worn_out
    }
}

type Asking = Conversation<u32, Flash>;

fn asked(conversation: &mut Asking, question: u32, now_ms: u64) -> Say<u32> {
    assert!(conversation.ask(question, now_ms));
    conversation.say(now_ms).unwrap()
}

#[test]
fn a_question_is_repeated_with_its_true_age_until_it_is_answered() {
    let mut conversation = Asking::new(Flash::default(), 77);
    let first = asked(&mut conversation, 5, 1_000);
    assert_eq!(first, Say { session: 77, seq: 1, age_ms: 0, question: 5 });
    assert_eq!(conversation.say(1_699), None);
    assert_eq!(conversation.say(1_700), Some(Say { age_ms: 700, ..first.clone() }));
    assert_eq!(conversation.say(2_400), Some(Say { age_ms: 1_400, ..first }));
    assert!(!conversation.ask(6, 2_500), "one at a time");
    assert_eq!(conversation.hear(Some(77), Some(2), false, 2_600), Heard::NotOurs);
    assert_eq!(conversation.hear(None, None, false, 2_600), Heard::NotOurs);
    assert_eq!(conversation.hear(Some(77), Some(1), false, 2_600), Heard::Answer);
    assert_eq!(conversation.hear(Some(77), Some(1), false, 2_700), Heard::NotOurs, "it came twice");
    assert_eq!(conversation.say(9_000), None);
    assert_eq!(asked(&mut conversation, 6, 9_000).seq, 2);
}

#[test]
fn a_question_is_given_up_once_when_nobody_waits_any_more() {
    let mut conversation = Asking::new(Flash::default(), 1);
    asked(&mut conversation, 5, 100);
    assert_eq!(conversation.give_up(100 + PATIENCE_MS - 1), None);
    assert_eq!(conversation.give_up(100 + PATIENCE_MS), Some(5));
    assert_eq!(conversation.give_up(100 + PATIENCE_MS), None);
    assert_eq!(conversation.say(100 + PATIENCE_MS), None);
}

#[test]
fn a_session_that_is_over_is_followed_by_another_once() {
    let mut conversation = Asking::new(Flash::default(), 1);
    let first = asked(&mut conversation, 5, 0);
    assert_eq!(conversation.hear(Some(1), Some(1), true, 50), Heard::AskedAgain);
    let second = conversation.say(50).unwrap();
    assert_ne!(second.session, first.session);
    assert_eq!((second.seq, second.age_ms, second.question), (1, 50, 5));
    // Another device that speaks all the time must not make this one ask for ever.
    assert_eq!(conversation.hear(Some(second.session), Some(1), true, 90), Heard::Answer);
}

#[test]
fn what_is_kept_is_whole_or_nothing() {
    let kept = Kept { session: 0x1234_5678, reserved: 64 };
    let bytes = kept.to_bytes();
    assert_eq!(Kept::from_bytes(bytes), Some(kept));
    assert_eq!(Kept::from_bytes([0xFF; 12]), None, "flash that was erased");
    assert_eq!(Kept::from_bytes([0; 12]), None);
    for bit in 0..96 {
        let mut torn = bytes;
        torn[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Kept::from_bytes(torn), None, "bit {bit}");
    }
}

#[test]
fn a_memory_that_is_worn_out_costs_no_question_its_own_number() {
    let flash = Flash::default();
    let mut numbers = vec![];
    for start in 0..6 {
        let worn_out = Flash { worn_out: start > 1, ..flash.clone() };
        let mut conversation = Asking::new(worn_out, 9);
        // Nobody presses at the same millisecond after each start.
        let pressed_ms = 2_000 + start * 137;
        for question in 0..100 {
            let say = asked(&mut conversation, question, pressed_ms);
            numbers.push((say.session, say.seq));
            assert_eq!(conversation.hear(Some(say.session), Some(say.seq), false, 0), Heard::Answer);
        }
    }
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
}

/// Does each question once, as the hall does.
#[derive(Default)]
struct Controller {
    /// The last question of each session, and whether the session is over.
    sessions: BTreeMap<u32, (u32, bool)>,
    now: Option<u32>,
    done: BTreeMap<u32, u32>,
}

impl Controller {
    /// The answer: whether it says that the session is over.
    fn take(&mut self, say: &Say<u32>) -> bool {
        let known = self.sessions.get(&say.session).copied();
        match known {
            Some((seq, _)) if seq == say.seq => false,
            Some((_, true)) => true,
            Some((seq, false)) if seq > say.seq => true,
            Some(_) | None => {
                if let Some(before) = self.now.replace(say.session).filter(|before| *before != say.session) {
                    self.sessions.entry(before).and_modify(|(_, over)| *over = true);
                }
                self.sessions.insert(say.session, (say.seq, false));
                *self.done.entry(say.question).or_default() += 1;
                false
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Act {
    Ask,
    Wait(u64),
    Restart,
    /// Another device of the same window asks.
    Other,
}

proptest! {
    #[test]
    fn over_a_bad_network_and_restarts_a_question_is_done_once_at_most_and_if_answered_once(
        acts in prop::collection::vec(prop_oneof![
            5 => Just(Act::Ask), 5 => (0_u64..3_000).prop_map(Act::Wait), 1 => Just(Act::Restart),
            1 => Just(Act::Other),
        ], 1..80),
        mut fate in prop::collection::vec(any::<u8>(), 400),
    ) {
        let flash = Flash::default();
        let mut conversation = Asking::new(flash.clone(), 1);
        let mut controller = Controller::default();
        let (mut now_ms, mut question, mut other) = (0, 0, 1_000_000);
        let mut late: Vec<Say<u32>> = vec![];
        for act in acts {
            match act {
                Act::Ask => {
                    question += 1;
                    conversation.ask(question, now_ms);
                }
                Act::Wait(ms) => now_ms += ms,
                Act::Restart => conversation = Asking::new(flash.clone(), 1),
                Act::Other => {
                    other += 1;
                    controller.take(&Say { session: other, seq: 1, age_ms: 0, question: other });
                }
            }
            conversation.give_up(now_ms);
            let mut arriving = vec![];
            match (conversation.say(now_ms), fate.pop().unwrap_or(0) % 4) {
                (Some(_), 0) | (None, _) => {}
                (Some(say), 1) => late.push(say),
                (Some(say), 2) => arriving.extend([say.clone(), say]),
                (Some(say), _) => arriving.push(say),
            }
            if fate.pop().unwrap_or(0) % 4 == 0 {
                arriving.append(&mut late);
            }
            for say in arriving {
                let over = controller.take(&say);
                let answer_lost = fate.pop().unwrap_or(0) % 3 == 0;
                if answer_lost {
                    continue;
                }
                if conversation.hear(Some(say.session), Some(say.seq), over, now_ms) == Heard::Answer && !over {
                    prop_assert_eq!(controller.done.get(&say.question), Some(&1));
                }
            }
            prop_assert!(controller.done.values().all(|times| *times == 1), "done twice");
        }
    }
}
