//! The sentences of emergency texts, which stand before every call.

use hall_core::emergency::Grounds;
use hall_core::event::Event;
use hall_protocol::id::ZoneId;

use super::Words;

/// What the event says; `None` for kinds told elseplacee.
pub(super) fn what(event: &Event, words: &Words<'_>) -> Option<String> {
    let said = match event {
        Event::EmergencyDeclared { text, zones, grounds } => {
            let (zh, en) = (text.zh(), if text.en().is_empty() { text.zh() } else { text.en() });
            let (place, who) = (places(zones, words), who(grounds, words));
            words.either(
                format!("{place}发布紧急通知“{zh}”{who}"),
                format!("An emergency text was put up {place}: \"{en}\"{who}"),
            )
        }
        Event::EmergencyCleared { zones, grounds } => {
            let (place, who) = (places(zones, words), who(grounds, words));
            words.either(
                format!("{place}解除紧急通知{who}"),
                format!("The emergency text was taken down {place}{who}"),
            )
        }
        _ => return None,
    };
    Some(said)
}

fn places(zones: &[ZoneId], words: &Words<'_>) -> String {
    let name = |id: &ZoneId| {
        let name = words.plan.and_then(|plan| plan.zone(*id)).map(|zone| &zone.name);
        let name = name.map(|name| if words.zh() { &name.zh } else { &name.en });
        name.cloned().unwrap_or_else(|| id.to_string())
    };
    let names: Vec<String> = zones.iter().map(name).collect();
    if names.is_empty() {
        return words.either("全厅".into(), "in the whole hall".into());
    }
    words.either(names.join("、"), format!("in {}", names.join(", ")))
}

fn who(Grounds { by, reason }: &Grounds, words: &Words<'_>) -> String {
    let by = by
        .as_ref()
        .map_or_else(String::new, |by| words.either(format!("，{by} 要求"), format!(", asked for by {by}")));
    let reason = words.given(reason.as_deref());
    format!("{by}{reason}")
}
