//! Which of its services a ticket is called and served for, what came of it, and where it was sent.

use hall_core::event::Event;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::payload::ServiceOutcome;

use super::{Step, Words};
use crate::web::text;

/// The service a ticket is for after these steps, in Chinese and English, if it is or was for several:
/// else nobody asks which. `zh` and `en` stand before its name.
pub(super) fn named(before: &[Step], words: &Words<'_>, [zh, en]: [&str; 2]) -> (String, String) {
    let (mut service, mut several) = (None::<ServiceId>, false);
    for step in before {
        match &step.stamped.event {
            Event::Issued { service: first, also, .. } if service.is_none() => {
                service = Some(*first);
                several = !also.is_empty();
            }
            Event::WalkedIn { service: first, .. } => service = Some(*first),
            Event::Transferred { service: next, .. }
            | Event::ServiceCorrected { service: next, .. }
            | Event::MatterFinished { next, .. }
            | Event::MatterWithdrawn { next: Some(next), .. } => {
                service = Some(*next);
                several = true;
            }
            Event::MatterAdded { .. } => several = true,
            _ => {}
        }
    }
    match service.filter(|_| several).map(|service| words.service(service)) {
        Some(name) => (format!("{zh}{name}"), format!("{en}{name}")),
        None => Default::default(),
    }
}

/// What came of a service, if it is not the usual, and what was said of that.
pub(super) fn outcome(outcome: ServiceOutcome, reason: Option<&str>, words: &Words<'_>) -> String {
    let why = words.given(reason);
    if outcome.is_usual() {
        return why;
    }
    let came = text::outcome(outcome).within(words.language);
    words.either(format!("，结果：{came}{why}"), format!(", outcome: {came}{why}"))
}

/// Who served the ticket last, whom its citizen judges: another may have signed on since.
pub(super) fn served_by(before: &[Step], words: &Words<'_>) -> (String, String) {
    let ends = |event: &Event| matches!(event, Event::Finished { .. } | Event::MatterFinished { .. });
    let served = before.iter().rev().find(|step| ends(&step.stamped.event));
    match served.and_then(|step| step.stamped.clerk).map(|clerk| words.clerk(clerk)) {
        Some(clerk) => (format!("工号 {clerk} "), format!(" of clerk {clerk}")),
        None => Default::default(),
    }
}

/// What a call is that follows a deferral: a citizen who did not come gets another.
pub(super) fn once_more(before: &[Step]) -> (&'static str, &'static str) {
    if is_after_deferral(before) {
        ("过号滞后，再次", " once more after the deferral")
    } else {
        ("", "")
    }
}

/// Whether it waits as one who did not come, and not for something else or somewhere else since.
pub(super) fn is_after_deferral(before: &[Step]) -> bool {
    let last = before.iter().rev().find(|step| {
        matches!(
            step.stamped.event,
            Event::Deferred { .. }
                | Event::Called { .. }
                | Event::ServiceCorrected { .. }
                | Event::MatterWithdrawn { next: Some(_), .. }
                | Event::Transferred { .. }
                | Event::Returned { .. }
        )
    });
    last.is_some_and(|step| matches!(step.stamped.event, Event::Deferred { .. }))
}

/// Whether the ticket waits for this window alone after these steps.
pub(super) fn is_sent_to(window: WindowId, before: &[Step]) -> bool {
    let queued = before.iter().rev().find_map(|step| match &step.stamped.event {
        Event::Transferred { to_window, .. } => Some(*to_window),
        Event::Issued { .. }
        | Event::Requeued { .. }
        | Event::Returned { .. }
        | Event::Deferred { .. }
        | Event::MatterFinished { .. }
        | Event::MatterWithdrawn { next: Some(_), .. }
        | Event::ServiceCorrected { in_hand: false, .. } => Some(None),
        _ => None,
    });
    queued.flatten() == Some(window)
}
