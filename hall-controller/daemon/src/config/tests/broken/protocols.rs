//! Mistakes in what a line's signs speak.

use super::Mistake;

pub(super) const LINES: &[Mistake] = mistakes! {
    "baud = 9600" => "baud = 9600\ndata_bits = 9", at "data_bits = 9",
        "line[1].data_bits": "9 is out of range"; "bits from 7 to 8"
    "baud = 9600" => "baud = 9600\ndata_bits = 7", at "data_bits = 7",
        "line[1].data_bits": "native has bytes of 8 bits, of which 7 would be sent"; "remove this key"
    "baud = 9600" => "baud = 9600\ndata_bits = 7\n[line.pads]\npoll = 1\nkeys = { next = 1 }\n[[line.pad]]\naddress = 1\nwindow = \"1\"", at "data_bits = 7",
        "line[1].data_bits": "frames of call pads have bytes of 8 bits"; "remove this key"
    "baud = 9600" => "baud = 19200\nprotocol = \"onbon-bx5k\"", at "baud = 19200",
        "line[1].baud": "onbon-bx5k cards have no speed of 19200 baud"; "write 9600 or 57600, whichever the card is set to, or \"auto\""
    "baud = 9600" => "baud = 9600\nparity = \"evn\"", at "parity =",
        "line[1].parity": "\"evn\" is none of \"none\""; "did you mean \"even\"?"
    "baud = 9600" => "baud = 9600\nrs485 = \"rts\"", at "rs485 =",
        "line[1].rs485": "none of \"adapter\", \"kernel\", \"echo\""; "write one of"
    "\"/dev/ttyS0\"" => "\"tcp://box:4001\"\nrs485 = \"kernel\"", at "rs485 =",
        "line[1].rs485": "a serial device server sets its port itself"; "set its port to RS-485 in the server"
    "\"/dev/ttyS0\"" => "\"tcp://box:4001\"\nflow_control = \"hardware\"", at "flow_control =",
        "line[1].flow_control": "a serial device server sets its port itself"; "set the flow control in the server"
    "baud = 9600" => "baud = 9600\n[[line.pad]]\naddress = 1\nwindow = \"1\"", at "[[line]]\nport = \"/dev/ttyS0\"",
        "line[1].pads": "this table is missing"; "write [line.pads] below the line"
    "baud = 9600" => "baud = 9600\n[line.pads]\npoll = 1\nkeys = { next = 1 }", at "[[line]]\nport = \"/dev/ttyS0\"",
        "line[1].pad": "the line has no pad"; "write a [[line.pad]] below it"
    "baud = 9600" => "baud = 9600\n[line.pads]\npoll = 1\nkeys = { next = 1, recall = 1 }\n[[line.pad]]\naddress = 1\nwindow = \"1\"", at "keys =",
        "line[1].pads.keys.recall": "another key has the byte 0x01"; "in the pad's manual"
    "baud = 9600" => "baud = 9600\n[line.pads]\npoll = 1\nkeys = {}\n[[line.pad]]\naddress = 1\nwindow = \"1\"", at "keys =",
        "line[1].pads.keys": "it has no key"; "keys = { next = 0x01, recall = 0x02 }"
    "baud = 9600" => "baud = 9600\n[line.pads]\npoll = 1\nkeys = { next = 1 }\n[[line.pad]]\naddress = 1\nwindow = \"12\"", at "window = \"12\"",
        "line[1].pad[1].window": "there is no window \"12\""; "\"1\", \"2\""
    "baud = 9600" => "baud = 9600\nprotocol = \"onbon-bx5\"", at "protocol =",
        "line[1].protocol": "\"onbon-bx5\" is none of \"native\""; "did you mean \"onbon-bx5k\"?"
    "baud = 9600" => "baud = 9600\nprotocol = \"modbus\"", at "protocol =",
        "line[1].protocol": "none of"; "\"modbus-rtu\""
    "baud = 9600" => "baud = 9600\nprotocol = \"alpha\" # here", at "[[line]]\nport = \"/dev/ttyS0\"",
        "line[1].alpha": "this table is missing"; "write [line.alpha] below the line"
    "baud = 9600" => "baud = 9600\nprotocol = \"template\" # here", at "[[line]]\nport = \"/dev/ttyS0\"",
        "line[1].template": "this table is missing"; "write [line.template] below the line"
    "baud = 9600" => "baud = 9600\n[line.cp5200]\nfont = 16", at "[line.cp5200]",
        "line[1].cp5200": "the line's signs speak native"; "write protocol = \"cp5200\""
    "baud = 9600" => "baud = 9600\nprotocol = \"onbon-bx5k\"\n[line.onbon-bx5k]\nfont = 18", at "font = 18",
        "line[1].onbon-bx5k.font": "no font 18 pixels high"; "write one of 16, 24, 32"
    "baud = 9600" => "baud = 9600\nprotocol = \"onbon-bx5k\"\n[line.onbon-bx5k]\ncard = \"bx-7k\"", at "card =",
        "line[1].onbon-bx5k.card": "none of \"bx-5k\""; "did you mean \"bx-"
    "baud = 9600" => "baud = 9600\nprotocol = \"alpha\"\n[line.alpha]\ncolumns = 0", at "columns = 0",
        "line[1].alpha.columns": "0 is out of range"; "characters in a line from 1 to 255"
    "baud = 9600" => "baud = 9600\nprotocol = \"template\"\n[line.template]\nplaces = 4", at "[line.template]",
        "line[1].template.called": "missing"; "write called = '\\x02{number:4}\\x03'"
    "baud = 9600" => "baud = 9600\nprotocol = \"template\"\n[line.template]\ncalled = '{nummer}'", at "called =",
        "line[1].template.called": "\"{nummer}\" stands for nothing, as {number}, {window}"; "write for instance called ="
    "baud = 9600" => "baud = 9600\nprotocol = \"template\"\n[line.template]\ncalled = '\\xAA\\x55'", at "called =",
        "line[1].template.called": "every call would look the same"; "write {number}"
    "baud = 9600" => "baud = 9600\nprotocol = \"template\"\n[line.template]\ncalled = '{number}'\nchecksum = \"xor\"", at "called =",
        "line[1].template.called": "a checksum is chosen and {checksum} is not in the template"; "write for instance"
    "baud = 9600" => "baud = 9600\nprotocol = \"template\"\n[line.template]\ncalled = '{number}'\nchecksum = \"crc\"", at "checksum =",
        "line[1].template.checksum": "\"crc\" is none of \"sum\""; "\"crc16-modbus\""
    "baud = 9600" => "baud = 9600\nprotocol = \"template\"\n[line.template]\ncalled = '{number}'\nreply = '{number}'", at "reply =",
        "line[1].template.reply": "changes with the call"; "write for instance reply = '\\x06'"
};
