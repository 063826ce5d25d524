//! Phone numbers erased by hand: of one ticket, on every business day on which it waited, or of all days
//! before one.
//!
//! Works on the files, beside a running hall too; the hall brings it into the journal ([`crate::contacts`]).

use std::path::Path;

use hall_journal::{Contacts, ContactsError, JournalReader, Whose};
use hall_protocol::number::TicketNumber;
use hall_protocol::text::plain;
use jiff::civil::Date;

use crate::clock::business_day;
use crate::trace::{self, Story};

/// Whose phone numbers.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// Of this ticket, on any of the business days on which there was it.
    Ticket(TicketNumber, Date),
    /// Of all business days before this one.
    Before(Date),
}

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Nobody answers for it.
    #[error("--by must name somebody: the journal says who erased")]
    Nobody,
    /// There was no such ticket.
    #[error("there was no ticket {number} on {day}, nothing was erased; check number and day")]
    NoTicket {
        /// Its number.
        number: TicketNumber,
        /// The day asked for.
        day: Date,
    },
    /// There was, and no phone of it.
    #[error(
        "no phone number is kept for {number} of {day}: none was left there, or it was erased before; nothing \
         was erased"
    )]
    NoPhone {
        /// Its number.
        number: TicketNumber,
        /// The day asked for.
        day: Date,
    },
    /// The file.
    #[error(transparent)]
    Contacts(#[from] ContactsError),
}

/// Erase them for good; how many.
///
/// # Errors
/// See [`EraseError`].
pub fn erase(directory: &Path, asked: Asked, by: &str, reason: &str) -> Result<usize, EraseError> {
    let [by, reason] = [by, reason].map(|text| plain(text).collect::<String>().trim().to_owned());
    if by.is_empty() {
        return Err(EraseError::Nobody);
    }
    let mut contacts = Contacts::open_existing(directory)?;
    let mut erase = |whose: Whose<'_>| contacts.erase(whose, Some(&by), &reason);
    match asked {
        Asked::Before(day) => Ok(erase(Whose::Before(business_day(day).days()))?),
        Asked::Ticket(number, day) => {
            let stories = stories(directory, number);
            let of_day = |stories: &[Story]| -> Vec<Date> {
                stories.iter().filter(|story| story.is_of(day)).flat_map(Story::days).collect()
            };
            // Without a journal that can be read, the day alone.
            let days = stories.as_deref().map(of_day).filter(|days| !days.is_empty());
            let (text, mut erased) = (number.to_string(), 0);
            for day in days.unwrap_or_else(|| vec![day]) {
                erased += erase(Whose::Ticket { day: business_day(day).days(), number: &text })?;
            }
            let given = |story: &Story| story.ticket.is_some() && story.is_of(day);
            match (erased, stories) {
                (0, Some(stories)) if !stories.iter().any(given) => Err(EraseError::NoTicket { number, day }),
                (0, _) => Err(EraseError::NoPhone { number, day }),
                _ => Ok(erased),
            }
        }
    }
}

fn stories(directory: &Path, number: TicketNumber) -> Option<Vec<Story>> {
    trace::stories_in(&JournalReader::open(directory).ok()?, number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hall's journal in which A002 of 2026-03-06 was kept for the next day, with phones of both.
    fn kept_overnight() -> (tempfile::TempDir, Contacts) {
        let data = tempfile::tempdir().unwrap();
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals/v3");
        for file in std::fs::read_dir(golden).unwrap().map(Result::unwrap) {
            std::fs::copy(file.path(), data.path().join(file.file_name())).unwrap();
        }
        let contacts = Contacts::open(data.path()).unwrap();
        for (day, phone) in [("2026-03-06", "13900000001"), ("2026-03-07", "13900000002")] {
            contacts.keep(business_day(day.parse().unwrap()).days(), "A002", phone).unwrap();
        }
        (data, contacts)
    }

    #[test]
    fn phones_of_a_ticket_kept_overnight_go_whichever_of_its_days_is_named() {
        for day in ["2026-03-06", "2026-03-07"] {
            let (data, contacts) = kept_overnight();
            let asked = Asked::Ticket("A002".parse().unwrap(), day.parse().unwrap());
            assert_eq!(erase(data.path(), asked, "li", "asked for").unwrap(), 2, "{day}");
            for day in ["2026-03-06", "2026-03-07"] {
                let day = business_day(day.parse().unwrap()).days();
                assert_eq!(contacts.phone(day, "A002").unwrap(), None);
            }
            assert!(matches!(erase(data.path(), asked, "li", ""), Err(EraseError::NoPhone { .. })));
        }
        let (data, _) = kept_overnight();
        let asked = Asked::Ticket("A002".parse().unwrap(), "2026-03-09".parse().unwrap());
        assert!(matches!(erase(data.path(), asked, "li", ""), Err(EraseError::NoTicket { .. })));
    }

    #[test]
    fn nobody_erases_and_a_reason_is_one_line() {
        let (data, contacts) = kept_overnight();
        let asked = Asked::Before("2026-03-08".parse().unwrap());
        assert!(matches!(erase(data.path(), asked, " ", "by law"), Err(EraseError::Nobody)));
        assert_eq!(erase(data.path(), asked, "li", "by law\n2026-03-01 10:00").unwrap(), 2);
        let noted = contacts.unrecorded(9).unwrap();
        assert!(noted.iter().all(|erasure| erasure.reason == "by law 2026-03-01 10:00"), "{noted:?}");
    }
}
