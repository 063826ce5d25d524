//! The tables `[[zone]]`, `[[service]]` and `[[kiosk]]`, with `[[window]]` of `windows` and `[[clerk]]` of
//! `clerks`: the hall's plan.
//!
//! The core checks a plan again when it is made; here every fault is found at once, with its line.

mod clerks;
mod leased;
mod slots;
mod windows;

use std::ops::RangeInclusive;

use hall_core::plan::{
    Calendar, Clerk, FourDigits, Kiosk, Name, Plan, PlanError, PlanParts, Policy, Service, Window, Zone,
    only_ordinary,
};
use hall_protocol::id::{HallId, ServiceId};
use hall_protocol::number::{NumberError, Prefix};
use hall_protocol::payload::{Class, MENU_SERVICES_MAX};

use super::calendar;
use super::errors::{Words, words};
use super::reader::{Place, Table, Value, quoted};
use super::values::{Names, id, name, one_of};
use crate::wall::Shows;

/// The longest name of a zone or service on the wire, in bytes (`MenuService::zh`).
pub(super) const NAME_BYTES_MAX: usize = 48;

/// Users of the broker that are no devices; `deploy/mosquitto/hall.acl` gives them rights.
const RESERVED_IDS: [&str; 4] = ["controller", "pages", "technician", "integrator"];

/// Minutes a service may promise: nobody waits longer than a working day.
const TARGET_MINUTES: RangeInclusive<i64> = 1..=480;

/// What most halls promise: to be called within a quarter of an hour.
const TARGET_MINUTES_DEFAULT: u16 = 15;

/// Seconds a service may usually take: what takes two hours teaches the hall nothing any more.
const USUAL_SECONDS: RangeInclusive<i64> = 10..=7_200;

/// Numbers of each service a kiosk may keep for times when the line is down: a busy one prints 200
/// in an hour, and three digits hold 999 for the whole hall.
const LEASE: RangeInclusive<i64> = 0..=200;

/// Most halls: a kiosk prints so many of one service in a quarter of an hour.
const LEASE_DEFAULT: u16 = 20;

/// How classes for the staff to confirm are listed.
const TO_CONFIRM: &str = "[\"disabled\", \"serviceman\"]";

/// How services are listed.
pub(super) const SERVICES: &str = "[\"social\", \"tax\"]";

/// The parts of the plan, as far as they can be read.
pub(super) struct Parts {
    zones: Vec<Zone>,
    services: Vec<Service>,
    windows: Vec<Window>,
    kiosks: Vec<Kiosk>,
    clerks: Vec<Clerk>,
    /// The hall's, for services that say nothing else.
    last_ticket_minutes: u16,
    /// The ids of zones, also of those that are wrong in another way; so below.
    pub(super) zone_ids: Names,
    pub(super) service_ids: Names,
    /// The ids of windows, kiosks and signs: each is a name of a device on MQTT.
    pub(super) device_ids: Names,
}

impl Parts {
    /// Read the tables and check them against each other.
    pub(super) fn of(root: &Table<'_>, last_ticket_minutes: u16) -> Self {
        let mut parts = Self {
            zones: Vec::new(),
            services: Vec::new(),
            windows: Vec::new(),
            kiosks: Vec::new(),
            clerks: Vec::new(),
            last_ticket_minutes,
            zone_ids: Names::default(),
            service_ids: Names::default(),
            device_ids: Names::default(),
        };
        for table in root.some("zone") {
            let zone = zone(&table, &mut parts.zone_ids);
            parts.zones.extend(zone);
            table.finish();
        }
        let mut prefixes = Vec::new();
        let mut services = Vec::new();
        for table in root.some("service") {
            let service = service(&table, &mut parts, &mut prefixes);
            parts.services.extend(service);
            table.finish();
            services.push(table);
        }
        let mut every_list_is_right = true;
        for table in root.some("window") {
            let window = windows::of(&table, &mut parts);
            every_list_is_right &= window.is_some();
            parts.windows.extend(window);
            table.finish();
        }
        for table in root.each("kiosk") {
            let kiosk = kiosk(&table, &mut parts);
            parts.kiosks.extend(kiosk);
            table.finish();
        }
        parts.clerks = clerks::of(root, &parts.service_ids);
        // A window whose list is wrong may be meant to serve it.
        if every_list_is_right && !parts.windows.is_empty() {
            parts.report_unserved(&services);
        }
        leased::warn_of_few_numbers(&parts.services, &parts.kiosks, &services);
        parts
    }

    fn report_unserved(&self, tables: &[Table<'_>]) {
        let served = |id: &str| {
            self.windows.iter().flat_map(Window::all_services).any(|service| service.as_str() == id)
        };
        for table in tables {
            let id = table.optional("id", "").and_then(|value| id::<ServiceId>(&value));
            if id.is_some_and(|id| !served(id.as_str())) {
                table.wrong(
                    words!(
                        "没有窗口办理此事项：取号的群众将一直等下去",
                        "no window serves it: its citizens would wait for ever"
                    ),
                    words!("请把它加入某个窗口的 services", "add it to the services of a window"),
                );
            }
        }
    }

    /// The characters of the longest number a sign has to show; `None` while that is not known.
    pub(super) fn number_chars(&self, shows: Shows) -> Option<usize> {
        let chars = |service: &Service| service.prefix.as_str().len() + usize::from(digits(service));
        self.called_at(shows).map(chars).max()
    }

    /// The digits of the longest number a sign has to show; `None` while that is not known.
    pub(super) fn number_digits(&self, shows: Shows) -> Option<u16> {
        self.called_at(shows).map(digits).max()
    }

    /// The services whose numbers a sign shows.
    fn called_at(&self, shows: Shows) -> impl Iterator<Item = &Service> {
        let called_there = move |service: &&Service| match shows {
            Shows::Zone(zone) => service.zone == zone,
            Shows::Window(window) => self
                .windows
                .iter()
                .find(|known| known.id == window)
                .is_some_and(|window| window.has(service.id)),
        };
        self.services.iter().filter(called_there)
    }

    /// The plan, of parts in which nothing was found wrong.
    pub(super) fn plan(
        self,
        root: &Table<'_>,
        (hall, name): (HallId, Name),
        calendar: Calendar,
        policy: Policy,
    ) -> Option<Plan> {
        let Self { zones, services, windows, kiosks, clerks, .. } = self;
        let parts = PlanParts { hall, name, zones, services, windows, kiosks, clerks, calendar, policy };
        let wrong = |error: PlanError| {
            // Every fault is found above; what the core finds beyond is told in its own words.
            let problem = words!("各部分互相矛盾（{error}）", "{error}");
            root.wrong_key("hall", problem, words!("请更正所指的部分", "mend the parts named"));
        };
        Plan::new(parts).map_err(wrong).ok()
    }
}

/// Give the id of a window, kiosk or sign.
pub(super) fn give_device_id(ids: &mut Names, value: &Value<'_>, what: &'static str) {
    match value.text() {
        Some(text) if RESERVED_IDS.contains(&text) => value.wrong(
            words!(
                "{text} 是消息服务器的用户，不是设备",
                "{text} is a user of the broker and no device",
                text = quoted(text)
            ),
            Words { zh: "请另写编号".to_owned(), en: format!("write another id for this {what}") },
        ),
        _ => ids.give(value, what),
    }
}

fn zone(table: &Table<'_>, ids: &mut Names) -> Option<Zone> {
    let asked = table.required("id", "\"A\"");
    let id = asked.as_ref().and_then(id);
    if let (Some(value), Some(_)) = (&asked, id) {
        ids.give(value, "zone");
    }
    let name = name(table, NAME_BYTES_MAX, "\"A区\"", "\"Zone A\"");
    Some(Zone { id: id?, name: name? })
}

fn service(table: &Table<'_>, parts: &mut Parts, prefixes: &mut Vec<(Prefix, Place)>) -> Option<Service> {
    let asked = table.required("id", "\"social\"");
    let id = asked.as_ref().and_then(id);
    if let (Some(value), Some(_)) = (&asked, id) {
        parts.service_ids.give(value, "service");
    }
    let name = name(table, NAME_BYTES_MAX, "\"社会保险\"", "\"Social insurance\"");
    let prefix = table.required("prefix", "\"A\"").and_then(|value| prefix(&value, prefixes));
    let digits = match table.optional("digits", "3") {
        Some(value) => value.number(&(3..=4), "a number of digits").map(|digits| FourDigits(digits == 4)),
        None => Some(FourDigits(false)),
    };
    let zone = table.required("zone", "\"A\"").and_then(|value| parts.zone_ids.refer(&value, "zone"));
    let hours = calendar::hours(table);
    let numbers = digits.map(|digits| digits.digits().last().into());
    let limits = calendar::limits(table, parts.last_ticket_minutes, numbers);
    let slots = match table.optional("slots", slots::EXAMPLE) {
        Some(value) => slots::of(&value, hours.as_ref()),
        None => Some(Vec::new()),
    };
    let target_minutes = match table.optional("target_minutes", "15") {
        Some(value) => value.small(&TARGET_MINUTES, "minutes"),
        None => Some(TARGET_MINUTES_DEFAULT),
    };
    let usual_seconds = match table.optional("usual_seconds", "480") {
        Some(value) => value.small(&USUAL_SECONDS, "seconds").map(Some),
        None => Some(None),
    };
    Some(Service {
        id: id?,
        name: name?,
        prefix: prefix?,
        digits: digits?,
        zone: zone?,
        hours: hours?,
        limits: limits?,
        slots: slots?,
        target_minutes: target_minutes?,
        usual_seconds: usual_seconds?,
    })
}

fn prefix(value: &Value<'_>, prefixes: &mut Vec<(Prefix, Place)>) -> Option<Prefix> {
    let text = value.text()?;
    let Ok(prefix) = Prefix::new(text) else {
        let text = quoted(text);
        let problem = Words {
            zh: format!("{text} 不能作号码的字母"),
            en: format!("{text} is no beginning of a number: {}", NumberError::Prefix),
        };
        let remedy = words!(
            "请写一个或两个大写字母，例如 \"A\" 或 \"SB\"",
            "write one or two capital letters, such as \"A\" or \"SB\""
        );
        value.wrong(problem, remedy);
        return None;
    };
    if let Some((_, other)) = prefixes.iter().find(|(known, _)| *known == prefix) {
        let problem = words!(
            "第 {line} 行的 {key} 也是 \"{prefix}\"：两者的号码会相同",
            "{key} on line {line} is \"{prefix}\" too: their numbers would be the same",
            key = other.key,
            line = other.line
        );
        value.wrong(problem, words!("请写别的字母", "write other letters"));
        return None;
    }
    prefixes.push((prefix, value.place().clone()));
    Some(prefix)
}

fn kiosk(table: &Table<'_>, parts: &mut Parts) -> Option<Kiosk> {
    let asked = table.required("id", "\"K1\"");
    let id = asked.as_ref().and_then(id);
    if let (Some(value), Some(_)) = (&asked, id) {
        give_device_id(&mut parts.device_ids, value, "kiosk");
    }
    let given = table.optional("services", SERVICES);
    let services = match &given {
        Some(value) => services(value, &parts.service_ids),
        None => Some(parts.service_ids.all("service").filter_map(|id| id.parse().ok()).collect()),
    };
    let services = services.filter(|services| {
        let count = services.len();
        let fits = count <= MENU_SERVICES_MAX;
        match &given {
            _ if fits => {}
            Some(value) => value.wrong(
                words!(
                    "这里有 {count} 个事项，取号机屏幕最多 {MENU_SERVICES_MAX} 个",
                    "there are {count} services, and a kiosk's screen holds {MENU_SERVICES_MAX}"
                ),
                words!("请少写一些，其余写在另一台取号机", "write fewer, and the others at another kiosk"),
            ),
            None => table.wrong_key(
                "services",
                words!(
                    "不写此项即提供全部 {count} 个事项，而取号机屏幕最多 {MENU_SERVICES_MAX} 个",
                    "without this key it offers all {count} services, and a kiosk's screen holds {MENU_SERVICES_MAX}"
                ),
                words!(
                    "请写 services = {SERVICES}，最多 {MENU_SERVICES_MAX} 个",
                    "write services = {SERVICES}, at most {MENU_SERVICES_MAX}"
                ),
            ),
        }
        fits
    });
    let classes = match table.optional("classes", "[\"ordinary\", \"elderly\"]") {
        Some(value) => {
            let instead = words!(
                "请写 classes = [\"ordinary\", \"elderly\"]，或不写此项",
                "write classes = [\"ordinary\", \"elderly\"], or leave the key out"
            );
            classes(&value, instead)
        }
        None => Some(only_ordinary()),
    };
    let classes_to_confirm = match table.optional("classes_to_confirm", TO_CONFIRM) {
        Some(value) => classes_to_confirm(&value, classes.as_deref().unwrap_or_default()),
        None => Some(Vec::new()),
    };
    let lease = match table.optional("lease", "20") {
        Some(value) => value.small(&LEASE, "numbers"),
        None => Some(LEASE_DEFAULT),
    };
    Some(Kiosk {
        id: id?,
        services: services?,
        classes: classes?,
        classes_to_confirm: classes_to_confirm?,
        lease: lease?,
    })
}

/// The classes the staff have to confirm, none of which the kiosk grants by itself.
fn classes_to_confirm(value: &Value<'_>, granted: &[Class]) -> Option<Vec<Class>> {
    let instead = words!(
        "没有则不写此项，或写 {TO_CONFIRM}",
        "leave the key out if there is none, or write {TO_CONFIRM}"
    );
    let read = classes(value, instead)?;
    for (item, class) in value.items()?.iter().zip(&read) {
        if granted.contains(class) {
            item.wrong(
                words!(
                    "此类别已在 classes 中，取号机无需工作人员即可给予",
                    "this class is in classes already, so the kiosk grants it without the staff"
                ),
                words!("请从两个列表之一中去掉", "leave it out of one of the two lists"),
            );
            return None;
        }
    }
    Some(read)
}

/// Classes of citizens; `instead` is what to do about a list without any.
fn classes(value: &Value<'_>, instead: Words) -> Option<Vec<Class>> {
    let items = value.items()?;
    if items.is_empty() {
        value.wrong(words!("列表为空", "the list is empty"), instead);
        return None;
    }
    let known = [
        ("ordinary", Class::Ordinary),
        ("elderly", Class::Elderly),
        ("disabled", Class::Disabled),
        ("pregnant", Class::Pregnant),
        ("serviceman", Class::Serviceman),
        ("returning", Class::Returning),
    ];
    let read: Vec<Class> = items.iter().filter_map(|item| one_of(item, &known)).collect();
    (read.len() == items.len()).then_some(read)
}

pub(super) fn services(value: &Value<'_>, known: &Names) -> Option<Vec<ServiceId>> {
    let items = value.items()?;
    if items.is_empty() {
        value.wrong_for_example(words!("列表为空", "the list is empty"));
        return None;
    }
    let mut all: Vec<ServiceId> = Vec::new();
    for item in &items {
        let Some(service) = known.refer(item, "service") else { continue };
        if all.contains(&service) {
            item.wrong(
                words!("列表中 \"{service}\" 出现两次", "\"{service}\" is in the list twice"),
                words!("请删去其中一个", "remove one of the two"),
            );
        } else {
            all.push(service);
        }
    }
    (all.len() == items.len()).then_some(all)
}

/// How many digits a service's numbers have.
fn digits(service: &Service) -> u16 {
    if service.digits == FourDigits(true) { 4 } else { 3 }
}
