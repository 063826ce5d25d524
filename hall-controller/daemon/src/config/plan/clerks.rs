//! The tables `[[clerk]]`: who may sign on, with which skills, and who stands in (AB 岗).

use hall_core::plan::Clerk;
use hall_protocol::id::ClerkId;

use super::{NAME_BYTES_MAX, SERVICES, services};
use crate::config::errors::words;
use crate::config::reader::{Table, Value};
use crate::config::values::{Names, id, name};

/// The clerks, as far as they can be read. A backup may stand further down in the file.
pub(super) fn of(root: &Table<'_>, service_ids: &Names) -> Vec<Clerk> {
    let mut names = Names::default();
    let tables: Vec<_> = root.each("clerk").into_iter().collect();
    let ids: Vec<Option<ClerkId>> = tables.iter().map(|table| badge(table, &mut names)).collect();
    let read = |(table, id): (&Table<'_>, Option<ClerkId>)| clerk(table, id, service_ids, &names);
    let clerks = tables.iter().zip(ids).filter_map(read).collect();
    for table in tables {
        table.finish();
    }
    clerks
}

fn badge(table: &Table<'_>, names: &mut Names) -> Option<ClerkId> {
    let asked = table.required("id", "\"1042\"");
    let id = asked.as_ref().and_then(id);
    if let (Some(value), Some(_)) = (&asked, id) {
        names.give(value, "clerk");
    }
    id
}

fn clerk(table: &Table<'_>, id: Option<ClerkId>, service_ids: &Names, names: &Names) -> Option<Clerk> {
    let name = name(table, NAME_BYTES_MAX, "\"王芳\"", "\"Wang Fang\"");
    let skills = match table.optional("services", SERVICES) {
        Some(value) => services(&value, service_ids),
        None => Some(Vec::new()),
    };
    let backup = match table.optional("backup", "\"1043\"") {
        Some(value) => backup(&value, id, names).map(Some),
        None => Some(None),
    };
    Some(Clerk { id: id?, name: name?, services: skills?, backup: backup? })
}

fn backup(value: &Value<'_>, of: Option<ClerkId>, names: &Names) -> Option<ClerkId> {
    let backup: ClerkId = names.refer(value, "clerk")?;
    if of == Some(backup) {
        value.wrong(
            words!("不能由本人顶替本人", "nobody stands in for themselves"),
            words!("请写另一位窗口人员的编号", "write the id of another clerk"),
        );
        return None;
    }
    Some(backup)
}
