//! The disk lost what people were told of. The hall says so and does not open, until a backup is in place
//! or somebody decides to go on without.

use std::path::Path;

use crate::support::controller::run;
use crate::support::hall::{Device, TestHall};

const TICKETS: usize = 60;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A hall that was cut off with all its tickets in the log.
fn cut_off() -> TestHall {
    let hall = TestHall::new(1, &[]);
    let controller = hall.start();
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    let mut kiosk = Device::new(&client, "kiosk/K1", 31);
    for _ in 0..TICKETS {
        kiosk.take_number("social");
    }
    controller.kill();
    hall
}

/// The sentence of a start, which must be that of the audit and of every look at the journal too.
fn refused(hall: &TestHall) -> String {
    let (data, config) = (hall.data(), hall.config());
    let mut said = Vec::new();
    for command in [
        &["--log", "warn", "run", "--config", text(&config)] as &[_],
        &["audit", "verify", "--data", text(&data)],
        &["trace", "A001", "--data", text(&data)],
        // Not forgotten by having been refused once.
        &["--log", "warn", "run", "--config", text(&config)],
    ] {
        let (code, out, errors) = run(command);
        assert_eq!((code, out.as_str()), (1, ""), "{command:?}: {errors}");
        said.push(errors);
    }
    assert!(said.iter().all(|other| *other == said[0]), "{said:#?}");
    for line in said[0].lines() {
        assert!(line.contains("`hall-controller restore`"), "in both languages: {}", said[0]);
    }
    assert!(said[0].contains("请为审计人员保留数据目录"), "{}", said[0]);
    said.remove(0)
}

#[test]
fn a_bit_turned_in_the_log_of_a_crash_opens_no_hall_until_the_loss_is_accepted() {
    let hall = cut_off();
    let log = hall.data().join("journal.sqlite3-wal");
    let whole = std::fs::read(&log).unwrap();
    let mut damaged = whole.clone();
    damaged[100_000] ^= 4;
    std::fs::write(&log, &damaged).unwrap();
    let said = refused(&hall);
    for word in [text(&log), " at frame 25, from byte 98912 on", "commits from there on", "--accept-loss"] {
        assert!(said.contains(word), "{word}: {said}");
    }

    // The log as it was is a hall with all its tickets.
    std::fs::write(&log, &whole).unwrap();
    let controller = hall.start();
    assert_eq!(hall.view()["totals"]["issued"], TICKETS);
    controller.kill();
    std::fs::write(&log, &damaged).unwrap();

    let (code, said, errors) = run(&["restore", "--accept-loss", "--data", text(&hall.data())]);
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("The last numbers it knows of") && said.contains("may be given again"), "{said}");
    let known = said.split(" are A").nth(1).unwrap()[..3].parse::<usize>().unwrap();
    let aside = said.split_whitespace().find(|word| word.contains("set-aside-")).unwrap();
    let aside = Path::new(aside.trim_end_matches([':', '.', ',']));
    assert_eq!(std::fs::read(aside.join("journal.sqlite3-wal")).unwrap(), damaged);
    assert!(run(&["audit", "verify", "--data", text(&hall.data())]).1.contains("is whole"));
    let controller = hall.start();
    assert_eq!(hall.view()["totals"]["issued"], known);
    assert!(known > 0 && known < TICKETS, "{known}");
    drop(controller);
}

#[test]
fn a_log_that_was_deleted_after_a_crash_opens_no_empty_hall() {
    let hall = cut_off();
    let log = hall.data().join("journal.sqlite3-wal");
    let elsewhere = hall.data().with_file_name("somewhere-else");
    std::fs::rename(&log, &elsewhere).unwrap();
    let said = refused(&hall);
    assert!(said.contains(text(&log)) && said.contains("is gone"), "{said}");
    assert!(said.contains("put it back where it was"), "{said}");
    std::fs::rename(&elsewhere, &log).unwrap();
    let controller = hall.start();
    assert_eq!(hall.view()["totals"]["issued"], TICKETS);

    // After a clean end there is none, and nothing is missed.
    assert!(controller.stop().0.success());
    assert!(!log.exists());
    let controller = hall.start();
    assert_eq!(hall.view()["totals"]["issued"], TICKETS);
    drop(controller);
    let (code, _, errors) = run(&["restore", "--accept-loss", "--data", text(&hall.data())]);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("nothing was changed"), "{errors}");
}

#[test]
fn a_file_emptied_after_a_crash_is_refused_by_all_and_comes_back_from_its_log() {
    let hall = cut_off();
    let (file, log) = (hall.data().join("journal.sqlite3"), hall.data().join("journal.sqlite3-wal"));
    std::fs::write(&file, "").unwrap();
    let records = std::fs::read(&log).unwrap();
    let said = refused(&hall);
    assert!(said.contains(text(&file)) && said.contains("is gone or empty"), "{said}");
    // Whoever only looks changes nothing.
    for command in [&["report"] as &[_], &["export", "--format", "csv"], &["backup", "--to", "copy"]] {
        let (code, _, errors) = run(&[command, &["--data", text(&hall.data())]].concat());
        assert_eq!((code, errors.as_str()), (1, said.as_str()), "{command:?}");
    }
    assert!(std::fs::read(&log).unwrap() == records);

    let (code, said, errors) = run(&["restore", "--accept-loss", "--data", text(&hall.data())]);
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("are A060"), "{said}");
    let controller = hall.start();
    assert_eq!(hall.view()["totals"]["issued"], TICKETS);
    drop(controller);
}

#[test]
fn a_log_emptied_after_a_crash_opens_no_empty_hall() {
    let hall = cut_off();
    std::fs::write(hall.data().join("journal.sqlite3-wal"), "").unwrap();
    let said = refused(&hall);
    assert!(said.contains("is gone or empty") && said.contains("was told to people"), "{said}");
}
