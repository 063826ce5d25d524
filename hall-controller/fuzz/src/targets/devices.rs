//! What comes to the devices of a hall: from their broker, over their line, out of their own flash and
//! memory. The code is that of the boards.

use std::cell::RefCell;
use std::rc::Rc;

use hall_device::conversation::{Kept, Memory};
use hall_device::kiosk::{Kiosk, STORE_BYTES, Store};
use hall_device::mqtt::{Client, Device, Login, Over, Room};
use hall_device::pad::{Pad, PadKey};
use hall_device::panel::Panel;
use hall_device::settings::Settings;
use hall_device::sign::{self, Sign, frame_bytes};
use hall_device::{kiosk, pad};
use hall_protocol::id::{DeviceId, HallId, WindowId};
use hall_protocol::payload::Key;
use hall_protocol::sign::{Depth, Firmware, FrameReader, PictureId, Reply, SignAddress};

use super::{signs, vectors};
use crate::Taken::{self, Accepted, Refused};
use crate::Target;

/// The largest packet of a board's link, as that of the call pad has it.
const IN: usize = 2_048;
/// Enough that no stream of the fuzzer's fills it before it is taken.
const OUT: usize = 65_536;

const LOGIN: Login<'static> = Login { firmware: "fuzz", credentials: Some(("window-3", "secret")) };

/// A broker takes the device and its subscriptions.
const CONNACK: &[u8] = b"\x20\x03\x00\x00\x00";
const SUBACK: &[u8] = b"\x90\x06\x00\x01\x00\x01\x01\x01";

/// A memory that keeps what it is given.
#[derive(Debug, Clone, Default)]
struct Flash(Option<Kept>);

impl Memory for Flash {
    fn load(&mut self) -> Option<Kept> {
        self.0
    }

    fn store(&mut self, kept: Kept) -> bool {
        self.0 = Some(kept);
        true
    }
}

/// A memory of bytes, of which the target keeps a hold.
#[derive(Debug, Clone)]
struct Bytes(Rc<RefCell<Vec<u8>>>);

impl Bytes {
    fn new(input: &[u8]) -> Self {
        let mut bytes = input.to_vec();
        bytes.resize(usize::from(STORE_BYTES), 0);
        Self(Rc::new(RefCell::new(bytes)))
    }
}

impl Store for Bytes {
    fn read(&mut self, at: u16, bytes: &mut [u8]) -> bool {
        let kept = self.0.borrow();
        let Some(found) = kept.get(usize::from(at)..usize::from(at) + bytes.len()) else { return false };
        bytes.copy_from_slice(found);
        true
    }

    fn write(&mut self, at: u16, bytes: &[u8]) -> bool {
        let mut kept = self.0.borrow_mut();
        let Some(place) = kept.get_mut(usize::from(at)..usize::from(at) + bytes.len()) else { return false };
        place.copy_from_slice(bytes);
        true
    }
}

fn hall() -> HallId {
    HallId::new("county").unwrap_or_else(|_| unreachable!("county is an id"))
}

fn a_pad() -> Pad<Flash, 3> {
    let keys = [PadKey::Always(Key::Next), PadKey::PauseOrResume, PadKey::StartOrFinish];
    let window = WindowId::new("7").unwrap_or_else(|_| unreachable!("7 is an id"));
    Pad::new(pad::Settings { hall: hall(), window, keys }, Flash::default(), 7)
}

fn a_kiosk(store: Bytes) -> Kiosk<Flash, Bytes> {
    let kiosk = DeviceId::new("K1").unwrap_or_else(|_| unreachable!("K1 is an id"));
    let settings = kiosk::Settings { hall: hall(), kiosk, utc_offset_minutes: 480 };
    Kiosk::new(settings, Flash::default(), store, 7)
}

/// A publication, at least once.
fn published(topic: &str, payload: &[u8]) -> Vec<u8> {
    let mut body = vec![0, u8::try_from(topic.len()).unwrap_or(u8::MAX)];
    body.extend(topic.as_bytes());
    body.extend([0, 7, 0]);
    body.extend(payload);
    let mut packet = vec![0x32];
    let mut length = body.len();
    while length > 0x7F {
        packet.push(u8::try_from(length & 0x7F).unwrap_or(0) | 0x80);
        length >>= 7;
    }
    packet.push(u8::try_from(length).unwrap_or(0));
    packet.extend(body);
    packet
}

/// All a broker may say to a device, from the first byte of a connection on.
pub(super) struct Link;

/// What a link did with bytes that came in pieces of this length.
fn heard(input: &[u8], piece: usize, device: &mut impl Device) -> (Result<(), Over>, Vec<u8>) {
    let mut room: Room<IN, OUT> = Room::new();
    let mut link: Client<'_, IN, OUT> = Client::new(LOGIN, &mut room);
    let _ = link.wants_connection(0);
    link.connected(device, 0);
    let mut said = Vec::new();
    let take = |link: &mut Client<'_, IN, OUT>, said: &mut Vec<u8>| {
        said.extend_from_slice(link.outgoing());
        let bytes = link.outgoing().len();
        link.sent(bytes);
    };
    take(&mut link, &mut said);
    for bytes in input.chunks(piece) {
        let received = link.receive(bytes, device, 1);
        take(&mut link, &mut said);
        if received.is_err() {
            link.closed(device, 1);
            return (received, said);
        }
    }
    let passed = link.pass_time(device, 2);
    take(&mut link, &mut said);
    link.closed(device, 3);
    (passed, said)
}

impl Target for Link {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let up = [CONNACK, SUBACK].concat();
        let topics =
            ["window/7/state", "window/7/reply", "kiosk/K1/menu", "kiosk/K1/reply", "controller/status"];
        let said = vectors("payloads", "bytes").into_iter().enumerate().map(|(at, json)| {
            let topic = format!("hall/v1/county/{}", topics[at % topics.len()]);
            [&up[..], &published(&topic, json.as_bytes())].concat()
        });
        let mut seeds: Vec<_> = said.collect();
        seeds.push([&up[..], b"\x40\x02\x00\x02\xd0\x00"].concat());
        seeds.push(up);
        seeds
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "\u{0}",
            "\u{1}",
            "\u{7f}",
            "\u{2}\u{0}",
            "2",
            "0",
            "\"v\":1",
            "hall/v1/county/window/7/state",
            "hall/v1/county/window/7/reply",
            "hall/v1/county/kiosk/K1/reply",
            "hall/v1/county/kiosk/K1/menu",
            "\"",
            "{",
            "}",
            ":",
            ",",
        ]
    }

    /// A stream says the same in whatever pieces it comes, and to a broken one nothing is said any more.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let whole = heard(input, input.len().max(1), &mut a_pad());
        for piece in [1, 7] {
            let pieces = heard(input, piece, &mut a_pad());
            if pieces != whole {
                return Err(format!("in pieces of {piece}: {pieces:?}, at once: {whole:?}"));
            }
        }
        let kiosk = heard(input, 61, &mut a_kiosk(Bytes::new(&[])));
        if kiosk.0.is_ok() != whole.0.is_ok() {
            return Err(format!("a pad and a kiosk take the same stream differently: {whole:?}, {kiosk:?}"));
        }
        Ok(if whole.0.is_ok() { Accepted } else { Refused })
    }
}

/// A board's page of settings.
pub(super) struct Pages;

impl Target for Pages {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let text = "hall=linjiang\r\nwindow = 3\nkiosk=K1\nbroker=192.168.1.10:1883\nuser=window-3\npassword=a=b\nutc_offset_minutes=480\n";
        vec![text.into(), [text.as_bytes(), &[0xFF; 40]].concat()]
    }

    fn words(&self) -> &'static [&'static str] {
        &[
            "=", "\n", "\r\n", " ", "hall", "window", "kiosk", "broker", "user", "password", "1883", ":",
            "-480", "\u{0}", "é",
        ]
    }

    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let Ok(settings) = Settings::of_page(input) else { return Ok(Refused) };
        let wrong = [
            settings.hall().err(),
            settings.window().err(),
            settings.kiosk().err(),
            settings.broker().err(),
            settings.utc_offset_minutes().err(),
            settings.credentials().err(),
        ];
        if wrong.iter().flatten().any(|wrong| wrong.to_string().is_empty()) {
            return Err("refused without a word".into());
        }
        Ok(if wrong.iter().all(Option::is_none) { Accepted } else { Refused })
    }
}

/// A kiosk's memory after whatever became of it.
pub(super) struct Leases;

/// One of the two copies of a lease, and what of it its checksum is over (`kiosk::store`).
const COPY_BYTES: usize = 256;
const SUMMED_BYTES: usize = 196;

/// Five numbers from A980 on, of which the first is printed.
fn lease() -> Vec<u8> {
    let mut copy = vec![0; COPY_BYTES];
    copy[3] = 1;
    copy[4..10].copy_from_slice(b"social");
    copy[20..24].copy_from_slice(b"A980");
    copy[28..32].copy_from_slice(&20_514_i32.to_be_bytes());
    (copy[32], copy[33]) = (5, 1);
    copy[36..44].copy_from_slice(&1_772_416_800_000_i64.to_be_bytes());
    copy
}

/// The same with every checksum right.
fn summed(input: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for copy in bytes.chunks_mut(COPY_BYTES) {
        if let Some((summed, rest)) = copy.split_at_mut_checked(SUMMED_BYTES)
            && let Some(sum) = rest.first_chunk_mut::<4>()
        {
            *sum = PictureId::of(summed).0.to_be_bytes();
        }
    }
    bytes
}

impl Target for Leases {
    fn seeds(&self) -> Vec<Vec<u8>> {
        vec![lease(), lease().repeat(4), vec![0xFF; usize::from(STORE_BYTES)]]
    }

    fn words(&self) -> &'static [&'static str] {
        &["\u{0}\u{0}\u{0}\u{1}", "social", "A980", "\u{5}", "\u{1}", "\u{14}"]
    }

    /// A kiosk starts with it, meets the broker, and prints nothing: it does not know yet what time it is.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        for bytes in [input.to_vec(), summed(input)] {
            let mut kiosk = a_kiosk(Bytes::new(&bytes));
            for now_ms in [0, 30, 60] {
                kiosk.look(u16::from(now_ms == 30), now_ms);
            }
            heard(&[CONNACK, SUBACK].concat(), 1, &mut kiosk).0.map_err(|over| format!("{over:?}"))?;
            if kiosk.poll_print().is_some_and(|slip| !slip.bytes().is_empty()) {
                return Err("a ticket is printed without a clock".into());
            }
        }
        Ok(Accepted)
    }
}

const WIDTH: u16 = 64;
const HEIGHT: u16 = 16;
const PICTURE: usize = WIDTH as usize / 8 * HEIGHT as usize * 2;
const FRAME: usize = frame_bytes(PICTURE);

/// What a sign's firmware hears on its line.
pub(super) struct Line;

fn a_sign() -> Option<Sign<PICTURE, FRAME>> {
    let panel = Panel::new(WIDTH, HEIGHT, Depth::RedGreen)?;
    let settings = sign::Settings {
        address: SignAddress::new(7).ok()?,
        panel,
        firmware: Firmware { major: 1, minor: 0, patch: 0 },
    };
    Sign::new(settings, 0).ok()
}

impl Target for Line {
    fn seeds(&self) -> Vec<Vec<u8>> {
        signs::lines()
    }

    fn words(&self) -> &'static [&'static str] {
        signs::WORDS
    }

    /// Whatever it hears, what it says is a whole reply, and it still shows something when time passes.
    fn check(&mut self, input: &[u8]) -> Result<Taken, String> {
        let mut sign = a_sign().ok_or("there is no such sign")?;
        let mut answered = false;
        for (byte, now_ms) in input.iter().zip(1_u64..) {
            let Some(reply) = sign.receive(*byte, now_ms).map(<[u8]>::to_vec) else { continue };
            answered = true;
            let mut reader = FrameReader::<64>::new();
            let read = reply.iter().any(|byte| {
                reader.push(*byte).is_some_and(|frame| frame.is_ok_and(|frame| Reply::parse(&frame).is_ok()))
            });
            if !read {
                return Err(format!("it says {reply:02x?}"));
            }
        }
        sign.pass_time(3_600_000);
        let _ = sign.view(3_600_000);
        Ok(if answered { Accepted } else { Refused })
    }
}
