//! File systems of a test's own, and what only root may do to them.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Run as root: as it is, or by `sudo` where that asks for no password.
pub fn as_root(words: &[&str]) -> Result<(), String> {
    let ran = |output: std::io::Result<Output>| match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{words:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("{words:?}: {error}")),
    };
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        ran(Command::new(words[0]).args(&words[1..]).output())
    } else {
        ran(Command::new("sudo").arg("-n").args(words).output())
    }
}

/// Say past the harness, which keeps what passing tests print, that a test did not do its work.
/// `cargo xtask test` counts it as skipped, which CI does not allow.
pub fn skip(test: &str, why: &str) {
    let line = format!("\nskipped while running: {test}: {why}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// A small file system in memory.
pub struct Mounted {
    at: PathBuf,
}

impl Mounted {
    /// Mount one of so many bytes at this folder, which is made.
    pub fn tmpfs(at: &Path, bytes: u64) -> Result<Self, String> {
        std::fs::create_dir_all(at).unwrap();
        let options = format!("size={bytes},mode=1777");
        as_root(&["mount", "-t", "tmpfs", "-o", &options, "hall-test", at.to_str().unwrap()])?;
        Ok(Self { at: at.to_owned() })
    }

    /// Change what it may: `ro`, `rw`.
    pub fn remount(&self, how: &str) -> Result<(), String> {
        as_root(&["mount", "-o", &format!("remount,{how}"), self.at.to_str().unwrap()])
    }

    /// Take all space there is.
    pub fn fill(&self) {
        let mut filler = File::create(self.filler()).unwrap();
        // Page by page: whatever is left after an error is less than one.
        while filler.write_all(&[7; 4096]).is_ok() {}
    }

    /// Give it back.
    pub fn empty(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a controller that a failed test leaves behind may still have files open.
        let _ = as_root(&["umount", "--lazy", self.at.to_str().unwrap()]);
    }
}

/// Forbids, and allows again, every write to some files, also to those who have them open.
pub struct Immutable {
    files: Vec<PathBuf>,
}

impl Immutable {
    /// Forbid it.
    pub fn files(files: &[PathBuf]) -> Result<Self, String> {
        let immutable = Self { files: files.to_vec() };
        immutable.attribute("+i").map(|()| immutable)
    }

    fn attribute(&self, change: &str) -> Result<(), String> {
        let files = self.files.iter().map(|file| file.to_str().unwrap());
        as_root(&["chattr", change].into_iter().chain(files).collect::<Vec<_>>())
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        self.attribute("-i").unwrap();
    }
}

/// Whether this file system keeps an immutable file from those who have it open.
pub fn knows_immutable(folder: &Path) -> Result<(), String> {
    let path = folder.join("probe");
    let mut file = File::create(&path).unwrap();
    let immutable = Immutable { files: vec![path.clone()] };
    immutable.attribute("+i")?;
    let written = file.write_all(b"x");
    drop(immutable);
    std::fs::remove_file(&path).unwrap();
    if written.is_err() { Ok(()) } else { Err("an immutable file that is open can be written".into()) }
}
