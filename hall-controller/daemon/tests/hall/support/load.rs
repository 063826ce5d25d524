//! Mixed load as devices make it, a note of everything they were told, and the journal held to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::client::Client;
use super::controller;
use super::hall::Device;

/// The one refusal that devices may hear here: they go on with their next press.
const TROUBLE: &str = "storage_trouble";

/// Between two presses of a device.
const PAUSE_MS: u64 = 5;

/// What devices were told.
#[derive(Default)]
pub struct Told {
    /// Of each kiosk, in its order.
    tickets: Mutex<BTreeMap<String, Vec<String>>>,
    /// What the pad was told was done: the kind of its event, and the ticket's number.
    done: Mutex<Vec<(String, String)>>,
    refused: AtomicU64,
}

impl Told {
    /// How many presses were refused because nothing could be recorded.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How many tickets were given.
    pub fn tickets(&self) -> usize {
        self.tickets.lock().unwrap().values().map(Vec::len).sum()
    }

    fn note_refusal(&self, outcome: &Value) {
        if outcome["refused"]["code"] == TROUBLE {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tickets of one service at one kiosk, one after the other, until it is over; without a pause while
    /// there is a `hurry`.
    pub fn take_tickets(
        &self,
        client: &Client,
        (kiosk, service): (&str, &str),
        hurry: &AtomicBool,
        over: &AtomicBool,
    ) {
        let mut device = Device::new(client, &format!("kiosk/{kiosk}"), 21);
        while !over.load(Ordering::Relaxed) {
            let outcome = device.take(service);
            match outcome["ticket"]["number"].as_str() {
                Some(number) => {
                    let mut tickets = self.tickets.lock().unwrap();
                    tickets.entry(kiosk.to_owned()).or_default().push(number.to_owned());
                }
                None if outcome["refused"]["code"] == TROUBLE => self.note_refusal(&outcome),
                None => panic!("{outcome}"),
            }
            for _ in 0..PAUSE_MS {
                if hurry.load(Ordering::Relaxed) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// A clerk who calls, and does in turn all that can be done with a ticket, until it is over.
    pub fn work_a_window(&self, client: &Client, over: &AtomicBool) {
        let mut pad = Device::new(client, "window/1", 22);
        let mut turn = 0;
        while !over.load(Ordering::Relaxed) {
            pad.press("open");
            if let Some(number) = self.call(&mut pad) {
                let mut press = |kind: &str, key: Value| {
                    let body = pad.next(key);
                    self.note(kind, &number, &pad.ask("press", &body).body["outcome"]);
                };
                turn += 1;
                match turn % 5 {
                    0 => press("recalled", json!({ "key": "recall" })),
                    1 => {
                        press("missed", json!({ "key": "no_show" }));
                        press("returned", json!({ "key": "return", "number": number }));
                    }
                    2 => press("transferred", json!({ "key": "transfer", "to_service": "tax" })),
                    3 => {
                        press("parked", json!({ "key": "park" }));
                        press("unparked", json!({ "key": "unpark", "number": number }));
                    }
                    _ => drop(pad.press("start")),
                }
            }
            std::thread::sleep(Duration::from_millis(PAUSE_MS));
        }
        // Leave somebody called, for the sign to show.
        self.call(&mut pad);
    }

    fn call(&self, pad: &mut Device) -> Option<String> {
        let next = pad.press("next");
        let number = next["done"]["ticket"]["number"].as_str().map(str::to_owned);
        if number.is_none() {
            self.note_refusal(&next);
        }
        number.inspect(|number| self.note("called", number, &next))
    }

    fn note(&self, kind: &str, number: &str, outcome: &Value) {
        self.note_refusal(outcome);
        if outcome["done"].is_object() {
            self.done.lock().unwrap().push((kind.to_owned(), number.to_owned()));
        }
    }

    /// The closed journal in `data` is whole, and holds what was told, once and in its order, and
    /// nothing else.
    pub fn assert_is_the_journal(self, data: &Path, what: &str) {
        let data = data.to_str().unwrap();
        let (code, said, errors) = controller::run(&["audit", "verify", "--data", data]);
        assert_eq!(code, 0, "{said}{errors}");
        assert!(said.contains("whole"), "{said}");
        let (code, rows, errors) = controller::run(&["export", "--data", data, "--format", "jsonl"]);
        assert_eq!(code, 0, "{errors}");
        let (mut issued, mut worked) = (BTreeMap::<String, Vec<String>>::new(), Vec::new());
        let mut last = BTreeMap::new();
        for row in rows.lines() {
            let row: Value = serde_json::from_str(row).unwrap();
            let event = &row["event"];
            let Some(number) = event["number"].as_str().map(str::to_owned) else { continue };
            match row["kind"].as_str().unwrap() {
                "issued" => {
                    let (letter, value) = number.split_at(1);
                    let before = last.insert(letter.to_owned(), value.parse::<u32>().unwrap());
                    let next = before.unwrap_or(0) + 1;
                    assert_eq!(value.parse(), Ok(next), "{what}: {number} was issued after {before:?}");
                    issued.entry(event["kiosk"].as_str().unwrap().to_owned()).or_default().push(number);
                }
                // These only follow from another press and are recorded with what came next.
                "started" | "finished" => {}
                kind => worked.push((kind.to_owned(), number)),
            }
        }
        let (tickets, done) = (self.tickets.into_inner().unwrap(), self.done.into_inner().unwrap());
        assert_eq!(issued, tickets, "{what}");
        assert_eq!(worked, done, "{what}");
        let kinds: BTreeSet<&str> = done.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds.len(), 7, "the clerk did not come to do everything: {kinds:?}");
        assert!(done.len() > 20 && tickets.values().all(|tickets| tickets.len() > 20), "{}", done.len());
    }
}
