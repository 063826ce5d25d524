//! Services that citizens wait for while no open window serves them. The balancer never brings that about; a
//! manager may, and is told: with the answer to the order, and on the page for as long as it is so.

use hall_core::plan::Service;
use hall_core::refusal::Language;
use hall_core::view::HallView;
use hall_protocol::payload::WindowMode;
use serde_json::{Value, json};

use crate::web::text::{UNSERVED, named};

/// All of them, with how many wait. Before the first window opens they are only those that none is given.
pub(super) fn unserved(view: &HallView) -> impl Iterator<Item = (&Service, u32)> {
    let closed = view.windows.iter().all(|window| window.mode == WindowMode::Closed);
    let is_served = move |service: &Service| {
        let mut open = view.windows.iter().filter(|window| closed || window.mode != WindowMode::Closed);
        open.any(|window| window.services.has(service.id))
    };
    let waiting = view.plan.services().iter().map(|service| (service, view.queue(service.id).waiting));
    waiting.filter(move |(service, waiting)| *waiting > 0 && !is_served(service))
}

/// What the answer to an order says of them.
pub(in crate::web) fn warnings(view: &HallView) -> Vec<Value> {
    let said = |(service, waiting): (&Service, u32)| {
        let [zh, en] = [Language::Zh, Language::En].map(|language| {
            let name = named(&service.name, language);
            UNSERVED.fill(language, &[("service", name), ("n", &waiting.to_string())])
        });
        json!({ "code": "service_unserved", "service": service.id, "zh": zh, "en": en })
    };
    unserved(view).map(said).collect()
}
