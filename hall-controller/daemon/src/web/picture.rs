//! The hall's picture as JSON, for the pages' scripts and for integrators' eyes.
//!
//! One shape for `GET /api/view` and the streams of events, whole or in parts. Fields are only ever
//! added.

use std::sync::Arc;

use hall_core::emergency::Emergency;
use hall_core::event::{CallReason, Services};
use hall_core::offer::Offer;
use hall_core::plan::{self as planned, Name, Plan};
use hall_core::refusal::{Language, Refusal};
use hall_core::time::Now;
use hall_core::view::{CallView, HallView, LeaseTotals, Totals, WindowView};
use hall_protocol::id::{ClerkId, DeviceId, ServiceId, WindowId, ZoneId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Lamp, WaitMinutes, WindowMode, WindowTicket};
use serde::Serialize;

use super::WebState;

#[derive(Serialize)]
struct Head {
    seq: u64,
    at_ms: i64,
    totals: Totals,
    /// Numbers kiosks may print while the line is down, and what became of them.
    leases: LeaseTotals,
}

#[derive(Serialize)]
struct Body<'a> {
    /// The journal cannot be written; tickets and calls are on hold. The cause is on `/health`.
    trouble: bool,
    /// What stands before everything else.
    emergencies: Vec<Standing<'a>>,
    windows: Vec<Window<'a>>,
    zones: Vec<Zone<'a>>,
    services: Vec<Service<'a>>,
}

#[derive(Serialize)]
struct Window<'a> {
    id: WindowId,
    label: &'a str,
    mode: WindowMode,
    reason: Option<&'a str>,
    ticket: Option<WindowTicket>,
    waiting: u32,
    lamp: Lamp,
    parked: &'a [TicketNumber],
    armed: bool,
    clerk: Option<ClerkId>,
    /// Why the ticket in hand was called.
    why: Option<Name>,
}

#[derive(Serialize)]
struct Zone<'a> {
    id: ZoneId,
    name: &'a Name,
    calls: Vec<Call<'a>>,
}

#[derive(Serialize)]
struct Call<'a> {
    number: TicketNumber,
    window: WindowId,
    label: &'a str,
    called_at_ms: i64,
    recalls: u16,
}

#[derive(Serialize)]
struct Service<'a> {
    id: ServiceId,
    zh: &'a str,
    en: &'a str,
    waiting: u32,
    /// How long somebody who took a number now would wait.
    estimate: Option<WaitMinutes>,
    issued: u32,
    open: bool,
    /// When it stops today, on the wall's clock.
    until: Option<String>,
    why: Option<Why>,
}

/// Why no ticket can be taken, in the shape of a refusal on the wire.
#[derive(Serialize)]
pub(super) struct Why {
    code: &'static str,
    zh: String,
    en: String,
}

impl Why {
    fn of(refusal: &Refusal, plan: &Plan) -> Self {
        let [zh, en] = [Language::Zh, Language::En].map(|language| refusal.sentence(Some(plan), language));
        Self { code: refusal.code(), zh, en }
    }
}

/// How much of the picture a page follows. In a hall of a thousand windows the whole is too much
/// to send to every pad at every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Everything.
    Whole,
    /// One window and its services.
    Window(WindowId),
    /// The services of a kiosk.
    Kiosk(DeviceId),
    /// A zone, its services, and the windows that serve them.
    Zone(ZoneId),
}

impl Part {
    fn has_window(self, plan: &Plan, window: &WindowView) -> bool {
        match self {
            Self::Whole => true,
            Self::Window(id) => window.id == id,
            Self::Kiosk(_) => false,
            Self::Zone(zone) => serves_zone(plan, window, zone),
        }
    }

    fn has_zone(self, zone: ZoneId) -> bool {
        match self {
            Self::Whole => true,
            Self::Zone(id) => zone == id,
            Self::Window(_) | Self::Kiosk(_) => false,
        }
    }

    fn has_service(self, view: &HallView, service: &planned::Service) -> bool {
        let plan = &view.plan;
        match self {
            Self::Whole => true,
            Self::Window(id) => view.window(id).is_some_and(|window| window.services.has(service.id)),
            Self::Kiosk(id) => plan.kiosk(id).is_some_and(|kiosk| kiosk.services.contains(&service.id)),
            Self::Zone(zone) => service.zone == zone,
        }
    }
}

/// An emergency text that stands.
#[derive(Serialize)]
pub(super) struct Standing<'a> {
    /// The zone it is for; `None` is the whole hall.
    zone: Option<ZoneId>,
    /// What that zone is called.
    pub(super) name: Option<&'a Name>,
    pub(super) zh: &'a str,
    pub(super) en: &'a str,
    since_ms: i64,
}

impl<'a> Standing<'a> {
    pub(super) fn of(view: &'a HallView, zone: Option<ZoneId>, emergency: &'a Emergency) -> Self {
        let name = zone.and_then(|zone| view.plan.zone(zone)).map(|zone| &zone.name);
        let (zh, en, since_ms) = (emergency.text.zh(), emergency.text.en(), emergency.since.unix_ms());
        Self { zone, name, zh, en, since_ms }
    }
}

/// The emergency texts for whoever reads this part of the picture, the newest first.
pub(super) fn standing(view: &HallView, part: Part) -> Vec<Standing<'_>> {
    let plan = &view.plan;
    let of_services = |services: &[ServiceId]| -> Vec<ZoneId> {
        services.iter().filter_map(|id| plan.service(*id)).map(|service| service.zone).collect()
    };
    let zones = match part {
        Part::Whole => plan.zones().iter().map(|zone| zone.id).collect(),
        Part::Zone(zone) => vec![zone],
        Part::Window(id) => plan
            .window(id)
            .map_or_else(Vec::new, |window| of_services(&window.all_services().collect::<Vec<_>>())),
        Part::Kiosk(id) => plan.kiosk(id).map_or_else(Vec::new, |kiosk| of_services(&kiosk.services)),
    };
    let standing = view.emergencies.in_zones(zones).into_iter();
    standing.map(|(zone, emergency)| Standing::of(view, zone, emergency)).collect()
}

/// Whether a window serves anybody who waits in this zone.
pub(super) fn serves_zone(plan: &Plan, window: &WindowView, zone: ZoneId) -> bool {
    let Services { primary, backup } = &window.services;
    let mut all = primary.iter().chain(backup);
    all.any(|id| plan.service(*id).is_some_and(|service| service.zone == zone))
}

/// The whole picture of this moment as one JSON object.
pub(super) fn to_json(state: &WebState) -> Arc<str> {
    let (picture, _) = of(state, Part::Whole);
    picture
}

/// Part of the picture of this moment: the JSON to send, and what in it must differ for the page
/// to be told again. The sequence counts every event of the hall and says nothing to a pad.
pub(super) fn of(state: &WebState, part: Part) -> (Arc<str>, Substance) {
    let view = Arc::clone(&state.view.borrow());
    let totals = view.totals;
    let body = json(&body(&view, part, state.trouble.borrow().is_some(), state.clock.now()));
    let head = json(&Head { seq: view.seq, at_ms: view.at.unix_ms(), totals, leases: view.leases });
    // Two objects become one: `{head}` and `{body}` meet at a comma.
    let (head, rest) = (head.strip_suffix('}').unwrap_or(&head), body.strip_prefix('{').unwrap_or(&body));
    let picture = format!("{head},{rest}");
    let followed = matches!(part, Part::Whole | Part::Zone(_)).then_some(totals);
    (picture.into(), Substance { totals: followed, body })
}

/// What of a picture concerns its page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Substance {
    totals: Option<Totals>,
    body: String,
}

fn json(value: &impl Serialize) -> String {
    // Strings and numbers always become JSON; a page that got none keeps what it shows.
    serde_json::to_string(value).unwrap_or_default()
}

fn body(view: &HallView, part: Part, trouble: bool, now: Now) -> Body<'_> {
    let plan = &view.plan;
    let windows = view.windows.iter();
    let windows = windows.filter(|window| part.has_window(plan, window)).map(|window| Window {
        id: window.id,
        label: &window.label,
        mode: window.mode,
        reason: window.reason.as_deref(),
        ticket: window.ticket,
        waiting: window.waiting,
        lamp: Lamp::of(window.mode, window.ticket.is_some()),
        parked: &window.parked,
        armed: window.armed,
        clerk: window.clerk,
        why: window.why.as_ref().map(called_because),
    });
    let zones = plan.zones().iter().zip(&view.zones).filter(|(planned, _)| part.has_zone(planned.id));
    let zones = zones.map(|(planned, zone)| Zone {
        id: planned.id,
        name: &planned.name,
        calls: zone.calls.iter().map(call).collect(),
    });
    let services = plan.services().iter().zip(&view.services);
    let services =
        services.filter(|(planned, _)| part.has_service(view, planned)).map(|(planned, service)| {
            let (offer, queue) = (view.offer(planned.id, now), view.queue_to_join(planned.id, now));
            Service {
                id: planned.id,
                zh: &planned.name.zh,
                en: &planned.name.en,
                waiting: queue.waiting,
                estimate: queue.wait,
                issued: service.issued,
                open: offer.is_ok(),
                until: offer.as_ref().ok().and_then(|offer| until_today(plan, *offer, now)),
                why: offer.err().map(|refusal| Why::of(&refusal, &view.plan)),
            }
        });
    Body {
        trouble,
        emergencies: standing(view, part),
        windows: windows.collect(),
        zones: zones.collect(),
        services: services.collect(),
    }
}

/// The time at which an offer ends, if it ends today.
pub(super) fn until_today(plan: &Plan, offer: Offer, now: Now) -> Option<String> {
    let until = offer.until.filter(|until| until.date() == plan.local(now).date())?;
    Some(format!("{:02}:{:02}", until.minute() / 60, until.minute() % 60))
}

fn called_because(why: &CallReason) -> Name {
    Name { zh: why.in_words(Language::Zh), en: why.in_words(Language::En) }
}

fn call(call: &CallView) -> Call<'_> {
    Call {
        number: call.number,
        window: call.window,
        label: &call.label,
        called_at_ms: call.called_at.unix_ms(),
        recalls: call.recalls,
    }
}
