//! The commands that only look at a journal need nothing to write to and leave nothing behind.

use std::path::Path;

use crate::support::controller::run;
use crate::support::hall::{Device, TestHall};
use crate::support::mounted::{Mounted, skip};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Everything that reads a journal, and what each writes to `folder`.
fn looks(data: &Path, folder: &Path) -> Vec<(i32, String)> {
    let backup = folder.join("backup.sqlite3");
    let commands: [&[&str]; 5] = [
        &["audit", "verify"],
        &["trace", "A001"],
        &["report"],
        &["export", "--format", "csv"],
        &["backup", "--to", text(&backup)],
    ];
    let looked = commands.map(|command| {
        let (code, said, errors) = run(&[command, &["--data", text(data)]].concat());
        (code, format!("{command:?}: {said}{errors}"))
    });
    let _ = std::fs::remove_file(backup);
    looked.to_vec()
}

#[test]
fn a_closed_journal_is_read_from_read_only_media_and_keeps_its_folder_as_it_is() {
    let hall = TestHall::new(1, &[]);
    let media = match Mounted::tmpfs(&hall.data(), 8 * 1024 * 1024) {
        Ok(media) => media,
        Err(why) => return skip("a closed journal on read-only media", &why),
    };
    let controller = hall.start();
    let client = hall.quiet_client("kiosk", "kiosk/K1");
    Device::new(&client, "kiosk/K1", 31).take_number("social");
    let folder = tempfile::TempDir::new().unwrap();
    let crashed = folder.path().join("crashed");
    // As a crash leaves it: with its log.
    std::fs::create_dir(&crashed).unwrap();
    for name in ["journal.sqlite3", "journal.sqlite3-wal"] {
        std::fs::copy(hall.data().join(name), crashed.join(name)).unwrap();
    }
    for (code, said) in looks(&hall.data(), folder.path()) {
        assert_eq!(code, 0, "beside a running controller: {said}");
    }
    assert!(controller.stop().0.success());

    let before = names(&hall.data());
    assert!(before.iter().all(|name| !name.starts_with("journal.sqlite3-")), "{before:?}");
    for (code, said) in looks(&hall.data(), folder.path()) {
        assert_eq!(code, 0, "a closed journal: {said}");
    }
    assert_eq!(names(&hall.data()), before);
    media.remount("ro").unwrap();
    for (code, said) in looks(&hall.data(), folder.path()) {
        assert_eq!(code, 0, "read-only: {said}");
    }

    // The log of a crash cannot be read there, and the copy that is asked for can.
    media.remount("rw").unwrap();
    let lying = hall.data().join("crashed");
    std::fs::rename(&crashed, &lying).or_else(|_| copied(&crashed, &lying)).unwrap();
    media.remount("ro").unwrap();
    for (code, said) in looks(&lying, folder.path()) {
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("copy the whole data directory to a place that may be written"), "{said}");
    }
    let copy = folder.path().join("copy");
    copied(&lying, &copy).unwrap();
    for (code, said) in looks(&copy, folder.path()) {
        assert_eq!(code, 0, "{said}");
    }
    media.remount("rw").unwrap();
}

fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

#[test]
fn an_audit_tells_of_a_damaged_snapshot() {
    let hall = TestHall::new(1, &[]);
    assert!(hall.start().stop().0.success());
    let snapshot = hall.data().join("snapshot-00000000000000000001.hall");
    std::fs::write(&snapshot, "not what was written").unwrap();
    let (code, said, errors) = run(&["audit", "verify", "--data", text(&hall.data())]);
    assert_eq!(code, 0, "{errors}");
    assert!(
        said.contains("is whole") && said.contains(text(&snapshot)) && said.contains("is damaged"),
        "{said}"
    );
    let zh = said.lines().next().unwrap();
    assert!(zh.contains("日志完整") && zh.contains(text(&snapshot)) && zh.contains("已损坏"), "{said}");
}

#[test]
fn a_backup_that_is_none_is_told_with_what_to_do_about_a_backup() {
    let folder = tempfile::TempDir::new().unwrap();
    let absent = folder.path().join("nosuch");
    let (code, _, errors) = run(&["restore", "--from", text(&absent), "--verify"]);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("there is no file") && errors.contains(text(&absent)), "{errors}");
    assert!(!errors.contains("data directory"), "{errors}");
    let foreign = folder.path().join("foreign");
    std::fs::write(&foreign, "no backup at all".repeat(100)).unwrap();
    let (code, _, errors) = run(&["restore", "--from", text(&foreign), "--verify"]);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("take another backup") && !errors.contains("in its place"), "{errors}");
}
