//! The speed of a line that is not configured: Onbon's cards are asked at each of theirs, and the one at
//! which one answers is kept.
//!
//! Sans-IO, like the line it comes before: nothing else is said on the line until it is found.

use std::time::Instant;

use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::baud::{BaudSearch, Found, RATES};
use hall_signs::codec::onbon::bx5k;

use crate::wall::Speed;

/// Looks for a line's speed.
#[derive(Debug)]
pub(super) struct SpeedSearch {
    /// Those who can be asked, one after another: one may be without power.
    cards: Vec<bx5k::Setup>,
    turn: usize,
    under_way: Option<BaudSearch>,
    found: Option<u32>,
}

/// What came of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// A card answered at this speed, in bits a second.
    Found(u32),
    /// The card that was asked answered at none; the next one is being asked.
    Nothing,
}

impl SpeedSearch {
    /// A search for the cards of a line, not begun.
    pub(super) fn new<'m>(models: impl Iterator<Item = &'m Model>) -> Self {
        let card = |model: &Model| match model {
            Model::OnbonBx5k(setup) => Some(setup.clone()),
            _ => None,
        };
        Self { cards: models.filter_map(card).collect(), turn: 0, under_way: None, found: None }
    }

    /// Look for it, whatever was found before.
    pub(super) fn begin(&mut self) {
        self.found = None;
        let card = self.cards.get(self.turn % self.cards.len().max(1));
        self.under_way = card.map(|card| BaudSearch::new(card.clone()));
    }

    /// Whether it is under way.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// What is known.
    pub(super) fn speed(&self) -> Speed {
        self.found.map_or(Speed::Looking, Speed::Found)
    }

    /// Set the port to this speed and send these bytes, now.
    pub(super) fn poll_transmit(&mut self, now: Instant) -> Option<(u32, Vec<u8>)> {
        self.under_way.as_mut()?.poll_transmit(now)
    }

    /// When [`SpeedSearch::handle_timeout`] is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.under_way.as_ref()?.poll_timeout()
    }

    /// Time has passed.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<Came> {
        self.under_way.as_mut()?.handle_timeout(now);
        self.came()
    }

    /// Bytes have come in.
    pub(super) fn handle_input(&mut self, bytes: &[u8]) -> Option<Came> {
        self.under_way.as_mut()?.handle_input(bytes);
        self.came()
    }

    fn came(&mut self) -> Option<Came> {
        match self.under_way.as_ref()?.found() {
            Found::NotYet => None,
            Found::At(rate) => {
                self.under_way = None;
                self.found = Some(rate);
                Some(Came::Found(rate))
            }
            Found::Nowhere => {
                self.turn += 1;
                self.begin();
                Some(Came::Nothing)
            }
        }
    }
}

/// What a technician is told when no card answers.
pub(super) fn nobody_answers() -> String {
    let [first, second] = RATES;
    format!("no card answers at {first} or {second} baud; have they power, and is the line wired to them?")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hall_signs::emulator::bx5k::VirtualBx5k;

    use super::*;

    fn card(address: u16) -> Model {
        Model::OnbonBx5k(bx5k::Setup::new(address, 128, 32))
    }

    #[test]
    fn the_next_card_is_asked_when_the_first_one_has_no_power() {
        let models = [card(1), card(2)];
        let mut search = SpeedSearch::new(models.iter());
        let mut second = VirtualBx5k::new(2, 128, 32);
        let start = Instant::now();
        let (mut now, mut nothing) = (start, 0);
        assert!(!search.is_under_way());
        search.begin();
        let found = loop {
            let came = match search.poll_transmit(now) {
                Some((57_600, bytes)) => search.handle_input(&second.receive(&bytes)),
                Some(_) => None,
                None => {
                    now = search.poll_timeout().unwrap();
                    search.handle_timeout(now)
                }
            };
            match came {
                Some(Came::Found(rate)) => break rate,
                Some(Came::Nothing) => nothing += 1,
                None => {}
            }
        };
        assert_eq!((found, nothing, search.speed()), (57_600, 1, Speed::Found(57_600)));
        // Two seconds at each speed, twice for the first card.
        assert_eq!(now - start, Duration::from_secs(8 + 2));
        assert!(!search.is_under_way());
        search.begin();
        assert_eq!(search.speed(), Speed::Looking);
    }
}
