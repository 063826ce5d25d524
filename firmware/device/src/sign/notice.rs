//! The built-in page: that citizens may ask at the windows, because the host says nothing.
//!
//! Narrower than the panel it stands in the middle; wider it runs from right to left (走字).
//! The text is laid out while compiling and takes no memory.

use hall_protocol::sign::Depth;

use crate::glyph;
use crate::panel::Panel;
use crate::words::ASK_AT_THE_WINDOWS;

const WIDTH_PX: usize = glyph::width_px(ASK_AT_THE_WINDOWS);
const BYTES: usize = WIDTH_PX.div_ceil(8);
static ROWS: [[u8; BYTES]; glyph::HEIGHT_PX] = glyph::line(ASK_AT_THE_WINDOWS);

/// One pixel in this time: 40 pixels a second, about four Chinese characters of 16 in a second and a
/// half, which is read without hurry.
const PIXEL_MS: u64 = 25;

/// How far the text has moved; 0 when it stands.
pub(super) fn offset_px(panel: Panel, shown_ms: u64) -> usize {
    let panel_px = usize::from(panel.width_px());
    if WIDTH_PX <= panel_px {
        return 0;
    }
    // It comes in at the right edge and has left at the left one; then it comes again.
    let way_px = WIDTH_PX + panel_px;
    usize::try_from(shown_ms / PIXEL_MS % u64::try_from(way_px).unwrap_or(1)).unwrap_or(0)
}

/// Eight pixels from `8 * column` on.
pub(super) fn byte(panel: Panel, plane: u8, row: u16, column: u16, offset_px: usize) -> u8 {
    // Yellow where there are colours: it is neither a call nor an alarm.
    let yellow = match panel.depth() {
        Depth::Mono => plane == 0,
        Depth::RedGreen | Depth::Rgb => plane < 2,
    };
    let panel_px = usize::from(panel.width_px());
    let top = usize::from(panel.height_px()).saturating_sub(glyph::HEIGHT_PX) / 2;
    let text_row = usize::from(row).checked_sub(top).and_then(|row| ROWS.get(row));
    let Some(text_row) = text_row.filter(|_| yellow) else { return 0 };
    let x = usize::from(column) * 8;
    // Where in the text the byte begins; as if there were a panel's width of nothing before it.
    let at = if WIDTH_PX <= panel_px { x + usize::midpoint(panel_px, WIDTH_PX) } else { x + offset_px };
    let Some(at) = (at + 8).checked_sub(panel_px) else { return 0 };
    // The byte before and the one it begins in, eight pixels further because of the 8 above.
    let pixels = |byte: Option<usize>| byte.and_then(|byte| text_row.get(byte)).copied().unwrap_or(0);
    let both = u16::from_be_bytes([pixels((at / 8).checked_sub(1)), pixels(Some(at / 8))]);
    let [high, _] = (both << (at % 8)).to_be_bytes();
    high
}
