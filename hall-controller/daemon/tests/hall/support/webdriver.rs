//! A browser driven through `chromedriver`, by the few words of the W3C's `WebDriver` that are needed.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{PATIENCE, eventually, free_port};

/// The protocol's fixed name for an element's reference.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A headless Chromium with one tab.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Start with a tab of this size in pixels.
    pub fn start(width: u32, height: u32) -> Self {
        let port = free_port();
        let driver = Command::new("/usr/bin/chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: `cargo xtask test --only needs` installs it");
        eventually("chromedriver listens", || TcpStream::connect(("127.0.0.1", port)).ok());
        let profile = TempDir::new().unwrap();
        let arguments = [
            "--headless".to_owned(),
            // In containers Chromium's own sandbox cannot be made; the pages are ours.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let options = json!({ "binary": "/usr/bin/chromium", "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        let session = browser.call("POST", "/session", &wanted);
        session["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        browser
    }

    /// Open a page.
    pub fn open(&self, url: &str) {
        self.post("url", &json!({ "url": url }));
    }

    /// Run a script in the page; gives what it returns.
    pub fn script(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Click the first element of this CSS selector, once it is there.
    pub fn click(&self, selector: &str) {
        let element = eventually(&format!("an element {selector}"), || {
            let found = self.try_post("element", &json!({ "using": "css selector", "value": selector }));
            found.get(ELEMENT).and_then(Value::as_str).map(str::to_owned)
        });
        self.post(&format!("element/{element}/click"), &json!({}));
    }

    /// Press keys in the page.
    pub fn keys(&self, text: &str) {
        let keys: Vec<Value> = text
            .chars()
            .flat_map(|key| {
                [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
            })
            .collect();
        self.post("actions", &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": keys }] }));
    }

    /// The text a person sees.
    pub fn text(&self) -> String {
        self.script("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Wait until the page says this.
    pub fn await_text(&self, text: &str) {
        eventually(&format!("the page says {text:?}"), || self.text().contains(text).then_some(()));
    }

    /// A picture of the tab, as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        let path = format!("/session/{}/screenshot", self.session);
        from_base64(self.call("GET", &path, &Value::Null).as_str().unwrap())
    }

    fn post(&self, what: &str, body: &Value) -> Value {
        let value = self.try_post(what, body);
        assert!(value.get("error").is_none(), "{what}: {value}");
        value
    }

    fn try_post(&self, what: &str, body: &Value) -> Value {
        self.call("POST", &format!("/session/{}/{what}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let bytes = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {bytes}\r\n\r\n{body}"
        )
        .unwrap();
        let body = read_body(&mut BufReader::new(stream));
        let answer: Value = serde_json::from_slice(&body).unwrap();
        answer["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.session);
        if !self.session.is_empty() && !std::thread::panicking() {
            self.call("DELETE", &path, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The body of an answer; the driver keeps the connection open, so its length counts.
fn read_body(stream: &mut impl BufRead) -> Vec<u8> {
    let mut bytes = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            bytes = length.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; bytes];
    stream.read_exact(&mut body).unwrap();
    body
}

fn from_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').map(value).collect();
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for chunk in digits.chunks(4) {
        let joined = chunk.iter().fold(0_u32, |joined, digit| joined << 6 | u32::from(*digit));
        let joined = joined << (6 * (4 - chunk.len()));
        bytes.extend(joined.to_be_bytes()[1..chunk.len()].iter());
    }
    bytes
}
