//! What devices read: answers, and the retained pictures of windows, zones and menus.

use hall_protocol::json::Version;
use hall_protocol::payload::{
    BOARD_CALLS_MAX, Board, BoardCall, HAND_IN_MAX, HAND_IN_REASONS_MAX, HandedIn, IssuedTicket,
    KioskOutcome, KioskReply, Lamp, LeasedNumbers, MENU_SERVICES_MAX, Menu, MenuService, PARKED_SHOWN_MAX,
    PressOutcome, Refused, Why, WindowState,
};

use crate::answer::{self, Answer, LeftOut};
use crate::estimate::Estimate;
use crate::event::CallReason;
use crate::plan::{Kiosk, Plan};
use crate::refusal::{Language, Refusal};
use crate::time::Now;
use crate::view::{HallView, WindowView, ZoneView};

/// A refusal as devices read it, with the plan's names.
pub fn refused(plan: &Plan, refusal: &Refusal) -> Refused {
    Refused {
        code: refusal.code().into(),
        zh: refusal.sentence(Some(plan), Language::Zh).as_str().into(),
        en: refusal.sentence(Some(plan), Language::En).as_str().into(),
    }
}

/// What came of a kiosk's request.
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
        | Answer::WrittenOff { .. } => KioskOutcome::Refused(refused(plan, &Refusal::OutOfOrder)),
        Answer::Refused(refusal) => KioskOutcome::Refused(refused(plan, refusal)),
    }
}

/// The reply to a kiosk's request, answered or refused before there was an answer.
pub fn kiosk_reply(
    plan: &Plan,
    session: Option<u32>,
    seq: Option<u32>,
    answer: Result<&Answer, Refused>,
) -> KioskReply {
    let handed_in = match answer {
        Ok(Answer::HandedIn { tickets }) => tickets.as_slice(),
        _ => &[],
    };
    let mut reasons: Vec<Refusal> = Vec::new();
    // Of who did not come in first: those have to do something about it.
    let of_refused = handed_in.iter().filter_map(|ticket| ticket.refused.clone());
    let of_parts = handed_in.iter().filter_map(|ticket| ticket.left_out.as_ref());
    for refusal in of_refused.chain(of_parts.flat_map(LeftOut::reasons)) {
        if reasons.iter().all(|known| known.code() != refusal.code()) {
            reasons.push(refusal);
        }
    }
    let why = reasons.iter().take(HAND_IN_REASONS_MAX).map(|refusal| refused(plan, refusal)).collect();
    let outcome = answer.map_or_else(KioskOutcome::Refused, |answer| kiosk_outcome(plan, answer));
    KioskReply { v: Version, session, seq, outcome, why }
}

/// What came of a pad's press.
pub fn press_outcome(plan: &Plan, answer: &Answer) -> PressOutcome {
    match answer {
        Answer::Window { mode, ticket, armed } => {
            PressOutcome::Done { mode: *mode, ticket: *ticket, armed: *armed }
        }
        Answer::Refused(refusal) => PressOutcome::Refused(refused(plan, refusal)),
        // No pad asks for what has another answer.
        _ => PressOutcome::Refused(refused(plan, &Refusal::OutOfOrder)),
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
        why: window.why.as_ref().map(call_reason),
        waiting: window.waiting,
        lamp: Lamp::of(window.mode, window.ticket.is_some()),
        parked: window.parked.iter().take(PARKED_SHOWN_MAX).copied().collect(),
        armed: window.armed,
        clerk_id: window.clerk,
    }
}

/// Why a ticket was called, in words.
pub fn call_reason(why: &CallReason) -> Why {
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
        let (offer, queue) = (view.offer(*id, now), view.queue_to_join(*id, now));
        Some(MenuService {
            service: *id,
            zh: planned.name.zh.as_str().into(),
            en: planned.name.en.as_str().into(),
            waiting: queue.waiting,
            open: offer.is_ok(),
            until: offer.as_ref().ok().and_then(|offer| offer.until),
            opens: offer.as_ref().err().and_then(Refusal::opens).map(|opening| opening.at),
            estimate: queue.wait,
            why: offer.err().map(|refusal| refusal.code().into()),
        })
    });
    // Collecting more than a heapless vector holds would panic; the configuration forbids more.
    let services = services.take(MENU_SERVICES_MAX).collect();
    Menu { v: Version, at_ms: now.at.unix_ms(), kiosk: kiosk.id, services }
}
