//! Who may sign on at a window, and in whose place.

use hall_protocol::id::{ClerkId, WindowId};

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
    ) -> Result<Event, Refusal> {
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
        Ok(Event::ClerkSignedOn { window, clerk, in_place_of: state.clerk })
    }
}
