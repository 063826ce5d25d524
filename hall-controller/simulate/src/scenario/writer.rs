//! The JSON form of a scenario, written.

use std::collections::BTreeMap;

use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::Class;
use serde::Serialize;

use super::{Requirement, Scenario, Service, Window};

/// As in the description of the form, in its order.
#[derive(Serialize)]
struct Form<'a> {
    name: &'a str,
    opens: String,
    closes: String,
    slot_minutes: f64,
    changeover_minutes: f64,
    services: Vec<ServiceForm>,
    windows: Vec<WindowForm>,
}

#[derive(Serialize)]
struct ServiceForm {
    id: ServiceId,
    arrivals_per_slot: Vec<f64>,
    service_minutes: RequirementForm,
    target_minutes: f64,
    patience_minutes: Option<f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    classes: BTreeMap<Class, f64>,
}

#[derive(Serialize)]
struct RequirementForm {
    distribution: &'static str,
    mean: f64,
    cv: f64,
}

#[derive(Serialize)]
struct WindowForm {
    id: WindowId,
    primary: Vec<ServiceId>,
    skills: Vec<ServiceId>,
    open: Vec<[String; 2]>,
    speed: f64,
}

pub(super) fn write(scenario: &Scenario) -> Result<String, serde_json::Error> {
    let Scenario { name, opens, closes, slot_minutes, changeover_minutes, services, windows } = scenario;
    let mut json = serde_json::to_string_pretty(&Form {
        name,
        opens: clock(*opens),
        closes: clock(*closes),
        slot_minutes: *slot_minutes,
        changeover_minutes: rounded(*changeover_minutes),
        services: services.iter().map(service).collect(),
        windows: windows.iter().map(|planned| window(planned, services)).collect(),
    })?;
    json.push('\n');
    Ok(json)
}

fn service(service: &Service) -> ServiceForm {
    let (mean, cv) = match service.requirement {
        Requirement::Lognormal { mean, cv } => (mean, cv),
        // The form has no other; this one has the same mean and variation.
        Requirement::Exponential { mean } => (mean, 1.0),
    };
    ServiceForm {
        id: service.id,
        arrivals_per_slot: service.arrivals_per_slot.iter().map(|expected| rounded(*expected)).collect(),
        service_minutes: RequirementForm { distribution: "lognormal", mean: rounded(mean), cv: rounded(cv) },
        target_minutes: rounded(service.target_minutes),
        patience_minutes: service.patience_minutes.map(rounded),
        classes: service.classes.iter().map(|(class, share)| (*class, rounded(*share))).collect(),
    }
}

fn window(window: &Window, services: &[Service]) -> WindowForm {
    let ids = |places: &[usize]| places.iter().map(|place| services[*place].id).collect();
    WindowForm {
        id: window.id,
        primary: ids(&window.primary),
        skills: ids(&window.skills),
        open: window.open.iter().map(|(from, until)| [clock(*from), clock(*until)]).collect(),
        speed: rounded(window.speed),
    }
}

/// To a ten-thousandth: no mean is known better.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Such as `09:05`.
fn clock(minute: f64) -> String {
    let hour = (minute / 60.0).floor();
    format!("{hour:02.0}:{:02.0}", (minute - hour * 60.0).floor())
}
