//! The slots of a service, the rules of appointments, and the programs that book.

use std::fs;

use super::{GOOD, parse, parse_at};
use crate::config::{Config, Right, check};

const SLOTS: &str = "target_minutes = 20\nslots = [
  { hours = \"09:00-10:30\", every_minutes = 30, capacity = 4 },
  { hours = \"13:30-14:00\", every_minutes = 15, capacity = 2 },
]";

fn with_slots(edit: impl FnOnce(String) -> String) -> Result<Config, String> {
    let text = edit(GOOD.replace("target_minutes = 20", SLOTS));
    parse(&text).map_err(|errors| errors.to_string())
}

#[test]
fn slots_come_one_after_another_with_their_capacity() {
    let config = with_slots(|text| text).unwrap();
    let slots: Vec<_> =
        config.plan.services()[0].slots.iter().map(|slot| (slot.minute.to_string(), slot.capacity)).collect();
    let expected = [("09:00", 4), ("09:30", 4), ("10:00", 4), ("13:30", 2), ("13:45", 2)];
    assert_eq!(slots, expected.map(|(minute, capacity)| (minute.to_owned(), capacity)));
    assert!(config.plan.services()[1].slots.is_empty());
}

#[test]
fn wrong_slots_are_told_with_their_key_and_what_to_do() {
    for (from, to, key, cause) in [
        ("09:00-10:30", "09:00-10:20", "slots[1].hours", "80 minutes are no whole number of slots of 30"),
        ("09:00-10:30", "08:00-10:30", "slots[1].hours", "outside the hours of the service"),
        (
            "13:30-14:00",
            "10:00-10:15",
            "slots[2]",
            "these slots begin at 10:00, those before them last until",
        ),
        ("09:00-10:30", "9-10:30", "slots[1].hours", "are no hours"),
        ("every_minutes = 30", "every_minutes = 3", "slots[1].every_minutes", "3 is out of range"),
        ("capacity = 4", "capacity = 0", "slots[1].capacity", "0 is out of range"),
        (", capacity = 2", "", "slots[2].capacity", "this key is missing"),
        (", capacity = 2", ", capacity = 2, size = 1", "slots[2].size", "unknown"),
    ] {
        let told = with_slots(|text| text.replace(from, to)).unwrap_err();
        assert!(told.contains(key) && told.contains(cause), "{from}: {told}");
    }
    let empty = parse(&GOOD.replace("target_minutes = 20", "slots = []")).unwrap_err().to_string();
    assert!(empty.contains("the list is empty") && empty.contains("every_minutes = 30"), "{empty}");
}

#[test]
fn the_rules_of_appointments_have_defaults_and_bounds() {
    let keys = "appointment_quota = 3\ncheck_in_early_minutes = 20\ncheck_in_late_minutes = 10\n\
                book_days_ahead = 7\n";
    let config = parse(&GOOD.replace("[web]", &format!("{keys}\n[web]"))).unwrap();
    let policy = config.plan.policy();
    let read = (policy.appointment_quota, policy.check_in_early_minutes, policy.check_in_late_minutes);
    assert_eq!((read, policy.book_days_ahead), ((3, 20, 10), 7));
    let usual = parse(GOOD).unwrap();
    let policy = usual.plan.policy();
    let read = (policy.appointment_quota, policy.check_in_early_minutes, policy.check_in_late_minutes);
    assert_eq!((read, policy.book_days_ahead), ((2, 30, 15), 30));
    let told = parse(&GOOD.replace("[web]", "appointment_quota = 1\n[web]")).unwrap_err().to_string();
    assert!(told.contains("hall.appointment_quota") && told.contains("from 2 to 20"), "{told}");
}

#[test]
fn a_client_is_known_by_the_token_in_its_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    file("city.token", "0123456789abcdef\n");
    file("short.token", "secret");
    file("spaced.token", "0123456789 abcdef");
    let parse = |clients: &[(&str, &str)]| {
        let tables =
            clients.iter().map(|(id, file)| format!("[[client]]\nid = \"{id}\"\ntoken_file = \"{file}\"\n"));
        let text = format!("{GOOD}\n{}", tables.collect::<String>());
        parse_at(&text, &directory.path().join("hall.toml")).map_err(|errors| errors.to_string())
    };
    let config = parse(&[("city", "city.token")]).unwrap();
    let [client] = &config.clients[..] else { panic!("{:?}", config.clients) };
    assert_eq!(client.id.as_str(), "city");
    assert!(client.token.is("0123456789abcdef"));
    assert!(!client.token.is("0123456789abcdeg") && !client.token.is("0123456789abcde"));
    assert!(!format!("{client:?}").contains("0123"), "the token is printed nowhere");
    assert_eq!(client.may, [Right::Appointments], "a booking system cannot empty the hall");
    let table = |may: &str| {
        let text = format!("{GOOD}\n[[client]]\nid = \"staff\"\ntoken_file = \"city.token\"\nmay = {may}\n");
        parse_at(&text, &directory.path().join("hall.toml")).map_err(|errors| errors.to_string())
    };
    let staff = table("[\"signs\", \"emergency\"]").unwrap();
    assert_eq!(staff.clients[0].may, [Right::Signs, Right::Emergency]);
    let told = table("[\"sign\"]").unwrap_err();
    assert!(told.contains("may[1]") && told.contains("did you mean \"signs\"?"), "{told}");
    let told = table("[]").unwrap_err();
    assert!(told.contains("may") && told.contains("may do nothing"), "{told}");
    for (clients, key, cause) in [
        (&[("city", "short.token")][..], "token_file", "has 6 bytes and could be guessed"),
        (&[("city", "spaced.token")], "token_file", "no HTTP header carries"),
        (&[("city", "none.token")], "token_file", "the token file"),
        (
            &[("city", "city.token"), ("bank", "city.token")],
            "token_file",
            "client \"city\" has the same token",
        ),
        (&[("city", "city.token"), ("city", "none.token")], "id", "is called \"city\" already"),
    ] {
        let told = parse(clients).unwrap_err();
        assert!(told.contains(key) && told.contains(cause), "{clients:?}: {told}");
    }
    assert!(super::parse(GOOD).unwrap().clients.is_empty());
}

#[test]
fn a_check_counts_the_slots() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hall.toml");
    fs::write(&path, GOOD.replace("target_minutes = 20", SLOTS)).unwrap();
    let said = check(&path, jiff::Timestamp::UNIX_EPOCH).unwrap();
    assert!(said.contains("2 services with 5 slots a day, 2 windows"), "{said}");
}
