//! Every vendor's codec against the vendor's own bytes, and against an emulator that shares no code
//! with it. Fields, texts and pixels are compared with what was meant, never with the encoder.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod alpha;
mod bx5k;
mod bx6q;
mod call_pad;
mod cp5200;
mod far_end;
mod garbage;
mod modbus;
mod native;
mod template;

use hall_protocol::sign::Blink;
use hall_signs::codec::Moment;
use hall_signs::decode::DecodedFrame;
use hall_signs::page::{WindowContent, WindowPage};
use hall_signs::words::{Blinking, Showing};
use hall_signs::{Frame, Panel};
use std::sync::Arc;
use std::time::Duration;

/// Bytes from `a5 5a …`.
fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// A field's value, or `-`.
fn field<'a>(frame: &'a DecodedFrame, name: &str) -> &'a str {
    frame.fields.iter().find(|field| field.name == name).map_or("-", |field| &field.value)
}

/// A moment by the clock on the wall.
fn moment(date: &str, hour: u64, minute: u64, second: u64) -> Moment {
    Moment::new(date.parse().unwrap(), Duration::from_secs((hour * 60 + minute) * 60 + second))
}

/// A window's page in both forms.
fn showing(panel: Panel, label: &str, state: WindowContent) -> Showing {
    let page = WindowPage { label: label.into(), state };
    Showing { frame: Arc::new(page.render(panel)), words: page.words(), blink: None, say: None }
}

/// `A012` called to window 3.
fn called(panel: Panel) -> Showing {
    showing(panel, "3", WindowContent::Called { number: "A012".parse().unwrap() })
}

/// The same, just called.
fn blinking(panel: Panel) -> Showing {
    let page =
        WindowPage { label: "3".into(), state: WindowContent::Called { number: "A012".parse().unwrap() } };
    let blink = Blink { region: page.called_area(panel).unwrap(), period_ms: 1_000, duration_ds: 50 };
    Showing { blink: Some(Blinking { blink, occasion: 1 }), ..called(panel) }
}

fn dark(panel: Panel) -> Showing {
    Showing {
        frame: Arc::new(Frame::dark(panel)),
        words: hall_signs::words::Words::dark(),
        blink: None,
        say: None,
    }
}
