//! A serial line that is a pseudo-terminal, with virtual signs at its far end.
//!
//! The near end is a port like any other: the driver opens its path through tokio-serial and
//! cannot tell the difference. The signs decode the bytes with code of their own
//! ([`hall_signs::emulator`]), so what they show proves what was sent.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hall_protocol::sign::SignAddress;
use hall_signs::Frame;
use hall_signs::emulator::far_end::{FarEnd, NoFixedWidth};
use rustix::fs::OFlags;
use rustix::termios::{ioctl_tiocnxcl, tcgetattr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::{SerialPort, SerialStream};
use tokio_util::sync::CancellationToken;
use tracing::debug;

/// After a read that failed, look again after this.
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// How often signs look whether the host has fallen silent.
const TICK: Duration = Duration::from_millis(100);

/// Bytes read at once: the longest frame there is, about.
const READ_BYTES: usize = 4_096;

/// Why there is no emulated line.
#[derive(Debug, thiserror::Error)]
pub enum EmulatedLineError {
    /// The system gives no pseudo-terminal.
    #[error("no pseudo-terminal could be made: {0}; is /dev/pts mounted?")]
    Terminal(#[from] tokio_serial::Error),
    /// A display that nobody can play.
    #[error(transparent)]
    Display(#[from] NoFixedWidth),
    /// The near end has no path.
    #[error("the system does not say where the pseudo-terminal is; is /dev/pts mounted?")]
    Nameless,
    /// The link could not be made.
    #[error("the link {} to the pseudo-terminal could not be made: {cause}", path.display())]
    Link {
        /// Where it should have been.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// An emulated line, not yet running.
pub struct EmulatedLine {
    far: SerialStream,
    /// Open as long as the line is, so that the far end never sees a hang-up: tokio keeps that
    /// mark of a descriptor for ever, and every later read would spin.
    near: File,
    port: PathBuf,
    link: Option<PathBuf>,
    signs: FarEnd,
    /// The only speed at which the signs understand anything, in bits a second; `None` is any.
    baud: Option<u32>,
}

impl EmulatedLine {
    /// A line with these signs at its far end.
    pub fn new(signs: FarEnd) -> Result<Self, EmulatedLineError> {
        let (far, mut made) = SerialStream::pair()?;
        let port: PathBuf = made.name().ok_or(EmulatedLineError::Nameless)?.into();
        // Opened anew, because the driver wants the lock that `made` holds.
        made.set_exclusive(false)?;
        let near = File::options()
            .read(true)
            .write(true)
            .custom_flags(OFlags::NOCTTY.bits().cast_signed())
            .open(&port)
            .map_err(tokio_serial::Error::from)?;
        Ok(Self { far, near, port, link: None, signs, baud: None })
    }

    /// The same with signs that understand nothing unless the near end is set to this speed, in bits a
    /// second. A pseudo-terminal carries bytes at any, but tells what it is set to.
    #[must_use]
    pub fn only_at(mut self, baud: u32) -> Self {
        self.baud = Some(baud);
        self
    }

    /// How many signs there are.
    pub fn count(&self) -> usize {
        self.signs.addresses().len()
    }

    /// The near end: what to open.
    pub fn port(&self) -> &Path {
        &self.port
    }

    /// Make `path` a symbolic link to the near end, in place of an older link if there is one; it
    /// goes when the line ends.
    pub fn linked_at(mut self, path: &Path) -> Result<Self, EmulatedLineError> {
        let make = || {
            if path.is_symlink() {
                std::fs::remove_file(path)?;
            }
            std::os::unix::fs::symlink(&self.port, path)
        };
        make().map_err(|cause| EmulatedLineError::Link { path: path.to_owned(), cause })?;
        self.link = Some(path.to_owned());
        Ok(self)
    }

    /// Be the signs until cancelled; `shown` hears of every new picture, and of the text in it where the
    /// sign has letters of its own.
    pub async fn run(
        mut self,
        cancel: CancellationToken,
        mut shown: impl FnMut(SignAddress, &Frame, Option<&[String]>),
    ) {
        let mut bytes = vec![0; READ_BYTES];
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut seen: Vec<Option<Frame>> = vec![None; self.signs.addresses().len()];
        loop {
            self.look(&mut seen, &mut shown);
            let silence = self.signs.poll_timeout();
            let read = tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                read = self.far.read(&mut bytes) => read,
                () = until(silence) => {
                    let reply = self.signs.pass_time(Instant::now());
                    self.reply(&reply).await;
                    continue;
                }
                _ = tick.tick() => {
                    let reply = self.signs.pass_time(Instant::now());
                    self.reply(&reply).await;
                    // A driver that was killed cannot give back its exclusive right, and the
                    // terminal keeps it while it is open here.
                    if let Err(error) = ioctl_tiocnxcl(&self.near) {
                        debug!(%error, "the pseudo-terminal stays with who has it");
                    }
                    continue;
                }
            };
            match read {
                Ok(count) if count > 0 && !self.is_at_its_speed() => {
                    debug!(count, "bytes at another speed");
                }
                Ok(count) if count > 0 => {
                    let reply = self.signs.receive(bytes.get(..count).unwrap_or_default(), Instant::now());
                    self.reply(&reply).await;
                }
                _ => tokio::time::sleep(AFTER_FAILURE).await,
            }
        }
    }

    fn is_at_its_speed(&self) -> bool {
        let Some(baud) = self.baud else { return true };
        tcgetattr(&self.near).is_ok_and(|set| set.output_speed() == baud)
    }

    async fn reply(&mut self, reply: &[u8]) {
        if reply.is_empty() {
            return;
        }
        if let Err(error) = self.far.write_all(reply).await {
            debug!(%error, "a virtual sign's reply found nobody");
        }
    }

    fn look(
        &self,
        seen: &mut [Option<Frame>],
        shown: &mut impl FnMut(SignAddress, &Frame, Option<&[String]>),
    ) {
        for (address, seen) in self.signs.addresses().iter().zip(seen) {
            let Some(picture) = self.signs.picture(*address) else { continue };
            if seen.as_ref() != Some(&picture) {
                shown(*address, &picture, self.signs.text(*address).as_deref());
                *seen = Some(picture);
            }
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

impl Drop for EmulatedLine {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            let _ = std::fs::remove_file(link);
        }
    }
}
