//! What came from the broker and waits for the engine, in the order it came.
//!
//! Pure. Its bound is the broker's: at QoS 1 no more than [`super::RECEIVE_MAX`] messages are
//! ahead of their acknowledgement, so a busy engine makes the broker hold the rest while pings go
//! on. Only what was sent at QoS 0, which nothing holds back, can be dropped for want of room.

use std::collections::VecDeque;

use super::{Incoming, RECEIVE_MAX};

/// QoS 0 messages that wait; a device that floods must not crowd out the presses of the others.
const UNPROMISED_MAX: usize = 64;

/// All that wait. More than one connection's worth, because what the broker will not deliver
/// again (it lost the session) outlives its connection here.
const WAITING_MAX: usize = 2 * RECEIVE_MAX as usize + UNPROMISED_MAX;

/// The messages that wait.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: VecDeque<Incoming>,
    unpromised: usize,
}

/// There was no room for the message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Inbox {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn arrived(&mut self, incoming: Incoming) -> Result<(), Full> {
        let promised = incoming.ack.is_promised();
        if self.waiting.len() >= WAITING_MAX || (!promised && self.unpromised >= UNPROMISED_MAX) {
            return Err(Full);
        }
        self.unpromised += usize::from(!promised);
        self.waiting.push_back(incoming);
        Ok(())
    }

    pub(super) fn take(&mut self) -> Option<Incoming> {
        let incoming = self.waiting.pop_front()?;
        self.unpromised -= usize::from(!incoming.ack.is_promised());
        Some(incoming)
    }

    /// The broker resumes the session and delivers again what was not acknowledged; what of it
    /// still waits here would only come twice.
    pub(super) fn session_resumed(&mut self) {
        self.waiting.retain(|incoming| !incoming.ack.is_promised());
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hall_protocol::topic::Topic;
    use tokio::sync::mpsc;

    use super::super::{Ack, AckToken};
    use super::*;

    fn press(packet_id: Option<u16>, payload: &'static str) -> Incoming {
        let (acks, _) = mpsc::unbounded_channel();
        Incoming {
            topic: Ok(Topic::parse("hall/v1/linjiang/window/7/press").unwrap()),
            payload: Bytes::from_static(payload.as_bytes()),
            retain: false,
            kept: false,
            response_topic: None,
            correlation: None,
            came: std::time::Instant::now(),
            came_here: std::time::Instant::now(),
            ack: AckToken(packet_id.map(|packet_id| (acks, Ack { connection: 1, packet_id }))),
        }
    }

    #[test]
    fn presses_reach_the_engine_in_the_order_they_came() {
        let mut inbox = Inbox::default();
        for (id, payload) in [(1, "first"), (2, "second")] {
            inbox.arrived(press(Some(id), payload)).unwrap();
        }
        assert_eq!(inbox.take().unwrap().payload, "first");
        assert_eq!(inbox.take().unwrap().payload, "second");
        assert!(inbox.is_empty());
    }

    #[test]
    fn a_flood_without_promise_is_cut_off_and_leaves_room_for_promised_presses() {
        let mut inbox = Inbox::default();
        let kept = (0..10_000).filter(|_| inbox.arrived(press(None, "flood")).is_ok()).count();
        assert_eq!(kept, UNPROMISED_MAX);
        for id in 1..=RECEIVE_MAX {
            assert_eq!(inbox.arrived(press(Some(id), "press")), Ok(()));
        }
        while inbox.take().is_some() {}
        assert_eq!(inbox.arrived(press(None, "later")), Ok(()));
    }

    #[test]
    fn even_a_broker_that_ignores_the_receive_maximum_cannot_fill_the_memory() {
        let mut inbox = Inbox::default();
        let kept = (0..u16::MAX).filter(|id| inbox.arrived(press(Some(*id), "press")).is_ok()).count();
        assert_eq!(kept, WAITING_MAX);
    }

    #[test]
    fn a_resumed_session_brings_promised_presses_again_so_they_do_not_wait_twice() {
        let mut inbox = Inbox::default();
        inbox.arrived(press(Some(1), "press")).unwrap();
        inbox.arrived(press(None, "unpromised")).unwrap();
        inbox.session_resumed();
        assert_eq!(inbox.take().unwrap().payload, "unpromised");
        assert!(inbox.is_empty());
    }
}
