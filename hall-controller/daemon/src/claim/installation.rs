//! Which data directory this is, for other controllers of the hall: an id drawn when it was first used, and the
//! term in which it holds the hall. Both stand in a small file beside the journal.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hall_core::claim::Installation;
use hall_journal::JOURNAL_FILE;
use hall_protocol::text::Text;
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::HOST;

const FILE: &str = "installation.json";

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be used: {why}. If it is damaged, move it away and start again; a new one is made", path.display())]
pub struct InstallationError {
    path: PathBuf,
    why: io::Error,
}

/// What stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    id: Text<16>,
    #[serde(default)]
    term: u32,
}

/// The file in one data directory.
#[derive(Debug, Clone)]
pub struct InstallationFile {
    path: PathBuf,
    written: Written,
    installation: Installation,
}

impl InstallationFile {
    /// Read it in `directory`, which is this process's own, or make it.
    ///
    /// A journal without it was put back from a backup, or is of an older version: the id it had is not known,
    /// and place and machine must do until the next start.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open(directory: &Path) -> Result<Self, InstallationError> {
        let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
        let path = directory.join(FILE);
        let failed = |why| InstallationError { path: path.clone(), why };
        let (written, known) = match fs::read(&path) {
            Ok(bytes) => (serde_json::from_slice(&bytes).map_err(|why| failed(why.into()))?, true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let id = format!("{:016x}", fastrand::u64(..)).as_str().into();
                let written = Written { id, term: 0 };
                let made = write(&path, &written);
                if let Err(why) = &made {
                    // A full disk keeps no hall closed; place and machine must do for an id.
                    warn!(path = %path.display(), %why, "this data directory gets no id yet");
                }
                (written, made.is_ok() && !directory.join(JOURNAL_FILE).exists())
            }
            Err(error) => return Err(failed(error)),
        };
        let installation = Installation {
            host: HOST.as_str().into(),
            data: absolute.to_string_lossy().as_ref().into(),
            id: known.then(|| written.id.clone()),
        };
        Ok(Self { path, written, installation })
    }

    /// Which one it is.
    pub fn installation(&self) -> Installation {
        self.installation.clone()
    }

    /// The term in which it held the hall last.
    pub fn term(&self) -> u32 {
        self.written.term
    }

    /// Keep that it holds the hall in `term`. Blocks until that is on the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, term: u32) -> Result<(), InstallationError> {
        if term == self.written.term {
            return Ok(());
        }
        write(&self.path, &Written { term, ..self.written.clone() })
            .map_err(|why| InstallationError { path: self.path.clone(), why })
    }
}

/// Whole or not at all, also after a power cut.
fn write(path: &Path, written: &Written) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = File::create(&part)?;
    file.write_all(&serde_json::to_vec(written)?)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_keeps_its_id_and_its_term_and_one_with_an_older_journal_does_not_know_its_id() {
        let directory = tempfile::tempdir().unwrap();
        let first = InstallationFile::open(directory.path()).unwrap();
        assert!(first.installation().id.is_some());
        first.keep(2).unwrap();
        let again = InstallationFile::open(directory.path()).unwrap();
        assert_eq!((again.installation(), again.term()), (first.installation(), 2));

        fs::remove_file(directory.path().join(FILE)).unwrap();
        fs::write(directory.path().join(JOURNAL_FILE), "").unwrap();
        assert_eq!(InstallationFile::open(directory.path()).unwrap().installation().id, None);
        assert!(InstallationFile::open(directory.path()).unwrap().installation().id.is_some());
    }

    #[test]
    fn a_damaged_file_is_named_with_the_remedy() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(FILE), "{").unwrap();
        let said = InstallationFile::open(directory.path()).unwrap_err().to_string();
        assert!(said.contains(FILE) && said.contains("move it away"), "{said}");
    }
}
