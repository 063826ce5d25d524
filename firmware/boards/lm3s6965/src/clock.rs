//! The processor's clock, and the time since the start.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m_rt::exception;

use crate::register::Register;

/// What everything is timed by: the PLL's 200 MHz through four.
pub const HZ: u32 = 50_000_000;

const CYCLES_PER_MS: u32 = HZ / 1_000;
const CYCLES_PER_US: u32 = HZ / 1_000_000;

// SAFETY: registers of the system control, data sheet section 6.5.
const RIS: Register = unsafe { Register::at(0x400F_E050) };
// SAFETY: as above.
const RCC: Register = unsafe { Register::at(0x400F_E060) };
// SAFETY: the SysTick timer of every Cortex-M3.
const SYST_CSR: Register = unsafe { Register::at(0xE000_E010) };
// SAFETY: as above.
const SYST_RVR: Register = unsafe { Register::at(0xE000_E014) };
// SAFETY: as above.
const SYST_CVR: Register = unsafe { Register::at(0xE000_E018) };

/// Run-mode clock configuration.
mod rcc {
    /// SYSDIV 3: divide the PLL's output by four.
    pub(super) const BY_FOUR: u32 = 3 << 23;
    pub(super) const SYSDIV: u32 = 0xF << 23;
    pub(super) const USESYSDIV: u32 = 1 << 22;
    pub(super) const PWRDN: u32 = 1 << 13;
    pub(super) const OEN: u32 = 1 << 12;
    pub(super) const BYPASS: u32 = 1 << 11;
    /// The board's crystal has 8 MHz.
    pub(super) const XTAL_8_MHZ: u32 = 0xE << 6;
    pub(super) const XTAL: u32 = 0xF << 6;
    /// Source: the main oscillator.
    pub(super) const OSCSRC: u32 = 3 << 4;
    pub(super) const MOSCDIS: u32 = 1;
}

/// The PLL runs steadily.
const PLL_LOCKED: u32 = 1 << 6;

/// `SysTick`: on, with its interrupt, from the processor's clock.
const ENABLED: u32 = 0b111;

/// How long chance is waited for.
const CHANCE_MS: u64 = 5;

static TICKS_MS: AtomicU32 = AtomicU32::new(0);

#[exception]
fn SysTick() {
    TICKS_MS.fetch_add(1, Ordering::Relaxed);
}

/// The time since the start.
#[derive(Debug)]
pub struct Clock {
    last_ms: u32,
    now_ms: u64,
}

impl Clock {
    /// Bring the processor to [`HZ`] (data sheet section 6.3) and begin to count.
    pub fn start() -> Self {
        RCC.set(rcc::BYPASS);
        RCC.clear(rcc::USESYSDIV | rcc::MOSCDIS);
        RCC.clear(rcc::XTAL | rcc::OSCSRC | rcc::SYSDIV);
        RCC.set(rcc::XTAL_8_MHZ | rcc::BY_FOUR | rcc::USESYSDIV);
        RCC.clear(rcc::PWRDN | rcc::OEN);
        while RIS.read() & PLL_LOCKED == 0 {}
        RCC.clear(rcc::BYPASS);

        SYST_RVR.write(CYCLES_PER_MS - 1);
        SYST_CVR.write(0);
        SYST_CSR.write(ENABLED);
        Self { last_ms: 0, now_ms: 0 }
    }

    /// Milliseconds since the start. To be asked at least every 49 days, when the counter is full.
    pub fn now_ms(&mut self) -> u64 {
        let ticks_ms = TICKS_MS.load(Ordering::Relaxed);
        self.now_ms += u64::from(ticks_ms.wrapping_sub(self.last_ms));
        self.last_ms = ticks_ms;
        self.now_ms
    }

    /// A number that is another at nearly every start: how often the time can be asked within a few
    /// milliseconds, which the memory's wait states and whatever comes in between change.
    pub fn chance(&mut self) -> u32 {
        let until_ms = self.now_ms() + CHANCE_MS;
        let mut asked = 0_u32;
        while self.now_ms() < until_ms {
            asked = asked.wrapping_add(1);
        }
        // Spread over all bits (the multiplier is Knuth's, The Art of Computer Programming 6.4).
        (asked ^ SYST_CVR.read() << 16).wrapping_mul(2_654_435_761)
    }
}

/// Wait so long, at most 900 microseconds, with nothing else to do.
pub fn wait_us(us: u32) {
    let begin = SYST_CVR.read();
    let passed = || {
        let now = SYST_CVR.read();
        // It counts down and begins anew at the top.
        if now <= begin { begin - now } else { begin + CYCLES_PER_MS - now }
    };
    while passed() < us * CYCLES_PER_US {}
}
