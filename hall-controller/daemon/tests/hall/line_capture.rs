//! A technician records the line of a running hall, and reads what went over it.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::controller::{BINARY, run};
use crate::support::emulator::Emulator;
use crate::support::eventually;
use crate::support::hall::{Device, TestHall, window_sign};

#[test]
fn a_recording_of_a_running_line_tells_the_call_with_times_and_both_ways() {
    let lines = tempfile::TempDir::new().unwrap();
    let (line, file) = (lines.path().join("line-1"), lines.path().join("w1.capture"));
    let emulator = Emulator::speaking("onbon-bx5k", &line, &[1]);
    let sign = format!("protocol = \"onbon-bx5k\"\n{}", window_sign(1, 1));
    let hall = TestHall::new(1, &[(&line, &sign)]);
    let _controller = hall.start();
    let client = hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let mut pad = Device::new(&client, "window/1", 1);
    pad.press("open");
    let number = kiosk.take_number("social");
    let mut recording = Command::new(BINARY)
        .args(["sign", "capture", "--config", hall.config().to_str().unwrap(), "--sign", "S1", "--out"])
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the recording has begun", || {
        std::fs::read_to_string(&file).is_ok_and(|text| text.contains('\n')).then_some(())
    });
    pad.press("next");
    emulator.await_text(1, &[&number, "请到1号窗口"]);
    eventually("the answer is recorded", || {
        std::fs::read_to_string(&file).unwrap().contains(" < ").then_some(())
    });
    crate::support::controller::signal("INT", recording.id());
    assert!(recording.wait().unwrap().success());

    let text = std::fs::read_to_string(&file).unwrap();
    let head =
        format!("# hall-controller line capture 1 port={} protocol=onbon-bx5k baud=57600\n", line.display());
    assert!(text.starts_with(&head), "{text}");
    // The record that was being written when somebody pulled the plug.
    std::fs::write(&file, text + "2026-03-02T01:30:00.000000Z > a5a").unwrap();
    let decode = |json: &[&str]| {
        let path = file.to_str().unwrap();
        run(&[&["sign", "decode", "--protocol", "onbon-bx5k", "--capture", path], json].concat())
    };
    let (code, told, error) = decode(&[]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(told.contains(&number) && told.contains("请到1号窗口"), "{told}");
    assert!(told.contains(" sent\nframe ") && told.contains(" heard\nframe "), "{told}");
    let (_, told, _) = decode(&["--json"]);
    let frames: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let times: Vec<&str> = frames.iter().map(|frame| frame["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted() && frames.iter().any(|frame| frame["way"] == "heard"), "{told}");
    let call = frames.iter().find(|frame| frame["shows"]["text"][0] == *number).unwrap();
    assert_eq!((call["way"].as_str(), call["checksum"]["right"].as_bool()), (Some("sent"), Some(true)));
}

#[test]
fn what_cannot_be_recorded_or_read_is_said_in_one_sentence() {
    let lines = tempfile::TempDir::new().unwrap();
    let line = lines.path().join("line-1");
    let hall = TestHall::new(1, &[(&line, &window_sign(1, 1))]);
    let (config, out) = (hall.config(), lines.path().join("x.capture"));
    let (config, out) = (config.to_str().unwrap(), out.to_str().unwrap());
    let capture = |which: [&str; 2], out: &str| {
        let (code, _, error) = run(&[
            "sign",
            "capture",
            "--config",
            config,
            which[0],
            which[1],
            "--out",
            out,
            "--duration",
            "1",
        ]);
        (code, error)
    };
    let (code, error) = capture(["--sign", "S1"], out);
    assert!(
        code == 1 && error.contains("does not answer") && error.contains("hall-controller run"),
        "{error}"
    );
    let controller = hall.start();
    let (code, error) = capture(["--sign", "S9"], out);
    assert!(code == 1 && error.contains("There is no such sign or line; the lines are: "), "{error}");
    assert!(error.contains(line.to_str().unwrap()), "{error}");
    assert_eq!(capture(["--port", line.to_str().unwrap()], out), (0, String::new()));
    let (code, error) = capture(["--sign", "S1"], out);
    assert!(code == 1 && error.contains("cannot be written") && error.contains("--out"), "{error}");
    drop(controller);
    let (code, _, error) = run(&["sign", "decode", "--protocol", "native", "--capture", config]);
    assert!(code == 2 && error.contains("is it a file that `sign capture` made?"), "{error}");
    let (code, _, error) = run(&["sign", "decode", "--protocol", "native", "--capture", out]);
    assert!(code == 1 && error.contains("no frame of native"), "{error}");
}
