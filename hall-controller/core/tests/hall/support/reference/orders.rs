//! What the manager orders, and emergency texts.

use hall_core::answer::Answer;
use hall_core::command::{Command, Order};
use hall_core::emergency::{EmergencyText, Grounds};
use hall_core::event::{Cause, Event, Managed, ProposalId, Rule};
use hall_core::refusal::Refusal;
use hall_protocol::id::{ServiceId, WindowId, ZoneId};
use hall_protocol::payload::{Key, WindowMode};

use super::{Counter, Reference};

/// What stands for the whole hall, and for zones that have their own.
#[derive(Clone, Debug, Default)]
pub(super) struct Emergencies {
    pub(super) hall: Option<EmergencyText>,
    pub(super) zones: Vec<(ZoneId, EmergencyText)>,
}

impl Emergencies {
    fn of(&self, zone: ZoneId) -> Option<&EmergencyText> {
        self.zones.iter().find(|(of, _)| *of == zone).map(|(_, text)| text)
    }
}

impl Reference {
    /// What the shell asks for by itself.
    pub(super) fn nobody_asked(&mut self, command: &Command) {
        match command {
            Command::Tick => self.tick(),
            Command::AdoptPlan(plan) => self.adopt(plan),
            Command::MoveSlots(slots) => self.move_slots(slots),
            Command::NoteErasures(all) => {
                self.cause = Cause::Rule(Rule::Erasure);
                all.iter().cloned().for_each(|erased| self.say(Event::PhoneErased(erased)));
            }
            _ => {}
        }
    }

    pub(super) fn order(&mut self, order: &Order) -> Result<(), Refusal> {
        match order {
            Order::Allocate { window, primary, backup } => self.allocate(*window, primary, backup)?,
            Order::Undo { window } => {
                let window = self.ordered(*window)?.id;
                let last = self.counter(window).changes.pop();
                let ((first, second), by) = last.ok_or(Refusal::NothingToUndo { window })?;
                self.balancer.take_back(window, by);
                self.give(window, first, second, None, true);
            }
            Order::UndoProposal { proposal, only } => self.undo_proposal(*proposal, only.as_deref())?,
            Order::Pin { window } | Order::Unpin { window } => {
                let (window, pins) = (*window, matches!(order, Order::Pin { .. }));
                if self.ordered(window)?.pinned != pins {
                    let what = if pins {
                        Managed::WindowPinned { window }
                    } else {
                        Managed::WindowUnpinned { window }
                    };
                    self.say(Event::Managed(what));
                    self.counter(window).pinned = pins;
                }
            }
            Order::Open { window } => self.ordered_mode(*window, Key::Open, None)?,
            Order::Pause { window, reason } => self.ordered_mode(*window, Key::Pause, reason.as_deref())?,
            Order::Resume { window } => self.ordered_mode(*window, Key::Resume, None)?,
            Order::Close { window } => {
                self.ordered(*window)?;
                if self.counter(*window).mode != WindowMode::Closed {
                    self.close(*window, self.in_hand(*window))?;
                    self.call_to_armed_windows();
                }
            }
            Order::StopIssuing { service } | Order::ResumeIssuing { service } => {
                let (service, stops) = (*service, matches!(order, Order::StopIssuing { .. }));
                self.stop_or_resume(service, stops)?;
            }
            Order::SetRouting { group: Some(group), .. } => {
                return Err(Refusal::UnknownGroup { group: *group });
            }
            Order::SetRouting { group: None, routing } => {
                if self.routing.unwrap_or(self.plan().policy().routing) != *routing {
                    self.say(Event::Managed(Managed::RoutingSet { group: None, routing: *routing }));
                    self.routing = Some(*routing);
                }
            }
            Order::Accept { proposal, only } => self.accept(*proposal, only.as_ref())?,
            Order::Reject { proposal, reason } => self.reject(*proposal, reason)?,
            Order::SetBalance { balance } => self.set_balance(*balance),
        }
        Ok(())
    }

    pub(super) fn stop_or_resume(&mut self, service: ServiceId, stops: bool) -> Result<(), Refusal> {
        self.plan().service(service).ok_or(Refusal::UnknownService { service })?;
        if self.stopped.contains(&service) != stops {
            if stops {
                self.say(Event::Managed(Managed::IssuingStopped { service }));
                self.stopped.push(service);
            } else {
                self.say(Event::Managed(Managed::IssuingResumed { service }));
                self.stopped.retain(|other| *other != service);
            }
        }
        Ok(())
    }

    fn ordered(&self, window: WindowId) -> Result<&Counter, Refusal> {
        self.counters.iter().find(|counter| counter.id == window).ok_or(Refusal::UnknownWindow { window })
    }

    fn ordered_mode(&mut self, window: WindowId, key: Key, reason: Option<&str>) -> Result<(), Refusal> {
        self.ordered(window)?;
        // What is so already stays so.
        let is_so = match key {
            Key::Pause => WindowMode::Paused,
            _ => WindowMode::Open,
        };
        if self.counter(window).mode == is_so { Ok(()) } else { self.change_mode(window, key, reason) }
    }

    fn allocate(
        &mut self,
        window: WindowId,
        primary: &[ServiceId],
        backup: &[ServiceId],
    ) -> Result<(), Refusal> {
        self.ordered(window)?;
        let plan = self.plan();
        let (mut first, mut second): (Vec<ServiceId>, Vec<ServiceId>) = Default::default();
        for (service, is_backup) in
            primary.iter().map(|s| (*s, false)).chain(backup.iter().map(|s| (*s, true)))
        {
            plan.service(service).ok_or(Refusal::UnknownService { service })?;
            if is_backup { second.push(service) } else { first.push(service) }
        }
        let all: Vec<_> = primary.iter().chain(backup).copied().collect();
        let mut twice = (0..all.len()).filter(|place| all[..*place].contains(&all[*place]));
        if let Some(place) = twice.next() {
            return Err(Refusal::ServiceTwice { service: all[place] });
        }
        if first.is_empty() {
            return Err(Refusal::NothingToServe { window });
        }
        if let Some(clerk) = self.clerk(window)
            && let Some(service) = all.iter().copied().find(|service| !self.can(Some(clerk), *service))
        {
            return Err(Refusal::ClerkUnskilled { clerk, window, service: Some(service) });
        }
        self.give(window, first, second, None, false);
        Ok(())
    }

    /// Window by window, each as the hall is after the ones before it.
    fn undo_proposal(&mut self, proposal: ProposalId, only: Option<&[WindowId]>) -> Result<(), Refusal> {
        let Some((moved, undone)) = self.balancer.done(proposal)? else { return Ok(()) };
        if moved.is_empty() {
            return Err(Refusal::NothingDone { proposal });
        }
        if let Some(only) = only
            && (only.is_empty() || !only.iter().all(|window| moved.contains(window)))
        {
            return Err(Refusal::NotItsWindows { proposal, windows: moved });
        }
        let (mut windows, mut again) = (Vec::new(), Vec::new());
        for window in moved.into_iter().filter(|window| only.is_none_or(|only| only.contains(window))) {
            let Some(counter) = self.counters.iter().find(|counter| counter.id == window) else { continue };
            let mut by: Vec<_> = counter.changes.iter().map(|(_, by)| *by == Some(proposal)).collect();
            if by.pop() == Some(true) {
                windows.push(window);
            } else if by.contains(&true) {
                again.push(window);
            }
        }
        if !again.is_empty() {
            return Err(Refusal::ChangedSince { proposal, windows: again });
        }
        if windows.is_empty() && undone.is_empty() {
            return Err(Refusal::NothingDone { proposal });
        }
        for window in windows {
            if let Some(((first, second), by)) = self.counter(window).changes.pop() {
                self.balancer.take_back(window, by);
                self.give(window, first, second, by, true);
            }
        }
        Ok(())
    }

    fn give(
        &mut self,
        window: WindowId,
        first: Vec<ServiceId>,
        second: Vec<ServiceId>,
        proposal: Option<ProposalId>,
        undone: bool,
    ) {
        let (primary, backup) = (first.clone(), second.clone());
        self.say(Event::Allocated { window, primary, backup, proposal, undone });
        let old = self.given(window);
        let counter = self.counter(window);
        counter.allocation = Some((first, second));
        if !undone {
            counter.changes.push((old, None));
        }
        if self.is_armed(window)
            && let Some((card, why)) = self.next_at(window)
        {
            self.call(card, window, why);
        }
    }

    pub(super) fn declare(
        &mut self,
        text: &EmergencyText,
        zones: &[ZoneId],
        grounds: &Grounds,
    ) -> Result<Answer, Refusal> {
        let plan = self.plan();
        if let Some(zone) = zones.iter().find(|zone| plan.zone(**zone).is_none()) {
            return Err(Refusal::UnknownZone { zone: *zone });
        }
        let stands = if zones.is_empty() {
            self.emergencies.zones.is_empty() && self.emergencies.hall.as_ref() == Some(text)
        } else {
            zones.iter().all(|zone| self.emergencies.of(*zone) == Some(text))
        };
        if !stands {
            let in_order = plan.zones().iter().map(|zone| zone.id).filter(|zone| zones.contains(zone));
            let in_order: Vec<ZoneId> = in_order.collect();
            self.say(Event::EmergencyDeclared {
                text: text.clone(),
                zones: in_order.clone(),
                grounds: grounds.clone(),
            });
            if zones.is_empty() {
                self.emergencies = Emergencies { hall: Some(text.clone()), zones: Vec::new() };
            } else {
                self.emergencies.zones.retain(|(zone, _)| !zones.contains(zone));
                self.emergencies.zones.extend(in_order.into_iter().map(|zone| (zone, text.clone())));
            }
        }
        Ok(Answer::Emergency { changed: !stands })
    }

    pub(super) fn clear(&mut self, zones: &[ZoneId], grounds: &Grounds) -> Result<Answer, Refusal> {
        let plan = self.plan();
        let unknown = |zone: &&ZoneId| plan.zone(**zone).is_none() && self.emergencies.of(**zone).is_none();
        if let Some(zone) = zones.iter().find(unknown) {
            return Err(Refusal::UnknownZone { zone: *zone });
        }
        let changed = if zones.is_empty() {
            self.emergencies.hall.is_some() || !self.emergencies.zones.is_empty()
        } else {
            zones.iter().any(|zone| self.emergencies.of(*zone).is_some())
        };
        if changed {
            self.say(Event::EmergencyCleared { zones: zones.to_vec(), grounds: grounds.clone() });
            self.emergencies.zones.retain(|(zone, _)| !zones.is_empty() && !zones.contains(zone));
            if zones.is_empty() {
                self.emergencies.hall = None;
            }
        }
        Ok(Answer::Emergency { changed })
    }
}
