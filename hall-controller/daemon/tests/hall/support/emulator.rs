//! Signs at the far end of a line: the binary's own `sign-emulator`, or one in the test's hands.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use hall_protocol::sign::Depth;
use hall_signs::page::{WindowContent, WindowPage};
use hall_signs::{Frame, Panel};
use serde_json::Value;

use super::controller::BINARY;
use super::eventually;

/// A running `sign-emulator --json`.
pub struct Emulator {
    child: Child,
    pictures: Arc<Mutex<Vec<Value>>>,
}

impl Emulator {
    /// Signs of 128x32 in red and green with these addresses, at a line linked at `link`.
    pub fn start(link: &Path, addresses: &[u8]) -> Self {
        Self::speaking("native", link, addresses)
    }

    /// The same of signs that speak this protocol.
    pub fn speaking(protocol: &str, link: &Path, addresses: &[u8]) -> Self {
        Self::with(&["--protocol", protocol], link, addresses)
    }

    /// The same of signs that understand nothing at any other speed.
    pub fn only_at(baud: u32, protocol: &str, link: &Path, addresses: &[u8]) -> Self {
        Self::with(&["--protocol", protocol, "--baud", &baud.to_string()], link, addresses)
    }

    fn with(arguments: &[&str], link: &Path, addresses: &[u8]) -> Self {
        let mut command = Command::new(BINARY);
        command.args(["sign-emulator", "--json"]).args(arguments).arg("--link").arg(link);
        for address in addresses {
            command.args(["--sign", &format!("{address}:128x32:red-green")]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let pictures = Arc::new(Mutex::new(Vec::new()));
        let (stdout, kept) = (child.stdout.take().unwrap(), Arc::clone(&pictures));
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        eventually("the emulator's line appears", || link.exists().then_some(()));
        Self { child, pictures }
    }

    /// The rows of pixels the sign shows now.
    pub fn rows(&self, address: u8) -> Option<Vec<String>> {
        let pictures = self.pictures.lock().unwrap();
        let last = pictures.iter().rev().find(|picture| picture["address"] == address)?;
        Some(last["rows"].as_array()?.iter().map(|row| row.as_str().unwrap().to_owned()).collect())
    }

    /// Wait until a sign with letters of its own says exactly this.
    pub fn await_text(&self, address: u8, lines: &[&str]) {
        eventually(&format!("sign {address} says {lines:?}"), || {
            let pictures = self.pictures.lock().unwrap();
            let last = pictures.iter().rev().find(|picture| picture["address"] == address)?;
            (last["text"] == serde_json::json!(lines)).then_some(())
        });
    }

    /// Wait until the sign shows exactly this page.
    pub fn await_page(&self, address: u8, page: &WindowPage) {
        self.await_frame(address, &page.render(panel()), &format!("{page:?}"));
    }

    /// Wait until the sign shows exactly this picture, which is of `what`.
    pub fn await_frame(&self, address: u8, frame: &Frame, what: &str) {
        let wanted = rows(frame);
        eventually(&format!("sign {address} shows {what}"), || {
            (self.rows(address).as_ref() == Some(&wanted)).then_some(())
        });
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The panel of every sign in these tests.
pub fn panel() -> Panel {
    Panel::new(128, 32, Depth::RedGreen).unwrap()
}

/// The page of a window that has just called `number`.
pub fn called(window: &str, number: &str) -> WindowPage {
    WindowPage { label: window.to_owned(), state: WindowContent::Called { number: number.parse().unwrap() } }
}

/// A frame as the emulator prints it.
fn rows(frame: &Frame) -> Vec<String> {
    let panel = frame.panel();
    let letter = |x, y| match frame.light(x, y) {
        light if light.red && light.green => 'y',
        light if light.red => 'r',
        light if light.green => 'g',
        _ => '.',
    };
    (0..panel.height_px()).map(|y| (0..panel.width_px()).map(|x| letter(x, y)).collect()).collect()
}
