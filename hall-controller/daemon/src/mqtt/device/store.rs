//! The memory of a kiosk that is a page: a file with one slot for each number it leased.
//!
//! A slot is written in its place when its number is printed, and is on the disk before the number is
//! shown. That needs no room: the file grows when numbers are leased, while all is well, so that a
//! full disk, which stops the journal, does not stop the kiosk. A slot never crosses a sector's edge;
//! one that a power cut tore is left alone, and its number is not printed again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use hall_core::time::BusinessDay;
use hall_protocol::id::ServiceId;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, HAND_IN_MAX, HandedIn, LeasedNumbers, MATTERS_MAX, UNANSWERED_MAX};
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::devices::Wish;

/// A sector, more than the longest slot.
const SLOT_BYTES: usize = 512;

/// Half a sector: the slots of files from before tickets had further matters. Such a file is kept as it is
/// until its numbers change.
const SHORT_SLOT_BYTES: usize = 256;

/// One leased number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    day: BusinessDay,
    /// The first number of its lease.
    lease: TicketNumber,
    number: TicketNumber,
    service: ServiceId,
    state: State,
}

/// What became of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// To be printed.
    Free,
    /// On paper; the hall does not know it yet.
    Printed {
        /// When, by the hall's clock.
        at_ms: i64,
        class: Class,
        /// Further matters on the same number.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<ServiceId>,
        /// Session and sequence of the take that was not answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unanswered: Option<(u32, u32)>,
    },
    /// In the hall's queue.
    HandedIn,
    /// On paper, and the hall does not take it.
    Refused,
    /// Not to be printed any more: the lease is to be given back.
    Returned,
    /// It could not be written that it is printed, so it was shown to nobody and never will be.
    Spoilt,
}

/// Printed tickets of one day, to be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToHandIn {
    /// The business day on which they were printed.
    pub day: BusinessDay,
    /// In the order of the print; at most [`HAND_IN_MAX`], of which [`UNANSWERED_MAX`] name a take.
    pub tickets: Vec<Paper>,
}

/// A printed ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Its number.
    pub number: TicketNumber,
    /// When it was printed, by the hall's clock.
    pub at_ms: i64,
    /// The citizen's class.
    pub class: Class,
    /// Further matters on the same number.
    pub also: Vec<ServiceId>,
    /// Session and sequence of the take that was not answered, if that is why it was printed.
    pub unanswered: Option<(u32, u32)>,
}

/// A lease that is over for the kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToEnd {
    /// The business day of its numbers.
    pub day: BusinessDay,
    /// The first of them.
    pub first: TicketNumber,
    /// How many of them were never printed.
    pub unused: u16,
}

/// The file and what is in it.
#[derive(Debug)]
pub struct KioskStore {
    path: PathBuf,
    /// Made with the first lease.
    file: Option<File>,
    /// The length of the file's slots.
    slot_bytes: usize,
    /// In the order of the file; `None` is a slot that cannot be read.
    slots: Vec<Option<Slot>>,
}

impl KioskStore {
    /// The store in the file at `path`, empty if there is none.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut store = Self { path: path.to_owned(), file: None, slot_bytes: SLOT_BYTES, slots: Vec::new() };
        let mut file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(store),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        store.file = Some(file);
        // A slot is a line, and a line's end is written each time in its place.
        if bytes.get(SHORT_SLOT_BYTES - 1) == Some(&b'\n') {
            store.slot_bytes = SHORT_SLOT_BYTES;
        }
        let slots = bytes.chunks_exact(store.slot_bytes);
        store.slots = slots.map(|slot| serde_json::from_slice(slot).ok()).collect();
        let torn = store.slots.iter().filter(|slot| slot.is_none()).count();
        if torn > 0 || bytes.len() % store.slot_bytes > 0 {
            warn!(path = %path.display(), torn, "a kiosk's store has slots that cannot be read; they are left alone");
        }
        Ok(store)
    }

    /// Keep the numbers of a lease.
    pub fn keep(&mut self, lease: &LeasedNumbers) -> io::Result<()> {
        let day = BusinessDay::from_days(lease.day);
        let numbers = (0..lease.count).filter_map(|steps| lease.first.after(steps).ok());
        let slot =
            |number| Slot { day, lease: lease.first, number, service: lease.service, state: State::Free };
        let mut slots = self.slots.clone();
        slots.extend(numbers.map(|number| Some(slot(number))));
        self.replace(slots)
    }

    /// Print the next number for what is wished: on the disk when this returns.
    pub fn print(
        &mut self,
        wish: &Wish,
        day: BusinessDay,
        at_ms: i64,
        unanswered: Option<(u32, u32)>,
    ) -> io::Result<Option<TicketNumber>> {
        let Wish { service, class, also } = wish;
        let Some(place) = self.slots.iter().position(|slot| is_free(slot.as_ref(), *service, day)) else {
            return Ok(None);
        };
        let also = also.iter().take(MATTERS_MAX).copied().collect();
        match self.write(place, State::Printed { at_ms, class: *class, also, unanswered }) {
            Ok(()) => Ok(self.slots[place].as_ref().map(|slot| slot.number)),
            Err(error) => {
                if let Some(Some(slot)) = self.slots.get_mut(place) {
                    slot.state = State::Spoilt;
                }
                Err(error)
            }
        }
    }

    /// Numbers of `service` that can be printed on `day`.
    pub fn free(&self, service: ServiceId, day: BusinessDay) -> usize {
        self.slots.iter().filter(|slot| is_free(slot.as_ref(), service, day)).count()
    }

    /// What was printed and not handed in, of the earliest such day, in the order of the print.
    pub fn to_hand_in(&self) -> Option<ToHandIn> {
        let printed = |slot: &Slot| match &slot.state {
            State::Printed { at_ms, class, also, unanswered } => {
                let (number, also) = (slot.number, also.clone());
                let paper = Paper { number, at_ms: *at_ms, class: *class, also, unanswered: *unanswered };
                Some((slot.day, paper))
            }
            _ => None,
        };
        let all: Vec<_> = self.slots.iter().flatten().filter_map(printed).collect();
        let day = all.iter().map(|(day, _)| *day).min()?;
        let mut tickets: Vec<_> =
            all.into_iter().filter(|(of, _)| *of == day).map(|(_, ticket)| ticket).collect();
        tickets.sort_by_key(|paper| (paper.at_ms, paper.number));
        let named = tickets.iter().enumerate().filter(|(_, paper)| paper.unanswered.is_some());
        let too_many = named.map(|(place, _)| place).nth(UNANSWERED_MAX);
        tickets.truncate(too_many.unwrap_or(HAND_IN_MAX).min(HAND_IN_MAX));
        Some(ToHandIn { day, tickets })
    }

    /// The hall has answered a hand-in of `day`.
    pub fn handed_in(&mut self, day: BusinessDay, told: &[HandedIn]) -> io::Result<()> {
        for HandedIn { number, refused } in told {
            let place = self.slots.iter().position(|slot| {
                slot.as_ref().is_some_and(|slot| {
                    slot.day == day && slot.number == *number && matches!(slot.state, State::Printed { .. })
                })
            });
            let Some(place) = place else { continue };
            let state = match refused {
                None => State::HandedIn,
                Some(code) => {
                    warn!(%number, %code, "a ticket printed while the line was down is refused");
                    State::Refused
                }
            };
            self.write(place, state)?;
        }
        Ok(())
    }

    /// Print no more numbers of leases that are `over` by their service and day.
    pub fn stop(&mut self, over: impl Fn(ServiceId, BusinessDay) -> bool) -> io::Result<()> {
        for place in 0..self.slots.len() {
            let slot = self.slots[place].as_ref().filter(|slot| slot.state == State::Free);
            if slot.is_some_and(|slot| over(slot.service, slot.day)) {
                self.write(place, State::Returned)?;
            }
        }
        Ok(())
    }

    /// Whether [`KioskStore::stop`] would find something to stop.
    pub fn can_stop(&self, over: impl Fn(ServiceId, BusinessDay) -> bool) -> bool {
        let free = self.slots.iter().flatten().filter(|slot| slot.state == State::Free);
        free.into_iter().any(|slot| over(slot.service, slot.day))
    }

    /// A lease of which nothing is left to print or to hand in.
    pub fn to_end(&self) -> Option<ToEnd> {
        let open = |slot: &&Slot| matches!(slot.state, State::Free | State::Printed { .. });
        let first = |slot: &Slot| (slot.day, slot.lease);
        let all = || self.slots.iter().flatten();
        let (day, lease) =
            all().map(first).find(|lease| !all().filter(open).any(|slot| first(slot) == *lease))?;
        let returned = |slot: &&Slot| first(slot) == (day, lease) && slot.state == State::Returned;
        let unused = u16::try_from(all().filter(returned).count()).unwrap_or(u16::MAX);
        Some(ToEnd { day, first: lease, unused })
    }

    /// Forget a lease that is over.
    pub fn forget(&mut self, day: BusinessDay, first: TicketNumber) -> io::Result<()> {
        let others = |slot: &Slot| (slot.day, slot.lease) != (day, first);
        let slots = self.slots.iter().filter(|slot| slot.as_ref().is_some_and(others)).cloned().collect();
        self.replace(slots)
    }

    fn write(&mut self, place: usize, state: State) -> io::Result<()> {
        let (Some(Some(slot)), Some(file)) = (self.slots.get_mut(place), &self.file) else { return Ok(()) };
        let slot_after = Slot { state, ..slot.clone() };
        let offset = u64::try_from(place * self.slot_bytes).map_err(io::Error::other)?;
        file.write_all_at(&bytes(Some(&slot_after), self.slot_bytes)?, offset)?;
        file.sync_data()?;
        *slot = slot_after;
        Ok(())
    }

    /// Another file in the place of this one, so that a crash leaves one of the two.
    fn replace(&mut self, slots: Vec<Option<Slot>>) -> io::Result<()> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory)?;
        let new = self.path.with_extension("new");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&new)?;
        let mut all = Vec::with_capacity(slots.len() * SLOT_BYTES);
        for slot in &slots {
            all.extend(bytes(slot.as_ref(), SLOT_BYTES)?);
        }
        file.write_all_at(&all, 0)?;
        file.sync_all()?;
        std::fs::rename(&new, &self.path)?;
        File::open(directory)?.sync_all()?;
        (self.file, self.slot_bytes, self.slots) = (Some(file), SLOT_BYTES, slots);
        Ok(())
    }
}

fn is_free(slot: Option<&Slot>, service: ServiceId, day: BusinessDay) -> bool {
    slot.is_some_and(|slot| slot.state == State::Free && slot.service == service && slot.day == day)
}

/// A slot as it stands in the file: JSON filled up with spaces to a line.
fn bytes(slot: Option<&Slot>, slot_bytes: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![b' '; slot_bytes];
    if let Some((end, room)) = bytes.split_last_mut() {
        *end = b'\n';
        let mut room = room;
        if let Some(slot) = slot {
            serde_json::to_writer(&mut room, slot)?;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
