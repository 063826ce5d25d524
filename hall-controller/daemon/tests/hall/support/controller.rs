//! The real binary as a process of its own: started, asked, ended, killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::eventually;

/// Where cargo has put the binary.
pub const BINARY: &str = env!("CARGO_BIN_EXE_hall-controller");

/// A running `hall-controller run`.
pub struct Controller {
    child: Child,
    logs: Arc<Mutex<Vec<Value>>>,
}

impl Controller {
    /// Start on this configuration and wait until the hall is open.
    pub fn start(config: &Path) -> Self {
        Self::spawn(config).opened()
    }

    /// The same where no file may grow beyond so many bytes, as on a full disk.
    pub fn start_with_file_limit(config: &Path, bytes: u64) -> Self {
        Self::spawn_by(with_file_limit(bytes), config, &[]).opened()
    }

    /// The same, as a technician does who knows that the computer that ran the hall is gone for good.
    pub fn take_over(config: &Path) -> Self {
        Self::spawn_by(Command::new(BINARY), config, &["--take-over"]).opened()
    }

    /// Let files grow again.
    pub fn lift_file_limit(&self) {
        let lifted = Command::new("prlimit")
            .args(["--pid", &self.child.id().to_string(), "--fsize=unlimited:unlimited"])
            .status()
            .unwrap();
        assert!(lifted.success(), "{lifted}");
    }

    fn opened(self) -> Self {
        let mut controller = self;
        let logs = Arc::clone(&controller.logs);
        eventually("the hall opens", || {
            if let Some(status) = controller.child.try_wait().unwrap() {
                panic!("the controller ended at its start, {status}: {:#?}", logs.lock().unwrap());
            }
            controller.logged("the hall is open").is_some().then_some(())
        });
        controller
    }

    /// Start without waiting.
    pub fn spawn(config: &Path) -> Self {
        Self::spawn_by(Command::new(BINARY), config, &[])
    }

    fn spawn_by(mut command: Command, config: &Path, more: &[&str]) -> Self {
        let mut child = command
            .args(["--log-format", "json", "--log", "info", "run", "--config"])
            .arg(config)
            .args(more)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let logs = Arc::new(Mutex::new(Vec::new()));
        let (stderr, kept) = (child.stderr.take().unwrap(), Arc::clone(&logs));
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let entry = serde_json::from_str(&line).unwrap_or(Value::String(line));
                kept.lock().unwrap().push(entry);
            }
        });
        Self { child, logs }
    }

    /// Every log line so far.
    pub fn logs(&self) -> Vec<Value> {
        self.logs.lock().unwrap().clone()
    }

    /// The first log line with this message.
    pub fn logged(&self, message: &str) -> Option<Value> {
        self.logs.lock().unwrap().iter().find(|line| line["message"] == message).cloned()
    }

    /// As a power cut would: SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Send it a signal by its name.
    pub fn signal(&self, name: &str) {
        signal(name, self.child.id());
    }

    /// As systemd would: SIGTERM, and wait. Gives the exit status and all log lines.
    pub fn stop(mut self) -> (ExitStatus, Vec<Value>) {
        self.signal("TERM");
        let status = eventually("the controller ends after SIGTERM", || self.child.try_wait().unwrap());
        (status, self.logs())
    }

    /// Wait until it ends by itself with this code; gives all it said.
    pub fn ended(mut self, code: i32) -> String {
        let status = eventually("the controller ends by itself", || self.child.try_wait().unwrap());
        assert_eq!(status.code(), Some(code), "{:#?}", self.logs());
        // The reader of its last words may be a moment behind.
        eventually("it says why", || {
            let words = self.logs().iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
            words.contains("error: ").then_some(words)
        })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running `hall-controller demo`.
pub struct Demo {
    child: Child,
    /// Where its pages are, as `http://127.0.0.1:12345`.
    pub pages: String,
    /// What its manager shows.
    pub token: String,
}

impl Demo {
    /// Start on free ports, its day running this many times as fast, and wait for its addresses.
    pub fn start(speed: u32) -> Self {
        let mut child = Command::new(BINARY)
            .args(["demo", "--listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0"])
            .args(["--seed", "1", "--speed", &speed.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let screen = lines.find_map(|line| {
            let address = line.split_whitespace().find(|word| word.starts_with("http://"))?;
            Some(address.strip_suffix("/screen")?.to_owned())
        });
        let pages = screen.unwrap_or_else(|| panic!("the demo ended without telling where its screen is"));
        let token =
            lines.find_map(|line| Some(line.split_once("token ")?.1.trim_end_matches(')').to_owned()));
        let token = token.unwrap_or_else(|| panic!("the demo ended without telling the manager's token"));
        // It goes on writing; an unread pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, pages, token }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Send a signal by its name. After STOP the process stands: on a busy machine its threads go on for a while
/// after the signal is sent.
pub fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").args([format!("-{name}"), process.to_string()]).status().unwrap();
    assert!(sent.success(), "kill -{name} {process}: {sent}");
    if name == "STOP" {
        eventually("every thread of the process stands", || stands(process).then_some(()));
    }
}

/// Whether every thread of the process is stopped; see proc(5).
fn stands(process: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads.map(Result::unwrap).all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap();
        // The name before it may have blanks and parentheses of its own.
        stat.rsplit_once(") ").unwrap().1.starts_with('T')
    })
}

/// The binary where no file may grow beyond so many bytes.
fn with_file_limit(bytes: u64) -> Command {
    let mut command = Command::new("prlimit");
    // The signal of that limit is ignored here and so by the controller: it sees failed writes.
    command.arg(format!("--fsize={bytes}:unlimited"));
    command.args(["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\"", BINARY]);
    command
}

/// Run the binary to its end: exit code, standard output, standard error.
pub fn run(arguments: &[&str]) -> (i32, String, String) {
    ended(Command::new(BINARY).args(arguments))
}

/// The same where no file may grow beyond so many bytes.
pub fn run_with_file_limit(bytes: u64, arguments: &[&str]) -> (i32, String, String) {
    ended(with_file_limit(bytes).args(arguments))
}

/// The same in this folder, with these variables beside the usual ones and without the hall's own.
pub fn run_in(folder: &Path, variables: &[(&str, &Path)], arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(BINARY);
    command.env_remove("HALL_CONFIG").env_remove("HALL_DATA");
    ended(command.current_dir(folder).envs(variables.iter().copied()).args(arguments))
}

/// The same with this text on standard input.
pub fn run_fed(input: &str, arguments: &[&str]) -> (i32, String, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), input).unwrap();
    ended(Command::new(BINARY).args(arguments).stdin(file.reopen().unwrap()))
}

/// The same with standard output going to this file.
pub fn run_to(out: &Path, arguments: &[&str]) -> (i32, String) {
    let out = std::fs::File::options().write(true).open(out).unwrap();
    let output = Command::new(BINARY).args(arguments).stdout(out).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stderr).unwrap())
}

fn ended(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}
