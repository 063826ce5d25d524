//! Who may sign on at a window, and in whose place.

use hall_protocol::id::{ClerkId, ServiceId, WindowId};

use crate::event::Event;
use crate::hall::Hall;
use crate::refusal::Refusal;
use crate::window::WindowState;

impl Hall {
    /// A clerk signs on, in the place of whoever served here.
    ///
    /// In a hall that names its clerks: one of them, who has a skill for the window; and with a ticket
    /// in hand only the backup of who has it (AB 岗). A clerk who has left the plan binds nobody.
    pub(super) fn sign_on(
        &self,
        window: WindowId,
        state: &WindowState,
        clerk: Option<ClerkId>,
    ) -> Result<Vec<Event>, Refusal> {
        let clerk = clerk.ok_or(Refusal::ClerkRequired)?;
        let named = !self.plan.clerks().is_empty();
        if named {
            let planned = self.plan.clerk(clerk).ok_or(Refusal::UnknownClerk { clerk })?;
            let able = |service| planned.services.is_empty() || planned.services.contains(service);
            if !self.plan.window(window).is_some_and(|window| window.services.iter().any(able)) {
                return Err(Refusal::ClerkUnskilled { clerk, window });
            }
        }
        let mut windows = self.plan.windows().iter().zip(&self.windows);
        if let Some((other, _)) = windows.find(|(_, state)| state.clerk == Some(clerk)) {
            return Err(Refusal::ClerkElsewhere { clerk, window: other.id });
        }
        if let Some(of) = state.clerk.filter(|_| named && state.hand.is_some())
            && self.plan.clerk(of).is_some_and(|before| before.backup != Some(clerk))
        {
            return Err(Refusal::NotBackup { clerk, of });
        }
        let signed_on = Event::ClerkSignedOn { window, clerk, in_place_of: state.clerk };
        Ok([signed_on].into_iter().chain(self.within_skills(window, state, clerk)).collect())
    }

    /// What a window was given to serve that its new clerk cannot do, it serves no more.
    fn within_skills(&self, window: WindowId, state: &WindowState, clerk: ClerkId) -> Option<Event> {
        let given = state.allocation.as_ref()?;
        let skills = &self.plan.clerk(clerk)?.services;
        let able = |service: &&ServiceId| skills.is_empty() || skills.contains(service);
        let kept = |services: &[ServiceId]| services.iter().filter(able).copied().collect::<Vec<_>>();
        let (mut primary, backup) = (kept(&given.primary), kept(&given.backup));
        if primary.is_empty() {
            primary = kept(&self.plan.window(window)?.services);
        }
        let backup: Vec<ServiceId> = backup.into_iter().filter(|it| !primary.contains(it)).collect();
        let same = primary == given.primary && backup == given.backup;
        (!same).then_some(Event::Allocated { window, primary, backup, proposal: None, undone: false })
    }
}
