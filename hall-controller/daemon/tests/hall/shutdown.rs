//! SIGTERM ends the hall in good order, and a second start goes on where it was.

use crate::support::hall::{Device, topic};

#[test]
fn after_sigterm_devices_see_the_controller_offline_and_a_restart_goes_on() {
    let mosquitto = crate::mosquitto::Mosquitto::start();
    let hall = mosquitto.hall(1);
    let controller = hall.start();
    let kiosk_client = mosquitto.log_in("K1", &[topic("kiosk/K1/#")]);
    let mut kiosk = Device::new(&kiosk_client, "kiosk/K1", 1);
    assert_eq!(kiosk.take_number("social"), "A001");
    let watcher = mosquitto.log_in("technician", &[topic("#")]);
    watcher.wait("the controller is online", |message| {
        message.topic == topic("controller/status") && message.body["online"] == true
    });
    let (status, _) = controller.stop();
    assert!(status.success(), "{status}");
    watcher.wait("the controller is offline", |message| {
        message.topic == topic("controller/status") && message.body["online"] == false
    });

    let _controller = hall.start();
    assert_eq!(kiosk.take_number("social"), "A002");
}
