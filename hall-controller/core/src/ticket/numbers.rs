//! Which ticket has which number today: a list for each prefix, since numbers are given one after the
//! other. A million take 4 to 8 bytes each; a tree of them took 22.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use hall_protocol::number::{Digits, Prefix, TicketNumber};
use serde::{Deserialize, Serialize};

/// Places in the list of tickets, by number. Written as the map it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<TicketNumber, u32>", into = "BTreeMap<TicketNumber, u32>")]
pub(super) struct Numbers {
    /// By the count behind the letters; one more than the place, so that none takes no room. Numbers
    /// leased from the end make a list as long as its letters have numbers, which is 40 kB at most.
    by_letters: BTreeMap<(Prefix, Digits), Vec<Option<NonZeroU32>>>,
}

impl Numbers {
    /// None.
    pub(super) const fn new() -> Self {
        Self { by_letters: BTreeMap::new() }
    }

    /// The place of the ticket with this number.
    pub(super) fn get(&self, number: TicketNumber) -> Option<u32> {
        let places = self.by_letters.get(&(number.prefix(), number.digits()))?;
        places.get(usize::from(number.value())).copied().flatten().map(|place| place.get() - 1)
    }

    /// The ticket at this place has this number now. Beyond four thousand million tickets of a day a
    /// number finds nobody.
    pub(super) fn insert(&mut self, number: TicketNumber, place: usize) {
        let places = self.by_letters.entry((number.prefix(), number.digits())).or_default();
        let value = usize::from(number.value());
        if places.len() <= value {
            places.resize(value + 1, None);
        }
        places[value] = u32::try_from(place).ok().and_then(|place| NonZeroU32::MIN.checked_add(place));
    }
}

impl FromIterator<(TicketNumber, usize)> for Numbers {
    fn from_iter<I: IntoIterator<Item = (TicketNumber, usize)>>(numbered: I) -> Self {
        let mut numbers = Self::new();
        numbered.into_iter().for_each(|(number, place)| numbers.insert(number, place));
        numbers
    }
}

impl From<BTreeMap<TicketNumber, u32>> for Numbers {
    fn from(written: BTreeMap<TicketNumber, u32>) -> Self {
        let place = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
        written.into_iter().map(|(number, at)| (number, place(at))).collect()
    }
}

impl From<Numbers> for BTreeMap<TicketNumber, u32> {
    fn from(numbers: Numbers) -> Self {
        let of_letters = |((prefix, digits), places): ((Prefix, Digits), Vec<Option<NonZeroU32>>)| {
            (0..).zip(places).filter_map(move |(value, place)| {
                Some((TicketNumber::new(prefix, value, digits).ok()?, place?.get() - 1))
            })
        };
        numbers.by_letters.into_iter().flat_map(of_letters).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_and_written_as_a_map() {
        let number = |text: &str| text.parse::<TicketNumber>().unwrap();
        let given = ["A001", "A002", "A980", "A0001", "SB9999"];
        let numbers: Numbers = given.into_iter().map(number).zip(0..).collect();
        for (place, text) in (0..).zip(given) {
            assert_eq!(numbers.get(number(text)), Some(place), "{text}");
        }
        for absent in ["A003", "A981", "B001", "A0002"] {
            assert_eq!(numbers.get(number(absent)), None, "{absent}");
        }
        let map: BTreeMap<TicketNumber, u32> = given.into_iter().map(number).zip(0..).collect();
        let written = serde_json::to_string(&numbers).unwrap();
        assert_eq!(written, serde_json::to_string(&map).unwrap());
        assert_eq!(serde_json::from_str::<Numbers>(&written).unwrap(), numbers);
    }
}
