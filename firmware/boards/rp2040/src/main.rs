#![no_std]
#![no_main]
//! A sign of 128x64 pixels in seven colours: an RP2040, an RS-485 transceiver, and a HUB75 panel of two
//! modules of 128x32 in 1/16 scan, one below the other. The wiring is drawn in the README.
//!
//! One loop does it all: the panel is refreshed once, then the bytes that have come in meanwhile are
//! taken, so that no swap falls into the middle of a refresh. `embassy-rp` brings the hardware; its
//! interrupt keeps the bytes. There is nothing to await: the panel wants the processor all the time.

use cortex_m_rt::entry;
use embassy_rp::bind_interrupts;
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::UART0;
use embassy_rp::uart::{BufferedInterruptHandler, BufferedUart, Config};
use embassy_rp::watchdog::Watchdog as Hardware;
use embassy_time::{Delay, Duration, Instant, block_for};
use embedded_io::{Read, ReadReady};
use hall_device::matrix::{Layout, Matrix, Pins, Polarity, Timing};
use hall_device::panel::Panel;
use hall_device::sign::{Settings, Sign, frame_bytes};
use hall_protocol::sign::{Depth, Firmware, SignAddress};

bind_interrupts!(struct Interrupts {
    UART0_IRQ => BufferedInterruptHandler<UART0>;
});

const BAUD: u32 = 115_200;

/// Start bit, eight data bits, stop bit.
const BYTE_TIME: Duration = Duration::from_micros(10 * 1_000_000 / BAUD as u64 + 1);

const PANEL: Panel = match Panel::new(128, 64, Depth::Rgb) {
    Some(panel) => panel,
    None => panic!("the panel's width is no multiple of eight"),
};

const LAYOUT: Layout = match Layout::hub75(PANEL, 16) {
    Ok(layout) => layout,
    Err(_) => panic!("the panel is not made of such modules"),
};

/// Six data lines, the clock up and down, and what is computed between: some 150 cycles of 8 ns.
const CLOCK_NS: u32 = 1_200;

const TIMING: Timing = match Timing::new(LAYOUT, CLOCK_NS, 100) {
    Ok(timing) => timing,
    Err(_) => panic!("this panel cannot be refreshed 100 times a second"),
};

type PanelSign = Sign<{ PANEL.picture_bytes() }, { frame_bytes(512) }>;

const FIRMWARE: Firmware = Firmware { major: 1, minor: 0, patch: 0 };

/// A refresh takes 10 ms.
const PATIENCE: Duration = Duration::from_millis(500);

#[entry]
fn main() -> ! {
    let board = embassy_rp::init(embassy_rp::config::Config::default());
    let mut uart_config = Config::default();
    uart_config.baudrate = BAUD;
    // What the host sends while the panel is refreshed: 10 ms are 115 bytes.
    let (mut sending, mut received) = ([0; 64], [0; 512]);
    let mut line = BufferedUart::new(
        board.UART0,
        board.PIN_0,
        board.PIN_1,
        Interrupts,
        &mut sending,
        &mut received,
        uart_config,
    );
    let mut driver = Output::new(board.PIN_15, Level::Low);

    let pins = Pins {
        data: [
            Output::new(board.PIN_2, Level::Low),
            Output::new(board.PIN_3, Level::Low),
            Output::new(board.PIN_4, Level::Low),
            Output::new(board.PIN_5, Level::Low),
            Output::new(board.PIN_6, Level::Low),
            Output::new(board.PIN_7, Level::Low),
        ],
        address: [
            Output::new(board.PIN_8, Level::Low),
            Output::new(board.PIN_9, Level::Low),
            Output::new(board.PIN_10, Level::Low),
            Output::new(board.PIN_11, Level::Low),
        ],
        clock: Output::new(board.PIN_12, Level::Low),
        latch: Output::new(board.PIN_13, Level::Low),
        // High is dark.
        enable: Output::new(board.PIN_14, Level::High),
    };
    let Some(mut matrix) = Matrix::new(pins, Polarity::HUB75, LAYOUT, TIMING) else { reset() };

    let switches = [
        Input::new(board.PIN_16, Pull::Up),
        Input::new(board.PIN_17, Pull::Up),
        Input::new(board.PIN_18, Pull::Up),
        Input::new(board.PIN_19, Pull::Up),
        Input::new(board.PIN_20, Pull::Up),
    ];
    let settings = Settings { address: address(&switches), panel: PANEL, firmware: FIRMWARE };
    let Ok(mut sign) = PanelSign::new(settings, now_ms()) else { reset() };
    let mut hardware = Hardware::new(board.WATCHDOG);
    hardware.start(PATIENCE);

    loop {
        let Ok(()) = matrix.refresh(&sign.view(now_ms()), &mut Delay);
        // A UART error spoils its frame, which the host then sends again.
        while line.read_ready().unwrap_or(false) {
            let mut byte = [0];
            if line.read(&mut byte).is_ok()
                && let Some(reply) = sign.receive(byte[0], now_ms())
            {
                block_for(BYTE_TIME);
                driver.set_high();
                let _ = line.blocking_write(reply).and_then(|_| line.blocking_flush());
                while line.busy() {}
                driver.set_low();
            }
        }
        sign.pass_time(now_ms());
        hardware.feed(PATIENCE);
    }
}

/// Five switches, closed is one: addresses 1 to 32.
fn address(switches: &[Input<'_>; 5]) -> SignAddress {
    let closed = switches.iter().rev().fold(0, |number, switch| number * 2 + u8::from(switch.is_low()));
    SignAddress::new(closed + 1).unwrap_or(SignAddress::FIRST)
}

fn now_ms() -> u64 {
    Instant::now().as_millis()
}

/// Begin anew: nobody reads a message on a board in a hall, and the hall's controller paints a sign that
/// has started anew.
fn reset() -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    reset()
}
