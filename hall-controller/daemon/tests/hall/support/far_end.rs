//! The far end of a serial line in the test's hands: what it hears, and what it says to that.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::{SerialPort, SerialStream};

use super::eventually;

/// A pseudo-terminal with something behind it.
pub struct FarEnd<T> {
    /// What is behind it.
    pub device: Arc<Mutex<T>>,
}

impl<T: Send + 'static> FarEnd<T> {
    /// A line linked at `link`, behind which `device` answers what `hear` says.
    pub fn start(link: &Path, device: T, hear: impl Fn(&mut T, &[u8]) -> Vec<u8> + Send + 'static) -> Self {
        let device = Arc::new(Mutex::new(device));
        let (kept, made) = (Arc::clone(&device), link.to_owned());
        std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let (mut far, near) = SerialStream::pair().unwrap();
                let port = near.name().unwrap();
                // Somebody has it open from now on: a hang-up would be the far end's last word.
                let _open = std::fs::File::open(&port).unwrap();
                drop(near);
                std::os::unix::fs::symlink(port, &made).unwrap();
                let mut bytes = [0; 4_096];
                loop {
                    let Ok(count @ 1..) = far.read(&mut bytes).await else {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    };
                    let reply = hear(&mut kept.lock().unwrap(), &bytes[..count]);
                    let _ = far.write_all(&reply).await;
                }
            });
        });
        eventually("the far end's line appears", || link.exists().then_some(()));
        Self { device }
    }

    /// Wait until what is behind it is so.
    pub fn await_that(&self, what: &str, holds: impl Fn(&T) -> bool) {
        eventually(what, || holds(&self.device.lock().unwrap()).then_some(()));
    }
}
