//! A file that must be whole or not there: written under another name beside its own, and renamed when
//! it is finished.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A file under another name until it is whole; removed if it never is.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    to: PathBuf,
    /// Whether it takes the place of a file that is there.
    over: bool,
}

impl Unfinished {
    /// Makes the file that will be `to`: the same name and `.part`, empty.
    ///
    /// Fails as [`File::create_new`] does, so also when `to` is there.
    pub fn beside(to: &Path) -> io::Result<Self> {
        refuse_existing(to)?;
        Self::part_of(to, false)
    }

    /// The same for a file that will take the place of `to`.
    pub(crate) fn over(to: &Path) -> io::Result<Self> {
        Self::part_of(to, true)
    }

    fn part_of(to: &Path, over: bool) -> io::Result<Self> {
        let mut path = to.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        // Left by one that was interrupted; now it is this one's.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        File::create_new(&path)?;
        Ok(Self { path, to: to.to_owned(), over })
    }

    /// Where to write meanwhile. What is written must be synced before [`Unfinished::finish`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name, durably; nothing is written over unless it was begun for that.
    pub fn finish(self) -> io::Result<()> {
        if !self.over {
            refuse_existing(&self.to)?;
        }
        let parent = self.to.parent().filter(|parent| !parent.as_os_str().is_empty());
        fs::rename(&self.path, &self.to)?;
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn refuse_existing(path: &Path) -> io::Result<()> {
    if path.exists() { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(()) }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After `finish` nothing of that name is left; before it, nobody has seen the file.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            let _ = fs::remove_file(path);
        }
    }
}
