//! One sign: byte for byte the sign that `hall-signs` has written from the document, and what only
//! can be seen.

use std::time::{Duration, Instant};

use hall_device::panel::Panel;
use hall_device::sign::{Settings, SettingsError, Sign, frame_bytes};
use hall_protocol::sign::frame::{Header, encode};
use hall_protocol::sign::run_length::{Chunk, Chunks};
use hall_protocol::sign::{
    Blink, Depth, Destination, Encoding, FallbackPage, Firmware, PictureId, Rectangle, Request, Sequence,
    SignAddress, Versions, encoded_bytes_max,
};
use hall_signs::emulator::{VirtualLine, VirtualSign, built_in_page};
use proptest::prelude::*;

const WIDTH_PX: u16 = 32;
const HEIGHT_PX: u16 = 16;
const PICTURE: usize = 2 * 16 * 32 / 8;
const FRAME: usize = frame_bytes(1_024);

type SmallSign = Sign<PICTURE, FRAME>;

pub(crate) fn settings(address: u8, panel: Panel) -> Settings {
    Settings {
        address: SignAddress::new(address).unwrap(),
        panel,
        firmware: Firmware { major: 1, minor: 0, patch: 0 },
    }
}

fn sign() -> SmallSign {
    let panel = Panel::new(WIDTH_PX, HEIGHT_PX, Depth::RedGreen).unwrap();
    Sign::new(settings(7, panel), 0).unwrap()
}

fn request(request: &Request<'_>, to: u8, sequence: u8) -> Vec<u8> {
    let mut bytes = vec![0; encoded_bytes_max(2_000)];
    let to = Destination::from_byte(to).unwrap();
    let length = request.emit(to, Sequence(sequence), &mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

fn ask(sign: &mut SmallSign, what: &Request<'_>, sequence: u8, now_ms: u64) -> Vec<u8> {
    let bytes = request(what, 7, sequence);
    bytes.into_iter().flat_map(|byte| sign.receive(byte, now_ms).unwrap_or_default().to_vec()).collect()
}

/// Everything that can be seen, as it would lie in memory.
fn seen(sign: &SmallSign, now_ms: u64) -> Vec<u8> {
    let view = sign.view(now_ms);
    let mut bytes = vec![];
    for plane in 0..2 {
        for row in 0..HEIGHT_PX {
            bytes.extend((0..WIDTH_PX / 8).map(|column| view.byte(plane, row, column)));
        }
    }
    bytes
}

/// Paint all of it in this byte, and show it.
fn paint(sign: &mut SmallSign, byte: u8, blink: Option<Blink>, now_ms: u64) {
    let area = Rectangle { x_px: 0, y_px: 0, width_px: WIDTH_PX, height_px: HEIGHT_PX };
    ask(sign, &Request::Identify { versions: Versions::SPOKEN }, 0, now_ms);
    let pixels = [byte; PICTURE];
    ask(sign, &Request::Rectangle { area, encoding: Encoding::Raw, pixels: &pixels }, 1, now_ms);
    ask(sign, &Request::Swap { picture: PictureId::of(&pixels), blink }, 2, now_ms);
}

/// One thing that happens to a sign.
#[derive(Debug, Clone)]
enum Happening {
    Rectangle {
        area: [u16; 4],
        run_length: bool,
        pixels: Vec<u8>,
    },
    /// Names the picture that is in the back buffer, or another.
    Swap {
        right: bool,
        blink: bool,
    },
    Brightness(u8),
    Poll,
    Identify,
    Fallback {
        after_s: u16,
        page: u8,
        right: bool,
    },
    Raw {
        version: u8,
        kind: u8,
        payload: Vec<u8>,
    },
    Noise(Vec<u8>),
    Wait {
        ms: u64,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    let side = |whole: u16| prop_oneof![6 => (0..=whole / 8).prop_map(|n| n * 8), 1 => 0..=whole * 2];
    let area = (side(WIDTH_PX), 0..=HEIGHT_PX, side(WIDTH_PX), 0..=HEIGHT_PX);
    let pixels = prop::collection::vec(prop::sample::select(vec![0, 0, 255, 3, 128]), 0..40);
    prop_oneof![
        4 => (area, any::<bool>(), pixels).prop_map(|((x, y, w, h), run_length, pixels)| {
            Happening::Rectangle { area: [x, y, w, h], run_length, pixels }
        }),
        4 => (prop::bool::weighted(0.8), any::<bool>()).prop_map(|(right, blink)| Happening::Swap { right, blink }),
        1 => any::<u8>().prop_map(Happening::Brightness),
        2 => Just(Happening::Poll),
        1 => Just(Happening::Identify),
        2 => (0_u16..4, 0_u8..4, prop::bool::weighted(0.8))
            .prop_map(|(after_s, page, right)| Happening::Fallback { after_s, page, right }),
        1 => (0_u8..3, any::<u8>(), prop::collection::vec(any::<u8>(), 0..20))
            .prop_map(|(version, kind, payload)| Happening::Raw { version, kind, payload }),
        2 => prop::collection::vec(any::<u8>(), 0..30).prop_map(Happening::Noise),
        2 => (0_u64..5_000).prop_map(|ms| Happening::Wait { ms }),
    ]
}

/// The bytes of a happening; `back` is what the back buffer of the emulated sign should hold.
fn bytes_of(happening: &Happening, to: u8, sequence: u8, back: PictureId) -> Vec<u8> {
    let named = |right: bool| if right { back } else { PictureId(back.0 ^ 1) };
    match happening {
        Happening::Rectangle { area: [x_px, y_px, width_px, height_px], run_length, pixels } => {
            let area = Rectangle { x_px: *x_px, y_px: *y_px, width_px: *width_px, height_px: *height_px };
            let whole = usize::from(*width_px / 8) * usize::from(*height_px) * 2;
            // Every other rectangle has pixels enough.
            let filled: Vec<u8> = pixels.iter().copied().cycle().take(whole.min(600)).collect();
            let pixels = if *run_length { pixels } else { &filled };
            let encoding = if *run_length { Encoding::RunLength } else { Encoding::Raw };
            request(&Request::Rectangle { area, encoding, pixels }, to, sequence)
        }
        Happening::Swap { right, blink } => {
            // Off the panel, because the other sign does not draw it.
            let region = Rectangle { x_px: 300, y_px: 2, width_px: 11, height_px: 5 };
            let blink = blink.then_some(Blink { region, period_ms: 500, duration_ds: 30 });
            request(&Request::Swap { picture: named(*right), blink }, to, sequence)
        }
        Happening::Brightness(level) => request(&Request::Brightness(*level), to, sequence),
        Happening::Poll => request(&Request::Poll, to, sequence),
        Happening::Identify => request(&Request::Identify { versions: Versions::SPOKEN }, to, sequence),
        Happening::Fallback { after_s, page, right } => {
            let page = match page {
                0 => FallbackPage::Dark,
                1 => FallbackPage::BuiltIn,
                _ => FallbackPage::Stored(named(*right)),
            };
            request(&Request::Fallback { after_s: *after_s, page }, to, sequence)
        }
        Happening::Raw { version, kind, payload } => {
            let mut bytes = vec![0; encoded_bytes_max(payload.len())];
            let header = Header { version: *version, address: to, sequence: Sequence(sequence), kind: *kind };
            let length = encode(header, &[payload], &mut bytes).unwrap();
            bytes.truncate(length);
            bytes
        }
        Happening::Noise(bytes) => bytes.clone(),
        Happening::Wait { .. } => vec![],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The emulator shares no code with the protocol's encoder and decoder, so what both answer is
    /// what the document says.
    #[test]
    fn it_answers_and_shows_as_the_documents_own_sign_does(
        happenings in prop::collection::vec(
            (happening(), prop::sample::select(vec![7, 7, 7, 7, 7, 0, 9]), 0_u8..4, prop::bool::weighted(0.1)),
            1..60,
        ),
    ) {
        let mut sign = sign();
        let panel = hall_signs::Panel::new(WIDTH_PX, HEIGHT_PX, Depth::RedGreen).unwrap();
        let address = SignAddress::new(7).unwrap();
        let mut line = VirtualLine::new(vec![VirtualSign::new(address, panel)]);
        let start = Instant::now();
        let mut now_ms = 0;
        line.pass_time(start);
        let mut back = vec![0; PICTURE];
        for (happening, to, sequence, cut) in happenings {
            if let Happening::Wait { ms } = happening {
                now_ms += ms;
            }
            // Everyone's rectangles are not answered, so what became of them is not known here.
            let to = if matches!(happening, Happening::Rectangle { .. }) { 7 } else { to };
            let mut bytes = bytes_of(&happening, to, sequence, PictureId::of(&back));
            if cut {
                bytes.truncate(bytes.len() / 2);
            }
            let now = start + Duration::from_millis(now_ms);
            let theirs = line.receive(&bytes, now);
            let ours: Vec<u8> = bytes
                .iter()
                .flat_map(|byte| sign.receive(*byte, now_ms).unwrap_or_default().to_vec())
                .collect();
            prop_assert_eq!(&ours, &theirs, "{:?} at {} ms", happening, now_ms);
            // A frame's fifth byte is its kind, unless a zero moved it: 81 is an Ack.
            if let Happening::Rectangle { area, run_length, pixels } = &happening
                && theirs.contains(&0x81)
            {
                write(&mut back, *area, *run_length, pixels);
            }
            line.pass_time(now);
            sign.pass_time(now_ms);
            let shown = line.picture(address).unwrap();
            // Each has a built-in page of its own.
            if *shown != built_in_page(panel) {
                prop_assert_eq!(seen(&sign, now_ms), shown.bytes());
            }
        }
    }
}

/// What an acknowledged rectangle makes of the back buffer.
fn write(back: &mut [u8], [x, y, width, height]: [u16; 4], run_length: bool, pixels: &[u8]) {
    let [x, y, width, height] = [x / 8, y, width / 8, height].map(usize::from);
    let plain: Vec<u8> = if run_length {
        let chunks = Chunks::new(pixels).map(Result::unwrap);
        let bytes = chunks.flat_map(|chunk| match chunk {
            Chunk::Copy(bytes) => bytes.to_vec(),
            Chunk::Repeat(byte, count) => vec![byte; count],
        });
        bytes.collect()
    } else {
        pixels.iter().copied().cycle().take(width * height * 2).collect()
    };
    for (row, pixels) in plain.chunks(width).enumerate() {
        let (plane, row) = (row / height, row % height);
        let at = (plane * usize::from(HEIGHT_PX) + y + row) * usize::from(WIDTH_PX / 8) + x;
        back[at..at + width].copy_from_slice(pixels);
    }
}

#[test]
fn a_region_blinks_light_first_and_is_steady_when_its_time_is_over() {
    let mut sign = sign();
    let region = Rectangle { x_px: 4, y_px: 2, width_px: 8, height_px: 3 };
    paint(&mut sign, 0xFF, Some(Blink { region, period_ms: 1_000, duration_ds: 25 }), 10_000);
    let steady = vec![0xFF; PICTURE];
    let mut dark = steady.clone();
    for row in [2, 3, 4, 18, 19, 20] {
        dark[row * 4] = 0xF0;
        dark[row * 4 + 1] = 0x0F;
    }
    for (at_ms, picture) in [
        (0, &steady),
        (499, &steady),
        (500, &dark),
        (999, &dark),
        (1_000, &steady),
        (1_600, &dark),
        (2_500, &steady),
        (9_600, &steady),
    ] {
        assert_eq!(seen(&sign, 10_000 + at_ms), *picture, "after {at_ms} ms");
    }
    let looks: Vec<_> = (0..30).map(|tenth| sign.appearance(10_000 + tenth * 100)).collect();
    let changes = looks.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(changes, 4, "dark, light, dark, light");

    // The same picture again, without a blink, ends it.
    paint(&mut sign, 0xFF, None, 10_400);
    assert_eq!(seen(&sign, 10_900), steady);
}

#[test]
fn a_silent_hosts_citizens_are_told_to_ask_at_the_windows() {
    let mut sign = sign();
    paint(&mut sign, 0x81, None, 0);
    ask(&mut sign, &Request::Fallback { after_s: 30, page: FallbackPage::BuiltIn }, 3, 1_000);
    sign.pass_time(30_999);
    assert_eq!(seen(&sign, 30_999), [0x81; PICTURE]);
    sign.pass_time(31_000);
    // The text comes in from the right, dark at first.
    assert_eq!(seen(&sign, 31_000), [0; PICTURE]);
    let later = 31_000 + 25 * u64::from(WIDTH_PX);
    let (now, next) = (seen(&sign, later), seen(&sign, later + 8 * 25));
    let line: [[u8; 4]; 16] = hall_device::glyph::line("请到");
    let both_planes: Vec<u8> = line.as_flattened().repeat(2);
    assert_eq!(now, both_planes, "yellow, from the panel's left edge");
    let moved = now.chunks(4).zip(next.chunks(4)).all(|(now, next)| now[1..] == next[..3]);
    assert!(moved, "eight pixels to the left in 200 ms");
    assert_ne!(sign.appearance(later), sign.appearance(later + 25));

    // A poll changes nothing, the next swap ends it.
    ask(&mut sign, &Request::Poll, 4, 60_000);
    assert_ne!(seen(&sign, later), [0x81; PICTURE]);
    paint(&mut sign, 0x18, None, 60_000);
    assert_eq!(seen(&sign, 60_000), [0x18; PICTURE]);
}

#[test]
fn a_wide_sign_has_its_notice_in_the_middle() {
    const WIDE: usize = 512 / 8 * 32;
    let panel = Panel::new(512, 32, Depth::Mono).unwrap();
    let mut sign = Sign::<WIDE, FRAME>::new(settings(1, panel), 0).unwrap();
    let bytes = request(&Request::Fallback { after_s: 1, page: FallbackPage::BuiltIn }, 1, 0);
    for byte in bytes {
        sign.receive(byte, 0);
    }
    sign.pass_time(1_000);
    let view = sign.view(1_000);
    let lit = |x: &u16| (0..32).any(|y| view.is_lit(0, *x, y));
    let (first, last) = ((0..512).find(lit).unwrap(), (0..512).rfind(lit).unwrap());
    assert!(first.abs_diff(511 - last) <= 8, "from {first} to {last}");
    assert!((0..512).all(|x| !(0..8).chain(24..32).any(|y| view.is_lit(0, x, y))));
    assert_eq!(sign.appearance(1_000), sign.appearance(9_000), "what stands is not drawn again");
}

#[test]
fn the_types_numbers_must_fit_the_panel_and_the_protocol() {
    let panel = Panel::new(32, 16, Depth::Mono).unwrap();
    let wrong = Sign::<63, FRAME>::new(settings(1, panel), 0);
    assert_eq!(wrong.map(|_| ()), Err(SettingsError::Picture(64)));
    let short = Sign::<64, { frame_bytes(40) }>::new(settings(1, panel), 0);
    assert_eq!(short.map(|_| ()), Err(SettingsError::Frame));
    assert!(Sign::<64, { frame_bytes(41) }>::new(settings(1, panel), 0).is_ok());
    assert_eq!(Panel::new(30, 16, Depth::Mono), None);
}

#[test]
fn a_sign_of_128x64_leaves_most_of_24_kib_to_the_board() {
    const MONO: usize = 128 * 64 / 8;
    const RGB: usize = MONO * 3;
    assert!(size_of::<Sign<MONO, FRAME>>() < 5 * 1_024);
    assert!(size_of::<Sign<RGB, FRAME>>() < 11 * 1_024);
}
