//! Telling citizens how long they will wait.

use crate::estimate::Estimate;
use crate::event::Event;
use crate::hall::Hall;
use crate::time::Now;

impl Hall {
    /// Put into the issue, the first of `events`, how long its citizen will wait; nothing for one who is
    /// called at once.
    pub(super) fn tell_wait(&self, events: &mut [Event], now: Now) -> Option<Estimate> {
        if self.tells_nobody {
            return None;
        }
        let (issued, rest) = events.split_first_mut()?;
        let Event::Issued { ticket, service, class, check_in, estimate, .. } = issued else { return None };
        let called = |event: &Event| matches!(event, Event::Called { ticket: other, .. } if other == ticket);
        if rest.iter().any(called) {
            return None;
        }
        let index = self.plan.service_index(*service)?;
        let forecast = self.forecast(now);
        *estimate = match check_in {
            Some(check_in) => forecast.check_in(index, check_in.standing),
            None => forecast.newcomer(index, *class),
        };
        *estimate
    }
}
