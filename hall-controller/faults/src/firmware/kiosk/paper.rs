//! What a kiosk prints, as a citizen reads it, and the memory in which it keeps that it has.

use std::cell::RefCell;
use std::rc::Rc;

use hall_core::time::BusinessDay;
use hall_device::kiosk::receipt::Receipt;
use hall_device::kiosk::{STORE_BYTES, Store};
use hall_device::words;
use hall_protocol::local::LocalDate;
use hall_protocol::number::TicketNumber;

/// The printer's command for the large letters of a number.
const LARGE: &[u8] = b"\x1d!\x22";

/// A slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slip {
    /// There is no number.
    Sentences,
    /// A number of the hall's.
    Ticket { number: TicketNumber },
    /// A number of the kiosk's own, of the day on the slip.
    Own { day: BusinessDay, number: TicketNumber },
}

impl Slip {
    pub(super) fn read(receipt: &Receipt) -> Self {
        let bytes = receipt.bytes();
        let large = bytes.windows(LARGE.len()).position(|window| window == LARGE);
        let number = large.and_then(|at| words_of(&bytes[at + LARGE.len()..]).next()?.parse().ok());
        let Some(number) = number else { return Self::Sentences };
        let own = words::AHEAD_UNKNOWN_EN.as_bytes();
        if !bytes.windows(own.len()).any(|window| window == own) {
            return Self::Ticket { number };
        }
        let day = words_of(bytes).find_map(date).unwrap_or(LocalDate::from_days(0));
        Self::Own { day: BusinessDay::from_days(day.days()), number }
    }
}

/// What stands between spaces and line ends, where that is ASCII.
fn words_of(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes.split(u8::is_ascii_whitespace).filter_map(|word| core::str::from_utf8(word).ok())
}

fn date(word: &str) -> Option<LocalDate> {
    let [year, month, day] = *word.split('-').collect::<Vec<_>>() else { return None };
    LocalDate::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Memory of many bytes that outlives a restart.
#[derive(Debug, Clone)]
pub(super) struct Fram {
    bytes: Rc<RefCell<Vec<u8>>>,
    /// Where the last write was, and what it replaced.
    before: Rc<RefCell<(usize, Vec<u8>)>>,
}

impl Fram {
    pub(super) fn new() -> Self {
        Self { bytes: Rc::new(RefCell::new(vec![0xFF; STORE_BYTES.into()])), before: Rc::default() }
    }

    pub(super) fn erase(&self) {
        self.bytes.borrow_mut().fill(0xFF);
    }

    /// Defective, it had the last write only in a cache.
    pub(super) fn lose_the_last_write(&self) {
        let (at, before) = &*self.before.borrow();
        if let Some(place) = self.bytes.borrow_mut().get_mut(*at..at + before.len()) {
            place.copy_from_slice(before);
        }
    }
}

impl Store for Fram {
    fn read(&mut self, at: u16, bytes: &mut [u8]) -> bool {
        let (at, all) = (usize::from(at), self.bytes.borrow());
        all.get(at..at + bytes.len()).map(|place| bytes.copy_from_slice(place)).is_some()
    }

    fn write(&mut self, at: u16, bytes: &[u8]) -> bool {
        let (at, mut all) = (usize::from(at), self.bytes.borrow_mut());
        let Some(place) = all.get_mut(at..at + bytes.len()) else { return false };
        *self.before.borrow_mut() = (at, place.to_vec());
        place.copy_from_slice(bytes);
        true
    }
}
