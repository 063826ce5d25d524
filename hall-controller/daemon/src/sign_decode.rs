//! `sign decode`: bytes from a sign's line, told in words; the technician's look into a cable.
//!
//! What they mean is found by `hall_signs::decode`; here is how hex is read and a frame is printed.

mod replay;

use std::fmt::Write as _;

use hall_signs::Frame;
use hall_signs::codec::Protocol;
use hall_signs::decode::{Checksum, DecodedFrame, Shown, decode, hex};
use jiff::tz::TimeZone;
use serde::Serialize;

use self::replay::{Piece, What};
use crate::capture::{Record, Way};
use crate::sign_emulator::rows;

/// Why nothing is told.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignDecodeError {
    /// Not hex.
    #[error("{given:?} is no byte in hex; write bytes such as \"a5 5a\", a55a or 0xA5,0x5A")]
    Hex {
        /// The offender.
        given: String,
    },
    /// Hex digits come in pairs.
    #[error("{given:?} has an odd number of hex digits; a byte has two, such as 0a")]
    Odd {
        /// The offender.
        given: String,
    },
    /// Nothing to decode.
    #[error("there are no bytes; write them in hex, such as \"a5 5a\"")]
    Nothing,
    /// No frame in them.
    #[error(
        "no frame of {protocol} is in these {bytes} bytes; is it another protocol, or is a frame's beginning or end missing?"
    )]
    NoFrame {
        /// As asked.
        protocol: Protocol,
        /// How many were given.
        bytes: usize,
    },
}

/// One frame, as `--json` prints it.
#[derive(Serialize)]
struct Told<'a> {
    protocol: &'static str,
    offset: usize,
    length: usize,
    bytes: String,
    direction: &'static str,
    name: &'static str,
    fields: Vec<ToldField<'a>>,
    checksum: Option<ToldChecksum>,
    shows: Option<ToldPage>,
    problem: Option<&'a str>,
}

/// A frame of a recording.
#[derive(Serialize)]
struct TimedFrame<'a> {
    /// When its first byte went over the line, in UTC.
    at: String,
    /// `sent` or `heard`.
    way: &'static str,
    #[serde(flatten)]
    frame: Told<'a>,
}

#[derive(Serialize)]
struct ToldField<'a> {
    name: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
struct ToldChecksum {
    kind: &'static str,
    right: bool,
    found: String,
    expected: String,
}

/// What a sign would show.
#[derive(Serialize)]
struct ToldPage {
    /// Lines of text; none on a picture or a dark sign.
    text: Vec<String>,
    /// One string a row, one letter a pixel, as `sign-emulator --json` has them.
    rows: Vec<String>,
}

/// Read bytes in hex: `a5 5a`, `a55a`, `A5,5A`, `0xa5 0x5a`, in one word or many.
///
/// # Errors
/// Names the word that is no hex.
pub fn bytes_of(words: &[String]) -> Result<Vec<u8>, SignDecodeError> {
    let mut bytes = Vec::new();
    let separator = |character: char| character.is_whitespace() || matches!(character, ',' | ':' | ';' | '-');
    for word in words.iter().flat_map(|word| word.split(separator)).filter(|word| !word.is_empty()) {
        let given = || word.to_owned();
        let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word);
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(SignDecodeError::Hex { given: given() });
        }
        // A lone digit after 0x is a byte, as programmers write it.
        let single = digits.len() == 1 && digits.len() < word.len();
        if digits.len() % 2 == 1 && !single {
            return Err(SignDecodeError::Odd { given: given() });
        }
        let mut rest = digits;
        while !rest.is_empty() {
            let (pair, after) = rest.split_at(rest.len().min(2));
            bytes.push(u8::from_str_radix(pair, 16).map_err(|_| SignDecodeError::Hex { given: given() })?);
            rest = after;
        }
    }
    if bytes.is_empty() { Err(SignDecodeError::Nothing) } else { Ok(bytes) }
}

/// The bytes' frames in words, or as JSON, one object a line.
///
/// # Errors
/// When there is no frame in them.
pub fn tell(protocol: Protocol, bytes: &[u8], json: bool) -> Result<String, SignDecodeError> {
    let frames = decode(protocol, bytes);
    if frames.is_empty() {
        return Err(SignDecodeError::NoFrame { protocol, bytes: bytes.len() });
    }
    let mut text = String::new();
    let mut end = 0;
    for (at, frame) in frames.iter().enumerate() {
        if json {
            text.push_str(&serde_json::to_string(&told_frame(protocol, frame)).unwrap_or_default());
            text.push('\n');
        } else {
            between(&mut text, protocol, bytes.get(end..frame.offset), end);
            words(&mut text, at + 1, frame);
        }
        end = frame.offset + frame.bytes.len();
    }
    if !json {
        between(&mut text, protocol, bytes.get(end..), end);
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

/// A recording's frames in words, or as JSON, one object a line: each with the time of its first byte, in
/// this zone, and the way it went.
///
/// # Errors
/// When there is no frame in it.
pub fn tell_capture(
    protocol: Protocol,
    records: &[Record],
    json: bool,
    zone: &TimeZone,
) -> Result<String, SignDecodeError> {
    let mut told = replay::pieces(protocol, records);
    if !told.iter().any(|piece| matches!(piece.what, What::Frame(_))) {
        let bytes = records.iter().map(|record| record.bytes.len()).sum();
        return Err(SignDecodeError::NoFrame { protocol, bytes });
    }
    told.sort_by_key(|piece| piece.at);
    let (mut text, mut frames) = (String::new(), 0);
    for Piece { at: time, way, what } in &told {
        let mark = if *way == Way::Sent { "sent" } else { "heard" };
        match what {
            What::Frame(frame) if json => {
                let timed =
                    TimedFrame { at: time.to_string(), way: mark, frame: told_frame(protocol, frame) };
                text.push_str(&serde_json::to_string(&timed).unwrap_or_default());
                text.push('\n');
            }
            What::Loose(_) if json => {}
            What::Frame(frame) => {
                let local = zone.to_datetime(*time).strftime("%F %H:%M:%S%.6f").to_string();
                let _ = writeln!(text, "{local} {mark}");
                frames += 1;
                words(&mut text, frames, frame);
            }
            What::Loose(bytes) => {
                let local = zone.to_datetime(*time).strftime("%F %H:%M:%S%.6f").to_string();
                let _ = writeln!(
                    text,
                    "{local} {mark}\n{} byte(s) belong to no frame: {}\n",
                    bytes.len(),
                    hex(bytes)
                );
            }
        }
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

/// Say which bytes belong to no frame. Writing to a string cannot fail, here and below.
fn between(text: &mut String, protocol: Protocol, bytes: Option<&[u8]>, at: usize) {
    if let Some(bytes) = bytes.filter(|bytes| is_loose(protocol, bytes)) {
        let _ = writeln!(text, "{} byte(s) at byte {at} belong to no frame\n", bytes.len());
    }
}

/// Whether bytes between two frames are worth a word: the zeros that hold native frames apart are not.
fn is_loose(protocol: Protocol, bytes: &[u8]) -> bool {
    let holds_apart = protocol == Protocol::Native && bytes.iter().all(|byte| *byte == 0);
    !bytes.is_empty() && !holds_apart
}

fn words(text: &mut String, number: usize, frame: &DecodedFrame) {
    let (offset, length) = (frame.offset, frame.bytes.len());
    let _ = writeln!(
        text,
        "frame {number}: {}, {}, {length} bytes at byte {offset}",
        frame.name,
        frame.direction.word()
    );
    let mut line = |name: &str, value: &str| {
        // A value of several lines stands below itself.
        let value = value.replace('\n', &format!("\n{:20}", ""));
        let _ = writeln!(text, "  {name:<18}{value}");
    };
    for field in &frame.fields {
        line(field.name, &field.value);
    }
    match frame.checksum {
        Some(checksum) => line("checksum", &verdict(checksum)),
        None => line("checksum", "none"),
    }
    if let Some(problem) = &frame.problem {
        line("problem", problem);
    }
    match frame.shown() {
        Some(Shown::Text(lines)) => line("shows", &lines.join("\n")),
        Some(Shown::Dark) => line("shows", "nothing (dark)"),
        Some(Shown::Picture(picture)) => line("shows", &drawn(picture)),
        None if frame.shows.is_some() => line("shows", "nothing new: no sign takes a wrong checksum"),
        None => {}
    }
    text.push('\n');
}

fn verdict(checksum: Checksum) -> String {
    let width = usize::from(checksum.digits);
    let Checksum { kind, found, expected, .. } = checksum;
    if checksum.is_right() {
        format!("{found:0width$x}, right ({kind})")
    } else {
        format!("WRONG: found {found:0width$x}, expected {expected:0width$x} ({kind})")
    }
}

/// Two rows of pixels in a line of text.
fn drawn(picture: &Frame) -> String {
    let panel = picture.panel();
    let lit = |x, y| picture.light(x, y).is_on();
    let lines = (0..panel.height_px()).step_by(2).map(|y| {
        let block = |x| match (lit(x, y), lit(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => '·',
        };
        (0..panel.width_px()).map(block).collect::<String>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn told_frame(protocol: Protocol, frame: &DecodedFrame) -> Told<'_> {
    let width = |checksum: Checksum| usize::from(checksum.digits);
    Told {
        protocol: protocol.name(),
        offset: frame.offset,
        length: frame.bytes.len(),
        bytes: hex(&frame.bytes),
        direction: frame.direction.word(),
        name: frame.name,
        fields: frame
            .fields
            .iter()
            .map(|field| ToldField { name: field.name, value: &field.value })
            .collect(),
        checksum: frame.checksum.map(|checksum| ToldChecksum {
            kind: checksum.kind,
            right: checksum.is_right(),
            found: format!("{:0width$x}", checksum.found, width = width(checksum)),
            expected: format!("{:0width$x}", checksum.expected, width = width(checksum)),
        }),
        shows: frame.shown().map(|shown| match shown {
            Shown::Text(lines) => ToldPage { text: lines.clone(), rows: vec![] },
            Shown::Picture(picture) => ToldPage { text: vec![], rows: rows(picture) },
            Shown::Dark => ToldPage { text: vec![], rows: vec![] },
        }),
        problem: frame.problem.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: &str =
        "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 05 00 A2 00 01 00 00 68 F8 5A";

    fn read(words: &[&str]) -> Result<Vec<u8>, SignDecodeError> {
        bytes_of(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn bytes_are_read_as_people_write_them() {
        for words in [&["a5", "5a", "0f"][..], &["a5 5A\n0f"], &["A55A0F"], &["0xA5,0x5A,0xf"], &["a5:5a-0f"]]
        {
            assert_eq!(read(words), Ok(vec![0xA5, 0x5A, 0x0F]), "{words:?}");
        }
        assert_eq!(read(&["a5", "5g"]), Err(SignDecodeError::Hex { given: "5g".into() }));
        assert_eq!(read(&["a5", "a"]), Err(SignDecodeError::Odd { given: "a".into() }));
        assert_eq!(read(&["é5"]), Err(SignDecodeError::Hex { given: "é5".into() }));
        assert_eq!(read(&[" "]), Err(SignDecodeError::Nothing));
    }

    #[test]
    fn a_frame_is_told_with_its_checksum_s_verdict() {
        let ping = read(&[PING]).unwrap();
        let text = tell(Protocol::OnbonBx5k, &ping, false).unwrap();
        assert!(text.starts_with("frame 1: ping, to sign, 30 bytes at byte 0\n"), "{text}");
        assert!(text.contains("68f8, right (CRC-16/ARC)"), "{text}");

        let mut broken = vec![7, 7];
        broken.extend(&ping);
        broken[10] ^= 2;
        let text = tell(Protocol::OnbonBx5k, &broken, false).unwrap();
        assert!(text.contains("2 byte(s) at byte 0 belong to no frame"), "{text}");
        assert!(text.contains("WRONG: found 68f8, expected "), "{text}");
        let json: serde_json::Value =
            serde_json::from_str(&tell(Protocol::OnbonBx5k, &broken, true).unwrap()).unwrap();
        assert_eq!(json["checksum"]["right"], false);
        assert_eq!((&json["checksum"]["found"], &json["offset"]), (&"68f8".into(), &2.into()));
    }

    #[test]
    fn zeros_between_native_frames_are_theirs() {
        let identify = "00080107010101fe5000";
        let told = |hex: &str| tell(Protocol::Native, &read(&[hex]).unwrap(), false).unwrap();
        assert!(!told(&format!("{identify}00{identify}")).contains("belong to no frame"));
        assert!(told(&format!("{identify}07")).contains("2 byte(s) at byte 9 belong to no frame"));
    }

    #[test]
    fn a_frame_with_a_wrong_checksum_shows_nothing_new() {
        // The first example of the Modicon protocol's function 6, and one digit of its sum changed.
        let told =
            |hex: &str, json| tell(Protocol::ModbusRtu, &bytes_of(&[hex.to_owned()]).unwrap(), json).unwrap();
        assert!(told("01 06 00 01 00 03 98 0b", false).contains("shows             0003"));
        let wrong = told("01 06 00 01 00 03 98 0c", false);
        assert!(
            wrong.contains("WRONG: found 980c, expected 980b")
                && wrong.contains("shows             nothing new"),
            "{wrong}"
        );
        let json: serde_json::Value = serde_json::from_str(&told("010600010003980c", true)).unwrap();
        assert_eq!((&json["checksum"]["right"], &json["shows"]), (&false.into(), &serde_json::Value::Null));
    }

    #[test]
    fn bytes_without_a_frame_are_an_error() {
        let error = tell(Protocol::OnbonBx5k, &[1, 2, 3], false).unwrap_err();
        assert!(error.to_string().contains("no frame of onbon-bx5k is in these 3 bytes"), "{error}");
    }
}
