//! How often a journal took writes again after trouble: a count that is no record, and so not in the chain.
//!
//! It decides nothing, and each count is a write that proves there is room. Since format 2 it is sealed, so that
//! `audit verify` sees when another program has changed it. Like the chain the seal has no secret: it shows any
//! edit made by hand. One number holds both, because the tables are those of format 1: the lower
//! [`COUNT_BITS`] are the count, those above its mark.

use rusqlite::Connection;

use super::schema::{self, FORMAT};
use crate::chain::{self, RESUMES_MARK_BITS};

/// Bits of the count; then it begins again with 0. A disk that fails every second fills them in half a year.
const COUNT_BITS: u32 = 24;

const _: () = assert!(COUNT_BITS + RESUMES_MARK_BITS == i64::BITS - 1);

const READ: &str = "SELECT resumes, hall FROM head, journal";
const NOTE: &str = "UPDATE head SET resumes = ?1 WHERE only = 1";

/// `count` with its mark.
pub(super) fn sealed(hall: &str, count: u32) -> i64 {
    let count = count % (1 << COUNT_BITS);
    let number = chain::resumes_mark(hall, count) << COUNT_BITS | u64::from(count);
    // The mark and the count leave the sign free.
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The count of a sealed number, if it is sealed for `hall`.
fn opened(hall: &str, number: i64) -> Option<u32> {
    let count = u32::try_from(number % (1 << COUNT_BITS)).ok()?;
    (sealed(hall, count) == number).then_some(count)
}

/// A format 1 number, which nothing seals.
fn plain(number: i64) -> Option<u32> {
    u32::try_from(number).ok().filter(|count| *count < 1 << COUNT_BITS)
}

/// Counts one more.
pub(super) fn count_one(connection: &Connection) -> rusqlite::Result<()> {
    note(connection, 1)
}

/// Seals a count of format 1, which then is a file of this format.
pub(super) fn seal_old(connection: &Connection) -> rusqlite::Result<()> {
    if schema::format(connection)? == FORMAT { Ok(()) } else { note(connection, 0) }
}

fn note(connection: &Connection, more: u32) -> rusqlite::Result<()> {
    let old = schema::format(connection)? != FORMAT;
    let (number, hall) = read(connection)?;
    let known = if old { plain(number) } else { opened(&hall, number) };
    let next = match known {
        Some(count) => sealed(&hall, count + more),
        // What was changed must not be sealed anew. It is another number all the same, or nothing is written.
        None => number.wrapping_add(i64::from(more)),
    };
    let changed = connection.prepare_cached(NOTE)?.execute([next])?;
    if changed != 1 {
        return Err(rusqlite::Error::StatementChangedRows(changed));
    }
    if old && known.is_some() { schema::set_format(connection) } else { Ok(()) }
}

/// Whether the count is as this program has left it.
pub(super) fn is_whole(connection: &Connection) -> rusqlite::Result<bool> {
    let (number, hall) = read(connection)?;
    Ok(match schema::format(connection)? {
        FORMAT => opened(&hall, number).is_some(),
        _ => plain(number).is_some(),
    })
}

fn read(connection: &Connection) -> rusqlite::Result<(i64, String)> {
    connection.query_row(READ, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_sealed_for_one_hall_and_goes_round() {
        for count in [0, 1, 4, (1 << COUNT_BITS) - 1] {
            let number = sealed("county-hall", count);
            assert_eq!(opened("county-hall", number), Some(count));
            assert_eq!(opened("city-hall", number), None);
            assert_eq!(opened("county-hall", number + 1), None);
            assert_eq!(plain(number), None, "a file that says it is of format 1 does not hide it");
        }
        assert_eq!(sealed("county-hall", 1 << COUNT_BITS), sealed("county-hall", 0));
        for bare in [-1, 0, 7] {
            assert_eq!(opened("county-hall", bare), None);
        }
        // By another BLAKE3 implementation, after the layout in `chain`.
        assert_eq!(chain::resumes_mark("county-hall", 4), 312_431_123_388);
    }
}
