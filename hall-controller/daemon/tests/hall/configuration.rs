//! `check` as a technician runs it: what is wrong, where, and what to write instead; exit code 2.

use crate::support::controller::run;
use crate::support::hall::{TestHall, window_sign};

/// What is changed into what, and the words the complaint must have.
const BROKEN: [(&str, &str, &[&str]); 22] = [
    ("services = [\"social\", \"tax\"]", "services = [\"social\", \"taxes\"]", &["services", "taxes", "tax"]),
    ("prefix = \"B\"", "prefix = \"A\"", &["prefix", "A"]),
    ("prefix = \"B\"", "prefix = \"b\"", &["prefix", "capital"]),
    ("prefix = \"B\"", "prefix = \"ABC\"", &["prefix"]),
    ("address = 2", "address = 1", &["address", "1"]),
    ("address = 2", "address = 300", &["address", "247"]),
    ("id = \"S2\"", "id = \"S1\"", &["id", "S1"]),
    ("width = 128", "width = 100", &["width", "8"]),
    ("colour = \"red-green\"", "colour = \"red\"", &["colour", "red-green"]),
    ("shows = { window = \"2\" }", "shows = { window = \"9\" }", &["shows", "9"]),
    ("baud = 115200", "baud = 115201", &["baud", "115200"]),
    ("time_zone = \"Asia/Shanghai\"", "time_zone = \"Asia/Peking\"", &["time_zone", "Asia/Peking"]),
    (
        "time_zone = \"Asia/Shanghai\"",
        "time_zone = \"Asia/Shanghai\"\nday_starts = \"25:00\"",
        &["day_starts"],
    ),
    ("target_minutes = 15\n\n[[kiosk", "hours = [\"12:00-08:30\"]\n\n[[kiosk", &["hours", "12:00"]),
    ("target_minutes = 15\n\n[[kiosk", "target_minutes = \"15\"\n\n[[kiosk", &["target_minutes", "number"]),
    ("zone = \"A\"\ntarget_minutes = 15\n\n[[k", "zone = \"C\"\ntarget_minutes = 15\n\n[[k", &["zone", "C"]),
    (
        "[web]\nlisten = \"127.0.0.1",
        "[web]\nlisten = \"0.0.0.0",
        &["listen", "allow_beyond_loopback_without_logins"],
    ),
    ("name = \"税务\"", "nmae = \"税务\"", &["nmae", "name"]),
    ("id = \"test\"", "id = \"our hall\"", &["id", "letters"]),
    ("[journal]\ndirectory", "[journal]\nfolder", &["folder", "directory"]),
    ("id = \"2\"\nservices", "id = \"1\"\nservices", &["id", "1"]),
    ("[mqtt]\nembedded = {", "[mqtt]\nembedded = { listen = ", &["hall.toml"]),
];

#[test]
fn everything_that_is_wrong_is_named_with_its_line_and_its_remedy() {
    let line = std::path::Path::new("/dev/serial/by-id/usb-line-1");
    let signs = format!("{}{}", window_sign(1, 1), window_sign(2, 2));
    let hall = TestHall::new(2, &[(line, &signs)]);
    let good = std::fs::read_to_string(hall.config()).unwrap();
    let path = hall.config().to_str().unwrap().to_owned();
    let (code, said, errors) = run(&["check", "--config", &path]);
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("ready to run"), "{said}");

    for (from, to, words) in BROKEN {
        let broken = good.replacen(from, to, 1);
        assert_ne!(broken, good, "{from:?} is not in the good text");
        let line = 1 + good.lines().zip(broken.lines()).take_while(|(old, new)| old == new).count();
        std::fs::write(hall.config(), broken).unwrap();
        let (code, said, errors) = run(&["check", "--config", &path]);
        assert_eq!((code, said.as_str()), (2, ""), "{to:?}: {errors}");
        let place = format!("{path}:{line}");
        assert!(errors.contains(&place), "{to:?}: no {place} in {errors}");
        for word in words {
            assert!(errors.contains(word), "{to:?}: no {word:?} in {errors}");
        }
        assert!(errors.contains(';'), "{to:?}: no remedy in {errors}");
        let (code, _, run_errors) = run(&["run", "--config", &path]);
        assert_eq!((code, run_errors), (2, errors), "{to:?}: run says what check says");
    }
}

#[test]
fn the_example_is_right_and_a_missing_file_is_told() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/demo/hall.toml");
    let (code, said, errors) = run(&["check", "--config", example]);
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("12 windows") && said.contains("8 services"), "{said}");
    let (code, _, errors) = run(&["check", "--config", "/nowhere/hall.toml"]);
    assert_eq!(code, 2);
    assert!(errors.contains("/nowhere/hall.toml") && errors.contains("--config"), "{errors}");
}
