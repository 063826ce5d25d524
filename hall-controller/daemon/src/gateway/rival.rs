//! Another controller of this hall at the same broker, with a journal of its own: the lock on the journal
//! cannot see it, its status can.

use std::sync::LazyLock;

use hall_protocol::json;
use hall_protocol::payload::ControllerStatus;
use hall_protocol::text::Text;

/// Host and process of this controller, as its status says.
pub(crate) static OWNER: LazyLock<Text<48>> = LazyLock::new(|| {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    // Room for the process, however long the name.
    let host: String = host.trim().chars().take(24).collect();
    let host = if host.is_empty() { "?" } else { &host };
    format!("{host}, process {}", std::process::id()).as_str().into()
});

/// Who else says that it runs this hall, if the status is of another controller that is there. One of before
/// there were owners does not say where it is.
pub(super) fn rival(payload: &[u8]) -> Option<String> {
    let ControllerStatus { online, owner, .. } = json::decode(payload).ok()?;
    let other = online && owner != *OWNER;
    other.then(|| if owner.is_empty() { "host and process unknown".to_owned() } else { owner.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::encoded;

    fn said(online: bool, owner: &str) -> Option<String> {
        let (hall, version) = ("county".parse().unwrap(), "0.1.0".into());
        let status =
            ControllerStatus { v: json::Version, hall, online, at_ms: 5, version, owner: owner.into() };
        rival(&encoded(&status).unwrap())
    }

    #[test]
    fn a_controller_elsewhere_is_named_and_this_one_and_one_that_is_gone_are_not() {
        assert_eq!(said(true, "hall-pc, process 12"), Some("hall-pc, process 12".into()));
        assert_eq!(said(true, ""), Some("host and process unknown".into()));
        assert_eq!(said(false, "hall-pc, process 12"), None, "a will");
        assert_eq!(said(true, &OWNER), None);
        assert_eq!(rival(b"{}"), None);
        assert!(OWNER.ends_with(&format!("process {}", std::process::id())), "{}", *OWNER);
    }
}
