//! The keys of a line that say how its serial port is set: frame of a byte, flow control, RS-485.

use crate::config::Port;
use crate::config::errors::words;
use crate::config::reader::Table;
use crate::config::values::one_of;

/// How a serial port is set, beside its speed. The usual is 8N1 without flow control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SerialSettings {
    /// Bits of a byte, 7 or 8.
    pub data_bits: u8,
    /// The bit that guards them.
    pub parity: Parity,
    /// Bits after them, 1 or 2.
    pub stop_bits: u8,
    /// How the far end holds up what is sent.
    pub flow_control: FlowControl,
    /// Who switches the direction of an RS-485 line.
    pub rs485: Rs485,
}

impl Default for SerialSettings {
    fn default() -> Self {
        Self {
            data_bits: 8,
            parity: Parity::None,
            stop_bits: 1,
            flow_control: FlowControl::None,
            rs485: Rs485::Adapter,
        }
    }
}

impl SerialSettings {
    /// Bits on the wire for each byte, start bit included.
    pub const fn bits_per_byte(&self) -> u32 {
        let parity = if matches!(self.parity, Parity::None) { 0 } else { 1 };
        1 + self.data_bits as u32 + parity + self.stop_bits as u32
    }
}

/// The bit that guards a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// No bit.
    None,
    /// Makes the number of ones even.
    Even,
    /// Makes it odd.
    Odd,
}

/// How the far end holds up what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowControl {
    /// Not at all.
    None,
    /// By XON and XOFF, which then cannot be data.
    Software,
    /// By the wires RTS and CTS.
    Hardware,
}

/// Who switches the direction of an RS-485 line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rs485 {
    /// The adapter by itself; so it is on RS-232, too.
    Adapter,
    /// The kernel's driver, by the port's RTS wire.
    Kernel,
    /// The adapter, which gives back all that is sent.
    Echo,
}

/// What the line says; `port` is where it is plugged in, if that is known.
pub(super) fn settings(line: &Table<'_>, port: Option<&Port>) -> Option<SerialSettings> {
    const PARITIES: [(&str, Parity); 3] =
        [("none", Parity::None), ("even", Parity::Even), ("odd", Parity::Odd)];
    const FLOWS: [(&str, FlowControl); 3] = [
        ("none", FlowControl::None),
        ("software", FlowControl::Software),
        ("hardware", FlowControl::Hardware),
    ];
    const DIRECTIONS: [(&str, Rs485); 3] =
        [("adapter", Rs485::Adapter), ("kernel", Rs485::Kernel), ("echo", Rs485::Echo)];
    let usual = SerialSettings::default();
    let data_bits =
        line.optional("data_bits", "8").map_or(Some(usual.data_bits), |value| value.small(&(7..=8), "bits"));
    let parity =
        line.optional("parity", "\"even\"").map_or(Some(usual.parity), |value| one_of(&value, &PARITIES));
    let stop_bits =
        line.optional("stop_bits", "1").map_or(Some(usual.stop_bits), |value| value.small(&(1..=2), "bits"));
    let flow = line.optional("flow_control", "\"hardware\"");
    let flow_control = flow.as_ref().map_or(Some(usual.flow_control), |value| one_of(value, &FLOWS));
    let direction = line.optional("rs485", "\"kernel\"");
    let rs485 = direction.as_ref().map_or(Some(usual.rs485), |value| one_of(value, &DIRECTIONS));
    if matches!(port, Some(Port::Server(_))) {
        let own = || words!("串口服务器自行设置其端口", "a serial device server sets its port itself");
        if let Some(value) =
            flow.as_ref().filter(|_| flow_control.is_some_and(|flow| flow != FlowControl::None))
        {
            let remedy = words!(
                "请删去此项，在服务器上设置流控",
                "remove this key, and set the flow control in the server"
            );
            value.wrong(own(), remedy);
        }
        if let Some(value) = direction.as_ref().filter(|_| rs485 == Some(Rs485::Kernel)) {
            let remedy = words!(
                "请删去此项，在服务器上把端口设为 RS-485",
                "remove this key, and set its port to RS-485 in the server"
            );
            value.wrong(own(), remedy);
        }
    }
    Some(SerialSettings {
        data_bits: data_bits?,
        parity: parity?,
        stop_bits: stop_bits?,
        flow_control: flow_control?,
        rs485: rs485?,
    })
}
