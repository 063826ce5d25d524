//! Who else has a line's port: for the sentence that a technician reads.
//!
//! tokio-serial opens ports for itself alone (`TIOCEXCL`) and locks them (`flock`). Linux lists locks with
//! the owner's process in `/proc/locks` (`proc_locks(5)`), and each process's open files below
//! `/proc/PID/fd`; the latter can be seen of one's own processes only, by root of all.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{major, minor};

/// The longest command shown.
const COMMAND_CHARS_MAX: usize = 80;

/// A process that has a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    process: u32,
    command: String,
}

impl Owner {
    /// This process, by its number.
    pub(super) fn of_process(process: u32) -> Self {
        Self { process, command: command(process) }
    }

    /// Whether it is the one that asks.
    pub(super) fn is_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// What a technician does about it.
    pub(super) fn sentence(&self) -> String {
        if self.is_this_process() {
            return "another line of this hall has it open under another name; hang the signs of both on one [[line]]".into();
        }
        format!(
            "{self} has it open; stop that program, or write another port in its configuration or in this one"
        )
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { process, command } = self;
        if command.is_empty() {
            write!(f, "process {process}")
        } else {
            write!(f, "process {process} ({command})")
        }
    }
}

/// Who has the port, if it can be seen; never this process.
pub(super) fn of(port: &Path) -> Option<Owner> {
    let file = fs::metadata(port).ok()?;
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    let process = locked_by(&locks, file.dev(), file.ino()).or_else(|| opened_by(port))?;
    Some(Owner::of_process(process))
}

/// The process of the first lock on this file other than our own. A line of `/proc/locks` is such as
/// `1: FLOCK  ADVISORY  WRITE 708 00:16:5 0 EOF`: major, minor and inode in the sixth column.
fn locked_by(locks: &str, device: u64, inode: u64) -> Option<u32> {
    let wanted = format!("{:02x}:{:02x}:{inode}", major(device), minor(device));
    let process = |line: &str| {
        let mut words = line.split_whitespace().skip(4);
        let process: u32 = words.next()?.parse().ok()?;
        (words.next()? == wanted && process != std::process::id()).then_some(process)
    };
    locks.lines().find_map(process)
}

fn opened_by(port: &Path) -> Option<u32> {
    let port = fs::canonicalize(port).ok()?;
    let processes = fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find(|process: &u32| {
        let files = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().filter_map(Result::ok);
        *process != std::process::id()
            && files.filter_map(|file| fs::read_link(file.path()).ok()).any(|open| open == port)
    })
}

fn command(process: u32) -> String {
    let words = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words = String::from_utf8_lossy(&words).replace('\0', " ");
    let printable = words.trim().chars().filter(|character| !character.is_control());
    printable.take(COMMAND_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_found_by_device_and_inode() {
        let locks = "1: FLOCK  ADVISORY  WRITE 708 00:16:5 0 EOF\n\
                     2: POSIX  ADVISORY  READ 709 103:02:5 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 711 00:16:6 0 EOF\n";
        let device = rustix::fs::makedev(0, 0x16);
        assert_eq!(locked_by(locks, device, 5), Some(708));
        assert_eq!(locked_by(locks, device, 7), None);
        assert_eq!(locked_by("nonsense", device, 5), None);
    }

    #[test]
    fn nobody_and_oneself_are_no_owner() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(of(file.path()), None);
        assert_eq!(of(Path::new("/nowhere/at/all")), None);
    }

    #[test]
    fn a_process_that_has_a_file_open_is_named_with_its_command() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut child = std::process::Command::new("sleep")
            .arg("30")
            .stdin(fs::File::open(file.path()).unwrap())
            .spawn()
            .unwrap();
        let owner = of(file.path());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(owner.unwrap().to_string(), format!("process {} (sleep 30)", child.id()));
    }
}
