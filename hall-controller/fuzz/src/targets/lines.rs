//! What comes over a sign's line before or beside its codec: one's own echo, a card whose speed is looked for, and
//! what every emulated display of a maker hears.

use std::time::{Duration, Instant};

use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::Panel;
use hall_signs::codec::onbon::baud::{BaudSearch, Found, RATES};
use hall_signs::codec::onbon::bx5k::{Bx5k, Setup};
use hall_signs::echo::EchoFilter;
use hall_signs::emulator::bx5k::VirtualBx5k;
use hall_signs::emulator::far_end::FarEnd;

use super::vendors::{WORDS, frames, frames_by_model, models};
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

/// The first byte says how many of the next are sent; the rest is heard.
pub(super) struct Echoes;

impl Target for Echoes {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let with =
            |sent: &[u8], heard: &[u8]| [&[u8::try_from(sent.len()).unwrap_or(0)], sent, heard].concat();
        vec![
            with(b"ask", b"askanswer"),
            with(b"ask", b"answer"),
            with(b"ask", b"a?kanswer"),
            with(b"ask", b"a!skanswer"),
            with(&[], b"answer"),
        ]
    }

    fn words(&self) -> &'static [&'static str] {
        &["ask", "a", "k", "answer", "\u{0}", "\u{3}"]
    }

    /// In whatever pieces it comes the same is left; a whole echo is taken out and all after it is left.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Some((count, rest)) = input.split_first() else { return Ok(Refused) };
        let (sent, heard) = rest.split_at(usize::from(*count).min(rest.len()));
        let left = |piece: usize, heard: &[u8]| {
            let mut filter = EchoFilter::default();
            filter.sent(sent);
            let left = heard.chunks(piece.max(1)).flat_map(|bytes| filter.heard(bytes)).collect::<Vec<u8>>();
            (left, filter.spoiled(), filter.missing())
        };
        let whole = left(heard.len(), heard);
        if left(1, heard) != whole {
            return Err(format!("{:?} in bytes, {whole:?} at once", left(1, heard)));
        }
        if whole.0.len() > heard.len() {
            return Err("more is left than was heard".into());
        }
        if left(61, &[sent, heard].concat()) != (heard.to_vec(), 0, 0) {
            return Err("an echo is not taken out, or something after it".into());
        }
        Ok(if whole.0.len() < heard.len() { Accepted } else { Refused })
    }
}

/// What is heard while a card's speed is looked for.
pub(super) struct Speeds;

impl Target for Speeds {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let ping = Bx5k::new(Setup::new(1, 128, 32)).ping();
        let answer = VirtualBx5k::new(1, 128, 32).receive(&ping.bytes);
        frames().into_iter().map(|mut frame| frame.split_off(1)).chain([answer]).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    /// In whatever pieces it comes the same is found; without a card the search ends.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let found = |piece: usize| {
            let mut now = Instant::now();
            let mut search = BaudSearch::new(Setup::new(1, 128, 32));
            for _ in 0..3 * RATES.len() {
                if search.poll_transmit(now).is_some() {
                    input.chunks(piece.max(1)).for_each(|bytes| search.handle_input(bytes));
                }
                now += Duration::from_secs(2);
                search.handle_timeout(now);
            }
            search.found()
        };
        match (found(input.len()), found(1)) {
            (whole, bytes) if whole != bytes => Err(format!("{whole:?} at once, {bytes:?} in bytes")),
            (Found::NotYet, _) => Err("the search does not end".into()),
            (Found::At(rate), _) if !RATES.contains(&rate) => Err(format!("{rate} is none of its speeds")),
            (Found::At(_), _) => Ok(Accepted),
            (Found::Nowhere, _) => Ok(Refused),
        }
    }
}

/// The first byte chooses the maker, the rest is heard by two of its displays.
pub(super) struct FarEnds;

impl Target for FarEnds {
    fn seeds(&self) -> Vec<Vec<u8>> {
        frames_by_model()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    /// In whatever pieces it comes a display shows and answers the same.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Some((first, wire)) = input.split_first() else { return Ok(Refused) };
        let models = models();
        let model = &models[usize::from(*first) % models.len()];
        let panel = Panel::new(64, 16, Depth::RedGreen).map_err(|why| why.to_string())?;
        let signs: Vec<_> = [1, 7]
            .into_iter()
            .filter_map(|number| Some((SignAddress::new(number).ok()?, panel, model.clone())))
            .collect();
        let now = Instant::now();
        let shown = |piece: usize| {
            let mut far = FarEnd::new(&signs, 9_600).ok()?;
            let mut answers: Vec<u8> =
                wire.chunks(piece.max(1)).flat_map(|bytes| far.receive(bytes, now)).collect();
            answers.extend(far.pass_time(now + Duration::from_secs(1)));
            let seen: Vec<_> =
                far.addresses().iter().map(|address| (far.text(*address), far.picture(*address))).collect();
            Some((answers, seen))
        };
        let whole = shown(wire.len()).ok_or("a display that cannot be emulated")?;
        if shown(1).as_ref() != Some(&whole) {
            return Err(format!("{}: another is shown or answered in bytes than at once", model.protocol()));
        }
        Ok(if whole.0.is_empty() { Refused } else { Accepted })
    }
}
