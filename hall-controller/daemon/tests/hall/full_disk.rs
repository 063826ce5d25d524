//! A disk that is really full, and one that really takes no writes, under the load of a hall: refusals
//! with the reason, nothing acknowledged lost, and no restart when it is over.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::support::hall::TestHall;
use crate::support::load::Told;
use crate::support::mounted::{Immutable, Mounted, knows_immutable, skip};
use crate::support::{controller, eventually, wire};

/// Room for some thousand tickets.
const DISK_BYTES: u64 = 4 * 1024 * 1024;

/// How often trouble comes and goes.
const ROUNDS: usize = 3;

/// Tickets given between two troubles, at least.
const TICKETS_BETWEEN: usize = 30;

/// Presses refused in each trouble, at least.
const REFUSALS: u64 = 10;

/// Put a hall under load into trouble again and again. It must say why it refuses, recover by itself
/// each time, and its journal must be what the devices were told.
fn assert_trouble_passes<T>(hall: &TestHall, begin: impl Fn() -> T, end: impl Fn(T), because: &str) {
    let controller = hall.start();
    let told = Told::default();
    let [over, never] = [const { AtomicBool::new(false) }; 2];
    let shown = |hall: &TestHall| {
        let mut view = hall.view();
        // Made once a second, and moving with the clock.
        let services = view["services"].as_array_mut().into_iter().flatten();
        services.for_each(|service| service["estimate"] = Value::Null);
        ["windows", "services", "totals"].map(|part| view[part].clone())
    };
    std::thread::scope(|scope| {
        let (told, over, never) = (&told, &over, &never);
        let client = hall.quiet_client("kiosk", "kiosk/K1");
        scope.spawn(move || told.take_tickets(&client, ("K1", "social"), never, over));
        scope.spawn(|| told.work_a_window(&hall.quiet_client("pad", "window/1"), over));
        for _ in 0..ROUNDS {
            let tickets = told.tickets();
            eventually("tickets", || (told.tickets() >= tickets + TICKETS_BETWEEN).then_some(()));
            let refused = told.refused();
            let trouble = begin();
            eventually("refusals", || (told.refused() >= refused + REFUSALS).then_some(()));
            let (status, said) = wire::request(hall.web_port, "/health");
            assert!(status == 503 && said.contains(because), "{status} {said}");
            assert!(hall.get("/metrics").contains("hall_storage_trouble 1"));
            end(trouble);
            eventually("it is well again", || {
                (wire::request(hall.web_port, "/health").0 == 200).then_some(())
            });
        }
        let tickets = told.tickets();
        eventually("tickets", || (told.tickets() >= tickets + TICKETS_BETWEEN).then_some(()));
        over.store(true, Ordering::Relaxed);
    });
    assert!(controller.logged("storage trouble is over; presses are recorded again").is_some());
    let before = shown(hall);
    assert!(controller.stop().0.success());
    let controller = hall.start();
    assert_eq!(shown(hall), before, "the journal gives another hall than the one that was shown");
    assert!(controller.stop().0.success());
    told.assert_is_the_journal(&hall.data(), because);
}

/// Start a controller that must not open its hall; its sentence.
fn refused_start(hall: &TestHall) -> String {
    let config = hall.config();
    let (code, _, errors) = controller::run(&["--log", "warn", "run", "--config", config.to_str().unwrap()]);
    assert_eq!(code, 1, "{errors}");
    errors
}

#[test]
fn a_full_disk_under_load_refuses_with_its_reason_and_recovers_without_a_restart() {
    let hall = TestHall::new(1, &[]);
    let disk = match Mounted::tmpfs(&hall.data(), DISK_BYTES) {
        Ok(disk) => disk,
        Err(why) => return skip("a_full_disk_under_load", &why),
    };
    assert_trouble_passes(&hall, || disk.fill(), |()| disk.empty(), "disk is full");
}

#[test]
fn a_disk_that_takes_no_writes_under_load_refuses_with_its_reason_and_recovers_without_a_restart() {
    // The kernel lets nobody mount a file system read-only while a journal on it is open. What a disk
    // that turns read-only by itself does to the journal's files can be done to the files alone.
    let hall = TestHall::new(1, &[]);
    std::fs::create_dir_all(hall.data()).unwrap();
    if let Err(why) = knows_immutable(&hall.data()) {
        return skip("a_disk_that_takes_no_writes_under_load", &why);
    }
    // Not the index of the log: SQLite writes that as memory, and the kernel answers a failed write of
    // memory with the end of the process.
    let files = ["journal.sqlite3", "journal.sqlite3-wal"].map(|name| hall.data().join(name));
    let begin = || Immutable::files(&files).unwrap();
    assert_trouble_passes(&hall, begin, drop, "the disk reported an error");
}

#[test]
fn a_hall_whose_disk_is_full_or_read_only_at_its_start_says_so_and_opens_once_it_is_not() {
    let hall = TestHall::new(1, &[]);
    let disk = match Mounted::tmpfs(&hall.data(), DISK_BYTES) {
        Ok(disk) => disk,
        Err(why) => return skip("a_hall_whose_disk_is_full_or_read_only_at_its_start", &why),
    };
    let assert_says = |said: &str, why: &str| {
        assert!(said.contains(path(&hall.data())) && said.contains(why), "{said}");
    };
    disk.fill();
    assert_says(&refused_start(&hall), "free some space");
    disk.empty();
    assert!(hall.start().stop().0.success());

    disk.fill();
    assert_says(&refused_start(&hall), "free some space");
    disk.empty();
    disk.remount("ro").unwrap();
    assert_says(&refused_start(&hall), "mount it for writing");
    disk.remount("rw").unwrap();
    let controller = hall.start();
    assert!(disk.remount("ro").is_err(), "an open journal keeps its file system writable");
    assert!(controller.stop().0.success());
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
