//! What answers a command of the command line on the port where the controller should be.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use hall_controller::caller::{Body, CallError, Caller, Next};
use hall_controller::config::{Config, Right};
use hall_controller::sign_status::SignsTold;

use super::project;
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

const TOKEN: &str = "0123456789abcdef";

/// Somebody on the controller's port, who says the input whatever is asked, and hangs up.
struct Controllers {
    config: Config,
    says: Arc<Mutex<Vec<u8>>>,
}

pub(super) fn controllers() -> Box<dyn Target> {
    // Without a port there is nothing to fuzz: whoever runs this sees why.
    listening().unwrap_or_else(|why| panic!("nobody can be called: {why}"))
}

fn listening() -> Result<Box<dyn Target>, String> {
    let io = |why: std::io::Error| why.to_string();
    let listener = TcpListener::bind("127.0.0.1:0").map_err(io)?;
    let port = listener.local_addr().map_err(io)?.port();
    let folder = tempfile::tempdir().map_err(io)?;
    std::fs::write(folder.path().join("technician.token"), TOKEN).map_err(io)?;
    let demo = std::fs::read_to_string(project("deploy/demo/hall.toml")).map_err(io)?;
    let client = "\n[[client]]\nid = \"technician\"\ntoken_file = \"technician.token\"\nmay = [\"signs\"]\n";
    let config = Config::parse(&format!("{demo}{client}"), &folder.path().join("hall.toml"));
    let mut config = config.map_err(|why| why.to_string())?;
    config.web.listen.set_port(port);
    let says: Arc<Mutex<Vec<u8>>> = Arc::default();
    let said = Arc::clone(&says);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let mut asked = [0; 1_024];
            let mut held = Vec::new();
            // The question is heard to its end, so that hanging up does not cut the answer short.
            while !held.windows(4).any(|four| four == b"\r\n\r\n") {
                match stream.read(&mut asked) {
                    Ok(count @ 1..) => held.extend_from_slice(&asked[..count]),
                    _ => break,
                }
            }
            let _ = stream.write_all(&answer);
        }
    });
    Ok(Box::new(Controllers { config, says }))
}

impl Target for Controllers {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let told = serde_json::to_string(&SignsTold::default()).unwrap_or_default();
        [
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{told}"),
            format!("HTTP/1.0 200 OK\r\n\r\ndata: {told}\n\nevent: version\ndata: 7\n\ndata: {told}\n\n"),
            "HTTP/1.1 404 Not Found\r\n\r\n{\"error\":{\"code\":\"x\",\"zh\":\"无\",\"en\":\"none\"}}"
                .to_owned(),
            "HTTP/1.1 503 Service Unavailable\r\n\r\n".to_owned(),
        ]
        .map(String::into_bytes)
        .into()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "HTTP/1.1 ",
            "HTTP/1.0 ",
            "200",
            "99999999999",
            "\r\n",
            "\r\n\r\n",
            "\n\n",
            "data: ",
            "event: ",
            "{",
            "}",
            "\"signs\":[]",
            "\"at\":\"\"",
            "\"error\":",
            "\u{0}",
            "é",
        ]
    }

    /// A command says what it was told, or in words why it cannot.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = input.to_vec();
        let caller = Caller::new(&self.config, None, Right::Signs).map_err(|why| why.to_string())?;
        let told = caller.ask_json::<SignsTold>("GET", "/api/v1/signs", Body::None);
        let mut messages = 0;
        let followed = caller.follow("/api/v1/signs/events", |_| {
            messages += 1;
            Next::GoOn
        });
        let wordless = |why: &CallError| why.to_string().is_empty();
        if told.as_ref().is_err_and(wordless) || followed.as_ref().is_err_and(wordless) {
            return Err("refused without a word".into());
        }
        if let Ok(told) = &told
            && serde_json::to_string(told)
                .map(|text| serde_json::from_str(&text).ok().as_ref() == Some(told))
                .ok()
                != Some(true)
        {
            return Err("an answer is read differently than it was written".into());
        }
        Ok(if told.is_ok() || messages > 0 { Accepted } else { Refused })
    }
}
