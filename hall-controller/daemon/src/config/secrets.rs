//! Secrets stand in files of their own, one line each, so that the configuration can be shown around.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::errors::{Words, words};
use super::reader::{Value, quoted};
use super::settings::PATH_BYTES_MAX;
use super::values::one_line;

/// The longest secret or user name, in bytes: a longer one is a wrong file.
pub(super) const SECRET_BYTES_MAX: usize = 256;

/// What a secret is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Secret {
    /// A user of the broker's.
    Password,
    /// A client of the hall's.
    Token,
}

impl Secret {
    const fn name(self) -> [&'static str; 2] {
        match self {
            Self::Password => ["密码", "password"],
            Self::Token => ["口令", "token"],
        }
    }
}

/// The first line of the file `value` names, below `base`.
pub(super) fn secret(value: &Value<'_>, base: &Path, secret: Secret) -> Option<String> {
    let [zh, en] = secret.name();
    let path = base.join(one_line(value, PATH_BYTES_MAX)?);
    let shown = quoted(&path.to_string_lossy());
    match first_line(&path) {
        Ok(line) if line.is_empty() => {
            value.wrong(
                Words {
                    zh: format!("文件 {shown} 的第一行没有{zh}"),
                    en: format!("the file {shown} has no {en} in its first line"),
                },
                Words {
                    zh: format!("请在那里只写{zh}"),
                    en: format!("write the {en} there, and nothing else"),
                },
            );
            None
        }
        Ok(line) if line.len() > SECRET_BYTES_MAX => {
            value.wrong(
                Words {
                    zh: format!("{shown} 的第一行过长，不会是{zh}"),
                    en: format!("the first line of {shown} is longer than any {en}"),
                },
                Words {
                    zh: format!("请在那里写{zh}，最多 {SECRET_BYTES_MAX} 字节"),
                    en: format!("write the {en} there, at most {SECRET_BYTES_MAX} bytes"),
                },
            );
            None
        }
        Ok(line) => Some(line),
        Err(error) => {
            let remedy = match error.kind() {
                io::ErrorKind::NotFound => Words {
                    zh: format!("请建立该文件，第一行写{zh}"),
                    en: format!("make the file with the {en} in its first line"),
                },
                io::ErrorKind::PermissionDenied => {
                    words!("请让控制器的用户可以读取它", "let the controller's user read it")
                }
                _ => Words {
                    zh: format!("请写一个文本文件，其第一行为{zh}"),
                    en: format!("name a text file with the {en} in its first line"),
                },
            };
            let problem = Words {
                zh: format!("{zh}文件 {shown} 无法读取（{error}）"),
                en: format!("the {en} file {shown} cannot be read: {error}"),
            };
            value.wrong(problem, remedy);
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
