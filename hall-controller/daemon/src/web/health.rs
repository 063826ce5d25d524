//! For monitoring: metrics in Prometheus' text format, and whether the hall can record.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use hall_core::view::{HallView, LeaseTotals, Totals};
use hall_protocol::payload::WindowMode;
use hall_signs::bus::Noise;

use super::{STREAMS_MAX, Site};
use crate::mqtt::link::LinkFigures;
use crate::wall::{EchoFaults, Health, SignWall};

/// `GET /health`: 200 `ok`, with a further line if the machine's clock was set back, or 503 with a
/// sentence a line: the journal's trouble, and after `mqtt:` that the broker is away, or does not answer.
///
/// Without the broker windows on serial lines and signs go on, but no kiosk and no pad on MQTT does.
pub(super) async fn health(State(site): State<Arc<Site>>) -> Response {
    let journal = site.state.trouble.borrow().clone();
    let figures = (site.state.link)();
    let silent = figures.silent.map(|silent| {
        format!(
            "mqtt: the broker has not answered for {} s though the link is up, so kiosks and pads hear nothing; see \
             whether its machine stands still, and whether its access rules let the controller write and read \
             controller/pulse",
            silent.as_secs()
        )
    });
    let mqtt = figures.down.map(|down| {
        format!(
            "mqtt: the link to the broker has been down for {} s, so kiosks and pads hear nothing; see \
             whether the broker runs, and whether [mqtt] in hall.toml has its address and password",
            down.as_secs()
        )
    });
    let troubles: String =
        journal.into_iter().chain(mqtt).chain(silent).map(|sentence| sentence + "\n").collect();
    if troubles.is_empty() {
        let behind = site.state.clock.behind(site.state.view.borrow().at);
        let warning = behind.map_or(String::new(), |behind| format!("warning: {behind}\n"));
        return format!("ok\n{warning}").into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, troubles).into_response()
}

/// `GET /metrics`.
pub(super) async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let view = Arc::clone(&site.state.view.borrow());
    let wall = Arc::clone(&site.state.signs.borrow());
    let mut page = Page::default();
    counted(&mut page, &site);
    hall(&mut page, &view);
    signs(&mut page, &wall);
    mqtt(&mut page, (site.state.link)());
    page.family("hall_storage_trouble", "gauge", "1 while the journal cannot be written.");
    page.sample("hall_storage_trouble", &[], u8::from(site.state.trouble.borrow().is_some()));
    let behind_s = site.state.clock.behind(view.at).map_or(0, |behind| behind.seconds());
    page.family(
        "hall_clock_behind_seconds",
        "gauge",
        "How far the machine's clock was set back behind the hall's.",
    );
    page.sample("hall_clock_behind_seconds", &[], behind_s);
    page.family("hall_web_streams", "gauge", "Pages that follow events.");
    page.sample("hall_web_streams", &[], STREAMS_MAX.saturating_sub(site.streams.available_permits()));
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.0).into_response()
}

fn counted(page: &mut Page, site: &Site) {
    let metrics = &site.state.metrics;
    page.family("hall_events_total", "counter", "What was counted, under fixed words.");
    for ((name, reason), count) in metrics.counts() {
        page.sample("hall_events_total", &[("name", name), ("reason", reason)], count);
    }
    page.family(
        "hall_press_to_sign_ms",
        "gauge",
        "From a press to the sign's acknowledgement, latest presses.",
    );
    for (label, quantile) in [("0.5", 0.5), ("0.9", 0.9), ("0.99", 0.99)] {
        if let Some(ms) = metrics.press_to_sign_ms(quantile) {
            page.sample("hall_press_to_sign_ms", &[("quantile", label)], ms);
        }
    }
}

fn hall(page: &mut Page, view: &HallView) {
    let Totals { issued, waiting, called, serving, finished, missed, expired, parked, cancelled } =
        view.totals;
    page.family("hall_tickets_issued", "gauge", "Tickets of the business day.");
    page.sample("hall_tickets_issued", &[], issued);
    page.family("hall_tickets", "gauge", "Tickets of the business day by state; they sum to those issued.");
    for (state, count) in [
        ("waiting", waiting),
        ("called", called),
        ("serving", serving),
        ("finished", finished),
        ("missed", missed),
        ("expired", expired),
        ("parked", parked),
        ("cancelled", cancelled),
    ] {
        page.sample("hall_tickets", &[("state", state)], count);
    }
    let LeaseTotals { leased, handed_in, returned, written_off } = view.leases;
    page.family(
        "hall_numbers_leased",
        "gauge",
        "Numbers kiosks might print by themselves, of the business day.",
    );
    page.sample("hall_numbers_leased", &[], leased);
    page.family("hall_numbers_accounted", "gauge", "Of the leased numbers, what became of them.");
    for (state, count) in [("handed_in", handed_in), ("returned", returned), ("written_off", written_off)] {
        page.sample("hall_numbers_accounted", &[("state", state)], count);
    }
    page.family("hall_service_waiting", "gauge", "Citizens waiting.");
    for (planned, service) in view.plan.services().iter().zip(&view.services) {
        page.sample("hall_service_waiting", &[("service", planned.id.as_str())], service.waiting);
    }
    page.family("hall_windows", "gauge", "Windows by what they are doing.");
    for (label, mode) in
        [("open", WindowMode::Open), ("paused", WindowMode::Paused), ("closed", WindowMode::Closed)]
    {
        let count = view.windows.iter().filter(|window| window.mode == mode).count();
        page.sample("hall_windows", &[("mode", label)], count);
    }
    page.family("hall_journal_seq", "counter", "Events on disk.");
    page.sample("hall_journal_seq", &[], view.seq);
}

fn signs(page: &mut Page, wall: &SignWall) {
    page.family("hall_sign_health", "gauge", "1 for the health a sign has: ok, late or dark.");
    for sign in &wall.signs {
        for (label, has) in [
            ("ok", sign.health == Health::Ok),
            ("late", sign.health == Health::Late),
            ("dark", matches!(sign.health, Health::Dark(_))),
        ] {
            let labels = [("sign", sign.id.as_str()), ("health", label)];
            page.sample("hall_sign_health", &labels, u8::from(has));
        }
    }
    page.family("hall_sign_timeouts_total", "counter", "Requests a sign did not answer in time.");
    for sign in &wall.signs {
        page.sample("hall_sign_timeouts_total", &[("sign", sign.id.as_str())], sign.timeouts);
    }
    page.family("hall_sign_refusals_total", "counter", "Requests a sign refused.");
    for sign in &wall.signs {
        page.sample("hall_sign_refusals_total", &[("sign", sign.id.as_str())], sign.refusals);
    }
    page.family("hall_lines_closed", "gauge", "Serial lines whose port is not open.");
    page.sample("hall_lines_closed", &[], wall.closed_lines.len());
    page.family("hall_line_noise_total", "counter", "Heard on a serial line and no answer to anything.");
    for line in &wall.noise {
        let Noise { broken_frames, stray_replies } = line.get();
        let EchoFaults { spoiled, missing } = line.echo();
        for (kind, count) in [
            ("broken_frames", broken_frames),
            ("stray_replies", stray_replies),
            ("echo_spoiled_bytes", spoiled),
            ("echo_missing_bytes", missing),
        ] {
            page.sample("hall_line_noise_total", &[("port", &line.port), ("kind", kind)], count);
        }
    }
}

fn mqtt(page: &mut Page, figures: LinkFigures) {
    let LinkFigures {
        down,
        silent,
        reconnects,
        published,
        outgoing_dropped,
        oversized,
        refused,
        received,
        incoming_dropped,
        standstills,
    } = figures;
    page.family("hall_mqtt_connected", "gauge", "1 while the link to the broker is up.");
    page.sample("hall_mqtt_connected", &[], u8::from(down.is_none()));
    page.family(
        "hall_mqtt_silent_seconds",
        "gauge",
        "For how long the broker has answered no pulse, if for long.",
    );
    page.sample("hall_mqtt_silent_seconds", &[], silent.map_or(0, |silent| silent.as_secs()));
    page.family("hall_mqtt_total", "counter", "What the link to the broker has counted.");
    for (what, count) in [
        ("reconnects", reconnects),
        ("published", published),
        ("outgoing_dropped", outgoing_dropped),
        ("oversized", oversized),
        ("refused", refused),
        ("received", received),
        ("incoming_dropped", incoming_dropped),
        ("standstills", standstills),
    ] {
        page.sample("hall_mqtt_total", &[("what", what)], count);
    }
}

/// A page in Prometheus' text format. Label values may hold what a port's path holds.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels =
            labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect::<Vec<_>>();
        let _ = match labels.as_slice() {
            [] => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{}}} {value}", labels.join(",")),
        };
    }
}

/// A label's value as the text format wants it (Prometheus, exposition formats, 0.0.4).
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
