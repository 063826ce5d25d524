//! What comes over the lines of other makers' signs and of serial call pads: their answers, and what a
//! technician has recorded.

use std::time::{Duration, Instant};

use hall_controller::sign_decode::bytes_of;
use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::Panel;
use hall_signs::bus::SignSetup;
use hall_signs::call_pad::{PadEvent, PadFrame, PadKey, PadPoller, PadSetup};
use hall_signs::codec::modbus::RegisterMap;
use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::{bx5k, bx6q};
use hall_signs::codec::template::{self, Check, Template};
use hall_signs::codec::{Protocol, alpha, cp5200};
use hall_signs::decode::{decode, hex};
use hall_signs::page::{WindowContent, WindowPage};
use hall_signs::words::Showing;

use super::from_hex;
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

const BAUD: u32 = 9_600;

/// A frame of each protocol from its maker's document, or as its document says: which one, and its bytes.
const FRAMES: [(Protocol, &str); 9] = [
    (Protocol::OnbonBx5k, "a5010000800000000000 00fe02 0500a200010000 68f8 5a"),
    (Protocol::OnbonBx5k, "a5a5a5a5a5a5a5a5 0080010000000000000051020500a0000000009fab 5a"),
    (Protocol::OnbonBx6q, "a5a5a5a5a5a5a5a5 0080010000000000000000000900000000 01a0000000 5a"),
    (Protocol::Alpha, "0000000000 015a3030 024141 1b2062 4869 03 30314435 04"),
    (Protocol::Alpha, "0000000000 01303030 02452a40 03 30304634 04"),
    (Protocol::Cp5200, "a5683201 7b010f00000012000000000003 02ff0000616263006203ae"),
    (Protocol::ModbusRtu, "010600010003 980b"),
    (Protocol::ModbusRtu, "011000010002 1008"),
    (Protocol::Template, "02 41303132 03"),
];

fn panel() -> Panel {
    Panel::new(64, 16, Depth::RedGreen).unwrap_or_else(|_| unreachable!("64x16 is a panel"))
}

/// The first byte chooses the protocol.
fn chosen(input: &[u8]) -> Option<(Protocol, &[u8])> {
    let (first, rest) = input.split_first()?;
    Some((Protocol::ALL[usize::from(*first) % Protocol::ALL.len()], rest))
}

fn place(protocol: Protocol) -> u8 {
    let at = Protocol::ALL.iter().position(|known| *known == protocol).unwrap_or(0);
    u8::try_from(at).unwrap_or(0)
}

pub(super) fn frames() -> Vec<Vec<u8>> {
    FRAMES.iter().map(|(protocol, text)| [&[place(*protocol)], &from_hex(text)[..]].concat()).collect()
}

pub(super) const WORDS: &[&str] =
    &["\u{0}", "\u{1}", "\u{2}", "\u{3}", "\u{4}", "\u{6}", "\u{10}", "\u{15}", "[", "Z", "h"];

/// `sign decode` of anything.
pub(super) struct Decoders;

impl Target for Decoders {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut seeds = frames();
        seeds.push([&[place(Protocol::Native)], &super::signs::lines().concat()[..]].concat());
        seeds
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    /// Every frame that is told stands in the bytes where it is said to, after the one before it began.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Some((protocol, wire)) = chosen(input) else { return Ok(Refused) };
        let told = decode(protocol, wire);
        let mut from = 0;
        for frame in &told {
            if wire.get(frame.offset..).is_none_or(|rest| !rest.starts_with(&frame.bytes)) {
                return Err(format!("{protocol}: {} is not at {}", hex(&frame.bytes), frame.offset));
            }
            if frame.offset < from || frame.bytes.is_empty() {
                return Err(format!("{protocol}: frames out of order or empty at {}", frame.offset));
            }
            from = frame.offset;
        }
        Ok(if told.is_empty() { Refused } else { Accepted })
    }
}

pub(super) fn models() -> Vec<Model> {
    let described = |text| Template::parse(text, Some(Check::Xor)).ok();
    let (width_px, height_px) = (panel().width_px(), panel().height_px());
    let cp = |pages| cp5200::Setup { card: 1, width_px, height_px, pages };
    let template = described(r"\x02{from}{address}{number:4}{checksum}\x03").map(|called| {
        Model::Template(template::Setup {
            called,
            idle: None,
            reply: Some(vec![6]),
            refusal: Some(vec![0x15]),
            places: 4,
            letters: true,
            rest_ms: 50,
        })
    });
    let models = [
        Model::Native,
        Model::OnbonBx5k(bx5k::Setup::new(1, width_px, height_px)),
        Model::OnbonBx6q(bx6q::Setup::default()),
        Model::Alpha(alpha::Setup::new(1, 8)),
        Model::Cp5200(cp(cp5200::Pages::Pictures)),
        Model::Cp5200(cp(cp5200::Pages::Text { font_px: 16 })),
        Model::ModbusRtu(RegisterMap::new(1)),
    ];
    models.into_iter().chain(template).collect()
}

/// Each frame for each of [`models`], whose number is the first byte.
pub(super) fn frames_by_model() -> Vec<Vec<u8>> {
    let for_model = |number: u8| frames().into_iter().map(move |frame| [&[number], &frame[1..]].concat());
    (0..).zip(models()).flat_map(|(number, _)| for_model(number)).collect()
}

/// What each maker's codec hears while a sign is asked.
pub(super) struct Answers;

impl Target for Answers {
    fn seeds(&self) -> Vec<Vec<u8>> {
        frames_by_model()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    /// In whatever pieces it comes, the same is heard.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Some((first, wire)) = input.split_first() else { return Ok(Refused) };
        let models = models();
        let model = &models[usize::from(*first) % models.len()];
        let page = WindowPage {
            label: "3".into(),
            state: "A012".parse().map_or(WindowContent::Closed, |number| WindowContent::Called { number }),
        };
        let showing = Showing {
            frame: std::sync::Arc::new(page.render(panel())),
            words: page.words(),
            blink: None,
            say: None,
        };
        let hear = |piece: usize| {
            let mut codec = model.codec(SignSetup { address: SignAddress::FIRST, panel: panel() }, BAUD);
            let identify = codec.identify();
            let shown = codec.show(None, &showing, 0).unwrap_or_default();
            let asked = identify.or_else(|| shown.first().cloned()).map(|asked| codec.numbered(&asked));
            let heard = wire.chunks(piece).flat_map(|bytes| codec.read(bytes, asked.as_ref()));
            heard.collect::<Vec<_>>()
        };
        let whole = hear(wire.len().max(1));
        if hear(1) != whole {
            return Err(format!("{}: {:?} in bytes, {whole:?} at once", model.protocol(), hear(1)));
        }
        Ok(if whole.is_empty() { Refused } else { Accepted })
    }
}

pub(super) struct Pads {
    started: Instant,
}

pub(super) fn pads() -> Box<dyn Target> {
    Box::new(Pads { started: Instant::now() })
}

impl Target for Pads {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let key = PadFrame { address: 1, command: 0x5B, data: vec![1] }.bytes();
        let none = PadFrame { address: 1, command: 0x5B, data: vec![0] }.bytes();
        vec![key.clone(), none.clone(), [key, none].concat()]
    }

    fn words(&self) -> &'static [&'static str] {
        &["h", "\u{16}", "[", "\u{1}", "\u{0}", "\u{3}\u{3}"]
    }

    /// After any noise a key that goes down is heard, once.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let setup = PadSetup { poll: 0x5B, reply: None, key_at: 0, keys: vec![(1, PadKey::Next)] };
        let mut now = self.started;
        let mut poller = PadPoller::new(setup, BAUD, &[1], now);
        let mut heard = false;
        for piece in input.chunks(61) {
            let _ = poller.poll_transmit(now);
            now += Duration::from_millis(20);
            poller.handle_input(piece, now);
            poller.handle_timeout(now);
            while let Some(event) = poller.poll_event() {
                heard |= matches!(event, PadEvent::Pressed { .. });
            }
        }
        let mut presses = 0;
        // Released for a while, then held down.
        for round in 0..40 {
            now = poller.poll_timeout().unwrap_or(now).max(now) + Duration::from_millis(1);
            poller.handle_timeout(now);
            if poller.poll_transmit(now).is_some() {
                let data = vec![u8::from(round >= 20)];
                poller.handle_input(&PadFrame { address: 1, command: 0x5B, data }.bytes(), now);
            }
            while let Some(event) = poller.poll_event() {
                presses += usize::from(round >= 20 && matches!(event, PadEvent::Pressed { .. }));
            }
        }
        if presses != 1 {
            return Err(format!("a key that went down once was heard {presses} times"));
        }
        Ok(if heard { Accepted } else { Refused })
    }
}

/// A display's frame as its manual is copied into the configuration.
pub(super) struct Templates;

impl Target for Templates {
    fn seeds(&self) -> Vec<Vec<u8>> {
        [r"\xAA\x55{from}{window:2}{number:4}{checksum}\r", r"{digits:3}", r"\{{address}\\"]
            .map(|text| text.as_bytes().to_vec())
            .into()
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "{",
            "}",
            "{number}",
            "{number:4}",
            "{window:2}",
            "{address}",
            "{from}",
            "{checksum}",
            "\\x",
            "\\r",
            "00",
            "ff",
            ":",
            "999",
            "号",
        ]
    }

    /// One that is taken writes the same bytes for the same call, whatever the call is.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Ok(text) = str::from_utf8(input) else { return Ok(Refused) };
        let mut taken = Refused;
        for check in Check::ALL.into_iter().map(Some).chain([None]) {
            match Template::parse(text, check) {
                Ok(template) => {
                    taken = Accepted;
                    let template = template.at(7);
                    for (number, window) in [("A012", "3"), ("", ""), ("ZZ9999", "综合窗口")] {
                        if template.bytes(number, window) != template.bytes(number, window) {
                            return Err("one call is written in two ways".into());
                        }
                    }
                }
                Err(error) if error.to_string().is_empty() => return Err("refused without a word".into()),
                Err(_) => {}
            }
        }
        Ok(taken)
    }
}

/// Bytes as people write them.
pub(super) struct Hex;

impl Target for Hex {
    fn seeds(&self) -> Vec<Vec<u8>> {
        ["a5 5a", "A55A", "0xA5,0x5a", "a5:5a-00;01\n", "0x5"].map(|text| text.as_bytes().to_vec()).into()
    }

    fn words(&self) -> &'static [&'static str] {
        &["0x", "0X", " ", ",", ":", "-", ";", "\n", "fF", "g", "é", "0"]
    }

    /// What is read is written and read again as the same.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Ok(text) = str::from_utf8(input) else { return Ok(Refused) };
        match bytes_of(&[text.to_owned()]) {
            Ok(bytes) if bytes_of(&[hex(&bytes)]).is_ok_and(|again| again == bytes) => Ok(Accepted),
            Ok(bytes) => Err(format!("{} is read as something else", hex(&bytes))),
            Err(error) if error.to_string().is_empty() => Err("refused without a word".into()),
            // Nothing in it.
            Err(_) => Ok(Refused),
        }
    }
}
