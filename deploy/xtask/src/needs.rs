//! What a bare Debian 12 lacks for the checks, and installing it.
//!
//! A machine that has everything is only looked at: a warm run needs no network and no root.
//! A C compiler is not on the list, because without one this program could not have been linked.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::check::BARE_TARGET;
use crate::command::Tool;

/// Where Debian keeps programs; daemons are in `sbin`, which is not on everybody's `PATH`.
const PROGRAM_FOLDERS: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin"];

/// How to see whether a Debian package's part is there.
#[derive(Debug, Clone, Copy)]
enum Probe {
    /// A program of this name.
    Program(&'static str),
    /// A file at this place.
    File(&'static str),
}

impl Probe {
    fn is_there(self) -> bool {
        match self {
            Self::Program(name) => PROGRAM_FOLDERS.iter().any(|folder| Path::new(folder).join(name).exists()),
            Self::File(path) => Path::new(path).exists(),
        }
    }
}

/// Debian packages the tests use.
const PACKAGES: [(Probe, &str); 6] = [
    // The pages are tested in a real browser.
    (Probe::Program("chromium"), "chromium"),
    // What drives the browser.
    (Probe::Program("chromedriver"), "chromium-driver"),
    // Without a Chinese font the screenshots are empty boxes.
    (Probe::File("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), "fonts-noto-cjk"),
    // The broker of a production hall.
    (Probe::Program("mosquitto"), BROKER),
    // An MQTT client written by somebody else plays kiosk and call pad.
    (Probe::Program("mosquitto_pub"), "mosquitto-clients"),
    // The board the firmware is tested on.
    (Probe::Program("qemu-system-arm"), "qemu-system-arm"),
];

const BROKER: &str = "mosquitto";

/// Parts of the Rust toolchain: how to see them, and the `rustup` words that add them.
const TOOLCHAIN: [([&str; 2], [&str; 3]); 2] = [
    (["fmt", "--version"], ["component", "add", "rustfmt"]),
    (["clippy", "--version"], ["component", "add", "clippy"]),
];

/// Install what is missing.
pub(crate) fn install() -> Result<()> {
    for (probe, remedy) in TOOLCHAIN {
        if !Tool::new("cargo", &probe).succeeds() {
            rustup(&remedy)?;
        }
    }
    if !bare_target_is_there()? {
        rustup(&["target", "add", BARE_TARGET])?;
    }
    let packages = missing(&PACKAGES, Probe::is_there);
    if packages.is_empty() { Ok(()) } else { debian(&packages) }
}

fn missing(packages: &[(Probe, &'static str)], is_there: impl Fn(Probe) -> bool) -> Vec<&'static str> {
    packages.iter().filter(|(probe, _)| !is_there(*probe)).map(|(_, package)| *package).collect()
}

fn bare_target_is_there() -> Result<bool> {
    let sysroot = Tool::new("rustc", &["--print", "sysroot"]).output()?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(BARE_TARGET).exists())
}

fn rustup(words: &[&str]) -> Result<()> {
    Tool::new("rustup", words)
        .run()
        .with_context(|| format!("this Rust toolchain has no {}; install it and try again", words[2]))
}

fn debian(packages: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if !Probe::Program("apt-get").is_there() {
        bail!("missing: {}; this is not Debian, so please install them by hand", packages.join(", "));
    }
    let root = is_root()?;
    if !root && !Tool::new("sudo", &["-n", "true"]).succeeds() {
        bail!("missing: {}; as root: {by_hand}", packages.join(", "));
    }
    eprintln!("    installing: {by_hand}");
    update_packages()?;
    // Run level 1 keeps a System V machine from starting the broker, which would hold port 1883.
    let mut words = vec!["env", "RUNLEVEL=1", "DEBIAN_FRONTEND=noninteractive"];
    words.extend(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends"]);
    words.extend(packages);
    as_root(root, &words).run()?;
    // systemd has started it all the same; nobody here asked for a service.
    if packages.contains(&BROKER) && Path::new("/run/systemd/system").exists() {
        as_root(root, &["systemctl", "disable", "--now", "mosquitto.service"]).run()?;
    }
    Ok(())
}

/// Learn anew which packages there are.
pub(crate) fn update_packages() -> Result<()> {
    as_root(is_root()?, &["apt-get", "update", "--quiet"]).run()
}

fn is_root() -> Result<bool> {
    Ok(Tool::new("id", &["-u"]).output()?.trim() == "0")
}

fn as_root(root: bool, words: &[&str]) -> Tool {
    match words {
        [program, arguments @ ..] if root => Tool::new(program, arguments),
        _ => Tool::new("sudo", &[&["-n"], words].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_installed() {
        let no_browser = |probe| !matches!(probe, Probe::Program("chromium"));
        assert_eq!(missing(&PACKAGES, no_browser), ["chromium"]);
        assert!(missing(&PACKAGES, |_| true).is_empty());
        assert_eq!(missing(&PACKAGES, |_| false).len(), PACKAGES.len());
    }

    #[test]
    fn a_program_is_found_where_debian_puts_it() {
        assert!(Probe::Program("env").is_there());
        assert!(!Probe::Program("no-such-program").is_there());
    }

    #[test]
    fn root_needs_no_sudo() {
        assert_eq!(as_root(true, &["apt-get", "update"]).to_string(), "apt-get update");
        assert_eq!(as_root(false, &["apt-get", "update"]).to_string(), "sudo -n apt-get update");
    }
}
