//! The key `baud` of a line: its speed, or that the cards on it are asked for theirs.

use hall_signs::codec::Protocol;
use hall_signs::codec::onbon::baud::RATES;

use super::Speech;
use crate::config::errors::words;
use crate::config::reader::Value;
use crate::config::{Line, Port};

/// The rates serial adapters and sign controllers have, in bits a second.
const BAUD_RATES: [u32; 11] =
    [1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600];

/// The word for a speed that is looked for.
const AUTO: &str = "auto";

/// A line's speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baud {
    /// This one, in bits a second.
    Set(u32),
    /// The one at which a card answers.
    Auto,
}

impl Baud {
    /// In bits a second; of one that is looked for, the first that is tried.
    pub const fn rate(self) -> u32 {
        match self {
            Self::Set(rate) => rate,
            Self::Auto => {
                let [first, ..] = RATES;
                first
            }
        }
    }
}

/// What the line says.
pub(super) fn baud(value: &Value<'_>) -> Option<Baud> {
    if value.is_text() {
        let text = value.text()?;
        if text == AUTO {
            return Some(Baud::Auto);
        }
        if text.parse::<i64>().is_err() {
            value.wrong_word(
                words!("{text:?} 不是速率", "{text:?} is no speed"),
                text,
                [AUTO],
                words!(
                    "请写屏所设的速率，例如 9600，onbon-bx5k 也可写 \"auto\"",
                    "write the rate the signs are set to, such as 9600, or \"auto\" for onbon-bx5k"
                ),
            );
            return None;
        }
    }
    let number = value.number(&(0..=i64::from(u32::MAX)), "bits a second")?;
    let rate = BAUD_RATES.into_iter().find(|rate| i64::from(*rate) == number);
    if rate.is_none() {
        let rates = BAUD_RATES.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        value.wrong(
            words!("{number} 不是常用速率", "{number} is no usual rate"),
            words!("请写屏所设的速率，{rates} 之一", "write the rate the signs are set to, one of {rates}"),
        );
    }
    rate.map(Baud::Set)
}

/// Only cards that can be asked have a speed that is looked for, and only a port of this machine can be
/// set to it.
pub(super) fn check_can_be_found(
    value: &Value<'_>,
    speech: Option<&Speech>,
    port: Option<&Port>,
    has_pads: bool,
) {
    let because = if speech.is_some_and(|speech| speech.protocol() != Protocol::OnbonBx5k) {
        words!(
            "只有 protocol = \"onbon-bx5k\" 的屏可以被询问速率",
            "only signs with protocol = \"onbon-bx5k\" can be asked for it"
        )
    } else if matches!(port, Some(Port::Server(_))) {
        words!("串口服务器自行设置其端口", "a serial device server sets its port itself")
    } else if has_pads {
        words!("叫号器不能被询问速率", "call pads cannot be asked for it")
    } else {
        return;
    };
    let remedy = words!("请写线路所设的速率，例如 9600", "write the rate the line is set to, such as 9600");
    value.wrong(because, remedy);
}

/// A sentence for each line whose speed is looked for, in the configuration's order.
pub(in crate::config) fn lines(lines: &[Line]) -> Vec<String> {
    let [first, second] = RATES;
    let sentence = |line: &Line| {
        let port = match &line.port {
            Port::Emulator => "emulator".to_owned(),
            Port::Path(path) => path.display().to_string(),
            Port::Server(server) => server.to_string(),
        };
        format!(
            "line {port}: its speed is not configured; it will be the one of {first} and {second} baud at which a card answers"
        )
    };
    lines.iter().filter(|line| line.baud == Baud::Auto).map(sentence).collect()
}
