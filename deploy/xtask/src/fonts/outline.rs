//! Outlines to pixels that are on or off.
//!
//! Text is fitted to the pixel grid by the hinter before it is filled, so that strokes are
//! whole pixels wide and gaps stay open. Numbers are stretched to fill their cell instead.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use anyhow::{Context, Result, anyhow};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, Engine, HintingInstance, HintingOptions, OutlinePen, Target};
use skrifa::{FontRef, MetadataProvider, OutlineGlyph};

use super::write::Glyph;

/// Simplified Chinese within the Noto Sans CJK collection.
const SIMPLIFIED_CHINESE: u32 = 2;

/// The share of a pixel that is covered when it is lit, where there are pixels enough.
pub(crate) const INK_SHARE: f32 = 0.5;

/// How far Chinese characters reach below the baseline, in ems.
const CHINESE_DESCENT: f32 = 0.12;
/// The first character of the punctuation and symbols that stand with Chinese.
const CHINESE_FROM: char = '\u{2010}';

/// How the glyphs of one text font are sized and filled.
#[derive(Clone, Copy)]
pub(crate) struct TextSize {
    /// Height of a line.
    pub(crate) cell_px: u8,
    /// Size of the outlines.
    pub(crate) em_px: f32,
    /// How far g, j, p, q, y reach below the row that letters stand on.
    pub(crate) latin_descent_px: u8,
    /// A pixel is lit when at least this share of it is covered.
    pub(crate) ink_share: f32,
}

/// One weight of Noto at one size.
pub(crate) struct Typeface<'a> {
    font: FontRef<'a>,
    hinter: HintingInstance,
    size: TextSize,
}

impl<'a> Typeface<'a> {
    pub(crate) fn new(collection: &'a [u8], size: TextSize) -> Result<Self> {
        let font = FontRef::from_index(collection, SIMPLIFIED_CHINESE)?;
        let hinter = HintingInstance::new(
            &font.outline_glyphs(),
            Size::new(size.em_px),
            LocationRef::default(),
            // The automatic hinter, unlike the font's own hints, also puts upright strokes on
            // whole pixels, and gives all strokes of one direction the same width.
            HintingOptions { engine: Engine::Auto(None), target: Target::Mono },
        )
        .map_err(|error| anyhow!("the hinter refuses {} px: {error}", size.em_px))?;
        Ok(Self { font, hinter, size })
    }

    /// The row that letters stand on, so that the tail of a g stays in the cell.
    pub(crate) fn baseline(&self) -> u8 {
        self.size.cell_px - self.size.latin_descent_px
    }

    /// `None` when the font has no such character.
    pub(crate) fn text_glyph(&self, character: char) -> Result<Option<Glyph>> {
        let Some((glyph, id)) = find(&self.font, character) else { return Ok(None) };
        let cell_px = self.size.cell_px;
        let metrics = self.font.glyph_metrics(Size::new(f32::from(cell_px)), LocationRef::default());
        let advance = whole_px(metrics.advance_width(id).context("a glyph without a width")?.round());
        let mut pen = Contours::default();
        glyph
            .draw(DrawSettings::hinted(&self.hinter, false), &mut pen)
            .map_err(|error| anyhow!("{character:?} cannot be drawn: {error}"))?;
        let descent_px = if character < CHINESE_FROM {
            f32::from(self.size.latin_descent_px)
        } else {
            (f32::from(cell_px) * CHINESE_DESCENT).round()
        };
        let rows = usize::from(cell_px);
        let (below, above) = pen.extent().map_or((0.0, 0.0), |(_, _, below, above)| (below, above));
        // Accented capitals are higher than the cell has room above the baseline: they move down.
        let baseline = (f32::from(cell_px) - descent_px).max(above.floor());
        let baseline = baseline.min(f32::from(cell_px) + below.ceil());
        // A hinted glyph may start a fraction left of its cell; it is moved in, never cut.
        let shift = (-pen.extent().map_or(0.0, |(left, ..)| left)).max(0.0).ceil();
        let width = whole_px(pen.extent().map_or(1.0, |(_, right, ..)| (right + shift).ceil().max(1.0)));
        let width = width.max(advance).max(1);
        let pixels = pen.fill(width, rows, self.size.ink_share, |p| point(p.x + shift, baseline - p.y));
        Glyph::new(advance.max(1), width, pixels).map(Some)
    }
}

/// A whole number of pixels.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a glyph is some dozens of pixels wide and never less than none"
)]
fn whole_px(px: f32) -> usize {
    px as usize
}

fn find<'a>(font: &FontRef<'a>, character: char) -> Option<(OutlineGlyph<'a>, skrifa::GlyphId)> {
    let id = font.charmap().map(character)?;
    Some((font.outline_glyphs().get(id)?, id))
}

/// Dark rows above and below a number, so that lines of numbers do not touch.
pub(crate) fn number_margin(height_px: u8) -> u8 {
    (height_px / 16).max(1)
}

/// A digit or capital letter, stretched to fill the cell's height and, if it is a wide letter,
/// squeezed into its width.
pub(crate) fn number_glyph(collection: &[u8], character: char, width_px: u8, height_px: u8) -> Result<Glyph> {
    let font = FontRef::from_index(collection, SIMPLIFIED_CHINESE)?;
    let outline = |character| -> Result<Contours> {
        let (glyph, _) = find(&font, character).with_context(|| format!("no glyph for {character:?}"))?;
        let mut pen = Contours::default();
        glyph
            .draw(DrawSettings::unhinted(Size::new(1.0), LocationRef::default()), &mut pen)
            .map_err(|error| anyhow!("{character:?} cannot be drawn: {error}"))?;
        Ok(pen)
    };
    let extent = |pen: &Contours, character| pen.extent().with_context(|| format!("{character:?} is empty"));

    let zero = extent(&outline('0')?, '0')?;
    let pen = outline(character)?;
    let (left, right, below, above) = extent(&pen, character)?;
    let margin = f32::from(number_margin(height_px));
    let ink_rows = f32::from(height_px) - 2.0 * margin;
    let ink_columns = f32::from(width_px) - if width_px >= 20 { 3.0 } else { 2.0 };

    // All characters share the scale of the digit 0; round letters that reach a little beyond
    // the digits are pressed back to the same rows.
    let scale_x = (ink_columns / (zero.1 - zero.0)).min(ink_columns / (right - left));
    let is_hyphen = character == '-';
    let (zero_below, zero_above) = (zero.2, zero.3);
    let (low, high) = if is_hyphen { (zero_below, zero_above) } else { (below.clamp(-0.02, 0.0), above) };
    let scale_y = ink_rows / (high - low);
    let ink_width = ((right - left) * scale_x).round();
    let start = ((f32::from(width_px) - ink_width) / 2.0).floor();
    let pixels = pen.fill(usize::from(width_px), usize::from(height_px), INK_SHARE, |p| {
        point(start + (p.x - left) * scale_x, margin + (high - p.y.max(low)) * scale_y)
    });
    Glyph::new(usize::from(width_px), usize::from(width_px), pixels)
}

/// An outline as straight and curved pieces, kept until its extent is known.
#[derive(Default)]
struct Contours {
    pieces: Vec<Piece>,
    start: Point,
    at: Point,
}

enum Piece {
    Line(Point, Point),
    Cubic([Point; 4]),
}

impl Contours {
    /// Left, right, bottom, top of the ink. `None` for a blank.
    fn extent(&self) -> Option<(f32, f32, f32, f32)> {
        let points = || {
            self.pieces.iter().flat_map(|piece| match piece {
                Piece::Line(a, b) => [*a, *b, *a, *b],
                Piece::Cubic(points) => *points,
            })
        };
        let least = |numbers: &mut dyn Iterator<Item = f32>| numbers.reduce(f32::min);
        let most = |numbers: &mut dyn Iterator<Item = f32>| numbers.reduce(f32::max);
        Some((
            least(&mut points().map(|p| p.x))?,
            most(&mut points().map(|p| p.x))?,
            least(&mut points().map(|p| p.y))?,
            most(&mut points().map(|p| p.y))?,
        ))
    }

    /// Fill the outline after `place` has brought its points to pixels (y down).
    fn fill(&self, width: usize, height: usize, ink_share: f32, place: impl Fn(Point) -> Point) -> Vec<bool> {
        let mut raster = Rasterizer::new(width, height);
        for piece in &self.pieces {
            match piece {
                Piece::Line(a, b) => raster.draw_line(place(*a), place(*b)),
                Piece::Cubic([a, b, c, d]) => raster.draw_cubic(place(*a), place(*b), place(*c), place(*d)),
            }
        }
        let mut pixels = vec![false; width * height];
        raster.for_each_pixel(|at, share| pixels[at] = share >= ink_share);
        pixels
    }
}

impl OutlinePen for Contours {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = point(x, y);
        self.at = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = point(x, y);
        self.pieces.push(Piece::Line(self.at, to));
        self.at = to;
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (control, to) = (point(cx, cy), point(x, y));
        let third = |end: Point| {
            point(end.x + (control.x - end.x) * 2.0 / 3.0, end.y + (control.y - end.y) * 2.0 / 3.0)
        };
        self.pieces.push(Piece::Cubic([self.at, third(self.at), third(to), to]));
        self.at = to;
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let to = point(x, y);
        self.pieces.push(Piece::Cubic([self.at, point(cx0, cy0), point(cx1, cy1), to]));
        self.at = to;
    }

    fn close(&mut self) {
        self.line_to(self.start.x, self.start.y);
    }
}
