//! The tables `[[line]]` and `[[line.sign]]`: serial lines and the LED signs on them.

mod baud;
mod card;
mod pads;
mod port;
mod protocol;
mod room;
mod serial;

use hall_protocol::id::DeviceId;
use hall_protocol::sign::{Depth, SignAddress};
use hall_signs::frame::{HEIGHT_PX_MAX, WIDTH_PX_MAX};
use hall_signs::{Panel, PanelError};

pub use self::baud::Baud;
pub(super) use self::baud::lines as found_speeds;
pub use self::pads::{Pad, Pads};
pub use self::port::Server;
use self::protocol::Characters;
pub(crate) use self::protocol::Speech;
pub use self::serial::{FlowControl, Parity, Rs485, SerialSettings};
use super::errors::words;
use super::look::{self, Level};
use super::pages::pages;
use super::plan::{Parts, give_device_id};
use super::reader::{Table, Value, quoted};
use super::values::id;
use super::{Line, Sign};
use crate::colours;
use crate::wall::Shows;

/// The narrowest digit there is, in pixels (`number-16x8.hfont`).
const DIGIT_WIDTH_PX: u16 = 8;

/// The lowest digit there is, in pixels (the same).
const DIGIT_HEIGHT_PX: u16 = 16;

/// All lines, as far as they can be read.
pub(super) fn lines(root: &Table<'_>, parts: &mut Parts) -> Vec<Line> {
    let mut taken = Vec::new();
    let mut lines = Vec::new();
    for table in root.each("line") {
        let port = table.required("port", "\"/dev/serial/by-id/usb-FTDI_FT232R-if00-port0\"");
        let port = port.and_then(|value| port::port(&value, &mut taken));
        let asked = table.required("baud", "115200");
        let baud = asked.as_ref().and_then(baud::baud);
        let brightness = look::brightness(&table).flatten().unwrap_or_default();
        let serial = serial::settings(&table, port.as_ref());
        let speech = Speech::of(&table);
        let pads = pads::pads(&table, parts);
        if let (Some(value), Some(Baud::Auto)) = (&asked, baud) {
            let has_pads = !matches!(pads, Ok(None));
            baud::check_can_be_found(value, speech.as_ref(), port.as_ref(), has_pads);
        }
        let mut addresses = Vec::new();
        let mut signs = Vec::new();
        let tables = table.each("sign");
        if tables.is_empty() && matches!(pads, Ok(None)) {
            table.wrong_key(
                "sign",
                words!("这条线路上没有 LED 屏", "the line has no sign"),
                words!(
                    "请在其下写 [[line.sign]]，或删去这条线路",
                    "write a [[line.sign]] below it, or remove the line"
                ),
            );
        }
        for table in tables {
            signs.extend(sign(&table, speech.as_ref(), parts, &mut addresses, &brightness));
            table.finish();
        }
        if let Some(speech) = &speech {
            if let (Some(value), Some(baud)) = (&asked, baud) {
                room::check_baud(value, baud, speech);
            }
            if let (Some(serial), Ok(pads)) = (serial, &pads) {
                room::check_data_bits(&table, serial, speech, pads.as_ref(), &signs);
            }
            let digits = signs.iter().filter_map(|sign: &Sign| parts.number_digits(sign.shows)).max();
            room::check_places(&table, speech, digits);
        }
        table.finish();
        if let (Some(port), Some(baud), Some(serial), Ok(pads)) = (port, baud, serial, pads) {
            lines.push(Line { port, baud, serial, pads, signs });
        }
    }
    lines
}

fn sign(
    table: &Table<'_>,
    speech: Option<&Speech>,
    parts: &mut Parts,
    taken: &mut Vec<(SignAddress, usize)>,
    brightness: &[Level],
) -> Option<Sign> {
    let asked = table.required("id", "\"W1\"");
    let id: Option<DeviceId> = asked.as_ref().and_then(id);
    if let (Some(value), Some(_)) = (&asked, id) {
        give_device_id(&mut parts.device_ids, value, "sign");
    }
    let address = table.required("address", "1").and_then(|value| address(&value, taken));
    let shows = table.required("shows", "{ window = \"1\" }").and_then(|value| shows(&value, parts));
    let chars = shows.and_then(|shows| parts.number_chars(shows));
    let panel = match speech.map(Speech::characters) {
        Some(Some(characters)) => characters_panel(table, characters),
        Some(None) => pixels_panel(table, chars),
        None => {
            // Which keys a sign has depends on what is wrong with its line.
            for (key, example) in [("width", "128"), ("height", "32"), ("colour", "\"red-green\"")] {
                table.optional(key, example);
            }
            None
        }
    };
    let pages = pages(table, parts);
    let look = look::look(table, brightness);
    let voice = card::voice(table, speech);
    let (address, panel, look) = (address?, panel?, look?);
    let model = card::with_look(speech?.model(address, panel), &look, voice?);
    Some(Sign { id: id?, address, panel, model, shows: shows?, pages: pages?, look })
}

/// The panel of a sign that has pixels; a number of so many characters must fit.
fn pixels_panel(table: &Table<'_>, chars: Option<usize>) -> Option<Panel> {
    let width = table.required("width", "128");
    let height = table.required("height", "32");
    let depth = table.required("colour", "\"red-green\"").and_then(|value| depth(&value));
    let width_px = width.as_ref().and_then(width_of);
    let height_px = height.as_ref().and_then(height_of);
    if let (Some(value), Some(width_px)) = (&width, width_px) {
        check_number_fits(value, width_px, chars);
    }
    panel(table, width_px?, height_px?, depth?)
}

/// A display with characters only, as wide and high as they are in the smallest letters.
fn characters_panel(table: &Table<'_>, (columns, rows): Characters) -> Option<Panel> {
    let depth = match table.optional("colour", "\"mono\"") {
        Some(value) => depth(&value)?,
        None => Depth::Mono,
    };
    panel(table, columns.saturating_mul(DIGIT_WIDTH_PX), rows.saturating_mul(DIGIT_HEIGHT_PX), depth)
}

fn panel(table: &Table<'_>, width_px: u16, height_px: u16, depth: Depth) -> Option<Panel> {
    let panel = Panel::new(width_px, height_px, depth);
    let wrong = |error: PanelError| {
        let problem = words!(
            "没有 {width_px}x{height_px} 像素的 LED 屏：宽须为 8 的倍数且不超过 {WIDTH_PX_MAX}，高须为 1 至 {HEIGHT_PX_MAX}",
            "{error}"
        );
        table.wrong_key("width", problem, words!("请写屏铭牌上的尺寸", "write the size on the sign's plate"));
    };
    panel.map_err(wrong).ok()
}

fn address(value: &Value<'_>, taken: &mut Vec<(SignAddress, usize)>) -> Option<SignAddress> {
    let range = i64::from(SignAddress::FIRST.get())..=i64::from(SignAddress::LAST.get());
    let address = SignAddress::new(value.small(&range, "an address")?).ok()?;
    if let Some((_, line)) = taken.iter().find(|(other, _)| *other == address) {
        value.wrong(
            words!(
                "第 {line} 行的屏在这条串行线路上已用地址 {address}",
                "the sign on line {line} has address {address} on this serial line already"
            ),
            words!(
                "请写这块屏所设的地址；两块屏同一地址会同时应答",
                "write the address this sign is set to; two signs with one would answer at the same time"
            ),
        );
        return None;
    }
    taken.push((address, value.place().line));
    Some(address)
}

fn width_of(value: &Value<'_>) -> Option<u16> {
    let width: u16 = value.small(&(1..=i64::from(WIDTH_PX_MAX)), "pixels")?;
    if !width.is_multiple_of(8) {
        let up = width.next_multiple_of(8);
        value.wrong(
            words!("{width} 像素不是 8 的倍数", "{width} pixels are no multiple of 8"),
            words!("请写屏铭牌上的宽度，例如 {up}", "write the width on the sign's plate, such as {up}"),
        );
        return None;
    }
    Some(width)
}

fn height_of(value: &Value<'_>) -> Option<u16> {
    value.small(&(i64::from(DIGIT_HEIGHT_PX)..=i64::from(HEIGHT_PX_MAX)), "pixels")
}

fn check_number_fits(width: &Value<'_>, width_px: u16, chars: Option<usize>) {
    let Some(chars) = chars.and_then(|chars| u16::try_from(chars).ok()) else { return };
    let needed = DIGIT_WIDTH_PX.saturating_mul(chars);
    if width_px < needed {
        width.wrong(
            words!(
                "{width_px} 像素容不下 {chars} 个字符的号码，每个字符 {DIGIT_WIDTH_PX} 像素",
                "{width_px} pixels are too narrow for numbers of {chars} characters, {DIGIT_WIDTH_PX} pixels each"
            ),
            words!(
                "请换至少 {needed} 像素宽的屏，或缩短事项的 prefix 或 digits",
                "hang a sign of at least {needed} pixels, or shorten the services' prefix or digits"
            ),
        );
    }
}

fn depth(value: &Value<'_>) -> Option<Depth> {
    let text = value.text()?;
    let depth = colours::depth(text);
    if depth.is_none() {
        let problem = words!("没有颜色 {text}", "there is no colour {text}", text = quoted(text));
        let known = colours::COLOURS.map(|(word, _)| word);
        let otherwise =
            words!("请写 \"mono\"、\"red-green\" 或 \"rgb\"", "write \"mono\", \"red-green\" or \"rgb\"");
        value.wrong_word(problem, text, known, otherwise);
    }
    depth
}

fn shows(value: &Value<'_>, parts: &Parts) -> Option<Shows> {
    let table = value.table()?;
    let window = table.optional("window", "\"1\"");
    let zone = table.optional("zone", "\"A\"");
    table.finish();
    match (window, zone) {
        (Some(window), None) => parts.device_ids.refer(&window, "window").map(Shows::Window),
        (None, Some(zone)) => parts.zone_ids.refer(&zone, "zone").map(Shows::Zone),
        (Some(_), Some(zone)) => {
            zone.wrong(
                words!("一块屏只显示一样", "a sign shows one thing"),
                words!("窗口和等候区只写一个", "write either a window or a zone"),
            );
            None
        }
        (None, None) => {
            value.wrong(
                words!("没有写这块屏显示什么", "it does not say what the sign shows"),
                words!(
                    "显示窗口的号码请写 {{ window = \"1\" }}，显示等候区的呼叫请写 {{ zone = \"A\" }}",
                    "write {{ window = \"1\" }} for the number at a window, or {{ zone = \"A\" }} for a zone's calls"
                ),
            );
            None
        }
    }
}
