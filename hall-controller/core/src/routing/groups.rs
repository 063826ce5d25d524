//! A window whose services go by several policies: each group has its own.
//!
//! Each policy puts forward whom it would call of its own services; of these the one who has waited
//! longest is called. The tiers hold over all of them: a backup service of one group waits for the
//! primary ones of the others.
//!
//! Bound: whoever a policy puts forward is called before all who came later to other groups, and then
//! the policy's own bound holds; so nobody waits longer than that bound and until those who came before
//! to the window's other groups have been called. Of the calls at a window that service level counts, those of
//! other groups are some.

use hall_protocol::id::{GroupId, WindowId};

use super::{Choice, Head, count};
use crate::event::CallReason;
use crate::hall::Hall;
use crate::plan::Routing;
use crate::queue::Place;
use crate::ticket::{TicketId, TicketState};
use crate::time::HallTime;

impl Hall {
    /// By which policy the service at `index` is called.
    pub(crate) fn routing_of(&self, index: usize) -> Routing {
        self.plan.group_of(index).map_or_else(|| self.routing(), |group| self.routing_of_group(group))
    }

    /// Whom the policies of the window's services call.
    pub(super) fn choose(
        &self,
        window: WindowId,
        sent: Option<Place>,
        heads: &[Head],
        at: HallTime,
    ) -> Option<Choice> {
        let group = |head: &Head| self.plan.group_of(head.index).map(|group| group.id);
        let mut groups: Vec<Option<GroupId>> = Vec::new();
        for head in heads {
            let group = group(head);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        if let [_] | [] = groups[..] {
            let routing = heads.first().map_or_else(|| self.routing(), |head| self.routing_of(head.index));
            return self.choose_by(routing, window, sent, heads, at);
        }
        let choices = groups.into_iter().filter_map(|of| {
            let own: Vec<Head> = heads.iter().filter(|head| group(head) == of).copied().collect();
            self.choose_by(self.routing_of(own.first()?.index), window, None, &own, at)
        });
        // Who waits for this window alone is of no group.
        let services = count(heads.iter());
        let sent = sent.map(|place| Choice { place, why: CallReason::Oldest { services } });
        choices.chain(sent).min_by_key(|choice| choice.place)
    }

    /// Whether a call of this ticket, which waits longer than all who were put forward beside it, passes one whom
    /// service level weighs in another group: the bound there counts all calls of the window.
    pub(crate) fn passes_who_is_weighed(&self, ticket: TicketId, window: WindowId, at: HallTime) -> bool {
        if self.plan.policy().groups.is_empty() {
            return false;
        }
        let Some(ticket) = self.tickets.get(ticket) else { return false };
        let is_deferred = matches!(ticket.state, TicketState::Deferred { .. });
        let place = (if is_deferred { ticket.since } else { ticket.standing }, ticket.id);
        let served = self.allocation(window).iter();
        let mut heads = served.filter_map(|(tier, service)| self.head(tier, service, None, at));
        heads.any(|head| {
            let is_weighed = self.routing_of(head.index) == Routing::ServiceLevel;
            is_weighed && !head.early && head.first < place
        })
    }
}
