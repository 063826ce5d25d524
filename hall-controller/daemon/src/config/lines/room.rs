//! Whether what a line says goes together with what its signs speak: speed, bits of a byte, places.

use hall_signs::codec::Protocol;
use hall_signs::codec::onbon::baud::RATES;

use super::{Baud, SerialSettings, Speech};
use crate::config::errors::words;
use crate::config::reader::{Table, Value};
use crate::config::{Pads, Sign};

/// Font cards have two speeds (BX-5K/6K protocol v1.4, section 2.2).
pub(super) fn check_baud(asked: &Value<'_>, baud: Baud, speech: &Speech) {
    let [first, second] = RATES;
    match baud {
        Baud::Set(rate) if speech.protocol() == Protocol::OnbonBx5k && !RATES.contains(&rate) => asked.wrong(
            words!(
                "{card} 卡没有 {rate} 波特的速率",
                "{card} cards have no speed of {rate} baud",
                card = speech.protocol()
            ),
            words!(
                "请写卡所设的 {first} 或 {second}，或写 \"auto\" 由控制器询问",
                "write {first} or {second}, whichever the card is set to, or \"auto\" to have it asked"
            ),
        ),
        Baud::Set(_) | Baud::Auto => {}
    }
}

/// Seven bits a byte spoil every byte above 0x7F.
pub(super) fn check_data_bits(
    line: &Table<'_>,
    serial: SerialSettings,
    speech: &Speech,
    pads: Option<&Pads>,
    signs: &[Sign],
) {
    if serial.data_bits != 7 {
        return;
    }
    let Some(value) = line.optional("data_bits", "8") else { return };
    if pads.is_some() {
        value.wrong(
            words!("叫号器的数据每字节 8 位", "frames of call pads have bytes of 8 bits"),
            words!("请删去此项，即为 8 位", "remove this key, which makes it 8"),
        );
    } else if speech.needs_eight_bits() || signs.iter().any(|sign| sign.model.needs_eight_bits()) {
        value.wrong(
            words!(
                "{protocol} 的数据每字节 8 位，这样只会发出 7 位",
                "{protocol} has bytes of 8 bits, of which 7 would be sent",
                protocol = speech.protocol()
            ),
            words!(
                "请删去此项，即为 8 位；各协议中 alpha 为 7 位，template 在其字节都是 7 位时也可",
                "remove this key, which makes it 8; of all protocols alpha has 7, and template where all its bytes do"
            ),
        );
    }
}

/// A display with characters only must have room for the digits of the longest number, since part of a number
/// is another number.
pub(super) fn check_places(line: &Table<'_>, speech: &Speech, digits: Option<u16>) {
    let (Some((columns, _)), Some(digits)) = (speech.characters(), digits) else { return };
    if columns >= digits {
        return;
    }
    let protocol = speech.protocol();
    let key = if protocol == Protocol::Alpha { "columns" } else { "places" };
    let table = line.optional(protocol.name(), "{ … }").and_then(|value| value.table());
    let Some(value) = table.and_then(|table| table.optional(key, "4")) else { return };
    value.wrong(
        words!(
            "{columns} 位显示不下那里呼叫的 {digits} 位号码",
            "{columns} places cannot show the numbers of {digits} digits that are called there"
        ),
        words!(
            "请换至少 {digits} 位的显示屏，或缩短其事项的号码",
            "hang a display of at least {digits} places, or let its services have shorter numbers"
        ),
    );
}
