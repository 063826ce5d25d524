//! Characters that nobody sees, in reasons and names by REST and by MQTT.

use super::*;

/// Overrides and isolates of text from right to left, spaces without width, and separators of lines.
const UNSEEN: [char; 8] =
    ['\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}', '\u{200B}', '\u{FEFF}', '\u{2028}', '\u{2029}'];

#[test]
fn what_nobody_sees_of_a_reason_reaches_no_page_no_trace_and_no_export() {
    let managed = Managed::new(2);
    let _controller = managed.start();
    let hides: String = UNSEEN.iter().flat_map(|c| ['午', *c]).collect();
    let order = |path: &str, body: &Value| managed.as_client(TOKEN, "POST", path, body);
    order("windows/1/open", &Value::Null);
    assert_eq!(order("windows/1/pause", &json!({ "reason": hides })).0, 200);
    let client = managed.hall.client("devices");
    let mut kiosk = Device::new(&client, "kiosk/K1", 1);
    let lease = kiosk.next(json!({ "request": { "lease": { "service": "social", "count": 2 } } }));
    kiosk.ask("request", &lease);
    assert_eq!(order("kiosks/K1/write-off", &json!({ "by": hides, "reason": hides })).0, 200);
    let number = kiosk.take_number("social");
    let mut pad = Device::new(&client, "window/2", 2);
    pad.press("open");
    pad.press("next");
    let parks = pad.next(json!({ "key": "park", "reason": hides }));
    pad.ask("press", &parks);

    let shown = managed.picture()["windows"][0]["reason"].as_str().unwrap().to_owned();
    assert_eq!(shown.chars().filter(|c| *c == '午').count(), UNSEEN.len(), "{shown:?}");
    let data = managed.hall.data();
    let export = |format| run(&["export", "--data", data.to_str().unwrap(), "--format", format]).1;
    let config = managed.hall.config();
    let trace = run(&["trace", &number, "--config", config.to_str().unwrap()]).1;
    for (what, text) in
        [("page", shown), ("csv", export("csv")), ("jsonl", export("jsonl")), ("trace", trace)]
    {
        assert!(text.contains('午'), "{what} has no reason: {text}");
        assert!(!text.contains(UNSEEN), "{what}: {text:?}");
    }
}
