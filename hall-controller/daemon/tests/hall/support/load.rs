//! Mixed load as devices make it, a note of everything they were told, and the journal held to it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::PATIENCE;
use super::client::Client;
use super::controller;
use super::hall::{Device, topic};

/// The one refusal that devices may hear here: they go on with their next press.
const TROUBLE: &str = "storage_trouble";

/// What devices were told.
#[derive(Default)]
pub struct Told {
    tickets: Mutex<Vec<String>>,
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
        self.tickets.lock().unwrap().len()
    }

    fn note_refusal(&self, outcome: &Value) {
        if outcome["refused"]["code"] == TROUBLE {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One service's tickets, one after the other, until it is over. No two of these at a time.
    pub fn take_tickets(&self, client: &Client, session: u32, over: &AtomicBool) {
        let mut kiosk = Device::new(client, "kiosk/K1", session);
        while !over.load(Ordering::Relaxed) {
            let body = kiosk.next(json!({ "request": { "take": { "service": "social" } } }));
            let (request, reply) = (topic("kiosk/K1/request"), topic("kiosk/K1/reply"));
            let reply = client.ask_until(&request, &reply, &body, PATIENCE).expect("a reply to the kiosk");
            let outcome = &reply.body["outcome"];
            match outcome["ticket"]["number"].as_str() {
                Some(number) => self.tickets.lock().unwrap().push(number.to_owned()),
                None if outcome["refused"]["code"] == TROUBLE => self.note_refusal(outcome),
                None => panic!("{outcome}"),
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A clerk who calls, and does in turn all that can be done with a ticket, until it is over.
    pub fn work_a_window(&self, client: &Client, session: u32, over: &AtomicBool) {
        let mut pad = Device::new(client, "window/1", session);
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
            std::thread::sleep(Duration::from_millis(5));
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
        let events: Vec<(String, String)> = rows.lines().filter_map(of_a_ticket).collect();
        let (issued, worked): (Vec<_>, Vec<_>) = events.into_iter().partition(|(kind, _)| kind == "issued");
        let tickets = self.tickets.into_inner().unwrap();
        let done = self.done.into_inner().unwrap();
        assert_eq!(issued.into_iter().map(|(_, number)| number).collect::<Vec<_>>(), tickets, "{what}");
        assert_eq!(worked, done, "{what}");
        let kinds: BTreeSet<&str> = done.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds.len(), 7, "the clerk did not come to do everything: {kinds:?}");
        assert!(tickets.len() > 20 && done.len() > 20, "{} tickets, {} presses", tickets.len(), done.len());
    }
}

/// The kind of a row's event and the number of its ticket, unless it only follows from another
/// press: starting and finishing are recorded with what came next.
fn of_a_ticket(row: &str) -> Option<(String, String)> {
    let row: Value = serde_json::from_str(row).unwrap();
    let kind = row["kind"].as_str().unwrap();
    let number = row["event"]["number"].as_str()?;
    (!matches!(kind, "started" | "finished")).then(|| (kind.to_owned(), number.to_owned()))
}
