//! What devices are sent: replies, and the retained pictures of windows, zones and menus. No I/O.

use bytes::Bytes;
use hall_core::answer::{self, Answer};
use hall_core::estimate::Estimate;
use hall_core::event::{CallReason, Device, Event};
use hall_core::plan::{Kiosk, Plan};
use hall_core::refusal::{Language, Refusal};
use hall_core::time::Now;
use hall_core::view::{HallView, WindowView, ZoneView};
use hall_protocol::json::{BufferFull, Version};
use hall_protocol::payload::{
    BOARD_CALLS_MAX, Board, BoardCall, EventNotice, HAND_IN_MAX, HandedIn, IssuedTicket, KioskOutcome,
    KioskReply, Lamp, LeasedNumbers, MENU_SERVICES_MAX, Menu, MenuService, PARKED_SHOWN_MAX, PressOutcome,
    Refused, Why, WindowReply, WindowState,
};

#[cfg(test)]
mod tests;

use crate::engine::{Outcome, Recorded};
use crate::mqtt::encoded;

/// A refusal as devices read it, with the plan's names.
pub fn refused(plan: &Plan, refusal: &Refusal) -> Refused {
    Refused {
        code: refusal.code().into(),
        zh: refusal.sentence(Some(plan), Language::Zh).as_str().into(),
        en: refusal.sentence(Some(plan), Language::En).as_str().into(),
    }
}

/// The reply to a request of `device`: what the engine made of it, or why it never got there.
pub fn reply(
    plan: &Plan,
    device: Device,
    session: Option<u32>,
    seq: Option<u32>,
    outcome: Result<&Outcome, Refused>,
) -> Result<Bytes, BufferFull> {
    let answer = match outcome {
        Ok(Outcome::Answered(Answer::Refused(refusal)) | Outcome::Refused(refusal)) => {
            Err(refused(plan, refusal))
        }
        Ok(Outcome::Answered(answer)) => Ok(answer),
        // No device asks for what has no answer.
        Ok(Outcome::Done) => Err(refused(plan, &Refusal::OutOfOrder)),
        Err(refused) => Err(refused),
    };
    let v = Version;
    match device {
        Device::Kiosk(_) => {
            let outcome = answer.map_or_else(KioskOutcome::Refused, |answer| kiosk_outcome(plan, answer));
            encoded(&KioskReply { v, session, seq, outcome })
        }
        Device::Pad(_) => {
            let outcome = match answer {
                Ok(Answer::Window { mode, ticket, armed }) => {
                    PressOutcome::Done { mode: *mode, ticket: *ticket, armed: *armed }
                }
                Ok(_) => PressOutcome::Refused(refused(plan, &Refusal::OutOfOrder)),
                Err(refused) => PressOutcome::Refused(refused),
            };
            encoded(&WindowReply { v, session, seq, outcome })
        }
    }
}

fn kiosk_outcome(plan: &Plan, answer: &Answer) -> KioskOutcome {
    match answer {
        Answer::Ticket { number, service, issued_at, ahead, appointment, estimate } => {
            let Some(planned) = plan.service(*service) else {
                return KioskOutcome::Refused(refused(plan, &Refusal::UnknownService { service: *service }));
            };
            KioskOutcome::Ticket(IssuedTicket {
                number: *number,
                service: *service,
                zh: planned.name.zh.as_str().into(),
                en: planned.name.en.as_str().into(),
                zone: planned.zone,
                issued_at_ms: issued_at.unix_ms(),
                ahead: *ahead,
                appointment: *appointment,
                estimate: estimate.map(Estimate::minutes),
            })
        }
        Answer::Cancelled { number } => KioskOutcome::Cancelled { number: *number },
        Answer::Leased { service, first, count, day } => {
            let (service, first, count, day) = (*service, *first, *count, day.days());
            KioskOutcome::Lease(LeasedNumbers { service, first, count, day })
        }
        Answer::HandedIn { tickets } => {
            let told = |ticket: &answer::HandedIn| HandedIn {
                number: ticket.number,
                refused: ticket.refused.as_ref().map(|refusal| refusal.code().into()),
            };
            // Collecting more than a heapless vector holds would panic; a request has no more.
            KioskOutcome::HandedIn(tickets.iter().take(HAND_IN_MAX).map(told).collect())
        }
        Answer::LeaseEnded { first } => KioskOutcome::LeaseEnded { first: *first },
        Answer::Window { .. }
        | Answer::Appointment { .. }
        | Answer::Emergency { .. }
        | Answer::WrittenOff { .. }
        | Answer::Refused(_) => KioskOutcome::Refused(refused(plan, &Refusal::OutOfOrder)),
    }
}

/// What the pad of a window shows.
pub fn window_state(window: &WindowView, at_ms: i64) -> WindowState {
    WindowState {
        v: Version,
        at_ms,
        window: window.id,
        label: window.label.as_str().into(),
        mode: window.mode,
        reason: window.reason.as_deref().map(Into::into),
        ticket: window.ticket,
        why: window.why.as_ref().map(why),
        waiting: window.waiting,
        lamp: Lamp::of(window.mode, window.ticket.is_some()),
        parked: window.parked.iter().take(PARKED_SHOWN_MAX).copied().collect(),
        armed: window.armed,
        clerk_id: window.clerk,
    }
}

fn why(why: &CallReason) -> Why {
    let words = |language| why.in_words(language).as_str().into();
    Why { zh: words(Language::Zh), en: words(Language::En) }
}

/// A zone's latest calls.
pub fn board(zone: &ZoneView, at_ms: i64) -> Board {
    let calls = zone.calls.iter().take(BOARD_CALLS_MAX).map(|call| BoardCall {
        number: call.number,
        window: call.window,
        label: call.label.as_str().into(),
        called_at_ms: call.called_at.unix_ms(),
        recalls: call.recalls,
    });
    Board { v: Version, at_ms, zone: zone.id, calls: calls.collect() }
}

/// What a kiosk offers now.
pub fn menu(kiosk: &Kiosk, view: &HallView, now: Now) -> Menu {
    let services = kiosk.services.iter().filter_map(|id| {
        let planned = view.plan.service(*id)?;
        let offer = view.offer(*id, now);
        Some(MenuService {
            service: *id,
            zh: planned.name.zh.as_str().into(),
            en: planned.name.en.as_str().into(),
            waiting: view.services.get(view.plan.service_index(*id)?)?.waiting,
            open: offer.is_ok(),
            until: offer.as_ref().ok().and_then(|offer| offer.until),
            opens: offer.as_ref().err().and_then(Refusal::opens).map(|opening| opening.at),
            estimate: offer.as_ref().ok().and_then(|_| view.estimate(*id)),
            why: offer.err().map(|refusal| refusal.code().into()),
        })
    });
    // Collecting more than a heapless vector holds would panic; the configuration forbids more.
    let services = services.take(MENU_SERVICES_MAX).collect();
    Menu { v: Version, at_ms: now.at.unix_ms(), kiosk: kiosk.id, services }
}

/// An event for integrators.
pub fn notice(recorded: &Recorded) -> EventNotice {
    let Recorded { seq, stamped } = recorded;
    let service = match &stamped.event {
        Event::Issued { service, .. }
        | Event::WalkedIn { service, .. }
        | Event::Booked { service, .. }
        | Event::Rebooked { service, .. }
        | Event::Unbooked { service, .. }
        | Event::Released { service, .. }
        | Event::NumbersLeased { service, .. }
        | Event::LeaseEnded { service, .. }
        | Event::MatterAdded { service, .. }
        | Event::MatterFinished { next: service, .. }
        | Event::ServiceCorrected { service, .. }
        | Event::Transferred { service, .. } => Some(*service),
        _ => None,
    };
    EventNotice {
        v: Version,
        seq: *seq,
        at_ms: stamped.at.unix_ms(),
        name: stamped.event.name().into(),
        press: stamped.cause.press().map(|press| press.to_string().as_str().into()),
        number: stamped.event.number(),
        window: stamped.event.window(),
        service,
    }
}
