//! What people write: the configuration, recordings that were cut and mailed, and the command line.

use std::path::Path;

use clap::Parser;
use hall_controller::bookings::{Sheet, SheetError};
use hall_controller::capture::{self, HEAD};
use hall_controller::cli::Cli;
use hall_controller::config::Config;
use hall_simulate::scenario::Scenario;

use super::project;
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

pub(super) struct Recordings;

impl Target for Recordings {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let record = |way: &str, hex: &str| format!("2026-03-02T01:30:00.123456Z {way} {hex}\n");
        let whole = format!("{HEAD} port=/dev/ttyS0\n{}# closed\n{}", record(">", "a55a"), record("<", "06"));
        vec![whole.clone().into_bytes(), format!("{whole}{}", record(">", "00ff7f")).into_bytes()]
    }

    fn words(&self) -> &'static [&'static str] {
        &[HEAD, "\n", "\r\n", "#", " > ", " < ", "2026-03-02T01:30:00Z", "+08:00", "0", "fF", "é"]
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Ok(text) = str::from_utf8(input) else { return Ok(Refused) };
        let records = match capture::read(text) {
            Ok(records) => records,
            Err(error) if error.to_string().is_empty() => return Err("refused without a word".into()),
            Err(_) => return Ok(Refused),
        };
        let again: String = records.iter().map(capture::Record::line).collect();
        let read = capture::read(&format!("{HEAD}\n{again}")).map_err(|error| error.to_string())?;
        let same = read.len() == records.len()
            && read
                .iter()
                .zip(&records)
                .all(|(one, other)| (one.way, &one.bytes) == (other.way, &other.bytes));
        if same { Ok(Accepted) } else { Err(format!("written and read again it is another: {again}")) }
    }
}

pub(super) struct Configuration;

impl Target for Configuration {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let demo = std::fs::read(project("deploy/demo/hall.toml")).unwrap_or_default();
        // Its tables one by one too: short texts are changed to more effect.
        let text = String::from_utf8_lossy(&demo).into_owned();
        let tables = text.split("\n[").map(|table| format!("[{table}").into_bytes());
        let seeds: Vec<Vec<u8>> = tables.collect();
        std::iter::once(demo).chain(seeds).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "\"",
            "\"\"\"",
            "'",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            "=",
            ",",
            "\n",
            "#",
            "\\",
            "\\u0000",
            "id = \"1\"",
            "[[window]]",
            "[[line]]",
            "[[line.sign]]",
            "[[service]]",
            "[[kiosk]]",
            "[[zone]]",
            "[[clerk]]",
            "[policy]",
            "[mqtt]",
            "[web]",
            "services = []",
            "true",
            "1979-05-27",
            "25:00-26:00",
            "24:00",
            "inf",
            "nan",
            "区",
            "\u{0}",
            "time_zone = \"Mars/Base\"",
            "port = \"emulator\"",
            "0x1F",
            "..",
        ]
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Ok(text) = str::from_utf8(input) else { return Ok(Refused) };
        match Config::parse(text, Path::new("/nowhere/hall.toml")) {
            Ok(_) => Ok(Accepted),
            Err(errors) => {
                let lines = text.split('\n').count();
                let said = |line: Option<usize>| line.is_some_and(|line| (1..=lines).contains(&line));
                match errors.errors().iter().find(|error| {
                    !said(error.line)
                        || error.key.is_empty()
                        || error.problem.is_empty()
                        || error.remedy.is_empty()
                }) {
                    Some(error) => Err(format!("an error without its line, key or remedy: {error:?}")),
                    None if errors.errors().is_empty() => Err("refused without an error".to_owned()),
                    None => Ok(Refused),
                }
            }
        }
    }
}

/// One word a line.
pub(super) struct CommandLine;

impl Target for CommandLine {
    fn seeds(&self) -> Vec<Vec<u8>> {
        [
            "run\n--config\n/etc/hall-controller/hall.toml",
            "check\n--config\ndeploy/demo/hall.toml",
            "demo\n--speed\n60\n--duration\n1h 30m\n--seed\n1\n--json\n--listen\n127.0.0.1:0\n--mqtt-listen\n[::1]:0",
            "audit\nverify\n--data\n/var/lib/hall-controller",
            "backup\n--data\nd\n--to\nf",
            "restore\n--from\nf\n--verify",
            "export\n--data\nd\n--format\ncsv\n--day\n2026-03-02\n--time-zone\nAsia/Shanghai",
            "trace\nA012\n--data\nd\n--day\n2026-03-02\n--lang\nen\n--time-zone\nAsia/Shanghai",
            "sign-emulator\n--link\n/tmp/line-1\n--sign\n1:128x32:red-green",
        ]
        .map(|text| text.as_bytes().to_vec())
        .into()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "\n",
            "--",
            "-",
            "=",
            "--help",
            "--version",
            "--log-format\njson",
            "--log\ninfo,x=y",
            "--day",
            "9999-12-31",
            "-9999-01-01",
            "0000-00-00",
            "2026-02-30",
            "A001",
            "ZZ9999",
            "P1Y2M3DT4H5M6.7S",
            "1e400",
            "-0",
            "NaN",
            "300 years",
            "中文",
            "\u{0}",
            "..",
            "UTC",
            "../../etc/passwd",
            "0.1",
            "1000.0001",
        ]
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let text = String::from_utf8_lossy(input);
        match Cli::try_parse_from(std::iter::once("hall-controller").chain(text.split('\n'))) {
            Ok(_) => Ok(Accepted),
            Err(error) if error.to_string().trim().is_empty() => Err("refused without a word".to_owned()),
            Err(_) => Ok(Refused),
        }
    }
}

/// Lists of appointments, as city halls export them.
pub(super) struct Sheets;

impl Target for Sheets {
    fn seeds(&self) -> Vec<Vec<u8>> {
        [
            "id,service,date,time\nYY-0417,property,2026-03-02,09:30\n",
            "\u{FEFF}预约编号,事项,日期,时间,姓名\r\nYY-1,social,2026-03-02,09:30,\"王, 小明\"\r\n",
            "id,service,date,time\n\"a\"\"b\",property,2026-03-02,\"09:30\n\"\n",
        ]
        .map(|text| text.as_bytes().to_vec())
        .into()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "id",
            "service",
            "date",
            "time",
            "预约编号",
            ",",
            "\"",
            "\"\"",
            "\n",
            "\r\n",
            "\r",
            "\u{FEFF}",
            "2026-03-02",
            "09:30",
        ]
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        match Sheet::parse(input) {
            Ok(_) => Ok(Accepted),
            Err(SheetError(why)) if why.zh.is_empty() || why.en.is_empty() => {
                Err("refused without a word".into())
            }
            Err(_) => Ok(Refused),
        }
    }
}

/// What people simulate.
pub(super) struct Scenarios;

impl Target for Scenarios {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let folder = project("hall-controller/simulate/references/scenarios");
        let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<_> = files.map(|file| file.path()).collect();
        paths.sort();
        paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "{", "}", "[", "]", ":", ",", "\"", "null", "1e400", "-1", "0", "0.5", "true", "\"mean\"", "[]",
            "1e-300",
        ]
    }

    /// What is written is read again as what was written: times are to the minute.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Ok(text) = str::from_utf8(input) else { return Ok(Refused) };
        let scenario = match Scenario::read(text) {
            Ok(scenario) => scenario,
            Err(error) if error.to_string().is_empty() => return Err("refused without a word".into()),
            Err(_) => return Ok(Refused),
        };
        let written = scenario.to_json().map_err(|error| format!("it cannot be written: {error}"))?;
        let read =
            Scenario::read(&written).map_err(|error| format!("what was written is refused: {error}"))?;
        if read.to_json().is_ok_and(|again| again == written) {
            Ok(Accepted)
        } else {
            Err("written again it is another".into())
        }
    }
}
