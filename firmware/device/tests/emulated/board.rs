//! One emulated LM3S6965 evaluation board, ended with its test.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use hall_signs::Frame;

/// The display's pixels, along each side of one in the screen dump.
const MAGNIFIED: usize = 4;

/// What the board has.
const MEMORY_BYTES: usize = 64 * 1_024;

pub(crate) const WIDTH_PX: usize = 128;
pub(crate) const HEIGHT_PX: usize = 64;

const PROMPT: &[u8] = b"(qemu) ";

/// Longer than anything here takes on a busy machine; reaching it fails the test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// Where the board's last page of flash is, with the settings.
const SETTINGS_AT: &str = "0x3fc00";

/// How large the memory on the I2C bus is that outlives a power cut.
const FRAM_BYTES: u64 = 32 * 1_024;

/// A key is held down so long that it is a press even when the emulator gets little time.
const HELD: Duration = Duration::from_millis(400);

/// After so long it is let go for sure.
pub(crate) const LET_GO: Duration = Duration::from_millis(700);

/// What a board is started with.
pub(crate) struct Setup {
    /// The image's name.
    pub(crate) image: &'static str,
    /// How many of its UARTs have a pseudo-terminal.
    pub(crate) uarts: usize,
    /// The settings in flash of a board that is on the network.
    pub(crate) network: Option<String>,
}

impl Setup {
    pub(crate) fn of(image: &'static str) -> Self {
        Self { image, uarts: 0, network: None }
    }
}

pub(crate) struct Board {
    setup: Setup,
    qemu: Option<Qemu>,
    folder: tempfile::TempDir,
}

/// A board that is switched on.
struct Qemu {
    process: Child,
    monitor: UnixStream,
    /// The pseudo-terminals of the UARTs, in their order.
    uarts: Vec<PathBuf>,
}

impl Board {
    /// Switch on a board whose memory is blank.
    pub(crate) fn start(setup: Setup) -> Self {
        let mut board = Self { setup, qemu: None, folder: tempfile::tempdir().unwrap() };
        board.forget();
        board.power_up();
        board
    }

    /// Switch it on.
    pub(crate) fn power_up(&mut self) {
        let images = env::var_os("HALL_FIRMWARE").expect("run this by `cargo xtask firmware test`");
        let place = |name: &str| self.folder.path().join(name).display().to_string();
        let mut command = Command::new("qemu-system-arm");
        command.args(["-M", "lm3s6965evb", "-display", "none"]);
        command.arg("-kernel").arg(Path::new(&images).join(self.setup.image));
        command.args(["-monitor", &format!("unix:{},server,nowait", place("monitor"))]);
        if let Some(settings) = &self.setup.network {
            fs::write(place("settings"), settings).unwrap();
            command.args(["-nic", "user,model=stellaris,id=net"]);
            command.args([
                "-device",
                &format!("loader,file={},addr={SETTINGS_AT},force-raw=on", place("settings")),
            ]);
            command.args(["-drive", &format!("if=none,id=fram,format=raw,file={}", place("fram"))]);
            let memory = format!("at24c-eeprom,bus=i2c,address=0x50,rom-size={FRAM_BYTES},drive=fram");
            command.args(["-device", &memory]);
        } else {
            command.args(["-nic", "none"]);
        }
        for _ in 0..self.setup.uarts {
            command.args(["-serial", "pty"]);
        }
        let _ = fs::remove_file(place("monitor"));
        let mut process =
            command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().expect("no qemu-system-arm");
        let said = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        // "char device redirected to /dev/pts/3 (label serial0)"
        let uarts = said
            .take(self.setup.uarts)
            .map(|line| line.split(' ').nth(4).expect("no terminal").into())
            .collect();
        let monitor = eventually("QEMU starts", || UnixStream::connect(place("monitor")).ok());
        monitor.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut qemu = Qemu { process, monitor, uarts };
        qemu.read_to_prompt();
        self.qemu = Some(qemu);
        self.settle_keys();
    }

    /// Switch it off.
    pub(crate) fn lose_power(&mut self) {
        self.qemu = None;
    }

    /// Put a new memory in the place of the one that outlives a power cut.
    pub(crate) fn forget(&self) {
        File::create(self.folder.path().join("fram")).unwrap().set_len(FRAM_BYTES).unwrap();
    }

    /// The pseudo-terminal of a UART.
    pub(crate) fn uart(&mut self, uart: usize) -> PathBuf {
        self.on().uarts[uart].clone()
    }

    /// Open the pseudo-terminal of a UART; reading it gives what there is, and does not wait.
    pub(crate) fn open(&mut self, uart: usize) -> Wire {
        let file = OpenOptions::new().read(true).write(true).open(self.uart(uart)).unwrap();
        rustix::fs::fcntl_setfl(&file, rustix::fs::OFlags::NONBLOCK).unwrap();
        Wire(file)
    }

    /// Press the board's reset button. Keys then do nothing until they are let go, see
    /// [`Board::settle_keys`].
    pub(crate) fn reset(&mut self) {
        self.tell("system_reset");
    }

    /// Press a key, named as on a keyboard, and let it go.
    pub(crate) fn press(&mut self, key: &str) {
        self.touch(key);
        sleep(LET_GO);
    }

    /// Press a key, and do not wait until it is let go, which is within [`LET_GO`].
    pub(crate) fn touch(&mut self, key: &str) {
        self.tell(&format!("sendkey {key} {}", HELD.as_millis()));
    }

    /// In the emulator every key is down after a start until it moves for the first time, and a key that is
    /// down at the start does nothing until it is let go.
    fn settle_keys(&mut self) {
        if self.setup.network.is_some() {
            self.tell(&format!("sendkey up-down-left-right-ctrl {}", HELD.as_millis()));
            sleep(LET_GO);
        }
    }

    /// Pull the network's plug.
    pub(crate) fn unplug(&mut self) {
        self.tell("set_link net off");
    }

    /// Plug it in again.
    pub(crate) fn plug_in(&mut self) {
        self.tell("set_link net on");
    }

    /// Look at the display until it shows this; gives what it shows then.
    pub(crate) fn shows(&mut self, wanted: impl Fn(&Vec<bool>) -> bool, what: &str) -> Vec<bool> {
        let began = Instant::now();
        loop {
            let display = self.display();
            if wanted(&display) {
                return display;
            }
            assert!(began.elapsed() < PATIENCE, "the display never shows {what}, but\n{}", art(&display));
            sleep(Duration::from_millis(20));
        }
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

    fn on(&mut self) -> &mut Qemu {
        self.qemu.as_mut().expect("the board is switched off")
    }

    fn tell(&mut self, words: &str) {
        let qemu = self.on();
        writeln!(qemu.monitor, "{words}").unwrap();
        qemu.read_to_prompt();
    }
}

impl Qemu {
    fn read_to_prompt(&mut self) {
        let mut said = vec![];
        let mut byte = [0];
        while !said.ends_with(PROMPT) {
            self.monitor.read_exact(&mut byte).expect("QEMU's monitor says nothing");
            said.extend(byte);
        }
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Ask again and again until there is an answer; `what` names the thing in the failure.
pub(crate) fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "not within {} s: {what}", PATIENCE.as_secs());
        sleep(Duration::from_millis(10));
    }
}

/// Which pixels of a frame are lit, row by row.
pub(crate) fn lit(frame: &Frame) -> Vec<bool> {
    (0..64).flat_map(|y| (0..128).map(move |x| (x, y))).map(|(x, y)| frame.light(x, y).is_on()).collect()
}

/// A display in the output of a test that failed.
fn art(display: &[bool]) -> String {
    let row =
        |row: &[bool]| row.iter().map(|lit| if *lit { '#' } else { '.' }).chain(['\n']).collect::<String>();
    display.chunks(WIDTH_PX).map(row).collect()
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
