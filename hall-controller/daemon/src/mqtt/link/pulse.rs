//! The pulse of a link: what it says to itself to know that the broker answers.
//!
//! A broker that stands still keeps connections open, and what lies in its sockets comes later and looks new. So
//! once a second the link publishes a message that only it understands, at QoS 0, which no broker keeps for
//! later, and notes on disk when one has come back: the next process knows from that how long nobody listened.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use hall_core::standstill::PULSE_EVERY;
use hall_protocol::topic::Topic;
use tracing::debug;

/// Pulses under way that are remembered: what comes back later than these minutes is no news.
const UNDER_WAY_MAX: usize = 600;

/// The file beside the journal whose time of change says when the link was last alive.
const ALIVE: &str = "link.alive";

/// Where the pulse goes, and where it is noted that it came back.
#[derive(Clone)]
pub struct Pulse {
    topic: Topic,
    age_max: Duration,
    file: PathBuf,
}

impl Pulse {
    /// By `topic`, noted in the data `directory`; what comes counts as at most `age_max` older than it says.
    pub fn new(topic: Topic, age_max: Duration, directory: &Path) -> Self {
        Self { topic, age_max, file: directory.join(ALIVE) }
    }

    /// What comes counts as at most so much older than it says.
    pub(super) fn age_max(&self) -> Duration {
        self.age_max
    }

    /// Where it goes.
    pub(super) fn topic(&self) -> Topic {
        self.topic
    }

    /// For how long nobody has listened, as the disk knows; none if nobody ever did. A clock that was set back
    /// makes that nothing.
    pub(super) fn quiet_for(&self) -> Option<Duration> {
        let noted = fs::metadata(&self.file).and_then(|file| file.modified()).ok()?;
        Some(SystemTime::now().duration_since(noted).unwrap_or_default())
    }

    /// The link is alive. Not durable against a power cut, after which the link was quiet for longer anyway.
    fn note(&self) {
        let noted = File::options().create(true).write(true).truncate(false).open(&self.file);
        if let Err(error) = noted.and_then(|file| file.set_modified(SystemTime::now())) {
            debug!(file = %self.file.display(), %error, "the pulse of the MQTT link is not noted");
        }
    }
}

/// The pulses of one process.
pub(super) struct Beat {
    pulse: Pulse,
    process: u32,
    last: u32,
    next_at: Instant,
    under_way: VecDeque<(u32, Instant)>,
}

impl Beat {
    pub(super) fn new(pulse: Pulse, now: Instant) -> Self {
        Self { pulse, process: fastrand::u32(..), last: 0, next_at: now, under_way: VecDeque::new() }
    }

    pub(super) fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// The pulse to send at `now`, if it is time for one.
    pub(super) fn due(&mut self, now: Instant) -> Option<String> {
        if now < self.next_at {
            return None;
        }
        self.next_at = now + PULSE_EVERY;
        self.last = self.last.wrapping_add(1);
        if self.under_way.len() >= UNDER_WAY_MAX {
            self.under_way.pop_front();
        }
        self.under_way.push_back((self.last, now));
        Some(format!("{:08x} {}", self.process, self.last))
    }

    /// The connection is another: send one at once.
    pub(super) fn connected(&mut self, now: Instant) {
        self.under_way.clear();
        self.next_at = now;
    }

    /// When that which came back was sent, if it is one of ours.
    pub(super) fn came_back(&mut self, payload: &[u8]) -> Option<Instant> {
        let (process, number) = std::str::from_utf8(payload).ok()?.split_once(' ')?;
        let number = number.parse::<u32>().ok().filter(|_| process == format!("{:08x}", self.process))?;
        let at = self.under_way.iter().position(|(sent, _)| *sent == number)?;
        let sent = self.under_way.drain(..=at).next_back().map(|(_, sent)| sent);
        self.pulse.note();
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_a_second_of_which_only_its_own_count_and_each_is_noted() {
        let (directory, start) = (tempfile::tempdir().unwrap(), Instant::now());
        let topic = Topic::parse("hall/v1/county/controller/pulse").unwrap();
        let pulse = Pulse::new(topic, Duration::from_secs(11), directory.path());
        assert_eq!(pulse.quiet_for(), None);
        let (mut beat, mut other) = (Beat::new(pulse.clone(), start), Beat::new(pulse.clone(), start));
        let first = beat.due(start).unwrap();
        assert_eq!(beat.due(start + PULSE_EVERY / 2), None);
        let second = beat.due(start + PULSE_EVERY).unwrap();
        let others = other.due(start).unwrap();
        for foreign in [others.as_bytes(), b"", b"{}", b"\xff"] {
            assert_eq!(beat.came_back(foreign), None);
        }
        assert_eq!(pulse.quiet_for(), None);
        assert_eq!(beat.came_back(first.as_bytes()), Some(start));
        assert_eq!(beat.came_back(first.as_bytes()), None, "it comes by two subscriptions");
        assert_eq!(beat.came_back(second.as_bytes()), Some(start + PULSE_EVERY));
        assert!(pulse.quiet_for().unwrap() < Duration::from_secs(5));
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        File::options().write(true).open(&pulse.file).unwrap().set_modified(long_ago).unwrap();
        assert!(pulse.quiet_for().unwrap() >= Duration::from_secs(60));
    }
}
