//! A production hall: Debian's Mosquitto, with the files of `deploy/mosquitto` as they are.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::support::client::Client;
use crate::support::hall::{Device, Lines, TestHall, topic};
use crate::support::{eventually, free_port};

/// Every test user's password.
const PASSWORD: &str = "for-the-test-only";

/// A user who may publish everywhere, as on a broker without the deployed access rules.
pub const VANDAL: &str = "vandal";

/// A running Mosquitto.
pub struct Mosquitto {
    child: Child,
    directory: TempDir,
    port: u16,
}

impl Mosquitto {
    /// Install the deployed files into a folder of their own, with users, and start.
    pub fn start() -> Self {
        let (directory, port) = (TempDir::new().unwrap(), free_port());
        let place = directory.path();
        let deployed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy/mosquitto");
        for file in ["hall.conf", "hall.acl"] {
            std::fs::copy(deployed.join(file), place.join(file)).unwrap();
        }
        for folder in ["listeners", "state"] {
            std::fs::create_dir(place.join(folder)).unwrap();
        }
        let mut acl = std::fs::OpenOptions::new().append(true).open(place.join("hall.acl")).unwrap();
        writeln!(acl, "\nuser {VANDAL}\ntopic readwrite hall/v1/+/#").unwrap();
        let listener = std::fs::read_to_string(deployed.join("listeners/hall.conf")).unwrap();
        // As its README says: only the line with the port is another one.
        let listener = listener.replace("listener 1883", &format!("listener {port} 127.0.0.1"));
        std::fs::write(place.join("listeners/hall.conf"), listener).unwrap();
        let users = ["controller", "pages", "technician", "K1", "1", "2", VANDAL];
        for (i, user) in users.iter().enumerate() {
            let mut command = Command::new("mosquitto_passwd");
            command.arg("-b");
            if i == 0 {
                command.arg("-c");
            }
            let made = command.arg(place.join("hall.passwd")).args([user, PASSWORD]).output().unwrap();
            assert!(made.status.success(), "{made:?}");
        }
        // Started by root it goes on as the user mosquitto.
        let open = |path: &Path, mode| {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        open(place, 0o755);
        open(&place.join("state"), 0o777);
        open(&place.join("hall.passwd"), 0o644);
        std::fs::write(place.join("password"), PASSWORD).unwrap();
        let mut mosquitto = Self { child: Self::child(place), directory, port };
        mosquitto.await_listening();
        mosquitto
    }

    fn child(place: &Path) -> Child {
        Command::new("/usr/sbin/mosquitto")
            .args(["-c", "hall.conf"])
            .current_dir(place)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn await_listening(&mut self) {
        eventually("mosquitto listens", || std::net::TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// As systemd would: what is to survive it is on the disk.
    pub fn stop(&mut self) {
        self.signal("TERM");
        self.child.wait().unwrap();
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Start it again after [`Mosquitto::kill`].
    pub fn run(&mut self) {
        self.child = Self::child(self.directory.path());
        self.await_listening();
    }

    /// Send it a signal by its name.
    pub fn signal(&self, name: &str) {
        crate::support::controller::signal(name, self.child.id());
    }

    /// Take away its sessions and retained messages, while it does not run.
    pub fn forget(&self) {
        for entry in std::fs::read_dir(self.directory.path().join("state")).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }

    /// A hall on this broker.
    pub fn hall(&self, windows: usize) -> TestHall {
        self.hall_with(windows, &[], "")
    }

    /// The same with signs.
    pub fn hall_with_signs(&self, windows: usize, lines: Lines) -> TestHall {
        self.hall_with(windows, lines, "")
    }

    /// The same, whose pages are kiosks and call pads.
    pub fn hall_with_pages(&self, windows: usize) -> TestHall {
        let file = self.directory.path().join("password");
        let user = "virtual_devices_username = \"pages\"";
        let file = format!("virtual_devices_password_file = \"{}\"", file.display());
        self.hall_with(windows, &[], &format!(", {user}, {file}"))
    }

    fn hall_with(&self, windows: usize, lines: Lines, pages: &str) -> TestHall {
        let (port, file) = (self.port, self.directory.path().join("password"));
        let login = format!("username = \"controller\", password_file = \"{}\"", file.display());
        let broker = format!("broker = {{ host = \"127.0.0.1\", port = {port}, {login}{pages} }}");
        TestHall::on_broker(windows, lines, self.port, &broker)
    }

    /// Connect as the controller and go, so that the broker forgets the controller's session, as it does
    /// when that has expired. A controller that is connected is thrown out.
    pub fn end_the_controllers_session(&self) {
        drop(Client::log_in(self.port, "controller", PASSWORD, &[]));
    }

    /// A client with a user of the broker's.
    pub fn log_in(&self, user: &str, filters: &[String]) -> Client {
        Client::log_in(self.port, user, PASSWORD, filters)
    }

    /// The same, which does not mind a broker that stands still.
    pub fn log_in_for_long(&self, user: &str, filters: &[String]) -> Client {
        Client::log_in_for_long(self.port, user, PASSWORD, filters)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_hall_runs_on_debians_mosquitto_with_the_deployed_configuration_and_acl() {
    let mosquitto = Mosquitto::start();
    let hall = mosquitto.hall(2);
    let _controller = hall.start();
    let (k1, one) =
        (mosquitto.log_in("K1", &[topic("kiosk/K1/#")]), mosquitto.log_in("1", &[topic("window/1/#")]));
    let mut kiosk = Device::new(&k1, "kiosk/K1", 1);
    let mut pad = Device::new(&one, "window/1", 1);
    let number = kiosk.take_number("social");
    pad.press("open");
    assert_eq!(pad.press("next")["done"]["ticket"]["number"], number.as_str());
    one.wait("the window's state", |message| {
        message.topic == topic("window/1/state") && message.body["ticket"]["number"] == number.as_str()
    });

    // A pad that presses for another window is not heard.
    let press = json!({ "v": 1, "session": 1, "seq": 9, "age_ms": 0, "key": "open" });
    one.publish(&topic("window/2/press"), press.to_string(), false);
    assert_eq!(pad.press("start")["done"]["ticket"]["state"], "serving");
    let view: serde_json::Value = serde_json::from_str(&hall.get("/api/view")).unwrap();
    assert_eq!(view["windows"][1]["mode"], "closed", "{view}");
}
