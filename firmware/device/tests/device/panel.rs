//! The scanner against simulated panels that decode its lines as real ones do.
//!
//! The panels are written from the chips on them (74HC595, a row decoder) and the modules' wiring, and
//! share no code with the scanner: each module's register says by itself where its bits are seen.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{ErrorType, OutputPin};
use hall_device::matrix::{Layout, LayoutError, Matrix, Pins, Polarity, Timing, TooSlow};
use hall_device::panel::Panel;
use hall_device::sign::View;
use hall_protocol::sign::Depth;

/// What a board's pin write takes in these tests.
const PIN_NS: u64 = 10;

/// Ten writes a pixel at most: six data lines, the clock up and down, and room to spare.
const CLOCK_NS: u32 = 100;

const HZ: u32 = 100;

/// A line of the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Data(usize),
    Address(usize),
    Clock,
    Latch,
    Enable,
}

/// Where a bit is seen: data line, bit of its register counted from the one shifted last, scan row to
/// a pixel.
type Wiring = fn(&Face, usize, usize, usize) -> (usize, usize);

/// The front of a panel.
struct Face {
    width_px: usize,
    height_px: usize,
    groups: usize,
    planes: usize,
    polarity: Polarity,
    wiring: Wiring,
    levels: [Vec<bool>; 2],
    clock: bool,
    latch: bool,
    enable: bool,
    registers: Vec<Vec<bool>>,
    latched: Vec<Vec<bool>>,
    /// How long each pixel of each plane was lit, in nanoseconds.
    lit_ns: Vec<u64>,
    now_ns: u64,
    /// Something changed on the panel while a row was lit.
    ghosts: usize,
}

impl Face {
    fn new(panel: Panel, groups: usize, polarity: Polarity, wiring: Wiring, rows: usize) -> Self {
        let (width_px, height_px) = (usize::from(panel.width_px()), usize::from(panel.height_px()));
        let planes = usize::from(panel.depth().planes());
        let register = vec![false; width_px * height_px / groups / (1 << rows)];
        let registers = vec![register; groups * planes];
        Self {
            width_px,
            height_px,
            groups,
            planes,
            polarity,
            wiring,
            levels: [vec![false; groups * planes], vec![false; rows]],
            clock: false,
            latch: false,
            enable: polarity == Polarity::HUB75,
            latched: registers.clone(),
            registers,
            lit_ns: vec![0; width_px * height_px * planes],
            now_ns: 0,
            ghosts: 0,
        }
    }

    /// Whether a row is lit now: HUB75 modules enable with a low line, P10 modules with a high one.
    fn is_lit(&self) -> bool {
        self.enable == (self.polarity == Polarity::HUB12)
    }

    fn set(&mut self, line: Line, level: bool) {
        self.pass(PIN_NS);
        let row_is_lit = self.is_lit();
        match line {
            Line::Data(at) => self.levels[0][at] = level,
            Line::Address(at) => {
                self.ghosts += usize::from(row_is_lit && self.levels[1][at] != level);
                self.levels[1][at] = level;
            }
            Line::Clock => {
                if level && !self.clock {
                    for (register, data) in self.registers.iter_mut().zip(&self.levels[0]) {
                        register.pop();
                        register.insert(0, *data == (self.polarity == Polarity::HUB75));
                    }
                }
                self.clock = level;
            }
            Line::Latch => {
                if level && !self.latch {
                    self.ghosts += usize::from(row_is_lit);
                    self.latched.clone_from(&self.registers);
                }
                self.latch = level;
            }
            Line::Enable => self.enable = level,
        }
    }

    fn pass(&mut self, ns: u64) {
        self.now_ns += ns;
        if !self.is_lit() {
            return;
        }
        let row = self.levels[1].iter().rev().fold(0, |row, level| row * 2 + usize::from(*level));
        for (line, bits) in self.latched.iter().enumerate() {
            let (group, plane) = (line / self.planes, line % self.planes);
            for (at, _) in bits.iter().enumerate().filter(|(_, bit)| **bit) {
                let (x, y) = (self.wiring)(self, group, at, row);
                self.lit_ns[(plane * self.height_px + y) * self.width_px + x] += ns;
            }
        }
    }
}

/// HUB75 modules 32 pixels high in 1/16 scan, 16 high in 1/8: the bit shifted last is at the right
/// end of the lowest module row.
fn hub75(face: &Face, group: usize, at: usize, row: usize) -> (usize, usize) {
    let scan_rows = 1 << face.levels[1].len();
    let modules_above_lowest = at / face.width_px;
    let x = face.width_px - 1 - at % face.width_px;
    let bottom = face.height_px - modules_above_lowest * scan_rows * face.groups;
    (x, bottom - scan_rows * face.groups + group * scan_rows + row)
}

/// A P10 module (32x16, HUB12, 1/4 scan) has four 74HC595 in a chain for each column of eight pixels:
/// the one nearest to the input shows the top quarter.
fn p10(face: &Face, _group: usize, at: usize, row: usize) -> (usize, usize) {
    let band_bits = face.width_px * 4;
    let band_from_below = at / band_bits;
    let chip = at % band_bits / 8;
    let (column_from_right, quarter) = (chip / 4, chip % 4);
    let x = face.width_px - 1 - column_from_right * 8 - at % 8;
    (x, face.height_px - 16 * (band_from_below + 1) + quarter * 4 + row)
}

/// One of a panel's lines, as a pin, or the time between.
#[derive(Clone)]
struct Lead(Rc<RefCell<Face>>, Line);

impl ErrorType for Lead {
    type Error = Infallible;
}

impl OutputPin for Lead {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.borrow_mut().set(self.1, false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.borrow_mut().set(self.1, true);
        Ok(())
    }
}

struct Clock(Rc<RefCell<Face>>);

impl DelayNs for Clock {
    fn delay_ns(&mut self, ns: u32) {
        self.0.borrow_mut().pass(ns.into());
    }
}

type Bench<const DATA: usize, const ADDRESS: usize> = (Matrix<Lead, DATA, ADDRESS>, Rc<RefCell<Face>>);

fn bench<const DATA: usize, const ADDRESS: usize>(
    layout: Layout,
    polarity: Polarity,
    wiring: Wiring,
) -> Bench<DATA, ADDRESS> {
    let face = Face::new(layout.panel(), layout.groups().into(), polarity, wiring, ADDRESS);
    let face = Rc::new(RefCell::new(face));
    let lead = |line| Lead(Rc::clone(&face), line);
    let pins = Pins {
        data: std::array::from_fn(|at| lead(Line::Data(at))),
        address: std::array::from_fn(|at| lead(Line::Address(at))),
        clock: lead(Line::Clock),
        latch: lead(Line::Latch),
        enable: lead(Line::Enable),
    };
    let timing = Timing::new(layout, CLOCK_NS, HZ).unwrap();
    (Matrix::new(pins, polarity, layout, timing).unwrap(), face)
}

fn panel(width_px: u16, height_px: u16, depth: Depth) -> Panel {
    Panel::new(width_px, height_px, depth).unwrap()
}

/// Pixels that differ everywhere.
fn picture(panel: Panel) -> Vec<u8> {
    let mut random = 0x9E37_79B9_u32;
    let mut byte = || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random.to_be_bytes()[0]
    };
    (0..panel.picture_bytes()).map(|_| byte()).collect()
}

/// Refresh twice, so that the first cannot pass by what was shifted before; the second is measured.
fn shown<const DATA: usize, const ADDRESS: usize>(
    (matrix, face): &mut Bench<DATA, ADDRESS>,
    view: &View<'_>,
) -> (Vec<u64>, u64) {
    matrix.refresh(view, &mut Clock(Rc::clone(face))).unwrap();
    let before_ns = face.borrow().now_ns;
    face.borrow_mut().lit_ns.fill(0);
    matrix.refresh(view, &mut Clock(Rc::clone(face))).unwrap();
    let face = face.borrow();
    assert_eq!(face.ghosts, 0, "a row was lit while another was set up");
    (face.lit_ns.clone(), face.now_ns - before_ns)
}

/// Every pixel of the picture is lit, equally long, and no other; all of it within a hundredth of a
/// second.
fn shows_the_picture<const DATA: usize, const ADDRESS: usize>(
    layout: Layout,
    polarity: Polarity,
    wiring: Wiring,
) {
    let mut bench = bench::<DATA, ADDRESS>(layout, polarity, wiring);
    let panel = layout.panel();
    let bytes = picture(panel);
    let (lit_ns, refresh_ns) = shown(&mut bench, &View::of(panel, 255, &bytes));
    let longest = *lit_ns.iter().max().unwrap();
    for (at, lit_ns) in lit_ns.iter().enumerate() {
        let wanted = bytes[at / 8] & 0x80 >> (at % 8) != 0;
        assert_eq!(*lit_ns, if wanted { longest } else { 0 }, "pixel {at} of {panel:?}");
    }
    assert!(refresh_ns <= 1_000_000_000 / u64::from(HZ), "{refresh_ns} ns for {panel:?}");
}

#[test]
fn hub75_panels_show_every_pixel_where_it_belongs_at_100_hz() {
    let hub75_of = |panel, rows| Layout::hub75(panel, rows).unwrap();
    shows_the_picture::<6, 4>(hub75_of(panel(64, 32, Depth::Rgb), 16), Polarity::HUB75, hub75);
    shows_the_picture::<6, 4>(hub75_of(panel(128, 64, Depth::Rgb), 16), Polarity::HUB75, hub75);
    shows_the_picture::<4, 3>(hub75_of(panel(96, 16, Depth::RedGreen), 8), Polarity::HUB75, hub75);
    shows_the_picture::<2, 2>(hub75_of(panel(32, 24, Depth::Mono), 4), Polarity::HUB75, hub75);
}

#[test]
fn p10_modules_on_hub12_show_every_pixel_where_it_belongs_at_100_hz() {
    let hub12 = |panel| Layout::hub12(panel, 4).unwrap();
    shows_the_picture::<1, 2>(hub12(panel(32, 16, Depth::Mono)), Polarity::HUB12, p10);
    shows_the_picture::<1, 2>(hub12(panel(128, 32, Depth::Mono)), Polarity::HUB12, p10);
}

#[test]
fn the_light_is_in_proportion_to_the_brightness() {
    let panel = panel(64, 32, Depth::Mono);
    let all = vec![0xFF; panel.picture_bytes()];
    let mut bench = bench::<2, 4>(Layout::hub75(panel, 16).unwrap(), Polarity::HUB75, hub75);
    let mut lit_ns = |brightness| shown(&mut bench, &View::of(panel, brightness, &all)).0[0];
    let full_ns = lit_ns(255);
    assert_eq!(lit_ns(0), 0);
    for brightness in [1, 2, 3, 64, 127, 128, 200, 254] {
        let wanted_ns = full_ns * u64::from(brightness) / 255;
        // The enable line itself takes a few pin writes.
        let off_ns = lit_ns(brightness).abs_diff(wanted_ns);
        assert!(off_ns <= 10 * PIN_NS, "{off_ns} ns off at {brightness}");
    }
}

#[test]
fn the_refresh_is_computed_and_what_cannot_be_is_said() {
    let layout = Layout::hub75(panel(128, 64, Depth::Rgb), 16).unwrap();
    assert_eq!(layout.clocks(), 256);
    let timing = Timing::new(layout, CLOCK_NS, HZ).unwrap();
    // 625 us a row, of which 25.6 us are shifted in the dark and 255 units lit.
    assert_eq!((timing.unit_ns(), timing.refresh_hz()), (2_350, 100));
    let TooSlow { refresh_hz_max, .. } = Timing::new(layout, 5_000, HZ).unwrap_err();
    // 16 rows of 256 clocks of 5 us and 255 units of 200 ns.
    assert_eq!(refresh_hz_max, 1_000_000_000 / (16 * (1_280_000 + 51_000)));
    assert_eq!(Timing::new(layout, 5_000, refresh_hz_max).unwrap().refresh_hz(), refresh_hz_max);
}

#[test]
fn modules_that_do_not_fit_the_panel_are_refused() {
    let panel = panel(64, 24, Depth::Mono);
    assert_eq!(Layout::hub75(panel, 16), Err(LayoutError::Height(32)));
    assert_eq!(Layout::hub75(panel, 5), Err(LayoutError::ScanRows(5)));
    assert_eq!(Layout::new(panel, 4, 3, 1), Err(LayoutError::Module));
    let layout = Layout::hub75(panel, 4).unwrap();
    let timing = Timing::new(layout, CLOCK_NS, HZ).unwrap();
    let face = Rc::new(RefCell::new(Face::new(panel, 2, Polarity::HUB75, hub75, 2)));
    let pin = || Lead(Rc::clone(&face), Line::Clock);
    // HUB75 has a lower half as well, so one data line is too few.
    let pins = Pins { data: [pin()], address: [pin(), pin()], clock: pin(), latch: pin(), enable: pin() };
    assert!(Matrix::new(pins, Polarity::HUB75, layout, timing).is_none());
}
