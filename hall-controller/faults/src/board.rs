//! Signs with the firmware's own code, as a board runs it: byte by byte.

use std::collections::HashSet;
use std::sync::LazyLock;

use hall_device::sign::{Appearance, Settings, Sign, frame_bytes};
use hall_protocol::sign::{
    Depth, Destination, FallbackPage, Firmware, PictureId, Request, Sequence, SignAddress, encoded_bytes_max,
};
use hall_signs::{Frame, Panel};

/// The longest payload these signs take: a small microcontroller's buffer.
const FRAME: usize = frame_bytes(256);

/// What any board does, whatever its panel.
trait Firm {
    fn receive(&mut self, byte: u8, now_ms: u64) -> Option<Vec<u8>>;
    fn pass_time(&mut self, now_ms: u64);
    fn appearance(&self, now_ms: u64) -> Appearance;
    fn byte(&self, plane: u8, row: u16, column: u16, now_ms: u64) -> u8;
}

impl<const PICTURE: usize> Firm for Sign<PICTURE, FRAME> {
    fn receive(&mut self, byte: u8, now_ms: u64) -> Option<Vec<u8>> {
        self.receive(byte, now_ms).map(<[u8]>::to_vec)
    }

    fn pass_time(&mut self, now_ms: u64) {
        self.pass_time(now_ms);
    }

    fn appearance(&self, now_ms: u64) -> Appearance {
        self.appearance(now_ms)
    }

    fn byte(&self, plane: u8, row: u16, column: u16, now_ms: u64) -> u8 {
        self.view(now_ms).byte(plane, row, column)
    }
}

/// One board with its panel.
pub(crate) struct Board {
    panel: Panel,
    firm: Box<dyn Firm>,
    seen: Appearance,
}

impl Board {
    /// A board that is switched on now; `None` for a panel no board here is built for.
    pub(crate) fn new(address: SignAddress, panel: Panel, now_ms: u64) -> Option<Self> {
        let its = hall_device::panel::Panel::new(panel.width_px(), panel.height_px(), panel.depth())?;
        let firmware = Firmware { major: 1, minor: 0, patch: 0 };
        let settings = Settings { address, panel: its, firmware };
        let firm: Box<dyn Firm> = match its.picture_bytes() {
            192 => Box::new(Sign::<192, FRAME>::new(settings, now_ms).ok()?),
            256 => Box::new(Sign::<256, FRAME>::new(settings, now_ms).ok()?),
            _ => return None,
        };
        let seen = firm.appearance(now_ms);
        Some(Self { panel, firm, seen })
    }

    /// A byte of the line; gives the reply, if it ends what must be answered.
    pub(crate) fn receive(&mut self, byte: u8, now_ms: u64) -> Option<Vec<u8>> {
        self.firm.receive(byte, now_ms)
    }

    /// What can be seen, if it is another look than when this was last asked.
    pub(crate) fn new_look(&mut self, now_ms: u64) -> Option<Frame> {
        self.firm.pass_time(now_ms);
        let look = self.firm.appearance(now_ms);
        (std::mem::replace(&mut self.seen, look) != look).then(|| self.picture(now_ms))
    }

    fn picture(&self, now_ms: u64) -> Frame {
        let rows = (0..planes(self.panel))
            .flat_map(|plane| (0..self.panel.height_px()).map(move |row| (plane, row)));
        let columns = self.panel.width_px() / 8;
        let bytes = rows
            .flat_map(|(plane, row)| (0..columns).map(move |column| (plane, row, column)))
            .map(|(plane, row, column)| self.firm.byte(plane, row, column, now_ms));
        Frame::from_bytes(self.panel, bytes.collect()).unwrap_or(Frame::dark(self.panel))
    }

    /// Whether a picture is one of the page that boards show of themselves while the host is silent. Its
    /// text runs over narrow panels.
    pub(crate) fn is_notice(picture: PictureId) -> bool {
        static NOTICES: LazyLock<HashSet<PictureId>> = LazyLock::new(notices);
        NOTICES.contains(&picture)
    }
}

const fn planes(panel: Panel) -> u8 {
    match panel.depth() {
        Depth::Mono => 1,
        Depth::RedGreen => 2,
        Depth::Rgb => 3,
    }
}

/// All pictures of that page, on the panels of these halls.
fn notices() -> HashSet<PictureId> {
    /// The text has left the panel and come again after so many of its steps.
    const STEPS: u64 = 1_000;
    const STEP_MS: u64 = 25;
    let mut all = HashSet::new();
    for panel in crate::content::panels().into_iter().flatten() {
        let address = SignAddress::new(1).ok();
        let Some(mut board) = address.and_then(|address| Board::new(address, panel, 0)) else { continue };
        let request = Request::Fallback { after_s: 1, page: FallbackPage::BuiltIn };
        let mut bytes = [0; encoded_bytes_max(64)];
        let length = request.emit(Destination::Everyone, Sequence(1), &mut bytes).unwrap_or(0);
        for byte in &bytes[..length] {
            board.receive(*byte, 0);
        }
        all.extend(
            (0..STEPS).filter_map(|step| board.new_look(1_000 + step * STEP_MS)).map(|look| look.id()),
        );
    }
    all
}
