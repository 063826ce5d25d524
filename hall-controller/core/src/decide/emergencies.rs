//! An emergency text is declared, or cleared.

use hall_protocol::id::ZoneId;

use crate::emergency::{EmergencyText, Grounds};
use crate::event::Event;
use crate::hall::Hall;
use crate::refusal::Refusal;

impl Hall {
    /// Show `text` in `zones`, or everywhere if there are none; `None` if it stands just so already.
    ///
    /// # Errors
    /// [`Refusal::UnknownZone`].
    pub(super) fn declare_emergency(
        &self,
        text: &EmergencyText,
        zones: &[ZoneId],
        grounds: &Grounds,
    ) -> Result<Option<Event>, Refusal> {
        let zones = self.known_zones(zones)?;
        let declared =
            |zones| Event::EmergencyDeclared { text: text.clone(), zones, grounds: grounds.clone() };
        Ok((!self.emergencies.says(text, &zones)).then(|| declared(zones)))
    }

    /// Take down what stands for `zones`, or everything if there are none; `None` if nothing does. What
    /// stands for the whole hall goes only with everything.
    ///
    /// # Errors
    /// [`Refusal::UnknownZone`].
    pub(super) fn clear_emergency(
        &self,
        zones: &[ZoneId],
        grounds: &Grounds,
    ) -> Result<Option<Event>, Refusal> {
        // A zone may have left the plan since.
        let stands = |zone: ZoneId| self.emergencies.has_any(&[zone]);
        let others: Vec<ZoneId> = zones.iter().copied().filter(|zone| !stands(*zone)).collect();
        self.known_zones(&others)?;
        let cleared = || Event::EmergencyCleared { zones: zones.to_vec(), grounds: grounds.clone() };
        Ok(self.emergencies.has_any(zones).then(cleared))
    }

    /// The zones in the plan's order, each once.
    fn known_zones(&self, zones: &[ZoneId]) -> Result<Vec<ZoneId>, Refusal> {
        match zones.iter().find(|zone| self.plan.zone(**zone).is_none()) {
            Some(zone) => Err(Refusal::UnknownZone { zone: *zone }),
            None => {
                Ok(self.plan.zones().iter().map(|zone| zone.id).filter(|id| zones.contains(id)).collect())
            }
        }
    }
}
