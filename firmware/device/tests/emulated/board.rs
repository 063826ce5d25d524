//! One emulated LM3S6965 evaluation board, ended with its test.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The display's pixels, along each side of one in the screen dump.
const MAGNIFIED: usize = 4;

/// What the board has.
const MEMORY_BYTES: usize = 64 * 1_024;

pub(crate) const WIDTH_PX: usize = 128;
pub(crate) const HEIGHT_PX: usize = 64;

/// How long the emulator may take to start on a busy machine.
const START: Duration = Duration::from_secs(20);

const PROMPT: &[u8] = b"(qemu) ";

pub(crate) struct Board {
    qemu: Child,
    monitor: UnixStream,
    /// The pseudo-terminals of the UARTs, in their order.
    pub(crate) uarts: Vec<PathBuf>,
    folder: tempfile::TempDir,
}

impl Board {
    /// Switch on a board with this image; so many of its UARTs have a pseudo-terminal.
    pub(crate) fn start(image: &str, uarts: usize) -> Self {
        let images = env::var_os("HALL_FIRMWARE").expect("run this by `cargo xtask firmware test`");
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("monitor");
        let mut command = Command::new("qemu-system-arm");
        command.args(["-M", "lm3s6965evb", "-display", "none", "-nic", "none"]);
        command.arg("-kernel").arg(Path::new(&images).join(image));
        command.arg("-monitor").arg(format!("unix:{},server,nowait", socket.display()));
        for _ in 0..uarts {
            command.args(["-serial", "pty"]);
        }
        let mut qemu =
            command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().expect("no qemu-system-arm");
        let said = BufReader::new(qemu.stdout.take().unwrap()).lines().map(Result::unwrap);
        // "char device redirected to /dev/pts/3 (label serial0)"
        let uarts =
            said.take(uarts).map(|line| line.split(' ').nth(4).expect("no terminal").into()).collect();
        let began = Instant::now();
        let monitor = loop {
            if let Ok(monitor) = UnixStream::connect(&socket) {
                break monitor;
            }
            assert!(began.elapsed() < START, "QEMU does not start");
            sleep(Duration::from_millis(10));
        };
        monitor.set_read_timeout(Some(START)).unwrap();
        let mut board = Self { qemu, monitor, uarts, folder };
        board.read_to_prompt();
        board
    }

    /// Open the pseudo-terminal of a UART; reading it gives what there is, and does not wait.
    pub(crate) fn open(&self, uart: usize) -> Wire {
        let file = OpenOptions::new().read(true).write(true).open(&self.uarts[uart]).unwrap();
        rustix::fs::fcntl_setfl(&file, rustix::fs::OFlags::NONBLOCK).unwrap();
        Wire(file)
    }

    /// Press the board's reset button.
    pub(crate) fn reset(&mut self) {
        self.tell("system_reset");
    }

    /// Which pixels of the display are lit, row by row.
    pub(crate) fn display(&mut self) -> Vec<bool> {
        let path = self.folder.path().join("screen.ppm");
        self.tell(&format!("screendump {}", path.display()));
        let dump = fs::read(path).unwrap();
        let heading = format!("P6\n{} {}\n255\n", WIDTH_PX * MAGNIFIED, HEIGHT_PX * MAGNIFIED);
        let pixels = dump.strip_prefix(heading.as_bytes()).expect("another picture than expected");
        let row_bytes = WIDTH_PX * MAGNIFIED * 3;
        let rows = pixels.chunks_exact(row_bytes).step_by(MAGNIFIED);
        rows.flat_map(|row| {
            row.chunks_exact(3 * MAGNIFIED).map(|pixel| pixel[..3].iter().any(|light| *light > 30))
        })
        .collect()
    }

    /// How much of the memory was ever used: the stack is painted with 0xCC at the start, and grows
    /// down to where the variables are.
    pub(crate) fn memory_used(&mut self) -> usize {
        let path = self.folder.path().join("memory");
        // Without the quotation marks the path would be divided by.
        self.tell(&format!("pmemsave 0x20000000 {MEMORY_BYTES} \"{}\"", path.display()));
        let memory = fs::read(path).unwrap();
        memory.chunks(4).filter(|word| *word != [0xCC; 4]).count() * 4
    }

    fn tell(&mut self, words: &str) {
        writeln!(self.monitor, "{words}").unwrap();
        self.read_to_prompt();
    }

    fn read_to_prompt(&mut self) {
        let mut said = vec![];
        let mut byte = [0];
        while !said.ends_with(PROMPT) {
            self.monitor.read_exact(&mut byte).expect("QEMU's monitor says nothing");
            said.extend(byte);
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

/// The wire to a board's UART.
pub(crate) struct Wire(File);

impl Wire {
    pub(crate) fn send(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match self.0.write(bytes) {
                Ok(sent) => bytes = &bytes[sent..],
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                    sleep(Duration::from_millis(1));
                }
            }
        }
    }

    /// What has come in.
    pub(crate) fn received(&mut self) -> Vec<u8> {
        let mut bytes = [0; 512];
        let count = self.0.read(&mut bytes).unwrap_or(0);
        bytes[..count].to_vec()
    }
}
