//! What a ticket is for after what it is for now. Nearly all have nothing, so nothing takes one pointer.

use std::ops::Deref;

use hall_protocol::id::ServiceId;
use serde::{Deserialize, Serialize};

/// Further services of a ticket, in their order. Written as the list it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<ServiceId>", into = "Vec<ServiceId>")]
#[expect(clippy::box_collection, reason = "8 bytes instead of 24 in each of a million tickets")]
pub struct Matters(Option<Box<Vec<ServiceId>>>);

impl Matters {
    /// None at all.
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn push(&mut self, service: ServiceId) {
        self.0.get_or_insert_default().push(service);
    }

    /// Those that are not so are gone.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&ServiceId) -> bool) {
        let mut list = Vec::from(std::mem::take(self));
        list.retain(keep);
        *self = list.into();
    }

    /// The first `count` are gone.
    pub(crate) fn drop_first(&mut self, count: usize) {
        *self = self.iter().skip(count).copied().collect::<Vec<_>>().into();
    }
}

impl Deref for Matters {
    type Target = [ServiceId];

    fn deref(&self) -> &[ServiceId] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl From<Vec<ServiceId>> for Matters {
    fn from(list: Vec<ServiceId>) -> Self {
        Self((!list.is_empty()).then(|| Box::new(list)))
    }
}

impl From<Matters> for Vec<ServiceId> {
    fn from(matters: Matters) -> Self {
        matters.0.map(|list| *list).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &[&str]) -> Vec<ServiceId> {
        list.iter().map(|id| id.parse().unwrap()).collect()
    }

    #[test]
    fn none_after_the_last_is_as_none_from_the_first() {
        let mut matters = Matters::from(ids(&["tax", "visa", "car"]));
        matters.retain(|matter| matter.as_str() != "visa");
        assert_eq!(*matters, ids(&["tax", "car"])[..]);
        matters.drop_first(2);
        assert_eq!(matters, Matters::NONE);
        matters.push("visa".parse().unwrap());
        assert_eq!(serde_json::to_string(&matters).unwrap(), r#"["visa"]"#);
        for written in ["[]", r#"["tax","visa"]"#] {
            let read: Matters = serde_json::from_str(written).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), written);
        }
    }
}
