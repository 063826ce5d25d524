//! The panels of these halls, and their pages drawn once for many halls. What a sign says is chosen as the daemon
//! chooses it, by `hall-content`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use hall_content::Shows;
use hall_protocol::sign::Depth;
use hall_signs::page::Page;
use hall_signs::{Frame, Panel};

/// Pages kept drawn in each thread.
const DRAWN_MAX: usize = 4_096;

thread_local! {
    static DRAWN: RefCell<HashMap<String, Arc<Frame>>> = RefCell::default();
}

/// The pixels of a page's first screen. The same page is drawn once for many halls.
pub(crate) fn drawn(page: &Page, panel: Panel) -> Arc<Frame> {
    DRAWN.with_borrow_mut(|drawn| {
        if drawn.len() >= DRAWN_MAX {
            drawn.clear();
        }
        let frame =
            drawn.entry(format!("{panel:?}{page:?}")).or_insert_with(|| Arc::new(page.render(panel, 0)));
        Arc::clone(frame)
    })
}

/// The panel of a sign. Small, so that thousands of halls fit in a minute.
pub(crate) fn panel(shows: Shows) -> Option<Panel> {
    let [window, zone] = panels();
    match shows {
        Shows::Window(_) => window,
        Shows::Zone(_) => zone,
    }
}

/// Those of windows and of zones.
pub(crate) fn panels() -> [Option<Panel>; 2] {
    [Panel::new(48, 16, Depth::RedGreen).ok(), Panel::new(64, 32, Depth::Mono).ok()]
}
