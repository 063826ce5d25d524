//! Commands around a journal that are pointed at the wrong place: one sentence in Chinese and the same in English,
//! each naming what was asked for and what to do.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use crate::support::controller::{BINARY, run};
use crate::support::hall::TestHall;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What is said in Chinese and in English, without the word before it.
fn both(errors: &str) -> [String; 2] {
    let said = errors.trim_end().strip_prefix("error: ").unwrap_or_else(|| panic!("{errors}"));
    let (zh, en) = said.split_once("。\n").unwrap_or_else(|| panic!("two sentences: {errors}"));
    let is_chinese = |text: &str| text.chars().any(|char| ('\u{4e00}'..='\u{9fff}').contains(&char));
    assert!(is_chinese(zh) && !zh.contains('\n'), "{errors}");
    assert!(!is_chinese(en) && !en.contains('\n'), "{errors}");
    [zh.to_owned(), en.to_owned()]
}

#[test]
fn whoever_names_a_wrong_place_is_told_which_and_what_to_name_instead() {
    let folder = tempfile::tempdir().unwrap();
    let [nowhere, file, out] = ["nowhere", "file", "out"].map(|name| folder.path().join(name));
    std::fs::write(&file, "no journal").unwrap();
    let (nowhere, file, folder) = (text(&nowhere), text(&file), text(folder.path()));
    let commands: [&[&str]; 7] = [
        &["audit", "verify"],
        &["backup", "--to", text(&out)],
        &["export", "--format", "csv"],
        &["trace", "A001"],
        &["report"],
        &["erase", "--before", "2026-03-01", "--by", "li"],
        &["restore", "--accept-loss"],
    ];
    for command in commands {
        for place in [nowhere, folder] {
            let (code, said, errors) = run(&[command, &["--data", place]].concat());
            assert_eq!((code, said.as_str()), (1, ""), "{command:?}: {errors}");
            for sentence in both(&errors) {
                assert!(sentence.contains(place) && sentence.contains("--data"), "{command:?}: {sentence}");
            }
            assert!(!Path::new(nowhere).exists(), "{command:?} made it");
        }
        if !matches!(command, ["erase" | "restore", ..]) {
            let (code, _, errors) = run(&[command, &["--data", file]].concat());
            assert_eq!(code, 1, "{command:?}: {errors}");
            let [zh, en] = both(&errors);
            assert!(zh.contains(file) && zh.contains("请用 --data 指定日志所在的目录"), "{zh}");
            assert!(en.contains(file) && en.contains("name with --data the directory"), "{en}");
            assert!(!en.contains("-wal"), "{en}");
        }
    }
    let (code, _, errors) = run(&["restore", "--from", folder, "--verify"]);
    assert_eq!(code, 1, "{errors}");
    for sentence in both(&errors) {
        assert!(sentence.contains(folder) && sentence.contains("--from"), "{sentence}");
        assert!(!sentence.contains("disk"), "{sentence}");
    }
}

#[test]
fn whoever_may_not_read_a_journal_is_told_that_and_not_of_its_disk() {
    // Only root can be somebody else.
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let hall = TestHall::new(1, &[]);
    assert!(hall.start().stop().0.success());
    let journal = hall.data().join("journal.sqlite3");
    let folder = hall.data().parent().unwrap().to_owned();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    for (of, mode) in [(&journal, 0o600), (&hall.data(), 0o700)] {
        std::fs::set_permissions(of, std::fs::Permissions::from_mode(mode)).unwrap();
        for command in [
            &["audit", "verify", "--data", text(&hall.data())] as &[_],
            &["restore", "--verify", "--from", text(&journal)],
        ] {
            let output = Command::new("setpriv")
                .args(["--reuid=65534", "--regid=65534", "--clear-groups", BINARY])
                .args(command)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            let [zh, en] = both(&String::from_utf8(output.stderr).unwrap());
            assert!(zh.contains("无法读取") && zh.contains(text(&journal)), "{zh}");
            assert!(en.contains("cannot be read (Permission denied") && en.contains("your user"), "{en}");
            assert!(!en.contains("disk") && !en.contains("one made before"), "{en}");
        }
    }
}
