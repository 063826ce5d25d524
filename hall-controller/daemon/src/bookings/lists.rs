//! `appointments import` and `appointments export`: lists from and to files.

use std::fmt::Write as _;
use std::path::Path;

use super::Imported;
use crate::caller::{CallError, Caller};

impl Caller<'_> {
    /// Import the list in the file `path`, or only try it.
    ///
    /// # Errors
    /// When the file or the controller cannot be reached, or all of it is refused.
    pub fn import(&self, path: &Path, dry_run: bool) -> Result<Imported, CallError> {
        let list = std::fs::read(path)
            .map_err(|cause| CallError::File { path: path.display().to_string(), cause })?;
        let target = format!("/api/v1/import/appointments?dry_run={dry_run}");
        let body = self.ask("POST", &target, "text/csv", &list)?;
        serde_json::from_slice(&body).map_err(|_| CallError::Unreadable(self.address))
    }

    /// The list of all appointments, as CSV.
    ///
    /// # Errors
    /// When the controller cannot be reached or refuses.
    pub fn export(&self) -> Result<Vec<u8>, CallError> {
        self.ask("GET", "/api/v1/appointments.csv", "text/csv", &[])
    }
}

/// An import in words: one line for each row that was not taken over, and the sum.
pub fn report(path: &Path, imported: &Imported) -> String {
    let mut text = String::new();
    for row in &imported.refused {
        let id = if row.id.is_empty() { String::new() } else { format!(" ({})", row.id) };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}:{}{id}: {} / {}", path.display(), row.line, row.zh, row.en);
    }
    if !imported.ignored_columns.is_empty() {
        let columns = imported.ignored_columns.join(", ");
        let _ = writeln!(text, "Columns not taken over, and kept nowhere: {columns}");
    }
    let Imported { dry_run, rows, booked, changed, unchanged, refused, .. } = imported;
    let tried = if *dry_run { "Tried only, nothing was changed: " } else { "" };
    let refused = refused.len();
    let _ = write!(
        text,
        "{tried}{rows} rows: {booked} booked, {changed} changed, {unchanged} unchanged, {refused} refused"
    );
    text
}
