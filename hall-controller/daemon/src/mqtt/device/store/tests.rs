//! A kiosk's store over restarts, torn slots and a disk that takes nothing.

use tempfile::TempDir;

use super::*;

const DAY: BusinessDay = BusinessDay::from_days(20_514);

fn lease(first: &str, count: u16) -> LeasedNumbers {
    LeasedNumbers { service: social(), first: first.parse().unwrap(), count, day: DAY.days() }
}

fn social() -> ServiceId {
    "social".parse().unwrap()
}

fn wish(class: Class, also: &[&str]) -> Wish {
    Wish { service: social(), class, also: also.iter().map(|matter| matter.parse().unwrap()).collect() }
}

fn print(store: &mut KioskStore, at_ms: i64) -> Option<String> {
    store.print(&wish(Class::Elderly, &[]), DAY, at_ms, None).unwrap().map(|number| number.to_string())
}

fn numbers(store: &KioskStore) -> Vec<String> {
    store.to_hand_in().into_iter().flat_map(|it| it.tickets).map(|paper| paper.number.to_string()).collect()
}

fn told(number: &str, refused: Option<&str>) -> HandedIn {
    HandedIn { number: number.parse().unwrap(), refused: refused.map(Into::into) }
}

#[test]
fn what_was_printed_is_there_after_a_restart_until_the_hall_has_answered() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("kiosks").join("K1.leases");
    let mut store = KioskStore::open(&path).unwrap();
    assert_eq!(print(&mut store, 1), None, "it has leased nothing");
    store.keep(&lease("A998", 2)).unwrap();
    assert_eq!([print(&mut store, 5), print(&mut store, 9)], [Some("A998".into()), Some("A999".into())]);
    assert_eq!((print(&mut store, 11), store.free(social(), DAY)), (None, 0));

    let mut store = KioskStore::open(&path).unwrap();
    let ToHandIn { day, tickets } = store.to_hand_in().unwrap();
    let first = Paper {
        number: "A998".parse().unwrap(),
        at_ms: 5,
        class: Class::Elderly,
        also: vec![],
        unanswered: None,
    };
    assert_eq!((day, tickets.len(), tickets[0].clone()), (DAY, 2, first));
    assert_eq!(store.to_end(), None);
    store.handed_in(DAY, &[told("A998", None), told("A001", None)]).unwrap();
    assert_eq!(numbers(&KioskStore::open(&path).unwrap()), ["A999"]);
    store.handed_in(DAY, &[told("A999", Some("lease_over"))]).unwrap();

    let mut store = KioskStore::open(&path).unwrap();
    let first = "A998".parse().unwrap();
    assert_eq!((store.to_hand_in(), store.to_end()), (None, Some(ToEnd { day: DAY, first, unused: 0 })));
    store.forget(DAY, first).unwrap();
    assert_eq!(KioskStore::open(&path).unwrap().to_end(), None);
}

#[test]
fn a_lease_that_is_stopped_prints_nothing_and_tells_how_much_was_unused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("K1.leases");
    let mut store = KioskStore::open(&path).unwrap();
    store.keep(&lease("A990", 4)).unwrap();
    print(&mut store, 5);
    assert!(store.can_stop(|service, _| service == social()) && !store.can_stop(|_, day| day != DAY));
    store.stop(|_, _| true).unwrap();
    let mut store = KioskStore::open(&path).unwrap();
    assert_eq!((print(&mut store, 6), store.to_end()), (None, None), "one is still to be handed in");
    store.handed_in(DAY, &[told("A990", None)]).unwrap();
    assert_eq!(store.to_end().map(|end| end.unused), Some(3));
}

#[test]
fn a_hand_in_has_one_day_and_ten_tickets_at_most() {
    let directory = TempDir::new().unwrap();
    let mut store = KioskStore::open(&directory.path().join("K1.leases")).unwrap();
    store.keep(&lease("A970", 15)).unwrap();
    store.keep(&LeasedNumbers { day: DAY.days() - 1, ..lease("A990", 1) }).unwrap();
    for at_ms in 0..15 {
        print(&mut store, at_ms);
    }
    assert_eq!(numbers(&store).len(), 10);
    store.print(&wish(Class::Ordinary, &[]), BusinessDay::from_days(DAY.days() - 1), 3, None).unwrap();
    assert_eq!(numbers(&store), ["A990"], "yesterday's first");
}

#[test]
fn a_torn_slot_is_left_alone_and_the_others_are_not() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("K1.leases");
    let mut store = KioskStore::open(&path).unwrap();
    store.keep(&lease("A990", 3)).unwrap();
    print(&mut store, 5);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[SLOT_BYTES + 9] = 0xFF;
    bytes.truncate(3 * SLOT_BYTES);
    bytes.extend(b"{\"half");
    std::fs::write(&path, bytes).unwrap();
    let mut store = KioskStore::open(&path).unwrap();
    assert_eq!(print(&mut store, 6), Some("A992".into()), "A991 may have been printed");
    assert_eq!(numbers(&store), ["A990", "A992"]);
}

#[test]
fn a_number_that_cannot_be_written_is_shown_to_nobody_and_not_tried_again() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("K1.leases");
    let mut store = KioskStore::open(&path).unwrap();
    store.keep(&lease("A990", 2)).unwrap();
    store.file = Some(File::open(&path).unwrap());
    assert!(
        store.print(&wish(Class::Ordinary, &[]), DAY, 5, None).is_err(),
        "the file is open for reading only"
    );
    assert_eq!((store.free(social(), DAY), numbers(&store)), (1, Vec::new()));
}

#[test]
fn the_longest_slot_fits_and_printing_needs_no_room() {
    let number = "WW9999".parse().unwrap();
    let service: ServiceId = "WWWWWWWWWWWWWWWW".parse().unwrap();
    let unanswered = Some((u32::MAX, u32::MAX));
    let also = vec![service; MATTERS_MAX];
    let state = State::Printed { at_ms: i64::MIN, class: Class::Serviceman, also, unanswered };
    let slot = Slot { day: BusinessDay::from_days(i32::MIN), lease: number, number, service, state };
    assert!(bytes(Some(&slot), SLOT_BYTES).is_ok());
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("K1.leases");
    let mut store = KioskStore::open(&path).unwrap();
    store.keep(&lease("A980", 20)).unwrap();
    let before = std::fs::metadata(&path).unwrap().len();
    (0..20).for_each(|at_ms| drop(print(&mut store, at_ms)));
    assert_eq!(std::fs::metadata(&path).unwrap().len(), before);
}

#[test]
fn a_take_that_was_not_answered_is_kept_with_what_was_printed_for_it_and_few_are_named_at_once() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("K1.leases");
    let mut store = KioskStore::open(&path).unwrap();
    store.keep(&lease("A980", 9)).unwrap();
    for seq in 0..7 {
        let take = (seq != 1).then_some((7, seq));
        store.print(&wish(Class::Ordinary, &[]), DAY, i64::from(seq), take).unwrap();
    }
    let mut store = KioskStore::open(&path).unwrap();
    let tickets = store.to_hand_in().unwrap().tickets;
    let named: Vec<_> = tickets.iter().map(|paper| paper.unanswered).collect();
    let take = |seq| Some((7, seq));
    assert_eq!(named, [take(0), None, take(2), take(3), take(4)]);
    let told: Vec<_> = tickets.iter().map(|paper| HandedIn { number: paper.number, refused: None }).collect();
    store.handed_in(DAY, &told).unwrap();
    assert_eq!(numbers(&store), ["A985", "A986"]);
}

#[test]
fn further_matters_are_kept_with_what_was_printed_for_them() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("K1.leases");
    let mut store = KioskStore::open(&path).unwrap();
    store.keep(&lease("A980", 2)).unwrap();
    store.print(&wish(Class::Ordinary, &["tax", "property"]), DAY, 5, None).unwrap();
    store.print(&wish(Class::Ordinary, &["a", "b", "c", "d", "e"]), DAY, 6, None).unwrap();
    let tickets = KioskStore::open(&path).unwrap().to_hand_in().unwrap().tickets;
    let also: Vec<Vec<_>> =
        tickets.iter().map(|paper| paper.also.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(also, [vec!["tax", "property"], vec!["a", "b", "c", "d"]]);
}

#[test]
fn a_file_of_short_slots_is_read_printed_from_and_becomes_one_of_long_slots_with_its_next_lease() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("K1.leases");
    let mut before = KioskStore::open(&path).unwrap();
    before.keep(&lease("A980", 3)).unwrap();
    print(&mut before, 5);
    let short: Vec<u8> =
        before.slots.iter().flat_map(|slot| bytes(slot.as_ref(), SHORT_SLOT_BYTES).unwrap()).collect();
    std::fs::write(&path, short).unwrap();
    let mut store = KioskStore::open(&path).unwrap();
    assert_eq!(store.slots, before.slots);
    store.print(&wish(Class::Ordinary, &["tax"]), DAY, 6, None).unwrap();
    let mut store = KioskStore::open(&path).unwrap();
    assert_eq!(numbers(&store), ["A980", "A981"]);
    store.keep(&lease("A990", 1)).unwrap();
    let store = KioskStore::open(&path).unwrap();
    assert_eq!((numbers(&store).len(), store.slots.len(), store.slot_bytes), (2, 4, SLOT_BYTES));
    assert_eq!(store.to_hand_in().unwrap().tickets[1].also, ["tax".parse().unwrap()]);
}
