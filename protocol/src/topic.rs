//! The MQTT topic grammar: `hall/v1/{hall}/…` as types.
//!
//! This is the only place that knows a topic's spelling. Everything else holds a [`Topic`].

use core::fmt;

use crate::id::{DeviceId, HallId, IdError, WindowId, ZoneId};

/// The longest topic of the grammar, in bytes:
/// `hall/v1/` + id + `/window/` + id + `/status`, with room to spare.
pub const TOPIC_BYTES_MAX: usize = 80;

/// What kind of thing a retained status speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceKind {
    /// A ticket kiosk (取号机).
    Kiosk,
    /// A window's call pad (叫号器); its id is the window's.
    Window,
    /// An LED sign with a link of its own (LED 屏).
    Sign,
    /// A browser or television screen (显示屏).
    Screen,
}

impl DeviceKind {
    /// Every kind there is.
    pub const ALL: [Self; 4] = [Self::Kiosk, Self::Window, Self::Sign, Self::Screen];

    /// The kind's word in a topic.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kiosk => "kiosk",
            Self::Window => "window",
            Self::Sign => "sign",
            Self::Screen => "screen",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The kinds of event that are published to integrators on `event/{kind}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventTopic {
    /// A ticket was issued.
    Issued,
    /// A ticket was called to a window.
    Called,
    /// A called ticket was called again.
    Recalled,
    /// Service began.
    Started,
    /// Service ended.
    Finished,
    /// The citizen did not come.
    Missed,
    /// The ticket went back to its queue.
    Requeued,
    /// The ticket ended unserved: day end, or its service was withdrawn.
    Expired,
    /// The ticket was sent to another service or to a window.
    Transferred,
    /// The ticket was put aside at its window.
    Parked,
    /// A parked ticket is at its window again.
    Unparked,
    /// A missed or parked ticket waits again.
    Returned,
    /// A waiting ticket was cancelled.
    Cancelled,
    /// The citizen did not come, and is called again later.
    Deferred,
    /// A ticket's service or class was put right by the staff.
    Corrected,
    /// A ticket has a further matter, or one of several is done.
    Matter,
    /// A citizen judged a service.
    Evaluated,
    /// An appointment was booked, changed, cancelled, or released after nobody came for it.
    Appointment,
    /// A window opened, paused, resumed or closed.
    Window,
    /// A kiosk leased numbers, handed in what it printed, or its lease ended.
    Lease,
    /// A device's press was refused.
    Refused,
    /// The hall itself changed: its plan, its business day.
    Hall,
}

impl EventTopic {
    /// Every kind there is.
    pub const ALL: [Self; 22] = [
        Self::Issued,
        Self::Called,
        Self::Recalled,
        Self::Started,
        Self::Finished,
        Self::Missed,
        Self::Requeued,
        Self::Expired,
        Self::Transferred,
        Self::Parked,
        Self::Unparked,
        Self::Returned,
        Self::Cancelled,
        Self::Deferred,
        Self::Corrected,
        Self::Matter,
        Self::Evaluated,
        Self::Appointment,
        Self::Window,
        Self::Lease,
        Self::Refused,
        Self::Hall,
    ];

    /// The kind's word in a topic.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Called => "called",
            Self::Recalled => "recalled",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Missed => "missed",
            Self::Requeued => "requeued",
            Self::Expired => "expired",
            Self::Transferred => "transferred",
            Self::Parked => "parked",
            Self::Unparked => "unparked",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Deferred => "deferred",
            Self::Corrected => "corrected",
            Self::Matter => "matter",
            Self::Evaluated => "evaluated",
            Self::Appointment => "appointment",
            Self::Window => "window",
            Self::Lease => "lease",
            Self::Refused => "refused",
            Self::Hall => "hall",
        }
    }
}

/// Who speaks on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A device to the controller.
    Up,
    /// The controller to devices, screens and integrators.
    Down,
}

/// What is spoken about, below a hall's root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// `kiosk/{id}/request`, up: a citizen wants a ticket.
    KioskRequest(DeviceId),
    /// `kiosk/{id}/reply`, down: the ticket or the refusal, with the request's correlation data.
    KioskReply(DeviceId),
    /// `kiosk/{id}/menu`, down, retained: the services on offer.
    KioskMenu(DeviceId),
    /// `window/{id}/press`, up: a key of the call pad.
    WindowPress(WindowId),
    /// `window/{id}/reply`, down: what the press did, or why it was refused.
    WindowReply(WindowId),
    /// `window/{id}/state`, down, retained: what the pad shows.
    WindowState(WindowId),
    /// `zone/{id}/board`, down, retained: the zone's latest calls.
    ZoneBoard(ZoneId),
    /// `{kind}/{id}/status`, up, retained, also the device's will.
    DeviceStatus(DeviceKind, DeviceId),
    /// `controller/status`, down, retained, also the controller's will.
    ControllerStatus,
    /// `controller/claim`, down, retained: a controller runs this hall, or asks whether another does.
    ControllerClaim,
    /// `controller/holder`, down, retained: who runs this hall, until it ends in good order.
    ControllerHolder,
    /// `controller/head`, down, retained: the hash that seals the last business day that has ended.
    ControllerHead,
    /// `controller/pulse`, down: the controller to itself, to know that the broker answers; of no meaning to others.
    ControllerPulse,
    /// `event/{kind}`, down: what happened, for integrators.
    Event(EventTopic),
}

impl Channel {
    /// Who publishes on this channel.
    pub const fn direction(&self) -> Direction {
        match self {
            Self::KioskRequest(_) | Self::WindowPress(_) | Self::DeviceStatus(..) => Direction::Up,
            _ => Direction::Down,
        }
    }
}

/// One topic of one hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// The hall whose root it stands under.
    pub hall: HallId,
    /// What is spoken about.
    pub channel: Channel,
}

/// Why a text is not a topic of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicError {
    /// Does not start with `hall/`.
    Root,
    /// Another version of the grammar than `v1`.
    Version,
    /// One of its levels is not an id.
    Id(IdError),
    /// No such channel.
    Channel,
}

impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("a topic starts with \"hall/v1/{hall}/\""),
            Self::Version => f.write_str("this controller speaks version v1 of the topics"),
            Self::Id(error) => error.fmt(f),
            Self::Channel => f.write_str("no such channel in the topic grammar"),
        }
    }
}

impl core::error::Error for TopicError {}

impl From<IdError> for TopicError {
    fn from(error: IdError) -> Self {
        Self::Id(error)
    }
}

impl Topic {
    /// The topic of `channel` in `hall`.
    pub const fn new(hall: HallId, channel: Channel) -> Self {
        Self { hall, channel }
    }

    /// Parse a topic as it came from a broker.
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        let mut levels = text.split('/');
        if levels.next() != Some("hall") {
            return Err(TopicError::Root);
        }
        if levels.next() != Some("v1") {
            return Err(TopicError::Version);
        }
        let hall = HallId::new(levels.next().unwrap_or_default())?;
        let [first, second, third] = [levels.next(), levels.next(), levels.next()];
        if levels.next().is_some() {
            return Err(TopicError::Channel);
        }
        let channel = match (first, second, third) {
            (Some("kiosk"), Some(id), Some("request")) => Channel::KioskRequest(DeviceId::new(id)?),
            (Some("kiosk"), Some(id), Some("reply")) => Channel::KioskReply(DeviceId::new(id)?),
            (Some("kiosk"), Some(id), Some("menu")) => Channel::KioskMenu(DeviceId::new(id)?),
            (Some("window"), Some(id), Some("press")) => Channel::WindowPress(WindowId::new(id)?),
            (Some("window"), Some(id), Some("reply")) => Channel::WindowReply(WindowId::new(id)?),
            (Some("window"), Some(id), Some("state")) => Channel::WindowState(WindowId::new(id)?),
            (Some("zone"), Some(id), Some("board")) => Channel::ZoneBoard(ZoneId::new(id)?),
            (Some("controller"), Some("status"), None) => Channel::ControllerStatus,
            (Some("controller"), Some("claim"), None) => Channel::ControllerClaim,
            (Some("controller"), Some("holder"), None) => Channel::ControllerHolder,
            (Some("controller"), Some("head"), None) => Channel::ControllerHead,
            (Some("controller"), Some("pulse"), None) => Channel::ControllerPulse,
            (Some("event"), Some(kind), None) => Channel::Event(
                EventTopic::ALL
                    .into_iter()
                    .find(|event| event.as_str() == kind)
                    .ok_or(TopicError::Channel)?,
            ),
            (Some(kind), Some(id), Some("status")) => {
                Channel::DeviceStatus(DeviceKind::parse(kind).ok_or(TopicError::Channel)?, DeviceId::new(id)?)
            }
            _ => return Err(TopicError::Channel),
        };
        Ok(Self { hall, channel })
    }
}

/// Everything under a hall's root: what the controller subscribes to, so that a misspelt topic
/// is seen and counted instead of vanishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HallFilter(pub HallId);

impl fmt::Display for HallFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hall/v1/{}/#", self.0)
    }
}

/// A family of retained pictures that the controller publishes, one for each of its things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// What call pads show.
    Windows,
    /// The boards of zones.
    Zones,
    /// The menus of kiosks.
    Kiosks,
}

impl Pictures {
    /// Every family there is.
    pub const ALL: [Self; 3] = [Self::Windows, Self::Zones, Self::Kiosks];

    /// The filter of all pictures of the family in `hall`.
    pub const fn of(self, hall: HallId) -> PicturesFilter {
        PicturesFilter { hall, pictures: self }
    }
}

/// All pictures of a family in a hall, also of things that are no more in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PicturesFilter {
    hall: HallId,
    pictures: Pictures,
}

impl fmt::Display for PicturesFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = match self.pictures {
            Pictures::Windows => "window/+/state",
            Pictures::Zones => "zone/+/board",
            Pictures::Kiosks => "kiosk/+/menu",
        };
        write!(f, "hall/v1/{}/{below}", self.hall)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hall/v1/{}/", self.hall)?;
        match self.channel {
            Channel::KioskRequest(id) => write!(f, "kiosk/{id}/request"),
            Channel::KioskReply(id) => write!(f, "kiosk/{id}/reply"),
            Channel::KioskMenu(id) => write!(f, "kiosk/{id}/menu"),
            Channel::WindowPress(id) => write!(f, "window/{id}/press"),
            Channel::WindowReply(id) => write!(f, "window/{id}/reply"),
            Channel::WindowState(id) => write!(f, "window/{id}/state"),
            Channel::ZoneBoard(id) => write!(f, "zone/{id}/board"),
            Channel::DeviceStatus(kind, id) => write!(f, "{kind}/{id}/status"),
            Channel::ControllerStatus => f.write_str("controller/status"),
            Channel::ControllerClaim => f.write_str("controller/claim"),
            Channel::ControllerHolder => f.write_str("controller/holder"),
            Channel::ControllerHead => f.write_str("controller/head"),
            Channel::ControllerPulse => f.write_str("controller/pulse"),
            Channel::Event(kind) => write!(f, "event/{}", kind.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use proptest::prelude::*;

    use super::*;

    fn any_topic() -> impl Strategy<Value = Topic> {
        let id = "[A-Za-z0-9_-]{1,16}";
        (id, id, 0..14_usize, 0..4_usize, 0..EventTopic::ALL.len()).prop_map(
            |(hall, id, channel, kind, event)| {
                let device = DeviceId::new(&id).unwrap();
                let window = WindowId::new(&id).unwrap();
                let channel = [
                    Channel::KioskRequest(device),
                    Channel::KioskReply(device),
                    Channel::KioskMenu(device),
                    Channel::WindowPress(window),
                    Channel::WindowReply(window),
                    Channel::WindowState(window),
                    Channel::ZoneBoard(ZoneId::new(&id).unwrap()),
                    Channel::DeviceStatus(DeviceKind::ALL[kind], device),
                    Channel::ControllerStatus,
                    Channel::ControllerClaim,
                    Channel::ControllerHolder,
                    Channel::ControllerHead,
                    Channel::ControllerPulse,
                    Channel::Event(EventTopic::ALL[event]),
                ][channel];
                Topic::new(HallId::new(&hall).unwrap(), channel)
            },
        )
    }

    proptest! {
        #[test]
        fn every_topic_prints_and_parses(topic in any_topic()) {
            let text: String = topic.to_string();
            prop_assert!(text.len() <= TOPIC_BYTES_MAX);
            prop_assert_eq!(Topic::parse(&text), Ok(topic));
        }

        #[test]
        fn what_parses_prints_as_it_stood(text in "(hall|x)/v[12]/[a-z]{0,3}/(kiosk|window|zone|sign|event|controller)/[a-z]{1,7}(/(request|press|status|state|board|menu|reply))?(/x)?") {
            if let Ok(topic) = Topic::parse(&text) {
                prop_assert_eq!(topic.to_string(), text);
            }
        }
    }

    #[test]
    fn a_family_has_the_pictures_of_all_its_things() {
        let hall = HallId::new("linjiang").unwrap();
        let filters = Pictures::ALL.map(|pictures| pictures.of(hall).to_string());
        let pictures = [
            Channel::WindowState(WindowId::new("7").unwrap()),
            Channel::ZoneBoard(ZoneId::new("7").unwrap()),
            Channel::KioskMenu(DeviceId::new("7").unwrap()),
        ];
        for (filter, channel) in filters.iter().zip(pictures) {
            assert_eq!(filter.replace('+', "7"), Topic::new(hall, channel).to_string());
        }
    }

    #[test]
    fn what_is_no_topic_says_why() {
        for (text, why) in [
            ("", TopicError::Root),
            ("hall", TopicError::Version),
            ("hall/v2/x/kiosk/K1/request", TopicError::Version),
            ("hall/v1//kiosk/K1/request", TopicError::Id(IdError::Empty)),
            ("hall/v1/x/kiosk/K1/requests", TopicError::Channel),
            ("hall/v1/x/kiosk/K1/request/", TopicError::Channel),
            ("hall/v1/x/toaster/T1/status", TopicError::Channel),
            ("hall/v1/x/window/柒/press", TopicError::Id(IdError::Character('柒'))),
        ] {
            assert_eq!(Topic::parse(text), Err(why), "{text}");
        }
    }
}
