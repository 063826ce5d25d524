//! Who may publish what on the embedded broker.
//!
//! The rule is the contract's: a device speaks only on its own upward channels, the controller
//! only downwards. Reading is free to all, for nothing on the hall's topics is private. Passwords
//! of devices do not live here; a hall that needs them runs a broker of its own.

use std::future::{Future, ready};
use std::net::SocketAddr;
use std::pin::Pin;

use hall_protocol::id::HallId;
use hall_protocol::topic::{Channel, DeviceKind, Direction, Topic};
use mqtt5::broker::auth::{AuthProvider, AuthResult};
use mqtt5::error::Result;
use mqtt5::packet::connect::ConnectPacket;
use mqtt5::protocol::v5::reason_codes::ReasonCode;

/// Who may publish what.
#[derive(Debug, Clone)]
pub enum Acl {
    /// Every client everything: for a broker that only this machine reaches.
    Open,
    /// A client named `{kind}-{id}`, such as `window-7` or `kiosk-K1`, may publish that device's
    /// requests, presses and status, and nothing else. A further connection of the same device
    /// adds a dot and any word: `window-7.display`. Clients with other names only listen.
    OwnId {
        /// The only hall of this broker.
        hall: HallId,
        /// The one client that may publish downwards.
        controller: InsiderLogin,
        /// The one client that presses for every kiosk and pad: the pages of this process.
        pages: InsiderLogin,
    },
}

/// How the broker knows a client of this process from somebody who took its name.
#[derive(Clone, PartialEq, Eq)]
pub struct InsiderLogin {
    /// Its MQTT client id.
    pub client_id: String,
    /// Made anew at every start and never written down: both ends are in this process.
    pub password: String,
}

impl std::fmt::Debug for InsiderLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InsiderLogin").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Acl {
    /// Whether a client may connect under the name it gives.
    fn admits(&self, client_id: &str, password: Option<&[u8]>) -> bool {
        let Self::OwnId { controller, pages, .. } = self else {
            return true;
        };
        let insider = [controller, pages].into_iter().find(|insider| insider.client_id == client_id);
        insider.is_none_or(|insider| password.is_some_and(|given| same(given, insider.password.as_bytes())))
    }

    /// Whether `client_id` may publish on `topic`.
    pub fn allows_publish(&self, client_id: &str, topic: &str) -> bool {
        let Self::OwnId { hall, controller, pages } = self else {
            return true;
        };
        let Ok(topic) = Topic::parse(topic) else {
            return false;
        };
        if topic.hall != *hall {
            return false;
        }
        if client_id == controller.client_id {
            return topic.channel.direction() == Direction::Down;
        }
        if client_id == pages.client_id {
            return match topic.channel {
                Channel::KioskRequest(_) | Channel::WindowPress(_) => true,
                Channel::DeviceStatus(DeviceKind::Screen, id) => id.as_str() == pages.client_id,
                _ => false,
            };
        }
        let Some((kind, id)) = device_of(client_id) else {
            return false;
        };
        match topic.channel {
            Channel::KioskRequest(device) => kind == DeviceKind::Kiosk && id == device.as_str(),
            Channel::WindowPress(window) => kind == DeviceKind::Window && id == window.as_str(),
            Channel::DeviceStatus(of, device) => kind == of && id == device.as_str(),
            _ => false,
        }
    }
}

/// The device a client id names. Ids have no dots, so what follows one cannot be mistaken for a
/// part of the id.
fn device_of(client_id: &str) -> Option<(DeviceKind, &str)> {
    let (name, _) = client_id.split_once('.').unwrap_or((client_id, ""));
    let (kind, id) = name.split_once('-')?;
    let kind = DeviceKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
    Some((kind, id))
}

/// Equality that takes the same time wherever the difference is.
fn same(given: &[u8], wanted: &[u8]) -> bool {
    given.len() == wanted.len() && given.iter().zip(wanted).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

impl AuthProvider for Acl {
    fn authenticate<'a>(
        &'a self,
        connect: &'a ConnectPacket,
        _client_addr: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = Result<AuthResult>> + Send + 'a>> {
        let admitted = self.admits(&connect.client_id, connect.password.as_deref());
        Box::pin(ready(Ok(if admitted {
            AuthResult::success()
        } else {
            AuthResult::fail(ReasonCode::BadUsernameOrPassword)
        })))
    }

    fn authorize_publish<'a>(
        &'a self,
        client_id: &str,
        _user_id: Option<&'a str>,
        topic: &'a str,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(ready(self.allows_publish(client_id, topic)))
    }

    fn authorize_subscribe<'a>(
        &'a self,
        _client_id: &str,
        _user_id: Option<&'a str>,
        _topic_filter: &'a str,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(ready(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acl() -> Acl {
        Acl::OwnId {
            hall: HallId::new("linjiang").unwrap(),
            controller: InsiderLogin {
                client_id: "controller".to_owned(),
                password: "made at the start".to_owned(),
            },
            pages: InsiderLogin { client_id: "pages".to_owned(), password: "made as well".to_owned() },
        }
    }

    #[test]
    fn a_device_speaks_only_for_itself_and_the_controller_only_downwards() {
        for (client, topic, allowed) in [
            ("window-7", "hall/v1/linjiang/window/7/press", true),
            ("window-7.display", "hall/v1/linjiang/window/7/press", true),
            ("window-7", "hall/v1/linjiang/window/7/status", true),
            ("window-7", "hall/v1/linjiang/window/8/press", false),
            ("window-7-8", "hall/v1/linjiang/window/7/press", false),
            ("window-7-8", "hall/v1/linjiang/window/7-8/press", true),
            ("window-7", "hall/v1/linjiang/window/7/state", false),
            ("window-7", "hall/v1/linjiang/kiosk/7/request", false),
            ("window-7", "hall/v1/elsewhere/window/7/press", false),
            ("window-7", "hall/v1/linjiang/window/7/prss", false),
            ("kiosk-K1", "hall/v1/linjiang/kiosk/K1/request", true),
            ("kiosk-K1", "hall/v1/linjiang/controller/status", false),
            ("auto-0123", "hall/v1/linjiang/window/7/press", false),
            ("controller", "hall/v1/linjiang/window/7/state", true),
            ("controller", "hall/v1/linjiang/controller/status", true),
            ("controller", "hall/v1/linjiang/window/7/press", false),
            ("pages", "hall/v1/linjiang/window/7/press", true),
            ("pages", "hall/v1/linjiang/kiosk/K1/request", true),
            ("pages", "hall/v1/linjiang/screen/pages/status", true),
            ("pages", "hall/v1/linjiang/window/7/status", false),
            ("pages", "hall/v1/linjiang/window/7/state", false),
        ] {
            assert_eq!(acl().allows_publish(client, topic), allowed, "{client} on {topic}");
        }
    }

    #[test]
    fn nobody_takes_the_controllers_name_without_its_password() {
        assert!(acl().admits("controller", Some(b"made at the start")));
        assert!(!acl().admits("controller", Some(b"made at the stare")));
        assert!(!acl().admits("controller", Some(b"")));
        assert!(!acl().admits("controller", None));
        assert!(acl().admits("pages", Some(b"made as well")));
        assert!(!acl().admits("pages", Some(b"made at the start")));
        assert!(acl().admits("window-7", None));
    }
}
