//! What devices publish.

use std::str::FromStr;

use hall_controller::gateway::inbound::{self, Message};
use hall_protocol::id::{ClerkId, DeviceId, HallId, ServiceId, WindowId, ZoneId};
use hall_protocol::json::{self, Envelope, Payload};
use hall_protocol::number::{Prefix, TicketNumber};
use hall_protocol::payload::{
    Board, ControllerClaim, ControllerStatus, DayHead, DeviceStatus, EventNotice, KioskReply, KioskRequest,
    Menu, Press, WindowReply, WindowState,
};
use hall_protocol::topic::Topic;

use super::vectors;
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

pub(super) struct Topics;

const TOPIC_WORDS: &[&str] = &[
    "hall/v1/",
    "hall",
    "v1",
    "v2",
    "kiosk",
    "window",
    "zone",
    "controller",
    "event",
    "request",
    "reply",
    "menu",
    "press",
    "state",
    "board",
    "status",
    "/",
    "//",
    "#",
    "+",
    "$SYS",
    "county",
    "K1",
    "7",
    "issued",
    "区",
    "\u{0}",
    "WWWWWWWWWWWWWWWW",
    "A001",
    "AB9999",
];

impl Target for Topics {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut texts = vectors("", "topic");
        texts.extend(["A001", "AB9999", "K1", "social"].map(str::to_owned));
        texts.into_iter().map(String::into_bytes).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        TOPIC_WORDS
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Ok(text) = str::from_utf8(input) else { return Ok(Refused) };
        let mut taken = same::<TicketNumber>(text)?;
        for parsed in [
            same::<Prefix>(text)?,
            same::<HallId>(text)?,
            same::<ServiceId>(text)?,
            same::<WindowId>(text)?,
            same::<DeviceId>(text)?,
            same::<ZoneId>(text)?,
            same::<ClerkId>(text)?,
        ] {
            taken = if parsed == Accepted { Accepted } else { taken };
        }
        match Topic::parse(text) {
            Ok(topic) if topic.to_string() == text => Ok(Accepted),
            Ok(topic) => Err(format!("{text:?} is read as {topic}")),
            Err(why) if why.to_string().is_empty() => Err("refused without a word".to_owned()),
            Err(_) => Ok(taken),
        }
    }
}

/// What is read is written as it was.
fn same<T: FromStr + ToString>(text: &str) -> Result<Taken, String> {
    match text.parse::<T>() {
        Ok(read) if read.to_string() == text => Ok(Accepted),
        Ok(read) => Err(format!("{text:?} is read as {}", read.to_string())),
        Err(_) => Ok(Refused),
    }
}

pub(super) struct Payloads;

const PAYLOAD_WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "null",
    "true",
    "false",
    "\"v\":1",
    "\"v\":2",
    "\"session\":7",
    "\"seq\":3",
    "\"age_ms\":15",
    "\"key\":\"next\"",
    "\"key\":\"correct\"",
    "\"ticket\":\"A031\"",
    "\"to_service\":\"tax\"",
    "\"take\":{",
    "\"return\":{",
    "\"class\":\"elderly\"",
    "\"also\":[\"tax\"]",
    "\"number\":\"A031\"",
    "\\u4e2d",
    "\\ud83d\\ude00",
    "\\\\",
    "\\\"",
    "\\n",
    "中文",
    "\u{0}",
    "\"outcome\":",
    "\"mode\":\"open\"",
    "\"calls\":[",
    "\"services\":[",
    "\"parked\":[",
    "\"reason\":\"\"",
    "1.0",
    "-0",
];

impl Target for Payloads {
    fn seeds(&self) -> Vec<Vec<u8>> {
        vectors("payloads", "bytes").into_iter().map(String::into_bytes).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        PAYLOAD_WORDS
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let _ = Envelope::peek(input);
        let mut taken = Refused;
        for read in [
            again::<KioskRequest>(input)?,
            again::<Press>(input)?,
            again::<DeviceStatus>(input)?,
            again::<KioskReply>(input)?,
            again::<WindowReply>(input)?,
            again::<Menu>(input)?,
            again::<WindowState>(input)?,
            again::<Board>(input)?,
            again::<ControllerStatus>(input)?,
            again::<ControllerClaim>(input)?,
            again::<DayHead>(input)?,
            again::<EventNotice>(input)?,
        ] {
            taken = if read == Accepted { Accepted } else { taken };
        }
        Ok(taken)
    }
}

/// What is read fits when written, and is read as the same.
fn again<T: Payload + PartialEq>(input: &[u8]) -> Result<Taken, String> {
    let Ok(read) = json::decode::<T>(input) else { return Ok(Refused) };
    let mut buffer = vec![0; T::BYTES_MAX];
    let bytes = json::encode(&read, &mut buffer).map_err(|full| format!("{}: {full}", T::NAME))?;
    match json::decode::<T>(&buffer[..bytes]) {
        Ok(same) if same == read => Ok(Accepted),
        _ => Err(format!("{} is read differently than it was written", T::NAME)),
    }
}

/// A line with the topic, a line with the response topic, the payload.
struct Messages {
    hall: HallId,
}

pub(super) fn messages() -> Box<dyn Target> {
    let hall = HallId::new("county").unwrap_or_else(|_| unreachable!("county is an id"));
    Box::new(Messages { hall })
}

impl Target for Messages {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let payloads = ["kiosk/K1/request", "window/7/press", "kiosk/K1/status"];
        let bodies = vectors("payloads", "bytes");
        let message = |topic: &str, body: &String| {
            format!("hall/v1/county/{topic}\nhall/v1/county/kiosk/K1/reply\n{body}").into_bytes()
        };
        bodies.iter().flat_map(|body| payloads.iter().map(move |topic| message(topic, body))).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        PAYLOAD_WORDS
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let mut parts = input.splitn(3, |byte| *byte == b'\n');
        let mut text = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let (topic, response_topic) = (text(), text());
        let message = Message {
            topic: Topic::parse(&topic),
            payload: parts.next().unwrap_or_default(),
            retained: topic.len() % 7 == 0,
            response_topic: Some(&response_topic),
        };
        match inbound::parse(self.hall, message) {
            Ok(_) => Ok(Accepted),
            Err(refused) => {
                let told = refused.why.refused();
                if told.code.is_empty() || told.zh.is_empty() || told.en.is_empty() {
                    return Err(format!("{:?} is refused without words", refused.why));
                }
                Ok(Refused)
            }
        }
    }
}
