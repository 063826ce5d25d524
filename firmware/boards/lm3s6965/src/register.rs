//! One register of the microcontroller, read and written as it must be: exactly as often as said.

/// A 32-bit register.
#[derive(Debug, Clone, Copy)]
pub struct Register(usize);

impl Register {
    /// The register at this address.
    ///
    /// # Safety
    /// There must be a 32-bit register at this address, and reading or writing it must not break what
    /// Rust relies on, as a register that moves memory could.
    pub const unsafe fn at(address: usize) -> Self {
        Self(address)
    }

    /// The register so many bytes further.
    ///
    /// # Safety
    /// As for [`Register::at`].
    #[must_use]
    pub const unsafe fn offset(self, bytes: usize) -> Self {
        Self(self.0 + bytes)
    }

    /// Read it once.
    pub fn read(self) -> u32 {
        // SAFETY: whoever made it has promised that a register is there.
        unsafe { core::ptr::with_exposed_provenance::<u32>(self.0).read_volatile() }
    }

    /// Write it once.
    pub fn write(self, value: u32) {
        // SAFETY: whoever made it has promised that a register is there.
        unsafe { core::ptr::with_exposed_provenance_mut::<u32>(self.0).write_volatile(value) }
    }

    /// Read it, set these bits, and write it.
    pub fn set(self, bits: u32) {
        self.write(self.read() | bits);
    }

    /// Read it, clear these bits, and write it.
    pub fn clear(self, bits: u32) {
        self.write(self.read() & !bits);
    }
}
