//! The key `protocol` of a line, and the table with the protocol's name below it: what signs of other
//! makers have to be known for.

use hall_protocol::sign::SignAddress;
use hall_signs::Panel;
use hall_signs::codec::modbus::{Function, Layout, RegisterMap};
use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::bx5k::Generation;
use hall_signs::codec::template::{Check, Template, TemplateError};
use hall_signs::codec::{Protocol, alpha, cp5200, onbon, template};

use crate::config::errors::{Words, words};
use crate::config::reader::{Table, Value, quoted};
use crate::config::values::{one_line, one_of};

/// The longest frame of a described display, in bytes of its line of configuration.
const TEMPLATE_BYTES_MAX: usize = 512;

/// Bytes of an answer.
const REPLY_BYTES_MAX: usize = 128;

/// How long a line may rest after a frame that nobody answers, in milliseconds.
const REST_MS: std::ops::RangeInclusive<i64> = 0..=10_000;

/// Modbus has 65,536 registers.
const REGISTERS: usize = 65_536;

/// The largest number that one register holds has so many digits.
const REGISTER_DIGITS: u8 = 5;

const PROTOCOLS: [(&str, Protocol); 7] = [
    (Protocol::Native.name(), Protocol::Native),
    (Protocol::OnbonBx5k.name(), Protocol::OnbonBx5k),
    (Protocol::OnbonBx6q.name(), Protocol::OnbonBx6q),
    (Protocol::Alpha.name(), Protocol::Alpha),
    (Protocol::Cp5200.name(), Protocol::Cp5200),
    (Protocol::ModbusRtu.name(), Protocol::ModbusRtu),
    (Protocol::Template.name(), Protocol::Template),
];

/// Of a display with characters only: how many in a line, and how many lines.
pub(crate) type Characters = (u16, u16);

/// What the signs of a line speak, but for what differs from sign to sign.
#[derive(Debug, Clone)]
pub(crate) struct Speech(Model);

impl Speech {
    /// As signs of this protocol are most often set; `None` where no setting is usual.
    pub(crate) fn usual(protocol: Protocol) -> Option<Self> {
        Some(Self(match protocol {
            Protocol::Native => Model::Native,
            Protocol::OnbonBx5k => Model::OnbonBx5k(onbon::bx5k::Setup::new(1, 0, 0)),
            Protocol::OnbonBx6q => Model::OnbonBx6q(onbon::bx6q::Setup::default()),
            Protocol::Alpha => Model::Alpha(alpha::Setup::new(1, 16)),
            Protocol::Cp5200 => {
                let pages = cp5200::Pages::Pictures;
                Model::Cp5200(cp5200::Setup { card: 1, width_px: 0, height_px: 0, pages })
            }
            Protocol::ModbusRtu => Model::ModbusRtu(RegisterMap::new(1)),
            Protocol::Template => return None,
        }))
    }

    /// What the line says; `None` if something is wrong with it.
    pub(super) fn of(line: &Table<'_>) -> Option<Self> {
        let named = line.optional("protocol", "\"native\"");
        let protocol = named.as_ref().map_or(Some(Protocol::Native), |value| one_of(value, &PROTOCOLS));
        let mut own = None;
        for (name, other) in PROTOCOLS.into_iter().filter(|(_, other)| *other != Protocol::Native) {
            match line.optional(name, "{ … }") {
                Some(value) if Some(other) == protocol => own = Some(value.table()?),
                Some(value) => {
                    let problem = Words {
                        zh: format!("这条线路的屏使用{}协议", protocol.map_or("其他", Protocol::name)),
                        en: format!(
                            "the line's signs speak {}",
                            protocol.map_or("something else", Protocol::name)
                        ),
                    };
                    value.wrong(
                        problem,
                        words!(
                            "请删去此表，或写 protocol = \"{name}\"",
                            "remove this table, or write protocol = \"{name}\""
                        ),
                    );
                }
                None => {}
            }
        }
        let protocol = protocol?;
        let Some(table) = own else {
            if matches!(protocol, Protocol::Alpha | Protocol::Template) {
                line.wrong_key(
                    protocol.name(),
                    words!("缺少此表", "this table is missing"),
                    words!(
                        "请在线路之下写 [line.{protocol}] 及其各项",
                        "write [line.{protocol}] below the line with its keys"
                    ),
                );
                return None;
            }
            return Self::usual(protocol);
        };
        let model = match protocol {
            Protocol::Native => Some(Model::Native),
            Protocol::OnbonBx5k => bx5k(&table),
            Protocol::OnbonBx6q => bx6q(&table),
            Protocol::Alpha => alpha(&table),
            Protocol::Cp5200 => cp5200(&table),
            Protocol::ModbusRtu => modbus(&table),
            Protocol::Template => template(&table),
        };
        table.finish();
        model.map(Self)
    }

    /// Which protocol it is.
    pub(super) fn protocol(&self) -> Protocol {
        self.0.protocol()
    }

    /// Whether what it sends has bytes above 0x7F, as far as no sign's address is in it.
    pub(super) fn needs_eight_bits(&self) -> bool {
        self.0.needs_eight_bits()
    }

    /// How many characters its displays have; `None` if they have pixels and the sign says how many.
    pub(super) fn characters(&self) -> Option<Characters> {
        match &self.0 {
            Model::Alpha(setup) => Some((setup.columns, setup.rows)),
            Model::ModbusRtu(map) => Some((u16::from(map.places), 1)),
            Model::Template(setup) => Some((u16::from(setup.places), 1)),
            Model::Native | Model::OnbonBx5k(_) | Model::OnbonBx6q(_) | Model::Cp5200(_) => None,
        }
    }

    /// The same for one sign.
    pub(crate) fn model(&self, address: SignAddress, panel: Panel) -> Model {
        let own = address.get();
        let (width_px, height_px) = (panel.width_px(), panel.height_px());
        match self.0.clone() {
            Model::Native => Model::Native,
            Model::OnbonBx5k(setup) => Model::OnbonBx5k(onbon::bx5k::Setup {
                address: Some(own.into()),
                width_px,
                height_px,
                colours: panel.depth().planes() > 1,
                ..setup
            }),
            Model::OnbonBx6q(setup) => {
                Model::OnbonBx6q(onbon::bx6q::Setup { address: Some(own.into()), ..setup })
            }
            Model::Alpha(setup) => Model::Alpha(alpha::Setup { address: own, ..setup }),
            Model::Cp5200(setup) => Model::Cp5200(cp5200::Setup { card: own, width_px, height_px, ..setup }),
            Model::ModbusRtu(map) => Model::ModbusRtu(RegisterMap { unit: own, ..map }),
            Model::Template(setup) => {
                let (called, idle) = (setup.called.at(own), setup.idle.map(|idle| idle.at(own)));
                Model::Template(template::Setup { called, idle, ..setup })
            }
        }
    }
}

/// A value that may be left out.
fn or<'t, T>(
    table: &Table<'t>,
    key: &'static str,
    example: &'static str,
    usual: T,
    read: impl FnOnce(&Value<'t>) -> Option<T>,
) -> Option<T> {
    match table.optional(key, example) {
        Some(value) => read(&value),
        None => Some(usual),
    }
}

fn bx5k(table: &Table<'_>) -> Option<Model> {
    const FONTS: [u8; 3] = [16, 24, 32];
    const CARDS: [(&str, Generation); 2] = [("bx-5k", Generation::Fifth), ("bx-6k", Generation::Sixth)];
    let font_px = or(table, "font", "16", 16, |value| font(value, &FONTS));
    let generation = or(table, "card", "\"bx-5k\"", Generation::Fifth, |value| one_of(value, &CARDS));
    let over_programs = or(table, "over_programs", "true", true, Value::boolean);
    Some(Model::OnbonBx5k(onbon::bx5k::Setup {
        font_px: font_px?,
        generation: generation?,
        over_programs: over_programs?,
        ..onbon::bx5k::Setup::new(1, 0, 0)
    }))
}

fn bx6q(table: &Table<'_>) -> Option<Model> {
    let usual = onbon::bx6q::Setup::default();
    let range = 0..=i64::from(u16::MAX);
    let device = or(table, "device", "0x0266", usual.device, |value| value.small(&range, "a type of card"));
    Some(Model::OnbonBx6q(onbon::bx6q::Setup { device: device?, ..usual }))
}

fn alpha(table: &Table<'_>) -> Option<Model> {
    let columns = table.required("columns", "16");
    let columns = columns.and_then(|value| value.small(&(1..=255), "characters in a line"));
    let rows = or(table, "rows", "1", 1, |value| value.small(&(1..=8), "lines"));
    let answers = or(table, "answers", "true", true, Value::boolean);
    let dims = or(table, "dims", "false", false, Value::boolean);
    let usual = alpha::Setup::new(1, columns?);
    Some(Model::Alpha(alpha::Setup { rows: rows?, answers: answers?, dims: dims?, ..usual }))
}

fn cp5200(table: &Table<'_>) -> Option<Model> {
    const FONTS: [u8; 8] = [8, 12, 16, 24, 32, 40, 48, 56];
    let as_text = or(table, "pages", "\"pictures\"", false, |value| {
        one_of(value, &[("pictures", false), ("text", true)])
    });
    let font_px = or(table, "font", "16", 16, |value| font(value, &FONTS));
    let pages = if as_text? { cp5200::Pages::Text { font_px: font_px? } } else { cp5200::Pages::Pictures };
    Some(Model::Cp5200(cp5200::Setup { card: 1, width_px: 0, height_px: 0, pages }))
}

/// The height of a card's font, in pixels.
fn font(value: &Value<'_>, known: &[u8]) -> Option<u8> {
    let height: u8 = value.small(&(0..=255), "pixels")?;
    if known.contains(&height) {
        return Some(height);
    }
    let known = known.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    value.wrong(
        words!("卡上没有高 {height} 像素的字体", "cards have no font {height} pixels high"),
        words!("请写 {known} 之一", "write one of {known}"),
    );
    None
}

fn modbus(table: &Table<'_>) -> Option<Model> {
    const FUNCTIONS: [(&str, Function); 2] =
        [("write-many", Function::WriteMany), ("write-one", Function::WriteOne)];
    const LAYOUTS: [(&str, Layout); 5] = [
        ("bcd", Layout::Bcd),
        ("number", Layout::Number),
        ("digit-each", Layout::DigitEach),
        ("ascii-each", Layout::AsciiEach),
        ("ascii-pairs", Layout::AsciiPairs),
    ];
    let usual = RegisterMap::new(1);
    let register = 0..=i64::from(u16::MAX);
    let function = or(table, "function", "\"write-many\"", usual.function, |value| one_of(value, &FUNCTIONS));
    let layout = or(table, "layout", "\"bcd\"", usual.layout, |value| one_of(value, &LAYOUTS));
    let places = or(table, "places", "4", usual.places, |value| value.small(&(1..=16), "digits"));
    let blank = or(table, "blank", "0xFFFF", usual.blank, |value| value.small(&register, "a register"));
    let dashes = if layout == Some(Layout::Bcd) { 0..=0xF } else { register.clone() };
    let dash = match table.optional("dash", "0xA") {
        Some(value) => value.small(&dashes, "what shows a dash").map(Some),
        None => Some(None),
    };
    let first = table.optional("first", "0");
    let at = match &first {
        Some(value) => value.small(&register, "the first register, counted from 0,"),
        None => Some(usual.first),
    };
    let map = RegisterMap {
        function: function?,
        layout: layout?,
        places: places?,
        blank: blank?,
        dash: dash?,
        first: at?,
        ..usual
    };
    if map.layout == Layout::Number && map.places > REGISTER_DIGITS {
        table.wrong_key(
            "places",
            words!(
                "一个寄存器可存 {REGISTER_DIGITS} 位数，不能存 {places} 位",
                "one register holds numbers of {REGISTER_DIGITS} digits, not {places}",
                places = map.places
            ),
            words!(
                "请写 places = 5 或更小，或按显示屏手册写 layout",
                "write places = 5 or less, or the layout of the display's manual"
            ),
        );
        return None;
    }
    let count = map.registers("").len();
    if usize::from(map.first) + count > REGISTERS {
        table.wrong_key(
            "first",
            words!(
                "从 {first} 起的 {count} 个寄存器超出最后一个 65535",
                "the {count} registers from {first} on go beyond the last one, 65535",
                first = map.first
            ),
            words!(
                "请按显示屏手册写第一个寄存器，从 0 数起",
                "write the first register of the display's manual, counted from 0"
            ),
        );
        return None;
    }
    Some(Model::ModbusRtu(map))
}

fn template(table: &Table<'_>) -> Option<Model> {
    let checks = Check::ALL.map(|check| (check.name(), check));
    let check = or(table, "checksum", "\"xor\"", None, |value| one_of(value, &checks).map(Some));
    let called = table.required("called", "'\\x02{number:4}\\x03'");
    let idle = table.optional("idle", "'\\x02----\\x03'");
    let reply = or(table, "reply", "'\\x06'", None, |value| fixed(value).map(Some));
    let refusal = or(table, "refusal", "'\\x15'", None, |value| fixed(value).map(Some));
    let places = or(table, "places", "4", 4, |value| value.small(&(1..=64), "characters"));
    let letters = or(table, "letters", "true", true, Value::boolean);
    let rest_ms = or(table, "rest_ms", "50", 50, |value| value.small(&REST_MS, "milliseconds"));
    let check = check?;
    let idle = match &idle {
        Some(value) => Some(frame(value, check)?),
        None => None,
    };
    let called_at = called.as_ref()?;
    let called = frame(called_at, check)?;
    if !called.changes() {
        called_at.wrong(
            words!("每次呼叫看上去都会一样", "every call would look the same"),
            words!(
                "请在号码处写 {{number}}，只要数字则写 {{digits}}",
                "write {{number}} where the number goes, or {{digits}} for its digits alone"
            ),
        );
        return None;
    }
    Some(Model::Template(template::Setup {
        called,
        idle,
        reply: reply?,
        refusal: refusal?,
        places: places?,
        letters: letters?,
        rest_ms: rest_ms?,
    }))
}

fn frame(value: &Value<'_>, check: Option<Check>) -> Option<Template> {
    let text = one_line(value, TEMPLATE_BYTES_MAX)?;
    let parsed = Template::parse(text, check);
    parsed.map_err(|error| value.wrong_for_example(no_template(&error))).ok()
}

fn no_template(error: &TemplateError) -> Words {
    let zh = match error {
        TemplateError::Escape(escape) => {
            format!("{escape:?} 不是转义；可用 \\xNN、\\r、\\n、\\\\、\\{{ 和 \\}}")
        }
        TemplateError::Placeholder(name) => format!(
            "{name:?} 不是占位；可用 {{number}}、{{window}}、{{digits}}（可写宽度，如 {{number:4}}）、{{address}}、\
             {{address:hex}}、{{address:02}}、{{from}}、{{checksum}}、{{checksum:swapped}} 和 {{checksum:hex}}"
        ),
        TemplateError::Open => "花括号没有配对".to_owned(),
        TemplateError::Character(c) => format!("{c:?} 不在 GB 2312 中；其字节可用 \\xNN 书写"),
        TemplateError::CheckWithoutPlace => "选了校验而模板中没有 {checksum}，或者正好相反".to_owned(),
    };
    Words { zh, en: error.to_string() }
}

/// Bytes that never change.
fn fixed(value: &Value<'_>) -> Option<Vec<u8>> {
    let text = one_line(value, REPLY_BYTES_MAX)?;
    match Template::parse(text, None) {
        Ok(template) if !template.changes() => Some(template.bytes("", "")),
        Ok(_) => {
            let text = quoted(text);
            value.wrong_for_example(words!("{text} 随呼叫而变", "{text} changes with the call"));
            None
        }
        Err(error) => {
            value.wrong_for_example(no_template(&error));
            None
        }
    }
}
