//! A lease as it is kept where a power cut does not reach: two copies of each, written in turn, so that one
//! that was torn leaves the one before. A number is printed when its copy is written, not before.

use core::fmt::Write;

use hall_protocol::id::ServiceId;
use hall_protocol::local::LocalDate;
use hall_protocol::sign::PictureId;
use heapless::{String, Vec};

use super::leases::{Lease, NUMBERS_MAX, PLACES};

/// A memory of many bytes that outlives a power cut and does not wear out, such as ferroelectric memory.
pub trait Store {
    /// Read from a place on; `false` when that failed.
    #[must_use]
    fn read(&mut self, at: u16, bytes: &mut [u8]) -> bool;

    /// Write from a place on; `false` when that failed. What was written is kept when this returns.
    #[must_use]
    fn write(&mut self, at: u16, bytes: &[u8]) -> bool;
}

/// How many bytes of a [`Store`] a kiosk uses, from its first on.
pub const STORE_BYTES: u16 = COPY_BYTES * 2 * PLACES;

/// Room for one copy.
const COPY_BYTES: u16 = 256;

/// The places of a record's parts.
mod field {
    use core::ops::Range;

    pub(super) const GENERATION: Range<usize> = 0..4;
    pub(super) const SERVICE: Range<usize> = 4..20;
    pub(super) const FIRST: Range<usize> = 20..28;
    pub(super) const DAY: Range<usize> = 28..32;
    /// How many numbers there are; none is no lease.
    pub(super) const COUNT: usize = 32;
    pub(super) const PRINTED: usize = 33;
    pub(super) const TOLD: usize = 34;
    pub(super) const STOPPED: usize = 35;
    /// When each number was printed.
    pub(super) const TIMES: usize = 36;
    pub(super) const SUM: Range<usize> = super::RECORD_BYTES - 4..super::RECORD_BYTES;
}

const TIME_BYTES: usize = 8;

const RECORD_BYTES: usize = field::TIMES + NUMBERS_MAX * TIME_BYTES + 4;
const _: () = assert!(RECORD_BYTES <= COPY_BYTES as usize);

/// A place for one lease, and how often it was written.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) generation: u32,
    pub(super) lease: Option<Lease>,
}

/// What stands at one place: the later of its copies that are whole.
pub(super) fn load(store: &mut impl Store, place: u16) -> Place {
    let mut found = Place { generation: 0, lease: None };
    for copy in 0..2 {
        let mut bytes = [0; RECORD_BYTES];
        if store.read(at(place, copy), &mut bytes)
            && let Some(read) = decoded(&bytes)
            && read.generation > found.generation
        {
            found = read;
        }
    }
    found
}

/// Write what is to stand at one place; whether it does.
pub(super) fn save(store: &mut impl Store, place: u16, what: &Place) -> bool {
    store.write(at(place, what.generation % 2), &encoded(what))
}

fn at(place: u16, copy: u32) -> u16 {
    place * 2 * COPY_BYTES + if copy == 0 { 0 } else { COPY_BYTES }
}

fn encoded(place: &Place) -> [u8; RECORD_BYTES] {
    let mut bytes = [0; RECORD_BYTES];
    bytes[field::GENERATION].copy_from_slice(&place.generation.to_be_bytes());
    if let Some(lease) = &place.lease {
        put(&mut bytes[field::SERVICE], lease.service.as_str());
        let mut first = String::<8>::new();
        // The longest number is shorter.
        let _ = write!(first, "{}", lease.first);
        put(&mut bytes[field::FIRST], &first);
        bytes[field::DAY].copy_from_slice(&lease.day.days().to_be_bytes());
        bytes[field::COUNT] = lease.count;
        bytes[field::PRINTED] = lease.printed();
        bytes[field::TOLD] = lease.told;
        bytes[field::STOPPED] = lease.stopped.into();
        for (time, at) in lease.printed_at_ms.iter().zip(bytes[field::TIMES..].chunks_exact_mut(TIME_BYTES)) {
            at.copy_from_slice(&time.to_be_bytes());
        }
    }
    let sum = PictureId::of(&bytes[..field::SUM.start]).0;
    bytes[field::SUM].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn decoded(bytes: &[u8; RECORD_BYTES]) -> Option<Place> {
    let long =
        |field: core::ops::Range<usize>| bytes.get(field)?.first_chunk().copied().map(u32::from_be_bytes);
    if PictureId::of(&bytes[..field::SUM.start]).0 != long(field::SUM)? {
        return None;
    }
    let generation = long(field::GENERATION)?;
    if bytes[field::COUNT] == 0 {
        return Some(Place { generation, lease: None });
    }
    let printed = usize::from(bytes[field::PRINTED]).min(NUMBERS_MAX);
    let times = bytes[field::TIMES..].as_chunks::<TIME_BYTES>().0.iter().take(printed);
    let printed_at_ms = times.copied().map(i64::from_be_bytes).collect::<Vec<_, NUMBERS_MAX>>();
    let lease = Lease {
        service: ServiceId::new(text(bytes.get(field::SERVICE)?)?).ok()?,
        first: text(bytes.get(field::FIRST)?)?.parse().ok()?,
        day: LocalDate::from_days(long(field::DAY)?.cast_signed()),
        count: bytes[field::COUNT],
        printed_at_ms,
        told: bytes[field::TOLD],
        stopped: bytes[field::STOPPED] != 0,
    };
    Some(Place { generation, lease: Some(lease) })
}

/// A text, filled up with zeros.
fn put(field: &mut [u8], text: &str) {
    for (place, byte) in field.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
}

fn text(field: &[u8]) -> Option<&str> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    core::str::from_utf8(field.get(..end)?).ok()
}
