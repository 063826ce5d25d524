//! Who may sign on at a window, and in whose place; and what an armed window does then.

use hall_protocol::id::{ClerkId, WindowId};

use super::window_keys::{Moment, called};
use crate::event::{Event, SignOffReason};
use crate::hall::Hall;
use crate::refusal::Refusal;
use crate::routing::Served;
use crate::window::WindowState;

impl Hall {
    /// A clerk signs on, in the place of whoever served here.
    ///
    /// In a hall that names its clerks: one of them, who has a skill for the window; and with a ticket
    /// in hand only the backup of who has it (AB 岗). A clerk who has left the plan binds nobody.
    /// An armed window calls at once who waits for what the clerk can do and nobody did before.
    pub(super) fn sign_on(
        &self,
        window: WindowId,
        state: &WindowState,
        clerk: Option<ClerkId>,
        moment: Moment,
    ) -> Result<Vec<Event>, Refusal> {
        let clerk = clerk.ok_or(Refusal::ClerkRequired)?;
        let served = self.served_by(window, Some(clerk));
        let named = !self.plan.clerks().is_empty();
        if named {
            self.plan.clerk(clerk).ok_or(Refusal::UnknownClerk { clerk })?;
            if served.primary.is_empty() && served.backup.is_empty() {
                return Err(Refusal::ClerkUnskilled { clerk, window, service: None });
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
        let next =
            state.armed.then(|| self.route(window, Served::from(&served), None, moment.now.at)).flatten();
        let call = next.map(|(ticket, why)| called(ticket, window, why, moment));
        Ok([signed_on].into_iter().chain(call).collect())
    }

    /// A clerk signs off. Nobody is called to a window whose clerk has gone, so it is armed no more.
    ///
    /// In a hall that names its clerks not with a ticket in hand: it would be left to whoever signs on
    /// next, who need not be the backup.
    pub(super) fn sign_off(&self, window: WindowId, state: &WindowState) -> Result<Vec<Event>, Refusal> {
        let clerk = state.clerk.ok_or(Refusal::NobodySignedOn { window })?;
        if let Some(hand) = state.hand.as_ref().filter(|_| self.plan.clerk(clerk).is_some()) {
            return Err(Refusal::TicketInHand { number: hand.number });
        }
        let disarmed = state.armed.then_some(Event::WindowDisarmed { window });
        let why = SignOffReason::Asked;
        Ok([Event::ClerkSignedOff { window, clerk, why }].into_iter().chain(disarmed).collect())
    }
}
