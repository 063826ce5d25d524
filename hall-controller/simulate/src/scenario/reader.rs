//! The JSON form of a scenario, field by field.

use std::collections::BTreeMap;

use hall_protocol::id::ServiceId;
use hall_protocol::payload::Class;
use serde_json::{Value, json};

use super::fields::{Field, ScenarioError};
use super::{Requirement, Scenario, Service, Window};

/// Two letters name a service's numbers.
const SERVICES_MAX: usize = 26 * 26;
/// A service has numbers of four digits for a day; some room for a day with more than expected.
const ARRIVALS_MAX: f64 = 9_000.0;
const WINDOWS_MAX: usize = 10_000;
/// A day.
const MINUTES_MAX: f64 = 24.0 * 60.0;
/// No service shorter than a second.
const SERVICE_MINUTES_MIN: f64 = 1.0 / 60.0;
/// What rounding may add to shares that are 1 together.
const SHARES_ROUNDED: f64 = 1e-3;

pub(super) fn read(value: &Value) -> Result<Scenario, ScenarioError> {
    let root = Field::root(value);
    let name = root.get("name")?.text()?.to_owned();
    let opens = root.get("opens")?.clock()?;
    let closes_field = root.get("closes")?;
    let closes = closes_field.clock()?;
    if closes <= opens {
        return Err(closes_field.must_be("later than opens"));
    }
    let slot_minutes = root.get("slot_minutes")?.number(1.0, MINUTES_MAX)?;
    let changeover_minutes = root.get("changeover_minutes")?.number(0.0, 60.0)?;
    let slots = count((closes - opens) / slot_minutes);
    let mut services = Vec::new();
    let mut known = BTreeMap::new();
    let list = root.get("services")?;
    for field in list.some()? {
        let service = service(&field, slots)?;
        if known.insert(service.id, services.len()).is_some() {
            return Err(field.get("id")?.must_be("an id of its own"));
        }
        services.push(service);
    }
    if services.len() > SERVICES_MAX {
        return Err(list.must_be(format!("a list of at most {SERVICES_MAX} services")));
    }
    let mut windows: Vec<Window> = Vec::new();
    let list = root.get("windows")?;
    for field in list.some()? {
        windows.push(window(&field, &known)?);
    }
    if windows.len() > WINDOWS_MAX {
        return Err(list.must_be(format!("a list of at most {WINDOWS_MAX} windows")));
    }
    let mut ids = std::collections::BTreeSet::new();
    for (window, field) in windows.iter().zip(list.list()?) {
        if !ids.insert(window.id) {
            return Err(field.get("id")?.must_be("an id of its own"));
        }
    }
    Ok(Scenario { name, opens, closes, slot_minutes, changeover_minutes, services, windows })
}

/// How many slots cover the day.
fn count(slots: f64) -> usize {
    let (mut count, mut covered) = (0, 0.0);
    while covered < slots {
        count += 1;
        covered += 1.0;
    }
    count
}

fn service(field: &Field<'_>, slots: usize) -> Result<Service, ScenarioError> {
    let id = field.get("id")?.parsed("an id")?;
    let list = field.get("arrivals_per_slot")?;
    let arrivals = list.list()?.iter().map(|n| n.number(0.0, ARRIVALS_MAX)).collect::<Result<Vec<_>, _>>()?;
    if arrivals.len() != slots {
        return Err(list.must_be(format!("a list of {slots} numbers, one a slot of the day")));
    }
    if arrivals.iter().sum::<f64>() > ARRIVALS_MAX {
        return Err(list.must_be(format!(
            "at most {ARRIVALS_MAX} arrivals a day together: a service's numbers have four digits"
        )));
    }
    let patience = field.get("patience_minutes")?;
    let patience_minutes =
        if patience.is_null() { None } else { Some(patience.number(0.01, 100.0 * MINUTES_MAX)?) };
    Ok(Service {
        id,
        arrivals_per_slot: arrivals,
        requirement: requirement(&field.get("service_minutes")?)?,
        target_minutes: field.get("target_minutes")?.number(0.01, MINUTES_MAX)?,
        patience_minutes,
        classes: classes(field)?,
    })
}

/// The shares of the priority classes, if the scenario knows any.
fn classes(service: &Field<'_>) -> Result<Vec<(Class, f64)>, ScenarioError> {
    let Some(field) = service.find("classes")? else { return Ok(Vec::new()) };
    let named = |class: &Class| (json!(class), *class);
    let priority: Vec<(Value, Class)> =
        Class::ALL.iter().filter(|class| class.is_priority()).map(named).collect();
    let mut classes = Vec::new();
    for (name, share) in field.members()? {
        let Some((_, class)) = priority.iter().find(|(known, _)| known == name) else {
            let known: Vec<String> = priority.iter().map(|(known, _)| known.to_string()).collect();
            return Err(field.must_be(format!("shares of {}", known.join(", "))));
        };
        classes.push((*class, share.number(0.0, 1.0)?));
    }
    if classes.iter().map(|(_, share)| share).sum::<f64>() > 1.0 + SHARES_ROUNDED {
        return Err(field.must_be("shares of at most 1 together"));
    }
    classes.sort_by_key(|(class, _)| *class);
    Ok(classes)
}

fn requirement(field: &Field<'_>) -> Result<Requirement, ScenarioError> {
    let distribution = field.get("distribution")?;
    if distribution.text()? != "lognormal" {
        return Err(distribution.must_be("\"lognormal\""));
    }
    let mean = field.get("mean")?.number(SERVICE_MINUTES_MIN, MINUTES_MAX)?;
    Ok(Requirement::Lognormal { mean, cv: field.get("cv")?.number(0.0, 10.0)? })
}

fn window(field: &Field<'_>, known: &BTreeMap<ServiceId, usize>) -> Result<Window, ScenarioError> {
    let skills = places(&field.get("skills")?, known)?;
    let list = field.get("primary")?;
    let primary = places(&list, known)?;
    for (place, field) in primary.iter().zip(list.list()?) {
        if !skills.contains(place) {
            return Err(field.must_be("one of the window's skills"));
        }
    }
    let mut open: Vec<(f64, f64)> = Vec::new();
    for interval in field.get("open")?.list()? {
        let ends = interval.list()?;
        let [from, until] = &ends[..] else {
            return Err(interval.must_be("two times, from and until"));
        };
        let (from, until) = (from.clock()?, until.clock()?);
        if from >= until || open.last().is_some_and(|(_, before)| *before > from) {
            return Err(interval.must_be("an interval that ends after it begins, after the one before"));
        }
        open.push((from, until));
    }
    let speed = field.get("speed")?.number(0.01, 100.0)?;
    Ok(Window { id: field.get("id")?.parsed("an id")?, primary, skills, open, speed })
}

/// The services a list names, by their places.
fn places(field: &Field<'_>, known: &BTreeMap<ServiceId, usize>) -> Result<Vec<usize>, ScenarioError> {
    let mut places = Vec::new();
    for named in field.some()? {
        let id = named.parsed("the id of a service")?;
        let place = *known.get(&id).ok_or_else(|| named.must_be("the id of one of the services"))?;
        if places.contains(&place) {
            return Err(named.must_be("named once only"));
        }
        places.push(place);
    }
    Ok(places)
}
