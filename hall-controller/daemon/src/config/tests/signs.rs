//! What signs of other makers are told of, and what `check` says of their pages.

use std::path::Path;

use hall_signs::bus::SignSetup;
use hall_signs::call_pad::{PadKey, PadSetup};
use hall_signs::codec::modbus::{Function, Layout, RegisterMap};
use hall_signs::codec::model::Model;
use hall_signs::codec::onbon::bx5k::Generation;
use hall_signs::codec::{alpha, cp5200, onbon};
use hall_signs::substitute::Ability;
use jiff::Timestamp;

use super::{GOOD, edited, parse_at};
use crate::config::{
    Baud, Config, FlowControl, Pad, Pads, Parity, Port, Rs485, SerialSettings, Server, check,
};

/// The good hall, the first of whose lines says this.
fn with_line(head: &str, signs: &str) -> String {
    let (before, rest) = GOOD.split_once("[[line]]").unwrap();
    let (_, after) = rest.split_once("[[line]]").unwrap();
    format!("{before}[[line]]\nport = \"/dev/ttyS0\"\nbaud = 9600\n{head}\n{signs}\n[[line]]{after}")
}

/// A display with this address for window 1.
fn display(address: u8) -> String {
    format!("[[line.sign]]\nid = \"W{address}\"\naddress = {address}\nshows = {{ window = \"1\" }}\n")
}

/// The same for a sign with pixels.
fn sign(address: u8) -> String {
    display(address).replace("shows", "width = 128\nheight = 32\ncolour = \"mono\"\nshows")
}

fn parsed(text: &str) -> Config {
    Config::parse(text, Path::new("hall.toml")).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

fn models(head: &str, signs: &str) -> Vec<Model> {
    let config = parsed(&with_line(head, signs));
    config.lines[0].signs.iter().map(|sign| sign.model.clone()).collect()
}

#[test]
fn a_line_speaks_native_unless_it_says_otherwise() {
    assert!(parsed(GOOD).lines.iter().flat_map(|line| &line.signs).all(|sign| sign.model == Model::Native));
    assert_eq!(models("protocol = \"native\"", &sign(1)), [Model::Native]);
}

#[test]
fn each_protocol_s_table_is_read_and_each_sign_has_its_address_and_size() {
    let card = onbon::bx5k::Setup { colours: false, ..onbon::bx5k::Setup::new(9, 128, 32) };
    assert_eq!(models("protocol = \"onbon-bx5k\"", &sign(9)), [Model::OnbonBx5k(card.clone())]);
    let head =
        "protocol = \"onbon-bx5k\"\n[line.onbon-bx5k]\nfont = 24\ncard = \"bx-6k\"\nover_programs = false";
    let sixth = Generation::Sixth;
    let card = onbon::bx5k::Setup { font_px: 24, generation: sixth, over_programs: false, ..card };
    assert_eq!(models(head, &sign(9)), [Model::OnbonBx5k(card)]);

    let head = "protocol = \"onbon-bx6q\"\n[line.onbon-bx6q]\ndevice = 0x0166";
    let setup = onbon::bx6q::Setup { address: Some(3), device: 0x0166 };
    assert_eq!(models(head, &sign(3)), [Model::OnbonBx6q(setup)]);

    let head = "protocol = \"cp5200\"\n[line.cp5200]\npages = \"text\"\nfont = 24";
    let pages = cp5200::Pages::Text { font_px: 24 };
    let setup = cp5200::Setup { card: 3, width_px: 128, height_px: 32, pages };
    assert_eq!(models(head, &sign(3)), [Model::Cp5200(setup)]);

    let dashes = "protocol = \"modbus-rtu\"\n[line.modbus-rtu]\ndash = 0xA";
    let told = checked(&with_line(dashes, &display(1)));
    assert!(told[0].contains("paused, idle, emergency: 显示横杠 (dashes)"), "{told:?}");
    let head = "protocol = \"alpha\"\n[line.alpha]\ncolumns = 15\nrows = 2\nanswers = false\ndims = true";
    let setup = alpha::Setup { rows: 2, answers: false, dims: true, ..alpha::Setup::new(3, 15) };
    assert_eq!(models(head, &display(3)), [Model::Alpha(setup)]);

    let head = "protocol = \"modbus-rtu\"\n[line.modbus-rtu]\nfunction = \"write-one\"\nfirst = 16\nplaces = 5\n\
                layout = \"digit-each\"\nblank = 0x0A\ndash = 0x0B";
    let map = RegisterMap {
        unit: 3,
        function: Function::WriteOne,
        first: 16,
        places: 5,
        layout: Layout::DigitEach,
        blank: 10,
        dash: Some(11),
    };
    assert_eq!(models(head, &display(3)), [Model::ModbusRtu(map)]);
    assert_eq!(models("protocol = \"modbus-rtu\"", &display(3)), [Model::ModbusRtu(RegisterMap::new(3))]);
}

#[test]
fn a_display_is_described_by_its_manual_s_bytes() {
    let head = r"protocol = 'template'
[line.template]
called = '\x02{from}{address}{number:4}{checksum}\x03'
idle = '\x02{from}{address}----{checksum}\x03'
checksum = 'sum'
reply = '\x06'
refusal = '\x15'
places = 4
letters = false
rest_ms = 120";
    let config = parsed(&with_line(head, &(display(1) + &display(7))));
    let [first, second] = &*config.lines[0].signs else { panic!("two signs") };
    let (Model::Template(first), Model::Template(setup)) = (&first.model, &second.model) else {
        panic!("templates")
    };
    assert_ne!(first.called, setup.called);
    assert_eq!(setup.called.bytes("A012", "3"), b"\x02\x07A012\xdb\x03");
    let idle = setup.idle.as_ref().unwrap().bytes("", "");
    assert_eq!(idle, b"\x02\x07----\xbb\x03");
    assert_eq!((setup.reply.as_deref(), setup.refusal.as_deref()), (Some(&[6][..]), Some(&[0x15][..])));
    assert_eq!((setup.places, setup.letters, setup.rest_ms), (4, false, 120));
    assert_eq!((second.panel.width_px(), second.panel.height_px()), (32, 16));
    let setup = SignSetup { address: second.address, panel: second.panel };
    assert_eq!(second.model.codec(setup, 9_600).ability(), Ability::Digits { places: 4 });
}

#[test]
fn a_serial_device_server_is_named_by_host_and_port() {
    let port = |name: &str| parsed(&edited("/dev/ttyS0", name)).lines[0].port.clone();
    let server = |host: &str, port| Port::Server(Server { host: host.into(), port });
    assert_eq!(port("tcp://10.0.8.21:4001"), server("10.0.8.21", 4_001));
    assert_eq!(port("tcp://nport-2.hall:950"), server("nport-2.hall", 950));
    assert_eq!(port("tcp://[fd00::21]:4001"), server("fd00::21", 4_001));
    let Port::Server(server) = port("tcp://[fd00::21]:4001") else { panic!("a server") };
    assert_eq!(server.to_string(), "tcp://[fd00::21]:4001");
}

#[test]
fn mistakes_in_a_register_map_and_a_size_a_display_has_not_are_told_once() {
    let told = |table: &str, sign: &str| {
        let head = format!("protocol = \"modbus-rtu\"\n[line.modbus-rtu]\n{table}");
        let errors = parse_at(&with_line(&head, sign), Path::new("hall.toml")).unwrap_err();
        assert_eq!(errors.errors().len(), 1, "{errors}");
        errors.to_string()
    };
    let errors = told("places = 6\nlayout = \"number\"", &display(1));
    assert!(
        errors.contains("line[1].modbus-rtu.places: one register holds numbers of 5 digits, not 6; "),
        "{errors}"
    );
    let errors = told("first = 65535\nplaces = 8", &display(1));
    assert!(errors.contains("the 2 registers from 65535 on go beyond the last one"), "{errors}");
    let errors = told("places = 8\nlayuot = \"bcd\"", &display(1));
    assert!(errors.contains("layuot: this key is unknown; did you mean layout?"), "{errors}");
    let errors = told("places = 4", &(display(1) + "width = 64\n"));
    assert!(errors.contains("line[1].sign \"W1\".width: this key is unknown; remove it"), "{errors}");
}

#[test]
fn a_port_is_8n1_unless_the_line_says_otherwise() {
    let usual = SerialSettings::default();
    assert_eq!(parsed(GOOD).lines[0].serial, usual);
    assert_eq!(usual.bits_per_byte(), 10);
    let head = "data_bits = 7\nparity = \"even\"\nstop_bits = 2\nflow_control = \"hardware\"\nrs485 = \"kernel\"\n\
         protocol = \"alpha\"\n[line.alpha]\ncolumns = 16";
    let serial = parsed(&with_line(head, &display(1))).lines[0].serial;
    let expected = SerialSettings {
        data_bits: 7,
        parity: Parity::Even,
        stop_bits: 2,
        flow_control: FlowControl::Hardware,
        rs485: Rs485::Kernel,
    };
    assert_eq!((serial, serial.bits_per_byte()), (expected, 11));
}

/// What is wrong with the line, whose key it is.
fn wrong(head: &str, signs: &str) -> String {
    let errors = parse_at(&with_line(head, signs), Path::new("hall.toml")).unwrap_err();
    assert_eq!(errors.errors().len(), 1, "{errors}");
    errors.to_string()
}

#[test]
fn seven_bits_are_refused_where_a_byte_needs_eight() {
    let seven = "data_bits = 7\n";
    for protocol in ["native", "onbon-bx5k", "onbon-bx6q", "cp5200"] {
        let told = wrong(&format!("{seven}protocol = \"{protocol}\""), &sign(1));
        assert!(told.contains(&format!("line[1].data_bits: {protocol} has bytes of 8 bits")), "{told}");
    }
    let told = wrong(&format!("{seven}protocol = \"modbus-rtu\""), &display(1));
    assert!(told.contains("line[1].data_bits: modbus-rtu has bytes of 8 bits"), "{told}");
    let described = |table: &str| format!("{seven}protocol = \"template\"\n[line.template]\n{table}");
    for (table, address, is_right) in [
        ("called = '\\x02{number:4}\\x03'", 1, true),
        ("called = '\\x02{number:4}{checksum}\\x03'\nchecksum = \"xor\"", 1, true),
        ("called = '\\x02{number:4}{checksum:hex}\\x03'\nchecksum = \"sum\"", 1, true),
        ("called = '\\x02{address}{number:4}\\x03'", 127, true),
        ("called = '\\xAA{number:4}\\x55'", 1, false),
        ("called = '\\x02{number:4}{checksum}\\x03'\nchecksum = \"sum\"", 1, false),
        ("called = '\\x02{address}{number:4}\\x03'", 128, false),
        ("called = '{number:4}'\nidle = '休'", 1, false),
        ("called = '{number:4}'\nreply = '\\x86'", 1, false),
    ] {
        let (head, signs) = (described(table), display(address));
        if is_right {
            parsed(&with_line(&head, &signs));
        } else {
            assert!(wrong(&head, &signs).contains("data_bits: template has bytes of 8 bits"), "{table}");
        }
    }
}

#[test]
fn a_digit_display_without_room_for_a_number_is_refused() {
    // Numbers of tax have four digits, those of window 1's other services three.
    let places = |protocol: &str, key: &str, count: u8, rest: &str| {
        format!("protocol = \"{protocol}\"\n[line.{protocol}]\n{key} = {count}\n{rest}")
    };
    let called = "called = '{number:4}'";
    for (protocol, key, rest) in
        [("modbus-rtu", "places", ""), ("template", "places", called), ("alpha", "columns", "")]
    {
        let told = wrong(&places(protocol, key, 2, rest), &display(1));
        let place = format!("line[1].{protocol}.{key}: 2 places cannot show the numbers of");
        assert!(told.contains(&place) && told.contains("hang a display of at least"), "{told}");
        parsed(&with_line(&places(protocol, key, 4, rest), &display(1)));
    }
}

#[test]
fn call_pads_of_a_line_are_read_and_a_line_may_have_nothing_else() {
    let head = "[line.pads]\npoll = 0x5B\nreply = 0xDB\nkey_at = 1\nkeys = { next = 0x01, pause = 0x10, transfer = 0x20 }\n\
                [[line.pad]]\naddress = 1\nwindow = \"1\"\ntransfer_to = \"tax\"\n\
                [[line.pad]]\naddress = 2\nwindow = \"2\"";
    let lines = parsed(&with_line(head, "")).lines;
    let Pads { setup, pads } = lines[0].pads.as_ref().unwrap();
    let keys = vec![(0x01, PadKey::Next), (0x10, PadKey::Pause), (0x20, PadKey::Transfer)];
    assert_eq!(*setup, PadSetup { poll: 0x5B, reply: Some(0xDB), key_at: 1, keys });
    let pad = |address, window: &str, to: Option<&str>| Pad {
        address,
        window: window.parse().unwrap(),
        transfer_to: to.map(|id| id.parse().unwrap()),
    };
    assert_eq!(*pads, [pad(1, "1", Some("tax")), pad(2, "2", None)]);
    assert!(lines[0].signs.is_empty() && lines[1].pads.is_none());
}

fn checked(text: &str) -> Vec<String> {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("hall.toml");
    std::fs::write(&path, text).unwrap();
    let told = check(&path, Timestamp::UNIX_EPOCH).unwrap();
    told.lines().filter(|line| line.starts_with("sign ")).map(str::to_owned).collect()
}

#[test]
fn check_tells_what_each_sign_cannot_show_and_shows_instead() {
    assert!(checked(GOOD).is_empty(), "signs with pixels show every page");
    let head = "protocol = \"modbus-rtu\"";
    assert_eq!(
        checked(&with_line(head, &display(1))),
        ["sign \"W1\" (modbus-rtu, 4 digits) shows instead of the pages identity: \
          只显示号码 (only the number); called, serving: 只显示号码的数字 (only the number's digits); \
          test: 全部显示8 (an 8 in every place); paused, closed, idle, emergency: 不显示 (dark); 新呼的号码不闪烁 (the number of a new call does not blink)"]
    );
    let head = "protocol = \"alpha\"\n[line.alpha]\ncolumns = 16";
    let told = checked(&with_line(head, &display(1)));
    assert!(
        told[0].starts_with("sign \"W1\" (alpha, 16 columns in 1 line of ASCII) shows instead"),
        "{told:?}"
    );
    // The window is called 1号, which such a sign has no glyph for.
    assert!(told[0].contains("called, serving: 只显示号码 (only the number)"), "{told:?}");
    // On two lines of 16 hanzi columns only the test page and long texts differ.
    let told = checked(&with_line("protocol = \"onbon-bx5k\"", &sign(1)));
    assert!(!told[0].contains("called") && told[0].contains("test: 全部显示8"), "{told:?}");
}

#[test]
fn check_tells_which_signs_do_not_blink_or_dim_though_they_should() {
    let pixels = "[[line.brightness]]\nfrom = \"18:00\"\npercent = 40\n".to_owned() + &sign(1);
    let text = "[line.cp5200]\npages = \"text\"\n".to_owned() + &pixels;
    let columns = "[[line.brightness]]\nfrom = \"18:00\"\npercent = 40\n".to_owned() + &display(1);
    let alpha = "[line.alpha]\ncolumns = 16\n".to_owned() + &columns;
    let register = "[line.alpha]\ncolumns = 16\ndims = true\n".to_owned() + &columns;
    let (steady, bright) = ("does not blink", "not dimmed");
    for (protocol, sign, lacks) in [
        ("native", &pixels, [].as_slice()),
        ("onbon-bx5k", &pixels, &[steady]),
        ("onbon-bx6q", &pixels, &[steady, bright]),
        ("cp5200", &pixels, &[steady, bright]),
        ("cp5200", &text, &[bright]),
        ("alpha", &alpha, &[bright]),
        ("alpha", &register, &[]),
        ("modbus-rtu", &columns, &[steady, bright]),
    ] {
        let told = checked(&with_line(&format!("protocol = \"{protocol}\""), sign)).join("\n");
        for word in [steady, bright] {
            assert_eq!(told.contains(word), lacks.contains(&word), "{protocol}: {told}");
        }
        let none =
            sign.replace("[[line.brightness]]\nfrom = \"18:00\"\npercent = 40\n", "") + "blink_seconds = 0\n";
        let told = checked(&with_line(&format!("protocol = \"{protocol}\""), &none)).join("\n");
        assert!(!told.contains(steady) && !told.contains(bright), "{protocol} is asked for neither: {told}");
    }
}

#[test]
fn check_tells_how_far_a_notice_moves_at_a_time() {
    let keys = "pages = [{ page = \"notice\", text = \"今日下午系统升级，暂停办理业务\", scroll = true }]\n";
    let moving = |address: u8| sign(address) + keys;
    let told = |baud: &str, signs: &str| {
        checked(&with_line("", signs).replacen("baud = 9600", &format!("baud = {baud}"), 1))
    };
    let one = told("115200", &moving(1));
    assert_eq!(one, ["sign \"W1\" (native, pixels) moves its notice by 12 pixels every 187 ms"]);
    // Two on one line share it, and a slow one goes by whole characters.
    let two = told("115200", &(moving(1) + &moving(2)));
    assert!(two.len() == 2 && two[0].ends_with("by 1 character every 500 ms"), "{two:?}");
    let slow = told("9600", &moving(1));
    assert!(slow[0].contains("characters every "), "{slow:?}");
}

#[test]
fn check_tells_how_much_of_a_long_emergency_text_a_sign_shows() {
    let told = checked(&with_line("protocol = \"onbon-bx5k\"", &sign(1)));
    assert!(told[0].contains("shows of a long emergency text the first 260 characters only"), "{told:?}");
}

#[test]
fn check_names_characters_that_no_font_has() {
    let text = edited(
        "shows = { zone = \"A\" }",
        "shows = { zone = \"A\" }\npages = [{ page = \"notice\", text = \"𠮷日\" }]",
    );
    let told = checked(&text);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("sign \"ZA\" (native, pixels) has no glyph for 𠮷 and shows a box"), "{told:?}");
}

#[test]
fn only_font_cards_on_a_port_of_this_machine_have_a_speed_that_is_looked_for() {
    let text = |head: &str| with_line(head, &sign(1)).replacen("baud = 9600", "baud = \"auto\"", 1);
    let found = text("protocol = \"onbon-bx5k\"");
    assert_eq!(parsed(&found).lines[0].baud, Baud::Auto);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &found).unwrap();
    let said = check(file.path(), Timestamp::UNIX_EPOCH).unwrap();
    let expected = "line /dev/ttyS0: its speed is not configured; it will be the one of 9600 and 57600 baud at which a card answers";
    assert!(said.lines().any(|line| line == expected), "{said}");

    let refused = |text: &str| parse_at(text, Path::new("hall.toml")).unwrap_err().to_string();
    let server = found.replacen("/dev/ttyS0", "tcp://10.0.8.21:4001", 1);
    assert!(refused(&server).contains("a serial device server sets its port itself"));
    assert!(refused(&text("")).contains("can be asked for it"));
    let pads = "[line.pads]\npoll = 0x5B\nkeys = { next = 1 }\n[[line.pad]]\naddress = 1\nwindow = \"1\"\n";
    assert!(
        refused(&text(&format!("protocol = \"onbon-bx5k\"\n{pads}"))).contains("call pads cannot be asked")
    );
}
