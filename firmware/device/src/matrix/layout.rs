//! Which pixel a panel's shift registers want when.
//!
//! A panel is one or more **bands** of modules, chained; the cable goes into the lowest band, at its
//! right end seen from the front, so the top band's leftmost pixels are shifted first. A band has one
//! or two row **groups** with data lines of their own (HUB12: one; HUB75: an upper and a lower).
//! A group has `folds` times `scan_rows` rows: where that is more than one, the registers run through
//! the folds in cells of eight pixels, the lowest first, as P10 modules are wired (their 16 rows in
//! 1/4 scan are four folds: rows 12, 8, 4 and 0 of each cell, then the next cell).

use core::fmt;

use crate::panel::Panel;

/// How the modules of a panel are wired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    panel: Panel,
    scan_rows: u8,
    groups: u8,
    folds: u8,
}

/// Why a panel cannot be made of such modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutError {
    /// Scan rows other than 2, 4, 8, 16 or 32; carries how many.
    ScanRows(u8),
    /// Neither one nor two groups, or no fold.
    Module,
    /// The height is not a multiple of a module's; carries the module's height, in pixels.
    Height(u16),
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScanRows(rows) => write!(f, "modules have 2, 4, 8, 16 or 32 scan rows, not {rows}"),
            Self::Module => f.write_str("modules have one or two row groups and at least one fold"),
            Self::Height(module_px) => {
                write!(f, "the panel's height is not a multiple of {module_px} pixels")
            }
        }
    }
}

impl core::error::Error for LayoutError {}

/// Eight pixels side by side that are shifted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its left edge is at pixel `8 * column`.
    pub(super) column: u16,
    /// The first row of its fold in the upper group.
    top_px: u16,
}

impl Layout {
    /// A panel of HUB75 modules, `scan_rows` of them lit at a time in each half of a module
    /// (1/16 scan: 16, so modules 32 pixels high).
    pub const fn hub75(panel: Panel, scan_rows: u8) -> Result<Self, LayoutError> {
        Self::new(panel, scan_rows, 2, 1)
    }

    /// A panel of HUB12 modules 16 pixels high (P10, 1/4 scan: `scan_rows` 4).
    pub const fn hub12(panel: Panel, scan_rows: u8) -> Result<Self, LayoutError> {
        const MODULE_PX: u8 = 16;
        if !matches!(scan_rows, 2 | 4 | 8 | 16) {
            return Err(LayoutError::ScanRows(scan_rows));
        }
        Self::new(panel, scan_rows, 1, MODULE_PX / scan_rows)
    }

    /// Any other modules.
    pub const fn new(panel: Panel, scan_rows: u8, groups: u8, folds: u8) -> Result<Self, LayoutError> {
        if !matches!(scan_rows, 2 | 4 | 8 | 16 | 32) {
            return Err(LayoutError::ScanRows(scan_rows));
        }
        if !matches!(groups, 1 | 2) || folds == 0 {
            return Err(LayoutError::Module);
        }
        let layout = Self { panel, scan_rows, groups, folds };
        if !panel.height_px().is_multiple_of(layout.band_px()) {
            return Err(LayoutError::Height(layout.band_px()));
        }
        Ok(layout)
    }

    /// The panel.
    pub const fn panel(self) -> Panel {
        self.panel
    }

    /// Scan rows: one in so many is lit at a time.
    pub const fn scan_rows(self) -> u8 {
        self.scan_rows
    }

    /// Row groups, each with data lines of its own.
    pub const fn groups(self) -> u8 {
        self.groups
    }

    /// Clock pulses for one scan row.
    pub const fn clocks(self) -> u32 {
        let bands = self.panel.height_px() / self.band_px();
        self.panel.width_px() as u32 * self.folds as u32 * bands as u32
    }

    const fn group_px(self) -> u16 {
        self.scan_rows as u16 * self.folds as u16
    }

    const fn band_px(self) -> u16 {
        self.group_px() * self.groups as u16
    }

    /// The cells of a scan row in the order they are shifted.
    pub(super) fn cells(self) -> impl Iterator<Item = Cell> {
        let bands = (0..self.panel.height_px()).step_by(usize::from(self.band_px()));
        let columns = self.panel.width_px() / 8;
        bands.flat_map(move |band_px| {
            (0..columns).flat_map(move |column| {
                (0..u16::from(self.folds))
                    .rev()
                    .map(move |fold| Cell { column, top_px: band_px + fold * u16::from(self.scan_rows) })
            })
        })
    }

    /// The row of a cell's pixels in a group while this scan row is shifted.
    pub(super) fn y_px(self, cell: Cell, scan_row: u8, group: u8) -> u16 {
        cell.top_px + u16::from(scan_row) + u16::from(group) * self.group_px()
    }
}
