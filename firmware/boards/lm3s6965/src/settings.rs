//! The page of flash that says which device this board is.

use hall_device::settings::{Settings, Wrong};

unsafe extern "C" {
    /// The last KiB of flash (`memory.x`).
    static SETTINGS: [u8; 1_024];
}

/// What stands there.
pub fn read() -> Result<Settings<'static>, Wrong> {
    // SAFETY: the linker keeps this page free of anything else, all of it can be read, and nobody writes
    // flash while a program runs.
    let page = unsafe { &SETTINGS };
    Settings::of_page(page)
}
