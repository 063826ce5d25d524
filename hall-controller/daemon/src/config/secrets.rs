//! Secrets stand in files of their own, one line each, so that the configuration can be shown around.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::reader::{Value, quoted};
use super::settings::PATH_BYTES_MAX;
use super::values::one_line;

/// The longest secret or user name, in bytes: a longer one is a wrong file.
pub(super) const SECRET_BYTES_MAX: usize = 256;

/// The first line of the file `value` names, below `base`. `what` it is, such as `password`.
pub(super) fn secret(value: &Value<'_>, base: &Path, what: &str) -> Option<String> {
    let path = base.join(one_line(value, PATH_BYTES_MAX)?);
    let shown = quoted(&path.to_string_lossy());
    match first_line(&path) {
        Ok(line) if line.is_empty() => {
            value.wrong(
                format_args!("the file {shown} has no {what} in its first line"),
                format_args!("write the {what} there, and nothing else"),
            );
            None
        }
        Ok(line) if line.len() > SECRET_BYTES_MAX => {
            value.wrong(
                format_args!("the first line of {shown} is longer than any {what}"),
                format_args!("write the {what} there, at most {SECRET_BYTES_MAX} bytes"),
            );
            None
        }
        Ok(line) => Some(line),
        Err(error) => {
            let remedy = match error.kind() {
                io::ErrorKind::NotFound => format!("make the file with the {what} in its first line"),
                io::ErrorKind::PermissionDenied => "let the controller's user read it".to_owned(),
                _ => format!("name a text file with the {what} in its first line"),
            };
            value.wrong(format_args!("the {what} file {shown} cannot be read: {error}"), remedy);
            None
        }
    }
}

fn first_line(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    // One more than allowed, so that a longer line is seen to be longer.
    File::open(path)?.take(SECRET_BYTES_MAX as u64 + 2).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
