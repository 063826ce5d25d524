//! What services and windows are called in a sentence: by their names in the plan, since nobody in the
//! hall knows their ids.

use hall_protocol::id::{ServiceId, WindowId};

use super::Language;
use crate::plan::Plan;

/// The names in one language; what the plan does not have keeps its id.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) plan: Option<&'a Plan>,
    pub(super) language: Language,
}

impl Names<'_> {
    pub(super) fn service(self, id: ServiceId) -> String {
        let name = self.plan.and_then(|plan| plan.service(id)).map(|service| &service.name);
        let name = name.map(|name| match self.language {
            Language::Zh => &name.zh,
            Language::En => &name.en,
        });
        name.filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| id.to_string())
    }

    pub(super) fn window(self, id: WindowId) -> String {
        let planned = self.plan.and_then(|plan| plan.window(id));
        planned.map_or_else(|| id.to_string(), |window| window.label.clone())
    }
}
