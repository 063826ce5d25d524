//! A hall with appointments, and the city's booking system that asks it.

use std::path::PathBuf;
use std::sync::mpsc;

use hall_controller::clock::Clock;
use hall_controller::config::Config;
use hall_controller::records;
use hall_core::Hall;
use hall_core::command::Command;
use hall_core::time::{HallTime, Now};
use hall_journal::Journal;
use hall_protocol::appointment::DayMinute;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

use super::controller::{Controller, run};
use super::hall::TestHall;
use super::wire;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A hall in whose time zone it is noon now, so that no test meets midnight, with slots of two each
/// quarter of an hour.
pub struct Booked {
    pub hall: TestHall,
    now: DateTime,
}

impl Booked {
    pub fn new() -> Self {
        let hall = TestHall::new(1, &[]);
        let utc_hour = i32::from(TimeZone::UTC.to_datetime(Timestamp::now()).hour());
        // POSIX counts westward.
        let zone = format!("Etc/GMT{:+}", utc_hour - 12);
        let slots = "slots = [{ hours = \"00:00-24:00\", every_minutes = 15, capacity = 2 }]";
        let config = std::fs::read_to_string(hall.config()).unwrap();
        let config = config.replace("Asia/Shanghai", &zone).replacen(
            "target_minutes = 15",
            &format!("target_minutes = 15\n{slots}"),
            1,
        ) + "\n[[client]]\nid = \"city\"\ntoken_file = \"city.token\"\n";
        std::fs::write(hall.config(), config).unwrap();
        std::fs::write(hall.config().with_file_name("city.token"), TOKEN).unwrap();
        // The slot after the next minute's: it does not begin while the test runs.
        let soon = Timestamp::now() + SignedDuration::from_secs(60);
        let now = TimeZone::get(&zone).unwrap().to_datetime(soon);
        Self { hall, now }
    }

    /// The same with these lines in its configuration: of the hall, and at the end.
    pub fn with(of_the_hall: &str, at_the_end: &str) -> Self {
        let booked = Self::new();
        let config = std::fs::read_to_string(booked.hall.config()).unwrap();
        let config = config.replacen("[hall]\n", &format!("[hall]\n{of_the_hall}\n"), 1) + at_the_end;
        std::fs::write(booked.hall.config(), config).unwrap();
        booked
    }

    /// Change a line of the configuration, before the next start.
    pub fn configure(&self, before: &str, after: &str) {
        let config = std::fs::read_to_string(self.hall.config()).unwrap();
        assert!(config.contains(before), "{config}");
        std::fs::write(self.hall.config(), config.replace(before, after)).unwrap();
    }

    /// A journal in which these were booked an hour ago, each for a time of today.
    pub fn booked_an_hour_ago(&self, all: &[(&str, DayMinute)]) {
        let config = Config::load(&self.hall.config()).unwrap();
        let clock = Clock::new(config.time_zone.clone(), Time::midnight());
        let mut hall = Hall::new(config.plan.hall());
        let Now { at, day, minute } = clock.now();
        let now = Now { at: HallTime::from_unix_ms(at.unix_ms() - 3_600_000), day, minute: minute - 60 };
        let booked = all.iter().map(|(id, minute)| Command::Book {
            client: "city".parse().unwrap(),
            appointment: id.parse().unwrap(),
            service: "social".parse().unwrap(),
            slot: clock.slot(self.today(), *minute),
        });
        let adopt = Command::AdoptPlan(Box::new(config.plan.clone()));
        let mut entries = Vec::new();
        for command in std::iter::once(adopt).chain(booked) {
            for stamped in hall.decide(&command, now).unwrap().events {
                hall.apply(&stamped);
                entries.push(records::entry(&stamped).unwrap());
            }
        }
        std::fs::create_dir_all(self.hall.data()).unwrap();
        let nothing = |_| Ok::<(), std::convert::Infallible>(());
        let journal = Journal::open(&self.hall.data(), config.plan.hall().as_str()).unwrap();
        let writer = journal.replay(nothing).unwrap().start().unwrap();
        let (done, written) = mpsc::channel();
        writer.reserve().unwrap().append(entries, move |result| done.send(result).unwrap());
        written.recv().unwrap().unwrap();
        writer.close().unwrap();
    }

    /// The slot that began at least so many minutes ago.
    pub fn begun(&self, minutes_ago: i64) -> DayMinute {
        let then = self.now.checked_sub(minutes_ago.minutes()).unwrap();
        let minute = i32::from(then.hour()) * 60 + i32::from(then.minute()) / 15 * 15;
        DayMinute::new(u16::try_from(minute).unwrap()).unwrap()
    }

    pub fn start(&self) -> Controller {
        self.hall.start()
    }

    pub fn today(&self) -> Date {
        self.now.date()
    }

    /// The slot so many quarters of an hour after the one that has begun.
    pub fn slot(&self, quarters: i8) -> String {
        let begun = i32::from(self.now.hour()) * 60 + i32::from(self.now.minute()) / 15 * 15;
        let minute = begun + 15 * i32::from(quarters);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }

    /// Status and body of a request with the token.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, said) = self.send(method, path, &body);
        (status, serde_json::from_str(&said).unwrap_or(Value::String(said)))
    }

    pub fn send(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let head = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
        wire::send(self.hall.web_port, method, &format!("/api/v1/{path}"), &head, body)
    }

    pub fn wanted(&self, quarters: i8) -> Value {
        json!({ "service": "social", "date": self.today().to_string(), "time": self.slot(quarters) })
    }

    /// Book; the status, and what was changed or the code of the refusal.
    pub fn book(&self, id: &str, wanted: &Value) -> (u16, String) {
        let (status, said) = self.ask("PUT", &format!("appointments/{id}"), wanted);
        let word = said.get("change").unwrap_or(&said["error"]["code"]);
        (status, word.as_str().unwrap_or_else(|| panic!("{said}")).to_owned())
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.hall.config().with_file_name(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Run `appointments` with these arguments: exit code, standard output, standard error.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let config = self.hall.config();
        run(&[&["appointments"], arguments, &["--config", config.to_str().unwrap()]].concat())
    }
}

/// What the API says: its status and a word.
pub fn told(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}
