//! What a technician has asked signs to show for a while: a test pattern, or which sign each one is.
//!
//! Kept in memory only: after a restart every sign shows its page.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hall_core::plan::Plan;
use hall_core::view::HallView;
use hall_protocol::id::DeviceId;
use hall_protocol::sign::SignAddress;
use hall_signs::page::{IdentityPage, Page, TestPattern};
use tokio::sync::watch;

use super::SignSpot;
use crate::wall::Shows;

/// How long each pattern is shown when all of them are.
const PATTERN_LASTS: Duration = Duration::from_secs(2);

/// What a sign is asked to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// This pattern; without one, all of them in turn.
    Test(Option<TestPattern>),
    /// Its id, line and address.
    Identify,
}

#[derive(Debug, Clone, Copy)]
struct Standing {
    order: Order,
    from: Instant,
    until: Instant,
}

/// The orders that stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Orders(BTreeMap<DeviceId, Standing>);

impl Orders {
    /// What is ordered for a sign, and when that changes; `None` when it shows its own page.
    pub(super) fn page(&self, spot: &SignSpot, view: &HallView, now: Instant) -> Option<(Page, Instant)> {
        let Standing { order, from, until } =
            *self.0.get(&spot.id).filter(|standing| now < standing.until)?;
        match order {
            Order::Test(Some(pattern)) => Some((Page::Test(pattern), until)),
            Order::Test(None) => {
                let turn = now.saturating_duration_since(from).as_secs() / PATTERN_LASTS.as_secs();
                let turn = u32::try_from(turn).unwrap_or(u32::MAX);
                let place = usize::try_from(turn).unwrap_or(0) % TestPattern::ALL.len();
                let pattern = TestPattern::ALL.get(place).copied().unwrap_or(TestPattern::All);
                let next = from + PATTERN_LASTS.saturating_mul(turn.saturating_add(1));
                Some((Page::Test(pattern), next.min(until)))
            }
            Order::Identify => {
                let page = identity(spot.id, spot.address, spot.shows, &view.plan, &spot.port);
                Some((Page::Identity(page), until))
            }
        }
    }
}

/// Which sign it is: a port such as `/dev/ttyS0` or `tcp://10.0.8.21:4001` is told without its directory.
pub(crate) fn identity(
    id: DeviceId,
    address: SignAddress,
    shows: Shows,
    plan: &Plan,
    port: &str,
) -> IdentityPage {
    let shows = match shows {
        Shows::Window(id) => {
            let label = plan.window(id).map_or_else(|| id.to_string(), |window| window.label.clone());
            format!("窗口 {label}")
        }
        Shows::Zone(id) => plan.zone(id).map_or_else(|| id.to_string(), |zone| zone.name.zh.clone()),
    };
    let port = port.rsplit('/').next().unwrap_or_default().to_owned();
    IdentityPage { id: id.to_string(), address: address.get(), shows, port }
}

/// Where orders are given; every line looks here.
#[derive(Debug, Clone)]
pub struct OrderDesk(Arc<watch::Sender<Arc<Orders>>>);

impl Default for OrderDesk {
    fn default() -> Self {
        Self(Arc::new(watch::channel(Arc::default()).0))
    }
}

impl OrderDesk {
    /// Let these signs show it for so long, whatever they were ordered before.
    pub fn give(&self, signs: &[DeviceId], order: Order, lasts: Duration) {
        let from = Instant::now();
        let standing = Standing { order, from, until: from + lasts };
        self.0.send_modify(|orders| {
            let orders = Arc::make_mut(orders);
            orders.0.retain(|_, old| from < old.until);
            orders.0.extend(signs.iter().map(|id| (*id, standing)));
        });
    }

    /// What is ordered, always the latest.
    pub(super) fn orders(&self) -> watch::Receiver<Arc<Orders>> {
        self.0.subscribe()
    }
}
