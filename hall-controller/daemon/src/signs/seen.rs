//! What a sign's content was made from, so that it is not made again from the same: most of what happens
//! in a hall is no business of most signs.

use std::sync::Arc;

use hall_core::emergency::Emergencies;
use hall_core::plan::Plan;
use hall_core::view::HallView;
use hall_protocol::payload::WindowMode;

use super::orders::Orders;
use crate::wall::Shows;

/// The parts of the hall's picture that a sign's program reads, but for the queues of an overview: a program
/// with one looks anew every second by itself.
#[derive(Debug)]
pub(super) struct Seen {
    plan: Arc<Plan>,
    emergencies: Arc<Emergencies>,
    orders: Arc<Orders>,
    /// When in the journal its window or zone changed last.
    own: Option<u64>,
    /// How many wait for a window that has nobody: its page says so.
    waiting: Option<u32>,
}

impl Seen {
    /// What is seen now by a sign that shows this.
    pub(super) fn of(view: &HallView, shows: Shows, orders: &Arc<Orders>) -> Self {
        Self {
            plan: Arc::clone(&view.plan),
            emergencies: Arc::clone(&view.emergencies),
            orders: Arc::clone(orders),
            own: own(view, shows),
            waiting: waiting(view, shows),
        }
    }

    /// Whether all of it is still so.
    pub(super) fn is_still(&self, view: &HallView, shows: Shows, orders: &Arc<Orders>) -> bool {
        Arc::ptr_eq(&self.plan, &view.plan)
            && Arc::ptr_eq(&self.emergencies, &view.emergencies)
            && Arc::ptr_eq(&self.orders, orders)
            && self.own == own(view, shows)
            && self.waiting == waiting(view, shows)
    }
}

fn waiting(view: &HallView, shows: Shows) -> Option<u32> {
    let Shows::Window(id) = shows else { return None };
    let window = view.window(id)?;
    (window.mode == WindowMode::Open && window.ticket.is_none()).then_some(window.waiting)
}

fn own(view: &HallView, shows: Shows) -> Option<u64> {
    match shows {
        Shows::Window(id) => view.window(id).map(|window| window.seq),
        Shows::Zone(id) => view.zone(id).map(|zone| zone.seq),
    }
}

#[cfg(test)]
mod tests {
    use hall_core::command::{Command, Order};
    use hall_core::emergency::{EmergencyText, Grounds};
    use hall_protocol::payload::Key;
    use hall_signs::page::Page;

    use super::super::content::Content;
    use super::super::played::Played;
    use super::*;

    /// Something that happens; `false` when it was refused.
    type Act = Box<dyn Fn(&mut Played) -> bool>;

    /// Every sign the demo's hall can have.
    fn signs(view: &HallView) -> Vec<Shows> {
        let windows = view.windows.iter().map(|window| Shows::Window(window.id));
        windows.chain(view.zones.iter().map(|zone| Shows::Zone(zone.id))).collect()
    }

    #[test]
    fn a_sign_that_is_passed_over_would_have_looked_the_same() {
        let mut played = Played::new();
        let orders = Arc::default();
        let text = EmergencyText::new("请离开", "").unwrap();
        let (client, grounds) = ("technician".parse().unwrap(), Grounds::default());
        let zones = vec!["B".parse().unwrap()];
        let emergency = Command::DeclareEmergency { client, text, zones, grounds };
        let manage = |order| Command::Manage { by: "chief".parse().unwrap(), order };
        let id = |window: &str| window.parse().unwrap();
        let (primary, backup) = (vec!["tax".parse().unwrap()], vec![]);
        let acts: Vec<Act> = vec![
            Box::new(|hall| hall.press("1", Key::Open)),
            Box::new(|hall| hall.press("2", Key::Open)),
            Box::new(|hall| hall.take("social")),
            Box::new(|hall| hall.take("social")),
            Box::new(|hall| hall.press("1", Key::Next)),
            Box::new(|hall| hall.press("1", Key::Recall)),
            Box::new(|hall| hall.press("2", Key::Next)),
            Box::new(|hall| hall.press("1", Key::Finish)),
            Box::new(|hall| hall.press("2", Key::NoShow)),
            Box::new(|hall| hall.press("2", Key::Pause)),
            Box::new(move |hall| {
                let (primary, backup) = (primary.clone(), backup.clone());
                hall.give(&manage(Order::Allocate { window: id("1"), primary, backup }))
            }),
            Box::new(move |hall| hall.give(&emergency)),
        ];
        let (mut passed_over, mut looked) = (0, 0);
        for (at, act) in acts.iter().enumerate() {
            let before = played.view.clone();
            assert!(act(&mut played), "act {at} was refused");
            for shows in signs(&before) {
                let same = |made: fn(&HallView, Shows) -> Option<Content>| match (
                    made(&before, shows),
                    made(&played.view, shows),
                ) {
                    (Some(old), Some(new)) => old.same_picture(&new),
                    (old, new) => old.is_none() && new.is_none(),
                };
                let emergency = |view: &HallView, shows| {
                    hall_content::emergency(view, shows)
                        .map(|page| Content::between_calls(Page::Emergency(page), 0))
                };
                if Seen::of(&before, shows, &orders).is_still(&played.view, shows, &orders) {
                    passed_over += 1;
                    assert!(same(|view, shows| Some(Content::of(view, shows, 0))), "act {at}, {shows:?}");
                    assert!(same(emergency), "act {at}, {shows:?}");
                } else {
                    looked += 1;
                }
            }
        }
        // Who takes a number changes the signs of idle windows, who is called two: the window's and the
        // zone's. An emergency is looked at by all.
        assert!(looked > 12 && passed_over > 3 * looked, "{looked} looked, {passed_over} passed over");
    }

    #[test]
    fn another_order_is_seen() {
        let played = Played::new();
        let shows = Shows::Zone("A".parse().unwrap());
        let seen = Seen::of(&played.view, shows, &Arc::default());
        assert!(!seen.is_still(&played.view, shows, &Arc::default()));
    }
}
