//! Who waits for what no open window serves, and what the manager hears of it.

use super::*;

#[test]
fn a_manager_who_leaves_people_waiting_without_a_window_is_told_so() {
    let managed = Managed::new(2);
    let _controller = managed.start();
    let client = managed.hall.client("devices");
    Device::new(&client, "kiosk/K1", 1).take_number("tax");
    let order = |method: &str, path: &str, body: &Value| managed.as_client(TOKEN, method, path, body).1;
    let unserved = || managed.picture()["services"][1]["unserved"].clone();
    let (only, both) = (json!({ "primary": ["social"] }), json!({ "primary": ["social", "tax"] }));
    let done = json!({ "done": true });
    order("POST", "windows/1/open", &Value::Null);
    order("PUT", "windows/2/allocation", &only);
    assert_eq!(unserved(), false);
    let warning = json!({
        "code": "service_unserved",
        "service": "tax",
        "zh": "“税务”有 1 人等候，但没有开放的窗口办理：请为开放的窗口加上该事项，或另开窗口",
        "en": "1 waiting for Tax, and no open window serves it: give it to an open window, or open one that has it",
    });
    let warned = json!({ "done": true, "warnings": [warning] });
    assert_eq!(order("PUT", "windows/1/allocation", &only), warned);
    assert_eq!(order("PUT", "windows/1/allocation", &only), warned, "the answer may have been lost");
    assert_eq!(unserved(), true);
    assert_eq!(order("PUT", "windows/2/allocation", &both), warned, "it is still closed");
    assert_eq!(order("POST", "windows/2/open", &Value::Null), done);
    assert_eq!((order("PUT", "windows/1/pin", &Value::Null), unserved()), (done.clone(), json!(false)));
    assert_eq!(order("POST", "windows/2/close", &Value::Null), warned);
    assert_eq!(order("PUT", "windows/1/allocation", &both), done);
}
