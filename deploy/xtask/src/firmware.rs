//! `cargo xtask firmware`: the images of the boards, built, run in an emulator, and tested there.
//!
//! `toolchain` finds or makes the compiler for a target, `image` tells how large what it made is, and `stack`
//! how deep its stack can get; both read it through `elf`.

mod elf;
mod image;
mod stack;
mod toolchain;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Subcommand, ValueEnum};

use self::image::Image;
use self::toolchain::Toolchain;
use crate::command::Tool;
use crate::tests_run;
use crate::totals::Totals;

/// The most an image of a sign of 128x64 pixels may take.
pub(crate) const SIGN_FLASH_BYTES_MAX: u64 = 96 * 1_024;

/// The most an image with a network may take: so that it fits the smaller boards with Ethernet.
const NETWORK_FLASH_BYTES_MAX: u64 = 160 * 1_024;

/// How large the memory is that outlives an emulated board's power cut.
const FRAM_BYTES: u64 = 32 * 1_024;

/// A board and what is built for it.
struct Board {
    /// Its folder under `firmware/boards`.
    name: &'static str,
    target: &'static str,
    /// Their names, and the most flash each may take.
    images: &'static [(&'static str, u64)],
}

const EMULATED: Board = Board {
    name: "lm3s6965",
    target: "thumbv7m-none-eabi",
    images: &[
        ("sign", SIGN_FLASH_BYTES_MAX),
        ("pad", NETWORK_FLASH_BYTES_MAX),
        ("kiosk", NETWORK_FLASH_BYTES_MAX),
    ],
};

const RP2040: Board =
    Board { name: "rp2040", target: "thumbv6m-none-eabi", images: &[("sign-hub75", SIGN_FLASH_BYTES_MAX)] };

const BOARDS: [Board; 2] = [EMULATED, RP2040];

/// What can be done with the firmware.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum FirmwareTask {
    /// Build every image of every board, and print their sizes
    #[command(after_help = "Example:\n  cargo xtask firmware build\n\nNeeds no Rust target installed: \
                            without one, the compiler Debian has packaged is unpacked to \
                            target/firmware-toolchain, and not installed.")]
    Build,
    /// Run an image on an emulated board, its UART on a pseudo-terminal
    #[command(after_help = "Examples:\n  cargo xtask firmware run sign\n  cargo xtask firmware run pad \
                            --settings pad.txt\n\nsign: QEMU prints the terminal's name, such as /dev/pts/3; \
                            name it as the serial line of a sign in hall.toml, at 115200 bit/s and address \
                            1.\n\npad and kiosk: the settings are the lines hall=ID, window=ID or kiosk=ID, \
                            and broker=10.0.2.2:1883, which is this machine. The keys are the arrows and Ctrl \
                            in QEMU's window, or `sendkey up` in its monitor. A kiosk prints on the second \
                            terminal.")]
    Run {
        /// Which
        image: Role,
        /// What stands in the settings page of its flash
        #[arg(long, value_name = "FILE", required_if_eq_any([("image", "pad"), ("image", "kiosk")]))]
        settings: Option<PathBuf>,
    },
    /// Build the images and test them on emulated boards
    #[command(after_help = "Example:\n  cargo xtask firmware test")]
    Test,
}

/// An image that can be run in the emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// A window sign
    Sign,
    /// A window's call pad
    Pad,
    /// A kiosk with buttons
    Kiosk,
}

pub(crate) fn run(root: &Path, task: FirmwareTask) -> Result<()> {
    match task {
        FirmwareTask::Build => build(root),
        FirmwareTask::Run { image, settings } => {
            build_board(root, &EMULATED)?;
            emulate(root, image, settings.as_deref())
        }
        FirmwareTask::Test => {
            let mut totals = Totals::default();
            let tested = test(root, &mut totals);
            println!("{totals}");
            tested
        }
    }
}

/// Run one image until somebody ends it.
fn emulate(root: &Path, role: Role, settings: Option<&Path>) -> Result<()> {
    let name = match role {
        Role::Sign => "sign",
        Role::Pad => "pad",
        Role::Kiosk => "kiosk",
    };
    let words = ["-M", "lm3s6965evb", "-serial", "pty", "-serial", "pty", "-kernel"];
    let qemu = Tool::new("qemu-system-arm", &words).path(&folder(root, &EMULATED).join(name));
    let Some(settings) = settings else { return qemu.arguments(&["-nic", "none"]).run() };
    let memory = built(root).join(format!("{name}.fram"));
    File::options().create(true).append(true).open(&memory)?.set_len(FRAM_BYTES)?;
    qemu.arguments(&["-nic", "user,model=stellaris"])
        .arguments(&["-device", &format!("loader,file={},addr=0x3fc00,force-raw=on", settings.display())])
        .arguments(&["-drive", &format!("if=none,id=fram,format=raw,file={}", memory.display())])
        .arguments(&[
            "-device",
            &format!("at24c-eeprom,bus=i2c,address=0x50,rom-size={FRAM_BYTES},drive=fram"),
        ])
        .run()
}

/// Do something in the folder of each board, which is a workspace of its own.
pub(crate) fn each_board(root: &Path, perform: impl Fn(&Path) -> Result<()>) -> Result<()> {
    BOARDS.iter().try_for_each(|board| perform(&root.join("firmware/boards").join(board.name)))
}

fn build(root: &Path) -> Result<()> {
    BOARDS.iter().try_for_each(|board| build_board(root, board))
}

/// Build every image, and run the emulated ones; the tests are added to `totals`.
pub(crate) fn test(root: &Path, totals: &mut Totals) -> Result<()> {
    build(root)?;
    let images = folder(root, &EMULATED);
    // As the tests of the workspace need it, so that it is not built a second time with other features.
    Tool::new("cargo", &["test", "--workspace", "--test", "hall", "--no-run"]).within(root).run()?;
    let daemon = root.join("target/debug/hall-controller");
    // Not among the tests of `cargo test`, because it needs the images.
    let words = ["test", "--workspace", "--test", "emulated", "--", "--test-threads", "2", "--show-output"];
    let emulated = Tool::new("cargo", &words)
        .within(root)
        .env("HALL_FIRMWARE", &images.to_string_lossy())
        .env("HALL_CONTROLLER", &daemon.to_string_lossy());
    if !tests_run::run(emulated.into_command(), "", totals)?.success() {
        bail!("the firmware fails on the emulated board; see above");
    }
    Ok(())
}

/// Build the sign of the emulated board, which has 128x64 pixels, and read its size.
pub(crate) fn emulated_sign(root: &Path) -> Result<Image> {
    build_board(root, &EMULATED)?;
    Image::read(&folder(root, &EMULATED).join("sign"))
}

/// Where a board's images are once they are built.
fn folder(root: &Path, board: &Board) -> PathBuf {
    built(root).join(board.target).join("release")
}

/// Apart from the host's, because the compiler may be another.
fn built(root: &Path) -> PathBuf {
    root.join("target/firmware")
}

fn build_board(root: &Path, board: &Board) -> Result<()> {
    let Board { name, target, images } = board;
    let toolchain = Toolchain::for_target(root, target)?;
    eprintln!("    {name}: {}", toolchain.says());
    let place = root.join("firmware/boards").join(name);
    let build = Tool::new("cargo", &["build", "--release", "--locked", "--target", target, "--target-dir"]);
    toolchain.with(build.path(&built(root)).within(&place)).run()?;
    for (name, flash_bytes_max) in *images {
        let image = Image::read(&folder(root, board).join(name))?;
        eprintln!("    {} {name}: {image}", board.name);
        if image.flash_bytes > *flash_bytes_max {
            bail!("{} {name} takes more than {flash_bytes_max} bytes of flash", board.name);
        }
        if image.stack.bytes > image.stack_room_bytes {
            bail!("the stack of {} {name} may grow into its variables", board.name);
        }
    }
    Ok(())
}
