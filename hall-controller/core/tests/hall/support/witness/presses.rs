//! What the witness asks of single presses: done once, in time, refused with words, and never so
//! soon after a call that somebody is skipped.

use hall_core::Decision;
use hall_core::answer::Answer;
use hall_core::command::Command;
use hall_core::event::{Cause, Device, Event, PressId, Stamped};
use hall_core::refusal::{Language, Refusal};
use hall_protocol::id::WindowId;
use hall_protocol::payload::Key;

use super::super::GUARD_MS;
use super::{Fault, Heard, JustCalled, Moment, Witness};

impl Witness {
    /// A command was decided; its events come next.
    pub(super) fn heard_of(
        &mut self,
        command: &Command,
        decision: &Result<Decision, Refusal>,
        moment: Moment,
    ) {
        self.hand_in_decided(command);
        let refusals: Vec<&Refusal> = match decision {
            Err(refusal) | Ok(Decision { answer: Some(Answer::Refused(refusal)), .. }) => vec![refusal],
            Ok(Decision { answer: Some(Answer::HandedIn { tickets }), .. }) => {
                tickets.iter().filter_map(|ticket| ticket.refused.as_ref()).collect()
            }
            Ok(_) => Vec::new(),
        };
        for refusal in &refusals {
            self.refusals.push(refusal.code());
            if !has_words(refusal) {
                self.complain(Fault::RefusedWithoutWords, format!("{refusal:?}"));
            }
        }
        if let Ok(Decision { answer: Some(Answer::Refused(_)), events, repeated: false }) = decision {
            let done = events.iter().filter(|stamped| caused_by_a_press(stamped));
            if !done.clone().all(|stamped| matches!(stamped.event, Event::Refused { .. }))
                || done.count() != 1
            {
                self.complain(Fault::RefusedAndDone, format!("{events:?}"));
            }
        }
        if let Ok(decision) = decision {
            self.sent_away(command, decision, refusals.first().copied(), moment);
        }
        if let Command::Key { press, key: Key::Next | Key::Pick, .. } = command
            && let Device::Pad(window) = press.device
        {
            self.guard(window, decision, moment);
        }
        if let Command::Key { press, age_ms, .. }
        | Command::Take { press, age_ms, .. }
        | Command::CheckIn { press, age_ms, .. }
        | Command::Return { press, age_ms, .. }
        | Command::Cancel { press, age_ms, .. }
        | Command::Lease { press, age_ms, .. }
        | Command::HandIn { press, age_ms, .. }
        | Command::EndLease { press, age_ms, .. } = command
        {
            self.once(*press, *age_ms, decision);
        }
    }

    fn guard(&mut self, window: WindowId, decision: &Result<Decision, Refusal>, moment: Moment) {
        let Ok(Decision { answer: Some(answer), repeated: false, .. }) = decision else { return };
        let refused = matches!(answer, Answer::Refused(Refusal::JustCalled { .. }));
        let real_ms = moment.real_ms;
        let fault = match (self.just_called.get_mut(&window), refused) {
            (None, true) => Some(Fault::KeptWaiting),
            (Some(JustCalled::At(called)), true) if real_ms - *called >= GUARD_MS => Some(Fault::KeptWaiting),
            (Some(JustCalled::BeforeAJump { refused_since }), true) => {
                let since = *refused_since.get_or_insert(real_ms);
                (real_ms - since >= GUARD_MS).then_some(Fault::KeptWaiting)
            }
            (Some(JustCalled::At(called)), false) => {
                let done = matches!(answer, Answer::Window { .. });
                (done && real_ms - *called < GUARD_MS).then_some(Fault::Skipped)
            }
            _ => None,
        };
        if let Some(fault) = fault {
            self.complain(fault, format!("window {window} at {moment:?}"));
        }
    }

    fn once(&mut self, press: PressId, age_ms: u32, decision: &Result<Decision, Refusal>) {
        let heard = self.heard.get(&press.device).cloned();
        let heard = heard.as_ref();
        let last = heard.map(|heard| heard.last);
        let left_last = heard.and_then(|heard| heard.left.iter().find(|(of, _)| *of == press));
        let again = heard.filter(|heard| heard.last == press).map(|heard| &heard.answer);
        let again = again.or(left_last.map(|(_, answer)| answer));
        let over = heard.is_some_and(|heard| heard.left.iter().any(|(of, _)| of.session == press.session))
            || last.is_some_and(|last| last.session == press.session && last.seq > press.seq);
        let mut left = heard.map(|heard| heard.left.clone()).unwrap_or_default();
        match decision {
            Ok(decision) if again.is_some() => {
                let same = decision.answer.as_ref() == again;
                if !same || !decision.repeated || decision.events.iter().any(caused_by_a_press) {
                    self.complain(Fault::DoneTwice, format!("{press}: {decision:?}"));
                }
            }
            Err(refusal) if again.is_some() => {
                self.complain(Fault::DoneTwice, format!("{press} had an answer, now {refusal:?}"));
            }
            Ok(_) if over => self.complain(Fault::DoneTwice, format!("{press}, long after {last:?}")),
            Ok(decision) => {
                if decision.repeated {
                    self.complain(Fault::DoneTwice, format!("{press} was never heard, but is repeated"));
                }
                if age_ms > 10_000 {
                    self.complain(Fault::DoneLate, format!("{press} is {age_ms} ms old"));
                }
                let answer = decision.answer.clone().expect("a press is answered");
                left.extend(heard.filter(|heard| heard.last.session != press.session).map(Heard::last));
                let kept = left.split_off(left.len().saturating_sub(32));
                self.heard.insert(press.device, Heard { last: press, answer, left: kept });
            }
            Err(_) => {}
        }
    }
}

fn has_words(refusal: &Refusal) -> bool {
    let code = refusal.code();
    let sentences = [Language::Zh, Language::En].map(|language| refusal.sentence(None, language));
    (1..=24).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && sentences.iter().all(|sentence| (1..=144).contains(&sentence.len()))
        && !sentences[0].is_ascii()
        && sentences[1].is_ascii()
}

fn caused_by_a_press(stamped: &Stamped) -> bool {
    matches!(stamped.cause, Cause::Press(_))
}
