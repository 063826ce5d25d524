//! The tables `[[window]]`: what stands above it, and what it serves first and as a backup.

use hall_core::plan::Window;
use hall_protocol::id::{ServiceId, WindowId};

use super::super::calendar;
use super::super::errors::words;
use super::super::reader::{Table, Value};
use super::super::values::{Names, id, one_line};
use super::{Parts, SERVICES, give_device_id, services};

/// The longest label of a window on the wire, in bytes (`BoardCall::label`).
const LABEL_BYTES_MAX: usize = 8;

/// How backup services are listed.
const BACKUP: &str = "[\"property\"]";

pub(super) fn of(table: &Table<'_>, parts: &mut Parts) -> Option<Window> {
    let asked = table.required("id", "\"1\"");
    let id: Option<WindowId> = asked.as_ref().and_then(id);
    if let (Some(value), Some(_)) = (&asked, id) {
        give_device_id(&mut parts.device_ids, value, "window");
    }
    let label = match table.optional("label", "\"1\"") {
        Some(value) => one_line(&value, LABEL_BYTES_MAX).map(str::to_owned),
        None => id.and_then(|id| {
            let fits = id.as_str().len() <= LABEL_BYTES_MAX;
            if !fits {
                let problem = words!(
                    "不写 label 即显示编号，而显示设备最多 {LABEL_BYTES_MAX} 字节",
                    "without a label citizens read the id, and displays take {LABEL_BYTES_MAX} bytes"
                );
                let remedy = words!(
                    "请写窗口上方的字样，例如 label = \"1\"",
                    "write label = \"1\", what stands above the window"
                );
                table.wrong_key("label", problem, remedy);
            }
            fits.then(|| id.as_str().to_owned())
        }),
    };
    let primary = table.required("services", SERVICES).and_then(|value| services(&value, &parts.service_ids));
    let backup = match table.optional("backup", BACKUP) {
        Some(value) => backup(&value, primary.as_deref().unwrap_or_default(), &parts.service_ids),
        None => Some(Vec::new()),
    };
    let hours = calendar::hours(table);
    Some(Window { id: id?, label: label?, services: primary?, backup: backup?, hours: hours? })
}

/// The services of the second tier, none of which is one of the first.
fn backup(value: &Value<'_>, primary: &[ServiceId], known: &Names) -> Option<Vec<ServiceId>> {
    let items = value.items()?;
    if items.is_empty() {
        return Some(Vec::new());
    }
    let read = services(value, known)?;
    for (item, service) in items.iter().zip(&read) {
        if primary.contains(service) {
            item.wrong(
                words!(
                    "\"{service}\" 已在优先的 services 中",
                    "\"{service}\" is in services already, which come first"
                ),
                words!("请从两个列表之一中去掉", "leave it out of one of the two lists"),
            );
            return None;
        }
    }
    Some(read)
}
