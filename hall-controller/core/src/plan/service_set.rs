//! Sets of services, by their places in the plan.

/// A bit for each service; equal sets are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct ServiceSet(Vec<u64>);

const BITS: usize = u64::BITS as usize;

impl ServiceSet {
    /// Put the service at `place` into it; whether it was not there yet.
    pub(crate) fn insert(&mut self, place: usize) -> bool {
        let (word, bit) = (place / BITS, 1 << (place % BITS));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    pub(crate) fn has(&self, place: usize) -> bool {
        self.0.get(place / BITS).is_some_and(|word| word & (1 << (place % BITS)) != 0)
    }

    /// The places, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(place, word)| {
            (0..BITS).filter(move |bit| word & (1 << bit) != 0).map(move |bit| place * BITS + bit)
        })
    }
}

impl Extend<usize> for ServiceSet {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, places: I) {
        for place in places {
            self.insert(place);
        }
    }
}

impl FromIterator<usize> for ServiceSet {
    fn from_iter<I: IntoIterator<Item = usize>>(places: I) -> Self {
        let mut set = Self::default();
        set.extend(places);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in_in_order() {
        let places = [130, 0, 63, 64, 0, 7];
        let set: ServiceSet = places.into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 7, 63, 64, 130]);
        assert!(places.iter().all(|place| set.has(*place)));
        assert!(![1, 62, 65, 131, 4_000].iter().any(|place| set.has(*place)));
        assert_eq!(set, set.iter().collect(), "however it came about");
    }
}
